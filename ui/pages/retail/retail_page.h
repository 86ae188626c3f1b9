// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/common/row_model.h"
#include "ui/charts/chart_group.h"
#include "ui/pages/common/cluster_context.h"
#include "ui/shell/page.h"

class QSlider;
class QSpinBox;

namespace odradek::ui {

class Button;
class DataTable;
class Panel;
class PickerButton;
class TextLabel;
class TimeChart;

/// A client of the retail platform in the table.
struct WorkloadRow {
    api::WorkloadClient client;
    double perSecond = 0;
    bool operator==(const WorkloadRow&) const = default;
};

/// Learn: the retail platform that runs on the embedded cluster. Its rate, and its consumers: add,
/// slow, stop, crash, and see lag and rebalances follow.
class RetailPage : public Page {
    Q_OBJECT
public:
    explicit RetailPage(ClusterContext& context);

    QString id() const override { return QStringLiteral("retail"); }
    QString title() const override { return tr("Retail platform"); }
    QString icon() const override { return QStringLiteral("lessons"); }
    NavGroup group() const override { return NavGroup::Learn; }
    void navigate(const Location&) override { refresh(); }
    QVector<QWidget*> headerActions() override;
    void setActive(bool active) override;
    QWidget* primaryWidget() override;

private:
    enum Column { Client, State, Group, Records, PerSecond, Slowdown, Errors };

    QWidget* makeRatePanel();
    void refresh();
    void setRate(int rate);
    void addConsumer(const QString& application);
    void slow(int perRecordMs);
    void stop(bool crash);
    std::vector<std::uint64_t> selectedConsumers() const;
    void refreshButtons();

    ClusterContext& m_context;
    models::RowModel<WorkloadRow> m_consumers;
    models::RowModel<WorkloadRow> m_producers;
    ChartGroup m_charts;
    bool m_active = false;
    std::map<std::uint64_t, std::pair<qint64, std::uint64_t>>
        m_counted;  ///< client -> (time, records) for rates
    std::map<std::uint64_t, double> m_rates;
    QSlider* m_slider = nullptr;
    QSpinBox* m_rate = nullptr;
    Button* m_pause = nullptr;
    int m_lastRate = 50;
    Panel* m_ratePanel = nullptr;
    TimeChart* m_chart = nullptr;
    TimeChart* m_lag = nullptr;
    QStringList m_lagGroups;
    DataTable* m_consumerTable = nullptr;
    DataTable* m_producerTable = nullptr;
    PickerButton* m_add = nullptr;
    Button* m_slow = nullptr;
    Button* m_fast = nullptr;
    Button* m_stop = nullptr;
    Button* m_crash = nullptr;
};

}  // namespace odradek::ui
