// SPDX-License-Identifier: GPL-3.0-or-later
#include <string>
#include <vector>

#include "app/daemon/control_client.h"
#include "app/daemon/daemon.h"

int main(int argc, char** argv) {
    const std::vector<std::string> args(argv + 1, argv + argc);
    if (!args.empty() && args.front() == "ctl")
        return odradek::app::runControl({args.begin() + 1, args.end()});
    return odradek::app::runDaemon("odradekd", args);
}
