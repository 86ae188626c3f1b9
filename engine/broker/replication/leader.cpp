// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/replication/leader.h"

#include <algorithm>
#include <string>

#include "engine/broker/controller_answers.h"
#include "engine/broker/core.h"
#include "engine/protocol/codec/message.h"
#include "engine/protocol/messages/alter_partition.h"

namespace odradek::broker {
namespace {

using protocol::AlterPartitionRequest;
using protocol::KafkaError;

constexpr std::int64_t kIsrRetryMs = 50;

std::string listed(const std::vector<std::int32_t>& brokers) {
    std::string text = "[";
    for (const auto broker : brokers)
        text += (text.size() > 1 ? "," : "") + std::to_string(broker);
    return text + "]";
}

void wish(Step& s, Partition& partition, PendingIsr change) {
    change.id = ++s.core.lastIsrWish;
    partition.lead.pending = std::move(change);
    partition.lead.pendingSent = false;
    s.core.isrWork.push_back(partition.ref);
}

void maybeExpand(Step& s, Partition& partition, const FollowerProgress& follower) {
    const bool early = s.core.config.hasMutant(Mutant::JoinIsrBehind) && !partition.lead.pending &&
                       !partition.lead.inIsr(follower.broker);
    if ((!early && !partition.lead.mayJoin(follower, partition.highWatermark)) ||
        !eligibleForIsr(s, follower))
        return;
    PendingIsr change;
    change.isr = partition.lead.isr;
    change.isr.push_back(follower.broker);
    change.expands = !s.core.config.hasMutant(Mutant::ForgetPendingJoin);
    change.broker = follower.broker;
    wish(s, partition, std::move(change));
}

void maybeShrink(Step& s, Partition& partition) {
    if (partition.lead.pending)
        return;
    const auto late = partition.lead.laggards(partition.log.logEnd(), s.now.at,
                                              s.core.config.replicaLagTimeMaxMs);
    if (late.empty())
        return;
    PendingIsr change;
    for (const auto broker : partition.lead.isr)
        if (std::find(late.begin(), late.end(), broker) == late.end())
            change.isr.push_back(broker);
    if (s.core.config.hasMutant(Mutant::ShrinkIsrAlone))
        partition.lead.isr = change.isr;
    wish(s, partition, std::move(change));
}

/// The epoch the controller is to check a new member against (KIP-903); -1 = it need not.
std::int64_t epochOf(const Step& s, const Partition& partition, std::int32_t broker) {
    if (broker == s.core.id())
        return s.core.epoch.value;
    const auto* follower = partition.lead.follower(broker);
    return follower == nullptr ? -1 : follower->brokerEpoch;
}

void takeCommitted(Step& s, Partition& partition,
                   const protocol::AlterPartitionResponse::PartitionData& data) {
    auto& lead = partition.lead;
    if (data.leaderEpoch != partition.leaderEpoch.value ||
        data.partitionEpoch <= lead.partitionEpoch)
        return;  // the metadata log was faster, or has a newer leadership for us in store
    const bool grew = data.isr.size() > lead.isr.size();
    const auto before = lead.isr;
    lead.update(s.core.id(), lead.replicas, data.isr, data.partitionEpoch, s.now.at);
    noteIsrChange(s, partition, before, grew);
    noteOutsiders(s, partition);
    advanceHighWatermark(s, partition);
}

/// Takes the verdict on the wish that is still pending. What may have been carried out stays
/// pending until the metadata log tells: forgetting a join too early would let the high watermark
/// pass a new ISR member by.
void takeVerdict(Step& s, Partition& partition,
                 const protocol::AlterPartitionResponse::PartitionData& data) {
    switch (static_cast<KafkaError>(data.errorCode)) {
        case KafkaError::None:
            takeCommitted(s, partition, data);
            break;
        case KafkaError::OperationNotAttempted:
        case KafkaError::IneligibleReplica:
            // Certainly not carried out; made anew by the next fetch or check.
            partition.lead.pending.reset();
            partition.lead.pendingSent = false;
            break;
        case KafkaError::InvalidUpdateVersion:
        case KafkaError::FencedLeaderEpoch:
        case KafkaError::InvalidRequest:
        case KafkaError::NewLeaderElected:
        case KafkaError::UnknownTopicId:
        case KafkaError::UnknownTopicOrPartition:
            break;  // newer metadata is on its way
        default:
            partition.lead.pendingSent = false;
            s.core.isrRetryAt = s.now.at + Milliseconds(kIsrRetryMs);
    }
}

/// The partition a wish was for, if exactly that wish is still open.
Partition* wishedBy(Step& s, std::pair<std::uint32_t, std::uint64_t> wish) {
    Partition* partition = s.core.partitions.at(wish.first);
    const bool open = partition != nullptr && partition->isLeader() && partition->lead.pending &&
                      partition->lead.pendingSent && partition->lead.pending->id == wish.second;
    return open ? partition : nullptr;
}

}  // namespace

void noteIsrChange(Step& s, const Partition& partition, const std::vector<std::int32_t>& before,
                   bool grew) {
    s.core.events.add(s.now.wallMs, grew ? EventKind::IsrExpanded : EventKind::IsrShrunk,
                      partition.topic, partition.index,
                      "ISR " + listed(before) + " -> " + listed(partition.lead.isr));
}

bool eligibleForIsr(const Step& s, const FollowerProgress& follower) {
    const auto* broker = s.core.image.broker(follower.broker);
    return broker != nullptr && broker->isActive() &&
           (follower.brokerEpoch == -1 || follower.brokerEpoch == broker->epoch);
}

void followerFetched(Step& s, Partition& partition, std::int32_t broker, std::int64_t brokerEpoch,
                     Offset offset, Offset followerLogStart) {
    FollowerProgress* follower = partition.lead.follower(broker);
    if (follower == nullptr)
        return;
    const Offset oldEnd = follower->logEnd;
    const Offset oldStart = follower->logStart;
    follower->fetched(offset, followerLogStart, brokerEpoch, partition.log.logEnd(), s.now.at);
    if (followerLogStart > oldStart && !partition.deleteWaiters.empty())
        s.touch(partition).logStart = true;
    maybeExpand(s, partition, *follower);
    if (offset != oldEnd)
        advanceHighWatermark(s, partition);
}

void leaderAppended(const Step& s, Partition& partition, Offset oldEnd) {
    for (auto& one : partition.lead.followers) {
        if (one.logEnd != oldEnd)
            continue;
        const auto last = s.core.followerFetches.find(one.broker);
        if (last != s.core.followerFetches.end())
            one.lastCaughtUp = std::max(one.lastCaughtUp, last->second);
    }
}

void noteOutsiders(Step& s, const Partition& partition) {
    for (const auto& one : partition.lead.followers)
        if (!partition.lead.inIsr(one.broker))
            s.core.outsiders[one.broker].insert(partition.ref);
}

void advanceHighWatermark(Step& s, Partition& partition) {
    if (!partition.isLeader())
        return;
    Offset mark = partition.lead.highWatermark(
        partition.highWatermark, partition.log.stableEnd(), partition.log.logEnd(),
        s.core.config.hasMutant(Mutant::HwIgnoresMinIsr) ? 0 : partition.minInsync, s.now.at,
        s.core.config.replicaLagTimeMaxMs, [&s](const FollowerProgress& one) { return eligibleForIsr(s, one); });
    if (s.core.config.hasMutant(Mutant::HwPlusOne))
        mark = std::min(mark + 1, partition.log.logEnd());
    if (mark > partition.highWatermark) {
        partition.highWatermark = mark;
        s.touch(partition).highWatermark = true;
    }
}

void checkIsrs(Step& s) {
    s.core.partitions.each([&s](Partition& partition) {
        if (!partition.isLeader())
            return;
        maybeShrink(s, partition);
        // The passing of time alone may let the mark go: a caught-up outsider it waited for has
        // fallen behind.
        advanceHighWatermark(s, partition);
    });
    s.core.isrCheckAt =
        s.now.at + Milliseconds(std::max<std::int64_t>(s.core.config.replicaLagTimeMaxMs / 2, 1));
}

void sendIsrChanges(Step& s) {
    if (s.core.isrWork.empty())
        return;
    AlterPartitionRequest request;
    request.brokerId = s.core.id();
    request.brokerEpoch = s.core.epoch.value;
    ControllerRequest call;
    for (const auto ref : std::exchange(s.core.isrWork, {})) {
        Partition* partition = s.core.partitions.at(ref);
        if (partition == nullptr || !partition->isLeader() || !partition->lead.pending ||
            partition->lead.pendingSent)
            continue;
        auto topic =
            std::find_if(request.topics.begin(), request.topics.end(),
                         [&](const auto& one) { return one.topicId == partition->topicId; });
        if (topic == request.topics.end()) {
            request.topics.emplace_back().topicId = partition->topicId;
            topic = std::prev(request.topics.end());
        }
        AlterPartitionRequest::PartitionData data;
        data.partitionIndex = partition->index;
        data.leaderEpoch = partition->leaderEpoch.value;
        data.partitionEpoch = partition->lead.partitionEpoch;
        data.newIsr = partition->lead.pending->isr;
        for (const auto broker : partition->lead.pending->isr)
            data.newIsrWithEpochs.push_back({broker, epochOf(s, *partition, broker)});
        topic->partitions.push_back(std::move(data));
        partition->lead.pendingSent = true;
        call.wishes.emplace_back(ref, partition->lead.pending->id);
    }
    if (call.wishes.empty())
        return;
    call.call = ControllerCall::AlterPartition;
    call.api = AlterPartitionRequest::kInfo.key;
    call.version = AlterPartitionRequest::kInfo.maxVersion;
    call.body = protocol::encode(request, call.version);
    callController(s, std::move(call));
}

void onAlterPartitionAnswer(Step& s, const ControllerRequest& request, const Bytes* body) {
    Result<protocol::AlterPartitionResponse> answer = fail(ErrorCode::Timeout, "no answer");
    if (body != nullptr)
        answer = protocol::decode<protocol::AlterPartitionResponse>(*body, request.version);
    for (const auto& wish : request.wishes) {
        Partition* partition = wishedBy(s, wish);
        if (partition == nullptr)
            continue;
        const protocol::AlterPartitionResponse::PartitionData* verdict = nullptr;
        if (answer && answer->errorCode == 0)
            for (const auto& topic : answer->topics)
                for (const auto& data : topic.partitions)
                    if (topic.topicId == partition->topicId &&
                        data.partitionIndex == partition->index)
                        verdict = &data;
        if (verdict != nullptr) {
            takeVerdict(s, *partition, *verdict);
        } else {
            partition->lead.pendingSent = false;
            s.core.isrRetryAt = s.now.at + Milliseconds(kIsrRetryMs);
        }
    }
}

void retryIsrChanges(Step& s) {
    s.core.isrRetryAt = Instant::never();
    s.core.partitions.each([&s](Partition& partition) {
        if (partition.isLeader() && partition.lead.pending && !partition.lead.pendingSent)
            s.core.isrWork.push_back(partition.ref);
    });
}

}  // namespace odradek::broker
