// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/source/embedded/workload_runner.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "engine/client/rdkafka/rd_client.h"
#include "engine/workload/retail.h"

namespace odradek::source {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using workload::Application;

constexpr std::size_t kTakeMost = 5'000;  ///< records of one turn
constexpr milliseconds kIdleTurn{
    50};  ///< also how often delivery reports are served while nothing is due
constexpr int kSessionTimeoutMs = 10'000;  ///< a crashed consumer is noticed after so long
constexpr std::size_t kReactionsHeld = 100'000;

Now nowReal() {
    using namespace std::chrono;
    Now now;
    now.at = Instant{duration_cast<nanoseconds>(Clock::now().time_since_epoch()).count()};
    now.wallMs = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    return now;
}

std::string_view headerOf(const rd::Message& message, std::string_view name) {
    for (const auto& header : message.headers)
        if (header.name == name)
            return header.value;
    return {};
}

}  // namespace

/// Threads: one feeder owns the scenario and the producers; each reader has a consumer of its own
/// and hands what it read to the feeder through `inbox`. `lock` guards everything that both touch.
struct WorkloadRunner::Impl {
    struct Read {
        Application application;
        rd::Message message;
    };
    struct Reader {
        std::uint64_t id = 0;
        Application application = Application::OrderService;
        std::string name;
        std::string clientId;
        std::atomic<std::int32_t> slowMs{0};
        std::atomic<bool> stop{false};
        std::atomic<bool> crash{false};
        std::mutex lock;
        std::condition_variable woken;     ///< ends a slow reader's pause early
        rd::Counters counters;             ///< under lock
        std::string state = "connecting";  ///< under lock
        std::thread thread;
    };
    struct Writer {
        std::uint64_t id = 0;
        std::unique_ptr<rd::Producer> producer;
    };

    std::string bootstrap;
    Tell tell;
    mutable std::mutex lock;
    std::condition_variable wake;
    std::condition_variable room;  ///< the inbox was emptied
    bool stopping = false;
    std::int32_t rate = 0;
    bool rateChanged = true;
    std::string pauseReason;
    std::deque<Read> inbox;
    std::uint64_t nextId = 1;
    std::vector<std::unique_ptr<Reader>>
        readers;                         ///< running ones and those whose end is still shown
    std::map<Application, int> numbers;  ///< names readers: shipping-1, shipping-2, ...
    std::vector<api::WorkloadClient> writerViews;
    workload::Retail retail;
    std::map<Application, Writer> writers;  ///< the feeder's own
    std::thread feeder;

    Impl(std::string b, std::uint64_t seed, std::int32_t r, Tell t)
        : bootstrap(std::move(b)),
          tell(std::move(t)),
          rate(r),
          retail(seed, 10'000 + static_cast<std::uint64_t>(nowReal().wallMs / 1000 % 10'000'000)) {}

    void feed();
    void makeWriters();
    void send(std::vector<workload::Outgoing>& records);
    void publishWriters();
    void read(Reader& reader);
    bool startReader(Application application);
    void event(api::Severity severity, std::string text, std::string subject = {}) {
        tell(api::Event{0, nowReal().wallMs, api::EventKind::Workload, severity, std::move(text),
                        std::move(subject), false});
    }
};

WorkloadRunner::WorkloadRunner(std::string bootstrap, std::uint64_t seed, std::int32_t rate,
                               Tell tell)
    : m_impl(std::make_unique<Impl>(std::move(bootstrap), seed, rate, std::move(tell))) {
    m_impl->feeder = std::thread([impl = m_impl.get()] { impl->feed(); });
    for (const auto& application : workload::applications())
        if (!application.reads.empty())
            m_impl->startReader(application.id);
}

WorkloadRunner::~WorkloadRunner() {
    {
        const std::lock_guard guard(m_impl->lock);
        m_impl->stopping = true;
        for (auto& reader : m_impl->readers) {
            reader->stop = true;
            reader->woken.notify_all();
        }
    }
    m_impl->wake.notify_all();
    m_impl->room.notify_all();
    for (auto& reader : m_impl->readers)
        if (reader->thread.joinable())
            reader->thread.join();
    m_impl->feeder.join();
}

void WorkloadRunner::setRate(std::int32_t recordsPerSecond) {
    {
        const std::lock_guard guard(m_impl->lock);
        m_impl->rate = recordsPerSecond;
        m_impl->rateChanged = true;
    }
    m_impl->wake.notify_all();
}

void WorkloadRunner::setPauseReason(std::string reason) {
    {
        const std::lock_guard guard(m_impl->lock);
        m_impl->pauseReason = std::move(reason);
        m_impl->rateChanged = true;
    }
    m_impl->wake.notify_all();
}

// ---- Producers
// ---------------------------------------------------------------------------------------------------

void WorkloadRunner::Impl::makeWriters() {
    for (const auto& application : workload::applications()) {
        if (application.writes.empty())
            continue;
        auto producer = rd::Producer::create(bootstrap, std::string(application.name));
        if (!producer) {
            event(api::Severity::Error,
                  fmt::format("{} cannot produce: {}", application.name, producer.error().message));
            continue;
        }
        Writer writer;
        {
            const std::lock_guard guard(lock);
            writer.id = nextId++;
        }
        writer.producer = std::move(*producer);
        writers[application.id] = std::move(writer);
    }
}

void WorkloadRunner::Impl::feed() {
    makeWriters();
    std::vector<workload::Outgoing> out;
    auto published = Clock::now();
    while (true) {
        std::deque<Read> reads;
        {
            std::unique_lock guard(lock);
            const auto due = retail.nextDue();
            const auto until = std::min(Clock::now() + kIdleTurn,
                                        due == Instant::never()
                                            ? Clock::now() + kIdleTurn
                                            : Clock::time_point(std::chrono::nanoseconds(due.ns)));
            wake.wait_until(guard, until,
                            [&] { return stopping || rateChanged || !inbox.empty(); });
            if (stopping)
                break;
            if (rateChanged) {
                rateChanged = false;
                retail.setRate(nowReal().at, pauseReason.empty() ? rate : 0);
            }
            reads.swap(inbox);
        }
        room.notify_all();
        const auto now = nowReal();
        out.clear();
        for (const auto& r : reads)
            retail.onRead(
                now, r.application, r.message.topic,
                r.message.key ? std::optional<std::string_view>(*r.message.key) : std::nullopt,
                r.message.value, headerOf(r.message, "trace_id"), out);
        retail.take(now, kTakeMost, out);
        send(out);
        for (auto& [application, writer] : writers)
            writer.producer->poll(0);
        if (Clock::now() - published > milliseconds(200)) {
            publishWriters();
            published = Clock::now();
        }
    }
    writers.clear();  // waits for what is queued
}

void WorkloadRunner::Impl::send(std::vector<workload::Outgoing>& records) {
    for (auto& record : records) {
        const auto writer = writers.find(record.application);
        if (writer == writers.end())
            continue;
        rd::Message message;
        message.topic = std::string(record.topic);
        if (record.hasKey)
            message.key = std::move(record.key);
        message.value = std::move(record.value);
        for (auto& [name, value] : record.headers())
            message.headers.push_back({name, value});
        // A full queue means that the brokers are slower than the wish: wait for them, losing
        // nothing.
        while (!writer->second.producer->send(message)) {
            writer->second.producer->poll(20);
            const std::lock_guard guard(lock);
            if (stopping)
                return;
        }
    }
}

void WorkloadRunner::Impl::publishWriters() {
    std::vector<api::WorkloadClient> views;
    for (const auto& [application, writer] : writers) {
        const auto counters = writer.producer->counters();
        api::WorkloadClient view;
        view.id = writer.id;
        view.application = std::string(workload::nameOf(application));
        view.clientId = view.application;
        view.state = "running";
        view.records = counters.sent;
        view.errors = counters.errors;
        view.lastError = counters.lastError;
        views.push_back(std::move(view));
    }
    const std::lock_guard guard(lock);
    writerViews = std::move(views);
}

// ---- Consumers
// ---------------------------------------------------------------------------------------------------

bool WorkloadRunner::Impl::startReader(Application application) {
    const auto& info = workload::applications()[static_cast<std::size_t>(application)];
    auto reader = std::make_unique<Reader>();
    {
        const std::lock_guard guard(lock);
        reader->id = nextId++;
        reader->clientId = fmt::format("{}-{}", info.name, ++numbers[application]);
    }
    reader->application = application;
    reader->name = std::string(info.name);
    auto* raw = reader.get();
    raw->thread = std::thread([this, raw] { read(*raw); });
    const std::lock_guard guard(lock);
    readers.push_back(std::move(reader));
    return true;
}

void WorkloadRunner::Impl::read(Reader& reader) {
    const auto& info = workload::applications()[static_cast<std::size_t>(reader.application)];
    const std::vector<std::string> topics(info.reads.begin(), info.reads.end());
    auto consumer =
        rd::Consumer::create(bootstrap, reader.clientId, std::string(info.group), topics,
                             {{"session.timeout.ms", std::to_string(kSessionTimeoutMs)}});
    const auto setState = [&](const char* state) {
        const std::lock_guard guard(reader.lock);
        reader.state = state;
    };
    if (!consumer) {
        event(api::Severity::Error,
              fmt::format("{} cannot read: {}", reader.clientId, consumer.error().message));
        setState("failed");
        return;
    }
    auto counted = Clock::now();
    while (!reader.stop) {
        auto message = (*consumer)->poll(100);
        if (message) {
            const auto slow = reader.slowMs.load();
            {
                std::unique_lock guard(lock);
                // A feeder that is behind slows the readers instead of filling the memory.
                room.wait(guard, [&] { return stopping || inbox.size() < kReactionsHeld; });
                inbox.push_back({reader.application, std::move(*message)});
            }
            wake.notify_one();
            if (slow > 0) {
                std::unique_lock guard(reader.lock);
                reader.woken.wait_for(guard, milliseconds(slow),
                                      [&] { return reader.stop.load(); });
            }
        }
        if (Clock::now() - counted > milliseconds(200)) {
            counted = Clock::now();
            const std::lock_guard guard(reader.lock);
            reader.counters = (*consumer)->counters();
            reader.state = reader.slowMs > 0 ? "slowed" : "running";
        }
    }
    {
        const std::lock_guard guard(reader.lock);
        reader.counters = (*consumer)->counters();
    }
    if (reader.crash) {
        (*consumer)->abandon();
        setState("crashed");
    } else {
        setState("stopping");
    }
    consumer->reset();
    if (!reader.crash)
        setState("stopped");
}

bool WorkloadRunner::addConsumer(const std::string& application) {
    for (const auto& info : workload::applications())
        if (info.name == application && !info.reads.empty()) {
            m_impl->startReader(info.id);
            m_impl->event(api::Severity::Info,
                          fmt::format("A consumer of {} was added", application),
                          fmt::format("group:{}", info.group));
            return true;
        }
    return false;
}

bool WorkloadRunner::slowConsumer(std::uint64_t client, std::int32_t perRecordMs) {
    const std::lock_guard guard(m_impl->lock);
    for (auto& reader : m_impl->readers)
        if (reader->id == client && !reader->stop) {
            reader->slowMs = std::clamp(perRecordMs, 0, 60'000);
            reader->woken.notify_all();
            return true;
        }
    return false;
}

bool WorkloadRunner::stopConsumer(std::uint64_t client, bool crash) {
    const std::lock_guard guard(m_impl->lock);
    for (auto& reader : m_impl->readers)
        if (reader->id == client && !reader->stop) {
            reader->crash = crash;
            reader->stop = true;
            reader->woken.notify_all();
            const auto& info =
                workload::applications()[static_cast<std::size_t>(reader->application)];
            m_impl->event(
                crash ? api::Severity::Warning : api::Severity::Info,
                fmt::format("{} {}", reader->clientId,
                            crash ? "crashed: it did not leave its group" : "is stopping"),
                fmt::format("group:{}", info.group));
            return true;
        }
    return false;
}

api::Workload WorkloadRunner::state() const {
    const std::lock_guard guard(m_impl->lock);
    api::Workload out;
    out.available = true;
    out.rate = m_impl->rate;
    out.paused = m_impl->rate == 0 || !m_impl->pauseReason.empty();
    out.pauseReason = m_impl->pauseReason;
    out.clients = m_impl->writerViews;
    for (auto& reader : m_impl->readers) {
        api::WorkloadClient view;
        view.id = reader->id;
        view.application = reader->name;
        view.isConsumer = true;
        view.clientId = reader->clientId;
        view.group = std::string(
            workload::applications()[static_cast<std::size_t>(reader->application)].group);
        view.slowdownMs = reader->slowMs;
        const std::lock_guard inner(reader->lock);
        view.state = reader->state;
        view.records = reader->counters.sent;
        view.errors = reader->counters.errors;
        view.lastError = reader->counters.lastError;
        out.clients.push_back(std::move(view));
    }
    return out;
}

}  // namespace odradek::source
