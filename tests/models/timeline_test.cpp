// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "models/cluster/timeline.h"
#include "tests/models/samples.h"
#include "tests/models/suites.h"

using namespace odradek;
using models::buildTimeline;
using models::Recording;
using models::Timeline;
using Kind = models::TimelineSpan::Kind;

namespace {

constexpr api::WallMs kStart = 1'000'000;

/// Broker 2 dies at second 10, is fenced at 15, when its partition gets leader 3; it is back at 25.
api::ClusterSnapshot at(int second) {
    auto s = test::calm();
    s.at = kStart + second * 1000;
    s.controller = 1;
    auto& led = s.topics[0].partitions[1];  // led by 2
    led.leaderEpoch = 4;
    s.topics[0].partitions[0].leaderEpoch = 7;
    if (second >= 10 && second < 25)
        s.brokers[1].state = second < 15 ? api::BrokerState::Offline : api::BrokerState::Fenced;
    if (second >= 10 && second < 15)
        led.leader = -1;
    if (second >= 15) {
        led.leader = 3;
        led.leaderEpoch = 5;
        led.replicas[0].inSync = second >= 25;
    }
    return s;
}

Recording recorded(int seconds) {
    Recording recording;
    for (int s = 0; s <= seconds; ++s)
        recording.add(std::make_shared<const api::ClusterSnapshot>(at(s)));
    return recording;
}

api::Event happened(int ms, api::EventKind kind, api::Severity severity, std::string text,
                    std::string subject) {
    api::Event e;
    e.at = kStart + ms;
    e.kind = kind;
    e.severity = severity;
    e.text = std::move(text);
    e.subject = std::move(subject);
    return e;
}

const models::TimelineLane* lane(const Timeline& line, const char* name) {
    for (const auto& l : line.lanes)
        if (l.name == QLatin1String(name))
            return &l;
    return nullptr;
}

}  // namespace

class TimelineTest : public QObject {
    Q_OBJECT
private slots:
    void lanesAreTheStatesOverTime();
    void eventsGiveTheExactMoment();
    void whatStayedHasNoLane();
    void filtersByBrokerAndPartition();
    void sayWhatItMeant();
    void aBurstIsOneMark();
};

void TimelineTest::lanesAreTheStatesOverTime() {
    const auto line = buildTimeline(recorded(40), {}, kStart, kStart + 40'000, {});
    const auto* broker = lane(line, "Broker 2");
    QVERIFY(broker);
    QCOMPARE(broker->spans.size(), std::size_t(4));
    QCOMPARE(broker->spans[1].kind, Kind::Missing);
    QCOMPARE(broker->spans[1].from, kStart + 10'000);
    QCOMPARE(broker->spans[1].to, kStart + 15'000);
    QVERIFY(broker->spans[1].text.contains(QStringLiteral("5.0 s")));
    QCOMPARE(broker->spans[2].kind, Kind::Barred);
    QCOMPARE(broker->spans[3].to, kStart + 40'000);
    const auto* partition = lane(line, "new_orders-1");
    QVERIFY(partition);
    QCOMPARE(partition->spans[0].kind, Kind::Leads);
    QCOMPARE(partition->spans[0].broker, 2);
    QCOMPARE(partition->spans[0].text, QStringLiteral("2, e4"));
    QCOMPARE(partition->spans[1].kind, Kind::Missing);
    QVERIFY(partition->spans[2].text.startsWith(QStringLiteral("3, e5, ISR 2 of 3")));
    QCOMPARE(partition->spans[3].text, QStringLiteral("3, e5"));
    // A lane has no holes.
    for (const auto& l : line.lanes)
        for (std::size_t i = 1; i < l.spans.size(); ++i)
            QCOMPARE(l.spans[i].from, l.spans[i - 1].to);
}

void TimelineTest::eventsGiveTheExactMoment() {
    const auto line = buildTimeline(
        recorded(40),
        {happened(9'350, api::EventKind::Cluster, api::Severity::Offline, "killed", "broker:2"),
         happened(14'120, api::EventKind::Leader, api::Severity::Ok, "leads",
                  "topic:new_orders/1")},
        kStart, kStart + 40'000, {});
    QCOMPARE(lane(line, "Broker 2")->spans[1].from, kStart + 9'350);
    QCOMPARE(lane(line, "Broker 2")->spans[0].to, kStart + 9'350);
    QCOMPARE(lane(line, "new_orders-1")->spans[2].from, kStart + 14'120);
}

void TimelineTest::whatStayedHasNoLane() {
    const auto line = buildTimeline(recorded(40), {}, kStart, kStart + 40'000, {});
    QVERIFY(!lane(line, "new_orders-0"));
    QCOMPARE(line.unchanged, 1);
    QVERIFY(lane(line, "Broker 1"));  // brokers are few
    const auto calm = buildTimeline(recorded(40), {}, kStart + 30'000, kStart + 40'000, {});
    QVERIFY(!lane(calm, "new_orders-1"));
    QCOMPARE(calm.unchanged, 2);
    QVERIFY(calm.finding.isEmpty());
}

void TimelineTest::filtersByBrokerAndPartition() {
    const auto broker =
        buildTimeline(recorded(40), {}, kStart, kStart + 40'000, QStringLiteral("broker:2"));
    QVERIFY(lane(broker, "Broker 2") && !lane(broker, "Broker 1"));
    QVERIFY(lane(broker, "new_orders-1") && !lane(broker, "new_orders-0"));
    const auto partition = buildTimeline(recorded(40), {}, kStart, kStart + 40'000,
                                         QStringLiteral("topic:new_orders/0"));
    QVERIFY(lane(partition, "new_orders-0") &&
            !lane(partition, "new_orders-1"));  // asked for: shown though it stayed
    QVERIFY(
        models::concerns(QStringLiteral("topic:new_orders"), QStringLiteral("topic:new_orders/1")));
    QVERIFY(
        models::concerns(QStringLiteral("topic:new_orders/1"), QStringLiteral("topic:new_orders")));
    QVERIFY(!models::concerns(QStringLiteral("topic:new"), QStringLiteral("topic:new_orders/1")));
    QVERIFY(!models::concerns(QStringLiteral("broker:1"), QStringLiteral("broker:11")));
}

void TimelineTest::sayWhatItMeant() {
    const auto over = buildTimeline(recorded(40), {}, kStart, kStart + 40'000, {});
    QVERIFY2(over.finding.contains(QStringLiteral("5.0 s")) &&
                 over.finding.contains(QStringLiteral("again")),
             qPrintable(over.finding));
    const auto during = buildTimeline(recorded(12), {}, kStart, kStart + 12'000, {});
    QVERIFY2(during.finding.contains(QStringLiteral("still")), qPrintable(during.finding));
}

void TimelineTest::aBurstIsOneMark() {
    std::vector<api::Event> events{
        happened(10'000, api::EventKind::Cluster, api::Severity::Offline, "killed", "broker:2")};
    for (int i = 0; i < 50; ++i)
        events.push_back(happened(10'010 + i, api::EventKind::Isr, api::Severity::Warning, "shrank",
                                  "topic:t/1"));
    events.push_back(
        happened(30'000, api::EventKind::Leader, api::Severity::Warning, "moved", "topic:t/1"));
    events.push_back(
        happened(31'000, api::EventKind::Group, api::Severity::Error, "not of brokers", "group:g"));
    const auto line = buildTimeline(recorded(40), events, kStart, kStart + 40'000, {});
    QCOMPARE(line.marks.size(), std::size_t(2));
    QCOMPARE(line.marks[0].text, QStringLiteral("killed"));
    QCOMPARE(line.marks[1].text, QStringLiteral("moved"));
}

QObject* makeTimelineTest() {
    return new TimelineTest;
}

#include "timeline_test.moc"
