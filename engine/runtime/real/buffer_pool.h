// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "engine/base/bytes.h"

namespace odradek::real {

/// Large buffers for frames, kept for reuse so that steady traffic costs no page faults. A buffer goes back to its
/// pool when its last Bytes is dropped, on whatever thread; the pool keeps at most `keepBytes` of them.
/// Lifecycle: buffers may outlive the pool. Thread: any.
class BufferPool {
public:
    /// A buffer being filled. `data` is uninitialised; whoever holds the Buffer is its only writer until it calls
    /// `bytes`, after which nobody writes any more.
    struct Buffer {
        std::shared_ptr<std::uint8_t> data;
        std::size_t capacity = 0;

        /// The first `size` bytes as an immutable value that keeps the buffer alive.
        Bytes bytes(std::size_t size) const { return Bytes(data, data.get(), size); }
    };

    explicit BufferPool(std::size_t keepBytes = 32u << 20);
    ~BufferPool();
    BufferPool(const BufferPool&) = delete;
    BufferPool& operator=(const BufferPool&) = delete;

    /// A buffer of at least `size` bytes: exactly that for small ones, a power of two from the pool for large ones.
    Buffer take(std::size_t size);
    /// One contiguous Bytes of a chain: shared when there is one slice, else copied into a buffer of the pool.
    Bytes flatten(const Chain& chain);
    /// Gives all idle buffers back to the system.
    void trim();
    /// Bytes lying idle in the pool.
    std::size_t idleBytes() const;

private:
    struct Shelf;
    std::shared_ptr<Shelf> m_shelf;
};

}  // namespace odradek::real
