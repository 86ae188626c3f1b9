// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/bar_chart.h"

#include "ui/charts/time_chart.h"

#include "ui/theme/format.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"

#include <QBarCategoryAxis>
#include <QBarSeries>
#include <QBarSet>
#include <QChart>
#include <QChartView>
#include <QCursor>
#include <QGraphicsLayout>
#include <QToolTip>
#include <QVBoxLayout>
#include <QValueAxis>

#include <algorithm>
#include <cmath>

namespace odradek::ui {

BarChart::BarChart(QWidget* parent) : QWidget(parent) {
    m_chart = new QChart;
    m_chart->legend()->hide();
    m_chart->setMargins(QMargins(0, 4, 0, 0));
    m_chart->layout()->setContentsMargins(0, 0, 0, 0);
    m_chart->setBackgroundRoundness(0);
    m_series = new QBarSeries;
    m_chart->addSeries(m_series);
    m_xAxis = new QBarCategoryAxis;
    m_yAxis = new QValueAxis;
    m_chart->addAxis(m_xAxis, Qt::AlignBottom);
    m_chart->addAxis(m_yAxis, Qt::AlignLeft);
    m_series->attachAxis(m_xAxis);
    m_series->attachAxis(m_yAxis);
    m_series->setBarWidth(0.72);
    m_view = new QChartView(m_chart, this);
    m_view->setRenderHint(QPainter::Antialiasing);
    m_view->setFrameShape(QFrame::NoFrame);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_view);
    connect(m_series, &QAbstractBarSeries::clicked, this,
            [this](int index) { emit clicked(index); });
    connect(m_series, &QAbstractBarSeries::hovered, this, [this](bool on, int index, QBarSet* set) {
        emit hovered(on ? index : -1);
        if (!on)
            return QToolTip::hideText();
        const double value = set->at(index);
        const QString exact =
            std::floor(value) == value ? formatCount(std::llround(value)) : formatDecimal(value, 3);
        QToolTip::showText(QCursor::pos(),
                           QStringLiteral("%1 %2: %3 %4")
                               .arg(set->label(), m_categories.value(index), exact, m_unit)
                               .trimmed(),
                           this);
    });
    connect(&theme(), &Theme::changed, this, &BarChart::applyTheme);
    applyTheme();
}

void BarChart::setCategories(const QStringList& categories) {
    if (m_categories == categories)
        return;
    m_categories = categories;
    rebuild();
}

void BarChart::setSets(const QVector<Set>& sets) {
    m_sets = sets;
    rebuild();
}

void BarChart::setHighlight(int category) {
    m_highlight = category;
    applyTheme();
}

void BarChart::setUnit(const QString& unit) {
    m_unit = unit;
}

void BarChart::rebuild() {
    double high = 0;
    for (const Set& set : m_sets)
        for (const double v : set.values)
            high = std::max(high, v);
    // Live data comes every second: keep the objects when only values differ.
    if (m_series->count() != m_sets.size()) {
        m_series->clear();
        for (int i = 0; i < m_sets.size(); ++i)
            m_series->append(new QBarSet(m_sets[i].name));
    }
    for (int i = 0; i < m_sets.size(); ++i) {
        QBarSet* bars = m_series->barSets().at(i);
        bars->setLabel(m_sets[i].name);
        if (bars->count() != m_sets[i].values.size()) {
            bars->remove(0, bars->count());
            bars->append(m_sets[i].values);
        } else {
            for (int k = 0; k < m_sets[i].values.size(); ++k)
                if (bars->at(k) != m_sets[i].values[k])
                    bars->replace(k, m_sets[i].values[k]);
        }
    }
    if (m_xAxis->categories() != m_categories)
        m_xAxis->setCategories(m_categories);
    // Whole steps where everything is counted in whole numbers: there is no half a key.
    const bool whole = std::all_of(m_sets.begin(), m_sets.end(), [](const Set& set) {
        return std::all_of(set.values.begin(), set.values.end(), [](double v) { return v == std::floor(v); });
    });
    double step = decimalStep((high > 0 ? high : 1) / 4);
    if (whole)
        step = std::max(1.0, std::ceil(step));
    const int steps = std::max(1, static_cast<int>(std::ceil((high > 0 ? high : 1) / step - 1e-9)));
    m_yAxis->setRange(0, steps * step);
    m_yAxis->setTickCount(steps + 1);
    m_yAxis->setLabelFormat(step == std::floor(step) ? QStringLiteral("%.0f") : QStringLiteral("%.1f"));
    applyTheme();
}

void BarChart::applyTheme() {
    const Tokens& t = tokens();
    m_chart->setBackgroundBrush(t.surface.panel);
    m_view->setBackgroundBrush(t.surface.panel);
    const QFont font = theme().font(Theme::Size::Caption);
    for (QAbstractAxis* axis :
         {static_cast<QAbstractAxis*>(m_xAxis), static_cast<QAbstractAxis*>(m_yAxis)}) {
        axis->setLabelsFont(font);
        axis->setLabelsColor(t.text.tertiary);
        axis->setLinePen(hairline(t.border.normal));
        axis->setGridLinePen(hairline(t.border.subtle));
    }
    m_xAxis->setGridLineVisible(false);
    m_yAxis->setLineVisible(false);
    const auto sets = m_series->barSets();
    for (int i = 0; i < sets.size() && i < m_sets.size(); ++i) {
        const QColor color =
            m_sets[i].colorIndex < 0 ? t.accent.base : t.seriesColor(m_sets[i].colorIndex);
        sets[i]->setColor(m_highlight < 0 ? color : mix(color, t.surface.panel, 0.6));
        sets[i]->setBorderColor(Qt::transparent);
        sets[i]->setSelectedColor(color);
        sets[i]->deselectAllBars();
        if (m_highlight >= 0 && m_highlight < sets[i]->count())
            sets[i]->selectBar(m_highlight);
    }
}

}  // namespace odradek::ui
