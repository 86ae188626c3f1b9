// SPDX-License-Identifier: GPL-3.0-or-later
// How the cluster map looks.
#include "ui/pages/overview/cluster_map.h"

#include <QPaintEvent>
#include <QPainter>
#include <QScrollBar>

#include <array>

#include "models/cluster/lookup.h"
#include "models/common/text.h"
#include "ui/theme/focus.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"

namespace odradek::ui {

using models::qs;

namespace {
constexpr int kHeaderInset = 8;  ///< px left and right of the words in a broker's header
}

void ClusterMap::paintCell(QPainter& painter, const QRectF& rect, CellState state,
                           const QString& text) {
    const auto& t = tokens();
    const qreal radius = metrics().radiusCell;
    QColor ink;
    switch (state) {
        case CellState::None:
            painter.fillRect(QRectF(rect.center().x() - 0.5, rect.center().y() - 0.5, 2, 2),
                             t.border.normal);
            return;
        case CellState::Leader:
            roundedBox(painter, rect, radius, t.replica.leader, QColor());
            ink = contrast(t.surface.panel, t.replica.leader) > 4.5 ? t.surface.panel
                                                                    : t.text.primary;
            break;
        case CellState::Follower:
            roundedBox(painter, rect, radius, t.surface.panel, t.replica.follower);
            ink = t.text.secondary;
            break;
        case CellState::Lagging:
            roundedBox(painter, rect, radius, t.surface.panel, QColor());
            hatch(painter, rect, t.replica.lagging, 5, 1.6, radius);
            roundedBox(painter, rect, radius, QColor(), t.replica.lagging);
            ink = t.text.primary;
            if (!text.isEmpty()) {
                const QRectF plate = rect.adjusted(4, 3, -4, -3);
                roundedBox(painter, plate, 2, t.surface.panel, QColor());
            }
            break;
        case CellState::Offline: {
            roundedBox(painter, rect, radius, t.replica.offline, QColor());
            painter.save();
            painter.setRenderHint(QPainter::Antialiasing);
            painter.setPen(
                QPen(t.surface.panel, rect.width() > 12 ? 1.6 : 1.1, Qt::SolidLine, Qt::RoundCap));
            const QRectF c = rect.adjusted(rect.width() * 0.28, rect.height() * 0.28,
                                           -rect.width() * 0.28, -rect.height() * 0.28);
            painter.drawLine(c.topLeft(), c.bottomRight());
            painter.drawLine(c.topRight(), c.bottomLeft());
            painter.restore();
            return;
        }
    }
    if (text.isEmpty())
        return;
    painter.setFont(theme().font(Theme::Size::Caption, state == CellState::Leader
                                                           ? Theme::Weight::Strong
                                                           : Theme::Weight::Regular));
    painter.setPen(ink);
    painter.drawText(rect, Qt::AlignCenter, text);
}

void ClusterMap::paintHeat(QPainter& painter, const QRectF& rect, double fraction,
                           const QString& text) {
    const auto& t = tokens();
    const auto fill =
        mix(t.surface.panel, t.accent.base, fraction <= 0 ? 0.0 : 0.12 + 0.88 * fraction);
    roundedBox(painter, rect, metrics().radiusCell, fill, fraction <= 0 ? t.border.normal : fill);
    if (text.isEmpty())
        return;
    painter.setFont(theme().font(Theme::Size::Caption));
    painter.setPen(contrast(t.text.primary, fill) >= contrast(t.text.onAccent, fill)
                       ? t.text.primary
                       : t.text.onAccent);
    painter.drawText(rect, Qt::AlignCenter, text);
}

void ClusterMap::paintEvent(QPaintEvent* event) {
    if (!m_snapshot)
        return;
    QPainter painter(viewport());
    const auto& t = tokens();
    const int columns = static_cast<int>(m_brokers.size());
    const int bottom = std::min(viewport()->height(),
                                headerHeight() + m_contentHeight - verticalScrollBar()->value());
    painter.setClipRect(
        QRect(m_nameWidth, 0, viewport()->width() - m_nameWidth, viewport()->height()));
    for (int c = 0; c < columns; ++c)
        roundedBox(painter, QRectF(columnLeft(c), 0, m_columnWidth, bottom), 4, t.surface.sunken,
                   QColor());
    for (int c = 0; c < columns; ++c)
        if (columnLeft(c) < viewport()->width() && columnLeft(c) + m_columnWidth > 0)
            paintHeader(painter, c);
    painter.setClipRect(
        QRect(0, headerHeight(), viewport()->width(), viewport()->height() - headerHeight()));
    const int first = std::max(0, rowAt(headerHeight()));
    for (int row = first; row < topicCount(); ++row) {
        const int top = headerHeight() + m_rows[static_cast<std::size_t>(row)].top -
                        verticalScrollBar()->value();
        if (top > event->rect().bottom())
            break;
        paintRow(painter, row);
    }
}

void ClusterMap::paintHeader(QPainter& painter, int column) {
    const auto& t = tokens();
    const auto i = static_cast<std::size_t>(column);
    const auto* broker = models::findBroker(*m_snapshot, m_brokers[i]);
    const QRectF box = headerRect(column).adjusted(kHeaderInset, 7, -kHeaderInset, -4);
    const qreal line = metrics().body + 6;
    QString note =
        tr("%1 leaders of %2").arg(models::number(m_leaders[i]), models::number(m_replicas[i]));
    std::optional<Status> status;
    if (broker && broker->state == api::BrokerState::Offline) {
        status = Status::Error;
        note = tr("down, %n replicas", nullptr, m_replicas[i]);
    } else if (broker && broker->state == api::BrokerState::Fenced) {
        status = Status::Warning;
        note = tr("fenced");
    } else if (broker && broker->state == api::BrokerState::Stopping) {
        status = Status::Info;
        note = tr("stopping");
    } else if (m_absent[i] > 0) {
        status = Status::Error;
        note = m_absent[i] == 1 ? tr("1 replica offline")
                                : tr("%n replicas offline", nullptr, m_absent[i]);
    }
    if (m_highlight == QStringLiteral("broker:%1").arg(m_brokers[i]))
        roundedBox(painter, headerRect(column).adjusted(1, 1, -1, -1), 4, QColor(), t.border.focus);
    painter.setFont(theme().font(Theme::Size::Body, Theme::Weight::Strong));
    painter.setPen(t.text.primary);
    qreal right = box.right();
    if (status) {
        drawStatus(painter, QRectF(right - 14, box.top() + (line - 14) / 2, 14, 14), *status);
        right -= 20;
    }
    const auto name = tr("Broker %1").arg(m_brokers[i]);
    const qreal used = QFontMetricsF(painter.font()).horizontalAdvance(name);
    drawText(painter, QRectF(box.left(), box.top(), right - box.left(), line),
             Qt::AlignLeft | Qt::AlignVCenter, name);
    if (m_brokers[i] == m_snapshot->controller) {
        painter.setFont(theme().font(Theme::Size::Caption));
        const QFontMetricsF fm(painter.font());
        auto word = tr("controller");
        qreal width = fm.horizontalAdvance(word) + 10;
        if (box.left() + used + 4 + width > right) {
            word = tr("C", "short for controller");
            width = fm.horizontalAdvance(word) + 10;
        }
        const QRectF chip(right - width, box.top(), width, line);
        roundedBox(painter, chip, metrics().radiusChip, t.surface.panel, t.border.normal);
        painter.setPen(t.text.secondary);
        painter.drawText(chip, Qt::AlignCenter, word);
    }
    painter.setFont(theme().font(Theme::Size::Caption,
                                 status ? Theme::Weight::Strong : Theme::Weight::Regular));
    painter.setPen(status ? t.status(*status).text : t.text.secondary);
    drawText(painter, QRectF(box.left(), box.top() + line + 1, box.width(), metrics().caption + 6),
             Qt::AlignLeft | Qt::AlignVCenter, note);
}

void ClusterMap::paintRow(QPainter& painter, int rowIndex) {
    const auto& t = tokens();
    const auto& row = m_rows[static_cast<std::size_t>(rowIndex)];
    const auto& shown = topic(rowIndex);
    const qreal top = headerHeight() + row.top - verticalScrollBar()->value();
    const auto name = qs(shown.name);
    if (name == m_hoverTopic || m_hover.row == rowIndex)
        roundedBox(painter,
                   QRectF(0, top + 1, m_nameWidth - 6, std::min(row.height, rowPitch()) - 2), 3,
                   t.surface.hover, QColor());
    painter.setFont(theme().font());
    painter.setPen(name == m_hoverTopic ? t.text.link
                   : shown.isInternal   ? t.text.tertiary
                                        : t.text.primary);
    drawText(painter, QRectF(2, top, m_nameWidth - 10, std::min(row.height, rowPitch())),
             Qt::AlignLeft | Qt::AlignVCenter, name);
    painter.save();
    painter.setClipRect(
        QRectF(m_nameWidth, headerHeight(), viewport()->width(), viewport()->height()),
        Qt::IntersectClip);
    const auto count = static_cast<int>(shown.partitions.size());
    for (int b = 0; b < static_cast<int>(m_brokers.size()); ++b) {
        if (columnLeft(b) + m_columnWidth < m_nameWidth || columnLeft(b) > viewport()->width())
            continue;
        for (int p = 0; p < count; ++p) {
            const Cell cell{rowIndex, b, p};
            const auto rect = cellRect(cell);
            if (rect.bottom() < headerHeight() || rect.top() > viewport()->height())
                continue;
            const auto state = stateAt(cell);
            const auto text =
                m_compact ? QString()
                          : QString::number(shown.partitions[static_cast<std::size_t>(p)].index);
            const auto* here = replica(cell);
            const double heat =
                m_mode != Mode::Replicas && here && m_heat && state != CellState::Offline
                    ? m_heat(shown, partition(cell), *here)
                    : -1;
            if (heat >= 0)
                paintHeat(painter, rect, m_heatMax > 0 ? heat / m_heatMax : 0, text);
            else
                paintCell(painter, rect,
                          m_mode == Mode::Replicas || state != CellState::Leader
                              ? state
                              : CellState::Follower,
                          text);
            const bool lit =
                here &&
                ((m_hover.row == rowIndex && m_hover.partition == p) ||
                 highlighted(shown, shown.partitions[static_cast<std::size_t>(p)].index, b));
            const bool focus = focusVisible(this) && cell == m_current;
            if (lit || focus) {
                painter.save();
                painter.setRenderHint(QPainter::Antialiasing);
                painter.setBrush(Qt::NoBrush);
                painter.setPen(QPen(focus ? t.border.focus : t.accent.base, 2));
                painter.drawRoundedRect(rect.adjusted(-1.5, -1.5, 1.5, 1.5),
                                        metrics().radiusCell + 1, metrics().radiusCell + 1);
                painter.restore();
            }
        }
    }
    painter.restore();
}

MapLegend::MapLegend(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&theme(), &Theme::changed, this, [this] {
        updateGeometry();
        update();
    });
}

void MapLegend::setReplicas() {
    m_isHeat = false;
    update();
}

void MapLegend::setHeat(const QString& what, const QString& most) {
    m_isHeat = true;
    m_what = what;
    m_most = most;
    update();
}

QSize MapLegend::sizeHint() const {
    return {420, ClusterMap::cellSize() + 4};
}

void MapLegend::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const auto& t = tokens();
    const QFont font = theme().font(Theme::Size::Caption);
    const QFontMetricsF fm(font);
    const qreal cell = ClusterMap::cellSize() - 3;
    const qreal top = (height() - cell) / 2;
    qreal x = 1;
    const auto word = [&](const QString& text) {
        painter.setFont(font);
        painter.setPen(t.text.secondary);
        const qreal w = fm.horizontalAdvance(text);
        painter.drawText(QRectF(x, 0, w + 2, height()), Qt::AlignLeft | Qt::AlignVCenter, text);
        x += w;
    };
    if (m_isHeat) {
        word(m_what + QStringLiteral("   0"));
        x += 8;
        for (int i = 0; i <= 5; ++i) {
            ClusterMap::paintHeat(painter, QRectF(x, top, cell, cell), i / 5.0, {});
            x += cell + 2;
        }
        x += 6;
        word(m_most);
        return;
    }
    struct Entry {
        CellState state;
        QString text;
    };
    const std::array entries{Entry{CellState::Leader, tr("Leader")},
                             Entry{CellState::Follower, tr("In-sync follower")},
                             Entry{CellState::Lagging, tr("Lagging, out of ISR")},
                             Entry{CellState::Offline, tr("Offline")}};
    for (const auto& entry : entries) {
        ClusterMap::paintCell(painter, QRectF(x, top, cell, cell), entry.state, {});
        x += cell + 6;
        word(entry.text);
        x += 18;
    }
    const auto note = tr("number = partition");
    const qreal w = fm.horizontalAdvance(note) + 4;
    if (x + w <= width()) {
        painter.setPen(t.text.tertiary);
        painter.drawText(QRectF(width() - w, 0, w, height()), Qt::AlignRight | Qt::AlignVCenter,
                         note);
    }
}

}  // namespace odradek::ui
