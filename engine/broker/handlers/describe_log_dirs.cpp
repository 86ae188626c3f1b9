// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/describe_log_dirs.h"

#include <algorithm>
#include <map>

#include "engine/broker/core.h"
#include "engine/broker/handlers/handlers.h"
#include "engine/broker/handlers/respond.h"

namespace odradek::broker {

using protocol::DescribeLogDirsRequest;
using protocol::DescribeLogDirsResponse;
using PartitionAnswer = DescribeLogDirsResponse::DescribeLogDirsPartition;

void handleDescribeLogDirs(Step& s, const Ticket& ticket, const Bytes& body) {
    const auto request = readRequest<DescribeLogDirsRequest>(ticket, body);
    if (!request) {
        dropConnection(s, ticket, request.error().message);
        return;
    }
    const auto asked = [&](const Partition& partition) {
        if (!request->topics)
            return true;
        return std::any_of(request->topics->begin(), request->topics->end(),
                           [&](const auto& topic) {
                               return topic.topic == partition.topic &&
                                      std::find(topic.partitions.begin(), topic.partitions.end(),
                                                partition.index) != topic.partitions.end();
                           });
    };
    std::map<std::string, std::map<std::int32_t, PartitionAnswer>> topics;
    s.core.partitions.each([&](Partition& partition) {
        if (!asked(partition))
            return;
        auto& out = topics[partition.topic][partition.index];
        out.partitionIndex = partition.index;
        out.partitionSize = static_cast<std::int64_t>(partition.log.sizeInBytes());
        out.offsetLag = std::max<std::int64_t>(partition.highWatermark - partition.log.logEnd(), 0);
    });
    DescribeLogDirsResponse response;
    auto& dir = response.results.emplace_back();
    dir.logDir = s.core.config.logDir;
    if (s.core.health.failed)
        dir.errorCode = static_cast<std::int16_t>(protocol::KafkaError::KafkaStorageError);
    dir.totalBytes = s.core.diskTotal;
    dir.usableBytes = s.core.diskUsable;
    for (const auto& [name, partitions] : topics) {
        auto& topic = dir.topics.emplace_back();
        topic.name = name;
        for (const auto& [index, answer] : partitions)
            topic.partitions.push_back(answer);
    }
    respond(s, ticket, response);
}

}  // namespace odradek::broker
