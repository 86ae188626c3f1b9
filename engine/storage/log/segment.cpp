// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/log/segment.h"

#include "engine/storage/log/text_file.h"

namespace odradek::storage {

std::string segmentFileName(Offset base, std::string_view suffix) {
    // By hand: every disk effect names its file.
    constexpr std::size_t kDigits = 20;
    std::string name;
    name.reserve(kDigits + suffix.size());
    name.assign(kDigits, '0');
    auto rest = static_cast<std::uint64_t>(base.value);
    for (std::size_t i = kDigits; rest > 0; rest /= 10)
        name[--i] = static_cast<char>('0' + rest % 10);
    return name.append(suffix);
}

std::optional<Offset> parseSegmentFileName(std::string_view name, std::string_view suffix) {
    constexpr std::size_t kDigits = 20;
    if (name.size() != kDigits + suffix.size() || !name.ends_with(suffix))
        return std::nullopt;
    const auto base = parseNumber<std::int64_t>(name.substr(0, kDigits));
    if (!base || *base < 0 || name.front() == '-')
        return std::nullopt;
    return Offset(*base);
}

void Segment::note(const protocol::BatchHeader& batch, std::int32_t indexIntervalBytes, std::int64_t nowMs) {
    if (empty())
        firstTimestampMs = batch.maxTimestamp;
    if (batch.maxTimestamp > maxTimestampMs) {
        maxTimestampMs = batch.maxTimestamp;
        offsetOfMaxTimestamp = batch.lastOffset();
    }
    if (bytesSinceIndexEntry > static_cast<std::uint32_t>(indexIntervalBytes)) {
        const auto relative = [&](std::int64_t offset) {
            return offset < base.value ? 0u : static_cast<std::uint32_t>(offset - base.value);
        };
        index.add(relative(batch.lastOffset()), static_cast<std::uint32_t>(size), maxTimestampMs,
                  relative(offsetOfMaxTimestamp));
        bytesSinceIndexEntry = 0;
    }
    bytesSinceIndexEntry += static_cast<std::uint32_t>(batch.sizeInBytes());
    size += batch.sizeInBytes();
    next = Offset(batch.nextOffset());
    indexFilesComplete = false;
    lastAppendMs = nowMs;
}

}  // namespace odradek::storage
