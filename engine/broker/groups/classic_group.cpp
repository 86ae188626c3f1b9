// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/groups/classic_group.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/broker/groups/java_strings.h"
#include "engine/protocol/codec/message.h"
#include "engine/protocol/records/consumer_protocol_assignment.h"
#include "engine/protocol/records/consumer_protocol_subscription.h"

namespace odradek::broker {

using protocol::KafkaError;

const char* groupStateName(GroupState state) {
    switch (state) {
        case GroupState::Empty: return "Empty";
        case GroupState::PreparingRebalance: return "PreparingRebalance";
        case GroupState::CompletingRebalance: return "CompletingRebalance";
        case GroupState::Stable: return "Stable";
        case GroupState::Dead: break;
    }
    return "Dead";
}

const Bytes* ClassicMember::metadata(const std::string& protocol) const {
    for (const auto& one : protocols)
        if (one.name == protocol)
            return &one.metadata;
    return nullptr;
}

ClassicMember* ClassicGroup::member(const std::string& memberId) {
    const auto found = members.find(memberId);
    return found == members.end() ? nullptr : &found->second;
}

const ClassicMember* ClassicGroup::member(const std::string& memberId) const {
    const auto found = members.find(memberId);
    return found == members.end() ? nullptr : &found->second;
}

std::size_t ClassicGroup::awaitingJoin() const {
    return static_cast<std::size_t>(
        std::count_if(members.begin(), members.end(), [](const auto& one) { return one.second.join.has_value(); }));
}

bool ClassicGroup::canRebalance() const {
    return state == GroupState::Stable || state == GroupState::CompletingRebalance || state == GroupState::Empty;
}

std::int32_t ClassicGroup::rebalanceTimeoutMs() const {
    std::int32_t longest = 0;
    for (const auto& [memberId, one] : members)
        longest = std::max(longest, one.rebalanceTimeoutMs);
    return longest;
}

void ClassicGroup::transition(GroupState next, std::int64_t wallMs) {
    bool allowed = false;
    switch (next) {
        case GroupState::Empty:
        case GroupState::CompletingRebalance: allowed = state == GroupState::PreparingRebalance; break;
        case GroupState::PreparingRebalance: allowed = canRebalance(); break;
        case GroupState::Stable: allowed = state == GroupState::CompletingRebalance; break;
        case GroupState::Dead: allowed = true; break;
    }
    ODRADEK_CHECK(allowed, "a group only moves between states as the protocol says");
    previousState = state;
    state = next;
    stateSinceMs = wallMs;
}

void ClassicGroup::count(const ClassicMember& one, int by) {
    for (const auto& offered : one.protocols) {
        auto& offers = m_offers[offered.name];
        offers += by;
        if (offers == 0)
            m_offers.erase(offered.name);
    }
}

ClassicMember& ClassicGroup::add(ClassicMember one) {
    ODRADEK_CHECK(!members.contains(one.id), "a member is added once");
    if (members.empty())
        protocolType = one.protocolType;
    if (one.instanceId)
        staticMembers[*one.instanceId] = one.id;
    if (!leaderId)
        leaderId = one.id;
    pendingJoin.erase(one.id);
    count(one, 1);
    auto key = one.id;
    return members.emplace(std::move(key), std::move(one)).first->second;
}

void ClassicGroup::setProtocols(ClassicMember& one, Protocols protocols) {
    count(one, -1);
    one.protocols = std::move(protocols);
    count(one, 1);
}

void ClassicGroup::remove(const std::string& memberId) {
    if (const auto found = members.find(memberId); found != members.end()) {
        ODRADEK_CHECK(!found->second.join && !found->second.sync, "no reply is lost with its member");
        count(found->second, -1);
        if (found->second.instanceId)
            staticMembers.erase(*found->second.instanceId);
        members.erase(found);
    }
    if (isLeader(memberId)) {
        if (members.empty())
            leaderId.reset();
        else
            leaderId = members.begin()->first;
    }
    pendingJoin.erase(memberId);
    pendingSync.erase(memberId);
}

ClassicMember& ClassicGroup::replaceStatic(const std::string& instanceId, const std::string& newMemberId) {
    const auto oldId = staticMembers.at(instanceId);
    auto node = members.extract(oldId);
    ODRADEK_CHECK(!node.empty(), "a static member that is replaced is a member");
    ODRADEK_CHECK(!node.mapped().join && !node.mapped().sync, "no reply is lost with its member");
    node.key() = newMemberId;
    auto& replaced = members.insert(std::move(node)).position->second;
    replaced.id = newMemberId;
    replaced.isNew = false;
    replaced.queuedAt = Instant::never();
    if (isLeader(oldId))
        leaderId = newMemberId;
    staticMembers[instanceId] = newMemberId;
    return replaced;
}

bool ClassicGroup::electJoinedLeader() {
    if (!leaderId)
        return false;
    if (const auto* leader = member(*leaderId); leader && leader->join)
        return true;
    for (const auto& [memberId, one] : members)
        if (one.join) {
            leaderId = memberId;
            return true;
        }
    return false;
}

void ClassicGroup::nextGeneration(std::int64_t wallMs) {
    ++generation;
    const bool empty = members.empty();
    protocolName = empty ? std::nullopt : std::optional(selectProtocol());
    computeSubscribedTopics();
    transition(empty ? GroupState::Empty : GroupState::CompletingRebalance, wallMs);
    pendingSync.clear();
}

bool ClassicGroup::supports(const std::string& type, const Protocols& protocols) const {
    if (state == GroupState::Empty)
        return !type.empty() && !protocols.empty();
    if (!protocolType || *protocolType != type)
        return false;
    const auto all = static_cast<std::int32_t>(members.size());
    return std::any_of(protocols.begin(), protocols.end(), [&](const auto& one) {
        const auto found = m_offers.find(one.name);
        return (found == m_offers.end() ? 0 : found->second) == all;
    });
}

std::string ClassicGroup::selectProtocol() const {
    ODRADEK_CHECK(!members.empty(), "a protocol is chosen by members");
    const auto all = static_cast<std::int32_t>(members.size());
    std::map<std::string, std::int32_t> votes;
    for (const auto& [memberId, one] : members)
        for (const auto& offered : one.protocols) {
            const auto found = m_offers.find(offered.name);
            if (found != m_offers.end() && found->second == all) {
                ++votes[offered.name];
                break;
            }
        }
    ODRADEK_CHECK(!votes.empty(), "members of a group have a protocol in common");
    // The most votes win. Kafka walks a HashMap and keeps the first of equals, so its bucket decides a tie.
    auto best = votes.begin();
    for (auto one = votes.begin(); one != votes.end(); ++one)
        if (one->second > best->second ||
            (one->second == best->second &&
             javaBucket(one->first, votes.size()) < javaBucket(best->first, votes.size())))
            best = one;
    return best->first;
}

KafkaError ClassicGroup::validate(const std::string& memberId, const std::optional<std::string>& instanceId) const {
    if (instanceId) {
        const auto found = staticMembers.find(*instanceId);
        if (found == staticMembers.end())
            return KafkaError::UnknownMemberId;
        if (found->second != memberId)
            return KafkaError::FencedInstanceId;
    }
    return members.contains(memberId) ? KafkaError::None : KafkaError::UnknownMemberId;
}

void ClassicGroup::computeSubscribedTopics() {
    subscribedTopics.reset();
    if (!usesConsumerProtocol())
        return;
    if (members.empty()) {
        subscribedTopics.emplace();
        return;
    }
    if (!protocolName)
        return;
    std::set<std::string> topics;
    for (const auto& [memberId, one] : members) {
        const auto* metadata = one.metadata(*protocolName);
        const auto some = metadata ? subscriptionTopics(*metadata) : std::nullopt;
        if (!some)
            return;
        topics.insert(some->begin(), some->end());
    }
    subscribedTopics = std::move(topics);
}

bool ClassicGroup::isSubscribedTo(const std::string& topic) const {
    return subscribedTopics ? subscribedTopics->contains(topic) : usesConsumerProtocol();
}

std::optional<OffsetEntry> ClassicGroup::latest(const TopicPartition& key) const {
    if (const auto flying = inFlight.find(key); flying != inFlight.end() && !flying->second.empty())
        return flying->second.back().second;
    const auto found = offsets.find(key);
    return found == offsets.end() ? std::nullopt : std::optional(found->second);
}

namespace {

/// Reads a ConsumerProtocol blob: an int16 version, then the message of that version (newer ones as the newest known).
template <class M>
std::optional<M> readConsumerProtocol(const Bytes& blob) {
    if (blob.size() < 2)
        return std::nullopt;
    auto version = static_cast<std::int16_t>((blob[0] << 8) | blob[1]);
    if (version < 0)
        return std::nullopt;
    version = std::min(version, M::kInfo.maxVersion);
    auto message = protocol::decode<M>(blob.slice(2), version);
    return message ? std::optional(std::move(*message)) : std::nullopt;
}

}  // namespace

std::optional<std::vector<std::string>> subscriptionTopics(const Bytes& metadata) {
    auto message = readConsumerProtocol<protocol::ConsumerProtocolSubscription>(metadata);
    return message ? std::optional(std::move(message->topics)) : std::nullopt;
}

std::vector<TopicPartition> assignmentPartitions(const Bytes& assignment) {
    std::vector<TopicPartition> all;
    if (const auto message = readConsumerProtocol<protocol::ConsumerProtocolAssignment>(assignment))
        for (const auto& topic : message->assignedPartitions)
            for (const auto partition : topic.partitions)
                all.push_back({topic.topic, partition});
    std::sort(all.begin(), all.end());
    return all;
}

}  // namespace odradek::broker
