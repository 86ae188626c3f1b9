// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/protocol/codec/record_batch.h"
#include "tests/quorum/controller_harness.h"

namespace odradek::quorum {
namespace {

/// All records a reader gets from offset 0 on, applied.
metadata::Image imageByFetching(ControllerHarness& h) {
    metadata::Image image;
    const auto id = h.connect();
    for (;;) {
        const auto data = h.fetch(id, image.offset() + 1).responses.at(0).partitions.at(0);
        EXPECT_EQ(data.errorCode, 0);
        const auto records = data.records.value_or(Chain{}).flatten();
        if (records.empty())
            return image;
        for (std::size_t at = 0; at < records.size();) {
            const auto size = protocol::readBatchHeader(records.slice(at))->sizeInBytes();
            EXPECT_TRUE(image.applyBatch(records.slice(at, size)).has_value());
            at += size;
        }
        EXPECT_EQ(image.offset() + 1, data.highWatermark);
    }
}

TEST(MetadataLog, StartsWithALeaderChangeAndTheMetadataVersion) {
    ControllerHarness h;
    EXPECT_EQ(h.image().featureLevel("metadata.version"), 30);
    EXPECT_EQ(h.image().controllerId(), 1);
    EXPECT_EQ(h.image().controllerEpoch(), 1);
    const auto header = protocol::readBatchHeader(h.disk().content(std::string(kLogPath)));
    ASSERT_TRUE(header.has_value());
    EXPECT_TRUE(header->isControl());
    EXPECT_EQ(header->baseOffset, 0);
    EXPECT_EQ(header->partitionLeaderEpoch, 1);
    // Version 0, which is what Kafka's dump tool reads: leader 1, voters {1}, granting voters {1}.
    const std::vector<std::uint8_t> expected{0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 1, 0, 2, 0, 0, 0, 1, 0, 0};
    const auto records =
        protocol::readRecords(h.disk().content(std::string(kLogPath)).slice(0, header->sizeInBytes()));
    ASSERT_TRUE(records.has_value());
    EXPECT_EQ(records->at(0).value, Bytes::copy(ByteSpan(expected)));
    EXPECT_EQ(h.disk().content("__cluster_metadata-0/quorum-state").view(),
              R"({"leaderId":1,"leaderEpoch":1,"votedId":1,"votedDirectoryId":"CQAAAAAAAAAAAAAAAAAAAA","data_version":1})");
    EXPECT_EQ(h.disk().content("__cluster_metadata-0/leader-epoch-checkpoint").view(), "0\n1\n1 0\n");
    EXPECT_EQ(h.disk().content("__cluster_metadata-0/partition.metadata").view(),
              "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ");
}

TEST(MetadataLog, ARestartReplaysToTheSameImageInANewEpoch) {
    ControllerHarness h;
    h.join(1);
    h.join(2);
    h.createTopic("t", 4, 2);
    const auto before = h.image();
    h.restart();
    EXPECT_EQ(h.image().topicNames(), before.topicNames());
    EXPECT_EQ(h.image().brokers(), before.brokers());
    EXPECT_EQ(*h.image().topic("t"), *before.topic("t"));
    EXPECT_EQ(h.image().features(), before.features());
    EXPECT_EQ(h.image().offset(), before.offset() + 2) << "only the leader change and the controller's registration";
    EXPECT_EQ(h.image().controllerEpoch(), before.controllerEpoch() + 1);
    EXPECT_EQ(h.disk().content("__cluster_metadata-0/leader-epoch-checkpoint").view(),
              "0\n2\n1 0\n2 " + std::to_string(h.image().offset() - 1) + "\n");
}

TEST(MetadataLog, ObserversGetTheSameImage) {
    ControllerHarness h;
    h.join(1);
    h.createTopic("t", 3, 1);
    h.restart();
    EXPECT_TRUE(imageByFetching(h) == h.image());
}

TEST(MetadataLog, AnswersWaitForTheDisk) {
    ControllerHarness h;
    const auto one = h.join(1);
    const auto observer = h.connect();
    h.holdDisk(true);
    protocol::CreateTopicsRequest wanted;
    wanted.topics.push_back({.name = "t", .numPartitions = 1, .replicationFactor = 1});
    h.send(h.admin(), wanted, 7);
    EXPECT_EQ(h.waiting(h.admin()), 0u);
    // Another one's answer may rest on what is not durable yet: it waits as well.
    h.send(one.connection, protocol::BrokerHeartbeatRequest{.brokerId = 1, .brokerEpoch = one.epoch}, 2);
    EXPECT_EQ(h.waiting(one.connection), 0u);
    const auto end = h.controller().inspect().logEnd;
    const auto mark = h.controller().inspect().highWatermark;
    EXPECT_LT(mark, end);
    const auto fetched = h.fetch(observer, mark).responses.at(0).partitions.at(0);
    EXPECT_EQ(fetched.highWatermark, mark);
    EXPECT_TRUE(fetched.records.value_or(Chain{}).empty()) << "observers see committed records only";
    h.holdDisk(false);
    EXPECT_EQ(h.read<protocol::CreateTopicsResponse>(h.admin(), 7).topics.at(0).errorCode, 0);
    EXPECT_EQ(h.waiting(one.connection), 1u);
    EXPECT_EQ(h.controller().inspect().highWatermark, end);
}

TEST(MetadataLog, ALongPollEndsWithNewsOrWithTime) {
    ControllerHarness h;
    h.join(1);
    const auto observer = h.connect();
    const auto end = h.image().offset() + 1;
    h.send(observer, ControllerHarness::fetchRequest(end, 1, 500), 17);
    EXPECT_EQ(h.waiting(observer), 0u);
    h.createTopicOn("t", {{1}});
    const auto news = h.read<protocol::FetchResponse>(observer, 17).responses.at(0).partitions.at(0);
    EXPECT_GT(news.records->size(), 0u);
    h.send(observer, ControllerHarness::fetchRequest(h.image().offset() + 1, 1, 500), 17);
    h.pass(Milliseconds(499));
    EXPECT_EQ(h.waiting(observer), 0u);
    EXPECT_EQ(h.controller().nextWake(), h.now().at + Milliseconds(1));
    h.pass(Milliseconds(1));
    EXPECT_EQ(h.waiting(observer), 1u);
    EXPECT_EQ(h.read<protocol::FetchResponse>(observer, 17).responses.at(0).partitions.at(0).highWatermark,
              h.image().offset() + 1);
}

TEST(MetadataLog, ARequestBehindALongPollEndsIt) {
    ControllerHarness h;
    const auto observer = h.connect();
    const auto fetch = h.send(observer, ControllerHarness::fetchRequest(h.image().offset() + 1, 1, 500), 17);
    const auto versions = h.send(observer, protocol::ApiVersionsRequest{}, 4);
    h.read<protocol::FetchResponse>(observer, 17, fetch);
    h.read<protocol::ApiVersionsResponse>(observer, 4, versions);
}

TEST(MetadataLog, BadFetchesAreRefused) {
    ControllerHarness h;
    const auto id = h.connect();
    const auto ask = [&](protocol::FetchRequest request) { return h.call<protocol::FetchResponse>(id, request, 17); };
    auto wrong = ControllerHarness::fetchRequest(0, -1, 0);
    wrong.topics[0].topicId = Uuid{{5}};
    EXPECT_EQ(ask(wrong).errorCode, codeOf(KafkaError::InvalidRequest));
    wrong = ControllerHarness::fetchRequest(0, -1, 0);
    wrong.topics[0].partitions[0].partition = 1;
    EXPECT_EQ(ask(wrong).errorCode, codeOf(KafkaError::InvalidRequest));
    wrong = ControllerHarness::fetchRequest(0, -1, 0);
    wrong.clusterId = "other";
    EXPECT_EQ(ask(wrong).errorCode, codeOf(KafkaError::InconsistentClusterId));
    const auto partitionError = [&](std::int32_t epoch, std::int64_t offset) {
        auto request = ControllerHarness::fetchRequest(offset, -1, 0);
        request.topics[0].partitions[0].currentLeaderEpoch = epoch;
        return ask(request).responses.at(0).partitions.at(0).errorCode;
    };
    EXPECT_EQ(partitionError(0, 0), codeOf(KafkaError::FencedLeaderEpoch));
    EXPECT_EQ(partitionError(2, 0), codeOf(KafkaError::UnknownLeaderEpoch));
    EXPECT_EQ(partitionError(1, -1), codeOf(KafkaError::InvalidRequest));
    EXPECT_EQ(partitionError(1, 0), 0);
}

TEST(MetadataLog, ADivergingReaderIsToldWhereTo) {
    ControllerHarness h;
    h.restart();
    const auto id = h.connect();
    const auto end = h.image().offset() + 1;
    auto data = h.fetch(id, end, 1).responses.at(0).partitions.at(0);
    EXPECT_EQ(data.divergingEpoch.epoch, 1);
    EXPECT_EQ(data.divergingEpoch.endOffset, end - 2);
    data = h.fetch(id, end + 5, 2).responses.at(0).partitions.at(0);
    EXPECT_EQ(data.divergingEpoch.epoch, 2);
    EXPECT_EQ(data.divergingEpoch.endOffset, end);
    data = h.fetch(id, end, 2).responses.at(0).partitions.at(0);
    EXPECT_EQ(data.divergingEpoch.epoch, -1);
}

TEST(MetadataLog, OldFetchVersionsNameTheTopic) {
    ControllerHarness h;
    protocol::FetchRequest request;
    request.topics.push_back({.topic = "__cluster_metadata"});
    request.topics[0].partitions.push_back({.partitionMaxBytes = 1 << 20});
    const auto answer = h.call<protocol::FetchResponse>(h.connect(), request, 12);
    EXPECT_EQ(answer.responses.at(0).topic, "__cluster_metadata");
    EXPECT_GT(answer.responses.at(0).partitions.at(0).records->size(), 0u);
}

TEST(MetadataLog, ATornTailIsCutAndTheLogGoesOn) {
    ControllerHarness h;
    h.join(1);
    const auto offset = h.image().offset();
    auto file = h.disk().content(std::string(kLogPath));
    std::vector<std::uint8_t> torn(file.data(), file.data() + file.size());
    torn.insert(torn.end(), file.data(), file.data() + 40);
    h.disk().put(std::string(kLogPath), torn);
    h.restart();
    EXPECT_EQ(h.image().offset(), offset + 2);
    h.restart();
    EXPECT_EQ(h.image().offset(), offset + 4);
    EXPECT_TRUE(imageByFetching(h) == h.image());
}

TEST(MetadataLog, DamageBelowALaterEpochIsRefusedNotCut) {
    ControllerHarness h;
    h.join(1);
    h.restart();
    const auto file = h.disk().content(std::string(kLogPath));
    std::vector<std::uint8_t> damaged(file.data(), file.data() + file.size());
    damaged[70] ^= 1;
    h.disk().put(std::string(kLogPath), damaged);
    const auto booted = h.tryBoot();
    ASSERT_FALSE(booted.has_value());
    EXPECT_EQ(booted.error().code, ErrorCode::Corrupt);
}

TEST(MetadataLog, ABrokenQuorumStateIsSaid) {
    ControllerHarness h;
    h.disk().put("__cluster_metadata-0/quorum-state", Bytes::copy(std::string_view("{nonsense")));
    EXPECT_FALSE(h.tryBoot().has_value());
    h.disk().put("__cluster_metadata-0/quorum-state", Bytes::copy(std::string_view(R"({"leaderEpoch":7,"data_version":9})")));
    EXPECT_EQ(h.tryBoot().error().code, ErrorCode::Unsupported);
    h.disk().put("__cluster_metadata-0/quorum-state", Bytes::copy(std::string_view(R"({"leaderEpoch":7,"data_version":1})")));
    h.restart();
    EXPECT_EQ(h.image().controllerEpoch(), 8) << "never below an epoch that was remembered";
}

TEST(MetadataLog, AFailingDiskEndsTheController) {
    ControllerHarness h;
    const auto one = h.join(1);
    h.disk().failNext<io::DiskFlush>("__cluster_metadata");
    protocol::CreateTopicsRequest wanted;
    wanted.topics.push_back({.name = "t", .numPartitions = 1, .replicationFactor = 1});
    const auto id = h.connect();
    h.send(id, wanted, 7);
    EXPECT_EQ(h.waiting(id), 0u) << "nothing is acknowledged";
    EXPECT_TRUE(h.isClosed(id));
    EXPECT_TRUE(h.isClosed(one.connection));
    EXPECT_EQ(h.controller().nextWake(), Instant::never());
}

TEST(MetadataLog, ACopyGoesOnIdentically) {
    ControllerHarness h;
    h.join(1);
    const auto copy = h.controller().clone();
    io::Effects first, second;
    const auto frame =
        protocol::encodeRequest([] {
            protocol::CreateTopicsRequest wanted;
            wanted.topics.push_back({.name = "t", .numPartitions = 3, .replicationFactor = 1});
            return wanted;
        }(), 7, 1, "x").flatten();
    const io::FrameIn event{h.admin(), frame};
    const auto again = h.controller().clone();
    h.controller().step(h.now(), event, first);
    again->step(h.now(), event, second);
    ASSERT_EQ(first.size(), second.size());
    EXPECT_EQ(std::get<io::DiskWrite>(first[0]).data, std::get<io::DiskWrite>(second[0]).data);
    EXPECT_EQ(dynamic_cast<Controller&>(*copy).image().topic("t"), nullptr) << "an earlier copy saw nothing";
}

RC_GTEST_PROP(MetadataLog, WhatWasAnsweredSurvivesPowerCuts, ()) {
    ControllerHarness h({}, *rc::gen::inRange<std::uint64_t>(1, 1'000'000));
    std::set<std::string> created;
    for (int life = 0, lives = *rc::gen::inRange(1, 5); life < lives; ++life) {
        h.join(1, static_cast<std::uint8_t>(life + 1));
        for (int i = 0, n = *rc::gen::inRange(0, 4); i < n; ++i) {
            const auto name = "t" + std::to_string(life) + "-" + std::to_string(i);
            h.createTopicOn(name, {{1}});
            created.insert(name);
        }
        // Requests under way when the power goes: answered or not, they may survive or not, but whole.
        h.holdDisk(true);
        for (int i = 0, n = *rc::gen::inRange(0, 4); i < n; ++i) {
            protocol::CreateTopicsRequest wanted;
            wanted.topics.push_back({.name = "u" + std::to_string(life) + "-" + std::to_string(i),
                                     .numPartitions = 20,
                                     .replicationFactor = 1});
            h.send(h.admin(), wanted, 7);
        }
        for (int i = 0, n = *rc::gen::inRange(0, 6); i < n; ++i)
            (void)h.disk().step();
        h.disk().powerCut();
        h.holdDisk(false);
        h.boot();
        for (const auto& name : created)
            RC_ASSERT(h.image().topic(std::string_view(name)) != nullptr);
        for (const auto& [id, topic] : h.image().topics())
            RC_ASSERT(topic->partitions.size() == (topic->name[0] == 'u' ? 20u : 1u));
        RC_ASSERT(imageByFetching(h) == h.image());
    }
}

}  // namespace
}  // namespace odradek::quorum
