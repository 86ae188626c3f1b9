// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/groups/group_detail.h"

#include <QScrollArea>
#include <QStackedLayout>
#include <QTableView>
#include <QVBoxLayout>

#include <set>

#include "models/cluster/lookup.h"
#include "models/common/text.h"
#include "ui/charts/ribbon_view.h"
#include "ui/charts/time_chart.h"
#include "ui/pages/groups/reset_form.h"
#include "ui/theme/theme.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/state_view.h"

namespace odradek::ui {

using models::number;
using models::qs;

namespace {

constexpr int kTopicLinesMax = 6;

/// Partitions a group has anything to do with: assigned or committed, in order.
std::set<TopicPartition> partitionsOf(const api::Group& group) {
    std::set<TopicPartition> all;
    for (const auto& member : group.members)
        all.insert(member.assignment.begin(), member.assignment.end());
    for (const auto& offset : group.offsets)
        all.insert(offset.partition);
    return all;
}

std::int64_t lagOf(const api::Group& group, const TopicPartition& partition) {
    for (const auto& offset : group.offsets)
        if (offset.partition == partition)
            return offset.lag();
    return -1;
}

}  // namespace

GroupDetail::GroupDetail(ClusterContext& context, QWidget* parent)
    : QWidget(parent), m_context(context) {
    m_ribbons = new RibbonView;
    m_ribbons->setObjectName(QStringLiteral("ribbons"));
    m_nobody = new StateView;
    m_nobody->setIconName(QStringLiteral("groups"));
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidget(m_ribbons);
    m_ribbons->setAutoFillBackground(false);
    scroll->viewport()->setAutoFillBackground(false);
    auto* body = new QWidget;
    auto* stack = new QStackedLayout(body);
    stack->addWidget(scroll);
    stack->addWidget(m_nobody);
    m_weight = new SegmentedControl({tr("Records/s"), tr("Lag")});
    connect(m_weight, &SegmentedControl::currentChanged, this, &GroupDetail::refresh);
    m_ribbonPanel = new Panel(tr("Who reads what"));
    m_ribbonPanel->addHeaderWidget(m_weight);
    m_ribbonPanel->setBody(body);

    m_lag = new TimeChart;
    m_lag->setGroup(&m_charts);
    m_lag->setUnit(tr("records"));
    m_lag->setEmptyText(tr("Measuring…"));
    m_lagPanel = new Panel(tr("Lag"), tr("records not yet committed"));
    m_lagPanel->setBody(m_lag);

    m_memberTable = new DataTable;
    m_memberTable->setObjectName(QStringLiteral("members"));
    m_memberTable->setModel(&m_members);
    using M = models::MembersModel;
    m_memberTable->setColumns(
        {{M::Client, ColumnKind::Marker, 150, true, true, false, QStringLiteral("client")},
         {M::MemberId, ColumnKind::Mono, 120, false, false, true, QStringLiteral("id")},
         {M::Host, ColumnKind::Mono, 96, false, false, true, QStringLiteral("host")},
         {M::Partitions, ColumnKind::Number, 76, true, false, false, QStringLiteral("parts")},
         {M::PerSecond, ColumnKind::Number, 74, true, false, false, QStringLiteral("rate")},
         {M::Lag, ColumnKind::Number, 84, true, false, false, QStringLiteral("lag")},
         {M::Heartbeat, ColumnKind::Number, 112, true, false, true, QStringLiteral("beat")},
         {M::Joined, ColumnKind::Number, 70, false, false, true, QStringLiteral("joined")}});
    m_memberTable->setEmptyState(tr("No members"), tr("Committed offsets stay until they expire."));
    connect(m_memberTable, &DataTable::noticed, this, &GroupDetail::notice);
    m_memberPanel = new Panel(tr("Members"));
    m_memberPanel->addHeaderWidget(m_memberTable->tools());
    m_memberPanel->setBody(m_memberTable, false);

    m_offsetTable = new DataTable;
    m_offsetTable->setObjectName(QStringLiteral("groupOffsets"));
    m_offsetTable->setModel(&m_offsets);
    using O = models::GroupOffsetsModel;
    m_offsetTable->setColumns(
        {{O::Topic, ColumnKind::Text, 140, true, true, false, QStringLiteral("topic")},
         {O::Partition, ColumnKind::Number, 62, true, false, false, QStringLiteral("p")},
         {O::Committed, ColumnKind::MonoNumber, 78, true, false, false, QStringLiteral("at")},
         {O::End, ColumnKind::MonoNumber, 104, true, false, true, QStringLiteral("end")},
         {O::Lag, ColumnKind::Number, 80, true, false, false, QStringLiteral("lag")},
         {O::Member, ColumnKind::Marker, 130, false, false, true, QStringLiteral("member")},
         {O::CommittedAt, ColumnKind::Mono, 100, false, false, true, QStringLiteral("when")},
         {O::Metadata, ColumnKind::Mono, 100, false, false, true, QStringLiteral("meta")}});
    m_offsetTable->setEmptyState(tr("Nothing committed yet"), QString());
    connect(m_offsetTable, &DataTable::activated, this, [this](int row) {
        const auto& r = m_offsets.row(row);
        emit requestNavigate({QStringLiteral("topics"),
                              {qs(r.partition.topic), QString::number(r.partition.partition)},
                              {}});
    });
    connect(m_offsetTable, &DataTable::noticed, this, &GroupDetail::notice);
    m_offsetPanel = new Panel(tr("Offsets"), tr("lag in records"));
    m_offsetPanel->addHeaderWidget(m_offsetTable->tools());
    m_offsetPanel->setBody(m_offsetTable, false);

    m_upper = new MemorySplitter(QStringLiteral("groupUpper"), Qt::Horizontal);
    m_upper->addWidget(m_ribbonPanel);
    m_upper->addWidget(m_lagPanel);
    m_upper->setDefaultSizes({620, 420});
    auto* lower = new MemorySplitter(QStringLiteral("groupLower"), Qt::Horizontal);
    lower->addWidget(m_memberPanel);
    lower->addWidget(m_offsetPanel);
    lower->setDefaultSizes({520, 520});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    layout->addWidget(m_upper, 3);
    layout->addWidget(lower, 2);
}

QWidget* GroupDetail::primaryWidget() {
    return m_ribbons;
}

void GroupDetail::setGroup(const QString& id) {
    if (id == m_group)
        return;
    clear();
    m_group = id;
}

void GroupDetail::clear() {
    m_group.clear();
    m_members.setRows({});
    m_offsets.setRows({});
    m_lagTopics.clear();
    m_lag->setSeries({});
}

void GroupDetail::refresh() {
    const auto* group =
        m_context.hasCluster() ? models::findGroup(m_context.snapshot(), m_group) : nullptr;
    if (!group)
        return;
    m_members.update(*group, m_context.series(), m_context.snapshot().at);
    m_offsets.update(m_context.snapshot(), *group);
    m_memberPanel->setSubtitle(number(static_cast<qint64>(group->members.size())));
    refreshRibbons(*group);
    refreshLag(*group);
}

void GroupDetail::refreshRibbons(const api::Group& group) {
    const auto partitions = partitionsOf(group);
    auto* stack = static_cast<QStackedLayout*>(m_nobody->parentWidget()->layout());
    if (group.members.empty()) {
        m_nobody->setState(
            StateView::Kind::Empty, tr("Nobody reads for this group now"),
            tr("It is %1. Its committed offsets are below; a member that joins goes on from there.")
                .arg(qs(group.state)));
        stack->setCurrentIndex(1);
        m_ribbonPanel->setSubtitle({});
        return;
    }
    stack->setCurrentIndex(0);
    const bool byLag = m_weight->current() == 1;
    QVector<RibbonSource> sources;
    std::vector<double> memberRate(group.members.size());
    std::vector<std::int64_t> memberLag(group.members.size());
    for (const auto& partition : partitions) {
        RibbonSource source;
        source.group = qs(partition.topic);
        source.name = QStringLiteral("P%1").arg(partition.partition);
        source.member = models::readerOf(group, partition);
        const auto lag = lagOf(group, partition);
        const double rate = m_context.series().last(QStringLiteral("group.%1.partition.%2.%3.rate")
                                                        .arg(m_group, source.group)
                                                        .arg(partition.partition));
        source.note = lag < 0 ? tr("nothing committed")
                              : tr("lag %1, %2 /s").arg(number(lag), models::decimal(rate));
        source.weight = byLag ? static_cast<double>(std::max<std::int64_t>(0, lag)) : rate;
        if (source.member >= 0) {
            memberRate[static_cast<std::size_t>(source.member)] += rate;
            memberLag[static_cast<std::size_t>(source.member)] += std::max<std::int64_t>(0, lag);
        }
        sources.push_back(std::move(source));
    }
    const auto names = models::memberNames(group);
    QVector<RibbonTarget> targets;
    for (std::size_t i = 0; i < group.members.size(); ++i) {
        const auto& member = group.members[i];
        RibbonTarget target;
        target.id = qs(member.memberId);
        target.name = names[static_cast<qsizetype>(i)];
        target.host = qs(member.host);
        target.colorIndex = static_cast<int>(i);
        if (member.assignment.empty())
            target.idleReason = models::idleReason(group, member, m_context.snapshot());
        target.line1 = tr("%n partition(s)", nullptr, static_cast<int>(member.assignment.size()));
        target.line2 =
            tr("%1 records/s, lag %2").arg(models::decimal(memberRate[i]), number(memberLag[i]));
        targets.push_back(std::move(target));
    }
    m_ribbonPanel->setSubtitle(
        tr("%1, %2, ribbon width = %3")
            .arg(tr("%n partition(s)", nullptr, static_cast<int>(sources.size())),
                 tr("%n member(s)", nullptr, static_cast<int>(targets.size())),
                 byLag ? tr("lag") : tr("records/s")));
    m_ribbons->setData(sources, targets);
    // A few partitions do not stretch into emptiness; the tables take the room.
    m_upper->setMaximumHeight(
        std::max(22 * metrics().body, m_ribbons->sizeHint().height() + metrics().panelHeader + 30));
}

void GroupDetail::refreshLag(const api::Group& group) {
    std::set<std::string> topics;
    for (const auto& offset : group.offsets)
        topics.insert(offset.partition.topic);
    QStringList names;
    for (const auto& topic : topics)
        if (names.size() < kTopicLinesMax)
            names << qs(topic);
    if (names != m_lagTopics) {
        m_lagTopics = names;
        QVector<ChartSeries> series;
        for (int i = 0; i < names.size(); ++i)
            series.push_back({names[i], names.size() == 1 ? -1 : i, names.size() == 1, {}});
        m_lag->setSeries(series);
    }
    for (int i = 0; i < names.size(); ++i)
        m_context.showSeries(*m_lag, i,
                             QStringLiteral("group.%1.topic.%2.lag").arg(m_group, names[i]));
    // Rebalances of this group, at the moment they ended.
    QVector<ChartMark> marks;
    const auto subject = "group:" + group.id;
    for (const auto& event : m_context.feed().events())
        if (event.kind == api::EventKind::Group && event.subject == subject)
            marks.push_back({static_cast<double>(event.at), {}, Status::Info});
    m_lag->setMarks(marks);
    const auto total = group.totalLag();
    m_lagPanel->setFigure(total < 0 ? QStringLiteral("–") : number(total), tr("total"));
}

void GroupDetail::resetOffsets() {
    const auto* group = models::findGroup(m_context.snapshot(), m_group);
    if (!group)
        return;
    auto* form = new ResetForm(m_context, m_group);
    const QPointer<ResetForm> watched(form);
    const auto change = [this, watched] { return watched ? watched->change() : models::Change{}; };
    auto* dialog = m_context.openForm(form, change, this);
    if (!dialog)
        return;
    connect(form, &ResetForm::edited, dialog,
            [this, dialog, change] { dialog->setPlan(m_context.planOf(change())); });
}

}  // namespace odradek::ui
