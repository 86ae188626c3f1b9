// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/auto_create.h"

#include "engine/broker/controller_answers.h"
#include "engine/broker/core.h"
#include "engine/broker/groups_link.h"
#include "engine/protocol/codec/message.h"
#include "engine/protocol/messages/create_topics.h"

namespace odradek::broker {
namespace {

using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;

constexpr std::int32_t kTimeoutMs = 30000;

CreateTopicsRequest::CreatableTopic wish(const BrokerCore& core, const std::string& name) {
    CreateTopicsRequest::CreatableTopic topic;
    topic.name = name;
    if (!isOffsetsTopic(name)) {
        topic.numPartitions = core.config.numPartitions;
        topic.replicationFactor = core.config.defaultReplicationFactor;
        return topic;
    }
    topic.numPartitions = core.config.offsetsTopicPartitions;
    topic.replicationFactor = core.config.offsetsTopicReplication;
    topic.configs.push_back({"cleanup.policy", "compact"});
    topic.configs.push_back(
        {"segment.bytes", std::to_string(core.config.offsetsTopicSegmentBytes)});
    topic.configs.push_back({"compression.type", "producer"});
    return topic;
}

}  // namespace

void createTopics(Step& s, const std::vector<std::string>& names) {
    CreateTopicsRequest request;
    request.timeoutMs = kTimeoutMs;
    ControllerRequest call;
    for (const auto& name : names) {
        if (!s.core.creatingTopics.insert(name).second)
            continue;
        request.topics.push_back(wish(s.core, name));
        call.topics.push_back(name);
    }
    if (call.topics.empty())
        return;
    call.call = ControllerCall::CreateTopics;
    call.api = CreateTopicsRequest::kInfo.key;
    call.version = CreateTopicsRequest::kInfo.maxVersion;
    call.body = protocol::encode(request, call.version);
    call.deadline = s.now.at + Milliseconds(kTimeoutMs);
    callController(s, std::move(call));
}

void onCreateTopicsAnswer(Step& s, const ControllerRequest& request, const Bytes* body) {
    for (const auto& name : request.topics)
        s.core.creatingTopics.erase(name);
    if (body == nullptr)
        return;
    const auto answer = protocol::decode<CreateTopicsResponse>(*body, request.version);
    if (!answer)
        return;
    for (const auto& topic : answer->topics) {
        if (topic.errorCode == 0 ||
            topic.errorCode == code(protocol::KafkaError::TopicAlreadyExists))
            continue;
        s.note(LogLevel::Warning,
               "topic " + topic.name + " could not be created automatically: " +
                   topic.errorMessage.value_or(std::string(protocol::errorName(topic.errorCode))));
    }
}

}  // namespace odradek::broker
