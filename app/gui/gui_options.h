// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "app/daemon/daemon.h"
#include "engine/runtime/real/cluster.h"

namespace odradek::app {

/// What the command line of odradek says.
struct GuiOptions {
    real::ClusterOptions cluster;
    bool workload = true;
    std::int32_t rate = 50;                  ///< records per second of the retail platform
    std::vector<std::string> attach;         ///< further clusters, HOST:PORT,...
    std::optional<std::string> screenshots;  ///< folder: take pictures and exit
    std::vector<std::string> pages;          ///< of the pictures; empty = all
    bool presenter = false;                  ///< pictures in presenter density
    std::string theme = "both";              ///< of the pictures: light, dark or both
    int width = 1280;
    int height = 800;
    std::int64_t afterMs = 10'000;           ///< how long the cluster runs before the first picture
};

/// Reads the command line; nothing when help or version was shown.
std::expected<std::optional<GuiOptions>, UsageError> parseGuiOptions(const std::vector<std::string>& args);

}  // namespace odradek::app
