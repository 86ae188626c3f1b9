// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/base/types.h"
#include "engine/protocol/codec/record_batch.h"
#include "engine/protocol/kafka_error.h"

namespace odradek::storage {

/// One batch a producer wrote, as remembered for recognising retries.
struct ProducerBatch {
    std::int32_t lastSequence = -1;
    std::int32_t offsetDelta = 0;  ///< last offset - first offset
    std::int64_t lastOffset = -1;
    std::int64_t timestampMs = -1;  ///< the batch's max timestamp

    std::int64_t firstOffset() const { return lastOffset - offsetDelta; }
    std::int32_t firstSequence() const;
    bool operator==(const ProducerBatch&) const = default;
};

/// What a partition knows of one producer id: its epoch and its last five batches.
struct ProducerEntry {
    static constexpr std::size_t kBatchesKept = 5;

    std::int16_t epoch = -1;
    std::uint8_t batchCount = 0;
    std::array<ProducerBatch, kBatchesKept> batches{};  ///< oldest first, `batchCount` of them
    std::int32_t coordinatorEpoch = -1;
    std::int64_t currentTxnFirstOffset = -1;  ///< -1 = no open transaction
    std::int64_t lastTimestampMs = -1;  ///< of the last batch or marker; expiry counts from it

    const ProducerBatch* last() const {
        return batchCount == 0 ? nullptr : &batches[batchCount - 1];
    }
    bool operator==(const ProducerEntry&) const = default;
};

/// Sequence numbers of idempotent producers in one partition (KIP-98; Kafka's
/// ProducerStateManager). Decides whether a batch is next, a duplicate or out of order, and is
/// written to `.snapshot` files. A deterministic, copyable value owned by its PartitionLog. Leaders
/// call `check` and then `update`; followers and recovery only `update`.
class ProducerState {
public:
    /// Judges a client's batch before it is appended: nullopt = append it; a batch = it is a
    /// duplicate of that one. Errors: InvalidProducerEpoch, OutOfOrderSequenceNumber.
    std::expected<std::optional<ProducerBatch>, protocol::KafkaError> check(
        const protocol::BatchHeader& batch) const;

    /// Takes an appended data batch into account. `batch` carries its final offsets.
    void update(const protocol::BatchHeader& batch);
    /// Takes a transaction marker into account (control batch with producer id).
    void updateMarker(const protocol::BatchHeader& batch, std::int32_t coordinatorEpoch);

    /// Forgets producers silent for `expirationMs` without an open transaction.
    void expire(std::int64_t nowMs, std::int64_t expirationMs);
    /// Forgets batches from `offset` on (truncation). Returns the ids that lost every batch;
    /// `forget` or `update` again.
    std::vector<std::int64_t> truncateTo(std::int64_t offset);
    void forget(std::int64_t producerId) { m_producers.erase(producerId); }
    void clear() { m_producers.clear(); }

    const std::map<std::int64_t, ProducerEntry>& producers() const { return m_producers; }
    bool empty() const { return m_producers.empty(); }
    /// First offset of the oldest open transaction, if any.
    std::optional<std::int64_t> firstOpenTransaction() const;

    /// The bytes of a Kafka `.snapshot` file: int16 version 1, uint32 CRC-32C of what follows,
    /// entries.
    Bytes snapshot() const;
    /// Reads such a file; Corrupt when version, CRC or length do not fit. Only the last batch of
    /// each producer is known.
    static Result<ProducerState> fromSnapshot(const Bytes& file);

    bool operator==(const ProducerState&) const = default;

private:
    std::map<std::int64_t, ProducerEntry> m_producers;
};

}  // namespace odradek::storage
