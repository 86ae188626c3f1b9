// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/foundation/table_test.h"

#include "ui/charts/log_strip.h"
#include "ui/charts/time_chart.h"
#include "ui/shell/shell_window.h"
#include "ui/shell/time_control.h"
#include "ui/theme/focus.h"
#include "ui/theme/format.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/data_table.h"

#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QVBoxLayout>
#include <QWheelEvent>
#include <QtTest>

#include <cmath>

using namespace odradek::ui;

namespace {

class TablePage : public Page {
public:
    TablePage() : model(30) {
        table = new DataTable;
        table->setModel(&model);
        table->showToolsInside();
        auto* column = new QVBoxLayout(this);
        column->addWidget(table);
    }
    QString id() const override { return QStringLiteral("topics"); }
    QString title() const override { return QStringLiteral("Topics"); }
    QString icon() const override { return QStringLiteral("topics"); }
    NavGroup group() const override { return NavGroup::Observe; }
    void navigate(const Location& location) override {
        PageHeader header;
        header.title = location.path.isEmpty() ? title() : location.path.last();
        if (!location.path.isEmpty())
            header.breadcrumb = {{title(), {id(), {}, {}}}};
        setHeader(header);
    }
    QWidget* primaryWidget() override { return table->focusProxy(); }
    NumbersModel model;
    DataTable* table;
};

LogStripData strip(int partition, qint64 start, qint64 end) {
    LogStripData s;
    s.partition = partition;
    s.title = QStringLiteral("Partition %1").arg(partition);
    s.logStart = start;
    s.highWatermark = s.logEnd = end;
    return s;
}

void wheel(QWidget* target, const QPointF& at, int delta) {
    QWheelEvent event(at, target->mapToGlobal(at), {}, {0, delta}, Qt::NoButton, Qt::NoModifier,
                      Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(target, &event);
}

}  // namespace

void TimeTest::init() {
    QSettings().clear();
}

void TimeTest::scrubBarIsWalkedByKeysAndMouse() {
    ScrubBar bar;
    bar.resize(900, bar.sizeHint().height());
    bar.setRange(1'000'000, 1'600'000);
    bar.setMoment(1'300'000);
    bar.setMarks({{1'200'000, Status::Error, QStringLiteral("leader lost")},
                  {1'500'000, Status::Warning, QStringLiteral("ISR shrank")}});
    bar.show();
    QVERIFY(QTest::qWaitForWindowExposed(&bar));
    QSignalSpy moved(&bar, &ScrubBar::moved);
    QSignalSpy live(&bar, &ScrubBar::liveRequested);
    QTest::keyClick(&bar, Qt::Key_Left);
    QCOMPARE(bar.moment(), 1'299'000);
    QTest::keyClick(&bar, Qt::Key_Right, Qt::ControlModifier);
    QCOMPARE(bar.moment(), 1'309'000);
    QTest::keyClick(&bar, Qt::Key_PageUp);
    QCOMPARE(bar.moment(), 1'249'000);
    QTest::keyClick(&bar, Qt::Key_Home);
    QTest::keyClick(&bar, Qt::Key_Left);  // never outside what was recorded
    QCOMPARE(bar.moment(), 1'000'000);
    QTest::keyClick(&bar, Qt::Key_End);
    QCOMPARE(bar.moment(), 1'600'000);
    QCOMPARE(moved.last()[0].toLongLong(), 1'600'000);
    QTest::mouseClick(&bar, Qt::LeftButton, {}, QPoint(static_cast<int>(bar.xOf(1'400'000)), 20));
    QVERIFY(std::abs(bar.moment() - 1'400'000) < 3'000);
    // The events are stations: before and after.
    auto* before = bar.findChildren<QAbstractButton*>().at(0);
    QTest::mouseClick(before, Qt::LeftButton);
    QCOMPARE(bar.moment(), 1'200'000);
    QVERIFY(!before->isEnabled());  // nothing before the first
    QTest::keyClick(&bar, Qt::Key_Escape);
    QCOMPARE(live.size(), 1);
    QTest::mouseClick(bar.findChild<QAbstractButton*>(QStringLiteral("backToLive")),
                      Qt::LeftButton);
    QCOMPARE(live.size(), 2);
}

void TimeTest::shellShowsRecordedAndComesBack() {
    ShellWindow window;
    window.addPage(new TablePage);
    window.restoreState({QStringLiteral("topics"), {}, {}});
    window.show();
    window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&window));
    QSignalSpy recorded(&window, &ShellWindow::recordedRequested);
    QSignalSpy live(&window, &ShellWindow::liveRequested);
    auto* button = window.findChild<QAbstractButton*>(QStringLiteral("timeRecorded"));
    QVERIFY(!button->isEnabled());  // nothing is recorded yet
    window.timeControl().setRecordedAvailable(true);
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(recorded.size(), 1);
    QVERIFY(!window.scrubBar().isVisible());  // the owner decides
    QVERIFY(!button->isChecked());
    window.scrubBar().setRange(1'000'000, 2'000'000);
    window.setMoment(1'500'000);
    QVERIFY(window.scrubBar().isVisible());
    QVERIFY(window.scrubBar().hasFocus());
    QVERIFY(button->text().contains(formatClock(1'500'000)));
    // A tick of the clock does not say "Live 12:00:00" while something else is shown.
    window.setLiveTime(3'000'000);
    auto* liveButton = window.findChild<QAbstractButton*>(QStringLiteral("timeLive"));
    QVERIFY2(!liveButton->text().contains(QLatin1Char(':')), qPrintable(liveButton->text()));
    QTest::mouseClick(liveButton, Qt::LeftButton);
    QCOMPARE(live.size(), 1);
    auto* view = window.findChild<DataTable*>()->focusProxy();
    view->setFocus();
    QTest::keyClick(view, Qt::Key_Escape);  // what the table does not want
    QCOMPARE(live.size(), 2);
    QTest::keyClick(&window, Qt::Key_F8);
    QCOMPARE(live.size(), 3);
    window.setMoment(std::nullopt);
    QVERIFY(!window.scrubBar().isVisible());
    QVERIFY(liveButton->text().contains(QLatin1Char(':')));
    QTest::keyClick(&window, Qt::Key_F8);
    QCOMPARE(recorded.size(), 2);
}

void TimeTest::spanIsChosenByKeyboard() {
    TimeControl control;
    control.show();
    QVERIFY(QTest::qWaitForWindowExposed(&control));
    QSignalSpy chosen(&control, &TimeControl::spanChosen);
    auto* span = control.findChild<QAbstractButton*>(QStringLiteral("timeSpan"));
    span->setFocus();
    QTest::keyClick(span, Qt::Key_Space);
    QMenu* menu = nullptr;
    QTRY_VERIFY((menu = control.findChild<QMenu*>()) && menu->isVisible());
    QTest::keyClick(menu, Qt::Key_Down);  // from the present 15 min
    QTest::keyClick(menu, Qt::Key_Return);
    QCOMPARE(chosen.size(), 1);
    QCOMPARE(chosen[0][0].toLongLong(), 30 * 60'000);
    control.setSpan(3'600'000);
    QVERIFY(span->accessibleName().contains(TimeControl::spanWords(3'600'000)));
}

void TimeTest::pageIsSearchedAndLeftByKeyboard() {
    ShellWindow window;
    auto* page = new TablePage;
    window.addPage(page);
    window.restoreState({QStringLiteral("topics"), {}, {}});
    window.show();
    window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&window));
    QTest::keyClick(&window, Qt::Key_F, Qt::ControlModifier);
    auto* edit = page->table->findChild<QLineEdit*>(QStringLiteral("tableFilter"));
    QTRY_VERIFY(edit->hasFocus());
    QTest::keyClicks(edit, QStringLiteral("topic-7"));
    QCOMPARE(page->table->visibleRowCount(), 1);
    QTest::keyClick(edit, Qt::Key_Escape);
    QCOMPARE(page->table->visibleRowCount(), 30);
    window.navigate({QStringLiteral("topics"), {QStringLiteral("new_orders")}, {}});
    QTest::keyClick(&window, Qt::Key_Up, Qt::AltModifier);
    QCOMPARE(window.currentLocation().path, QStringList());
}

void TimeTest::ringsAreForTheKeyboard() {
    QWidget window;
    auto* column = new QVBoxLayout(&window);
    auto* chart = new TimeChart;
    auto* field = new QLineEdit;
    column->addWidget(chart);
    column->addWidget(field);
    window.show();
    window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&window));
    chart->setFocus();
    focusVisible(chart);
    QTest::mouseClick(chart, Qt::LeftButton);
    QVERIFY(chart->hasFocus());
    QVERIFY(!focusVisible(chart));
    QTest::keyClick(chart, Qt::Key_Left);
    QVERIFY(focusVisible(chart));
    QVERIFY(!focusVisible(field));
    QTest::mouseClick(chart, Qt::LeftButton);
    QVERIFY(!focusVisible(chart));
}

void TimeTest::byteAxesHaveRoundValues() {
    for (const double least : {1.0, 700.0, 1500.0, 49'000.0, 3e6, 7e9}) {
        const double step = binaryStep(least);
        QVERIFY(step >= least * 0.998 && step < least * 2.01);
        QCOMPARE(std::exp2(std::round(std::log2(step))), step);
        const QString words = formatBytes(step * 3);
        QVERIFY2(!words.contains(QLatin1Char('.')) || step * 3 >= 1024, qPrintable(words));
    }
    QCOMPARE(formatBytes(binaryStep(24'000)), QStringLiteral("32 KiB"));
    QCOMPARE(formatBytes(binaryStep(1e6)), QStringLiteral("1 MiB"));
    QCOMPARE(binaryStep(0.01), 1.0);
    QCOMPARE(decimalStep(24'000), 25'000.0);
    QCOMPARE(decimalStep(0.3), 0.5);
}

void TimeTest::logStripZoomsWhereTheMouseIs() {
    LogStripView view;
    view.resize(1000, 300);
    view.setStrips({strip(0, 0, 1'000'000), strip(1, 500'000, 800'000)});
    view.show();
    QVERIFY(QTest::qWaitForWindowExposed(&view));
    for (const auto scale : {LogScale::NearEnd, LogScale::Linear}) {
        view.setScale(scale);
        QVERIFY(!view.isZoomed());
        const QPointF at = view.pointOf(0, 999'000);
        for (int i = 0; i < 4; ++i)
            wheel(&view, at, 120);
        QVERIFY(view.isZoomed());
        // What was under the mouse is there still.
        QVERIFY(std::fabs(view.pointOf(0, 999'000).x() - at.x()) < 1.5);
        for (int i = 0; i < 100; ++i)
            wheel(&view, at, 120);
        QVERIFY(view.viewTo() > view.viewFrom());  // there is an end to it
        for (int i = 0; i < 200; ++i)
            wheel(&view, at, -120);
        QVERIFY(!view.isZoomed());
    }
    // Beside the strips the wheel belongs to the page.
    QWheelEvent beside(QPointF(20, 60), view.mapToGlobal(QPointF(20, 60)), {}, {0, 120},
                       Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(&view, &beside);
    QVERIFY(!beside.isAccepted());
}

void TimeTest::logStripIsDraggedClickedAndTyped() {
    LogStripView view;
    view.resize(1000, 300);
    auto first = strip(0, 0, 1'000'000);
    first.pins = {{QStringLiteral("payment"), 400'000, 0, false}};
    view.setStrips({first, strip(1, 500'000, 800'000)});
    view.setScale(LogScale::Linear);
    view.show();
    view.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&view));
    QSignalSpy opened(&view, &LogStripView::offsetActivated);
    QSignalSpy pin(&view, &LogStripView::pinClicked);
    QSignalSpy zoomed(&view, &LogStripView::viewChanged);
    // A click on the strip names the offset under it.
    QTest::mouseClick(&view, Qt::LeftButton, {}, view.pointOf(1, 600'000).toPoint());
    QCOMPARE(opened.size(), 1);
    QCOMPARE(opened[0][0].toInt(), 1);
    QVERIFY(std::llabs(opened[0][1].toLongLong() - 600'000) < 2'000);
    // On a pin its group, beside the strips nothing is opened.
    QTest::mouseClick(&view, Qt::LeftButton, {}, view.pointOf(0, 400'000).toPoint());
    QCOMPARE(pin.size(), 1);
    QCOMPARE(pin[0][1].toString(), QStringLiteral("payment"));
    QTest::mouseClick(&view, Qt::LeftButton, {}, QPoint(20, 40));
    QCOMPARE(opened.size(), 1);
    // Dragging over a part shows that part, and opens nothing.
    const QPoint from = view.pointOf(0, 200'000).toPoint(), to = view.pointOf(0, 300'000).toPoint();
    QTest::mousePress(&view, Qt::LeftButton, {}, from);
    QTest::mouseMove(&view, (from + to) / 2);
    QTest::mouseMove(&view, to);
    QTest::mouseRelease(&view, Qt::LeftButton, {}, to);
    QCOMPARE(opened.size(), 1);
    QVERIFY(zoomed.size() >= 1 && zoomed.last()[0].toBool());
    QVERIFY(std::fabs(view.viewFrom() - 0.2) < 0.01 && std::fabs(view.viewTo() - 0.3) < 0.01);
    // Shift moves the part.
    const double before = view.viewFrom();
    QTest::mousePress(&view, Qt::LeftButton, Qt::ShiftModifier, QPoint(700, from.y()));
    QTest::mouseMove(&view, QPoint(600, from.y()));
    QTest::mouseMove(&view, QPoint(500, from.y()));
    QTest::mouseRelease(&view, Qt::LeftButton, Qt::ShiftModifier, QPoint(500, from.y()));
    QVERIFY(view.viewFrom() > before + 0.01);
    QCOMPARE(opened.size(), 1);
    // Keys: 0 whole, + in, Enter opens where the cursor stands.
    QTest::keyClick(&view, Qt::Key_0);
    QVERIFY(!view.isZoomed());
    view.setSelected(1);
    QTest::keyClick(&view, Qt::Key_Left);
    QTest::keyClick(&view, Qt::Key_Plus);
    QVERIFY(view.isZoomed());
    QTest::keyClick(&view, Qt::Key_Return);
    QCOMPARE(opened.size(), 2);
    QCOMPARE(opened[1][0].toInt(), 1);
    QTest::keyClick(&view, Qt::Key_Minus);
    QVERIFY(!view.isZoomed());
}
