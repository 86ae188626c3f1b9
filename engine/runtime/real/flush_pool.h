// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace odradek::real {

/// Runs the flushes of one group commit side by side: a device makes many files durable in about
/// the time of one, but only when it is asked for all of them at once. Lifecycle: threads start
/// with the first job and end with the pool. Thread: `submit` and `finish` from one thread at a
/// time, the pool's user; jobs run on the pool's threads and on that one.
class FlushPool {
public:
    explicit FlushPool(std::size_t threads) : m_threadsMax(threads) {}
    ~FlushPool();
    FlushPool(const FlushPool&) = delete;
    FlushPool& operator=(const FlushPool&) = delete;

    void submit(std::function<void()> job);
    /// Helps, and returns once every job submitted has been run.
    void finish();

private:
    void work();
    /// Runs the oldest job; with the lock held on entry and exit.
    void runOne(std::unique_lock<std::mutex>& lock);

    const std::size_t m_threadsMax;
    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::condition_variable m_done;
    std::deque<std::function<void()>> m_jobs;
    std::size_t m_running = 0;
    std::size_t m_idle = 0;
    bool m_stopping = false;
    std::vector<std::thread> m_threads;
};

}  // namespace odradek::real
