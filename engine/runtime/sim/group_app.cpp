// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/sim/group_app.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/protocol/codec/message.h"
#include "engine/protocol/kafka_error.h"
#include "engine/protocol/messages/find_coordinator.h"
#include "engine/protocol/messages/heartbeat.h"
#include "engine/protocol/messages/join_group.h"
#include "engine/protocol/messages/leave_group.h"
#include "engine/protocol/messages/offset_commit.h"
#include "engine/protocol/messages/offset_fetch.h"
#include "engine/protocol/messages/sync_group.h"

namespace odradek::sim {
namespace {

using protocol::KafkaError;

constexpr std::int64_t kPauseNs = 50'000'000;
constexpr std::int64_t kCallMs = 2'000;
constexpr std::uint64_t kConnectionsPerLife = 1'000'000;
constexpr std::int16_t kCommitByName = 9;  ///< later versions name topics by id
constexpr std::int16_t kOneGroup = 7;      ///< later versions of OffsetFetch ask for many groups
constexpr std::int16_t kOneKey = 3;        ///< later versions of FindCoordinator ask for many keys

void put(std::vector<std::uint8_t>& out, std::uint32_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i)
        out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

/// ConsumerProtocolSubscription version 0: topics, no user data.
Bytes subscription(const std::vector<TopicPartition>& partitions) {
    std::vector<std::string> topics;
    for (const auto& one : partitions)
        if (topics.empty() || topics.back() != one.topic)
            topics.push_back(one.topic);
    std::vector<std::uint8_t> out;
    put(out, 0, 2);
    put(out, static_cast<std::uint32_t>(topics.size()), 4);
    for (const auto& topic : topics) {
        put(out, static_cast<std::uint32_t>(topic.size()), 2);
        out.insert(out.end(), topic.begin(), topic.end());
    }
    put(out, UINT32_MAX, 4);
    return Bytes::take(std::move(out));
}

/// What assignmentFor wrote; nothing when it does not read.
std::optional<std::vector<std::uint32_t>> readAssignment(const Bytes& bytes) {
    std::vector<std::uint32_t> mine;
    if (bytes.empty())
        return mine;
    if (bytes.size() % 4 != 0)
        return std::nullopt;
    for (std::size_t at = 0; at < bytes.size(); at += 4)
        mine.push_back((std::uint32_t{bytes[at]} << 24) | (std::uint32_t{bytes[at + 1]} << 16) |
                       (std::uint32_t{bytes[at + 2]} << 8) | bytes[at + 3]);
    return mine;
}

template <class Response>
std::optional<Response> read(const client::Reply& reply) {
    if (!reply.body)
        return std::nullopt;
    auto answer = protocol::decode<Response>(*reply.body, reply.version);
    return answer ? std::optional(std::move(*answer)) : std::nullopt;
}

}  // namespace

GroupMemberApp::GroupMemberApp(Options options)
    : m_options(std::move(options)),
      m_client(m_options.client),
      m_random(m_options.seed),
      m_resumeAt(m_options.start) {
    m_history.processed.resize(m_options.partitions.size());
    for (std::uint32_t i = 0; i < m_options.partitions.size(); ++i)
        m_index[m_options.partitions[i]] = i;
}

std::string GroupMemberApp::where() const {
    constexpr const char* kNames[] = {"idle", "finding", "joining", "syncing", "looking", "owning"};
    return fmt::format("{} in generation {} with {} partitions",
                       kNames[static_cast<std::size_t>(m_phase)], m_generation, m_mine.size());
}

void GroupMemberApp::step(Now now, const io::Event& event, io::Effects& effects) {
    m_client.step(now, event, effects);
    auto outcomes = m_client.outcomes();
    for (const auto& fetched : outcomes.fetched)
        takeFetched(fetched);
    if (std::exchange(m_outOfRange, false)) {
        m_client.refreshMetadata(now);
        again(now, kPauseNs);
    }
    for (const auto& reply : outcomes.replies)
        takeReply(now, reply, effects);
    act(now, effects);
}

Instant GroupMemberApp::nextWake() const {
    auto due = m_client.nextWake();
    if (m_phase == Phase::Idle)
        due = std::min(due, m_resumeAt);
    if (m_phase == Phase::Owning)
        due = std::min({due, m_beating ? Instant::never() : m_beatAt,
                        m_committing ? Instant::never() : m_commitAt});
    return due;
}

void GroupMemberApp::act(Now now, io::Effects& effects) {
    if (m_phase == Phase::Idle && m_resumeAt <= now.at)
        return find(now, effects);
    if (m_phase != Phase::Owning)
        return;
    if (!m_committing && m_commitAt <= now.at)
        commit(now, effects);
    if (!m_beating && m_beatAt <= now.at)
        heartbeat(now, effects);
}

void GroupMemberApp::die(Now now, Instant until, io::Effects& effects) {
    m_client.shutdown(effects);
    auto options = m_options.client;
    options.network.firstConnection += ++m_life * kConnectionsPerLife;
    m_client = client::Client(std::move(options));
    m_memberId.clear();
    m_coordinator = -1;
    again(now, (until - now.at).count());
}

void GroupMemberApp::leave(Now now, Instant until, io::Effects& effects) {
    if (!m_memberId.empty() && m_coordinator >= 0)
        sendLeave(now, effects);
    m_memberId.clear();
    again(now, (until - now.at).count());
}

void GroupMemberApp::complain(const std::string& what) {
    if (m_history.problems.size() < 20)
        m_history.problems.push_back("group member: " + what);
}

void GroupMemberApp::revoke() {
    for (const auto index : m_mine)
        m_client.unassign(m_options.partitions[index]);
    m_mine.clear();
    m_positions.clear();
    m_committed.clear();
}

/// Begins anew after a pause: nothing asked for before counts any more. With a commit under way as a new member: see
/// abandon.
void GroupMemberApp::again(Now now, std::int64_t pauseNs) {
    if (m_committing)
        m_memberId.clear();
    revoke();
    m_calls.clear();
    m_phase = Phase::Idle;
    m_rejoin = m_committing = m_beating = false;
    m_resumeAt = now.at + Nanoseconds(pauseNs);
}

/// Nobody knows what became of a commit of ours, and a late one must not undo a later one: goes on as a new member, so
/// that it is refused.
void GroupMemberApp::abandon(Now now, io::Effects& effects) {
    if (!m_options.instance)
        sendLeave(now, effects);
    m_memberId.clear();
    again(now, kPauseNs);
}

void GroupMemberApp::sendLeave(Now now, io::Effects& effects) {
    protocol::LeaveGroupRequest request;
    request.groupId = m_options.group;
    request.memberId = m_memberId;
    request.members.push_back({m_memberId, m_options.instance, std::nullopt});
    send(now, Ask::Leave, client::request(std::move(request), 3), effects, kCallMs);
}

void GroupMemberApp::send(Now now, Ask ask, client::RequestPtr request, io::Effects& effects,
                          std::int64_t timeoutMs) {
    const auto node = ask == Ask::Find ? client::Network::kAnyNode : m_coordinator;
    const auto id =
        m_client.call(now, node, std::move(request), effects, Milliseconds(timeoutMs));
    m_calls[id] = {ask, now.at, {}};
}

void GroupMemberApp::find(Now now, io::Effects& effects) {
    m_phase = Phase::Finding;
    std::set<std::string> names;
    for (const auto& one : m_options.partitions)
        names.insert(one.topic);
    if (m_client.metadata().topics.empty())
        m_client.watchTopics(names, now, effects);
    protocol::FindCoordinatorRequest request;
    request.key = m_options.group;
    send(now, Ask::Find, client::request(std::move(request), 0, kOneKey), effects, kCallMs);
}

void GroupMemberApp::join(Now now, io::Effects& effects) {
    revoke();
    m_calls.clear();
    m_phase = Phase::Joining;
    m_rejoin = m_committing = m_beating = false;
    protocol::JoinGroupRequest request;
    request.groupId = m_options.group;
    request.sessionTimeoutMs = static_cast<std::int32_t>(m_options.sessionMs);
    request.rebalanceTimeoutMs = static_cast<std::int32_t>(m_options.rebalanceMs);
    request.memberId = m_memberId;
    request.groupInstanceId = m_options.instance;
    request.protocolType = "consumer";
    request.protocols.push_back({"range", subscription(m_options.partitions)});
    send(now, Ask::Join, client::request(std::move(request), 5), effects,
         m_options.sessionMs + m_options.rebalanceMs + kCallMs);
}

/// Every partition to one member, round robin.
std::vector<std::uint8_t> GroupMemberApp::assignmentFor(std::size_t place,
                                                        std::size_t members) const {
    std::vector<std::uint8_t> out;
    for (std::size_t i = place; i < m_options.partitions.size(); i += members)
        put(out, static_cast<std::uint32_t>(i), 4);
    return out;
}

void GroupMemberApp::sync(Now now, io::Effects& effects) {
    m_phase = Phase::Syncing;
    protocol::SyncGroupRequest request;
    request.groupId = m_options.group;
    request.generationId = m_generation;
    request.memberId = m_memberId;
    request.groupInstanceId = m_options.instance;
    request.protocolType = "consumer";
    request.protocolName = m_protocol;
    if (m_leads)
        for (std::size_t i = 0; i < m_members.size(); ++i)
            request.assignments.push_back(
                {m_members[i], Bytes::take(assignmentFor(i, m_members.size()))});
    send(now, Ask::Sync, client::request(std::move(request), 3), effects,
         m_options.rebalanceMs + kCallMs);
}

void GroupMemberApp::look(Now now, io::Effects& effects) {
    m_phase = Phase::Looking;
    protocol::OffsetFetchRequest request;
    request.groupId = m_options.group;
    request.requireStable = true;
    for (const auto index : m_mine) {
        const auto& one = m_options.partitions[index];
        if (request.topics->empty() || request.topics->back().name != one.topic)
            request.topics->emplace_back().name = one.topic;
        request.topics->back().partitionIndexes.push_back(one.partition);
    }
    send(now, Ask::Look, client::request(std::move(request), kOneGroup, kOneGroup), effects,
         kCallMs);
}

void GroupMemberApp::heartbeat(Now now, io::Effects& effects) {
    m_beating = true;
    protocol::HeartbeatRequest request;
    request.groupId = m_options.group;
    request.generationId = m_generation;
    request.memberId = m_memberId;
    request.groupInstanceId = m_options.instance;
    send(now, Ask::Heartbeat, client::request(std::move(request), 3), effects, kCallMs);
}

void GroupMemberApp::commit(Now now, io::Effects& effects) {
    m_commitAt = now.at + Nanoseconds(m_random.between(m_options.commitGapNs / 2,
                                                       m_options.commitGapNs * 3 / 2));
    protocol::OffsetCommitRequest request;
    request.groupId = m_options.group;
    request.generationIdOrMemberEpoch = m_generation;
    request.memberId = m_memberId;
    request.groupInstanceId = m_options.instance;
    std::vector<std::pair<std::uint32_t, std::int64_t>> offsets;
    for (const auto& [index, position] : m_positions) {
        if (m_committed[index] == position)
            continue;
        const auto& one = m_options.partitions[index];
        if (request.topics.empty() || request.topics.back().name != one.topic)
            request.topics.emplace_back().name = one.topic;
        request.topics.back().partitions.push_back({one.partition, position});
        offsets.emplace_back(index, position);
        m_committed[index] = position;
        m_history.attempts.push_back({now.at, index, position});
    }
    if (offsets.empty())
        return;
    m_committing = true;
    send(now, Ask::Commit, client::request(std::move(request), 7, kCommitByName), effects, kCallMs);
    m_calls.rbegin()->second.offsets = std::move(offsets);
}

void GroupMemberApp::takeReply(Now now, const client::Reply& reply, io::Effects& effects) {
    const auto found = m_calls.find(reply.call);
    if (found == m_calls.end())
        return;
    const auto call = std::move(found->second);
    m_calls.erase(found);
    switch (call.ask) {
        case Ask::Find:
            return takeFound(now, reply, effects);
        case Ask::Join:
            return takeJoined(now, reply, effects);
        case Ask::Sync:
            return takeSynced(now, reply, effects);
        case Ask::Look:
            return takeLooked(now, reply, call, effects);
        case Ask::Heartbeat:
            return takeHeartbeat(now, reply, effects);
        case Ask::Commit:
            return takeCommitted(now, reply, call, effects);
        case Ask::Leave:
            return;
    }
}

bool GroupMemberApp::isGood(Now now, std::int16_t error, io::Effects& effects) {
    switch (static_cast<KafkaError>(error)) {
        case KafkaError::None:
            return true;
        case KafkaError::RebalanceInProgress:
            join(now, effects);
            return false;
        case KafkaError::UnknownMemberId:
        case KafkaError::FencedInstanceId:
            m_memberId.clear();
            again(now, kPauseNs);
            return false;
        case KafkaError::IllegalGeneration:
        case KafkaError::CoordinatorLoadInProgress:
        case KafkaError::CoordinatorNotAvailable:
        case KafkaError::NotCoordinator:
        case KafkaError::UnstableOffsetCommit:
        case KafkaError::RequestTimedOut:
        case KafkaError::UnknownTopicOrPartition:  // its metadata is behind
        case KafkaError::GroupIdNotFound:
            again(now, kPauseNs);
            return false;
        default:
            complain(fmt::format("{} while {}", protocol::errorName(error), where()));
            again(now, kPauseNs * 10);
            return false;
    }
}

void GroupMemberApp::takeFound(Now now, const client::Reply& reply, io::Effects& effects) {
    const auto answer = read<protocol::FindCoordinatorResponse>(reply);
    if (!answer || answer->errorCode != 0)
        return again(now, kPauseNs);
    m_coordinator = answer->nodeId;
    const auto known = m_client.metadata().addresses();
    if (!known.contains(m_coordinator)) {
        m_client.refreshMetadata(now);
        return again(now, kPauseNs);
    }
    join(now, effects);
}

void GroupMemberApp::takeJoined(Now now, const client::Reply& reply, io::Effects& effects) {
    const auto answer = read<protocol::JoinGroupResponse>(reply);
    if (!answer)
        return again(now, kPauseNs);
    if (static_cast<KafkaError>(answer->errorCode) == KafkaError::MemberIdRequired) {
        m_memberId = answer->memberId;
        return join(now, effects);
    }
    if (!isGood(now, answer->errorCode, effects))
        return;
    m_memberId = answer->memberId;
    m_generation = answer->generationId;
    m_protocol = answer->protocolName;
    m_leads = answer->leader == m_memberId && !answer->skipAssignment;
    m_members.clear();
    for (const auto& member : answer->members)
        m_members.push_back(member.memberId);
    std::sort(m_members.begin(), m_members.end());
    sync(now, effects);
}

void GroupMemberApp::takeSynced(Now now, const client::Reply& reply, io::Effects& effects) {
    const auto answer = read<protocol::SyncGroupResponse>(reply);
    if (!answer)
        return again(now, kPauseNs);
    if (!isGood(now, answer->errorCode, effects))
        return;
    auto mine = readAssignment(answer->assignment);
    if (!mine) {
        complain("an assignment that does not read");
        return again(now, kPauseNs);
    }
    ++m_generations;
    m_mine = std::move(*mine);
    for (const auto index : m_mine)
        m_history.owned.push_back(
            {m_generation, index, m_options.instance.value_or(m_memberId)});
    m_beatAt = now.at + Milliseconds(m_options.sessionMs / 4);
    m_commitAt = now.at + Nanoseconds(m_options.commitGapNs);
    if (m_mine.empty()) {
        m_phase = Phase::Owning;
        return;
    }
    look(now, effects);
}

void GroupMemberApp::takeLooked(Now now, const client::Reply& reply, const Call& call,
                                io::Effects& effects) {
    const auto answer = read<protocol::OffsetFetchResponse>(reply);
    if (!answer)
        return again(now, kPauseNs);
    if (!isGood(now, answer->errorCode, effects))
        return;
    std::map<std::uint32_t, std::int64_t> committed;
    for (const auto& topic : answer->topics)
        for (const auto& one : topic.partitions) {
            if (!isGood(now, one.errorCode, effects))
                return;
            committed[m_index.at({topic.name, one.partitionIndex})] = one.committedOffset;
        }
    m_phase = Phase::Owning;
    for (const auto index : m_mine) {
        const auto found = committed.find(index);
        const auto offset = found == committed.end() ? -1 : found->second;
        m_history.looks.push_back({call.askedAt, index, offset});
        m_positions[index] = m_committed[index] = std::max<std::int64_t>(offset, 0);
        m_client.assign(now, m_options.partitions[index], m_positions[index], effects);
    }
}

void GroupMemberApp::takeHeartbeat(Now now, const client::Reply& reply, io::Effects& effects) {
    m_beating = false;
    m_beatAt = now.at + Milliseconds(m_options.sessionMs / 4);
    const auto answer = read<protocol::HeartbeatResponse>(reply);
    if (!answer)
        return again(now, kPauseNs);  // the next coordinator knows us by our member id
    if (static_cast<KafkaError>(answer->errorCode) == KafkaError::RebalanceInProgress) {
        // As a consumer does: commits what it has, then joins.
        if (!m_committing)
            commit(now, effects);
        if (m_committing)
            m_rejoin = true;
        else
            join(now, effects);
        return;
    }
    (void)isGood(now, answer->errorCode, effects);
}

void GroupMemberApp::takeCommitted(Now now, const client::Reply& reply, const Call& call,
                                   io::Effects& effects) {
    m_committing = false;
    const auto answer = read<protocol::OffsetCommitResponse>(reply);
    if (!answer)
        return abandon(now, effects);
    std::int16_t error = 0;
    for (const auto& topic : answer->topics)
        for (const auto& one : topic.partitions) {
            if (one.errorCode != 0) {
                error = one.errorCode;
                continue;
            }
            const auto index = m_index.at({topic.name, one.partitionIndex});
            for (const auto& [asked, offset] : call.offsets)
                if (asked == index)
                    m_history.commits.push_back({now.at, index, offset});
        }
    if (!isGood(now, error, effects))
        return;
    if (m_rejoin)
        join(now, effects);
}

void GroupMemberApp::takeFetched(const client::Fetched& fetched) {
    const auto index = m_index.at(fetched.partition);
    const auto position = m_positions.find(index);
    if (position == m_positions.end())
        return;
    const auto name = fmt::format("{}-{}", fetched.partition.topic, fetched.partition.partition);
    if (static_cast<KafkaError>(fetched.error) == KafkaError::OffsetOutOfRange) {
        // A deposed leader that does not know it yet is behind what was committed: asks anew, with newer metadata.
        m_outOfRange = true;
        return;
    }
    if (fetched.error != 0)
        complain(fmt::format("{} reading {} from {}", protocol::errorName(fetched.error), name,
                             fetched.position));
    auto& expected = position->second;
    for (const auto& batch : fetched.batches) {
        const auto header = protocol::readBatchHeader(batch);
        if (!header || header->nextOffset() <= expected)
            continue;
        if (header->baseOffset > expected)
            complain(fmt::format("records {} to {} of {} were skipped", expected,
                                 header->baseOffset - 1, name));
        auto& stretches = m_history.processed[index];
        if (stretches.empty() || stretches.back().second != expected)
            stretches.emplace_back(expected, expected);
        expected = header->nextOffset();
        stretches.back().second = expected;
    }
}

}  // namespace odradek::sim
