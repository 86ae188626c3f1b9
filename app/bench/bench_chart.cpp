// SPDX-License-Identifier: GPL-3.0-or-later
#include <unistd.h>

#include "app/bench/benches.h"
#include "app/bench/processes.h"
#include "app/common/command_line.h"

namespace odradek::bench {

int runChart(const std::vector<std::string>& args) {
    const auto program = (binaryFolder() / "odradek-bench-chart").string();
    std::vector<char*> words{const_cast<char*>(program.c_str())};
    for (const auto& arg : args)
        words.push_back(const_cast<char*>(arg.c_str()));
    words.push_back(nullptr);
    ::execv(program.c_str(), words.data());
    return app::complainUsage("odradek-bench", "'chart' is not built in this version: it needs the window "
                                               "(ODRADEK_GUI=ON)");
}

}  // namespace odradek::bench
