// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStandardItemModel>
#include <QWidget>

#include "engine/api/commands.h"

class QStackedWidget;

namespace odradek::ui {

class DataTable;
class HexView;
class JsonTree;
class KeyValueList;
class Panel;
class SegmentedControl;
class StateView;
class TextView;

/// One record: where it is, which hash explains its partition, its headers, and key or value as tree, text or bytes.
class MessageDetail : public QWidget {
    Q_OBJECT
public:
    explicit MessageDetail(QWidget* parent = nullptr);
    /// `partitions` of the topic, for the explanation.
    void setRecord(const api::ReadRecord& record, int partitions);
    void clear();

private:
    enum View { Tree, Text, Hex };
    void refreshPayload();

    api::ReadRecord m_record;
    bool m_has = false;
    bool m_forced = false;  ///< the user chose a view: keep it while it can show the record
    Panel* m_panel = nullptr;
    KeyValueList* m_facts = nullptr;
    QStandardItemModel m_headers;
    DataTable* m_headerTable = nullptr;
    SegmentedControl* m_part = nullptr;
    SegmentedControl* m_view = nullptr;
    QStackedWidget* m_payload = nullptr;
    JsonTree* m_tree = nullptr;
    TextView* m_text = nullptr;
    HexView* m_hex = nullptr;
    StateView* m_none = nullptr;
    QStackedWidget* m_stack = nullptr;
    StateView* m_empty = nullptr;
};

}  // namespace odradek::ui
