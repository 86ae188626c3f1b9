// SPDX-License-Identifier: GPL-3.0-or-later
// The judge of consumer groups finds what it is there for, and nothing in a sound history.
#include <gtest/gtest.h>

#include "engine/runtime/sim/group_checks.h"

namespace odradek::sim {
namespace {

const std::vector<TopicPartition> kPartitions = {{"topic0", 0}, {"topic0", 1}};

GroupHistory fresh() {
    GroupHistory history;
    history.processed.resize(kPartitions.size());
    return history;
}

TEST(GroupChecks, ASoundHistoryPasses) {
    auto a = fresh();
    auto b = fresh();
    a.owned = {{1, 0, "a"}, {1, 1, "a"}, {2, 0, "a"}};
    b.owned = {{2, 1, "b"}};
    a.looks = {{Instant{1}, 1, -1}};
    a.attempts = {{Instant{5}, 1, 10}};
    a.commits = {{Instant{7}, 1, 10}};
    b.looks = {{Instant{8}, 1, 10}};
    EXPECT_EQ(judgeGroup(kPartitions, {&a, &b}), std::nullopt);
}

TEST(GroupChecks, TwoOwnersOfOneGenerationAreFound) {
    auto a = fresh();
    auto b = fresh();
    a.owned = {{3, 1, "a"}};
    b.owned = {{3, 1, "b"}};
    ASSERT_TRUE(judgeGroup(kPartitions, {&a, &b}).has_value());
    EXPECT_NE(judgeGroup(kPartitions, {&a, &b})->find("generation 3"), std::string::npos);
}

TEST(GroupChecks, AnOffsetThatGoesBackIsFound) {
    auto a = fresh();
    auto b = fresh();
    a.attempts = a.commits = {{Instant{5}, 0, 10}, {Instant{9}, 0, 20}};
    b.looks = {{Instant{9}, 0, 10}};
    ASSERT_TRUE(judgeGroup(kPartitions, {&a, &b}).has_value());
    EXPECT_NE(judgeGroup(kPartitions, {&a, &b})->find("went back"), std::string::npos);
    b.looks = {{Instant{8}, 0, 10}};
    EXPECT_EQ(judgeGroup(kPartitions, {&a, &b}), std::nullopt) << "asked before it was acked";
    b.looks = {{Instant{8}, 0, 20}};
    EXPECT_EQ(judgeGroup(kPartitions, {&a, &b}), std::nullopt) << "done, and not told yet";
    b.looks = {{Instant{8}, 0, 30}};
    EXPECT_TRUE(judgeGroup(kPartitions, {&a, &b}).has_value()) << "nobody offered that";
}

TEST(GroupChecks, WhatNobodyProcessedIsFound) {
    auto a = fresh();
    auto b = fresh();
    a.processed[0] = {{0, 10}, {30, 40}};
    b.processed[0] = {{5, 25}};
    EXPECT_EQ(firstUnprocessed({&a, &b}, 0), 25);
    b.processed[0].push_back({25, 30});
    EXPECT_EQ(firstUnprocessed({&a, &b}, 0), 40);
    EXPECT_EQ(firstUnprocessed({&a, &b}, 1), 0);
}

}  // namespace
}  // namespace odradek::sim
