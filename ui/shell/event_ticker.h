// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/shell/location.h"
#include "ui/theme/tokens.h"

#include <QVector>
#include <QWidget>

class QAbstractItemModel;

namespace odradek::ui {

/// Something that happened, one line.
struct TickerEvent {
    qint64 time = 0;  ///< ms since epoch
    Status status = Status::Info;
    QString kind;     ///< translated word for the filter: tr("Replication"), tr("Groups")
    QString text;
    Location target;  ///< where a click goes, optional
};

/// Bottom left: the newest event in one line, or the list of them when expanded, with a filter by kind and
/// by severity and "Hold" (new ones wait and are counted). Keeps the last 2,000. GUI thread.
class EventTicker : public QWidget {
    Q_OBJECT
public:
    explicit EventTicker(QWidget* parent = nullptr);
    ~EventTicker() override;
    void append(const TickerEvent& event);
    void append(const QVector<TickerEvent>& events);
    void clear();
    int count() const;
    bool isHeld() const;
    void setHeld(bool held);
    void setExpanded(bool expanded);
    /// Empty = all kinds.
    void setKindFilter(const QString& kind);
    void setMinimumSeverity(Status status);
    /// The events that pass the filter, newest first (what the list shows).
    QAbstractItemModel* model() const;

signals:
    void activated(const odradek::ui::Location& target);
    void expandToggled();

private:
    class Model;
    class Line;
    void buildHeader();
    void openFilterMenu();
    void refresh();
    struct Parts;
    Parts* m_parts;
};

}  // namespace odradek::ui
