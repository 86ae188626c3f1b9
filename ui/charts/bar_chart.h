// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QVector>
#include <QWidget>

class QBarCategoryAxis;
class QBarSeries;
class QBarSet;
class QChart;
class QChartView;
class QValueAxis;

namespace odradek::ui {

/// Distribution over a few categories (records per partition, requests per API), with Qt Charts: one or
/// several sets of bars side by side. At most some dozens of bars; time series use TimeChart.
class BarChart : public QWidget {
    Q_OBJECT
public:
    explicit BarChart(QWidget* parent = nullptr);
    void setCategories(const QStringList& categories);
    /// Replaces all sets. `colorIndexes` index Tokens::series, -1 = accent.
    struct Set {
        QString name;
        QVector<double> values;
        int colorIndex = -1;
    };
    void setSets(const QVector<Set>& sets);
    /// Emphasises one category (others fade); -1 = none.
    void setHighlight(int category);
    void setUnit(const QString& unit);
    QSize sizeHint() const override { return {320, 180}; }

signals:
    void clicked(int category);
    void hovered(int category);

private:
    void rebuild();
    void applyTheme();
    QStringList m_categories;
    QVector<Set> m_sets;
    QString m_unit;
    int m_highlight = -1;
    QChart* m_chart;
    QChartView* m_view;
    QBarSeries* m_series;
    QBarCategoryAxis* m_xAxis;
    QValueAxis* m_yAxis;
};

}  // namespace odradek::ui
