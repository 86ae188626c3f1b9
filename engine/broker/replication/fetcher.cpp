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
    return !one.unstable && one.notBefore <= s.now.at && one.state == State::Fetching;
}

/// Strikes a partition from the session: else the leader would go on answering for it.
void forget(const Step& s, Fetcher& fetcher, std::uint32_t ref, FollowedPartition& one) {
    if (!std::exchange(one.inSession, false))
        return;
    if (const Partition* partition = s.core.partitions.at(ref))
        fetcher.forgotten.emplace_back(partition->topicId, partition->index);
}

void startOver(Fetcher& fetcher) {
    fetcher.session = 0;
    fetcher.sessionEpoch = 0;
    fetcher.forgotten.clear();
    for (auto& [ref, one] : fetcher.partitions) {
        one.inSession = false;
        fetcher.changed.insert(ref);
    }
}

Instant giveUpAt(const Step& s) {
    return s.now.at + Milliseconds(s.core.config.replicaSocketTimeoutMs);
}

/// Asks the leader of a partition out of range where its log ends or begins.
bool askOffsets(Step& s, Fetcher& fetcher) {
    for (const auto ref : fetcher.asking) {
        FollowedPartition& one = fetcher.partitions.at(ref);
        if (one.asking || one.unstable || one.notBefore > s.now.at)
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
        one.asking = true;
        one.sentEpoch = partition->leaderEpoch;
        const auto correlation = fetcher.nextCorrelation++;
        fetcher.inFlight.push_back({Kind::ListOffsets, correlation, {ref}, false, giveUpAt(s)});
        s.out.push_back(io::SendFrame{
            fetcher.connection,
            protocol::encodeRequest(request, protocol::ListOffsetsRequest::kInfo.maxVersion,
                                    correlation, clientName(s.core, fetcher))});
        return true;
    }
    return false;
}

/// Names a partition in a request.
void name(const Step& s, Fetcher& fetcher, std::uint32_t ref, FollowedPartition& one,
          protocol::FetchRequest& request) {
    const Partition& partition = *s.core.partitions.at(ref);
    if (request.topics.empty() || request.topics.back().topicId != partition.topicId) {
        auto& topic = request.topics.emplace_back();
        topic.topic = partition.topic;
        topic.topicId = partition.topicId;
    }
    auto& asked = request.topics.back().partitions.emplace_back();
    const auto latest = partition.log.latestEpoch();
    asked.partition = partition.index;
    asked.currentLeaderEpoch = partition.leaderEpoch.value;
    asked.fetchOffset = partition.log.logEnd().value;
    asked.lastFetchedEpoch = latest ? latest->value : -1;
    asked.logStartOffset = partition.log.logStart().value;
    asked.partitionMaxBytes = s.core.config.replicaFetchMaxBytes;
    asked.replicaDirectoryId = s.core.identity.directoryId;
    one.namedBy = fetcher.nextCorrelation;
    one.sentOffset = partition.log.logEnd();
    one.sentStart = partition.log.logStart();
    one.sentEpoch = partition.leaderEpoch;
}

protocol::FetchRequest emptyFetch(const Step& s, const Fetcher& fetcher) {
    const auto& config = s.core.config;
    protocol::FetchRequest request;
    request.replicaState.replicaId = s.core.id();
    request.replicaState.replicaEpoch = s.core.epoch.value;
    request.maxWaitMs = static_cast<std::int32_t>(config.replicaFetchWaitMaxMs);
    request.minBytes = config.replicaFetchMinBytes;
    request.maxBytes = config.replicaFetchResponseMaxBytes;
    request.sessionId = fetcher.session;
    request.sessionEpoch = fetcher.sessionEpoch;
    return request;
}

void post(Step& s, Fetcher& fetcher, FetcherRequest sent, const protocol::FetchRequest& request) {
    sent.correlation = fetcher.nextCorrelation++;
    sent.giveUpAt = giveUpAt(s);
    s.out.push_back(
        io::SendFrame{fetcher.connection,
                      protocol::encodeRequest(request, protocol::FetchRequest::kInfo.maxVersion,
                                              sent.correlation, clientName(s.core, fetcher))});
    fetcher.inFlight.push_back(std::move(sent));
}

/// Goes through the changed partitions: those ready are named, the others wait their turn, outside
/// the session unless the leader holds them back anyway.
void nameChanged(Step& s, Fetcher& fetcher, protocol::FetchRequest& request,
                 FetcherRequest& sent) {
    fetcher.backoffEnds = Instant::never();
    for (auto at = fetcher.changed.begin(); at != fetcher.changed.end();) {
        const auto ref = *at;
        FollowedPartition& one = fetcher.partitions.at(ref);
        if (!ready(s, one)) {
            if (one.notBefore > s.now.at)
                fetcher.backoffEnds = std::min(fetcher.backoffEnds, one.notBefore);
            if (!one.unstable)
                forget(s, fetcher, ref, one);
            ++at;
            continue;
        }
        name(s, fetcher, ref, one, request);
        one.inSession = true;
        if (sent.full)
            sent.partitions.push_back(ref);
        at = fetcher.changed.erase(at);
    }
}

/// What is struck from the session; partitions that came back in the meantime stay.
void addForgotten(Fetcher& fetcher, protocol::FetchRequest& request) {
    for (const auto& [topicId, index] : std::exchange(fetcher.forgotten, {})) {
        const bool named = std::any_of(
            request.topics.begin(), request.topics.end(), [&, id = topicId, i = index](auto& one) {
                return one.topicId == id &&
                       std::any_of(one.partitions.begin(), one.partitions.end(),
                                   [&](const auto& part) { return part.partition == i; });
            });
        if (named)
            continue;
        auto& topics = request.forgottenTopicsData;
        if (topics.empty() || topics.back().topicId != topicId)
            topics.emplace_back().topicId = topicId;
        topics.back().partitions.push_back(index);
    }
}

void sendFetch(Step& s, Fetcher& fetcher) {
    auto request = emptyFetch(s, fetcher);
    FetcherRequest sent;
    sent.full = fetcher.sessionEpoch == 0;
    nameChanged(s, fetcher, request, sent);
    fetcher.urgent = false;
    if (sent.full) {
        fetcher.forgotten.clear();
        if (sent.partitions.empty())
            return;
    } else {
        if (fetcher.partitions.empty())
            return;
        addForgotten(fetcher, request);
        fetcher.sessionEpoch = FetchSession::nextEpoch(fetcher.sessionEpoch);
    }
    post(s, fetcher, std::move(sent), request);
}

/// Ends the leader's long poll before it has given us a session.
void nudge(Step& s, Fetcher& fetcher) {
    auto request = emptyFetch(s, fetcher);
    request.sessionId = 0;
    request.sessionEpoch = FetchSession::kFinalEpoch;
    request.maxWaitMs = 0;
    post(s, fetcher, {Kind::Nudge, 0, {}}, request);
}

/// Whether a second Fetch would say anything: some changed partition could be named or struck, or
/// the leader is to be asked for offsets.
bool hasNews(const Step& s, const Fetcher& fetcher) {
    const auto tellable = [&](std::uint32_t ref) {
        const auto& one = fetcher.partitions.at(ref);
        return ready(s, one) || (one.inSession && !one.unstable);
    };
    const auto askable = [&](std::uint32_t ref) {
        const auto& one = fetcher.partitions.at(ref);
        return !one.asking && !one.unstable && one.notBefore <= s.now.at;
    };
    return !fetcher.forgotten.empty() ||
           std::any_of(fetcher.changed.begin(), fetcher.changed.end(), tellable) ||
           std::any_of(fetcher.asking.begin(), fetcher.asking.end(), askable);
}

/// Whether to wait for the disk before the next Fetch. Writes are confirmed one by one but nearly
/// at once: one Fetch for all of them. Flushes take their time: what is safe is told while others
/// go on, and the long poll goes out for the rest.
bool waitsForDisk(const Step& s, const Fetcher& fetcher) {
    if (fetcher.unstable == 0)
        return false;
    if (fetcher.sessionEpoch == 0 || !s.core.config.flushBeforeAck())
        return true;
    const bool others = fetcher.inFlight.empty() && fetcher.unstable < fetcher.partitions.size();
    return !others && !hasNews(s, fetcher);
}

/// The connection is gone: everything in flight with it, and the session's state.
void lose(Step& s, Fetcher& fetcher) {
    fetcher.line = Line::Down;
    fetcher.inFlight.clear();
    for (auto& [ref, one] : fetcher.partitions)
        one.asking = false;
    startOver(fetcher);
    const auto longest =
        std::max<std::int64_t>(s.core.config.replicaFetchBackoffMs, kFirstRedialMs);
    fetcher.redialDelayMs = fetcher.redialDelayMs == 0
                                ? kFirstRedialMs
                                : std::min(fetcher.redialDelayMs * 2, longest);
    fetcher.redialAt = s.now.at + Milliseconds(fetcher.redialDelayMs);
}

/// Answers come in order, so one that is overdue or out of turn says that a frame was lost on the
/// way: nothing on this connection can be trusted to come any more.
void hangUp(Step& s, Fetcher& fetcher) {
    s.out.push_back(io::CloseConnection{fetcher.connection});
    lose(s, fetcher);
}

void pump(Step& s, Fetcher& fetcher) {
    if (!fetcher.inFlight.empty() && fetcher.inFlight.front().giveUpAt <= s.now.at)
        hangUp(s, fetcher);
    if (fetcher.line == Line::Down && !fetcher.partitions.empty() && fetcher.redialAt <= s.now.at)
        dial(s, fetcher);
    if (fetcher.line != Line::Up)
        return;
    if (fetcher.backoffEnds <= s.now.at) {
        fetcher.urgent = true;
        fetcher.backoffEnds = Instant::never();
    }
    if (!fetcher.urgent || waitsForDisk(s, fetcher))
        return;
    if (fetcher.inFlight.empty()) {
        if (!askOffsets(s, fetcher))
            sendFetch(s, fetcher);
    } else if (fetcher.inFlight.size() == 1 && fetcher.inFlight.front().kind == Kind::Fetch) {
        fetcher.urgent = false;
        if (!hasNews(s, fetcher))
            return;
        if (fetcher.sessionEpoch == 0)
            nudge(s, fetcher);
        else
            sendFetch(s, fetcher);
    }
}

void take(Step& s, Fetcher& fetcher, std::uint32_t ref, Partition& partition,
          protocol::FetchResponse::PartitionData& data) {
    FollowedPartition& one = fetcher.partitions.at(ref);
    const bool brought = data.records && !data.records->empty();
    if (brought || data.errorCode != 0 || data.divergingEpoch.epoch >= 0)
        fetcher.changed.insert(ref);
    switch (takeFetched(s, partition, data)) {
        case Taken::Good:
            one.failures = 0;
            break;
        case Taken::OutOfRange:
            one.state = State::AskingLatest;
            fetcher.asking.insert(ref);
            break;
        case Taken::Refused:
            backOff(s, fetcher, one);
            fetcher.changed.insert(ref);
            break;
    }
    if (partition.log.logStart() != one.sentStart)
        fetcher.changed.insert(ref);
    if (partition.log.stableEnd() != partition.log.logEnd() && !one.unstable) {
        one.unstable = true;
        ++fetcher.unstable;
    }
}

/// Takes over what the answer says about the session; false when it holds nothing else.
bool takeSession(Fetcher& fetcher, const FetcherRequest& request,
                 const protocol::FetchResponse& answer) {
    if (request.kind == Kind::Nudge)
        return false;
    if (answer.errorCode != 0) {
        startOver(fetcher);
        return false;
    }
    if (request.full) {
        fetcher.session = answer.sessionId;
        fetcher.sessionEpoch = answer.sessionId == 0 ? 0 : 1;
    } else if (answer.sessionId == 0) {
        startOver(fetcher);
    }
    if (fetcher.sessionEpoch == 0)
        for (const auto ref : request.partitions)
            if (fetcher.partitions.contains(ref))
                fetcher.changed.insert(ref);
    return true;
}

void onFetch(Step& s, Fetcher& fetcher, const FetcherRequest& request, const Bytes& body) {
    auto answer =
        protocol::decode<protocol::FetchResponse>(body, protocol::FetchRequest::kInfo.maxVersion);
    if (!answer) {
        startOver(fetcher);
        return;
    }
    if (!takeSession(fetcher, request, *answer))
        return;
    for (auto& topic : answer->responses) {
        for (auto& data : topic.partitions) {
            Partition* partition = s.core.partitions.find(topic.topicId, data.partitionIndex);
            const auto found = partition == nullptr ? fetcher.partitions.end()
                                                    : fetcher.partitions.find(partition->ref);
            if (found == fetcher.partitions.end())
                continue;
            const FollowedPartition& one = found->second;
            if (one.namedBy > request.correlation)
                continue;  // asked anew since then: that answer comes next
            if (one.sentEpoch != partition->leaderEpoch ||
                one.sentOffset != partition->log.logEnd()) {
                fetcher.changed.insert(partition->ref);  // an answer to what we were before
                continue;
            }
            take(s, fetcher, partition->ref, *partition, data);
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
        if (offset >= partition->log.logEnd()) {
            one.state = State::AskingEarliest;
            return;
        }
        truncateFollower(s, *partition, offset, "the leader's log ends there");
    } else if (offset > partition->log.logEnd()) {
        restartFollower(s, *partition, offset);
    }
    one.state = State::Fetching;
    fetcher.asking.erase(ref);
    fetcher.changed.insert(ref);
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
    fetcher.changed.insert(partition.ref);
    fetcher.urgent = true;
}

void unfollow(Step& s, std::uint32_t ref) {
    for (auto& [leader, fetcher] : s.core.fetchers) {
        const auto found = fetcher.partitions.find(ref);
        if (found == fetcher.partitions.end())
            continue;
        fetcher.unstable -= found->second.unstable ? 1 : 0;
        forget(s, fetcher, ref, found->second);
        fetcher.partitions.erase(found);
        fetcher.changed.erase(ref);
        fetcher.asking.erase(ref);
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
    if (Fetcher* fetcher = ofConnection(s.core.fetchers, id))
        lose(s, *fetcher);
}

void fetcherFrame(Step& s, ConnectionId id, const Bytes& frame) {
    Fetcher* fetcher = ofConnection(s.core.fetchers, id);
    if (fetcher == nullptr || fetcher->inFlight.empty())
        return;
    const FetcherRequest request = std::move(fetcher->inFlight.front());
    fetcher->inFlight.pop_front();
    const bool isFetch = request.kind != Kind::ListOffsets;
    const auto api = isFetch ? protocol::FetchRequest::kInfo : protocol::ListOffsetsRequest::kInfo;
    if (!isFetch)
        if (const auto found = fetcher->partitions.find(request.partitions.front());
            found != fetcher->partitions.end())
            found->second.asking = false;
    fetcher->urgent = true;
    const auto split = protocol::parseResponseFrame(api.key, api.maxVersion, frame);
    if (!split || split->correlationId != request.correlation)
        return hangUp(s, *fetcher);
    if (isFetch)
        onFetch(s, *fetcher, request, split->body);
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

void followedStartMoved(Step& s, const Partition& partition) {
    const auto fetcher = s.core.fetchers.find(partition.leader);
    if (fetcher == s.core.fetchers.end())
        return;
    const auto found = fetcher->second.partitions.find(partition.ref);
    if (found == fetcher->second.partitions.end() ||
        found->second.sentStart == partition.log.logStart())
        return;
    fetcher->second.changed.insert(partition.ref);
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
        if (!fetcher.inFlight.empty())
            wake = std::min(wake, fetcher.inFlight.front().giveUpAt);
    }
    return wake;
}

}  // namespace odradek::broker
