// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/application.h"

#include <QCoreApplication>
#include <QDir>
#include <QInputDialog>
#include <QSettings>
#include <QStandardPaths>

#include <algorithm>

#include "app/gui/english.h"
#include "engine/source/embedded/embedded_source.h"
#include "engine/source/remote/remote_source.h"
#include "models/common/text.h"
#include "ui/pages/pages.h"
#include "ui/shell/time_control.h"
#include "ui/theme/theme.h"

namespace odradek::app {

using models::qs;

namespace {

constexpr auto kEmbedded = "embedded";
constexpr auto kAttachedKey = "clusters/attached";
constexpr auto kSpanKey = "time/span";

QString kindWord(api::EventKind kind) {
    switch (kind) {
        case api::EventKind::Cluster:
            return Application::tr("Cluster");
        case api::EventKind::Leader:
            return Application::tr("Leaders");
        case api::EventKind::Isr:
            return Application::tr("ISR");
        case api::EventKind::Group:
            return Application::tr("Groups");
        case api::EventKind::Topic:
            return Application::tr("Topics");
        case api::EventKind::Log:
            return Application::tr("Logs");
        case api::EventKind::Workload:
            return Application::tr("Retail platform");
        case api::EventKind::Change:
            return Application::tr("Changes");
        case api::EventKind::Fault:
            return Application::tr("Faults");
    }
    return {};
}

ui::Status statusOf(api::Severity severity) {
    switch (severity) {
        case api::Severity::Info:
            return ui::Status::Info;
        case api::Severity::Ok:
            return ui::Status::Ok;
        case api::Severity::Warning:
            return ui::Status::Warning;
        case api::Severity::Error:
            return ui::Status::Error;
        case api::Severity::Offline:
            return ui::Status::Offline;
    }
    return ui::Status::Info;
}

/// Where the audit log is kept: beside what else belongs to the user, not to one data directory.
/// Pictures leave no trace.
QString auditPath(const GuiOptions& options) {
    if (options.screenshots)
        return {};
    return QDir(QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation))
        .filePath(QStringLiteral("odradek/audit.jsonl"));
}

}  // namespace

Application::Application(GuiOptions options)
    : m_options(std::move(options)), m_audit(auditPath(m_options)) {
    m_context.setAudit(&m_audit);
    QCoreApplication::installTranslator(new EnglishPlurals(this));
    m_window = std::make_unique<ui::ShellWindow>();
    addPages();
    wireShell();
    addEmbedded();
    for (const auto& address : m_options.attach)
        attach(qs(address), false);
    if (!m_options.screenshots)
        for (const auto& address : QSettings().value(QLatin1String(kAttachedKey)).toStringList())
            attach(address, false);
    // Pictures of an attached cluster are what --attach beside --screenshot asks for.
    const bool pictureAttached = m_options.screenshots && m_clusters.size() > 1;
    choose(pictureAttached ? m_clusters.back().id : QLatin1String(kEmbedded));
}

Application::~Application() {
    // The window goes first: pages hold references to feeds through the context.
    m_window.reset();
}

void Application::show() {
    m_window->restoreState({QStringLiteral("overview"), {}, {}});
    m_window->show();
}

void Application::addPages() {
    for (auto* page : ui::makePages(m_context)) {
        m_pageIds << page->id();
        m_window->addPage(page);
    }
}

void Application::wireShell() {
    auto* w = m_window.get();
    connect(w, &ui::ShellWindow::clusterChosen, this, &Application::choose);
    connect(w, &ui::ShellWindow::detachRequested, this, &Application::detach);
    connect(w, &ui::ShellWindow::readOnlyToggled, this, &Application::setReadOnly);
    connect(w, &ui::ShellWindow::attachRequested, this, &Application::askForAddress);
    connect(w, &ui::ShellWindow::bannerAction, this, &Application::restartEmbedded,
            Qt::QueuedConnection);
    connect(w, &ui::ShellWindow::healthClicked, this,
            [w] { w->navigate({QStringLiteral("overview"), {}, {}}); });
    connect(&m_context, &ui::ClusterContext::notice, w, &ui::ShellWindow::showNotice);
    connect(&m_context, &ui::ClusterContext::snapshotChanged, this, &Application::refreshHealth);
    connect(&m_context, &ui::ClusterContext::problemsChanged, this, &Application::refreshBadges);
    connect(&w->events(), &ui::EventTicker::activated, w, &ui::ShellWindow::navigate);
    w->addPaletteProvider([this] { return paletteEntries(); });
    wireTime();
}

void Application::wireTime() {
    auto* w = m_window.get();
    const auto spans = ui::TimeControl::spans();
    const auto kept = QSettings().value(QLatin1String(kSpanKey)).toLongLong();
    if (spans.contains(kept))
        m_context.setSpan(kept);
    w->timeControl().setSpan(m_context.span());
    connect(w, &ui::ShellWindow::spanChosen, this, [this](qint64 ms) {
        m_context.setSpan(ms);
        m_window->timeControl().setSpan(ms);
        QSettings().setValue(QLatin1String(kSpanKey), ms);
    });
    connect(w, &ui::ShellWindow::liveRequested, this,
            [this] { m_context.setMoment(std::nullopt); });
    connect(w, &ui::ShellWindow::recordedRequested, this, [this] {
        if (m_context.hasCluster())
            m_context.setMoment(m_context.feed().recording().newest());
    });
    connect(w, &ui::ShellWindow::momentChosen, this,
            [this](qint64 moment) { m_context.setMoment(moment); });
    connect(&m_context, &ui::ClusterContext::momentChanged, this, [this] {
        refreshScrub();
        m_window->setMoment(m_context.moment());
    });
}

void Application::refreshScrub() {
    if (!m_context.hasCluster())
        return;
    const auto& recording = m_context.feed().recording();
    m_window->timeControl().setRecordedAvailable(recording.size() > 1);
    if (m_context.isLive())
        return;
    auto& scrub = m_window->scrubBar();
    scrub.setRange(recording.oldest(), recording.newest());
    if (const auto* ring = m_context.series().find(QStringLiteral("messages.in")))
        scrub.setCurve(ring->times(), ring->values());
    QVector<ui::ScrubBar::Mark> marks;
    for (const auto& event : m_context.feed().events())
        if (event.at >= recording.oldest() && event.severity >= api::Severity::Warning)
            marks.push_back({event.at, statusOf(event.severity), qs(event.text)});
    scrub.setMarks(marks);
}

// ---- Clusters
// --------------------------------------------------------------------------------------------------

Application::Cluster* Application::find(const QString& id) {
    for (auto& cluster : m_clusters)
        if (cluster.id == id)
            return &cluster;
    return nullptr;
}

void Application::addCluster(const QString& id, std::unique_ptr<api::Source> source,
                             bool embedded) {
    Cluster cluster;
    cluster.id = id;
    cluster.embedded = embedded;
    cluster.color =
        ui::tokens().seriesColor((embedded ? 0 : static_cast<int>(m_clusters.size())) + 2);
    cluster.feed = std::make_unique<models::ClusterFeed>(std::move(source));
    cluster.series = std::make_unique<models::SeriesStore>();
    // Histories grow for every cluster, shown or not, so that switching does not lose the last
    // hour.
    auto* feed = cluster.feed.get();
    auto* series = cluster.series.get();
    connect(feed, &models::ClusterFeed::snapshotChanged, series,
            [feed, series] { series->add(*feed->snapshot()); });
    connect(feed, &models::ClusterFeed::snapshotChanged, this, &Application::refreshSwitcher);
    connect(feed, &models::ClusterFeed::snapshotChanged, this, [this, id] {
        if (id == m_current) {
            refreshScrub();
            if (!m_context.isLive())
                refreshHealth();  // a lost connection is news whatever moment is shown
        }
    });
    connect(feed, &models::ClusterFeed::eventsArrived, this,
            [this, id](const std::vector<api::Event>& fresh) {
                if (id == m_current)
                    takeEvents(fresh);
            });
    m_clusters.push_back(std::move(cluster));
    refreshSwitcher();
}

void Application::addEmbedded() {
    source::EmbeddedOptions embedded;
    embedded.cluster = m_options.cluster;
    embedded.workload = m_options.workload;
    embedded.rate = m_options.rate;
    addCluster(QLatin1String(kEmbedded), std::make_unique<source::EmbeddedSource>(embedded), true);
}

void Application::restartEmbedded() {
    const auto* failed = find(QLatin1String(kEmbedded));
    if (!failed || failed->feed->snapshot()->connection != api::Connection::Failed)
        return;
    const bool shown = m_current == QLatin1String(kEmbedded);
    if (shown) {
        m_context.setCurrent(nullptr, nullptr, {});
        m_current.clear();
    }
    // The old one goes first: it may hold a lock or a port that the new one needs.
    std::erase_if(m_clusters, [](const Cluster& c) { return c.embedded; });
    addEmbedded();
    std::rotate(m_clusters.begin(), m_clusters.end() - 1, m_clusters.end());
    if (shown)
        choose(QLatin1String(kEmbedded));
}

bool Application::attach(const QString& bootstrap, bool remember) {
    auto source = source::RemoteSource::attach({{}, bootstrap.trimmed().toStdString(), true});
    if (!source) {
        m_window->showNotice(ui::Status::Error,
                             tr("Cannot attach: %1").arg(qs(source.error().message)));
        return false;
    }
    const auto id = bootstrap.trimmed();
    if (!find(id))
        addCluster(id, std::move(*source), false);
    if (remember) {
        rememberAttached();
        choose(id);
    }
    return true;
}

void Application::choose(const QString& id) {
    auto* cluster = find(id);
    if (!cluster || id == m_current)
        return;
    m_current = id;
    m_window->events().clear();
    m_context.setCurrent(cluster->feed.get(), cluster->series.get(), cluster->color);
    refreshScrub();
    takeEvents(cluster->feed->events());
    for (const auto& page : m_pageIds)
        m_window->setPageAvailable(page, cluster->embedded || page != QStringLiteral("retail"));
    refreshSwitcher();
    refreshHealth();
    refreshBadges();
}

void Application::detach(const QString& id) {
    const auto* cluster = find(id);
    if (!cluster || cluster->embedded)
        return;
    if (m_current == id)
        choose(QLatin1String(kEmbedded));
    std::erase_if(m_clusters, [&](const Cluster& c) { return c.id == id; });
    rememberAttached();
    refreshSwitcher();
}

void Application::setReadOnly(const QString& id, bool readOnly) {
    auto* cluster = find(id);
    if (!cluster)
        return;
    cluster->feed->setReadOnly(readOnly);
    refreshSwitcher();
}

void Application::rememberAttached() {
    QStringList addresses;
    for (const auto& cluster : m_clusters)
        if (!cluster.embedded)
            addresses << cluster.id;
    QSettings().setValue(QLatin1String(kAttachedKey), addresses);
}

void Application::askForAddress() {
    auto* dialog = new QInputDialog(m_window.get());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Attach to a cluster"));
    dialog->setLabelText(
        tr("Bootstrap address (HOST:PORT, more with commas). It opens read-only."));
    dialog->setTextValue(QStringLiteral("localhost:9092"));
    dialog->setOkButtonText(tr("Attach"));
    connect(dialog, &QInputDialog::textValueSelected, this,
            [this](const QString& text) { attach(text); });
    dialog->open();
}

// ---- What the shell shows
// ---------------------------------------------------------------------------------------

void Application::refreshSwitcher() {
    QVector<ui::ClusterEntry> entries;
    for (const auto& cluster : m_clusters) {
        const auto& snapshot = *cluster.feed->snapshot();
        ui::ClusterEntry entry;
        entry.id = cluster.id;
        entry.name = qs(cluster.feed->info().name);
        const auto brokers = tr("%n broker(s)", nullptr, static_cast<int>(snapshot.brokers.size()));
        const auto kind = cluster.embedded ? tr("Embedded") : tr("Attached");
        entry.subtitle =
            snapshot.brokers.empty() ? kind : QStringLiteral("%1 · %2").arg(kind, brokers);
        entry.color = cluster.color;
        entry.readOnly = cluster.feed->readOnly();
        entry.detachable = !cluster.embedded;
        entries.push_back(entry);
    }
    m_window->setClusters(entries, m_current);
}

void Application::refreshHealth() {
    const auto& health = m_context.health();
    m_window->setHealth(ui::statusOf(health.health), health.words);
    const auto& snapshot = m_context.liveSnapshot();
    switch (snapshot.connection) {
        case api::Connection::Live:
            m_window->setLive(true);
            m_window->clearBanner();
            break;
        case api::Connection::Starting:
            m_window->setLive(false, tr("Starting"));
            m_window->clearBanner();
            break;
        case api::Connection::Stale:
            m_window->setLive(false, tr("Stale"));
            m_window->setBanner(
                ui::Status::Warning,
                tr("No contact with %1: %2. Trying again; what you see is from %3.")
                    .arg(m_context.name(), qs(snapshot.problem), models::clockTime(snapshot.at)));
            break;
        case api::Connection::Failed:
            m_window->setLive(false, tr("Not connected"));
            if (m_context.isEmbedded())
                m_window->setBanner(ui::Status::Error,
                                    tr("The cluster could not start: %1").arg(qs(snapshot.problem)),
                                    tr("Try again"));
            else
                m_window->setBanner(ui::Status::Error,
                                    tr("Cannot reach %1: %2. Trying again.")
                                        .arg(m_context.name(), qs(snapshot.problem)));
            break;
    }
}

void Application::refreshBadges() {
    struct Count {
        int count = 0;
        models::Health worst = models::Health::Ok;
    };
    QHash<QString, Count> counts;
    for (const auto& problem : m_context.problems()) {
        if (problem.health == models::Health::Info)
            continue;
        auto& c = counts[ui::ClusterContext::locationOf(problem.subject).page];
        ++c.count;
        c.worst = std::max(c.worst, problem.health);
    }
    for (const auto& page : m_pageIds) {
        const auto c = counts.value(page);
        m_window->setBadge(page, {ui::statusOf(c.worst), c.count, {}});
    }
}

void Application::takeEvents(const std::vector<api::Event>& fresh) {
    QVector<ui::TickerEvent> events;
    for (const auto& event : fresh) {
        auto text = qs(event.text);
        if (event.inferred)
            text += tr(" (inferred)");
        events.push_back({event.at, statusOf(event.severity), kindWord(event.kind), text,
                          ui::ClusterContext::locationOf(qs(event.subject))});
    }
    m_window->events().append(events);
}

QVector<ui::PaletteEntry> Application::paletteEntries() const {
    QVector<ui::PaletteEntry> entries;
    if (!m_context.hasCluster())
        return entries;
    const auto& snapshot = m_context.snapshot();
    const auto add = [&](const QString& title, const QString& kind, const char* icon,
                         const QString& subject) {
        ui::PaletteEntry entry;
        entry.title = title;
        entry.kind = kind;
        entry.icon = QLatin1String(icon);
        entry.target = ui::ClusterContext::locationOf(subject);
        entries.push_back(std::move(entry));
    };
    for (const auto& topic : snapshot.topics)
        add(qs(topic.name), tr("Topic"), "topics", QStringLiteral("topic:") + qs(topic.name));
    for (const auto& group : snapshot.groups)
        add(qs(group.id), tr("Group"), "groups", QStringLiteral("group:") + qs(group.id));
    for (const auto& broker : snapshot.brokers)
        add(tr("Broker %1").arg(broker.id), tr("Broker"), "brokers",
            QStringLiteral("broker:%1").arg(broker.id));
    const auto act = [&](const QString& title, const char* icon, std::function<void()> action) {
        ui::PaletteEntry entry;
        entry.title = title;
        entry.kind = tr("Action");
        entry.icon = QLatin1String(icon);
        entry.action = std::move(action);
        entry.weight = 5;
        entries.push_back(std::move(entry));
    };
    auto* self = const_cast<Application*>(this);
    act(tr("Attach to a cluster…"), "plug", [self] { self->askForAddress(); });
    if (m_context.isEmbedded() && snapshot.workload && snapshot.workload->available) {
        act(tr("Pause the retail platform"), "pause",
            [self] { self->m_context.run(api::SetWorkloadRate{0}, self); });
        for (int rate : {10, 100, 1000, 10'000})
            act(tr("Retail platform: %1 records/s").arg(models::number(rate)), "play",
                [self, rate] { self->m_context.run(api::SetWorkloadRate{rate}, self); });
    }
    return entries;
}

}  // namespace odradek::app
