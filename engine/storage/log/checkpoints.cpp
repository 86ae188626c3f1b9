// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/log/checkpoints.h"

#include <vector>

#include "engine/storage/log/text_file.h"

namespace odradek::storage {

namespace {

std::string_view withoutReturn(std::string_view line) {
    if (!line.empty() && line.back() == '\r')
        line.remove_suffix(1);
    return line;
}

/// Java properties as Kafka writes them: key=value lines, '#' comments, '\' before ':' and '='.
std::map<std::string, std::string> readProperties(std::string_view text) {
    std::map<std::string, std::string> properties;
    for (auto line : splitFields(text, '\n')) {
        line = withoutReturn(line);
        if (line.empty() || line.front() == '#')
            continue;
        const auto equals = line.find('=');
        if (equals == std::string_view::npos)
            continue;
        std::string value;
        for (std::size_t i = equals + 1; i < line.size(); ++i)
            if (line[i] != '\\' || ++i < line.size())
                value += line[i];
        properties[std::string(line.substr(0, equals))] = value;
    }
    return properties;
}

}  // namespace

std::vector<std::string_view> splitFields(std::string_view line, char separator) {
    std::vector<std::string_view> fields;
    while (true) {
        const auto at = line.find(separator);
        fields.push_back(line.substr(0, at));
        if (at == std::string_view::npos)
            return fields;
        line.remove_prefix(at + 1);
    }
}

Result<std::vector<std::string_view>> readCountedLines(const Bytes& file, std::string_view name) {
    auto lines = splitFields(file.view(), '\n');
    for (auto& line : lines)
        line = withoutReturn(line);
    while (!lines.empty() && lines.back().empty())
        lines.pop_back();
    if (lines.size() < 2 || lines[0] != "0")
        return fail(ErrorCode::Corrupt, std::string(name) + ": not a version 0 checkpoint");
    const auto count = parseNumber<std::int64_t>(lines[1]);
    if (!count || *count < 0 || static_cast<std::uint64_t>(*count) != lines.size() - 2)
        return fail(ErrorCode::Corrupt, std::string(name) + ": the number of lines does not fit");
    lines.erase(lines.begin(), lines.begin() + 2);
    return lines;
}

Bytes writeOffsetCheckpoint(const OffsetCheckpoint& offsets) {
    std::string text = "0\n" + std::to_string(offsets.size()) + "\n";
    for (const auto& [partition, offset] : offsets)
        text += partition.topic + " " + std::to_string(partition.partition) + " " + std::to_string(offset.value) + "\n";
    return Bytes::copy(text);
}

Result<OffsetCheckpoint> readOffsetCheckpoint(const Bytes& file) {
    const auto lines = TRY(readCountedLines(file, "offset checkpoint"));
    OffsetCheckpoint offsets;
    for (const auto line : lines) {
        const auto fields = splitFields(line, ' ');
        if (fields.size() != 3 || fields[0].empty())
            return fail(ErrorCode::Corrupt, "offset checkpoint: a line is not 'topic partition offset'");
        const auto partition = parseNumber<std::int32_t>(fields[1]);
        const auto offset = parseNumber<std::int64_t>(fields[2]);
        if (!partition || !offset || *partition < 0 || *offset < 0)
            return fail(ErrorCode::Corrupt, "offset checkpoint: a number is unreadable");
        offsets[{std::string(fields[0]), *partition}] = Offset(*offset);
    }
    return offsets;
}

Bytes writePartitionMetadata(const Uuid& topicId) {
    return Bytes::copy("version: 0\ntopic_id: " + topicId.toString() + "\n");
}

Result<Uuid> readPartitionMetadata(const Bytes& file) {
    auto lines = splitFields(file.view(), '\n');
    constexpr std::string_view kLabel = "topic_id: ";
    if (lines.size() < 2 || withoutReturn(lines[0]) != "version: 0" || !lines[1].starts_with(kLabel))
        return fail(ErrorCode::Corrupt, "partition.metadata is unreadable");
    auto id = Uuid::parse(withoutReturn(lines[1].substr(kLabel.size())));
    if (!id)
        return fail(ErrorCode::Corrupt, "partition.metadata: " + id.error().message);
    return *id;
}

Bytes writeMetaProperties(const MetaProperties& properties) {
    return Bytes::copy("#\ncluster.id=" + properties.clusterId + "\ndirectory.id=" +
                       properties.directoryId.toString() + "\nnode.id=" +
                       std::to_string(properties.nodeId.value) + "\nversion=1\n");
}

Result<MetaProperties> readMetaProperties(const Bytes& file) {
    auto properties = readProperties(file.view());
    if (properties["version"] != "1")
        return fail(ErrorCode::Corrupt, "meta.properties is not of version 1");
    const auto node = parseNumber<std::int32_t>(properties["node.id"]);
    if (!node || *node < 0)
        return fail(ErrorCode::Corrupt, "meta.properties has no node.id");
    if (properties["cluster.id"].empty())
        return fail(ErrorCode::Corrupt, "meta.properties has no cluster.id");
    Uuid directory;
    if (!properties["directory.id"].empty()) {
        auto id = Uuid::parse(properties["directory.id"]);
        if (!id)
            return fail(ErrorCode::Corrupt, "meta.properties: " + id.error().message);
        directory = *id;
    }
    return MetaProperties{properties["cluster.id"], BrokerId(*node), directory};
}

Bytes writeCleanShutdown(BrokerEpoch epoch) {
    return Bytes::copy("{\"version\":0,\"brokerEpoch\":" + std::to_string(epoch.value) + "}");
}

Result<BrokerEpoch> readCleanShutdown(const Bytes& file) {
    const auto text = file.view();
    constexpr std::string_view kLabel = "\"brokerEpoch\":";
    const auto at = text.find(kLabel);
    if (at == std::string_view::npos)
        return fail(ErrorCode::Corrupt, ".kafka_cleanshutdown names no broker epoch");
    auto number = text.substr(at + kLabel.size());
    while (!number.empty() && number.front() == ' ')
        number.remove_prefix(1);
    const auto epoch = parseNumber<std::int64_t>(number.substr(0, number.find_first_of(",} \n")));
    if (!epoch)
        return fail(ErrorCode::Corrupt, ".kafka_cleanshutdown: the broker epoch is unreadable");
    return BrokerEpoch(*epoch);
}

}  // namespace odradek::storage
