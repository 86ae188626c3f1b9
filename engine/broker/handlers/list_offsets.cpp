// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/list_offsets.h"

#include <set>
#include <utility>

#include "engine/broker/core.h"
#include "engine/broker/handlers/handlers.h"
#include "engine/broker/handlers/merge_topics.h"
#include "engine/broker/handlers/respond.h"

namespace odradek::broker {
namespace {

using protocol::KafkaError;
using protocol::ListOffsetsRequest;
using protocol::ListOffsetsResponse;
using Asked = ListOffsetsRequest::ListOffsetsPartition;
using Answer = ListOffsetsResponse::ListOffsetsPartitionResponse;

// Timestamps with a meaning of their own (ListOffsetsRequest.json).
constexpr std::int64_t kLatest = -1;
constexpr std::int64_t kEarliest = -2;
constexpr std::int64_t kMaxTimestamp = -3;
constexpr std::int64_t kEarliestLocal = -4;
constexpr std::int64_t kLatestTiered = -5;
constexpr std::int64_t kEarliestPendingUpload = -6;

/// The lowest version in which a special timestamp may be asked for; others are
/// UNSUPPORTED_VERSION.
std::int16_t sinceVersion(std::int64_t timestamp) {
    switch (timestamp) {
        case kMaxTimestamp:
            return 7;
        case kEarliestLocal:
            return 8;
        case kLatestTiered:
            return 9;
        case kEarliestPendingUpload:
            return 11;
        default:
            return timestamp < kEarliestPendingUpload ? INT16_MAX : std::int16_t{1};
    }
}

void fillIn(const Partition& partition, Answer& answer, Offset offset, std::int64_t timestampMs) {
    answer.offset = offset.value;
    answer.timestamp = timestampMs;
    if (const auto epoch = partition.log.epochs().epochAt(offset))
        answer.leaderEpoch = epoch->value;
}

/// The end of the log is told with the epoch of its last record (or, empty, of the leadership).
void fillInEnd(const Partition& partition, Answer& answer, Offset end) {
    answer.offset = end.value;
    answer.timestamp = -1;
    const auto latest = partition.log.latestEpoch();
    answer.leaderEpoch = latest ? latest->value : -1;
    if (end < partition.log.logEnd())
        if (const auto epoch = partition.log.epochs().epochAt(end))
            answer.leaderEpoch = epoch->value;
}

KafkaError checkAccess(const BrokerCore& core, const std::string& topic, const Asked& asked,
                       const Partition* partition, bool needLeader) {
    if (partition == nullptr)
        return core.image.partition(topic, asked.partitionIndex) != nullptr
                   ? KafkaError::NotLeaderOrFollower
                   : KafkaError::UnknownTopicOrPartition;
    if (asked.currentLeaderEpoch != -1 && asked.currentLeaderEpoch < partition->leaderEpoch.value)
        return KafkaError::FencedLeaderEpoch;
    if (asked.currentLeaderEpoch > partition->leaderEpoch.value)
        return KafkaError::UnknownLeaderEpoch;
    if (partition->failed)
        return KafkaError::KafkaStorageError;
    if (needLeader && !partition->isLeader())
        return KafkaError::NotLeaderOrFollower;
    return KafkaError::None;
}

/// One ListOffsets request while it is handled.
struct Listing {
    Step& s;
    const Ticket& ticket;
    const ListOffsetsRequest& request;
    PendingId id;
    PendingLookup pending{};

    bool fromFollower() const { return request.replicaId >= 0; }
    void one(const std::string& topic, const Asked& asked, std::uint32_t topicAt,
             std::uint32_t partAt);
    void latest(const Partition& partition, Answer& answer);
    void byTimestamp(const Partition& partition, std::int64_t timestamp, Answer& answer,
                     std::uint32_t topicAt, std::uint32_t partAt);
};

void Listing::latest(const Partition& partition, Answer& answer) {
    if (fromFollower()) {
        fillInEnd(partition, answer, partition.log.logEnd());
        return;
    }
    // Right after an election the mark may lag behind what was promised before: no answer until it
    // has caught up with the start of the epoch (item 24).
    if (partition.isLeader() && partition.highWatermark < partition.lead.epochStart &&
        !s.core.config.hasMutant(Mutant::TellEndEarly)) {
        answer.errorCode = code(ticket.version >= 5 ? KafkaError::OffsetNotAvailable
                                                    : KafkaError::LeaderNotAvailable);
        return;
    }
    fillInEnd(partition, answer, partition.highWatermark);
}

void Listing::byTimestamp(const Partition& partition, std::int64_t timestamp, Answer& answer,
                          std::uint32_t topicAt, std::uint32_t partAt) {
    auto step = timestamp == kMaxTimestamp ? partition.log.lookUpMaxTimestamp()
                                           : partition.log.lookUpTimestamp(timestamp);
    if (auto* found = std::get_if<std::optional<storage::OffsetFound>>(&step)) {
        if (*found && (fromFollower() || (*found)->offset < partition.highWatermark))
            fillIn(partition, answer, (*found)->offset, (*found)->timestampMs);
        return;
    }
    DiskWait wait;
    wait.kind = DiskWait::Kind::Lookup;
    wait.pending = id;
    wait.partition = partition.ref;
    wait.lookup = std::get<storage::ColdLookup>(std::move(step));
    wait.topicAt = topicAt;
    wait.partAt = partAt;
    const io::OpId op = s.core.ops.next(0);
    s.out.push_back(io::DiskRead{op, wait.lookup.path, wait.lookup.position, wait.lookup.size});
    s.core.diskWaits.emplace(op, std::move(wait));
    ++pending.remaining;
}

void Listing::one(const std::string& topic, const Asked& asked, std::uint32_t topicAt,
                  std::uint32_t partAt) {
    auto& answer = pending.response.topics[topicAt].partitions[partAt];
    answer.partitionIndex = asked.partitionIndex;
    if (ticket.version < sinceVersion(asked.timestamp)) {
        answer.errorCode = code(KafkaError::UnsupportedVersion);
        return;
    }
    const auto topicId = s.core.image.topicId(topic);
    const Partition* partition =
        topicId ? s.core.partitions.find(*topicId, asked.partitionIndex) : nullptr;
    // -2 is Kafka's debugging consumer, which may ask any replica.
    const auto error = checkAccess(s.core, topic, asked, partition, request.replicaId != -2);
    if (error != KafkaError::None) {
        answer.errorCode = code(error);
        return;
    }
    switch (asked.timestamp) {
        case kLatest:
            latest(*partition, answer);
            break;
        case kEarliest:
        case kEarliestLocal:
            fillIn(*partition, answer, partition->log.logStart(), -1);
            break;
        case kLatestTiered:
        case kEarliestPendingUpload:
            break;  // nothing is tiered: offset -1
        default:
            byTimestamp(*partition, asked.timestamp, answer, topicAt, partAt);
    }
}

}  // namespace

void handleListOffsets(Step& s, const Ticket& ticket, const Bytes& body) {
    auto request = readRequest<ListOffsetsRequest>(ticket, body);
    if (!request) {
        dropConnection(s, ticket, request.error().message);
        return;
    }
    std::set<std::pair<std::string, std::int32_t>> seen;
    std::set<std::pair<std::string, std::int32_t>> twice;
    for (const auto& topic : request->topics)
        for (const auto& one : topic.partitions)
            if (!seen.emplace(topic.name, one.partitionIndex).second)
                twice.emplace(topic.name, one.partitionIndex);
    mergeTopics(request->topics, &ListOffsetsRequest::ListOffsetsTopic::partitions,
                &Asked::partitionIndex, [](const auto& topic) { return topic.name; });
    Listing listing{s, ticket, *request, s.core.nextPending()};
    auto& topics = listing.pending.response.topics;
    topics.resize(request->topics.size());
    for (std::uint32_t i = 0; i < request->topics.size(); ++i) {
        const auto& topic = request->topics[i];
        topics[i].name = topic.name;
        topics[i].partitions.resize(topic.partitions.size());
        for (std::uint32_t j = 0; j < topic.partitions.size(); ++j) {
            if (twice.contains({topic.name, topic.partitions[j].partitionIndex})) {
                topics[i].partitions[j].partitionIndex = topic.partitions[j].partitionIndex;
                topics[i].partitions[j].errorCode = code(KafkaError::InvalidRequest);
            } else {
                listing.one(topic.name, topic.partitions[j], i, j);
            }
        }
    }
    listing.pending.ticket = ticket;
    if (listing.pending.remaining == 0)
        respond(s, ticket, listing.pending.response);
    else
        s.core.lookups.add(listing.id, std::move(listing.pending));
}

void lookupReadDone(Step& s, const DiskWait& wait, const Result<Bytes>& data) {
    PendingLookup* pending = s.core.lookups.find(wait.pending);
    if (pending == nullptr)
        return;
    auto& answer = pending->response.topics[wait.topicAt].partitions[wait.partAt];
    const Partition* partition = s.core.partitions.at(wait.partition);
    if (partition == nullptr) {
        answer.errorCode = code(KafkaError::UnknownTopicOrPartition);
    } else if (!data) {
        answer.errorCode = code(KafkaError::KafkaStorageError);
    } else if (auto step = partition->log.continueLookup(wait.lookup, *data); !step) {
        answer.errorCode = code(KafkaError::CorruptMessage);
    } else if (auto* found = std::get_if<std::optional<storage::OffsetFound>>(&*step)) {
        if (*found && (*found)->offset < partition->highWatermark)
            fillIn(*partition, answer, (*found)->offset, (*found)->timestampMs);
    } else {
        DiskWait again = wait;
        again.lookup = std::get<storage::ColdLookup>(std::move(*step));
        const io::OpId op = s.core.ops.next(0);
        s.out.push_back(
            io::DiskRead{op, again.lookup.path, again.lookup.position, again.lookup.size});
        s.core.diskWaits.emplace(op, std::move(again));
        return;
    }
    if (--pending->remaining > 0)
        return;
    const PendingLookup done = s.core.lookups.take(wait.pending);
    respond(s, done.ticket, done.response);
}

}  // namespace odradek::broker
