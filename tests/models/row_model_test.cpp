// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>

#include <map>
#include <random>

#include "models/common/row_model.h"
#include "tests/models/suites.h"

using namespace odradek;

namespace {

struct Item {
    int id = 0;
    int value = 0;
    bool operator==(const Item&) const = default;
};

using Model = models::RowModel<Item>;

std::vector<Model::Column> columns() {
    return {{QStringLiteral("Id"), [](const Item& i) { return i.id; }, {}, {}, {}},
            {QStringLiteral("Value"),
             [](const Item& i) { return QString::number(i.value); },
             [](const Item& i) { return i.value; },
             {},
             {{models::kStatusRole, [](const Item& i) { return i.value % 5; }}}}};
}

std::unique_ptr<Model> makeModel() {
    return std::make_unique<Model>(
        columns(), [](const Item& i) { return QString::number(i.id); },
        [](const Item& a, const Item& b) { return a.id < b.id; });
}

/// What a view keeps: rows as it learned them from the signals alone.
class Mirror {
public:
    explicit Mirror(Model& model) : rows(model.rows()) {
        QObject::connect(&model, &QAbstractItemModel::rowsInserted,
                         [this, &model](const QModelIndex&, int first, int last) {
                             ++inserts;
                             for (int i = first; i <= last; ++i)
                                 rows.insert(rows.begin() + i, model.row(i));
                         });
        QObject::connect(&model, &QAbstractItemModel::rowsRemoved,
                         [this](const QModelIndex&, int first, int last) {
                             ++removes;
                             rows.erase(rows.begin() + first, rows.begin() + last + 1);
                         });
        QObject::connect(&model, &QAbstractItemModel::dataChanged,
                         [this, &model](const QModelIndex& from, const QModelIndex& to) {
                             ++changes;
                             for (int i = from.row(); i <= to.row(); ++i)
                                 rows[static_cast<std::size_t>(i)] = model.row(i);
                         });
    }

    std::vector<Item> rows;
    int inserts = 0, removes = 0, changes = 0;
};

/// Runs of neighbours in `rows` that fulfil a condition: the fewest signals that can tell of them.
template <class Condition>
int runs(const std::vector<Item>& rows, Condition condition) {
    int count = 0;
    bool before = false;
    for (const auto& row : rows) {
        const bool now = condition(row);
        count += now && !before;
        before = now;
    }
    return count;
}

}  // namespace

class RowModelTest : public QObject {
    Q_OBJECT
private slots:
    void signalsAreTheFewestAndTellEverything();
    void unchangedRowsSaySilent();
    void rolesAndTitles();
};

void RowModelTest::signalsAreTheFewestAndTellEverything() {
    std::mt19937 random(20261122);
    auto model = makeModel();
    QAbstractItemModelTester tester(model.get(),
                                    QAbstractItemModelTester::FailureReportingMode::QtTest);
    Mirror mirror(*model);
    std::vector<Item> now;
    for (int round = 0; round < 400; ++round) {
        std::map<int, int> before;
        for (const auto& item : now)
            before[item.id] = item.value;
        const auto old = now;
        now.clear();
        const unsigned density = random() % 5;
        for (int id = 0; id < 30; ++id)
            if (random() % 5 < density)
                now.push_back({id, before.contains(id) && random() % 3
                                       ? before[id]
                                       : static_cast<int>(random() % 9)});
        std::map<int, int> after;
        for (const auto& item : now)
            after[item.id] = item.value;
        auto shuffled = now;
        std::shuffle(shuffled.begin(), shuffled.end(), random);
        mirror.inserts = mirror.removes = mirror.changes = 0;
        model->setRows(shuffled);
        QVERIFY(model->rows() == now);
        QVERIFY(mirror.rows == now);
        QCOMPARE(mirror.removes, runs(old, [&](const Item& i) { return !after.contains(i.id); }));
        QCOMPARE(mirror.inserts, runs(now, [&](const Item& i) { return !before.contains(i.id); }));
        QCOMPARE(mirror.changes, runs(now, [&](const Item& i) {
                     return before.contains(i.id) && before[i.id] != i.value;
                 }));
    }
}

void RowModelTest::unchangedRowsSaySilent() {
    auto model = makeModel();
    model->setRows({{1, 1}, {2, 2}});
    const QPersistentModelIndex kept(model->index(1, 1));
    Mirror mirror(*model);
    QSignalSpy reset(model.get(), &QAbstractItemModel::modelReset);
    model->setRows({{2, 2}, {1, 1}});
    QCOMPARE(mirror.inserts + mirror.removes + mirror.changes, 0);
    // A row that goes before another moves the selection along instead of losing it.
    model->setRows({{2, 2}});
    QVERIFY(kept.isValid());
    QCOMPARE(kept.row(), 0);
    QCOMPARE(reset.size(), 0);
}

void RowModelTest::rolesAndTitles() {
    auto model = makeModel();
    model->setRows({{7, 42}});
    QCOMPARE(model->headerData(1, Qt::Horizontal, Qt::DisplayRole).toString(),
             QStringLiteral("Value"));
    QCOMPARE(model->index(0, 1).data().toString(), QStringLiteral("42"));
    QCOMPARE(model->index(0, 1).data(models::kSortRole).toInt(), 42);
    QCOMPARE(model->index(0, 1).data(models::kStatusRole).toInt(), 2);
    QCOMPARE(model->index(0, 0).data(models::kKeyRole).toString(), QStringLiteral("7"));
    QCOMPARE(model->rowOf(QStringLiteral("7")), 0);
    QCOMPARE(model->rowOf(QStringLiteral("8")), -1);
    QVERIFY(!model->data(model->index(0, 5), Qt::DisplayRole).isValid());
}

QObject* makeRowModelTest() {
    return new RowModelTest;
}

#include "row_model_test.moc"
