// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/real/frame_reader.h"

#include <gtest/gtest.h>

#include "engine/base/prng.h"

namespace odradek::real {
namespace {

/// Feeds bytes in chunks as a socket would: into the prepared areas, in order.
class Feeder {
public:
    explicit Feeder(std::size_t limit = 100u << 20) : reader(pool, limit), scratch(4096) {}

    Result<void> feed(std::string_view bytes, std::size_t chunkMax = SIZE_MAX) {
        while (!bytes.empty()) {
            std::array<iovec, 2> areas;
            const auto count = reader.prepare(scratch, areas);
            std::size_t took = 0;
            for (std::size_t i = 0; i < count; ++i) {
                const auto part = std::min({areas[i].iov_len, bytes.size(), chunkMax - took});
                std::memcpy(areas[i].iov_base, bytes.data(), part);
                bytes.remove_prefix(part);
                took += part;
            }
            if (auto cut = reader.commit(took, scratch, frames); !cut)
                return cut;
            heldMax = std::max(heldMax, reader.heldBytes());
        }
        return {};
    }

    BufferPool pool;
    FrameReader reader;
    std::vector<std::uint8_t> scratch;
    std::vector<Bytes> frames;
    std::size_t heldMax = 0;
};

std::string framed(std::string_view body) {
    std::string frame(4, '\0');
    for (int i = 0; i < 4; ++i)
        frame[static_cast<std::size_t>(i)] = static_cast<char>(body.size() >> (24 - 8 * i));
    return frame.append(body);
}

TEST(FrameReader, CutsAnyChunkingIntoTheSameFrames) {
    Prng random(7);
    std::vector<std::string> bodies{"", "a", std::string(3, 'b'), std::string(4092, 'c'), std::string(4096, 'd'),
                                    std::string(70'000, 'e'), "", std::string(300'000, 'f'), "end"};
    std::string stream;
    for (auto& body : bodies) {
        for (auto& c : body)
            c = static_cast<char>(random.next());
        stream += framed(body);
    }
    for (std::size_t chunk : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{5}, std::size_t{1000},
                              std::size_t{4096}, std::size_t{65'536}, SIZE_MAX}) {
        Feeder feeder;
        ASSERT_TRUE(feeder.feed(stream, chunk));
        ASSERT_EQ(feeder.frames.size(), bodies.size()) << "chunk " << chunk;
        for (std::size_t i = 0; i < bodies.size(); ++i)
            EXPECT_EQ(feeder.frames[i].view(), bodies[i]) << "chunk " << chunk << " frame " << i;
        EXPECT_EQ(feeder.reader.pendingBytes(), 0u);
        EXPECT_EQ(feeder.reader.heldBytes(), 0u) << "an idle connection holds no buffer";
    }
}

TEST(FrameReader, LargeFramesInARowAreReadInPlaceAndSmallOnesDoNotPinThem) {
    const std::string large(65'700, 'L');
    std::string stream;
    for (int i = 0; i < 3; ++i)
        stream += framed(large);
    stream += framed("small") + framed(std::string(20'000, 'm')) + framed(std::string(90'000, 'n'));
    for (std::size_t chunk : {std::size_t{1}, std::size_t{3}, std::size_t{4}, std::size_t{5}, std::size_t{5000},
                              std::size_t{65'704}, SIZE_MAX}) {
        Feeder feeder;
        ASSERT_TRUE(feeder.feed(stream, chunk));
        ASSERT_EQ(feeder.frames.size(), 6u) << "chunk " << chunk;
        for (int i = 0; i < 3; ++i)
            EXPECT_EQ(feeder.frames[static_cast<std::size_t>(i)].view(), large);
        EXPECT_EQ(feeder.frames[3].view(), "small");
        EXPECT_EQ(feeder.frames[4].size(), 20'000u);
        EXPECT_EQ(feeder.frames[5].view(), std::string(90'000, 'n'));
        EXPECT_EQ(feeder.reader.heldBytes(), 0u);
    }
    Feeder feeder;
    ASSERT_TRUE(feeder.feed(framed(large)));
    std::array<iovec, 2> areas;
    ASSERT_EQ(feeder.reader.prepare(feeder.scratch, areas), 2u);
    EXPECT_EQ(areas[0].iov_len, 4u);
    EXPECT_EQ(areas[1].iov_len, large.size()) << "the whole next frame";
    feeder.reader.release();
    EXPECT_EQ(feeder.reader.heldBytes(), 0u);
}

TEST(FrameReader, CommitsMemoryOnlyAsBytesArrive) {
    Feeder feeder;
    ASSERT_TRUE(feeder.feed(std::string("\x06\x00\x00\x00", 4) + "x"));  // announces 96 MiB
    EXPECT_LE(feeder.reader.heldBytes(), 4096u);
    std::size_t sent = 1;
    const std::string chunk(1000, 'y');
    while (sent < 3'000'000) {
        ASSERT_TRUE(feeder.feed(chunk));
        sent += chunk.size();
        // The pool hands out powers of two, so twice the double is the most.
        ASSERT_LE(feeder.reader.heldBytes(), 4096 + 4 * sent) << "after " << sent;
    }
    EXPECT_TRUE(feeder.frames.empty());
}

TEST(FrameReader, LendsAProvenSizeAtOnce) {
    Feeder feeder;
    const auto big = framed(std::string(1u << 20, 'x'));
    ASSERT_TRUE(feeder.feed(big, 65'536));
    ASSERT_TRUE(feeder.feed(big.substr(0, 100)));
    EXPECT_EQ(feeder.reader.heldBytes(), 1u << 20);
    feeder.frames.clear();
    ASSERT_TRUE(feeder.feed(big.substr(100), 65'536));
    ASSERT_EQ(feeder.frames.size(), 1u);
    EXPECT_EQ(feeder.frames[0].size(), 1u << 20);
}

TEST(FrameReader, SmallFramesDoNotPinTheScratchArea) {
    Feeder feeder;
    ASSERT_TRUE(feeder.feed(framed("one") + framed("two")));
    ASSERT_EQ(feeder.frames.size(), 2u);
    std::fill(feeder.scratch.begin(), feeder.scratch.end(), std::uint8_t{0xEE});
    EXPECT_EQ(feeder.frames[0].view(), "one");
    EXPECT_EQ(feeder.frames[1].view(), "two");
}

TEST(FrameReader, RefusesLengthsThatAreNone) {
    const auto refusal = [](std::string_view bytes, std::size_t limit = 100u << 20) {
        Feeder feeder(limit);
        auto cut = feeder.feed(bytes);
        return cut ? std::string("taken") : cut.error().message;
    };
    EXPECT_NE(refusal("GET / HTTP/1.1\r\n").find("HTTP"), std::string::npos);
    EXPECT_NE(refusal("POST /x HTTP/1.1\r\n").find("HTTP"), std::string::npos);
    EXPECT_NE(refusal("HEAD").find("HTTP"), std::string::npos);
    EXPECT_NE(refusal("PUT /").find("HTTP"), std::string::npos);
    EXPECT_NE(refusal("\xff\xff\xff\xff").find("negative"), std::string::npos);
    EXPECT_NE(refusal("\x80\x01\x02\x03").find("negative"), std::string::npos);
    EXPECT_NE(refusal(std::string_view("\x06\x40\x00\x01", 4)).find("socket.request.max.bytes"), std::string::npos);
    EXPECT_EQ(refusal(std::string_view("\x06\x40\x00\x00", 4)), "taken") << "exactly the limit is allowed";
    EXPECT_NE(refusal(std::string_view("\x00\x00\x00\x0b", 4), 10).find("above"), std::string::npos);
}

TEST(FrameReader, RefusesABadLengthThatComesByteByByteAfterGoodFrames) {
    Feeder feeder;
    auto cut = feeder.feed(framed("fine") + "GET /", 1);
    EXPECT_FALSE(cut);
    ASSERT_EQ(feeder.frames.size(), 1u);
    EXPECT_EQ(feeder.frames[0].view(), "fine");
}

TEST(BufferPool, ReusesAndBoundsWhatLiesIdle) {
    BufferPool pool(1u << 20);
    const std::uint8_t* first = nullptr;
    {
        auto buffer = pool.take(100'000);
        EXPECT_EQ(buffer.capacity, 131'072u);
        first = buffer.data.get();
        auto bytes = buffer.bytes(10);
        buffer = {};
        EXPECT_EQ(pool.idleBytes(), 0u) << "a Bytes keeps its buffer out of the pool";
        EXPECT_EQ(bytes.size(), 10u);
    }
    EXPECT_EQ(pool.idleBytes(), 131'072u);
    EXPECT_EQ(pool.take(131'072).data.get(), first);
    {
        std::vector<BufferPool::Buffer> many;
        for (int i = 0; i < 20; ++i)
            many.push_back(pool.take(131'072));
    }
    EXPECT_EQ(pool.idleBytes(), 1u << 20);
    pool.trim();
    EXPECT_EQ(pool.idleBytes(), 0u);
    EXPECT_EQ(pool.take(20u << 20).capacity, 20u << 20) << "too large to keep, still given";
}

TEST(BufferPool, FlattensChains) {
    BufferPool pool;
    Chain chain;
    EXPECT_EQ(pool.flatten(chain).size(), 0u);
    const auto one = Bytes::copy("abc");
    chain.append(one);
    EXPECT_EQ(pool.flatten(chain).data(), one.data()) << "one slice is shared, not copied";
    chain.append(Bytes::copy("defg"));
    EXPECT_EQ(pool.flatten(chain).view(), "abcdefg");
}

}  // namespace
}  // namespace odradek::real
