// SPDX-License-Identifier: GPL-3.0-or-later
// Sources against a real embedded cluster: the same cluster seen from inside and from outside, commands, browsing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>

#include "engine/source/common/infer.h"
#include "engine/source/embedded/embedded_source.h"
#include "engine/source/embedded/retail_topics.h"
#include "engine/source/remote/remote_source.h"
#include "tests/source/watcher.h"

namespace odradek::source {
namespace {

using testing::HasSubstr;

EmbeddedOptions ephemeral() {
    EmbeddedOptions options;
    options.cluster.port = 0;
    options.cluster.ephemeral = true;
    options.workload = false;
    return options;
}

bool live(const Watcher& w) { return w.snapshot && w.snapshot->connection == api::Connection::Live; }

api::Produce threeRecords(const std::string& topic) {
    api::Produce produce{topic, {}};
    for (int i = 0; i < 3; ++i)
        produce.records.push_back({Bytes::copy("ORD-12345"), Bytes::copy("v" + std::to_string(i)),
                                   {{"source_app", Bytes::copy("test")}}, std::nullopt});
    return produce;
}

TEST(Sources, OneClusterReadsTheSameFromInsideAndOutside) {
    EmbeddedSource inside(ephemeral());
    Watcher in(inside);
    ASSERT_TRUE(in.until([&] { return live(in) && in.snapshot->brokers.size() == 3; }));
    ASSERT_TRUE(in.ask(api::CreateTopic{"orders", 3, 3, {{"retention.ms", "3600000"}}, false}).ok());
    ASSERT_TRUE(in.until([&] { return in.topic("orders") != nullptr; }));
    const auto produced = in.ask(threeRecords("orders"));
    ASSERT_TRUE(produced.ok()) << produced.error;
    ASSERT_EQ(produced.items.size(), 3u);
    EXPECT_EQ(produced.items[0].message, "partition 1, offset 0");  // the key's murmur2 says P1 of 3
    EXPECT_EQ(produced.items[2].message, "partition 1, offset 2");

    auto attached = RemoteSource::attach({"", inside.info().bootstrap, true});
    ASSERT_TRUE(attached);
    Watcher out(**attached);
    const auto seesAll = [&] {
        const auto* t = out.topic("orders");
        return live(out) && t && t->partitions[1].highWatermark == 3 && t->retentionMs == 3'600'000 &&
               t->partitions[1].bytes.value_or(0) > 0;
    };
    ASSERT_TRUE(out.until(seesAll));
    ASSERT_TRUE(in.until([&] { return in.topic("orders")->partitions[1].highWatermark == 3; }));
    const auto& a = *in.topic("orders");
    const auto& b = *out.topic("orders");
    EXPECT_EQ(a.id, b.id);
    EXPECT_EQ(a.replicationFactor, b.replicationFactor);
    EXPECT_EQ(a.minInsync, b.minInsync);
    EXPECT_EQ(a.changedConfigs, b.changedConfigs);
    EXPECT_EQ(a.cleanupPolicy, b.cleanupPolicy);
    ASSERT_EQ(a.partitions.size(), b.partitions.size());
    for (std::size_t i = 0; i < a.partitions.size(); ++i) {
        EXPECT_EQ(a.partitions[i].leader, b.partitions[i].leader);
        EXPECT_EQ(a.partitions[i].leaderEpoch, b.partitions[i].leaderEpoch);
        EXPECT_EQ(a.partitions[i].logStart, b.partitions[i].logStart);
        EXPECT_EQ(a.partitions[i].highWatermark, b.partitions[i].highWatermark);
        ASSERT_EQ(a.partitions[i].replicas.size(), 3u);
        for (std::size_t r = 0; r < 3; ++r) {
            EXPECT_EQ(a.partitions[i].replicas[r].broker, b.partitions[i].replicas[r].broker);
            EXPECT_EQ(a.partitions[i].replicas[r].inSync, b.partitions[i].replicas[r].inSync);
        }
    }
    EXPECT_EQ(in.snapshot->clusterId, out.snapshot->clusterId);

    // Read-only until the user says otherwise.
    EXPECT_THAT(out.ask(api::DeleteTopics{{"orders"}}).error, HasSubstr("read-only"));
    EXPECT_NE(in.topic("orders"), nullptr);
    (*attached)->setReadOnly(false);
    EXPECT_TRUE(out.ask(api::AddPartitions{"orders", 5, false}).ok());
    EXPECT_TRUE(in.until([&] { return in.topic("orders")->partitions.size() == 5; }));
}

TEST(Sources, BrowsingReadsExactlyWhatWasAskedFor) {
    EmbeddedSource source(ephemeral());
    Watcher w(source);
    ASSERT_TRUE(w.until([&] { return live(w); }));
    ASSERT_TRUE(w.ask(api::CreateTopic{"t", 3, 3, {}, false}).ok());
    ASSERT_TRUE(w.until([&] { return w.topic("t") != nullptr; }));
    ASSERT_TRUE(w.ask(threeRecords("t")).ok());

    api::StartBrowse all{"t", {}, api::SeekEarliest{}, 1000, false};
    const auto end = w.read(all);
    EXPECT_EQ(end.error, "");
    ASSERT_EQ(w.records.size(), 3u);
    EXPECT_EQ(w.records[1].value->view(), "v1");
    EXPECT_EQ(w.records[1].headers.at(0).first, "source_app");
    for (const auto& p : end.progress)  // every partition is accounted for
        EXPECT_EQ(p.next, p.end) << p.partition;

    api::StartBrowse last = all;
    last.from = api::SeekLatest{1};
    w.read(last);
    ASSERT_EQ(w.records.size(), 1u);
    EXPECT_EQ(w.records[0].offset, 2);

    api::StartBrowse offset = all;
    offset.from = api::SeekOffset{1};
    offset.limit = 1;
    w.read(offset);
    ASSERT_EQ(w.records.size(), 1u);
    EXPECT_EQ(w.records[0].offset, 1);

    api::StartBrowse future = all;
    future.from = api::SeekTime{4'102'444'800'000};
    w.read(future);
    EXPECT_TRUE(w.records.empty());

    api::StartBrowse missing = all;
    missing.topic = "nothing-here";
    EXPECT_THAT(w.read(missing).error, HasSubstr("nothing-here"));

    // A live tail shows what comes after it began.
    w.records.clear();
    api::StartBrowse tail{"t", {}, api::SeekLatest{0}, 0, true};
    const auto tailing = source.submit(tail);
    ASSERT_TRUE(w.until([&] { return w.begun.contains(tailing); })) << "it says where it begins";
    EXPECT_TRUE(w.records.empty());
    ASSERT_TRUE(w.ask(threeRecords("t")).ok());
    ASSERT_TRUE(w.until([&] { return w.records.size() == 3; }));
    EXPECT_EQ(w.records[0].offset, 3);
}

TEST(Sources, AKilledBrokerIsSeenAndComesBack) {
    EmbeddedSource source(ephemeral());
    Watcher w(source);
    ASSERT_TRUE(w.until([&] { return live(w); }));
    ASSERT_TRUE(w.ask(api::KillBroker{3}).ok());
    const auto state = [&] { return w.snapshot->brokers.at(2).state; };
    EXPECT_TRUE(w.until([&] { return state() == api::BrokerState::Offline; }));
    ASSERT_TRUE(w.ask(api::RestartBroker{3}).ok());
    EXPECT_TRUE(w.until([&] { return state() == api::BrokerState::Online; }));
    EXPECT_FALSE(w.ask(api::KillBroker{17}).ok());
}

TEST(Sources, AWrongAddressIsAStateWithWords) {
    auto attached = RemoteSource::attach({"", "127.0.0.1:1", true});
    ASSERT_TRUE(attached);
    Watcher w(**attached);
    EXPECT_TRUE(w.until([&] { return w.snapshot && w.snapshot->connection == api::Connection::Failed; }));
    EXPECT_THAT(w.snapshot->problem, HasSubstr("127.0.0.1:1"));
    EXPECT_FALSE(RemoteSource::attach({"", "nonsense", true}));
    EXPECT_FALSE(RemoteSource::attach({"", "host:0", true}));
    EXPECT_EQ(parseBootstrap("a:1, [::1]:9092")->at(1).host, "::1");
}

TEST(Sources, APortThatIsTakenIsAFailedStateNotACrash) {
    EmbeddedSource first(ephemeral());
    Watcher a(first);
    ASSERT_TRUE(a.until([&] { return live(a); }));
    auto options = ephemeral();
    const auto bootstrap = first.info().bootstrap;
    options.cluster.port = static_cast<std::uint16_t>(parseBootstrap(bootstrap)->front().port);
    EmbeddedSource second(options);
    Watcher b(second);
    EXPECT_TRUE(b.until([&] { return b.snapshot && b.snapshot->connection == api::Connection::Failed; }));
    EXPECT_FALSE(b.snapshot->problem.empty());
    EXPECT_FALSE(b.ask(api::CreateTopic{"x", 1, 1, {}, false}).ok());
}

TEST(Infer, TellsWhatHappenedBetweenTwoSnapshots) {
    api::ClusterSnapshot before, after;
    api::Topic topic;
    topic.name = "t";
    topic.partitions.resize(1);
    topic.partitions[0].leader = 1;
    topic.partitions[0].replicas = {{1, true, true, {}, {}, {}, {}}, {2, true, true, {}, {}, {}, {}}};
    before.topics = {topic};
    before.brokers.resize(1);
    before.brokers[0].id = 1;
    before.brokers[0].state = api::BrokerState::Online;
    after = before;
    EXPECT_TRUE(inferEvents(before, after, true).empty());
    after.brokers[0].state = api::BrokerState::Offline;
    after.topics[0].partitions[0].leader = 2;
    after.topics[0].partitions[0].replicas[0].inSync = false;
    const auto events = inferEvents(before, after, true);
    ASSERT_EQ(events.size(), 3u);
    EXPECT_EQ(events[0].text, "Broker 1 is down");
    EXPECT_THAT(events[1].text, HasSubstr("Leader of t-0: 1 → 2"));
    EXPECT_THAT(events[2].text, HasSubstr("shrank: 1, 2 → 2"));
    EXPECT_TRUE(events[0].inferred);
}

TEST(RetailTopics, FitIntoTwoGibibytes) {
    std::int64_t bytes = 0;
    for (const auto& topic : retailTopicCommands(3))
        bytes += (std::stoll(topic.configs.at("retention.bytes")) + std::stoll(topic.configs.at("segment.bytes"))) *
                 topic.partitions * topic.replicationFactor;
    EXPECT_LE(bytes, 2ll << 30);
    EXPECT_FALSE(retailTopicsReady(api::ClusterSnapshot{}));
}

}  // namespace
}  // namespace odradek::source
