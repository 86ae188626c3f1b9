// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/real/flush_pool.h"

#include <utility>

#include <pthread.h>

namespace odradek::real {

FlushPool::~FlushPool() {
    {
        std::lock_guard lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_all();
    for (auto& thread : m_threads)
        thread.join();
}

void FlushPool::submit(std::function<void()> job) {
    std::lock_guard lock(m_mutex);
    m_jobs.push_back(std::move(job));
    if (m_jobs.size() > m_idle && m_threads.size() < m_threadsMax)
        m_threads.emplace_back([this] {
            ::pthread_setname_np(::pthread_self(), "odradek-flush");
            work();
        });
    m_wake.notify_one();
}

void FlushPool::finish() {
    std::unique_lock lock(m_mutex);
    while (!m_jobs.empty())
        runOne(lock);
    m_done.wait(lock, [this] { return m_running == 0; });
}

void FlushPool::runOne(std::unique_lock<std::mutex>& lock) {
    auto job = std::move(m_jobs.front());
    m_jobs.pop_front();
    ++m_running;
    lock.unlock();
    job();
    lock.lock();
    if (--m_running == 0 && m_jobs.empty())
        m_done.notify_all();
}

void FlushPool::work() {
    std::unique_lock lock(m_mutex);
    for (;;) {
        ++m_idle;
        m_wake.wait(lock, [this] { return m_stopping || !m_jobs.empty(); });
        --m_idle;
        if (m_jobs.empty())
            return;
        runOne(lock);
    }
}

}  // namespace odradek::real
