// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "engine/broker/groups/classic_group.h"
#include "engine/protocol/codec/record_batch.h"
#include "engine/protocol/records/group_metadata_value.h"
#include "engine/protocol/records/offset_commit_key.h"

/// The records of `__consumer_offsets`, in Kafka's encoding: a key is an int16 type (0 and 1 = offset, 2 = group) and
/// its message of version 0; a value is an int16 version and its message; a null value deletes the key. Kafka 4.3
/// writes group values in version 3 and offset values in version 4 (version 1 when the client asked for a retention).
namespace odradek::broker {

inline constexpr std::int16_t kGroupValueVersion = 3;

Bytes offsetKey(const std::string& group, const TopicPartition& partition);
Bytes groupKey(const std::string& group);
Bytes offsetValue(const OffsetEntry& entry);
/// The value of a group as it stands, with these assignments by member id (missing = empty).
Bytes groupValue(const ClassicGroup& group, const std::map<std::string, Bytes>& assignments);
/// The value of a group that is new and has no member yet.
Bytes emptyGroupValue(const ClassicGroup& group);

/// What one record says. Keys of kinds we do not keep (consumer protocol KIP-848, share groups) read as monostate.
struct OffsetRecord {
    std::string group;
    TopicPartition partition;
    std::optional<OffsetEntry> value;  ///< nothing = deleted
};
struct GroupRecord {
    std::string group;
    std::optional<protocol::GroupMetadataValue> value;  ///< nothing = deleted
};
using ReadRecord = std::variant<std::monostate, OffsetRecord, GroupRecord>;
/// Fails with Invalid or Truncated when the record does not follow its format.
Result<ReadRecord> readGroupRecord(const protocol::Record& record);

}  // namespace odradek::broker
