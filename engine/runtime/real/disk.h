// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "engine/io/ports.h"
#include "engine/runtime/real/disk_files.h"
#include "engine/runtime/real/flush_pool.h"

namespace odradek::real {

/// The effects a Disk performs.
using DiskEffect = std::variant<io::DiskWrite, io::DiskRead, io::DiskFlush, io::DiskTruncate, io::DiskReplace,
                                io::DiskRename, io::DiskRemove, io::DiskScrub>;

/// Names whoever submitted an effect, so that the completion finds its way back.
struct DiskOwner {
    std::uint64_t value = 0;
    bool operator==(const DiskOwner&) const = default;
};

/// One node's disk: performs effects in the order they were submitted, on one worker thread, except that
///  - a small write or a cached read is performed at once by the submitting thread when nothing else is under way
///    (no thread switch, which is what costs most without flushing); should the system make such a write wait, the
///    worker takes all of them for a while;
///  - a flush may be put off to a later flush of the same file when only writes, reads and flushes lie between
///    (group commit): completions keep their order, and what is durable at a completion is never less;
///  - the flushes of several files run side by side, and beside reads and writes that follow them; everything else
///    waits for them, and so do their completions;
///  - a scrub runs on a second thread; only effects on the same path wait for it.
/// Completions come in order: through `submit`'s result or in batches through the sink, never both at a time.
/// Lifecycle: threads start with the first effect that needs them; `stop` or the destructor ends them.
/// Thread: `submit` and `delivered` from any; the sink is called on the worker's.
class Disk {
public:
    struct Options {
        DiskFiles::Options files;
        std::size_t inlineBytesMax = 128u << 10;               ///< larger writes go to the worker; 0 = all do
        std::chrono::microseconds inlineTimeMax{20000};        ///< one longer inline write sends all to the worker …
        std::chrono::milliseconds inlinePause{1000};           ///< … for so long
        std::size_t flushThreads = 4;  ///< beside the worker; 0 = flushes run one after the other
    };
    struct Completion {
        DiskOwner owner;
        io::OpId op = 0;
        Result<Bytes> data;
    };
    using Sink = std::function<void(std::vector<Completion>&& done)>;

    Disk(Options options, Sink sink);
    ~Disk();
    Disk(const Disk&) = delete;
    Disk& operator=(const Disk&) = delete;

    /// Takes an effect over. When it could be performed at once, its completion is returned, else it comes through
    /// the sink. An effect without OpId yields a completion only when it fails (op 0, for the log).
    std::optional<Completion> submit(DiskOwner owner, DiskEffect&& effect);
    /// The receiver has handled `count` completions of the sink. Until then nothing is performed out of turn.
    void delivered(std::size_t count);

    /// Waits until all that was submitted is performed (not until it is delivered).
    void drain();
    /// Drops what is not begun yet and ends the threads, as a killed process would. Later effects are dropped.
    void stop();

    /// A point-in-time view for metrics.
    struct Stats {
        std::uint64_t performed = 0;
        std::uint64_t performedInline = 0;
        std::uint64_t flushes = 0;        ///< really done
        std::uint64_t flushesMerged = 0;  ///< answered by a later flush
        std::size_t queued = 0;
    };
    Stats stats() const;

    /// Test hook: called on the worker before each effect is performed; slows or fails a disk (`odradekd ctl disk`).
    void setInterposer(std::function<Result<void>(const DiskEffect&)> interposer);

private:
    struct Item {
        DiskOwner owner;
        io::OpId op = 0;
        DiskEffect effect;
        std::optional<Result<Bytes>> result;
        std::size_t flushWith = 0;  ///< index of the flush that answers this one; its own index otherwise
        bool isScrub = false;
        bool mayWait = true;  ///< a flush that a later one may answer
    };

    bool mayPerformInline(const DiskEffect& effect) const;
    std::optional<Completion> performInline(DiskOwner owner, DiskEffect& effect);
    Result<Bytes> perform(DiskFiles& files, const DiskEffect& effect);
    void work();
    void workScrubs();
    void performBatch(std::vector<Item>& batch);
    std::size_t planFlushes(std::vector<Item>& batch);
    void performFlush(std::vector<Item>& batch, std::size_t index);
    void startFlush(std::vector<Item>& batch, std::size_t index);
    void finishFlushes(std::vector<Item>& batch);
    void effectDone(std::vector<Item>& batch, std::size_t index, Result<Bytes> result);
    std::size_t deliver(std::vector<Item>& batch, std::size_t from);
    void handOver(std::vector<Completion>&& done);
    void handToScrubber(Item&& item);
    void awaitScrub(const DiskEffect& effect);
    bool isBeingScrubbed(const DiskEffect& effect) const;

    /// A flush under way beside the worker.
    struct RunningFlush {
        std::size_t index = 0;  ///< in the batch
        DiskFiles::Flush job;
        Result<Bytes> result;
    };

    const Options m_options;
    Sink m_sink;
    DiskFiles m_files;

    mutable std::mutex m_mutex;
    std::condition_variable m_wakeWorker;
    std::condition_variable m_wakeScrubber;
    std::condition_variable m_quiet;
    std::vector<Item> m_queue;
    std::deque<Item> m_scrubs;
    std::size_t m_outstanding = 0;   ///< queued, being performed, or not yet delivered
    std::size_t m_unperformed = 0;   ///< queued or being performed
    bool m_inlineRunning = false;
    bool m_stopping = false;
    std::chrono::steady_clock::time_point m_inlineFrom{};
    std::function<Result<void>(const DiskEffect&)> m_interposer;
    Stats m_stats;
    std::set<std::string> m_cut;         ///< the worker's: files truncated and not flushed since
    std::deque<RunningFlush> m_flushes;  ///< the worker's; results are the pool's until `finish`
    FlushPool m_flushPool;
    std::thread m_worker;
    std::thread m_scrubber;
};

/// The disk effect in an effect, or nothing when it is of another kind; moves it out.
std::optional<DiskEffect> takeDiskEffect(io::Effect& effect);

}  // namespace odradek::real
