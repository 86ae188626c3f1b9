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
    "  status                  the nodes, their state, where they listen, and the active faults\n"
    "  kill N                  drops node N as kill -9 would\n"
    "  power-cut N             the same, and what it had not synced is lost\n"
    "  stop N                  controlled shutdown\n"
    "  pause N, resume N       as SIGSTOP and SIGCONT\n"
    "  restart N               starts node N again, after a clean stop when it runs\n"
    "  wipe N                  empties its disk and lets it rejoin\n"
    "  net cut A B [one-way]   nothing arrives between nodes A and B; 'clients' is an end, too\n"
    "  net delay A B 200ms [50ms]          frames take longer, give or take the second time\n"
    "  net drop|duplicate|reorder A B 5%   of the frames; all of net takes one-way\n"
    "  net heal [A B]\n"
    "  disk slow N 100x, disk full N, disk fail N [read|write|fsync], disk heal N\n"
    "  disk flip N TOPIC P     flips one bit of a record batch on that node's disk\n"
    "  clock jump N 5s, clock drift N 500ppm, clock heal N\n"
    "  faults                  the active faults with their ids\n"
    "  heal [ID]               ends one fault, or all: links, disks, clocks, paused and dead nodes";

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
