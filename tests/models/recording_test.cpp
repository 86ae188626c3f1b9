// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "models/bridge/recording.h"
#include "models/cluster/topics_model.h"
#include "models/series/series_store.h"
#include "tests/models/samples.h"
#include "tests/models/suites.h"

using namespace odradek;
using models::Recording;
using models::SeriesStore;

namespace {

api::SnapshotPtr shot(api::WallMs at, std::int64_t records = 100) {
    auto s = test::calm();
    s.at = at;
    s.topics[0].partitions[0].logEnd = records;
    return std::make_shared<const api::ClusterSnapshot>(std::move(s));
}

/// A cluster of `topics` topics with three partitions each, a little further at each tick.
api::ClusterSnapshot wide(int topics, int tick) {
    auto s = test::calm();
    s.at = 1'000'000 + tick * 1000;
    s.topics.clear();
    for (int i = 0; i < topics; ++i) {
        std::vector<api::Partition> partitions;
        for (int p = 0; p < 3; ++p)
            partitions.push_back(
                test::partition(p, 1 + p, {test::replica(1), test::replica(2), test::replica(3)},
                                1000 + tick * (i % 7) + p));
        s.topics.push_back(
            test::topic("topic-" + std::to_string(100'000 + i), std::move(partitions)));
    }
    return s;
}

}  // namespace

class RecordingTest : public QObject {
    Q_OBJECT
private slots:
    void givesTheMomentAsked();
    void thinsWhatIsOld();
    void keepsWithinItsBudget();
    void onlyLiveMomentsAreKept();
    void ratesAreThoseOfTheMoment();
    void tenThousandTopicsFitInAFrame();
};

void RecordingTest::givesTheMomentAsked() {
    Recording recording;
    QVERIFY(!recording.at(5));
    recording.add(shot(1000, 1));
    recording.add(shot(2000, 2));
    recording.add(shot(3000, 3));
    QCOMPARE(recording.at(2999)->at, 2000);
    QCOMPARE(recording.at(3000)->at, 3000);
    QCOMPARE(recording.at(99'000)->at, 3000);
    QCOMPARE(recording.at(0)->at, 1000);
    recording.add(shot(3400, 4));  // less than a second later
    QCOMPARE(recording.newest(), 3000);
}

void RecordingTest::thinsWhatIsOld() {
    Recording recording;
    constexpr api::WallMs kStart = 10'000'000;
    for (int s = 0; s <= 2 * 3600; ++s)
        recording.add(shot(kStart + s * 1000));
    QCOMPARE(recording.newest(), kStart + 7'200'000);
    QVERIFY(recording.newest() - recording.oldest() <= Recording::kKeptMs);
    QVERIFY(recording.newest() - recording.oldest() > Recording::kKeptMs - 11'000);
    // A second apart in the last minute, ten before.
    QVERIFY(recording.newest() - 30'000 - recording.at(recording.newest() - 30'000)->at < 1000);
    const auto old = recording.newest() - 1'800'000;
    QVERIFY(old - recording.at(old)->at <= 10'000);
    QVERIFY2(recording.size() < 440, qPrintable(QString::number(recording.size())));
}

void RecordingTest::keepsWithinItsBudget() {
    const auto one = models::snapshotCost(*shot(0));
    Recording recording(one * 20);
    for (int s = 1; s <= 300; ++s)
        recording.add(shot(s * 1000));
    QVERIFY(recording.cost() <= one * 20);
    QVERIFY(recording.size() >= 10);
    QCOMPARE(recording.newest(), 300'000);
    // A single snapshot beyond the budget is still there: something is always shown.
    Recording tiny(1);
    tiny.add(shot(1000));
    tiny.add(shot(2000));
    QCOMPARE(tiny.size(), std::size_t(1));
    QCOMPARE(tiny.oldest(), 2000);
}

void RecordingTest::onlyLiveMomentsAreKept() {
    Recording recording;
    auto stale = test::calm();
    stale.connection = api::Connection::Stale;
    recording.add(std::make_shared<const api::ClusterSnapshot>(stale));
    recording.add(nullptr);
    QCOMPARE(recording.size(), std::size_t(0));
}

void RecordingTest::ratesAreThoseOfTheMoment() {
    SeriesStore store;
    for (int s = 0; s <= 30; ++s) {
        auto snapshot = test::calm();
        snapshot.at = 1'000'000 + s * 1000;
        snapshot.brokers[0].logBytes = s * 100;
        snapshot.topics[0].partitions[0].logEnd = s <= 20 ? s * 10 : 200;
        store.add(snapshot);
    }
    const auto rate = QStringLiteral("messages.in");
    QCOMPARE(store.last(rate), 0.0);
    store.setMoment(1'015'000);
    QCOMPARE(store.last(rate), 10.0);
    QCOMPARE(store.tail(rate, 3), (QVector<double>{10, 10, 10}));
    QCOMPARE(store.growth(QStringLiteral("broker.1.disk")).value_or(-1), 100.0);
    store.setMoment(999'000);  // before all of it
    QCOMPARE(store.last(rate), 0.0);
    QVERIFY(store.tail(rate, 3).isEmpty());
    QVERIFY(!store.growth(QStringLiteral("broker.1.disk")));
    store.setMoment(std::nullopt);
    QCOMPARE(store.tail(rate, 2), (QVector<double>{0, 0}));
    QCOMPARE(store.oldest(), 1'000'000.0);
    QCOMPARE(store.newest(), 1'030'000.0);
}

void RecordingTest::tenThousandTopicsFitInAFrame() {
    SeriesStore series;
    models::TopicsModel model;
    std::vector<double> sampled, updated;
    for (int tick = 0; tick < 12; ++tick) {
        const auto snapshot = wide(10'000, tick);
        QElapsedTimer clock;
        clock.start();
        series.add(snapshot);
        sampled.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
        clock.restart();
        model.update(snapshot, series, true);
        updated.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
    }
    QCOMPARE(model.rowCount(), 10'000);
    const auto median = [](std::vector<double> v) {
        std::sort(v.begin(), v.end());
        return v[v.size() / 2];
    };
    qInfo("10,000 topics, 30,000 partitions: sampling %.1f ms, table rows %.1f ms a tick (medians)",
          median(sampled), median(updated));
    // The goal is a frame, 16 ms; the bound leaves room for a machine that does other things as
    // well.
    QVERIFY2(median(updated) < 80, qPrintable(QString::number(median(updated))));
    QVERIFY2(median(sampled) < 120, qPrintable(QString::number(median(sampled))));
}

QObject* makeRecordingTest() {
    return new RecordingTest;
}

#include "recording_test.moc"
