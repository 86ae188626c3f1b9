// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/source/common/source_core.h"

#include <algorithm>

#include "engine/source/common/infer.h"

namespace odradek::source {
namespace {

constexpr std::size_t kRecordsHeld = 20'000;  ///< not drained by the window: readers hold back
constexpr Milliseconds kHoldCheck{50};
constexpr Milliseconds kStaleAfter{3'000};
constexpr Milliseconds kPublishEvery{250};

}  // namespace

SourceCore::SourceCore(std::shared_ptr<Mailbox> mailbox, client::ClientOptions options,
                       std::optional<Poller::Pace> poll)
    : m_mailbox(std::move(mailbox)), m_options(options), m_client(options) {
    if (poll)
        m_poller.emplace(*poll);
}

void SourceCore::step(Now now, const io::Event& event, io::Effects& effects) {
    if (!m_started) {
        m_started = true;
        m_publishAt = now.at;
        m_client.watchAllTopics(now, effects);
    }
    const bool tick = std::holds_alternative<io::Tick>(event);
    if (tick || m_client.network().owns(event))
        m_client.step(now, event, effects);
    stepBrowses(now, event, tick, effects);
    deliver(now, effects);
}

void SourceCore::stepBrowses(Now now, const io::Event& event, bool tick, io::Effects& effects) {
    m_holdCheckAt = Instant::never();
    if (m_browses.empty())
        return;
    const bool hold = m_mailbox->waitingRecords() > kRecordsHeld;
    if (hold)
        m_holdCheckAt = now.at + kHoldCheck;
    for (auto it = m_browses.begin(); it != m_browses.end();) {
        auto& [id, browse] = *it;
        browse.setHold(now, hold, effects);
        if (tick || browse.owns(event))
            browse.step(now, event, effects);
        for (auto& chunk : browse.chunks())
            m_mailbox->put(std::move(chunk));
        it = browse.done() ? m_browses.erase(it) : std::next(it);
    }
}

void SourceCore::deliver(Now now, io::Effects& effects) {
    auto outcomes = m_client.outcomes();
    m_desk.take(now, outcomes.replies, outcomes.produced, m_client, effects);
    for (auto& result : m_desk.results())
        m_mailbox->put(std::move(result));
    if (!m_poller)
        return;
    m_poller->take(now, outcomes.replies, m_client, effects);
    m_poller->advance(now, m_client, effects);
    if (now.at >= m_publishAt)
        publish(now);
}

void SourceCore::publish(Now now) {
    m_publishAt = now.at + kPublishEvery;
    const bool answered =
        !m_client.metadata().brokers.empty() && now.at - m_poller->lastAnswer() < kStaleAfter;
    const auto connection = answered                         ? api::Connection::Live
                            : m_everLive                     ? api::Connection::Stale
                            : m_client.lastProblem().empty() ? api::Connection::Starting
                                                             : api::Connection::Failed;
    m_everLive |= answered;
    const auto problem = answered ? std::string() : m_client.lastProblem();
    if (!m_poller->dirty() && m_last && m_last->connection == connection &&
        m_last->problem == problem)
        return;
    auto fresh = std::make_shared<api::ClusterSnapshot>(m_poller->build(now, m_client.metadata()));
    fresh->version = ++m_version;
    fresh->connection = connection;
    fresh->problem = problem;
    if (m_last && m_last->connection == api::Connection::Live && answered) {
        for (auto& event : inferEvents(*m_last, *fresh, true))
            m_mailbox->put(std::move(event));
    } else if (m_last && m_last->connection != connection) {
        api::Event event{0,  now.wallMs, api::EventKind::Cluster, api::Severity::Warning, {},
                         {}, false};
        event.severity = answered ? api::Severity::Ok : api::Severity::Error;
        event.text = answered ? "Connected" : "Connection lost: " + problem;
        m_mailbox->put(std::move(event));
    }
    m_last = fresh;
    m_mailbox->put(api::SnapshotPtr(std::move(fresh)));
}

Instant SourceCore::nextWake() const {
    auto due = m_client.nextWake();
    for (const auto& [id, browse] : m_browses)
        due = std::min(due, browse.nextWake());
    if (!m_started)
        return Instant{0};
    if (m_poller)
        due =
            std::min({due, m_poller->nextWake(!m_client.metadata().brokers.empty()), m_publishAt});
    return std::min(due, m_holdCheckAt);
}

void SourceCore::submit(Now now, api::CommandId id, const api::Command& command,
                        io::Effects& effects) {
    if (const auto* browse = std::get_if<api::StartBrowse>(&command)) {
        startBrowse(now, id, *browse, effects);
    } else if (const auto* stop = std::get_if<api::StopBrowse>(&command)) {
        stopBrowse(stop->browse, effects);
        api::CommandResult done;
        done.id = id;
        m_mailbox->put(std::move(done));
    } else {
        m_desk.submit(now, id, command, m_client, effects);
    }
    deliver(now, effects);
}

void SourceCore::setPace(Poller::Pace pace) {
    if (m_poller)
        m_poller->setPace(pace);
}

void SourceCore::startBrowse(Now now, api::CommandId id, const api::StartBrowse& request,
                             io::Effects& effects) {
    auto options = m_options;
    // Connection ids are unique within one core: each reader has a range of its own.
    options.network.firstConnection = (++m_browseCount) << 24;
    options.bootstrap.clear();
    for (const auto& [broker, address] : m_client.metadata().addresses())
        options.bootstrap.push_back(address);
    if (options.bootstrap.empty())
        options.bootstrap = m_options.bootstrap;
    m_browses.emplace_back(id, Browse(id, request, std::move(options)));
    m_browses.back().second.start(now, effects);
}

void SourceCore::stopBrowse(api::CommandId id, io::Effects& effects) {
    for (auto it = m_browses.begin(); it != m_browses.end(); ++it)
        if (it->first == id) {
            it->second.shutdown(effects);
            m_browses.erase(it);
            return;
        }
}

}  // namespace odradek::source
