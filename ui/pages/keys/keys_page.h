// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>

#include "models/training/partitioning.h"
#include "ui/pages/common/cluster_context.h"
#include "ui/shell/page.h"

class QPlainTextEdit;
class QSpinBox;

namespace odradek::ui {

class BarChart;
class Button;
class DataTable;
class Panel;
class PickerButton;
class SegmentedControl;
class TextLabel;

/// Learn: which partition a key goes to and why, how keys spread, what adding partitions does to old keys, and where
/// records without a key go. Keys can be produced for real.
class KeysPage : public Page {
    Q_OBJECT
public:
    explicit KeysPage(ClusterContext& context);

    QString id() const override { return QStringLiteral("keys"); }
    QString title() const override { return tr("Key to partition"); }
    QString icon() const override { return QStringLiteral("key-partition"); }
    NavGroup group() const override { return NavGroup::Learn; }
    void navigate(const Location& location) override;
    QVector<QWidget*> headerActions() override;
    void setActive(bool active) override;
    QWidget* primaryWidget() override;

private:
    QWidget* makeInput();
    QWidget* makeKeyless();
    void takeTopic();
    void refresh();
    void refreshKeyless();
    void produceAll();

    ClusterContext& m_context;
    models::KeysModel m_model;
    bool m_active = false;
    QString m_topic;
    bool m_ownCount = false;  ///< the user chose another number of partitions than the topic's
    std::map<QString, std::pair<qint64, QString>> m_produced;  ///< key -> times sent, where it landed
    QPlainTextEdit* m_keys = nullptr;
    PickerButton* m_topicPicker = nullptr;
    QSpinBox* m_partitions = nullptr;
    QSpinBox* m_added = nullptr;
    DataTable* m_table = nullptr;
    BarChart* m_spread = nullptr;
    Panel* m_spreadPanel = nullptr;
    TextLabel* m_moved = nullptr;
    SegmentedControl* m_keylessMode = nullptr;
    QSpinBox* m_keylessRecords = nullptr;
    BarChart* m_keyless = nullptr;
    TextLabel* m_keylessWords = nullptr;
    Button* m_produce = nullptr;
    Button* m_produceKeyless = nullptr;
};

}  // namespace odradek::ui
