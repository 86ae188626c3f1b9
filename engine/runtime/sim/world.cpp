// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/sim/world.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/check.h"

namespace odradek::sim {
namespace {

/// A connection on which something was lost breaks within this time; a dial nobody answers fails then.
constexpr std::int64_t kBreakMinNs = 100'000'000;
constexpr std::int64_t kBreakMaxNs = 4'000'000'000;

/// More steps than this of one core at one instant: it asks for ticks without getting anywhere.
constexpr std::uint32_t kStepsAtOnceMax = 100'000;

std::string text(const io::Event& event) {
    struct Words {
        std::string operator()(const io::Tick&) { return "tick"; }
        std::string operator()(const io::Accepted& e) {
            return fmt::format("accepted {}", e.connection.value);
        }
        std::string operator()(const io::FrameIn& e) {
            return fmt::format("frame of {} bytes on {:x}", e.frame.size(), e.connection.value);
        }
        std::string operator()(const io::Closed& e) {
            return fmt::format("closed {:x}", e.connection.value);
        }
        std::string operator()(const io::Connected& e) {
            return fmt::format("connected {:x}", e.connection.value);
        }
        std::string operator()(const io::DiskDone& e) {
            return fmt::format("disk done {:x}{}", e.op,
                               e.data ? "" : ": " + e.data.error().message);
        }
    };
    return std::visit(Words{}, event);
}

}  // namespace

World::World(std::uint64_t seed, NetworkTimes times) : m_times(times) {
    Prng random(seed);
    m_networkRandom = random.fork();
    m_diskRandom = random.fork();
}

World::World(const World& other)
    : m_networkRandom(other.m_networkRandom),
      m_diskRandom(other.m_diskRandom),
      m_times(other.m_times),
      m_now(other.m_now),
      m_steps(other.m_steps),
      m_trace(other.m_trace),
      m_queue(other.m_queue),
      m_links(other.m_links),
      m_disks(other.m_disks),
      m_routes(other.m_routes),
      m_addresses(other.m_addresses),
      m_clogs(other.m_clogs),
      m_cuts(other.m_cuts),
      m_troubles(other.m_troubles) {
    for (const auto& actor : other.m_actors) {
        auto& copy = m_actors.emplace_back();
        copy.name = actor.name;
        copy.clock = actor.clock;
        copy.host = actor.host;
        copy.disk = actor.disk;
        copy.core = actor.core ? actor.core->clone() : nullptr;
        copy.life = actor.life;
        copy.wakeAt = actor.wakeAt;
        copy.paused = actor.paused;
        copy.pausedUntil = actor.pausedUntil;
        copy.held = actor.held;
        copy.connections = actor.connections;
        copy.accepted = actor.accepted;
        copy.lastStep = actor.lastStep;
        copy.stepsAtOnce = actor.stepsAtOnce;
    }
}

World& World::operator=(const World& other) {
    if (this != &other)
        *this = World(other);
    return *this;
}

// ---- Set-up
// ----------------------------------------------------------------------------------------------------

DiskId World::addDisk(DiskTimes times, bool losesPower) {
    m_disks.push_back({Disk(m_diskRandom.next(), times, losesPower), 0});
    return static_cast<DiskId>(m_disks.size() - 1);
}

ActorId World::addActor(std::string name, HostId host, std::optional<DiskId> disk) {
    auto& actor = m_actors.emplace_back();
    actor.name = std::move(name);
    actor.host = host;
    actor.disk = disk;
    actor.clock.base = actor.clock.localBase = m_now;
    return static_cast<ActorId>(m_actors.size() - 1);
}

void World::start(ActorId id, std::unique_ptr<io::Core> core, io::Effects bootEffects) {
    auto& actor = m_actors[id];
    ODRADEK_CHECK(!actor.core, "one core at a time lives in a place");
    actor.core = std::move(core);
    actor.wakeAt = Instant::never();
    m_trace.add(0x5354415254ull + id);
    if (m_sink)
        say(id, "starts");
    settle(id, std::move(bootEffects));
}

void World::drop(ActorId id) {
    auto& actor = m_actors[id];
    if (!actor.core)
        return;
    m_trace.add(0x44524f50ull + id);
    if (m_sink)
        say(id, "dies");
    actor.core.reset();
    ++actor.life;
    actor.paused = false;
    for (const auto& [event, payload] : std::exchange(actor.held, {}))
        if (event.what == Happening::DialArrives)  // nobody will ever accept it
            m_queue.push({.at = arrival(event.subject, 0),
                          .subject = event.subject,
                          .what = Happening::DialFailed,
                          .side = 0});
    for (const auto& [connection, place] : std::exchange(actor.connections, {})) {
        m_links[place.link].sides[place.side].open = false;
        tellPeerClosed(place.link, static_cast<std::uint8_t>(1 - place.side));
    }
}

// ---- Faults
// ----------------------------------------------------------------------------------------------------

void World::crashDisk(DiskId id, bool power) {
    auto& state = m_disks[id];
    ++state.life;
    if (power)
        state.disk.powerCut();
    else
        state.disk.kill();
}

void World::pause(ActorId id, Instant until) {
    auto& actor = m_actors[id];
    if (!actor.core || actor.paused)
        return;
    actor.paused = true;
    actor.pausedUntil = until;
    if (m_sink)
        say(id, fmt::format("pauses for {} ms", (until - m_now).count() / 1'000'000));
    m_queue.push({.at = until, .subject = id, .life = actor.life, .what = Happening::Resume});
}

void World::resume(ActorId id) {
    auto& actor = m_actors[id];
    if (!actor.paused)
        return;
    actor.pausedUntil = m_now;
    m_queue.push({.at = m_now, .subject = id, .life = actor.life, .what = Happening::Resume});
}

void World::clog(HostId from, HostId to, Instant until) {
    auto& mine = m_clogs[{from, to}];
    mine = std::max(mine, until);
}

void World::cut(HostId from, HostId to, Instant until) {
    auto& mine = m_cuts[{from, to}];
    mine = std::max(mine, until);
}

void World::setTrouble(HostId from, HostId to, Trouble trouble) {
    if (trouble.loss == 0 && trouble.duplicate == 0)
        m_troubles.erase({from, to});
    else
        m_troubles[{from, to}] = trouble;
}

void World::healNetwork() {
    m_clogs.clear();
    m_cuts.clear();
    m_troubles.clear();
    for (std::uint32_t i = 0; i < m_links.size(); ++i)
        if (m_links[i].sides[0].deaf || m_links[i].sides[1].deaf)
            breakLink(i, m_now);
}

bool World::isWell() const {
    const auto over = [&](const auto& one) { return one.second <= m_now; };
    return m_troubles.empty() && std::all_of(m_clogs.begin(), m_clogs.end(), over) &&
           std::all_of(m_cuts.begin(), m_cuts.end(), over) &&
           std::none_of(m_actors.begin(), m_actors.end(),
                        [](const auto& actor) { return actor.paused; });
}

/// Both sides are told that a connection is no more.
void World::breakLink(std::uint32_t link, Instant at) {
    for (std::uint8_t side = 0; side < 2; ++side)
        m_queue.push({.at = at, .subject = link, .what = Happening::Broken, .side = side});
}

/// Whether what is sent now from one host to another never arrives; then nothing more does on that connection.
bool World::isLost(HostId from, HostId to, std::uint32_t link, std::uint8_t side) {
    auto& end = m_links[link].sides[side];
    if (end.deaf)
        return true;
    bool lost = false;
    if (!m_cuts.empty())
        if (const auto cut = m_cuts.find({from, to}); cut != m_cuts.end())
            lost = cut->second > m_now;
    if (!lost && !m_troubles.empty())
        if (const auto trouble = m_troubles.find({from, to}); trouble != m_troubles.end())
            lost = m_networkRandom.chance(trouble->second.loss, 1000);
    if (lost) {
        end.deaf = true;
        breakLink(link, m_now + Nanoseconds(m_networkRandom.between(kBreakMinNs, kBreakMaxNs)));
    }
    return lost;
}

Instant World::Clock::world(Instant wanted) const {
    if (wanted == Instant::never())
        return wanted;
    if (wanted <= localBase)
        return base;
    const auto shown = (wanted - localBase).count();
    if (perMillion == 0)
        return base + Nanoseconds(shown);
    // Nearly right; then the last steps, so that rounding never wakes too early.
    auto passed = shown - shown / (1'000'000 + perMillion) * perMillion;
    while (local(base + Nanoseconds(passed)) < wanted)
        passed += 1'000;
    return base + Nanoseconds(passed);
}

Now World::nowOf(ActorId id) const {
    const auto& clock = m_actors[id].clock;
    const auto local = clock.local(m_now);
    return {local, kWallStartMs + local.ns / 1'000'000 + clock.wallOffsetMs};
}

void World::setDrift(HostId host, std::int64_t perMillion) {
    for (ActorId id = 0; id < m_actors.size(); ++id) {
        auto& actor = m_actors[id];
        if (actor.host != host)
            continue;
        actor.clock.localBase = actor.clock.local(m_now);
        actor.clock.base = m_now;
        actor.clock.perMillion = perMillion;
        actor.wakeAt = Instant::never();  // what was queued was reckoned with the old pace
        if (actor.core)
            scheduleWake(id);
    }
}

void World::stepWallClock(HostId host, std::int64_t byMs) {
    for (auto& actor : m_actors)
        if (actor.host == host)
            actor.clock.wallOffsetMs += byMs;
}

void World::resetConnections(HostId a, HostId b) {
    for (std::uint32_t i = 0; i < m_links.size(); ++i) {
        auto& link = m_links[i];
        if (!link.sides[0].open || !link.sides[1].open)
            continue;
        const auto x = m_actors[link.sides[0].actor].host;
        const auto y = m_actors[link.sides[1].actor].host;
        if (!((x == a && y == b) || (x == b && y == a)))
            continue;
        for (std::uint8_t side = 0; side < 2; ++side) {
            // Closed at once on both sides: frames under way find nobody.
            m_queue.push({.at = m_now + Nanoseconds(travel(a, b)),
                          .subject = i,
                          .what = Happening::OwnClosed,
                          .side = side});
            auto& end = link.sides[side];
            end.open = false;
        }
    }
}

// ---- Network
// ---------------------------------------------------------------------------------------------------

std::int64_t World::travel(HostId from, HostId to) {
    if (from == to)
        return m_networkRandom.between(m_times.localMinNs, m_times.localMaxNs);
    auto ns = m_networkRandom.between(m_times.minNs, m_times.maxNs);
    if (m_times.spikePerMille > 0 && m_networkRandom.chance(m_times.spikePerMille, 1000))
        ns += m_networkRandom.between(0, m_times.spikeMaxNs);
    return ns;
}

/// When something sent now arrives at that side of a link: after all that was sent before.
Instant World::arrival(std::uint32_t link, std::uint8_t side) {
    auto& to = m_links[link].sides[side];
    const auto fromHost = m_actors[m_links[link].sides[1 - side].actor].host;
    const auto toHost = m_actors[to.actor].host;
    Instant at = m_now + Nanoseconds(travel(fromHost, toHost));
    if (!m_clogs.empty())
        if (const auto clog = m_clogs.find({fromHost, toHost}); clog != m_clogs.end())
            at = std::max(at, clog->second);
    at = std::max(at, to.lastArrival + Nanoseconds(1));
    to.lastArrival = at;
    return at;
}

void World::send(ActorId id, ConnectionId connection, const Chain& frame) {
    const auto found = m_actors[id].connections.find(connection.value);
    if (found == m_actors[id].connections.end())
        return;
    const auto [link, side] = found->second;
    const auto other = static_cast<std::uint8_t>(1 - side);
    if (!m_links[link].sides[side].open || !m_links[link].sides[other].open)
        return;
    const auto from = m_actors[id].host;
    const auto to = m_actors[m_links[link].sides[other].actor].host;
    if ((!m_cuts.empty() || !m_troubles.empty() || m_links[link].sides[other].deaf) &&
        isLost(from, to, link, other))
        return;
    auto bytes = frame.flatten();
    if (!m_troubles.empty())
        if (const auto trouble = m_troubles.find({from, to});
            trouble != m_troubles.end() &&
            m_networkRandom.chance(trouble->second.duplicate, 1000)) {
            if (m_sink)
                say(id, "its frame arrives twice");
            m_queue.pushFrame({.at = arrival(link, other),
                               .subject = link,
                               .what = Happening::Frame,
                               .side = other},
                              bytes);
        }
    m_queue.pushFrame(
        {.at = arrival(link, other), .subject = link, .what = Happening::Frame, .side = other},
        std::move(bytes));
}

void World::dial(ActorId id, const io::Dial& dial) {
    std::optional<ActorId> target;
    auto node = dial.node;
    if (!dial.host.empty()) {
        const auto known = m_addresses.find({dial.host, dial.port});
        node = known == m_addresses.end() ? BrokerId(-1) : known->second;
    }
    if (const auto route = m_routes.find({node.value, dial.listener}); route != m_routes.end())
        target = route->second;
    const auto index = static_cast<std::uint32_t>(m_links.size());
    auto& link = m_links.emplace_back();
    link.listener = dial.listener;
    link.sides[0] = {.actor = id,
                     .id = dial.connection,
                     .open = true,
                     .deaf = false,
                     .lastArrival = m_now};
    link.sides[1] = {.actor = target.value_or(id),
                     .id = ConnectionId(0),
                     .open = false,
                     .deaf = false,
                     .lastArrival = m_now};
    m_actors[id].connections[dial.connection.value] = {index, 0};
    if (target && (!m_cuts.empty() || !m_troubles.empty()) &&
        isLost(m_actors[id].host, m_actors[*target].host, index, 1))
        return;  // fails when the link breaks
    if (target)
        m_queue.push(
            {.at = arrival(index, 1), .subject = index, .what = Happening::DialArrives, .side = 1});
    else
        m_queue.push({.at = m_now, .subject = index, .what = Happening::DialFailed, .side = 0});
}

void World::onDialArrives(const Upcoming& event) {
    auto& link = m_links[event.subject];
    auto& actor = m_actors[link.sides[1].actor];
    if (!link.sides[0].open)
        return;  // the dialler gave up or died
    if (!actor.core) {
        m_queue.push({.at = arrival(event.subject, 0),
                      .subject = event.subject,
                      .what = Happening::DialFailed,
                      .side = 0});
        return;
    }
    const ConnectionId id(++actor.accepted);
    link.sides[1].id = id;
    link.sides[1].open = true;
    actor.connections[id.value] = {event.subject, 1};
    const auto dialler = m_actors[link.sides[0].actor].host;
    if ((m_cuts.empty() && m_troubles.empty()) || !isLost(actor.host, dialler, event.subject, 0))
        m_queue.push({.at = arrival(event.subject, 0),
                  .subject = event.subject,
                  .what = Happening::DialUp,
                  .side = 0});
    stepCore(link.sides[1].actor,
             io::Accepted{id, link.listener, fmt::format("10.0.0.{}", dialler), dialler <= 100});
}

void World::tellPeerClosed(std::uint32_t link, std::uint8_t side) {
    const auto& to = m_links[link].sides[side];
    const auto from = m_actors[m_links[link].sides[1 - side].actor].host;
    if (to.open && (!m_cuts.empty() || !m_troubles.empty() || to.deaf) &&
        isLost(from, m_actors[to.actor].host, link, side))
        return;  // it hears of it when the link breaks
    if (to.open)
        m_queue.push({.at = arrival(link, side),
                      .subject = link,
                      .what = Happening::PeerClosed,
                      .side = side});
}

void World::closeLink(ActorId id, ConnectionId connection) {
    const auto found = m_actors[id].connections.find(connection.value);
    if (found == m_actors[id].connections.end())
        return;
    const auto [link, side] = found->second;
    auto& mine = m_links[link].sides[side];
    if (!mine.open)
        return;
    mine.open = false;
    tellPeerClosed(link, static_cast<std::uint8_t>(1 - side));
    m_queue.push({.at = m_now, .subject = link, .what = Happening::OwnClosed, .side = side});
}

// ---- Time
// ------------------------------------------------------------------------------------------------------

void World::runUntil(Instant until) {
    while (stepOnce(until)) {
    }
    m_now = std::max(m_now, until);
}

bool World::stepOnce(Instant until) {
    if (m_queue.empty() || m_queue.front().at > until)
        return false;
    const auto event = m_queue.pop();
    m_now = std::max(m_now, event.at);
    happen(event, event.payload != 0 ? m_queue.takePayload(event) : Bytes());
    return true;
}

std::optional<ActorId> World::subjectActor(const Upcoming& event) const {
    switch (event.what) {
        case Happening::Wake:
            return event.subject;
        case Happening::Frame:
        case Happening::PeerClosed:
        case Happening::Broken:
        case Happening::OwnClosed:
        case Happening::DialArrives:
        case Happening::DialUp:
        case Happening::DialFailed:
            return m_links[event.subject].sides[event.side].actor;
        case Happening::DiskDone:
        case Happening::Resume:
            return std::nullopt;
    }
    return std::nullopt;
}

void World::happen(const Upcoming& event, Bytes payload) {
    if (event.what == Happening::DiskDone)
        return onDiskDone(event);
    if (event.what == Happening::Resume)
        return onResume(event);
    const auto actor = subjectActor(event);
    if (actor && m_actors[*actor].paused && m_actors[*actor].core) {
        m_actors[*actor].held.emplace_back(event, std::move(payload));
        return;
    }
    deliver(event, std::move(payload));
}

void World::deliver(const Upcoming& event, Bytes payload) {
    if (event.what == Happening::Wake) {
        auto& actor = m_actors[event.subject];
        if (!actor.core || actor.life != event.life || actor.wakeAt != event.at)
            return;  // dead, or an earlier wake was asked for since
        actor.wakeAt = Instant::never();
        if (actor.core->nextWake() <= nowOf(event.subject).at)
            stepCore(event.subject, io::Tick{});
        else
            scheduleWake(event.subject);
        return;
    }
    if (event.what == Happening::DialArrives)
        return onDialArrives(event);
    auto& side = m_links[event.subject].sides[event.side];
    auto& actor = m_actors[side.actor];
    if (event.what == Happening::OwnClosed) {
        // Also of a side that is closed already: that is what it is told. Gone with its actor,
        // though.
        const auto found = actor.connections.find(side.id.value);
        if (found == actor.connections.end() || found->second.link != event.subject)
            return;
        actor.connections.erase(found);
        return stepCore(side.actor, io::Closed{side.id});
    }
    if (!side.open)
        return;
    switch (event.what) {
        case Happening::Frame:
            stepCore(side.actor, io::FrameIn{side.id, std::move(payload)});
            break;
        case Happening::DialUp:
            stepCore(side.actor, io::Connected{side.id});
            break;
        case Happening::PeerClosed:
        case Happening::Broken:
        case Happening::DialFailed:
            side.open = false;
            actor.connections.erase(side.id.value);
            stepCore(side.actor, io::Closed{side.id});
            break;
        default:
            break;
    }
}

void World::onDiskDone(const Upcoming& event) {
    auto& state = m_disks[event.subject];
    if (state.life != event.life)
        return;
    auto done = state.disk.complete(static_cast<Disk::Lane>(event.side), m_trace);
    if (done.op == 0)
        return;
    auto& actor = m_actors[done.actor];
    if (!actor.core)
        return;
    if (actor.paused) {
        // The bytes are on the disk; the news waits. Kept as a zero-length dial would be: in order
        // with the rest.
        actor.held.emplace_back(
            Upcoming{.at = m_now,
                     .sequence = done.op,
                     .subject = done.actor,
                     .life = done.data ? 0u : 1u,
                     .what = Happening::DiskDone},
            done.data ? std::move(*done.data) : Bytes::copy(done.data.error().message));
        return;
    }
    stepCore(done.actor, io::DiskDone{done.op, std::move(done.data)});
}

void World::onResume(const Upcoming& event) {
    const ActorId id = event.subject;
    if (m_actors[id].life != event.life || !m_actors[id].paused ||
        m_actors[id].pausedUntil != event.at)
        return;
    m_actors[id].paused = false;
    if (m_sink)
        say(id, "goes on");
    auto held = std::exchange(m_actors[id].held, {});
    for (auto& [one, payload] : held) {
        if (one.what != Happening::DiskDone)
            deliver(one, std::move(payload));
        else if (one.life == 0)
            stepCore(id, io::DiskDone{one.sequence, std::move(payload)});
        else
            stepCore(id, io::DiskDone{one.sequence, fail(ErrorCode::Io, payload.toString())});
    }
}

void World::say(ActorId id, const std::string& what) {
    m_sink(fmt::format("{:>13.6f} {:<12} {}", static_cast<double>(m_now.ns) / 1e9,
                       m_actors[id].name, what));
}

void World::stepCore(ActorId id, const io::Event& event) {
    auto& actor = m_actors[id];
    ++m_steps;
    m_trace.add(static_cast<std::uint64_t>(m_now.ns));
    m_trace.add((std::uint64_t{id} << 32) | event.index());
    if (const auto* in = std::get_if<io::FrameIn>(&event))
        m_trace.add(in->frame.span());
    if (m_sink)
        say(id, text(event));
    actor.stepsAtOnce = actor.lastStep == m_now ? actor.stepsAtOnce + 1 : 0;
    actor.lastStep = m_now;
    ODRADEK_CHECK(actor.stepsAtOnce < kStepsAtOnceMax, "a core gets somewhere when it is stepped");
    m_scratch.clear();
    actor.core->step(nowOf(id), event, m_scratch);
    for (auto& effect : m_scratch)
        perform(id, effect);
    scheduleWake(id);
}

void World::settle(ActorId id, io::Effects effects) {
    for (auto& effect : effects)
        perform(id, effect);
    if (m_actors[id].core)
        scheduleWake(id);
}

void World::scheduleWake(ActorId id) {
    auto& actor = m_actors[id];
    const auto wish = actor.core->nextWake();
    if (wish == Instant::never())
        return;
    const auto at = std::max(actor.clock.world(wish), m_now);
    if (at >= actor.wakeAt)
        return;
    actor.wakeAt = at;
    m_queue.push({.at = at, .subject = id, .life = actor.life, .what = Happening::Wake});
}

void World::perform(ActorId id, io::Effect& effect) {
    if (auto* out = std::get_if<io::SendFrame>(&effect)) {
        send(id, out->connection, out->frame);
    } else if (auto* wanted = std::get_if<io::Dial>(&effect)) {
        dial(id, *wanted);
    } else if (auto* close = std::get_if<io::CloseConnection>(&effect)) {
        closeLink(id, close->connection);
    } else if (auto* note = std::get_if<io::Note>(&effect)) {
        if (m_sink)
            say(id, "says: " + note->line.text);
    } else {
        ODRADEK_CHECK(m_actors[id].disk.has_value(), "a core that writes has a disk");
        auto& state = m_disks[*m_actors[id].disk];
        const auto accepted = state.disk.submit(m_now, id, std::move(effect));
        m_queue.push({.at = accepted.at,
                      .subject = *m_actors[id].disk,
                      .life = state.life,
                      .what = Happening::DiskDone,
                      .side = static_cast<std::uint8_t>(accepted.lane)});
    }
}

}  // namespace odradek::sim
