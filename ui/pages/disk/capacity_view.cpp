// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/disk/capacity_view.h"

#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QSettings>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <cmath>

#include "models/common/text.h"
#include "ui/charts/bars.h"
#include "ui/theme/format.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/panel.h"

namespace odradek::ui {

namespace {

const char* const kSettings = "disk/planner/";

QString words(const models::CapacityInput& input) {
    return CapacityView::tr("%1 messages a minute of %2 bytes")
        .arg(models::number(std::llround(input.messagesPerMinute)),
             models::number(std::llround(input.bytesPerMessage)));
}

}  // namespace

QString decimalBytes(double bytes) {
    static constexpr std::array units{"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    std::size_t unit = 0;
    while (std::fabs(bytes) >= 1000 && unit + 1 < units.size()) {
        bytes /= 1000;
        ++unit;
    }
    return QStringLiteral("%1 %2").arg(models::decimal(bytes), QLatin1String(units[unit]));
}

CapacityView::CapacityView(ClusterContext& context, QWidget* parent)
    : QWidget(parent), m_context(context) {
    auto* inputs = new Panel(tr("Plan"));
    inputs->setBody(makeInputs());
    inputs->setFixedWidth(320);

    m_headline =
        new TextLabel({}, Theme::Size::Title, TextLabel::Tone::Primary, Theme::Weight::Strong);
    m_headline->setObjectName(QStringLiteral("planHeadline"));
    m_results = new KeyValueList;
    m_results->setObjectName(QStringLiteral("planResults"));
    m_fit = new TextLabel({}, Theme::Size::Body, TextLabel::Tone::Secondary);
    m_fit->setObjectName(QStringLiteral("planFit"));
    m_fit->setWordWrap(true);
    m_resultPanel = new Panel(tr("What it takes"));
    m_resultPanel->bodyLayout()->addWidget(m_headline);
    m_resultPanel->bodyLayout()->addWidget(m_results);
    m_resultPanel->bodyLayout()->addWidget(m_fit);

    m_comparison = new TextLabel({}, Theme::Size::Body, TextLabel::Tone::Primary);
    m_comparison->setObjectName(QStringLiteral("planComparison"));
    m_comparison->setWordWrap(true);
    m_bars = new BarMeter;
    m_bars->setObjectName(QStringLiteral("planBars"));
    m_measured = new KeyValueList;
    m_measured->setObjectName(QStringLiteral("planMeasured"));
    auto* compare = new Panel(tr("Beside what the cluster measures"), tr("last minute"));
    compare->bodyLayout()->addWidget(m_comparison);
    compare->bodyLayout()->addWidget(m_bars);
    compare->bodyLayout()->addWidget(m_measured);
    compare->bodyLayout()->addStretch(1);

    auto* right = new QVBoxLayout;
    right->setSpacing(12);
    right->addWidget(m_resultPanel);
    right->addWidget(compare, 1);
    auto* left = new QVBoxLayout;
    left->addWidget(inputs);
    left->addStretch(1);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(12);
    row->addLayout(left);
    row->addLayout(right, 1);
    recompute();
}

QWidget* CapacityView::makeInputs() {
    const models::CapacityInput defaults;
    QSettings settings;
    const auto saved = [&](const char* name, double fallback) {
        return settings.value(QLatin1String(kSettings) + QLatin1String(name), fallback).toDouble();
    };
    const auto real = [&](const char* name, double value, double least, double most, int digits,
                          const QString& suffix) {
        auto* box = new QDoubleSpinBox;
        box->setObjectName(QLatin1String("plan_") + QLatin1String(name));
        box->setDecimals(digits);
        box->setRange(least, most);
        box->setGroupSeparatorShown(true);
        box->setSuffix(suffix);
        box->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
        box->setValue(saved(name, value));
        box->setAlignment(Qt::AlignRight);
        connect(box, &QDoubleSpinBox::valueChanged, this, &CapacityView::recompute);
        return box;
    };
    const auto whole = [&](const char* name, int value, int most) {
        auto* box = new QSpinBox;
        box->setObjectName(QLatin1String("plan_") + QLatin1String(name));
        box->setRange(1, most);
        box->setValue(static_cast<int>(saved(name, value)));
        box->setAlignment(Qt::AlignRight);
        connect(box, &QSpinBox::valueChanged, this, &CapacityView::recompute);
        return box;
    };
    m_messages = real("messages", defaults.messagesPerMinute, 0, 1e12, 0, {});
    m_size = real("size", defaults.bytesPerMessage, 0, 1e9, 0, tr(" bytes"));
    m_hours = real("hours", defaults.retentionHours, 0, 1e6, 1, tr(" h"));
    m_replicas = whole("replicas", defaults.replicas, 20);
    m_brokers = whole("brokers", defaults.brokers, 10000);
    auto* body = new QWidget;
    auto* grid = new QGridLayout(body);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(12);
    grid->setVerticalSpacing(8);
    int row = 0;
    const auto add = [&](const QString& text, QWidget* field) {
        auto* label = new TextLabel(text, Theme::Size::Body, TextLabel::Tone::Secondary);
        label->setBuddy(field);
        field->setMinimumWidth(136);
        grid->addWidget(label, row, 0);
        grid->addWidget(field, row++, 1);
    };
    add(tr("Messages a &minute"), m_messages);
    add(tr("Si&ze of a message"), m_size);
    add(tr("Kept &for"), m_hours);
    add(tr("&Replicas of each"), m_replicas);
    add(tr("&Brokers"), m_brokers);
    grid->setColumnStretch(0, 1);
    m_measure = new Button(tr("Use what the cluster measures"), QStringLiteral("refresh"));
    m_measure->setObjectName(QStringLiteral("planMeasure"));
    connect(m_measure, &QAbstractButton::clicked, this, &CapacityView::takeMeasured);
    auto* back = new Button(tr("Back to 1 million a minute"), QStringLiteral("undo"));
    back->setObjectName(QStringLiteral("planDefaults"));
    connect(back, &QAbstractButton::clicked, this, [this] {
        const models::CapacityInput d;
        m_messages->setValue(d.messagesPerMinute);
        m_size->setValue(d.bytesPerMessage);
        m_hours->setValue(d.retentionHours);
        m_replicas->setValue(d.replicas);
        m_brokers->setValue(d.brokers);
    });
    grid->addWidget(m_measure, row++, 0, 1, 2);
    grid->addWidget(back, row, 0, 1, 2);
    return body;
}

QWidget* CapacityView::firstField() const {
    return m_messages;
}

models::CapacityInput CapacityView::input() const {
    return {m_messages->value(), m_size->value(), m_hours->value(), m_replicas->value(),
            m_brokers->value()};
}

void CapacityView::remember() {
    QSettings settings;
    const auto now = input();
    const auto put = [&](const char* name, double value) {
        settings.setValue(QLatin1String(kSettings) + QLatin1String(name), value);
    };
    put("messages", now.messagesPerMinute);
    put("size", now.bytesPerMessage);
    put("hours", now.retentionHours);
    put("replicas", now.replicas);
    put("brokers", now.brokers);
}

void CapacityView::takeMeasured() {
    if (!m_context.hasCluster())
        return;
    const auto& snapshot = m_context.snapshot();
    const auto load = models::measureLoad(snapshot, m_context.series());
    if (load.known) {
        m_messages->setValue(std::round(load.messagesPerMinute));
        m_size->setValue(std::round(load.bytesPerMessage));
    }
    m_brokers->setValue(std::max<int>(1, static_cast<int>(snapshot.brokers.size())));
    int replicas = 1;
    for (const auto& topic : snapshot.topics)
        if (!topic.isInternal)
            replicas = std::max<int>(replicas, topic.replicationFactor);
    m_replicas->setValue(replicas);
}

void CapacityView::recompute() {
    if (!m_results || !m_measured)
        return;
    remember();
    const auto now = input();
    const auto plan = models::planCapacity(now);
    m_headline->setText(tr("%1 a day").arg(decimalBytes(plan.bytesPerDay)));
    m_resultPanel->setSubtitle(words(now));
    const auto exact = [](double bytes) {
        return tr("%1 bytes").arg(formatCount(std::llround(bytes)));
    };
    m_results->setItems(
        {{tr("Written by producers"), tr("%1/s").arg(decimalBytes(plan.bytesPerSecond)),
          exact(plan.bytesPerSecond)},
         {tr("One copy, a day"), decimalBytes(plan.bytesPerDay), exact(plan.bytesPerDay)},
         {tr("Stored, %1 h, %2")
              .arg(models::decimal(now.retentionHours),
                   now.replicas == 1 ? tr("1 replica") : tr("%1 replicas").arg(now.replicas)),
          decimalBytes(plan.storedBytes), exact(plan.storedBytes)},
         {tr("Stored on each of %1").arg(tr("%n brokers", nullptr, now.brokers)),
          decimalBytes(plan.storedPerBroker), exact(plan.storedPerBroker)},
         {tr("Network between brokers"),
          plan.replicationBytesPerSecond > 0
              ? tr("%1/s").arg(decimalBytes(plan.replicationBytesPerSecond))
              : tr("none, there is one replica"),
          {}}});
    refresh();
}

QString CapacityView::fitWords(const models::CapacityPlan& plan) const {
    qint64 least = -1;
    for (const auto& broker : m_context.snapshot().brokers)
        if (broker.diskUsable && broker.logBytes) {
            const auto room = *broker.diskUsable + *broker.logBytes;
            least = least < 0 ? room : std::min<qint64>(least, room);
        }
    if (least < 0)
        return tr("The size of the brokers' disks is not visible from outside.");
    const auto room = static_cast<double>(least);
    if (plan.storedPerBroker <= room)
        return tr("It fits: the smallest broker here has room for %1 of logs.")
            .arg(decimalBytes(room));
    const double hours = input().retentionHours * room / plan.storedPerBroker;
    return tr("It does not fit here: the smallest broker has room for %1 of logs, enough to keep "
              "%2.")
        .arg(decimalBytes(room), models::duration(static_cast<qint64>(hours * 3600e3)));
}

QString CapacityView::comparison(const models::MeasuredLoad& load,
                                 const models::CapacityPlan& plan) const {
    if (!load.known)
        return tr("Nothing is measured yet. Let something produce for a few seconds.");
    const double measured = load.messagesPerMinute * load.bytesPerMessage / 60;
    if (measured <= 0)
        return tr("The cluster is idle: no messages in the last minute.");
    const double share = plan.bytesPerSecond > 0 ? measured / plan.bytesPerSecond : 0;
    const auto day = decimalBytes(measured * 86400);
    if (share <= 0)
        return tr("The cluster takes %1 a day at this rate.").arg(day);
    return share <= 1.005 && share >= 0.995
               ? tr("The cluster takes %1 a day at this rate: as planned.").arg(day)
           : share < 1 ? tr("The cluster takes %1 a day at this rate: %2 of the plan.")
                             .arg(day, formatPercent(share, share < 0.1 ? 1 : 0))
                       : tr("The cluster takes %1 a day at this rate: %2 times the plan.")
                             .arg(day, models::decimal(share));
}

void CapacityView::refresh() {
    if (!m_context.hasCluster())
        return;
    const auto plan = models::planCapacity(input());
    const auto load = models::measureLoad(m_context.snapshot(), m_context.series());
    m_measure->setEnabled(load.known);
    m_fit->setText(fitWords(plan));
    m_comparison->setText(comparison(load, plan));
    const double measured = load.known ? load.messagesPerMinute * load.bytesPerMessage / 60 : 0;
    const double most = std::max({plan.bytesPerSecond, measured, 1.0});
    const auto bar = [most](double value) {
        MeterBar b;
        b.fraction = value / most;
        b.exact = CapacityView::tr("%1 bytes a second").arg(formatCount(std::llround(value)));
        return b;
    };
    m_bars->setRows({{tr("Planned"),
                      tr("%1/s").arg(decimalBytes(plan.bytesPerSecond)),
                      false,
                      {bar(plan.bytesPerSecond)}},
                     {tr("Measured"),
                      load.known ? tr("%1/s").arg(decimalBytes(measured)) : tr("nothing yet"),
                      false,
                      {bar(measured)}}});
    m_measured->setVisible(load.known);
    m_measured->setItems(
        {{tr("Messages a minute"), models::number(std::llround(load.messagesPerMinute)), {}},
         {tr("Bytes a message"), models::decimal(load.bytesPerMessage),
          tr("as stored, with overhead and compression")}});
}

}  // namespace odradek::ui
