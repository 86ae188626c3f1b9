// SPDX-License-Identifier: GPL-3.0-or-later
// The simulated disk keeps what io/ports.h promises, as runtime/real's does
// (tests/runtime/disk_test.cpp).
#include <gtest/gtest.h>

#include <bit>

#include "engine/runtime/sim/disk.h"

namespace odradek::sim {
namespace {

constexpr Instant kStart{1'000'000};

Bytes filled(std::size_t size, std::uint8_t value) {
    return Bytes::take(std::vector<std::uint8_t>(size, value));
}

/// Performs everything queued, in order of time; the completions, in order.
struct Rig {
    Disk disk;
    TraceHash hash;
    struct Due {
        Instant at;
        Disk::Lane lane;
    };
    std::vector<Due> due;

    explicit Rig(std::uint64_t seed = 1, bool power = true) : disk(seed, DiskTimes{}, power) {}
    void submit(io::Effect effect) {
        const auto accepted = disk.submit(kStart, 0, std::move(effect));
        due.push_back({accepted.at, accepted.lane});
    }
    std::vector<Disk::Done> drain() {
        std::stable_sort(due.begin(), due.end(),
                         [](const Due& a, const Due& b) { return a.at < b.at; });
        std::vector<Disk::Done> done;
        for (const auto& one : due)
            done.push_back(disk.complete(one.lane, hash));
        due.clear();
        return done;
    }
};

TEST(SimDisk, CompletesInTheOrderOfIssue) {
    Rig rig;
    rig.submit(io::DiskWrite{1, "a/b.log", 0, Chain(filled(100, 7)), 4096});
    rig.submit(io::DiskRead{2, "a/b.log", 90, 20});
    rig.submit(io::DiskFlush{3, "a/b.log"});
    rig.submit(io::DiskTruncate{4, "a/b.log", 95});
    rig.submit(io::DiskRead{5, "a/b.log", 90, 20});
    Instant last{0};
    for (const auto& one : rig.due) {
        EXPECT_GT(one.at, last) << "one after the other";
        last = one.at;
    }
    const auto done = rig.drain();
    ASSERT_EQ(done.size(), 5u);
    for (std::size_t i = 0; i < done.size(); ++i) {
        EXPECT_EQ(done[i].op, i + 1);
        EXPECT_TRUE(done[i].data.has_value());
    }
    EXPECT_EQ(done[1].data->size(), 20u) << "preallocated zeros follow";
    EXPECT_EQ((*done[1].data)[9], 7);
    EXPECT_EQ((*done[1].data)[10], 0);
    EXPECT_EQ(done[4].data->size(), 5u);
}

TEST(SimDisk, MissingFilesAreNotFound) {
    Rig rig;
    rig.submit(io::DiskRead{1, "no", 0, 1});
    rig.submit(io::DiskRename{2, "no", "yes"});
    rig.submit(io::DiskRemove{3, "no"});
    const auto done = rig.drain();
    EXPECT_EQ(done[0].data.error().code, ErrorCode::NotFound);
    EXPECT_EQ(done[1].data.error().code, ErrorCode::NotFound);
    EXPECT_TRUE(done[2].data.has_value()) << "removing nothing is no error";
}

TEST(SimDisk, ListsFoldersSortedAndRenamesThem) {
    Rig rig;
    rig.submit(io::DiskWrite{1, "t-0/0.log", 0, Chain(filled(3, 1)), 0});
    rig.submit(io::DiskWrite{2, "t-0/0.index", 0, Chain(filled(2, 1)), 0});
    rig.submit(io::DiskReplace{3, "t-00", Chain(filled(1, 1))});
    rig.submit(io::DiskRename{4, "t-0", "t-0-delete"});
    rig.drain();
    const auto root = rig.disk.list("");
    ASSERT_TRUE(root.has_value());
    ASSERT_EQ(root->size(), 2u);
    EXPECT_EQ((*root)[0].name, "t-0-delete");
    EXPECT_TRUE((*root)[0].isFolder);
    EXPECT_EQ((*root)[1].name, "t-00") << "only the very folder is renamed";
    const auto folder = rig.disk.list("t-0-delete");
    ASSERT_EQ(folder->size(), 2u);
    EXPECT_EQ((*folder)[0].name, "0.index");
    EXPECT_EQ((*folder)[1].size, 3u);
    EXPECT_TRUE(rig.disk.list("missing")->empty());
}

TEST(SimDisk, WritesOnAScrubbedPathWaitForTheScrub) {
    Rig rig;
    rig.submit(io::DiskWrite{1, "pool", 0, Chain(filled(64, 2)), 0});
    rig.submit(io::DiskScrub{2, "pool", 0, 64});
    rig.submit(io::DiskWrite{3, "pool", 0, Chain(filled(64, 9)), 0});
    EXPECT_GT(rig.due[2].at, rig.due[1].at);
    rig.drain();
    EXPECT_EQ(*rig.disk.readAll("pool"), filled(64, 9));
}

TEST(SimDisk, AKillKeepsWhatWasDone) {
    Rig rig;
    rig.submit(io::DiskWrite{1, "f", 0, Chain(filled(1000, 3)), 0});
    rig.drain();
    rig.disk.submit(kStart, 0, io::DiskWrite{2, "f", 1000, Chain(filled(1000, 4)), 0});
    rig.disk.submit(kStart, 0, io::DiskWrite{3, "f", 2000, Chain(filled(1000, 5)), 0});
    rig.disk.kill();
    EXPECT_TRUE(rig.disk.idle());
    const auto left = *rig.disk.readAll("f");
    EXPECT_GE(left.size(), 1000u);
    EXPECT_LE(left.size(), 2000u) << "only the first one queued can have been under way";
    EXPECT_EQ(left.slice(0, 1000), filled(1000, 3));
}

TEST(SimDisk, APowerCutKeepsWhatWasFlushedAndTearsTheRest) {
    bool anyTorn = false;
    bool anyKept = false;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        Rig rig(seed);
        rig.submit(io::DiskWrite{1, "f", 0, Chain(filled(1024, 3)), 0});
        rig.submit(io::DiskFlush{2, "f"});
        rig.submit(io::DiskWrite{3, "f", 1024, Chain(filled(4096, 4)), 0});
        rig.submit(io::DiskTruncate{4, "f", 2048});
        rig.drain();
        rig.disk.powerCut();
        const auto left = *rig.disk.readAll("f");
        ASSERT_GE(left.size(), 1024u);
        EXPECT_EQ(left.slice(0, 1024), filled(1024, 3));
        anyTorn |= left.size() != 2048 || left.slice(1024) != filled(1024, 4);
        anyKept |= left.size() > 1024;
    }
    EXPECT_TRUE(anyTorn);
    EXPECT_TRUE(anyKept);
}

TEST(SimDisk, CopiesDoNotDisturbEachOther) {
    Rig rig;
    rig.submit(io::DiskWrite{1, "f", 0, Chain(filled(10'000, 3)), 0});
    rig.drain();
    Disk other = rig.disk;
    rig.submit(io::DiskWrite{2, "f", 5'000, Chain(filled(10, 9)), 0});
    rig.submit(io::DiskTruncate{3, "f", 6'000});
    rig.drain();
    EXPECT_EQ(*other.readAll("f"), filled(10'000, 3));
    EXPECT_EQ(rig.disk.readAll("f")->size(), 6'000u);
    EXPECT_EQ((*rig.disk.readAll("f"))[5'005], 9);
}

TEST(SimDisk, GrowingAgainShowsZeros) {
    File file;
    file.write(0, filled(5'000, 1), false);
    file.resize(100, false);
    file.resize(5'000, false);
    EXPECT_EQ(file.read(100, 4'900), filled(4'900, 0));
}

TEST(SimDisk, AFullDiskTakesWhatNeedsNoRoom) {
    Rig rig;
    rig.submit(io::DiskWrite{1, "a/b.log", 0, Chain(filled(100, 7)), 4096});
    rig.drain();
    rig.disk.setTrouble({.full = true});
    rig.submit(io::DiskWrite{2, "a/b.log", 100, Chain(filled(100, 8)), 0});
    rig.submit(io::DiskWrite{3, "a/b.log", 4090, Chain(filled(100, 8)), 0});
    rig.submit(io::DiskReplace{4, "c", Chain(filled(1, 8))});
    rig.submit(io::DiskFlush{5, "a/b.log"});
    const auto done = rig.drain();
    EXPECT_TRUE(done[0].data.has_value()) << "inside what is allocated";
    ASSERT_FALSE(done[1].data.has_value());
    EXPECT_EQ(done[1].data.error().code, ErrorCode::NoSpace);
    EXPECT_FALSE(done[2].data.has_value());
    EXPECT_TRUE(done[3].data.has_value());
    rig.disk.setTrouble({});
    rig.submit(io::DiskWrite{6, "a/b.log", 4090, Chain(filled(100, 8)), 0});
    EXPECT_TRUE(rig.drain()[0].data.has_value()) << "space is back";
}

TEST(SimDisk, ErrorsComeAsOftenAsAskedFor) {
    Rig rig;
    rig.submit(io::DiskWrite{1, "a", 0, Chain(filled(100, 7)), 0});
    rig.drain();
    rig.disk.setTrouble({.readErrors = 1000});
    rig.submit(io::DiskRead{2, "a", 0, 10});
    rig.submit(io::DiskFlush{3, "a"});
    auto done = rig.drain();
    ASSERT_FALSE(done[0].data.has_value());
    EXPECT_EQ(done[0].data.error().code, ErrorCode::Io);
    EXPECT_TRUE(done[1].data.has_value());
}

TEST(SimDisk, ABitRotsWhereItMay) {
    Rig rig;
    rig.submit(io::DiskWrite{1, "topic-0/b.log", 0, Chain(filled(100, 7)), 0});
    rig.submit(io::DiskWrite{2, "quorum-state", 0, Chain(filled(100, 7)), 0});
    rig.drain();
    Prng random(5);
    const auto mayRot = [](const std::string& path) { return path.starts_with("topic"); };
    ASSERT_TRUE(rig.disk.rot(random, mayRot).has_value());
    const auto bytes = rig.disk.readAll("topic-0/b.log");
    int changed = 0;
    for (std::size_t i = 0; i < bytes->size(); ++i)
        changed += std::popcount(static_cast<unsigned>((*bytes)[i] ^ 7));
    EXPECT_EQ(changed, 1);
    EXPECT_EQ(*rig.disk.readAll("quorum-state"), filled(100, 7));
    EXPECT_FALSE(rig.disk.rot(random, [](const std::string&) { return false; }).has_value());
}

TEST(SimDisk, AWriteIsLostOrMisplacedOnce) {
    Rig rig;
    rig.submit(io::DiskWrite{1, "topic-0/b.log", 0, Chain(filled(100, 1)), 0});
    rig.drain();
    rig.disk.misplaceNextWrite("topic-0", false);
    rig.submit(io::DiskWrite{2, "topic-1/b.log", 0, Chain(filled(10, 2)), 0});
    rig.submit(io::DiskWrite{3, "topic-0/b.log", 100, Chain(filled(10, 2)), 0});
    rig.submit(io::DiskWrite{4, "topic-0/b.log", 110, Chain(filled(10, 3)), 0});
    for (const auto& one : rig.drain())
        EXPECT_TRUE(one.data.has_value()) << "it claims to have done it";
    EXPECT_EQ(*rig.disk.readAll("topic-1/b.log"), filled(10, 2)) << "another folder";
    const auto bytes = *rig.disk.readAll("topic-0/b.log");
    EXPECT_EQ(bytes.slice(100, 10), filled(10, 0));
    EXPECT_EQ(bytes.slice(110, 10), filled(10, 3)) << "only one is lost";
}

TEST(SimDisk, AWipedDiskIsEmpty) {
    Rig rig;
    rig.submit(io::DiskWrite{1, "a", 0, Chain(filled(100, 7)), 0});
    rig.drain();
    rig.submit(io::DiskWrite{2, "b", 0, Chain(filled(100, 7)), 0});
    rig.disk.wipe();
    EXPECT_TRUE(rig.disk.idle());
    EXPECT_TRUE(rig.disk.list("")->empty());
}

}  // namespace
}  // namespace odradek::sim
