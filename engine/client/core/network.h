// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/client/core/any_request.h"
#include "engine/io/ports.h"

namespace odradek::client {

/// Where a broker listens: an address, or (host empty) a node the driver knows.
struct Address {
    std::string host;
    std::int32_t port = 0;
    std::int32_t node = -1;
    auto operator<=>(const Address&) const = default;
};

struct NetworkOptions {
    std::string clientId = "odradek";
    std::string softwareVersion = "0.1.0";
    Milliseconds requestTimeout{30'000};
    Milliseconds connectTimeout{10'000};
    Milliseconds backoffFirst{20};   ///< doubled after each failure
    Milliseconds backoffMost{1'000};
    std::int32_t maxInFlight = 5;    ///< per connection, as librdkafka and Java have it
    std::uint64_t firstConnection = 1;  ///< connection ids are unique within one core
};

using CallId = std::uint64_t;

/// The end of a call: the body in the version used, or why there is none (Closed, Timeout, Unsupported).
struct Reply {
    CallId call = 0;
    std::int32_t node = -1;  ///< who answered (negative: a bootstrap address whose id is not known)
    std::int16_t version = 0;
    Result<Bytes> body;
};

/// Requests and answers over connections to brokers, sans-IO: dials on demand, learns each broker's versions (KIP-35,
/// KIP-511), keeps at most maxInFlight requests per connection, times out, backs off. A copyable value.
///
/// Every call gets exactly one Reply. Thread: its owner's. Fed with io events of its own connections; owns() tells.
class Network {
public:
    /// Any broker: the one that answers soonest among those connected, else the next to dial.
    static constexpr std::int32_t kAnyNode = INT32_MIN;

    explicit Network(NetworkOptions options) : m_options(std::move(options)) {}

    /// Addresses to begin with; they stay usable for kAnyNode.
    void setBootstrap(const std::vector<Address>& addresses);
    /// The brokers of the cluster as metadata tells; connections to brokers that moved are closed.
    void setNodes(const std::map<std::int32_t, Address>& nodes, io::Effects& effects);

    CallId call(Now now, std::int32_t node, RequestPtr request, io::Effects& effects,
                std::optional<Milliseconds> timeout = std::nullopt);
    /// The answer no longer matters; its Reply will not be given.
    void forget(CallId call);

    /// Whether the event's connection is one of ours.
    bool owns(const io::Event& event) const;
    void onEvent(Now now, const io::Event& event, io::Effects& effects, std::vector<Reply>& replies);
    void tick(Now now, io::Effects& effects, std::vector<Reply>& replies);
    Instant nextWake() const;

    /// Whether any connection is up.
    bool connected() const;
    /// The last reason a connection failed, for people; empty while all is well.
    const std::string& lastProblem() const { return m_problem; }
    /// The newest version of an API that a node serves and we know; nothing before its handshake.
    std::optional<std::int16_t> versionOf(std::int32_t node, std::int16_t apiKey, std::int16_t ours) const;
    /// Closes everything; open calls end with Closed.
    void shutdown(io::Effects& effects, std::vector<Reply>& replies);

private:
    enum class Phase : std::uint8_t { Idle, Dialing, Handshake, Ready, BackOff };
    struct Call {
        CallId id = 0;
        RequestPtr request;
        Instant deadline;
        bool any = false;
        std::int32_t correlation = 0;
        std::int16_t version = 0;
        bool forgotten = false;
    };
    struct Node {
        Address address;
        Phase phase = Phase::Idle;
        ConnectionId connection;
        Instant until;  ///< of dialling, handshake or back-off
        Milliseconds backoff{0};
        std::int32_t nextCorrelation = 1;
        std::map<std::int16_t, std::pair<std::int16_t, std::int16_t>> versions;
        std::deque<Call> waiting;
        std::deque<Call> inFlight;
    };

    std::int32_t pickAny() const;
    void dial(Now now, std::int32_t id, Node& node, io::Effects& effects);
    void sendHandshake(Now now, Node& node, std::int16_t version, io::Effects& effects);
    void takeHandshake(Now now, std::int32_t id, Node& node, const Bytes& frame, io::Effects& effects,
                       std::vector<Reply>& replies);
    void pump(Now now, std::int32_t id, Node& node, io::Effects& effects, std::vector<Reply>& replies);
    void takeFrame(Now now, std::int32_t id, Node& node, const Bytes& frame, io::Effects& effects,
                   std::vector<Reply>& replies);
    void lost(Now now, std::int32_t id, Node& node, const std::string& why, io::Effects& effects,
              std::vector<Reply>& replies);
    void endCalls(std::int32_t id, std::deque<Call>& calls, const Error& error, std::vector<Reply>& replies);

    NetworkOptions m_options;
    std::map<std::int32_t, Node> m_nodes;  ///< bootstrap addresses have ids -1, -2, ...
    std::map<ConnectionId, std::int32_t> m_byConnection;
    CallId m_nextCall = 1;
    std::uint64_t m_connections = 0;
    std::int32_t m_lastAny = 0;
    std::string m_problem;
    Instant m_due = Instant::never();  ///< a call was queued on an idle node: tick at once
};

}  // namespace odradek::client
