// SPDX-License-Identifier: GPL-3.0-or-later
// The simulated network and clock keep io/ports.h's promises; tests/runtime/executor_test.cpp asks
// the same of the real one.
#include <gtest/gtest.h>

#include <map>

#include "engine/runtime/sim/world.h"

namespace odradek::sim {
namespace {

constexpr ConnectionId kDialled{(1ull << 63) | 1};

/// Remembers what it was told; does what the test says on ticks.
struct Toy final : io::Core {
    std::vector<io::Event> heard;
    std::vector<Instant> times;
    io::Effects todo;
    Instant wake = Instant::never();
    bool echo = false;

    void step(Now now, const io::Event& event, io::Effects& effects) override {
        heard.push_back(event);
        times.push_back(now.at);
        if (std::holds_alternative<io::Tick>(event)) {
            wake = Instant::never();
            effects = std::exchange(todo, {});
        }
        if (const auto* in = std::get_if<io::FrameIn>(&event); in != nullptr && echo)
            effects.push_back(io::SendFrame{in->connection, Chain(in->frame)});
    }
    Instant nextWake() const override { return wake; }
    std::unique_ptr<io::Core> clone() const override { return std::make_unique<Toy>(*this); }

    template <class E>
    std::vector<E> all() const {
        std::vector<E> some;
        for (const auto& event : heard)
            if (const auto* one = std::get_if<E>(&event))
                some.push_back(*one);
        return some;
    }
};

struct Rig {
    World world{7, NetworkTimes{}};
    ActorId client = world.addActor("client", 101, std::nullopt);
    ActorId server = world.addActor("server", 1, std::nullopt);

    Rig() {
        world.setRoute(BrokerId(1), io::Listener::Client, server);
        world.setAddress("node1.sim", 9092, BrokerId(1));
        world.start(client, std::make_unique<Toy>());
        world.start(server, std::make_unique<Toy>());
    }
    Toy& toy(ActorId id) { return static_cast<Toy&>(*world.core(id)); }
    void perform(ActorId id, io::Effects todo) {
        world.with(id, [&](io::Core&, Now, io::Effects& effects) { effects = std::move(todo); });
    }
    void runFor(Nanoseconds time) { world.runUntil(world.now().at + time); }
    void connect() {
        perform(client, {io::Dial{kDialled, BrokerId(1)}});
        runFor(std::chrono::seconds(1));
    }
};

TEST(SimWorld, ADialEndsInConnectedAndAccepted) {
    Rig rig;
    rig.connect();
    ASSERT_EQ(rig.toy(rig.client).all<io::Connected>().size(), 1u);
    EXPECT_EQ(rig.toy(rig.client).all<io::Connected>().front().connection, kDialled);
    ASSERT_EQ(rig.toy(rig.server).all<io::Accepted>().size(), 1u);
    const auto id = rig.toy(rig.server).all<io::Accepted>().front().connection;
    EXPECT_EQ(id.value >> 63, 0u) << "the driver's ids lack the top bit";
}

TEST(SimWorld, ADialToNobodyEndsInClosed) {
    Rig rig;
    rig.perform(rig.client, {io::Dial{kDialled, BrokerId(9)}});
    rig.runFor(std::chrono::seconds(1));
    EXPECT_EQ(rig.toy(rig.client).all<io::Closed>().size(), 1u);
    rig.world.drop(rig.server);
    rig.perform(rig.client, {io::Dial{ConnectionId(kDialled.value + 1), BrokerId(-1),
                                      io::Listener::Client, "node1.sim", 9092}});
    rig.runFor(std::chrono::seconds(1));
    EXPECT_EQ(rig.toy(rig.client).all<io::Closed>().size(), 2u);
    EXPECT_TRUE(rig.toy(rig.client).all<io::Connected>().empty());
}

TEST(SimWorld, FramesOfAConnectionArriveInOrder) {
    Rig rig;
    rig.connect();
    rig.toy(rig.server).echo = true;
    io::Effects frames;
    for (std::uint8_t i = 0; i < 200; ++i)
        frames.push_back(io::SendFrame{kDialled, Chain(Bytes::take({i}))});
    rig.perform(rig.client, std::move(frames));
    rig.runFor(std::chrono::seconds(5));
    const auto back = rig.toy(rig.client).all<io::FrameIn>();
    ASSERT_EQ(back.size(), 200u);
    for (std::size_t i = 0; i < back.size(); ++i)
        EXPECT_EQ(back[i].frame[0], i);
}

TEST(SimWorld, ClosingIsToldToBothAfterWhatWasSent) {
    Rig rig;
    rig.connect();
    rig.perform(rig.client,
                {io::SendFrame{kDialled, Chain(Bytes::take({1}))}, io::CloseConnection{kDialled},
                 io::SendFrame{kDialled, Chain(Bytes::take({2}))}});
    rig.runFor(std::chrono::seconds(1));
    EXPECT_EQ(rig.toy(rig.client).all<io::Closed>().size(), 1u);
    ASSERT_EQ(rig.toy(rig.server).all<io::FrameIn>().size(), 1u)
        << "what was sent before the end arrives";
    EXPECT_EQ(rig.toy(rig.server).all<io::Closed>().size(), 1u);
    EXPECT_TRUE(std::holds_alternative<io::Closed>(rig.toy(rig.server).heard.back()));
}

TEST(SimWorld, APeerHearsOfACrash) {
    Rig rig;
    rig.connect();
    rig.world.drop(rig.server);
    rig.runFor(std::chrono::seconds(1));
    EXPECT_EQ(rig.toy(rig.client).all<io::Closed>().size(), 1u);
    rig.world.start(rig.server, std::make_unique<Toy>());
    rig.perform(rig.client, {io::SendFrame{kDialled, Chain(Bytes::take({1}))}});
    rig.runFor(std::chrono::seconds(1));
    EXPECT_TRUE(rig.toy(rig.server).heard.empty()) << "a new life knows nothing of old connections";
}

TEST(SimWorld, APausedActorHearsEverythingLaterInOrder) {
    Rig rig;
    rig.connect();
    const auto before = rig.toy(rig.server).heard.size();
    const auto until = rig.world.now().at + std::chrono::seconds(3);
    rig.world.pause(rig.server, until);
    rig.perform(rig.client, {io::SendFrame{kDialled, Chain(Bytes::take({1}))},
                             io::SendFrame{kDialled, Chain(Bytes::take({2}))}});
    rig.runFor(std::chrono::seconds(2));
    EXPECT_EQ(rig.toy(rig.server).heard.size(), before);
    rig.runFor(std::chrono::seconds(2));
    const auto frames = rig.toy(rig.server).all<io::FrameIn>();
    ASSERT_EQ(frames.size(), 2u);
    EXPECT_EQ(frames[0].frame[0], 1);
    EXPECT_EQ(frames[1].frame[0], 2);
    EXPECT_EQ(rig.toy(rig.server).times.back(), until);
}

TEST(SimWorld, AClogHoldsFramesBack) {
    Rig rig;
    rig.connect();
    const auto until = rig.world.now().at + std::chrono::seconds(2);
    rig.world.clog(101, 1, until);
    rig.perform(rig.client, {io::SendFrame{kDialled, Chain(Bytes::take({1}))}});
    rig.runFor(std::chrono::seconds(3));
    ASSERT_EQ(rig.toy(rig.server).all<io::FrameIn>().size(), 1u);
    EXPECT_GE(rig.toy(rig.server).times.back(), until);
}

TEST(SimWorld, AResetClosesBothSidesAndLosesWhatIsUnderWay) {
    Rig rig;
    rig.connect();
    rig.perform(rig.client, {io::SendFrame{kDialled, Chain(Bytes::take({1}))}});
    rig.world.resetConnections(1, 101);
    rig.runFor(std::chrono::seconds(1));
    EXPECT_TRUE(rig.toy(rig.server).all<io::FrameIn>().empty());
    EXPECT_EQ(rig.toy(rig.server).all<io::Closed>().size(), 1u);
    EXPECT_EQ(rig.toy(rig.client).all<io::Closed>().size(), 1u);
}

TEST(SimWorld, TicksComeWhenAskedFor) {
    Rig rig;
    const auto at = rig.world.now().at + std::chrono::milliseconds(250);
    rig.world.with(rig.client,
                   [&](io::Core& core, Now, io::Effects&) { static_cast<Toy&>(core).wake = at; });
    rig.runFor(std::chrono::seconds(1));
    ASSERT_EQ(rig.toy(rig.client).all<io::Tick>().size(), 1u);
    EXPECT_EQ(rig.toy(rig.client).times.back(), at);
    const auto sooner = rig.world.now().at + std::chrono::milliseconds(5);
    rig.world.with(rig.client, [&](io::Core& core, Now, io::Effects&) {
        static_cast<Toy&>(core).wake = sooner + std::chrono::milliseconds(50);
    });
    rig.world.with(rig.client, [&](io::Core& core, Now, io::Effects&) {
        static_cast<Toy&>(core).wake = sooner;
    });
    rig.runFor(std::chrono::seconds(1));
    EXPECT_EQ(rig.toy(rig.client).all<io::Tick>().size(), 2u) << "one wish at a time";
    EXPECT_EQ(rig.toy(rig.client).times.back(), sooner);
}

TEST(SimWorld, WhatIsCutIsLostAndTheConnectionBreaks) {
    Rig rig;
    rig.connect();
    rig.world.cut(101, 1, rig.world.now().at + std::chrono::seconds(1));
    rig.perform(rig.client, {io::SendFrame{kDialled, Chain(Bytes::take({1}))}});
    rig.runFor(std::chrono::milliseconds(50));
    EXPECT_TRUE(rig.toy(rig.server).all<io::FrameIn>().empty());
    EXPECT_TRUE(rig.toy(rig.client).all<io::Closed>().empty()) << "nobody has noticed yet";
    rig.runFor(std::chrono::seconds(10));
    EXPECT_TRUE(rig.toy(rig.server).all<io::FrameIn>().empty()) << "what was lost stays lost";
    EXPECT_EQ(rig.toy(rig.client).all<io::Closed>().size(), 1u);
    EXPECT_EQ(rig.toy(rig.server).all<io::Closed>().size(), 1u);
}

TEST(SimWorld, ACutInOneWayLetsTheOtherPass) {
    Rig rig;
    rig.connect();
    const auto accepted = rig.toy(rig.server).all<io::Accepted>().front().connection;
    rig.world.cut(101, 1, rig.world.now().at + std::chrono::seconds(1));
    rig.perform(rig.server, {io::SendFrame{accepted, Chain(Bytes::take({1}))}});
    rig.runFor(std::chrono::milliseconds(100));
    EXPECT_EQ(rig.toy(rig.client).all<io::FrameIn>().size(), 1u);
}

TEST(SimWorld, ADialIntoACutFailsInTheEnd) {
    Rig rig;
    rig.world.cut(101, 1, rig.world.now().at + std::chrono::seconds(1));
    rig.perform(rig.client, {io::Dial{kDialled, BrokerId(1)}});
    rig.runFor(std::chrono::seconds(10));
    EXPECT_EQ(rig.toy(rig.client).all<io::Closed>().size(), 1u);
    EXPECT_TRUE(rig.toy(rig.server).all<io::Accepted>().empty());
}

TEST(SimWorld, TroubleLosesAndDoublesFrames) {
    Rig rig;
    rig.connect();
    rig.world.setTrouble(101, 1, {.loss = 0, .duplicate = 1000});
    rig.perform(rig.client, {io::SendFrame{kDialled, Chain(Bytes::take({1}))},
                             io::SendFrame{kDialled, Chain(Bytes::take({2}))}});
    rig.runFor(std::chrono::seconds(1));
    const auto frames = rig.toy(rig.server).all<io::FrameIn>();
    ASSERT_EQ(frames.size(), 4u);
    EXPECT_EQ(frames[1].frame[0], 1) << "the second copy right behind the first";
    rig.world.setTrouble(101, 1, {.loss = 1000});
    rig.perform(rig.client, {io::SendFrame{kDialled, Chain(Bytes::take({3}))}});
    rig.world.setTrouble(101, 1, {});
    rig.perform(rig.client, {io::SendFrame{kDialled, Chain(Bytes::take({4}))}});
    rig.runFor(std::chrono::milliseconds(50));
    EXPECT_EQ(rig.toy(rig.server).all<io::FrameIn>().size(), 4u)
        << "what follows a lost frame does not arrive either";
    rig.world.healNetwork();
    rig.runFor(std::chrono::milliseconds(50));
    EXPECT_EQ(rig.toy(rig.server).all<io::Closed>().size(), 1u);
}

TEST(SimWorld, ClocksDriftAndJump) {
    Rig rig;
    rig.world.setDrift(1, -20'000);
    rig.world.stepWallClock(1, -5'000);
    const auto begun = rig.world.now();
    const auto local = rig.world.nowOf(rig.server);
    EXPECT_EQ(local.wallMs, begun.wallMs - 5'000);
    rig.perform(rig.server, {});
    rig.toy(rig.server).wake = local.at + std::chrono::seconds(1);
    rig.perform(rig.server, {});
    rig.runFor(std::chrono::seconds(10));
    ASSERT_EQ(rig.toy(rig.server).all<io::Tick>().size(), 1u);
    EXPECT_GE(rig.toy(rig.server).times.back(), local.at + std::chrono::seconds(1));
    EXPECT_LT(rig.toy(rig.server).times.back(),
              local.at + std::chrono::seconds(1) + std::chrono::microseconds(200))
        << "woken as soon as its own clock says so";
    const auto passed = (rig.world.nowOf(rig.server).at - local.at).count();
    EXPECT_NEAR(static_cast<double>(passed), 9.8e9, 1e6) << "two in a hundred slower";
    EXPECT_EQ(rig.world.nowOf(rig.client).at, rig.world.now().at) << "others are not concerned";
}

}  // namespace
}  // namespace odradek::sim
