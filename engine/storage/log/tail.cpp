// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/log/tail.h"

#include <algorithm>
#include <cstring>

#include "engine/base/check.h"

namespace odradek::storage {

namespace {

constexpr std::size_t kFront = 16;

}  // namespace

std::uint8_t* Tail::reserve(std::size_t size) {
    if (!m_block.memory || m_block.capacity - m_block.used < size) {
        m_block.capacity = std::max(size, m_nextBlock);
        m_block.memory = std::make_shared_for_overwrite<std::uint8_t[]>(m_block.capacity);
        m_block.used = 0;
        m_block.runOpen = false;
        m_nextBlock = std::min(kBlockBytes, m_nextBlock * 2);
    }
    auto* at = m_block.memory.get() + m_block.used;
    m_block.used += size;
    return at;
}

void Tail::append(const std::array<std::uint8_t, kFront>& front, const Bytes& batch, Offset base, Offset next,
                  Offset segment, std::uint64_t position) {
    const std::size_t size = batch.size();
    m_bytes += size;
    if (size > kCopyLimit) {
        Run run{base, next, segment, position, {}, batch.slice(kFront), {}};
        // Followers append batches that already carry the right front: those are shared whole.
        if (std::memcmp(batch.data(), front.data(), kFront) == 0) {
            run.body = batch;
        } else {
            auto* at = reserve(kFront);
            std::memcpy(at, front.data(), kFront);
            run.front = Bytes(m_block.memory, at, kFront);
        }
        m_block.runOpen = false;
        run.entries.push_back({static_cast<std::uint32_t>(next - base - 1), 0});
        m_runs.push_back(std::move(run));
        return;
    }
    auto* at = reserve(size);
    std::memcpy(at, front.data(), kFront);
    std::memcpy(at + kFront, batch.data() + kFront, size - kFront);
    if (m_block.runOpen && !m_runs.empty()) {
        Run& run = m_runs.back();
        if (run.segment == segment && run.position + run.body.size() == position && run.next == base &&
            next - run.base <= INT32_MAX) {
            run.entries.push_back(
                {static_cast<std::uint32_t>(next - run.base - 1), static_cast<std::uint32_t>(run.body.size())});
            run.body = Bytes(m_block.memory, run.body.data(), run.body.size() + size);
            run.next = next;
            return;
        }
    }
    Run run{base, next, segment, position, {}, Bytes(m_block.memory, at, size), {}};
    run.entries.push_back({static_cast<std::uint32_t>(next - base - 1), 0});
    m_runs.push_back(std::move(run));
    m_block.runOpen = true;
}

std::size_t Tail::runHolding(Offset offset) const {
    const auto at = std::upper_bound(m_runs.begin(), m_runs.end(), offset,
                                     [](Offset o, const Run& run) { return o < run.next; });
    return static_cast<std::size_t>(at - m_runs.begin());
}

std::size_t Tail::entryHolding(const Run& run, Offset offset) {
    const auto relative = offset <= run.base ? 0 : static_cast<std::uint32_t>(offset - run.base);
    const auto at = std::lower_bound(run.entries.begin(), run.entries.end(), relative,
                                     [](const Entry& entry, std::uint32_t r) { return entry.lastRelative < r; });
    return static_cast<std::size_t>(at - run.entries.begin());
}

Chain Tail::read(Offset from, Offset upTo, std::uint64_t maxBytes, bool atLeastOne, Offset& next) const {
    Chain out;
    next = from;
    for (std::size_t r = runHolding(from); r < m_runs.size(); ++r) {
        const Run& run = m_runs[r];
        const std::size_t first = entryHolding(run, from);
        const std::uint64_t start = run.entries[first].position;
        // The last entry that ends below upTo and within maxBytes.
        std::size_t end = run.entries.size();
        if (run.next > upTo) {
            const Offset last = upTo - 1;
            end = last < run.base ? 0 : entryHolding(run, last);
            if (end < run.entries.size() && run.base + run.entries[end].lastRelative <= last)
                ++end;
        }
        const auto endPosition = [&](std::size_t entries) {
            return entries == run.entries.size() ? run.size() : run.entries[entries].position;
        };
        const std::uint64_t room = maxBytes - std::min<std::uint64_t>(maxBytes, out.size());
        if (end > first && endPosition(end) - start > room) {
            // Binary search for the most batches that fit.
            std::size_t low = first;
            while (low < end) {
                const std::size_t middle = low + (end - low + 1) / 2;
                if (endPosition(middle) - start <= room)
                    low = middle;
                else
                    end = middle - 1;
            }
            if (end == first && out.empty() && atLeastOne)
                ++end;
        }
        if (end <= first)
            break;
        if (run.front.empty()) {
            out.append(run.body.slice(start, endPosition(end) - start));
        } else {
            out.append(run.front);
            out.append(run.body);
        }
        next = run.base + (static_cast<std::int64_t>(run.entries[end - 1].lastRelative) + 1);
        if (end < run.entries.size())
            break;
    }
    return out;
}

Bytes Tail::batchAt(const Run& run, std::size_t entry) {
    if (!run.front.empty()) {
        Chain whole(run.front);
        whole.append(run.body);
        return whole.flatten();
    }
    const std::size_t start = run.entries[entry].position;
    const std::size_t end = entry + 1 < run.entries.size() ? run.entries[entry + 1].position : run.body.size();
    return run.body.slice(start, end - start);
}

std::array<std::uint8_t, protocol::kBatchHeaderSize> Tail::headerAt(const Run& run, std::size_t entry) {
    std::array<std::uint8_t, protocol::kBatchHeaderSize> header{};
    if (run.front.empty()) {
        std::memcpy(header.data(), run.body.data() + run.entries[entry].position, header.size());
    } else {
        std::memcpy(header.data(), run.front.data(), kFront);
        std::memcpy(header.data() + kFront, run.body.data(), header.size() - kFront);
    }
    return header;
}

void Tail::evict(Offset before, std::uint64_t keepBytes) {
    while (!m_runs.empty() && m_bytes > keepBytes && m_runs.front().next <= before) {
        m_bytes -= m_runs.front().size();
        m_runs.pop_front();
    }
}

void Tail::truncate(Offset offset) {
    while (!m_runs.empty() && m_runs.back().next > offset) {
        m_block.runOpen = false;  // what was handed on must not be overwritten or grown over
        Run& run = m_runs.back();
        std::size_t keep = offset <= run.base ? 0 : entryHolding(run, offset);
        if (keep == 0) {
            m_bytes -= run.size();
            m_runs.pop_back();
            continue;
        }
        const std::uint64_t size = run.entries[keep].position;
        m_bytes -= run.size() - size;
        run.body = run.body.slice(0, size);
        run.entries.resize(keep);
        run.next = run.base + (static_cast<std::int64_t>(run.entries.back().lastRelative) + 1);
        return;
    }
}

void Tail::clear() {
    m_runs.clear();
    m_bytes = 0;
    m_block.runOpen = false;
}

}  // namespace odradek::storage
