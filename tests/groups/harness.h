// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/broker/groups/group_coordinator.h"
#include "engine/protocol/codec/message.h"
#include "engine/protocol/kafka_error.h"
#include "engine/protocol/records/consumer_protocol_assignment.h"
#include "engine/protocol/records/consumer_protocol_subscription.h"

namespace odradek::broker::testing {

using namespace protocol;

/// Topics that exist in a test: a name, an id made of the name, and a count of partitions.
class Topics : public TopicResolver {
public:
    std::map<std::string, std::int32_t> counts{{"orders", 3}, {"payments", 3}};

    static Uuid idFor(const std::string& name) {
        Uuid id;
        for (std::size_t i = 0; i < name.size() && i < id.bytes.size(); ++i)
            id.bytes[i] = static_cast<std::uint8_t>(name[i]);
        return id;
    }
    std::optional<Uuid> idOf(const std::string& topic) const override {
        return counts.contains(topic) ? std::optional(idFor(topic)) : std::nullopt;
    }
    std::optional<std::string> nameOf(const Uuid& id) const override {
        for (const auto& [name, count] : counts)
            if (idFor(name) == id)
                return name;
        return std::nullopt;
    }
    std::int32_t partitionsOf(const std::string& topic) const override {
        const auto found = counts.find(topic);
        return found == counts.end() ? 0 : found->second;
    }
};

inline std::int16_t num(KafkaError error) { return static_cast<std::int16_t>(error); }

/// A coordinator with virtual time and logs in memory. Appends are acknowledged at once unless `holdAppends`; every
/// token is checked to be answered at most once.
class Harness {
public:
    explicit Harness(GroupConfig config = quick(), bool load = true) : coordinator(config, 42), config(config) {
        now.wallMs = 1'700'000'000'000;
        if (load)
            loadAll();
    }

    /// Kafka's defaults with few partitions and a short initial delay.
    static GroupConfig quick() {
        GroupConfig c;
        c.offsetsPartitions = 4;
        c.initialRebalanceDelay = Milliseconds(100);
        return c;
    }

    void loadAll() {
        for (std::int32_t p = 0; p < config.offsetsPartitions; ++p) {
            coordinator.onLoad(now, p, LeaderEpoch(1), out);
            std::vector<Record> records(logs[p].begin(), logs[p].end());
            const auto half = records.size() / 2;  // in two pieces, as a broker might
            coordinator.feed(p, std::span(records).first(half));
            coordinator.feed(p, std::span(records).subspan(half));
            coordinator.onLoaded(now, p, out);
        }
        drain();
    }

    /// A new coordinator that reads the same logs, as after a restart.
    void restart() {
        coordinator = GroupCoordinator(config, 43);
        appends.clear();
        answers.clear();
        loadAll();
    }

    bool outOfTouch = false;
    RequestContext context(std::int16_t version) {
        return {++lastToken, version, "client", "/127.0.0.1", outOfTouch};
    }

    /// Sends a request; returns its token.
    template <class Request>
    std::uint64_t send(const Request& request, std::int16_t version) {
        const auto c = context(version);
        if constexpr (std::is_same_v<Request, OffsetCommitRequest> || std::is_same_v<Request, OffsetFetchRequest> ||
                      std::is_same_v<Request, OffsetDeleteRequest>)
            coordinator.handle(now, c, request, topics, out);
        else
            coordinator.handle(now, c, request, out);
        drain();
        return c.token;
    }
    /// Sends a request whose answer must be there at once.
    template <class Response, class Request>
    Response ask(const Request& request, std::int16_t version) {
        return answer<Response>(send(request, version));
    }

    bool answered(std::uint64_t token) const { return answers.contains(token); }
    template <class Response>
    Response answer(std::uint64_t token) const {
        const auto found = answers.find(token);
        if (found == answers.end()) {
            ADD_FAILURE() << "request " << token << " has no answer";
            return {};
        }
        const auto* response = std::get_if<Response>(&found->second);
        if (!response) {
            ADD_FAILURE() << "request " << token << " has an answer of another kind";
            return {};
        }
        return *response;
    }

    /// Lets virtual time pass, with every timer at its moment.
    void pass(std::int64_t ms) {
        const auto end = now.at + Milliseconds(ms);
        while (coordinator.nextWake() <= end) {
            const auto wake = std::max(coordinator.nextWake(), now.at);
            moveTo(wake);
            coordinator.tick(now, out);
            drain();
        }
        moveTo(end);
    }

    /// Ends the oldest append that is held.
    void finishAppend(KafkaError error = KafkaError::None) {
        ASSERT_FALSE(appends.empty());
        const auto one = appends.front();
        appends.pop_front();
        const auto base = logEnd(one.partition);
        if (error == KafkaError::None)
            logs[one.partition].insert(logs[one.partition].end(), one.records.begin(), one.records.end());
        coordinator.onAppended(now, one.appendToken, error, base, out);
        drain();
    }

    void drain() {
        while (true) {
            auto taken = std::exchange(out, {});
            for (auto& reply : taken.replies) {
                EXPECT_FALSE(answers.contains(reply.token)) << "request " << reply.token << " is answered twice";
                answers[reply.token] = std::move(reply.response);
            }
            for (auto& append : taken.appends)
                appends.push_back(std::move(append));
            trims.insert(trims.end(), taken.trims.begin(), taken.trims.end());
            events.insert(events.end(), taken.rebalances.begin(), taken.rebalances.end());
            if (appends.empty() || holdAppends)
                return;
            const auto one = appends.front();
            appends.pop_front();
            const auto base = logEnd(one.partition);
            logs[one.partition].insert(logs[one.partition].end(), one.records.begin(), one.records.end());
            coordinator.onAppended(now, one.appendToken, KafkaError::None, base, out);
        }
    }

    /// Removes what lies before a log's new start, as the broker does with a trim.
    void applyTrims() {
        for (const auto& trim : trims)
            for (auto& log = logs[trim.partition]; starts[trim.partition] < trim.before.value; log.pop_front())
                ++starts[trim.partition];
        trims.clear();
    }

    // ---- Shorthands ----

    static Bytes subscription(const std::vector<std::string>& wanted) {
        ConsumerProtocolSubscription s;
        s.topics = wanted;
        Chain all(Bytes::take({0, 1}));
        all.append(encode(s, 1));
        return all.flatten();
    }
    static Bytes assignment(const std::string& topic, const std::vector<std::int32_t>& partitions) {
        ConsumerProtocolAssignment a;
        a.assignedPartitions.push_back({topic, partitions});
        Chain all(Bytes::take({0, 1}));
        all.append(encode(a, 1));
        return all.flatten();
    }

    static JoinGroupRequest join(const std::string& group, const std::string& memberId = "",
                                 std::optional<std::string> instance = {}) {
        JoinGroupRequest r;
        r.groupId = group;
        r.sessionTimeoutMs = 10'000;
        r.rebalanceTimeoutMs = 60'000;
        r.memberId = memberId;
        r.groupInstanceId = std::move(instance);
        r.protocolType = "consumer";
        r.protocols.push_back({"range", subscription({"orders"})});
        return r;
    }
    SyncGroupRequest sync(const std::string& group, const std::string& member, std::int32_t generation) {
        SyncGroupRequest r;
        r.groupId = group;
        r.generationId = generation;
        r.memberId = member;
        r.protocolType = "consumer";
        r.protocolName = "range";
        return r;
    }
    HeartbeatResponse heartbeat(const std::string& group, const std::string& member, std::int32_t generation,
                                std::optional<std::string> instance = {}) {
        return ask<HeartbeatResponse>(HeartbeatRequest{group, generation, member, std::move(instance)}, 4);
    }
    OffsetCommitRequest commit(const std::string& group, std::int64_t offset, const std::string& member = "",
                               std::int32_t generation = -1, std::int32_t partition = 0) {
        OffsetCommitRequest r;
        r.groupId = group;
        r.memberId = member;
        r.generationIdOrMemberEpoch = generation;
        auto& topic = r.topics.emplace_back();
        topic.name = "orders";
        topic.topicId = Topics::idFor("orders");
        auto& one = topic.partitions.emplace_back();
        one.partitionIndex = partition;
        one.committedOffset = offset;
        one.committedLeaderEpoch = 5;
        one.committedMetadata = "note";
        return r;
    }
    std::int16_t commitError(const OffsetCommitRequest& request, std::int16_t version = 8) {
        const auto response = ask<OffsetCommitResponse>(request, version);
        return response.topics.empty() ? 0 : response.topics.at(0).partitions.at(0).errorCode;
    }
    /// The committed offset of orders-`partition`; -1 for none.
    std::int64_t committed(const std::string& group, std::int32_t partition = 0) {
        OffsetFetchRequest r;
        r.groupId = group;
        r.topics->push_back({"orders", {partition}});
        return ask<OffsetFetchResponse>(r, 6).topics.at(0).partitions.at(0).committedOffset;
    }

    /// One member joins with MEMBER_ID_REQUIRED's two steps; returns its id and the token of the second.
    std::pair<std::string, std::uint64_t> joinTwice(const std::string& group) {
        const auto first = ask<JoinGroupResponse>(join(group), 5);
        EXPECT_EQ(first.errorCode, num(KafkaError::MemberIdRequired));
        return {first.memberId, send(join(group, first.memberId), 5)};
    }

    /// A stable group of `count` members, the leader first.
    std::vector<std::string> stable(const std::string& group, int count = 1) {
        std::vector<std::string> ids;
        std::vector<std::uint64_t> tokens;
        for (int i = 0; i < count; ++i) {
            auto [memberId, token] = joinTwice(group);
            ids.push_back(memberId);
            tokens.push_back(token);
        }
        pass(config.initialRebalanceDelay.count() * (count + 1) + 1);
        const auto joined = answer<JoinGroupResponse>(tokens.at(0));
        EXPECT_EQ(joined.errorCode, 0);
        for (std::size_t i = 0; i < ids.size(); ++i)
            if (ids[i] == joined.leader)
                std::swap(ids[0], ids[i]);
        settle(group, ids, joined.generationId);
        return ids;
    }
    /// All members sync; the first, the leader, gives partition i to member i.
    void settle(const std::string& group, const std::vector<std::string>& ids, std::int32_t generation) {
        std::vector<std::uint64_t> tokens;
        for (std::size_t i = ids.size(); i-- > 0;) {
            auto r = sync(group, ids[i], generation);
            if (i == 0)
                for (std::size_t k = 0; k < ids.size(); ++k)
                    r.assignments.push_back({ids[k], assignment("orders", {static_cast<std::int32_t>(k)})});
            tokens.push_back(send(r, 5));
        }
        for (const auto token : tokens)
            EXPECT_EQ(answer<SyncGroupResponse>(token).errorCode, 0);
    }
    GroupView view(const std::string& group) {
        auto seen = coordinator.inspect(now, group);
        EXPECT_TRUE(seen.has_value()) << group;
        return seen.value_or(GroupView{});
    }

    GroupCoordinator coordinator;
    GroupConfig config;
    Topics topics;
    Now now;
    GroupOutputs out;
    std::map<std::uint64_t, GroupResponse> answers;
    std::map<std::int32_t, std::deque<Record>> logs;
    std::map<std::int32_t, std::int64_t> starts;  ///< log start offsets
    std::deque<GroupAppend> appends;
    std::vector<GroupTrim> trims;
    std::vector<RebalanceEvent> events;
    bool holdAppends = false;
    std::uint64_t lastToken = 0;

private:
    Offset logEnd(std::int32_t partition) {
        return Offset(starts[partition] + static_cast<std::int64_t>(logs[partition].size()));
    }
    void moveTo(Instant at) {
        now.wallMs += std::chrono::duration_cast<Milliseconds>(at - now.at).count();
        now.at = at;
    }
};

}  // namespace odradek::broker::testing
