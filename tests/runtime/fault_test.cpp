// SPDX-License-Identifier: GPL-3.0-or-later
// Faulty links, pauses and clocks of an executor, with toy cores.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/runtime/real/data_dir.h"
#include "engine/runtime/real/executor.h"
#include "engine/runtime/real/fault_plan.h"
#include "tests/runtime/raw_client.h"
#include "tests/runtime/toy_core.h"

namespace odradek::real::test {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// Two nodes on one executor, and a client of the first.
class FaultyExecutorTest : public testing::Test {
protected:
    struct Node {
        CoreId core;
        std::uint16_t port = 0;
    };
    /// One process: its plan, its nodes, and where it thinks the others are.
    struct Process {
        explicit Process(std::uint64_t seed = 1) : plan(std::make_shared<FaultPlan>(seed)) {
            executor.start();
        }
        ~Process() { executor.stop(); }
        std::shared_ptr<AddressBook> book = std::make_shared<AddressBook>();
        std::shared_ptr<FaultPlan> plan;
        Executor executor{{.name = "test", .log = {}, .faults = plan}, book};

        Node add(int id) {
            Executor::CoreSpec spec;
            spec.node = BrokerId(id);
            spec.core = std::make_unique<ToyCore>();
            spec.serves.push_back({io::Listener::Client, *ListenSockets::bind({})});
            Node node;
            node.port = spec.serves[0].sockets.port();
            node.core = executor.add(std::move(spec));
            return node;
        }
        std::uint64_t set(Fault fault) {
            const auto id = plan->add(fault);
            executor.faultsChanged();
            return id;
        }
        void heal() {
            plan->removeIf([](const Fault&) { return true; });
            executor.faultsChanged();
        }
        std::uint64_t framesOf(const Node& node) {
            return *executor.inspect(node.core, [](const io::Core& core, Now) {
                return static_cast<const ToyCore&>(core).frameCount();
            });
        }
        bool awaitFrames(const Node& node, std::uint64_t count) {
            return executor
                .await(
                    node.core,
                    [count](const io::Core& core) {
                        return static_cast<const ToyCore&>(core).frameCount() >= count;
                    },
                    Milliseconds(10'000))
                .has_value();
        }
        Now nowOf(const Node& node) {
            return *executor.inspect(node.core, [](const io::Core&, Now now) { return now; });
        }
    };

    Process process;
    Node one = process.add(1);
    Node two = process.add(2);
    RawClient client{one.port};

    void link() { ASSERT_EQ(client.ask("d2"), "up"); }
    /// What was sent before has been handled by node 1 when this returns.
    void settle() { ASSERT_EQ(client.ask("esettled"), "esettled"); }
};

Fault onLink(FaultKind kind, std::int64_t amount = 0, bool oneWay = false) {
    return {.kind = kind, .broker = 1, .peer = 2, .oneWay = oneWay, .amount = amount};
}

TEST_F(FaultyExecutorTest, ACutKeepsFramesUntilItIsHealed) {
    link();
    process.set(onLink(FaultKind::LinkCut));
    for (const auto* text : {"fe1", "fe2", "fe3"})
        client.sendFrame(text);
    settle();
    EXPECT_EQ(process.framesOf(two), 0u);
    process.heal();
    for (const auto* text : {"e1", "e2", "e3"})
        EXPECT_EQ(client.receiveFrame(), text);
}

TEST_F(FaultyExecutorTest, AOneWayCutLetsTheOtherWayThrough) {
    link();
    process.set({.kind = FaultKind::LinkCut, .broker = 2, .peer = 1, .oneWay = true});
    client.sendFrame("fe1");
    EXPECT_TRUE(process.awaitFrames(two, 1));
    settle();  // and no answer before this one
    process.heal();
    EXPECT_EQ(client.receiveFrame(), "e1");
}

TEST_F(FaultyExecutorTest, ACloseDoesNotCrossACut) {
    link();
    process.set(onLink(FaultKind::LinkCut));
    process.executor.remove(two.core);
    settle();
    process.heal();
    EXPECT_EQ(client.receiveFrame(), "down");
}

TEST_F(FaultyExecutorTest, ADialWaitsForTheEndOfACut) {
    process.set(onLink(FaultKind::LinkCut));
    client.sendFrame("d2");
    settle();
    process.heal();
    EXPECT_EQ(client.receiveFrame(), "up");
}

TEST_F(FaultyExecutorTest, ADelayTakesItsTimeAndKeepsTheOrder) {
    link();
    auto fault = onLink(FaultKind::LinkDelay, 20);
    fault.jitterMs = 15;
    process.set(fault);
    const auto begin = Clock::now();
    for (int i = 0; i < 50; ++i)
        client.sendFrame("fe" + std::to_string(i));
    for (int i = 0; i < 50; ++i)
        ASSERT_EQ(client.receiveFrame(), "e" + std::to_string(i));
    EXPECT_GE(Clock::now() - begin, milliseconds(10)) << "there and back, at least 5 ms each";
}

TEST_F(FaultyExecutorTest, DroppedFramesAreGoneForGood) {
    link();
    process.set(onLink(FaultKind::LinkDrop, 10'000));
    for (int i = 0; i < 20; ++i)
        client.sendFrame("felost");
    settle();
    process.heal();
    client.sendFrame("fefound");
    EXPECT_EQ(client.receiveFrame(), "efound");
    EXPECT_EQ(process.framesOf(two), 1u);
}

TEST_F(FaultyExecutorTest, DuplicatesArriveTwiceInARow) {
    link();
    process.set(onLink(FaultKind::LinkDuplicate, 10'000, true));
    client.sendFrame("fe1");
    client.sendFrame("fe2");
    for (const auto* text : {"e1", "e1", "e2", "e2"})
        EXPECT_EQ(client.receiveFrame(), text);
}

TEST_F(FaultyExecutorTest, ReorderedFramesAllArriveOnce) {
    link();
    process.set(onLink(FaultKind::LinkReorder, 5'000, true));
    constexpr int kCount = 200;
    for (int i = 0; i < kCount; ++i)
        client.sendFrame("fe" + std::to_string(i));
    std::vector<int> order;
    for (int i = 0; i < kCount; ++i) {
        const auto frame = client.receiveFrame();
        ASSERT_TRUE(frame);
        order.push_back(std::stoi(frame->substr(1)));
    }
    EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
    std::sort(order.begin(), order.end());
    for (int i = 0; i < kCount; ++i)
        EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST_F(FaultyExecutorTest, ClientsCanBeCutOff) {
    link();
    const Fault cut{.kind = FaultKind::LinkCut, .broker = 1, .peer = Fault::kClients};
    process.set(cut);
    client.sendFrame("fe1");
    RawClient other(two.port);
    EXPECT_EQ(other.ask("eserved"), "eserved") << "the other node is not concerned";
    EXPECT_EQ(process.framesOf(two), 1u);
    process.heal();
    EXPECT_EQ(client.receiveFrame(), "e1");
    // Only what is sent to clients: the request is handled, its answer kept.
    process.set({.kind = FaultKind::LinkCut, .broker = 1, .peer = Fault::kClients, .oneWay = true});
    const auto before = process.framesOf(one);
    client.sendFrame("e2");
    EXPECT_TRUE(process.awaitFrames(one, before + 1));
    process.heal();
    EXPECT_EQ(client.receiveFrame(), "e2");
}

TEST_F(FaultyExecutorTest, ACutHoldsBetweenProcessesInBothDirections) {
    Process other;
    const auto three = other.add(3);
    process.book->setRemote(BrokerId(3), io::Listener::Client, {"127.0.0.1", three.port});
    ASSERT_EQ(client.ask("d3"), "up");
    // The first request names who sends it, as a broker's does.
    const std::string hello = std::string("e1234567\0\x08", 10) + "broker-1";
    client.sendFrame("f" + hello);
    ASSERT_EQ(client.receiveFrame(), hello);

    const Fault cut{.kind = FaultKind::LinkCut, .broker = 3, .peer = 1};
    for (auto* at : {&other, &process}) {  // set in either process
        at->set(cut);
        client.sendFrame("fe2");
        settle();
        at->heal();
        EXPECT_EQ(client.receiveFrame(), "e2");
    }
    // What comes from node 1 is kept at node 3: nothing is handled before.
    const auto before = other.framesOf(three);
    other.set(cut);
    client.sendFrame("fe3");
    settle();
    EXPECT_EQ(other.framesOf(three), before);
    other.heal();
    EXPECT_EQ(client.receiveFrame(), "e3");
}

TEST_F(FaultyExecutorTest, APausedCoreHandlesNothingAndGoesOn) {
    link();
    process.executor.pause(one.core);
    const auto before = process.framesOf(one);
    client.sendFrame("e1");
    RawClient late(one.port);
    ASSERT_TRUE(late.isConnected()) << "as the kernel does for a stopped process";
    late.sendFrame("e2");
    RawClient other(two.port);
    EXPECT_EQ(other.ask("eserved"), "eserved");
    EXPECT_EQ(process.framesOf(one), before);
    process.executor.resume(one.core);
    EXPECT_EQ(client.receiveFrame(), "e1");
    EXPECT_EQ(late.receiveFrame(), "e2");
}

TEST_F(FaultyExecutorTest, ATimerOfAPausedCoreFiresAfterwards) {
    client.sendFrame("t1");
    settle();
    process.executor.pause(one.core);
    client.sendFrame("e1");
    RawClient other(two.port);
    other.sendFrame("t20");
    EXPECT_EQ(other.receiveFrame(), "tick");
    process.executor.resume(one.core);
    std::vector<std::optional<std::string>> got{client.receiveFrame(), client.receiveFrame()};
    EXPECT_THAT(got, testing::UnorderedElementsAre("tick", "e1"));
}

TEST_F(FaultyExecutorTest, ClocksJumpAndDriftAndTheMonotonicOneNeverGoesBack) {
    const auto wallOff = [&](const Node& node) {
        return process.nowOf(node).wallMs - readNow().wallMs;
    };
    process.executor.setClock(one.core, {.wallOffsetMs = 3'600'000, .driftPpm = 0});
    EXPECT_NEAR(static_cast<double>(wallOff(one)), 3'600'000, 5'000);
    EXPECT_NEAR(static_cast<double>(wallOff(two)), 0, 5'000);
    // Half as fast again: a timer of 300 ms ends after 200.
    process.executor.setClock(one.core, {.wallOffsetMs = 0, .driftPpm = 500'000});
    const auto own = process.nowOf(one).at;
    const auto begin = Clock::now();
    EXPECT_EQ(client.ask("t300"), "tick");
    const auto took = Clock::now() - begin;
    EXPECT_GE(took, milliseconds(195));
    const auto after = process.nowOf(one).at;
    EXPECT_GE(after - own, milliseconds(300));
    process.executor.setClock(one.core, {});
    EXPECT_GE(process.nowOf(one).at, after);
    EXPECT_NEAR(static_cast<double>(wallOff(one)), 0, 5'000);
    EXPECT_EQ(client.ask("t10"), "tick");
}

TEST(FaultPlan, TheSameSeedGivesEachDirectionTheSameFates) {
    const auto fates = [](std::uint64_t seed, bool otherTraffic) {
        FaultPlan plan(seed);
        plan.add({.kind = FaultKind::LinkDrop, .broker = 1, .peer = 2, .amount = 3000});
        plan.add(
            {.kind = FaultKind::LinkDelay, .broker = 1, .peer = 2, .amount = 50, .jitterMs = 50});
        std::vector<std::pair<bool, std::int64_t>> all;
        for (int i = 0; i < 100; ++i) {
            if (otherTraffic)
                plan.judge(BrokerId(2), BrokerId(1));
            const auto verdict = plan.judge(BrokerId(1), BrokerId(2));
            all.emplace_back(verdict.drop, verdict.delay.count());
        }
        return all;
    };
    EXPECT_EQ(fates(7, false), fates(7, true));
    EXPECT_NE(fates(7, false), fates(8, false));
}

TEST(FaultPlan, ReplacesAtTheSamePlaceAndTellsEveryChange) {
    FaultPlan plan(1);
    const auto id = plan.add({.kind = FaultKind::LinkDelay, .broker = 1, .peer = 2, .amount = 5});
    EXPECT_EQ(plan.add({.kind = FaultKind::LinkDelay, .broker = 2, .peer = 1, .amount = 9}), id);
    const auto other = plan.add(
        {.kind = FaultKind::LinkDelay, .broker = 2, .peer = 1, .oneWay = true, .amount = 9});
    EXPECT_NE(other, id);
    EXPECT_EQ(plan.active().size(), 2u);
    EXPECT_TRUE(plan.remove(id));
    EXPECT_FALSE(plan.remove(id));
    const auto changes = plan.changesSince(0);
    ASSERT_EQ(changes.size(), 4u);
    EXPECT_FALSE(changes[1].healed);
    EXPECT_EQ(changes[1].fault.amount, 9);
    EXPECT_TRUE(changes[3].healed);
    EXPECT_EQ(plan.changesSince(changes[2].sequence).size(), 1u);
}

TEST(FaultPlan, DiskFaultsHaveTheirErrorsAndSlownessEndsWithTheHealing) {
    FaultPlan plan(1);
    const BrokerId node(1);
    const auto code = [&](DiskOperation operation) {
        const auto result = plan.beforeDisk(node, operation, 100);
        return result ? std::nullopt : std::optional(result.error().code);
    };
    EXPECT_EQ(code(DiskOperation::Write), std::nullopt);
    plan.add({.kind = FaultKind::DiskFull, .broker = 1});
    EXPECT_EQ(code(DiskOperation::Write), ErrorCode::NoSpace);
    EXPECT_EQ(code(DiskOperation::Read), std::nullopt);
    EXPECT_EQ(code(DiskOperation::Flush), std::nullopt);
    EXPECT_TRUE(plan.beforeDisk(BrokerId(2), DiskOperation::Write, 1)) << "another node's disk";
    plan.removeIf([](const Fault&) { return true; });
    plan.add({.kind = FaultKind::DiskFlushError, .broker = 1});
    EXPECT_EQ(code(DiskOperation::Flush), ErrorCode::Io);
    EXPECT_EQ(code(DiskOperation::Write), std::nullopt);
    plan.removeIf([](const Fault&) { return true; });

    plan.add({.kind = FaultKind::DiskSlow, .broker = 1, .amount = 101});
    auto begin = Clock::now();
    EXPECT_EQ(code(DiskOperation::Flush), std::nullopt);
    EXPECT_GE(Clock::now() - begin, milliseconds(50));
    plan.add({.kind = FaultKind::DiskSlow, .broker = 1, .amount = 100'000});  // 50 s
    begin = Clock::now();
    std::thread healer([&] { plan.removeIf([](const Fault&) { return true; }); });
    EXPECT_EQ(code(DiskOperation::Flush), std::nullopt);
    healer.join();
    EXPECT_LT(Clock::now() - begin, milliseconds(10'000));
}

TEST(Fault, EveryKindHasANameAndASentence) {
    std::set<std::string> names, sentences;
    for (int i = 0; i <= static_cast<int>(FaultKind::ClockDrift); ++i) {
        const Fault fault{.kind = static_cast<FaultKind>(i), .broker = 2, .peer = 3, .amount = 550};
        names.insert(std::string(nameOf(fault.kind)));
        sentences.insert(describe(fault));
    }
    EXPECT_EQ(names.size(), 16u);
    EXPECT_EQ(sentences.size(), 16u);
    EXPECT_FALSE(names.contains(""));
    EXPECT_EQ(describe({.kind = FaultKind::LinkDrop,
                        .broker = 1,
                        .peer = Fault::kClients,
                        .oneWay = true,
                        .amount = 550}),
              "5.50 % of the frames from broker 1 to clients are lost");
    EXPECT_EQ(describe({.kind = FaultKind::LinkCut, .broker = 1, .peer = 2, .oneWay = true}),
              "Broker 2 does not hear broker 1");
}

}  // namespace
}  // namespace odradek::real::test
