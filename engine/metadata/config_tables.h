// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "engine/metadata/config_defs.h"

/// The tables behind config_defs.h, one file each. A configuration is added there, and in
/// tests/differential/published_configs.json, and nowhere else.
namespace odradek::metadata {

const std::vector<ConfigDef>& topicConfigTable();
const std::vector<ConfigDef>& brokerConfigTable();

}  // namespace odradek::metadata
