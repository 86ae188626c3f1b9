// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/io/core.h"
#include "engine/runtime/real/disk.h"
#include "engine/runtime/real/fault_plan.h"
#include "engine/runtime/real/listen_sockets.h"

namespace odradek::real {

/// Where lines of cores and of the runtime go. Called on executor threads; must be thread-safe and quick.
using LogSink = std::function<void(BrokerId node, const LogLine& line)>;

/// Names one life of a core on one executor; a restarted core has another.
struct CoreId {
    std::uint32_t slot = 0;
    std::uint32_t life = 0;
    bool operator==(const CoreId&) const = default;
};

/// What a listener lets in; Kafka's names for the limits that have one.
struct ConnectionLimits {
    std::size_t requestBytesMax = 100u << 20;            ///< socket.request.max.bytes
    std::size_t connectionsMax = 10'000;                 ///< max.connections, per core
    std::size_t connectionsPerHostMax = SIZE_MAX;        ///< max.connections.per.ip
    Milliseconds idleMax{600'000};                       ///< connections.max.idle.ms
    std::size_t outputBytesMax = 8u << 20;  ///< above it, nothing more is read from the connection until half is sent
};

class AddressBook;

/// Both clocks as executors read them; for booting a core.
Now readNow();

/// A thread that owns cores: it brings them events (frames, completions, ticks), performs their effects in order, and
/// does nothing while there is nothing to do. Each core is stepped by this thread alone, with the Now of each event.
/// Lifecycle: `start`, `add` and `remove` cores at any time, `stop` (or the destructor) drops all cores as a crash
/// would. All executors of one AddressBook are stopped before any is destroyed. Thread: every function from any
/// thread but the executor's own, except `post` and `withCore`, which may be called there too.
class Executor {
public:
    struct Options {
        std::string name = "odradek-exec";  ///< of the thread, at most 15 characters
        LogSink log = {};
        std::shared_ptr<FaultPlan> faults = {};  ///< may be none; shared by all executors of a cluster
    };
    struct Served {
        io::Listener listener = io::Listener::Client;
        ListenSockets sockets;  ///< none: reached by the in-process link only
    };
    struct CoreSpec {
        BrokerId node;
        std::unique_ptr<io::Core> core;
        io::Effects bootEffects;  ///< performed before the first event
        std::shared_ptr<Disk> disk;  ///< from `makeDisk` of this executor; cores of one node share it
        std::vector<Served> serves;
        ConnectionLimits limits;
        /// Called every few seconds while clients are connected, between steps: to tell the core facts that only the
        /// runtime can know, such as room on the disk.
        std::function<void(io::Core&)> refresh;
        ClockSkew clock;  ///< of its node
    };

    Executor(Options options, std::shared_ptr<AddressBook> book);
    ~Executor();
    Executor(const Executor&) = delete;
    Executor& operator=(const Executor&) = delete;

    void start();
    void stop();

    /// A disk whose completions come to cores of this executor.
    std::shared_ptr<Disk> makeDisk(Disk::Options options);

    /// Takes a core over and returns once it is being driven.
    CoreId add(CoreSpec spec);
    /// Drops a core at once, closing its connections, and returns when it is gone. Its disk is not stopped.
    void remove(CoreId id);

    /// Stops driving a core, as SIGSTOP would: its events and connections wait, it can still be asked. Returns when it
    /// is done. A core that is gone is none of these functions' business.
    void pause(CoreId id);
    /// Goes on with a paused core; nothing when it is not.
    void resume(CoreId id);
    /// Makes a core's clocks differ from the machine's. Its monotonic clock never goes back.
    void setClock(CoreId id, ClockSkew skew);
    /// The fault plan has changed: lets go what it no longer holds.
    void faultsChanged();

    /// Runs `fn` on the executor between steps; at once, on the caller, when the executor does not run.
    void post(std::function<void()> fn);
    /// As post, with the core (null when it is gone); effects that `fn` appends are performed.
    void withCore(CoreId id, std::function<void(io::Core* core, Now now, io::Effects& effects)> fn);

    /// Asks a core something and waits for the answer. Closed when the core is gone. Not on the executor's thread.
    /// `ask` is called with the core and the time.
    template <class Ask>
    auto inspect(CoreId id, Ask ask) -> Result<std::invoke_result_t<Ask, const io::Core&, Now>> {
        using Answer = Result<std::invoke_result_t<Ask, const io::Core&, Now>>;
        auto promise = std::make_shared<std::promise<Answer>>();
        auto answer = promise->get_future();
        withCore(id, [promise, ask = std::move(ask)](io::Core* core, Now now, io::Effects&) {
            if (core == nullptr)
                promise->set_value(fail(ErrorCode::Closed, "the node is not running"));
            else
                promise->set_value(ask(static_cast<const io::Core&>(*core), now));
        });
        return answer.get();
    }

    /// Calls `done(true)` once `holds` is true of the core, looking after each turn in which it was stepped, or
    /// `done(false)` when the core goes away before. Both run on the executor.
    void watch(CoreId id, std::function<bool(const io::Core&)> holds, std::function<void(bool)> done);
    /// Waits for `holds`; Timeout or Closed otherwise.
    Result<void> await(CoreId id, std::function<bool(const io::Core&)> holds, Milliseconds most);

    /// Counters since the start, for metrics and tests.
    struct Stats {
        std::uint64_t turns = 0;
        std::uint64_t steps = 0;
        std::uint64_t bytesIn = 0;   ///< over TCP
        std::uint64_t bytesOut = 0;  ///< over TCP
        std::uint64_t linkFrames = 0;
        std::size_t tcpConnections = 0;
    };
    Stats stats();

    class Impl;

private:
    std::shared_ptr<Impl> m_impl;
};

/// Where nodes are reached: co-located ones through the in-process link, others by TCP.
/// Executors register their cores; the rest is set by whoever wires the cluster. Thread: any.
class AddressBook {
public:
    struct Local {
        std::weak_ptr<Executor::Impl> executor;
        CoreId core;
    };

    void setRemote(BrokerId node, io::Listener listener, Address address);
    void setLocal(BrokerId node, io::Listener listener, Local local);
    /// Forgets the local entry if it still names this core.
    void removeLocal(BrokerId node, io::Listener listener, CoreId core);

    std::optional<Local> local(BrokerId node, io::Listener listener) const;
    std::optional<Address> remote(BrokerId node, io::Listener listener) const;

private:
    struct Entry {
        BrokerId node;
        io::Listener listener;
        std::optional<Local> local;
        std::optional<Address> remote;
    };
    Entry& entry(BrokerId node, io::Listener listener);
    const Entry* find(BrokerId node, io::Listener listener) const;

    mutable std::mutex m_mutex;
    std::vector<Entry> m_entries;
};

}  // namespace odradek::real
