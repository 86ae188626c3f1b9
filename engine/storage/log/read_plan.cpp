// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/log/read_plan.h"

#include <algorithm>

#include "engine/protocol/codec/record_batch.h"

namespace odradek::storage {

namespace {

constexpr std::uint64_t kLookAhead = 16 << 10;

ColdRead again(const ColdRead& plan, std::uint64_t position, std::uint64_t size) {
    ColdRead next = plan;
    next.position = position;
    next.size = std::min(size, plan.segmentEnd - position);
    return next;
}

}  // namespace

Result<ReadPlan> finishColdRead(const ColdRead& plan, const Bytes& data) {
    if (data.size() < plan.size)
        return fail(ErrorCode::Truncated, "a segment is shorter than it was");
    FetchData out;
    out.next = plan.from;
    std::size_t at = 0;
    std::size_t start = 0;  // of the run that is answered
    std::int64_t expected = -1;
    while (plan.position + at < plan.segmentEnd) {
        const bool started = out.next > plan.from;
        auto header = protocol::readBatchHeader(data.span().subspan(std::min(at, data.size())));
        if (!header && header.error().code == ErrorCode::Truncated) {
            if (started)
                break;
            return ReadPlan(again(plan, plan.position + at, plan.maxBytes + kLookAhead));
        }
        // What is good before a bad batch is still given out; who asks on from there learns of it.
        if (started && (!header || header->baseOffset != expected))
            break;
        if (!header || (expected >= 0 && header->baseOffset != expected))
            return fail(ErrorCode::Corrupt, "no batch where the log has one");
        expected = header->nextOffset();
        const std::size_t size = header->sizeInBytes();
        if (started && plan.position + at + size > plan.segmentEnd)
            break;
        if (plan.position + at + size > plan.segmentEnd)
            return fail(ErrorCode::Corrupt, "a batch reaches beyond its segment");
        if (header->lastOffset() < plan.from.value) {
            at += size;
            start = at;
            continue;
        }
        if (header->lastOffset() >= plan.upTo.value)
            break;
        const std::size_t total = at + size - start;
        if (total > plan.maxBytes && (started || !plan.atLeastOne))
            break;
        if (at + size > data.size()) {
            if (started)
                break;
            return ReadPlan(again(plan, plan.position + at, std::max<std::uint64_t>(size, plan.maxBytes)));
        }
        if (!protocol::checkBatchCrc(data.span().subspan(at, size))) {
            if (started)
                break;
            return fail(ErrorCode::Corrupt, "a stored batch fails its checksum");
        }
        at += size;
        out.next = Offset(header->nextOffset());
        if (total >= plan.maxBytes)
            break;
    }
    if (out.next > plan.from)
        out.records = Chain(data.slice(start, at - start));
    return ReadPlan(std::move(out));
}

}  // namespace odradek::storage
