// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/control_client.h"

#include <cstdio>

#include "app/common/command_line.h"
#include "app/daemon/control_server.h"

namespace odradek::app {
namespace {

constexpr const char* kProgram = "odradekd ctl";
constexpr const char* kVerbs =
    "Verbs (answers are JSON):\n"
    "  status       the nodes, their state and where they listen\n"
    "  kill N       drops node N as kill -9 would\n"
    "  restart N    starts node N again, after a clean stop when it runs\n"
    "  pause N, resume N, net ..., disk ..., heal   not built yet";

}  // namespace

int runControl(const std::vector<std::string>& args) {
    std::vector<std::string> words;
    CommandLine line(kProgram, "Talks to a running odradekd on its Unix socket (odradekd --control PATH).");
    line.words("SOCKET VERB [ARGUMENT...]", kVerbs, words);
    const auto parsed = line.parse(args);
    if (!parsed)
        return complainUsage(kProgram, parsed.error().message);
    if (*parsed == CommandLine::Outcome::Shown)
        return kDone;
    if (words.size() < 2)
        return complainUsage(kProgram, words.empty() ? "needs a socket and a verb" : "needs a verb after the socket");
    const auto answer = askControl(words.front(), {words.begin() + 1, words.end()});
    if (!answer)
        return complain(kProgram, answer.error().message, kFailed);
    if (answer->exitCode != kDone)
        return complain(kProgram, answer->text, answer->exitCode);
    std::puts(answer->text.c_str());
    return kDone;
}

}  // namespace odradek::app
