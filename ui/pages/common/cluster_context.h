// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QObject>
#include <QPointer>
#include <QVector>

#include <optional>

#include "models/bridge/cluster_feed.h"
#include "models/cluster/problems.h"
#include "models/series/series_store.h"
#include "models/tasks/audit_log.h"
#include "models/tasks/changes.h"
#include "ui/shell/change_dialog.h"
#include "ui/shell/location.h"

namespace odradek::ui {

class TimeChart;

/// What every chart of a page shows on its time axis, ms since 1970. Empty (0, 0) before the first snapshot.
struct ChartRange {
    double from = 0;
    double to = 0;
    bool valid() const { return to > from; }
};

/// The cluster that all pages show now: its feed, its histories, its problems, and the one way to change it.
/// Pages keep a reference for their whole life and follow the signals; the composition root switches clusters with
/// setCurrent(). Never without a feed once pages are shown. GUI thread.
class ClusterContext : public QObject {
    Q_OBJECT
public:
    explicit ClusterContext(QObject* parent = nullptr);

    /// Shows another cluster. Feed and series stay owned by the caller and must outlive their time as current.
    void setCurrent(models::ClusterFeed* feed, models::SeriesStore* series, const QColor& color);

    bool hasCluster() const { return m_feed != nullptr; }
    models::ClusterFeed& feed() const { return *m_feed; }
    const models::SeriesStore& series() const { return *m_series; }
    /// What pages show: the newest snapshot, or that of the recorded moment.
    const api::ClusterSnapshot& snapshot() const { return *m_shown; }
    const api::SnapshotPtr& snapshotPtr() const { return m_shown; }
    /// How the cluster is now, whatever is shown.
    const api::ClusterSnapshot& liveSnapshot() const { return *m_feed->snapshot(); }

    /// The recorded moment that is shown, ms since 1970; nothing = live. While one is shown, snapshot() and rates are
    /// those of then and nothing can be changed. A moment outside the recording is moved to its nearest end; without
    /// any recording this does nothing.
    std::optional<qint64> moment() const { return m_moment; }
    bool isLive() const { return !m_moment; }
    void setMoment(std::optional<qint64> moment);
    /// How much of the past charts show; default 15 minutes.
    qint64 span() const { return m_span; }
    void setSpan(qint64 ms);
    /// What charts show: the span up to now or to the recorded moment, less while the history is younger.
    ChartRange chartRange() const;
    /// Gives one line of a chart its history, cut to chartRange(), and the chart that range. An unknown name gives no
    /// points.
    void showSeries(TimeChart& chart, int line, const QString& name) const;
    /// Where changes are noted; may be null. Must outlive the context.
    void setAudit(models::AuditLog* audit) { m_audit = audit; }
    models::AuditLog* audit() const { return m_audit; }
    QString name() const;
    QString bootstrap() const;
    QColor color() const { return m_color; }
    bool isEmbedded() const;
    bool readOnly() const;
    const std::vector<models::Problem>& problems() const { return m_problems; }
    const models::HealthSummary& health() const { return m_health; }

    /// Opens the dialog with preview, command line and result for a change, and makes it when confirmed. Returns the
    /// dialog (it deletes itself), or null with a notice when the cluster is read-only.
    ChangeDialog* openChange(const models::Change& change, QWidget* parent);
    /// The plan of a change as the dialog shows it, for pages that put a form above it and call setPlan() while typing.
    ChangePlan planOf(const models::Change& change) const;
    /// As openChange, with input widgets; `current` is asked for the change at each edit and when it is made.
    ChangeDialog* openForm(QWidget* form, std::function<models::Change()> current, QWidget* parent);
    /// Asks for something that needs no confirmation (rates, browsing); a refusal becomes a notice.
    void run(api::Command command, QObject* receiver, models::ClusterFeed::Done done = {});

    /// A problem's or event's subject ("topic:new_orders/2") as a place to go.
    static Location locationOf(const QString& subject);

signals:
    /// Another cluster is shown: forget what belongs to the old one.
    void clusterChanged();
    /// A newer snapshot of the present cluster.
    void snapshotChanged();
    /// Histories have a new point (about once a second).
    void sampled();
    void readOnlyChanged();
    /// Another moment, or live again; snapshotChanged() and sampled() follow.
    void momentChanged();
    void spanChanged();
    void problemsChanged();
    void notice(odradek::ui::Status status, const QString& text);

private:
    void takeSnapshot();
    void refreshShown();
    bool refuse();
    void start(const models::Change& change, QPointer<ChangeRun> run);

    models::ClusterFeed* m_feed = nullptr;
    models::SeriesStore* m_series = nullptr;
    QColor m_color;
    std::vector<models::Problem> m_problems;
    models::HealthSummary m_health;
    api::SnapshotPtr m_shown;
    std::optional<qint64> m_moment;
    qint64 m_span = 15 * 60'000;
    models::AuditLog* m_audit = nullptr;
};

/// ui::Status of a models::Health: the same five states.
inline Status statusOf(models::Health health) { return static_cast<Status>(health); }

}  // namespace odradek::ui
