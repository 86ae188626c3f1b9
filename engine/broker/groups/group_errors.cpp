// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/groups/group_errors.h"

namespace odradek::broker {

using protocol::KafkaError;

KafkaError coordinatorError(KafkaError error) {
    switch (error) {
        case KafkaError::UnknownTopicOrPartition:
        case KafkaError::NotEnoughReplicas:
        case KafkaError::RequestTimedOut: return KafkaError::CoordinatorNotAvailable;
        case KafkaError::NotLeaderOrFollower:
        case KafkaError::KafkaStorageError: return KafkaError::NotCoordinator;
        case KafkaError::MessageTooLarge:
        case KafkaError::RecordListTooLarge:
        case KafkaError::InvalidFetchSize: return KafkaError::UnknownServerError;
        default: return error;
    }
}

namespace {

struct ErrorMaker {
    KafkaError error;

    void operator()(protocol::JoinGroupResponse& r) const {
        r = {};
        r.errorCode = code(coordinatorError(error));
    }
    void operator()(protocol::SyncGroupResponse& r) const {
        r = {};
        r.errorCode = code(coordinatorError(error));
    }
    void operator()(protocol::HeartbeatResponse& r) const { r.errorCode = code(coordinatorError(error)); }
    void operator()(protocol::LeaveGroupResponse& r) const {
        r = {};
        r.errorCode = code(coordinatorError(error));
    }
    void operator()(protocol::OffsetCommitResponse& r) const {
        // What the broker itself had refused (unknown topics) never came to the coordinator and keeps its error.
        for (auto& topic : r.topics)
            for (auto& partition : topic.partitions)
                if (partition.errorCode != code(KafkaError::UnknownTopicOrPartition) &&
                    partition.errorCode != code(KafkaError::UnknownTopicId))
                    partition.errorCode = code(coordinatorError(error));
    }
    void operator()(protocol::OffsetFetchResponse& r) const {
        // Consumers before 3.9 do not know COORDINATOR_NOT_AVAILABLE here.
        auto told = coordinatorError(error);
        if (told == KafkaError::CoordinatorNotAvailable && error != told)
            told = KafkaError::NotCoordinator;
        for (auto& group : r.groups) {
            group.topics.clear();
            group.errorCode = code(told);
        }
    }
    void operator()(protocol::DescribeGroupsResponse&) const {}
    void operator()(protocol::ListGroupsResponse& r) const { r.errorCode = code(coordinatorError(error)); }
    void operator()(protocol::DeleteGroupsResponse& r) const {
        for (auto& result : r.results)
            result.errorCode = code(coordinatorError(error));
    }
    void operator()(protocol::OffsetDeleteResponse& r) const {
        r = {};
        r.errorCode = code(coordinatorError(error));
    }
};

}  // namespace

void makeError(GroupResponse& response, KafkaError error) { std::visit(ErrorMaker{error}, response); }

void shape(protocol::JoinGroupResponse& response, std::int16_t version) {
    if (version < 7 && !response.protocolName)
        response.protocolName.emplace();
    if (version >= 7 && response.protocolName && response.protocolName->empty())
        response.protocolName.reset();
}

void shape(protocol::OffsetFetchResponse& response, std::int16_t version) {
    if (version >= 8 || response.groups.empty())
        return;
    auto group = std::move(response.groups.front());
    response.groups.clear();
    response.errorCode = group.errorCode;
    for (auto& topic : group.topics) {
        auto& moved = response.topics.emplace_back();
        moved.name = std::move(topic.name);
        for (auto& partition : topic.partitions)
            moved.partitions.push_back({partition.partitionIndex, partition.committedOffset,
                                        partition.committedLeaderEpoch, std::move(partition.metadata),
                                        partition.errorCode});
    }
}

}  // namespace odradek::broker
