// SPDX-License-Identifier: GPL-3.0-or-later
// Random lives of groups: whatever clients, logs and time do, the promises hold.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/base/prng.h"
#include "tests/groups/harness.h"

namespace odradek::broker::testing {
namespace {

/// Clients of one or two groups that do anything at any time, and a log that is slow, refuses or changes hands.
class World {
public:
    explicit World(std::uint64_t seed) : m_random(seed) { h.holdAppends = true; }

    void step() {
        switch (m_random.below(16)) {
            case 0:
            case 1:
            case 2: return joinSomehow();
            case 3:
            case 4:
            case 5: return syncSomehow();
            case 6: return sent(h.send(HeartbeatRequest{group(), generation(), member(), instance()}, 4));
            case 7: return leaveSomehow();
            case 8: {
                auto request = h.commit(group(), static_cast<std::int64_t>(m_random.below(1000)), member(),
                                        generation(), static_cast<std::int32_t>(m_random.below(3)));
                return sent(h.send(request, 8));
            }
            case 9: return fetchSomehow();
            case 10: return sent(h.send(DeleteGroupsRequest{{"a", "b"}}, 2));
            case 11: return h.pass(static_cast<std::int64_t>(m_random.below(4'000)));
            case 12: {
                const auto p = static_cast<std::int32_t>(m_random.below(4));
                h.coordinator.maybeRewrite(h.now, p, 20 << 20, h.out);
                return h.drain();
            }
            default: return log();
        }
    }

    void check() {
        for (const auto& view : h.coordinator.inspect(h.now)) {
            auto& last = m_generations[view.groupId];
            RC_ASSERT(view.generation >= last || view.generation == 0 || m_forgot);
            last = view.generation;
            std::map<TopicPartition, std::string> owner;
            for (const auto& one : view.members)
                if (view.state == GroupState::Stable)
                    for (const auto& partition : one.assignment) {
                        RC_ASSERT(!owner.contains(partition));
                        owner[partition] = one.memberId;
                    }
            if (view.state == GroupState::Empty)
                RC_ASSERT(view.members.empty());
            else
                RC_ASSERT(!view.members.empty() || view.state == GroupState::PreparingRebalance);
            if (!view.members.empty())
                RC_ASSERT(std::any_of(view.members.begin(), view.members.end(),
                                      [&](const auto& m) { return m.memberId == view.leaderId; }));
        }
        m_forgot = false;
    }

    /// Lets everything come to rest; then every request must have its one answer.
    void finish() {
        for (int i = 0; i < 40; ++i) {
            while (!h.appends.empty())
                h.finishAppend();
            h.pass(20'000);
        }
        for (const auto token : m_sent)
            RC_ASSERT(h.answered(token));
        // What the log says is what memory says.
        const auto before = h.coordinator.inspect(h.now);
        h.holdAppends = false;
        h.applyTrims();
        h.restart();
        std::map<std::string, std::vector<CommittedOffsetView>> offsets;
        for (const auto& view : before)
            offsets[view.groupId] = view.offsets;
        for (const auto& view : h.coordinator.inspect(h.now))
            RC_ASSERT(offsets[view.groupId] == view.offsets);
    }

    Harness h;

private:
    void sent(std::uint64_t token) {
        m_sent.push_back(token);
        learn();
    }
    void learn() {
        for (const auto token : m_sent) {
            const auto found = h.answers.find(token);
            if (found == h.answers.end())
                continue;
            const auto* joined = std::get_if<JoinGroupResponse>(&found->second);
            if (joined && !joined->memberId.empty())
                m_ids[joined->memberId] = joined->generationId;
        }
    }
    std::string group() { return m_random.chance(1, 2) ? "a" : "b"; }
    std::string member() {
        if (m_ids.empty() || m_random.chance(1, 10))
            return m_random.chance(1, 2) ? "" : "stranger";
        auto it = m_ids.begin();
        std::advance(it, static_cast<std::ptrdiff_t>(m_random.below(m_ids.size())));
        m_chosen = it->second;
        return it->first;
    }
    std::int32_t generation() {
        if (m_random.chance(1, 6))
            return -1;
        const auto seen = h.coordinator.inspect(h.now, group());
        return seen ? seen->generation : m_chosen;
    }
    std::optional<std::string> instance() {
        if (m_random.chance(3, 4))
            return std::nullopt;
        return "i" + std::to_string(m_random.below(2));
    }
    void joinSomehow() {
        auto request = Harness::join(group(), m_random.chance(1, 2) ? "" : member(), instance());
        if (m_random.chance(1, 4))
            request.protocols[0].metadata = Harness::subscription({"payments"});
        if (m_random.chance(1, 4))
            request.protocols.push_back({"sticky", Harness::subscription({"orders"})});
        request.rebalanceTimeoutMs = static_cast<std::int32_t>(m_random.below(20'000));
        sent(h.send(request, static_cast<std::int16_t>(m_random.below(10))));
    }
    void syncSomehow() {
        const auto name = group();
        const auto seen = h.coordinator.inspect(h.now, name);
        if (!seen || seen->members.empty())
            return;
        const auto& who = seen->members[m_random.below(seen->members.size())];
        auto request = h.sync(name, who.memberId, seen->generation);
        request.protocolName = seen->protocolName;
        std::int32_t next = 0;
        for (const auto& one : seen->members)
            request.assignments.push_back({one.memberId, Harness::assignment("orders", {next++})});
        sent(h.send(request, 5));
    }
    void leaveSomehow() {
        LeaveGroupRequest request;
        request.groupId = group();
        const auto count = 1 + m_random.below(2);
        for (std::uint64_t i = 0; i < count; ++i)
            request.members.push_back({member(), instance(), std::nullopt});
        request.memberId = member();
        sent(h.send(request, static_cast<std::int16_t>(m_random.below(6))));
    }
    void fetchSomehow() {
        OffsetFetchRequest request;
        request.requireStable = m_random.chance(1, 2);
        for (const auto* name : {"a", "b"}) {
            auto& one = request.groups.emplace_back();
            one.groupId = name;
            if (m_random.chance(1, 2))
                one.topics.reset();
            else
                one.topics->push_back({"orders", {}, {0, 1}});
        }
        sent(h.send(request, 9));
    }
    void log() {
        if (m_random.chance(1, 60)) {
            const auto p = static_cast<std::int32_t>(m_random.below(4));
            h.coordinator.onResign(h.now, p, h.out);
            std::erase_if(h.appends, [&](const auto& one) { return one.partition == p; });
            h.coordinator.onLoad(h.now, p, LeaderEpoch(++m_epoch), h.out);
            const std::vector<Record> records(h.logs[p].begin(), h.logs[p].end());
            h.coordinator.feed(p, records);
            h.coordinator.onLoaded(h.now, p, h.out);
            h.drain();
            m_forgot = true;  // an unstored generation is gone
            return;
        }
        if (h.appends.empty())
            return;
        const auto refused = m_random.chance(1, 8);
        h.finishAppend(refused ? KafkaError::NotEnoughReplicas : KafkaError::None);
        learn();
    }

    Prng m_random;
    std::vector<std::uint64_t> m_sent;
    std::map<std::string, std::int32_t> m_ids;
    std::map<std::string, std::int32_t> m_generations;
    std::int32_t m_chosen = 0;
    std::int32_t m_epoch = 1;
    bool m_forgot = false;
};

RC_GTEST_PROP(Model, PromisesHold, (std::uint64_t seed)) {
    World world(seed);
    const auto steps = 50 + seed % 400;
    for (std::uint64_t i = 0; i < steps; ++i) {
        world.step();
        world.check();
    }
    world.finish();
}

}  // namespace
}  // namespace odradek::broker::testing
