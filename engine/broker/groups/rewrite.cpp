// SPDX-License-Identifier: GPL-3.0-or-later
// Writing a partition's live entries anew, until compaction comes.
#include <algorithm>
#include <utility>

#include "engine/broker/groups/group_coordinator.h"
#include "engine/broker/groups/group_records.h"

namespace odradek::broker {
namespace {

constexpr Milliseconds kRetryRewriteAfter{5'000};

std::int64_t sizeOf(const std::pair<Bytes, std::optional<Bytes>>& entry) {
    constexpr std::int64_t kRecordOverhead = 16;  // varints of a record, generously
    return static_cast<std::int64_t>(entry.first.size() + (entry.second ? entry.second->size() : 0)) + kRecordOverhead;
}

}  // namespace

GroupCoordinator::KeyValues GroupCoordinator::liveEntries(const OffsetsPartition& partition) {
    KeyValues live;
    for (const auto& [groupId, group] : partition.groups)
        addLiveEntries(group, live);
    return live;
}

void GroupCoordinator::addLiveEntries(const ClassicGroup& group, KeyValues& live) {
    if (group.record)
        live.emplace_back(groupKey(group.id), *group.record);
    for (const auto& [key, entry] : group.offsets)
        live.emplace_back(offsetKey(group.id, key), offsetValue(entry));
}

std::vector<protocol::Record> GroupCoordinator::liveRecords(Now now, std::int32_t partition) const {
    std::vector<protocol::Record> records;
    const auto found = m_partitions.find(partition);
    if (found == m_partitions.end())
        return records;
    for (auto& [key, value] : liveEntries(found->second)) {
        auto& record = records.emplace_back();
        record.offset = static_cast<std::int64_t>(records.size()) - 1;
        record.timestampMs = now.wallMs;
        record.key = std::move(key);
        record.value = std::move(value);
    }
    return records;
}

bool GroupCoordinator::maybeRewrite(Now now, std::int32_t partition, std::int64_t logBytes, GroupOutputs& out) {
    const auto found = m_partitions.find(partition);
    if (found == m_partitions.end() || !found->second.active)
        return false;
    auto& state = found->second;
    if (state.rewrite)
        return true;
    if (logBytes <= std::max(m_config.rewriteBytes, 2 * state.lastLiveBytes) || now.at < state.rewriteNotBefore)
        return false;
    std::int64_t live = 0;
    for (const auto& entry : liveEntries(state))
        live += sizeOf(entry);
    state.lastLiveBytes = live;
    if (logBytes <= 2 * live)
        return false;
    // What is under way must be in the log, and known to be, before its keys are written anew: otherwise the move of
    // the log start could lose it, or a refused commit could come to life.
    state.rewrite.emplace();
    state.rewrite->liveBytes = live;
    Step s = step(now, partition, out);
    beginRewriteIfQuiet(s);
    endRewriteIfDone(s);
    return state.rewrite.has_value();
}

void GroupCoordinator::beginRewriteIfQuiet(Step& s) {
    auto& rewrite = s.partition.rewrite;
    if (!rewrite || !rewrite->waiting || !s.partition.underWay.empty())
        return;
    rewrite->waiting = false;
    KeyValues piece;
    std::int64_t bytes = 0;
    const auto flush = [&] {
        if (piece.empty())
            return;
        PendingAppend pending;
        pending.action = RewritePiece{};
        rewrite->outstanding.insert(append(s, piece, std::move(pending)));
        piece.clear();
        bytes = 0;
    };
    auto live = liveEntries(s.partition);
    // A deletion that is held back may yet be refused; its groups are alive until it is not.
    for (const auto& wanted : rewrite->held)
        if (const auto* deleted = std::get_if<GroupsDeleted>(&m_appends.at(wanted.appendToken).action))
            for (const auto& group : deleted->saved)
                addLiveEntries(group, live);
    for (auto& entry : live) {
        const auto size = sizeOf(entry);
        if (bytes + size > m_config.batchBytes)
            flush();
        bytes += size;
        piece.push_back(std::move(entry));
    }
    if (piece.empty() && rewrite->outstanding.empty()) {
        // Nothing is alive: any record will do to mark the place below which nothing is needed.
        piece.emplace_back(groupKey(""), std::nullopt);
    }
    flush();
    auto held = std::move(rewrite->held);
    rewrite->held.clear();
    for (auto& wanted : held) {
        s.partition.underWay.insert(wanted.appendToken);
        s.out.appends.push_back(std::move(wanted));
    }
}

void GroupCoordinator::endRewriteIfDone(Step& s) {
    auto& rewrite = s.partition.rewrite;
    if (!rewrite || rewrite->waiting || !rewrite->outstanding.empty())
        return;
    if (rewrite->failed || !rewrite->begins)
        s.partition.rewriteNotBefore = s.now.at + kRetryRewriteAfter;
    else
        s.out.trims.push_back({s.index, *rewrite->begins});
    rewrite.reset();
}

}  // namespace odradek::broker
