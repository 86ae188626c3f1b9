// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/messages/browse_session.h"
#include "ui/pages/common/cluster_context.h"
#include "ui/shell/page.h"

class QDateTimeEdit;
class QLineEdit;
class QSpinBox;
class QStackedWidget;

namespace odradek::ui {

class Button;
class DataTable;
class MessageDetail;
class Panel;
class PickerButton;
class SegmentedControl;
class TextLabel;

/// Records of a topic: from a seek point, or as a live tail; the list left, one record in detail right.
/// Location path: topic, partition, offset.
class MessagesPage : public Page {
    Q_OBJECT
public:
    explicit MessagesPage(ClusterContext& context);
    ~MessagesPage() override;

    QString id() const override { return QStringLiteral("messages"); }
    QString title() const override { return tr("Messages"); }
    QString icon() const override { return QStringLiteral("messages"); }
    NavGroup group() const override { return NavGroup::Browse; }
    void navigate(const Location& location) override;
    QVector<QWidget*> headerActions() override;
    void setActive(bool active) override;
    QWidget* primaryWidget() override;

private:
    enum SeekMode { Latest, Earliest, Offset, Time, Tail };

    QWidget* makeControls();
    void refreshTopics();
    void chooseTopic(const QString& topic);
    void refreshSeekFields();
    void run();
    void stopOrPause();
    void refreshState();
    void produceRecord();
    int partitionsOfTopic() const;

    ClusterContext& m_context;
    std::unique_ptr<models::BrowseSession> m_session;
    QString m_topic;
    int m_partition = -1;  ///< -1 = all
    bool m_active = false;
    PickerButton* m_topicPicker = nullptr;
    PickerButton* m_partitionPicker = nullptr;
    SegmentedControl* m_mode = nullptr;
    QSpinBox* m_last = nullptr;
    QLineEdit* m_offset = nullptr;
    QDateTimeEdit* m_time = nullptr;
    Button* m_run = nullptr;
    Button* m_stop = nullptr;
    Button* m_produce = nullptr;
    TextLabel* m_state = nullptr;
    Panel* m_panel = nullptr;
    DataTable* m_table = nullptr;
    MessageDetail* m_detail = nullptr;
    bool m_follow = true;
};

}  // namespace odradek::ui
