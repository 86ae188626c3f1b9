// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bench/batch_pump.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "app/bench/processes.h"
#include "engine/protocol/messages/produce.h"

namespace odradek::bench {
namespace {

constexpr std::int16_t kProduceVersion = 11;  // the last that names topics

/// What sender and receivers share.
struct Flight {
    std::mutex mutex;
    std::condition_variable moved;
    std::uint64_t answered = 0;
    std::optional<Error> error;
    std::vector<double> sentAt;
    std::vector<double> latency;
};

struct Route {
    WireConnection connection;
    std::uint64_t expected = 0;
    std::thread receiver;
};

protocol::ProduceRequest requestFor(const PumpPlan& plan, std::int32_t partition) {
    protocol::ProduceRequest request;
    request.acks = -1;
    request.timeoutMs = 30'000;
    auto& topic = request.topicData.emplace_back();
    topic.name = plan.topic;
    auto& data = topic.partitionData.emplace_back();
    data.index = partition;
    data.records = Chain(plan.batch);
    return request;
}

Result<std::uint64_t> checkAnswer(const Bytes& frame) {
    const auto answer = TRY(protocol::parseResponseFrame(protocol::ProduceRequest::kInfo.key, kProduceVersion, frame));
    const auto body = TRY(protocol::decode<protocol::ProduceResponse>(answer.body, kProduceVersion));
    for (const auto& topic : body.responses) {
        for (const auto& partition : topic.partitionResponses) {
            if (partition.errorCode != 0)
                return fail(ErrorCode::Refused, fmt::format("produce answered error {}", partition.errorCode));
        }
    }
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(answer.correlationId));
}

void receive(Route& route, Flight& flight) {
    for (std::uint64_t i = 0; i < route.expected; ++i) {
        auto frame = route.connection.receiveFrame();
        auto index = frame ? checkAnswer(*frame) : std::unexpected(frame.error());
        std::lock_guard lock(flight.mutex);
        if (!index) {
            if (!flight.error)
                flight.error = index.error();
            flight.moved.notify_all();
            return;
        }
        flight.latency[*index] = seconds() - flight.sentAt[*index];
        ++flight.answered;
        flight.moved.notify_one();
    }
}

/// The same request with another correlation id: bytes 4 to 7 of the frame.
Chain withCorrelation(const Chain& frame, std::uint32_t id) {
    Chain copy;
    const auto& head = frame.parts().front();
    std::vector<std::uint8_t> bytes(head.data(), head.data() + head.size());
    for (int i = 0; i < 4; ++i)
        bytes[4 + static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(id >> (24 - 8 * i));
    copy.append(Bytes::take(std::move(bytes)));
    for (std::size_t i = 1; i < frame.parts().size(); ++i)
        copy.append(frame.parts()[i]);
    return copy;
}

double quantileMs(std::vector<double>& sorted, double q) {
    return sorted.empty() ? 0 : sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1))] * 1e3;
}

}  // namespace

Result<PumpResult> pump(const PumpPlan& plan) {
    std::map<std::int32_t, Route> routes;
    std::vector<Chain> frames;
    const auto partitions = plan.leaders.leaderOf.size();
    for (std::size_t p = 0; p < partitions; ++p) {
        const auto leader = plan.leaders.leaderOf[p];
        if (!routes.contains(leader))
            routes.emplace(leader, Route{TRY(WireConnection::open(plan.leaders.brokers.at(leader))), 0, {}});
        frames.push_back(protocol::encodeRequest(requestFor(plan, static_cast<std::int32_t>(p)), kProduceVersion, 0,
                                                 "odradek-bench"));
        routes.at(leader).expected += plan.batches / partitions + (p < plan.batches % partitions ? 1 : 0);
    }
    Flight flight;
    flight.sentAt.resize(plan.batches);
    flight.latency.resize(plan.batches);
    for (auto& [leader, route] : routes)
        route.receiver = std::thread([&route = route, &flight] { receive(route, flight); });
    const auto begin = seconds();
    Result<void> sent;
    for (std::uint64_t i = 0; i < plan.batches && sent; ++i) {
        {
            std::unique_lock lock(flight.mutex);
            flight.moved.wait(lock, [&] {
                return flight.error || i - flight.answered < static_cast<std::uint64_t>(plan.window);
            });
            if (flight.error)
                break;
            flight.sentAt[i] = seconds();
        }
        auto& route = routes.at(plan.leaders.leaderOf[i % partitions]);
        sent = route.connection.sendFrame(withCorrelation(frames[i % partitions], static_cast<std::uint32_t>(i)));
    }
    if (!sent || flight.error) {
        for (auto& [leader, route] : routes)
            route.connection.shutDown();
    }
    for (auto& [leader, route] : routes)
        route.receiver.join();
    const auto end = seconds();
    if (flight.error)
        return std::unexpected(*flight.error);
    TRY_OK(sent);
    std::sort(flight.latency.begin(), flight.latency.end());
    return PumpResult{end - begin, quantileMs(flight.latency, 0.5), quantileMs(flight.latency, 0.99),
                      quantileMs(flight.latency, 0.999)};
}

}  // namespace odradek::bench
