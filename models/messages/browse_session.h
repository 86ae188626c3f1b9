// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include <vector>

#include "engine/api/commands.h"
#include "models/bridge/cluster_feed.h"
#include "models/messages/records_model.h"

namespace odradek::models {

/// One reading of a topic, from start to stop, filling a RecordsModel. Pausing a live tail holds
/// new records back (bounded) instead of dropping the reader. At the end it can say what was read:
/// per partition from where to where. Thread: the GUI's.
class BrowseSession : public QObject {
    Q_OBJECT
public:
    enum class State { Idle, Reading, Tailing, Paused, Done, Failed };

    explicit BrowseSession(ClusterFeed* feed, QObject* parent = nullptr);
    ~BrowseSession() override;

    RecordsModel* records() { return &m_records; }
    State state() const { return m_state; }
    QString error() const { return m_error; }
    const api::StartBrowse& request() const { return m_request; }
    /// Per partition: what was asked and how far it got.
    const std::vector<api::BrowseProgress>& progress() const { return m_progress; }
    /// Records waiting while paused; at most 100,000, then the oldest waiting are counted as
    /// skipped.
    qint64 held() const { return static_cast<qint64>(m_held.size()); }
    qint64 skipped() const { return m_skipped; }
    /// 0..1 of the offsets wanted, or -1 for a tail.
    double fraction() const;
    /// "Read P0 117,204–213,039, P1 …; all of what was asked" in words.
    QString coverage() const;

public slots:
    void start(const odradek::api::StartBrowse& request);
    void stop();
    void setPaused(bool paused);

signals:
    void changed();
    /// New rows were added at the end.
    void arrived(int count);

private:
    void take(const api::BrowseChunk& chunk);

    ClusterFeed* m_feed;
    RecordsModel m_records;
    api::StartBrowse m_request;
    api::CommandId m_id = 0;
    State m_state = State::Idle;
    QString m_error;
    std::vector<api::BrowseProgress> m_progress;
    std::vector<api::ReadRecord> m_held;
    qint64 m_skipped = 0;
};

}  // namespace odradek::models
