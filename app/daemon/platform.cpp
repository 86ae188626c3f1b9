// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/platform.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>

#include "engine/source/embedded/retail_topics.h"
#include "engine/source/embedded/workload_runner.h"
#include "engine/source/remote/remote_source.h"

namespace odradek::app {
namespace {

constexpr std::chrono::seconds kTopicsPatience{20};

/// Creates the topics through the cluster's own front door and waits until all have leaders.
Result<void> makeTopics(const std::string& bootstrap, int brokers) {
    std::mutex lock;
    std::condition_variable news;
    bool woken = false;
    auto source = TRY(source::RemoteSource::attach({"platform", bootstrap, false}));
    source->setWake([&] {
        const std::lock_guard guard(lock);
        woken = true;
        news.notify_one();
    });
    std::set<api::CommandId> open;
    for (const auto& create : source::retailTopicCommands(brokers))
        open.insert(source->submit(create));
    const auto until = std::chrono::steady_clock::now() + kTopicsPatience;
    while (true) {
        const auto update = source->drain();
        for (const auto& result : update.results)
            open.erase(result.id);  // "exists already" is as good as made
        if (open.empty() && update.snapshot && source::retailTopicsReady(*update.snapshot))
            return {};
        std::unique_lock guard(lock);
        if (!news.wait_until(guard, until, [&] { return woken; }))
            return fail(ErrorCode::Timeout, "the topics of the retail platform could not be made");
        woken = false;
    }
}

LogLevel levelOf(api::Severity severity) {
    switch (severity) {
        case api::Severity::Warning: return LogLevel::Warning;
        case api::Severity::Error:
        case api::Severity::Offline: return LogLevel::Error;
        default: return LogLevel::Info;
    }
}

}  // namespace

struct Platform::Impl {
    std::unique_ptr<source::WorkloadRunner> runner;
};

Result<std::unique_ptr<Platform>> Platform::start(const std::string& bootstrap, int brokers, std::int32_t rate,
                                                  real::LogSink log) {
    TRY_OK(makeTopics(bootstrap, brokers));
    auto impl = std::make_unique<Impl>();
    impl->runner = std::make_unique<source::WorkloadRunner>(bootstrap, 1, rate, [log](const api::Event& event) {
        if (log)
            log(BrokerId(0), {levelOf(event.severity), event.text});
    });
    return std::unique_ptr<Platform>(new Platform(std::move(impl)));
}

Platform::Platform(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Platform::~Platform() = default;

}  // namespace odradek::app
