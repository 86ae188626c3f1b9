// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/source/embedded/node_hands.h"

#include <type_traits>

#include <fmt/format.h>

namespace odradek::source {
namespace {

/// Lanes of commands that are about no single broker, or must not wait for one.
constexpr std::int64_t kFaultLane = -1;
constexpr std::int64_t kOwnLane = -2;  ///< and below

template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};

template <class C>
constexpr bool kOfBroker =
    std::is_same_v<C, api::KillBroker> || std::is_same_v<C, api::PowerCut> || std::is_same_v<C, api::StopBroker> ||
    std::is_same_v<C, api::PauseBroker> || std::is_same_v<C, api::ResumeBroker> ||
    std::is_same_v<C, api::RestartBroker> || std::is_same_v<C, api::WipeBroker> || std::is_same_v<C, api::FlipBit>;

api::CommandResult failed(const Error& error) {
    api::CommandResult result;
    result.error = error.message;
    return result;
}

api::CommandResult resultOf(const Result<void>& done) {
    return done ? api::CommandResult() : failed(done.error());
}

api::CommandResult said(std::string item, std::string message) {
    api::CommandResult result;
    result.items.push_back({std::move(item), "", std::move(message)});
    return result;
}

}  // namespace

bool isNodeCommand(const api::Command& command) {
    return std::visit(
        [](const auto& c) {
            using C = std::decay_t<decltype(c)>;
            return kOfBroker<C> || std::is_same_v<C, api::SetFault> || std::is_same_v<C, api::HealFault> ||
                   std::is_same_v<C, api::HealAll>;
        },
        command);
}

NodeHands::NodeHands(real::EmbeddedCluster& cluster, Done done) : m_cluster(cluster), m_done(std::move(done)) {}

NodeHands::~NodeHands() {
    for (auto& worker : m_workers)
        worker.thread.join();
}

std::int64_t NodeHands::laneOf(api::CommandId id, const api::Command& command) const {
    return std::visit(
        [&](const auto& c) -> std::int64_t {
            using C = std::decay_t<decltype(c)>;
            if constexpr (kOfBroker<C>)
                return c.broker < 0 ? kFaultLane : c.broker;
            else if constexpr (std::is_same_v<C, api::SetFault>)
                return kFaultLane;
            else
                return kOwnLane - static_cast<std::int64_t>(id);
        },
        command);
}

void NodeHands::submit(api::CommandId id, api::Command command) {
    const auto key = laneOf(id, command);
    const std::lock_guard guard(m_lock);
    auto [lane, idle] = m_lanes.try_emplace(key);
    lane->second.emplace_back(id, std::move(command));
    if (!idle)
        return;
    std::erase_if(m_workers, [](Worker& worker) {
        if (worker.ended)
            worker.thread.join();
        return worker.ended;
    });
    auto& worker = m_workers.emplace_back();
    worker.thread = std::thread([this, key, &worker] { work(key, worker); });
}

void NodeHands::work(std::int64_t key, Worker& self) {
    std::unique_lock guard(m_lock);
    for (;;) {
        auto& lane = m_lanes.at(key);
        const auto [id, command] = lane.front();
        guard.unlock();
        auto result = perform(command);
        result.id = id;
        m_done(std::move(result));
        guard.lock();
        lane.pop_front();
        if (lane.empty()) {
            m_lanes.erase(key);
            self.ended = true;
            return;
        }
    }
}

api::CommandResult NodeHands::perform(const api::Command& command) {
    return std::visit(
        Overloaded{
            [&](const api::KillBroker& c) { return resultOf(m_cluster.killNode(BrokerId(c.broker))); },
            [&](const api::PowerCut& c) {
                const auto loss = m_cluster.powerCutNode(BrokerId(c.broker));
                if (!loss)
                    return failed(loss.error());
                return said(fmt::format("broker {}", c.broker),
                            fmt::format("{} unsynced bytes in {} files lost", loss->bytes, loss->files));
            },
            [&](const api::StopBroker& c) { return resultOf(m_cluster.stopNode(BrokerId(c.broker))); },
            [&](const api::PauseBroker& c) { return resultOf(m_cluster.pauseNode(BrokerId(c.broker))); },
            [&](const api::ResumeBroker& c) { return resultOf(m_cluster.resumeNode(BrokerId(c.broker))); },
            [&](const api::RestartBroker& c) { return resultOf(m_cluster.restartNode(BrokerId(c.broker))); },
            [&](const api::WipeBroker& c) { return resultOf(m_cluster.wipeNode(BrokerId(c.broker))); },
            [&](const api::SetFault& c) {
                const auto id = m_cluster.setFault(c.fault);
                return id ? said(fmt::format("fault {}", *id), describe(c.fault)) : failed(id.error());
            },
            [&](const api::FlipBit& c) {
                const auto bit = m_cluster.flipBit(BrokerId(c.broker), c.partition);
                if (!bit)
                    return failed(bit.error());
                return said(bit->file.string(), fmt::format("bit {} of byte {}", bit->bit, bit->position));
            },
            [&](const api::HealFault& c) { return resultOf(m_cluster.heal(c.fault)); },
            [&](const api::HealAll&) { return resultOf(m_cluster.healAll()); },
            [&](const auto&) { return failed({ErrorCode::Unsupported, "not a command about nodes"}); },
        },
        command);
}

}  // namespace odradek::source
