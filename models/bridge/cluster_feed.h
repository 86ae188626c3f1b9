// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QObject>
#include <QPointer>
#include <QTimer>

#include <functional>
#include <memory>
#include <vector>

#include "engine/api/source.h"
#include "models/bridge/recording.h"

namespace odradek::models {

/// The one place where values of a cluster cross to the GUI thread: the source wakes it from its
/// own threads, it drains at most ten times a second and hands on whole snapshots, events, results
/// and chunks as signals.
///
/// Lifecycle: owns its source; destroying the feed stops the source. Thread: the GUI's; only wake()
/// comes from others.
class ClusterFeed : public QObject {
    Q_OBJECT
public:
    explicit ClusterFeed(std::unique_ptr<api::Source> source, QObject* parent = nullptr);
    ~ClusterFeed() override;

    api::SourceInfo info() const { return m_source->info(); }
    /// The newest snapshot; never null (an empty one, Starting, before the first).
    const api::SnapshotPtr& snapshot() const { return m_snapshot; }
    /// The newest events, oldest first; at most 5,000 are kept.
    const std::vector<api::Event>& events() const { return m_events; }

    /// What the cluster looked like in the last hour.
    const Recording& recording() const { return m_recording; }

    bool readOnly() const { return m_source->readOnly(); }
    void setReadOnly(bool readOnly);
    void setInterest(api::Source::Interest interest) { m_source->setInterest(interest); }

    using Done = std::function<void(const api::CommandResult&)>;
    using Chunk = std::function<void(const api::BrowseChunk&)>;
    /// Asks for something; `done` runs later on this thread, unless `context` is gone by then.
    api::CommandId submit(api::Command command, QObject* context, Done done);
    /// Starts reading records; `chunk` runs for each chunk until one says done.
    api::CommandId browse(api::StartBrowse request, QObject* context, Chunk chunk);
    /// Stops a browse; no chunk is delivered after this call.
    void stopBrowse(api::CommandId browse);

signals:
    /// A newer snapshot() is there.
    void snapshotChanged();
    /// New entries at the end of events().
    void eventsArrived(const std::vector<odradek::api::Event>& fresh);
    void readOnlyChanged(bool readOnly);

private:
    void wake();
    void drain();

    struct Waiting {
        QPointer<QObject> context;
        Done done;
    };
    struct Browsing {
        QPointer<QObject> context;
        Chunk chunk;
    };
    std::unique_ptr<api::Source> m_source;
    api::SnapshotPtr m_snapshot;
    std::vector<api::Event> m_events;
    Recording m_recording;
    QHash<quint64, Waiting> m_waiting;
    QHash<quint64, Browsing> m_browsing;
    QTimer m_pace;
    bool m_pending = false;
};

}  // namespace odradek::models
