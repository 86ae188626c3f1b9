// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/live/live_test.h"

#include <QAbstractButton>
#include <QDir>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSettings>
#include <QSpinBox>
#include <QTableView>
#include <QtTest>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "models/cluster/brokers_model.h"
#include "models/cluster/disk_model.h"
#include "models/cluster/topics_model.h"
#include "models/common/text.h"
#include "models/groups/groups_model.h"
#include "models/messages/records_model.h"
#include "models/training/partitioning.h"
#include "tests/ui/live/kcat.h"
#include "ui/pages/overview/cluster_map.h"
#include "ui/shell/time_control.h"
#include "ui/widgets/code_view.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/state_view.h"

using namespace odradek;
using namespace odradek::ui;
using models::BrokersModel;
using models::DiskModel;
using models::GroupsModel;
using models::KeysModel;
using models::RecordsModel;
using models::TopicsModel;

namespace {

const QString kClientTopic = QStringLiteral("made_by_kcat");
const QString kTypedTopic = QStringLiteral("typed_by_hand");
const QString kTailTopic = QStringLiteral("new_orders_test");
const QString kGroup = QStringLiteral("live-group");

template <class Condition>
bool until(Condition condition, int ms = 15'000) {
    return QTest::qWaitFor(condition, ms);
}

}  // namespace

// ---- What people see and press
// -----------------------------------------------------------------------------------

DataTable* LiveTest::table(const char* page, const char* name) const {
    return window().page(QLatin1String(page))->findChild<DataTable*>(QLatin1String(name));
}

QString LiveTest::cell(const char* page, const char* name, const QString& key, int column,
                       int keyColumn) const {
    const auto* found = table(page, name);
    if (!found || !found->view()->isVisible() || found->view()->isColumnHidden(column))
        return {};
    const auto* model = found->view()->model();
    for (int row = 0; model && row < model->rowCount(); ++row)
        if (model->index(row, keyColumn).data().toString() == key)
            return model->index(row, column).data().toString();
    return {};
}

bool LiveTest::select(DataTable* table, const QString& key, int keyColumn) const {
    const auto* model = table->view()->model();
    for (int row = 0; row < model->rowCount(); ++row) {
        const auto index = model->index(row, keyColumn);
        if (index.data().toString() != key)
            continue;
        table->view()->scrollTo(index);
        QTest::mouseClick(table->view()->viewport(), Qt::LeftButton, {},
                          table->view()->visualRect(index).center());
        return true;
    }
    return false;
}

void LiveTest::go(const char* page, const QStringList& path) const {
    window().navigate({QLatin1String(page), path, {}});
}

QString LiveTest::title(const char* page) const {
    return window().page(QLatin1String(page))->header().title;
}

bool LiveTest::click(const char* name) const {
    QAbstractButton* button = nullptr;
    const bool ready = until([&] {
        for (auto* candidate : window().findChildren<QAbstractButton*>(QLatin1String(name)))
            if (candidate->isVisible() && candidate->isEnabled())
                button = candidate;
        return button != nullptr;
    });
    if (ready)
        QTest::mouseClick(button, Qt::LeftButton);
    else
        qWarning("no button %s to press", name);
    return ready;
}

ChangeDialog* LiveTest::dialog() const {
    for (auto* found : window().findChildren<ChangeDialog*>())
        if (found->isVisible())
            return found;
    return nullptr;
}

bool LiveTest::applyDialog() const {
    QPointer<ChangeDialog> open(dialog());
    if (!open)
        return false;
    auto* apply = open->findChild<QPushButton*>(QStringLiteral("applyChange"));
    if (!apply->isEnabled()) {
        qWarning("%s is not possible: %s", qPrintable(open->plan().title),
                 qPrintable(open->plan().blocker));
        open->close();
        return false;
    }
    QTest::keyClick(apply, Qt::Key_Space);
    const bool ended =
        until([&] { return open && open->phase() == ChangeDialog::Phase::Done; }, 30'000);
    const bool good = ended && open->succeeded();
    if (!good && open)
        for (const auto* bar : open->findChildren<MessageBar*>())
            qWarning("%s: %s", qPrintable(open->plan().title), qPrintable(bar->text()));
    if (open)
        QTest::keyClick(apply, Qt::Key_Space);  // "Close" now
    return good && until([&] { return !open; }, 5000);
}

bool LiveTest::waitCalm(int ms) const {
    return until(
        [&] {
            for (const auto& topic : snapshot().topics)
                for (const auto& partition : topic.partitions)
                    for (const auto& replica : partition.replicas)
                        if (partition.leader < 0 || !replica.inSync)
                            return false;
            for (const auto& broker : snapshot().brokers)
                if (broker.state != api::BrokerState::Online)
                    return false;
            return snapshot().connection == api::Connection::Live && !snapshot().topics.empty();
        },
        ms);
}

// ---- Start
// -------------------------------------------------------------------------------------------------------

void LiveTest::initTestCase() {
    app::GuiOptions options;
    options.cluster.ephemeral = true;
    options.cluster.port = 0;
    options.rate = 20;
    m_app = std::make_unique<app::Application>(options);
    window().resize(1360, 860);
    m_app->show();
    QVERIFY(QTest::qWaitForWindowExposed(&window()));
    QVERIFY(until([&] { return snapshot().connection == api::Connection::Live; }, 40'000));
    QVERIFY(until([&] { return snapshot().workload && !snapshot().workload->clients.empty(); },
                  40'000));
    m_bootstrap = m_app->context().bootstrap();
    QVERIFY2(m_bootstrap.count(QLatin1Char(',')) == 2, qPrintable(m_bootstrap));
}

void LiveTest::overviewSaysHowItIs() {
    go("overview");
    QVERIFY2(waitCalm(30'000), qPrintable(m_app->context().health().words));
    auto* map = window()
                    .page(QStringLiteral("overview"))
                    ->findChild<ClusterMap*>(QStringLiteral("clusterMap"));
    QVERIFY(map && until([&] { return map->isVisible(); }));
    // Each partition kcat lists is a cell whose words name its leader.
    const auto listed = Kcat::run(
        m_bootstrap, {QStringLiteral("-L"), QStringLiteral("-t"), QStringLiteral("new_orders")});
    static const QRegularExpression line(
        QStringLiteral("partition (\\d+), leader (\\d+), replicas: ([\\d,]+), isrs: "));
    int partitions = 0;
    for (auto it = line.globalMatch(listed.out); it.hasNext(); ++partitions) {
        const auto match = it.next();
        const int leader = match.captured(2).toInt();
        const auto words = map->describe(
            map->find(QStringLiteral("new_orders"), match.captured(1).toInt(), leader));
        QVERIFY2(words.contains(QStringLiteral("\nLeader\n")), qPrintable(words));
    }
    QVERIFY2(partitions > 0, qPrintable(listed.out));
    QVERIFY(!title("overview").isEmpty());
    QCOMPARE(m_app->context().health().health, models::Health::Ok);
}

// ---- Topics and messages
// -----------------------------------------------------------------------------------------

void LiveTest::topicOfAClientIsListed() {
    go("topics");
    QVERIFY(cell("topics", "topics", kClientTopic, TopicsModel::Name).isNull());
    QVERIFY(Kcat::run(m_bootstrap, {QStringLiteral("-P"), QStringLiteral("-t"), kClientTopic},
                      "a\nb\nc\n")
                .ok);
    QTRY_COMPARE_WITH_TIMEOUT(cell("topics", "topics", kClientTopic, TopicsModel::Records),
                              QStringLiteral("3"), 15'000);
    QCOMPARE(cell("topics", "topics", kClientTopic, TopicsModel::State), QStringLiteral("In sync"));
}

void LiveTest::topicIsCreatedByKeyboard() {
    go("topics");
    QVERIFY(click("createTopic"));
    QVERIFY(until([&] { return dialog() != nullptr; }));
    auto* name = dialog()->findChild<QLineEdit*>(QStringLiteral("topicName"));
    auto* apply = dialog()->findChild<QPushButton*>(QStringLiteral("applyChange"));
    QTest::keyClicks(name, QStringLiteral("not legal"));
    QVERIFY(!apply->isEnabled());
    name->selectAll();
    QTest::keyClicks(name, kTypedTopic);
    auto* partitions = dialog()->findChild<QSpinBox*>(QStringLiteral("topicPartitions"));
    partitions->selectAll();
    QTest::keyClicks(partitions, QStringLiteral("6"));
    QVERIFY(dialog()->plan().commandLine.contains(QStringLiteral("--partitions 6")));
    QVERIFY(applyDialog());
    const auto listed =
        Kcat::run(m_bootstrap, {QStringLiteral("-L"), QStringLiteral("-t"), kTypedTopic});
    QVERIFY2(listed.out.contains(QStringLiteral("topic \"%1\" with 6 partitions").arg(kTypedTopic)),
             qPrintable(listed.out));
    QTRY_COMPARE_WITH_TIMEOUT(cell("topics", "topics", kTypedTopic, TopicsModel::Partitions),
                              QStringLiteral("6"), 15'000);
}

void LiveTest::tailShowsARecordWithinASecond() {
    const QStringList produce{QStringLiteral("-P"), QStringLiteral("-t"), kTailTopic};
    QVERIFY(Kcat::run(m_bootstrap, produce, "first\n").ok);
    QVERIFY(until([&] {
        return std::any_of(snapshot().topics.begin(), snapshot().topics.end(),
                           [](const auto& t) { return models::qs(t.name) == kTailTopic; });
    }));
    go("messages", {kTailTopic});
    QTRY_VERIFY(!cell("messages", "records", QStringLiteral("first"), RecordsModel::Offset,
                      RecordsModel::Value)
                     .isNull());
    auto* mode = window()
                     .page(QStringLiteral("messages"))
                     ->findChild<SegmentedControl*>(QStringLiteral("seekMode"));
    QTest::mouseClick(mode, Qt::LeftButton, {}, QPoint(mode->width() - 8, mode->height() / 2));
    auto* words =
        window().page(QStringLiteral("messages"))->findChild<QLabel*>(QStringLiteral("coverage"));
    QTRY_VERIFY2(words->text().startsWith(QStringLiteral("Live")), qPrintable(words->text()));
    QTRY_VERIFY(!cell("messages", "records", QStringLiteral("first"), RecordsModel::Offset,
                      RecordsModel::Value)
                     .isNull());
    QVERIFY(Kcat::run(m_bootstrap, produce, "hello\n").ok);
    QElapsedTimer clock;  // from the moment the record was acked
    clock.start();
    QVERIFY(until([&] {
        return !cell("messages", "records", QStringLiteral("hello"), RecordsModel::Offset,
                     RecordsModel::Value)
                    .isNull();
    }));
    QVERIFY2(clock.elapsed() < 1000, qPrintable(QString::number(clock.elapsed())));
}

void LiveTest::producedRecordReachesAClient() {
    go("messages", {kTailTopic});
    QVERIFY(click("produce"));
    QVERIFY(until([&] { return dialog() != nullptr; }));
    QTest::keyClicks(dialog()->findChild<QLineEdit*>(QStringLiteral("recordKey")),
                     QStringLiteral("ORD-12345"));
    QTest::keyClicks(dialog()->findChild<QPlainTextEdit*>(QStringLiteral("recordValue")),
                     QStringLiteral("typed value"));
    QTest::keyClicks(dialog()->findChild<QLineEdit*>(QStringLiteral("recordHeaderText")),
                     QStringLiteral("who=me"));
    QVERIFY(applyDialog());
    const auto read = Kcat::run(
        m_bootstrap, {QStringLiteral("-C"), QStringLiteral("-t"), kTailTopic, QStringLiteral("-o"),
                      QStringLiteral("beginning"), QStringLiteral("-e"), QStringLiteral("-f"),
                      QStringLiteral("%k|%s|%h\\n")});
    QVERIFY2(
        read.out.split(QLatin1Char('\n')).contains(QStringLiteral("ORD-12345|typed value|who=me")),
        qPrintable(read.out));
    QTRY_VERIFY(!cell("messages", "records", QStringLiteral("typed value"), RecordsModel::Key,
                      RecordsModel::Value)
                     .isNull());
}

void LiveTest::keyGoesWhereThePageSays() {
    go("keys", {kTypedTopic});
    auto* page = window().page(QStringLiteral("keys"));
    QTRY_COMPARE(page->findChild<QSpinBox*>(QStringLiteral("partitionCount"))->value(), 6);
    auto* keys = page->findChild<QPlainTextEdit*>(QStringLiteral("keyText"));
    keys->selectAll();
    QTest::keyClicks(keys, QStringLiteral("ORD-12345"));
    QTRY_COMPARE(cell("keys", "keys", QStringLiteral("ORD-12345"), KeysModel::Hash),
                 QStringLiteral("0xCCE86233"));
    const auto place = cell("keys", "keys", QStringLiteral("ORD-12345"), KeysModel::Partition);
    QCOMPARE(place, QStringLiteral("P1"));
    QVERIFY(click("produceKeys"));
    QTRY_COMPARE(cell("keys", "keys", QStringLiteral("ORD-12345"), KeysModel::Produced),
                 QStringLiteral("1"));
    const auto read = Kcat::run(
        m_bootstrap, {QStringLiteral("-C"), QStringLiteral("-t"), kTypedTopic, QStringLiteral("-o"),
                      QStringLiteral("beginning"), QStringLiteral("-e"), QStringLiteral("-f"),
                      QStringLiteral("P%p %k\\n")});
    QCOMPARE(read.out.trimmed(), QStringLiteral("%1 ORD-12345").arg(place));
}

// ---- Groups, brokers, disk
// ---------------------------------------------------------------------------------------

void LiveTest::groupOfAClientIsShownAndReset() {
    go("groups");
    const QStringList consume{QStringLiteral("-X"), QStringLiteral("auto.offset.reset=earliest"),
                              QStringLiteral("-X"), QStringLiteral("client.id=live-member"),
                              QStringLiteral("-u"), QStringLiteral("-G"), kGroup};
    auto consumer = Kcat::start(m_bootstrap, consume + QStringList{kClientTopic});
    QTRY_COMPARE_WITH_TIMEOUT(cell("groups", "groups", kGroup, GroupsModel::State),
                              QStringLiteral("Stable"), 20'000);
    QCOMPARE(cell("groups", "groups", kGroup, GroupsModel::Members), QStringLiteral("1"));
    go("groups", {kGroup});
    QTRY_VERIFY(
        !cell("groups", "members", QStringLiteral("live-member"), models::MembersModel::Partitions)
             .isNull());
    QByteArray consumed;
    QVERIFY(until([&] {
        consumed += consumer->readAllStandardOutput();
        return consumed.count('\n') == 3;
    }));
    QVERIFY(Kcat::stop(*consumer));
    go("groups");
    QTRY_COMPARE_WITH_TIMEOUT(cell("groups", "groups", kGroup, GroupsModel::State),
                              QStringLiteral("Empty"), 20'000);
    QTRY_COMPARE_WITH_TIMEOUT(cell("groups", "groups", kGroup, GroupsModel::Lag),
                              QStringLiteral("0"), 15'000);
    go("groups", {kGroup});
    QVERIFY(click("resetOffsets"));
    QVERIFY(until([&] { return dialog() != nullptr; }));
    QVERIFY2(dialog()->plan().effect.contains(QStringLiteral("3 records are read again")),
             qPrintable(dialog()->plan().effect));
    QVERIFY(applyDialog());
    // Committed is the beginning again: a member that joins gets all three once more.
    const auto again = Kcat::run(
        m_bootstrap, QStringList{QStringLiteral("-X"), QStringLiteral("auto.offset.reset=latest"),
                                 QStringLiteral("-c"), QStringLiteral("3"), QStringLiteral("-G"),
                                 kGroup, kClientTopic});
    auto values = again.out.split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    values.sort();
    QCOMPARE(values, (QStringList{QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")}));
}

void LiveTest::brokerIsKilledAndRestarted() {
    QVERIFY2(waitCalm(20'000), qPrintable(m_app->context().health().words));
    go("brokers", {QStringLiteral("3")});
    QVERIFY(click("killBroker"));
    QVERIFY(until([&] { return dialog() != nullptr; }));
    QVERIFY(applyDialog());
    go("brokers");
    QTRY_COMPARE_WITH_TIMEOUT(cell("brokers", "brokers", QStringLiteral("3"), BrokersModel::State),
                              QStringLiteral("Down"), 30'000);
    QTRY_COMPARE(title("brokers"), QStringLiteral("Broker 3 is not online"));
    QVERIFY2(m_app->context().health().words.contains(QStringLiteral("down")),
             qPrintable(m_app->context().health().words));
    QVERIFY(until(
        [&] {  // until its session is over, the others still list it
            const auto listed = Kcat::run(m_bootstrap, {QStringLiteral("-L")});
            return listed.ok && listed.out.contains(QStringLiteral(" 2 brokers:"));
        },
        30'000));
    QVERIFY(Kcat::run(m_bootstrap, {QStringLiteral("-P"), QStringLiteral("-t"), kTailTopic},
                      "while it is down\n")
                .ok);
    go("brokers", {QStringLiteral("3")});
    QVERIFY(click("restartBroker"));
    QVERIFY(until([&] { return dialog() != nullptr; }));
    QVERIFY(applyDialog());
    go("brokers");
    QTRY_COMPARE_WITH_TIMEOUT(cell("brokers", "brokers", QStringLiteral("3"), BrokersModel::State),
                              QStringLiteral("Online"), 30'000);
    QVERIFY2(waitCalm(30'000), qPrintable(m_app->context().health().words));
    QVERIFY(
        Kcat::run(m_bootstrap, {QStringLiteral("-L")}).out.contains(QStringLiteral(" 3 brokers:")));
}

void LiveTest::diskGrowsWithTheLog() {
    go("disk");
    const auto bytes = [&] {
        const auto* found = table("disk", "diskTopics");
        const auto* model = found->view()->model();
        for (int row = 0; row < model->rowCount(); ++row)
            if (model->index(row, DiskModel::Topic).data().toString() == kClientTopic)
                return model->index(row, DiskModel::Bytes).data(models::kSortRole).toLongLong();
        return -1LL;
    };
    QTRY_VERIFY(table("disk", "diskTopics")->view()->isVisible() && bytes() > 0);
    const auto before = bytes();
    QByteArray lines;
    for (int i = 0; i < 2000; ++i)
        lines += QByteArray(499, 'x') + '\n';
    QVERIFY(
        Kcat::run(m_bootstrap, {QStringLiteral("-P"), QStringLiteral("-t"), kClientTopic}, lines)
            .ok);
    // 2,000 records of 499 bytes in each replica, uncompressed.
    QTRY_VERIFY_WITH_TIMEOUT(bytes() - before > 3 * 2000 * 499, 15'000);
    QVERIFY(bytes() - before < 3 * 2000 * 600);
}

// ---- Retail platform
// ---------------------------------------------------------------------------------------------

void LiveTest::rateIsSetByKeyboard() {
    go("retail");
    auto* rate =
        window().page(QStringLiteral("retail"))->findChild<QSpinBox*>(QStringLiteral("rate"));
    const auto type = [&](const QString& text) {
        rate->setFocus();
        rate->selectAll();
        QTest::keyClicks(rate, text);
        QTest::keyClick(rate, Qt::Key_Return);
    };
    const auto sent = [&] {
        qint64 all = 0;
        for (int partition = 0; partition < 3; ++partition)
            all += Kcat::logEnd(m_bootstrap, QStringLiteral("new_orders"), partition);
        return all;
    };
    type(QStringLiteral("0"));
    QTRY_COMPARE_WITH_TIMEOUT(title("retail"), QStringLiteral("The retail platform is paused"),
                              15'000);
    qint64 last = -1;
    QVERIFY(until([&] {  // what was on its way arrives, then nothing more
        const auto now = sent();
        return std::exchange(last, now) == now;
    }));
    QVERIFY(last > 0);
    type(QStringLiteral("300"));
    QTRY_COMPARE_WITH_TIMEOUT(title("retail"),
                              QStringLiteral("The retail platform sends 300 records/s"), 15'000);
    QVERIFY(until([&] { return sent() > last + 20; }, 20'000));
    type(QStringLiteral("20"));
    QTRY_COMPARE_WITH_TIMEOUT(title("retail"),
                              QStringLiteral("The retail platform sends 20 records/s"), 15'000);
}

void LiveTest::crashedConsumerLeavesItsGroup() {
    go("retail");
    auto* consumers = table("retail", "consumers");
    // A group with exactly one member, so that the loss shows as an empty group.
    QString client, group;
    QVERIFY(until(
        [&] {
            for (const auto& g : snapshot().groups)
                for (const auto& c : snapshot().workload->clients)
                    if (c.isConsumer && c.group == g.id && c.state == "running" &&
                        g.state == "Stable" && g.members.size() == 1) {
                        client = models::qs(c.clientId);
                        group = models::qs(g.id);
                        return true;
                    }
            return false;
        },
        30'000));
    QVERIFY(until([&] { return consumers->view()->isVisible() && select(consumers, client); }));
    QVERIFY(click("crashConsumer"));
    QTRY_COMPARE(cell("retail", "consumers", client, 1), QStringLiteral("Crashed"));
    go("groups");
    QTRY_COMPARE_WITH_TIMEOUT(cell("groups", "groups", group, GroupsModel::Members),
                              QStringLiteral("0"), 30'000);
    QCOMPARE(cell("groups", "groups", group, GroupsModel::State), QStringLiteral("Empty"));
}

// ---- Read-only, attached clusters
// --------------------------------------------------------------------------------

void LiveTest::readOnlyForbidsChanges() {
    go("topics");
    emit window().readOnlyToggled(QStringLiteral("embedded"), true);
    QVERIFY(m_app->context().readOnly());
    auto* create = window().findChild<QAbstractButton*>(QStringLiteral("createTopic"));
    QTRY_VERIFY(!create->isEnabled());
    // Also what does not come through a button is refused.
    QString error;
    m_app->context().run(
        api::CreateTopic{"must_not_be", 1, 1, {}, false}, this,
        [&](const api::CommandResult& result) { error = models::qs(result.error); });
    QTRY_VERIFY(error.contains(QStringLiteral("read-only")));
    QVERIFY(!Kcat::run(m_bootstrap, {QStringLiteral("-L")})
                 .out.contains(QStringLiteral("must_not_be")));
    emit window().readOnlyToggled(QStringLiteral("embedded"), false);
    QTRY_VERIFY(create->isEnabled());
}

void LiveTest::recordedMomentComesAndGoes() {
    go("overview");
    const auto now = snapshot().at;
    QVERIFY(click("timeRecorded"));
    auto& context = m_app->context();
    QTRY_VERIFY(!context.isLive() && window().scrubBar().isVisible());
    QTest::keyClick(&window().scrubBar(), Qt::Key_Home);
    QVERIFY(snapshot().at < now);
    QCOMPARE(*context.moment(), qint64(context.feed().recording().oldest()));
    const auto then = snapshot().at;
    QVERIFY(until([&] { return context.liveSnapshot().at > now; }));
    QCOMPARE(snapshot().at, then);
    go("topics");
    for (auto* create : window().findChildren<QAbstractButton*>(QStringLiteral("createTopic")))
        QVERIFY(!create->isVisible() || !create->isEnabled());
    QVERIFY(click("backToLive"));
    QTRY_VERIFY(context.isLive() && !window().scrubBar().isVisible());
    QVERIFY(snapshot().at >= now);
}

void LiveTest::everyPageIsForTheKeyboard() {
    window().activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&window()));
    QStringList faults;
    QVector<Location> places;
    for (const auto& id : m_app->pageIds())
        places.append({id, {}, {}});
    places.append({QStringLiteral("topics"), {QStringLiteral("new_orders")}, {}});
    places.append({QStringLiteral("topics"), {QStringLiteral("new_orders")}, QStringLiteral("configuration")});
    places.append({QStringLiteral("brokers"), {QStringLiteral("1")}, {}});
    places.append({QStringLiteral("groups"), {QStringLiteral("shipping-service")}, {}});
    for (const auto& place : places) {
        window().navigate(place);
        QTest::qWait(50);  // the page lays itself out
        auto* page = window().page(place.page);
        auto* primary = page->primaryWidget();
        if (!primary || !primary->isVisible()) {
            faults << place.toString() + QStringLiteral(": nothing to start at");
            continue;
        }
        primary->setFocus(Qt::TabFocusReason);
        bool left = false;
        QSet<QWidget*> seen;
        for (int i = 0; i < 120; ++i) {
            auto* focus = QApplication::focusWidget();
            if (!focus) {
                faults << place.toString() + QStringLiteral(": the focus is lost");
                break;
            }
            left |= !page->isAncestorOf(focus);
            if (seen.contains(focus) && left)
                break;
            seen.insert(focus);
            const auto* button = qobject_cast<QAbstractButton*>(focus);
            const auto* line = qobject_cast<QLineEdit*>(focus);
            const bool named = !focus->accessibleName().isEmpty() || (button && !button->text().isEmpty()) ||
                               (line && !line->placeholderText().isEmpty());
            if (!named)
                faults << QStringLiteral("%1: %2 %3 has no name")
                              .arg(place.toString(), QString::fromLatin1(focus->metaObject()->className()),
                                   focus->objectName());
            QTest::keyClick(focus, Qt::Key_Tab);
        }
        if (!left)
            faults << place.toString() + QStringLiteral(": Tab does not lead out of it");
        // Ctrl+F reaches the filter of a page that has one, Esc gives the table back.
        DataTable* table = nullptr;
        for (auto* candidate : page->findChildren<DataTable*>())
            if (candidate->isVisible() && candidate->hasFilter())
                table = candidate;
        if (!table)
            continue;
        primary->setFocus(Qt::TabFocusReason);
        QTest::keyClick(&window(), Qt::Key_F, Qt::ControlModifier);
        auto* edit = qobject_cast<QLineEdit*>(QApplication::focusWidget());
        if (!edit || edit->objectName() != QStringLiteral("tableFilter"))
            faults << place.toString() + QStringLiteral(": Ctrl+F finds no filter");
        else
            QTest::keyClick(edit, Qt::Key_Escape);
    }
    faults.removeDuplicates();
    QVERIFY2(faults.isEmpty(), qPrintable(faults.join(QLatin1Char('\n'))));
}

void LiveTest::everyChangeIsInTheLog() {
    go("audit");
    const auto wanted = QStringLiteral("Create topic %1").arg(kTypedTopic);
    using A = models::AuditModel;
    QTRY_COMPARE(cell("audit", "auditLog", wanted, A::Outcome, A::Change), QStringLiteral("Done"));
    QVERIFY(select(table("audit", "auditLog"), wanted, A::Change));
    auto* command = window().page(QStringLiteral("audit"))->findChild<CodeBox*>(QStringLiteral("auditCommand"));
    QTRY_VERIFY(command->isVisible() && command->code().contains(QStringLiteral("--partitions 6")));
    const auto csv = table("audit", "auditLog")->copyText(DataTable::CopyFormat::Csv, false);
    QVERIFY(csv.contains(wanted));
    // Another start of the program reads the same.
    const models::AuditLog again(m_app->context().audit()->path());
    QVERIFY(std::any_of(again.entries().begin(), again.entries().end(), [&](const models::AuditEntry& entry) {
        return entry.title == wanted && entry.outcome == models::AuditEntry::Outcome::Done;
    }));
}

void LiveTest::takenPortIsSaidAndTriedAgain() {
    const int taken = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    QVERIFY(::bind(taken, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::listen(taken, 1) == 0);
    QVERIFY(::getsockname(taken, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    const auto port = ntohs(address.sin_port);
    app::GuiOptions options;
    options.cluster.ephemeral = true;
    options.cluster.brokers = 1;
    options.cluster.port = port;
    options.workload = false;
    app::Application second(options);
    second.window().show();
    QVERIFY(until([&] { return second.context().liveSnapshot().connection == api::Connection::Failed; }, 20'000));
    MessageBar* banner = nullptr;
    QTRY_VERIFY([&] {
        for (auto* bar : second.window().findChildren<MessageBar*>())
            if (bar->isVisible() && bar->text().contains(QString::number(port)))
                banner = bar;
        return banner != nullptr;
    }());
    QVERIFY2(banner->text().contains(QStringLiteral("taken")), qPrintable(banner->text()));
    ::close(taken);
    emit second.window().bannerAction();
    QVERIFY(until([&] { return second.context().liveSnapshot().connection == api::Connection::Live; }, 30'000));
    QTRY_VERIFY(!banner->isVisible());
}

void LiveTest::wrongAddressIsAStateInWords() {
    QVERIFY(!m_app->attach(QStringLiteral("not an address")));
    QVERIFY(m_app->context().isEmbedded());
    go("topics");
    const auto nobody = QStringLiteral("127.0.0.1:1");
    QVERIFY(m_app->attach(nobody));
    QVERIFY(!m_app->context().isEmbedded());
    QVERIFY(until(
        [&] {
            return snapshot().connection == api::Connection::Failed ||
                   snapshot().connection == api::Connection::Stale;
        },
        20'000));
    const auto said = [&](const QString& text) {
        for (const auto* bar : window().findChildren<MessageBar*>())
            if (bar->isVisible() && bar->text().contains(text))
                return true;
        return false;
    };
    QTRY_VERIFY(said(nobody));
    QVERIFY(!m_app->context().health().words.isEmpty());
    emit window().detachRequested(nobody);
    QVERIFY(m_app->context().isEmbedded());
    QTRY_VERIFY(!said(nobody));
}

void LiveTest::attachedClusterShowsTheSame() {
    const auto names = [&] {
        QStringList all;
        const auto* model = table("topics", "topics")->view()->model();
        for (int row = 0; row < model->rowCount(); ++row)
            all << model->index(row, TopicsModel::Name).data().toString();
        return all;
    };
    go("topics");
    QTRY_VERIFY(names().contains(kTypedTopic));
    const auto expected = names();
    const auto address = m_bootstrap.section(QLatin1Char(','), 0, 0);
    QVERIFY(m_app->attach(address));
    QVERIFY(m_app->context().readOnly());
    QVERIFY(until([&] { return snapshot().connection == api::Connection::Live; }, 20'000));
    QTRY_COMPARE_WITH_TIMEOUT(names(), expected, 20'000);
    QTRY_COMPARE_WITH_TIMEOUT(cell("topics", "topics", kClientTopic, TopicsModel::Records),
                              QStringLiteral("2,003"), 20'000);
    QVERIFY(!window().findChild<QAbstractButton*>(QStringLiteral("createTopic"))->isEnabled());
    QCOMPARE(QSettings().value(QStringLiteral("clusters/attached")).toStringList(),
             QStringList{address});
    emit window().detachRequested(address);
    QVERIFY(m_app->context().isEmbedded());
    QVERIFY(QSettings().value(QStringLiteral("clusters/attached")).toStringList().isEmpty());
    QTRY_COMPARE_WITH_TIMEOUT(names(), expected, 20'000);
}

void LiveTest::picturesOfEveryPage() {
    const QDir folder(QString::fromUtf8(ODRADEK_BIN_DIR "/../screenshots"));
    QVERIFY(folder.mkpath(QStringLiteral(".")));
    for (const auto& id : m_app->pageIds()) {
        window().navigate({id, {}, {}});
        QVERIFY2(until([&] {
                     return window().page(id)->isVisible() &&
                            !window().page(id)->header().title.isEmpty();
                 }),
                 qPrintable(id));
        const auto image = window().grab().toImage();
        QCOMPARE(image.size(), window().size() * image.devicePixelRatio());
        QSet<QRgb> colours;  // a page that paints nothing has only the shell's few colours
        const auto page =
            QRect(window().page(id)->mapTo(&window(), QPoint()), window().page(id)->size());
        for (int y = page.top(); y < page.bottom(); y += 3)
            for (int x = page.left(); x < page.right(); x += 3)
                colours << image.pixel(x, y);
        QVERIFY2(colours.size() > 20, qPrintable(id));
        QVERIFY(image.save(folder.filePath(id + QStringLiteral("-live.png"))));
    }
}

void LiveTest::cleanupTestCase() {
    QElapsedTimer clock;
    clock.start();
    m_app.reset();
    QVERIFY2(clock.elapsed() < 25'000, "the cluster stops cleanly");
}
