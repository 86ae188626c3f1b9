// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/groups/group_records.h"

#include "engine/protocol/codec/message.h"
#include "engine/protocol/records/group_metadata_key.h"
#include "engine/protocol/records/offset_commit_value.h"

namespace odradek::broker {
namespace {

using protocol::GroupMetadataKey;
using protocol::GroupMetadataValue;
using protocol::OffsetCommitKey;
using protocol::OffsetCommitValue;

/// An int16 prefix, then the message in `version`.
template <class M>
Bytes prefixed(std::int16_t prefix, const M& message, std::int16_t version) {
    const auto bits = static_cast<std::uint16_t>(prefix);
    Chain all(Bytes::take({static_cast<std::uint8_t>(bits >> 8), static_cast<std::uint8_t>(bits & 0xFFu)}));
    all.append(protocol::encode(message, version));
    return all.flatten();
}

Result<std::int16_t> prefixOf(const Bytes& bytes) {
    if (bytes.size() < 2)
        return fail(ErrorCode::Truncated, "a record of __consumer_offsets lacks its version");
    return static_cast<std::int16_t>((bytes[0] << 8) | bytes[1]);
}

/// Reads a versioned value, null as nothing.
template <class M>
Result<std::optional<M>> valueOf(const std::optional<Bytes>& bytes) {
    if (!bytes)
        return std::optional<M>();
    const auto version = TRY(prefixOf(*bytes));
    if (version < 0 || version > M::kInfo.maxVersion)
        return fail(ErrorCode::Unsupported, "a value of __consumer_offsets has an unknown version");
    return std::optional<M>(TRY(protocol::decode<M>(bytes->slice(2), version)));
}

}  // namespace

Bytes offsetKey(const std::string& group, const TopicPartition& partition) {
    OffsetCommitKey key;
    key.group = group;
    key.topic = partition.topic;
    key.partition = partition.partition;
    return prefixed(1, key, 0);
}

Bytes groupKey(const std::string& group) {
    GroupMetadataKey key;
    key.group = group;
    return prefixed(2, key, 0);
}

Bytes offsetValue(const OffsetEntry& entry) {
    OffsetCommitValue value;
    value.offset = entry.offset;
    value.leaderEpoch = entry.leaderEpoch;
    value.metadata = entry.metadata;
    value.commitTimestamp = entry.commitMs;
    value.expireTimestamp = entry.expireMs.value_or(-1);
    value.topicId = entry.topicId;
    const std::int16_t version = entry.expireMs ? 1 : 4;
    return prefixed(version, value, version);
}

Bytes groupValue(const ClassicGroup& group, const std::map<std::string, Bytes>& assignments) {
    GroupMetadataValue value;
    value.protocolType = group.protocolType.value_or("");
    value.generation = group.generation;
    value.protocol = group.protocolName;
    value.leader = group.leaderId;
    value.currentStateTimestamp = group.stateSinceMs.value_or(-1);
    for (const auto& [memberId, one] : group.members) {
        auto& written = value.members.emplace_back();
        written.memberId = memberId;
        written.groupInstanceId = one.instanceId;
        written.clientId = one.clientId;
        written.clientHost = one.clientHost;
        written.rebalanceTimeout = one.rebalanceTimeoutMs;
        written.sessionTimeout = one.sessionTimeoutMs;
        if (const auto* metadata = group.protocolName ? one.metadata(*group.protocolName) : nullptr)
            written.subscription = *metadata;
        if (const auto given = assignments.find(memberId); given != assignments.end())
            written.assignment = given->second;
    }
    return prefixed(kGroupValueVersion, value, kGroupValueVersion);
}

Bytes emptyGroupValue(const ClassicGroup& group) {
    GroupMetadataValue value;
    value.protocol.reset();
    value.leader.reset();
    value.currentStateTimestamp = group.stateSinceMs.value_or(-1);
    return prefixed(kGroupValueVersion, value, kGroupValueVersion);
}

Result<ReadRecord> readGroupRecord(const protocol::Record& record) {
    if (!record.key)
        return fail(ErrorCode::Invalid, "a record of __consumer_offsets has no key");
    const auto type = TRY(prefixOf(*record.key));
    const auto body = record.key->slice(2);
    if (type == 0 || type == 1) {
        const auto key = TRY(protocol::decode<OffsetCommitKey>(body, 0));
        OffsetRecord read{key.group, {key.topic, key.partition}, std::nullopt};
        if (const auto value = TRY(valueOf<OffsetCommitValue>(record.value))) {
            read.value = OffsetEntry{value->offset, value->leaderEpoch, value->metadata, value->commitTimestamp,
                                     std::nullopt, value->topicId};
            if (value->expireTimestamp != -1)
                read.value->expireMs = value->expireTimestamp;
        }
        return ReadRecord(std::move(read));
    }
    if (type == 2) {
        const auto key = TRY(protocol::decode<GroupMetadataKey>(body, 0));
        return ReadRecord(GroupRecord{key.group, TRY(valueOf<GroupMetadataValue>(record.value))});
    }
    return ReadRecord();
}

}  // namespace odradek::broker
