// SPDX-License-Identifier: GPL-3.0-or-later
// What befalls a trial's cluster, one planned fault after the other.
#include <algorithm>

#include <fmt/format.h>

#include "engine/runtime/sim/trial.h"

namespace odradek::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t kWallStepsMax = 20 * 60'000;  ///< ms; message timestamps may not lie too far off
constexpr std::uint32_t kExtraTopicsMax = 6;
constexpr std::string_view kOffsetsTopic = "__consumer_offsets";

}  // namespace

void Trial::tell(const std::string& what) {
    m_history.push_back(
        fmt::format("{:>9.3f} s  {}", std::chrono::duration<double>(m_world.now().at - m_start).count(),
                    what));
}

int Trial::nodesDown() const {
    return static_cast<int>(std::count_if(m_cluster.nodes().begin(), m_cluster.nodes().end(),
                                          [](const auto& node) { return !node.up; }));
}

BrokerId Trial::anyNode(bool up, Prng& random) const {
    std::vector<BrokerId> some;
    for (const auto& node : m_cluster.nodes())
        if (node.up == up && (m_suspect.value < 0 || m_suspect == node.id))
            some.push_back(node.id);
    return some.empty() ? BrokerId(-1) : some[random.below(some.size())];
}

/// A node that leads a partition, groups' offsets included.
BrokerId Trial::anyLeader(Prng& random) const {
    std::vector<std::int32_t> leaders;
    if (const auto* controller = m_cluster.controller(m_world))
        for (const auto& [id, topic] : controller->image().topics())
            for (const auto& partition : topic->partitions)
                if (partition->hasLeader()) {
                    leaders.push_back(partition->leader);
                    if (topic->name == kOffsetsTopic)  // one of few, but the more interesting
                        leaders.insert(leaders.end(), 2, partition->leader);
                }
    if (leaders.empty())
        return anyNode(true, random);
    const BrokerId leader(leaders[random.below(leaders.size())]);
    const bool may = m_suspect.value < 0 || m_suspect == leader;
    return m_cluster.node(leader).up && may ? leader : anyNode(true, random);
}

/// Of a node, or of a client.
HostId Trial::anyHost(Prng& random) const {
    const auto nodes = m_cluster.nodes().size();
    return random.chance(1, 2)
               ? static_cast<HostId>(1 + random.below(nodes))
               : static_cast<HostId>(101 + random.between(0, m_lastHost - 101));
}

/// All nodes serve and all replicas are in sync, as the controller and the leaders see it.
bool Trial::isrIsWhole() const {
    const auto* controller = m_cluster.controller(m_world);
    return controller != nullptr && controller->isActive() && nodesDown() == 0 &&
           !notLive(m_world, m_cluster, BrokerId(-1)).has_value();
}

void Trial::injectNumber(std::uint32_t index) {
    const auto& planned = m_plan[index];
    if (m_options.without.contains(index))
        return;
    // Only a node that runs can fall behind, so a sure pause waits until all do.
    const bool mayNow = !planned.sure || planned.fault != Fault::Pause || nodesDown() == 0;
    auto what = mayNow ? inject(planned, Prng(planned.seed)) : std::string();
    if (what.empty()) {
        if (planned.sure)
            m_laters.push_back({.at = m_world.now().at + milliseconds(100),
                                .what = Later::What::Again,
                                .node = BrokerId(-1),
                                .deadline = {},
                                .fault = index});
        return;
    }
    ++m_faults[nameOf(planned.fault)];
    m_happened.insert(index);
    tell(fmt::format("#{} {}", index, what));
}

/// Says what was done; empty when nothing could be.
std::string Trial::inject(const PlannedFault& planned, Prng random) {
    switch (planned.fault) {
        case Fault::Crash:
        case Fault::CrashLeader:
        case Fault::PowerCut:
        case Fault::Blackout:
        case Fault::Pause:
        case Fault::ClockStep:
        case Fault::ClockDrift:
        case Fault::Wipe:
        case Fault::StopNode:
        case Fault::RollingRestart:
            return injectIntoNode(planned, random);
        case Fault::Clog:
        case Fault::Cut:
        case Fault::Isolate:
        case Fault::Lossy:
        case Fault::Reset:
            return injectIntoNetwork(planned, random);
        case Fault::SlowDisk:
        case Fault::FullDisk:
        case Fault::DiskErrors:
        case Fault::BitRot:
        case Fault::LostWrite:
        case Fault::MisplacedWrite:
            return injectIntoDisk(planned, random);
        case Fault::CreateTopic:
        case Fault::DeleteTopic:
        case Fault::GrowTopic:
        case Fault::ChangeConfig:
            return injectIntoTopics(planned, random);
        case Fault::MemberDies:
        case Fault::MemberLeaves:
            return injectIntoGroup(planned, random);
        case Fault::kCount:
            break;
    }
    return {};
}

// ---- Nodes
// -----------------------------------------------------------------------------------------------------

std::string Trial::crash(BrokerId node, bool power, Prng& random) {
    if (node.value < 0 || !m_cluster.node(node).up)
        return {};
    m_cluster.crash(m_world, node, power);
    std::erase_if(m_laters, [&](const auto& one) {
        return one.node == node && one.what == Later::What::LookStopped;
    });
    const auto pause =
        random.chance(1, 3) ? random.between(1, 100) : random.between(100, 5'000);
    m_laters.push_back({m_world.now().at + milliseconds(pause), Later::What::Restart, node, {}, 0});
    return fmt::format("node {} {}; back after {} ms", node.value,
                       power ? "loses power" : "is killed", pause);
}

std::string Trial::blackout(Prng& random) {
    const bool power = m_flushEach && random.chance(2, 3);
    std::string what = "blackout";
    for (const auto& node : m_cluster.nodes())
        if (node.up)
            what += ": " + crash(node.id, power, random);
    for (auto& later : m_laters)
        if (later.what == Later::What::Restart)
            later.at = std::min(later.at, m_world.now().at + milliseconds(random.between(50, 1'500)));
    return what;
}

/// Never where records could be nowhere else, or where a change of the ISR under way could make it so.
std::string Trial::wipe(Prng& random) {
    if (!isrIsWhole() || !m_world.isWell() || !m_rolling.empty() ||
        std::any_of(m_laters.begin(), m_laters.end(),
                    [](const auto& one) { return one.what == Later::What::LookStopped; }))
        return {};
    std::vector<BrokerId> some;
    for (const auto& node : m_cluster.nodes())
        if (!node.controller)
            some.push_back(node.id);
    if (some.empty())
        return {};
    const auto node = some[random.below(some.size())];
    m_cluster.crash(m_world, node, false);
    m_cluster.replaceDisk(m_world, node);
    m_suspect = node;  // until it holds everything again
    m_wiped = true;
    const auto pause = random.between(50, 3'000);
    m_laters.push_back({m_world.now().at + milliseconds(pause), Later::What::Restart, node, {}, 0});
    return fmt::format("node {} dies and gets a new disk; back after {} ms", node.value, pause);
}

std::string Trial::stopNode(BrokerId node) {
    if (node.value < 0 || !m_cluster.node(node).up)
        return {};
    m_cluster.beginStop(m_world, node);
    const auto now = m_world.now().at;
    m_laters.push_back({now + milliseconds(20), Later::What::LookStopped, node, now + seconds(6), 0});
    return fmt::format("node {} is asked to stop", node.value);
}

std::string Trial::injectIntoNode(const PlannedFault& planned, Prng& random) {
    const auto now = m_world.now().at;
    const bool mayFall = nodesDown() < m_downMax;
    switch (planned.fault) {
        case Fault::Crash:
        case Fault::PowerCut:
            return mayFall ? crash(anyNode(true, random), planned.fault == Fault::PowerCut, random)
                           : std::string();
        case Fault::CrashLeader:
            return mayFall ? crash(anyLeader(random), m_flushEach && random.chance(1, 3), random)
                           : std::string();
        case Fault::Blackout:
            return m_suspect.value < 0 ? blackout(random) : std::string();
        case Fault::Pause: {
            const auto node = anyNode(true, random);
            if (node.value < 0)
                return {};
            const auto longest = std::max(m_lagMs * 3, m_sessionMs * 2);
            const auto pause = !planned.sure && random.chance(1, 3) ? random.between(m_lagMs / 4, m_lagMs)
                                                   : random.between(m_lagMs * 2, longest);
            m_cluster.pause(m_world, node, now + milliseconds(pause));
            return fmt::format("node {} pauses for {} ms", node.value, pause);
        }
        case Fault::ClockStep: {
            const auto node = static_cast<HostId>(1 + random.below(m_cluster.nodes().size()));
            const auto most = random.chance(1, 2) ? 2'000 : kWallStepsMax;
            const auto by = random.between(-most, most);
            if (std::abs(m_wallSteps + by) > kWallStepsMax)
                return {};
            m_wallSteps += by;
            m_world.stepWallClock(node, by);
            return fmt::format("the wall clock of node {} jumps by {} ms", node, by);
        }
        case Fault::ClockDrift: {
            const auto node = static_cast<HostId>(1 + random.below(m_cluster.nodes().size()));
            const auto drift = random.between(-20'000, 20'000);
            m_world.setDrift(node, drift);
            return fmt::format("the clock of node {} is off by {} in a million", node, drift);
        }
        case Fault::Wipe:
            return m_options.wipes && m_suspect.value < 0 ? wipe(random) : std::string();
        case Fault::StopNode:
            return mayFall ? stopNode(anyNode(true, random)) : std::string();
        case Fault::RollingRestart:
            if (!m_rolling.empty() || nodesDown() > 0 || m_suspect.value >= 0)
                return {};
            for (const auto& node : m_cluster.nodes())
                m_rolling.push_back(node.id);
            std::rotate(m_rolling.begin(), m_rolling.begin() + static_cast<std::ptrdiff_t>(
                                               random.below(m_rolling.size())),
                        m_rolling.end());
            m_laters.push_back({now, Later::What::StopNext, BrokerId(-1), {}, 0});
            return "a rolling restart begins";
        default:
            return {};
    }
}

void Trial::restart(BrokerId node) {
    if (m_cluster.node(node).up)
        return;
    tell(fmt::format("node {} starts", node.value));
    if (auto booted = m_cluster.start(m_world, node); !booted)
        violate(fmt::format("node {} does not boot: {}", node.value, booted.error().message));
}

void Trial::lookStopped(const Later& later) {
    if (!m_cluster.node(later.node).up)
        return;
    const auto now = m_world.now().at;
    const bool stopped = m_cluster.hasStopped(m_world, later.node);
    if (!stopped && now < later.deadline && m_phase == Phase::Faults) {
        m_laters.push_back({now + milliseconds(20), Later::What::LookStopped, later.node, later.deadline, 0});
        return;
    }
    // Stopped, or its patience has come to an end, as a supervisor's has.
    m_cluster.crash(m_world, later.node, false);
    tell(fmt::format("node {} {}", later.node.value, stopped ? "has stopped" : "is killed while stopping"));
    m_laters.push_back({now + milliseconds(100), Later::What::Restart, later.node, {}, 0});
    if (!m_rolling.empty())
        m_laters.push_back({now + milliseconds(m_lagMs), Later::What::StopNext, BrokerId(-1), {}, 0});
}

void Trial::doLater(const Later& later) {
    const auto now = m_world.now().at;
    switch (later.what) {
        case Later::What::Restart:
            return restart(later.node);
        case Later::What::SpeedUp:
            return m_world.disk(m_cluster.node(later.node).disk).setSlowness(1);
        case Later::What::HealDisk:
            return m_world.disk(m_cluster.node(later.node).disk).setTrouble({});
        case Later::What::EndTrouble:
            for (const auto a : m_troubled)
                for (const auto b : m_troubled)
                    m_world.setTrouble(a, b, {});
            return m_troubled.clear();
        case Later::What::StopNext:
            if (m_rolling.empty())
                return;
            if (nodesDown() > 0) {  // another fault came between: waits for it to end
                m_laters.push_back({now + milliseconds(200), Later::What::StopNext, BrokerId(-1), {}, 0});
                return;
            }
            if (auto what = stopNode(m_rolling.front()); !what.empty())
                tell(what);
            m_rolling.pop_front();
            return;
        case Later::What::LookStopped:
            return lookStopped(later);
        case Later::What::Insist:
            m_insisted = true;
            return m_world.with(m_admin, [](io::Core& core, Now at, io::Effects& effects) {
                static_cast<AdminApp&>(core).insist(at, effects);
            });
        case Later::What::Again:
            if (m_phase == Phase::Faults)
                injectNumber(later.fault);
            return;
    }
}

// ---- Network
// ---------------------------------------------------------------------------------------------------

std::string Trial::injectIntoNetwork(const PlannedFault& planned, Prng& random) {
    if (m_suspect.value >= 0)
        return {};  // a node that is not heard counts as failed
    const auto now = m_world.now().at;
    const auto nodes = m_cluster.nodes().size();
    const auto a = static_cast<HostId>(1 + random.below(nodes));
    switch (planned.fault) {
        case Fault::Clog: {
            const auto b = anyHost(random);
            const auto ms = random.between(10, m_lagMs * 2);
            m_world.clog(a, b, now + milliseconds(ms));
            const bool both = random.chance(1, 2);
            if (both)
                m_world.clog(b, a, now + milliseconds(ms));
            return fmt::format("hosts {} and {} are clogged {} for {} ms", a, b,
                               both ? "both ways" : "one way", ms);
        }
        case Fault::Cut: {
            const auto b = anyHost(random);
            const auto ms = random.between(100, m_lagMs * 3);
            const auto ways = random.below(3);
            if (ways != 1)
                m_world.cut(a, b, now + milliseconds(ms));
            if (ways != 0)
                m_world.cut(b, a, now + milliseconds(ms));
            return fmt::format("hosts {} {} {} are cut for {} ms", a,
                               ways == 0 ? "to" : ways == 1 ? "from" : "and", b, ms);
        }
        case Fault::Isolate: {
            const auto ms = random.between(m_sessionMs / 2, m_sessionMs * 3);
            const auto ways = random.below(3);
            for (const auto& node : m_cluster.nodes()) {
                if (node.id.value == a)
                    continue;
                if (ways != 1)
                    m_world.cut(a, node.id.value, now + milliseconds(ms));
                if (ways != 0)
                    m_world.cut(node.id.value, a, now + milliseconds(ms));
            }
            return fmt::format("node {} {} the others for {} ms", a,
                               ways == 0   ? "is not heard by"
                               : ways == 1 ? "does not hear"
                                           : "neither hears nor is heard by",
                               ms);
        }
        case Fault::Lossy: {
            if (!m_troubled.empty())
                return {};
            for (const auto& node : m_cluster.nodes())
                m_troubled.insert(node.id.value);
            for (int i = 0; i < 2; ++i)
                m_troubled.insert(anyHost(random));
            const Trouble trouble{static_cast<std::uint32_t>(random.between(0, 20)),
                                  static_cast<std::uint32_t>(random.between(0, 40))};
            for (const auto x : m_troubled)
                for (const auto y : m_troubled)
                    if (x != y)
                        m_world.setTrouble(x, y, trouble);
            const auto ms = random.between(200, 3'000);
            m_laters.push_back({now + milliseconds(ms), Later::What::EndTrouble, BrokerId(-1), {}, 0});
            return fmt::format("of 1000 frames {} are lost and {} come twice, for {} ms",
                               trouble.loss, trouble.duplicate, ms);
        }
        case Fault::Reset: {
            const auto b = anyHost(random);
            m_world.resetConnections(a, b);
            return fmt::format("the connections between hosts {} and {} break", a, b);
        }
        default:
            return {};
    }
}

// ---- Disks
// -----------------------------------------------------------------------------------------------------

std::string Trial::injectIntoDisk(const PlannedFault& planned, Prng& random) {
    const auto now = m_world.now().at;
    const auto node = m_suspect.value < 0
                          ? BrokerId(static_cast<std::int32_t>(1 + random.below(m_cluster.nodes().size())))
                          : m_suspect;
    auto& disk = m_world.disk(m_cluster.node(node).disk);
    const auto isOfRecords = [&](const std::string& path) {
        return path.starts_with("topic") && path.ends_with(".log");
    };
    switch (planned.fault) {
        case Fault::SlowDisk: {
            const auto factor = random.between(5, 100);
            const auto ms = random.between(50, 2'000);
            disk.setSlowness(factor);
            m_laters.push_back({now + milliseconds(ms), Later::What::SpeedUp, node, {}, 0});
            return fmt::format("the disk of node {} is {} times slower for {} ms", node.value, factor, ms);
        }
        case Fault::FullDisk: {
            const auto ms = random.between(100, 4'000);
            disk.setTrouble({.full = true});
            m_laters.push_back({now + milliseconds(ms), Later::What::HealDisk, node, {}, 0});
            return fmt::format("the disk of node {} is full for {} ms", node.value, ms);
        }
        case Fault::DiskErrors: {
            DiskTrouble trouble;
            const auto perMille = static_cast<std::uint32_t>(random.between(1, 200));
            const auto kind = random.below(3);
            (kind == 0   ? trouble.readErrors
             : kind == 1 ? trouble.writeErrors
                         : trouble.flushErrors) = perMille;
            const auto ms = random.between(50, 1'500);
            disk.setTrouble(trouble);
            m_laters.push_back({now + milliseconds(ms), Later::What::HealDisk, node, {}, 0});
            return fmt::format("{} of 1000 {} of node {} fail for {} ms", perMille,
                               kind == 0 ? "reads" : kind == 1 ? "writes" : "flushes", node.value, ms);
        }
        case Fault::BitRot: {
            // At most one replica of a partition rots, and nobody else fails any more.
            if (!isrIsWhole())
                return {};
            const auto where = disk.rot(random, isOfRecords);
            if (!where)
                return {};
            m_suspect = node;
            return fmt::format("a bit of node {} rots: {}", node.value, *where);
        }
        case Fault::LostWrite:
        case Fault::MisplacedWrite: {
            if (!isrIsWhole())
                return {};
            const auto& partition = m_partitions[random.below(m_partitions.size())];
            const auto folder = fmt::format("{}-{}", partition.topic, partition.partition);
            disk.misplaceNextWrite(folder, planned.fault == Fault::MisplacedWrite);
            m_suspect = node;
            return fmt::format("the next write of node {} to {} {}", node.value, folder,
                               planned.fault == Fault::MisplacedWrite ? "goes elsewhere" : "is lost");
        }
        default:
            return {};
    }
}

// ---- Topics and groups
// -----------------------------------------------------------------------------------------

std::string Trial::injectIntoTopics(const PlannedFault& planned, Prng& random) {
    const auto& admin = *static_cast<const AdminApp*>(m_world.core(m_admin));
    std::string what;
    const auto ask = [&](auto call) {
        m_world.with(m_admin, [&](io::Core& core, Now now, io::Effects& effects) {
            call(static_cast<AdminApp&>(core), now, effects);
        });
    };
    std::vector<std::pair<std::string, std::int32_t>> extra(admin.topics().begin(),
                                                            admin.topics().end());
    if (planned.fault == Fault::CreateTopic) {
        if (extra.size() >= kExtraTopicsMax)
            return {};
        // Names come again: the topic is another one then.
        auto name = fmt::format("extra{}", random.below(kExtraTopicsMax));
        if (admin.topics().contains(name))
            return {};
        const auto partitions = static_cast<std::int32_t>(random.between(1, 3));
        what = fmt::format("topic {} is wanted, with {} partitions", name, partitions);
        ask([&](AdminApp& app, Now now, io::Effects& effects) {
            app.createTopic(now, name, partitions, effects);
        });
    } else if (planned.fault == Fault::ChangeConfig) {
        const auto& topic = m_topics[random.below(m_topics.size())].name;
        const bool bytes = random.chance(1, 2);
        const std::string key = bytes ? "segment.bytes" : "segment.ms";
        const auto value = std::to_string(bytes ? random.between(1 << 20, 4 << 20)
                                                : random.between(500, 20'000));
        what = fmt::format("{} of {} is to be {}", key, topic, value);
        ask([&](AdminApp& app, Now now, io::Effects& effects) {
            app.setConfig(now, topic, key, value, effects);
        });
    } else if (!extra.empty()) {
        const auto& [name, partitions] = extra[random.below(extra.size())];
        const bool grows = planned.fault == Fault::GrowTopic;
        if (grows && partitions >= 6)
            return {};
        what = fmt::format("topic {} is to {}", name, grows ? "grow" : "go");
        ask([&](AdminApp& app, Now now, io::Effects& effects) {
            if (grows)
                app.growTopic(now, name, partitions + 1, effects);
            else
                app.deleteTopic(now, name, effects);
        });
    }
    return what;
}

std::string Trial::injectIntoGroup(const PlannedFault& planned, Prng& random) {
    const auto place = random.below(m_group.size());
    const auto ms = random.between(50, 4'000);
    const bool dies = planned.fault == Fault::MemberDies;
    m_world.with(m_group[place], [&](io::Core& core, Now now, io::Effects& effects) {
        auto& member = static_cast<GroupMemberApp&>(core);
        if (dies)
            member.die(now, now.at + milliseconds(ms), effects);
        else
            member.leave(now, now.at + milliseconds(ms), effects);
    });
    return fmt::format("member {} of the group {}; back after {} ms", place,
                       dies ? "dies" : "leaves", ms);
}

}  // namespace odradek::sim
