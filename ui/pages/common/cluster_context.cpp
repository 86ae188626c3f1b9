// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/common/cluster_context.h"

#include "models/common/text.h"

namespace odradek::ui {

using models::qs;

ClusterContext::ClusterContext(QObject* parent) : QObject(parent) {}

void ClusterContext::setCurrent(models::ClusterFeed* feed, models::SeriesStore* series, const QColor& color) {
    if (m_feed)
        m_feed->disconnect(this);
    if (m_series)
        m_series->disconnect(this);
    m_feed = feed;
    m_series = series;
    m_color = color;
    m_problems.clear();
    m_problemsAt = 0;
    if (!m_feed)
        return;
    connect(m_feed, &models::ClusterFeed::snapshotChanged, this, &ClusterContext::takeSnapshot);
    connect(m_feed, &models::ClusterFeed::readOnlyChanged, this, &ClusterContext::readOnlyChanged);
    connect(m_series, &models::SeriesStore::sampled, this, &ClusterContext::sampled);
    emit clusterChanged();
    takeSnapshot();
}

QString ClusterContext::name() const { return m_feed ? qs(m_feed->info().name) : QString(); }
QString ClusterContext::bootstrap() const { return m_feed ? qs(m_feed->info().bootstrap) : QString(); }

bool ClusterContext::isEmbedded() const {
    return m_feed && m_feed->info().kind == api::SourceKind::Embedded;
}

bool ClusterContext::readOnly() const { return !m_feed || m_feed->readOnly(); }

void ClusterContext::takeSnapshot() {
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

ChangeDialog* ClusterContext::openChange(const models::Change& change, QWidget* parent) {
    if (readOnly()) {
        emit notice(Status::Info, tr("%1 is read-only. Allow changes in the cluster menu first.").arg(name()));
        return nullptr;
    }
    auto* dialog = new ChangeDialog(planOf(change), [this, change](QPointer<ChangeRun> run) { start(change, run); },
                                    parent);
    dialog->open();
    return dialog;
}

ChangeDialog* ClusterContext::openForm(QWidget* form, std::function<models::Change()> current, QWidget* parent) {
    if (readOnly()) {
        delete form;
        emit notice(Status::Info, tr("%1 is read-only. Allow changes in the cluster menu first.").arg(name()));
        return nullptr;
    }
    auto* dialog = new ChangeDialog(planOf(current()),
                                    [this, current](QPointer<ChangeRun> run) { start(current(), run); }, parent);
    dialog->setForm(form);
    dialog->open();
    return dialog;
}

void ClusterContext::start(const models::Change& change, QPointer<ChangeRun> run) {
    m_feed->submit(change.command, this, [this, run, change](const api::CommandResult& result) {
        const bool ok = result.ok();
        if (!run) {
            // The dialog was closed meanwhile; the outcome must still be seen.
            emit notice(ok ? Status::Ok : Status::Error,
                        ok ? tr("%1: done").arg(change.title)
                           : tr("%1 failed: %2").arg(change.title, result.error.empty()
                                                                       ? qs(result.items.empty()
                                                                                ? std::string()
                                                                                : result.items.front().error)
                                                                       : qs(result.error)));
            return;
        }
        for (std::size_t i = 0; i < result.items.size(); ++i)
            run->reportItem({static_cast<int>(i), qs(result.items[i].error), qs(result.items[i].message)});
        run->finish(qs(result.error));
    });
}

void ClusterContext::run(api::Command command, QObject* receiver, models::ClusterFeed::Done done) {
    m_feed->submit(std::move(command), receiver, [this, done](const api::CommandResult& result) {
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
