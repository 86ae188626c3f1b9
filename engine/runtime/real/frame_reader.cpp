// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/real/frame_reader.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"

namespace odradek::real {
namespace {

constexpr std::size_t kFirstBuffer = 4096;
/// A connection that proved larger frames than this still starts a frame with no more than this unproven.
constexpr std::size_t kProvenMax = 8u << 20;
/// After a frame of at least this size the next one is read in place at once.
constexpr std::size_t kLarge = 16u << 10;

std::size_t readLength(const std::uint8_t* p) {
    return (std::size_t{p[0]} << 24) | (std::size_t{p[1]} << 16) | (std::size_t{p[2]} << 8) | p[3];
}

bool looksLikeHttp(const std::uint8_t* p) {
    const std::string_view word(reinterpret_cast<const char*>(p), 4);
    for (std::string_view verb : {"GET ", "POST", "HEAD", "PUT ", "OPTI", "DELE", "PATC", "CONN", "TRAC", "PRI "})
        if (word == verb)
            return true;
    return false;
}

}  // namespace

std::size_t FrameReader::prepare(std::span<std::uint8_t> scratch, std::array<iovec, 2>& into) {
    if (!m_inFrame) {
        if (m_last >= kLarge && m_last <= kProvenMax && m_prefixHave == 0) {
            m_ahead = m_pool->take(m_last);
            into[0] = {m_prefix.data(), m_prefix.size()};
            into[1] = {m_ahead.data.get(), m_last};
            return 2;
        }
        into[0] = {scratch.data(), scratch.size()};
        return 1;
    }
    ensureRoom();
    const auto room = std::min(m_buffer.capacity, m_length) - m_have;
    into[0] = {m_buffer.data.get() + m_have, room};
    if (m_have + room < m_length)
        return 1;  // the frame's end does not fit yet: what follows it must not land in the scratch area
    into[1] = {scratch.data(), scratch.size()};
    return 2;
}

Result<void> FrameReader::commit(std::size_t count, std::span<const std::uint8_t> scratch,
                                 std::vector<Bytes>& frames) {
    if (m_ahead.data)
        return takeAhead(count, frames);
    if (m_inFrame) {
        const auto room = std::min(m_buffer.capacity, m_length) - m_have;
        const auto direct = std::min(count, room);
        m_have += direct;
        count -= direct;
        if (m_have == m_length)
            finishFrame(frames);
    }
    ODRADEK_CHECK(count <= scratch.size(), "no more bytes than the prepared areas hold");
    return takeScratch(scratch.first(count), frames);
}

/// `count` bytes came: a length prefix, and what follows it in the buffer that lay ready.
Result<void> FrameReader::takeAhead(std::size_t count, std::vector<Bytes>& frames) {
    const auto ahead = std::exchange(m_ahead, {});
    if (count < m_prefix.size()) {
        m_prefixHave = count;
        return {};
    }
    count -= m_prefix.size();
    const auto length = TRY(checkLength(m_prefix.data()));
    if (length > count || (length == count && length >= kLarge)) {
        m_inFrame = true;
        m_length = length;
        m_have = count;
        m_buffer = ahead;
        if (m_have == m_length)
            finishFrame(frames);
        return {};
    }
    // Smaller ones than expected: they must not pin the buffer.
    const std::span<const std::uint8_t> data(ahead.data.get(), count);
    frames.push_back(Bytes::copy(data.first(length)));
    m_last = length;
    return takeScratch(data.subspan(length), frames);
}

Result<void> FrameReader::takeScratch(std::span<const std::uint8_t> data, std::vector<Bytes>& frames) {
    while (!data.empty()) {
        if (m_prefixHave != 0 || data.size() < 4) {
            const auto part = std::min(data.size(), 4 - m_prefixHave);
            std::memcpy(m_prefix.data() + m_prefixHave, data.data(), part);
            m_prefixHave += part;
            data = data.subspan(part);
            if (m_prefixHave < 4)
                return {};
            m_prefixHave = 0;
            beginFrame(TRY(checkLength(m_prefix.data())));
        } else {
            const auto length = TRY(checkLength(data.data()));
            data = data.subspan(4);
            if (data.size() >= length) {
                frames.push_back(Bytes::copy(data.first(length)));
                m_last = length;
                data = data.subspan(length);
                continue;
            }
            beginFrame(length);
        }
        const auto part = data.first(std::min(data.size(), m_length));
        data = data.subspan(part.size());
        if (part.size() > m_buffer.capacity)
            m_buffer = m_pool->take(std::min(m_length, part.size() * 2));
        std::memcpy(m_buffer.data.get(), part.data(), part.size());
        m_have = part.size();
        if (m_have == m_length)
            finishFrame(frames);
    }
    return {};
}

Result<std::size_t> FrameReader::checkLength(const std::uint8_t* prefix) const {
    const auto length = readLength(prefix);
    if (length <= m_limit)
        return length;
    if (looksLikeHttp(prefix))
        return fail(ErrorCode::Invalid, "an HTTP request came to the Kafka port");
    if (length > INT32_MAX)
        return fail(ErrorCode::Invalid, "negative frame length, so this is not the Kafka protocol");
    return fail(ErrorCode::Invalid,
                fmt::format("frame of {} bytes, above socket.request.max.bytes = {}", length, m_limit));
}

void FrameReader::beginFrame(std::size_t length) {
    m_inFrame = true;
    m_length = length;
    m_have = 0;
    m_buffer = m_pool->take(std::min(length, std::max(kFirstBuffer, std::min(m_proven, kProvenMax))));
}

void FrameReader::ensureRoom() {
    if (m_have < m_buffer.capacity)
        return;
    auto larger = m_pool->take(std::min(m_length, m_have * 2));
    std::memcpy(larger.data.get(), m_buffer.data.get(), m_have);
    m_buffer = std::move(larger);
}

void FrameReader::finishFrame(std::vector<Bytes>& frames) {
    frames.push_back(m_buffer.bytes(m_length));
    m_buffer = {};
    m_proven = std::max(m_proven, m_length);
    m_last = m_length;
    m_inFrame = false;
    m_length = 0;
    m_have = 0;
}

}  // namespace odradek::real
