// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/protocol/messages/add_raft_voter.h"
#include "engine/protocol/messages/allocate_producer_ids.h"
#include "engine/protocol/messages/alter_partition.h"
#include "engine/protocol/messages/alter_partition_reassignments.h"
#include "engine/protocol/messages/api_versions.h"
#include "engine/protocol/messages/begin_quorum_epoch.h"
#include "engine/protocol/messages/broker_heartbeat.h"
#include "engine/protocol/messages/broker_registration.h"
#include "engine/protocol/messages/controller_registration.h"
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
#include "engine/protocol/messages/end_quorum_epoch.h"
#include "engine/protocol/messages/envelope.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/protocol/messages/fetch_snapshot.h"
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
#include "engine/protocol/messages/update_raft_voter.h"
#include "engine/protocol/messages/vote.h"

/// Calls X(Name) for every API we have, by rising key; Name##Request and Name##Response are its messages.
#define ODRADEK_APIS(X) \
    X(Produce) X(Fetch) X(ListOffsets) X(Metadata) X(OffsetCommit) X(OffsetFetch) \
    X(FindCoordinator) X(JoinGroup) X(Heartbeat) X(LeaveGroup) X(SyncGroup) X(DescribeGroups) \
    X(ListGroups) X(ApiVersions) X(CreateTopics) X(DeleteTopics) X(DeleteRecords) \
    X(InitProducerId) X(OffsetForLeaderEpoch) X(DescribeConfigs) X(DescribeLogDirs) \
    X(CreatePartitions) X(DeleteGroups) X(ElectLeaders) X(IncrementalAlterConfigs) \
    X(AlterPartitionReassignments) X(ListPartitionReassignments) X(OffsetDelete) X(Vote) \
    X(BeginQuorumEpoch) X(EndQuorumEpoch) X(DescribeQuorum) X(AlterPartition) X(UpdateFeatures) \
    X(Envelope) X(FetchSnapshot) X(DescribeCluster) X(BrokerRegistration) X(BrokerHeartbeat) \
    X(UnregisterBroker) X(AllocateProducerIds) X(ControllerRegistration) \
    X(DescribeTopicPartitions) X(AddRaftVoter) X(RemoveRaftVoter) X(UpdateRaftVoter)
