// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <map>
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
    bool inFlight = false;      ///< part of a request not answered yet
    bool unstable = false;      ///< holds fetched records the disk has not confirmed yet
    Offset sentOffset{-1};      ///< what the request in flight asks from
    LeaderEpoch sentEpoch{-1};
};

/// A request on its way to a leader.
struct FetcherRequest {
    enum class Kind : std::uint8_t { Fetch, Interrupt, ListOffsets } kind = Kind::Fetch;
    std::int32_t correlation = 0;
    std::vector<std::uint32_t> partitions;
};

/// Copies from one leader over one connection: as a rule one Fetch in flight with all partitions
/// followed from it. The next one leaves when the disk has confirmed what the last one brought,
/// since a fetch offset is also a promise.
///
/// A partition that turns up while the long poll is out does not wait for its end: a second Fetch
/// with max wait 0 goes after it (an "interrupt"), on which our leaders end the parked one at once
/// (handlers/fetch.cpp).
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
    std::size_t unstable = 0;                               ///< of the partitions
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
/// A broker has come (back): dial it now rather than after the back-off.
void leaderIsThere(Step& s, std::int32_t leader);
/// Sends what may be sent, dials what is due. Called at the end of every step; cheap when there is
/// nothing to do.
void pumpFetchers(Step& s);
Instant fetchersWake(const FetcherTable& fetchers);

}  // namespace odradek::broker
