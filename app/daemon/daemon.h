// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/runtime/real/cluster.h"

namespace odradek::app {

/// What the command line of odradekd says.
struct DaemonOptions {
    real::ClusterOptions cluster;
    std::optional<std::string> control;  ///< path of the Unix socket for `odradekd ctl`
    std::optional<std::int32_t> workloadRate;  ///< run the retail platform at so many records per second
    bool verbose = false;                ///< log lines of level Info on stderr, not only warnings
};

/// Why a command line cannot be run.
struct UsageError {
    std::string message;
};

/// Reads the command line. Nothing when help or version was shown. Unsupported options that belong to later versions
/// are usage errors that say so.
std::expected<std::optional<DaemonOptions>, UsageError> parseDaemonOptions(const std::string& program,
                                                                           const std::vector<std::string>& args);

/// The whole life of odradekd: starts the cluster, prints `ready HOST:PORT,...` on stdout, waits for SIGTERM or
/// SIGINT, stops cleanly. Returns the exit code. Call it on the main thread before any other thread exists: the two
/// signals are blocked for all threads and awaited here.
int runDaemon(const std::string& program, const std::vector<std::string>& args);

/// The folder for data when none is given: $XDG_DATA_HOME/odradek, else ~/.local/share/odradek.
std::filesystem::path defaultDataPath();

}  // namespace odradek::app
