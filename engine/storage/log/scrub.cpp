// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/log/scrub.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "engine/protocol/codec/record_batch.h"
#include "engine/storage/log/big_endian.h"

namespace odradek::storage {

namespace {

constexpr std::size_t kChunk = 256 << 10;
/// Kept from one chunk to the next, so that a header across the border is seen whole.
constexpr std::size_t kOverlap = protocol::kBatchHeaderSize;
constexpr std::size_t kSector = 512;

/// Whether the byte 2 at `magic` may be the magic of a batch header: what follows has plausible attributes and a last
/// offset delta that is not negative. The length before it is not asked: a torn header may have got it from elsewhere.
bool plausible(const std::vector<std::uint8_t>& bytes, std::size_t magic, std::size_t size) {
    const std::size_t attributes = magic + (BatchField::kAttributes - BatchField::kMagic);
    if (attributes + 3 > size)
        return true;  // too close to the end to tell
    return bytes[attributes] == 0 && (bytes[attributes + 1] & 0x80) == 0 && (bytes[attributes + 2] & 0x80) == 0;
}

/// Sectors of a chunk that were changed, written in as few runs as they make.
class DirtySectors {
public:
    explicit DirtySectors(std::size_t size) : m_dirty((size + kSector - 1) / kSector) {}
    void mark(std::size_t from, std::size_t to) {
        for (std::size_t s = from / kSector; s * kSector < to; ++s)
            m_dirty[s] = true;
    }
    Result<void> write(ScrubFile& file, std::uint64_t position, ByteSpan chunk, ScrubStats& stats) const {
        for (std::size_t s = 0; s < m_dirty.size();) {
            if (!m_dirty[s]) {
                ++s;
                continue;
            }
            std::size_t end = s;
            while (end < m_dirty.size() && m_dirty[end])
                ++end;
            const auto part = chunk.subspan(s * kSector, std::min(end * kSector, chunk.size()) - s * kSector);
            TRY_OK(file.write(position + s * kSector, part));
            stats.bytesWritten += part.size();
            s = end;
        }
        return {};
    }

private:
    std::vector<bool> m_dirty;
};

}  // namespace

Result<ScrubStats> scrubRange(ScrubFile& file, std::uint64_t from, std::uint64_t to) {
    ScrubStats stats;
    std::vector<std::uint8_t> chunk(kChunk);
    std::uint64_t position = from;
    while (position < to) {
        const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, to - position));
        const std::size_t got = TRY(file.read(position, std::span(chunk).first(wanted)));
        DirtySectors dirty(got);
        for (std::size_t at = 0; at < got;) {
            const auto* hit = static_cast<const std::uint8_t*>(std::memchr(chunk.data() + at, 2, got - at));
            if (hit == nullptr)
                break;
            const std::size_t magic = static_cast<std::size_t>(hit - chunk.data());
            at = magic + 1;
            if (!plausible(chunk, magic, got))
                continue;
            const std::size_t begin = magic < BatchField::kMagic ? 0 : magic - BatchField::kMagic;
            const std::size_t end = std::min(got, magic - BatchField::kMagic + protocol::kBatchHeaderSize);
            std::memset(chunk.data() + begin, 0, end - begin);
            dirty.mark(begin, end);
            ++stats.headersZeroed;
        }
        TRY_OK(dirty.write(file, position, ByteSpan(chunk).first(got), stats));
        // A short read is the end of the file; beyond it there is nothing to find.
        if (got < wanted || position + got >= to)
            break;
        position += got - kOverlap;
    }
    TRY_OK(file.flush());
    return stats;
}

}  // namespace odradek::storage
