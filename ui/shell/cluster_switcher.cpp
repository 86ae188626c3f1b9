// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/cluster_switcher.h"

#include "ui/theme/focus.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"

#include <QMenu>
#include <QPainter>

namespace odradek::ui {

ClusterSwitcher::ClusterSwitcher(QWidget* parent) : QAbstractButton(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
    connect(this, &QAbstractButton::clicked, this, &ClusterSwitcher::openMenu);
    connect(&theme(), &Theme::changed, this, [this] {
        updateGeometry();
        update();
    });
}

void ClusterSwitcher::setClusters(const QVector<ClusterEntry>& clusters, const QString& currentId) {
    m_clusters = clusters;
    m_current = currentId;
    const ClusterEntry entry = current();
    setAccessibleName(tr("Cluster %1").arg(entry.name));
    setToolTip(entry.readOnly ? tr("%1, read-only").arg(entry.name) : entry.name);
    update();
}

ClusterEntry ClusterSwitcher::current() const {
    for (const ClusterEntry& entry : m_clusters)
        if (entry.id == m_current)
            return entry;
    return {};
}

QSize ClusterSwitcher::sizeHint() const {
    return {metrics().navWidth, metrics().toolbar};
}

void ClusterSwitcher::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Tokens& t = tokens();
    if (underMouse())
        painter.fillRect(rect(), t.surface.hover);
    const ClusterEntry entry = current();
    const qreal inset = height() * 0.2;
    roundedBox(painter, QRectF(12, inset, 4, height() - 2 * inset), 2,
               entry.color.isValid() ? entry.color : t.border.control, QColor());
    const int icon = 14;
    QRectF text(24, 0, width() - 24 - icon - 10, height());
    painter.drawPixmap(QPointF(width() - icon - 8, std::round((height() - icon) / 2.0)),
                       theme().pixmap(QStringLiteral("chevrons-vertical"), t.text.secondary, icon,
                                      devicePixelRatioF()));
    painter.setFont(theme().font(Theme::Size::Body, Theme::Weight::Strong));
    painter.setPen(t.text.primary);
    const qreal line = metrics().body + 4;
    const qreal top = (height() - line - metrics().caption - 3) / 2;
    const QString name = entry.name.isEmpty() ? tr("No cluster") : entry.name;
    qreal nameRoom = text.width();
    if (entry.readOnly)
        nameRoom -= 18;
    const qreal used = drawText(painter, QRectF(text.left(), top, nameRoom, line),
                                Qt::AlignVCenter | Qt::AlignLeft, name);
    if (entry.readOnly)
        painter.drawPixmap(
            QPointF(std::round(text.left() + used + 5), std::round(top + (line - 13) / 2)),
            theme().pixmap(QStringLiteral("lock"), t.status(Status::Warning).text, 13,
                           devicePixelRatioF()));
    painter.setFont(theme().font(Theme::Size::Caption));
    painter.setPen(t.text.tertiary);
    drawText(painter, QRectF(text.left(), top + line, text.width(), metrics().caption + 4),
             Qt::AlignVCenter | Qt::AlignLeft, entry.subtitle);
    if (focusVisible(this)) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(t.border.focus, 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(rect()).adjusted(2, 2, -2, -3), 4, 4);
    }
}

void ClusterSwitcher::openMenu() {
    QMenu menu(this);
    for (const ClusterEntry& entry : m_clusters) {
        QPixmap dot(QSize(14, 14) * devicePixelRatioF());
        dot.setDevicePixelRatio(devicePixelRatioF());
        dot.fill(Qt::transparent);
        {
            QPainter painter(&dot);
            roundedBox(painter, QRectF(1, 1, 12, 12), 3, entry.color, QColor());
        }
        QString words = entry.subtitle.isEmpty()
                            ? entry.name
                            : entry.name + QStringLiteral("   ") + entry.subtitle;
        if (entry.readOnly)
            words += QStringLiteral(", ") + tr("read-only");
        QAction* action = menu.addAction(QIcon(dot), words.replace(u'&', QStringLiteral("&&")));
        QFont font =
            theme().font(Theme::Size::Body,
                         entry.id == m_current ? Theme::Weight::Strong : Theme::Weight::Regular);
        action->setFont(font);
        connect(action, &QAction::triggered, this, [this, id = entry.id] { emit chosen(id); });
    }
    menu.addSeparator();
    connect(menu.addAction(theme().icon(QStringLiteral("plug")), tr("Attach to a cluster...")),
            &QAction::triggered, this, &ClusterSwitcher::attachRequested);
    if (const ClusterEntry entry = current(); !entry.id.isEmpty()) {
        QAction* lock = menu.addAction(
            theme().icon(entry.readOnly ? QStringLiteral("unlock") : QStringLiteral("lock")),
            entry.readOnly ? tr("Allow changes on %1...").arg(entry.name)
                           : tr("Make %1 read-only").arg(entry.name));
        connect(lock, &QAction::triggered, this,
                [this, entry] { emit readOnlyToggled(entry.id, !entry.readOnly); });
        if (entry.detachable)
            connect(menu.addAction(theme().icon(QStringLiteral("unplug")),
                                   tr("Detach %1").arg(entry.name)),
                    &QAction::triggered, this, [this, entry] { emit detachRequested(entry.id); });
    }
    menu.exec(mapToGlobal(QPoint(8, height())));
}

}  // namespace odradek::ui
