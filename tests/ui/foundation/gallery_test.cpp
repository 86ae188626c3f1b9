// SPDX-License-Identifier: GPL-3.0-or-later
// Renders the foundation in light and dark to <build>/screenshots, to be looked at.
#include "tests/ui/foundation/table_test.h"

#include "ui/charts/bar_chart.h"
#include "ui/charts/bars.h"
#include "ui/charts/chart_group.h"
#include "ui/charts/log_strip.h"
#include "ui/charts/ribbon_view.h"
#include "ui/charts/time_chart.h"
#include "ui/charts/treemap.h"
#include "ui/shell/change_dialog.h"
#include "ui/shell/shell_window.h"
#include "ui/theme/format.h"
#include "ui/theme/theme.h"
#include "ui/widgets/code_view.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/state_view.h"

#include <QDir>
#include <QGridLayout>
#include <QSettings>
#include <QStandardItemModel>
#include <QtTest>

#include <cmath>

using namespace odradek::ui;

namespace {

constexpr double kNow = 1721901600000.0;

TimeChart* chart(int lines, ChartGroup* group, QWidget* parent = nullptr) {
    auto* c = new TimeChart(parent);
    QVector<ChartSeries> series;
    const QStringList names{"new_orders", "payments", "shipped"};
    for (int i = 0; i < lines; ++i)
        series.append({lines == 1 ? QString() : names[i], lines == 1 ? -1 : i, false,
                       lines == 1 ? QString() : QString::number(42 - i * 10)});
    c->setSeries(series);
    for (int i = 0; i < lines; ++i) {
        std::vector<double> xs, ys;
        for (int k = 0; k < 180; ++k) {
            xs.push_back(kNow - (180 - k) * 5000.0);
            const double dip = k > 140 && k < 146 ? -400.0 : 0;
            ys.push_back((1180 + dip + 40 * std::sin(k * 0.7 + i) + 25 * std::sin(k * 0.23)) /
                         (1 + i));
        }
        c->setPoints(i, xs, ys);
    }
    c->setMarks({{kNow - 200000, lines == 1 ? QString() : QStringLiteral("broker 3 lost d2"),
                  Status::Error}});
    c->setGroup(group);
    return c;
}

QStandardItemModel* partitions(QObject* parent) {
    auto* model = new QStandardItemModel(parent);
    model->setHorizontalHeaderLabels({"Group", "State", "Offset", "Lag", "15 min", "Used"});
    const QStringList names{"order-history", "fulfillment-service", "shipping-service",
                            "payment-service"};
    const QStringList states{"Empty, hourly batch", "Stable, falling behind", "Stable", "Stable"};
    const int status[] = {1, 2, 0, 0};
    for (int i = 0; i < 4; ++i) {
        QList<QStandardItem*> row;
        for (int c = 0; c < 6; ++c)
            row << new QStandardItem;
        row[0]->setText(names[i]);
        row[0]->setData(i, kMarkerRole);
        row[0]->setData(i, kColorRole);
        row[1]->setText(states[i]);
        row[1]->setData(status[i], kStatusRole);
        row[2]->setText(formatCount(213039 + i * 111));
        row[3]->setText(formatCount(28967 / (1 + i * 37)));
        row[3]->setData(28967 / (1 + i * 37), kSortRole);
        row[3]->setData(i == 0, kEmphasisRole);
        QVector<double> history;
        for (int k = 0; k < 30; ++k)
            history << 50 + 20 * std::sin(k * 0.8 + i);
        row[4]->setData(QVariant::fromValue(history), kSparklineRole);
        row[4]->setData(i, kColorRole);
        row[5]->setText(QStringLiteral("%1 %").arg(29 + i * 20));
        row[5]->setData(0.29 + i * 0.2, kFractionRole);
        if (i == 3)
            row[5]->setData(2, kStatusRole);
        model->appendRow(row);
    }
    return model;
}

DataTable* table(QObject* owner) {
    auto* t = new DataTable;
    t->setColumns({{0, ColumnKind::Marker, 0, true, true},
                   {1, ColumnKind::Status},
                   {2, ColumnKind::MonoNumber},
                   {3, ColumnKind::Number},
                   {4, ColumnKind::Sparkline},
                   {5, ColumnKind::Meter}});
    t->setModel(partitions(owner));
    t->setSort(3, Qt::DescendingOrder);
    t->selectSourceRow(2);
    return t;
}

class GalleryPage : public Page {
public:
    GalleryPage(QString id, QString word, QString icon, NavGroup group)
        : m_id(std::move(id)), m_word(std::move(word)), m_icon(std::move(icon)), m_group(group) {}
    QString id() const override { return m_id; }
    QString title() const override { return m_word; }
    QString icon() const override { return m_icon; }
    NavGroup group() const override { return m_group; }
    void navigate(const Location&) override {
        PageHeader h;
        if (m_id == QLatin1String("topics")) {
            h.breadcrumb = {{QStringLiteral("Topics"), Location{QStringLiteral("topics"), {}, {}}}};
            h.title = QStringLiteral("new_orders");
            h.chips = {{"3 partitions", {}, {}, {}},
                       {"RF 3, min ISR 2", {}, {}, {}},
                       {"Stable", Status::Ok, {}, {}}};
            h.tabs = {{"p", "Partitions", {}},
                      {"c", "Configuration", "4 changed"},
                      {"s", "Segments", {}}};
            h.currentTab = QStringLiteral("p");
        } else {
            h.title = QStringLiteral(
                "customer_returns-2 cannot be written, and fulfillment is 6 minutes late");
            h.subtitle = QStringLiteral(
                "31 partitions, 78 replicas \u00B7 6 consumer groups \u00B7 metadata leader: "
                "broker 2");
        }
        setHeader(h);
    }
    QVector<QWidget*> headerActions() override {
        if (m_id != QLatin1String("topics"))
            return {new Button(QStringLiteral("Save case file..."), QStringLiteral("export"))};
        return {new Button(QStringLiteral("Browse messages"), QStringLiteral("messages")),
                new Button(QStringLiteral("Produce..."), {}, Button::Kind::Primary)};
    }

private:
    QString m_id, m_word, m_icon;
    NavGroup m_group;
};

void fillOverview(QWidget* page, ChartGroup* group) {
    auto* grid = new QGridLayout(page);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setSpacing(12);
    auto* panel = new Panel(QStringLiteral("Consumer groups"), QStringLiteral("4, lag in records"));
    auto* t = table(page);
    panel->addHeaderWidget(t->tools());
    panel->setBody(t, false);
    grid->addWidget(panel, 0, 0, 1, 2);
    auto* messages = new Panel(QStringLiteral("Messages in"));
    messages->setFigure(QStringLiteral("1,187"), QStringLiteral("/s"));
    messages->setBody(chart(1, group));
    grid->addWidget(messages, 1, 0);
    auto* lag = new Panel(QStringLiteral("Lag per group"), QStringLiteral("records"));
    lag->setStatus(Status::Warning);
    lag->setBody(chart(3, group));
    grid->addWidget(lag, 1, 1);
    auto* disk = new Panel(QStringLiteral("Disk per broker"), QStringLiteral("2 x 20 GiB"));
    disk->setStatus(Status::Error);
    auto* meter = new BarMeter;
    meter->setRows({{"Broker 1",
                     "11.5 GiB, 29 %",
                     false,
                     {{0.31, 0.8, false, "d1", {}}, {0.27, 0.8, false, "d2", {}}}},
                    {"Broker 2",
                     "11.6 GiB, 85 %",
                     false,
                     {{0.85, 0.8, false, "d1", {}}, {0.28, 0.8, false, "d2", {}}}},
                    {"Broker 3",
                     "6.1 GiB, d2 unreadable",
                     true,
                     {{0.3, 0.8, false, "d1", {}}, {0, {}, true, "d2", {}}}}});
    disk->setBody(meter);
    grid->addWidget(disk, 1, 2);
    auto* state = new Panel(QStringLiteral("Open problems"), QStringLiteral("0"));
    auto* empty = new StateView;
    empty->setState(StateView::Kind::Empty, QStringLiteral("Nothing is wrong"),
                    QStringLiteral("Problems appear here in order of harm."),
                    QStringLiteral("Show history"));
    state->setBody(empty);
    grid->addWidget(state, 0, 2);
    grid->setColumnStretch(0, 3);
    grid->setColumnStretch(1, 4);
    grid->setColumnStretch(2, 3);
}

void fillTopic(QWidget* page) {
    auto* grid = new QGridLayout(page);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setSpacing(12);
    auto* strips = new LogStripView;
    QVector<LogStripData> data;
    for (int p = 0; p < 3; ++p) {
        const qint64 end = 213040 + p * 1465;
        data.append({p,
                     QStringLiteral("Partition %1").arg(p),
                     QStringLiteral("leader %1, ISR 1, 2, 3").arg(p + 1),
                     117204 + p * 816,
                     end - p,
                     end,
                     {130000, 145000, 160000, 175000, 190000, 202000},
                     QStringLiteral("22:06:14"),
                     {{"order-history", end - 9612, 3, false},
                      {"fulfillment", end - (p == 2 ? 1041 : 24), 1, p == 2},
                      {"shipping", end - 14, 0, false},
                      {"payment", end - 3 - p, 2, false}},
                     false});
    }
    strips->setStrips(data);
    strips->setSelected(2);
    auto* logs =
        new Panel(QStringLiteral("Log of each partition"), QStringLiteral("committed by group"));
    auto* scale = new SegmentedControl({"Linear", "Near the end"});
    scale->setCurrent(1);
    logs->addHeaderWidget(scale);
    logs->setBody(strips);
    grid->addWidget(logs, 0, 0, 1, 2);
    auto* ribbons = new RibbonView;
    QVector<RibbonSource> sources;
    for (int t = 0; t < 2; ++t)
        for (int p = 0; p < 3; ++p)
            sources.append({t == 0 ? "new_orders" : "payment_transactions",
                            QStringLiteral("P%1").arg(p),
                            QStringLiteral("lag %1, 2.25 /s").arg(14 - p), 2.25 + t, p});
    ribbons->setData(sources, {{"a",
                                "shipping-1",
                                "ship-a",
                                "2 partitions, one of each topic",
                                "8.58 records/s, lag 28",
                                {},
                                0},
                               {"b",
                                "shipping-2",
                                "ship-b",
                                "2 partitions, one of each topic",
                                "8.71 records/s, lag 23",
                                {},
                                1},
                               {"c",
                                "shipping-3",
                                "ship-c",
                                "2 partitions, one of each topic",
                                "8.72 records/s, lag 34",
                                {},
                                2},
                               {"d",
                                "shipping-4",
                                "ship-d",
                                {},
                                "range: 3 partitions per topic, 4 members",
                                "Idle: nothing left to assign",
                                3}});
    auto* who =
        new Panel(QStringLiteral("Who reads what"), QStringLiteral("6 partitions, 4 members"));
    who->setBody(ribbons);
    grid->addWidget(who, 1, 0);
    auto* map = new Treemap;
    map->setItems({{"1", "new_orders", "4.2 GiB", {}, 42, 0},
                   {"2", "user_clicks", "3.1 GiB", {}, 31, 1},
                   {"3", "payment_transactions", "1.4 GiB", {}, 14, 2},
                   {"4", "shipping_ready", "0.9 GiB", {}, 9, -1},
                   {"5", "customer_returns", "0.3 GiB", {}, 3, -1}});
    auto* bytes = new Panel(QStringLiteral("Bytes per topic"), QStringLiteral("10 GiB"));
    bytes->setBody(map);
    grid->addWidget(bytes, 1, 1);
    grid->setColumnStretch(0, 3);
    grid->setColumnStretch(1, 2);
}

QWidget* parts() {
    auto* page = new QWidget;
    page->resize(1100, 760);
    auto* grid = new QGridLayout(page);
    grid->setContentsMargins(16, 16, 16, 16);
    grid->setSpacing(12);
    auto* json = new JsonTree;
    json->setJson(
        R"({"orderId":"ORD-12345","customerId":"CUST-987","products":[{"sku":"P-456","quantity":1},{"sku":"P-789","quantity":2}],"totalPrice":125.5,"paid":true,"note":null})");
    json->setMatches({"totalPrice"}, QStringLiteral("matches"));
    auto* value = new Panel(QStringLiteral("Value"), QStringLiteral("JSON, 173 B"));
    auto* seg = new SegmentedControl({"Tree", "Text", "Hex"});
    value->addHeaderWidget(seg);
    value->setHeaderLine(true);
    value->setBody(json, false);
    grid->addWidget(value, 0, 0);
    auto* text = new TextView;
    text->setContent("{\n  \"orderId\": \"ORD-12345\",\n  \"total\": 125.5,\n  \"paid\": true\n}",
                     TextView::Syntax::Json);
    auto* textPanel = new Panel(QStringLiteral("Text"));
    textPanel->setBody(text, false);
    grid->addWidget(textPanel, 0, 1);
    auto* hex = new HexView;
    hex->setData(QByteArray(
        "{\"orderId\":\"ORD-12345\",\"customerId\":\"CUST-987\",\"totalPrice\":125.5}\0\1\2", 70));
    auto* hexPanel = new Panel(QStringLiteral("Hex"));
    hexPanel->setBody(hex, false);
    grid->addWidget(hexPanel, 1, 0);
    auto* facts = new KeyValueList;
    facts->setItems({{"Key", "ORD-12345", "string, 9 B, murmur2 mod 3 = P1", true},
                     {"Created", "2024-07-25 10:00:00.000 UTC", {}, false},
                     {"Producer", "1003, epoch 0, sequence 8,114", "leader epoch 4", false}});
    auto* misc = new Panel(QStringLiteral("new_orders-1 @ 213,406"));
    misc->bodyLayout()->addWidget(facts);
    auto* bar = new StackedBar;
    bar->setParts(
        {{"P0 32.8 %", 32.8, -1, {}}, {"P1 33.4 %", 33.4, -1, {}}, {"P2 33.8 %", 33.8, -1, {}}});
    misc->bodyLayout()->addWidget(bar);
    auto* picker = new PickerButton(QStringLiteral("Topic"));
    picker->setValue(QStringLiteral("new_orders"));
    misc->bodyLayout()->addWidget(picker);
    misc->bodyLayout()->addWidget(new CodeBox(
        QStringLiteral("kafka-consumer-groups --reset-offsets --group shipping-service "
                       "--all-topics --to-datetime 2024-07-25T10:00:00.000 --execute")));
    auto* message = new MessageBar;
    message->showMessage(Status::Warning, QStringLiteral("Possible only while the group is empty."),
                         QStringLiteral("Stop members"));
    misc->bodyLayout()->addWidget(message);
    misc->bodyLayout()->addStretch(1);
    grid->addWidget(misc, 1, 1);
    auto* bars = new BarChart;
    bars->setCategories({"P0", "P1", "P2", "P3", "P4"});
    bars->setSets({{"keys", {31, 45, 28, 39, 33}, -1}});
    auto* distribution =
        new Panel(QStringLiteral("Where keys go"), QStringLiteral("last 176 keys, murmur2"));
    distribution->setBody(bars);
    grid->addWidget(distribution, 0, 2);
    auto* loading = new Panel(QStringLiteral("Loading"));
    auto* skeleton = new StateView;
    skeleton->setState(StateView::Kind::Loading, {});
    loading->setBody(skeleton);
    grid->addWidget(loading, 1, 2);
    for (int c = 0; c < 3; ++c)
        grid->setColumnStretch(c, 1);
    return page;
}

void save(QWidget& widget, const QString& name) {
    widget.show();
    QCoreApplication::processEvents();
    QTest::qWait(60);
    const QString dir = QStringLiteral(ODRADEK_BIN_DIR "/../screenshots/");
    QDir().mkpath(dir);
    QVERIFY(widget.grab().save(dir + name + QStringLiteral(".png")));
}

}  // namespace

void GalleryTest::rendersInLightAndDark() {
    for (const bool dark : {false, true}) {
        QSettings().clear();
        theme().setMode(dark ? Theme::Mode::Dark : Theme::Mode::Light);
        const QString suffix = dark ? QStringLiteral("-dark") : QStringLiteral("-light");
        ChartGroup group;
        ShellWindow window;
        auto* overview = new GalleryPage("overview", "Overview", "overview", NavGroup::Observe);
        auto* topics = new GalleryPage("topics", "Topics", "topics", NavGroup::Observe);
        fillOverview(overview, &group);
        fillTopic(topics);
        window.addPage(overview);
        window.addPage(new GalleryPage("brokers", "Brokers", "brokers", NavGroup::Observe));
        window.addPage(topics);
        window.addPage(new GalleryPage("groups", "Consumer groups", "groups", NavGroup::Observe));
        window.addPage(new GalleryPage("disk", "Disk", "disk", NavGroup::Observe));
        window.addPage(new GalleryPage("messages", "Messages", "messages", NavGroup::Browse));
        window.addPage(
            new GalleryPage("key", "Key to partition", "key-partition", NavGroup::Learn));
        window.setBadge("brokers", {Status::Error, 1, {}});
        window.setBadge("topics", {Status::Offline, 5, {}});
        window.setBadge("groups", {Status::Warning, 1, {}});
        window.setClusters({{"retail", "retail-dev", "Embedded \u00B7 3 brokers",
                             QColor(0x04, 0x7F, 0x72), dark, false}},
                           "retail");
        window.setHealth(Status::Offline, "1 partition offline, 4 under-replicated, 1 group late");
        window.events().append({qint64(kNow),
                                Status::Info,
                                "Groups",
                                "shipping-service generation 14: shipping-4 joined, nothing moved",
                                {}});
        window.events().append({qint64(kNow) + 800,
                                Status::Warning,
                                "Replication",
                                "ISR of payment_transactions-1 shrank: 2, 3, 1 \u2192 2, 1",
                                {}});
        window.events().append({qint64(kNow) + 900,
                                Status::Error,
                                "Disk",
                                "Broker 3: log dir d2 failed (I/O error), 4 replicas offline",
                                {}});
        ActivityTask task;
        task.id = "1";
        task.title = "Copy user_clicks \u2192 case file";
        task.progress = 0.62;
        task.rate = "18.4 MB/s";
        task.remainingSeconds = 41;
        window.activity().setTask(task);
        QSettings().setValue("window/bottomExpanded", true);
        window.restoreState(Location{"overview", {}, {}});
        window.resize(1280, 800);
        group.setCrosshair(kNow - 500000);
        save(window, "foundation-overview" + suffix);
        group.setCrosshair(std::nullopt);
        window.navigate(Location{"topics", {}, {}});
        save(window, "foundation-topic" + suffix);
        std::unique_ptr<QWidget> gallery(parts());
        save(*gallery, "foundation-parts" + suffix);
        ChangePlan plan;
        plan.title = "Reset offsets of shipping-service";
        plan.clusterName = "retail-dev";
        plan.verb = "Reset offsets";
        plan.itemHeading = "Partition";
        plan.items = {{"new_orders-0", "213,025", "211,960"},
                      {"new_orders-1", "214,494", "213,406"},
                      {"new_orders-2", "215,213", "214,118"}};
        plan.effect = "3,248 records will be read again.";
        plan.commandLine =
            "kafka-consumer-groups --reset-offsets --group shipping-service --all-topics "
            "--to-datetime 2024-07-25T10:00:00.000 --bootstrap-server localhost:9092 --execute";
        plan.blocker = "Possible only while the group is empty. 4 members are active.";
        ChangeDialog dialog(plan, [](QPointer<ChangeRun>) {});
        save(dialog, "foundation-change" + suffix);
        if (!dark) {
            theme().setDensity(Theme::Density::Presenter);
            save(window, "foundation-topic-presenter");
            theme().setDensity(Theme::Density::Normal);
        }
    }
    theme().setMode(Theme::Mode::Light);
}
