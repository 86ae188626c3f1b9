// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace odradek::raft {

/// A file of the metadata log's folder, from its name.
std::string storePath(std::string_view name);
std::string segmentName(std::int64_t base);
std::string segmentPath(std::int64_t base);

}  // namespace odradek::raft
