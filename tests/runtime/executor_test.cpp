// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/real/executor.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/runtime/real/data_dir.h"
#include "tests/runtime/raw_client.h"
#include "tests/runtime/toy_core.h"

namespace odradek::real::test {
namespace {

using testing::HasSubstr;

/// One executor with toy cores, each a node with a TCP listener on a free port.
class ExecutorTest : public testing::Test {
protected:
    ExecutorTest() { executor.start(); }
    ~ExecutorTest() override { executor.stop(); }

    struct Node {
        CoreId core;
        std::uint16_t port = 0;
        std::shared_ptr<Disk> disk;
    };

    static ListenSockets listen() {
        auto sockets = ListenSockets::bind({});
        EXPECT_TRUE(sockets);
        return std::move(*sockets);
    }
    Node addNode(int id, ConnectionLimits limits = {}) { return addNodeTo(executor, id, limits); }
    Node addNodeTo(Executor& to, int id, ConnectionLimits limits = {}) {
        Node node;
        node.disk = to.makeDisk({.files = {.root = dir.node(BrokerId(id))}});
        std::filesystem::create_directories(dir.node(BrokerId(id)));
        Executor::CoreSpec spec;
        spec.node = BrokerId(id);
        spec.core = std::make_unique<ToyCore>();
        spec.disk = node.disk;
        spec.limits = limits;
        spec.serves.push_back({io::Listener::Client, listen()});
        node.port = spec.serves[0].sockets.port();
        node.core = to.add(std::move(spec));
        return node;
    }
    std::uint64_t framesOf(CoreId core) {
        return executor
            .inspect(core, [](const io::Core& c,
                              Now) { return static_cast<const ToyCore&>(c).frameCount(); })
            .value_or(0);
    }
    bool awaitClosed(CoreId core, std::uint64_t count) {
        return executor
            .await(
                core,
                [count](const io::Core& c) {
                    return static_cast<const ToyCore&>(c).closedCount() >= count;
                },
                Milliseconds(10'000))
            .has_value();
    }
    std::string logText() {
        std::lock_guard lock(logMutex);
        return logged;
    }

    DataDir dir = *DataDir::openTemporary();
    std::mutex logMutex;
    std::string logged;
    std::shared_ptr<AddressBook> book = std::make_shared<AddressBook>();
    Executor executor{{.name = "test",
                       .log =
                           [this](BrokerId, const LogLine& line) {
                               std::lock_guard lock(logMutex);
                               logged += line.text + "\n";
                           }},
                      book};
};

TEST_F(ExecutorTest, EchoesFramesOnBothLoopbackAddresses) {
    const auto node = addNode(1);
    RawClient client(node.port);
    EXPECT_EQ(client.ask("ehello"), "ehello");
    EXPECT_EQ(client.ask(""), "");
    RawClient six(node.port, "::1");
    if (six.isConnected()) {
        EXPECT_EQ(six.ask("esix"), "esix");
    }
}

TEST_F(ExecutorTest, PipelinedFramesComeBackInOrder) {
    const auto node = addNode(1);
    RawClient client(node.port);
    std::string stream;
    for (int i = 0; i < 5000; ++i)
        stream += RawClient::framed("e" + std::to_string(i));
    ASSERT_TRUE(client.sendRaw(stream));
    for (int i = 0; i < 5000; ++i)
        ASSERT_EQ(client.receiveFrame(), "e" + std::to_string(i));
}

TEST_F(ExecutorTest, ByteAtATimeClientIsServed) {
    const auto node = addNode(1);
    RawClient client(node.port);
    for (char c : RawClient::framed("eslow") + RawClient::framed("eagain"))
        ASSERT_TRUE(client.sendRaw(std::string_view(&c, 1)));
    EXPECT_EQ(client.receiveFrame(), "eslow");
    EXPECT_EQ(client.receiveFrame(), "eagain");
}

TEST_F(ExecutorTest, LargeFramesBothWays) {
    const auto node = addNode(1);
    RawClient client(node.port);
    std::string body = "e";
    for (int i = 0; body.size() < 5'000'000; ++i)
        body += std::to_string(i);
    for (int round = 0; round < 3; ++round) {
        std::thread sender([&] { client.sendFrame(body); });
        const auto back = client.receiveFrame();
        sender.join();
        ASSERT_TRUE(back);
        ASSERT_EQ(*back == body, true);
    }
}

TEST_F(ExecutorTest, LengthBombsCostNothing) {
    const auto node = addNode(1);
    const auto residentKiB = [] {
        std::ifstream statm("/proc/self/statm");
        std::size_t total = 0, resident = 0;
        statm >> total >> resident;
        return resident * 4;
    };
    RawClient healthy(node.port);
    ASSERT_EQ(healthy.ask("e1"), "e1");
    const auto before = residentKiB();
    std::vector<RawClient> bombers;
    for (int i = 0; i < 400; ++i) {
        bombers.emplace_back(node.port);
        ASSERT_TRUE(bombers.back().sendRaw(std::string("\x06\x3f\xff\xff\x00", 5)));
    }
    ASSERT_EQ(healthy.ask("e2"), "e2");
    EXPECT_LT(residentKiB(), before + 400 * 16 + 16384) << "400 connections announced 100 MiB each";
}

TEST_F(ExecutorTest, GarbageClosesOnlyItsConnection) {
    const auto node = addNode(1);
    RawClient healthy(node.port);
    ASSERT_EQ(healthy.ask("e1"), "e1");
    RawClient http(node.port);
    ASSERT_TRUE(http.sendRaw("GET / HTTP/1.1\r\nHost: evil.test\r\n\r\n"));
    EXPECT_TRUE(http.isClosedByPeer());
    RawClient negative(node.port);
    ASSERT_TRUE(negative.sendRaw("\xff\xff\xff\xffgarbage"));
    EXPECT_TRUE(negative.isClosedByPeer());
    EXPECT_EQ(healthy.ask("e2"), "e2");
    EXPECT_TRUE(awaitClosed(node.core, 2));
    EXPECT_THAT(logText(), HasSubstr("HTTP request"));
    EXPECT_THAT(logText(), HasSubstr("negative frame length"));
}

TEST_F(ExecutorTest, HalfOpenAndVanishedClientsAreNoticed) {
    const auto node = addNode(1);
    {
        RawClient client(node.port);
        ASSERT_EQ(client.ask("e1"), "e1");
        ASSERT_TRUE(client.sendRaw("\x00\x00"));
    }
    EXPECT_TRUE(awaitClosed(node.core, 1));
    RawClient half(node.port);
    ASSERT_TRUE(half.sendFrame("e2"));
    ::shutdown(half.fd(), SHUT_WR);
    EXPECT_TRUE(awaitClosed(node.core, 2));
    EXPECT_EQ(framesOf(node.core), 2u) << "a frame before the end of the stream still counts";
}

TEST_F(ExecutorTest, AClosingCoreStillSendsWhatItSaid) {
    const auto node = addNode(1);
    RawClient client(node.port);
    EXPECT_EQ(client.ask("x"), "bye");
    EXPECT_TRUE(client.isClosedByPeer());
    EXPECT_TRUE(awaitClosed(node.core, 1));
}

TEST_F(ExecutorTest, AThousandConnections) {
    raiseFileLimit();
    const auto node = addNode(1);
    std::vector<RawClient> clients;
    for (int i = 0; i < 1000; ++i) {
        clients.emplace_back(node.port);
        ASSERT_TRUE(clients.back().isConnected()) << i;
    }
    for (int i = 0; i < 1000; ++i)
        ASSERT_TRUE(clients[static_cast<std::size_t>(i)].sendFrame("e" + std::to_string(i)));
    for (int i = 0; i < 1000; ++i)
        ASSERT_EQ(clients[static_cast<std::size_t>(i)].receiveFrame(), "e" + std::to_string(i));
    EXPECT_EQ(executor.stats().tcpConnections, 1000u);
    clients.clear();
    EXPECT_TRUE(awaitClosed(node.core, 1000));
    EXPECT_EQ(executor.stats().tcpConnections, 0u);
}

TEST_F(ExecutorTest, ConnectionLimitsRefuseTheNextOne) {
    const auto node = addNode(1, {.connectionsMax = 2});
    auto first = std::make_unique<RawClient>(node.port);
    RawClient second(node.port);
    ASSERT_EQ(first->ask("e"), "e");
    ASSERT_EQ(second.ask("e"), "e");
    RawClient third(node.port);
    EXPECT_TRUE(third.isClosedByPeer());
    EXPECT_THAT(logText(), HasSubstr("max.connections is reached"));
    first.reset();
    ASSERT_TRUE(awaitClosed(node.core, 1));
    RawClient fourth(node.port);
    EXPECT_EQ(fourth.ask("e"), "e");

    const auto other = addNode(2, {.connectionsPerHostMax = 1});
    RawClient a(other.port);
    ASSERT_EQ(a.ask("e"), "e");
    RawClient b(other.port);
    EXPECT_TRUE(b.isClosedByPeer());
    EXPECT_THAT(logText(), HasSubstr("max.connections.per.ip is reached"));
}

TEST_F(ExecutorTest, FramesAboveTheLimitClose) {
    const auto node = addNode(1, {.requestBytesMax = 1000});
    RawClient client(node.port);
    EXPECT_EQ(client.ask("e" + std::string(999, 'x')), "e" + std::string(999, 'x'));
    client.sendFrame(std::string(1001, 'e'));
    EXPECT_TRUE(client.isClosedByPeer());
}

TEST_F(ExecutorTest, AClientThatDoesNotReadIsNotReadFrom) {
    const auto node = addNode(1, {.outputBytesMax = 1u << 20});
    RawClient greedy(node.port);
    RawClient healthy(node.port);
    // 600 answers of 1 MiB each would be 600 MiB in memory, were they all made.
    std::thread sender([&] {
        for (int i = 0; i < 600; ++i) {
            if (!greedy.sendFrame("b1048576"))
                return;
        }
    });
    for (int i = 0; i < 50; ++i)
        ASSERT_EQ(healthy.ask("e"), "e");
    sender.join();  // requests are small: they wait in the socket
    EXPECT_LT(framesOf(node.core), 300u);
    std::size_t received = 0;
    for (int i = 0; i < 600; ++i)
        received += greedy.receiveFrame().value_or("").size();
    EXPECT_EQ(received, 600u << 20);
}

TEST_F(ExecutorTest, TimersFire) {
    const auto node = addNode(1);
    RawClient client(node.port);
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(client.ask("t30"), "tick");
    EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(30));
    EXPECT_EQ(client.ask("t0"), "tick");
}

TEST_F(ExecutorTest, DiskEffectsAreAnsweredInOrderAndPersist) {
    const auto node = addNode(1);
    RawClient client(node.port);
    std::string stream, all;
    for (int i = 0; i < 300; ++i) {
        const auto word = "word" + std::to_string(i) + ";";
        stream += RawClient::framed((i % 3 == 0 ? "s" : "w") + word);
        all += word;
    }
    ASSERT_TRUE(client.sendRaw(stream));
    std::size_t offset = 0;
    for (int i = 0; i < 300; ++i) {
        ASSERT_EQ(client.receiveFrame(), "ok " + std::to_string(offset)) << i;
        offset += ("word" + std::to_string(i) + ";").size();
    }
    EXPECT_EQ(client.ask("r"), all);
    std::ifstream file(dir.node(BrokerId(1)) / "toy" / "log");
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), all);
}

TEST_F(ExecutorTest, LinkAndTcpCarryTheSameFrames) {
    const auto one = addNode(1);
    const auto two = addNode(2);
    std::string large = "e";
    for (int i = 0; large.size() < 300'000; ++i)
        large += std::to_string(i);
    const auto talk = [&](int to) {
        std::vector<std::string> heard;
        RawClient client(one.port);
        heard.push_back(client.ask("d" + std::to_string(to)).value_or("none"));
        for (const auto& body : {std::string("e1"), std::string("e"),
                                 std::string("e") + std::string(70'000, 'q'), std::string("x")})
            heard.push_back(client.ask("f" + body).value_or("none"));
        heard.push_back(client.receiveFrame().value_or("none"));
        return heard;
    };
    const auto overLink = talk(2);
    book->setRemote(BrokerId(7), io::Listener::Client, {"127.0.0.1", two.port});
    const auto overTcp = talk(7);
    EXPECT_EQ(overLink, overTcp);
    EXPECT_EQ(overLink.front(), "up");
    EXPECT_EQ(overLink.back(), "down");
    EXPECT_GT(executor.stats().linkFrames, 0u);
}

TEST_F(ExecutorTest, LinksCrossExecutors) {
    Executor other({.name = "other", .log = nullptr}, book);
    other.start();
    const auto one = addNode(1);
    addNodeTo(other, 2);
    RawClient client(one.port);
    EXPECT_EQ(client.ask("d2"), "up");
    for (int i = 0; i < 1000; ++i)
        ASSERT_TRUE(client.sendFrame("fe" + std::to_string(i)));
    for (int i = 0; i < 1000; ++i)
        ASSERT_EQ(client.receiveFrame(), "e" + std::to_string(i));
    other.stop();
    EXPECT_EQ(client.receiveFrame(), "down");
    executor.stop();
}

TEST_F(ExecutorTest, DialsThatCannotSucceedEndInClosed) {
    const auto one = addNode(1);
    RawClient client(one.port);
    EXPECT_EQ(client.ask("d99"), "down") << "unknown node";
    std::uint16_t freePort = 0;
    {
        auto sockets = listen();
        freePort = sockets.port();
    }
    book->setRemote(BrokerId(8), io::Listener::Client, {"127.0.0.1", freePort});
    EXPECT_EQ(client.ask("d8"), "down") << "nobody listens";
}

TEST_F(ExecutorTest, RemovingACoreClosesItsConnectionsOnBothSides) {
    const auto one = addNode(1);
    auto two = addNode(2);
    RawClient client(one.port);
    RawClient direct(two.port);
    ASSERT_EQ(direct.ask("e"), "e");
    ASSERT_EQ(client.ask("d2"), "up");
    executor.remove(two.core);
    EXPECT_EQ(client.receiveFrame(), "down");
    EXPECT_TRUE(direct.isClosedByPeer());
    EXPECT_FALSE(RawClient(two.port).isConnected());
    EXPECT_FALSE(executor.inspect(two.core, [](const io::Core&, Now) { return 1; }));
    two = addNode(2);
    EXPECT_EQ(client.ask("d2"), "up") << "the node came back in another life";
}

TEST_F(ExecutorTest, InspectAndWithCoreRunBetweenSteps) {
    const auto node = addNode(1);
    RawClient client(node.port);
    ASSERT_EQ(client.ask("e"), "e");
    EXPECT_EQ(framesOf(node.core), 1u);
    std::promise<bool> sent;
    executor.withCore(node.core, [&](io::Core* core, Now now, io::Effects& effects) {
        effects.push_back(io::SendFrame{ConnectionId(1), Bytes::copy("by hand")});
        sent.set_value(core != nullptr && now.wallMs > 0);
    });
    EXPECT_TRUE(sent.get_future().get());
    EXPECT_EQ(client.receiveFrame(), "by hand");
    executor.stop();
    EXPECT_FALSE(executor.inspect(node.core, [](const io::Core&, Now) { return 1; }))
        << "stopped: an answer, not a hang";
}

TEST_F(ExecutorTest, IdleExecutorsDoNotTurn) {
    const auto node = addNode(1);
    ASSERT_EQ(RawClient(node.port).ask("e"), "e");
    ASSERT_TRUE(awaitClosed(node.core, 1));
    const auto before = executor.stats().turns;
    // tidy:silence - what is measured is that nothing happens.
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    EXPECT_LE(executor.stats().turns, before + 3);
}

TEST(ListenSockets, ATakenPortIsOneClearError) {
    auto first = ListenSockets::bind({});
    ASSERT_TRUE(first);
    auto second = ListenSockets::bind({.port = first->port()});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::Refused);
    EXPECT_THAT(second.error().message,
                HasSubstr("port " + std::to_string(first->port()) + " is already taken"));
    EXPECT_THAT(second.error().message, HasSubstr("--port"));
}

TEST(ListenSockets, ToleratesAMissingSecondAddressButNotTheFirst) {
    // 192.0.2.1 (TEST-NET-1) is no address of this machine, as ::1 is on one without IPv6.
    auto sockets = ListenSockets::bind({.hosts = {"127.0.0.1", "192.0.2.1"}});
    ASSERT_TRUE(sockets);
    EXPECT_EQ(sockets->count(), 1u);
    EXPECT_FALSE(ListenSockets::bind({.hosts = {"192.0.2.1"}}));
    EXPECT_FALSE(ListenSockets::bind({.hosts = {"localhost"}}));
}

TEST(ListenSockets, BindsLoopbackOnly) {
    auto sockets = ListenSockets::bind({});
    ASSERT_TRUE(sockets);
    EXPECT_EQ(sockets->address().host, "127.0.0.1");
    for (int fd : sockets->release()) {
        sockaddr_storage storage{};
        socklen_t size = sizeof storage;
        ASSERT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size), 0);
        if (storage.ss_family == AF_INET)
            EXPECT_EQ(ntohl(reinterpret_cast<sockaddr_in&>(storage).sin_addr.s_addr),
                      INADDR_LOOPBACK);
        else
            EXPECT_TRUE(IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<sockaddr_in6&>(storage).sin6_addr));
        ::close(fd);
    }
}

TEST(Address, ParsesAndPrints) {
    EXPECT_EQ(Address::parse("127.0.0.1:9092"), (Address{"127.0.0.1", 9092}));
    EXPECT_EQ(Address::parse("[::1]:80"), (Address{"::1", 80}));
    EXPECT_EQ((Address{"::1", 80}).toString(), "[::1]:80");
    for (const auto* bad : {"", "host", ":1", "host:", "host:70000", "host:1x", "host:-1"})
        EXPECT_FALSE(Address::parse(bad)) << bad;
}

}  // namespace
}  // namespace odradek::real::test
