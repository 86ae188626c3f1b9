// SPDX-License-Identifier: GPL-3.0-or-later
#include <QProcess>
#include <QtTest>

#include "models/tasks/changes.h"
#include "tests/models/samples.h"
#include "tests/models/suites.h"

using namespace odradek;

namespace {

const QString kAt = QStringLiteral("localhost:9092");

/// The words a shell makes of a line, one per line of output.
QStringList shellSplits(const QString& line) {
    QProcess sh;
    sh.start(QStringLiteral("/bin/sh"),
             {QStringLiteral("-c"), QStringLiteral("printf '%s\\n' ") + line});
    sh.waitForFinished();
    auto words = QString::fromUtf8(sh.readAllStandardOutput()).split(QLatin1Char('\n'));
    words.removeLast();
    return words;
}

api::ClusterSnapshot withGroup(bool member) {
    auto s = test::calm();
    api::Group g;
    g.id = "shipping service";
    g.state = member ? "Stable" : "Empty";
    if (member)
        g.members = {test::member("a", {{"new_orders", 0}})};
    g.offsets = {test::committed("new_orders", 0, 60, 100),
                 test::committed("new_orders", 1, 10, 100)};
    s.groups = {g};
    return s;
}

}  // namespace

class ChangesTest : public QObject {
    Q_OBJECT
private slots:
    void wordsSurviveAShell();
    void topicNames();
    void createTopic();
    void deleteTopics();
    void addPartitions();
    void configs();
    void deleteRecords();
    void resetOffsets();
    void deleteGroup();
};

void ChangesTest::wordsSurviveAShell() {
    for (const auto& word :
         {QStringLiteral("plain-1.2"), QStringLiteral("two words"), QStringLiteral("it's"),
          QStringLiteral("$HOME;`id`"), QStringLiteral("\"quoted\\\""), QStringLiteral("a*b?"),
          QStringLiteral("ä=ö")})
        QCOMPARE(shellSplits(models::shellWord(word)), QStringList{word});
    QCOMPARE(models::shellWord(QString()), QStringLiteral("''"));
    QCOMPARE(models::shellWord(QStringLiteral("retention.ms=1")), QStringLiteral("retention.ms=1"));
}

void ChangesTest::topicNames() {
    for (const auto& good : {QStringLiteral("a"), QStringLiteral("new_orders.v1-x"),
                             QString(249, QLatin1Char('x')), QStringLiteral("...")})
        QVERIFY2(models::topicNameProblem(good).isEmpty(), qPrintable(good));
    for (const auto& bad :
         {QString(), QStringLiteral("."), QStringLiteral(".."), QString(250, QLatin1Char('x')),
          QStringLiteral("a b"), QStringLiteral("a/b"), QStringLiteral("ä")})
        QVERIFY2(!models::topicNameProblem(bad).isEmpty(), qPrintable(bad));
}

void ChangesTest::createTopic() {
    const auto s = test::calm();
    const api::CreateTopic wish{"gift_cards", 6, 3, {{"cleanup.policy", "compact,delete"}}, false};
    const auto change = models::changeCreateTopic(s, kAt, wish);
    QCOMPARE(change.problems, QStringList());
    QCOMPARE(
        change.commandLine,
        QStringLiteral("kafka-topics.sh --bootstrap-server localhost:9092 \\\n  --create --topic "
                       "gift_cards \\\n  --partitions 6 \\\n  --replication-factor 3 \\\n  "
                       "--config cleanup.policy=compact,delete"));
    QCOMPARE(std::get<api::CreateTopic>(change.command).partitions, 6);
    QCOMPARE(models::changeCreateTopic(s, kAt, {"new_orders", 1, 1, {}, false}).problems.size(),
             1);  // is there
    QCOMPARE(models::changeCreateTopic(s, kAt, {"x", 1, 4, {}, false}).problems.size(),
             1);  // too few brokers
    QCOMPARE(models::changeCreateTopic(s, kAt, {"x", 0, 1, {}, false}).problems.size(), 1);
    QCOMPARE(models::changeCreateTopic(s, kAt, {"a b", 1, 1, {}, false}).problems.size(), 1);
    QCOMPARE(models::changeCreateTopic(s, kAt, {"x", -1, -1, {}, false}).problems, QStringList());
}

void ChangesTest::deleteTopics() {
    auto s = test::calm();
    s.topics.insert(s.topics.begin(), test::topic("__consumer_offsets", {}));  // topics are by name
    s.topics.front().isInternal = true;
    const auto one = models::changeDeleteTopics(s, kAt, {QStringLiteral("new_orders")});
    QVERIFY(one.dangerous && one.problems.isEmpty());
    QVERIFY(one.effect.startsWith(QStringLiteral("200 records")));
    QVERIFY(models::changeDeleteTopics(s, kAt, {QStringLiteral("nothing")}).problems.size() == 1);
    QVERIFY(models::changeDeleteTopics(s, kAt, {QStringLiteral("__consumer_offsets")})
                .problems.size() == 1);
    QVERIFY(one.commandLine.endsWith(QStringLiteral("--delete --topic new_orders")));
    const auto dotted = models::changeDeleteTopics(s, kAt, {QStringLiteral("a.b")});
    QVERIFY2(dotted.commandLine.endsWith(QStringLiteral("--topic 'a\\.b'")),
             qPrintable(dotted.commandLine));
    // Several are a regular expression for Kafka's tool, so a dot must not match another topic.
    const auto two =
        models::changeDeleteTopics(s, kAt, {QStringLiteral("a.b"), QStringLiteral("c-d")});
    QVERIFY2(two.commandLine.contains(QStringLiteral("'a\\.b|c-d'")), qPrintable(two.commandLine));
}

void ChangesTest::addPartitions() {
    const auto s = test::calm();
    const auto change = models::changeAddPartitions(s, kAt, QStringLiteral("new_orders"), 5);
    QVERIFY(change.problems.isEmpty());
    QCOMPARE(change.items.front().before, QStringLiteral("2"));
    QVERIFY(
        change.commandLine.endsWith(QStringLiteral("--alter --topic new_orders --partitions 5")));
    QCOMPARE(models::changeAddPartitions(s, kAt, QStringLiteral("new_orders"), 2).problems.size(),
             1);
    QCOMPARE(models::changeAddPartitions(s, kAt, QStringLiteral("nothing"), 9).problems.size(), 1);
}

void ChangesTest::configs() {
    api::ConfigValue retention{"retention.ms", "604800000", "DEFAULT_CONFIG", "LONG", false,
                               false,          {}};
    api::ConfigValue fixed{"log.dirs", "/data", "STATIC_BROKER_CONFIG", "STRING", true, false, {}};
    const auto topic = models::changeConfigs(
        kAt, api::ResourceKind::Topic, QStringLiteral("new_orders"), {retention},
        {{"retention.ms", "1000"}, {"cleanup.policy", "compact,delete"}, {"x", {}}});
    QVERIFY(topic.problems.isEmpty());
    QCOMPARE(topic.items[0].after, QStringLiteral("1000"));
    QVERIFY(topic.items[0].before.startsWith(QStringLiteral("604800000")));
    QVERIFY2(topic.commandLine.contains(QStringLiteral(
                 "--add-config 'retention.ms=1000,cleanup.policy=[compact,delete]'")),
             qPrintable(topic.commandLine));
    QVERIFY(topic.commandLine.contains(QStringLiteral("--delete-config x")));
    QVERIFY(models::changeConfigs(kAt, api::ResourceKind::Broker, {}, {}, {{"a", "1"}})
                .commandLine.contains(QStringLiteral("--entity-default")));
    QCOMPARE(models::changeConfigs(kAt, api::ResourceKind::Broker, QStringLiteral("1"), {fixed},
                                   {{"log.dirs", "/x"}})
                 .problems.size(),
             1);
    QCOMPARE(models::changeConfigs(kAt, api::ResourceKind::Topic, QStringLiteral("t"), {}, {})
                 .problems.size(),
             1);
}

void ChangesTest::deleteRecords() {
    const auto s = test::calm();
    const auto change =
        models::changeDeleteRecords(s, kAt, QStringLiteral("new_orders"), {{0, 30}, {1, -1}});
    QVERIFY(change.dangerous && change.problems.isEmpty());
    QVERIFY(change.effect.startsWith(QStringLiteral("130 records")));
    QVERIFY(change.commandLine.contains(QStringLiteral("\"partition\":1,\"offset\":-1")));
    QCOMPARE(models::changeDeleteRecords(s, kAt, QStringLiteral("new_orders"), {{0, 101}})
                 .problems.size(),
             1);
}

void ChangesTest::resetOffsets() {
    const auto change =
        models::changeResetOffsets(withGroup(false), kAt, QStringLiteral("shipping service"),
                                   {{{"new_orders", 0}, 0}, {{"new_orders", 1}, 100}});
    QVERIFY(change.problems.isEmpty());
    QVERIFY(change.effect.contains(QStringLiteral("60 records are read again.")));
    QVERIFY(change.effect.contains(QStringLiteral("90 records are skipped.")));
    QVERIFY(
        change.commandLine.contains(QStringLiteral("--group 'shipping service' --reset-offsets")));
    QVERIFY(change.commandLine.contains(QStringLiteral("new_orders,0,0\\nnew_orders,1,100")));
    QCOMPARE(
        models::changeResetOffsets(withGroup(true), kAt, QStringLiteral("shipping service"), {})
            .problems.size(),
        1);
}

void ChangesTest::deleteGroup() {
    QVERIFY(models::changeDeleteGroup(withGroup(false), kAt, QStringLiteral("shipping service"))
                .problems.isEmpty());
    QCOMPARE(models::changeDeleteGroup(withGroup(true), kAt, QStringLiteral("shipping service"))
                 .problems.size(),
             1);
}

QObject* makeChangesTest() {
    return new ChangesTest;
}

#include "changes_test.moc"
