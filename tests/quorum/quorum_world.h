// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "engine/base/prng.h"
#include "engine/protocol/codec/message.h"
#include "engine/protocol/messages/incremental_alter_configs.h"
#include "engine/quorum/controller.h"
#include "engine/quorum/raft/snapshot_file.h"
#include "tests/support/memory_disk.h"

namespace odradek::quorum {

/// Several controllers that talk to each other over a network with delays, cuts and broken
/// connections, on disks that lose what was not flushed. Deterministic for a seed. After every step
/// it checks what Raft promises: one leader per epoch; what one node knows to be committed is the
/// same on all and never goes; a leader has all of it.
class QuorumWorld {
public:
    struct Options {
        int voters = 3;
        std::uint64_t seed = 1;
        metadata::ConfigMap settings;
        std::uint32_t mutants = 0;
        std::int64_t networkUsMax = 2000;
        std::int64_t diskUsMax = 3000;
    };

    explicit QuorumWorld(Options options)
        : m_options(std::move(options)), m_random(m_options.seed) {
        m_settings = {{"controller.quorum.election.timeout.ms", "100"},
                      {"controller.quorum.election.backoff.max.ms", "50"},
                      {"controller.quorum.fetch.timeout.ms", "200"},
                      {"controller.quorum.request.timeout.ms", "200"},
                      {"controller.quorum.retry.backoff.ms", "10"}};
        for (const auto& [name, value] : m_options.settings)
            m_settings[name] = value;
        std::vector<raft::Voter> voters;
        for (int id = 1; id <= m_options.voters; ++id)
            voters.push_back({.key = {id, directoryOf(id)},
                              .endpoints = {{"CONTROLLER", "127.0.0.1",
                                             static_cast<std::uint16_t>(9000 + id)}}});
        m_voters = raft::VoterSet(voters);
        for (int id = 1; id <= m_options.voters; ++id) {
            auto& node = addNode(id);
            node.disk.put("__cluster_metadata-0/" + raft::snapshotName({0, 0}),
                          raft::buildBootstrapSnapshot(m_voters, 0));
        }
        for (int id = 1; id <= m_options.voters; ++id)
            boot(id);
    }

    // ---- nodes
    Uuid directoryOf(int id) const {
        const auto found = m_wipes.find(id);
        return Uuid{{7, static_cast<std::uint8_t>(id),
                     found == m_wipes.end() ? std::uint8_t{0} : found->second}};
    }
    /// A node that is down comes back with an empty disk: another replica with the same id.
    void wipe(int id) {
        ++m_wipes[id];
        m_nodes.at(id).disk = test::MemoryDisk(m_random.next());
    }
    /// A node that is no voter and knows those there are (by configuration).
    void addObserver(int id) {
        addNode(id);
        boot(id);
    }
    void boot(int id) {
        auto& node = m_nodes.at(id);
        ControllerConfig config{
            .node = BrokerId(id),
            .clusterId = "cluster",
            .directoryId = directoryOf(id),
            .seed = m_random.next(),
            .settings = m_settings,
            .voters = m_voters.without(id),
            .listeners = {{"CONTROLLER", "127.0.0.1", static_cast<std::uint16_t>(9000 + id)}},
            .raftMutants = m_options.mutants};
        auto booted = Controller::boot(std::move(config), node.disk, now());
        if (!booted) {
            violation(fmt::format("node {} does not boot: {}", id, booted.error().message));
            return;
        }
        node.core = std::make_unique<Controller>(std::move(*booted));
        ++node.life;
        node.checked = 0;
        node.diskBusy = false;
        push(m_at, {.node = id, .life = node.life, .event = io::Tick{}});
    }
    void crash(int id, bool power) {
        auto& node = m_nodes.at(id);
        if (!node.core)
            return;
        node.core.reset();
        ++node.life;
        power ? node.disk.powerCut() : node.disk.kill();
        breakWhere(
            [id](const Link& link) { return link.ends[0].node == id || link.ends[1].node == id; });
    }
    /// A stop in good order begins: an active controller hands over.
    void shutDown(int id) {
        auto& node = m_nodes.at(id);
        io::Effects effects;
        node.core->beginShutdown(now(), effects);
        finish(id, effects);
    }
    bool isUp(int id) const { return m_nodes.at(id).core != nullptr; }
    Controller& core(int id) { return *m_nodes.at(id).core; }
    test::MemoryDisk& disk(int id) { return m_nodes.at(id).disk; }
    std::vector<int> ids() const {
        std::vector<int> all;
        for (const auto& [id, node] : m_nodes)
            all.push_back(id);
        return all;
    }
    /// The active controller of the latest epoch; 0 = none.
    int active() const {
        int best = 0;
        for (const auto& [id, node] : m_nodes)
            if (node.core && node.core->isActive() &&
                (best == 0 || node.core->raft().epoch() > m_nodes.at(best).core->raft().epoch()))
                best = id;
        return best;
    }

    // ---- network
    void cut(int a, int b) { m_cuts.insert({std::min(a, b), std::max(a, b)}); }
    void isolate(int id) {
        for (const auto other : ids())
            if (other != id)
                cut(id, other);
    }
    /// Ends all cuts; connections on which something was lost break.
    void heal() {
        m_cuts.clear();
        breakWhere([](const Link& link) { return link.lost; });
    }
    void breakSome() {
        if (m_links.empty())
            return;
        auto link = m_links.begin();
        std::advance(link, static_cast<std::ptrdiff_t>(m_random.below(m_links.size())));
        const auto number = link->first;
        breakWhere([number](const Link& one) { return one.number == number; });
    }

    // ---- requests
    /// Sends a request as somebody on the node itself; false when the node is down.
    template <class Request>
    bool request(int id, const Request& message, std::int16_t version = Request::kInfo.maxVersion) {
        auto& node = m_nodes.at(id);
        if (!node.core)
            return false;
        if (node.clientLife != node.life) {
            node.clientLife = node.life;
            node.client = ConnectionId(++m_lastConnection);
            step(id, io::Accepted{.connection = node.client, .listener = io::Listener::Controller});
        }
        step(id,
             io::FrameIn{
                 node.client,
                 protocol::encodeRequest(message, version, ++m_lastCorrelation, "test").flatten()});
        return true;
    }
    std::vector<Bytes>& answers(int id) { return m_nodes.at(id).answers; }
    /// Some record for the log.
    bool write(int id) {
        protocol::IncrementalAlterConfigsRequest wanted;
        wanted.resources.push_back({4, "", {{"log.retention.ms", 0, std::to_string(++m_writes)}}});
        return request(id, wanted);
    }

    // ---- time
    Now now() const { return {m_at, 1'700'000'000'000 + m_at.ns / 1'000'000}; }
    void run(Milliseconds time) {
        const auto until = m_at + time;
        while (m_violation.empty()) {
            auto next = m_queue.empty() ? Instant::never() : m_queue.begin()->first.first;
            int waker = 0;
            for (const auto& [id, node] : m_nodes)
                if (node.core && std::max(node.core->nextWake(), m_at) < next) {
                    next = std::max(node.core->nextWake(), m_at);
                    waker = id;
                }
            if (next > until)
                break;
            m_turns = next > m_at ? 0 : m_turns + 1;
            if (m_turns > 20'000)
                violation("time stands still");
            m_at = next;
            if (waker != 0) {
                step(waker, io::Tick{});
                continue;
            }
            auto item = std::move(m_queue.begin()->second);
            m_queue.erase(m_queue.begin());
            happen(std::move(item));
        }
        m_at = until;
    }
    /// Runs until it holds; false when it does not in time.
    template <class Holds>
    bool runUntil(Holds holds, Milliseconds most = Milliseconds(5000)) {
        const auto until = m_at + most;
        while (m_violation.empty() && !holds() && m_at < until)
            run(Milliseconds(1));
        return m_violation.empty() && holds();
    }
    const std::string& violation() const { return m_violation; }
    std::size_t committedBatches() const { return m_committed.size(); }
    std::size_t epochsLed() const { return m_leaders.size(); }
    std::uint64_t steps() const { return m_steps; }
    Prng& random() { return m_random; }

private:
    struct Item {
        int node = 0;
        std::uint64_t life = 0;
        std::optional<io::Event> event;
        bool disk = false;
        std::uint64_t link = 0;  ///< what it came over, if over one
        std::optional<io::Dial> dial;
    };
    struct Node {
        explicit Node(std::uint64_t seed) : disk(seed) {}
        test::MemoryDisk disk;
        std::unique_ptr<Controller> core;
        std::uint64_t life = 0;
        bool diskBusy = false;
        std::int64_t checked = 0;  ///< its committed records below were compared
        ConnectionId client;
        std::uint64_t clientLife = 0;
        std::vector<Bytes> answers;
    };
    struct End {
        int node = 0;
        ConnectionId connection;
    };
    struct Link {
        std::uint64_t number = 0;
        End ends[2];
        Instant lastArrival[2];
        bool lost = false;
    };

    Node& addNode(int id) {
        return m_nodes.emplace(id, Node(m_options.seed * 31 + static_cast<unsigned>(id)))
            .first->second;
    }
    bool isCut(int a, int b) const { return m_cuts.contains({std::min(a, b), std::max(a, b)}); }
    void push(Instant at, Item item) {
        m_queue.emplace(std::pair(at, ++m_pushes), std::move(item));
    }
    Nanoseconds travel() {
        return std::chrono::microseconds(m_random.between(20, m_options.networkUsMax));
    }
    void violation(std::string what) {
        if (m_violation.empty())
            m_violation = fmt::format("{} (at {} us, step {})", what, m_at.ns / 1000, m_steps);
    }

    void happen(Item item) {
        auto& node = m_nodes.at(item.node);
        if (!node.core || node.life != item.life)
            return;
        if (item.disk) {
            const auto done = node.disk.step();
            node.diskBusy = false;
            startDisk(item.node);
            if (done)
                step(item.node, *done);
        } else if (item.dial) {
            connect(item.node, *item.dial);
        } else if (item.link == 0 || m_links.contains(item.link) ||
                   std::holds_alternative<io::Closed>(*item.event)) {
            step(item.node, *item.event);
        }
    }
    void connect(int from, const io::Dial& dial) {
        const auto to = m_nodes.find(dial.node.value);
        if (to == m_nodes.end() || !to->second.core || isCut(from, dial.node.value)) {
            step(from, io::Closed{dial.connection});
            return;
        }
        Link link{
            .number = ++m_lastLink,
            .ends = {{from, dial.connection}, {dial.node.value, ConnectionId(++m_lastConnection)}},
            .lastArrival = {m_at, m_at}};
        const auto accepted = link.ends[1].connection;
        const auto number = link.number;
        m_links[number] = link;
        step(dial.node.value,
             io::Accepted{.connection = accepted, .listener = io::Listener::Controller});
        deliver(m_links.at(number), 0, io::Connected{dial.connection});
    }
    void deliver(Link& link, int side, io::Event event) {
        auto& last = link.lastArrival[side];
        last = std::max(last, m_at + travel());
        const auto& end = link.ends[side];
        push(last, {.node = end.node,
                    .life = m_nodes.at(end.node).life,
                    .event = std::move(event),
                    .link = link.number});
    }
    template <class Which>
    void breakWhere(Which which) {
        std::vector<Link> broken;
        std::erase_if(m_links, [&](const auto& entry) {
            if (which(entry.second))
                broken.push_back(entry.second);
            return which(entry.second);
        });
        for (auto& link : broken)
            for (const auto& end : link.ends)
                push(m_at + travel(), {.node = end.node,
                                       .life = m_nodes.at(end.node).life,
                                       .event = io::Closed{end.connection},
                                       .link = link.number});
    }
    void startDisk(int id) {
        auto& node = m_nodes.at(id);
        if (node.diskBusy || node.disk.queued() == 0)
            return;
        node.diskBusy = true;
        push(m_at + std::chrono::microseconds(m_random.between(10, m_options.diskUsMax)),
             {.node = id, .life = node.life, .disk = true});
    }

    void step(int id, const io::Event& event) {
        auto& node = m_nodes.at(id);
        ++m_steps;
        io::Effects effects;
        node.core->step(now(), event, effects);
        finish(id, effects);
    }
    void finish(int id, io::Effects& effects) {
        auto& node = m_nodes.at(id);
        node.disk.submit(effects);
        startDisk(id);
        for (auto& effect : effects)
            perform(id, effect);
        check(id);
    }
    void perform(int id, io::Effect& effect) {
        auto& node = m_nodes.at(id);
        if (auto* dial = std::get_if<io::Dial>(&effect)) {
            push(m_at + travel(), {.node = id, .life = node.life, .dial = *dial});
        } else if (auto* sent = std::get_if<io::SendFrame>(&effect)) {
            if (sent->connection == node.client) {
                node.answers.push_back(sent->frame.flatten());
                return;
            }
            for (auto& [number, link] : m_links)
                for (int side = 0; side < 2; ++side)
                    if (link.ends[side].node == id &&
                        link.ends[side].connection == sent->connection) {
                        const auto& other = link.ends[1 - side];
                        if (isCut(id, other.node))
                            link.lost = true;
                        else if (!link.lost)
                            deliver(link, 1 - side,
                                    io::FrameIn{other.connection, sent->frame.flatten()});
                        return;
                    }
        } else if (auto* closed = std::get_if<io::CloseConnection>(&effect)) {
            if (closed->connection == node.client)
                node.clientLife = 0;
            breakWhere([&](const Link& link) {
                return (link.ends[0].node == id && link.ends[0].connection == closed->connection) ||
                       (link.ends[1].node == id && link.ends[1].connection == closed->connection);
            });
        }
    }

    void check(int id) {
        auto& node = m_nodes.at(id);
        const auto& raft = node.core->raft();
        if (raft.isLeader()) {
            const auto [found, isNew] = m_leaders.try_emplace(raft.epoch(), id);
            if (found->second != id)
                violation(
                    fmt::format("nodes {} and {} lead epoch {}", found->second, id, raft.epoch()));
            if (isNew)
                checkComplete(id);
        }
        const auto mark = raft.highWatermark();
        if (mark <= node.checked)
            return;
        for (const auto& batch : raft.store().batches()) {
            if (batch.baseOffset < node.checked || batch.lastOffset >= mark)
                continue;
            const auto [found, isNew] = m_committed.try_emplace(batch.baseOffset, batch.bytes);
            if (!(found->second == batch.bytes))
                violation(fmt::format("node {} has another committed record at offset {}", id,
                                      batch.baseOffset));
        }
        node.checked = mark;
    }
    /// A leader has everything that was ever committed.
    void checkComplete(int id) {
        const auto& store = m_nodes.at(id).core->raft().store();
        auto batch = store.batches().begin();
        for (const auto& [offset, bytes] : m_committed) {
            if (offset < store.startOffset())
                continue;
            while (batch != store.batches().end() && batch->baseOffset < offset)
                ++batch;
            if (batch == store.batches().end() || batch->baseOffset != offset ||
                !(batch->bytes == bytes)) {
                violation(
                    fmt::format("leader {} lost the committed record at offset {}", id, offset));
                return;
            }
        }
    }

    Options m_options;
    Prng m_random;
    metadata::ConfigMap m_settings;
    raft::VoterSet m_voters;
    std::map<int, Node> m_nodes;
    std::map<std::uint64_t, Link> m_links;
    std::set<std::pair<int, int>> m_cuts;
    std::map<std::pair<Instant, std::uint64_t>, Item> m_queue;
    std::uint64_t m_pushes = 0;
    std::uint64_t m_lastLink = 0;
    std::uint64_t m_lastConnection = 0;
    std::int32_t m_lastCorrelation = 0;
    std::int64_t m_writes = 0;
    std::uint64_t m_steps = 0;
    std::uint64_t m_turns = 0;  ///< since time last went on
    Instant m_at{1'000'000'000};
    std::map<int, std::uint8_t> m_wipes;
    std::map<std::int32_t, int> m_leaders;
    std::map<std::int64_t, Bytes> m_committed;
    std::string m_violation;
};

}  // namespace odradek::quorum
