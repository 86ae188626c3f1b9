// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/log.h"
#include "engine/base/types.h"
#include "engine/broker/groups/view.h"
#include "engine/protocol/codec/record_batch.h"
#include "engine/protocol/messages/delete_groups.h"
#include "engine/protocol/messages/describe_groups.h"
#include "engine/protocol/messages/heartbeat.h"
#include "engine/protocol/messages/join_group.h"
#include "engine/protocol/messages/leave_group.h"
#include "engine/protocol/messages/list_groups.h"
#include "engine/protocol/messages/offset_commit.h"
#include "engine/protocol/messages/offset_delete.h"
#include "engine/protocol/messages/offset_fetch.h"
#include "engine/protocol/messages/sync_group.h"

/// The values that go in and out of a GroupCoordinator.
namespace odradek::broker {

/// Who asks, and by which name the answer is to come back.
struct RequestContext {
    std::uint64_t token = 0;  ///< the caller's; each one is answered exactly once, some only much later
    std::int16_t apiVersion = 0;
    std::string clientId;
    std::string clientHost;  ///< as Kafka stores it: "/127.0.0.1"
    /// The controller has not answered this broker for a session: another may be coordinator by now, and what this
    /// one has in memory is no basis for reading on.
    bool outOfTouch = false;
};

/// Every answer the coordinator can give.
using GroupResponse =
    std::variant<protocol::JoinGroupResponse, protocol::SyncGroupResponse, protocol::HeartbeatResponse,
                 protocol::LeaveGroupResponse, protocol::OffsetCommitResponse, protocol::OffsetFetchResponse,
                 protocol::DescribeGroupsResponse, protocol::ListGroupsResponse, protocol::DeleteGroupsResponse,
                 protocol::OffsetDeleteResponse>;

struct GroupReply {
    std::uint64_t token = 0;
    GroupResponse response;
};

/// Records to append as one batch to one partition of __consumer_offsets with acks=all. Appends of one partition must
/// reach its log in the order they were issued.
struct GroupAppend {
    std::int32_t partition = 0;
    std::uint64_t appendToken = 0;
    std::vector<protocol::Record> records;  ///< offsets are 0, 1, 2, ...; the log stamps the real ones
};

/// Everything below `before` in this partition has been written again further up and is replicated: the log start may
/// move there (as DeleteRecords would move it).
struct GroupTrim {
    std::int32_t partition = 0;
    Offset before;
};

/// What one call of the coordinator wants done, in order.
struct GroupOutputs {
    std::vector<GroupReply> replies;
    std::vector<GroupAppend> appends;
    std::vector<GroupTrim> trims;
    std::vector<RebalanceEvent> rebalances;  ///< begun (durationMs = -1) or ended in this call
    std::vector<LogLine> notes;
    void clear() { *this = {}; }
};

/// Names and ids of the topics that exist, as the metadata image knows them. Used during a call only, never kept.
class TopicResolver {
public:
    virtual ~TopicResolver() = default;
    /// The id of a topic, or nothing when there is no such topic.
    virtual std::optional<Uuid> idOf(const std::string& topic) const = 0;
    virtual std::optional<std::string> nameOf(const Uuid& id) const = 0;
    /// How many partitions a topic has; 0 when there is no such topic.
    virtual std::int32_t partitionsOf(const std::string& topic) const = 0;
};

/// A topic that is no more. Offsets committed for another topic that took its name are left alone.
struct DeletedTopic {
    std::string name;
    Uuid id;
};

}  // namespace odradek::broker
