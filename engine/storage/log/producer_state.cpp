// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/log/producer_state.h"

#include <algorithm>

#include "engine/base/crc32c.h"
#include "engine/protocol/codec/message.h"
#include "engine/protocol/records/producer_snapshot.h"
#include "engine/storage/log/big_endian.h"

namespace odradek::storage {

using protocol::BatchHeader;
using protocol::KafkaError;

namespace {

constexpr std::int64_t kSequences = std::int64_t{1} << 31;  ///< sequence numbers wrap from 2^31-1 to 0
constexpr std::size_t kSnapshotBody = 2;                    ///< after the int16 version
constexpr std::size_t kSnapshotCovered = 6;                 ///< what the CRC covers begins here

std::int32_t lastSequenceOf(const BatchHeader& batch) {
    return static_cast<std::int32_t>((static_cast<std::int64_t>(batch.baseSequence) + batch.lastOffsetDelta) %
                                     kSequences);
}

/// The batch of the entry with exactly these sequences, if it is remembered.
const ProducerBatch* findDuplicate(const ProducerEntry& entry, const BatchHeader& batch) {
    if (entry.epoch != batch.producerEpoch)
        return nullptr;
    for (std::size_t i = 0; i < entry.batchCount; ++i)
        if (entry.batches[i].lastSequence == lastSequenceOf(batch) &&
            entry.batches[i].firstSequence() == batch.baseSequence)
            return &entry.batches[i];
    return nullptr;
}

}  // namespace

std::int32_t ProducerBatch::firstSequence() const {
    const std::int64_t first = static_cast<std::int64_t>(lastSequence) - offsetDelta;
    return static_cast<std::int32_t>(first >= 0 ? first : first + kSequences);
}

std::expected<std::optional<ProducerBatch>, KafkaError> ProducerState::check(const BatchHeader& batch) const {
    const auto found = m_producers.find(batch.producerId);
    // Unknown producer: records may have been deleted by retention, so any sequence is accepted.
    if (found == m_producers.end())
        return std::nullopt;
    const ProducerEntry& entry = found->second;
    if (const auto* duplicate = findDuplicate(entry, batch))
        return *duplicate;
    if (batch.producerEpoch < entry.epoch)
        return std::unexpected(KafkaError::InvalidProducerEpoch);
    if (batch.producerEpoch != entry.epoch) {
        if (batch.baseSequence != 0 && entry.epoch != -1)
            return std::unexpected(KafkaError::OutOfOrderSequenceNumber);
        return std::nullopt;
    }
    if (entry.epoch == -1)
        return std::nullopt;
    const std::int64_t last = entry.last() == nullptr ? -1 : entry.last()->lastSequence;
    const bool inSequence = (last + 1) % kSequences == batch.baseSequence;
    if (!inSequence)
        return std::unexpected(KafkaError::OutOfOrderSequenceNumber);
    return std::nullopt;
}

void ProducerState::update(const BatchHeader& batch) {
    ProducerEntry& entry = m_producers[batch.producerId];
    if (entry.epoch != batch.producerEpoch) {
        entry.epoch = batch.producerEpoch;
        entry.batchCount = 0;
        entry.batches = {};
    }
    if (entry.batchCount == ProducerEntry::kBatchesKept)
        std::move(entry.batches.begin() + 1, entry.batches.end(), entry.batches.begin());
    else
        ++entry.batchCount;
    entry.batches[entry.batchCount - 1u] = {lastSequenceOf(batch), batch.lastOffsetDelta, batch.lastOffset(),
                                            batch.maxTimestamp};
    entry.lastTimestampMs = batch.maxTimestamp;
    if (batch.isTransactional() && entry.currentTxnFirstOffset < 0)
        entry.currentTxnFirstOffset = batch.baseOffset;
}

void ProducerState::updateMarker(const BatchHeader& batch, std::int32_t coordinatorEpoch) {
    ProducerEntry& entry = m_producers[batch.producerId];
    if (entry.epoch != batch.producerEpoch) {
        entry.epoch = batch.producerEpoch;
        entry.batchCount = 0;
        entry.batches = {};
    }
    entry.coordinatorEpoch = coordinatorEpoch;
    entry.currentTxnFirstOffset = -1;
    entry.lastTimestampMs = batch.maxTimestamp;
}

void ProducerState::expire(std::int64_t nowMs, std::int64_t expirationMs) {
    std::erase_if(m_producers, [&](const auto& item) {
        return item.second.currentTxnFirstOffset < 0 && nowMs - item.second.lastTimestampMs >= expirationMs;
    });
}

std::vector<std::int64_t> ProducerState::truncateTo(std::int64_t offset) {
    std::vector<std::int64_t> emptied;
    for (auto& [id, entry] : m_producers) {
        const auto before = entry.batchCount;
        while (entry.batchCount > 0 && entry.batches[entry.batchCount - 1u].lastOffset >= offset)
            entry.batches[--entry.batchCount] = {};
        if (entry.currentTxnFirstOffset >= offset)
            entry.currentTxnFirstOffset = -1;
        if (entry.batchCount == before)
            continue;
        if (entry.batchCount == 0)
            emptied.push_back(id);
        else
            entry.lastTimestampMs = entry.last()->timestampMs;
    }
    return emptied;
}

std::optional<std::int64_t> ProducerState::firstOpenTransaction() const {
    std::optional<std::int64_t> first;
    for (const auto& [id, entry] : m_producers)
        if (entry.currentTxnFirstOffset >= 0 && (!first || entry.currentTxnFirstOffset < *first))
            first = entry.currentTxnFirstOffset;
    return first;
}

Bytes ProducerState::snapshot() const {
    protocol::ProducerSnapshot body;
    body.producerEntries.reserve(m_producers.size());
    for (const auto& [id, entry] : m_producers) {
        const ProducerBatch last = entry.last() == nullptr ? ProducerBatch{} : *entry.last();
        body.producerEntries.push_back({id, entry.epoch, last.lastSequence, last.lastOffset, last.offsetDelta,
                                        entry.lastTimestampMs, entry.coordinatorEpoch,
                                        entry.currentTxnFirstOffset});
    }
    const Bytes encoded = protocol::encode(body, 1).flatten();
    std::vector<std::uint8_t> file(kSnapshotBody + encoded.size());
    storeBigEndian<std::int16_t>(file.data(), 1);
    std::copy(encoded.data(), encoded.data() + encoded.size(), file.begin() + kSnapshotBody);
    storeBigEndian<std::uint32_t>(file.data() + kSnapshotBody,
                                  crc32c(ByteSpan(file).subspan(kSnapshotCovered)));
    return Bytes::take(std::move(file));
}

Result<ProducerState> ProducerState::fromSnapshot(const Bytes& file) {
    if (file.size() < kSnapshotCovered)
        return fail(ErrorCode::Corrupt, "producer snapshot is cut short");
    if (loadBigEndian<std::int16_t>(file.data()) != 1)
        return fail(ErrorCode::Corrupt, "producer snapshot has an unknown version");
    if (loadBigEndian<std::uint32_t>(file.data() + kSnapshotBody) !=
        crc32c(file.span().subspan(kSnapshotCovered)))
        return fail(ErrorCode::Corrupt, "producer snapshot fails its checksum");
    auto body = protocol::decode<protocol::ProducerSnapshot>(file.slice(kSnapshotBody), 1);
    if (!body)
        return fail(ErrorCode::Corrupt, "producer snapshot: " + body.error().message);
    ProducerState state;
    for (const auto& read : body->producerEntries) {
        ProducerEntry entry;
        entry.epoch = read.epoch;
        entry.coordinatorEpoch = read.coordinatorEpoch;
        entry.currentTxnFirstOffset = read.currentTxnFirstOffset;
        entry.lastTimestampMs = read.timestamp;
        if (read.lastOffset >= 0 && read.lastSequence >= 0 && read.offsetDelta >= 0) {
            entry.batchCount = 1;
            entry.batches[0] = {read.lastSequence, read.offsetDelta, read.lastOffset, read.timestamp};
        }
        state.m_producers[read.producerId] = entry;
    }
    return state;
}

}  // namespace odradek::storage
