// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/table_roles.h"

#include <QHash>
#include <QStyledItemDelegate>

namespace odradek::ui {

/// Paints every cell of a DataTable: kind per column, roles as in TableRole. Nothing is measured per row.
class TableDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    explicit TableDelegate(QObject* parent = nullptr);
    void setKind(int column, ColumnKind kind) { m_kinds[column] = kind; }
    ColumnKind kind(int column) const { return m_kinds.value(column, ColumnKind::Text); }
    void setRole(TableRole role, int modelRole) { m_roles[role] = modelRole; }
    int role(TableRole role) const { return m_roles.value(role, role); }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    bool helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option,
                   const QModelIndex& index) override;
    /// Width this cell would like, px.
    int cellWidth(const QModelIndex& index) const;
    static bool isRightAligned(ColumnKind kind);

private:
    void paintText(QPainter& painter, QRectF rect, const QModelIndex& index, bool enabled) const;
    QHash<int, ColumnKind> m_kinds;
    QHash<int, int> m_roles;
};

}  // namespace odradek::ui
