// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quorum/raft/snapshot_file.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/protocol/codec/message.h"
#include "engine/protocol/records/k_raft_version_record.h"
#include "engine/protocol/records/leader_change_message.h"
#include "engine/protocol/records/snapshot_footer_record.h"
#include "engine/protocol/records/snapshot_header_record.h"

namespace odradek::raft {
namespace {

using protocol::ControlType;

constexpr std::string_view kSuffix = ".checkpoint";
constexpr std::size_t kOffsetDigits = 20;
constexpr std::size_t kEpochDigits = 10;
constexpr std::size_t kNameSize = kOffsetDigits + 1 + kEpochDigits + 11;
/// Data batches are cut at about this size, so that none is too big for a reader.
constexpr std::size_t kBatchBytes = 512u << 10;

template <class Number>
bool parseDigits(std::string_view text, Number& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size() && text.front() != '-';
}

Bytes batchOf(const std::vector<protocol::Record>& records, std::int32_t epoch, bool control) {
    auto batch = protocol::buildBatch(
        records, {.baseOffset = records.front().offset, .leaderEpoch = epoch, .control = control});
    ODRADEK_CHECK(batch.has_value(), "batches of our own records can always be built");
    return *batch;
}

}  // namespace

std::string snapshotName(const OffsetAndEpoch& id) {
    return fmt::format("{:020}-{:010}{}", id.offset, id.epoch, kSuffix);
}

std::optional<OffsetAndEpoch> parseSnapshotName(std::string_view name) {
    OffsetAndEpoch id;
    if (name.size() != kNameSize || !name.ends_with(kSuffix) || name[kOffsetDigits] != '-' ||
        !parseDigits(name.substr(0, kOffsetDigits), id.offset) ||
        !parseDigits(name.substr(kOffsetDigits + 1, kEpochDigits), id.epoch))
        return std::nullopt;
    return id;
}

template <class M>
protocol::Record controlRecord(ControlType type, const M& message, std::int64_t offset, std::int64_t wallMs) {
    return {.offset = offset,
            .timestampMs = wallMs,
            .key = protocol::controlKey(type),
            .value = protocol::encode(message, 0).flatten()};
}
template protocol::Record controlRecord(ControlType, const protocol::LeaderChangeMessage&, std::int64_t,
                                        std::int64_t);
template protocol::Record controlRecord(ControlType, const protocol::KRaftVersionRecord&, std::int64_t,
                                        std::int64_t);
template protocol::Record controlRecord(ControlType, const protocol::VotersRecord&, std::int64_t, std::int64_t);

Result<std::vector<ControlFacts>> readControlBatch(const Bytes& batch) {
    std::vector<ControlFacts> facts;
    for (const auto& record : TRY(protocol::readRecords(batch))) {
        if (!record.key || !record.value)
            return fail(ErrorCode::Invalid, "a control record without key or value");
        ControlFacts fact{.offset = record.offset};
        switch (TRY(protocol::parseControlKey(*record.key))) {
        case ControlType::KRaftVersion: {
            const auto version = TRY(protocol::decode<protocol::KRaftVersionRecord>(*record.value, 0));
            if (version.kRaftVersion < 0 || version.kRaftVersion > 1)
                return fail(ErrorCode::Unsupported, fmt::format("kraft.version {}", version.kRaftVersion));
            fact.kraftVersion = version.kRaftVersion;
            break;
        }
        case ControlType::KRaftVoters:
            fact.voters = VoterSet::of(TRY(protocol::decode<protocol::VotersRecord>(*record.value, 0)));
            break;
        case ControlType::SnapshotFooter: fact.isFooter = true; break;
        default: break;
        }
        facts.push_back(std::move(fact));
    }
    return facts;
}

Bytes buildSnapshot(const OffsetAndEpoch& id, std::int64_t lastTimestampMs, std::int16_t kraftVersion,
                    const VoterSet& voters, const std::vector<Bytes>& values) {
    Chain file;
    std::int64_t offset = 0;
    const auto add = [&](std::vector<protocol::Record>& records, bool control) {
        if (records.empty())
            return;
        file.append(batchOf(records, id.epoch, control));
        records.clear();
    };
    std::vector<protocol::Record> records;
    protocol::SnapshotHeaderRecord header;
    header.lastContainedLogTimestamp = lastTimestampMs;
    records.push_back(controlRecord(ControlType::SnapshotHeader, header, offset++, lastTimestampMs));
    if (kraftVersion > 0) {
        protocol::KRaftVersionRecord version;
        version.kRaftVersion = kraftVersion;
        records.push_back(controlRecord(ControlType::KRaftVersion, version, offset++, lastTimestampMs));
        records.push_back(controlRecord(ControlType::KRaftVoters, voters.toRecord(), offset++, lastTimestampMs));
    }
    add(records, true);
    std::size_t bytes = 0;
    for (const auto& value : values) {
        records.push_back({.offset = offset++, .timestampMs = lastTimestampMs, .value = value});
        bytes += value.size();
        if (bytes < kBatchBytes)
            continue;
        add(records, false);
        bytes = 0;
    }
    add(records, false);
    records.push_back(
        controlRecord(ControlType::SnapshotFooter, protocol::SnapshotFooterRecord{}, offset++, lastTimestampMs));
    add(records, true);
    return file.flatten();
}

Bytes buildBootstrapSnapshot(const VoterSet& voters, std::int64_t wallMs) {
    return buildSnapshot({0, 0}, wallMs, 1, voters, {});
}

Result<SnapshotContents> readSnapshot(const Bytes& file) {
    SnapshotContents contents;
    bool isFirst = true;
    bool hasFooter = false;
    for (std::size_t at = 0; at < file.size();) {
        const auto rest = file.slice(at);
        const auto header = protocol::readBatchHeader(rest);
        if (!header || header->sizeInBytes() > rest.size() ||
            !protocol::checkBatchCrc(rest.slice(0, header->sizeInBytes())) || hasFooter)
            return fail(ErrorCode::Corrupt, fmt::format("a snapshot is broken at byte {}", at));
        const auto batch = rest.slice(0, header->sizeInBytes());
        if (isFirst && !header->isControl())
            return fail(ErrorCode::Corrupt, "a snapshot without header");
        if (header->isControl()) {
            for (const auto& fact : TRY(readControlBatch(batch))) {
                hasFooter = hasFooter || fact.isFooter;
                if (fact.voters)
                    contents.voters = fact.voters;
                contents.kraftVersion = fact.kraftVersion.value_or(contents.kraftVersion);
            }
        } else {
            contents.dataBatches.push_back(batch);
        }
        isFirst = false;
        at += batch.size();
    }
    if (!hasFooter)
        return fail(ErrorCode::Corrupt, "a snapshot without footer");
    return contents;
}

}  // namespace odradek::raft
