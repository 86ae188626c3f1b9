// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/log/segment_scan.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/crc32c.h"
#include "engine/storage/log/big_endian.h"

namespace odradek::storage {

namespace {

constexpr std::uint64_t kWindow = 1 << 20;

bool allZero(ByteSpan bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

/// What lies where no good batch is. A scrubbed file holds nothing that looks like a header, so magic 2 with plausible
/// attributes was written by this log.
ScanStop judgeRest(ByteSpan bytes) {
    if (bytes.empty())
        return ScanStop::EndOfFile;
    if (allZero(bytes) || bytes.size() < protocol::kBatchHeaderSize)
        return allZero(bytes) ? ScanStop::Nothing : ScanStop::Damage;
    const bool header = bytes[BatchField::kMagic] == 2 && bytes[BatchField::kAttributes] == 0 &&
                        (bytes[BatchField::kAttributes + 1] & 0x80) == 0 &&
                        (bytes[BatchField::kLastOffsetDelta] & 0x80) == 0;
    return header ? ScanStop::Damage : ScanStop::Nothing;
}

/// Why this header cannot be the next batch; empty when it can.
std::string misfit(const protocol::BatchHeader& header, const ScanExpectation& expected, std::uint64_t room) {
    if (header.baseOffset != expected.offset)
        return fmt::format("a batch there has offset {} instead of {}", header.baseOffset, expected.offset);
    if (header.sizeInBytes() > room)
        return "the batch there reaches beyond the file";
    if (header.lastOffsetDelta < 0 || header.recordCount < 0)
        return "the batch there has an impossible header";
    if (header.partitionLeaderEpoch < expected.epoch)
        return fmt::format("the batch there has leader epoch {} after {}", header.partitionLeaderEpoch,
                           expected.epoch);
    return {};
}

}  // namespace

Result<Bytes> SegmentWindow::at(std::uint64_t position, std::uint64_t count) {
    if (position >= m_size)
        return Bytes();
    count = std::min(count, m_size - position);
    if (position < m_start || position + count > m_start + m_window.size()) {
        m_window = TRY(m_disk.read(m_path, position, std::min(std::max(count, kWindow), m_size - position)));
        m_start = position;
    }
    return m_window.slice(position - m_start, count);
}

Result<bool> SegmentWindow::crcHolds(std::uint64_t position, const protocol::BatchHeader& header) {
    std::uint32_t crc = 0;
    const std::uint64_t end = position + header.sizeInBytes();
    for (std::uint64_t from = position + BatchField::kAttributes; from < end;) {
        const Bytes piece = TRY(at(from, std::min(kWindow, end - from)));
        if (piece.empty())
            return false;
        crc = crc32c(piece, crc);
        from += piece.size();
    }
    return crc == header.crc;
}

Result<std::uint64_t> SegmentWindow::endOfContent(std::uint64_t from) {
    std::uint64_t end = from;
    while (from < m_size) {
        const Bytes piece = TRY(at(from, kWindow));
        if (piece.empty())
            break;
        for (std::size_t i = piece.size(); i > 0; --i)
            if (piece[i - 1] != 0) {
                end = from + i;
                break;
            }
        from += piece.size();
    }
    return end;
}

Result<ScanEnd> scanBatches(SegmentWindow& window, std::uint64_t position, ScanExpectation& expected,
                            const std::function<Result<void>(const protocol::BatchHeader&, std::uint64_t)>& visit) {
    while (true) {
        const Bytes front = TRY(window.at(position, protocol::kBatchHeaderSize));
        const auto header = protocol::readBatchHeader(front);
        if (!header)
            return ScanEnd{position, judgeRest(front), "a batch there is cut short or has no header"};
        if (auto why = misfit(*header, expected, window.size() - position); !why.empty())
            return ScanEnd{position, judgeRest(front), std::move(why)};
        if (!expected.trustsBytes && !TRY(window.crcHolds(position, *header)))
            return ScanEnd{position, ScanStop::Damage, "the batch there fails its checksum"};
        TRY_OK(visit(*header, position));
        expected.offset = header->nextOffset();
        expected.epoch = std::max(expected.epoch, header->partitionLeaderEpoch);
        position += header->sizeInBytes();
    }
}

}  // namespace odradek::storage
