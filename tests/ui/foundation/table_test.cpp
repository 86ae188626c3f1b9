// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/foundation/table_test.h"

#include "ui/theme/format.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/state_view.h"
#include "ui/widgets/table_proxy.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QGuiApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLineEdit>
#include <QSettings>
#include <QTableView>
#include <QHeaderView>
#include <QtTest>

#include <random>

using namespace odradek::ui;

NumbersModel::NumbersModel(int count) {
    for (int i = 0; i < count; ++i)
        rows.push_back({QStringLiteral("topic-%1").arg(i), (qint64(i) * 7919) % (count + 13)});
}

QVariant NumbersModel::data(const QModelIndex& index, int role) const {
    const Row& row = rows[std::size_t(index.row())];
    if (role == Qt::DisplayRole)
        return index.column() == 0 ? row.name : formatCount(row.value);
    if (role == kSortRole)
        return index.column() == 0 ? QVariant(row.name) : QVariant(row.value);
    return {};
}

QVariant NumbersModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return section == 0 ? QStringLiteral("Name") : QStringLiteral("Records");
}

void NumbersModel::insert(int at, std::vector<Row> fresh) {
    beginInsertRows({}, at, at + int(fresh.size()) - 1);
    rows.insert(rows.begin() + at, fresh.begin(), fresh.end());
    endInsertRows();
}

void NumbersModel::remove(int first, int last) {
    beginRemoveRows({}, first, last);
    rows.erase(rows.begin() + first, rows.begin() + last + 1);
    endRemoveRows();
}

void NumbersModel::set(int row, qint64 value) {
    rows[std::size_t(row)].value = value;
    emit dataChanged(index(row, 1), index(row, 1));
}

void TableTest::init() {
    QSettings().clear();
}

void TableTest::sortsRowsThatComeAfterTheSortWasChosen() {
    NumbersModel model;
    model.rows.clear();
    DataTable table;
    table.setModel(&model);
    table.setSort(1, Qt::DescendingOrder);
    model.insert(0, {{"a", 1}, {"b", 30}, {"c", 2}});
    QTRY_COMPARE(table.proxy()->index(0, 0).data().toString(), QStringLiteral("b"));
    model.set(0, 99);
    QTRY_COMPARE(table.proxy()->index(0, 0).data().toString(), QStringLiteral("a"));
}

void TableTest::sortsTypedValuesAndKeepsSelection() {
    NumbersModel model;
    model.rows = {{"p10", 1000}, {"p2", 999}, {"P1", 5}};
    DataTable table;
    table.setModel(&model);
    table.selectSourceRow(1);
    table.setSort(1, Qt::AscendingOrder);  // "1,000" would come before "5" as text
    QCOMPARE(table.proxy()->index(0, 1).data().toString(), QStringLiteral("5"));
    QCOMPARE(table.proxy()->index(2, 1).data().toString(), QStringLiteral("1,000"));
    table.setSort(0, Qt::AscendingOrder);  // natural order
    QCOMPARE(table.proxy()->index(0, 0).data().toString(), QStringLiteral("P1"));
    QCOMPARE(table.proxy()->index(2, 0).data().toString(), QStringLiteral("p10"));
    QCOMPARE(table.selectedSourceRows(), QVector<int>{1});
    table.setSort(-1, Qt::AscendingOrder);
    QCOMPARE(table.proxy()->index(0, 0).data().toString(), QStringLiteral("p10"));
}

void TableTest::filtersByAllWordsAndSaysWhatIsHidden() {
    NumbersModel model(300);
    DataTable table;
    table.resize(400, 300);
    table.setModel(&model);
    table.selectSourceRow(299);
    table.setFilter(QStringLiteral("TOPIC 29"));
    QVERIFY(table.visibleRowCount() >= 11);
    QVERIFY(table.visibleRowCount() < 300);
    QCOMPARE(table.currentSourceRow(), 299);
    table.setFilter(QStringLiteral("nothing like it"));
    QCOMPARE(table.visibleRowCount(), 0);
    auto* state = table.findChild<StateView*>();
    QCOMPARE(state->kind(), StateView::Kind::NotFound);
    emit state->action();
    QCOMPARE(table.visibleRowCount(), 300);
}

void TableTest::followsItsModelUnderRandomChanges() {
    std::mt19937 random(7);
    NumbersModel model(40);
    TableProxy proxy;
    proxy.setSourceModel(&model);
    QAbstractItemModelTester tester(&proxy, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const QStringList filters{
        {}, QStringLiteral("1"), QStringLiteral("topic 2"), QStringLiteral("x")};
    for (int step = 0; step < 400; ++step) {
        const int count = model.rowCount();
        switch (random() % 6) {
            case 0: {
                std::vector<NumbersModel::Row> fresh;
                for (unsigned i = 0; i < 1 + random() % 4; ++i)
                    fresh.push_back(
                        {QStringLiteral("new-%1").arg(random() % 50), qint64(random() % 100)});
                model.insert(int(random() % unsigned(count + 1)), fresh);
                break;
            }
            case 1:
                if (count > 5) {
                    const int first = int(random() % unsigned(count - 3));
                    model.remove(first, first + int(random() % 3));
                }
                break;
            case 2:
                if (count > 0)
                    model.set(int(random() % unsigned(count)), qint64(random() % 1000));
                break;
            case 3:
                proxy.sort(int(random() % 3) - 1,
                           random() % 2 ? Qt::AscendingOrder : Qt::DescendingOrder);
                break;
            case 4:
                proxy.setFilterText(filters[int(random() % 4)]);
                break;
            default:
                break;
        }
        while (!proxy.isSettled())
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        // Against the truth: exactly the rows that contain the words, in sorted order.
        std::vector<int> expected;
        for (int row = 0; row < model.rowCount(); ++row) {
            const QString text = model.index(row, 0).data().toString() + u' ' +
                                 model.index(row, 1).data().toString();
            bool all = true;
            for (const QString& word : proxy.filterText().split(u' ', Qt::SkipEmptyParts))
                all &= text.contains(word, Qt::CaseInsensitive);
            if (all)
                expected.push_back(row);
        }
        QCOMPARE(proxy.rowCount(), int(expected.size()));
        std::vector<int> shown;
        for (int row = 0; row < proxy.rowCount(); ++row) {
            const QModelIndex source = proxy.mapToSource(proxy.index(row, 0));
            QCOMPARE(proxy.mapFromSource(source).row(), row);
            shown.push_back(source.row());
            if (row > 0 && proxy.sortColumn() == 1) {
                const qint64 a = model.rows[std::size_t(shown[std::size_t(row) - 1])].value;
                const qint64 b = model.rows[std::size_t(shown[std::size_t(row)])].value;
                QVERIFY(proxy.sortOrder() == Qt::AscendingOrder ? a <= b : a >= b);
            }
        }
        std::sort(shown.begin(), shown.end());
        QCOMPARE(shown, expected);
    }
}

void TableTest::aMillionRowsNeverHoldTheEventLoop() {
    NumbersModel model(1'000'000);
    DataTable table;
    table.resize(500, 400);
    table.setModel(&model);
    table.show();
    QElapsedTimer clock;
    qint64 worst = 0;
    const auto timed = [&](auto&& work) {
        clock.restart();
        work();
        worst = std::max(worst, clock.elapsed());
    };
    timed([&] { table.setFilter(QStringLiteral("99999")); });
    while (table.proxy()->isBusy())
        timed([] { QCoreApplication::processEvents(QEventLoop::AllEvents, 5); });
    int expected = 0;
    for (const auto& row : model.rows)
        expected += row.name.contains(QLatin1String("99999")) ||
                    formatCount(row.value).contains(QLatin1String("99999"));
    QCOMPARE(table.visibleRowCount(), expected);
    QVERIFY2(worst < 250, qPrintable(QStringLiteral("held for %1 ms").arg(worst)));
}

void TableTest::copiesAndExports() {
    NumbersModel model;
    model.rows = {{"a,b", 1234}, {"c", 5}};
    DataTable table;
    table.setColumns({{0, ColumnKind::Text}, {1, ColumnKind::Number}});
    table.setModel(&model);
    table.selectSourceRow(0);
    table.copySelection(DataTable::CopyFormat::Text);
    QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("Name\tRecords\na,b\t1,234\n"));
    QCOMPARE(table.copyText(DataTable::CopyFormat::Csv, false),
             QStringLiteral("Name,Records\n\"a,b\",1234\nc,5\n"));
    const QJsonArray json =
        QJsonDocument::fromJson(table.copyText(DataTable::CopyFormat::Json, false).toUtf8())
            .array();
    QCOMPARE(json.size(), 2);
    QCOMPARE(json[0].toObject()["Records"].toInt(), 1234);
    QTemporaryDir dir;
    QVERIFY(table.exportTo(dir.filePath("x.csv")));
    QFile file(dir.filePath("x.csv"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(QString::fromUtf8(file.readAll()), table.copyText(DataTable::CopyFormat::Csv, false));
    QString error;
    QVERIFY(!table.exportTo(dir.filePath("no/such/folder.csv"), &error));
    QVERIFY(!error.isEmpty());
}

void TableTest::csvNeverBecomesAFormula() {
    NumbersModel model;
    model.rows = {{"=cmd()", -3}};
    DataTable table;
    table.setModel(&model);
    QVERIFY(
        table.copyText(DataTable::CopyFormat::Csv, false).contains(QStringLiteral("'=cmd(),-3")));
}

void TableTest::remembersColumnsAndSort() {
    NumbersModel model(20);
    {
        DataTable table;
        table.setObjectName(QStringLiteral("remembered"));
        table.setModel(&model);
        table.setSort(1, Qt::DescendingOrder);
        table.setColumnVisible(0, false);
        table.setColumnVisible(1, false);  // the last one stays
        table.saveState();
    }
    DataTable table;
    table.setObjectName(QStringLiteral("remembered"));
    table.setModel(&model);
    QVERIFY(!table.isColumnVisible(0));
    QVERIFY(table.isColumnVisible(1));
    QCOMPARE(table.proxy()->sortColumn(), 1);
    QCOMPARE(table.proxy()->sortOrder(), Qt::DescendingOrder);
}

void TableTest::keyboardReachesEverything() {
    NumbersModel model(50);
    DataTable table;
    table.resize(500, 300);
    table.setModel(&model);
    table.showToolsInside();
    table.show();
    QVERIFY(QTest::qWaitForWindowExposed(&table));
    table.view()->setFocus();
    QSignalSpy activated(&table, &DataTable::activated);
    QSignalSpy detail(&table, &DataTable::detailRequested);
    table.selectSourceRow(0);
    QTest::keyClick(table.view(), Qt::Key_Down);
    QTest::keyClick(table.view(), Qt::Key_Return);
    QCOMPARE(activated.size(), 1);
    QCOMPARE(activated[0][0].toInt(), 1);
    QTest::keyClick(table.view(), Qt::Key_Space);
    QCOMPARE(detail.size(), 1);
    QTest::keyClick(table.view(), Qt::Key_Slash);
    auto* edit = table.findChild<QLineEdit*>(QStringLiteral("tableFilter"));
    QTRY_VERIFY(edit->hasFocus());
    QTest::keyClicks(edit, QStringLiteral("topic-49"));
    QCOMPARE(table.visibleRowCount(), 1);
    QTest::keyClick(edit, Qt::Key_Escape);
    QCOMPARE(table.visibleRowCount(), 50);
    QVERIFY(table.view()->hasFocus());
}

void TableTest::tenThousandRowsKeepTheirPlace() {
    NumbersModel model(10'000);
    DataTable table;
    table.resize(600, 500);
    table.setModel(&model);
    table.setSort(0, Qt::AscendingOrder);
    table.show();
    QVERIFY(QTest::qWaitForWindowExposed(&table));
    table.selectSourceRow(7'000);
    const QString selected = table.view()->currentIndex().siblingAtColumn(0).data().toString();
    const auto top = [&] {
        return table.view()->model()->index(table.view()->rowAt(1), 0).data().toString();
    };
    const QString first = top();
    QVERIFY(!first.isEmpty());
    std::vector<double> ticks;
    for (int tick = 0; tick < 30; ++tick) {
        QElapsedTimer clock;
        clock.start();
        // As a live tick does: some rows change, one comes or goes.
        for (int row = tick % 10; row < 10'000; row += 10)
            model.set(row, tick * 1000 + row);
        if (tick % 3 == 0)
            model.insert(9'990, {{QStringLiteral("zzz-%1").arg(tick), tick}});
        QCoreApplication::processEvents();
        table.repaint();
        ticks.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
        QCOMPARE(table.view()->currentIndex().siblingAtColumn(0).data().toString(), selected);
        QCOMPARE(table.selectedSourceRows().size(), 1);
        QCOMPARE(top(), first);
    }
    std::sort(ticks.begin(), ticks.end());
    qInfo("10,000 rows, 1,000 of them changed: %.1f ms a tick with repaint (median)", ticks[15]);
    QVERIFY2(ticks[15] < 60, qPrintable(QString::number(ticks[15])));  // goal 16 ms; room for a busy machine
}

void TableTest::columnsShareTheWidth() {
    NumbersModel model(5);
    DataTable table;
    table.setModel(&model);
    table.setColumns({{0, ColumnKind::Text, 200, true, true, false, QStringLiteral("name")},
                      {1, ColumnKind::Number, 120, true, false, false, QStringLiteral("value")}});
    table.resize(1600, 300);
    table.show();
    QVERIFY(QTest::qWaitForWindowExposed(&table));
    const auto width = [&](int column) { return table.view()->columnWidth(column); };
    // All of it is used, and the number does not stand at the other end of the screen from its name.
    QVERIFY(std::abs(width(0) + width(1) - table.view()->viewport()->width()) <= 1);
    QVERIFY2(width(1) > 300, qPrintable(QString::number(width(1))));
    table.resize(260, 300);  // too narrow for 200 + 120: both give way, no bar to scroll
    QTRY_VERIFY(width(0) + width(1) <= table.view()->viewport()->width());
    QVERIFY(width(0) > 40 && width(1) > 40);
    table.resize(1600, 300);
    QTRY_VERIFY(width(1) > 300);
    // As high as its rows, within bounds.
    table.setFitRows(2, 10);
    const int five = table.sizeHint().height();
    model.insert(0, {{QStringLiteral("x"), 1}, {QStringLiteral("y"), 2}});
    QCOMPARE(table.sizeHint().height(), five + 2 * table.view()->verticalHeader()->defaultSectionSize());
}
