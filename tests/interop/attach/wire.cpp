// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/interop/attach/wire.h"

#include <stdexcept>

namespace odradek::attach {
namespace {

template <class T>
Json maybe(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

Json text(const std::optional<Bytes>& bytes) {
    return bytes ? Json(std::string(bytes->view())) : Json(nullptr);
}

std::optional<Bytes> bytesFrom(const Json& json) {
    if (json.is_null())
        return std::nullopt;
    return Bytes::copy(std::string_view(json.get_ref<const std::string&>()));
}

const char* word(api::BrokerState state) {
    switch (state) {
        case api::BrokerState::Online: return "online";
        case api::BrokerState::Fenced: return "fenced";
        case api::BrokerState::Stopping: return "stopping";
        case api::BrokerState::Offline: return "offline";
    }
    return "";
}

const char* word(api::Connection connection) {
    switch (connection) {
        case api::Connection::Starting: return "starting";
        case api::Connection::Live: return "live";
        case api::Connection::Stale: return "stale";
        case api::Connection::Failed: return "failed";
    }
    return "";
}

Json toJson(const api::Broker& broker) {
    return {{"id", broker.id},
            {"host", broker.host},
            {"port", broker.port},
            {"rack", broker.rack},
            {"state", word(broker.state)},
            {"isController", broker.isController},
            {"logDir", broker.logDir},
            {"logBytes", maybe(broker.logBytes)},
            {"diskTotal", maybe(broker.diskTotal)},
            {"diskUsable", maybe(broker.diskUsable)}};
}

Json toJson(const api::Partition& partition) {
    Json replicas = Json::array();
    for (const auto& replica : partition.replicas)
        replicas.push_back({{"broker", replica.broker},
                            {"inSync", replica.inSync},
                            {"online", replica.online},
                            {"bytes", maybe(replica.bytes)},
                            {"lag", maybe(replica.lag)}});
    return {{"index", partition.index},
            {"leader", partition.leader},
            {"leaderEpoch", partition.leaderEpoch},
            {"replicas", replicas},
            {"logStart", partition.logStart},
            {"highWatermark", partition.highWatermark},
            {"bytes", maybe(partition.bytes)}};
}

Json toJson(const api::Topic& topic) {
    Json partitions = Json::array();
    for (const auto& partition : topic.partitions)
        partitions.push_back(toJson(partition));
    return {{"id", topic.id.toString()},
            {"isInternal", topic.isInternal},
            {"replicationFactor", topic.replicationFactor},
            {"minInsync", topic.minInsync},
            {"retentionMs", maybe(topic.retentionMs)},
            {"retentionBytes", maybe(topic.retentionBytes)},
            {"segmentBytes", maybe(topic.segmentBytes)},
            {"cleanupPolicy", topic.cleanupPolicy},
            {"changedConfigs", topic.changedConfigs},
            {"partitions", partitions}};
}

Json toJson(const api::Group& group) {
    Json members = Json::array();
    for (const auto& member : group.members) {
        Json assignment = Json::array();
        for (const auto& part : member.assignment)
            assignment.push_back({part.topic, part.partition});
        members.push_back({{"memberId", member.memberId},
                           {"instanceId", member.instanceId},
                           {"clientId", member.clientId},
                           {"host", member.host},
                           {"subscription", member.subscription},
                           {"assignment", assignment}});
    }
    Json offsets = Json::array();
    for (const auto& one : group.offsets)
        offsets.push_back({{"topic", one.partition.topic},
                           {"partition", one.partition.partition},
                           {"offset", one.offset},
                           {"highWatermark", one.highWatermark},
                           {"lag", one.lag()},
                           {"metadata", one.metadata}});
    return {{"state", group.state},     {"protocolType", group.protocolType}, {"protocol", group.protocol},
            {"coordinator", group.coordinator}, {"totalLag", group.totalLag()},       {"members", members},
            {"offsets", offsets}};
}

api::ResourceKind resourceKind(const Json& json) {
    return json.at("resource") == "broker" ? api::ResourceKind::Broker : api::ResourceKind::Topic;
}

std::vector<std::pair<TopicPartition, std::int64_t>> offsetsFrom(const Json& json) {
    std::vector<std::pair<TopicPartition, std::int64_t>> all;
    for (const auto& one : json)
        all.push_back({{one.at(0).get<std::string>(), one.at(1).get<std::int32_t>()}, one.at(2).get<std::int64_t>()});
    return all;
}

api::StartBrowse browseFrom(const Json& json) {
    api::StartBrowse browse;
    browse.topic = json.at("topic");
    browse.partitions = json.value("partitions", std::vector<std::int32_t>());
    browse.limit = json.value("limit", browse.limit);
    browse.follow = json.value("follow", false);
    const std::string from = json.value("from", "earliest");
    if (from == "earliest")
        browse.from = api::SeekEarliest{};
    else if (from == "latest")
        browse.from = api::SeekLatest{json.value("last", std::int64_t{0})};
    else if (from == "offset")
        browse.from = api::SeekOffset{json.at("offset").get<std::int64_t>()};
    else if (from == "time")
        browse.from = api::SeekTime{json.at("at").get<std::int64_t>()};
    else
        throw std::invalid_argument("from " + from);
    return browse;
}

}  // namespace

Json toJson(const api::ClusterSnapshot& snapshot) {
    Json brokers = Json::object();
    for (const auto& broker : snapshot.brokers)
        brokers[std::to_string(broker.id)] = toJson(broker);
    Json topics = Json::object();
    for (const auto& topic : snapshot.topics)
        topics[topic.name] = toJson(topic);
    Json groups = Json::object();
    for (const auto& group : snapshot.groups)
        groups[group.id] = toJson(group);
    return {{"version", snapshot.version},       {"connection", word(snapshot.connection)},
            {"problem", snapshot.problem},       {"clusterId", snapshot.clusterId},
            {"controller", snapshot.controller}, {"brokers", brokers},
            {"topics", topics},                  {"groups", groups}};
}

Json toJson(const api::CommandResult& result) {
    Json items = Json::array();
    for (const auto& item : result.items)
        items.push_back({{"item", item.item}, {"error", item.error}, {"message", item.message}});
    Json configs = Json::object();
    for (const auto& config : result.configs) {
        Json synonyms = Json::array();
        for (const auto& synonym : config.synonyms)
            synonyms.push_back({synonym.name, maybe(synonym.value), synonym.source});
        configs[config.name] = {{"value", maybe(config.value)},
                                {"source", config.source},
                                {"type", config.type},
                                {"readOnly", config.readOnly},
                                {"sensitive", config.sensitive},
                                {"synonyms", synonyms}};
    }
    return {{"ok", result.ok()}, {"error", result.error}, {"items", items}, {"configs", configs}};
}

Json toJson(const api::ReadRecord& record) {
    Json headers = Json::array();
    for (const auto& [name, value] : record.headers)
        headers.push_back({name, text(value)});
    return {{"partition", record.partition}, {"offset", record.offset},
            {"timestamp", record.timestamp}, {"key", text(record.key)},
            {"value", text(record.value)},   {"headers", headers},
            {"compression", record.compression}};
}

Json toJson(const api::BrowseChunk& chunk) {
    Json progress = Json::array();
    for (const auto& one : chunk.progress)
        progress.push_back({{"partition", one.partition},
                            {"from", one.from},
                            {"next", one.next},
                            {"end", one.end},
                            {"error", one.error}});
    return {{"done", chunk.done}, {"error", chunk.error}, {"progress", progress}};
}

Json toJson(const api::Event& event) {
    return {{"text", event.text}, {"subject", event.subject}, {"inferred", event.inferred}};
}

api::Command commandFrom(const Json& json) {
    const std::string kind = json.at("kind");
    if (kind == "CreateTopic")
        return api::CreateTopic{json.at("name"), json.value("partitions", -1),
                                json.value("replicationFactor", std::int16_t{-1}),
                                json.value("configs", std::map<std::string, std::string>()),
                                json.value("validateOnly", false)};
    if (kind == "DeleteTopics")
        return api::DeleteTopics{json.at("names").get<std::vector<std::string>>()};
    if (kind == "AddPartitions")
        return api::AddPartitions{json.at("topic"), json.at("newTotal"), json.value("validateOnly", false)};
    if (kind == "DescribeConfigs")
        return api::DescribeConfigs{resourceKind(json), json.at("name")};
    if (kind == "AlterConfigs") {
        api::AlterConfigs alter{resourceKind(json), json.at("name"), {}, json.value("validateOnly", false)};
        for (const auto& [name, value] : json.at("changes").items())
            alter.changes.push_back(
                {name, value.is_null() ? std::nullopt : std::optional(value.get<std::string>())});
        return alter;
    }
    if (kind == "DeleteRecords")
        return api::DeleteRecords{offsetsFrom(json.at("before"))};
    if (kind == "ResetOffsets")
        return api::ResetOffsets{json.at("group"), offsetsFrom(json.at("to"))};
    if (kind == "DeleteGroup")
        return api::DeleteGroup{json.at("group")};
    if (kind == "Produce") {
        api::Produce produce{json.at("topic"), {}};
        for (const auto& one : json.at("records")) {
            api::OutgoingRecord record{bytesFrom(one.at("key")), bytesFrom(one.at("value")), {}, std::nullopt};
            for (const auto& header : one.value("headers", Json::array()))
                record.headers.emplace_back(header.at(0).get<std::string>(), bytesFrom(header.at(1)));
            produce.records.push_back(std::move(record));
        }
        return produce;
    }
    if (kind == "StartBrowse")
        return browseFrom(json);
    if (kind == "StopBrowse")
        return api::StopBrowse{json.at("browse").get<api::CommandId>()};
    throw std::invalid_argument("kind " + kind);
}

}  // namespace odradek::attach
