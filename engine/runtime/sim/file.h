// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/prng.h"

namespace odradek::sim {

/// One file of a simulated disk: pages shared copy-on-write between copies of a world, and, where
/// power may be cut, what changed since the last flush. A value. Pages nobody wrote to are holes of
/// zeros and take no memory.
class File {
public:
    static constexpr std::uint64_t kPage = 4096;
    static constexpr std::uint64_t kSector = 512;

    std::uint64_t size() const { return m_size; }
    /// Up to `count` bytes at `offset`; fewer at the end.
    Bytes read(std::uint64_t offset, std::uint64_t count) const;
    /// `track`: remember it as not flushed.
    void write(std::uint64_t offset, ByteSpan data, bool track);
    void resize(std::uint64_t size, bool track);
    /// What is there now survives a power cut, the file's name included.
    void flush();
    /// Flips one bit, of the content rather than of the zeros behind it; returns its byte's position.
    std::uint64_t flipBit(Prng& random);
    bool isDurable() const { return m_durable; }
    bool hasUnflushed() const { return !m_changes.empty(); }
    /// Power is lost: of every write since the last flush each sector is there or not; truncations
    /// may be undone.
    void losePower(Prng& random);

private:
    using Page = std::vector<std::uint8_t>;
    struct Change {
        bool resized = false;
        std::uint64_t offset = 0;  ///< or the new size
        std::uint64_t sizeBefore = 0;
        std::vector<std::uint8_t> before;  ///< overwritten or cut off
        std::vector<std::uint8_t> after;
    };

    std::vector<std::uint8_t> copy(std::uint64_t offset, std::uint64_t count) const;
    void put(std::uint64_t offset, ByteSpan data);
    void setSize(std::uint64_t size);

    std::vector<std::shared_ptr<Page>> m_pages;  ///< null: zeros
    std::uint64_t m_size = 0;
    bool m_durable = false;
    std::vector<Change> m_changes;
};

}  // namespace odradek::sim
