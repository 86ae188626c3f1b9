// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/source/embedded/retail_topics.h"

#include <algorithm>

#include "engine/workload/scenario.h"

namespace odradek::source {
namespace {

constexpr std::int64_t kPlatformBytes = 2ll << 30;
constexpr std::int64_t kSegmentBytes = 4 << 20;

}  // namespace

std::vector<api::CreateTopic> retailTopicCommands(int brokers) {
    std::vector<api::CreateTopic> commands;
    for (const auto& topic : workload::topics()) {
        api::CreateTopic create;
        create.name = std::string(topic.name);
        create.partitions = topic.partitions;
        create.replicationFactor = static_cast<std::int16_t>(std::clamp(brokers, 1, 3));
        const auto logs = static_cast<std::int64_t>(workload::topics().size()) * topic.partitions *
                          create.replicationFactor;
        // The active segment comes on top of what retention leaves.
        create.configs["retention.bytes"] = std::to_string(kPlatformBytes / logs - kSegmentBytes);
        create.configs["segment.bytes"] = std::to_string(kSegmentBytes);
        commands.push_back(std::move(create));
    }
    return commands;
}

bool retailTopicsReady(const api::ClusterSnapshot& snapshot) {
    for (const auto& wanted : workload::topics()) {
        const auto found = std::find_if(snapshot.topics.begin(), snapshot.topics.end(),
                                        [&](const api::Topic& t) { return t.name == wanted.name; });
        if (found == snapshot.topics.end())
            return false;
        for (const auto& partition : found->partitions)
            if (partition.leader < 0)
                return false;
    }
    return true;
}

}  // namespace odradek::source
