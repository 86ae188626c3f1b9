// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "models/cluster/problems.h"
#include "tests/models/samples.h"
#include "tests/models/suites.h"

using namespace odradek;
using models::Health;
using test::replica;

namespace {

models::HealthSummary healthOf(const api::ClusterSnapshot& s) {
    const models::SeriesStore none;
    return models::summarize(s, models::findProblems(s, none));
}

}  // namespace

class ProblemsTest : public QObject {
    Q_OBJECT
private slots:
    void aCalmClusterHasNone();
    void theMostHarmfulComesFirst();
    void oneProblemPerTopicAndKind();
    void fullDisks();
    void groups();
    void aGroupThatFallsBehind();
    void connectionComesBeforeAll();
};

void ProblemsTest::aCalmClusterHasNone() {
    const auto s = test::calm();
    QVERIFY(models::findProblems(s, models::SeriesStore()).empty());
    QCOMPARE(healthOf(s).health, Health::Ok);
    QCOMPARE(healthOf(s).words, QStringLiteral("All partitions in sync"));
}

void ProblemsTest::theMostHarmfulComesFirst() {
    auto s = test::calm();
    s.topics.push_back(test::topic(
        "lagging", {test::partition(0, 1, {replica(1), replica(2), replica(3, false)})}));
    s.topics.push_back(test::topic(
        "refuses", {test::partition(4, 1, {replica(1), replica(2, false), replica(3, false)})}));
    s.topics.push_back(test::topic("offline", {test::partition(2, -1, {replica(3, false)})}, 1));
    s.brokers[2].state = api::BrokerState::Offline;
    const auto problems = models::findProblems(s, models::SeriesStore());
    QCOMPARE(problems.size(), 4u);
    QCOMPARE(problems[0].subject, QStringLiteral("topic:offline/2"));
    QCOMPARE(problems[0].title, QStringLiteral("offline-2 cannot be written or read"));
    QCOMPARE(problems[0].health, Health::Offline);
    QCOMPARE(problems[1].subject, QStringLiteral("topic:refuses/4"));
    QCOMPARE(problems[1].health, Health::Error);
    QVERIFY(problems[1].detail.contains(QStringLiteral("1 of the 2")));
    QCOMPARE(problems[2].subject, QStringLiteral("broker:3"));
    QCOMPARE(problems[3].subject, QStringLiteral("topic:lagging/0"));
    QCOMPARE(problems[3].health, Health::Warning);
    QVERIFY(std::is_sorted(problems.begin(), problems.end(),
                           [](const auto& a, const auto& b) { return a.harm > b.harm; }));
    const auto health = healthOf(s);
    QCOMPARE(health.health, Health::Offline);
    QVERIFY2(health.words.startsWith(QStringLiteral("1 ")) &&
                 health.words.contains(QStringLiteral("offline")),
             qPrintable(health.words));
    QVERIFY(health.words.contains(QStringLiteral("1 under min ISR")));
}

void ProblemsTest::oneProblemPerTopicAndKind() {
    auto s = test::calm();
    std::vector<api::Partition> many;
    for (int i = 0; i < 50; ++i)
        many.push_back(test::partition(i, 1, {replica(1), replica(2), replica(3, false)}));
    s.topics = {test::topic("wide", many)};
    const auto problems = models::findProblems(s, models::SeriesStore());
    QCOMPARE(problems.size(), 1u);
    QVERIFY(problems[0].title.contains(QStringLiteral("50")));
    QVERIFY(healthOf(s).words.contains(QStringLiteral("50 under-replicated")));
    QCOMPARE(healthOf(s).health, Health::Warning);
}

void ProblemsTest::fullDisks() {
    auto s = test::calm();
    s.brokers[1].diskTotal = 1000;
    s.brokers[1].diskUsable = 50;
    QVERIFY(
        models::findProblems(s, models::SeriesStore()).empty());  // exactly 5 % is not yet under it
    s.brokers[1].diskUsable = 49;
    const auto problems = models::findProblems(s, models::SeriesStore());
    QCOMPARE(problems.size(), 1u);
    QCOMPARE(problems[0].subject, QStringLiteral("disk"));
    QCOMPARE(healthOf(s).health, Health::Error);
    QVERIFY(healthOf(s).words.contains(QStringLiteral("broker 2")));
}

void ProblemsTest::groups() {
    auto s = test::calm();
    api::Group idle;
    idle.id = "shipping";
    idle.state = "Stable";
    idle.protocol = "range";
    idle.members = {test::member("a", {{"new_orders", 0}, {"new_orders", 1}}),
                    test::member("b", {})};
    api::Group nobody;
    nobody.id = "left";
    nobody.state = "Empty";
    nobody.offsets = {test::committed("new_orders", 0, 40, 100)};
    api::Group done = nobody;  // read everything: nothing to say
    done.id = "done";
    done.offsets = {test::committed("new_orders", 0, 100, 100)};
    s.groups = {done, nobody, idle};
    const auto problems = models::findProblems(s, models::SeriesStore());
    QCOMPARE(problems.size(), 2u);
    QCOMPARE(problems[0].subject, QStringLiteral("group:left"));
    QVERIFY(problems[0].detail.contains(QStringLiteral("60 records behind")));
    QCOMPARE(problems[1].title, QStringLiteral("b has nothing to read"));
    QCOMPARE(healthOf(s).health, Health::Ok);  // hints are no illness
}

void ProblemsTest::aGroupThatFallsBehind() {
    models::SeriesStore series;
    auto s = test::calm();
    api::Group g;
    g.id = "slow";
    g.state = "Stable";
    g.members = {test::member("a", {{"new_orders", 0}})};
    for (int second = 0; second < 30; ++second) {
        s.at += 1000;
        g.offsets = {test::committed("new_orders", 0, 100, 2000 + second * 50)};
        s.groups = {g};
        series.add(s);
    }
    const auto problems = models::findProblems(s, series);
    QCOMPARE(problems.size(), 1u);
    QCOMPARE(problems[0].title, QStringLiteral("slow falls behind"));
    QVERIFY2(problems[0].detail.contains(QStringLiteral("growing by 50 records/s")),
             qPrintable(problems[0].detail));
    QCOMPARE(healthOf(s).health, Health::Ok);
    QCOMPARE(models::summarize(s, problems).health, Health::Warning);
}

void ProblemsTest::connectionComesBeforeAll() {
    auto s = test::calm();
    s.connection = api::Connection::Failed;
    s.problem = "connection refused";
    QCOMPARE(healthOf(s).words, QStringLiteral("connection refused"));
    QCOMPARE(healthOf(s).health, Health::Offline);
    s.connection = api::Connection::Stale;
    QCOMPARE(healthOf(s).health, Health::Warning);
}

QObject* makeProblemsTest() {
    return new ProblemsTest;
}

#include "problems_test.moc"
