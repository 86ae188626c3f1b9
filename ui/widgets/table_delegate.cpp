// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/table_delegate.h"

#include "ui/charts/sparkline.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"

#include <QAbstractItemView>
#include <QFontMetricsF>
#include <QHeaderView>
#include <QHelpEvent>
#include <QPainter>
#include <QTableView>
#include <QToolTip>

namespace odradek::ui {

namespace {

constexpr int kPad = 8;

QColor entityColor(const QVariant& index) {
    return index.isValid() && index.toInt() >= 0 ? tokens().seriesColor(index.toInt())
                                                 : tokens().accent.base;
}

}  // namespace

TableDelegate::TableDelegate(QObject* parent) : QStyledItemDelegate(parent) {}

bool TableDelegate::isRightAligned(ColumnKind kind) {
    return kind == ColumnKind::Number || kind == ColumnKind::MonoNumber;
}

QSize TableDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const {
    return {80, metrics().tableRow};
}

void TableDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                          const QModelIndex& index) const {
    const Tokens& t = tokens();
    painter->save();
    const bool selected = option.state & QStyle::State_Selected;
    if (selected)
        painter->fillRect(option.rect, t.surface.selected);
    else if (option.state & QStyle::State_MouseOver)
        painter->fillRect(option.rect, t.surface.hover);
    hLine(*painter, option.rect.left(), option.rect.right() + 1, option.rect.bottom(),
          t.border.subtle);
    // The first column stands under the panel's title.
    const auto* table = qobject_cast<const QTableView*>(option.widget);
    const bool leading = table && table->horizontalHeader()->visualIndex(index.column()) == 0;
    QRectF rect = QRectF(option.rect).adjusted(leading ? kPad + 4 : kPad, 0, -kPad, -1);
    if (index.data(role(kLoadingRole)).toBool()) {
        const qreal width =
            rect.width() * (0.35 + 0.4 * ((index.row() * 7 + index.column() * 3) % 5) / 5.0);
        QRectF bar(rect.left(), rect.center().y() - 4, width, 8);
        if (isRightAligned(kind(index.column())))
            bar.moveRight(rect.right());
        roundedBox(*painter, bar, 3, t.surface.sunken, QColor());
    } else {
        paintText(*painter, rect, index, option.state & QStyle::State_Enabled);
    }
    if ((option.state & QStyle::State_HasFocus) && option.widget && option.widget->hasFocus()) {
        painter->fillRect(
            QRectF(option.rect.left(), option.rect.top(), 2, option.rect.height() - 1),
            t.border.focus);
    }
    painter->restore();
}

void TableDelegate::paintText(QPainter& painter, QRectF rect, const QModelIndex& index,
                              bool enabled) const {
    const Tokens& t = tokens();
    const ColumnKind k = kind(index.column());
    const QString text = index.data(Qt::DisplayRole).toString();
    const bool strong = index.data(role(kEmphasisRole)).toBool();
    const bool mono = k == ColumnKind::Mono || k == ColumnKind::MonoNumber;
    painter.setFont(mono ? theme().monoFont()
                         : theme().font(Theme::Size::Body,
                                        strong ? Theme::Weight::Strong : Theme::Weight::Regular));
    QColor color = enabled ? t.text.primary : t.text.disabled;
    const QVariant foreground = index.data(Qt::ForegroundRole);
    if (foreground.canConvert<QColor>() && foreground.value<QColor>().isValid())
        color = foreground.value<QColor>();
    const QVariant status = index.data(role(kStatusRole));
    const qreal shape = metrics().icon - 2;

    if (k == ColumnKind::Sparkline) {
        const auto values = index.data(role(kSparklineRole)).value<QVector<double>>();
        if (!values.isEmpty())
            paintSparkline(painter, rect.adjusted(0, 4, 0, -4), values,
                           entityColor(index.data(role(kColorRole))));
        return;
    }
    if (k == ColumnKind::Meter) {
        const QVariant fraction = index.data(role(kFractionRole));
        const qreal textWidth =
            text.isEmpty() ? 0
                           : std::min(tabularWidth(painter.font(), text) + 8, rect.width() * 0.6);
        QRectF bar = rect.adjusted(0, 0, -textWidth, 0);
        bar = QRectF(bar.left(), bar.center().y() - 3, bar.width(), 6);
        if (fraction.isValid()) {
            roundedBox(painter, bar, 3, t.surface.sunken, QColor());
            const QColor fill = status.isValid() && status.toInt() >= int(Status::Warning)
                                    ? t.status(static_cast<Status>(status.toInt())).mark
                                    : t.replica.leader;
            bar.setWidth(std::max(2.0, bar.width() * std::clamp(fraction.toDouble(), 0.0, 1.0)));
            roundedBox(painter, bar, 3, fill, QColor());
        }
        painter.setPen(color);
        drawTabular(painter, rect, Qt::AlignRight | Qt::AlignVCenter, text);
        return;
    }
    if (status.isValid() && status.toInt() >= 0 && status.toInt() < kStatusCount) {
        const auto s = static_cast<Status>(status.toInt());
        if (!isRightAligned(k)) {
            drawStatus(painter, QRectF(rect.left(), rect.center().y() - shape / 2, shape, shape),
                       s);
            rect.setLeft(rect.left() + shape + 6);
        }
        if (k == ColumnKind::Status || isRightAligned(k))
            color = t.status(s).text;
    }
    if (k == ColumnKind::Marker) {
        const QVariant marker = index.data(role(kMarkerRole));
        const QVariant colorIndex = index.data(role(kColorRole));
        if (marker.isValid() || colorIndex.isValid()) {
            drawMarker(painter, QPointF(rect.left() + 5, rect.center().y()),
                       markerAt(marker.isValid() ? marker.toInt() : colorIndex.toInt()),
                       entityColor(colorIndex), 9);
            rect.setLeft(rect.left() + 18);
        }
    }
    if (k == ColumnKind::Link)
        color = t.text.link;
    painter.setPen(color);
    if (isRightAligned(k))
        drawTabular(painter, rect, Qt::AlignRight | Qt::AlignVCenter, text);
    else
        drawText(painter, rect, Qt::AlignLeft | Qt::AlignVCenter, text);
}

int TableDelegate::cellWidth(const QModelIndex& index) const {
    const ColumnKind k = kind(index.column());
    if (k == ColumnKind::Sparkline)
        return 76;
    if (k == ColumnKind::Meter)
        return 140;
    const bool mono = k == ColumnKind::Mono || k == ColumnKind::MonoNumber;
    const QFont font =
        mono ? theme().monoFont()
             : theme().font(Theme::Size::Body, index.data(role(kEmphasisRole)).toBool()
                                                   ? Theme::Weight::Strong
                                                   : Theme::Weight::Regular);
    qreal width = tabularWidth(font, index.data(Qt::DisplayRole).toString());
    if (index.data(role(kStatusRole)).isValid() && !isRightAligned(k))
        width += metrics().icon + 4;
    if (k == ColumnKind::Marker)
        width += 18;
    return static_cast<int>(width) + 2 * kPad + 10;
}

bool TableDelegate::helpEvent(QHelpEvent* event, QAbstractItemView* view,
                              const QStyleOptionViewItem& option, const QModelIndex& index) {
    if (event->type() != QEvent::ToolTip || !index.isValid())
        return false;
    QString text = index.data(Qt::ToolTipRole).toString();
    if (text.isEmpty())
        text = index.data(role(kExactRole)).toString();
    if (text.isEmpty()) {
        // Only what is cut off needs a tooltip of its own.
        const QString shown = index.data(Qt::DisplayRole).toString();
        if (cellWidth(index) > option.rect.width())
            text = shown;
    }
    QToolTip::showText(event->globalPos(), text, view);
    return true;
}

}  // namespace odradek::ui
