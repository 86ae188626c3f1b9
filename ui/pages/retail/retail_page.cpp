// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/retail/retail_page.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QSlider>
#include <QSpinBox>
#include <QTableView>
#include <QVBoxLayout>

#include <cmath>

#include "models/common/text.h"
#include "ui/charts/time_chart.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/panel.h"

namespace odradek::ui {

using models::number;
using models::qs;

namespace {

constexpr int kSlowMs = 250;
constexpr int kSliderMax = 1000;
constexpr double kRateMax = 50'000;
constexpr int kLagLines = 7;

/// The slider is logarithmic: 0 is pause, the rest goes from 1 to 50,000.
int rateAt(int slider) {
    return slider == 0
               ? 0
               : static_cast<int>(std::lround(std::pow(kRateMax, slider / double(kSliderMax))));
}
int sliderAt(int rate) {
    return rate <= 0 ? 0
                     : std::max(1, static_cast<int>(std::lround(std::log(rate) /
                                                                std::log(kRateMax) * kSliderMax)));
}

QString stateWord(const std::string& state) {
    if (state == "running")
        return RetailPage::tr("Running");
    if (state == "slowed")
        return RetailPage::tr("Slowed");
    if (state == "crashed")
        return RetailPage::tr("Crashed");
    if (state == "stopping")
        return RetailPage::tr("Stopping");
    if (state == "stopped")
        return RetailPage::tr("Stopped");
    if (state == "failed")
        return RetailPage::tr("Failed");
    return RetailPage::tr("Connecting");
}

models::Health stateHealth(const std::string& state) {
    if (state == "running")
        return models::Health::Ok;
    if (state == "slowed")
        return models::Health::Warning;
    return state == "crashed" || state == "failed" ? models::Health::Error : models::Health::Info;
}

using Columns = std::vector<models::RowModel<WorkloadRow>::Column>;

Columns makeColumns() {
    using Row = const WorkloadRow&;
    return {{RetailPage::tr("Client"),
             [](Row r) { return qs(r.client.clientId); },
             {},
             [](Row r) { return qs(r.client.application); },
             {}},
            {RetailPage::tr("State"),
             [](Row r) { return stateWord(r.client.state); },
             {},
             {},
             {{models::kStatusRole,
               [](Row r) { return static_cast<int>(stateHealth(r.client.state)); }}}},
            {RetailPage::tr("Group"), [](Row r) { return qs(r.client.group); }, {}, {}, {}},
            {RetailPage::tr("Records"),
             [](Row r) { return number(static_cast<qint64>(r.client.records)); },
             [](Row r) { return static_cast<qulonglong>(r.client.records); },
             {},
             {}},
            {RetailPage::tr("Per second"),
             [](Row r) { return models::decimal(r.perSecond); },
             [](Row r) { return r.perSecond; },
             {},
             {}},
            {RetailPage::tr("Slowed by, ms"),
             [](Row r) { return r.client.slowdownMs ? number(r.client.slowdownMs) : QString(); },
             [](Row r) { return r.client.slowdownMs; },
             {},
             {}},
            {RetailPage::tr("Errors"),
             [](Row r) {
                 return r.client.errors ? number(static_cast<qint64>(r.client.errors)) : QString();
             },
             [](Row r) { return static_cast<qulonglong>(r.client.errors); },
             [](Row r) {
                 return r.client.lastError.empty() ? QVariant() : QVariant(qs(r.client.lastError));
             },
             {}}};
}

QString keyOf(const WorkloadRow& row) {
    return QString::number(row.client.id);
}

bool before(const WorkloadRow& a, const WorkloadRow& b) {
    return a.client.id < b.client.id;
}

}  // namespace

RetailPage::RetailPage(ClusterContext& context)
    : m_context(context),
      m_consumers(makeColumns(), keyOf, before),
      m_producers(makeColumns(), keyOf, before) {
    const auto columns = [](bool consumers) {
        return QVector<ColumnSpec>{
            {Client, ColumnKind::Text, 150, true, true, false, QStringLiteral("client")},
            {State, ColumnKind::Status, 110, true, false, false, QStringLiteral("state")},
            {Group, ColumnKind::Text, 150, consumers, false, true, QStringLiteral("group")},
            {Records, ColumnKind::Number, 90, true, false, false, QStringLiteral("records")},
            {PerSecond, ColumnKind::Number, 86, true, false, false, QStringLiteral("rate")},
            {Slowdown, ColumnKind::Number, 100, consumers, false, true, QStringLiteral("slow")},
            {Errors, ColumnKind::Number, 60, true, false, true, QStringLiteral("errors")}};
    };
    m_consumerTable = new DataTable;
    m_consumerTable->setObjectName(QStringLiteral("consumers"));
    m_consumerTable->setModel(&m_consumers);
    m_consumerTable->setColumns(columns(true));
    m_consumerTable->setSelectionMulti(true);
    m_consumerTable->setContextMenu([this](QMenu& menu, const QVector<int>& rows) {
        if (rows.isEmpty())
            return;
        menu.addAction(tr("Slow down"), this, [this] { slow(kSlowMs); });
        menu.addAction(tr("Full speed"), this, [this] { slow(0); });
        menu.addAction(tr("Stop"), this, [this] { stop(false); });
        menu.addAction(tr("Crash"), this, [this] { stop(true); });
    });
    connect(m_consumerTable, &DataTable::currentRowChanged, this, [this] { refreshButtons(); });
    connect(m_consumerTable, &DataTable::activated, this, [this](int row) {
        emit requestNavigate(
            {QStringLiteral("groups"), {qs(m_consumers.row(row).client.group)}, {}});
    });
    m_add = new PickerButton(tr("Add a consumer of"));
    m_add->setObjectName(QStringLiteral("addConsumer"));
    m_add->setValue(tr("choose"));
    connect(m_add, &PickerButton::chosen, this,
            [this](int, const QString& name) { addConsumer(name); });
    const auto button = [this](const QString& text, const char* icon, const char* name, auto act) {
        auto* b = new Button(text, QLatin1String(icon));
        b->setObjectName(QLatin1String(name));
        connect(b, &QAbstractButton::clicked, this, act);
        return b;
    };
    m_slow = button(tr("Slow down"), "clock", "slowConsumer", [this] { slow(kSlowMs); });
    m_fast = button(tr("Full speed"), "play", "fastConsumer", [this] { slow(0); });
    m_stop = button(tr("Stop"), "stop", "stopConsumer", [this] { stop(false); });
    m_crash = button(tr("Crash"), "fault", "crashConsumer", [this] { stop(true); });
    auto* consumerPanel = new Panel(tr("Consumers"), tr("double click opens the group"));
    for (QWidget* w : std::initializer_list<QWidget*>{m_add, m_slow, m_fast, m_stop, m_crash})
        consumerPanel->addHeaderWidget(w);
    consumerPanel->setBody(m_consumerTable, false);

    m_producerTable = new DataTable;
    m_producerTable->setObjectName(QStringLiteral("producers"));
    m_producerTable->setModel(&m_producers);
    m_producerTable->setColumns(columns(false));
    auto* producerPanel = new Panel(tr("Producers"), tr("librdkafka, idempotent, acks=all"));
    producerPanel->setBody(m_producerTable, false);

    m_lag = new TimeChart;
    m_lag->setGroup(&m_charts);
    m_lag->setScale(TimeChart::Scale::Log);
    m_lag->setUnit(tr("records"));
    auto* lagPanel = new Panel(tr("Lag per group"), tr("records"));
    lagPanel->setBody(m_lag);

    auto* upper = new QHBoxLayout;
    upper->setSpacing(12);
    upper->addWidget(makeRatePanel(), 1);
    upper->addWidget(lagPanel, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    m_consumerTable->setFitRows(4, 14);
    m_producerTable->setFitRows(3, 8);
    layout->addLayout(upper, 1);
    layout->addWidget(consumerPanel);
    layout->addWidget(producerPanel);
    connect(&m_context, &ClusterContext::snapshotChanged, this, &RetailPage::refresh);
    connect(&m_context, &ClusterContext::sampled, this, &RetailPage::refresh);
}

QWidget* RetailPage::makeRatePanel() {
    m_slider = new QSlider(Qt::Horizontal);
    m_slider->setObjectName(QStringLiteral("rateSlider"));
    m_slider->setRange(0, kSliderMax);
    m_slider->setPageStep(kSliderMax / 10);
    m_slider->setTracking(false);
    connect(m_slider, &QSlider::valueChanged, this, [this](int value) { setRate(rateAt(value)); });
    m_rate = new QSpinBox;
    m_rate->setObjectName(QStringLiteral("rate"));
    m_rate->setRange(0, static_cast<int>(kRateMax));
    m_rate->setSpecialValueText(tr("paused"));
    m_rate->setSuffix(tr(" records/s"));
    m_rate->setGroupSeparatorShown(true);
    m_rate->setKeyboardTracking(false);
    connect(m_rate, &QSpinBox::valueChanged, this, &RetailPage::setRate);
    m_pause = new Button(tr("Pause"), QStringLiteral("pause"));
    m_pause->setObjectName(QStringLiteral("pausePlatform"));
    connect(m_pause, &QAbstractButton::clicked, this,
            [this] { setRate(m_rate->value() > 0 ? 0 : m_lastRate); });
    m_chart = new TimeChart;
    m_chart->setGroup(&m_charts);
    m_chart->setSeries({{tr("records"), -1, true, {}}});
    m_chart->setEndLabels(false);
    m_chart->setUnit(tr("records/s"));
    auto* row = new QHBoxLayout;
    row->addWidget(m_slider, 1);
    row->addWidget(m_rate);
    row->addWidget(m_pause);
    auto* body = new QWidget;
    auto* layout = new QVBoxLayout(body);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addLayout(row);
    layout->addWidget(m_chart, 1);
    m_ratePanel = new Panel(tr("Rate"), tr("wished, over all producers"));
    m_ratePanel->setBody(body);
    return m_ratePanel;
}

QVector<QWidget*> RetailPage::headerActions() {
    return {};
}

QWidget* RetailPage::primaryWidget() {
    return m_slider;
}

void RetailPage::setActive(bool active) {
    m_active = active;
    if (active)
        refresh();
}

void RetailPage::setRate(int rate) {
    if (rate > 0)
        m_lastRate = rate;
    m_context.run(api::SetWorkloadRate{rate}, this);
}

void RetailPage::addConsumer(const QString& application) {
    m_context.run(api::AddConsumer{application.toStdString()}, this);
}

std::vector<std::uint64_t> RetailPage::selectedConsumers() const {
    std::vector<std::uint64_t> ids;
    for (int row : m_consumerTable->selectedSourceRows())
        ids.push_back(m_consumers.row(row).client.id);
    return ids;
}

void RetailPage::slow(int perRecordMs) {
    for (auto id : selectedConsumers())
        m_context.run(api::SlowConsumer{id, perRecordMs}, this);
}

void RetailPage::stop(bool crash) {
    for (auto id : selectedConsumers())
        m_context.run(api::StopConsumer{id, crash}, this);
}

void RetailPage::refreshButtons() {
    const bool some = !selectedConsumers().empty();
    for (auto* b : {m_slow, m_fast, m_stop, m_crash})
        b->setEnabled(some);
}

void RetailPage::refresh() {
    if (!m_active || !m_context.hasCluster())
        return;
    const auto& snapshot = m_context.snapshot();
    PageHeader header;
    header.title = title();
    if (!snapshot.workload || !snapshot.workload->available) {
        header.subtitle = m_context.isEmbedded()
                              ? tr("It starts with the cluster, unless it is switched off.")
                              : tr("It runs on the embedded cluster only.");
        setHeader(header);
        setEnabled(false);
        return;
    }
    setEnabled(true);
    const auto& workload = *snapshot.workload;
    header.title = !workload.pauseReason.empty() ? tr("Paused: %1").arg(qs(workload.pauseReason))
                   : workload.paused
                       ? tr("The retail platform is paused")
                       : tr("The retail platform sends %1 records/s").arg(number(workload.rate));
    header.subtitle =
        tr("Orders, payments, production and shipping of the guide, by seven applications.");
    setHeader(header);
    {
        const QSignalBlocker a(m_slider), b(m_rate);
        if (!m_slider->isSliderDown())
            m_slider->setValue(sliderAt(workload.rate));
        if (!m_rate->hasFocus())
            m_rate->setValue(workload.rate);
    }
    m_pause->setText(workload.rate == 0 ? tr("Go on") : tr("Pause"));
    m_pause->setIconName(workload.rate == 0 ? QStringLiteral("play") : QStringLiteral("pause"));
    m_context.showSeries(*m_chart, 0, QStringLiteral("messages.in"));
    if (const auto* ring = m_context.series().find(QStringLiteral("messages.in"))) {
        m_ratePanel->setFigure(
            ring->empty() ? QString()
                          : models::decimal(m_context.series().last(QStringLiteral("messages.in"))),
            tr("/s measured"));
    }
    std::vector<WorkloadRow> consumers, producers;
    QStringList applications;
    for (const auto& client : workload.clients) {
        auto& [at, records] = m_counted[client.id];
        if (at == 0 || snapshot.at - at >= 1000) {
            if (at > 0 && client.records >= records)
                m_rates[client.id] = static_cast<double>(client.records - records) * 1000.0 /
                                     static_cast<double>(snapshot.at - at);
            at = snapshot.at;
            records = client.records;
        }
        (client.isConsumer ? consumers : producers).push_back({client, m_rates[client.id]});
        if (client.isConsumer && !applications.contains(qs(client.application)))
            applications << qs(client.application);
    }
    m_consumers.setRows(std::move(consumers));
    m_producers.setRows(std::move(producers));
    m_add->setChoices(applications);
    QStringList groups;
    for (const auto& group : snapshot.groups)
        if (groups.size() < kLagLines)
            groups << qs(group.id);
    if (groups != m_lagGroups) {
        m_lagGroups = groups;
        QVector<ChartSeries> series;
        for (int i = 0; i < groups.size(); ++i)
            series.push_back({groups[i], i, false, {}});
        m_lag->setSeries(series);
    }
    for (int i = 0; i < groups.size(); ++i)
        m_context.showSeries(*m_lag, i, QStringLiteral("group.%1.lag").arg(groups[i]));
    refreshButtons();
}

}  // namespace odradek::ui
