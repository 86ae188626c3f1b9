// SPDX-License-Identifier: GPL-3.0-or-later
// odradekd as a user meets it: spawned, judged by its exit codes, its lines, and what a Kafka
// client finds.
#include <filesystem>
#include <fstream>

#include "tests/runtime/daemon/daemon_rig.h"

namespace odradek::app::test {
namespace {

TEST(DaemonUsage, HelpAndVersionGoToStdout) {
    const auto help = run({"--help"});
    EXPECT_EQ(help.code, 0);
    for (const auto* option :
         {"--brokers", "--port", "--data", "--ephemeral", "--set", "--control"})
        EXPECT_THAT(help.out, HasSubstr(option));
    const auto version = run({"--version"});
    EXPECT_EQ(version.code, 0);
    EXPECT_THAT(version.out, StartsWith("odradekd "));
    EXPECT_EQ(run({"ctl", "--help"}).code, 0);
}

TEST(DaemonUsage, BadUsageIsOneLineAndExitCodeTwo) {
    for (const auto& args : std::vector<Args>{{"--nonsense"},
                                              {"--port"},
                                              {"--port", "x"},
                                              {"--brokers", "99"},
                                              {"--workload", "bank"},
                                              {"--node", "1"},
                                              {"--set", "x"},
                                              {"ctl"},
                                              {"ctl", "/nowhere"}}) {
        const auto result = run(args);
        EXPECT_EQ(result.code, 2) << args.front();
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
        EXPECT_THAT(result.err, StartsWith("odradekd"));
        EXPECT_EQ(result.out, "");
    }
}

TEST(DaemonUsage, ControlWithoutADaemonFails) {
    const auto result = run({"ctl", "/nonexistent/socket", "status"});
    EXPECT_EQ(result.code, 1);
    EXPECT_THAT(result.err, HasSubstr("no odradekd answers on /nonexistent/socket"));
}

TEST_F(DaemonTest, ServesAndStopsCleanlyOnSigterm) {
    for (const int number : {SIGTERM, SIGINT}) {
        Spawned daemon(kProgram, usual());
        const auto bootstrap = awaitReady(daemon);
        EXPECT_EQ(std::count(bootstrap.begin(), bootstrap.end(), ','), 2) << bootstrap;
        for (std::size_t i = 0; i < 3; ++i)
            EXPECT_TRUE(answersApiVersions(portOf(bootstrap, i))) << i;
        daemon.signal(number);
        EXPECT_EQ(daemon.wait(), 0) << daemon.err();
        EXPECT_EQ(daemon.err(), "");
        EXPECT_FALSE(RawClient(portOf(bootstrap)).isConnected());
        for (int node = 1; node <= 3; ++node)
            EXPECT_TRUE(std::filesystem::exists(
                dir.path() / "data" / ("node-" + std::to_string(node)) / ".kafka_cleanshutdown"))
                << node;
    }
}

TEST_F(DaemonTest, ATakenPortIsOneClearLine) {
    auto taken = real::ListenSockets::bind({});
    ASSERT_TRUE(taken);
    const auto result =
        run({"--port", std::to_string(taken->port()), "--brokers", "1", "--data", path("data")});
    EXPECT_EQ(result.code, 1);
    EXPECT_THAT(result.err,
                HasSubstr("port " + std::to_string(taken->port()) + " is already taken"));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
}

TEST_F(DaemonTest, ALockedDataDirectoryIsOneClearLine) {
    Spawned daemon(kProgram, usual({"--brokers", "1"}));
    awaitReady(daemon);
    const auto result = run(usual({"--brokers", "1"}));
    EXPECT_EQ(result.code, 1);
    EXPECT_THAT(result.err, HasSubstr("in use by process " + std::to_string(daemon.pid())));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
}

TEST_F(DaemonTest, AnImpossibleDataDirectoryIsOneClearLine) {
    std::ofstream(path("file")) << "x";
    const auto result = run({"--port", "0", "--data", path("file")});
    EXPECT_EQ(result.code, 1);
    EXPECT_THAT(result.err, HasSubstr("--data"));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
}

TEST_F(DaemonTest, ABadSettingIsOneClearLine) {
    const auto result = run(usual({"--set", "num.partitions=many"}));
    EXPECT_NE(result.code, 0);
    EXPECT_THAT(result.err, HasSubstr("num.partitions"));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
}

TEST_F(DaemonTest, RecordsSurviveACleanRestart) {
    std::string bootstrap;
    {
        Spawned daemon(kProgram, usual());
        bootstrap = awaitReady(daemon);
        produce(bootstrap, "kept", 0, 1000);
        EXPECT_EQ(consume(bootstrap, "kept", 1000), numbers(1000));
        daemon.signal(SIGTERM);
        EXPECT_EQ(daemon.wait(), 0) << daemon.err();
    }
    Spawned daemon(kProgram, usual());
    bootstrap = awaitReady(daemon);
    EXPECT_EQ(consume(bootstrap, "kept", 1000), numbers(1000));
    produce(bootstrap, "kept", 1000, 1100);
    EXPECT_EQ(consume(bootstrap, "kept", 1100), numbers(1100));
}

TEST_F(DaemonTest, AckedRecordsSurviveKill9) {
    {
        Spawned daemon(kProgram, usual());
        produce(awaitReady(daemon), "kept", 0, 1000);
        daemon.signal(SIGKILL);
        EXPECT_EQ(daemon.wait(), -1);
    }
    Spawned daemon(kProgram, usual());
    EXPECT_EQ(consume(awaitReady(daemon), "kept", 1000), numbers(1000));
}

TEST_F(DaemonTest, EphemeralLeavesNothingBehind) {
    ::setenv("TMPDIR", dir.path().c_str(), 1);
    {
        Spawned daemon(kProgram, {"--port", "0", "--ephemeral"});
        produce(awaitReady(daemon), "t", 0, 10);
        std::size_t entries = 0;
        for (const auto& entry : std::filesystem::directory_iterator(dir.path()))
            entries += entry.path().filename().string().starts_with("odradek-");
        EXPECT_EQ(entries, 1u);
        daemon.signal(SIGTERM);
        EXPECT_EQ(daemon.wait(), 0) << daemon.err();
    }
    ::unsetenv("TMPDIR");
    for (const auto& entry : std::filesystem::directory_iterator(dir.path()))
        EXPECT_FALSE(entry.path().filename().string().starts_with("odradek-")) << entry.path();
}

TEST_F(DaemonTest, ControlShowsKillsAndRestartsNodes) {
    Spawned daemon(kProgram, usual({"--control", path("s")}));
    const auto bootstrap = awaitReady(daemon);
    struct stat info{};
    ASSERT_EQ(::stat(path("s").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
    produce(bootstrap, "t", 0, 100);
    auto status = control({"status"});
    ASSERT_EQ(status["nodes"].size(), 3u);
    EXPECT_EQ(status["bootstrap"], bootstrap);
    EXPECT_EQ(status["nodes"][1]["state"], "running");
    EXPECT_TRUE(status["nodes"][0]["controller"]);

    control({"kill", "2"});
    status = control({"status"});
    EXPECT_EQ(status["nodes"][1]["running"], false);
    EXPECT_FALSE(RawClient(portOf(bootstrap, 1)).isConnected());
    EXPECT_TRUE(answersApiVersions(portOf(bootstrap, 0)));
    produce(bootstrap, "t", 100, 200);

    control({"restart", "2"});
    status = control({"status"});
    EXPECT_EQ(status["nodes"][1]["state"], "running");
    EXPECT_TRUE(answersApiVersions(portOf(bootstrap, 1))) << "the same port as before";
    control({"restart", "3"});
    EXPECT_EQ(consume(bootstrap, "t", 200), numbers(200));

    for (const auto& verb : std::vector<Args>{{"kill", "9"}, {"kill"}, {"dance"}, {"status", "now"}, {"wipe", "x"}}) {
        Args args{"ctl", path("s")};
        args.insert(args.end(), verb.begin(), verb.end());
        const auto result = run(args);
        EXPECT_EQ(result.code, 2) << verb.front();
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    }
    daemon.signal(SIGTERM);
    EXPECT_EQ(daemon.wait(), 0) << daemon.err();
    EXPECT_FALSE(std::filesystem::exists(path("s")));
}

TEST_F(DaemonTest, OneProcessPerNodeOverTcp) {
    std::string peers;
    {
        std::vector<real::ListenSockets> held;
        for (int node = 1; node <= 3; ++node) {
            held.push_back(*real::ListenSockets::bind({.hosts = {"127.0.0.1"}}));
            held.push_back(*real::ListenSockets::bind({.hosts = {"127.0.0.1"}}));
            peers += (node == 1 ? "" : ",") + std::to_string(node) +
                     "@127.0.0.1:" + std::to_string(held[held.size() - 2].port()) + ":" +
                     std::to_string(held.back().port());
        }
    }
    std::vector<std::unique_ptr<Spawned>> daemons;
    std::string bootstrap;
    // The controller comes last: the others wait for it. All share one data directory.
    for (const auto* node : {"3", "2", "1"})
        daemons.push_back(std::make_unique<Spawned>(
            kProgram, Args{"--node", node, "--peers", peers, "--data", path("data")}));
    for (auto& daemon : daemons)
        bootstrap += (bootstrap.empty() ? "" : ",") + awaitReady(*daemon);
    produce(bootstrap, "t", 0, 500);
    EXPECT_EQ(consume(bootstrap, "t", 500), numbers(500));
    const auto all = run(usual());
    EXPECT_EQ(all.code, 1) << "a process for all nodes cannot have this directory";
    EXPECT_THAT(all.err, HasSubstr("in use by process"));
    const auto twice = run({"--node", "2", "--peers", peers, "--data", path("data")});
    EXPECT_EQ(twice.code, 1);
    EXPECT_THAT(twice.err, HasSubstr("in use by process " + std::to_string(daemons[1]->pid())));
    for (auto& daemon : daemons) {
        daemon->signal(SIGTERM);
        EXPECT_EQ(daemon->wait(), 0) << daemon->err();
    }
}

TEST_F(DaemonTest, GarbageOnThePortClosesThatConnectionOnly) {
    Spawned daemon(kProgram, usual({"--brokers", "1"}));
    const auto port = portOf(awaitReady(daemon));
    RawClient healthy(port);
    RawClient http(port);
    ASSERT_TRUE(http.sendRaw("GET / HTTP/1.1\r\n\r\n"));
    EXPECT_TRUE(http.isClosedByPeer());
    RawClient garbage(port);
    ASSERT_TRUE(garbage.sendFrame(std::string(40, '\xee')));
    EXPECT_TRUE(garbage.isClosedByPeer());
    EXPECT_TRUE(healthy.ask(kApiVersions));
}

TEST_F(DaemonTest, ListensOnLoopbackOnly) {
    Spawned daemon(kProgram, usual({"--brokers", "1"}));
    const auto port = portOf(awaitReady(daemon));
    char hex[8];
    std::snprintf(hex, sizeof hex, ":%04X", port);
    std::size_t found = 0;
    for (const auto* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        std::ifstream lines(table);
        for (std::string line; std::getline(lines, line);) {
            const auto colon = line.find(hex);
            if (colon == std::string::npos || line.find(" 0A ") == std::string::npos || colon > 50)
                continue;
            ++found;
            EXPECT_TRUE(line.find("0100007F:") != std::string::npos ||
                        line.find("00000000000000000000000001000000:") != std::string::npos)
                << line;
        }
    }
    EXPECT_GE(found, 1u);
}

}  // namespace
}  // namespace odradek::app::test
