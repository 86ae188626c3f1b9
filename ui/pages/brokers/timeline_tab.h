// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/cluster/timeline.h"
#include "models/common/row_model.h"
#include "ui/pages/common/cluster_context.h"
#include "ui/shell/location.h"

#include <QWidget>

namespace odradek::ui {

class DataTable;
class Panel;
class PickerButton;
class TimelineView;

/// An event as a row of the table; an event never changes.
struct TimelineEvent : api::Event {
    bool operator==(const TimelineEvent& other) const {
        return sequence == other.sequence && at == other.at;
    }
};

/// What happened to brokers and partitions over time: their states as lanes, made from the
/// recording, and the events of that time below, limited to one broker or topic if wanted. Embedded
/// by BrokersPage. GUI thread.
class TimelineTab : public QWidget {
    Q_OBJECT
public:
    explicit TimelineTab(ClusterContext& context, QWidget* parent = nullptr);
    void refresh();
    void clear();
    QWidget* primaryWidget() const;
    /// The finding in words, empty when nothing happened.
    QString finding() const { return m_finding; }

signals:
    void requestNavigate(const odradek::ui::Location& location);
    void notice(odradek::ui::Status status, const QString& text);

private:
    void chooseFilter(int index);
    void refreshEvents();

    ClusterContext& m_context;
    models::RowModel<TimelineEvent> m_events;
    TimelineView* m_view = nullptr;
    Panel* m_panel = nullptr;
    DataTable* m_table = nullptr;
    PickerButton* m_picker = nullptr;
    QStringList m_choices;
    QStringList m_subjects;  ///< of the choices
    QString m_filter;
    QString m_finding;
};

}  // namespace odradek::ui
