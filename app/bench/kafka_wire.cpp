// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bench/kafka_wire.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <fmt/format.h>

#include "engine/protocol/codec/record_batch.h"
#include "engine/protocol/messages/create_topics.h"
#include "engine/protocol/messages/delete_topics.h"
#include "engine/protocol/messages/metadata.h"

namespace odradek::bench {
namespace {

constexpr std::int16_t kMetadataVersion = 9;
constexpr std::int16_t kCreateVersion = 5;
constexpr std::int16_t kDeleteVersion = 4;
constexpr std::size_t kRecordSize = 1000;
constexpr std::size_t kAreasMax = 64;
constexpr std::chrono::seconds kTopicMax{30};

Error socketError(std::string_view what) {
    return Error{ErrorCode::Io, fmt::format("{}: {}", what, std::strerror(errno))};
}

}  // namespace

Result<WireConnection> WireConnection::open(const real::Address& address) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found) != 0)
        return fail(ErrorCode::NotFound, fmt::format("cannot resolve {}", address.toString()));
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, ::freeaddrinfo);
    WireConnection connection(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(connection.m_fd, found->ai_addr, found->ai_addrlen) != 0)
        return std::unexpected(socketError("cannot connect to " + address.toString()));
    const int on = 1;
    ::setsockopt(connection.m_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return connection;
}

WireConnection::WireConnection(WireConnection&& other) noexcept
    : m_fd(other.m_fd), m_correlation(other.m_correlation) {
    other.m_fd = -1;
}

WireConnection::~WireConnection() {
    if (m_fd >= 0)
        ::close(m_fd);
}

Result<void> WireConnection::sendFrame(const Chain& frame) {
    const auto size = htonl(static_cast<std::uint32_t>(frame.size()));
    std::array<iovec, kAreasMax> areas;
    std::size_t count = 0;
    areas[count++] = {const_cast<std::uint32_t*>(&size), sizeof size};
    const auto flat = frame.parts().size() >= kAreasMax ? Chain(frame.flatten()) : frame;
    for (const auto& part : flat.parts())
        areas[count++] = {const_cast<std::uint8_t*>(part.data()), part.size()};
    std::size_t first = 0;
    while (first < count) {
        msghdr message{};
        message.msg_iov = areas.data() + first;
        message.msg_iovlen = count - first;
        auto sent = ::sendmsg(m_fd, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return std::unexpected(socketError("cannot send"));
        while (first < count && static_cast<std::size_t>(sent) >= areas[first].iov_len)
            sent -= static_cast<ssize_t>(areas[first++].iov_len);
        if (first < count) {
            areas[first].iov_base = static_cast<char*>(areas[first].iov_base) + sent;
            areas[first].iov_len -= static_cast<std::size_t>(sent);
        }
    }
    return {};
}

Result<Bytes> WireConnection::receiveFrame() {
    const auto receive = [&](void* into, std::size_t size) -> Result<void> {
        auto* at = static_cast<char*>(into);
        while (size > 0) {
            const auto got = ::recv(m_fd, at, size, 0);
            if (got < 0 && errno == EINTR)
                continue;
            if (got <= 0)
                return got == 0 ? fail(ErrorCode::Closed, "the broker closed the connection")
                                : std::unexpected(socketError("cannot receive"));
            at += got;
            size -= static_cast<std::size_t>(got);
        }
        return {};
    };
    std::uint32_t size = 0;
    TRY_OK(receive(&size, sizeof size));
    std::vector<std::uint8_t> frame(ntohl(size));
    TRY_OK(receive(frame.data(), frame.size()));
    return Bytes::take(std::move(frame));
}

void WireConnection::shutDown() {
    ::shutdown(m_fd, SHUT_RDWR);
}

Result<TopicLeaders> leadersOf(WireConnection& connection, const std::string& topic) {
    protocol::MetadataRequest request;
    request.topics.emplace().emplace_back();
    request.topics->front().name = topic;
    request.allowAutoTopicCreation = false;
    const auto answer = TRY(connection.ask<protocol::MetadataResponse>(request, kMetadataVersion));
    TopicLeaders leaders;
    for (const auto& broker : answer.brokers)
        leaders.brokers[broker.nodeId] = {broker.host, static_cast<std::uint16_t>(broker.port)};
    if (answer.topics.empty() || answer.topics[0].errorCode != 0)
        return fail(ErrorCode::NotFound, fmt::format("topic {} is not known", topic));
    leaders.isrComplete = true;
    leaders.leaderOf.assign(answer.topics[0].partitions.size(), -1);
    for (const auto& partition : answer.topics[0].partitions) {
        leaders.leaderOf.at(static_cast<std::size_t>(partition.partitionIndex)) = partition.leaderId;
        leaders.isrComplete = leaders.isrComplete && partition.errorCode == 0 && partition.leaderId >= 0 &&
                              partition.isrNodes.size() == partition.replicaNodes.size();
    }
    return leaders;
}

Result<TopicLeaders> createTopic(WireConnection& connection, const std::string& topic, int partitions, int replicas,
                                 const std::map<std::string, std::string>& configs) {
    protocol::CreateTopicsRequest request;
    auto& wanted = request.topics.emplace_back();
    wanted.name = topic;
    wanted.numPartitions = partitions;
    wanted.replicationFactor = static_cast<std::int16_t>(replicas);
    for (const auto& [name, value] : configs) {
        auto& config = wanted.configs.emplace_back();
        config.name = name;
        config.value = value;
    }
    const auto answer = TRY(connection.ask<protocol::CreateTopicsResponse>(request, kCreateVersion));
    if (answer.topics.empty() || answer.topics[0].errorCode != 0)
        return fail(ErrorCode::Refused, fmt::format("cannot create topic {}: error {}", topic,
                                                    answer.topics.empty() ? -1 : answer.topics[0].errorCode));
    const auto deadline = std::chrono::steady_clock::now() + kTopicMax;
    while (std::chrono::steady_clock::now() < deadline) {
        auto leaders = leadersOf(connection, topic);
        if (leaders && leaders->isrComplete && leaders->leaderOf.size() == static_cast<std::size_t>(partitions))
            return leaders;
        std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    return fail(ErrorCode::Timeout, fmt::format("topic {} does not become ready", topic));
}

Result<void> deleteTopic(WireConnection& connection, const std::string& topic) {
    protocol::DeleteTopicsRequest request;
    request.topicNames = {topic};
    request.timeoutMs = 10'000;
    const auto answer = TRY(connection.ask<protocol::DeleteTopicsResponse>(request, kDeleteVersion));
    if (answer.responses.empty() || answer.responses[0].errorCode != 0)
        return fail(ErrorCode::Refused, fmt::format("cannot delete topic {}", topic));
    return {};
}

Result<std::vector<real::Address>> parseBootstrap(const std::string& bootstrap) {
    std::vector<real::Address> addresses;
    for (std::size_t at = 0; at <= bootstrap.size();) {
        const auto end = std::min(bootstrap.find(',', at), bootstrap.size());
        addresses.push_back(TRY(real::Address::parse(std::string_view(bootstrap).substr(at, end - at))));
        at = end + 1;
    }
    return addresses;
}

Bytes readyMadeBatch(std::size_t size) {
    std::vector<protocol::Record> records;
    const auto nowMs = std::chrono::duration_cast<std::chrono::milliseconds>(
                           std::chrono::system_clock::now().time_since_epoch()).count();
    std::size_t used = protocol::kBatchHeaderSize;
    while (used < size || records.empty()) {
        protocol::Record record;
        record.offset = static_cast<std::int64_t>(records.size());
        record.timestampMs = nowMs;
        const auto room = size > used + 24 ? size - used - 24 : 1;
        record.value = Bytes::take(std::vector<std::uint8_t>(std::min(room, kRecordSize), std::uint8_t{'x'}));
        used += record.value->size() + 24;
        records.push_back(std::move(record));
    }
    return protocol::buildBatch(records, {}).value();
}

}  // namespace odradek::bench
