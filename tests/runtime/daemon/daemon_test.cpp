// SPDX-License-Identifier: GPL-3.0-or-later
// odradekd as a user meets it: spawned, judged by its exit codes, its lines, and what a Kafka
// client finds.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <nlohmann/json.hpp>

#include "engine/runtime/real/data_dir.h"
#include "engine/runtime/real/listen_sockets.h"
#include "tests/runtime/daemon/spawned.h"
#include "tests/runtime/raw_client.h"

namespace odradek::app::test {
namespace {

using real::test::RawClient;
using testing::HasSubstr;
using testing::StartsWith;
using Json = nlohmann::json;
using Args = std::vector<std::string>;

const std::string kProgram = ODRADEK_BIN_DIR "/odradekd";

/// Runs to the end and gives exit code and both texts.
struct Run {
    int code;
    std::string out;
    std::string err;
};
Run run(const Args& args) {
    Spawned child(kProgram, args);
    const int code = child.wait();
    return {code, child.out(), child.err()};
}

class DaemonTest : public testing::Test {
protected:
    std::string path(const std::string& name) const { return (dir.path() / name).string(); }
    Args usual(Args more = {}) const {
        Args args{"--port", "0", "--data", path("data")};
        args.insert(args.end(), more.begin(), more.end());
        return args;
    }
    /// The bootstrap list of the ready line.
    static std::string awaitReady(Spawned& daemon) {
        const auto line = daemon.readLine().value_or("");
        EXPECT_THAT(line, StartsWith("ready "));
        return line.size() > 6 ? line.substr(6) : "";
    }
    static std::uint16_t portOf(const std::string& bootstrap, std::size_t index = 0) {
        std::size_t at = 0;
        for (; index > 0; --index)
            at = bootstrap.find(',', at) + 1;
        return real::Address::parse(bootstrap.substr(at, bootstrap.find(',', at) - at))->port;
    }
    Json control(const Args& verb) const {
        Args args{"ctl", path("s")};
        args.insert(args.end(), verb.begin(), verb.end());
        const auto result = run(args);
        EXPECT_EQ(result.code, 0) << result.err;
        return Json::parse(result.out, nullptr, false);
    }

    real::DataDir dir = *real::DataDir::openTemporary();
};

/// ApiVersions version 0, correlation id 7, no client id.
const std::string kApiVersions("\0\x12\0\0\0\0\0\x07\xff\xff", 10);

bool answersApiVersions(std::uint16_t port) {
    RawClient client(port);
    const auto answer = client.ask(kApiVersions);
    return answer && answer->size() > 10 &&
           answer->substr(0, 6) == std::string("\0\0\0\x07\0\0", 6);
}

/// A librdkafka handle with the given settings.
class Client {
public:
    Client(rd_kafka_type_t type, const std::map<std::string, std::string>& settings) {
        auto* conf = rd_kafka_conf_new();
        char text[512];
        for (const auto& [key, value] : settings)
            EXPECT_EQ(rd_kafka_conf_set(conf, key.c_str(), value.c_str(), text, sizeof text),
                      RD_KAFKA_CONF_OK)
                << text;
        m_handle = rd_kafka_new(type, conf, text, sizeof text);
        EXPECT_NE(m_handle, nullptr) << text;
    }
    ~Client() { rd_kafka_destroy(m_handle); }
    Client(const Client&) = delete;
    rd_kafka_t* get() { return m_handle; }

private:
    rd_kafka_t* m_handle = nullptr;
};

/// Produces values first … last-1 as decimal texts to a topic's partition 0, all acked.
void produce(const std::string& bootstrap, const std::string& topic, int first, int last) {
    Client producer(RD_KAFKA_PRODUCER,
                    {{"bootstrap.servers", bootstrap}, {"acks", "all"}, {"linger.ms", "1"}});
    for (int i = first; i < last; ++i) {
        auto text = std::to_string(i);
        ASSERT_EQ(
            rd_kafka_producev(producer.get(), RD_KAFKA_V_TOPIC(topic.c_str()),
                              RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_VALUE(text.data(), text.size()),
                              RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END),
            RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    ASSERT_EQ(rd_kafka_flush(producer.get(), 30'000), RD_KAFKA_RESP_ERR_NO_ERROR);
}

/// Reads `count` values from the beginning of partition 0, without a group.
std::vector<std::string> consume(const std::string& bootstrap, const std::string& topic,
                                 std::size_t count) {
    Client consumer(RD_KAFKA_CONSUMER, {{"bootstrap.servers", bootstrap},
                                        {"group.id", "none"},
                                        {"auto.offset.reset", "earliest"},
                                        {"enable.auto.commit", "false"}});
    rd_kafka_poll_set_consumer(consumer.get());
    auto* list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic.c_str(), 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(consumer.get(), list);
    rd_kafka_topic_partition_list_destroy(list);
    std::vector<std::string> values;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (values.size() < count && std::chrono::steady_clock::now() < deadline) {
        auto* message = rd_kafka_consumer_poll(consumer.get(), 1000);
        if (message == nullptr)
            continue;
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
            values.emplace_back(static_cast<const char*>(message->payload), message->len);
        rd_kafka_message_destroy(message);
    }
    rd_kafka_consumer_close(consumer.get());
    return values;
}

std::vector<std::string> numbers(int count) {
    std::vector<std::string> texts;
    for (int i = 0; i < count; ++i)
        texts.push_back(std::to_string(i));
    return texts;
}

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

    for (const auto& verb :
         std::vector<Args>{{"pause", "1"}, {"net", "cut", "1", "2"}, {"disk", "slow", "1", "9x"}}) {
        Args args{"ctl", path("s")};
        args.insert(args.end(), verb.begin(), verb.end());
        const auto result = run(args);
        EXPECT_EQ(result.code, 2);
        EXPECT_THAT(result.err, HasSubstr("not built yet"));
    }
    EXPECT_EQ(run({"ctl", path("s"), "kill", "9"}).code, 2);
    EXPECT_EQ(run({"ctl", path("s"), "kill"}).code, 2);
    EXPECT_EQ(run({"ctl", path("s"), "dance"}).code, 2);
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
