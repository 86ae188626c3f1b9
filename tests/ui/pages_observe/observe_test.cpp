// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/pages_observe/observe_test.h"

#include <QAbstractItemModelTester>
#include <QDir>
#include <QDoubleSpinBox>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSettings>
#include <QSignalSpy>
#include <QTableView>
#include <QtTest>

#include "models/cluster/brokers_model.h"
#include "models/cluster/disk_model.h"
#include "models/common/text.h"
#include "tests/ui/pages_observe/sample_cluster.h"
#include "ui/charts/time_chart.h"
#include "ui/charts/treemap.h"
#include "ui/pages/brokers/broker_changes.h"
#include "ui/pages/brokers/brokers_page.h"
#include "ui/pages/disk/capacity_view.h"
#include "ui/pages/disk/disk_page.h"
#include "ui/pages/overview/cluster_map.h"
#include "ui/pages/overview/overview_page.h"
#include "ui/pages/overview/problem_list.h"
#include "ui/theme/theme.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/state_view.h"

using namespace odradek;
using namespace odradek::ui;
using test::retailCluster;

namespace {

constexpr int kSeconds = 900;

/// A page elsewhere in the window, so that links have a target.
class Elsewhere : public Page {
public:
    explicit Elsewhere(QString id) : m_id(std::move(id)) {}
    QString id() const override { return m_id; }
    QString title() const override { return m_id; }
    QString icon() const override { return QStringLiteral("topics"); }
    NavGroup group() const override { return NavGroup::Observe; }
    void navigate(const Location&) override { setHeader({{}, m_id, {}, {}, {}, {}}); }

private:
    QString m_id;
};

QString value(const KeyValueList* list, const QString& key) {
    for (const auto& item : list->items())
        if (item.key == key)
            return item.value;
    return QStringLiteral("(no %1)").arg(key);
}

QColor pixel(ClusterMap* map, const QPointF& at) {
    return map->viewport()->grab().toImage().pixelColor(at.toPoint());
}

}  // namespace

template <class T>
T* ObserveTest::child(const char* name) const {
    const auto all = m_window->findChildren<T*>(QString::fromLatin1(name));
    return all.isEmpty() ? nullptr : all.front();
}

QString ObserveTest::cell(const char* table, int row, int column) const {
    auto* view = child<DataTable>(table)->view();
    return view->model()->index(row, column).data().toString();
}

Page* ObserveTest::page(const char* id) const {
    return m_window->page(QString::fromLatin1(id));
}

void ObserveTest::go(const char* page, const QStringList& path, const char* tab) {
    m_window->navigate({QString::fromLatin1(page), path, QString::fromLatin1(tab)});
}

void ObserveTest::init() {
    QSettings().clear();
    m_start = QDateTime::currentMSecsSinceEpoch() - kSeconds * 1000LL;
    start();
}

void ObserveTest::start(api::SourceKind kind) {
    cleanup();
    auto source = std::make_unique<test::FakeSource>(api::SourceInfo{
        kind, kind == api::SourceKind::Embedded ? "retail-dev" : "staging", "127.0.0.1:9092"});
    m_source = source.get();
    m_feed = std::make_unique<models::ClusterFeed>(std::move(source));
    m_series = std::make_unique<models::SeriesStore>();
    m_context = std::make_unique<ClusterContext>();
    m_context->setCurrent(m_feed.get(), m_series.get(), QColor(Qt::darkGreen));
    m_window = std::make_unique<ShellWindow>();
    m_window->addPage(new OverviewPage(*m_context));
    m_window->addPage(new BrokersPage(*m_context));
    m_window->addPage(new Elsewhere(QStringLiteral("topics")));
    m_window->addPage(new Elsewhere(QStringLiteral("groups")));
    m_window->addPage(new DiskPage(*m_context));
    m_window->addPage(new Elsewhere(QStringLiteral("messages")));
    m_window->setClusters({{QStringLiteral("one"), m_context->name(),
                            QStringLiteral("Embedded · 3 brokers"), QColor(Qt::darkGreen)}},
                          QStringLiteral("one"));
    m_window->resize(1280, 800);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    go("overview");
}

void ObserveTest::cleanup() {
    m_window.reset();
    m_context.reset();
    m_series.reset();
    m_feed.reset();
    m_source = nullptr;
}

void ObserveTest::show(api::ClusterSnapshot snapshot) {
    QSignalSpy spy(m_context.get(), &ClusterContext::snapshotChanged);
    m_source->publish(std::move(snapshot));
    QVERIFY(spy.wait(2000));
}

void ObserveTest::fillHistory(int seconds, bool outside) {
    for (int s = 0; s <= seconds; ++s)
        m_series->add(outside ? test::fromOutside(retailCluster(m_start, s))
                              : retailCluster(m_start, s));
}

void ObserveTest::mapShowsEveryReplicaInItsState() {
    show(retailCluster(m_start, 10));
    auto* map = child<ClusterMap>("clusterMap");
    QCOMPARE(map->topicCount(), 10);
    QCOMPARE(map->internalCount(), 1);
    const auto& t = tokens();
    const auto leader = map->find(QStringLiteral("new_orders"), 0, 1);
    QCOMPARE(map->stateAt(leader), CellState::Leader);
    QCOMPARE(pixel(map, map->cellRect(leader).topLeft() + QPointF(3, 3)), t.replica.leader);
    const auto follower = map->find(QStringLiteral("new_orders"), 0, 2);
    QCOMPARE(map->stateAt(follower), CellState::Follower);
    QCOMPARE(pixel(map, map->cellRect(follower).topLeft() + QPointF(3, 3)), t.surface.panel);
    const auto offline = map->find(QStringLiteral("customer_returns"), 2, 3);
    QCOMPARE(map->stateAt(offline), CellState::Offline);
    QCOMPARE(pixel(map, map->cellRect(offline).topLeft() + QPointF(3, 3)), t.replica.offline);
    QCOMPARE(map->stateAt(map->find(QStringLiteral("customer_returns"), 2, 1)), CellState::Lagging);
    QCOMPARE(map->stateAt(map->find(QStringLiteral("customer_returns"), 2, 2)), CellState::None);
    QVERIFY(map->describe(offline).contains(QStringLiteral("No leader")));
    QVERIFY(map->describe(map->find(QStringLiteral("payment_transactions"), 1, 2))
                .contains(QStringLiteral("1,200")) ||
            map->describe(map->find(QStringLiteral("payment_transactions"), 1, 2))
                .contains(QStringLiteral("1200")));
    // A broker that goes down takes all its cells with it, at the next snapshot.
    auto down = retailCluster(m_start, 11);
    down.brokers[0].state = api::BrokerState::Offline;
    show(down);
    QCOMPARE(map->stateAt(leader), CellState::Offline);
}

void ObserveTest::mapIsWalkedWithTheKeyboard() {
    show(retailCluster(m_start, 10));
    auto* map = child<ClusterMap>("clusterMap");
    map->setFocus(Qt::TabFocusReason);
    QTRY_VERIFY(map->hasFocus());
    QTRY_COMPARE(map->current(), (ClusterMap::Cell{0, 0, 0}));
    QTest::keyClick(map, Qt::Key_Down);
    QTest::keyClick(map, Qt::Key_Down);
    for (int i = 0; i < 4; ++i)  // over the last partition into the next broker
        QTest::keyClick(map, Qt::Key_Right);
    QCOMPARE(map->current(), (ClusterMap::Cell{2, 1, 1}));
    QTest::keyClick(map, Qt::Key_Return);
    QCOMPARE(
        m_window->currentLocation(),
        (Location{
            QStringLiteral("topics"), {QStringLiteral("new_orders"), QStringLiteral("1")}, {}}));
}

void ObserveTest::mapIsClickedAndHovered() {
    show(retailCluster(m_start, 10));
    auto* map = child<ClusterMap>("clusterMap");
    const auto cell = map->find(QStringLiteral("user_clicks"), 4, 2);
    QTest::mouseMove(map->viewport(), map->cellRect(cell).center().toPoint());
    const auto other = map->find(QStringLiteral("user_clicks"), 4, 3);
    QCOMPARE(map->stateAt(other), CellState::Follower);
    QTRY_COMPARE(pixel(map, map->cellRect(other).topLeft() + QPointF(8, -2)), tokens().accent.base);
    QTest::mouseClick(map->viewport(), Qt::LeftButton, {}, map->cellRect(cell).center().toPoint());
    QCOMPARE(m_window->currentLocation().path,
             (QStringList{QStringLiteral("user_clicks"), QStringLiteral("4")}));
    go("overview");
    QTest::mouseClick(map->viewport(), Qt::LeftButton, {}, map->headerRect(2).center().toPoint());
    QCOMPARE(m_window->currentLocation(),
             (Location{QStringLiteral("brokers"), {QStringLiteral("3")}, {}}));
}

void ObserveTest::mapKeepsUpWithAThousandTopics() {
    show(test::wideCluster(m_start, 1000));
    auto* map = child<ClusterMap>("clusterMap");
    QCOMPARE(map->topicCount(), 1000);
    map->setFocus(Qt::TabFocusReason);
    QElapsedTimer clock;
    clock.start();
    for (int i = 0; i < 20; ++i) {
        QTest::keyClick(map, Qt::Key_PageDown);
        map->viewport()->repaint();
    }
    QVERIFY2(clock.elapsed() < 20 * 100,
             qPrintable(QStringLiteral("20 pages took %1 ms").arg(clock.elapsed())));
    QVERIFY(map->current().row > 100);
    QVERIFY(map->viewport()->rect().contains(map->cellRect(map->current()).toRect()));
    QCOMPARE(page("overview")->header().title, QStringLiteral("All 3000 partitions are in sync"));
}

void ObserveTest::titleIsTheWorstFinding() {
    show(retailCluster(m_start, 10));
    QVERIFY(page("overview")
                ->header()
                .title.startsWith(QStringLiteral("customer_returns-2 cannot be written or read")));
    QVERIFY(
        page("overview")->header().subtitle.contains(QStringLiteral("metadata leader: broker 2")));
    QVERIFY(page("overview")->header().subtitle.contains(QStringLiteral("up 26 h")));
    show(retailCluster(m_start, 11, false));
    QCOMPARE(page("overview")->header().title, QStringLiteral("All 35 partitions are in sync"));
    QCOMPARE(child<ProblemList>("problems")->count(), 0);
    QVERIFY(!child<ProblemList>("problems")->isVisible());
}

void ObserveTest::problemsLeadToTheirPlace() {
    show(retailCluster(m_start, 10));
    auto* list = child<ProblemList>("problems");
    QVERIFY(list->count() >= 3);
    QVERIFY(list->at(0).problem.title.startsWith(QStringLiteral("customer_returns-2")));
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->rowRect(0).center());
    QCOMPARE(m_window->currentLocation().toString(), QStringLiteral("topics/customer_returns/2"));
    go("overview");
    list->setFocus(Qt::TabFocusReason);
    QTest::keyClick(list, Qt::Key_End);
    QTest::keyClick(list, Qt::Key_Return);
    QCOMPARE(m_window->currentLocation().page, QStringLiteral("groups"));
    // How long the window has known of it.
    go("overview");
    show(retailCluster(m_start, 75));
    QCOMPARE(list->at(0).sinceMs, 65'000);
}

void ObserveTest::chartsFollowTheMeasurements() {
    fillHistory(120);
    m_source->tell({0, m_start + 60'000, api::EventKind::Isr, api::Severity::Warning, "ISR shrank",
                    "topic:payment_transactions/1", false});
    show(retailCluster(m_start, 120));
    m_series->add(retailCluster(m_start, 121));
    auto* messages = child<TimeChart>("chartMessages");
    const auto rate = messages->valueAt(0, static_cast<double>(m_start + 121'000));
    QVERIFY(rate && *rate > 500 && *rate < 3000);
    auto* lag = child<TimeChart>("chartLag");
    QCOMPARE(lag->seriesCount(), 4);
    QCOMPARE(lag->valueAt(0, static_cast<double>(m_start + 121'000)),
             std::optional<double>(400 + 121 * 12));
    auto* latency = child<TimeChart>("chartLatency");
    QVERIFY(latency->isVisible());
    QVERIFY(latency->valueAt(0, static_cast<double>(m_start + 121'000)).value_or(0) > 1000);
}

void ObserveTest::recordedMomentIsShownEverywhere() {
    for (const int second : {0, 10, 20, 30}) {
        show(retailCluster(m_start, second, second >= 20));
        for (int s = second; s < second + 10; ++s)
            m_series->add(retailCluster(m_start, s));
    }
    QVERIFY(!page("overview")->header().title.contains(QStringLiteral("in sync")));
    QVERIFY(child<ProblemList>("problems")->isVisible());
    QSignalSpy moments(m_context.get(), &ClusterContext::momentChanged);
    QSignalSpy readOnly(m_context.get(), &ClusterContext::readOnlyChanged);
    m_context->setMoment(m_start + 14'000);
    QCOMPARE(moments.size(), 1);
    QCOMPARE(readOnly.size(), 1);
    QCOMPARE(m_context->snapshot().at, m_start + 10'000);
    QCOMPARE(m_context->liveSnapshot().at, m_start + 30'000);
    QVERIFY2(page("overview")->header().title.contains(QStringLiteral("in sync")),
             qPrintable(page("overview")->header().title));
    QVERIFY(m_context->problems().empty());
    // Charts end at the moment, with the values of then.
    const auto range = m_context->chartRange();
    QCOMPARE(range.to, static_cast<double>(m_start + 14'000));
    auto* messages = child<TimeChart>("chartMessages");
    QCOMPARE(messages->timeAt(messages->plotRect().right()), range.to);
    QCOMPARE(messages->valueAt(0, range.to + 60'000), messages->valueAt(0, range.to));
    // Nothing can be changed in the past.
    QVERIFY(m_context->readOnly());
    QSignalSpy notices(m_context.get(), &ClusterContext::notice);
    QVERIFY(!m_context->openChange(models::Change{}, m_window.get()));
    m_context->run(api::SetWorkloadRate{5}, this);
    QCOMPARE(notices.size(), 2);
    QVERIFY(notices[0][1].toString().contains(QStringLiteral("Live")));
    // What happens meanwhile changes nothing of what is shown.
    QSignalSpy fresh(m_context.get(), &ClusterContext::snapshotChanged);
    m_source->publish(retailCluster(m_start, 31));
    QTRY_COMPARE(m_context->liveSnapshot().at, m_start + 31'000);
    QCOMPARE(fresh.size(), 0);
    // Outside of what is recorded there is nothing: the nearest end.
    m_context->setMoment(m_start - 999'000);
    QCOMPARE(*m_context->moment(), m_start);
    m_context->setMoment(std::nullopt);
    QVERIFY(m_context->isLive() && !m_context->readOnly());
    QCOMPARE(m_context->snapshot().at, m_start + 31'000);
    QVERIFY(!m_context->problems().empty());
}

void ObserveTest::chartsShowTheSpanChosen() {
    fillHistory(kSeconds);
    show(retailCluster(m_start, kSeconds));
    const auto to = static_cast<double>(m_start + kSeconds * 1000);
    QCOMPARE(m_context->chartRange().from, static_cast<double>(m_start));
    QCOMPARE(m_context->chartRange().to, to);
    m_context->setSpan(60'000);
    QCOMPARE(m_context->chartRange().from, to - 60'000);
    auto* messages = child<TimeChart>("chartMessages");
    QVERIFY(std::fabs(messages->timeAt(messages->plotRect().left()) - (to - 60'000)) < 1);
    m_context->setSpan(3'600'000);  // longer than the history: all of it
    QCOMPARE(m_context->chartRange().from, static_cast<double>(m_start));
}

void ObserveTest::overviewSaysWhatItWaitsFor() {
    auto* map = child<ClusterMap>("clusterMap");
    QVERIFY(!map->isVisible());
    api::ClusterSnapshot failed;
    failed.connection = api::Connection::Failed;
    failed.problem = "connection refused";
    show(failed);
    bool said = false;
    for (auto* view : page("overview")->findChildren<StateView*>())
        said |= view->isVisible() && view->kind() == StateView::Kind::Error &&
                view->title().contains(QStringLiteral("retail-dev"));
    QVERIFY(said);
    show(retailCluster(m_start, 1));
    QVERIFY(map->isVisible());
}

void ObserveTest::brokersAreListedAndOpened() {
    fillHistory(30);
    show(retailCluster(m_start, 30));
    go("brokers");
    using B = models::BrokersModel;
    QCOMPARE(child<DataTable>("brokers")->visibleRowCount(), 3);
    QCOMPARE(page("brokers")->header().title, QStringLiteral("All 3 brokers are online"));
    QCOMPARE(cell("brokers", 1, B::Id), QStringLiteral("2 (controller)"));
    QCOMPARE(cell("brokers", 0, B::Endpoint), QStringLiteral("127.0.0.1:9092"));
    QCOMPARE(cell("brokers", 0, B::Connections), QStringLiteral("7"));
    auto next = retailCluster(m_start, 31);
    next.brokers[2].state = api::BrokerState::Fenced;
    show(next);
    QCOMPARE(cell("brokers", 2, B::State), QStringLiteral("Fenced"));
    QCOMPARE(page("brokers")->header().title, QStringLiteral("Broker 3 is not online"));
    auto* view = child<DataTable>("brokers")->view();
    view->setFocus();
    view->setCurrentIndex(view->model()->index(1, 0));
    QTest::keyClick(view, Qt::Key_Return);
    QCOMPARE(m_window->currentLocation().toString(), QStringLiteral("brokers/2"));
    auto* facts = child<KeyValueList>("brokerFacts");
    QCOMPARE(value(facts, QStringLiteral("State")), QStringLiteral("Online"));
    QCOMPARE(value(facts, QStringLiteral("Broker epoch")), QStringLiteral("42"));
    QCOMPARE(value(facts, QStringLiteral("Role")), QStringLiteral("broker and metadata leader"));
}

void ObserveTest::brokerConnectionsAndApisAreShown() {
    fillHistory(30);
    show(retailCluster(m_start, 30));
    go("brokers", {QStringLiteral("1")}, "requests");
    using A = models::ApisModel;
    QCOMPARE(child<DataTable>("brokerApis")->visibleRowCount(), 6);
    QTRY_COMPARE(cell("brokerApis", 0, A::Api), QStringLiteral("Fetch"));  // the busiest first
    QCOMPARE(child<TimeChart>("apiChart")->seriesCount(), 4);
    go("brokers", {QStringLiteral("1")}, "connections");
    QCOMPARE(child<DataTable>("brokerConnections")->visibleRowCount(), 7);
    QVERIFY(child<DataTable>("brokerConnections")->view()->isVisible());
    QTRY_COMPARE(cell("brokerConnections", 0, models::ConnectionsModel::Client),
                 QStringLiteral("OrderService-6"));
}

void ObserveTest::brokerConfigurationIsAskedAndChanged() {
    m_source->answer = [](const api::Command& command) {
        api::CommandResult result;
        if (std::holds_alternative<api::DescribeConfigs>(command))
            result.configs = {
                {"log.retention.ms", "604800000", "DEFAULT_CONFIG", "LONG", false, false, {}},
                {"node.id", "1", "STATIC_BROKER_CONFIG", "INT", true, false, {}}};
        else
            result.items = {{"broker 1", "", ""}};
        return result;
    };
    show(retailCluster(m_start, 30));
    go("brokers", {QStringLiteral("1")}, "configuration");
    QTRY_COMPARE(child<DataTable>("brokerConfigs")->visibleRowCount(), 2);
    const auto* asked = std::get_if<api::DescribeConfigs>(&m_source->commands.front());
    QVERIFY(asked && asked->kind == api::ResourceKind::Broker && asked->name == "1");
    QCOMPARE(cell("brokerConfigs", 0, models::ConfigsModel::Source), QStringLiteral("default"));
    QCOMPARE(cell("brokerConfigs", 1, models::ConfigsModel::Source),
             QStringLiteral("broker's start-up settings"));
    auto* view = child<DataTable>("brokerConfigs")->view();
    view->setCurrentIndex(view->model()->index(0, 0));
    auto* button = child<QPushButton>("brokerConfigsEdit");
    QTRY_VERIFY(button->isEnabled());
    QTest::mouseClick(button, Qt::LeftButton);
    auto* dialog = m_window->findChild<ChangeDialog*>();
    QVERIFY(dialog);
    QLineEdit* field = nullptr;
    for (auto* edit : dialog->findChildren<QLineEdit*>())
        if (edit->objectName() != QStringLiteral("typeToConfirm") && edit->isVisible() &&
            !edit->isReadOnly())
            field = edit;
    QVERIFY(field);
    field->selectAll();
    QTest::keyClicks(field, QStringLiteral("3600000"));
    QVERIFY(dialog->plan().commandLine.contains(QStringLiteral("log.retention.ms=3600000")));
    QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("applyChange")),
                      Qt::LeftButton);
    QTRY_VERIFY(dialog->phase() == ChangeDialog::Phase::Done);
    bool altered = false;
    for (const auto& command : m_source->commands)
        if (const auto* alter = std::get_if<api::AlterConfigs>(&command))
            altered = alter->kind == api::ResourceKind::Broker &&
                      alter->changes.front().value == "3600000";
    QVERIFY(altered);
}

void ObserveTest::brokerIsKilledAndRestartedAfterAPreview() {
    show(retailCluster(m_start, 30));
    go("brokers", {QStringLiteral("2")});
    const auto effect = killEffect(m_context->snapshot(), 2);
    QVERIFY(effect.leaders > 5);
    auto* kill = child<QPushButton>("killBroker");
    QVERIFY(kill->isVisible() && kill->isEnabled());
    QTest::mouseClick(kill, Qt::LeftButton);
    auto* dialog = m_window->findChild<ChangeDialog*>();
    QVERIFY(dialog);
    QCOMPARE(dialog->plan().commandLine, QStringLiteral("odradekd ctl SOCKET kill 2"));
    QVERIFY(dialog->plan().effect.contains(QStringLiteral("metadata leader")));
    QVERIFY(m_source->commands.empty());  // nothing happens before the confirmation
    auto* apply = dialog->findChild<QPushButton*>(QStringLiteral("applyChange"));
    QVERIFY(apply->text().contains(QStringLiteral("retail-dev")));
    QTest::mouseClick(apply, Qt::LeftButton);
    QTRY_VERIFY(dialog->phase() == ChangeDialog::Phase::Done);
    QCOMPARE(std::get<api::KillBroker>(m_source->commands.front()).broker, 2);
    dialog->close();
    auto down = retailCluster(m_start, 31);
    down.brokers[1].state = api::BrokerState::Offline;
    show(down);
    QVERIFY(!kill->isEnabled());
    QCOMPARE(value(child<KeyValueList>("brokerFacts"), QStringLiteral("State")),
             QStringLiteral("Down"));
    QTRY_VERIFY(!m_window->findChild<ChangeDialog*>());
    QTest::mouseClick(child<QPushButton>("restartBroker"), Qt::LeftButton);
    dialog = m_window->findChild<ChangeDialog*>();
    QVERIFY(dialog);
    QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("applyChange")),
                      Qt::LeftButton);
    QTRY_COMPARE(m_source->commands.size(), std::size_t{2});
    QCOMPARE(std::get<api::RestartBroker>(m_source->commands.back()).broker, 2);
}

void ObserveTest::remoteBrokersSayWhatIsInvisible() {
    start(api::SourceKind::Remote);
    fillHistory(30, true);
    show(test::fromOutside(retailCluster(m_start, 30)));
    QVERIFY(!child<TimeChart>("chartLatency")->isVisible());
    go("brokers", {QStringLiteral("1")});
    QVERIFY(!child<QPushButton>("killBroker")->isVisible());
    QCOMPARE(value(child<KeyValueList>("brokerFacts"), QStringLiteral("Connections")),
             QStringLiteral("not visible from outside"));
    go("brokers", {QStringLiteral("1")}, "requests");
    QVERIFY(!child<DataTable>("brokerApis")->isVisible());
    go("brokers");
    QCOMPARE(cell("brokers", 0, models::BrokersModel::Requests), QStringLiteral("–"));
}

void ObserveTest::unknownBrokerIsNotFound() {
    show(retailCluster(m_start, 30));
    go("brokers", {QStringLiteral("77")});
    bool said = false;
    for (auto* view : page("brokers")->findChildren<StateView*>())
        said |= view->isVisible() && view->kind() == StateView::Kind::NotFound &&
                view->title().contains(QStringLiteral("77"));
    QVERIFY(said);
}

void ObserveTest::diskShowsTopicsAndDays() {
    fillHistory(60);
    show(retailCluster(m_start, 60));
    go("disk");
    using D = models::DiskModel;
    QCOMPARE(child<DataTable>("diskTopics")->visibleRowCount(), 11);
    QTRY_COMPARE(cell("diskTopics", 0, D::Topic),
                 QStringLiteral("user_clicks"));  // the largest first
    QVERIFY(cell("diskTopics", 0, D::Retention).contains(QStringLiteral("12 h")));
    QVERIFY(cell("diskTopics", 0, D::Next).contains(QStringLiteral("in 1 h")));
    QVERIFY(cell("diskTopics", 0, D::Growth) != QStringLiteral("–"));
    // 130,000 bytes/s into what is left of 20 GiB.
    const auto left =
        (20LL << 30) - (1LL << 30) - (4'100'000'000LL + 210'000'000LL + 60 * 130'000LL);
    QCOMPARE(value(child<KeyValueList>("daysToFull"), QStringLiteral("Broker 1")),
             models::duration(static_cast<qint64>(static_cast<double>(left) / 130'000.0 * 1000)));
    auto* map = child<Treemap>("diskMap");
    map->setFocus();
    QTest::keyClick(map, Qt::Key_Right);
    QTest::keyClick(map, Qt::Key_Return);
    QCOMPARE(m_window->currentLocation().toString(), QStringLiteral("topics/user_clicks"));
    go("disk");
    auto* by = child<SegmentedControl>("diskBy");
    by->setFocus();
    QTest::keyClick(by, Qt::Key_Right);
    QTest::keyClick(map, Qt::Key_Home);
    QTest::keyClick(map, Qt::Key_Return);
    QCOMPARE(m_window->currentLocation().path.size(), 2);  // a partition now
}

void ObserveTest::plannerComputesAndCompares() {
    fillHistory(60);
    show(retailCluster(m_start, 60));
    go("disk", {}, "planner");
    QCOMPARE(child<QLabel>("planHeadline")->text(), QStringLiteral("1.44 TB a day"));
    auto* results = child<KeyValueList>("planResults");
    QVERIFY(results->items()[3].value == QStringLiteral("480 GB"));
    QVERIFY(child<QLabel>("planFit")->text().startsWith(QStringLiteral("It does not fit")));
    QVERIFY(child<QLabel>("planComparison")->text().contains(QStringLiteral("of the plan")));
    auto* replicas = child<QAbstractSpinBox>("plan_replicas");
    replicas->setFocus();
    replicas->selectAll();
    QTest::keyClicks(replicas, QStringLiteral("3"));
    QTest::keyClick(replicas, Qt::Key_Return);
    QCOMPARE(results->items()[2].value, QStringLiteral("4.32 TB"));
    QTest::mouseClick(child<QPushButton>("planMeasure"), Qt::LeftButton);
    QVERIFY(child<QDoubleSpinBox>("plan_messages")->value() < 1'000'000);
    QVERIFY(child<QLabel>("planComparison")->text().contains(QStringLiteral("as planned")));
    QCOMPARE(decimalBytes(999), QStringLiteral("999 B"));
    QCOMPARE(decimalBytes(1000), QStringLiteral("1 kB"));
}

void ObserveTest::modelsKeepTheRules() {
    models::BrokersModel brokers;
    models::ApisModel apis;
    models::ConnectionsModel connections;
    models::DiskModel disk;
    const auto mode = QAbstractItemModelTester::FailureReportingMode::QtTest;
    QAbstractItemModelTester a(&brokers, mode), b(&apis, mode), c(&connections, mode),
        d(&disk, mode);
    for (int step = 0; step < 6; ++step) {
        auto s = retailCluster(m_start, step * 20, step % 2 == 0);
        if (step == 2)
            s.brokers.erase(s.brokers.begin());
        if (step == 3)
            s.topics.erase(s.topics.begin() + 2, s.topics.begin() + 5);
        m_series->add(s);
        brokers.update(s, *m_series);
        disk.update(s, *m_series);
        s.brokers.front().connections->resize(static_cast<std::size_t>(step));
        apis.update(s.brokers.front(), *m_series);
        connections.update(s.brokers.front());
        QCOMPARE(brokers.rowCount(), static_cast<int>(s.brokers.size()));
        QCOMPARE(disk.rowCount(), static_cast<int>(s.topics.size()));
        QCOMPARE(connections.rowCount(), step);
    }
}

void ObserveTest::grab(const QString& name) {
    const QDir folder(QStringLiteral(ODRADEK_BIN_DIR "/../screenshots"));
    QVERIFY(folder.mkpath(QStringLiteral(".")));
    for (const bool dark : {false, true}) {
        theme().setMode(dark ? Theme::Mode::Dark : Theme::Mode::Light);
        for (const int height : {800, 720}) {
            m_window->resize(1280, height);
            QCoreApplication::processEvents();
            QCoreApplication::processEvents();
            const auto picture = m_window->grab();
            const auto path = folder.filePath(
                QStringLiteral("page-%1-%2-%3.png").arg(name, dark ? "dark" : "light").arg(height));
            QVERIFY(picture.save(path));
        }
    }
    theme().setMode(Theme::Mode::Light);
}

void ObserveTest::picturesOfEveryPage() {
    fillHistory(kSeconds);
    m_source->answer = [](const api::Command&) {
        api::CommandResult result;
        for (const auto* name : {"background.threads", "log.flush.interval.messages",
                                 "log.retention.ms", "num.io.threads"})
            result.configs.push_back({name, "10", "DEFAULT_CONFIG", "LONG", false, false, {}});
        result.configs.push_back({"node.id", "1", "STATIC_BROKER_CONFIG", "INT", true, false, {}});
        return result;
    };
    m_source->tell({0, m_start + 640'000, api::EventKind::Cluster, api::Severity::Error,
                    "log dir failed", "broker:3", false});
    show(retailCluster(m_start, kSeconds - 140));
    show(retailCluster(m_start, kSeconds));
    m_window->setHealth(Status::Offline, m_context->health().words);
    go("overview");
    grab(QStringLiteral("overview"));
    auto* mode = child<SegmentedControl>("mapMode");
    mode->setFocus();
    QTest::keyClick(mode, Qt::Key_Right);
    grab(QStringLiteral("overview-traffic"));
    QTest::keyClick(mode, Qt::Key_Left);
    theme().setDensity(Theme::Density::Presenter);
    grab(QStringLiteral("overview-presenter"));
    theme().setDensity(Theme::Density::Normal);
    go("brokers");
    grab(QStringLiteral("brokers"));
    go("brokers", {QStringLiteral("2")});
    grab(QStringLiteral("broker"));
    go("brokers", {QStringLiteral("2")}, "requests");
    grab(QStringLiteral("broker-requests"));
    go("brokers", {QStringLiteral("2")}, "connections");
    grab(QStringLiteral("broker-connections"));
    go("brokers", {QStringLiteral("2")}, "configuration");
    QTRY_COMPARE(child<DataTable>("brokerConfigs")->visibleRowCount(), 5);
    grab(QStringLiteral("broker-configuration"));
    go("disk");
    grab(QStringLiteral("disk"));
    go("disk", {}, "planner");
    grab(QStringLiteral("disk-planner"));
    show(test::wideCluster(m_start + kSeconds * 1000, 1000));
    go("overview");
    grab(QStringLiteral("overview-1000"));
    start(api::SourceKind::Remote);
    fillHistory(60, true);
    show(test::fromOutside(retailCluster(m_start, 60, false)));
    grab(QStringLiteral("overview-remote"));
    go("brokers", {QStringLiteral("1")});
    grab(QStringLiteral("broker-remote"));
}
