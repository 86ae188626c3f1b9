// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/real/disk.h"

#include <map>

#include <pthread.h>

#include "engine/base/check.h"

namespace odradek::real {
namespace {

template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};

io::OpId opOf(const DiskEffect& effect) {
    return std::visit([](const auto& e) { return e.op; }, effect);
}

bool touches(const DiskEffect& effect, const std::string& path) {
    const auto covers = [&](const std::string& other) {
        return other == path || (path.size() > other.size() && path.starts_with(other) && path[other.size()] == '/');
    };
    return std::visit(Overloaded{[&](const io::DiskRename& e) { return covers(e.from) || covers(e.to); },
                                 [&](const auto& e) { return covers(e.path); }},
                      effect);
}

const std::string& pathOf(const DiskEffect& effect) {
    return std::visit(Overloaded{[](const io::DiskRename& e) -> const std::string& { return e.from; },
                                 [](const auto& e) -> const std::string& { return e.path; }},
                      effect);
}

template <class Fn>
std::thread startThread(const char* name, Fn fn) {
    return std::thread([name, fn = std::move(fn)] {
        ::pthread_setname_np(::pthread_self(), name);
        fn();
    });
}

/// Whether the effect may be performed while flushes that were asked for before it are still under way.
bool staysBesideFlushes(const DiskEffect& effect) {
    return std::holds_alternative<io::DiskWrite>(effect) || std::holds_alternative<io::DiskRead>(effect) ||
           std::holds_alternative<io::DiskFlush>(effect);
}

/// Whether the effect may take a device's time even when all is cached.
bool isSlow(const DiskEffect& effect) {
    return !std::holds_alternative<io::DiskWrite>(effect);
}

}  // namespace

std::optional<DiskEffect> takeDiskEffect(io::Effect& effect) {
    return std::visit(
        [](auto& e) -> std::optional<DiskEffect> {
            if constexpr (std::is_constructible_v<DiskEffect, decltype(e)>)
                return DiskEffect(std::move(e));
            else
                return std::nullopt;
        },
        effect);
}

Disk::Disk(Options options, Sink sink)
    : m_options(std::move(options)), m_sink(std::move(sink)), m_files(m_options.files),
      m_flushPool(m_options.flushThreads) {}

Disk::~Disk() {
    stop();
}

std::optional<Disk::Completion> Disk::submit(DiskOwner owner, DiskEffect&& effect) {
    std::unique_lock lock(m_mutex);
    if (m_stopping)
        return std::nullopt;
    if (m_outstanding == 0 && mayPerformInline(effect)) {
        m_outstanding = m_unperformed = 1;
        m_inlineRunning = true;
        lock.unlock();
        auto done = performInline(owner, effect);
        lock.lock();
        m_inlineRunning = false;
        if (done) {
            --m_outstanding;
            --m_unperformed;
            ++m_stats.performed;
            ++m_stats.performedInline;
            if (!m_queue.empty())
                m_wakeWorker.notify_one();
            if (m_unperformed == 0)
                m_quiet.notify_all();
            return done->op != 0 || !done->data ? std::move(done) : std::nullopt;
        }
        // A read that is not cached: it was first, so it stays first.
        m_queue.insert(m_queue.begin(), Item{owner, opOf(effect), std::move(effect), std::nullopt, 0, false});
    } else {
        ++m_outstanding;
        ++m_unperformed;
        m_queue.push_back(Item{owner, opOf(effect), std::move(effect), std::nullopt, 0, false});
    }
    if (!m_worker.joinable())
        m_worker = startThread("odradek-disk", [this] { work(); });
    m_wakeWorker.notify_one();
    return std::nullopt;
}

bool Disk::mayPerformInline(const DiskEffect& effect) const {
    if (m_interposer || m_options.inlineBytesMax == 0 || isBeingScrubbed(effect))
        return false;
    if (const auto* write = std::get_if<io::DiskWrite>(&effect))
        return write->data.size() <= m_options.inlineBytesMax && std::chrono::steady_clock::now() >= m_inlineFrom;
    if (const auto* read = std::get_if<io::DiskRead>(&effect))
        return read->size <= m_options.inlineBytesMax;
    return std::holds_alternative<io::DiskFlush>(effect) && !m_options.files.syncs;
}

std::optional<Disk::Completion> Disk::performInline(DiskOwner owner, DiskEffect& effect) {
    if (const auto* read = std::get_if<io::DiskRead>(&effect)) {
        auto data = m_files.readCached(*read);
        if (!data)
            return std::nullopt;
        return Completion{owner, read->op, std::move(*data)};
    }
    const auto begin = std::chrono::steady_clock::now();
    Completion done{owner, opOf(effect), perform(m_files, effect)};
    const auto end = std::chrono::steady_clock::now();
    if (end - begin > m_options.inlineTimeMax) {
        std::lock_guard lock(m_mutex);
        m_inlineFrom = end + m_options.inlinePause;
    }
    return done;
}

Result<Bytes> Disk::perform(DiskFiles& files, const DiskEffect& effect) {
    return std::visit([&](const auto& e) { return files.perform(e); }, effect);
}

void Disk::delivered(std::size_t count) {
    std::lock_guard lock(m_mutex);
    ODRADEK_CHECK(count <= m_outstanding, "no more completions are delivered than were owed");
    m_outstanding -= count;
}

void Disk::drain() {
    std::unique_lock lock(m_mutex);
    m_quiet.wait(lock, [&] { return m_stopping || m_unperformed == 0; });
}

void Disk::stop() {
    {
        std::lock_guard lock(m_mutex);
        m_stopping = true;
        m_queue.clear();
        m_scrubs.clear();
    }
    m_wakeWorker.notify_all();
    m_wakeScrubber.notify_all();
    m_quiet.notify_all();
    if (m_worker.joinable())
        m_worker.join();
    if (m_scrubber.joinable())
        m_scrubber.join();
}

Disk::Stats Disk::stats() const {
    std::lock_guard lock(m_mutex);
    auto copy = m_stats;
    copy.queued = m_queue.size() + m_scrubs.size();
    return copy;
}

void Disk::setInterposer(std::function<Result<void>(const DiskEffect&)> interposer) {
    std::lock_guard lock(m_mutex);
    m_interposer = std::move(interposer);
}

void Disk::work() {
    std::vector<Item> batch;
    for (;;) {
        {
            std::unique_lock lock(m_mutex);
            m_wakeWorker.wait(lock, [&] { return m_stopping || (!m_queue.empty() && !m_inlineRunning); });
            if (m_stopping)
                return;
            batch.swap(m_queue);
        }
        performBatch(batch);
        batch.clear();
    }
}

void Disk::performBatch(std::vector<Item>& batch) {
    const bool sideBySide = planFlushes(batch) > 1 && m_options.flushThreads > 0;
    std::size_t undelivered = 0;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        auto& item = batch[i];
        std::function<Result<void>(const DiskEffect&)> interposer;
        bool stopping = false;
        {
            std::lock_guard lock(m_mutex);
            stopping = m_stopping;
            interposer = m_interposer;
        }
        if (stopping) {
            finishFlushes(batch);
            return;
        }
        if (item.flushWith > i)
            continue;
        if (isSlow(item.effect) || interposer)
            undelivered = deliver(batch, undelivered);
        awaitScrub(item.effect);
        if (!staysBesideFlushes(item.effect) || !item.mayWait)
            finishFlushes(batch);
        if (interposer) {
            if (auto allowed = interposer(item.effect); !allowed) {
                effectDone(batch, i, std::unexpected(allowed.error()));
                continue;
            }
        }
        if (std::holds_alternative<io::DiskScrub>(item.effect)) {
            item.isScrub = true;
            handToScrubber(Item(item));
        } else if (std::holds_alternative<io::DiskFlush>(item.effect)) {
            if (sideBySide && item.mayWait)
                startFlush(batch, i);
            else
                performFlush(batch, i);
        } else {
            item.result = perform(m_files, item.effect);
        }
    }
    finishFlushes(batch);
    deliver(batch, undelivered);
}

/// A flush is answered by the last later flush of the same file that only writes, reads and flushes separate from it.
/// Not the flush of a cut: what is written behind a cut must not be there before the cut is durable, or a power cut
/// could leave old batches behind a new one. Returns how many flushes are left to do.
std::size_t Disk::planFlushes(std::vector<Item>& batch) {
    std::map<std::string_view, std::size_t> later;
    for (auto& item : batch) {
        item.mayWait = true;
        if (const auto* truncate = std::get_if<io::DiskTruncate>(&item.effect))
            m_cut.insert(truncate->path);
        else if (m_cut.empty())
            continue;
        else if (const auto* flush = std::get_if<io::DiskFlush>(&item.effect))
            item.mayWait = m_cut.erase(flush->path) == 0;
        else if (const auto* rename = std::get_if<io::DiskRename>(&item.effect))
            m_cut.erase(rename->from);
    }
    std::size_t left = 0;
    for (std::size_t i = batch.size(); i-- > 0;) {
        auto& item = batch[i];
        item.flushWith = i;
        if (const auto* flush = std::get_if<io::DiskFlush>(&item.effect)) {
            if (item.mayWait)
                item.flushWith = later.try_emplace(flush->path, i).first->second;
            else
                later[flush->path] = i;
            left += item.flushWith == i;
        } else if (!staysBesideFlushes(item.effect)) {
            later.clear();
        }
    }
    return left;
}

void Disk::performFlush(std::vector<Item>& batch, std::size_t index) {
    effectDone(batch, index, perform(m_files, batch[index].effect));
}

void Disk::startFlush(std::vector<Item>& batch, std::size_t index) {
    auto job = m_files.prepare(std::get<io::DiskFlush>(batch[index].effect));
    if (!job) {
        effectDone(batch, index, std::unexpected(job.error()));
        return;
    }
    auto& running = m_flushes.emplace_back(RunningFlush{index, std::move(*job), Bytes()});
    m_flushPool.submit([&running] { running.result = running.job.run(); });
}

void Disk::finishFlushes(std::vector<Item>& batch) {
    if (m_flushes.empty())
        return;
    m_flushPool.finish();
    for (auto& flush : m_flushes) {
        if (flush.result)
            m_files.flushed(flush.job);
        effectDone(batch, flush.index, std::move(flush.result));
    }
    m_flushes.clear();
}

/// The result of an effect of the batch; a flush brings it to those that waited for it.
void Disk::effectDone(std::vector<Item>& batch, std::size_t index, Result<Bytes> result) {
    if (!std::holds_alternative<io::DiskFlush>(batch[index].effect)) {
        batch[index].result = std::move(result);
        return;
    }
    std::size_t merged = 0;
    for (std::size_t i = 0; i < index; ++i) {
        if (batch[i].flushWith == index && !batch[i].result &&
            std::holds_alternative<io::DiskFlush>(batch[i].effect)) {
            batch[i].result = result;
            ++merged;
        }
    }
    batch[index].result = std::move(result);
    std::lock_guard lock(m_mutex);
    ++m_stats.flushes;
    m_stats.flushesMerged += merged;
}

/// Hands on the completions of the finished front of the batch, from index `from`; returns where it stopped.
std::size_t Disk::deliver(std::vector<Item>& batch, std::size_t from) {
    std::vector<Completion> done;
    std::size_t silent = 0;
    std::size_t finished = 0;
    for (; from < batch.size(); ++from) {
        auto& item = batch[from];
        if (item.isScrub)
            continue;  // its own thread answers for it
        if (!item.result)
            break;
        ++finished;
        if (item.op == 0 && *item.result)
            ++silent;
        else
            done.push_back({item.owner, item.op, std::move(*item.result)});
    }
    {
        std::lock_guard lock(m_mutex);
        m_unperformed -= finished;
        m_outstanding -= silent;
        m_stats.performed += finished;
        if (m_unperformed == 0)
            m_quiet.notify_all();
    }
    handOver(std::move(done));
    return from;
}

void Disk::handOver(std::vector<Completion>&& done) {
    if (!done.empty())
        m_sink(std::move(done));
}

void Disk::handToScrubber(Item&& item) {
    std::lock_guard lock(m_mutex);
    --m_outstanding;  // it keeps nothing else from being performed at once
    m_scrubs.push_back(std::move(item));
    if (!m_scrubber.joinable())
        m_scrubber = startThread("odradek-scrub", [this] { workScrubs(); });
    m_wakeScrubber.notify_one();
}

void Disk::awaitScrub(const DiskEffect& effect) {
    if (std::holds_alternative<io::DiskScrub>(effect))
        return;  // scrubs queue up behind each other
    std::unique_lock lock(m_mutex);
    m_quiet.wait(lock, [&] { return m_stopping || !isBeingScrubbed(effect); });
}

bool Disk::isBeingScrubbed(const DiskEffect& effect) const {
    for (const auto& scrub : m_scrubs)
        if (touches(effect, pathOf(scrub.effect)))
            return true;
    return false;
}

void Disk::workScrubs() {
    // A descriptor cache of its own, and no more than one file in it: the other one belongs to the worker.
    auto options = m_options.files;
    options.openMax = 1;
    for (;;) {
        Item item;
        {
            std::unique_lock lock(m_mutex);
            m_wakeScrubber.wait(lock, [&] { return m_stopping || !m_scrubs.empty(); });
            if (m_stopping)
                return;
            item = m_scrubs.front();  // stays in the list until it is done: others look there for its path
        }
        std::vector<Completion> done;
        {
            DiskFiles files(options);
            auto result = perform(files, item.effect);
            if (item.op != 0 || !result)
                done.push_back({item.owner, item.op, std::move(result)});
        }
        {
            std::lock_guard lock(m_mutex);
            if (m_stopping)
                return;
            m_scrubs.pop_front();
            --m_unperformed;
            ++m_stats.performed;
            m_outstanding += done.size();
            m_quiet.notify_all();
        }
        handOver(std::move(done));
    }
}

}  // namespace odradek::real
