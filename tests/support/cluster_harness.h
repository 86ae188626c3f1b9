// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/broker/broker.h"
#include "engine/protocol/codec/message.h"
#include "engine/quorum/controller.h"
#include "tests/support/memory_disk.h"

namespace odradek::test {

/// Several real brokers and their controller in one test: disks in memory, a network without delay
/// (or with one), time that moves only when everybody is idle. Deterministic: the same test gives
/// the same run.
///
/// Use: construct, `start()`, connect clients, `runUntil` something is so. Nodes can be killed,
/// restarted, paused and cut off from each other at any moment. Node 1 also hosts the controller,
/// on a disk of its own.
class ClusterHarness {
public:
    using Settings = metadata::ConfigMap;
    enum class Role : std::uint8_t { Broker, Controller };
    /// Who takes an event: a core of a node.
    struct Core {
        int node = 0;
        Role role = Role::Broker;
        auto operator<=>(const Core&) const = default;
    };

    explicit ClusterHarness(int brokers = 3, Settings settings = {}, std::uint64_t seed = 1)
        : m_settings(std::move(settings)), m_random(seed) {
        for (int n = 1; n <= brokers; ++n)
            m_disks.emplace(Core{n, Role::Broker},
                            MemoryDisk(seed + static_cast<std::uint64_t>(n)));
        m_disks.emplace(Core{1, Role::Controller}, MemoryDisk(seed + 99));
    }

    // ---- life of nodes
    void startAll() {
        for (const auto& [core, disk] : m_disks)
            if (core.role == Role::Controller)
                boot(core);
        for (const auto& [core, disk] : m_disks)
            if (core.role == Role::Broker)
                boot(core);
    }
    /// Starts all and waits until every broker serves.
    bool start(std::int64_t withinMs = 1000) {
        startAll();
        return runUntil([this] { return allRunning(); }, withinMs);
    }
    bool allRunning() const {
        return std::all_of(m_disks.begin(), m_disks.end(), [this](const auto& entry) {
            if (entry.first.role != Role::Broker)
                return true;
            const auto* one = broker(entry.first.node);
            return one != nullptr && one->state() == broker::BrokerState::Running;
        });
    }
    /// The process of a node dies: its broker only, or (with `controllerToo`) all of it.
    void kill(int node, bool controllerToo = false) {
        drop({node, Role::Broker});
        if (controllerToo)
            drop({node, Role::Controller});
    }
    void boot(Core core) {
        io::Effects effects;
        ++m_lives[core];
        if (core.role == Role::Controller) {
            auto booted = quorum::Controller::boot({.node = BrokerId(core.node),
                                                    .clusterId = kClusterId,
                                                    .directoryId = Uuid{{9}},
                                                    .seed = m_random.next(),
                                                    .settings = m_settings},
                                                   m_disks.at(core), m_now);
            ODRADEK_CHECK(booted.has_value(), "the controller boots");
            m_cores[core] = std::make_unique<quorum::Controller>(std::move(*booted));
        } else {
            auto settings = m_settings;
            for (const auto& [name, value] : m_nodeSettings[core.node])
                settings[name] = value;
            auto config = broker::BrokerConfig::fromSettings(settings);
            ODRADEK_CHECK(config.has_value(), "the settings are good");
            config->node = BrokerId(core.node);
            config->clusterId = kClusterId;
            config->port = static_cast<std::uint16_t>(9091 + core.node);
            config->logDir = "/memory/" + std::to_string(core.node);
            auto booted = broker::Broker::boot(m_now, std::move(*config), m_disks.at(core),
                                               m_random.next(), effects);
            ODRADEK_CHECK(booted.has_value(), "the broker boots");
            m_cores[core] = std::make_unique<broker::Broker>(std::move(*booted));
        }
        perform(core, effects);
        deliver(core, io::Tick{});
    }
    void restart(int node) { boot({node, Role::Broker}); }
    /// Ends a broker in good order; false when it takes too long.
    bool stop(int node, std::int64_t withinMs = 20000) {
        io::Effects effects;
        broker(node)->beginShutdown(m_now, effects);
        perform({node, Role::Broker}, effects);
        const bool done = runUntil([&] { return broker(node)->shutdownComplete(); }, withinMs);
        drop({node, Role::Broker});
        return done;
    }
    /// A paused broker sees nothing until it is resumed; what was sent to it waits.
    void pause(int node) { m_paused.insert({node, Role::Broker}); }
    void resume(int node) {
        m_paused.erase({node, Role::Broker});
        for (auto& one : std::exchange(m_waiting[{node, Role::Broker}], {}))
            push(m_now.at, std::move(one));
    }
    /// No connection between two nodes' brokers (either way) from now on; existing ones break.
    void cut(int a, int b) {
        m_cuts.insert({std::min(a, b), std::max(a, b)});
        closeWhere([&](const Link& link) {
            return link.dialler.node != 0 && isCut(link.dialler.node, link.listener.node);
        });
    }
    void heal() { m_cuts.clear(); }
    /// The next frame that one broker sends another is lost, and nobody is told.
    void loseNextFrame(int from, int to) { m_losing.insert({from, to}); }
    void nodeSetting(int node, const std::string& name, const std::string& value) {
        m_nodeSettings[node][name] = value;
    }
    void setDiskDelay(std::int64_t us) { m_diskDelay = std::chrono::microseconds(us); }
    void setNetworkDelay(std::int64_t us) { m_networkDelay = std::chrono::microseconds(us); }

    // ---- looking in
    broker::Broker* broker(int node) const {
        const auto found = m_cores.find({node, Role::Broker});
        return found == m_cores.end() ? nullptr : static_cast<broker::Broker*>(found->second.get());
    }
    quorum::Controller* controller() const {
        const auto found = m_cores.find({1, Role::Controller});
        return found == m_cores.end() ? nullptr
                                      : static_cast<quorum::Controller*>(found->second.get());
    }
    MemoryDisk& disk(int node) { return m_disks.at({node, Role::Broker}); }
    const Now& now() const { return m_now; }
    std::int64_t elapsedMs() const { return m_now.at.ns / 1'000'000; }
    const std::vector<std::string>& notes() const { return m_notes; }
    std::uint64_t steps() const { return m_steps; }
    broker::BrokerView view(int node) const { return broker(node)->inspect(m_now); }
    /// One partition as a broker sees it, if it has a replica.
    std::optional<broker::PartitionView> partition(int node, const std::string& topic,
                                                   int index = 0) const {
        if (broker(node) == nullptr)
            return std::nullopt;
        for (auto& one : view(node).partitions)
            if (one.topic == topic && one.partition == index)
                return one;
        return std::nullopt;
    }
    /// The broker that leads a partition right now, by its own opinion; 0 = none.
    int leaderOf(const std::string& topic, int index = 0) const {
        int best = 0;
        std::int32_t epoch = -1;
        for (const auto& [core, disk] : m_disks)
            if (core.role == Role::Broker)
                if (const auto one = partition(core.node, topic, index);
                    one && one->role == broker::ReplicaRole::Leader &&
                    one->leaderEpoch.value > epoch) {
                    best = core.node;
                    epoch = one->leaderEpoch.value;
                }
        return best;
    }

    // ---- clients
    struct ClientEnd {
        bool open = false;
        std::vector<Bytes> received;
    };
    /// Opens a client connection to a broker; the id is good for send, received and close.
    std::uint64_t connect(int node, const std::string& host = "127.0.0.1", bool inProcess = false) {
        const auto id = ++m_lastConnection;
        m_links[id] =
            Link{{0, Role::Broker}, ConnectionId(id), {node, Role::Broker}, ConnectionId(id)};
        m_clients[id].open = true;
        deliver({node, Role::Broker},
                io::Accepted{ConnectionId(id), io::Listener::Client, host, inProcess});
        return id;
    }
    void send(std::uint64_t client, Bytes frame) {
        deliver(m_links.at(client).listener, io::FrameIn{ConnectionId(client), std::move(frame)});
    }
    void close(std::uint64_t client) {
        if (m_links.contains(client))
            deliver(m_links.at(client).listener, io::Closed{ConnectionId(client)});
        m_links.erase(client);
        m_clients[client].open = false;
    }
    ClientEnd& client(std::uint64_t id) { return m_clients[id]; }

    // ---- time
    /// Handles everything that is due now, without letting time pass.
    void settle() {
        while (!m_queue.empty() && m_queue.begin()->first.first <= m_now.at)
            handleNext();
    }
    /// Lets time pass, event by event.
    void run(std::int64_t ms) {
        runUntil([] { return false; }, ms);
    }
    /// Runs until `done` holds (looked at after each event) or `ms` of virtual time have passed.
    bool runUntil(const std::function<bool()>& done, std::int64_t ms) {
        const Instant end = m_now.at + Milliseconds(ms);
        while (true) {
            if (done())
                return true;
            Instant next = m_queue.empty() ? Instant::never() : m_queue.begin()->first.first;
            std::optional<Core> waker;
            for (const auto& [core, value] : m_cores) {
                if (m_paused.contains(core))
                    continue;
                if (const Instant wake = std::max(value->nextWake(), m_now.at); wake < next) {
                    next = wake;
                    waker = core;
                }
            }
            if (next > end) {
                pass(end);
                return done();
            }
            pass(next);
            if (waker)
                stepCore(*waker, io::Tick{});
            else
                handleNext();
        }
    }

private:
    static constexpr const char* kClusterId = "I2eXt9rvSnyhct8BYmW6-w";
    struct Link {
        Core dialler;  ///< node 0 = a test's client
        ConnectionId diallerId;
        Core listener;
        ConnectionId listenerId;
    };
    struct Work {
        Core core;
        std::uint64_t life = 0;
        std::optional<io::Event> event;  ///< none: the core's disk is to do its next effect
    };

    bool isCut(int a, int b) const { return m_cuts.contains({std::min(a, b), std::max(a, b)}); }
    void push(Instant at, Work work) {
        m_queue.emplace(std::pair(at, ++m_sequence), std::move(work));
    }
    void deliver(Core core, io::Event event) {
        push(m_now.at + m_networkDelay, Work{core, m_lives[core], std::move(event)});
    }
    void pass(Instant to) {
        if (to <= m_now.at)
            return;
        m_now.wallMs = kWallStart + to.ns / 1'000'000;
        m_now.at = to;
    }
    void handleNext() {
        Work work = std::move(m_queue.begin()->second);
        pass(m_queue.begin()->first.first);
        m_queue.erase(m_queue.begin());
        if (work.life != m_lives[work.core] || !m_cores.contains(work.core))
            return;
        if (m_paused.contains(work.core) && work.event) {
            m_waiting[work.core].push_back(std::move(work));
            return;
        }
        if (work.event) {
            stepCore(work.core, *work.event);
        } else if (auto done = m_disks.at(work.core).step()) {
            push(m_now.at, Work{work.core, work.life, io::Event(std::move(*done))});
        }
    }
    void stepCore(Core core, const io::Event& event) {
        ++m_steps;
        io::Effects effects;
        m_cores.at(core)->step(m_now, event, effects);
        perform(core, effects);
    }
    void perform(Core core, io::Effects& effects) {
        auto& disk = m_disks.at(core);
        const auto before = disk.queued();
        disk.submit(effects);
        for (auto i = before; i < disk.queued(); ++i)
            push(m_now.at + m_diskDelay, Work{core, m_lives[core], std::nullopt});
        for (auto& effect : effects) {
            if (auto* frame = std::get_if<io::SendFrame>(&effect))
                carry(core, *frame);
            else if (auto* dialled = std::get_if<io::Dial>(&effect))
                dial(core, *dialled);
            else if (auto* closed = std::get_if<io::CloseConnection>(&effect))
                closeWhere([&](const Link& link) { return endOf(link, core, closed->connection); });
            else if (auto* note = std::get_if<io::Note>(&effect))
                m_notes.push_back(std::to_string(core.node) + ": " + note->line.text);
        }
    }
    static bool endOf(const Link& link, Core core, ConnectionId id) {
        return (link.dialler == core && link.diallerId == id) ||
               (link.listener == core && link.listenerId == id);
    }
    void carry(Core from, const io::SendFrame& send) {
        for (auto& [id, link] : m_links) {
            const bool dials = link.dialler == from && link.diallerId == send.connection;
            if ((dials || (link.listener == from && link.listenerId == send.connection)) &&
                link.dialler.role == Role::Broker && link.listener.role == Role::Broker &&
                m_losing.erase({from.node, dials ? link.listener.node : link.dialler.node}) != 0)
                return;
            if (link.dialler == from && link.diallerId == send.connection && link.dialler.node != 0)
                return deliver(link.listener, io::FrameIn{link.listenerId, send.frame.flatten()});
            if (link.listener == from && link.listenerId == send.connection) {
                if (link.dialler.node == 0)
                    m_clients[id].received.push_back(send.frame.flatten());
                else
                    deliver(link.dialler, io::FrameIn{link.diallerId, send.frame.flatten()});
                return;
            }
        }
    }
    void dial(Core from, const io::Dial& wanted) {
        const Core to{wanted.node.value, wanted.listener == io::Listener::Controller
                                             ? Role::Controller
                                             : Role::Broker};
        if (!m_cores.contains(to) || (to.role == Role::Broker && isCut(from.node, to.node)))
            return deliver(from, io::Closed{wanted.connection});
        const auto id = ++m_lastConnection;
        m_links[id] = Link{from, wanted.connection, to, ConnectionId(id)};
        deliver(to, io::Accepted{ConnectionId(id), wanted.listener, "127.0.0.1", true});
        deliver(from, io::Connected{wanted.connection});
    }
    template <class Which>
    void closeWhere(Which which) {
        for (auto it = m_links.begin(); it != m_links.end();) {
            if (!which(it->second)) {
                ++it;
                continue;
            }
            deliver(it->second.listener, io::Closed{it->second.listenerId});
            if (it->second.dialler.node == 0)
                m_clients[it->first].open = false;
            else
                deliver(it->second.dialler, io::Closed{it->second.diallerId});
            it = m_links.erase(it);
        }
    }
    void drop(Core core) {
        m_cores.erase(core);
        ++m_lives[core];
        m_waiting.erase(core);
        m_paused.erase(core);
        m_disks.at(core).kill();
        closeWhere([&](const Link& link) { return link.dialler == core || link.listener == core; });
    }

    static constexpr std::int64_t kWallStart = 1'790'000'000'000;

    Settings m_settings;
    std::map<int, Settings> m_nodeSettings;
    Prng m_random;
    Now m_now{Instant{0}, kWallStart};
    Nanoseconds m_diskDelay{0};
    Nanoseconds m_networkDelay{0};
    std::map<Core, MemoryDisk> m_disks;
    std::map<Core, std::unique_ptr<io::Core>> m_cores;
    std::map<Core, std::uint64_t> m_lives;
    std::map<std::pair<Instant, std::uint64_t>, Work> m_queue;
    std::map<Core, std::vector<Work>> m_waiting;
    std::set<Core> m_paused;
    std::set<std::pair<int, int>> m_cuts;
    std::set<std::pair<int, int>> m_losing;
    std::map<std::uint64_t, Link> m_links;
    std::map<std::uint64_t, ClientEnd> m_clients;
    std::vector<std::string> m_notes;
    std::uint64_t m_lastConnection = 0;
    std::uint64_t m_sequence = 0;
    std::uint64_t m_steps = 0;
};

}  // namespace odradek::test
