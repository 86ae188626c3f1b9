// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/time.h"
#include "engine/base/types.h"
#include "engine/io/ports.h"

namespace odradek::broker {

/// Names one request being worked on, and all that answering it needs. Plain data: pendings keep
/// it.
struct Ticket {
    ConnectionId connection;
    std::uint64_t slot = 0;  ///< its place among the connection's requests
    std::int16_t api = -1;
    std::int16_t version = 0;
    std::int32_t correlationId = 0;
    Instant received;
    bool inProcess = false;
};

/// One request of a connection, in the order of arrival.
struct ResponseSlot {
    std::int16_t api = -1;
    Instant received;
    bool done = false;
    bool silent = false;  ///< acks=0: there is no response
    bool error = false;
    Chain frame;
};

/// A client's (or another broker's) connection to us.
struct Connection {
    ConnectionId id;
    std::string host;
    std::string clientId;
    std::string software;
    bool inProcess = false;
    bool closing = false;  ///< CloseConnection is out; nothing more is read or sent
    Instant opened;
    Instant lastFrame;
    std::uint64_t requests = 0;
    std::uint64_t bytesIn = 0;
    std::uint64_t bytesOut = 0;
    std::uint64_t firstSlot = 0;     ///< number of slots.front()
    std::deque<ResponseSlot> slots;  ///< being worked on
    std::uint64_t parkedFetch =
        0;  ///< a follower's long poll: its next request on this connection ends it
    std::int32_t followerSession = 0;  ///< the fetch session a follower opened here; ends with it
    std::deque<Bytes> queued;          ///< frames beyond the in-flight limit, not looked at yet
};

/// What answering a request led to, for the counters.
struct Answered {
    std::int16_t api = -1;
    std::uint64_t micros = 0;
    bool error = false;
    std::uint64_t bytes = 0;
    bool inProcess = false;
};

/// All accepted connections of one broker. Keeps Kafka's promise that responses leave in the order
/// the requests came, while requests may finish in any order. A value; stepped by its broker.
class Connections {
public:
    Connection* find(ConnectionId id) {
        const auto found = m_all.find(id.value);
        return found == m_all.end() ? nullptr : &found->second;
    }
    Connection& add(const io::Accepted& accepted, Instant now);
    void remove(ConnectionId id);
    std::size_t size() const { return m_all.size(); }
    std::int64_t countFrom(const std::string& host) const;

    /// Opens the place of the next request of a connection.
    std::uint64_t openSlot(Connection& connection, std::int16_t api, Instant received);
    /// Puts a finished response in its place and sends all that are now due. Without effect when
    /// the connection is gone. An empty frame means "no response".
    void complete(const Ticket& ticket, Chain frame, bool error, Instant now, io::Effects& effects);
    /// Closes a connection; what it still waits for is dropped.
    void close(Connection& connection, io::Effects& effects);
    /// Forgets the connections closed by us since the last call; at the end of a step.
    void sweep();

    /// What was answered since the last call.
    std::vector<Answered> takeAnswered() { return std::exchange(m_answered, {}); }
    const std::map<std::uint64_t, Connection>& all() const { return m_all; }
    std::map<std::uint64_t, Connection>& all() { return m_all; }
    /// Connections whose in-flight count fell while frames wait; taken by the broker at the end of
    /// a step.
    std::vector<ConnectionId> takeResumable() { return std::exchange(m_resumable, {}); }

private:
    std::map<std::uint64_t, Connection> m_all;  ///< ordered: walked into views and close decisions
    std::vector<Answered> m_answered;
    std::vector<ConnectionId> m_resumable;
    std::vector<ConnectionId> m_dead;
};

}  // namespace odradek::broker
