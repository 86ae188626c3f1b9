// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/handlers/table.h"

#include <algorithm>
#include <array>

#include "engine/broker/handlers/delete_records.h"
#include "engine/broker/handlers/fetch.h"
#include "engine/broker/handlers/handlers.h"
#include "engine/broker/handlers/produce.h"
#include "engine/protocol/messages/add_raft_voter.h"
#include "engine/protocol/messages/alter_partition_reassignments.h"
#include "engine/protocol/messages/api_versions.h"
#include "engine/protocol/messages/create_partitions.h"
#include "engine/protocol/messages/create_topics.h"
#include "engine/protocol/messages/delete_groups.h"
#include "engine/protocol/messages/delete_records.h"
#include "engine/protocol/messages/delete_topics.h"
#include "engine/protocol/messages/describe_cluster.h"
#include "engine/protocol/messages/describe_configs.h"
#include "engine/protocol/messages/describe_groups.h"
#include "engine/protocol/messages/describe_log_dirs.h"
#include "engine/protocol/messages/describe_quorum.h"
#include "engine/protocol/messages/describe_topic_partitions.h"
#include "engine/protocol/messages/elect_leaders.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/protocol/messages/find_coordinator.h"
#include "engine/protocol/messages/heartbeat.h"
#include "engine/protocol/messages/incremental_alter_configs.h"
#include "engine/protocol/messages/init_producer_id.h"
#include "engine/protocol/messages/join_group.h"
#include "engine/protocol/messages/leave_group.h"
#include "engine/protocol/messages/list_groups.h"
#include "engine/protocol/messages/list_offsets.h"
#include "engine/protocol/messages/list_partition_reassignments.h"
#include "engine/protocol/messages/metadata.h"
#include "engine/protocol/messages/offset_commit.h"
#include "engine/protocol/messages/offset_delete.h"
#include "engine/protocol/messages/offset_fetch.h"
#include "engine/protocol/messages/offset_for_leader_epoch.h"
#include "engine/protocol/messages/produce.h"
#include "engine/protocol/messages/remove_raft_voter.h"
#include "engine/protocol/messages/sync_group.h"
#include "engine/protocol/messages/unregister_broker.h"
#include "engine/protocol/messages/update_features.h"

namespace odradek::broker {
namespace {

using Handler = decltype(Served::handler);

/// The range the message's own description names, so that no second place knows it.
template <class Request>
constexpr Served serve(Handler handler) {
    return {Request::kInfo.key, Request::kInfo.minVersion, Request::kInfo.maxVersion,
            Request::kInfo.minVersion, handler};
}

constexpr Served produceWithOldClients() {
    Served served = serve<protocol::ProduceRequest>(handleProduce);
    served.advertisedMin = 0;
    return served;
}

constexpr std::array kServed{
    produceWithOldClients(),
    serve<protocol::FetchRequest>(handleFetch),
    serve<protocol::ListOffsetsRequest>(handleListOffsets),
    serve<protocol::MetadataRequest>(handleMetadata),
    serve<protocol::OffsetCommitRequest>(handleOffsetCommit),
    serve<protocol::OffsetFetchRequest>(handleOffsetFetch),
    serve<protocol::FindCoordinatorRequest>(handleFindCoordinator),
    serve<protocol::JoinGroupRequest>(handleJoinGroup),
    serve<protocol::HeartbeatRequest>(handleHeartbeat),
    serve<protocol::LeaveGroupRequest>(handleLeaveGroup),
    serve<protocol::SyncGroupRequest>(handleSyncGroup),
    serve<protocol::DescribeGroupsRequest>(handleDescribeGroups),
    serve<protocol::ListGroupsRequest>(handleListGroups),
    serve<protocol::ApiVersionsRequest>(handleApiVersions),
    serve<protocol::CreateTopicsRequest>(handleForward),
    serve<protocol::DeleteTopicsRequest>(handleForward),
    serve<protocol::DeleteRecordsRequest>(handleDeleteRecords),
    serve<protocol::InitProducerIdRequest>(handleInitProducerId),
    serve<protocol::OffsetForLeaderEpochRequest>(handleOffsetForLeaderEpoch),
    serve<protocol::DescribeConfigsRequest>(handleDescribeConfigs),
    serve<protocol::DescribeLogDirsRequest>(handleDescribeLogDirs),
    serve<protocol::CreatePartitionsRequest>(handleForward),
    serve<protocol::DeleteGroupsRequest>(handleDeleteGroups),
    serve<protocol::ElectLeadersRequest>(handleForward),
    serve<protocol::IncrementalAlterConfigsRequest>(handleIncrementalAlterConfigs),
    serve<protocol::AlterPartitionReassignmentsRequest>(handleForward),
    serve<protocol::ListPartitionReassignmentsRequest>(handleForward),
    serve<protocol::OffsetDeleteRequest>(handleOffsetDelete),
    serve<protocol::DescribeQuorumRequest>(handleForward),
    serve<protocol::UpdateFeaturesRequest>(handleForward),
    serve<protocol::DescribeClusterRequest>(handleDescribeCluster),
    serve<protocol::UnregisterBrokerRequest>(handleForward),
    serve<protocol::DescribeTopicPartitionsRequest>(handleDescribeTopicPartitions),
    serve<protocol::AddRaftVoterRequest>(handleForward),
    serve<protocol::RemoveRaftVoterRequest>(handleForward),
};
static_assert(std::is_sorted(kServed.begin(), kServed.end(),
                             [](const Served& a, const Served& b) { return a.api < b.api; }));

}  // namespace

std::span<const Served> servedApis() {
    return kServed;
}

const Served* servedApi(std::int16_t api) {
    const auto found =
        std::lower_bound(kServed.begin(), kServed.end(), api,
                         [](const Served& one, std::int16_t key) { return one.api < key; });
    return found == kServed.end() || found->api != api ? nullptr : &*found;
}

}  // namespace odradek::broker
