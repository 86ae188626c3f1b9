// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/describe_configs.h"

#include <algorithm>
#include <charconv>

#include "engine/broker/core.h"
#include "engine/broker/handlers/handlers.h"
#include "engine/broker/handlers/respond.h"
#include "engine/metadata/config_changes.h"

namespace odradek::broker {
namespace {

using metadata::ResourceType;
using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;
using protocol::KafkaError;
using Resource = DescribeConfigsRequest::DescribeConfigsResource;
using ResourceAnswer = DescribeConfigsResponse::DescribeConfigsResult;

void refuse(ResourceAnswer& out, KafkaError error, std::string message) {
    out.errorCode = code(error);
    out.errorMessage = std::move(message);
    out.configs.clear();
}

void addConfigs(const std::vector<metadata::ResolvedConfig>& all, const Resource& asked,
                const DescribeConfigsRequest& request, ResourceAnswer& out) {
    const std::string section = static_cast<ResourceType>(asked.resourceType) == ResourceType::Topic
                                    ? "topicconfigs_"
                                    : "brokerconfigs_";
    const bool every = !asked.configurationKeys || asked.configurationKeys->empty();
    for (const auto& config : all) {
        if (!every && std::find(asked.configurationKeys->begin(), asked.configurationKeys->end(),
                                config.name) == asked.configurationKeys->end())
            continue;
        auto& entry = out.configs.emplace_back();
        entry.name = config.name;
        entry.value = config.value;
        entry.readOnly = config.readOnly;
        entry.configSource = static_cast<std::int8_t>(config.source);
        entry.isSensitive = config.sensitive;
        entry.configType = static_cast<std::int8_t>(config.type);
        entry.documentation.reset();
        if (request.includeDocumentation)
            entry.documentation =
                "https://kafka.apache.org/documentation/#" + section + config.name;
        if (!request.includeSynonyms)
            continue;
        for (const auto& synonym : config.synonyms)
            entry.synonyms.push_back(
                {synonym.name, synonym.value, static_cast<std::int8_t>(synonym.source)});
    }
}

/// Whether a resource name is this broker's id; complains like Kafka otherwise.
bool isThisBroker(const BrokerCore& core, const std::string& name, ResourceAnswer& out) {
    std::int32_t id = -1;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
    if (error != std::errc() || end != name.data() + name.size()) {
        refuse(out, KafkaError::InvalidRequest, "Broker id must be an integer, but it is: " + name);
        return false;
    }
    if (id != core.id()) {
        refuse(out, KafkaError::InvalidRequest,
               "Unexpected broker id, expected " + std::to_string(core.id()) +
                   " or empty string, but received " + name);
        return false;
    }
    return true;
}

void describeTopic(const BrokerCore& core, const Resource& asked,
                   const DescribeConfigsRequest& request, ResourceAnswer& out) {
    if (const auto bad = metadata::checkTopicName(asked.resourceName); !bad.ok())
        refuse(out, bad.error, bad.message);
    else if (core.image.topic(asked.resourceName) == nullptr)
        refuse(out, KafkaError::UnknownTopicOrPartition,
               std::string(protocol::errorName(code(KafkaError::UnknownTopicOrPartition))));
    else
        addConfigs(core.resolver().topic(asked.resourceName), asked, request, out);
}

void describe(const BrokerCore& core, const Resource& asked, const DescribeConfigsRequest& request,
              ResourceAnswer& out) {
    out.resourceType = asked.resourceType;
    out.resourceName = asked.resourceName;
    out.errorMessage.reset();
    switch (static_cast<ResourceType>(asked.resourceType)) {
        case ResourceType::Topic:
            describeTopic(core, asked, request, out);
            break;
        case ResourceType::Broker:
            if (asked.resourceName.empty())
                addConfigs(core.resolver().defaultBroker(), asked, request, out);
            else if (isThisBroker(core, asked.resourceName, out))
                addConfigs(core.resolver().broker(), asked, request, out);
            break;
        case ResourceType::BrokerLogger:
            // We have no loggers by name; a broker that has none answers with an empty list.
            if (asked.resourceName.empty())
                refuse(out, KafkaError::InvalidRequest, "Broker id must not be empty");
            else
                isThisBroker(core, asked.resourceName, out);
            break;
        case ResourceType::ClientMetrics:
        case ResourceType::Group:
            if (asked.resourceName.empty())
                refuse(out, KafkaError::InvalidRequest,
                       "The name of the resource must not be empty");
            break;  // nothing of the kind is published: an empty list
        default:
            refuse(out, KafkaError::InvalidRequest,
                   "Unsupported resource type: " + std::to_string(asked.resourceType));
    }
}

}  // namespace

void handleDescribeConfigs(Step& s, const Ticket& ticket, const Bytes& body) {
    const auto request = readRequest<DescribeConfigsRequest>(ticket, body);
    if (!request) {
        dropConnection(s, ticket, request.error().message);
        return;
    }
    DescribeConfigsResponse response;
    bool error = false;
    for (const auto& asked : request->resources) {
        auto& out = response.results.emplace_back();
        describe(s.core, asked, *request, out);
        error = error || out.errorCode != 0;
    }
    respond(s, ticket, response, error);
}

}  // namespace odradek::broker
