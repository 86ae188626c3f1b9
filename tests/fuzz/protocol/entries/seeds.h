// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "engine/base/bytes.h"

/// The seeds behind families().
namespace odradek::fuzz {

std::vector<Bytes> requestSeeds();
std::vector<Bytes> responseSeeds();
std::vector<Bytes> recordSeeds();
std::vector<Bytes> batchSeeds();
std::vector<Bytes> frameSeeds();

}  // namespace odradek::fuzz
