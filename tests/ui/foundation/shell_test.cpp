// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/foundation/table_test.h"

#include "ui/shell/change_dialog.h"
#include "ui/shell/shell_window.h"
#include "ui/theme/format.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/widgets/code_view.h"
#include "ui/widgets/data_table.h"

#include <QDir>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QtTest>

using namespace odradek::ui;

namespace {

class PlainPage : public Page {
public:
    PlainPage(QString id, NavGroup group) : m_id(std::move(id)), m_group(group) {
        setFocusPolicy(Qt::StrongFocus);
    }
    QString id() const override { return m_id; }
    QString title() const override { return m_id; }
    QString icon() const override { return QStringLiteral("topics"); }
    NavGroup group() const override { return m_group; }
    void navigate(const Location& location) override {
        visits << location.toString();
        setHeader({{}, location.path.isEmpty() ? m_id : location.path.last(), {}, {}, {}, {}});
    }
    QStringList visits;

private:
    QString m_id;
    NavGroup m_group;
};

ChangePlan plan() {
    ChangePlan p;
    p.title = QStringLiteral("Delete topics");
    p.clusterName = QStringLiteral("retail-dev");
    p.verb = QStringLiteral("Delete");
    p.items = {{"a", "3 partitions", "gone"}, {"b", "1 partition", "gone"}};
    p.commandLine = QStringLiteral("kafka-topics --delete");
    return p;
}

}  // namespace

void ShellTest::init() {
    QSettings().clear();
}

void ShellTest::locationSurvivesItsText() {
    const Location location{QStringLiteral("topics"),
                            {QStringLiteral("a/b #c"), QStringLiteral("2")},
                            QStringLiteral("config")};
    QCOMPARE(Location::fromString(location.toString()), location);
    QCOMPARE(Location::fromString(QStringLiteral("brokers")),
             (Location{QStringLiteral("brokers"), {}, {}}));
    QVERIFY(!Location::fromString({}).isValid());
}

void ShellTest::historyWalksLikeABrowser() {
    History history(nullptr, 3);
    const auto at = [](const char* page) { return Location{QString::fromLatin1(page), {}, {}}; };
    history.visit(at("a"));
    history.visit(at("a"));
    QVERIFY(!history.canGoBack());
    history.visit(at("b"));
    history.back();
    QCOMPARE(history.current(), at("a"));
    QVERIFY(history.canGoForward());
    history.visit(at("c"));
    QVERIFY(!history.canGoForward());
    history.visit(at("d"));
    history.visit(at("e"));  // the limit drops "a"
    history.back();
    history.back();
    QVERIFY(!history.canGoBack());
    QCOMPARE(history.current(), at("c"));
}

void ShellTest::paletteRanksTheObviousFirst() {
    QVector<PaletteEntry> entries;
    for (const char* title :
         {"new_orders.dlq", "snow_borders", "Consumer groups", "new_orders", "Brokers"}) {
        PaletteEntry entry;
        entry.title = QString::fromLatin1(title);
        entries.append(entry);
    }
    const auto first = [&](const char* query) {
        return entries[rankEntries(entries, QString::fromLatin1(query)).value(0, 0)].title;
    };
    QCOMPARE(first("new_orders"), QStringLiteral("new_orders"));
    QCOMPARE(first("cg"), QStringLiteral("Consumer groups"));
    QCOMPARE(first("bro"), QStringLiteral("Brokers"));
    QCOMPARE(first("no"), QStringLiteral("snow_borders"));
    QVERIFY(rankEntries(entries, QStringLiteral("zzz")).isEmpty());
    QVector<PaletteEntry> many;
    for (int i = 0; i < 10000; ++i) {
        PaletteEntry entry;
        entry.title = QStringLiteral("topic-%1").arg(i);
        many.append(entry);
    }
    QCOMPARE(many[rankEntries(many, QStringLiteral("topic-777")).first()].title,
             QStringLiteral("topic-777"));
}

void ShellTest::changeDialogNeedsEverythingBeforeItRuns() {
    int started = 0;
    ChangePlan p = plan();
    p.blocker = QStringLiteral("The group is not empty.");
    p.typeToConfirm = QStringLiteral("retail-dev");
    auto* dialog = new ChangeDialog(p, [&](QPointer<ChangeRun>) { ++started; });
    dialog->open();
    auto* apply = dialog->findChild<QPushButton*>(QStringLiteral("applyChange"));
    QCOMPARE(apply->text(), QStringLiteral("Delete on retail-dev"));
    QVERIFY(!apply->isEnabled());
    p.blocker.clear();
    dialog->setPlan(p);
    QVERIFY(!apply->isEnabled());
    QTest::keyClicks(dialog->findChild<QLineEdit*>(QStringLiteral("typeToConfirm")),
                     QStringLiteral("retail-dev"));
    QVERIFY(apply->isEnabled());
    QTest::mouseClick(apply, Qt::LeftButton);
    QCOMPARE(started, 1);
    QCOMPARE(dialog->phase(), ChangeDialog::Phase::Running);
    delete dialog;
}

void ShellTest::changeDialogShowsErrorsPerItem() {
    QPointer<ChangeRun> run;
    auto* dialog = new ChangeDialog(plan(), [&](QPointer<ChangeRun> r) { run = r; });
    QSignalSpy completed(dialog, &ChangeDialog::completed);
    dialog->open();
    auto* apply = dialog->findChild<QPushButton*>(QStringLiteral("applyChange"));
    QTest::mouseClick(apply, Qt::LeftButton);
    QVERIFY(run);
    run->reportItem({0, {}, {}});
    run->reportItem(
        {1, QStringLiteral("UNKNOWN_TOPIC_OR_PARTITION"), QStringLiteral("no such topic")});
    run->finish();
    QCOMPARE(completed.size(), 1);
    QCOMPARE(completed[0][0].toBool(), false);
    const QString text =
        dialog->findChild<DataTable*>()->copyText(DataTable::CopyFormat::Text, false);
    QVERIFY(text.contains(QStringLiteral("UNKNOWN_TOPIC_OR_PARTITION")));
    QVERIFY(!dialog->succeeded());
    delete dialog;
    QVERIFY(!run);  // late answers find nobody
}

void ShellTest::shellNavigatesByKeyboard() {
    ShellWindow window;
    auto* overview = new PlainPage(QStringLiteral("overview"), NavGroup::Observe);
    auto* topics = new PlainPage(QStringLiteral("topics"), NavGroup::Observe);
    window.addPage(overview);
    window.addPage(topics);
    window.restoreState(Location{QStringLiteral("overview"), {}, {}});
    window.show();
    window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&window));
    QCOMPARE(overview->visits.size(), 1);
    window.navigate(Location{QStringLiteral("topics"), {QStringLiteral("new_orders")}, {}});
    QVERIFY(topics->isVisible());
    QTest::keyClick(&window, Qt::Key_Left, Qt::AltModifier);
    QTRY_VERIFY(overview->isVisible());
    QTest::keyClick(&window, Qt::Key_Right, Qt::AltModifier);
    QTRY_VERIFY(topics->isVisible());
    QCOMPARE(topics->visits.last(), QStringLiteral("topics/new_orders"));
    QTest::keyClick(&window, Qt::Key_K, Qt::ControlModifier);
    QTRY_VERIFY(window.palette().isVisible());
    auto* edit = window.palette().findChild<QLineEdit*>();
    QTest::keyClicks(edit, QStringLiteral("overv"));
    QTest::keyClick(edit, Qt::Key_Return);
    QTRY_VERIFY(overview->isVisible());
    window.navigate(Location{QStringLiteral("topics"), {QStringLiteral("x")}, {}});
    window.saveState();
    ShellWindow again;
    auto* remembered = new PlainPage(QStringLiteral("topics"), NavGroup::Observe);
    again.addPage(remembered);
    again.restoreState(Location{QStringLiteral("topics"), {}, {}});
    QCOMPARE(remembered->visits, QStringList{QStringLiteral("topics/x")});
}

void ShellTest::tickerHoldsAndFilters() {
    EventTicker ticker;
    ticker.append({1, Status::Info, QStringLiteral("Groups"), QStringLiteral("one"), {}});
    ticker.setHeld(true);
    ticker.append({2, Status::Error, QStringLiteral("Disk"), QStringLiteral("two"), {}});
    QCOMPARE(ticker.model()->rowCount(), 1);
    ticker.setHeld(false);
    QCOMPARE(ticker.model()->rowCount(), 2);
    QCOMPARE(ticker.model()->index(0, 0).data().toString(), QStringLiteral("two"));
    ticker.setMinimumSeverity(Status::Warning);
    QCOMPARE(ticker.model()->rowCount(), 1);
    ticker.setMinimumSeverity(Status::Ok);
    ticker.setKindFilter(QStringLiteral("Groups"));
    QCOMPARE(ticker.model()->rowCount(), 1);
}

void ShellTest::paletteKeepsItsContrast() {
    for (const bool dark : {false, true}) {
        const Tokens& t = theme().tokens(dark);
        const QVector<QColor> all{t.surface.window,  t.surface.page,   t.surface.panel,
                                  t.surface.sunken,  t.surface.raised, t.surface.hover,
                                  t.surface.selected};
        const QVector<QColor> base{t.surface.window, t.surface.page, t.surface.panel};
        for (const QColor& surface : all)
            for (const QColor& text :
                 {t.text.primary, t.text.secondary, t.text.tertiary, t.text.link})
                QVERIFY2(contrast(text, surface) >= 4.5,
                         qPrintable(text.name() + QStringLiteral(" on ") + surface.name()));
        for (const StatusTokens& s : t.statuses) {
            for (const QColor& surface : base + QVector<QColor>{t.surface.selected, s.tint})
                QVERIFY(contrast(s.text, surface) >= 4.5);
            for (const QColor& surface : base)
                QVERIFY(contrast(s.mark, surface) >= 3.0);
        }
        QCOMPARE(t.series.size(), 8);
        for (const QColor& color : t.series)
            for (const QColor& surface : base)
                QVERIFY(contrast(color, surface) >= 3.0);
        QVERIFY(contrast(t.text.onAccent, t.accent.base) >= 4.5);
        QVERIFY(contrast(t.text.onTooltip, t.surface.tooltip) >= 4.5);
    }
}

void ShellTest::everyIconExists() {
    for (const StatusTokens& s : tokens().statuses)
        QVERIFY(QFile::exists(QStringLiteral(":/odradek/icons/%1.svg").arg(s.shape)));
    const QStringList icons =
        QDir(QStringLiteral(":/odradek/icons")).entryList({QStringLiteral("*.svg")});
    QVERIFY(icons.size() > 50);
    for (const QString& name : icons) {
        const QImage image = theme().pixmap(name.chopped(4), Qt::red, 16, 2).toImage();
        QCOMPARE(image.width(), 32);
        int painted = 0;
        for (int y = 0; y < 32; ++y)
            for (int x = 0; x < 32; ++x)
                painted += qAlpha(image.pixel(x, y)) > 100;
        QVERIFY2(painted > 10, qPrintable(name));
    }
}

void ShellTest::numbersHaveOneForm() {
    QCOMPARE(formatCount(1234567), QStringLiteral("1,234,567"));
    QCOMPARE(formatCount(-1065), QStringLiteral("\u22121,065"));
    QCOMPARE(formatShort(999.9), QStringLiteral("1 k"));
    QCOMPARE(formatBytes(1024 * 1024 * 1.5), QStringLiteral("1.5 MiB"));
    QCOMPARE(formatDuration(350), QStringLiteral("5 min 50 s"));
    QCOMPARE(formatDuration(0.9), QStringLiteral("0.9 s"));
    QCOMPARE(formatPercent(0.291), QStringLiteral("29 %"));
    QCOMPARE(oneLine(QStringLiteral("a\nb")), QStringLiteral("a\u21B5b"));
}

void ShellTest::jsonAndHexShowWhatIsThere() {
    JsonTree tree;
    QVERIFY(tree.setJson(
        R"({"products":[{"sku":"P-1"}],"total":12.50,"id":18446744073709551615,"a\u00e9\"":null})"));
    QCOMPARE(tree.model()->rowCount(), 4);
    QCOMPARE(tree.model()->index(1, 0).data().toString(), QStringLiteral("total: 12.50"));
    QCOMPARE(tree.model()->index(2, 0).data().toString(),
             QStringLiteral("id: 18446744073709551615"));
    QCOMPARE(tree.model()->index(3, 0).data().toString(), QStringLiteral("a\u00e9\": null"));
    const QModelIndex products = tree.model()->index(0, 0);
    QCOMPARE(products.data().toString(), QStringLiteral("products: [1]"));
    tree.setCurrentIndex(tree.model()->index(0, 0, tree.model()->index(0, 0, products)));
    QCOMPARE(tree.currentPath(), QStringLiteral("products.0.sku"));
    QString error;
    QVERIFY(!tree.setJson("{oops", &error));
    QVERIFY(!error.isEmpty());
    QVERIFY(tree.setJson("42"));
    QCOMPARE(tree.model()->index(0, 0).data().toString(), QStringLiteral("42"));
    for (const char* bad :
         {"", "[1,]", "{\"a\"}", "01", "\"\\x\"", "[1] 2", "nul", "{\"a\":1,}", "\"open"})
        QVERIFY2(!tree.setJson(bad), bad);
    QVERIFY(!tree.setJson(QByteArray(100000, '[')));  // depth has an end
    HexView hex;
    hex.setData(
        QByteArray("Hello\x00\xff"
                   "world, 20 bytes!",
                   23));
    QCOMPARE(hex.lineCount(), 2);
    QVERIFY(hex.lineText(0).startsWith(QStringLiteral("00000000  48 65 6c 6c 6f 00 ff 77")));
    QVERIFY(hex.lineText(0).contains(QStringLiteral("Hello\u00B7\u00B7world")));
}
