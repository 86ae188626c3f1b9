// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "engine/io/ports.h"

namespace odradek::storage {

class SegmentPool;

/// Names completions so that the owner of many logs finds the right one in O(1): an io::OpId is a tag (24 bits, the
/// log or other user) and a running number (40 bits). Tag 0 belongs to the core itself. A copyable value.
class OpIds {
public:
    using Tag = std::uint32_t;
    static constexpr Tag kMaxTag = (1u << 24) - 1;

    io::OpId next(Tag tag) { return (static_cast<io::OpId>(tag & kMaxTag) << 40) | (++m_last & kNumbers); }
    static Tag tagOf(io::OpId op) { return static_cast<Tag>(op >> 40); }

private:
    static constexpr io::OpId kNumbers = (io::OpId{1} << 40) - 1;
    io::OpId m_last = 0;
};

/// Where a log puts what it wants done on disk during one step: the step's effects, the node's op ids and the node's
/// pool of recycled segments. A view; built anew for each call, never kept. Completions come back through
/// PartitionLog::onDiskDone (or SegmentPool::onDiskDone) of the tag's owner.
struct DiskOut {
    io::Effects& effects;
    OpIds& ids;
    SegmentPool& pool;
};

}  // namespace odradek::storage
