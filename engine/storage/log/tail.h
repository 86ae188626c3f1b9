// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/types.h"
#include "engine/protocol/codec/record_batch.h"

namespace odradek::storage {

/// The recent end of a log in memory: what serves most fetches and what waits to be written.
/// Batches of up to `kCopyLimit` bytes are copied side by side into shared blocks (so that a fetch,
/// or a disk write, of thousands of small batches is a few slices); larger ones are shared as they
/// came, behind a new 16-byte front. Copyable: a copy shares the bytes and opens its own block for
/// what comes next.
class Tail {
public:
    static constexpr std::size_t kCopyLimit = 8 << 10;
    static constexpr std::size_t kBlockBytes = 64 << 10;

    /// A run of batches that lie side by side in one segment.
    struct Entry {
        std::uint32_t lastRelative = 0;  ///< last offset - run's base offset
        std::uint32_t position = 0;      ///< start within the run
    };
    struct Run {
        Offset base;
        Offset next;
        Offset segment;              ///< base offset of its segment
        std::uint64_t position = 0;  ///< in the segment
        Bytes front;  ///< stamped 16 bytes of a large batch; empty for copied batches
        Bytes body;
        std::vector<Entry> entries;  ///< one per batch
        std::uint64_t size() const { return front.size() + body.size(); }
    };

    /// Adds one batch whose first 16 bytes are replaced by `front` (base offset, length, epoch).
    void append(const std::array<std::uint8_t, 16>& front, const Bytes& batch, Offset base,
                Offset next, Offset segment, std::uint64_t position);

    const std::deque<Run>& runs() const { return m_runs; }
    bool empty() const { return m_runs.empty(); }
    /// Offset of the first record held; meaningless when empty.
    Offset start() const { return m_runs.front().base; }
    std::uint64_t bytes() const { return m_bytes; }

    /// Whole batches from the one holding `from` up to those ending below `upTo`, at most
    /// `maxBytes` (the first one whatever its size when `atLeastOne`). `next` is set to the offset
    /// after the last.
    Chain read(Offset from, Offset upTo, std::uint64_t maxBytes, bool atLeastOne,
               Offset& next) const;
    /// The run that holds `offset` (its index; runs().size() when none ends behind it), and the
    /// entry within a run.
    std::size_t runHolding(Offset offset) const;
    static std::size_t entryHolding(const Run& run, Offset offset);
    /// One whole batch of a run (copies a large stamped one), and its header alone.
    static Bytes batchAt(const Run& run, std::size_t entry);
    static std::array<std::uint8_t, protocol::kBatchHeaderSize> headerAt(const Run& run,
                                                                         std::size_t entry);

    /// Drops oldest runs that end at or before `before`, while more than `keepBytes` are held.
    void evict(Offset before, std::uint64_t keepBytes);
    /// Drops batches that reach `offset` or beyond.
    void truncate(Offset offset);
    void clear();

private:
    /// The block being filled. Its bytes are written once, before anyone sees them; never shared
    /// between copies of a Tail.
    struct OpenBlock {
        OpenBlock() = default;
        OpenBlock(const OpenBlock&) {}
        OpenBlock& operator=(const OpenBlock&) {
            memory.reset();
            used = capacity = 0;
            runOpen = false;
            return *this;
        }
        OpenBlock(OpenBlock&&) = default;
        OpenBlock& operator=(OpenBlock&&) = default;
        std::shared_ptr<std::uint8_t[]> memory;
        std::size_t used = 0;
        std::size_t capacity = 0;
        bool runOpen = false;  ///< the last run lies at the block's end and may grow
    };
    std::uint8_t* reserve(std::size_t size);

    std::deque<Run> m_runs;
    std::uint64_t m_bytes = 0;
    OpenBlock m_block;
    std::size_t m_nextBlock =
        1 << 10;  ///< blocks grow with use, so that idle partitions stay small
};

}  // namespace odradek::storage
