// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/overview/overview_page.h"

#include <QMenu>
#include <QSettings>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

#include "models/cluster/lookup.h"
#include "models/common/text.h"
#include "ui/pages/overview/cluster_map.h"
#include "ui/pages/overview/overview_charts.h"
#include "ui/pages/overview/problem_list.h"
#include "ui/theme/format.h"
#include "ui/theme/theme.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/state_view.h"

namespace odradek::ui {

using models::qs;

namespace {

constexpr int kSeriousHarm =
    500;  ///< problems below it do not become the page's title beside another
constexpr qsizetype kTitleMax = 84;  ///< characters that fit at 1280 px

QString problemKey(const models::Problem& problem) {
    return QStringLiteral("%1|%2").arg(static_cast<int>(problem.health)).arg(problem.subject);
}

QString internalKey() {
    return QStringLiteral("overview/internal");
}
QString modeKey() {
    return QStringLiteral("overview/mode");
}

}  // namespace

OverviewPage::OverviewPage(ClusterContext& context) : m_context(context) {
    m_internal = QSettings().value(internalKey(), false).toBool();
    m_mapPanel = makeMap();
    m_problemPanel = makeProblems();
    m_top = new MemorySplitter(QStringLiteral("overviewTop"), Qt::Horizontal);
    m_top->addWidget(m_mapPanel);
    m_top->addWidget(m_problemPanel);
    m_top->setChildrenCollapsible(false);
    m_top->setHandleWidth(12);
    m_top->setDefaultSizes({630, 418});
    m_charts = new OverviewCharts(m_context);
    connect(m_charts, &OverviewCharts::requestNavigate, this, &Page::requestNavigate);

    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(10);
    column->addWidget(m_top, 1);
    column->addWidget(m_charts);
    m_state = new StateView;
    m_stack = new QStackedWidget;
    m_stack->addWidget(content);
    m_stack->addWidget(m_state);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_stack);

    connect(&m_context, &ClusterContext::clusterChanged, this, [this] {
        m_firstSeen.clear();
        m_map->setHighlight({});
        m_charts->setSubject({});
    });
    connect(&m_context, &ClusterContext::snapshotChanged, this, &OverviewPage::refresh);
    connect(&m_context, &ClusterContext::sampled, this, [this] {
        if (!m_active || !m_context.hasCluster())
            return;
        m_charts->refresh();
        if (m_map->mode() == ClusterMap::Mode::Traffic)
            applyMode();
    });
    connect(&m_context, &ClusterContext::problemsChanged, this, [this] {
        noteProblems();  // also while another page is shown: "since" must be true
        if (m_active)
            refreshProblems();
    });
}

Panel* OverviewPage::makeMap() {
    m_map = new ClusterMap;
    m_map->setObjectName(QStringLiteral("clusterMap"));
    m_map->setInternalShown(m_internal);
    connect(m_map, &ClusterMap::partitionActivated, this, &OverviewPage::openPartition);
    connect(m_map, &ClusterMap::topicActivated, this, [this](const QString& topic) {
        emit requestNavigate({QStringLiteral("topics"), {topic}, {}});
    });
    connect(m_map, &ClusterMap::brokerActivated, this, [this](int broker) {
        emit requestNavigate({QStringLiteral("brokers"), {QString::number(broker)}, {}});
    });
    connect(m_map, &ClusterMap::menuRequested, this, &OverviewPage::openCellMenu);
    m_mode = new SegmentedControl({tr("Replicas"), tr("Traffic"), tr("Size")});
    m_mode->setObjectName(QStringLiteral("mapMode"));
    m_mode->setCurrent(QSettings().value(modeKey(), 0).toInt());
    connect(m_mode, &SegmentedControl::currentChanged, this, [this](int mode) {
        QSettings().setValue(modeKey(), mode);
        applyMode();
    });
    m_more = new IconButton(QStringLiteral("more"), tr("Options of the map"));
    m_more->setObjectName(QStringLiteral("mapMore"));
    connect(m_more, &QAbstractButton::clicked, this, &OverviewPage::openMapMenu);
    m_legend = new MapLegend;
    auto* panel = new Panel(tr("Cluster map"));
    panel->addHeaderWidget(m_mode);
    panel->addHeaderWidget(m_more);
    panel->bodyLayout()->addWidget(m_map, 1);
    panel->bodyLayout()->addWidget(m_legend);
    return panel;
}

Panel* OverviewPage::makeProblems() {
    m_problems = new ProblemList;
    m_problems->setObjectName(QStringLiteral("problems"));
    connect(m_problems, &ProblemList::activated, this, [this](int index) {
        const auto place = ClusterContext::locationOf(m_problems->at(index).problem.subject);
        if (place.isValid())
            emit requestNavigate(place);
    });
    connect(m_problems, &ProblemList::hovered, this, [this](int index) {
        const auto subject = index < 0 ? QString() : m_problems->at(index).problem.subject;
        m_map->setHighlight(subject);
        m_charts->setSubject(subject);
    });
    m_calm = new StateView;
    m_calm->setIconName(QStringLiteral("circle-check"));
    m_calm->setState(
        StateView::Kind::Empty, tr("No open problems"),
        tr("Every partition has its leader and all its replicas, and no group falls behind."));
    m_problemStack = new QStackedWidget;
    m_problemStack->addWidget(m_problems);
    m_problemStack->addWidget(m_calm);
    auto* panel = new Panel(tr("Open problems"));
    panel->setHeaderLine(true);
    panel->setBody(m_problemStack, false);
    return panel;
}

void OverviewPage::navigate(const Location&) {
    refresh();
}

void OverviewPage::setActive(bool active) {
    m_active = active;
    if (active && m_context.hasCluster()) {
        noteProblems();
        refresh();
        m_charts->refresh();
    }
}

QWidget* OverviewPage::primaryWidget() {
    return m_map;
}

void OverviewPage::refresh() {
    if (!m_active || !m_context.hasCluster())
        return;
    const auto& snapshot = m_context.snapshot();
    if (snapshot.brokers.empty()) {
        if (snapshot.connection == api::Connection::Failed)
            m_state->setState(StateView::Kind::Error,
                              m_context.isEmbedded() ? tr("%1 could not start").arg(m_context.name())
                                                     : tr("No connection to %1").arg(m_context.name()),
                              qs(snapshot.problem));
        else
            m_state->setState(StateView::Kind::Loading, tr("Waiting for %1").arg(m_context.name()));
        m_stack->setCurrentIndex(1);
    } else {
        m_stack->setCurrentIndex(0);
        refreshMap();
        refreshProblems();
        m_charts->refresh();
    }
    showHeader();
}

void OverviewPage::refreshMap() {
    m_map->setSnapshot(m_context.snapshotPtr());
    limitTop();
    applyMode();
    const int hidden = m_map->internalCount();
    m_mapPanel->setSubtitle(hidden == 0                 ? QString()
                            : m_internal && hidden == 1 ? tr("1 internal topic shown")
                            : hidden == 1               ? tr("1 internal topic hidden")
                            : m_internal ? tr("%n internal topics shown", nullptr, hidden)
                                         : tr("%n internal topics hidden", nullptr, hidden));
}

void OverviewPage::applyMode() {
    using Mode = ClusterMap::Mode;
    const auto mode = static_cast<Mode>(m_mode->current());
    if (mode == Mode::Traffic) {
        m_map->setMode(
            mode,
            [this](const api::Topic& topic, const api::Partition& partition, const api::Replica&) {
                const auto name = QStringLiteral("partition.%1.%2.messages").arg(qs(topic.name)).arg(partition.index);
                return m_context.series().find(name) ? m_context.series().last(name) : -1.0;
            },
            [](double rate) { return tr("%1 records/s").arg(models::decimal(rate)); });
        m_legend->setHeat(tr("Records per second"),
                          tr("%1 /s").arg(models::decimal(m_map->heatMaximum())));
    } else if (mode == Mode::Size) {
        m_map->setMode(
            mode,
            [](const api::Topic&, const api::Partition& partition, const api::Replica& replica) {
                const auto size = replica.bytes ? replica.bytes : partition.bytes;
                return size ? static_cast<double>(*size) : -1.0;
            },
            [](double size) { return tr("%1 on disk").arg(formatBytes(size)); });
        m_legend->setHeat(tr("Bytes on disk"), formatBytes(m_map->heatMaximum()));
    } else if (m_map->mode() != mode) {
        m_map->setMode(mode);
        m_legend->setReplicas();
    }
}

void OverviewPage::limitTop() {
    // A small cluster's map is not stretched into emptiness: what it does not need goes to the charts.
    const int chrome = m_mapPanel->height() - m_map->height();
    const int map = m_map->neededHeight() + std::max(chrome, metrics().panelHeader + metrics().control + 24);
    const int problems = metrics().panelHeader + static_cast<int>(m_context.problems().size()) * (5 * metrics().body);
    const int most = std::max({map, std::min(problems, 2 * map), 300});
    if (m_top->maximumHeight() != most)
        m_top->setMaximumHeight(most);
}

void OverviewPage::noteProblems() {
    if (!m_context.hasCluster() || !m_context.isLive())
        return;
    QHash<QString, qint64> seen;
    for (const auto& problem : m_context.problems()) {
        const auto key = problemKey(problem);
        seen.insert(key, m_firstSeen.value(key, m_context.snapshot().at));
    }
    m_firstSeen = seen;
}

void OverviewPage::refreshProblems() {
    std::vector<ListedProblem> listed;
    const auto now = m_context.snapshot().at;
    for (const auto& problem : m_context.problems()) {
        const auto since = now - m_firstSeen.value(problemKey(problem), now);
        // In whole seconds, so that a snapshot without news repaints nothing.
        listed.push_back({problem, since < 1000 || !m_context.isLive() ? -1 : since / 1000 * 1000});
    }
    const auto count = static_cast<int>(listed.size());
    m_problems->setProblems(std::move(listed));
    m_problemStack->setCurrentIndex(count > 0 ? 0 : 1);
    m_problemPanel->setSubtitle(count > 1 ? tr("%1, most harmful first").arg(count) : QString());
}

QString OverviewPage::finding() const {
    const auto& snapshot = m_context.snapshot();
    const auto& problems = m_context.problems();
    int partitions = 0;
    for (const auto& topic : snapshot.topics)
        partitions += static_cast<int>(topic.partitions.size());
    if (snapshot.brokers.empty())
        return title();
    const auto worth =
        std::count_if(problems.begin(), problems.end(), [](const models::Problem& p) {
            return p.health != models::Health::Info && p.health != models::Health::Ok;
        });
    if (worth == 0)
        return partitions == 0 ? tr("The cluster is up and has no topics yet")
                               : tr("All %n partitions are in sync", nullptr, partitions);
    const auto& first = problems.front().title;
    if (worth > 1 && problems[1].harm >= kSeriousHarm) {
        const auto both = tr("%1, and %2").arg(first, problems[1].title);
        if (both.size() <= kTitleMax)
            return both;
    }
    return first;
}

void OverviewPage::showHeader() {
    const auto& snapshot = m_context.snapshot();
    PageHeader header;
    header.title = finding();
    int partitions = 0, replicas = 0;
    for (const auto& topic : snapshot.topics)
        for (const auto& partition : topic.partitions) {
            ++partitions;
            replicas += static_cast<int>(partition.replicas.size());
        }
    QStringList facts;
    if (!snapshot.brokers.empty()) {
        facts << tr("%1 partitions, %2 replicas")
                     .arg(models::number(partitions), models::number(replicas));
        const auto groups = static_cast<int>(snapshot.groups.size());
        facts << (groups == 1 ? tr("1 consumer group") : tr("%n consumer groups", nullptr, groups));
        if (snapshot.controller >= 0)
            facts << tr("metadata leader: broker %1").arg(snapshot.controller);
        const auto up = snapshot.at - snapshot.started;
        if (snapshot.started > 0)  // whole minutes: a title line that ticks every second is noise
            facts << (up < 60000 ? tr("up for less than a minute")
                                 : tr("up %1").arg(models::duration(up / 60000 * 60000)));
    }
    header.subtitle = facts.join(QStringLiteral(" · "));
    if (snapshot.connection == api::Connection::Stale)
        header.chips.push_back(
            {tr("Connection lost, this is old"), Status::Warning, {}, qs(snapshot.problem)});
    else if (snapshot.connection == api::Connection::Failed && !snapshot.brokers.empty())
        header.chips.push_back(
            {tr("No connection, this is old"), Status::Offline, {}, qs(snapshot.problem)});
    setHeader(header);
}

void OverviewPage::openMapMenu() {
    QMenu menu(this);
    auto* internal = menu.addAction(tr("Show internal topics"));
    internal->setCheckable(true);
    internal->setChecked(m_internal);
    connect(internal, &QAction::toggled, this, [this](bool on) {
        m_internal = on;
        QSettings().setValue(internalKey(), on);
        m_map->setInternalShown(on);
        if (m_context.hasCluster())
            refreshMap();
    });
    menu.exec(m_more->mapToGlobal(QPoint(0, m_more->height())));
}

void OverviewPage::openCellMenu(const QString& topic, int partition, int broker, const QPoint& at) {
    QMenu menu(this);
    menu.addAction(tr("Open %1-%2").arg(topic).arg(partition), this,
                   [this, topic, partition] { openPartition(topic, partition); });
    menu.addAction(tr("Browse messages"), this, [this, topic, partition] {
        emit requestNavigate({QStringLiteral("messages"), {topic, QString::number(partition)}, {}});
    });
    menu.addAction(tr("Open broker %1").arg(broker), this, [this, broker] {
        emit requestNavigate({QStringLiteral("brokers"), {QString::number(broker)}, {}});
    });
    menu.exec(at);
}

void OverviewPage::openPartition(const QString& topic, int partition) {
    emit requestNavigate({QStringLiteral("topics"), {topic, QString::number(partition)}, {}});
}

}  // namespace odradek::ui
