// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/base/time.h"
#include "engine/io/ports.h"

namespace odradek::quorum {

/// A controller's connections to the other controllers, one each, dialled when there is something to send. Frames wait
/// while a connection is being made; what becomes of requests on one that breaks is their sender's business. A
/// copyable value.
class PeerLines {
public:
    void send(std::int32_t peer, Chain frame, io::Effects& effects);
    void drop(std::int32_t peer, io::Effects& effects);

    /// Whose connection this is; nullopt when none of ours.
    std::optional<std::int32_t> peerOf(ConnectionId connection) const;
    /// It is up: what waited goes out.
    void connected(std::int32_t peer, io::Effects& effects);
    /// It is gone; true when it had been up.
    bool closed(std::int32_t peer);

private:
    struct Line {
        ConnectionId connection;
        bool isUp = false;
        std::vector<Chain> waiting;
    };
    std::map<std::int32_t, Line> m_lines;  ///< dialled or up
    std::uint64_t m_dials = 0;
};

}  // namespace odradek::quorum
