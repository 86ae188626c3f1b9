// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

/// The subcommands of odradek-bench. Each takes the words after its name and returns the exit code.
namespace odradek::bench {

int runStartup(const std::vector<std::string>& args);
int runRf3(const std::vector<std::string>& args);
int runChart(const std::vector<std::string>& args);
int runProduce(const std::vector<std::string>& args);
int runCrashLoop(const std::vector<std::string>& args);
int runFailover(const std::vector<std::string>& args);
int runIdle(const std::vector<std::string>& args);
/// Not for people: serves librdkafka's mock cluster until it is killed, for `produce` and `startup`.
int runMockCluster(const std::vector<std::string>& args);
/// Not for people: starts an embedded cluster and idles until it is killed, for `idle`.
int runIdleCluster(const std::vector<std::string>& args);

}  // namespace odradek::bench
