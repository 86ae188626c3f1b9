// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/protocol/records/abort_transaction_record.h"
#include "engine/protocol/records/begin_transaction_record.h"
#include "engine/protocol/records/broker_registration_change_record.h"
#include "engine/protocol/records/config_record.h"
#include "engine/protocol/records/consumer_protocol_assignment.h"
#include "engine/protocol/records/consumer_protocol_subscription.h"
#include "engine/protocol/records/default_principal_data.h"
#include "engine/protocol/records/end_transaction_record.h"
#include "engine/protocol/records/feature_level_record.h"
#include "engine/protocol/records/fence_broker_record.h"
#include "engine/protocol/records/group_metadata_key.h"
#include "engine/protocol/records/group_metadata_value.h"
#include "engine/protocol/records/k_raft_version_record.h"
#include "engine/protocol/records/leader_change_message.h"
#include "engine/protocol/records/no_op_record.h"
#include "engine/protocol/records/offset_commit_key.h"
#include "engine/protocol/records/offset_commit_value.h"
#include "engine/protocol/records/partition_change_record.h"
#include "engine/protocol/records/partition_record.h"
#include "engine/protocol/records/producer_ids_record.h"
#include "engine/protocol/records/producer_snapshot.h"
#include "engine/protocol/records/register_broker_record.h"
#include "engine/protocol/records/register_controller_record.h"
#include "engine/protocol/records/remove_topic_record.h"
#include "engine/protocol/records/request_header.h"
#include "engine/protocol/records/response_header.h"
#include "engine/protocol/records/snapshot_footer_record.h"
#include "engine/protocol/records/snapshot_header_record.h"
#include "engine/protocol/records/topic_record.h"
#include "engine/protocol/records/unfence_broker_record.h"
#include "engine/protocol/records/unregister_broker_record.h"
#include "engine/protocol/records/voters_record.h"

/// Calls X(Name) for every persisted record and embedded structure we have, by name.
#define ODRADEK_RECORDS(X) \
    X(AbortTransactionRecord) X(BeginTransactionRecord) X(BrokerRegistrationChangeRecord) \
    X(ConfigRecord) X(ConsumerProtocolAssignment) X(ConsumerProtocolSubscription) \
    X(DefaultPrincipalData) X(EndTransactionRecord) X(FeatureLevelRecord) X(FenceBrokerRecord) \
    X(GroupMetadataKey) X(GroupMetadataValue) X(KRaftVersionRecord) X(LeaderChangeMessage) \
    X(NoOpRecord) X(OffsetCommitKey) X(OffsetCommitValue) X(PartitionChangeRecord) \
    X(PartitionRecord) X(ProducerIdsRecord) X(ProducerSnapshot) X(RegisterBrokerRecord) \
    X(RegisterControllerRecord) X(RemoveTopicRecord) X(RequestHeader) X(ResponseHeader) \
    X(SnapshotFooterRecord) X(SnapshotHeaderRecord) X(TopicRecord) X(UnfenceBrokerRecord) \
    X(UnregisterBrokerRecord) X(VotersRecord)
