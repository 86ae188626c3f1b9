// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/brokers/timeline_tab.h"

#include <QScrollArea>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

#include "models/common/text.h"
#include "ui/charts/timeline_view.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/panel.h"

namespace odradek::ui {

using models::qs;

namespace {

enum Column { At, Where, Text };

QString whereWords(const api::Event& event) {
    const auto subject = qs(event.subject);
    if (subject.startsWith(QStringLiteral("broker:")))
        return TimelineTab::tr("Broker %1").arg(subject.mid(7));
    if (subject.startsWith(QStringLiteral("topic:")))
        return subject.mid(6).replace(QLatin1Char('/'), QLatin1Char('-'));
    return TimelineTab::tr("Cluster");
}

std::vector<models::RowModel<TimelineEvent>::Column> columns() {
    using E = TimelineEvent;
    return {{TimelineTab::tr("Time"),
             [](const E& e) { return models::clockTime(e.at); },
             [](const E& e) { return static_cast<qlonglong>(e.at); },
             [](const E& e) { return models::dateTime(e.at); },
             {}},
            {TimelineTab::tr("Where"),
             whereWords,
             {},
             {},
             {{models::kStatusRole,
               // The event's own shape; severities are in another order than statuses.
               [](const E& e) {
                   switch (e.severity) {
                       case api::Severity::Ok:
                           return static_cast<int>(Status::Ok);
                       case api::Severity::Info:
                           return static_cast<int>(Status::Info);
                       case api::Severity::Warning:
                           return static_cast<int>(Status::Warning);
                       case api::Severity::Error:
                           return static_cast<int>(Status::Error);
                       case api::Severity::Offline:
                           return static_cast<int>(Status::Offline);
                   }
                   return static_cast<int>(Status::Info);
               }}}},
            {TimelineTab::tr("Event"),
             [](const E& e) {
                 return e.inferred ? TimelineTab::tr("%1 (inferred)").arg(qs(e.text)) : qs(e.text);
             },
             {},
             {},
             {}}};
}

LaneSpan::Look lookOf(models::TimelineSpan::Kind kind) {
    using K = models::TimelineSpan::Kind;
    switch (kind) {
        case K::Quiet:
            return LaneSpan::Look::Quiet;
        case K::Leads:
            return LaneSpan::Look::Series;
        case K::Lead:
            return LaneSpan::Look::Strong;
        case K::Missing:
            return LaneSpan::Look::Hatched;
        case K::Barred:
            return LaneSpan::Look::Tinted;
    }
    return LaneSpan::Look::Quiet;
}

Status statusOfSeverity(api::Severity severity) {
    return severity == api::Severity::Warning ? Status::Warning
           : severity == api::Severity::Error ? Status::Error
                                              : Status::Offline;
}

}  // namespace

TimelineTab::TimelineTab(ClusterContext& context, QWidget* parent)
    : QWidget(parent),
      m_context(context),
      m_events(
          columns(), [](const TimelineEvent& e) { return QString::number(e.sequence); },
          [](const TimelineEvent& a, const TimelineEvent& b) { return a.sequence > b.sequence; }) {
    m_view = new TimelineView;
    m_view->setObjectName(QStringLiteral("timeline"));
    connect(m_view, &TimelineView::laneActivated, this, [this](const QString& subject) {
        if (const auto place = ClusterContext::locationOf(subject); place.isValid())
            emit requestNavigate(place);
    });
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(m_view);
    m_view->setAutoFillBackground(false);
    scroll->viewport()->setAutoFillBackground(false);
    m_picker = new PickerButton(tr("Show"));
    m_picker->setObjectName(QStringLiteral("timelineFilter"));
    m_picker->setToolTip(tr("Limit it to a broker or topic"));
    connect(m_picker, &PickerButton::chosen, this,
            [this](int index, const QString&) { chooseFilter(index); });
    m_panel = new Panel(tr("What happened"), tr("state of each part over time"));
    m_panel->addHeaderWidget(m_picker);
    m_panel->setBody(scroll);

    m_table = new DataTable;
    m_table->setObjectName(QStringLiteral("timelineEvents"));
    m_table->setModel(&m_events);
    m_table->setColumns(
        {{At, ColumnKind::Mono, 110, true, false, false, QStringLiteral("at")},
         {Where, ColumnKind::Status, 190, true, false, false, QStringLiteral("where")},
         {Text, ColumnKind::Text, 420, true, true, false, QStringLiteral("text")}});
    m_table->setSort(At, Qt::DescendingOrder);
    m_table->setEmptyState(tr("Nothing happened in this time"),
                           tr("Elections, ISR changes and fenced brokers appear here. Kill a "
                              "broker on its page to see "
                              "one, or choose a longer span at the top."));
    connect(m_table, &DataTable::currentRowChanged, this,
            [this](int row) { m_view->setCursorTime(row < 0 ? 0 : m_events.row(row).at); });
    connect(m_table, &DataTable::activated, this, [this](int row) {
        if (const auto place = ClusterContext::locationOf(qs(m_events.row(row).subject));
            place.isValid())
            emit requestNavigate(place);
    });
    connect(m_table, &DataTable::noticed, this, &TimelineTab::notice);
    auto* events = new Panel(tr("Events"), tr("double click opens the part"));
    events->addHeaderWidget(m_table->tools());
    events->setBody(m_table, false);
    auto* split = new MemorySplitter(QStringLiteral("timelineSplit"), Qt::Vertical);
    split->addWidget(m_panel);
    split->addWidget(events);
    split->setChildrenCollapsible(false);
    split->setHandleWidth(12);
    split->setDefaultSizes({360, 220});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(split);
    m_picker->setValue(tr("everything"));
}

QWidget* TimelineTab::primaryWidget() const {
    return m_view;
}

void TimelineTab::clear() {
    m_filter.clear();
    m_picker->setValue(tr("everything"));
    m_events.setRows({});
    m_view->setLanes({});
    m_finding.clear();
}

void TimelineTab::chooseFilter(int index) {
    m_filter = m_subjects.value(index);
    m_picker->setValue(m_filter.isEmpty() ? tr("everything") : m_choices.value(index));
    refresh();
}

void TimelineTab::refresh() {
    if (!m_context.hasCluster())
        return;
    const auto& snapshot = m_context.snapshot();
    QStringList choices{tr("everything")}, subjects{QString()};
    for (const auto& broker : snapshot.brokers) {
        choices << tr("Broker %1").arg(broker.id);
        subjects << QStringLiteral("broker:%1").arg(broker.id);
    }
    for (const auto& topic : snapshot.topics) {
        choices << qs(topic.name);
        subjects << QStringLiteral("topic:") + qs(topic.name);
    }
    if (choices != m_choices) {
        m_choices = choices;
        m_subjects = subjects;
        m_picker->setChoices(choices);
    }
    const auto range = m_context.chartRange();
    const auto from = static_cast<qint64>(range.from), to = static_cast<qint64>(range.to);
    if (!range.valid())
        return;
    const auto line = models::buildTimeline(m_context.feed().recording(), m_context.feed().events(),
                                            from, to, m_filter);
    QVector<Lane> lanes;
    for (const auto& lane : line.lanes) {
        Lane out{lane.group, lane.name, lane.subject, {}};
        for (const auto& span : lane.spans)
            out.spans.push_back({span.from, span.to, lookOf(span.kind), span.broker, span.text});
        lanes.push_back(std::move(out));
    }
    QVector<LaneMark> marks;
    for (const auto& mark : line.marks)
        marks.push_back({mark.at, statusOfSeverity(mark.severity), mark.text});
    m_view->setRange(from, to);
    m_view->setLanes(lanes);
    m_view->setMarks(marks);
    m_view->setFootnote(
        line.unchanged > 0 ? tr("%n more partition(s) kept leader and ISR", nullptr, line.unchanged)
                           : QString());
    m_finding = line.finding;
    refreshEvents();
}

void TimelineTab::refreshEvents() {
    const auto range = m_context.chartRange();
    std::vector<TimelineEvent> rows;
    for (const auto& event : m_context.feed().events())
        if (models::onTimeline(event.kind) && static_cast<double>(event.at) >= range.from &&
            static_cast<double>(event.at) <= range.to &&
            models::concerns(m_filter, qs(event.subject)))
            rows.push_back({event});
    m_events.setRows(std::move(rows));
}

}  // namespace odradek::ui
