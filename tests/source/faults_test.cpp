// SPDX-License-Identifier: GPL-3.0-or-later
// Faults on a live embedded cluster, set and healed as a window does it: commands in, snapshots and
// events out.
#include <algorithm>
#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/runtime/real/data_dir.h"
#include "engine/source/embedded/embedded_source.h"
#include "tests/source/watcher.h"

namespace odradek::source {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

EmbeddedOptions quick(const std::filesystem::path& data) {
    EmbeddedOptions options;
    options.cluster.port = 0;
    options.cluster.data = data;
    options.cluster.faultSeed = 1;
    options.cluster.settings = {{"broker.session.timeout.ms", "600"},
                                {"broker.heartbeat.interval.ms", "150"},
                                {"replica.lag.time.max.ms", "600"},
                                {"log.flush.interval.messages", "1"}};
    options.workload = false;
    return options;
}

/// Three brokers in a directory of their own, and a topic with a partition led by each.
class FaultTest : public testing::Test {
protected:
    void SetUp() override { begin(quick(dir.path() / "data")); }
    void begin(EmbeddedOptions options) {
        watcher.reset();
        source.reset();
        source = std::make_unique<EmbeddedSource>(std::move(options));
        watcher = std::make_unique<Watcher>(*source);
        ASSERT_TRUE(until(
            [&] { return w().snapshot && w().snapshot->connection == api::Connection::Live; }));
        ASSERT_TRUE(until([&] { return w().snapshot->controller > 0; }));
        controller = w().snapshot->controller;
        a = controller == 1 ? 2 : 1;
        b = controller == 3 ? 2 : 3;
    }
    Watcher& w() { return *watcher; }
    template <class Done>
    bool until(Done done) {
        return w().until(done);
    }
    void create(const std::string& name, std::int16_t replicas,
                std::map<std::string, std::string> configs = {}) {
        const auto made = w().ask(api::CreateTopic{name, 3, replicas, std::move(configs), false});
        ASSERT_TRUE(made.ok()) << made.error;
        ASSERT_TRUE(until([&] {
            return w().topic(name) != nullptr && isr(name, 0) == static_cast<std::size_t>(replicas);
        }));
    }
    const api::Partition& partition(const std::string& topic, std::int32_t index) {
        return w().topic(topic)->partitions.at(static_cast<std::size_t>(index));
    }
    std::size_t isr(const std::string& topic, std::int32_t index) {
        const auto& replicas = partition(topic, index).replicas;
        return static_cast<std::size_t>(std::count_if(replicas.begin(), replicas.end(),
                                                      [](const auto& r) { return r.inSync; }));
    }
    /// A partition of the topic led by this broker.
    std::int32_t ledBy(const std::string& topic, std::int32_t broker) {
        for (const auto& p : w().topic(topic)->partitions)
            if (p.leader == broker)
                return p.index;
        ADD_FAILURE() << "broker " << broker << " leads nothing of " << topic;
        return -1;
    }
    api::CommandResult produce(const std::string& topic, std::int32_t index, int count = 1) {
        api::Produce command{topic, {}};
        for (int i = 0; i < count; ++i)
            command.records.push_back(
                {std::nullopt, Bytes::copy("v" + std::to_string(i)), {}, index});
        return w().ask(std::move(command));
    }
    std::size_t read(const std::string& topic, std::int32_t index) {
        w().read(api::StartBrowse{topic, {index}, api::SeekEarliest{}, 100'000, false});
        return w().records.size();
    }
    bool saw(const std::string& text) {
        return std::any_of(w().events.begin(), w().events.end(), [&](const auto& event) {
            return event.text.find(text) != std::string::npos;
        });
    }
    api::BrokerState stateOf(std::int32_t broker) {
        return w().snapshot->brokers.at(static_cast<std::size_t>(broker - 1)).state;
    }
    bool allOnline() {
        return stateOf(1) == api::BrokerState::Online && stateOf(2) == api::BrokerState::Online &&
               stateOf(3) == api::BrokerState::Online;
    }
    const std::vector<Fault>& faults() { return w().snapshot->faults; }
    void set(Fault fault) {
        const auto result = w().ask(api::SetFault{fault});
        ASSERT_TRUE(result.ok()) << result.error;
    }

    real::DataDir dir = *real::DataDir::openTemporary();
    std::unique_ptr<EmbeddedSource> source;
    std::unique_ptr<Watcher> watcher;
    std::int32_t controller = -1;
    std::int32_t a = -1;  ///< the two brokers that are not the controller
    std::int32_t b = -1;
};

TEST_F(FaultTest, APausedLeaderIsFencedAndAnotherTakesOver) {
    create("t", 3);
    const auto p = ledBy("t", a);
    ASSERT_TRUE(produce("t", p).ok());
    ASSERT_TRUE(w().ask(api::PauseBroker{a}).ok());
    EXPECT_TRUE(
        until([&] { return faults().size() == 1 && faults()[0].kind == FaultKind::Paused; }));
    EXPECT_TRUE(
        until([&] { return partition("t", p).leader != a && partition("t", p).leader > 0; }));
    EXPECT_TRUE(until(
        [&] { return saw("Broker " + std::to_string(a) + " fenced: its session timed out"); }));
    const auto sent = produce("t", p);
    EXPECT_TRUE(sent.ok()) << sent.error;
    EXPECT_TRUE(saw("Broker " + std::to_string(a) + " is paused"));
    EXPECT_THAT(w().ask(api::PauseBroker{a}).error, HasSubstr("paused already"));
    EXPECT_THAT(w().ask(api::StopBroker{a}).error, HasSubstr("resume or kill"));

    ASSERT_TRUE(w().ask(api::ResumeBroker{a}).ok());
    EXPECT_TRUE(until([&] { return faults().empty() && allOnline() && isr("t", p) == 3; }));
    EXPECT_EQ(read("t", p), 2u);
    EXPECT_TRUE(saw("Healed: Broker " + std::to_string(a) + " is paused"));
}

TEST_F(FaultTest, ACutFollowerLeavesTheIsrAndComesBack) {
    create("t", 3);
    const auto p = ledBy("t", a);
    set({.kind = FaultKind::LinkCut, .broker = b, .peer = a, .oneWay = true});
    ASSERT_TRUE(until([&] { return faults().size() == 1; }));
    EXPECT_EQ(faults()[0].kind, FaultKind::LinkCut);
    EXPECT_TRUE(faults()[0].oneWay);
    const auto sent = produce("t", p);  // acks=all waits for the ISR to shrink
    EXPECT_TRUE(sent.ok()) << sent.error;
    EXPECT_TRUE(until([&] { return isr("t", p) == 2; }));
    EXPECT_EQ(stateOf(b), api::BrokerState::Online) << "its link to the controller is whole";
    ASSERT_TRUE(w().ask(api::HealFault{faults()[0].id}).ok());
    EXPECT_TRUE(until([&] { return faults().empty() && isr("t", p) == 3; }));
    EXPECT_EQ(partition("t", p).leader, a);
}

TEST_F(FaultTest, ClientsCutOffAreServedAfterTheHealing) {
    create("t", 1);
    const auto p = ledBy("t", b);
    set({.kind = FaultKind::LinkCut, .broker = b, .peer = Fault::kClients});
    const auto id = source->submit(api::Produce{"t", {{std::nullopt, Bytes::copy("v"), {}, p}}});
    ASSERT_TRUE(until([&] { return faults().size() == 1; }));
    EXPECT_EQ(partition("t", p).logEnd, 0);
    EXPECT_FALSE(w().results.contains(id));
    EXPECT_EQ(stateOf(b), api::BrokerState::Online);
    ASSERT_TRUE(w().ask(api::HealAll{}).ok());
    EXPECT_TRUE(until([&] { return w().results.contains(id); }));
    EXPECT_TRUE(w().results[id].ok()) << w().results[id].error;
}

TEST_F(FaultTest, AControlledStopMovesLeadersFirst) {
    create("t", 3);
    const auto p = ledBy("t", a);
    ASSERT_TRUE(w().ask(api::StopBroker{a}).ok());
    EXPECT_TRUE(until(
        [&] { return stateOf(a) == api::BrokerState::Offline && partition("t", p).leader != a; }));
    EXPECT_TRUE(saw("(controlled shutdown)"));
    ASSERT_THAT(faults(), SizeIs(1));
    EXPECT_EQ(faults()[0].kind, FaultKind::Stopped);
    EXPECT_TRUE(std::filesystem::exists(dir.path() / "data" / ("node-" + std::to_string(a)) /
                                        ".kafka_cleanshutdown"));
    ASSERT_TRUE(w().ask(api::RestartBroker{a}).ok());
    EXPECT_TRUE(until([&] { return faults().empty() && allOnline(); }));
}

TEST_F(FaultTest, APowerCutLosesNothingThatWasAcked) {
    create("t", 1);
    const auto p = ledBy("t", a);
    const auto sent = produce("t", p, 500);
    ASSERT_TRUE(sent.ok()) << sent.error;
    const auto cut = w().ask(api::PowerCut{a});
    ASSERT_TRUE(cut.ok()) << cut.error;
    EXPECT_TRUE(
        until([&] { return faults().size() == 1 && faults()[0].kind == FaultKind::PowerLost; }));
    ASSERT_TRUE(w().ask(api::HealFault{faults()[0].id}).ok());
    EXPECT_TRUE(
        until([&] { return faults().empty() && allOnline() && partition("t", p).leader == a; }));
    // A recovered log shows its records once they are flushed.
    EXPECT_TRUE(until([&] { return partition("t", p).highWatermark == 500; }));
    EXPECT_EQ(read("t", p), 500u);
}

TEST_F(FaultTest, APowerCutLosesWhatWasNeverSynced) {
    auto options = quick(dir.path() / "data");
    options.cluster.settings["log.flush.interval.messages"] = "9223372036854775807";
    begin(options);
    create("t", 1);
    const auto p = ledBy("t", a);
    ASSERT_TRUE(produce("t", p, 500).ok());
    const auto cut = w().ask(api::PowerCut{a});
    ASSERT_TRUE(cut.ok()) << cut.error;
    ASSERT_THAT(cut.items, SizeIs(1));
    EXPECT_THAT(cut.items[0].message, HasSubstr("lost"));
    ASSERT_TRUE(w().ask(api::RestartBroker{a}).ok());
    EXPECT_TRUE(until([&] {
        return allOnline() && partition("t", p).leader == a && partition("t", p).logEnd >= 0;
    }));
    EXPECT_EQ(partition("t", p).logEnd, 0);
    // A kill, in contrast, loses nothing that was written.
    ASSERT_TRUE(produce("t", p, 500).ok());
    ASSERT_TRUE(w().ask(api::KillBroker{a}).ok());
    ASSERT_TRUE(w().ask(api::RestartBroker{a}).ok());
    EXPECT_TRUE(until([&] { return allOnline() && partition("t", p).leader == a; }));
    EXPECT_EQ(read("t", p), 500u);
}

TEST_F(FaultTest, AWipedBrokerRejoinsAndCatchesUp) {
    create("t", 3);
    const auto p = ledBy("t", b);
    ASSERT_TRUE(produce("t", p, 100).ok());
    const auto wiped = w().ask(api::WipeBroker{b});
    ASSERT_TRUE(wiped.ok()) << wiped.error;
    EXPECT_TRUE(until([&] {
        return faults().empty() && allOnline() && isr("t", p) == 3 &&
               std::all_of(partition("t", p).replicas.begin(), partition("t", p).replicas.end(),
                           [](const auto& replica) { return replica.logEnd == 100; });
    }));
    EXPECT_EQ(read("t", p), 100u);
}

TEST_F(FaultTest, TheOnlyControllerIsNotWiped) {
    auto options = quick(dir.path() / "alone");
    options.cluster.brokers = 1;
    watcher.reset();
    source = std::make_unique<EmbeddedSource>(std::move(options));
    watcher = std::make_unique<Watcher>(*source);
    ASSERT_TRUE(
        until([&] { return w().snapshot && w().snapshot->connection == api::Connection::Live; }));
    EXPECT_THAT(w().ask(api::WipeBroker{1}).error, HasSubstr("only controller"));
    EXPECT_TRUE(faults().empty());
}

TEST_F(FaultTest, HealAllBringsEverythingBack) {
    create("t", 3);
    ASSERT_TRUE(w().ask(api::PauseBroker{a}).ok());
    ASSERT_TRUE(w().ask(api::KillBroker{b}).ok());
    ASSERT_TRUE(w().ask(api::KillBroker{controller}).ok());
    set({.kind = FaultKind::LinkCut, .broker = a, .peer = b});
    set({.kind = FaultKind::DiskSlow, .broker = a, .amount = 10'000});
    set({.kind = FaultKind::DiskFull, .broker = b});
    set({.kind = FaultKind::ClockDrift, .broker = b, .amount = 500});
    // A broker that cannot serve without the controller keeps nobody from healing.
    const auto waiting = source->submit(api::RestartBroker{b});
    EXPECT_TRUE(until([&] { return faults().size() >= 5; }));
    const auto healed = w().ask(api::HealAll{});
    EXPECT_TRUE(healed.ok()) << healed.error;
    EXPECT_TRUE(until([&] { return w().results.contains(waiting); }));
    EXPECT_TRUE(until([&] { return faults().empty() && allOnline() && isr("t", 0) == 3; }));
    EXPECT_TRUE(produce("t", 0).ok());
}

TEST_F(FaultTest, ASlowDiskIsSlow) {
    create("t", 1);
    const auto p = ledBy("t", b);
    ASSERT_TRUE(produce("t", p).ok());
    set({.kind = FaultKind::DiskSlow, .broker = b, .amount = 201});
    const auto begin = std::chrono::steady_clock::now();
    ASSERT_TRUE(produce("t", p).ok());
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 100ms) << "one sync of 200 x 0.5 ms";
    ASSERT_TRUE(w().ask(api::HealAll{}).ok());
}

TEST_F(FaultTest, AWrongClockStampsWrongTimes) {
    create("t", 1, {{"message.timestamp.type", "LogAppendTime"}});
    const auto p = ledBy("t", b);
    ASSERT_TRUE(produce("t", p).ok());
    set({.kind = FaultKind::ClockJump, .broker = b, .amount = 3'600'000});
    set({.kind = FaultKind::ClockJump, .broker = b, .amount = 3'600'000});
    ASSERT_TRUE(until([&] { return faults().size() == 1 && faults()[0].amount == 7'200'000; }))
        << "jumps add up";
    ASSERT_TRUE(produce("t", p).ok());
    set({.kind = FaultKind::ClockJump, .broker = b, .amount = -7'200'000});
    EXPECT_TRUE(until([&] { return faults().empty(); })) << "right again";
    ASSERT_TRUE(produce("t", p).ok());
    ASSERT_EQ(read("t", p), 3u);
    const auto at = [&](std::size_t i) { return w().records[i].timestamp; };
    EXPECT_NEAR(static_cast<double>(at(1) - at(0)), 7'200'000, 60'000);
    EXPECT_LT(at(2) - at(0), 60'000);
}

TEST_F(FaultTest, ABitIsFlippedInAChosenLog) {
    create("t", 1);
    const auto p = ledBy("t", a);
    EXPECT_THAT(w().ask(api::FlipBit{a, {"t", p}}).error, HasSubstr("no records"));
    ASSERT_TRUE(produce("t", p, 10).ok());
    const auto flipped = w().ask(api::FlipBit{a, {"t", p}});
    ASSERT_TRUE(flipped.ok()) << flipped.error;
    ASSERT_THAT(flipped.items, SizeIs(1));
    EXPECT_THAT(flipped.items[0].item,
                HasSubstr("node-" + std::to_string(a) + "/t-" + std::to_string(p)));
    EXPECT_TRUE(until([&] { return saw("A bit of t-"); }));
    EXPECT_TRUE(faults().empty());
}

TEST_F(FaultTest, WhatMakesNoSenseIsRefusedWithWords) {
    EXPECT_THAT(w().ask(api::KillBroker{9}).error, HasSubstr("no node 9"));
    EXPECT_THAT(w().ask(api::ResumeBroker{2}).error, HasSubstr("not paused"));
    EXPECT_THAT(w().ask(api::HealFault{77}).error, HasSubstr("no active fault 77"));
    const auto refusal = [&](Fault fault) { return w().ask(api::SetFault{fault}).error; };
    EXPECT_THAT(refusal({.kind = FaultKind::LinkCut, .broker = 1, .peer = 1}),
                HasSubstr("two different ends"));
    EXPECT_THAT(refusal({.kind = FaultKind::LinkCut, .broker = 1, .peer = 7}),
                HasSubstr("no node 7"));
    EXPECT_THAT(refusal({.kind = FaultKind::LinkDrop, .broker = 1, .peer = 2}),
                HasSubstr("0.01 % to 100 %"));
    EXPECT_THAT(
        refusal(
            {.kind = FaultKind::LinkReorder, .broker = 1, .peer = Fault::kClients, .amount = 100}),
        HasSubstr("clients speak TCP"));
    EXPECT_THAT(refusal({.kind = FaultKind::DiskSlow, .broker = 1, .amount = 1}),
                HasSubstr("2 to 100,000"));
    EXPECT_THAT(refusal({.kind = FaultKind::Killed, .broker = 1}), HasSubstr("its own command"));
    EXPECT_TRUE(faults().empty());
    source->setReadOnly(true);
    EXPECT_THAT(w().ask(api::HealAll{}).error, HasSubstr("read-only"));
}

}  // namespace
}  // namespace odradek::source
