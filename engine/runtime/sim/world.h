// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/prng.h"
#include "engine/io/core.h"
#include "engine/runtime/sim/disk.h"
#include "engine/runtime/sim/event_queue.h"
#include "engine/runtime/sim/trace_hash.h"

namespace odradek::sim {

/// An actor's place in a world: one core at a time lives in it. Stays the same over crashes and
/// restarts.
using ActorId = std::uint32_t;
using DiskId = std::uint32_t;
/// A machine: actors of one host reach each other quickly, and pairs of hosts can be clogged.
using HostId = std::int32_t;

/// How long a frame travels; drawn per frame, so frames of different connections overtake each
/// other.
struct NetworkTimes {
    std::int64_t localMinNs = 5'000;
    std::int64_t localMaxNs = 50'000;
    std::int64_t minNs = 100'000;
    std::int64_t maxNs = 2'000'000;
    std::uint32_t spikePerMille = 2;  ///< of frames
    std::int64_t spikeMaxNs = 80'000'000;
};

/// What the way between two hosts does to frames, per mille of them. A lost frame takes what follows on its
/// connection with it, as TCP does: nothing more arrives there, and after a while the connection breaks.
struct Trouble {
    std::uint32_t loss = 0;
    std::uint32_t duplicate = 0;  ///< arrives a second time, right behind the first
};

/// Told everything that happens, as text, when set.
using TraceSink = std::function<void(const std::string& line)>;

/// A simulated world: cores driven over a virtual clock, network and disks. Deterministic: the same
/// seed and calls give the same trace hash.
///
/// It keeps io/ports.h's promises as runtime/real does: frames of a connection arrive in order and
/// whole; a dial ends in Connected or Closed; CloseConnection ends in Closed on both sides; disk
/// completions come in order; a core dropped hears nothing more.
///
/// Lifecycle: add disks and actors, `run`, look in between steps. A copyable value: a copy goes on
/// identically (its trace sink is not copied). Thread: one at a time.
class World {
public:
    World(std::uint64_t seed, NetworkTimes times);
    World(const World& other);
    World(World&&) noexcept = default;
    World& operator=(const World& other);
    World& operator=(World&&) noexcept = default;
    ~World() = default;

    /// The time of the world itself.
    Now now() const { return {m_now, kWallStartMs + m_now.ns / 1'000'000}; }
    /// What the clock of an actor's host shows.
    Now nowOf(ActorId id) const;
    std::uint64_t steps() const { return m_steps; }
    std::uint64_t traceHash() const { return m_trace.value(); }
    void setTraceSink(TraceSink sink) { m_sink = std::move(sink); }

    // ---- Set-up
    // ----------------------------------------------------------------------------------------------
    DiskId addDisk(DiskTimes times, bool losesPower);
    Disk& disk(DiskId id) { return m_disks[id].disk; }
    /// An empty place for a core.
    ActorId addActor(std::string name, HostId host, std::optional<DiskId> disk);
    /// Dials to that node's listener reach this actor.
    void setRoute(BrokerId node, io::Listener listener, ActorId actor) {
        m_routes[{node.value, listener}] = actor;
    }
    /// Dials to that address reach the node's client listener.
    void setAddress(const std::string& host, std::int32_t port, BrokerId node) {
        m_addresses[{host, port}] = node;
    }

    // ---- Actors
    // ----------------------------------------------------------------------------------------------
    /// Puts a core into an empty place; its boot effects are performed now.
    void start(ActorId id, std::unique_ptr<io::Core> core, io::Effects bootEffects = {});
    /// Drops the core as a crash does: peers see their connections close later, its disk is left
    /// alone.
    void drop(ActorId id);
    bool isUp(ActorId id) const { return m_actors[id].core != nullptr; }
    /// Null while there is none.
    const io::Core* core(ActorId id) const { return m_actors[id].core.get(); }
    io::Core* core(ActorId id) { return m_actors[id].core.get(); }
    /// Lets somebody call methods of a core between its steps; effects are performed.
    template <class Call>
    void with(ActorId id, Call call) {
        io::Effects effects;
        call(*m_actors[id].core, nowOf(id), effects);
        settle(id, std::move(effects));
    }

    // ---- Faults
    // ----------------------------------------------------------------------------------------------
    /// The process dies (`power` false) or the machine loses power: queued disk effects are gone.
    /// Drop its actors too.
    void crashDisk(DiskId id, bool power);
    /// Nothing happens to the actor until then: what arrives waits.
    void pause(ActorId id, Instant until);
    /// Goes on at once, if it is paused.
    void resume(ActorId id);
    /// Frames between two hosts (one way) arrive no sooner than `until`.
    void clog(HostId from, HostId to, Instant until);
    /// Frames and dials between two hosts (one way) are lost until then.
    void cut(HostId from, HostId to, Instant until);
    /// From now on the way between two hosts (one way) does that to frames.
    void setTrouble(HostId from, HostId to, Trouble trouble);
    /// Nothing is clogged, cut or in trouble, and nobody pauses.
    bool isWell() const;
    /// Ends clogs, cuts and troubles; connections on which something was lost break.
    void healNetwork();
    /// From now on the clocks of a host run faster (or slower) by so many millionths.
    void setDrift(HostId host, std::int64_t perMillion);
    /// The wall clock of a host jumps.
    void stepWallClock(HostId host, std::int64_t byMs);
    /// Breaks all connections between two hosts; what is under way is lost.
    void resetConnections(HostId a, HostId b);

    // ---- Time
    // ------------------------------------------------------------------------------------------------
    /// Lets happen what is due up to `until`, then sets the clock there.
    void runUntil(Instant until);
    /// The very next thing, if it is due up to `until`; false when there is none.
    bool stepOnce(Instant until);

private:
    struct Connection {
        std::uint32_t link = 0;
        std::uint8_t side = 0;
    };
    /// A host's idea of time: runs steadily but perhaps not at the right pace; the wall clock also jumps.
    struct Clock {
        Instant base;       ///< of the world, when the pace last changed
        Instant localBase;  ///< what the clock showed then
        std::int64_t perMillion = 0;
        std::int64_t wallOffsetMs = 0;

        Instant local(Instant world) const {
            const auto passed = (world - base).count();
            return localBase + Nanoseconds(passed + passed / 1'000 * perMillion / 1'000);
        }
        /// The first instant of the world at which the clock shows `wanted` or more.
        Instant world(Instant wanted) const;
    };
    struct Actor {
        std::string name;
        Clock clock;
        HostId host = 0;
        std::optional<DiskId> disk;
        std::unique_ptr<io::Core> core;
        std::uint32_t life = 0;
        Instant wakeAt = Instant::never();  ///< the earliest Wake in the queue
        bool paused = false;
        Instant pausedUntil;
        std::deque<std::pair<Upcoming, Bytes>> held;  ///< what arrived while paused
        std::map<std::uint64_t, Connection> connections;
        std::uint64_t accepted = 0;
        Instant lastStep;
        std::uint32_t stepsAtOnce = 0;
    };
    struct Side {
        ActorId actor = 0;
        ConnectionId id;
        bool open = false;
        bool deaf = false;    ///< something was lost on the way here: nothing more arrives
        Instant lastArrival;  ///< frames to this side arrive in order
    };
    struct Link {
        Side sides[2];
        io::Listener listener = io::Listener::Client;
    };
    struct DiskState {
        Disk disk;
        std::uint32_t life = 0;
    };

    static constexpr std::int64_t kWallStartMs = 1'760'000'000'000;

    void happen(const Upcoming& event, Bytes payload);
    std::optional<ActorId> subjectActor(const Upcoming& event) const;
    void deliver(const Upcoming& event, Bytes payload);
    void onDialArrives(const Upcoming& event);
    void onDiskDone(const Upcoming& event);
    void onResume(const Upcoming& event);
    void stepCore(ActorId id, const io::Event& event);
    void settle(ActorId id, io::Effects effects);
    void perform(ActorId id, io::Effect& effect);
    void send(ActorId id, ConnectionId connection, const Chain& frame);
    void dial(ActorId id, const io::Dial& dial);
    void closeLink(ActorId id, ConnectionId connection);
    void tellPeerClosed(std::uint32_t link, std::uint8_t side);
    void scheduleWake(ActorId id);
    std::int64_t travel(HostId from, HostId to);
    Instant arrival(std::uint32_t link, std::uint8_t side);
    bool isLost(HostId from, HostId to, std::uint32_t link, std::uint8_t side);
    void breakLink(std::uint32_t link, Instant at);
    void say(ActorId id, const std::string& what);

    Prng m_networkRandom;
    Prng m_diskRandom;
    NetworkTimes m_times;
    Instant m_now{1'000'000'000};
    std::uint64_t m_steps = 0;
    TraceHash m_trace;
    EventQueue m_queue;
    std::vector<Actor> m_actors;
    std::vector<Link> m_links;
    std::vector<DiskState> m_disks;
    std::map<std::pair<std::int32_t, io::Listener>, ActorId> m_routes;
    std::map<std::pair<std::string, std::int32_t>, BrokerId> m_addresses;
    std::map<std::pair<HostId, HostId>, Instant> m_clogs;
    std::map<std::pair<HostId, HostId>, Instant> m_cuts;
    std::map<std::pair<HostId, HostId>, Trouble> m_troubles;
    io::Effects m_scratch;
    TraceSink m_sink;
};

}  // namespace odradek::sim
