// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/shell/page.h"

#include <QHash>
#include <QSet>
#include <QWidget>

namespace odradek::ui {

/// The grouped list of pages at the left, painted in one widget. Up/Down move, Enter opens. In presenter
/// density only the present page's group is open. Only pages that exist appear.
class NavigationPane : public QWidget {
    Q_OBJECT
public:
    struct Entry {
        QString id, title, icon;
        NavGroup group = NavGroup::Observe;
        NavBadge badge;
        bool available = true;
    };
    explicit NavigationPane(QWidget* parent = nullptr);
    void addEntry(const Entry& entry);
    void setCurrent(const QString& id);
    void setBadge(const QString& id, const NavBadge& badge);
    void setAvailable(const QString& id, bool available);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {paneWidth(), 60}; }

signals:
    void chosen(const QString& id);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Row {
        int entry = -1;  // -1: group heading
        NavGroup group = NavGroup::Observe;
        QRectF rect;
    };
    static int paneWidth();
    QVector<Row> rows() const;
    const Row* rowAt(const QVector<Row>& rows, const QPointF& pos) const;
    bool isOpen(NavGroup group) const;
    void press(const Row& row);
    QVector<Entry> m_entries;
    QString m_current;
    QString m_hover;
    QSet<int> m_opened;
};

/// Translated word of a navigation group.
QString navGroupWord(NavGroup group);

}  // namespace odradek::ui
