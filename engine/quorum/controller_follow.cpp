// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/metadata/image_records.h"
#include "engine/metadata/record_codec.h"
#include "engine/protocol/messages/add_raft_voter.h"
#include "engine/protocol/messages/remove_raft_voter.h"
#include "engine/quorum/controller_registration.h"
#include "engine/quorum/controller_state.h"
#include "engine/quorum/feature_control.h"
#include "engine/quorum/raft/snapshot_file.h"

namespace odradek::quorum {
namespace {

std::vector<Bytes> encodeAll(const std::vector<metadata::MetadataRecord>& records) {
    std::vector<Bytes> values;
    values.reserve(records.size());
    for (const auto& record : records)
        values.push_back(metadata::encodeRecord(record));
    return values;
}

}  // namespace

void Controller::State::follow(Now now, io::Effects& effects) {
    noteRoles(now, effects);
    if (isActive && !(raft.isLeader() && raft.epoch() == activeEpoch))
        standDown(now, effects);
    if (!isActive) {
        if (const auto applied = applyCommitted(); !applied)
            return failWith("its metadata log cannot be applied: " + applied.error().message, effects);
        if (raft.isActive())
            activate(now, effects);
    }
    saveSnapshots(now, effects);
}

void Controller::State::noteRoles(Now now, io::Effects& effects) {
    for (const auto& change : raft.takeChanges()) {
        events.add(now, Cause::Quorum,
                   QuorumRoleChanged{config.node.value, change.role, change.epoch, change.leader, change.reason});
        const auto leader = change.leader < 0 ? std::string() : fmt::format(", leader {}", change.leader);
        effects.push_back(io::Note{{LogLevel::Info,
                                    fmt::format("controller: node {} is {} in epoch {}{}: {}", config.node.value,
                                                raft::name(change.role), change.epoch, leader,
                                                raft::words(change.reason))}});
    }
}

/// Brings the image to the high watermark.
Result<void> Controller::State::applyCommitted() {
    const auto& store = raft.store();
    if (image.offset() + 1 < store.startOffset())
        TRY_OK(loadSnapshot());
    const auto& batches = store.batches();
    auto batch = std::lower_bound(batches.begin(), batches.end(), image.offset() + 1,
                                  [](const auto& b, std::int64_t offset) { return b.lastOffset < offset; });
    for (; batch != batches.end() && batch->lastOffset < raft.highWatermark(); ++batch)
        TRY(image.applyBatch(batch->bytes));
    return {};
}

Result<void> Controller::State::loadSnapshot() {
    const auto* snapshot = raft.store().latestSnapshot();
    ODRADEK_CHECK(snapshot != nullptr, "a log that does not begin at 0 has a snapshot");
    const auto contents = TRY(raft::readSnapshot(snapshot->data));
    metadata::Image fresh;
    for (const auto& batch : contents.dataBatches)
        TRY(fresh.applyBatch(batch));
    fresh.applyLeaderChange(raft.leader(), snapshot->id.epoch, snapshot->id.offset - 1);
    image = std::move(fresh);
    return {};
}

/// The leader takes over once all that was committed before is in its image.
void Controller::State::activate(Now now, io::Effects& effects) {
    ODRADEK_CHECK(image.offset() + 1 == raft.endOffset(), "a new leader knows all of its log to be committed");
    isActive = true;
    activeEpoch = raft.epoch();
    // Each epoch draws from its own sequence, so that ids of deleted topics do not come back.
    prng = Prng(config.seed ^ (static_cast<std::uint64_t>(activeEpoch) * 0x9e3779b97f4a7c15ull));
    events.add(now, Cause::Startup, ControllerElected{config.node.value, activeEpoch});
    commit(bootstrapRecords(image), Cause::Startup, now, effects);
    cluster.activate(image, now.at);
    const auto configs = context(now).configs();
    nextBalance = Instant::never();
    if (configs.brokerFlag("auto.leader.rebalance.enable"))
        nextBalance = now.at + std::chrono::seconds(configs.brokerNumber("leader.imbalance.check.interval.seconds"));
    effects.push_back(io::Note{{LogLevel::Info,
                                fmt::format("controller: node {} leads the metadata log in epoch {}, {} topics, {} "
                                            "brokers known",
                                            config.node.value, activeEpoch, image.topics().size(),
                                            image.brokers().size())}});
}

/// Another leads now: what was not committed is as if it had never been, and who waits for it has to ask the other.
void Controller::State::standDown(Now, io::Effects& effects) {
    isActive = false;
    nextBalance = Instant::never();
    pendingSnapshot.reset();
    image = {};
    std::erase_if(connections, [&](const auto& entry) {
        const bool waits = std::any_of(entry.second.begin(), entry.second.end(), [&](const OwedAnswer& owed) {
            return !owed.fetch && owed.afterOffset >= raft.highWatermark();
        });
        if (waits)
            effects.push_back(io::CloseConnection{entry.first});
        return waits;
    });
}

void Controller::State::saveSnapshots(Now now, io::Effects& effects) {
    const auto* latest = raft.store().latestSnapshot();
    const auto saved = latest == nullptr ? 0 : latest->id.offset;
    const bool isTime = nextSnapshot <= now.at;
    if (isTime)
        nextSnapshot = now.at + snapshotInterval;
    const bool wanted = isTime || raft.store().bytesSinceSnapshot() >= static_cast<std::uint64_t>(snapshotBytes);
    if (wanted && !pendingSnapshot && image.offset() + 1 > saved)
        pendingSnapshot = PendingSnapshot{image, image.offset() + 1};
    if (!pendingSnapshot || pendingSnapshot->end > raft.highWatermark())
        return;
    raft.saveSnapshot(pendingSnapshot->end, encodeAll(metadata::imageRecords(pendingSnapshot->image)), effects);
    effects.push_back(io::Note{{LogLevel::Info, fmt::format("controller: node {} saved a snapshot of the metadata up "
                                                            "to offset {}",
                                                            config.node.value, pendingSnapshot->end)}});
    pendingSnapshot.reset();
}

bool Controller::State::isRegistered() const {
    const auto found = image.controllers().find(config.node.value);
    return found != image.controllers().end() && found->second.incarnationId == incarnation;
}

/// Each life of a controller writes down once where it is reached and what it supports.
void Controller::State::registerSelf(Now now, io::Effects& effects) {
    if (isRegistered())
        return;
    const auto request = controllerRegistration(config.node.value, incarnation, config.listeners);
    if (isActive)
        return commit(registerController(context(now), request).records, Cause::Startup, now, effects);
    if (raft.role() != raft::Role::Follower || raft.leader() < 0 || registerAt > now.at)
        return;
    registerAt = now.at + raft.config().requestTimeout;
    askLeader(request, effects);
}

template <class Request>
void Controller::State::askLeader(const Request& request, io::Effects& effects) {
    nextCorrelation = nextCorrelation == INT32_MAX ? kOwnCorrelations : nextCorrelation + 1;
    peers.send(raft.leader(),
               protocol::encodeRequest(request, Request::kInfo.maxVersion, nextCorrelation,
                                       fmt::format("controller-{}", config.node.value)),
               effects);
}

bool Controller::State::wantsToJoin() const {
    return joins && raft.role() == raft::Role::Follower && raft.leader() >= 0 && !raft.isVoter() &&
           raft.kraftVersion() > 0;
}

/// A controller that follows and does not vote asks to (KIP-1186): with an empty disk it is another replica than it
/// was, whose place has to be given up first.
void Controller::State::joinVoters(Now now, io::Effects& effects) {
    if (!wantsToJoin() || joinAt > now.at)
        return;
    joinAt = now.at + raft.config().requestTimeout / 4;
    if (const auto* former = raft.voters().find(config.node.value)) {
        protocol::RemoveRaftVoterRequest remove{.clusterId = config.clusterId, .voterId = former->key.id};
        remove.voterDirectoryId = former->key.directory;
        return askLeader(remove, effects);
    }
    protocol::AddRaftVoterRequest add{.clusterId = config.clusterId, .voterId = config.node.value};
    add.timeoutMs = static_cast<std::int32_t>(raft.config().requestTimeout.count());
    add.voterDirectoryId = config.directoryId;
    for (const auto& listener : config.listeners)
        add.listeners.push_back({listener.name, listener.host, listener.port});
    add.ackWhenCommitted = false;
    askLeader(add, effects);
}

QuorumView Controller::State::quorumView(Now) const {
    const auto& store = raft.store();
    QuorumView view{.node = config.node.value,
                    .role = raft.role(),
                    .isVoter = raft.isVoter(),
                    .isActive = isActive,
                    .epoch = raft.epoch(),
                    .leader = raft.leader(),
                    .votedFor = raft.votedFor(),
                    .logStart = store.startOffset(),
                    .logEnd = store.endOffset(),
                    .flushedEnd = store.flushedEnd(),
                    .highWatermark = raft.highWatermark(),
                    .kraftVersion = raft.kraftVersion()};
    if (const auto* snapshot = store.latestSnapshot(); snapshot != nullptr && snapshot->id.offset > 0)
        view.snapshotOffset = snapshot->id.offset;
    for (const auto& [id, voter] : raft.voters().all())
        view.voters.push_back(id);
    if (!raft.isLeader())
        return view;
    const auto add = [&](const raft::Progress& progress, bool isVoter) {
        view.replicas.push_back({progress.key, isVoter, progress.end, progress.lastFetchWallMs,
                                 progress.lastCaughtUpWallMs});
    };
    if (raft.isVoter())
        view.replicas.push_back({{config.node.value, config.directoryId}, true, store.flushedEnd(), -1, -1});
    for (const auto& [id, progress] : raft.voterProgress())
        add(progress, true);
    for (const auto& [key, progress] : raft.observers())
        add(progress, false);
    return view;
}

}  // namespace odradek::quorum
