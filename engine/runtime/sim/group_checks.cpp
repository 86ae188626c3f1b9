// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/sim/group_checks.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace odradek::sim {
namespace {

using Found = std::optional<std::string>;

std::string nameOf(const TopicPartition& partition) {
    return fmt::format("{}-{}", partition.topic, partition.partition);
}

Found judgeOwners(const std::vector<TopicPartition>& partitions,
                  const std::vector<const GroupHistory*>& members) {
    std::map<std::pair<std::int32_t, std::uint32_t>, std::string> owners;
    for (const auto* member : members)
        for (const auto& one : member->owned) {
            const auto [known, fresh] = owners.try_emplace({one.generation, one.partition}, one.owner);
            if (!fresh && known->second != one.owner)
                return fmt::format("{} belongs to {} and to {} in generation {}",
                                   nameOf(partitions[one.partition]), known->second, one.owner,
                                   one.generation);
        }
    return std::nullopt;
}

/// Commits and looks of one partition in the order of time.
Found judgeOffsets(const std::vector<TopicPartition>& partitions,
                   const std::vector<const GroupHistory*>& members, std::uint32_t partition) {
    std::vector<GroupHistory::Committed> commits;
    std::int64_t highest = -1;
    for (const auto* member : members) {
        for (const auto& one : member->commits)
            if (one.partition == partition)
                commits.push_back(one);
        for (const auto& one : member->attempts)
            if (one.partition == partition)
                highest = std::max(highest, one.offset);
    }
    std::stable_sort(commits.begin(), commits.end(),
                     [](const auto& a, const auto& b) { return a.at < b.at; });
    // The highest offset known to be committed at each commit's time.
    for (std::size_t i = 1; i < commits.size(); ++i)
        commits[i].offset = std::max(commits[i].offset, commits[i - 1].offset);
    for (const auto* member : members)
        for (const auto& look : member->looks) {
            if (look.partition != partition)
                continue;
            if (look.offset > highest)
                return fmt::format("{}: {} was read as committed, which nobody offered",
                                   nameOf(partitions[partition]), look.offset);
            const auto after =
                std::upper_bound(commits.begin(), commits.end(), look.askedAt,
                                 [](Instant at, const auto& one) { return at < one.at; });
            if (after == commits.begin())
                continue;
            if (const auto known = std::prev(after)->offset; look.offset < known)
                return fmt::format(
                    "{}: the committed offset went back from {} to {} without a reset",
                    nameOf(partitions[partition]), known, look.offset);
        }
    return std::nullopt;
}

}  // namespace

Found judgeGroup(const std::vector<TopicPartition>& partitions,
                 const std::vector<const GroupHistory*>& members) {
    for (const auto* member : members)
        if (!member->problems.empty())
            return member->problems.front();
    if (auto found = judgeOwners(partitions, members))
        return found;
    for (std::uint32_t i = 0; i < partitions.size(); ++i)
        if (auto found = judgeOffsets(partitions, members, i))
            return found;
    return std::nullopt;
}

std::int64_t firstUnprocessed(const std::vector<const GroupHistory*>& members,
                              std::uint32_t partition) {
    std::vector<GroupHistory::Stretch> all;
    for (const auto* member : members)
        all.insert(all.end(), member->processed[partition].begin(),
                   member->processed[partition].end());
    std::sort(all.begin(), all.end());
    std::int64_t next = 0;
    for (const auto& [from, to] : all) {
        if (from > next)
            break;
        next = std::max(next, to);
    }
    return next;
}

}  // namespace odradek::sim
