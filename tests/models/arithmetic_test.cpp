// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <numeric>
#include <set>

#include "models/cluster/disk_model.h"
#include "models/training/partitioning.h"
#include "tests/models/samples.h"
#include "tests/models/suites.h"

using namespace odradek;

namespace {

constexpr api::WallMs kNow = 10'000'000;

/// A topic whose partitions have the given closed and active segments.
api::Topic logged(std::vector<std::vector<api::SegmentInfo>> partitions) {
    api::Topic t = test::topic("t", {});
    t.cleanupPolicy = "delete";
    for (auto& segments : partitions) {
        auto p = test::partition(static_cast<int>(t.partitions.size()), 1, {test::replica(1)});
        p.segments = std::move(segments);
        t.partitions.push_back(p);
    }
    return t;
}

}  // namespace

class ArithmeticTest : public QObject {
    Q_OBJECT
private slots:
    void keysGoWhereJavaClientsPutThem();
    void keysMoveWhenPartitionsAreAdded();
    void keylessRecords();
    void capacityOfTheGuide();
    void deletionByTime();
    void deletionBySize();
    void deletionThatNeverComes();
};

void ArithmeticTest::keysGoWhereJavaClientsPutThem() {
    const auto rows = models::placeKeys({QStringLiteral("ORD-12345"), QString(), QStringLiteral("ORD-67890"),
                                         QStringLiteral("ORD-12345")},
                                        3, 4);
    QCOMPARE(rows.size(), 2u);  // empty lines and repetitions are left out
    QCOMPARE(rows[0].hash, 0xCCE86233u);
    QCOMPARE(rows[0].partition, 1);
    QCOMPARE(rows[0].partitionAfter, static_cast<int>((0xCCE86233u & 0x7fffffffu) % 4));
    QVERIFY(models::placeKeys({QStringLiteral("x")}, 0, 1).empty());
    models::KeysModel model;
    model.setRows(rows);
    QCOMPARE(model.index(0, models::KeysModel::Hash).data().toString(), QStringLiteral("0xCCE86233"));
    QCOMPARE(model.index(0, models::KeysModel::Partition).data().toString(), QStringLiteral("P1"));
}

void ArithmeticTest::keysMoveWhenPartitionsAreAdded() {
    QStringList keys;
    for (int i = 0; i < 3000; ++i)
        keys << QStringLiteral("CUST-%1").arg(i);
    const auto rows = models::placeKeys(keys, 3, 4);
    const auto now = models::distribution(rows, 3);
    QCOMPARE(std::accumulate(now.begin(), now.end(), 0), 3000);
    for (int count : now)
        QVERIFY2(count > 850 && count < 1150, qPrintable(QString::number(count)));
    // hash mod 3 = hash mod 4 only when hash mod 12 is 0, 1 or 2: three of four keys move.
    QVERIFY(models::movedKeys(rows) > 2100 && models::movedKeys(rows) < 2400);
    QCOMPARE(models::movedKeys(models::placeKeys(keys, 3, 3)), 0);
}

void ArithmeticTest::keylessRecords() {
    QCOMPARE(models::roundRobin(5, 3), (std::vector<int>{0, 1, 2, 0, 1}));
    const auto places = models::sticky(160, 3, 16, 7);
    QCOMPARE(places.size(), 160u);
    QVERIFY(places == models::sticky(160, 3, 16, 7));
    for (std::size_t i = 1; i < places.size(); ++i)
        QCOMPARE(places[i] != places[i - 1], i % 16 == 0);  // another partition exactly when a batch is full
    QCOMPARE(models::sticky(4, 1, 2, 1), (std::vector<int>{0, 0, 0, 0}));
    QVERIFY(models::sticky(4, 0, 2, 1).empty());
}

void ArithmeticTest::capacityOfTheGuide() {
    models::CapacityInput input;
    input.messagesPerMinute = 1'000'000;
    input.bytesPerMessage = 1000;
    input.retentionHours = 24;
    input.replicas = 3;
    input.brokers = 3;
    const auto plan = models::planCapacity(input);
    const auto near = [](double a, double b) { return std::abs(a - b) <= b * 1e-9; };
    QVERIFY(near(plan.bytesPerDay, 1.44e12));
    QVERIFY(near(plan.storedBytes, 3 * 1.44e12));
    QVERIFY(near(plan.storedPerBroker, 1.44e12));
    QVERIFY(near(plan.replicationBytesPerSecond, 2 * 1e9 / 60));
    input.replicas = 1;
    QCOMPARE(models::planCapacity(input).replicationBytesPerSecond, 0.0);
    input.brokers = 0;
    QCOMPARE(models::planCapacity(input).storedPerBroker, 0.0);
}

void ArithmeticTest::deletionByTime() {
    auto t = logged({{{0, 500, kNow - 9'000'000}, {10, 100, kNow}}, {{0, 300, kNow - 5'000'000}, {10, 1, kNow}}});
    t.retentionMs = 10'000'000;
    auto next = models::nextDeletion(t, kNow);
    QCOMPARE(next.inMs, 1'000'000);
    QCOMPARE(next.bytes, 500);
    QVERIFY(!next.bySize);
    t.partitions[1].segments[0].newest = kNow - 9'000'000 + 30'000;  // the same minute: goes with it
    QCOMPARE(models::nextDeletion(t, kNow).bytes, 800);
    t.retentionMs = 1000;
    QCOMPARE(models::nextDeletion(t, kNow).inMs, 0);
}

void ArithmeticTest::deletionBySize() {
    auto t = logged({{{0, 500, kNow}, {10, 400, kNow}, {20, 100, kNow}}});
    t.retentionBytes = 500;
    auto next = models::nextDeletion(t, kNow);
    QCOMPARE(next.inMs, 0);
    QVERIFY(next.bySize);
    QCOMPARE(next.bytes, 500);
    t.retentionBytes = 501;  // without the oldest segment it would be less than that
    QCOMPARE(models::nextDeletion(t, kNow).inMs, -1);
}

void ArithmeticTest::deletionThatNeverComes() {
    auto t = logged({{{0, 500, kNow - 9'000'000}}});
    t.retentionMs = 1;
    QCOMPARE(models::nextDeletion(t, kNow).inMs, -1);  // the active segment stays
    t = logged({{{0, 500, kNow - 9'000'000}, {10, 1, kNow}}});
    QCOMPARE(models::nextDeletion(t, kNow).inMs, -1);  // the rule is not known
    t.retentionMs = -1;
    QCOMPARE(models::nextDeletion(t, kNow).inMs, -1);
    t.retentionMs = 1;
    t.cleanupPolicy = "compact";
    QCOMPARE(models::nextDeletion(t, kNow).inMs, -1);
}

QObject* makeArithmeticTest() { return new ArithmeticTest; }

#include "arithmetic_test.moc"
