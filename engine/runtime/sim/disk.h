// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/prng.h"
#include "engine/base/time.h"
#include "engine/io/ports.h"
#include "engine/runtime/sim/file.h"
#include "engine/runtime/sim/trace_hash.h"

namespace odradek::sim {

/// How long a disk takes; drawn uniformly from the ranges.
struct DiskTimes {
    std::int64_t opMinNs = 20'000;
    std::int64_t opMaxNs = 200'000;
    std::int64_t flushMinNs = 200'000;
    std::int64_t flushMaxNs = 3'000'000;
    std::int64_t perMiBNs = 1'000'000;
};

/// What is wrong with a disk at the moment.
struct DiskTrouble {
    bool full = false;               ///< whatever needs more room fails with NoSpace
    std::uint32_t readErrors = 0;    ///< per mille of the operations that fail with Io
    std::uint32_t writeErrors = 0;
    std::uint32_t flushErrors = 0;
    bool operator==(const DiskTrouble&) const = default;
};

/// A node's disk: performs io effects in the order and with the completions that io/ports.h
/// promises, and no more. Two lanes: the foreground is one FIFO; scrubs run in the background and
/// only hold back effects on their own path.
///
/// After `kill` performed effects stay, the one under way may have been done in part, queued ones
/// are lost. After `powerCut` only flushed bytes are sure. A deterministic, copyable value; copies
/// share pages.
class Disk final : public io::BootDisk {
public:
    enum Lane : std::uint8_t { Foreground, Background };
    struct Done {
        std::uint32_t actor = 0;
        io::OpId op = 0;
        Result<Bytes> data;
    };
    struct Accepted {
        Lane lane = Foreground;
        Instant at;  ///< when `complete` of that lane is due
    };

    Disk(std::uint64_t seed, DiskTimes times, bool losesPower)
        : m_random(seed), m_times(times), m_track(losesPower) {}

    static bool takes(const io::Effect& effect);
    /// Queues a disk effect of an actor.
    Accepted submit(Instant now, std::uint32_t actor, io::Effect effect);
    /// Performs the oldest effect of a lane.
    Done complete(Lane lane, TraceHash& trace);
    bool idle() const {
        return m_lanes[Foreground].queue.empty() && m_lanes[Background].queue.empty();
    }

    void kill();
    void powerCut();
    /// Takes so many times longer until told otherwise.
    void setSlowness(std::int64_t factor) { m_slowness = factor; }

    void setTrouble(DiskTrouble trouble) { m_trouble = trouble; }
    /// Everything is gone, as on a new disk.
    void wipe();
    /// Flips a bit of what is stored in a file whose path `mayRot`; says where, nothing when there is none.
    template <class MayRot>
    std::optional<std::string> rot(Prng& random, MayRot mayRot) {
        std::vector<std::string> paths;
        for (const auto& [path, file] : m_files)
            if (file.size() > 0 && mayRot(path))
                paths.push_back(path);
        if (paths.empty())
            return std::nullopt;
        const auto& path = paths[random.below(paths.size())];
        const auto at = m_files[path].flipBit(random);
        return path + " at byte " + std::to_string(at);
    }
    /// The next write of records to a file under `folder` is said to be done and is not (`elsewhere` false), or
    /// goes to another place of that file.
    void misplaceNextWrite(std::string folder, bool elsewhere) {
        m_misplace = {std::move(folder), elsewhere};
    }
    bool misplacing() const { return m_misplace.has_value(); }
    void stopMisplacing() { m_misplace.reset(); }

    Result<std::vector<Entry>> list(const std::string& folder) override;
    Result<Bytes> read(const std::string& path, std::uint64_t offset, std::uint64_t size) override;
    /// Puts a file there behind everybody's back (formatting).
    void put(const std::string& path, ByteSpan content);

private:
    struct Queued {
        std::uint32_t actor = 0;
        io::Effect effect;
    };
    struct LaneState {
        std::deque<Queued> queue;
        Instant freeAt;
    };

    std::int64_t duration(const io::Effect& effect);
    Result<Bytes> perform(const io::Effect& effect);
    Result<Bytes> apply(const io::DiskWrite& write);
    Result<Bytes> apply(const io::DiskRead& read);
    Result<Bytes> apply(const io::DiskFlush& flush);
    Result<Bytes> apply(const io::DiskTruncate& truncate);
    Result<Bytes> apply(const io::DiskReplace& replace);
    Result<Bytes> apply(const io::DiskRename& rename);
    Result<Bytes> apply(const io::DiskRemove& remove);
    Result<Bytes> scrub(const io::DiskScrub& scrub, std::uint64_t budget);
    void performPart(LaneState& lane);
    void trace(const io::Effect& effect, TraceHash& hash) const;

    struct Misplace {
        std::string folder;
        bool elsewhere = false;
    };
    Result<void> mayPerform(const io::Effect& effect);

    Prng m_random;
    DiskTimes m_times;
    DiskTrouble m_trouble;
    std::optional<Misplace> m_misplace;
    bool m_track;
    std::int64_t m_slowness = 1;
    std::map<std::string, File> m_files;
    std::array<LaneState, 2> m_lanes;
    std::map<std::string, Instant> m_scrubbing;  ///< path: when its last scrub ends
};

}  // namespace odradek::sim
