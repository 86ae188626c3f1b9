// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/dispatch.h"

#include <utility>

#include "engine/broker/core.h"
#include "engine/broker/groups_link.h"
#include "engine/broker/handlers/fetch.h"
#include "engine/broker/handlers/fetch_context.h"
#include "engine/broker/handlers/handlers.h"
#include "engine/broker/handlers/respond.h"
#include "engine/broker/handlers/table.h"
#include "engine/broker/replica_roles.h"
#include "engine/broker/replication/fetcher.h"
#include "engine/broker/replication/leader.h"
#include "engine/protocol/messages/api_versions.h"

namespace odradek::broker {
namespace {

/// Looks at one frame for the first time: header, API, version; then its handler.
void takeFrame(Step& s, Connection& connection, const Bytes& frame) {
    const auto request = protocol::parseRequestFrame(frame);
    if (!request) {
        s.note(LogLevel::Info,
               "connection from " + connection.host + " closed: " + request.error().message);
        s.core.connections.close(connection, s.out);
        return;
    }
    const Served* served = servedApi(request->apiKey);
    // An unknown version of ApiVersions is answered; any other unknown thing ends the connection,
    // as in Kafka.
    const bool asksVersions = request->apiKey == protocol::ApiVersionsRequest::kInfo.key;
    const bool fits = served != nullptr && request->apiVersion >= served->min &&
                      request->apiVersion <= served->max;
    if (!fits && !asksVersions) {
        s.note(LogLevel::Info, "connection from " + connection.host + " closed: API " +
                                   std::to_string(request->apiKey) + " version " +
                                   std::to_string(request->apiVersion) + " is not served");
        s.core.connections.close(connection, s.out);
        return;
    }
    if (request->clientId && connection.clientId != *request->clientId)
        connection.clientId = *request->clientId;
    ++connection.requests;
    Ticket ticket;
    ticket.connection = connection.id;
    ticket.slot = s.core.connections.openSlot(connection, request->apiKey, s.now.at);
    ticket.api = request->apiKey;
    ticket.version = request->apiVersion;
    ticket.correlationId = request->correlationId;
    ticket.received = s.now.at;
    ticket.inProcess = connection.inProcess;
    served->handler(s, ticket, request->body);
}

void coreDiskDone(Step& s, const io::DiskDone& event) {
    const auto found = s.core.diskWaits.find(event.op);
    if (found == s.core.diskWaits.end())
        return;
    const DiskWait wait = std::move(found->second);
    s.core.diskWaits.erase(found);
    switch (wait.kind) {
        case DiskWait::Kind::FetchRead:
            fetchReadDone(s, wait, event.data);
            break;
        case DiskWait::Kind::Lookup:
            lookupReadDone(s, wait, event.data);
            break;
        case DiskWait::Kind::GroupLoad:
            offsetsReadDone(s, wait, event.data);
            break;
        case DiskWait::Kind::Shutdown:
            s.core.state = BrokerState::Stopped;
            break;
        case DiskWait::Kind::Probe:
            diskProbed(s, event.data);
            break;
    }
}

}  // namespace

void dropConnection(Step& s, const Ticket& ticket, std::string_view why) {
    Connection* connection = s.core.connections.find(ticket.connection);
    if (connection == nullptr)
        return;
    s.note(LogLevel::Info, "connection from " + connection->host + " closed: " + std::string(why));
    s.core.connections.close(*connection, s.out);
}

void clientAccepted(Step& s, const io::Accepted& event) {
    if (event.listener != io::Listener::Client)
        return;
    const auto& config = s.core.config;
    const bool full =
        static_cast<std::int64_t>(s.core.connections.size()) >= config.maxConnections ||
        (config.maxConnectionsPerIp < INT32_MAX &&
         s.core.connections.countFrom(event.peerHost) >= config.maxConnectionsPerIp);
    // Other brokers are never turned away: replication must not depend on how many clients there
    // are.
    if ((full && !event.inProcess) || s.core.closing) {
        s.out.push_back(io::CloseConnection{event.connection});
        return;
    }
    s.core.connections.add(event, s.now.at);
}

void clientClosed(Step& s, ConnectionId id) {
    if (const Connection* connection = s.core.connections.find(id))
        closeSession(s, connection->followerSession);
    s.core.connections.remove(id);
}

void clientFrame(Step& s, ConnectionId id, const Bytes& frame) {
    Connection* connection = s.core.connections.find(id);
    if (connection == nullptr || connection->closing)
        return;
    connection->bytesIn += frame.size();
    connection->lastFrame = s.now.at;
    if (!connection->inProcess)
        s.core.metrics.bytesIn += frame.size();
    const auto& config = s.core.config;
    const bool wait = !s.core.serving ||
                      connection->slots.size() >= config.maxInFlightPerConnection ||
                      !connection->queued.empty();
    if (!wait) {
        takeFrame(s, *connection, frame);
    } else if (connection->queued.size() < config.maxQueuedPerConnection) {
        connection->queued.push_back(frame);
    } else {
        s.note(LogLevel::Warning,
               "connection from " + connection->host + " closed: too many requests in flight");
        s.core.connections.close(*connection, s.out);
    }
}

void resumeClients(Step& s) {
    auto& core = s.core;
    std::vector<ConnectionId> ready = core.connections.takeResumable();
    if (!core.serving && core.state == BrokerState::Running) {
        core.serving = true;
        for (const auto& [id, connection] : core.connections.all())
            if (!connection.queued.empty())
                ready.push_back(connection.id);
    }
    if (!core.serving)
        return;
    for (const auto id : ready) {
        Connection* connection = core.connections.find(id);
        while (connection != nullptr && !connection->closing && !connection->queued.empty() &&
               connection->slots.size() < core.config.maxInFlightPerConnection) {
            const Bytes frame = std::move(connection->queued.front());
            connection->queued.pop_front();
            takeFrame(s, *connection, frame);
        }
    }
}

void closeIdleConnections(Step& s) {
    const auto idle = s.core.config.connectionsMaxIdleMs;
    if (idle <= 0)
        return;
    for (auto& [id, connection] : s.core.connections.all())
        if (connection.slots.empty() && s.now.at - connection.lastFrame > Milliseconds(idle))
            s.core.connections.close(connection, s.out);
}

void diskDone(Step& s, const io::DiskDone& event) {
    const auto tag = storage::OpIds::tagOf(event.op);
    auto disk = s.disk();
    if (tag == 0) {
        coreDiskDone(s, event);
        return;
    }
    if (tag == kPoolTag) {
        s.core.pool.onDiskDone(event.op, event.data, disk);
        return;
    }
    Partition* partition = s.core.partitions.at(tag);
    if (partition == nullptr)
        return;
    const bool moved = partition->log.onDiskDone(event.op, event.data, disk);
    if (partition->log.failure())
        replicaFailed(s, *partition);
    else if (partition->failed)
        replicaMayReturn(s, *partition);
    else if (moved && partition->isLeader())
        advanceHighWatermark(s, *partition);
    else if (moved)
        followedStable(s, *partition);
}

void countAnswered(Step& s) {
    for (const auto& one : s.core.connections.takeAnswered()) {
        s.core.metrics.answered(one.api, one.micros, one.error);
        if (!one.inProcess)
            s.core.metrics.bytesOut += one.bytes;
    }
}

}  // namespace odradek::broker
