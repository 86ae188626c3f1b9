// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/disk_health.h"

#include <algorithm>
#include <vector>

#include "engine/broker/core.h"
#include "engine/broker/replica_roles.h"

namespace odradek::broker {
namespace {

constexpr std::int64_t kFirstRetryMs = 100;
constexpr std::int64_t kLongestRetryMs = 5000;
/// A disk that is just short of room takes a few bytes now and then; this much says that some was freed.
constexpr std::size_t kProbeBytes = 256 << 10;
constexpr const char* kProbeFile = "disk-probe.tmp";

void tryLater(Step& s) {
    auto& health = s.core.health;
    health.delayMs = health.delayMs == 0 ? kFirstRetryMs : std::min(health.delayMs * 2, kLongestRetryMs);
    health.retryAt = s.now.at + Milliseconds(health.delayMs);
}

void say(Step& s, LogLevel level, EventKind kind, const std::string& text) {
    s.note(level, text);
    s.core.events.add(s.now.wallMs, kind, "", -1, text);
}

void reviveReplicas(Step& s) {
    s.core.partitions.each([&s](Partition& partition) {
        if (!partition.failed || !partition.log.mayRevive())
            return;
        auto disk = s.disk();
        partition.log.revive(s.now, disk);
        replicaMayReturn(s, partition);
    });
}

void lookWhoIsBack(Step& s) {
    bool allBack = true;
    s.core.partitions.each([&](const Partition& partition) { allBack = allBack && !partition.failed; });
    if (!allBack)
        return;
    s.core.health = DiskHealth{};
    say(s, LogLevel::Info, EventKind::LogRestored, "the log directory is online again");
    heartbeatNow(s);
}

}  // namespace

void diskHasFailed(Step& s) {
    if (s.core.health.failed)
        return;
    s.core.health.failed = true;
    s.core.diskEverFailed = true;
    const auto* self = s.core.image.broker(s.core.id());
    s.core.health.fenceSeen = self == nullptr || self->fenced;
    tryLater(s);
    say(s, LogLevel::Error, EventKind::LogFailed,
        "the log directory is offline: asking to be fenced until its disk is well again");
    heartbeatNow(s);
}

void diskHealthTick(Step& s) {
    auto& health = s.core.health;
    if (!health.failed || health.retryAt > s.now.at || health.probe != 0)
        return;
    health.retryAt = Instant::never();
    health.probe = s.core.ops.next(0);
    s.core.diskWaits.emplace(health.probe, DiskWait{.kind = DiskWait::Kind::Probe});
    s.out.push_back(
        io::DiskReplace{health.probe, kProbeFile, Chain(Bytes::take(std::vector<std::uint8_t>(kProbeBytes)))});
}

void diskProbed(Step& s, const Result<Bytes>& result) {
    auto& health = s.core.health;
    health.probe = 0;
    if (!health.failed)
        return;
    s.out.push_back(io::DiskRemove{0, kProbeFile});
    if (result && health.fenceSeen)
        reviveReplicas(s);
    if (health.failed)
        tryLater(s);  // for those that do not come back by this
}

void replicaMayReturn(Step& s, Partition& partition) {
    if (!partition.failed || partition.log.failure() || partition.log.truncating() || !partition.log.idle())
        return;
    partition.failed = false;
    partition.highWatermark =
        std::clamp(partition.highWatermark, partition.log.logStart(), partition.log.logEnd());
    s.core.events.add(s.now.wallMs, EventKind::LogRestored, partition.topic, partition.index,
                      "the log is back, up to offset " + std::to_string(partition.log.logEnd().value));
    s.touch(partition).logEnd = true;
    if (const auto topic = s.core.image.topicPtr(partition.topicId))
        takeAssignment(s, *topic, partition.index);
    lookWhoIsBack(s);
}

void fenceSeen(Step& s) {
    auto& health = s.core.health;
    if (!health.failed || health.fenceSeen)
        return;
    health.fenceSeen = true;
    if (health.probe == 0)
        health.retryAt = s.now.at;
}

}  // namespace odradek::broker
