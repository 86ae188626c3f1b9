// SPDX-License-Identifier: GPL-3.0-or-later
#include <lz4frame.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "engine/protocol/codec/record_batch.h"

namespace odradek::protocol {
namespace {

using Buffer = std::vector<std::uint8_t>;

std::unexpected<Error> tooLarge(std::size_t maxBytes) {
    return fail(ErrorCode::Invalid,
                "records decompress to more than " + std::to_string(maxBytes) + " bytes");
}
std::unexpected<Error> broken(std::string_view codec, std::string_view why) {
    return fail(ErrorCode::Invalid, std::string(codec) + " data is broken: " + std::string(why));
}

/// Output that grows while it is inflated and never past the cap: a small bomb costs no more than
/// the cap, and a short answer no more than twice itself.
class Output {
public:
    Output(std::size_t inputBytes, std::size_t maxBytes) : m_max(maxBytes) {
        m_buffer.resize(std::min(maxBytes, std::max<std::size_t>(1024, inputBytes * 3)));
    }
    std::uint8_t* at() { return m_buffer.data() + m_used; }
    std::size_t room() const { return m_buffer.size() - m_used; }
    void used(std::size_t count) { m_used += count; }
    /// Makes room; false when the cap is reached.
    bool grow() {
        if (m_buffer.size() >= m_max)
            return false;
        m_buffer.resize(std::min(m_max, m_buffer.size() * 2));
        return true;
    }
    Buffer finish() {
        m_buffer.resize(m_used);
        return std::move(m_buffer);
    }

private:
    Buffer m_buffer;
    std::size_t m_used = 0;
    std::size_t m_max;
};

Result<Buffer> gunzip(ByteSpan data, std::size_t maxBytes) {
    z_stream z{};
    if (inflateInit2(&z, 15 + 16) != Z_OK)
        return fail(ErrorCode::Io, "zlib does not start");
    const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&z, inflateEnd);
    Output out(data.size(), maxBytes);
    z.next_in = const_cast<Bytef*>(data.data());
    z.avail_in = static_cast<uInt>(data.size());
    while (true) {
        std::uint8_t overflow =
            0;  // when the cap is reached, one byte more proves that it does not fit
        const bool full = out.room() == 0 && !out.grow();
        const std::size_t room = full ? 1 : std::min<std::size_t>(out.room(), 1u << 30);
        z.next_out = full ? &overflow : out.at();
        z.avail_out = static_cast<uInt>(room);
        const int state = inflate(&z, Z_NO_FLUSH);
        const std::size_t produced = room - z.avail_out;
        if (full && produced > 0)
            return tooLarge(maxBytes);
        if (!full)
            out.used(produced);
        if (state == Z_STREAM_END) {
            if (z.avail_in == 0)
                return out.finish();
            if (inflateReset(&z) != Z_OK)  // gzip allows members one after the other
                return broken("gzip", "bad second member");
        } else if (state != Z_OK) {
            return broken("gzip", z.avail_in == 0 ? "it ends too early" : "bad stream");
        }
    }
}

Result<Buffer> gzip(ByteSpan data) {
    z_stream z{};
    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return fail(ErrorCode::Io, "zlib does not start");
    const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&z, deflateEnd);
    Buffer out(deflateBound(&z, static_cast<uLong>(data.size())));
    z.next_in = const_cast<Bytef*>(data.data());
    z.avail_in = static_cast<uInt>(data.size());
    z.next_out = out.data();
    z.avail_out = static_cast<uInt>(out.size());
    if (deflate(&z, Z_FINISH) != Z_STREAM_END)
        return fail(ErrorCode::Io, "zlib does not finish");
    out.resize(out.size() - z.avail_out);
    return out;
}

// The framing of snappy-java (xerial): magic, version, oldest compatible version, then blocks of
// int32 length and raw snappy. librdkafka writes raw snappy; brokers see both.
constexpr std::array<std::uint8_t, 16> kXerialHeader{0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0,
                                                     0,    0,   0,   1,   0,   0,   0,   1};
constexpr std::size_t kXerialMagic = 8;
constexpr std::size_t kXerialBlock = 32 * 1024;

/// Appends one raw snappy block.
Result<void> unsnapBlock(ByteSpan data, Buffer& out, std::size_t maxBytes) {
    const auto* text = reinterpret_cast<const char*>(data.data());
    std::size_t length = 0;
    if (!snappy::GetUncompressedLength(text, data.size(), &length))
        return broken("snappy", "no length");
    if (length > maxBytes - out.size())
        return tooLarge(maxBytes);
    // The densest element makes 64 bytes of 3: a larger promise cannot be kept, so it gets no
    // memory.
    if (length > data.size() * 22)
        return broken("snappy", "it promises more than it can hold");
    const auto at = out.size();
    out.resize(at + length);
    if (!snappy::RawUncompress(text, data.size(), reinterpret_cast<char*>(out.data() + at)))
        return broken("snappy", "bad block");
    return {};
}

Result<Buffer> unsnap(ByteSpan data, std::size_t maxBytes) {
    Buffer out;
    if (data.size() < kXerialMagic ||
        std::memcmp(data.data(), kXerialHeader.data(), kXerialMagic) != 0) {
        TRY_OK(unsnapBlock(data, out, maxBytes));
        return out;
    }
    if (data.size() < kXerialHeader.size())
        return broken("snappy", "its header ends too early");
    for (data = data.subspan(kXerialHeader.size()); !data.empty();) {
        if (data.size() < 4)
            return broken("snappy", "a block ends too early");
        const std::uint32_t length = (std::uint32_t{data[0]} << 24) |
                                     (std::uint32_t{data[1]} << 16) |
                                     (std::uint32_t{data[2]} << 8) | data[3];
        data = data.subspan(4);
        if (length > data.size())
            return broken("snappy", "a block ends too early");
        TRY_OK(unsnapBlock(data.first(length), out, maxBytes));
        data = data.subspan(length);
    }
    return out;
}

Buffer snap(ByteSpan data) {
    Buffer out(kXerialHeader.begin(), kXerialHeader.end());
    do {
        const auto block = data.first(std::min(kXerialBlock, data.size()));
        const auto at = out.size();
        out.resize(at + 4 + snappy::MaxCompressedLength(block.size()));
        std::size_t length = 0;
        snappy::RawCompress(reinterpret_cast<const char*>(block.data()), block.size(),
                            reinterpret_cast<char*>(out.data() + at + 4), &length);
        for (std::size_t i = 0; i < 4; ++i)
            out[at + i] = static_cast<std::uint8_t>(length >> (24 - 8 * i));
        out.resize(at + 4 + length);
        data = data.subspan(block.size());
    } while (!data.empty());
    return out;
}

Result<Buffer> unlz4(ByteSpan data, std::size_t maxBytes) {
    LZ4F_dctx* raw = nullptr;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&raw, LZ4F_VERSION)))
        return fail(ErrorCode::Io, "lz4 does not start");
    const std::unique_ptr<LZ4F_dctx, LZ4F_errorCode_t (*)(LZ4F_dctx*)> guard(
        raw, LZ4F_freeDecompressionContext);
    Output out(data.size(), maxBytes);
    std::size_t wanted = 1;
    while (true) {
        std::uint8_t overflow = 0;
        const bool full = out.room() == 0 && !out.grow();
        std::size_t produced = full ? 1 : out.room();
        std::size_t consumed = data.size();
        wanted = LZ4F_decompress(raw, full ? &overflow : out.at(), &produced, data.data(),
                                 &consumed, nullptr);
        if (LZ4F_isError(wanted))
            return broken("lz4", LZ4F_getErrorName(wanted));
        if (full && produced > 0)
            return tooLarge(maxBytes);
        if (!full)
            out.used(produced);
        data = data.subspan(consumed);
        if (wanted == 0)
            break;
        if (data.empty() && produced == 0)
            return broken("lz4", "it ends too early");
    }
    if (!data.empty())
        return broken("lz4", "bytes after its end");
    return out.finish();
}

Result<Buffer> lz4(ByteSpan data) {
    LZ4F_preferences_t preferences{};
    preferences.frameInfo.blockMode = LZ4F_blockIndependent;  // Kafka's Java reader takes no other
    preferences.frameInfo.blockSizeID = LZ4F_max64KB;
    Buffer out(LZ4F_compressFrameBound(data.size(), &preferences));
    const auto length =
        LZ4F_compressFrame(out.data(), out.size(), data.data(), data.size(), &preferences);
    if (LZ4F_isError(length))
        return fail(ErrorCode::Io, std::string("lz4: ") + LZ4F_getErrorName(length));
    out.resize(length);
    return out;
}

Result<Buffer> unzstd(ByteSpan data, std::size_t maxBytes) {
    const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                          ZSTD_freeDCtx);
    if (!context)
        return fail(ErrorCode::Io, "zstd does not start");
    Output out(data.size(), maxBytes);
    ZSTD_inBuffer in{data.data(), data.size(), 0};
    while (true) {
        std::uint8_t overflow = 0;
        const bool full = out.room() == 0 && !out.grow();
        ZSTD_outBuffer to{full ? &overflow : out.at(), full ? 1 : out.room(), 0};
        const auto wanted = ZSTD_decompressStream(context.get(), &to, &in);
        if (ZSTD_isError(wanted))
            return broken("zstd", ZSTD_getErrorName(wanted));
        if (full && to.pos > 0)
            return tooLarge(maxBytes);
        if (!full)
            out.used(to.pos);
        if (wanted == 0 && in.pos == in.size)
            return out.finish();
        if (in.pos == in.size && to.pos == 0)
            return broken("zstd", "it ends too early");
    }
}

Result<Buffer> zstd(ByteSpan data) {
    Buffer out(ZSTD_compressBound(data.size()));
    const auto length =
        ZSTD_compress(out.data(), out.size(), data.data(), data.size(), ZSTD_CLEVEL_DEFAULT);
    if (ZSTD_isError(length))
        return fail(ErrorCode::Io, std::string("zstd: ") + ZSTD_getErrorName(length));
    out.resize(length);
    return out;
}

}  // namespace

Result<std::vector<std::uint8_t>> decompress(Compression codec, ByteSpan data,
                                             std::size_t maxBytes) {
    switch (codec) {
        case Compression::None:
            if (data.size() > maxBytes)
                return tooLarge(maxBytes);
            return Buffer(data.begin(), data.end());
        case Compression::Gzip:
            return gunzip(data, maxBytes);
        case Compression::Snappy:
            return unsnap(data, maxBytes);
        case Compression::Lz4:
            return unlz4(data, maxBytes);
        case Compression::Zstd:
            return unzstd(data, maxBytes);
    }
    return fail(ErrorCode::Unsupported,
                "unknown compression " + std::to_string(static_cast<int>(codec)));
}

Result<std::vector<std::uint8_t>> compress(Compression codec, ByteSpan data) {
    switch (codec) {
        case Compression::None:
            return Buffer(data.begin(), data.end());
        case Compression::Gzip:
            return gzip(data);
        case Compression::Snappy:
            return snap(data);
        case Compression::Lz4:
            return lz4(data);
        case Compression::Zstd:
            return zstd(data);
    }
    return fail(ErrorCode::Unsupported,
                "unknown compression " + std::to_string(static_cast<int>(codec)));
}

}  // namespace odradek::protocol
