// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/connections.h"

#include <utility>

namespace odradek::broker {

Connection& Connections::add(const io::Accepted& accepted, Instant now) {
    Connection& connection = m_all[accepted.connection.value];
    connection = Connection{};
    connection.id = accepted.connection;
    connection.host = accepted.peerHost;
    connection.inProcess = accepted.inProcess;
    connection.opened = now;
    connection.lastFrame = now;
    return connection;
}

void Connections::remove(ConnectionId id) {
    m_all.erase(id.value);
}

std::int64_t Connections::countFrom(const std::string& host) const {
    std::int64_t count = 0;
    for (const auto& [id, connection] : m_all)
        count += connection.host == host ? 1 : 0;
    return count;
}

std::uint64_t Connections::openSlot(Connection& connection, std::int16_t api, Instant received) {
    ResponseSlot slot;
    slot.api = api;
    slot.received = received;
    connection.slots.push_back(std::move(slot));
    return connection.firstSlot + connection.slots.size() - 1;
}

void Connections::complete(const Ticket& ticket, Chain frame, bool error, Instant now,
                           io::Effects& effects) {
    Connection* connection = find(ticket.connection);
    if (connection == nullptr || connection->closing)
        return;
    if (ticket.slot < connection->firstSlot ||
        ticket.slot - connection->firstSlot >= connection->slots.size())
        return;
    ResponseSlot& slot = connection->slots[ticket.slot - connection->firstSlot];
    if (slot.done)
        return;
    slot.done = true;
    slot.error = error;
    slot.silent = frame.empty();
    slot.frame = std::move(frame);
    while (!connection->slots.empty() && connection->slots.front().done) {
        ResponseSlot& front = connection->slots.front();
        const auto size = front.frame.size();
        const auto micros = static_cast<std::uint64_t>((now - front.received).count() / 1000);
        m_answered.push_back({front.api, micros, front.error, size, connection->inProcess});
        connection->bytesOut += size;
        if (!front.silent)
            effects.push_back(io::SendFrame{connection->id, std::move(front.frame)});
        connection->slots.pop_front();
        ++connection->firstSlot;
    }
    if (!connection->queued.empty())
        m_resumable.push_back(connection->id);
}

void Connections::close(Connection& connection, io::Effects& effects) {
    if (connection.closing)
        return;
    connection.closing = true;
    connection.slots.clear();
    connection.queued.clear();
    m_dead.push_back(connection.id);
    effects.push_back(io::CloseConnection{connection.id});
}

void Connections::sweep() {
    for (const auto id : m_dead)
        remove(id);
    m_dead.clear();
}

}  // namespace odradek::broker
