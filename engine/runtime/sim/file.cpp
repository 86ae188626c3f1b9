// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/sim/file.h"

#include <algorithm>
#include <cstring>

namespace odradek::sim {

std::vector<std::uint8_t> File::copy(std::uint64_t offset, std::uint64_t count) const {
    if (offset >= m_size)
        return {};
    count = std::min(count, m_size - offset);
    std::vector<std::uint8_t> out(count);
    for (std::uint64_t at = 0; at < count;) {
        const auto place = offset + at;
        const auto inPage = std::min(kPage - place % kPage, count - at);
        if (const auto& page = m_pages[place / kPage])
            std::memcpy(out.data() + at, page->data() + place % kPage, inPage);
        at += inPage;
    }
    return out;
}

Bytes File::read(std::uint64_t offset, std::uint64_t count) const {
    return Bytes::take(copy(offset, count));
}

void File::setSize(std::uint64_t size) {
    if (size < m_size && size % kPage != 0) {
        // The rest of the last page must read as zeros when the file grows again.
        auto& page = m_pages[size / kPage];
        if (page) {
            if (page.use_count() > 1)
                page = std::make_shared<Page>(*page);
            std::memset(page->data() + size % kPage, 0, kPage - size % kPage);
        }
    }
    m_pages.resize((size + kPage - 1) / kPage);
    m_size = size;
}

void File::put(std::uint64_t offset, ByteSpan data) {
    if (offset + data.size() > m_size)
        setSize(offset + data.size());
    for (std::size_t at = 0; at < data.size();) {
        const auto place = offset + at;
        const auto inPage = std::min<std::uint64_t>(kPage - place % kPage, data.size() - at);
        auto& page = m_pages[place / kPage];
        if (!page)
            page = std::make_shared<Page>(kPage);
        else if (page.use_count() > 1)
            page = std::make_shared<Page>(*page);
        std::memcpy(page->data() + place % kPage, data.data() + at, inPage);
        at += inPage;
    }
}

void File::write(std::uint64_t offset, ByteSpan data, bool track) {
    if (track)
        m_changes.push_back(
            {false, offset, m_size, copy(offset, data.size()), {data.begin(), data.end()}});
    put(offset, data);
}

void File::resize(std::uint64_t size, bool track) {
    if (track)
        m_changes.push_back(
            {true, size, m_size, size < m_size ? copy(size, m_size - size) : Page(), {}});
    setSize(size);
}

std::uint64_t File::flipBit(Prng& random) {
    // Segments are preallocated: looks for a page somebody has written to.
    std::vector<std::uint64_t> pages;
    for (std::uint64_t i = 0; i < m_pages.size(); ++i)
        if (m_pages[i])
            pages.push_back(i);
    if (pages.empty() || m_size == 0)
        return 0;
    const auto page = pages[random.below(pages.size())];
    const auto at = page * kPage + random.below(std::min(kPage, m_size - page * kPage));
    const auto flipped =
        static_cast<std::uint8_t>(copy(at, 1).front() ^ (1u << random.below(8)));
    put(at, ByteSpan(&flipped, 1));
    return at;
}

void File::flush() {
    m_changes.clear();
    m_durable = true;
}

void File::losePower(Prng& random) {
    for (auto it = m_changes.rbegin(); it != m_changes.rend(); ++it) {
        setSize(it->sizeBefore);
        put(it->offset, it->before);
        setSize(it->sizeBefore);
    }
    const auto mood =
        random.below(4);  // of this file: nothing, half, most or all of the sectors arrived
    for (const auto& change : m_changes) {
        if (change.resized) {
            if (mood == 3 || random.chance(1, 2))
                setSize(change.offset);
            continue;
        }
        for (std::size_t at = 0; at < change.after.size();) {
            const auto inSector = std::min<std::uint64_t>(kSector - (change.offset + at) % kSector,
                                                          change.after.size() - at);
            const bool arrived = mood == 3 || (mood == 2 && random.chance(15, 16)) ||
                                 (mood == 1 && random.chance(1, 2));
            if (arrived)
                put(change.offset + at, ByteSpan(change.after).subspan(at, inSector));
            at += inSector;
        }
    }
    flush();
}

}  // namespace odradek::sim
