// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/sim/apps.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/protocol/codec/message.h"
#include "engine/protocol/kafka_error.h"
#include "engine/protocol/messages/create_topics.h"
#include "engine/protocol/messages/list_offsets.h"

namespace odradek::sim {
namespace {

constexpr std::size_t kNameBytes = 12;
constexpr Milliseconds kAskTimeout{2'000};

void putBigEndian(std::vector<std::uint8_t>& out, std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i)
        out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

}  // namespace

Bytes encodeValue(RecordName name, std::size_t size) {
    std::vector<std::uint8_t> out;
    out.reserve(std::max(size, kNameBytes));
    putBigEndian(out, name.producer, 4);
    putBigEndian(out, name.number, 8);
    // The rest depends on the name alone, so that a record read can be compared byte by byte.
    std::uint8_t next = static_cast<std::uint8_t>(name.number * 31 + name.producer);
    while (out.size() < size)
        out.push_back(next++);
    return Bytes::take(std::move(out));
}

std::optional<RecordName> decodeValue(const std::optional<Bytes>& value) {
    if (!value || value->size() < kNameBytes)
        return std::nullopt;
    RecordName name;
    for (std::size_t i = 0; i < 4; ++i)
        name.producer = (name.producer << 8) | (*value)[i];
    for (std::size_t i = 4; i < kNameBytes; ++i)
        name.number = (name.number << 8) | (*value)[i];
    std::uint8_t next = static_cast<std::uint8_t>(name.number * 31 + name.producer);
    for (std::size_t i = kNameBytes; i < value->size(); ++i)
        if ((*value)[i] != next++)
            return std::nullopt;
    return name;
}

// ---- Producer
// --------------------------------------------------------------------------------------------------

ProducerApp::ProducerApp(Options options)
    : m_options(std::move(options)),
      m_client(m_options.client),
      m_random(m_options.seed),
      m_nextAt(m_options.start) {}

Instant ProducerApp::nextWake() const {
    return std::min(m_client.nextWake(), m_nextAt);
}

void ProducerApp::step(Now now, const io::Event& event, io::Effects& effects) {
    m_client.step(now, event, effects);
    if (m_nextAt <= now.at)
        sendBurst(now, effects);
    takeOutcomes();
}

void ProducerApp::sendBurst(Now now, io::Effects& effects) {
    m_nextAt = now.at + Nanoseconds(m_random.between(m_options.gapMinNs, m_options.gapMaxNs));
    if (now.at >= m_options.stop) {
        m_nextAt = Instant::never();
        return;
    }
    const auto burst = m_random.between(1, m_options.burstMax);
    const auto index = static_cast<std::uint32_t>(m_random.below(m_options.partitions.size()));
    for (std::int64_t i = 0; i < burst && m_client.unacked() < m_options.unackedMax; ++i) {
        const RecordName name{m_options.producer, m_sent.size()};
        protocol::Record record;
        record.timestampMs = now.wallMs;
        record.value =
            encodeValue(name, static_cast<std::size_t>(m_random.between(12, m_options.valueMax)));
        m_sent.push_back({index, SentRecord::Fate::Unknown, 0, -1});
        m_client.produce(now, m_options.partitions[index], std::move(record), effects);
    }
}

void ProducerApp::takeOutcomes() {
    for (const auto& one : m_client.outcomes().produced) {
        // Tokens count from 1 in the order of produce().
        auto& record = m_sent[one.token - 1];
        record.fate = one.error == 0 ? SentRecord::Fate::Acked : SentRecord::Fate::Failed;
        record.error = one.error;
        record.offset = one.offset;
        ++(one.error == 0 ? m_acked : m_failed);
    }
}

// ---- Consumer
// --------------------------------------------------------------------------------------------------

ConsumerApp::ConsumerApp(Options options)
    : m_options(std::move(options)),
      m_client(m_options.client),
      m_random(m_options.seed),
      m_seen(m_options.partitions.size()),
      m_expected(m_options.partitions.size(), 0) {
    for (std::uint32_t i = 0; i < m_options.partitions.size(); ++i)
        m_index[m_options.partitions[i]] = i;
}

Instant ConsumerApp::nextWake() const {
    return std::min(m_client.nextWake(), m_begun ? m_rereadAt : m_options.start);
}

void ConsumerApp::step(Now now, const io::Event& event, io::Effects& effects) {
    m_client.step(now, event, effects);
    if (!m_begun && m_options.start <= now.at)
        begin(now, effects);
    if (m_rereadAt <= now.at)
        reread(now, effects);
    for (const auto& fetched : m_client.outcomes().fetched)
        take(fetched);
}

void ConsumerApp::begin(Now now, io::Effects& effects) {
    m_begun = true;
    for (const auto& partition : m_options.partitions)
        m_client.assign(now, partition, 0, effects);
    if (m_options.rereadGapNs > 0)
        m_rereadAt = now.at + Nanoseconds(m_options.rereadGapNs);
}

void ConsumerApp::reread(Now now, io::Effects& effects) {
    m_rereadAt = now.at + Nanoseconds(m_random.between(m_options.rereadGapNs / 2,
                                                       m_options.rereadGapNs * 3 / 2));
    const auto index = static_cast<std::uint32_t>(m_random.below(m_options.partitions.size()));
    // What was read before the seek is taken first: it belongs to the old position.
    for (const auto& fetched : m_client.outcomes().fetched)
        take(fetched);
    const auto from = m_random.between(0, static_cast<std::int64_t>(m_seen[index].size()));
    m_expected[index] = from;
    m_client.assign(now, m_options.partitions[index], from, effects);
}

void ConsumerApp::complain(const TopicPartition& partition, const std::string& what) {
    if (m_problems.size() < 20)
        m_problems.push_back(
            fmt::format("consumer of {}-{}: {}", partition.topic, partition.partition, what));
}

void ConsumerApp::take(const client::Fetched& fetched) {
    const auto index = m_index.at(fetched.partition);
    if (fetched.error != 0)
        complain(fetched.partition,
                 fmt::format("stopped at {} with {} (high watermark {}, log start {})",
                             fetched.position, protocol::errorName(fetched.error),
                             fetched.highWatermark, fetched.logStart));
    for (const auto& batch : fetched.batches)
        takeBatch(index, batch, fetched.position);
}

void ConsumerApp::takeBatch(std::uint32_t index, const Bytes& batch, std::int64_t position) {
    const auto& partition = m_options.partitions[index];
    const auto crc = protocol::checkBatchCrc(batch);
    const auto header = protocol::readBatchHeader(batch);
    const auto records = protocol::readRecords(batch);
    if (!crc || !header || !records)
        return complain(partition, "a batch that does not read");
    auto& seen = m_seen[index];
    auto& expected = m_expected[index];
    if (header->baseOffset > expected)
        complain(partition,
                 fmt::format("records {} to {} were skipped", expected, header->baseOffset - 1));
    (void)position;
    for (const auto& record : *records) {
        if (record.offset < expected)
            continue;  // before the position asked for
        expected = record.offset + 1;
        const auto name = decodeValue(record.value);
        if (!name) {
            complain(partition, fmt::format("a record nobody wrote at {}", record.offset));
            continue;
        }
        const auto at = static_cast<std::size_t>(record.offset);
        if (at < seen.size()) {
            if (seen[at] != *name)
                complain(partition,
                         fmt::format(
                             "offset {} was record {} of producer {}, and is now record {} of {}",
                             at, seen[at].number, seen[at].producer, name->number, name->producer));
        } else if (at == seen.size()) {
            seen.push_back(*name);
        }
    }
}

// ---- Steward
// ---------------------------------------------------------------------------------------------------

StewardApp::StewardApp(Options options)
    : m_options(std::move(options)), m_client(m_options.client), m_nextAt(m_options.start) {}

Instant StewardApp::nextWake() const {
    return std::min(m_client.nextWake(), m_nextAt);
}

void StewardApp::step(Now now, const io::Event& event, io::Effects& effects) {
    m_client.step(now, event, effects);
    if (m_nextAt <= now.at) {
        m_nextAt = now.at + Nanoseconds(m_options.askGapNs);
        if (m_created)
            ask(now, effects);
        else if (!m_creating)
            create(now, effects);
    }
    for (const auto& reply : m_client.outcomes().replies) {
        if (m_creating == reply.call)
            takeCreated(reply);
        else
            takeOffsets(reply);
    }
}

void StewardApp::create(Now now, io::Effects& effects) {
    protocol::CreateTopicsRequest request;
    request.timeoutMs = 5'000;
    for (const auto& topic : m_options.topics) {
        auto& one = request.topics.emplace_back();
        one.name = topic.name;
        one.numPartitions = topic.partitions;
        one.replicationFactor = m_options.replication;
        for (const auto& [name, value] : topic.configs)
            one.configs.push_back({name, value});
    }
    m_creating = m_client.call(now, client::Network::kAnyNode, client::request(std::move(request)),
                               effects, kAskTimeout);
}

void StewardApp::takeCreated(const client::Reply& reply) {
    m_creating.reset();
    if (!reply.body)
        return;
    const auto answer =
        protocol::decode<protocol::CreateTopicsResponse>(*reply.body, reply.version);
    if (!answer) {
        m_problems.push_back("an answer to CreateTopics that does not read");
        return;
    }
    m_created = !answer->topics.empty();
    for (const auto& topic : answer->topics) {
        const auto error = static_cast<protocol::KafkaError>(topic.errorCode);
        m_created = m_created && (error == protocol::KafkaError::None ||
                                  error == protocol::KafkaError::TopicAlreadyExists);
    }
}

void StewardApp::ask(Now now, io::Effects& effects) {
    std::set<std::string> names;
    for (const auto& topic : m_options.topics)
        names.insert(topic.name);
    if (m_client.metadata().topics.empty())
        m_client.watchTopics(names, now, effects);
    std::map<std::int32_t, protocol::ListOffsetsRequest> requests;
    std::map<std::int32_t, std::map<TopicPartition, Seen>> known;
    for (const auto& topic : m_options.topics)
        for (std::int32_t p = 0; p < topic.partitions; ++p) {
            const TopicPartition partition{topic.name, p};
            const auto leader = m_client.metadata().leaderOf(partition);
            if (!leader) {
                m_client.refreshMetadata(now);
                continue;
            }
            auto& request = requests[*leader];
            request.replicaId = -1;
            if (request.topics.empty() || request.topics.back().name != topic.name)
                request.topics.emplace_back().name = topic.name;
            request.topics.back().partitions.push_back({p, -1, -1});
            known[*leader][partition] = m_seen[partition];
        }
    for (auto& [leader, request] : requests) {
        const auto call = m_client.call(now, leader, client::request(std::move(request), 4),
                                        effects, kAskTimeout);
        m_asked[call] = std::move(known[leader]);
    }
}

void StewardApp::takeOffsets(const client::Reply& reply) {
    const auto asked = m_asked.find(reply.call);
    if (asked == m_asked.end())
        return;
    const auto before = std::move(asked->second);
    m_asked.erase(asked);
    if (!reply.body)
        return;
    const auto answer = protocol::decode<protocol::ListOffsetsResponse>(*reply.body, reply.version);
    if (!answer) {
        m_problems.push_back("an answer to ListOffsets that does not read");
        return;
    }
    for (const auto& topic : answer->topics)
        for (const auto& one : topic.partitions) {
            if (one.errorCode != 0)
                continue;
            ++m_answers;
            const TopicPartition partition{topic.name, one.partitionIndex};
            const auto known = before.find(partition);
            // A leader that was deposed without knowing it may be behind: epochs tell.
            if (known != before.end() && one.leaderEpoch >= known->second.epoch &&
                one.offset < known->second.offset && m_problems.size() < 20)
                m_problems.push_back(
                    fmt::format("the end of {}-{} fell from {} (epoch {}) to {} (epoch {})",
                                partition.topic, partition.partition, known->second.offset,
                                known->second.epoch, one.offset, one.leaderEpoch));
            auto& seen = m_seen[partition];
            if (one.leaderEpoch >= seen.epoch)
                seen = {one.leaderEpoch, std::max(one.offset, seen.offset)};
        }
}

}  // namespace odradek::sim
