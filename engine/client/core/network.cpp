// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/client/core/network.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/protocol/kafka_error.h"
#include "engine/protocol/messages/api_versions.h"

namespace odradek::client {
namespace {

constexpr std::uint64_t kOwnConnection = 1ull << 63;  ///< ids a core chooses have the top bit set (io::Dial)
constexpr std::int16_t kHandshakeVersion = 3;

std::string nameOf(const Address& address) {
    return address.host.empty() ? fmt::format("node {}", address.node)
                                : fmt::format("{}:{}", address.host, address.port);
}

}  // namespace

void Network::setBootstrap(const std::vector<Address>& addresses) {
    std::int32_t id = -1;
    for (const auto& address : addresses)
        m_nodes[id--].address = address;
}

void Network::setNodes(const std::map<std::int32_t, Address>& nodes, io::Effects& effects) {
    for (const auto& [id, address] : nodes) {
        auto& node = m_nodes[id];
        if (node.address == address)
            continue;
        if (node.phase == Phase::Dialing || node.phase == Phase::Handshake || node.phase == Phase::Ready)
            effects.push_back(io::CloseConnection{node.connection});  // Closed follows and ends its calls
        else
            node.phase = Phase::Idle;
        node.address = address;
        node.backoff = Milliseconds(0);
    }
}

CallId Network::call(Now now, std::int32_t node, RequestPtr request, io::Effects& effects,
                     std::optional<Milliseconds> timeout) {
    const bool any = node == kAnyNode;
    if (any)
        node = m_lastAny = pickAny();
    auto& target = m_nodes[node];
    Call call;
    call.id = m_nextCall++;
    call.request = std::move(request);
    call.deadline = now.at + timeout.value_or(m_options.requestTimeout);
    call.any = any;
    const auto id = call.id;
    target.waiting.push_back(std::move(call));
    if (target.phase == Phase::Idle)
        dial(now, node, target, effects);
    else if (target.phase == Phase::Ready)
        m_due = now.at;
    return id;
}

void Network::forget(CallId call) {
    for (auto& [id, node] : m_nodes) {
        std::erase_if(node.waiting, [&](const Call& c) { return c.id == call; });
        for (auto& c : node.inFlight)
            if (c.id == call)
                c.forgotten = true;
    }
}

std::int32_t Network::pickAny() const {
    const auto score = [](const Node& node) {
        switch (node.phase) {
            case Phase::Ready: return static_cast<int>(node.inFlight.size() + node.waiting.size());
            case Phase::Handshake: return 1000;
            case Phase::Dialing: return 2000;
            case Phase::Idle: return 3000;
            case Phase::BackOff: return 4000;
        }
        return 5000;
    };
    std::int32_t best = m_nodes.empty() ? -1 : m_nodes.rbegin()->first;
    int bestScore = INT32_MAX;
    for (const auto& [id, node] : m_nodes) {
        if (node.address.host.empty() && node.address.node < 0)
            continue;
        // Among equals, known brokers before bootstrap addresses, and not the one that failed last.
        const int s = score(node) * 4 + (id < 0 ? 2 : 0) + (id == m_lastAny ? 1 : 0);
        if (s < bestScore) {
            best = id;
            bestScore = s;
        }
    }
    return best;
}

void Network::dial(Now now, std::int32_t id, Node& node, io::Effects& effects) {
    node.connection = ConnectionId(kOwnConnection | (m_options.firstConnection + m_connections++));
    node.phase = Phase::Dialing;
    node.until = now.at + m_options.connectTimeout;
    node.versions.clear();
    m_byConnection[node.connection] = id;
    effects.push_back(io::Dial{node.connection, BrokerId(node.address.node), io::Listener::Client, node.address.host,
                               node.address.port});
}

void Network::sendHandshake(Now now, Node& node, std::int16_t version, io::Effects& effects) {
    protocol::ApiVersionsRequest hello;
    hello.clientSoftwareName = "odradek";
    hello.clientSoftwareVersion = m_options.softwareVersion;
    node.phase = Phase::Handshake;
    node.until = now.at + m_options.connectTimeout;
    node.nextCorrelation = version;  // the answer's correlation id tells which version was asked
    effects.push_back(io::SendFrame{
        node.connection, protocol::encodeRequest(hello, version, node.nextCorrelation++, m_options.clientId)});
}

void Network::takeHandshake(Now now, std::int32_t id, Node& node, const Bytes& frame, io::Effects& effects,
                            std::vector<Reply>& replies) {
    const auto asked = static_cast<std::int16_t>(node.nextCorrelation - 1);
    const auto parsed = protocol::parseResponseFrame(protocol::ApiVersionsResponse::kInfo.key, asked, frame);
    if (!parsed)
        return lost(now, id, node, "not a Kafka broker: " + parsed.error().message, effects, replies);
    auto answer = protocol::decode<protocol::ApiVersionsResponse>(parsed->body, asked);
    if (!answer && asked > 0)  // an older broker answers a version it does not know in version 0
        answer = protocol::decode<protocol::ApiVersionsResponse>(parsed->body, 0);
    if (!answer)
        return lost(now, id, node, "not a Kafka broker: " + answer.error().message, effects, replies);
    if (answer->errorCode == protocol::code(protocol::KafkaError::UnsupportedVersion) && asked > 0)
        return sendHandshake(now, node, 0, effects);
    if (answer->errorCode != 0)
        return lost(now, id, node, std::string(protocol::errorName(answer->errorCode)), effects, replies);
    for (const auto& api : answer->apiKeys)
        node.versions[api.apiKey] = {api.minVersion, api.maxVersion};
    node.phase = Phase::Ready;
    node.backoff = Milliseconds(0);
    node.until = Instant::never();
    m_problem.clear();
    pump(now, id, node, effects, replies);
}

std::optional<std::int16_t> Network::versionOf(std::int32_t node, std::int16_t apiKey, std::int16_t ours) const {
    const auto found = m_nodes.find(node);
    if (found == m_nodes.end())
        return std::nullopt;
    const auto range = found->second.versions.find(apiKey);
    if (range == found->second.versions.end())
        return std::nullopt;
    return std::min(ours, range->second.second);
}

void Network::pump(Now now, std::int32_t id, Node& node, io::Effects& effects, std::vector<Reply>& replies) {
    while (node.phase == Phase::Ready && !node.waiting.empty() &&
           static_cast<std::int32_t>(node.inFlight.size()) < m_options.maxInFlight) {
        auto call = std::move(node.waiting.front());
        node.waiting.pop_front();
        const auto range = node.versions.find(call.request->apiKey());
        const auto newest = range == node.versions.end()
                                ? std::int16_t(-1)
                                : std::min(call.request->maxVersion(), range->second.second);
        if (range == node.versions.end() || newest < std::max(call.request->minVersion(), range->second.first)) {
            replies.push_back({call.id, id, 0,
                               fail(ErrorCode::Unsupported,
                                    fmt::format("{} does not serve API {} in a version we know",
                                                nameOf(node.address), call.request->apiKey()))});
            continue;
        }
        call.version = newest;
        call.correlation = node.nextCorrelation++;
        effects.push_back(io::SendFrame{
            node.connection, protocol::requestFrame(call.request->apiKey(), call.version, call.correlation,
                                                    m_options.clientId, call.request->encodeAs(call.version))});
        node.inFlight.push_back(std::move(call));
    }
    (void)now;
}

void Network::takeFrame(Now now, std::int32_t id, Node& node, const Bytes& frame, io::Effects& effects,
                        std::vector<Reply>& replies) {
    if (node.inFlight.empty())
        return lost(now, id, node, "an answer nobody asked for", effects, replies);
    auto& call = node.inFlight.front();
    const auto parsed = protocol::parseResponseFrame(call.request->apiKey(), call.version, frame);
    if (!parsed || parsed->correlationId != call.correlation)
        return lost(now, id, node, "an answer out of order", effects, replies);
    if (!call.forgotten)
        replies.push_back({call.id, id, call.version, parsed->body});
    node.inFlight.pop_front();
    pump(now, id, node, effects, replies);
}

void Network::endCalls(std::int32_t id, std::deque<Call>& calls, const Error& error, std::vector<Reply>& replies) {
    for (auto& call : calls)
        if (!call.forgotten)
            replies.push_back({call.id, id, call.version, std::unexpected(error)});
    calls.clear();
}

void Network::lost(Now now, std::int32_t id, Node& node, const std::string& why, io::Effects& effects,
                   std::vector<Reply>& replies) {
    m_problem = fmt::format("{}: {}", nameOf(node.address), why);
    if (m_byConnection.erase(node.connection) > 0)
        effects.push_back(io::CloseConnection{node.connection});
    const Error error{ErrorCode::Closed, m_problem};
    endCalls(id, node.inFlight, error, replies);
    // Calls for any broker go on to another one; the rest end here, and their owners decide.
    std::deque<Call> moving;
    std::deque<Call> ending;
    for (auto& call : node.waiting)
        (call.any ? moving : ending).push_back(std::move(call));
    node.waiting.clear();
    endCalls(id, ending, error, replies);
    node.backoff = node.backoff.count() == 0 ? m_options.backoffFirst
                                             : std::min(node.backoff * 2, m_options.backoffMost);
    node.phase = Phase::BackOff;
    node.until = now.at + node.backoff;
    m_lastAny = id;
    for (auto& call : moving) {
        const auto next = pickAny();
        auto& target = m_nodes[next];
        target.waiting.push_back(std::move(call));
        if (target.phase == Phase::Idle)
            dial(now, next, target, effects);
        else if (target.phase == Phase::Ready)
            m_due = now.at;
    }
}

bool Network::owns(const io::Event& event) const {
    const auto mine = [&](ConnectionId c) { return m_byConnection.contains(c); };
    if (const auto* e = std::get_if<io::FrameIn>(&event))
        return mine(e->connection);
    if (const auto* e = std::get_if<io::Connected>(&event))
        return mine(e->connection);
    if (const auto* e = std::get_if<io::Closed>(&event))
        return mine(e->connection);
    return false;
}

void Network::onEvent(Now now, const io::Event& event, io::Effects& effects, std::vector<Reply>& replies) {
    const auto find = [&](ConnectionId c) -> std::pair<std::int32_t, Node*> {
        const auto it = m_byConnection.find(c);
        return it == m_byConnection.end() ? std::pair<std::int32_t, Node*>{0, nullptr}
                                          : std::pair{it->second, &m_nodes[it->second]};
    };
    if (const auto* up = std::get_if<io::Connected>(&event)) {
        if (auto [id, node] = find(up->connection); node)
            sendHandshake(now, *node, kHandshakeVersion, effects);
    } else if (const auto* in = std::get_if<io::FrameIn>(&event)) {
        auto [id, node] = find(in->connection);
        if (!node)
            return;
        if (node->phase == Phase::Handshake)
            takeHandshake(now, id, *node, in->frame, effects, replies);
        else
            takeFrame(now, id, *node, in->frame, effects, replies);
    } else if (const auto* closed = std::get_if<io::Closed>(&event)) {
        if (auto [id, node] = find(closed->connection); node) {
            const bool never = node->phase == Phase::Dialing;
            m_byConnection.erase(closed->connection);
            lost(now, id, *node, never ? "nobody answers there" : "connection closed", effects, replies);
        }
    }
}

void Network::tick(Now now, io::Effects& effects, std::vector<Reply>& replies) {
    m_due = Instant::never();
    for (auto& [id, node] : m_nodes) {
        const auto late = [&](const Call& call) { return call.deadline <= now.at; };
        for (auto it = node.waiting.begin(); it != node.waiting.end();) {
            if (!late(*it)) {
                ++it;
                continue;
            }
            replies.push_back({it->id, id, 0,
                               fail(ErrorCode::Timeout, m_problem.empty() ? nameOf(node.address) + ": no connection"
                                                                          : m_problem)});
            it = node.waiting.erase(it);
        }
        if (!node.inFlight.empty() && late(node.inFlight.front()))
            lost(now, id, node, "no answer in time", effects, replies);
        else if ((node.phase == Phase::Dialing || node.phase == Phase::Handshake) && node.until <= now.at)
            lost(now, id, node, "no answer in time", effects, replies);
        if (node.phase == Phase::BackOff && node.until <= now.at)
            node.phase = Phase::Idle;
        if (node.phase == Phase::Idle && !node.waiting.empty())
            dial(now, id, node, effects);
        pump(now, id, node, effects, replies);
    }
}

Instant Network::nextWake() const {
    auto due = m_due;
    for (const auto& [id, node] : m_nodes) {
        if (node.phase == Phase::Dialing || node.phase == Phase::Handshake ||
            (node.phase == Phase::BackOff && !node.waiting.empty()))
            due = std::min(due, node.until);
        for (const auto& call : node.waiting)
            due = std::min(due, call.deadline);
        if (!node.inFlight.empty())
            due = std::min(due, node.inFlight.front().deadline);
    }
    return due;
}

bool Network::connected() const {
    return std::any_of(m_nodes.begin(), m_nodes.end(), [](const auto& n) { return n.second.phase == Phase::Ready; });
}

void Network::shutdown(io::Effects& effects, std::vector<Reply>& replies) {
    const Error error{ErrorCode::Closed, "the client was closed"};
    for (auto& [id, node] : m_nodes) {
        if (m_byConnection.erase(node.connection) > 0)
            effects.push_back(io::CloseConnection{node.connection});
        endCalls(id, node.inFlight, error, replies);
        endCalls(id, node.waiting, error, replies);
        node.phase = Phase::Idle;
    }
}

}  // namespace odradek::client
