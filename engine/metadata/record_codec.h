// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <variant>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/protocol/records/abort_transaction_record.h"
#include "engine/protocol/records/begin_transaction_record.h"
#include "engine/protocol/records/broker_registration_change_record.h"
#include "engine/protocol/records/config_record.h"
#include "engine/protocol/records/end_transaction_record.h"
#include "engine/protocol/records/feature_level_record.h"
#include "engine/protocol/records/fence_broker_record.h"
#include "engine/protocol/records/no_op_record.h"
#include "engine/protocol/records/partition_change_record.h"
#include "engine/protocol/records/partition_record.h"
#include "engine/protocol/records/producer_ids_record.h"
#include "engine/protocol/records/register_broker_record.h"
#include "engine/protocol/records/register_controller_record.h"
#include "engine/protocol/records/remove_topic_record.h"
#include "engine/protocol/records/topic_record.h"
#include "engine/protocol/records/unfence_broker_record.h"
#include "engine/protocol/records/unregister_broker_record.h"

/// The values of `__cluster_metadata`: every record's value is, as in KRaft (KIP-595, KIP-631),
///
///     frame version, unsigned varint = 1 | record type, unsigned varint | record version, unsigned varint | body
///
/// with the key absent. The body is the record's flexible encoding in that version.
namespace odradek::metadata {

/// Any metadata record we write or read.
using MetadataRecord =
    std::variant<protocol::RegisterBrokerRecord, protocol::UnregisterBrokerRecord, protocol::TopicRecord,
                 protocol::PartitionRecord, protocol::ConfigRecord, protocol::PartitionChangeRecord,
                 protocol::FenceBrokerRecord, protocol::UnfenceBrokerRecord, protocol::RemoveTopicRecord,
                 protocol::FeatureLevelRecord, protocol::ProducerIdsRecord,
                 protocol::BrokerRegistrationChangeRecord, protocol::NoOpRecord,
                 protocol::RegisterControllerRecord, protocol::BeginTransactionRecord,
                 protocol::EndTransactionRecord, protocol::AbortTransactionRecord>;

/// The value bytes of a record, in the version that metadata.version 4.3-IV0 writes.
Bytes encodeRecord(const MetadataRecord& record);

/// Reads one value. Unsupported: a type or version we do not know (data of a newer program). Invalid or Truncated:
/// broken bytes. Never reads past `value`.
Result<MetadataRecord> decodeRecord(const Bytes& value);

/// One line of JSON, `{"type":"TOPIC_RECORD",...}`-like, for traces and tests.
std::string toJson(const MetadataRecord& record);

}  // namespace odradek::metadata
