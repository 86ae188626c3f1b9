// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/overview/overview_charts.h"

#include <QHBoxLayout>

#include <algorithm>
#include <cmath>

#include "models/common/text.h"
#include "ui/charts/bars.h"
#include "ui/theme/format.h"
#include "ui/theme/theme.h"
#include "ui/widgets/panel.h"

namespace odradek::ui {

using models::qs;

namespace {

constexpr int kGroupsMax = 4;
constexpr int kMarksMax = 12;
constexpr double kWarnAt = 0.8;
constexpr double kLogFrom =
    30;  ///< ratio of the worst to the least lag from which the axis is logarithmic

/// Microseconds as people say them.
QString latencyWords(double us) {
    if (us < 1000)
        return OverviewCharts::tr("%1 µs").arg(models::decimal(us));
    return us < 1'000'000 ? OverviewCharts::tr("%1 ms").arg(models::decimal(us / 1000))
                          : OverviewCharts::tr("%1 s").arg(models::decimal(us / 1'000'000));
}

Panel* framed(const QString& title, QWidget* body, QWidget* parent) {
    auto* panel = new Panel(title, {}, parent);
    panel->setBody(body);
    return panel;
}

Status statusOf(api::Severity severity) {
    switch (severity) {
        case api::Severity::Info:
            return Status::Info;
        case api::Severity::Ok:
            return Status::Ok;
        case api::Severity::Warning:
            return Status::Warning;
        case api::Severity::Error:
            return Status::Error;
        case api::Severity::Offline:
            return Status::Offline;
    }
    return Status::Info;
}

}  // namespace

QVector<MeterRow> diskRows(const api::ClusterSnapshot& snapshot) {
    QVector<MeterRow> rows;
    for (const auto& broker : snapshot.brokers) {
        if (!broker.logBytes && !broker.diskTotal)
            continue;
        const bool down = broker.state == api::BrokerState::Offline;
        MeterBar bar;
        bar.name = qs(broker.logDir);
        bar.absent = down;
        QString value = broker.logBytes ? models::bytes(*broker.logBytes) : QString();
        bool full = false;
        if (broker.diskTotal && *broker.diskTotal > 0 && broker.diskUsable) {
            bar.fraction = 1.0 - static_cast<double>(*broker.diskUsable) /
                                     static_cast<double>(*broker.diskTotal);
            bar.warnAt = kWarnAt;
            full = bar.fraction >= kWarnAt;
            const auto share = formatPercent(bar.fraction);
            value = value.isEmpty() ? OverviewCharts::tr("%1 full").arg(share)
                                    : OverviewCharts::tr("%1, %2").arg(value, share);
            if (broker.logBytes)
                bar.own = static_cast<double>(*broker.logBytes) / static_cast<double>(*broker.diskTotal);
            bar.exact =
                OverviewCharts::tr("%1\nLogs of Kafka: %2\nVolume: %3 of %4 free")
                    .arg(bar.name.isEmpty() ? OverviewCharts::tr("Log directory") : bar.name,
                         broker.logBytes ? models::bytes(*broker.logBytes)
                                         : OverviewCharts::tr("not known"),
                         models::bytes(*broker.diskUsable), models::bytes(*broker.diskTotal));
        }
        if (down)
            value = OverviewCharts::tr("broker is down");
        rows.push_back(
            {OverviewCharts::tr("Broker %1").arg(broker.id), value, full || down, {bar}});
    }
    return rows;
}

OverviewCharts::OverviewCharts(ClusterContext& context, QWidget* parent)
    : QWidget(parent), m_context(context) {
    const auto chart = [this](const QString& name) {
        auto* c = new TimeChart;
        c->setObjectName(name);
        c->setGroup(&m_group);
        return c;
    };
    m_messages = chart(QStringLiteral("chartMessages"));
    m_messages->setSeries({{tr("messages in"), -1, true, {}}});
    m_messages->setEndLabels(false);
    m_messages->setUnit(tr("/s"));
    m_bytes = chart(QStringLiteral("chartBytes"));
    m_bytes->setBinary(true);
    m_bytes->setFormatters([](double v) { return formatBytes(v); },
                           [](double v) { return OverviewCharts::tr("%1/s").arg(formatBytes(v)); });
    m_bytes->setSeries({{tr("in"), 0, true, {}}, {tr("out"), 1, false, {}}});
    m_lag = chart(QStringLiteral("chartLag"));
    m_lag->setUnit(tr("records"));
    m_lag->setEmptyText(tr("No group has committed an offset yet"));
    m_latency = chart(QStringLiteral("chartLatency"));
    m_latency->setFormatters(latencyWords, latencyWords);
    m_latency->setScale(TimeChart::Scale::Log);
    m_latency->setSeries({{tr("Produce"), 0, false, {}}, {tr("Fetch"), 3, false, {}}});
    m_disk = new BarMeter;
    m_disk->setObjectName(QStringLiteral("diskPerBroker"));
    connect(m_disk, &BarMeter::clicked, this,
            [this] { emit requestNavigate({QStringLiteral("disk"), {}, {}}); });

    m_messagesPanel = framed(tr("Messages in"), m_messages, this);
    m_bytesPanel = framed(tr("Bytes"), m_bytes, this);
    m_lagPanel = framed(tr("Lag per group"), m_lag, this);
    m_latencyPanel = framed(tr("Latency"), m_latency, this);
    m_latencyPanel->setSubtitle(tr("p99"));
    m_latencyPanel->setToolTip(
        tr("99 of 100 requests are answered within this time. A Fetch waits for new records."));
    m_diskPanel = framed(tr("Disk per broker"), m_disk, this);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(12);
    row->addWidget(m_messagesPanel, 19);
    row->addWidget(m_bytesPanel, 19);
    row->addWidget(m_lagPanel, 30);
    row->addWidget(m_latencyPanel, 20);
    row->addWidget(m_diskPanel, 20);
    const auto size = [this] {
        setMinimumHeight(theme().isPresenter() ? 220 : 170);
        m_latencyPanel->setVisible(showsLatency());
    };
    connect(&theme(), &Theme::changed, this, size);
    size();
}

QSize OverviewCharts::sizeHint() const {
    return {1000, minimumHeight()};
}

QSize OverviewCharts::minimumSizeHint() const {
    return {640, minimumHeight()};
}

bool OverviewCharts::showsLatency() const {
    // In presenter density there is room for four, and latency is what an audience misses least.
    if (theme().isPresenter() || !m_context.hasCluster())
        return false;
    const auto& brokers = m_context.snapshot().brokers;
    return std::any_of(brokers.begin(), brokers.end(),
                       [](const api::Broker& b) { return b.apis.has_value(); });
}

void OverviewCharts::refresh() {
    refreshSpan();
    refreshLines();
    refreshLag();
    refreshDisk();
    refreshMarks();
}

void OverviewCharts::refreshSpan() {
    const auto range = m_context.chartRange();
    m_from = range.from;
    m_to = range.to;
}

void OverviewCharts::refreshLines() {
    const auto& series = m_context.series();
    const auto* messages = series.find(QStringLiteral("messages.in"));
    m_context.showSeries(*m_messages, 0, QStringLiteral("messages.in"));
    m_messagesPanel->setFigure(messages ? models::decimal(series.last(QStringLiteral("messages.in"))) : QString(),
                               messages ? tr("/s") : QString());
    const auto* in = series.find(QStringLiteral("bytes.in"));
    const auto* out = series.find(QStringLiteral("bytes.out"));
    m_bytes->setEmptyText(m_context.isEmbedded() ? tr("No measurements yet")
                                                 : tr("Not visible from outside"));
    m_context.showSeries(*m_bytes, 0, QStringLiteral("bytes.in"));
    m_context.showSeries(*m_bytes, 1, QStringLiteral("bytes.out"));
    m_bytesPanel->setSubtitle(in && out ? tr("in %1/s").arg(formatBytes(series.last(QStringLiteral("bytes.in"))))
                                        : tr("per second"));
    m_latencyPanel->setVisible(showsLatency());
    m_context.showSeries(*m_latency, 0, QStringLiteral("latency.Produce.p99"));
    m_context.showSeries(*m_latency, 1, QStringLiteral("latency.Fetch.p99"));
}

void OverviewCharts::refreshLag() {
    struct Line {
        QString group;
        qint64 lag;
        int color;
    };
    std::vector<Line> lines;
    const auto& groups = m_context.snapshot().groups;
    for (std::size_t i = 0; i < groups.size(); ++i)
        if (groups[i].totalLag() >= 0) {
            // The value at the line's end is that of its last point, not of a moment later.
            const auto name = QStringLiteral("group.%1.lag").arg(qs(groups[i].id));
            const auto lag = m_context.series().find(name)
                                 ? static_cast<qint64>(std::llround(m_context.series().last(name)))
                                 : static_cast<qint64>(groups[i].totalLag());
            lines.push_back({qs(groups[i].id), lag, static_cast<int>(i)});
        }
    std::stable_sort(lines.begin(), lines.end(),
                     [](const Line& a, const Line& b) { return a.lag > b.lag; });
    const auto all = static_cast<int>(lines.size());
    lines.resize(std::min<std::size_t>(lines.size(), kGroupsMax));
    m_lagPanel->setSubtitle(all == 0 ? QString()
                            : all > kGroupsMax
                                ? tr("records, worst %1 of %2").arg(kGroupsMax).arg(all)
                                : tr("records"));
    QVector<ChartSeries> series;
    for (const auto& line : lines)
        series.push_back(
            {line.group, line.color, false, formatShort(static_cast<double>(line.lag))});
    m_lag->setSeries(series);
    double most = 0, least = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        m_context.showSeries(*m_lag, static_cast<int>(i), QStringLiteral("group.%1.lag").arg(lines[i].group));
        const auto lag = static_cast<double>(std::max<qint64>(1, lines[i].lag));
        most = std::max(most, lag);
        least = least == 0 ? lag : std::min(least, lag);
    }
    m_lag->setScale(least > 0 && most / least >= kLogFrom ? TimeChart::Scale::Log
                                                          : TimeChart::Scale::Linear);
}

void OverviewCharts::refreshDisk() {
    const auto rows = diskRows(m_context.snapshot());
    m_diskPanel->setVisible(!rows.isEmpty());
    m_disk->setRows(rows);
    const auto full =
        std::count_if(rows.begin(), rows.end(), [](const MeterRow& row) { return row.alarming; });
    m_diskPanel->setStatus(full > 0 ? std::optional(Status::Error) : std::nullopt);
    m_diskPanel->setSubtitle({});
}

void OverviewCharts::refreshMarks() {
    QVector<ChartMark> marks;
    const auto& events = m_context.feed().events();
    for (auto it = events.rbegin(); it != events.rend() && marks.size() < kMarksMax; ++it) {
        if (static_cast<double>(it->at) < m_from)
            break;
        if (static_cast<double>(it->at) > m_to)
            continue;
        const bool kind = it->kind == api::EventKind::Leader || it->kind == api::EventKind::Isr ||
                          it->kind == api::EventKind::Cluster;
        if (!kind || it->severity < api::Severity::Warning)
            continue;
        const auto subject = qs(it->subject);
        if (!m_subject.isEmpty() && subject != m_subject &&
            !m_subject.startsWith(subject + QLatin1Char('/')))
            continue;
        // Events of one cause come in a burst; one line with the worst of them says it.
        const auto near = std::find_if(marks.begin(), marks.end(), [&](const ChartMark& m) {
            return std::fabs(m.time - static_cast<double>(it->at)) < (m_to - m_from) / 60;
        });
        const auto status = statusOf(it->severity);
        if (near == marks.end())
            marks.push_back({static_cast<double>(it->at), {}, status});
        else if (status > near->status)
            *near = {static_cast<double>(it->at), {}, status};
    }
    for (auto* chart : {m_messages, m_bytes, m_lag, m_latency})
        chart->setMarks(marks);
}

void OverviewCharts::setSubject(const QString& subject) {
    if (m_subject == subject)
        return;
    m_subject = subject;
    if (m_context.hasCluster())
        refreshMarks();
}

}  // namespace odradek::ui
