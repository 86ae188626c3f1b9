// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/bridge/cluster_feed.h"

#include <QMetaObject>
#include <QThread>

namespace odradek::models {
namespace {
constexpr int kPaceMs = 100;
constexpr std::size_t kEventsKept = 5000;
}  // namespace

ClusterFeed::ClusterFeed(std::unique_ptr<api::Source> source, QObject* parent)
    : QObject(parent),
      m_source(std::move(source)),
      m_snapshot(std::make_shared<api::ClusterSnapshot>()) {
    m_pace.setSingleShot(true);
    m_pace.setInterval(kPaceMs);
    connect(&m_pace, &QTimer::timeout, this, [this] {
        if (m_pending)
            drain();
    });
    m_source->setWake(
        [this] { QMetaObject::invokeMethod(this, &ClusterFeed::wake, Qt::QueuedConnection); });
}

ClusterFeed::~ClusterFeed() {
    // The source stops its threads first, so that none can wake a feed that is going.
    m_source.reset();
}

void ClusterFeed::setReadOnly(bool readOnly) {
    if (m_source->readOnly() == readOnly)
        return;
    m_source->setReadOnly(readOnly);
    emit readOnlyChanged(readOnly);
}

api::CommandId ClusterFeed::submit(api::Command command, QObject* context, Done done) {
    Q_ASSERT(QThread::currentThread() == thread());
    const auto id = m_source->submit(std::move(command));
    m_waiting.insert(id, Waiting{context, std::move(done)});
    return id;
}

api::CommandId ClusterFeed::browse(api::StartBrowse request, QObject* context, Chunk chunk) {
    Q_ASSERT(QThread::currentThread() == thread());
    const auto id = m_source->submit(std::move(request));
    m_browsing.insert(id, Browsing{context, std::move(chunk)});
    return id;
}

void ClusterFeed::stopBrowse(api::CommandId browse) {
    if (m_browsing.remove(browse) > 0)
        m_source->submit(api::StopBrowse{browse});
}

void ClusterFeed::wake() {
    if (m_pace.isActive())
        m_pending = true;
    else
        drain();
}

void ClusterFeed::drain() {
    m_pending = false;
    m_pace.start();
    auto update = m_source->drain();
    const bool fresh = update.snapshot && update.snapshot != m_snapshot;
    if (fresh) {
        m_snapshot = std::move(update.snapshot);
        m_recording.add(m_snapshot);
    }
    if (!update.events.empty()) {
        m_events.insert(m_events.end(), update.events.begin(), update.events.end());
        if (m_events.size() > kEventsKept)
            m_events.erase(m_events.begin(),
                           m_events.end() - static_cast<std::ptrdiff_t>(kEventsKept));
    }
    QPointer<ClusterFeed> self(this);
    if (fresh)
        emit snapshotChanged();
    if (self && !update.events.empty())
        emit eventsArrived(update.events);
    for (const auto& result : update.results) {
        if (!self)
            return;
        const auto waiting = m_waiting.take(result.id);
        if (waiting.context && waiting.done)
            waiting.done(result);
    }
    for (const auto& chunk : update.chunks) {
        if (!self)
            return;
        const auto found = m_browsing.constFind(chunk.browse);
        if (found == m_browsing.constEnd())
            continue;
        const auto target = *found;
        if (chunk.done)
            m_browsing.remove(chunk.browse);
        if (target.context)
            target.chunk(chunk);
        else
            stopBrowse(chunk.browse);
    }
}

}  // namespace odradek::models
