// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>

#include "models/messages/browse_session.h"
#include "tests/models/samples.h"
#include "tests/models/suites.h"
#include "tests/support/fake_source.h"

using namespace odradek;
using models::BrowseSession;
using models::RecordsModel;
using State = BrowseSession::State;

namespace {

std::vector<api::ReadRecord> records(std::int64_t from, std::int64_t count) {
    std::vector<api::ReadRecord> out;
    for (std::int64_t i = 0; i < count; ++i) {
        api::ReadRecord r;
        r.partition = 0;
        r.offset = from + i;
        r.timestamp = 1'000 + i;
        r.key = test::some("key");
        r.value = test::some("value " + std::to_string(from + i));
        out.push_back(std::move(r));
    }
    return out;
}

}  // namespace

class BrowseTest : public QObject {
    Q_OBJECT
private slots:
    void init();
    void cleanup() { m_feed.reset(); }
    void recordsArriveAndTheEndSaysWhatWasRead();
    void stopTellsTheSource();
    void anOldBrowseIsNotMixedIn();
    void pauseHoldsBack();
    void pauseIsBounded();
    void failureIsAState();
    void recordsModelDropsWholeBlocks();
    void recordsModelShowsRecords();

private:
    api::CommandId lastBrowse() const;
    void chunk(api::CommandId id, std::vector<api::ReadRecord> records, bool done = false, std::string error = {});

    test::FakeSource* m_source = nullptr;
    std::unique_ptr<models::ClusterFeed> m_feed;
};

void BrowseTest::init() {
    auto source = std::make_unique<test::FakeSource>();
    m_source = source.get();
    m_feed = std::make_unique<models::ClusterFeed>(std::move(source));
}

api::CommandId BrowseTest::lastBrowse() const { return m_source->commands.size(); }

void BrowseTest::chunk(api::CommandId id, std::vector<api::ReadRecord> records, bool done, std::string error) {
    api::BrowseChunk c;
    c.browse = id;
    if (!records.empty())
        c.progress = {{0, 0, records.back().offset + 1, 10, {}}};
    c.records = std::move(records);
    c.done = done;
    c.error = std::move(error);
    m_source->chunk(std::move(c));
}

void BrowseTest::recordsArriveAndTheEndSaysWhatWasRead() {
    BrowseSession session(m_feed.get());
    QSignalSpy arrived(&session, &BrowseSession::arrived);
    session.start({"new_orders", {}, api::SeekEarliest{}, 100, false});
    QCOMPARE(session.state(), State::Reading);
    const auto id = lastBrowse();
    chunk(id, records(0, 4));
    QTRY_COMPARE(session.records()->rowCount(), 4);
    QCOMPARE(session.fraction(), 0.4);
    chunk(id, records(4, 6), true);
    QTRY_COMPARE(session.state(), State::Done);
    QCOMPARE(session.records()->rowCount(), 10);
    QCOMPARE(arrived.size(), 2);
    QCOMPARE(session.fraction(), 1.0);
    QCOMPARE(session.coverage(), QStringLiteral("Read P0 0–9. That is all of it."));
    QCOMPARE(session.records()->index(9, RecordsModel::Value).data().toString(), QStringLiteral("value 9"));
}

void BrowseTest::stopTellsTheSource() {
    BrowseSession session(m_feed.get());
    session.start({"new_orders", {}, api::SeekEarliest{}, 100, false});
    const auto id = lastBrowse();
    chunk(id, records(0, 4));
    QTRY_COMPARE(session.records()->rowCount(), 4);
    session.stop();
    QCOMPARE(session.state(), State::Done);
    QCOMPARE(std::get<api::StopBrowse>(m_source->commands.back()).browse, id);
    QVERIFY(session.coverage().contains(QStringLiteral("Stopped before the end.")));
    const auto count = m_source->commands.size();
    session.stop();
    QCOMPARE(m_source->commands.size(), count);
}

void BrowseTest::anOldBrowseIsNotMixedIn() {
    BrowseSession session(m_feed.get());
    session.start({"new_orders", {}, api::SeekEarliest{}, 100, false});
    const auto first = lastBrowse();
    session.start({"payments", {}, api::SeekEarliest{}, 100, false});
    const auto second = lastBrowse();
    QVERIFY(first != second);
    chunk(first, records(0, 5), true);
    chunk(second, records(100, 1));
    QTRY_COMPARE(session.records()->rowCount(), 1);
    QCOMPARE(session.records()->record(0).offset, 100);
    QCOMPARE(session.state(), State::Reading);
}

void BrowseTest::pauseHoldsBack() {
    BrowseSession session(m_feed.get());
    session.start({"new_orders", {}, api::SeekLatest{0}, 0, true});
    QCOMPARE(session.state(), State::Tailing);
    QCOMPARE(session.fraction(), -1.0);
    const auto id = lastBrowse();
    session.setPaused(true);
    chunk(id, records(0, 3));
    QTRY_COMPARE(session.held(), 3);
    QCOMPARE(session.records()->rowCount(), 0);
    session.setPaused(false);
    QCOMPARE(session.state(), State::Tailing);
    QCOMPARE(session.records()->rowCount(), 3);
    QCOMPARE(session.held(), 0);
}

void BrowseTest::pauseIsBounded() {
    BrowseSession session(m_feed.get());
    session.start({"new_orders", {}, api::SeekLatest{0}, 0, true});
    const auto id = lastBrowse();
    session.setPaused(true);
    chunk(id, records(0, 60'000));
    chunk(id, records(60'000, 60'000));
    QTRY_COMPARE(session.skipped(), 20'000);
    QCOMPARE(session.held(), 100'000);
    session.setPaused(false);
    QCOMPARE(session.records()->record(0).offset, 20'000);  // the newest are kept
}

void BrowseTest::failureIsAState() {
    BrowseSession session(m_feed.get());
    session.start({"gone", {}, api::SeekEarliest{}, 100, false});
    chunk(lastBrowse(), {}, true, "UNKNOWN_TOPIC_OR_PARTITION");
    QTRY_COMPARE(session.state(), State::Failed);
    QCOMPARE(session.error(), QStringLiteral("UNKNOWN_TOPIC_OR_PARTITION"));
}

void BrowseTest::recordsModelDropsWholeBlocks() {
    RecordsModel model(nullptr, 10'000);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    std::int64_t next = 0;
    for (int i = 0; i < 40; ++i) {
        const int count = 1 + i * 37 % 1500;
        model.append(records(next, count));
        next += count;
        QVERIFY(model.rowCount() <= 10'000);
        QCOMPARE(model.dropped() + model.rowCount(), next);
        QCOMPARE(model.record(0).offset, model.dropped());
        QCOMPARE(model.record(model.rowCount() - 1).offset, next - 1);
    }
    QVERIFY(model.dropped() > 0);
    QCOMPARE(inserted.size(), 40);
    QCOMPARE(reset.size(), 0);
    model.append({});
    QCOMPARE(inserted.size(), 40);
    model.clear();
    QCOMPARE(model.rowCount(), 0);
    QCOMPARE(model.dropped(), 0);
}

void BrowseTest::recordsModelShowsRecords() {
    RecordsModel model;
    auto some = records(213'040, 1);
    some[0].headers = {{"trace", test::some("x1")}, {"empty", std::nullopt}};
    some[0].sizeInBytes = 1234;
    auto bare = records(213'041, 1);
    bare[0].key.reset();
    bare[0].value.reset();
    some.push_back(bare[0]);
    model.append(some);
    const auto text = [&](int row, int column) { return model.index(row, column).data().toString(); };
    QCOMPARE(text(0, RecordsModel::Offset), QStringLiteral("213,040"));
    QCOMPARE(text(0, RecordsModel::Key), QStringLiteral("key"));
    QCOMPARE(text(0, RecordsModel::Headers), QStringLiteral("trace=x1, empty=null"));
    QCOMPARE(text(0, RecordsModel::Size), QStringLiteral("1,234"));
    QCOMPARE(text(1, RecordsModel::Key), QStringLiteral("–"));
    QCOMPARE(text(1, RecordsModel::Value), QStringLiteral("null"));
    QCOMPARE(model.index(0, RecordsModel::Offset).data(models::kSortRole).toLongLong(), 213'040);
}

QObject* makeBrowseTest() { return new BrowseTest; }

#include "browse_test.moc"
