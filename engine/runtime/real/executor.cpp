// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/real/executor.h"

#include <chrono>

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "engine/base/check.h"
#include "engine/runtime/real/executor_acceptor.h"
#include "engine/runtime/real/executor_impl.h"
#include "engine/runtime/real/fault_gate.h"

namespace odradek::real {
namespace {

/// Events handled before the sockets are looked at again.
constexpr std::size_t kEventsPerTurn = 512;
/// Events that may wait while more is read from sockets.
constexpr std::size_t kQueueMax = 4096;
constexpr std::chrono::seconds kHousekeepingPeriod{5};
constexpr std::chrono::seconds kLingerMax{10};

}  // namespace

Now readNow() {
    using namespace std::chrono;
    return {Instant{duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count()},
            duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

// ---- Life ----------------------------------------------------------------------------------------------------

Executor::Impl::Impl(Options options, std::shared_ptr<AddressBook> book)
    : m_options(std::move(options)),
      m_book(std::move(book)),
      m_work(asio::make_work_guard(m_io)),
      m_timer(m_io),
      m_housekeeping(m_io),
      m_scratch(new std::array<std::uint8_t, 64u << 10>) {
    m_reserveFd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    m_gate = std::make_unique<FaultGate>(*this, m_options.faults);
    readClocks();
}

Executor::Impl::~Impl() {
    stop();
    if (m_reserveFd >= 0)
        ::close(m_reserveFd);
}

void Executor::Impl::start() {
    std::lock_guard lock(m_stateMutex);
    if (m_state != State::Idle)
        return;
    m_state = State::Running;
    m_thread = std::thread([this] {
        ::pthread_setname_np(::pthread_self(), m_options.name.substr(0, 15).c_str());
        run();
    });
}

void Executor::Impl::stop() {
    {
        std::lock_guard lock(m_stateMutex);
        if (m_state != State::Running)
            return;
        m_state = State::Stopping;
    }
    asio::post(m_io, [this] { m_stopping = true; });
    m_thread.join();
    for (std::uint32_t i = 0; i < m_slots.size(); ++i)
        dropCore({i, m_slots[i].life});
    m_queue.clear();
    m_dirty.clear();
    m_resume.clear();
    m_accepting.clear();
    m_timer.cancel();
    m_housekeeping.cancel();
    m_gate = std::make_unique<FaultGate>(*this, m_options.faults);  // what was kept is gone
    // Whoever posted meanwhile gets an answer: there is no core any more.
    const auto answerAll = [&] {
        m_io.restart();
        while (m_io.poll() != 0) {
        }
    };
    answerAll();
    {
        std::lock_guard lock(m_stateMutex);
        m_state = State::Idle;
    }
    answerAll();
    m_stopping = false;
}

void Executor::Impl::post(std::function<void()> fn) {
    {
        std::lock_guard lock(m_stateMutex);
        if (m_state != State::Idle) {
            asio::post(m_io, std::move(fn));
            return;
        }
    }
    fn();
}

std::shared_ptr<Disk> Executor::Impl::makeDisk(Disk::Options options) {
    // The disk's thread brings completions here by post; the cell lets them name the disk they come from.
    auto cell = std::make_shared<std::weak_ptr<Disk>>();
    auto disk = std::make_shared<Disk>(
        std::move(options), [self = weak_from_this(), cell](std::vector<Disk::Completion>&& done) {
            auto impl = self.lock();
            if (!impl)
                return;
            asio::post(impl->m_io, [self, cell, done = std::move(done)]() mutable {
                if (auto impl = self.lock())
                    impl->diskDone(cell->lock(), std::move(done));
            });
        });
    *cell = disk;
    return disk;
}

CoreId Executor::Impl::add(CoreSpec spec) {
    std::promise<CoreId> placed;
    auto answer = placed.get_future();
    post([&] {
        std::uint32_t index = 0;
        while (index < m_slots.size() && m_slots[index].core)
            ++index;
        if (index == m_slots.size())
            m_slots.emplace_back();
        const CoreId id{index, m_slots[index].life + 1};
        place(id, spec);
        placed.set_value(id);
    });
    return answer.get();
}

void Executor::Impl::place(CoreId id, CoreSpec& spec) {
    readClocks();
    auto& slot = m_slots[id.slot];
    slot.life = id.life;
    slot.node = spec.node;
    slot.core = std::move(spec.core);
    slot.disk = std::move(spec.disk);
    slot.limits = spec.limits;
    slot.refresh = std::move(spec.refresh);
    slot.clock.set(spec.clock, m_now.at);
    for (auto& served : spec.serves) {
        slot.served.push_back(served.listener);
        m_book->setLocal(spec.node, served.listener, {weak_from_this(), id});
    }
    perform(id, slot, spec.bootEffects);
    slot.wake = slot.clock.toReal(slot.core->nextWake());
    slot.stepped = true;
    for (auto& served : spec.serves) {
        for (int fd : served.sockets.release()) {
            slot.acceptors.push_back(std::make_shared<Acceptor>(*this, id, served.listener, fd));
            slot.acceptors.back()->wait();
        }
    }
}

void Executor::Impl::remove(CoreId id) {
    std::promise<void> removed;
    auto answer = removed.get_future();
    post([&] {
        dropCore(id);
        removed.set_value();
    });
    answer.get();
}

void Executor::Impl::dropCore(CoreId id) {
    auto* slot = find(id);
    if (slot == nullptr)
        return;
    for (auto listener : slot->served)
        m_book->removeLocal(slot->node, listener, id);
    for (auto& acceptor : slot->acceptors)
        acceptor->close();
    auto connections = std::move(slot->connections);
    slot->connections.clear();
    for (auto& [key, connection] : connections) {
        if (connection && !m_gate->takeClose(slot->node, connection))
            connection->abort();
    }
    auto watchers = std::move(slot->watchers);
    const auto life = slot->life;
    *slot = Slot{};
    slot->life = life;
    for (auto& watcher : watchers)
        watcher.done(false);
}

void Executor::Impl::withCore(CoreId id, std::function<void(io::Core*, Now, io::Effects&)> fn) {
    post([this, self = shared_from_this(), id, fn = std::move(fn)] {
        readClocks();
        io::Effects effects;
        auto* slot = find(id);
        fn(slot == nullptr ? nullptr : slot->core.get(), slot == nullptr ? m_now : slot->clock.read(m_now), effects);
        if (slot == nullptr)
            return;
        perform(id, *slot, effects);
        slot->wake = slot->clock.toReal(slot->core->nextWake());
        slot->stepped = true;
    });
}

void Executor::Impl::watch(CoreId id, std::function<bool(const io::Core&)> holds,
                           std::function<void(bool)> done) {
    post([this, id, holds = std::move(holds), done = std::move(done)]() mutable {
        auto* slot = find(id);
        if (slot == nullptr)
            done(false);
        else if (holds(*slot->core))
            done(true);
        else
            slot->watchers.push_back({std::move(holds), std::move(done)});
    });
}

Executor::Stats Executor::Impl::stats() {
    std::promise<Stats> promise;
    auto answer = promise.get_future();
    post([&] {
        auto copy = m_stats;
        for (const auto& slot : m_slots)
            copy.tcpConnections += slot.acceptedCount;
        promise.set_value(copy);
    });
    return answer.get();
}

// ---- The loop ------------------------------------------------------------------------------------------------

void Executor::Impl::run() {
    while (!m_stopping) {
        if (m_queue.empty() && !m_due)
            m_io.run_one();
        m_io.poll();
        turn();
    }
}

void Executor::Impl::readClocks() {
    m_now = readNow();
}

void Executor::Impl::turn() {
    readClocks();
    ++m_stats.turns;
    for (std::size_t i = 0; i < kEventsPerTurn && !m_queue.empty(); ++i) {
        const auto next = std::move(m_queue.front());
        m_queue.pop_front();
        if (auto* slot = find(next.core); slot != nullptr && slot->paused) {
            slot->frozen.push_back(next.event);
        } else if (slot != nullptr) {
            // Each event has its own moment: latencies within one turn are real.
            readClocks();
            step(next.core, *slot, next.event);
        }
    }
    fireTimers();
    flushDirty();
    takeMoreInput();
    checkWatchers();
    armTimer();
    armHousekeeping();
}

void Executor::Impl::step(CoreId id, Slot& slot, const io::Event& event) {
    ++m_stats.steps;
    m_effects.clear();
    slot.core->step(slot.clock.read(m_now), event, m_effects);
    slot.stepped = true;
    perform(id, slot, m_effects);
}

void Executor::Impl::fireTimers() {
    for (std::uint32_t i = 0; i < m_slots.size(); ++i) {
        auto& slot = m_slots[i];
        if (!slot.core || slot.paused)
            continue;
        if (slot.stepped)
            slot.wake = slot.clock.toReal(slot.core->nextWake());
        if (slot.wake > m_now.at)
            continue;
        step({i, slot.life}, slot, io::Tick{});
        slot.wake = slot.clock.toReal(slot.core->nextWake());
    }
}

void Executor::Impl::armTimer() {
    auto next = Instant::never();
    for (const auto& slot : m_slots) {
        if (slot.core && !slot.paused)
            next = std::min(next, slot.wake);
    }
    m_due = next <= m_now.at;
    // A timer that fires too early costs one idle turn; setting it later each time would cost a system call per turn.
    if (m_due || next >= m_armed)
        return;
    m_armed = next;
    m_timer.expires_at(std::chrono::steady_clock::time_point(std::chrono::nanoseconds(next.ns)));
    m_timer.async_wait([this](const boost::system::error_code& error) {
        if (!error)
            m_armed = Instant::never();
    });
}

void Executor::Impl::flushDirty() {
    for (std::size_t i = 0; i < m_dirty.size(); ++i)
        m_dirty[i]->flush();
    m_dirty.clear();
}

/// Goes back to the sockets, unless what they brought is still waiting.
void Executor::Impl::takeMoreInput() {
    if (m_queue.size() > kQueueMax)
        return;
    for (auto& connection : std::exchange(m_resume, {}))
        connection->turnEnded();
    for (auto& acceptor : std::exchange(m_accepting, {}))
        acceptor->wait();
}

void Executor::Impl::checkWatchers() {
    for (std::uint32_t i = 0; i < m_slots.size(); ++i) {
        auto& slot = m_slots[i];
        if (!slot.core || !slot.stepped)
            continue;
        slot.stepped = false;
        for (std::size_t w = 0; w < slot.watchers.size();) {
            if (!slot.watchers[w].holds(*slot.core)) {
                ++w;
                continue;
            }
            auto done = std::move(slot.watchers[w].done);
            slot.watchers.erase(slot.watchers.begin() + static_cast<std::ptrdiff_t>(w));
            done(true);
        }
    }
}

void Executor::Impl::armHousekeeping() {
    if (m_housekeepingArmed)
        return;
    bool wanted = m_pool.idleBytes() != 0 || !m_lingering.empty();
    for (const auto& slot : m_slots)
        wanted = wanted || slot.acceptedCount != 0;
    if (!wanted)
        return;
    m_housekeepingArmed = true;
    m_housekeeping.expires_after(kHousekeepingPeriod);
    m_housekeeping.async_wait([this](const boost::system::error_code& error) {
        m_housekeepingArmed = false;
        if (!error)
            housekeep();
    });
}

void Executor::Impl::housekeep() {
    // Buffers that lay idle for a whole period go back to the system.
    if (m_stats.bytesIn == m_housekeptBytes)
        m_pool.trim();
    m_housekeptBytes = m_stats.bytesIn;
    readClocks();
    for (auto& slot : m_slots) {
        if (slot.core && slot.refresh)
            slot.refresh(*slot.core);
        std::vector<std::shared_ptr<TcpConnection>> idle;
        for (auto& [key, connection] : slot.connections) {
            auto tcp = std::dynamic_pointer_cast<TcpConnection>(connection);
            if (tcp && slot.limits.idleMax.count() > 0 && m_now.at - tcp->lastActive() > slot.limits.idleMax)
                idle.push_back(std::move(tcp));
        }
        for (auto& connection : idle)
            connection->closeForIdleness();
    }
    // Closed connections whose peer does not take the last bytes have had their time.
    std::erase_if(m_lingering, [&](const std::weak_ptr<TcpConnection>& each) {
        auto connection = each.lock();
        if (!connection)
            return true;
        if (m_now.at - connection->lastActive() < kLingerMax)
            return false;
        connection->abort();
        return true;
    });
}

// ---- Effects -------------------------------------------------------------------------------------------------

Executor::Impl::Slot* Executor::Impl::find(CoreId id) {
    if (id.slot >= m_slots.size() || m_slots[id.slot].life != id.life || !m_slots[id.slot].core)
        return nullptr;
    return &m_slots[id.slot];
}

void Executor::Impl::perform(CoreId id, Slot& slot, io::Effects& effects) {
    for (auto& effect : effects)
        performOne(id, slot, effect);
}

void Executor::Impl::performOne(CoreId id, Slot& slot, io::Effect& effect) {
    if (auto* send = std::get_if<io::SendFrame>(&effect)) {
        if (auto to = slot.connections.find(send->connection.value); to != slot.connections.end() && to->second)
            sendFrame(slot, to->second, send->frame);
    } else if (auto* wanted = std::get_if<io::Dial>(&effect)) {
        dial(id, slot, *wanted);
    } else if (auto* close = std::get_if<io::CloseConnection>(&effect)) {
        if (auto it = slot.connections.find(close->connection.value); it != slot.connections.end()) {
            auto connection = std::move(it->second);
            slot.connections.erase(it);
            if (connection && !m_gate->takeClose(slot.node, connection))
                connection->close();
            enqueue(id, io::Closed{close->connection});
        }
    } else if (auto* note = std::get_if<io::Note>(&effect)) {
        if (m_options.log)
            m_options.log(slot.node, note->line);
    } else if (auto disk = takeDiskEffect(effect)) {
        ODRADEK_CHECK(slot.disk != nullptr, "a core that writes has a disk");
        if (auto done = slot.disk->submit({std::uint64_t{id.slot} << 32 | id.life}, std::move(*disk))) {
            std::vector<Disk::Completion> one;
            one.push_back(std::move(*done));
            diskDone(nullptr, std::move(one));
        }
    }
}

void Executor::Impl::diskDone(const std::shared_ptr<Disk>& disk, std::vector<Disk::Completion>&& done) {
    for (auto& completion : done) {
        const CoreId id{static_cast<std::uint32_t>(completion.owner.value >> 32),
                        static_cast<std::uint32_t>(completion.owner.value)};
        if (!completion.data && completion.op == 0)
            log(id, LogLevel::Error, "disk: " + completion.data.error().message);
        if (completion.op != 0)
            enqueue(id, io::DiskDone{completion.op, std::move(completion.data)});
    }
    if (disk)
        disk->delivered(done.size());
}

void Executor::Impl::log(CoreId core, LogLevel level, std::string text) {
    auto* slot = find(core);
    if (m_options.log)
        m_options.log(slot == nullptr ? BrokerId(-1) : slot->node, LogLine{level, std::move(text)});
}

// ---- The face ------------------------------------------------------------------------------------------------

Executor::Executor(Options options, std::shared_ptr<AddressBook> book)
    : m_impl(std::make_shared<Impl>(std::move(options), std::move(book))) {}
Executor::~Executor() {
    m_impl->stop();
}
void Executor::start() {
    m_impl->start();
}
void Executor::stop() {
    m_impl->stop();
}
std::shared_ptr<Disk> Executor::makeDisk(Disk::Options options) {
    return m_impl->makeDisk(std::move(options));
}
CoreId Executor::add(CoreSpec spec) {
    return m_impl->add(std::move(spec));
}
void Executor::remove(CoreId id) {
    m_impl->remove(id);
}
void Executor::post(std::function<void()> fn) {
    m_impl->post(std::move(fn));
}
void Executor::withCore(CoreId id, std::function<void(io::Core*, Now, io::Effects&)> fn) {
    m_impl->withCore(id, std::move(fn));
}
void Executor::watch(CoreId id, std::function<bool(const io::Core&)> holds, std::function<void(bool)> done) {
    m_impl->watch(id, std::move(holds), std::move(done));
}
Executor::Stats Executor::stats() {
    return m_impl->stats();
}
void Executor::pause(CoreId id) {
    m_impl->pause(id);
}
void Executor::resume(CoreId id) {
    m_impl->resume(id);
}
void Executor::setClock(CoreId id, ClockSkew skew) {
    m_impl->setClock(id, skew);
}
void Executor::faultsChanged() {
    m_impl->faultsChanged();
}

Result<void> Executor::await(CoreId id, std::function<bool(const io::Core&)> holds, Milliseconds most) {
    auto promise = std::make_shared<std::promise<bool>>();
    auto answer = promise->get_future();
    watch(id, std::move(holds), [promise](bool held) { promise->set_value(held); });
    if (answer.wait_for(most) != std::future_status::ready)
        return fail(ErrorCode::Timeout, "still waiting after " + std::to_string(most.count()) + " ms");
    if (!answer.get())
        return fail(ErrorCode::Closed, "the node is not running");
    return {};
}

}  // namespace odradek::real
