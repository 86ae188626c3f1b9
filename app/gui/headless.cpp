// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/headless.h"

#include "app/daemon/daemon.h"

namespace odradek::app {

int runDaemonWithoutWindow(const GuiOptions& options) {
    std::vector<std::string> args{"--brokers", std::to_string(options.cluster.brokers), "--port",
                                  std::to_string(options.cluster.port)};
    if (options.cluster.ephemeral) {
        args.emplace_back("--ephemeral");
    } else {
        args.emplace_back("--data");
        args.push_back(options.cluster.data.string());
    }
    for (const auto& [name, value] : options.cluster.settings) {
        args.emplace_back("--set");
        args.push_back(name + "=" + value);
    }
    if (options.workload) {
        args.emplace_back("--workload");
        args.push_back("retail:" + std::to_string(options.rate));
    }
    return runDaemon("odradek", args);
}

}  // namespace odradek::app
