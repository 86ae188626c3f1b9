// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quorum/peer_lines.h"

#include <utility>

namespace odradek::quorum {

void PeerLines::send(std::int32_t peer, Chain frame, io::Effects& effects) {
    const auto [found, isNew] = m_lines.try_emplace(peer);
    auto& line = found->second;
    if (isNew) {
        line.connection = ConnectionId((std::uint64_t{1} << 63) | ++m_dials);
        effects.push_back(io::Dial{line.connection, BrokerId(peer), io::Listener::Controller});
    }
    if (line.isUp)
        effects.push_back(io::SendFrame{line.connection, std::move(frame)});
    else
        line.waiting.push_back(std::move(frame));
}

void PeerLines::drop(std::int32_t peer, io::Effects& effects) {
    const auto found = m_lines.find(peer);
    if (found == m_lines.end())
        return;
    effects.push_back(io::CloseConnection{found->second.connection});
    m_lines.erase(found);
}

std::optional<std::int32_t> PeerLines::peerOf(ConnectionId connection) const {
    for (const auto& [peer, line] : m_lines)
        if (line.connection == connection)
            return peer;
    return std::nullopt;
}

void PeerLines::connected(std::int32_t peer, io::Effects& effects) {
    auto& line = m_lines[peer];
    line.isUp = true;
    for (auto& frame : std::exchange(line.waiting, {}))
        effects.push_back(io::SendFrame{line.connection, std::move(frame)});
}

bool PeerLines::closed(std::int32_t peer) {
    const auto found = m_lines.find(peer);
    const bool wasUp = found != m_lines.end() && found->second.isUp;
    m_lines.erase(peer);
    return wasUp;
}

}  // namespace odradek::quorum
