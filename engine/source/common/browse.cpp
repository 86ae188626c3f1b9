// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/source/common/browse.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/protocol/kafka_error.h"
#include "engine/protocol/messages/list_offsets.h"

namespace odradek::source {
namespace {

constexpr std::int64_t kLatest = -1;
constexpr std::int64_t kEarliest = -2;
constexpr Milliseconds kMetadataPatience{15'000};

std::string compressionName(protocol::Compression codec) {
    static constexpr const char* kNames[] = {"none", "gzip", "snappy", "lz4", "zstd"};
    const auto i = static_cast<std::size_t>(codec);
    return i < 5 ? kNames[i] : "unknown";
}

std::int32_t sizeOf(const protocol::Record& record) {
    std::size_t size = (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0);
    for (const auto& header : record.headers)
        size += header.key.size() + (header.value ? header.value->size() : 0);
    return static_cast<std::int32_t>(std::min<std::size_t>(size, INT32_MAX));
}

}  // namespace

Browse::Browse(api::CommandId id, api::StartBrowse request, client::ClientOptions options)
    : m_id(id), m_request(std::move(request)), m_client(std::move(options)) {}

void Browse::start(Now now, io::Effects& effects) {
    m_giveUp = now.at + kMetadataPatience;
    m_client.watchTopics({m_request.topic}, now, effects);
}

void Browse::shutdown(io::Effects& effects) {
    m_client.shutdown(effects);
    m_done = true;
}

void Browse::setHold(Now now, bool hold, io::Effects& effects) {
    if (hold == m_hold)
        return;
    m_hold = hold;
    for (const auto& [index, part] : m_parts)
        m_client.setPaused(now, {m_request.topic, index}, hold, effects);
}

void Browse::step(Now now, const io::Event& event, io::Effects& effects) {
    if (m_done)
        return;
    m_client.step(now, event, effects);
    auto outcomes = m_client.outcomes();
    if (!m_located)
        locate(now, effects);
    for (const auto& reply : outcomes.replies)
        takeOffsets(now, reply, effects);
    for (const auto& fetched : outcomes.fetched)
        if (!m_done)
            takeFetched(now, fetched, effects);
    if (!m_done && !m_located && now.at >= m_giveUp)
        fail(m_client.lastProblem().empty() ? fmt::format("no answer about topic {}", m_request.topic)
                                            : m_client.lastProblem());
    if (!m_done && m_reading)
        emitChunk(std::all_of(m_parts.begin(), m_parts.end(), [](const auto& p) { return p.second.finished; }));
    if (m_done)
        m_client.shutdown(effects);
}

/// Once the topic is known: which partitions, and where they begin and end.
void Browse::locate(Now now, io::Effects& effects) {
    const auto* topic = m_client.metadata().findTopic(m_request.topic);
    if (!topic)
        return;
    if (topic->error == protocol::code(protocol::KafkaError::UnknownTopicOrPartition))
        return fail(fmt::format("there is no topic {}", m_request.topic));
    if (topic->error != 0 || topic->partitions.empty())
        return;  // asked again until patience ends
    m_located = true;
    for (const auto& [index, info] : topic->partitions)
        if (m_request.partitions.empty() || std::count(m_request.partitions.begin(), m_request.partitions.end(), index))
            m_parts[index];
    if (m_parts.empty())
        return fail(fmt::format("{} has no such partition", m_request.topic));
    askOffsets(now, Ask::Start, kEarliest, effects);
    askOffsets(now, Ask::End, kLatest, effects);
    if (const auto* time = std::get_if<api::SeekTime>(&m_request.from))
        askOffsets(now, Ask::Time, time->at, effects);
    beginReading(now, effects);
}

void Browse::askOffsets(Now now, Ask ask, std::int64_t timestamp, io::Effects& effects) {
    std::map<std::int32_t, protocol::ListOffsetsRequest> byLeader;
    for (auto& [index, part] : m_parts) {
        const auto leader = m_client.metadata().leaderOf({m_request.topic, index});
        if (!leader) {
            part.error = "LEADER_NOT_AVAILABLE";
            part.finished = true;
            continue;
        }
        auto& request = byLeader[*leader];
        request.replicaId = -1;
        if (request.topics.empty())
            request.topics.emplace_back().name = m_request.topic;
        request.topics.front().partitions.push_back({index, -1, timestamp});
    }
    for (auto& [leader, request] : byLeader)
        m_asked[m_client.call(now, leader, client::request(std::move(request)), effects)] = ask;
}

void Browse::takeOffsets(Now now, const client::Reply& reply, io::Effects& effects) {
    const auto found = m_asked.find(reply.call);
    if (found == m_asked.end())
        return;
    const auto ask = found->second;
    m_asked.erase(found);
    const auto answer = reply.body ? protocol::decode<protocol::ListOffsetsResponse>(*reply.body, reply.version)
                                   : Result<protocol::ListOffsetsResponse>(std::unexpected(reply.body.error()));
    if (!answer)
        return fail(answer.error().message);
    for (const auto& topic : answer->topics)
        for (const auto& p : topic.partitions) {
            const auto part = m_parts.find(p.partitionIndex);
            if (part == m_parts.end())
                continue;
            if (p.errorCode != 0) {
                part->second.error = std::string(protocol::errorName(p.errorCode));
                part->second.finished = true;
            } else if (ask == Ask::Start) {
                part->second.start = p.offset;
            } else if (ask == Ask::End) {
                part->second.end = p.offset;
            } else {
                part->second.atTime = p.offset;
            }
        }
    beginReading(now, effects);
}

void Browse::beginReading(Now now, io::Effects& effects) {
    if (!m_asked.empty() || m_reading || m_done)
        return;
    m_reading = true;
    for (auto& [index, part] : m_parts) {
        if (part.finished)
            continue;
        const auto inRange = [&](std::int64_t offset) { return std::clamp(offset, part.start, part.end); };
        if (std::holds_alternative<api::SeekEarliest>(m_request.from))
            part.from = part.start;
        else if (const auto* latest = std::get_if<api::SeekLatest>(&m_request.from))
            part.from = inRange(part.end - std::min(latest->lastRecords, part.end));
        else if (const auto* offset = std::get_if<api::SeekOffset>(&m_request.from))
            part.from = inRange(offset->offset);
        else
            part.from = part.atTime < 0 ? part.end : inRange(part.atTime);
        part.next = part.from;
        if (!m_request.follow && part.next >= part.end)
            part.finished = true;
        else
            m_client.assign(now, {m_request.topic, index}, part.next, effects);
    }
    emitChunk(std::all_of(m_parts.begin(), m_parts.end(), [](const auto& p) { return p.second.finished; }));
}

void Browse::takeFetched(Now now, const client::Fetched& fetched, io::Effects& effects) {
    const auto found = m_parts.find(fetched.partition.partition);
    if (found == m_parts.end() || found->second.finished)
        return;
    auto& part = found->second;
    if (fetched.error == protocol::code(protocol::KafkaError::OffsetOutOfRange) && fetched.logStart > part.next) {
        // Retention overtook us: what was deleted cannot be read; go on where the log begins now.
        part.next = fetched.logStart;
        m_client.assign(now, fetched.partition, part.next, effects);
        return;
    }
    if (fetched.error != 0) {
        part.error = std::string(protocol::errorName(fetched.error));
        return finishPart(fetched.partition.partition);
    }
    for (const auto& batch : fetched.batches) {
        takeBatch(part, fetched.partition.partition, batch, fetched.position);
        if (part.finished || (!m_request.follow && m_delivered >= m_request.limit))
            break;
    }
    if (!m_request.follow && (part.next >= part.end || m_delivered >= m_request.limit))
        finishPart(fetched.partition.partition);
}

void Browse::takeBatch(Part& part, std::int32_t partition, const Bytes& batch, std::int64_t position) {
    const auto header = protocol::readBatchHeader(batch);
    if (!header)
        return;
    auto records = header->isControl() ? Result<std::vector<protocol::Record>>() : protocol::readRecords(batch);
    if (!records) {
        part.error = "CORRUPT_MESSAGE";
        return finishPart(partition);
    }
    for (auto& record : *records) {
        if (record.offset < position || (!m_request.follow && record.offset >= part.end))
            continue;
        if (!m_request.follow && m_delivered >= m_request.limit)
            return;
        api::ReadRecord out;
        out.partition = partition;
        out.offset = record.offset;
        out.timestamp = record.timestampMs;
        out.logAppendTime = header->isLogAppendTime();
        out.sizeInBytes = sizeOf(record);
        out.key = std::move(record.key);
        out.value = std::move(record.value);
        for (auto& h : record.headers)
            out.headers.emplace_back(std::move(h.key), std::move(h.value));
        out.producerId = header->producerId;
        out.compression = compressionName(header->compression());
        m_pending.push_back(std::move(out));
        ++m_delivered;
        part.next = record.offset + 1;
    }
    part.next = std::max(part.next, header->nextOffset());
    if (!m_request.follow)
        part.next = std::min(part.next, part.end);
}

void Browse::finishPart(std::int32_t partition) {
    m_parts[partition].finished = true;
    m_client.unassign({m_request.topic, partition});
    if (!m_request.follow && m_delivered >= m_request.limit)
        for (auto& [index, part] : m_parts) {
            part.finished = true;
            m_client.unassign({m_request.topic, index});
        }
}

void Browse::fail(std::string why) {
    if (m_done)
        return;
    m_done = true;
    api::BrowseChunk chunk;
    chunk.browse = m_id;
    chunk.records = std::exchange(m_pending, {});
    chunk.progress = progress();
    chunk.done = true;
    chunk.error = std::move(why);
    m_chunks.push_back(std::move(chunk));
}

std::vector<api::BrowseProgress> Browse::progress() const {
    std::vector<api::BrowseProgress> all;
    for (const auto& [index, part] : m_parts)
        all.push_back({index, part.from, part.next, m_request.follow ? -1 : part.end, part.error});
    return all;
}

void Browse::emitChunk(bool final) {
    if (m_pending.empty() && !final && m_begun)
        return;  // the first chunk says where reading begins, also where nothing comes for long
    m_begun = true;
    api::BrowseChunk chunk;
    chunk.browse = m_id;
    chunk.records = std::exchange(m_pending, {});
    chunk.progress = progress();
    chunk.done = final;
    m_done = final;
    m_chunks.push_back(std::move(chunk));
}

}  // namespace odradek::source
