// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/replication/fetcher.h"

#include <algorithm>

#include "engine/broker/core.h"
#include "engine/broker/replication/follower.h"
#include "engine/protocol/codec/message.h"
#include "engine/protocol/messages/fetch.h"
#include "engine/protocol/messages/list_offsets.h"

namespace odradek::broker {
namespace {

using Kind = FetcherRequest::Kind;
using Line = Fetcher::Line;
using State = FollowedPartition::State;

constexpr std::int64_t kFirstBackoffMs = 5;
constexpr std::int64_t kFirstRedialMs = 10;

std::string clientName(const BrokerCore& core, const Fetcher& fetcher) {
    return "broker-" + std::to_string(core.id()) + "-fetcher-" + std::to_string(fetcher.leader);
}

Fetcher* ofConnection(FetcherTable& fetchers, ConnectionId id) {
    for (auto& [leader, fetcher] : fetchers)
        if (fetcher.line != Line::Down && fetcher.connection == id)
            return &fetcher;
    return nullptr;
}

void dial(Step& s, Fetcher& fetcher) {
    fetcher.line = Line::Dialing;
    fetcher.connection = s.core.nextDial();
    s.out.push_back(io::Dial{fetcher.connection, BrokerId(fetcher.leader), io::Listener::Client});
}

void backOff(Step& s, Fetcher& fetcher, FollowedPartition& one) {
    const auto shift = std::min(one.failures, 10);
    const auto delay = std::min(kFirstBackoffMs << shift,
                                std::max<std::int64_t>(s.core.config.replicaFetchBackoffMs, 1));
    ++one.failures;
    one.notBefore = s.now.at + Milliseconds(delay);
    fetcher.backoffEnds = std::min(fetcher.backoffEnds, one.notBefore);
}

bool ready(const Step& s, const FollowedPartition& one) {
    return !one.inFlight && !one.unstable && one.notBefore <= s.now.at;
}

/// Asks the leader of a partition out of range where its log ends or begins.
bool askOffsets(Step& s, Fetcher& fetcher) {
    for (auto& [ref, one] : fetcher.partitions) {
        if (one.state == State::Fetching || !ready(s, one))
            continue;
        Partition* partition = s.core.partitions.at(ref);
        protocol::ListOffsetsRequest request;
        request.replicaId = s.core.id();
        auto& topic = request.topics.emplace_back();
        topic.name = partition->topic;
        protocol::ListOffsetsRequest::ListOffsetsPartition asked;
        asked.partitionIndex = partition->index;
        asked.currentLeaderEpoch = partition->leaderEpoch.value;
        asked.timestamp = one.state == State::AskingLatest ? -1 : -2;
        topic.partitions.push_back(asked);
        one.inFlight = true;
        one.sentEpoch = partition->leaderEpoch;
        const auto correlation = fetcher.nextCorrelation++;
        fetcher.inFlight.push_back({Kind::ListOffsets, correlation, {ref}});
        s.out.push_back(io::SendFrame{
            fetcher.connection,
            protocol::encodeRequest(request, protocol::ListOffsetsRequest::kInfo.maxVersion,
                                    correlation, clientName(s.core, fetcher))});
        return true;
    }
    return false;
}

protocol::FetchRequest::FetchPartition fetchOf(const Step& s, const Partition& partition,
                                               FollowedPartition& one) {
    protocol::FetchRequest::FetchPartition asked;
    const auto latest = partition.log.latestEpoch();
    asked.partition = partition.index;
    asked.currentLeaderEpoch = partition.leaderEpoch.value;
    asked.fetchOffset = partition.log.logEnd().value;
    asked.lastFetchedEpoch = latest ? latest->value : -1;
    asked.logStartOffset = partition.log.logStart().value;
    asked.partitionMaxBytes = s.core.config.replicaFetchMaxBytes;
    asked.replicaDirectoryId = s.core.identity.directoryId;
    one.inFlight = true;
    one.sentOffset = partition.log.logEnd();
    one.sentEpoch = partition.leaderEpoch;
    return asked;
}

void sendFetch(Step& s, Fetcher& fetcher, Kind kind) {
    const auto& config = s.core.config;
    protocol::FetchRequest request;
    request.replicaState.replicaId = s.core.id();
    request.replicaState.replicaEpoch = s.core.epoch.value;
    request.maxWaitMs =
        kind == Kind::Interrupt ? 0 : static_cast<std::int32_t>(config.replicaFetchWaitMaxMs);
    request.minBytes = config.replicaFetchMinBytes;
    request.maxBytes = config.replicaFetchResponseMaxBytes;
    FetcherRequest sent;
    sent.kind = kind;
    fetcher.backoffEnds = Instant::never();
    for (auto& [ref, one] : fetcher.partitions) {
        if (one.notBefore > s.now.at)
            fetcher.backoffEnds = std::min(fetcher.backoffEnds, one.notBefore);
        if (one.state != State::Fetching || !ready(s, one))
            continue;
        const Partition& partition = *s.core.partitions.at(ref);
        if (request.topics.empty() || request.topics.back().topicId != partition.topicId) {
            auto& topic = request.topics.emplace_back();
            topic.topic = partition.topic;
            topic.topicId = partition.topicId;
        }
        request.topics.back().partitions.push_back(fetchOf(s, partition, one));
        sent.partitions.push_back(ref);
    }
    fetcher.urgent = false;
    if (sent.partitions.empty())
        return;
    sent.correlation = fetcher.nextCorrelation++;
    s.out.push_back(
        io::SendFrame{fetcher.connection,
                      protocol::encodeRequest(request, protocol::FetchRequest::kInfo.maxVersion,
                                              sent.correlation, clientName(s.core, fetcher))});
    fetcher.inFlight.push_back(std::move(sent));
}

void pump(Step& s, Fetcher& fetcher) {
    if (fetcher.line == Line::Down && !fetcher.partitions.empty() && fetcher.redialAt <= s.now.at)
        dial(s, fetcher);
    if (fetcher.line != Line::Up)
        return;
    if (fetcher.backoffEnds <= s.now.at) {
        fetcher.urgent = true;
        fetcher.backoffEnds = Instant::never();
    }
    if (fetcher.inFlight.empty()) {
        if (fetcher.urgent && fetcher.unstable == 0 && !askOffsets(s, fetcher))
            sendFetch(s, fetcher, Kind::Fetch);
    } else if (fetcher.urgent && fetcher.inFlight.size() == 1 &&
               fetcher.inFlight.front().kind == Kind::Fetch) {
        sendFetch(s, fetcher, Kind::Interrupt);
    }
}

void onFetch(Step& s, Fetcher& fetcher, const Bytes& body) {
    auto answer =
        protocol::decode<protocol::FetchResponse>(body, protocol::FetchRequest::kInfo.maxVersion);
    if (!answer)
        return;
    for (auto& topic : answer->responses) {
        for (auto& data : topic.partitions) {
            Partition* partition = s.core.partitions.find(topic.topicId, data.partitionIndex);
            const auto found = partition == nullptr ? fetcher.partitions.end()
                                                    : fetcher.partitions.find(partition->ref);
            if (found == fetcher.partitions.end())
                continue;
            FollowedPartition& one = found->second;
            if (one.sentEpoch != partition->leaderEpoch ||
                one.sentOffset != partition->log.logEnd())
                continue;  // an answer to what we were before
            switch (takeFetched(s, *partition, data)) {
                case Taken::Good:
                    one.failures = 0;
                    break;
                case Taken::OutOfRange:
                    one.state = State::AskingLatest;
                    break;
                case Taken::Refused:
                    backOff(s, fetcher, one);
                    break;
            }
            if (partition->log.stableEnd() != partition->log.logEnd() && !one.unstable) {
                one.unstable = true;
                ++fetcher.unstable;
            }
        }
    }
}

void onOffsets(Step& s, Fetcher& fetcher, std::uint32_t ref, const Bytes& body) {
    const auto found = fetcher.partitions.find(ref);
    Partition* partition = s.core.partitions.at(ref);
    if (found == fetcher.partitions.end() || partition == nullptr ||
        found->second.sentEpoch != partition->leaderEpoch)
        return;
    FollowedPartition& one = found->second;
    auto answer = protocol::decode<protocol::ListOffsetsResponse>(
        body, protocol::ListOffsetsRequest::kInfo.maxVersion);
    const bool good = answer && answer->topics.size() == 1 &&
                      answer->topics.front().partitions.size() == 1 &&
                      answer->topics.front().partitions.front().errorCode == 0;
    if (!good) {
        backOff(s, fetcher, one);
        return;
    }
    const Offset offset(answer->topics.front().partitions.front().offset);
    if (one.state == State::AskingLatest) {
        if (offset < partition->log.logEnd()) {
            truncateFollower(s, *partition, offset, "the leader's log ends there");
            one.state = State::Fetching;
        } else {
            one.state = State::AskingEarliest;
        }
        return;
    }
    if (offset > partition->log.logEnd())
        restartFollower(s, *partition, offset);
    one.state = State::Fetching;
}

}  // namespace

void follow(Step& s, Partition& partition) {
    unfollow(s, partition.ref);
    Fetcher& fetcher = s.core.fetchers[partition.leader];
    fetcher.leader = partition.leader;
    FollowedPartition fresh;
    fresh.unstable = partition.log.stableEnd() != partition.log.logEnd();
    fetcher.unstable += fresh.unstable ? 1 : 0;
    fetcher.partitions[partition.ref] = fresh;
    fetcher.urgent = true;
}

void unfollow(Step& s, std::uint32_t ref) {
    for (auto& [leader, fetcher] : s.core.fetchers) {
        const auto found = fetcher.partitions.find(ref);
        if (found == fetcher.partitions.end())
            continue;
        fetcher.unstable -= found->second.unstable ? 1 : 0;
        fetcher.partitions.erase(found);
        if (fetcher.unstable == 0)
            fetcher.urgent = true;
    }
}

bool isFetcherConnection(const FetcherTable& fetchers, ConnectionId id) {
    for (const auto& [leader, fetcher] : fetchers)
        if (fetcher.line != Line::Down && fetcher.connection == id)
            return true;
    return false;
}

void fetcherConnected(Step& s, ConnectionId id) {
    if (Fetcher* fetcher = ofConnection(s.core.fetchers, id)) {
        fetcher->line = Line::Up;
        fetcher->redialDelayMs = 0;
        fetcher->urgent = true;
    }
}

void fetcherClosed(Step& s, ConnectionId id) {
    Fetcher* fetcher = ofConnection(s.core.fetchers, id);
    if (fetcher == nullptr)
        return;
    fetcher->line = Line::Down;
    fetcher->inFlight.clear();
    for (auto& [ref, one] : fetcher->partitions)
        one.inFlight = false;
    const auto longest =
        std::max<std::int64_t>(s.core.config.replicaFetchBackoffMs, kFirstRedialMs);
    fetcher->redialDelayMs = fetcher->redialDelayMs == 0
                                 ? kFirstRedialMs
                                 : std::min(fetcher->redialDelayMs * 2, longest);
    fetcher->redialAt = s.now.at + Milliseconds(fetcher->redialDelayMs);
}

void fetcherFrame(Step& s, ConnectionId id, const Bytes& frame) {
    Fetcher* fetcher = ofConnection(s.core.fetchers, id);
    if (fetcher == nullptr || fetcher->inFlight.empty())
        return;
    const FetcherRequest request = std::move(fetcher->inFlight.front());
    fetcher->inFlight.pop_front();
    const bool isFetch = request.kind != Kind::ListOffsets;
    const auto api = isFetch ? protocol::FetchRequest::kInfo : protocol::ListOffsetsRequest::kInfo;
    for (const auto ref : request.partitions)
        if (const auto found = fetcher->partitions.find(ref); found != fetcher->partitions.end())
            found->second.inFlight = false;
    fetcher->urgent = true;
    const auto split = protocol::parseResponseFrame(api.key, api.maxVersion, frame);
    if (!split || split->correlationId != request.correlation)
        return;
    if (isFetch)
        onFetch(s, *fetcher, split->body);
    else
        onOffsets(s, *fetcher, request.partitions.front(), split->body);
}

void followedStable(Step& s, Partition& partition) {
    if (partition.log.stableEnd() != partition.log.logEnd())
        return;
    const auto fetcher = s.core.fetchers.find(partition.leader);
    if (fetcher == s.core.fetchers.end())
        return;
    const auto found = fetcher->second.partitions.find(partition.ref);
    if (found == fetcher->second.partitions.end() || !found->second.unstable)
        return;
    found->second.unstable = false;
    --fetcher->second.unstable;
    fetcher->second.urgent = true;
}

void leaderIsThere(Step& s, std::int32_t leader) {
    const auto found = s.core.fetchers.find(leader);
    if (found != s.core.fetchers.end() && found->second.line == Line::Down)
        found->second.redialAt = s.now.at;
}

void pumpFetchers(Step& s) {
    for (auto& [leader, fetcher] : s.core.fetchers)
        pump(s, fetcher);
}

Instant fetchersWake(const FetcherTable& fetchers) {
    Instant wake = Instant::never();
    for (const auto& [leader, fetcher] : fetchers) {
        if (fetcher.line == Line::Down && !fetcher.partitions.empty())
            wake = std::min(wake, fetcher.redialAt);
        if (fetcher.line == Line::Up)
            wake = std::min(wake, fetcher.backoffEnds);
    }
    return wake;
}

}  // namespace odradek::broker
