// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "engine/protocol/messages/alter_partition_reassignments.h"
#include "engine/protocol/messages/describe_cluster.h"
#include "engine/protocol/messages/describe_quorum.h"
#include "engine/protocol/messages/elect_leaders.h"
#include "engine/protocol/messages/list_partition_reassignments.h"
#include "engine/protocol/messages/unregister_broker.h"
#include "engine/protocol/messages/update_features.h"
#include "tests/quorum/controller_harness.h"

namespace odradek::quorum {
namespace {

using Ids = std::vector<std::int32_t>;

protocol::ElectLeadersRequest election(std::int8_t type, const std::string& topic, Ids partitions) {
    protocol::ElectLeadersRequest request{.electionType = type};
    request.topicPartitions = {{{topic, std::move(partitions)}}};
    return request;
}
std::int16_t electionCode(ControllerHarness& h, const protocol::ElectLeadersRequest& request) {
    return h.call<protocol::ElectLeadersResponse>(h.admin(), request)
        .replicaElectionResults.at(0)
        .partitionResult.at(0)
        .errorCode;
}
std::int16_t move(ControllerHarness& h, const std::string& topic, std::int32_t index, std::optional<Ids> replicas) {
    protocol::AlterPartitionReassignmentsRequest request;
    request.topics.push_back({topic, {{index, std::move(replicas)}}});
    return h.call<protocol::AlterPartitionReassignmentsResponse>(h.admin(), request)
        .responses.at(0)
        .partitions.at(0)
        .errorCode;
}
/// The leader reports an ISR.
protocol::AlterPartitionResponse::PartitionData report(ControllerHarness& h, const ControllerHarness::Broker& leader,
                                                       Uuid topic, const Ids& isr) {
    const auto* partition = h.image().partition(topic, 0);
    protocol::AlterPartitionRequest request{.brokerId = leader.id, .brokerEpoch = leader.epoch};
    auto& one = request.topics.emplace_back();
    one.topicId = topic;
    auto& data = one.partitions.emplace_back();
    data.leaderEpoch = partition->leaderEpoch;
    data.partitionEpoch = partition->partitionEpoch;
    for (const auto id : isr)
        data.newIsrWithEpochs.push_back({id, -1});
    return h.call<protocol::AlterPartitionResponse>(leader.connection, request).topics.at(0).partitions.at(0);
}

TEST(ElectLeaders, GivesThePreferredReplicaBackItsLeadership) {
    ControllerHarness h;
    const auto one = h.join(1);
    const auto two = h.join(2);
    const auto topic = h.createTopicOn("t", {{1, 2}});
    EXPECT_EQ(electionCode(h, election(0, "t", {0})), codeOf(KafkaError::ElectionNotNeeded));
    EXPECT_EQ(electionCode(h, election(0, "t", {1})), codeOf(KafkaError::UnknownTopicOrPartition));
    EXPECT_EQ(electionCode(h, election(0, "u", {0})), codeOf(KafkaError::UnknownTopicOrPartition));
    h.beat(one, true);
    EXPECT_EQ(h.partition("t", 0).leader, 2);
    EXPECT_EQ(electionCode(h, election(0, "t", {0})), codeOf(KafkaError::PreferredLeaderNotAvailable));
    h.beat(one);
    EXPECT_EQ(electionCode(h, election(0, "t", {0})), codeOf(KafkaError::PreferredLeaderNotAvailable))
        << "it is not in sync yet";
    EXPECT_EQ(report(h, two, topic, {2, 1}).errorCode, 0);
    EXPECT_EQ(electionCode(h, election(0, "t", {0})), 0);
    EXPECT_EQ(h.partition("t", 0).leader, 1);
}

TEST(ElectLeaders, UncleanTakesAnyLiveReplicaWhenAskedTo) {
    ControllerHarness h;
    const auto one = h.join(1);
    const auto two = h.join(2);
    h.createTopicOn("t", {{1, 2}});
    h.createTopicOn("whole", {{2}});
    EXPECT_EQ(electionCode(h, election(1, "t", {0})), codeOf(KafkaError::ElectionNotNeeded));
    h.beat(two, true);
    h.beat(one, true);
    h.beat(two);
    EXPECT_EQ(h.partition("t", 0).leader, -1) << "2 is not in sync";
    protocol::ElectLeadersRequest all{.electionType = 1};
    all.topicPartitions.reset();
    const auto answer = h.call<protocol::ElectLeadersResponse>(h.admin(), all);
    ASSERT_EQ(answer.replicaElectionResults.size(), 1u) << "those that need none are not told of";
    EXPECT_EQ(answer.replicaElectionResults[0].topic, "t");
    EXPECT_EQ(h.partition("t", 0).leader, 2);
    EXPECT_EQ(h.partition("t", 0).isr, Ids{2});
    EXPECT_EQ(h.partition("t", 0).leaderRecoveryState, 1);
    EXPECT_EQ(h.call<protocol::ElectLeadersResponse>(h.admin(), protocol::ElectLeadersRequest{.electionType = 7})
                  .errorCode,
              codeOf(KafkaError::InvalidRequest));
}

TEST(Reassignment, EndsWhenTheNewReplicasAreInSync) {
    ControllerHarness h;
    const auto one = h.join(1);
    h.join(2);
    h.join(3);
    const auto topic = h.createTopicOn("t", {{1, 2}});
    EXPECT_EQ(move(h, "t", 0, Ids{1, 3}), 0);
    EXPECT_EQ(h.partition("t", 0).replicas, (Ids{1, 3, 2}));
    EXPECT_EQ(h.partition("t", 0).addingReplicas, Ids{3});
    EXPECT_EQ(h.partition("t", 0).removingReplicas, Ids{2});
    EXPECT_EQ(h.partition("t", 0).leaderEpoch, 0);
    protocol::ListPartitionReassignmentsRequest list;
    auto listed = h.call<protocol::ListPartitionReassignmentsResponse>(h.admin(), list);
    ASSERT_EQ(listed.topics.size(), 1u);
    EXPECT_EQ(listed.topics[0].partitions.at(0).addingReplicas, Ids{3});
    const auto answer = report(h, one, topic, {1, 2, 3});
    EXPECT_EQ(answer.errorCode, 0);
    EXPECT_EQ(h.partition("t", 0).replicas, (Ids{1, 3}));
    EXPECT_EQ(h.partition("t", 0).isr, (Ids{1, 3}));
    EXPECT_TRUE(h.partition("t", 0).addingReplicas.empty());
    EXPECT_EQ(h.partition("t", 0).leaderEpoch, 1) << "the removed replica is told by a new epoch";
    EXPECT_TRUE(h.call<protocol::ListPartitionReassignmentsResponse>(h.admin(), list).topics.empty());
}

TEST(Reassignment, ALeaderThatLeavesHandsOver) {
    ControllerHarness h;
    const auto one = h.join(1);
    h.join(2);
    const auto topic = h.createTopicOn("t", {{1}});
    EXPECT_EQ(move(h, "t", 0, Ids{2}), 0);
    EXPECT_EQ(h.partition("t", 0).leader, 1);
    EXPECT_EQ(report(h, one, topic, {1, 2}).errorCode, codeOf(KafkaError::NewLeaderElected));
    EXPECT_EQ(h.partition("t", 0).replicas, Ids{2});
    EXPECT_EQ(h.partition("t", 0).leader, 2);
}

TEST(Reassignment, CanBeCancelledAndJudgedAsInKafka) {
    ControllerHarness h;
    h.join(1);
    h.join(2);
    h.join(3);
    h.createTopicOn("t", {{1, 2}});
    EXPECT_EQ(move(h, "t", 0, std::nullopt), codeOf(KafkaError::NoReassignmentInProgress));
    EXPECT_EQ(move(h, "t", 5, Ids{1}), codeOf(KafkaError::UnknownTopicOrPartition));
    EXPECT_EQ(move(h, "u", 0, Ids{1}), codeOf(KafkaError::UnknownTopicOrPartition));
    EXPECT_EQ(move(h, "t", 0, Ids{}), codeOf(KafkaError::InvalidReplicaAssignment));
    EXPECT_EQ(move(h, "t", 0, Ids{1, 1}), codeOf(KafkaError::InvalidReplicaAssignment));
    EXPECT_EQ(move(h, "t", 0, Ids{1, 9}), codeOf(KafkaError::InvalidReplicaAssignment));
    EXPECT_EQ(move(h, "t", 0, Ids{2, 3}), 0);
    EXPECT_EQ(move(h, "t", 0, std::nullopt), 0);
    EXPECT_EQ(h.partition("t", 0).replicas, (Ids{2, 1}));
    EXPECT_TRUE(h.partition("t", 0).addingReplicas.empty());
    EXPECT_TRUE(h.partition("t", 0).removingReplicas.empty());
    EXPECT_EQ(h.partition("t", 0).leader, 1);
}

TEST(UnregisterBroker, ForgetsItAndTakesItOutOfItsIsrs) {
    ControllerHarness h;
    h.join(1);
    h.join(2);
    h.createTopicOn("t", {{2, 1}});
    const auto unregister = [&](std::int32_t id) {
        return h.call<protocol::UnregisterBrokerResponse>(h.admin(), protocol::UnregisterBrokerRequest{.brokerId = id})
            .errorCode;
    };
    EXPECT_EQ(unregister(7), codeOf(KafkaError::BrokerIdNotRegistered));
    EXPECT_EQ(unregister(2), 0);
    EXPECT_EQ(h.image().broker(2), nullptr);
    EXPECT_EQ(h.partition("t", 0).leader, 1);
    EXPECT_EQ(h.partition("t", 0).isr, Ids{1});
    h.restart();
    EXPECT_EQ(h.image().broker(2), nullptr);
}

TEST(UpdateFeatures, AllOrNothingWithinWhatIsSupported) {
    ControllerHarness h;
    h.join(1);
    const auto update = [&](const std::string& name, std::int16_t level, std::int8_t type, bool dry = false) {
        protocol::UpdateFeaturesRequest request{.validateOnly = dry};
        request.featureUpdates.push_back({.feature = name, .maxVersionLevel = level, .upgradeType = type});
        return h.call<protocol::UpdateFeaturesResponse>(h.admin(), request).errorCode;
    };
    const auto bad = codeOf(KafkaError::InvalidUpdateVersion);
    EXPECT_EQ(update("metadata.version", 31, 1), bad) << "not supported";
    EXPECT_EQ(update("metadata.version", 29, 1), bad) << "a downgrade must be asked for";
    EXPECT_EQ(update("metadata.version", 0, 2), bad);
    EXPECT_EQ(update("no.such.feature", 1, 1), bad);
    EXPECT_EQ(update("metadata.version", 29, 2, true), 0);
    EXPECT_EQ(h.image().featureLevel("metadata.version"), 30) << "only validated";
    EXPECT_EQ(update("metadata.version", 29, 2), 0);
    EXPECT_EQ(h.image().featureLevel("metadata.version"), 29);
    EXPECT_EQ(update("metadata.version", 30, 1), 0);
}

TEST(DescribeQuorum, TellsVotersAndObservers) {
    ControllerHarness h;
    h.fetch(h.connect(), 0);
    protocol::DescribeQuorumRequest request;
    request.topics.push_back({"__cluster_metadata", {{0}}});
    const auto answer = h.call<protocol::DescribeQuorumResponse>(h.admin(), request);
    EXPECT_EQ(answer.errorCode, 0);
    const auto& part = answer.topics.at(0).partitions.at(0);
    EXPECT_EQ(part.leaderId, 1);
    EXPECT_EQ(part.leaderEpoch, 1);
    EXPECT_EQ(part.highWatermark, h.image().offset() + 1);
    ASSERT_EQ(part.currentVoters.size(), 1u);
    EXPECT_EQ(part.currentVoters[0].replicaId, 1);
    ASSERT_EQ(part.observers.size(), 1u) << "a broker on another node that reads the log";
    EXPECT_EQ(part.observers[0].replicaId, 2);
    // As a client asks a broker.
    const protocol::EnvelopeRequest envelope{
        .requestData = protocol::encodeRequest(request, 2, 9, "client").flatten()};
    const auto wrapped = h.call<protocol::EnvelopeResponse>(h.admin(), envelope);
    ASSERT_TRUE(wrapped.responseData.has_value());
    EXPECT_TRUE(protocol::decodeResponse<protocol::DescribeQuorumResponse>(*wrapped.responseData, 2, 9).has_value());
    request.topics[0].topicName = "t";
    EXPECT_EQ(h.call<protocol::DescribeQuorumResponse>(h.admin(), request).topics.at(0).partitions.at(0).errorCode,
              codeOf(KafkaError::UnknownTopicOrPartition));
}

TEST(DescribeCluster, ControllersAnswerForThemselves) {
    ControllerHarness h;
    const protocol::DescribeClusterRequest controllers{.endpointType = 2};
    const auto answer = h.call<protocol::DescribeClusterResponse>(h.admin(), controllers);
    EXPECT_EQ(answer.errorCode, 0);
    EXPECT_EQ(answer.controllerId, 1);
    EXPECT_EQ(answer.clusterId, "cluster");
    EXPECT_EQ(h.call<protocol::DescribeClusterResponse>(h.admin(), protocol::DescribeClusterRequest{}).errorCode,
              codeOf(KafkaError::MismatchedEndpointType));
    EXPECT_EQ(h.image().controllers().size(), 1u) << "it has registered itself";
}

}  // namespace
}  // namespace odradek::quorum
