// SPDX-License-Identifier: GPL-3.0-or-later
// Power cuts on real files: what was synced is there, what was not is gone.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "engine/base/prng.h"
#include "engine/runtime/real/data_dir.h"
#include "engine/runtime/real/disk_files.h"
#include "engine/runtime/real/fault_power.h"

namespace odradek::real::test {
namespace {

class UnsyncedTest : public testing::Test {
protected:
    void write(const std::string& path, std::uint64_t offset, const std::string& text, std::uint64_t preallocate = 0) {
        ASSERT_TRUE(files.perform(io::DiskWrite{0, path, offset, Bytes::copy(text), preallocate}));
    }
    void flush(const std::string& path) { ASSERT_TRUE(files.perform(io::DiskFlush{0, path})); }
    std::optional<std::string> content(const std::string& path) {
        std::ifstream file(dir.path() / path, std::ios::binary);
        if (!file)
            return std::nullopt;
        return std::string(std::istreambuf_iterator<char>(file), {});
    }

    DataDir dir = *DataDir::openTemporary();
    std::shared_ptr<UnsyncedJournal> journal = std::make_shared<UnsyncedJournal>(dir.path());
    DiskFiles files{{.root = dir.path(), .unsynced = journal}};
};

TEST_F(UnsyncedTest, AppendsAndOverwritesSinceTheLastSyncAreUndone) {
    write("a", 0, "hello ");
    flush("a");
    write("a", 6, "world");
    write("a", 0, "HE");
    write("a", 1, "xx");
    EXPECT_EQ(content("a"), "Hxxlo world");
    const auto loss = journal->cut();
    ASSERT_TRUE(loss);
    EXPECT_EQ(loss->files, 1u);
    EXPECT_EQ(loss->bytes, 9u);
    EXPECT_EQ(content("a"), "hello ");
    EXPECT_EQ(journal->unsyncedBytes(), 0u);
}

TEST_F(UnsyncedTest, AFileNeverSyncedIsGoneAndASyncedOneStays) {
    write("t-0/new", 0, "x");
    write("t-0/kept", 0, "y");
    flush("t-0/kept");
    ASSERT_TRUE(journal->cut());
    EXPECT_EQ(content("t-0/new"), std::nullopt);
    EXPECT_EQ(content("t-0/kept"), "y");
}

TEST_F(UnsyncedTest, PreallocatedRoomIsZeroAgain) {
    write("a", 0, "one", 4096);
    flush("a");
    write("a", 3, "two");
    ASSERT_TRUE(journal->cut());
    const auto text = content("a").value_or("");
    EXPECT_EQ(text.size(), 4096u);
    EXPECT_EQ(text.substr(0, 6), std::string("one\0\0\0", 6));
}

TEST_F(UnsyncedTest, ASyncCoversOnlyWhatWasWrittenBeforeItBegan) {
    write("a", 0, "one");
    const auto job = files.prepare(io::DiskFlush{0, "a"});
    ASSERT_TRUE(job);
    write("a", 3, "two");
    ASSERT_TRUE(job->run());
    files.flushed(*job);
    ASSERT_TRUE(journal->cut());
    EXPECT_EQ(content("a"), "one");
}

TEST_F(UnsyncedTest, RenamedReplacedAndRemovedFilesAreFollowed) {
    write("t-0/a", 0, "one");
    flush("t-0/a");
    write("t-0/a", 3, "two");
    ASSERT_TRUE(files.perform(io::DiskRename{0, "t-0", "t-0.deleted"}));
    write("b", 0, "gone");
    ASSERT_TRUE(files.perform(io::DiskRemove{0, "b"}));
    write("c", 0, "old");
    ASSERT_TRUE(files.perform(io::DiskReplace{0, "c", Bytes::copy("new")}));
    ASSERT_TRUE(journal->cut());
    EXPECT_EQ(content("t-0.deleted/a"), "one");
    EXPECT_EQ(content("b"), std::nullopt);
    EXPECT_EQ(content("c"), "new");
}

TEST_F(UnsyncedTest, MoreThanItMayKeepIsForgottenAsIfWrittenBack) {
    auto small = std::make_shared<UnsyncedJournal>(dir.path(), 10);
    DiskFiles own({.root = dir.path(), .unsynced = small});
    ASSERT_TRUE(own.perform(io::DiskWrite{0, "a", 0, Bytes::copy("12345678"), 0}));
    ASSERT_TRUE(own.perform(io::DiskFlush{0, "a"}));
    ASSERT_TRUE(own.perform(io::DiskWrite{0, "a", 0, Bytes::copy("abcdefgh"), 0}));
    ASSERT_TRUE(own.perform(io::DiskWrite{0, "b", 0, Bytes::copy("12345678"), 0}));
    ASSERT_TRUE(own.perform(io::DiskFlush{0, "b"}));
    ASSERT_TRUE(own.perform(io::DiskWrite{0, "b", 0, Bytes::copy("abcdefgh"), 0}));
    ASSERT_TRUE(small->cut());
    EXPECT_EQ(content("a"), "abcdefgh");
    EXPECT_EQ(content("b"), "12345678");
}

/// Random work against a model that keeps each file twice: as it is and as it was when last synced.
TEST_F(UnsyncedTest, RandomWorkLeavesExactlyWhatWasSynced) {
    Prng random(42);
    for (int round = 0; round < 200; ++round) {
        const auto path = "f" + std::to_string(round);
        std::string now, durable;
        bool named = false;
        for (std::uint64_t step = random.between(1, 30); step > 0; --step) {
            const auto kind = random.below(10);
            if (kind < 6 || now.empty()) {
                const auto offset = random.below(300);
                const std::string text(random.between(1, 100), static_cast<char>('a' + random.below(26)));
                write(path, offset, text);
                now.resize(std::max<std::size_t>(now.size(), offset + text.size()));
                now.replace(offset, text.size(), text);
            } else if (kind < 8) {
                flush(path);
                durable = now;
                named = true;
            } else {
                const auto size = random.below(now.size() + 1);
                ASSERT_TRUE(files.perform(io::DiskTruncate{0, path, size}));
                now.resize(size);
                durable.resize(std::min<std::size_t>(durable.size(), size));
            }
        }
        ASSERT_TRUE(journal->cut());
        ASSERT_EQ(content(path).value_or(""), named ? durable : "") << "round " << round;
    }
}

}  // namespace
}  // namespace odradek::real::test
