// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/types.h"
#include "engine/metadata/image.h"
#include "engine/runtime/real/listen_sockets.h"

namespace odradek::real {

/// The settings every node of an embedded cluster starts with: `embeddedDefaults`, then the user's. Invalid, naming the
/// configuration, for a value that Kafka would refuse, and for those the cluster decides itself (listeners, node.id,
/// log.dirs, ...). Names that Kafka knows and we do not publish are kept without being looked at.
Result<metadata::ConfigMap> clusterSettings(int brokers, bool ephemeral,
                                             const std::map<std::string, std::string>& user);

/// Adds what is true of one node: its id, listeners, log directory and roles, as a Kafka node's properties file would
/// say them.
void addNodeSettings(metadata::ConfigMap& settings, BrokerId node, const std::vector<BrokerId>& controllers,
                     const Address& address, const std::filesystem::path& logDir);

}  // namespace odradek::real
