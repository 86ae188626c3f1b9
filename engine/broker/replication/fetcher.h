// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/time.h"
#include "engine/base/types.h"

namespace odradek::broker {

struct Step;
struct Partition;

/// One partition followed from a leader.
struct FollowedPartition {
    enum class State : std::uint8_t {
        Fetching,
        AskingLatest,    ///< out of range: asking the leader's log end
        AskingEarliest,  ///< out of range: asking the leader's log start
    };
    State state = State::Fetching;
    Instant notBefore;          ///< backs off until then after an error
    std::int32_t failures = 0;  ///< in a row; the back-off grows with it
    bool asking = false;        ///< a ListOffsets for it is on its way
    bool unstable = false;      ///< holds fetched records the disk has not confirmed yet
    bool inSession = false;     ///< the leader knows what we want of it
    std::int32_t namedBy = 0;   ///< correlation of the last Fetch that named it
    Offset sentOffset{-1};      ///< what that one asked from
    Offset sentStart{-1};
    LeaderEpoch sentEpoch{-1};
};

/// A request on its way to a leader.
struct FetcherRequest {
    enum class Kind : std::uint8_t { Fetch, Nudge, ListOffsets } kind = Kind::Fetch;
    std::int32_t correlation = 0;
    std::vector<std::uint32_t> partitions;  ///< those a full Fetch or a ListOffsets names
    bool full = false;                      ///< a Fetch that opens a session
    Instant giveUpAt = Instant::never();    ///< replica.socket.timeout.ms after it was sent
};

/// Copies from one leader over one connection, in one fetch session (KIP-227): a Fetch names only
/// the partitions whose state is new to the leader. As a rule one Fetch is in flight, waiting at
/// the leader. A partition's new offset is told when the disk has confirmed what came before it,
/// since a fetch offset is also a promise; until then the leader holds it back.
///
/// What turns up while the long poll is out does not wait for its end: a second Fetch goes after
/// it, on which our leaders end the parked one at once (handlers/fetch.cpp). While the first,
/// session-opening Fetch is out, an empty one without session (a "nudge") does that.
///
/// A leader may decline the session (id 0); then each Fetch names all, one at a time.
struct Fetcher {
    enum class Line : std::uint8_t { Down, Dialing, Up };

    std::int32_t leader = -1;
    Line line = Line::Down;
    ConnectionId connection;
    Instant redialAt;
    std::int64_t redialDelayMs = 0;
    std::int32_t nextCorrelation = 1;
    std::deque<FetcherRequest> inFlight;
    std::map<std::uint32_t, FollowedPartition> partitions;  ///< by partition ref
    std::int32_t session = 0;       ///< its id, once the leader has given one
    std::int32_t sessionEpoch = 0;  ///< of the next Fetch; 0 = a full one
    std::set<std::uint32_t> changed;  ///< partitions whose state the leader may not know
    std::set<std::uint32_t> asking;   ///< partitions not in State::Fetching
    std::vector<std::pair<Uuid, std::int32_t>> forgotten;  ///< to be struck from the session
    std::size_t unstable = 0;                              ///< of the partitions
    bool urgent = false;                     ///< some partition became ready since the last request
    Instant backoffEnds = Instant::never();  ///< of the first partition to come back
};

/// The fetchers of a broker, by leader.
using FetcherTable = std::map<std::int32_t, Fetcher>;

/// Starts following partition.leader (which is another broker).
void follow(Step& s, Partition& partition);
/// Stops; without effect when it is not followed from anyone.
void unfollow(Step& s, std::uint32_t ref);

bool isFetcherConnection(const FetcherTable& fetchers, ConnectionId id);
void fetcherConnected(Step& s, ConnectionId id);
void fetcherClosed(Step& s, ConnectionId id);
void fetcherFrame(Step& s, ConnectionId id, const Bytes& frame);
/// The disk has confirmed more of a followed log.
void followedStable(Step& s, Partition& partition);
/// A followed log's start has moved: its leader is to know.
void followedStartMoved(Step& s, const Partition& partition);
/// A broker has come (back): dial it now rather than after the back-off.
void leaderIsThere(Step& s, std::int32_t leader);
/// Sends what may be sent, dials what is due. Called at the end of every step; cheap when there is
/// nothing to do.
void pumpFetchers(Step& s);
Instant fetchersWake(const FetcherTable& fetchers);

}  // namespace odradek::broker
