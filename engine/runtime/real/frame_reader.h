// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <sys/uio.h>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/runtime/real/buffer_pool.h"

namespace odradek::real {

/// Cuts a byte stream into Kafka frames (int32 big-endian length, then that many bytes) without trusting a length
/// before its bytes are there: a connection holds at most 4 KiB plus twice what it really sent. It holds nothing
/// between frames, so thousands of idle connections cost no buffers.
///
/// Use: `prepare` says where the next bytes are to be read to (the frame under way, then a scratch area all
/// connections of a thread share), `commit` takes note of how many came and yields the complete frames. Small frames
/// are copied out of the scratch area, so that none pins a large buffer; large ones are read in place: one that follows
/// another large one from its first byte on, since a buffer of the last one's size lies ready when its length comes.
/// Thread: its connection's.
class FrameReader {
public:
    /// `limit`: the largest frame taken, in bytes (socket.request.max.bytes).
    FrameReader(BufferPool& pool, std::size_t limit) : m_pool(&pool), m_limit(limit) {}

    /// Fills `into` with one or two areas to read to and returns how many.
    std::size_t prepare(std::span<std::uint8_t> scratch, std::array<iovec, 2>& into);
    /// `count` bytes were read into the areas of the last `prepare`, in order. Appends complete frames to `frames`.
    /// Invalid when a length is negative or above the limit, or when an HTTP request came; the stream is then useless.
    Result<void> commit(std::size_t count, std::span<const std::uint8_t> scratch, std::vector<Bytes>& frames);
    /// Nothing came: the buffer that lay ready goes back.
    void release() { m_ahead = {}; }
    /// Bytes of the frame under way that are already here; for tests and limits.
    std::size_t pendingBytes() const { return m_have + m_prefixHave; }
    /// Heap held for the frame under way, in bytes.
    std::size_t heldBytes() const { return m_buffer.capacity + m_ahead.capacity; }

private:
    Result<void> takeAhead(std::size_t count, std::vector<Bytes>& frames);
    Result<void> takeScratch(std::span<const std::uint8_t> data, std::vector<Bytes>& frames);
    Result<std::size_t> checkLength(const std::uint8_t* prefix) const;
    void beginFrame(std::size_t length);
    void ensureRoom();
    void finishFrame(std::vector<Bytes>& frames);

    BufferPool* m_pool;
    std::size_t m_limit;
    std::array<std::uint8_t, 4> m_prefix{};
    std::size_t m_prefixHave = 0;  ///< bytes of the length prefix that are here, when it came in pieces
    bool m_inFrame = false;
    std::size_t m_length = 0;  ///< of the frame under way
    std::size_t m_have = 0;
    std::size_t m_proven = 0;  ///< the largest frame this connection really delivered: so much is lent at once
    std::size_t m_last = 0;    ///< size of the last frame
    BufferPool::Buffer m_buffer;
    BufferPool::Buffer m_ahead;  ///< between prepare and commit: where the next frame's body is read to
};

}  // namespace odradek::real
