// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSignalSpy>
#include <QtTest>

#include "models/series/series_store.h"
#include "tests/models/samples.h"
#include "tests/models/suites.h"

using namespace odradek;
using models::SeriesStore;

namespace {

/// A cluster with one topic of one partition at a moment.
api::ClusterSnapshot at(api::WallMs ms, std::int64_t logEnd, std::int64_t bytes = 0) {
    auto s = test::calm();
    s.at = ms;
    s.topics = {test::topic("t", {test::partition(0, 1, {test::replica(1)}, logEnd)})};
    s.topics[0].partitions[0].bytes = bytes;
    return s;
}

constexpr auto kMessages = "topic.t.messages";

}  // namespace

class SeriesTest : public QObject {
    Q_OBJECT
private slots:
    void ratesAreDifferencesPerSecond();
    void samplesAtMostOnceASecondAndOnlyWhileLive();
    void aFallingCounterStartsOver();
    void whatIsNotKnownGetsNoPoint();
    void aTopicThatComesBackIsNoBurst();
    void aNewCommitIsNoBurst();
    void growthNeedsTenSeconds();
    void ringsForgetTheOldest();
    void clearForgetsEverything();
};

void SeriesTest::ratesAreDifferencesPerSecond() {
    SeriesStore store;
    store.add(at(1000, 100));
    QVERIFY(!store.find(QLatin1String(kMessages)));  // one moment gives no rate
    store.add(at(3000, 600));
    QCOMPARE(store.last(QLatin1String(kMessages)), 250.0);
    QCOMPARE(store.last(QStringLiteral("messages.in")), 250.0);
    store.add(at(4000, 600));
    QCOMPARE(store.tail(QLatin1String(kMessages)), (QVector<double>{250.0, 0.0}));
}

void SeriesTest::samplesAtMostOnceASecondAndOnlyWhileLive() {
    SeriesStore store;
    QSignalSpy sampled(&store, &SeriesStore::sampled);
    store.add(at(1000, 1));
    store.add(at(1400, 2));
    QCOMPARE(sampled.size(), 1);
    auto stale = at(5000, 9);
    stale.connection = api::Connection::Stale;
    store.add(stale);
    QCOMPARE(sampled.size(), 1);
    store.add(at(2000, 11));
    QCOMPARE(sampled.size(), 2);
    QCOMPARE(store.last(QLatin1String(kMessages)), 10.0);
}

void SeriesTest::aFallingCounterStartsOver() {
    SeriesStore store;
    store.add(at(1000, 1000));
    store.add(at(2000, 1100));
    store.add(at(3000, 5));  // the topic was made anew
    QCOMPARE(store.tail(QLatin1String(kMessages)), (QVector<double>{100.0}));
    store.add(at(4000, 25));
    QCOMPARE(store.tail(QLatin1String(kMessages)), (QVector<double>{100.0, 20.0}));
}

void SeriesTest::whatIsNotKnownGetsNoPoint() {
    SeriesStore store;
    for (int i = 1; i <= 3; ++i)
        store.add(at(i * 1000, -1));
    QVERIFY(!store.find(QLatin1String(kMessages)));
    QVERIFY(!store.find(QStringLiteral("topic.t.bytes")));
    QVERIFY(!store.find(QStringLiteral("broker.1.disk")));
    QVERIFY(!store.find(QStringLiteral("bytes.in")));
}

void SeriesTest::aTopicThatComesBackIsNoBurst() {
    SeriesStore store;
    const auto both = [](api::WallMs ms, std::int64_t small, std::int64_t large) {
        auto s = at(ms, small);
        s.topics.push_back(test::topic("u", {test::partition(0, 2, {test::replica(2)}, large)}));
        return s;
    };
    store.add(both(1000, 0, 1'000'000));
    store.add(both(2000, 10, -1));  // its leader is being elected
    store.add(both(3000, 20, 1'000'020));
    QCOMPARE(store.tail(QStringLiteral("messages.in")), (QVector<double>{10.0, 20.0}));
}

void SeriesTest::aNewCommitIsNoBurst() {
    SeriesStore store;
    const auto group = [](api::WallMs ms, std::vector<api::CommittedOffset> offsets) {
        auto s = at(ms, 0);
        api::Group g;
        g.id = "g";
        g.offsets = std::move(offsets);
        s.groups = {g};
        return s;
    };
    store.add(group(1000, {test::committed("t", 0, 100, 130)}));
    store.add(group(2000, {test::committed("t", 0, 130, 130), test::committed("t", 1, 500'000, 500'007)}));
    QCOMPARE(store.last(QStringLiteral("group.g.rate")), 30.0);
    QCOMPARE(store.last(QStringLiteral("group.g.lag")), 7.0);
    QCOMPARE(store.last(QStringLiteral("group.g.topic.t.lag")), 7.0);
    QCOMPARE(store.last(QStringLiteral("group.g.partition.t.0.rate")), 30.0);
}

void SeriesTest::growthNeedsTenSeconds() {
    SeriesStore store;
    for (int i = 0; i < 10; ++i)
        store.add(at(1000 + i * 1000, i, i * 500));
    QVERIFY(!store.growth(QStringLiteral("topic.t.bytes")));
    store.add(at(11'000, 10, 5000));
    QCOMPARE(store.growth(QStringLiteral("topic.t.bytes")).value_or(-1), 500.0);
    QVERIFY(!store.growth(QStringLiteral("topic.nothing.bytes")));
}

void SeriesTest::ringsForgetTheOldest() {
    models::MetricRing ring(100);
    for (int i = 0; i < 1000; ++i)
        ring.append(i, i * 2);
    QVERIFY(ring.times().size() >= 100 && ring.times().size() <= 125);
    QCOMPARE(ring.last(), 1998.0);
    QVERIFY(std::is_sorted(ring.times().begin(), ring.times().end()));
    ring.append(998, 1);  // a clock that went back adds nothing
    QCOMPARE(ring.last(), 1998.0);
    QCOMPARE(ring.tail(3), (QVector<double>{1994, 1996, 1998}));
}

void SeriesTest::clearForgetsEverything() {
    SeriesStore store;
    store.add(at(1000, 1));
    store.add(at(2000, 2));
    store.clear();
    QVERIFY(!store.find(QLatin1String(kMessages)));
    store.add(at(1000, 5));  // another cluster may have an earlier clock
    store.add(at(2000, 9));
    QCOMPARE(store.last(QLatin1String(kMessages)), 4.0);
}

QObject* makeSeriesTest() { return new SeriesTest; }

#include "series_test.moc"
