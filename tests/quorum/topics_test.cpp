// SPDX-License-Identifier: GPL-3.0-or-later
#include <set>

#include "engine/metadata/config_defs.h"
#include "tests/quorum/controller_harness.h"

namespace odradek::quorum {
namespace {

using protocol::CreatePartitionsRequest;
using protocol::CreatePartitionsResponse;
using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::DeleteTopicsRequest;
using protocol::DeleteTopicsResponse;

class Topics : public ::testing::Test {
protected:
    void SetUp() override {
        for (std::int32_t id = 1; id <= 3; ++id)
            brokers.push_back(h.join(id));
    }
    CreateTopicsResponse create(const CreateTopicsRequest& request, std::int16_t version = 7) {
        return h.call<CreateTopicsResponse>(h.admin(), request, version);
    }
    static CreateTopicsRequest request(const std::string& name, std::int32_t partitions, std::int16_t factor) {
        CreateTopicsRequest wanted;
        wanted.topics.push_back({.name = name, .numPartitions = partitions, .replicationFactor = factor});
        return wanted;
    }
    KafkaError errorOf(const CreateTopicsRequest& request) {
        return static_cast<KafkaError>(create(request).topics.at(0).errorCode);
    }
    KafkaError manual(const std::vector<std::pair<std::int32_t, std::vector<std::int32_t>>>& assignments,
                      std::int32_t partitions = -1, std::int16_t factor = -1) {
        auto wanted = request("manual", partitions, factor);
        for (const auto& [index, brokers] : assignments)
            wanted.topics[0].assignments.push_back({index, brokers});
        wanted.validateOnly = true;
        return errorOf(wanted);
    }
    KafkaError grow(const std::string& name, std::int32_t count,
                    std::optional<std::vector<std::vector<std::int32_t>>> assignments = std::nullopt) {
        CreatePartitionsRequest wanted;
        auto& topic = wanted.topics.emplace_back();
        topic.name = name;
        topic.count = count;
        topic.assignments = std::nullopt;
        if (assignments) {
            topic.assignments.emplace();
            for (auto& brokers : *assignments)
                topic.assignments->push_back({brokers});
        }
        const auto answer = h.call<CreatePartitionsResponse>(h.admin(), wanted);
        return static_cast<KafkaError>(answer.results.at(0).errorCode);
    }

    ControllerHarness h;
    std::vector<ControllerHarness::Broker> brokers;
};

TEST_F(Topics, AreCreatedWithAnIdAndDescribed) {
    const auto answer = create(request("orders", 6, 3)).topics.at(0);
    EXPECT_EQ(answer.errorCode, 0);
    EXPECT_EQ(answer.errorMessage, std::nullopt);
    EXPECT_FALSE(answer.topicId.isZero());
    EXPECT_EQ(answer.numPartitions, 6);
    EXPECT_EQ(answer.replicationFactor, 3);
    EXPECT_EQ(answer.configs->size(), metadata::topicConfigDefs().size());
    ASSERT_NE(h.image().topic(answer.topicId), nullptr);
    EXPECT_EQ(h.image().topic("orders")->partitions.size(), 6u);
    for (const auto& partition : h.image().topic("orders")->partitions) {
        EXPECT_EQ(partition->isr, partition->replicas);
        EXPECT_EQ(partition->leader, partition->replicas.front());
        EXPECT_EQ(partition->leaderEpoch, 0);
        EXPECT_EQ(partition->partitionEpoch, 0);
        ASSERT_EQ(partition->directories.size(), 3u);
        EXPECT_EQ(partition->directories[0].bytes[1], partition->replicas[0]) << "the only directory of the broker";
    }
}

TEST_F(Topics, EveryVersionIsServed) {
    for (std::int16_t version = 2; version <= 7; ++version)
        EXPECT_EQ(create(request("t" + std::to_string(version), 1, 1), version).topics.at(0).errorCode, 0);
}

TEST_F(Topics, LeadersAreSpreadEvenly) {
    create(request("wide", 30, 2));
    std::map<std::int32_t, int> leaders, followers;
    for (const auto& partition : h.image().topic("wide")->partitions) {
        ++leaders[partition->replicas[0]];
        ++followers[partition->replicas[1]];
        EXPECT_NE(partition->replicas[0], partition->replicas[1]);
    }
    for (std::int32_t id = 1; id <= 3; ++id) {
        EXPECT_EQ(leaders[id], 10);
        EXPECT_EQ(followers[id], 10);
    }
}

TEST_F(Topics, FencedBrokersGetReplicasButNoLeaderships) {
    h.beat(brokers[0], true);
    create(request("t", 12, 3));
    for (const auto& partition : h.image().topic("t")->partitions) {
        EXPECT_EQ(partition->replicas.size(), 3u);
        EXPECT_EQ(partition->replicas.back(), 1);
        EXPECT_EQ(partition->isr.size(), 2u);
        EXPECT_NE(partition->leader, 1);
    }
}

TEST_F(Topics, DefaultsApplyForMinusOne) {
    const auto answer = create(request("t", -1, -1)).topics.at(0);
    EXPECT_EQ(answer.numPartitions, 1);
    EXPECT_EQ(answer.replicationFactor, 1);
    ControllerHarness other({{"num.partitions", "4"}, {"default.replication.factor", "2"}});
    other.join(1);
    other.join(2);
    const auto wide = other.createTopic("t", -1, -1).topics.at(0);
    EXPECT_EQ(wide.numPartitions, 4);
    EXPECT_EQ(wide.replicationFactor, 2);
}

TEST_F(Topics, BadRequestsGetKafkasErrors) {
    EXPECT_EQ(errorOf(request("", 1, 1)), KafkaError::InvalidTopicException);
    EXPECT_EQ(errorOf(request("a b", 1, 1)), KafkaError::InvalidTopicException);
    EXPECT_EQ(errorOf(request("t", 0, 1)), KafkaError::InvalidPartitions);
    EXPECT_EQ(errorOf(request("t", -2, 1)), KafkaError::InvalidPartitions);
    EXPECT_EQ(errorOf(request("t", 1, 0)), KafkaError::InvalidReplicationFactor);
    EXPECT_EQ(errorOf(request("t", 1, -2)), KafkaError::InvalidReplicationFactor);
    EXPECT_EQ(errorOf(request("t", 1, 4)), KafkaError::InvalidReplicationFactor);
    EXPECT_EQ(errorOf(request("t", 10'001, 1)), KafkaError::PolicyViolation);
    EXPECT_EQ(errorOf(request("__cluster_metadata", 1, 1)), KafkaError::InvalidRequest);
    create(request("a.b", 1, 1));
    EXPECT_EQ(errorOf(request("a.b", 1, 1)), KafkaError::TopicAlreadyExists);
    EXPECT_EQ(errorOf(request("a_b", 1, 1)), KafkaError::InvalidTopicException) << "collides";
    auto twice = request("t", 1, 1);
    twice.topics.push_back(twice.topics[0]);
    const auto answer = create(twice);
    ASSERT_EQ(answer.topics.size(), 1u);
    EXPECT_EQ(answer.topics[0].errorCode, codeOf(KafkaError::InvalidRequest));
    EXPECT_EQ(h.image().topics().size(), 1u);
}

TEST_F(Topics, ConfigsAreCheckedAndKept) {
    auto wanted = request("t", 1, 1);
    wanted.topics[0].configs.push_back({"cleanup.policy", "compact"});
    const auto answer = create(wanted).topics.at(0);
    EXPECT_EQ(h.image().configs({metadata::ResourceType::Topic, "t"}).at("cleanup.policy"), "compact");
    for (const auto& config : *answer.configs)
        if (config.name == "cleanup.policy") {
            EXPECT_EQ(config.value, "compact");
            EXPECT_EQ(config.configSource, 1);
        }
    wanted.topics[0].name = "u";
    wanted.topics[0].configs[0].value = "never";
    EXPECT_EQ(errorOf(wanted), KafkaError::InvalidConfig);
    wanted.topics[0].configs[0] = {"no.such", "1"};
    EXPECT_EQ(errorOf(wanted), KafkaError::InvalidConfig);
    wanted.topics[0].configs[0] = {"retention.ms", std::nullopt};
    EXPECT_EQ(errorOf(wanted), KafkaError::InvalidConfig) << "a new topic has nothing to go back to";
    EXPECT_EQ(h.image().topic("u"), nullptr);
    wanted.topics[0].configs.push_back({"retention.ms", "5"});
    EXPECT_EQ(errorOf(wanted), KafkaError::None) << "the last word counts";
}

TEST_F(Topics, ManualAssignments) {
    EXPECT_EQ(manual({{0, {3, 1}}, {1, {1, 2}}}), KafkaError::None);
    EXPECT_EQ(manual({{0, {1}}}, 1, -1), KafkaError::InvalidRequest);
    EXPECT_EQ(manual({{0, {1}}}, -1, 1), KafkaError::InvalidRequest);
    EXPECT_EQ(manual({{1, {1}}}), KafkaError::InvalidReplicaAssignment) << "not from 0";
    EXPECT_EQ(manual({{0, {1}}, {0, {1}}}), KafkaError::InvalidReplicaAssignment);
    EXPECT_EQ(manual({{0, {1}}, {1, {1, 2}}}), KafkaError::InvalidReplicaAssignment);
    EXPECT_EQ(manual({{0, {}}}), KafkaError::InvalidReplicaAssignment);
    EXPECT_EQ(manual({{0, {1, 1}}}), KafkaError::InvalidReplicaAssignment);
    EXPECT_EQ(manual({{0, {9}}}), KafkaError::InvalidReplicaAssignment);
    h.beat(brokers[0], true);
    EXPECT_EQ(manual({{0, {1}}}), KafkaError::InvalidReplicaAssignment) << "only a fenced one";
    EXPECT_EQ(manual({{0, {1, 2}}}), KafkaError::None);
}

TEST_F(Topics, ValidateOnlyWritesNothing) {
    const auto before = h.image().offset();
    auto wanted = request("t", 2, 2);
    wanted.validateOnly = true;
    const auto answer = create(wanted).topics.at(0);
    EXPECT_EQ(answer.errorCode, 0);
    EXPECT_EQ(answer.numPartitions, 2);
    EXPECT_EQ(h.image().offset(), before);
}

TEST_F(Topics, GrowByCountAndByHand) {
    create(request("t", 2, 2));
    EXPECT_EQ(grow("t", 4), KafkaError::None);
    EXPECT_EQ(h.image().topic("t")->partitions.size(), 4u);
    EXPECT_EQ(h.partition("t", 3).replicas.size(), 2u);
    EXPECT_EQ(grow("t", 5, {{{3, 1}}}), KafkaError::None);
    EXPECT_EQ(h.partition("t", 4).replicas, (std::vector{3, 1}));
    EXPECT_EQ(grow("t", 5), KafkaError::InvalidPartitions);
    EXPECT_EQ(grow("t", 3), KafkaError::InvalidPartitions);
    EXPECT_EQ(grow("absent", 3), KafkaError::UnknownTopicOrPartition);
    EXPECT_EQ(grow("t", 7, {{{3, 1}}}), KafkaError::InvalidReplicaAssignment);
    EXPECT_EQ(grow("t", 6, {{{3, 1, 2}}}), KafkaError::InvalidReplicaAssignment) << "another replication factor";
    EXPECT_EQ(h.image().topic("t")->partitions.size(), 5u);
}

TEST_F(Topics, GrowRefusesDuplicatesAndMayOnlyValidate) {
    create(request("t", 1, 1));
    CreatePartitionsRequest wanted;
    wanted.topics.push_back({.name = "t", .count = 2, .assignments = std::nullopt});
    wanted.validateOnly = true;
    EXPECT_EQ(h.call<CreatePartitionsResponse>(h.admin(), wanted).results.at(0).errorCode, 0);
    EXPECT_EQ(h.image().topic("t")->partitions.size(), 1u);
    wanted.topics.push_back(wanted.topics[0]);
    const auto answer = h.call<CreatePartitionsResponse>(h.admin(), wanted);
    ASSERT_EQ(answer.results.size(), 1u);
    EXPECT_EQ(answer.results[0].errorCode, codeOf(KafkaError::InvalidRequest));
}

TEST_F(Topics, AreDeletedByNameAndById) {
    create(request("a", 1, 1));
    const auto b = create(request("b", 1, 1)).topics[0].topicId;
    DeleteTopicsRequest byName;
    byName.topicNames = {"a", "absent"};
    const auto answer = h.call<DeleteTopicsResponse>(h.admin(), byName, 5);
    EXPECT_EQ(answer.responses.at(0).errorCode, 0);
    EXPECT_EQ(answer.responses.at(1).errorCode, codeOf(KafkaError::UnknownTopicOrPartition));
    DeleteTopicsRequest byId;
    byId.topics.push_back({.topicId = b});
    byId.topics.push_back({.topicId = Uuid{{66}}});
    const auto second = h.call<DeleteTopicsResponse>(h.admin(), byId);
    EXPECT_EQ(second.responses.at(0).errorCode, 0);
    EXPECT_EQ(second.responses.at(0).name, "b");
    EXPECT_EQ(second.responses.at(1).errorCode, codeOf(KafkaError::UnknownTopicId));
    EXPECT_TRUE(h.image().topics().empty());
    EXPECT_NE(create(request("b", 1, 1)).topics[0].topicId, b) << "a topic made anew has another id";
}

TEST_F(Topics, DeletionsAreJudgedAsInKafka) {
    const auto a = create(request("a", 1, 1)).topics[0].topicId;
    const auto only = [&](DeleteTopicsRequest wanted) {
        std::set<std::int16_t> codes;
        for (const auto& result : h.call<DeleteTopicsResponse>(h.admin(), wanted).responses)
            codes.insert(result.errorCode);
        return codes;
    };
    DeleteTopicsRequest wanted;
    wanted.topics = {{.name = "a", .topicId = a}};
    EXPECT_EQ(only(wanted), std::set{codeOf(KafkaError::InvalidRequest)}) << "named twice over";
    wanted.topics = {{}};
    EXPECT_EQ(only(wanted), std::set{codeOf(KafkaError::InvalidRequest)}) << "not named";
    wanted.topics = {{.name = "a"}, {.name = "a"}};
    EXPECT_EQ(only(wanted), std::set{codeOf(KafkaError::InvalidRequest)});
    wanted.topics = {{.topicId = a}, {.topicId = a}};
    EXPECT_EQ(only(wanted), std::set{codeOf(KafkaError::InvalidRequest)});
    for (const bool nameFirst : {true, false}) {  // one answer, under the name, and nothing is deleted
        wanted.topics = {{.topicId = a}, {.topicId = a}};
        wanted.topics[nameFirst ? 0 : 1] = {.name = "a"};
        const auto answer = h.call<DeleteTopicsResponse>(h.admin(), wanted);
        ASSERT_EQ(answer.responses.size(), 1u);
        EXPECT_EQ(answer.responses[0].name, "a");
        EXPECT_EQ(answer.responses[0].topicId, a);
        EXPECT_EQ(answer.responses[0].errorCode, codeOf(KafkaError::InvalidRequest));
    }
    EXPECT_NE(h.image().topic("a"), nullptr);
    ControllerHarness locked(with("delete.topic.enable", "false"));
    wanted.topics = {{.name = "a"}};
    EXPECT_EQ(locked.call<DeleteTopicsResponse>(locked.admin(), wanted).responses[0].errorCode,
              codeOf(KafkaError::TopicDeletionDisabled));
}

TEST(Racks, ReplicasGoToDifferentRacks) {
    ControllerHarness h;
    for (std::int32_t id = 1; id <= 6; ++id)
        h.join(id, 1, std::string(1, static_cast<char>('a' + (id - 1) / 2)));
    h.createTopic("t", 12, 3);
    std::map<std::int32_t, int> leaders;
    for (const auto& partition : h.image().topic("t")->partitions) {
        std::set<std::string> racks;
        for (const auto id : partition->replicas)
            racks.insert(*h.image().broker(id)->rack);
        EXPECT_EQ(racks.size(), 3u);
        ++leaders[partition->leader];
    }
    EXPECT_EQ(leaders.size(), 6u);
}

TEST(Racks, NoBrokerNoTopic) {
    ControllerHarness h;
    EXPECT_EQ(h.createTopic("t", 1, 1).topics[0].errorCode, codeOf(KafkaError::InvalidReplicationFactor));
}

}  // namespace
}  // namespace odradek::quorum
