// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/common/cluster_context.h"

#include <algorithm>

#include "models/common/text.h"
#include "ui/charts/time_chart.h"

namespace odradek::ui {

using models::qs;

namespace {
constexpr double kSpanMinMs = 30'000;  ///< a young cluster's chart is at least this wide
}

ClusterContext::ClusterContext(QObject* parent)
    : QObject(parent), m_shown(std::make_shared<const api::ClusterSnapshot>()) {}

void ClusterContext::setCurrent(models::ClusterFeed* feed, models::SeriesStore* series, const QColor& color) {
    if (m_feed)
        m_feed->disconnect(this);
    if (m_series) {
        m_series->disconnect(this);
        m_series->setMoment(std::nullopt);
    }
    const bool was = m_moment.has_value();
    m_moment.reset();
    m_feed = feed;
    m_series = series;
    m_color = color;
    m_problems.clear();
    if (!m_feed)
        return;
    m_shown = m_feed->snapshot();
    if (was)
        emit momentChanged();
    connect(m_feed, &models::ClusterFeed::snapshotChanged, this, &ClusterContext::takeSnapshot);
    connect(m_feed, &models::ClusterFeed::readOnlyChanged, this, &ClusterContext::readOnlyChanged);
    connect(m_series, &models::SeriesStore::sampled, this, [this] {
        if (isLive())
            emit sampled();
    });
    emit clusterChanged();
    refreshShown();
}

void ClusterContext::setMoment(std::optional<qint64> moment) {
    if (!m_feed)
        return;
    const auto& recording = m_feed->recording();
    if (moment && recording.size() == 0)
        return;
    if (moment)
        moment = std::clamp(*moment, qint64(recording.oldest()), qint64(recording.newest()));
    if (moment == m_moment)
        return;
    const bool switched = moment.has_value() != m_moment.has_value();
    m_moment = moment;
    m_series->setMoment(moment ? std::optional(static_cast<double>(*moment)) : std::nullopt);
    emit momentChanged();
    if (switched)
        emit readOnlyChanged();
    refreshShown();
    emit sampled();
}

void ClusterContext::setSpan(qint64 ms) {
    if (ms <= 0 || ms == m_span)
        return;
    m_span = ms;
    emit spanChanged();
    if (m_feed)
        emit sampled();
}

ChartRange ClusterContext::chartRange() const {
    if (!m_series)
        return {};
    const auto to = m_moment ? static_cast<double>(*m_moment)
                             : std::max(static_cast<double>(m_shown->at), m_series->newest());
    if (to <= 0)
        return {};
    double from = to - static_cast<double>(m_span);
    // A young cluster's first minutes fill the width instead of a corner.
    if (m_series->oldest() > 0)
        from = std::min(std::max(from, m_series->oldest()), to - std::min(kSpanMinMs, static_cast<double>(m_span)));
    return {from, to};
}

void ClusterContext::showSeries(TimeChart& chart, int line, const QString& name) const {
    const auto range = chartRange();
    chart.setTimeRange(range.from, range.to);
    const auto* ring = m_series ? m_series->find(name) : nullptr;
    if (!ring || !range.valid())
        return chart.setPoints(line, {}, {});
    // One point more at the left, so that the line enters from outside.
    const auto& times = ring->times();
    auto first = std::lower_bound(times.begin(), times.end(), range.from) - times.begin();
    first -= first > 0;
    const auto last = std::upper_bound(times.begin(), times.end(), range.to) - times.begin();
    const auto& values = ring->values();
    chart.setPoints(line, {times.begin() + first, times.begin() + std::max(first, last)},
                    {values.begin() + first, values.begin() + std::max(first, last)});
}

QString ClusterContext::name() const { return m_feed ? qs(m_feed->info().name) : QString(); }
QString ClusterContext::bootstrap() const { return m_feed ? qs(m_feed->info().bootstrap) : QString(); }

bool ClusterContext::isEmbedded() const {
    return m_feed && m_feed->info().kind == api::SourceKind::Embedded;
}

bool ClusterContext::readOnly() const { return !m_feed || m_moment || m_feed->readOnly(); }

void ClusterContext::takeSnapshot() {
    if (isLive())
        refreshShown();
}

void ClusterContext::refreshShown() {
    m_shown = m_moment ? m_feed->recording().at(*m_moment) : m_feed->snapshot();
    if (!m_shown)
        m_shown = m_feed->snapshot();
    auto problems = models::findProblems(snapshot(), *m_series);
    auto health = models::summarize(snapshot(), problems);
    const bool changed = problems != m_problems || !(health == m_health);
    m_problems = std::move(problems);
    m_health = std::move(health);
    emit snapshotChanged();
    if (changed)
        emit problemsChanged();
}

ChangePlan ClusterContext::planOf(const models::Change& change) const {
    ChangePlan plan;
    plan.title = change.title;
    plan.clusterName = name();
    plan.clusterColor = m_color;
    plan.verb = change.verb;
    for (const auto& item : change.items)
        plan.items.push_back({item.item, item.before, item.after});
    plan.effect = change.effect;
    plan.commandLine = change.commandLine;
    plan.blocker = change.problems.join(QLatin1Char(' '));
    plan.destructive = change.dangerous;
    return plan;
}

bool ClusterContext::refuse() {
    if (!readOnly())
        return false;
    emit notice(Status::Info,
                m_moment ? tr("This is a recorded moment. Go back to Live to change something.")
                         : tr("%1 is read-only. Allow changes in the cluster menu first.").arg(name()));
    return true;
}

ChangeDialog* ClusterContext::openChange(const models::Change& change, QWidget* parent) {
    if (refuse())
        return nullptr;
    auto* dialog = new ChangeDialog(planOf(change), [this, change](QPointer<ChangeRun> run) { start(change, run); },
                                    parent);
    dialog->open();
    return dialog;
}

ChangeDialog* ClusterContext::openForm(QWidget* form, std::function<models::Change()> current, QWidget* parent) {
    if (refuse()) {
        delete form;
        return nullptr;
    }
    auto* dialog = new ChangeDialog(planOf(current()),
                                    [this, current](QPointer<ChangeRun> run) { start(current(), run); }, parent);
    dialog->setForm(form);
    dialog->open();
    return dialog;
}

void ClusterContext::start(const models::Change& change, QPointer<ChangeRun> run) {
    QString noted;
    if (m_audit) {
        models::AuditEntry entry;
        entry.cluster = name();
        entry.bootstrap = bootstrap();
        entry.title = change.title;
        entry.items = change.items;
        entry.commandLine = change.commandLine;
        noted = m_audit->begin(std::move(entry));
    }
    m_feed->submit(change.command, this, [this, run, change, noted](const api::CommandResult& result) {
        const bool ok = result.ok();
        if (m_audit)
            m_audit->finish(noted, ok, models::resultWords(result));
        if (!run) {
            // The dialog was closed meanwhile; the outcome must still be seen.
            emit notice(ok ? Status::Ok : Status::Error,
                        ok ? tr("%1: done").arg(change.title)
                           : tr("%1 failed: %2").arg(change.title, models::resultWords(result)));
            return;
        }
        for (std::size_t i = 0; i < result.items.size(); ++i)
            run->reportItem({static_cast<int>(i), qs(result.items[i].error), qs(result.items[i].message)});
        run->finish(qs(result.error));
    });
}

void ClusterContext::run(api::Command command, QObject* receiver, models::ClusterFeed::Done done) {
    QString noted;
    if (auto entry = models::auditEntryOf(command, bootstrap())) {
        if (refuse())
            return;
        if (m_audit) {
            entry->cluster = name();
            entry->bootstrap = bootstrap();
            noted = m_audit->begin(std::move(*entry));
        }
    }
    m_feed->submit(std::move(command), receiver, [this, done, noted](const api::CommandResult& result) {
        if (m_audit && !noted.isEmpty())
            m_audit->finish(noted, result.ok(), models::resultWords(result));
        if (!result.error.empty())
            emit notice(Status::Warning, qs(result.error));
        if (done)
            done(result);
    });
}

Location ClusterContext::locationOf(const QString& subject) {
    const auto colon = subject.indexOf(QLatin1Char(':'));
    const auto kind = subject.left(colon);
    const auto rest = colon < 0 ? QString() : subject.mid(colon + 1);
    if (kind == QStringLiteral("topic"))
        return {QStringLiteral("topics"), rest.split(QLatin1Char('/')), {}};
    if (kind == QStringLiteral("group"))
        return {QStringLiteral("groups"), {rest}, {}};
    if (kind == QStringLiteral("broker"))
        return {QStringLiteral("brokers"), {rest}, {}};
    if (kind == QStringLiteral("disk"))
        return {QStringLiteral("disk"), {}, {}};
    return {};
}

}  // namespace odradek::ui
