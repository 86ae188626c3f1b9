// SPDX-License-Identifier: GPL-3.0-or-later
// `odradekd ctl` as scripts use it, and three processes that are one cluster.
#include <filesystem>
#include <fstream>
#include <set>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "app/common/command_line.h"
#include "app/daemon/control_faults.h"
#include "tests/runtime/daemon/daemon_rig.h"

namespace odradek::app::test {
namespace {

Args words(const std::string& line) {
    std::istringstream in(line);
    Args all;
    for (std::string word; in >> word;)
        all.push_back(word);
    return all;
}

TEST(FaultWords, AreReadAsFaults) {
    const std::vector<std::pair<const char*, Fault>> cases{
        {"net cut 1 2", {.kind = FaultKind::LinkCut, .broker = 1, .peer = 2}},
        {"net cut 1 clients one-way",
         {.kind = FaultKind::LinkCut, .broker = 1, .peer = Fault::kClients, .oneWay = true}},
        {"net delay 1 2 200ms",
         {.kind = FaultKind::LinkDelay, .broker = 1, .peer = 2, .amount = 200}},
        {"net delay 1 2 1.5s 50ms one-way",
         {.kind = FaultKind::LinkDelay,
          .broker = 1,
          .peer = 2,
          .oneWay = true,
          .amount = 1500,
          .jitterMs = 50}},
        {"net drop 1 2 5%", {.kind = FaultKind::LinkDrop, .broker = 1, .peer = 2, .amount = 500}},
        {"net duplicate 1 2 0.25%",
         {.kind = FaultKind::LinkDuplicate, .broker = 1, .peer = 2, .amount = 25}},
        {"net reorder 2 1 100%",
         {.kind = FaultKind::LinkReorder, .broker = 2, .peer = 1, .amount = 10'000}},
        {"disk slow 3 100x", {.kind = FaultKind::DiskSlow, .broker = 3, .amount = 100}},
        {"disk full 3", {.kind = FaultKind::DiskFull, .broker = 3}},
        {"disk fail 3 read", {.kind = FaultKind::DiskReadError, .broker = 3}},
        {"disk fail 3 write", {.kind = FaultKind::DiskWriteError, .broker = 3}},
        {"disk fail 3 fsync", {.kind = FaultKind::DiskFlushError, .broker = 3}},
        {"clock jump 1 5s", {.kind = FaultKind::ClockJump, .broker = 1, .amount = 5000}},
        {"clock jump 1 -300ms", {.kind = FaultKind::ClockJump, .broker = 1, .amount = -300}},
        {"clock drift 1 -500ppm", {.kind = FaultKind::ClockDrift, .broker = 1, .amount = -500}},
    };
    for (const auto& [line, fault] : cases) {
        const auto read = parseFault(words(line));
        ASSERT_TRUE(read) << line << ": " << read.error().message;
        EXPECT_EQ(*read, fault) << line;
    }
}

TEST(FaultWords, NonsenseIsOneLine) {
    for (const auto* line : {"net",
                             "net cut",
                             "net cut 1",
                             "net cut 1 x",
                             "net cut 1 2 3",
                             "net tear 1 2",
                             "net delay 1 2",
                             "net delay 1 2 200",
                             "net delay 1 2 1s 2s 3s",
                             "net drop 1 2 5",
                             "net drop 1 2 five%",
                             "disk",
                             "disk slow 1",
                             "disk slow 1 100",
                             "disk slow x 100x",
                             "disk fail 1 everything",
                             "disk full",
                             "clock",
                             "clock jump 1",
                             "clock jump 1 5",
                             "clock jump 1 0s",
                             "clock drift 1 5%",
                             "clock stop 1 5s"}) {
        const auto read = parseFault(words(line));
        ASSERT_FALSE(read) << line;
        EXPECT_EQ(read.error().code, ErrorCode::Invalid) << line;
        EXPECT_FALSE(read.error().message.empty());
        EXPECT_EQ(read.error().message.find('\n'), std::string::npos);
    }
}

class ControlFaultsTest : public DaemonTest {
protected:
    Outcome ctl(const std::string& line) const {
        Args args{"ctl", path("s")};
        for (auto& word : words(line))
            args.push_back(word);
        return run(args);
    }
    std::string stateOf(std::size_t node) const {
        return control({"status"})["nodes"][node - 1]["state"];
    }
};

TEST_F(ControlFaultsTest, SetsShowsAndHealsFaults) {
    Spawned daemon(kProgram, usual({"--control", path("s")}));
    const auto bootstrap = awaitReady(daemon);
    produce(bootstrap, "t", 0, 50);
    control(words("pause 2"));
    EXPECT_EQ(stateOf(2), "paused");
    const auto cut = control(words("net cut 2 3"));
    EXPECT_EQ(cut["done"], "net cut");
    EXPECT_EQ(cut["text"], "Broker 2 and broker 3 do not hear each other");
    control(words("net drop 1 clients 0.5% one-way"));
    control(words("disk slow 3 3x"));
    control(words("clock jump 1 5s"));
    control(words("kill 3"));
    const auto faults = control({"faults"});
    ASSERT_EQ(faults.size(), 6u);
    EXPECT_EQ(faults[0]["kind"], "paused");
    EXPECT_EQ(faults[1]["id"], cut["fault"]);
    EXPECT_EQ(faults[2]["peer"], "clients");
    EXPECT_EQ(faults[2]["percent"], 0.5);
    EXPECT_EQ(faults[2]["oneWay"], true);
    EXPECT_EQ(faults[3]["factor"], 3);
    EXPECT_EQ(faults[4]["ms"], 5000);
    EXPECT_EQ(faults[5]["kind"], "killed");
    EXPECT_EQ(control({"status"})["faults"], faults);

    control({"heal", std::to_string(faults[4]["id"].get<int>())});
    EXPECT_EQ(control({"faults"}).size(), 5u);
    EXPECT_EQ(control(words("net heal 2 3"))["healed"].size(), 1u);
    EXPECT_EQ(control(words("disk heal 3"))["healed"].size(), 1u);
    EXPECT_EQ(control({"heal"})["done"], "heal");
    EXPECT_EQ(control({"faults"}).size(), 0u);
    for (std::size_t node = 1; node <= 3; ++node)
        EXPECT_EQ(stateOf(node), "running");
    EXPECT_EQ(consume(bootstrap, "t", 50), numbers(50));

    control(words("disk fail 3"));
    EXPECT_EQ(control({"faults"}).size(), 3u);
    control({"heal"});
    const auto flipped = control(words("disk flip 2 t 0"));
    EXPECT_THAT(flipped["file"], HasSubstr("node-2/t-0/"));
    EXPECT_EQ(control(words("power-cut 2"))["done"], "power-cut");
    EXPECT_EQ(stateOf(2), "down");
    control(words("wipe 2"));
    EXPECT_EQ(stateOf(2), "running");
    control(words("stop 3"));
    control(words("restart 3"));
    daemon.signal(SIGTERM);
    EXPECT_EQ(daemon.wait(), 0) << daemon.err();
}

TEST_F(ControlFaultsTest, WrongCommandLinesAreTwoRefusalsAreOne) {
    Spawned daemon(kProgram, usual({"--control", path("s"), "--brokers", "2"}));
    awaitReady(daemon);
    for (const auto* line :
         {"net cut 1", "net cut 1 9", "disk slow 2", "disk flip 1 t", "clock jump 1 soon", "heal x",
          "heal 99", "pause", "power-cut 7", "net drop 1 2 500%"}) {
        const auto result = ctl(line);
        EXPECT_EQ(result.code, 2) << line << ": " << result.err;
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    }
    for (const auto* line :
         {"resume 1", "wipe 1", "net reorder 1 clients 5%", "disk flip 1 nothing 0"}) {
        const auto result = ctl(line);
        EXPECT_EQ(result.code, 1) << line << ": " << result.err;
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    }
    control(words("pause 2"));
    daemon.signal(SIGTERM);
    EXPECT_EQ(daemon.wait(), 0) << "a paused node does not keep it: " << daemon.err();
}

TEST_F(ControlFaultsTest, TheSocketIsTakenOverFromTheDeadAndRefusedFromTheLiving) {
    {
        Spawned daemon(kProgram, usual({"--control", path("s"), "--brokers", "1"}));
        awaitReady(daemon);
        const auto second =
            run({"--port", "0", "--ephemeral", "--brokers", "1", "--control", path("s")});
        EXPECT_EQ(second.code, 1);
        EXPECT_THAT(second.err, HasSubstr("in use by another process"));
        daemon.signal(SIGKILL);
        daemon.wait();
    }
    ASSERT_TRUE(std::filesystem::exists(path("s"))) << "left behind";
    const auto dead = ctl("status");
    EXPECT_EQ(dead.code, 1);
    EXPECT_THAT(dead.err, HasSubstr("no odradekd answers"));
    Spawned daemon(kProgram, usual({"--control", path("s"), "--brokers", "1"}));
    awaitReady(daemon);
    EXPECT_EQ(ctl("status").code, 0);

    std::ofstream(path("file")) << "precious";
    for (const auto& [at, says] : std::vector<std::pair<std::string, const char*>>{
             {path("file"), "is no socket"},
             {"/nonexistent/folder/s", "No such file"},
             {path(std::string(120, 'x')), "characters"}}) {
        const auto result = run({"--port", "0", "--ephemeral", "--brokers", "1", "--control", at});
        EXPECT_EQ(result.code, 1) << at;
        EXPECT_THAT(result.err, HasSubstr(says));
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    }
    EXPECT_TRUE(std::filesystem::exists(path("file")));
}

/// Three processes, one node each.
class ProcessesTest : public DaemonTest {
protected:
    ProcessesTest() {
        std::vector<real::ListenSockets> held;
        for (int node = 1; node <= 3; ++node) {
            held.push_back(*real::ListenSockets::bind({.hosts = {"127.0.0.1"}}));
            held.push_back(*real::ListenSockets::bind({.hosts = {"127.0.0.1"}}));
            const auto address = "127.0.0.1:" + std::to_string(held[held.size() - 2].port());
            bootstrap += (node == 1 ? "" : ",") + address;
            peers += (node == 1 ? "" : ",") + std::to_string(node) + "@" + address + ":" +
                     std::to_string(held.back().port());
        }
    }
    std::unique_ptr<Spawned> start(int node) const {
        Args args{"--node",    std::to_string(node),
                  "--peers",   peers,
                  "--data",    path("data"),
                  "--control", socketOf(node),
                  "--set",     "broker.session.timeout.ms=800",
                  "--set",     "broker.heartbeat.interval.ms=200",
                  "--set",     "replica.lag.time.max.ms=800"};
        return std::make_unique<Spawned>(kProgram, args);
    }
    std::string socketOf(int node) const { return path("s" + std::to_string(node)); }
    Outcome ctl(int node, const std::string& line) const {
        Args args{"ctl", socketOf(node)};
        for (auto& word : words(line))
            args.push_back(word);
        return run(args);
    }
    std::string peers, bootstrap;
};

TEST_F(ProcessesTest, AKilledProcessIsReplacedAndCatchesUp) {
    std::map<int, std::unique_ptr<Spawned>> daemons;
    for (const int node : {1, 2, 3})
        daemons[node] = start(node);
    for (auto& [node, daemon] : daemons)
        awaitReady(*daemon);
    produce(bootstrap, "t", 0, 200);
    int sent = 200;
    // The controller's process too: its restart must find everybody again.
    for (const int victim : {3, 2, 1, 3}) {
        daemons[victim]->signal(SIGKILL);
        EXPECT_EQ(daemons[victim]->wait(), -1);
        if (victim != 1)
            produce(bootstrap, "t", sent, sent + 50);
        daemons[victim] = start(victim);
        awaitReady(*daemons[victim]);
        if (victim == 1)
            produce(bootstrap, "t", sent, sent + 50);
        sent += 50;
    }
    EXPECT_EQ(consume(bootstrap, "t", static_cast<std::size_t>(sent)), numbers(sent));
    for (auto& [node, daemon] : daemons)
        daemon->signal(SIGTERM);
    for (auto& [node, daemon] : daemons)
        EXPECT_EQ(daemon->wait(), 0) << daemon->err();
}

TEST_F(ProcessesTest, FaultsWorkInEachProcess) {
    std::map<int, std::unique_ptr<Spawned>> daemons;
    for (const int node : {1, 2, 3})
        daemons[node] = start(node);
    for (auto& [node, daemon] : daemons)
        awaitReady(*daemon);
    produce(bootstrap, "t", 0, 50);
    EXPECT_EQ(ctl(2, "net cut 2 3").code, 0);
    const auto elsewhere = ctl(1, "net cut 2 3");
    EXPECT_EQ(elsewhere.code, 1);
    EXPECT_THAT(elsewhere.err, HasSubstr("neither end"));
    EXPECT_EQ(ctl(3, "pause 3").code, 0);
    EXPECT_EQ(ctl(3, "pause 2").code, 2) << "another process's node";
    produce(bootstrap, "t", 50, 100);
    EXPECT_EQ(ctl(3, "heal").code, 0);
    EXPECT_EQ(ctl(2, "heal").code, 0);
    EXPECT_EQ(ctl(2, "kill 2").code, 0);
    produce(bootstrap, "t", 100, 150);
    EXPECT_EQ(ctl(2, "heal").code, 0);
    EXPECT_EQ(consume(bootstrap, "t", 150), numbers(150));
    for (auto& [node, daemon] : daemons)
        daemon->signal(SIGTERM);
    for (auto& [node, daemon] : daemons)
        EXPECT_EQ(daemon->wait(), 0) << daemon->err();
}

}  // namespace
}  // namespace odradek::app::test
