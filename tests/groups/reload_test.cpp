// SPDX-License-Identifier: GPL-3.0-or-later
// What is in the log: its format, what a restart finds, and the rewrite that keeps it small.
#include "engine/broker/groups/group_records.h"
#include "engine/broker/groups/java_strings.h"
#include "tests/groups/harness.h"

namespace odradek::broker::testing {
namespace {

std::vector<std::uint8_t> bytes(const Bytes& b) { return {b.data(), b.data() + b.size()}; }

TEST(Records, AreKafkas) {
    EXPECT_EQ(bytes(groupKey("g")), (std::vector<std::uint8_t>{0, 2, 0, 1, 'g'}));
    EXPECT_EQ(bytes(offsetKey("g", {"t", 7})),
              (std::vector<std::uint8_t>{0, 1, 0, 1, 'g', 0, 1, 't', 0, 0, 0, 7}));
    OffsetEntry entry{258, 3, "m", 5, std::nullopt, {}};
    EXPECT_EQ(bytes(offsetValue(entry)),
              (std::vector<std::uint8_t>{0, 4, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 3, 2, 'm', 0, 0, 0, 0, 0, 0, 0, 5, 0}));
    entry.expireMs = 9;
    EXPECT_EQ(bytes(offsetValue(entry)), (std::vector<std::uint8_t>{0, 1, 0, 0, 0, 0, 0, 0, 1, 2, 0, 1, 'm', 0, 0, 0,
                                                                    0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 9}));
    ClassicGroup group("g");
    EXPECT_EQ(bytes(emptyGroupValue(group)),
              (std::vector<std::uint8_t>{0, 3, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                         0xFF, 0xFF, 0xFF, 0, 0, 0, 0}));
}

TEST(Records, UnknownOnesAreToldApart) {
    const auto read = [](std::vector<std::uint8_t> key, std::optional<Bytes> value = {}) {
        Record record;
        record.key = Bytes::take(std::move(key));
        record.value = std::move(value);
        return readGroupRecord(record);
    };
    EXPECT_TRUE(std::holds_alternative<std::monostate>(read({0, 3, 0, 1, 'g'}).value()));
    EXPECT_FALSE(read({0}).has_value());
    EXPECT_FALSE(read({0, 2, 0, 9, 'g'}).has_value());
    EXPECT_FALSE(read({0, 2, 0, 1, 'g'}, Bytes::take({0, 99})).has_value());
    EXPECT_FALSE(readGroupRecord(Record{}).has_value());
    EXPECT_FALSE(std::get<GroupRecord>(read({0, 2, 0, 1, 'g'}).value()).value.has_value());
}

TEST(Records, JavaStrings) {
    EXPECT_EQ(javaHash(""), 0);
    EXPECT_EQ(javaHash("hello"), 99162322);
    EXPECT_EQ(javaHash("polygenelubricants"), INT32_MIN);
    EXPECT_EQ(javaHash("\xF0\x9F\x98\x80"), 0xD83D * 31 + 0xDE00);  // a surrogate pair
    EXPECT_EQ(javaLength("\xF0\x9F\x98\x80\xC3\xA4x"), 4u);
    EXPECT_EQ(javaLength("\xFF\xC3"), 2u);
    Harness h;
    EXPECT_EQ(h.coordinator.partitionOf("polygenelubricants"), 0);
    EXPECT_EQ(h.coordinator.partitionOf("hello"), 99162322 % 4);
}

TEST(Restart, FindsGroupsMembersAndOffsets) {
    Harness h;
    const auto ids = h.stable("g", 2);
    h.commitError(h.commit("g", 7, ids[0], 1));
    h.commitError(h.commit("simple", 3));
    auto before = h.view("g");
    h.restart();
    auto after = h.view("g");
    // What is not in the log: history, and how long ago members were heard.
    before.rebalances.clear();
    for (auto* view : {&before, &after})
        for (auto& member : view->members)
            member.lastHeartbeatAgeMs = 0;
    EXPECT_EQ(before, after);
    EXPECT_EQ(h.view("simple").offsets.at(0).offset, 3);
    EXPECT_EQ(h.view("simple").offsets.at(0).partition.topic, "orders");
    // Members go on as if nothing had happened, or run out of time if they do not come.
    EXPECT_EQ(h.heartbeat("g", ids[0], 1).errorCode, 0);
    EXPECT_EQ(h.ask<SyncGroupResponse>(h.sync("g", ids[0], 1), 5).assignment, Harness::assignment("orders", {0}));
    h.pass(9'000);
    EXPECT_EQ(h.heartbeat("g", ids[0], 1).errorCode, 0);
    h.pass(1'000);
    EXPECT_EQ(h.heartbeat("g", ids[0], 1).errorCode, num(KafkaError::RebalanceInProgress));
}

TEST(Restart, AnEmptyGroupKeepsItsGenerationAndItsAge) {
    Harness h;
    const auto ids = h.stable("g");
    h.commitError(h.commit("g", 7, ids[0], 1));
    h.pass(10'000);
    EXPECT_EQ(h.view("g").state, GroupState::Empty);
    h.restart();
    EXPECT_EQ(h.view("g").state, GroupState::Empty);
    EXPECT_EQ(h.view("g").generation, 2);
    EXPECT_EQ(h.view("g").protocolType, "consumer");
    h.pass(7 * 86'400'000LL + 600'000);
    EXPECT_FALSE(h.coordinator.inspect(h.now, "g").has_value());
}

TEST(Restart, AGroupThatIsTooLargeNowRebalances) {
    Harness h;
    h.stable("g", 3);
    h.config.maxSize = 2;
    h.restart();
    EXPECT_EQ(h.view("g").state, GroupState::PreparingRebalance);
}

TEST(Resign, AnswersEverybodyAndForgets) {
    Harness h;
    const auto ids = h.stable("g", 2);
    const auto join = h.send(Harness::join("g", ids[0]), 5);
    h.holdAppends = true;
    const auto commit = h.send(h.commit("g", 1, ids[1], 1), 8);
    OffsetFetchRequest fetch;
    fetch.groupId = "g";
    fetch.requireStable = true;
    fetch.topics->push_back({"orders", {0}});
    const auto stable = h.send(fetch, 7);
    const auto late = h.appends.front();
    h.coordinator.onResign(h.now, h.coordinator.partitionOf("g"), h.out);
    h.drain();
    EXPECT_EQ(h.answer<JoinGroupResponse>(join).errorCode, num(KafkaError::NotCoordinator));
    EXPECT_EQ(h.answer<OffsetCommitResponse>(commit).topics[0].partitions[0].errorCode,
              num(KafkaError::NotCoordinator));
    EXPECT_EQ(h.answer<OffsetFetchResponse>(stable).errorCode, num(KafkaError::NotCoordinator));
    EXPECT_EQ(h.heartbeat("g", ids[0], 1).errorCode, num(KafkaError::NotCoordinator));
    h.coordinator.onAppended(h.now, late.appendToken, KafkaError::None, Offset(0), h.out);  // of no interest any more
    h.pass(100'000);
}

TEST(Resign, WhileAssigning) {
    Harness h;
    const auto token = h.send(Harness::join("g"), 3);
    h.pass(100);
    const auto memberId = h.answer<JoinGroupResponse>(token).memberId;
    h.holdAppends = true;
    const auto synced = h.send(h.sync("g", memberId, 1), 5);
    h.coordinator.onResign(h.now, h.coordinator.partitionOf("g"), h.out);
    h.drain();
    EXPECT_EQ(h.answer<SyncGroupResponse>(synced).errorCode, num(KafkaError::NotCoordinator));
}

TEST(Copy, GoesOnIdentically) {
    Harness h;
    h.stable("g", 2);
    Harness other = h;
    const auto play = [](Harness& one) {
        const auto first = one.ask<JoinGroupResponse>(Harness::join("g"), 5);
        one.send(Harness::join("g", first.memberId), 5);
        one.pass(70'000);
        return one.view("g");
    };
    EXPECT_EQ(play(h), play(other));
}

// ---- Rewriting ----------------------------------------------------------------------------------------------

constexpr std::int64_t kBig = 20 << 20;

/// What a reload finds, as text: to compare before and after.
std::string reloaded(Harness h) {
    h.restart();
    std::string all;
    for (const auto& group : h.coordinator.inspect(h.now)) {
        all += group.groupId + " " + groupStateName(group.state) + " " + std::to_string(group.generation);
        for (const auto& member : group.members)
            all += " " + member.memberId + "/" + std::to_string(member.assignment.size());
        for (const auto& offset : group.offsets)
            all += " " + std::to_string(offset.partition.partition) + "=" + std::to_string(offset.offset);
        all += "\n";
    }
    return all;
}

TEST(Rewrite, KeepsWhatIsAliveAndFreesTheRest) {
    Harness h;
    const auto ids = h.stable("g", 2);
    for (int i = 0; i < 100; ++i)
        h.commitError(h.commit("g", i, ids[0], 1, i % 3));
    for (int i = 0; i < 20; ++i)
        h.commitError(h.commit("simple" + std::to_string(i), i));
    h.ask<DeleteGroupsResponse>(DeleteGroupsRequest{{"simple3"}}, 2);
    h.send(Harness::join("g", ids[0]), 5);  // preparing: the last stored generation is what a reload must find
    const auto before = reloaded(h);
    for (std::int32_t p = 0; p < 4; ++p) {
        EXPECT_FALSE(h.coordinator.maybeRewrite(h.now, p, 16 << 20, h.out));
        h.coordinator.maybeRewrite(h.now, p, kBig, h.out);
        h.drain();
    }
    EXPECT_EQ(h.trims.size(), 4u);
    EXPECT_EQ(reloaded(h), before);  // a crash before the trim
    h.applyTrims();
    EXPECT_EQ(reloaded(h), before);
    for (std::int32_t p = 0; p < 4; ++p) {
        const auto live = h.coordinator.liveRecords(h.now, p);
        EXPECT_EQ(h.logs[p].size(), std::max<std::size_t>(live.size(), 1));
    }
}

TEST(Rewrite, NotWhenMostIsAlive) {
    Harness h;
    h.commitError(h.commit("g", 1));
    const auto p = h.coordinator.partitionOf("g");
    h.config.rewriteBytes = 10;
    h.coordinator.setConfig(h.config);
    EXPECT_FALSE(h.coordinator.maybeRewrite(h.now, p, 50, h.out));
    EXPECT_TRUE(h.coordinator.maybeRewrite(h.now, p, 500, h.out));
}

TEST(Rewrite, WaitsForWhatIsUnderWayAndHoldsBackWhatComes) {
    Harness h;
    h.commitError(h.commit("g", 1));
    const auto p = h.coordinator.partitionOf("g");
    h.holdAppends = true;
    const auto first = h.send(h.commit("g", 2), 8);
    EXPECT_TRUE(h.coordinator.maybeRewrite(h.now, p, kBig, h.out));
    const auto second = h.send(h.commit("g", 3), 8);
    EXPECT_EQ(h.appends.size(), 1u);
    h.finishAppend();
    EXPECT_TRUE(h.answered(first));
    ASSERT_EQ(h.appends.size(), 2u);  // the rewrite, then what was held back
    h.finishAppend();
    EXPECT_EQ(h.trims.size(), 1u);
    EXPECT_FALSE(h.answered(second));
    h.finishAppend();
    EXPECT_TRUE(h.answered(second));
    h.applyTrims();
    EXPECT_EQ(h.committed("g"), 3);
    EXPECT_EQ(h.logs[p].size(), 2u);
    h.holdAppends = false;
    h.restart();
    EXPECT_EQ(h.committed("g"), 3);
}

TEST(Rewrite, ARefusedPieceMovesNothing) {
    auto config = Harness::quick();
    config.batchBytes = 1;  // each entry its own piece
    Harness h(config);
    h.commitError(h.commit("g", 1));
    h.commitError(h.commit("g", 1, "", -1, 1));
    const auto p = h.coordinator.partitionOf("g");
    h.holdAppends = true;
    EXPECT_TRUE(h.coordinator.maybeRewrite(h.now, p, kBig, h.out));
    h.drain();
    ASSERT_EQ(h.appends.size(), 2u);
    h.finishAppend();
    h.finishAppend(KafkaError::NotEnoughReplicas);
    EXPECT_TRUE(h.trims.empty());
    EXPECT_FALSE(h.coordinator.maybeRewrite(h.now, p, kBig, h.out));  // not again at once
    h.pass(5'000);
    EXPECT_TRUE(h.coordinator.maybeRewrite(h.now, p, kBig, h.out));
    h.drain();
    h.finishAppend();
    h.finishAppend();
    EXPECT_EQ(h.trims.size(), 1u);
}

TEST(Rewrite, AHeldDeletionMayStillBeRefused) {
    Harness h;
    h.commitError(h.commit("g", 1));
    const auto p = h.coordinator.partitionOf("g");
    h.holdAppends = true;
    h.send(h.commit("g", 2), 8);
    h.coordinator.maybeRewrite(h.now, p, kBig, h.out);
    h.send(DeleteGroupsRequest{{"g"}}, 2);
    h.finishAppend();                               // the commit
    h.finishAppend();                               // the rewrite
    h.finishAppend(KafkaError::NotEnoughReplicas);  // the deletion
    h.applyTrims();
    EXPECT_EQ(h.committed("g"), 2);
    h.holdAppends = false;
    h.restart();
    EXPECT_EQ(h.committed("g"), 2);
}

}  // namespace
}  // namespace odradek::broker::testing
