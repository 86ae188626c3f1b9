// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/real/disk.h"

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>

#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/prng.h"
#include "engine/runtime/real/data_dir.h"

namespace odradek::real {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

/// A disk whose completions are collected in the order they were given out.
class DiskTest : public testing::Test {
protected:
    void open(Disk::Options options = {}) {
        if (options.files.root.empty())
            options.files.root = dir.path();
        disk = std::make_unique<Disk>(std::move(options),
                                      [this](std::vector<Disk::Completion>&& batch) {
                                          std::lock_guard lock(mutex);
                                          for (auto& each : batch) {
                                              done.push_back(std::move(each));
                                              ++fromSink;
                                          }
                                          arrived.notify_all();
                                      });
    }
    void submit(DiskEffect effect) {
        if (auto now = disk->submit({1}, std::move(effect))) {
            std::lock_guard lock(mutex);
            done.push_back(std::move(*now));
        }
    }
    /// Waits for that many completions in all, then lets the disk know they are handled.
    std::vector<io::OpId> await(std::size_t count) {
        std::unique_lock lock(mutex);
        EXPECT_TRUE(
            arrived.wait_for(lock, std::chrono::seconds(20), [&] { return done.size() >= count; }));
        disk->delivered(fromSink);
        fromSink = 0;
        std::vector<io::OpId> ops;
        for (const auto& each : done)
            ops.push_back(each.op);
        return ops;
    }
    std::string content(const std::string& path) {
        std::ifstream file(dir.path() / path, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(file), {});
    }
    /// Holds the worker before each effect until it is released.
    void hold() {
        disk->setInterposer([this](const DiskEffect&) -> Result<void> {
            std::unique_lock lock(gateMutex);
            gate.wait(lock, [&] { return isOpen; });
            return {};
        });
    }
    void release() {
        std::lock_guard lock(gateMutex);
        isOpen = true;
        gate.notify_all();
    }

    DataDir dir = *DataDir::openTemporary();
    std::mutex mutex, gateMutex;
    std::condition_variable arrived, gate;
    bool isOpen = false;
    std::vector<Disk::Completion> done;
    std::size_t fromSink = 0;
    std::unique_ptr<Disk> disk;
};

io::DiskWrite write(io::OpId op, std::string path, std::uint64_t offset, std::string_view text) {
    return {op, std::move(path), offset, Bytes::copy(text), 0};
}

TEST_F(DiskTest, CreatesFilesAndFoldersAndWritesSlices) {
    open();
    Chain chain;
    for (const auto* part : {"one,", "two,", "three"})
        chain.append(Bytes::copy(std::string_view(part)));
    submit(io::DiskWrite{1, "a/b/file", 3, chain, 0});
    EXPECT_THAT(await(1), ElementsAre(1));
    EXPECT_EQ(content("a/b/file"), std::string(3, '\0') + "one,two,three");
}

TEST_F(DiskTest, WritesManySlicesAcrossPieceBoundaries) {
    open();
    Prng random(3);
    Chain chain;
    std::string all;
    for (int i = 0; i < 3000; ++i) {
        std::string part(1 + random.below(700), static_cast<char>('a' + i % 26));
        all += part;
        chain.append(Bytes::copy(part));
    }
    submit(io::DiskWrite{1, "f", 12'345, chain, 0});
    await(1);
    EXPECT_EQ(content("f").substr(12'345) == all, true);
}

TEST_F(DiskTest, PreallocatesWithoutLosingContent) {
    open();
    submit(write(1, "f", 0, "head"));
    submit(io::DiskWrite{2, "f", 4, Bytes::copy("tail"), 65'536});
    await(2);
    EXPECT_EQ(fs::file_size(dir.path() / "f"), 65'536u);
    EXPECT_EQ(content("f").substr(0, 10), std::string("headtail\0\0", 10));
    submit(io::DiskWrite{3, "f", 8, Bytes::copy("!"), 100});
    await(3);
    EXPECT_EQ(fs::file_size(dir.path() / "f"), 65'536u) << "preallocation never shrinks";
}

TEST_F(DiskTest, ReadsWhatIsThere) {
    open();
    submit(write(0, "f", 0, "0123456789"));
    submit(io::DiskRead{1, "f", 2, 3});
    submit(io::DiskRead{2, "f", 8, 100});
    submit(io::DiskRead{3, "f", 50, 100});
    submit(io::DiskRead{4, "f", 0, UINT64_MAX});
    submit(io::DiskRead{5, "missing", 0, 10});
    EXPECT_THAT(await(5), ElementsAre(1, 2, 3, 4, 5));
    EXPECT_EQ(done[0].data->view(), "234");
    EXPECT_EQ(done[1].data->view(), "89");
    EXPECT_EQ(done[2].data->view(), "");
    EXPECT_EQ(done[3].data->view(), "0123456789");
    ASSERT_FALSE(done[4].data);
    EXPECT_EQ(done[4].data.error().code, ErrorCode::NotFound);
}

TEST_F(DiskTest, CompletionsKeepTheOrderOfMixedEffects) {
    for (std::size_t inlineMax : {std::size_t{0}, std::size_t{1} << 20}) {
        done.clear();
        open({.inlineBytesMax = inlineMax});
        Prng random(11);
        std::vector<io::OpId> expected;
        for (io::OpId op = 1; op <= 2000; ++op) {
            const auto path = "p" + std::to_string(random.below(7));
            switch (random.below(5)) {
                case 0:
                    submit(io::DiskRead{op, path, 0, 10});
                    break;
                case 1:
                    if (op % 40 == 0)
                        submit(io::DiskFlush{op, path});
                    else
                        submit(io::DiskTruncate{op, path, 5});
                    break;
                default:
                    submit(write(op, path, random.below(50), "text"));
            }
            expected.push_back(op);
            if (op % 97 == 0)
                await(op);
        }
        EXPECT_EQ(await(2000), expected);
        disk.reset();
    }
}

TEST_F(DiskTest, ReplaceIsWholeAndLeavesNoTemporary) {
    open();
    submit(io::DiskReplace{
        1,
        "sub/checkpoint",
        Bytes::copy("first"),
    });
    submit(io::DiskReplace{2, "sub/checkpoint", Bytes::copy("second, longer")});
    submit(io::DiskReplace{3, "sub/checkpoint", Bytes::copy("3rd")});
    await(3);
    EXPECT_EQ(content("sub/checkpoint"), "3rd");
    EXPECT_EQ(std::distance(fs::directory_iterator(dir.path() / "sub"), {}), 1);
}

TEST_F(DiskTest, RenameAndRemoveForgetOpenFiles) {
    open();
    submit(write(1, "t-0/log", 0, "old"));
    submit(io::DiskRename{2, "t-0", "t-0.deleted"});
    submit(write(3, "t-0/log", 0, "new!"));
    submit(io::DiskRename{4, "t-0/log", "pool/x"});
    submit(write(5, "t-0/log", 0, "third"));
    submit(io::DiskRemove{6, "t-0.deleted"});
    submit(io::DiskRemove{7, "never-was"});
    submit(io::DiskRemove{8, "pool/x"});
    submit(write(9, "pool/x", 0, "again"));
    EXPECT_THAT(await(9), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9));
    for (const auto& each : done)
        EXPECT_TRUE(each.data) << each.op;
    EXPECT_EQ(content("t-0/log"), "third");
    EXPECT_EQ(content("pool/x"), "again");
    EXPECT_FALSE(fs::exists(dir.path() / "t-0.deleted"));
}

TEST_F(DiskTest, TruncateSetsTheSize) {
    open();
    submit(write(1, "f", 0, "0123456789"));
    submit(io::DiskTruncate{2, "f", 4});
    submit(write(3, "f", 6, "x"));
    await(3);
    EXPECT_EQ(content("f"), std::string("0123\0\0x", 7));
}

TEST_F(DiskTest, KeepsFewFilesOpen) {
    open({.files = {.root = dir.path(), .openMax = 4}, .inlineBytesMax = 0});
    for (io::OpId op = 1; op <= 200; ++op)
        submit(write(op, "f" + std::to_string(op % 20), op * 2, "ab"));
    submit(io::DiskFlush{201, "f3"});
    await(201);
    std::size_t open = 0;
    for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
        std::error_code error;
        if (fs::read_symlink(entry.path(), error).string().starts_with(dir.path().string() + "/f"))
            ++open;
    }
    EXPECT_LE(open, 4u);
    EXPECT_GE(open, 1u);
}

TEST_F(DiskTest, ConsecutiveFlushesOfAFileBecomeOne) {
    open({.inlineBytesMax = 0});
    hold();
    submit(write(1, "g", 0, "gate"));
    for (io::OpId op = 2; op <= 21; op += 2) {
        submit(write(op, "f", op, "ab"));
        submit(io::DiskFlush{op + 1, "f"});
    }
    submit(io::DiskReplace{22, "c", Bytes::copy("barrier")});
    submit(write(23, "f", 50, "ab"));
    submit(io::DiskFlush{24, "f"});
    release();
    const auto ops = await(24);
    EXPECT_TRUE(std::is_sorted(ops.begin(), ops.end()));
    // The first write may have been taken alone; the rest is one batch with a barrier in it.
    EXPECT_LE(disk->stats().flushes, 3u);
    EXPECT_GE(disk->stats().flushesMerged, 8u);
}

TEST_F(DiskTest, FlushesOfManyFilesRunSideBySideAndAnswerInOrder) {
    open({.inlineBytesMax = 0});
    hold();
    submit(write(1, "gate", 0, "gate"));
    io::OpId op = 1;
    for (int file = 0; file < 40; ++file) {
        submit(write(++op, "d/f" + std::to_string(file), 0, "ab"));
        submit(io::DiskFlush{++op, "d/f" + std::to_string(file)});
    }
    submit(io::DiskFlush{++op, "missing"});
    submit(io::DiskReplace{++op, "c", Bytes::copy("barrier")});
    release();
    const auto ops = await(op);
    EXPECT_TRUE(std::is_sorted(ops.begin(), ops.end()));
    EXPECT_EQ(disk->stats().flushes, 41u);
    for (std::size_t i = 0; i < done.size(); ++i)
        EXPECT_EQ(done[i].data.has_value(), i + 2 != done.size()) << i;
}

TEST_F(DiskTest, AFlushThatFailsFailsForAllItAnswers) {
    open({.inlineBytesMax = 0});
    disk->setInterposer([this](const DiskEffect& effect) -> Result<void> {
        std::unique_lock lock(gateMutex);
        gate.wait(lock, [&] { return isOpen; });
        if (std::holds_alternative<io::DiskFlush>(effect))
            return fail(ErrorCode::Io, "no flush");
        return {};
    });
    submit(write(1, "gate", 0, "gate"));
    for (io::OpId op = 2; op <= 9; op += 2) {
        submit(write(op, "f", op, "ab"));
        submit(io::DiskFlush{op + 1, "f"});
    }
    release();
    await(9);
    for (const auto& each : done)
        EXPECT_EQ(each.data.has_value(), each.op == 1 || each.op % 2 == 0) << each.op;
}

TEST_F(DiskTest, TheFlushOfACutIsNotPutOff) {
    open({.inlineBytesMax = 0});
    hold();
    submit(write(1, "gate", 0, "gate"));
    submit(write(2, "f", 0, "old old old"));
    submit(io::DiskFlush{3, "f"});
    submit(io::DiskTruncate{4, "f", 4});
    submit(io::DiskFlush{5, "f"});  // a new batch must not be on the disk while what it replaces
                                    // may come back behind it
    submit(write(6, "f", 4, "new"));
    submit(io::DiskFlush{7, "f"});
    submit(write(8, "f", 7, "new"));
    submit(io::DiskFlush{9, "f"});
    release();
    const auto ops = await(9);
    EXPECT_TRUE(std::is_sorted(ops.begin(), ops.end()));
    EXPECT_EQ(disk->stats().flushes, 3u);
    EXPECT_EQ(disk->stats().flushesMerged, 1u);
    EXPECT_EQ(content("f"), "old newnew");
}

TEST_F(DiskTest, SmallWritesArePerformedAtOnceWhileNothingWaits) {
    open();
    ASSERT_TRUE(disk->submit({1}, write(1, "f", 0, "ab")));
    EXPECT_EQ(disk->stats().performedInline, 1u);
    EXPECT_FALSE(disk->submit({1}, io::DiskFlush{2, "f"}));
    EXPECT_FALSE(disk->submit({1}, write(3, "f", 2, "cd")))
        << "not before the flush is answered and delivered";
    disk->drain();
    EXPECT_FALSE(disk->submit({1}, write(4, "f", 4, "ef"))) << "performed is not delivered";
    await(3);
    EXPECT_TRUE(disk->submit({1}, write(5, "f", 6, "gh")));
    EXPECT_EQ(content("f"), "abcdefgh");
}

TEST_F(DiskTest, PathsCannotLeaveTheFolder) {
    open();
    io::OpId op = 0;
    for (const auto* path : {"../x", "/etc/x", "a/../../x", "", ".", "a//b", "a/./b"})
        submit(write(++op, path, 0, "x"));
    await(op);
    for (const auto& each : done) {
        ASSERT_FALSE(each.data);
        EXPECT_EQ(each.data.error().code, ErrorCode::Invalid);
    }
}

TEST_F(DiskTest, AFailingEffectAnswersWithItsErrorAndOthersGoOn) {
    open({.inlineBytesMax = 0});
    disk->setInterposer([](const DiskEffect& effect) -> Result<void> {
        if (const auto* flush = std::get_if<io::DiskFlush>(&effect);
            flush != nullptr && flush->path == "bad")
            return fail(ErrorCode::Io, "planted");
        return {};
    });
    submit(write(1, "bad", 0, "x"));
    submit(io::DiskFlush{2, "bad"});
    submit(write(3, "good", 0, "x"));
    EXPECT_THAT(await(3), ElementsAre(1, 2, 3));
    EXPECT_TRUE(done[0].data);
    EXPECT_EQ(done[1].data.error().message, "planted");
    EXPECT_TRUE(done[2].data);
}

TEST_F(DiskTest, EffectsWithoutAnOpAreSilentUnlessTheyFail) {
    open({.inlineBytesMax = 0});
    submit(write(0, "f", 0, "x"));
    submit(io::DiskTruncate{0, "missing", 3});
    submit(write(7, "f", 1, "y"));
    EXPECT_THAT(await(2), ElementsAre(0, 7));
    EXPECT_FALSE(done[0].data);
}

TEST_F(DiskTest, StopDropsWhatWaitsLikeAKill) {
    open({.inlineBytesMax = 0});
    hold();
    submit(write(1, "a", 0, "x"));
    submit(write(2, "b", 0, "x"));
    std::thread stopper([&] { disk->stop(); });
    release();
    stopper.join();
    submit(write(3, "c", 0, "x"));
    EXPECT_FALSE(fs::exists(dir.path() / "c"));
}

/// A batch-like header: what a scrub looks for is at byte 16 (magic 2).
std::string headers(std::size_t count) {
    std::string one(61, '\0');
    one[11] = 49;
    one[16] = 2;
    std::string all;
    for (std::size_t i = 0; i < count; ++i)
        all += one;
    return all;
}

TEST_F(DiskTest, ScrubRunsBesideOtherFilesAndBeforeItsOwn) {
    open({.inlineBytesMax = 0});
    submit(write(1, "pool/x", 0, headers(2000)));
    submit(io::DiskScrub{2, "pool/x", 0, 2000 * 61});
    submit(io::DiskRead{3, "pool/x", 0, UINT64_MAX});
    submit(io::DiskRename{4, "pool", "pool2"});
    auto ops = await(4);
    std::sort(ops.begin(), ops.end());
    EXPECT_THAT(ops, ElementsAre(1, 2, 3, 4));
    for (const auto& each : done) {
        ASSERT_TRUE(each.data) << each.data.error().message;
        if (each.op == 3) {
            EXPECT_EQ(each.data->view().find('\2'), std::string_view::npos)
                << "the read waited for the scrub";
        }
    }
}

TEST(DiskSpace, NoSpaceIsToldApart) {
    auto dir = *DataDir::openTemporary();
    const auto root = dir.path() / "small";
    fs::create_directories(root);
    const bool mounted = ::mount("tmpfs", root.c_str(), "tmpfs", 0, "size=256k") == 0;
    if (mounted) {
        {
            DiskFiles files({.root = root});
            auto result = files.perform(write(1, "f", 0, std::string(1u << 20, 'x')));
            ASSERT_FALSE(result);
            EXPECT_EQ(result.error().code, ErrorCode::NoSpace);
            EXPECT_THAT(result.error().message, HasSubstr("cannot write f"));
            auto replaced =
                files.perform(io::DiskReplace{1, "c", Bytes::copy(std::string(1u << 20, 'x'))});
            ASSERT_FALSE(replaced);
            EXPECT_EQ(replaced.error().code, ErrorCode::NoSpace);
            EXPECT_FALSE(fs::exists(root / "c.tmp")) << "a failed replace leaves nothing behind";
            auto room = diskRoom(root);
            ASSERT_TRUE(room);
            EXPECT_TRUE(room->isNearlyFull());
        }
        ::umount(root.c_str());
        return;
    }
    // Not root: a limit on file sizes stands in, in a child so that it bounds nobody else.
    const auto child = ::fork();
    if (child == 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        rlimit limit{100'000, 100'000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        DiskFiles files({.root = dir.path()});
        auto result = files.perform(write(1, "f", 0, std::string(1u << 20, 'x')));
        ::_exit(!result && result.error().code == ErrorCode::NoSpace ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

TEST(RealBootDisk, ListsSortedAndReads) {
    auto dir = *DataDir::openTemporary();
    fs::create_directories(dir.path() / "log" / "b-1");
    std::ofstream(dir.path() / "log" / "a") << "content";
    RealBootDisk boot(dir.path() / "log");
    const auto entries = boot.list("");
    ASSERT_TRUE(entries);
    ASSERT_EQ(entries->size(), 2u);
    EXPECT_EQ((*entries)[0].name, "a");
    EXPECT_EQ((*entries)[0].size, 7u);
    EXPECT_TRUE((*entries)[1].isFolder);
    EXPECT_TRUE(boot.list("missing")->empty());
    EXPECT_EQ(boot.readAll("a")->view(), "content");
    EXPECT_EQ(boot.read("a", 3, 2)->view(), "te");
    EXPECT_EQ(boot.readAll("nope").error().code, ErrorCode::NotFound);
    EXPECT_EQ(boot.readAll("../a").error().code, ErrorCode::Invalid);
}

TEST(DataDir, ASecondInstanceIsToldWhoHoldsIt) {
    auto dir = *DataDir::openTemporary();
    auto second = DataDir::open(dir.path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::Refused);
    EXPECT_THAT(second.error().message, HasSubstr("process " + std::to_string(::getpid())));
    EXPECT_EQ(dir.node(BrokerId(2)), dir.path() / "node-2");
}

TEST(DataDir, TheLockFallsWithItsHolder) {
    auto outer = *DataDir::openTemporary();
    const auto path = outer.path() / "inner";
    {
        ASSERT_TRUE(DataDir::open(path));
    }
    EXPECT_TRUE(DataDir::open(path));
}

TEST(DataDir, PlacesThatCannotBeAreClearErrors) {
    auto dir = *DataDir::openTemporary();
    std::ofstream(dir.path() / "file") << "x";
    auto below = DataDir::open(dir.path() / "file" / "sub");
    ASSERT_FALSE(below);
    EXPECT_THAT(below.error().message, HasSubstr("--data"));
    auto proc = DataDir::open("/proc/odradek");
    ASSERT_FALSE(proc);
    EXPECT_THAT(proc.error().message, HasSubstr("cannot create data directory /proc/odradek"));
}

TEST(DataDir, TemporaryOnesVanish) {
    fs::path path;
    {
        auto dir = *DataDir::openTemporary();
        path = dir.path();
        std::ofstream(path / "x") << "y";
    }
    EXPECT_FALSE(fs::exists(path));
}

TEST(Random, SeedsAndIdsDiffer) {
    EXPECT_NE(randomSeed(), randomSeed());
    EXPECT_NE(randomUuid(), randomUuid());
}

}  // namespace
}  // namespace odradek::real
