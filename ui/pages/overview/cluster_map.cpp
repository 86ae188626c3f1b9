// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/overview/cluster_map.h"

#include <QContextMenuEvent>
#include <QFontMetricsF>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <array>

#include "models/cluster/lookup.h"
#include "models/common/text.h"
#include "ui/theme/theme.h"

namespace odradek::ui {

using models::qs;

namespace {
constexpr int kGap = 3;            ///< between cells
constexpr int kColumnGap = 7;      ///< between brokers
constexpr int kColumnPadding = 8;  ///< left and right of the cells in a column
constexpr int kColumnMin = 112;
constexpr int kColumnMax = 260;
constexpr int kCompactFrom = 32;  ///< partitions from which cells are small and without number
}  // namespace

ClusterMap::ClusterMap(QWidget* parent) : QAbstractScrollArea(parent) {
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Cluster map"));
    viewport()->setMouseTracking(true);
    viewport()->setAutoFillBackground(false);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    connect(&theme(), &Theme::changed, this, [this] {
        relayout();
        viewport()->update();
    });
}

int ClusterMap::cellSize() {
    return metrics().caption + 7;
}
int ClusterMap::headerHeight() const {
    return metrics().body + metrics().caption + 26;
}
int ClusterMap::rowPitch() const {
    return cellSize() + 8;
}
QSize ClusterMap::sizeHint() const {
    return {560, headerHeight() + 10 * rowPitch() + 6};
}

const api::Topic& ClusterMap::topic(int row) const {
    return m_snapshot
        ->topics[static_cast<std::size_t>(m_rows[static_cast<std::size_t>(row)].topic)];
}

const api::Partition& ClusterMap::partition(const Cell& cell) const {
    return topic(cell.row).partitions[static_cast<std::size_t>(cell.partition)];
}

const api::Replica* ClusterMap::replica(const Cell& cell) const {
    const auto id = m_brokers[static_cast<std::size_t>(cell.broker)];
    for (const auto& r : partition(cell).replicas)
        if (r.broker == id)
            return &r;
    return nullptr;
}

bool ClusterMap::brokerUp(int column) const {
    const auto* broker =
        models::findBroker(*m_snapshot, m_brokers[static_cast<std::size_t>(column)]);
    return broker && (broker->state == api::BrokerState::Online ||
                      broker->state == api::BrokerState::Stopping);
}

CellState ClusterMap::stateAt(const Cell& cell) const {
    const auto* r = cell.valid() ? replica(cell) : nullptr;
    if (!r)
        return CellState::None;
    if (!r->online || !brokerUp(cell.broker))
        return CellState::Offline;
    if (partition(cell).leader == r->broker)
        return CellState::Leader;
    return r->inSync ? CellState::Follower : CellState::Lagging;
}

void ClusterMap::setSnapshot(api::SnapshotPtr snapshot) {
    // The same topic stays under the keyboard and the mouse when others come and go.
    const auto nameOf = [this](const Cell& cell) {
        return m_snapshot && cell.valid() ? topic(cell.row).name : std::string();
    };
    const auto current = nameOf(m_current), hover = nameOf(m_hover);
    m_snapshot = std::move(snapshot);
    rebuild();
    const auto follow = [this](Cell& cell, const std::string& name) {
        // A cell without a name is new: focus that came before the first snapshot.
        if (name.empty() || !cell.valid() || topic(cell.row).name == name)
            return;
        const auto found =
            find(qs(name), partition(cell).index, m_brokers[static_cast<std::size_t>(cell.broker)]);
        cell = found;
    };
    follow(m_current, current);
    follow(m_hover, hover);
}

void ClusterMap::setInternalShown(bool shown) {
    if (m_internalShown == shown)
        return;
    m_internalShown = shown;
    rebuild();
}

void ClusterMap::setMode(Mode mode, Heat heat, Words words) {
    m_mode = mode;
    m_heat = std::move(heat);
    m_words = std::move(words);
    rebuild();
}

void ClusterMap::rebuild() {
    if (!m_snapshot)
        return;
    m_brokers.clear();
    for (const auto& broker : m_snapshot->brokers)
        m_brokers.push_back(broker.id);
    m_leaders.assign(m_brokers.size(), 0);
    m_replicas.assign(m_brokers.size(), 0);
    m_absent.assign(m_brokers.size(), 0);
    const auto column = [this](std::int32_t id) {
        return static_cast<std::size_t>(std::find(m_brokers.begin(), m_brokers.end(), id) -
                                        m_brokers.begin());
    };
    m_rows.clear();
    m_internal = 0;
    m_mostPartitions = 1;
    m_heatMax = 0;
    for (std::size_t i = 0; i < m_snapshot->topics.size(); ++i) {
        const auto& t = m_snapshot->topics[i];
        m_internal += t.isInternal;
        const bool shown = !t.isInternal || m_internalShown;
        for (const auto& p : t.partitions)
            for (const auto& r : p.replicas) {
                const auto c = column(r.broker);
                if (c >= m_brokers.size())
                    continue;
                ++m_replicas[c];
                m_leaders[c] += p.leader == r.broker;
                m_absent[c] += !r.online;
                if (shown && m_heat)
                    m_heatMax = std::max(m_heatMax, m_heat(t, p, r));
            }
        if (!shown)
            continue;
        m_rows.push_back({static_cast<int>(i)});
        m_mostPartitions = std::max(m_mostPartitions, static_cast<int>(t.partitions.size()));
    }
    const auto fits = [this](const Cell& cell) {
        return cell.valid() && cell.row < topicCount() &&
               cell.broker < static_cast<int>(m_brokers.size()) &&
               cell.partition < static_cast<int>(topic(cell.row).partitions.size());
    };
    if (!fits(m_current))
        m_current = {};
    if (!fits(m_hover))
        m_hover = {};
    // Focus that came before the first snapshot gets its cell now.
    if (hasFocus() && !m_current.valid())
        m_current = step(Qt::Key_Home);
    relayout();
    viewport()->update();
}

void ClusterMap::relayout() {
    const QFontMetricsF fm(theme().font());
    qreal widest = 90;
    for (int row = 0; row < std::min(topicCount(), 200); ++row)
        widest = std::max(widest, fm.horizontalAdvance(qs(topic(row).name)));
    const int room = viewport()->width();
    m_nameWidth = static_cast<int>(std::min(widest + 14, std::max(120.0, room * 0.34)));
    m_compact = m_mostPartitions > kCompactFrom;
    const int cell = m_compact ? cellSize() / 2 : cellSize();
    const int pitch = cell + kGap;
    const int columns = std::max<int>(1, static_cast<int>(m_brokers.size()));
    const int share = (room - m_nameWidth - kColumnGap * (columns - 1)) / columns;
    const int wanted = m_mostPartitions * pitch - kGap + 2 * kColumnPadding;
    m_columnWidth = std::clamp(share, kColumnMin, std::max({kColumnMin, kColumnMax, wanted}));
    m_perLine = std::max(1, (m_columnWidth - 2 * kColumnPadding + kGap) / pitch);
    int top = 4;
    for (auto& row : m_rows) {
        const auto count = static_cast<int>(
            m_snapshot->topics[static_cast<std::size_t>(row.topic)].partitions.size());
        row.lines = std::max(1, (count + m_perLine - 1) / m_perLine);
        row.top = top;
        row.height = std::max(rowPitch(), 8 + row.lines * pitch - kGap);
        top += row.height;
    }
    m_contentHeight = top + 4;
    const int page = std::max(1, viewport()->height() - headerHeight());
    verticalScrollBar()->setRange(0, std::max(0, m_contentHeight - page));
    verticalScrollBar()->setPageStep(page);
    verticalScrollBar()->setSingleStep(rowPitch());
    const int width = m_nameWidth + columns * (m_columnWidth + kColumnGap) - kColumnGap;
    horizontalScrollBar()->setRange(0, std::max(0, width - room));
    horizontalScrollBar()->setPageStep(std::max(1, room));
    horizontalScrollBar()->setSingleStep(m_columnWidth + kColumnGap);
}

void ClusterMap::resizeEvent(QResizeEvent*) {
    if (m_snapshot)
        relayout();
}

int ClusterMap::columnLeft(int broker) const {
    return m_nameWidth + broker * (m_columnWidth + kColumnGap) - horizontalScrollBar()->value();
}

QRectF ClusterMap::headerRect(int brokerColumn) const {
    return QRectF(columnLeft(brokerColumn), 0, m_columnWidth, headerHeight());
}

QRectF ClusterMap::cellRect(const Cell& cell) const {
    const auto& row = m_rows[static_cast<std::size_t>(cell.row)];
    const int size = m_compact ? cellSize() / 2 : cellSize();
    const int pitch = size + kGap;
    const int x = columnLeft(cell.broker) + kColumnPadding + (cell.partition % m_perLine) * pitch;
    const int inset = (row.height - (row.lines * pitch - kGap)) / 2;
    const int y = headerHeight() + row.top + inset + (cell.partition / m_perLine) * pitch -
                  verticalScrollBar()->value();
    return QRectF(x, y, size, size);
}

int ClusterMap::rowAt(qreal y) const {
    if (y < headerHeight())
        return -1;
    const int inside = static_cast<int>(y) - headerHeight() + verticalScrollBar()->value();
    const auto it = std::upper_bound(m_rows.begin(), m_rows.end(), inside,
                                     [](int at, const Row& row) { return at < row.top; });
    if (it == m_rows.begin())
        return -1;
    const auto& row = *(it - 1);
    return inside < row.top + row.height ? static_cast<int>(it - m_rows.begin()) - 1 : -1;
}

ClusterMap::Cell ClusterMap::cellAt(const QPointF& pos) const {
    const int row = rowAt(pos.y());
    if (row < 0 || pos.x() < m_nameWidth)
        return {};
    const int pitch = m_columnWidth + kColumnGap;
    const int broker =
        (static_cast<int>(pos.x()) + horizontalScrollBar()->value() - m_nameWidth) / pitch;
    if (broker < 0 || broker >= static_cast<int>(m_brokers.size()))
        return {};
    const auto count = static_cast<int>(topic(row).partitions.size());
    for (int p = 0; p < count; ++p) {
        const Cell cell{row, broker, p};
        if (cellRect(cell).adjusted(-1, -2, 2, 2).contains(pos))
            return cell;
    }
    return {};
}

QString ClusterMap::topicAt(qreal x, qreal y) const {
    const int row = x < m_nameWidth ? rowAt(y) : -1;
    return row < 0 ? QString() : qs(topic(row).name);
}

ClusterMap::Cell ClusterMap::find(const QString& name, int partitionIndex, int brokerId) const {
    for (int row = 0; row < topicCount(); ++row) {
        const auto& t = topic(row);
        if (qs(t.name) != name)
            continue;
        for (std::size_t p = 0; p < t.partitions.size(); ++p)
            for (std::size_t b = 0; b < m_brokers.size(); ++b)
                if (t.partitions[p].index == partitionIndex &&
                    (m_brokers[b] == brokerId || brokerId < 0))
                    return {row, static_cast<int>(b), static_cast<int>(p)};
    }
    return {};
}

QString ClusterMap::describe(const Cell& cell) const {
    if (!cell.valid())
        return {};
    const auto& p = partition(cell);
    const auto id = m_brokers[static_cast<std::size_t>(cell.broker)];
    const auto* r = replica(cell);
    QStringList lines;
    lines << tr("%1-%2 on broker %3").arg(qs(topic(cell.row).name)).arg(p.index).arg(id);
    switch (stateAt(cell)) {
        case CellState::None:
            lines << tr("No replica here");
            break;
        case CellState::Leader:
            lines << tr("Leader");
            break;
        case CellState::Follower:
            lines << tr("Follower, in sync");
            break;
        case CellState::Lagging:
            lines << tr("Follower, out of the ISR");
            break;
        case CellState::Offline:
            lines << tr("Replica offline");
            break;
    }
    lines << (p.leader < 0 ? tr("No leader: cannot be written or read")
              : p.leaderEpoch < 0
                  ? tr("Leader: broker %1").arg(p.leader)
                  : tr("Leader: broker %1, epoch %2").arg(p.leader).arg(p.leaderEpoch));
    lines << tr("Replicas %1 · ISR %2")
                 .arg(models::joined(models::replicasOf(p)), models::joined(models::isrOf(p)));
    if (r && r->lag && p.leader != id)
        lines << (*r->lag == 0   ? tr("Has every record")
                  : *r->lag == 1 ? tr("1 record behind")
                                 : tr("%n records behind", nullptr, static_cast<int>(*r->lag)));
    if (r && r->caughtUpMs && *r->caughtUpMs > 1000 && p.leader != id)
        lines << tr("Last had everything %1 ago").arg(models::duration(*r->caughtUpMs));
    if (p.logEnd >= 0)
        lines << tr("Log end %1, high watermark %2")
                     .arg(models::number(p.logEnd), models::number(p.highWatermark));
    if (r && m_heat && m_words)
        if (const double heat = m_heat(topic(cell.row), p, *r); heat >= 0)
            lines << m_words(heat);
    return lines.join(QLatin1Char('\n'));
}

void ClusterMap::setHighlight(const QString& subject) {
    if (m_highlight == subject)
        return;
    m_highlight = subject;
    if (subject.startsWith(QStringLiteral("topic:"))) {
        const auto rest = subject.mid(6);
        const auto slash = rest.lastIndexOf(QLatin1Char('/'));
        const auto cell = find(slash < 0 ? rest : rest.left(slash),
                               slash < 0 ? 0 : rest.mid(slash + 1).toInt(), -1);
        if (cell.valid())
            ensureVisible(cell);
    }
    viewport()->update();
}

bool ClusterMap::highlighted(const api::Topic& t, int partitionIndex, int column) const {
    if (m_highlight.isEmpty())
        return false;
    if (m_highlight.startsWith(QStringLiteral("broker:")))
        return m_highlight.mid(7).toInt() == m_brokers[static_cast<std::size_t>(column)];
    const auto name = QStringLiteral("topic:") + qs(t.name);
    return m_highlight == name ||
           m_highlight == name + QLatin1Char('/') + QString::number(partitionIndex);
}

void ClusterMap::setHover(const Cell& cell) {
    if (m_hover == cell)
        return;
    m_hover = cell;
    viewport()->update();
}

void ClusterMap::mouseMoveEvent(QMouseEvent* event) {
    setHover(cellAt(event->position()));
    const auto name = topicAt(event->position().x(), event->position().y());
    if (name != m_hoverTopic) {
        m_hoverTopic = name;
        viewport()->update();
    }
    const bool header =
        event->position().y() < headerHeight() && event->position().x() >= m_nameWidth;
    viewport()->setCursor(m_hover.valid() || !name.isEmpty() || header ? Qt::PointingHandCursor
                                                                       : Qt::ArrowCursor);
}

void ClusterMap::mousePressEvent(QMouseEvent* event) {
    if (const auto cell = cellAt(event->position()); cell.valid())
        m_current = cell;
    viewport()->update();
}

void ClusterMap::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton)
        return;
    if (const auto cell = cellAt(event->position()); cell.valid()) {
        if (cell == m_current)
            emit partitionActivated(qs(topic(cell.row).name), partition(cell).index);
        return;
    }
    if (const auto name = topicAt(event->position().x(), event->position().y()); !name.isEmpty())
        emit topicActivated(name);
    else if (event->position().y() < headerHeight())
        for (int b = 0; b < static_cast<int>(m_brokers.size()); ++b)
            if (event->position().x() >= m_nameWidth && headerRect(b).contains(event->position()))
                emit brokerActivated(m_brokers[static_cast<std::size_t>(b)]);
}

void ClusterMap::contextMenuEvent(QContextMenuEvent* event) {
    auto cell = m_current;
    auto at = event->globalPos();
    if (event->reason() == QContextMenuEvent::Mouse)
        cell = cellAt(event->pos());
    else if (cell.valid())
        at = viewport()->mapToGlobal(cellRect(cell).bottomLeft().toPoint());
    if (cell.valid())
        emit menuRequested(qs(topic(cell.row).name), partition(cell).index,
                           m_brokers[static_cast<std::size_t>(cell.broker)], at);
}

bool ClusterMap::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::ToolTip && m_snapshot) {
        auto* help = static_cast<QHelpEvent*>(event);
        const auto cell = cellAt(help->pos());
        QToolTip::showText(
            help->globalPos(),
            cell.valid() ? describe(cell) : topicAt(help->pos().x(), help->pos().y()), viewport());
        return true;
    }
    if (event->type() == QEvent::Leave) {
        setHover({});
        m_hoverTopic.clear();
        viewport()->update();
    }
    return QAbstractScrollArea::viewportEvent(event);
}

ClusterMap::Cell ClusterMap::step(int key) const {
    auto c = m_current;
    if (!c.valid())
        return topicCount() > 0 && !m_brokers.empty() && !topic(0).partitions.empty()
                   ? Cell{0, 0, 0}
                   : Cell{};
    const auto count = [this](int row) { return static_cast<int>(topic(row).partitions.size()); };
    const int lastBroker = static_cast<int>(m_brokers.size()) - 1;
    const int rows = std::max(1, (viewport()->height() - headerHeight()) / rowPitch());
    switch (key) {
        case Qt::Key_Right:
            if (c.partition + 1 < count(c.row))
                ++c.partition;
            else if (c.broker < lastBroker)
                c = {c.row, c.broker + 1, 0};
            break;
        case Qt::Key_Left:
            if (c.partition > 0)
                --c.partition;
            else if (c.broker > 0)
                c = {c.row, c.broker - 1, count(c.row) - 1};
            break;
        case Qt::Key_Down:
            ++c.row;
            break;
        case Qt::Key_Up:
            --c.row;
            break;
        case Qt::Key_PageDown:
            c.row += rows;
            break;
        case Qt::Key_PageUp:
            c.row -= rows;
            break;
        case Qt::Key_Home:
            c = {c.row, 0, 0};
            break;
        case Qt::Key_End:
            c = {c.row, lastBroker, count(c.row) - 1};
            break;
        default:
            break;
    }
    c.row = std::clamp(c.row, 0, topicCount() - 1);
    c.partition = std::clamp(c.partition, 0, std::max(0, count(c.row) - 1));
    return count(c.row) > 0 ? c : m_current;
}

void ClusterMap::keyPressEvent(QKeyEvent* event) {
    if (!m_snapshot)
        return;
    switch (event->key()) {
        case Qt::Key_Right:
        case Qt::Key_Left:
        case Qt::Key_Down:
        case Qt::Key_Up:
        case Qt::Key_PageDown:
        case Qt::Key_PageUp:
        case Qt::Key_Home:
        case Qt::Key_End:
            if (event->modifiers() & Qt::AltModifier)
                break;  // history
            m_current = step(event->key());
            if (m_current.valid()) {
                ensureVisible(m_current);
                setAccessibleDescription(describe(m_current));
            }
            viewport()->update();
            return;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            if (m_current.valid())
                emit partitionActivated(qs(topic(m_current.row).name), partition(m_current).index);
            return;
        case Qt::Key_Space:
            if (m_current.valid())
                QToolTip::showText(
                    viewport()->mapToGlobal(cellRect(m_current).bottomRight().toPoint()),
                    describe(m_current), viewport());
            return;
        default:
            break;
    }
    QAbstractScrollArea::keyPressEvent(event);
}

void ClusterMap::focusInEvent(QFocusEvent* event) {
    if (!m_current.valid() && m_snapshot && event->reason() != Qt::MouseFocusReason)
        m_current = step(Qt::Key_Home);
    viewport()->update();
}

void ClusterMap::focusOutEvent(QFocusEvent*) {
    viewport()->update();
}

void ClusterMap::ensureVisible(const Cell& cell) {
    auto* v = verticalScrollBar();
    const auto rect = cellRect(cell);
    if (rect.top() < headerHeight() + 4)
        v->setValue(v->value() + static_cast<int>(rect.top()) - headerHeight() - 6);
    else if (rect.bottom() > viewport()->height() - 4)
        v->setValue(v->value() + static_cast<int>(rect.bottom()) - viewport()->height() + 6);
    auto* h = horizontalScrollBar();
    const int left = columnLeft(cell.broker);
    if (left < m_nameWidth)
        h->setValue(h->value() + left - m_nameWidth);
    else if (left + m_columnWidth > viewport()->width())
        h->setValue(h->value() + left + m_columnWidth - viewport()->width());
}

}  // namespace odradek::ui
