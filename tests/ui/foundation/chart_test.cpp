// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/foundation/table_test.h"

#include "ui/charts/chart_group.h"
#include "ui/charts/decimate.h"
#include "ui/charts/log_strip.h"
#include "ui/charts/ribbon_view.h"
#include "ui/charts/time_chart.h"
#include "ui/charts/treemap.h"

#include <QtTest>

#include <cmath>
#include <random>

using namespace odradek::ui;

void ChartTest::decimationEqualsBruteForce() {
    std::mt19937 random(11);
    for (int round = 0; round < 200; ++round) {
        const int n = int(random() % 3000);
        std::vector<double> xs, ys;
        double x = 0;
        for (int i = 0; i < n; ++i) {
            x += double(random() % 50) / 10;
            xs.push_back(x);
            ys.push_back(random() % 40 == 0 ? std::nan("") : double(random() % 10000) - 5000);
        }
        const double from = double(random() % 1000) / 3;
        const double to = from + 1 + double(random() % 5000);
        const int width = 1 + int(random() % 400);
        std::vector<PixelColumn> out;
        decimate(xs, ys, from, to, width, out);
        // Overall extremes, and the order and bounds of the columns.
        double lo = INFINITY, hi = -INFINITY, gotLo = INFINITY, gotHi = -INFINITY;
        std::vector<int> perColumn(std::size_t(width), 0);
        for (int i = 0; i < n; ++i) {
            if (xs[std::size_t(i)] < from || xs[std::size_t(i)] >= to ||
                std::isnan(ys[std::size_t(i)]))
                continue;
            lo = std::min(lo, ys[std::size_t(i)]);
            hi = std::max(hi, ys[std::size_t(i)]);
        }
        int last = -1;
        for (const PixelColumn& c : out) {
            QVERIFY(c.x > last && c.x < width);
            last = c.x;
            // Brute force over the points of this column, by the same edges.
            const double scale = (to - from) / width;
            const double a = from + scale * c.x,
                         b = c.x + 1 == width ? to : from + scale * (c.x + 1);
            double mn = INFINITY, mx = -INFINITY;
            for (int i = 0; i < n; ++i) {
                const double px = xs[std::size_t(i)];
                if (px < a - 1e-9 || px >= b + 1e-9 || std::isnan(ys[std::size_t(i)]))
                    continue;
                if (px >= a + 1e-9 && px < b - 1e-9)
                    QVERIFY(ys[std::size_t(i)] >= c.min && ys[std::size_t(i)] <= c.max);
                mn = std::min(mn, ys[std::size_t(i)]);
                mx = std::max(mx, ys[std::size_t(i)]);
            }
            QVERIFY(c.min >= mn && c.max <= mx);
            QVERIFY(c.first >= c.min && c.first <= c.max && c.last >= c.min && c.last <= c.max);
            gotLo = std::min(gotLo, c.min);
            gotHi = std::max(gotHi, c.max);
        }
        QCOMPARE(gotLo, lo);
        QCOMPARE(gotHi, hi);
    }
}

void ChartTest::aMillionPointsAreFast() {
    std::vector<double> xs(1'000'000), ys(1'000'000);
    for (std::size_t i = 0; i < xs.size(); ++i) {
        xs[i] = double(i);
        ys[i] = std::sin(double(i) / 1000) * 100;
    }
    std::vector<PixelColumn> out;
    qint64 best = std::numeric_limits<qint64>::max();
    for (int i = 0; i < 7; ++i) {
        QElapsedTimer clock;
        clock.start();
        decimate(xs, ys, 0, 1'000'000, 1200, out);
        best = std::min(best, clock.nsecsElapsed());
    }
    QCOMPARE(out.size(), std::size_t(1200));
    qInfo("decimating 1 M points: %.2f ms", double(best) / 1e6);
    QVERIFY(best < 20'000'000);  // a busy machine gets slack; the figure itself is printed
}

void ChartTest::labelsNeverCollide() {
    std::mt19937 random(5);
    for (int round = 0; round < 300; ++round) {
        QVector<double> xs, widths;
        for (unsigned i = 0; i < 1 + random() % 8; ++i)
            xs << double(random() % 1000);
        std::sort(xs.begin(), xs.end());
        for (qsizetype i = 0; i < xs.size(); ++i)
            widths << 20 + double(random() % 120);
        const auto placed = placeLabels(xs, widths, 0, 1000, 8, 2);
        for (qsizetype i = 0; i < placed.size(); ++i) {
            if (!placed[i].visible)
                continue;
            QVERIFY(placed[i].x >= 0 && placed[i].x + widths[i] <= 1000);
            for (qsizetype k = 0; k < i; ++k) {
                if (!placed[k].visible || placed[k].row != placed[i].row)
                    continue;
                QVERIFY(placed[i].x >= placed[k].x + widths[k] ||
                        placed[k].x >= placed[i].x + widths[i]);
            }
            if (placed[i].row == 0)
                for (qsizetype k = 0; k < xs.size(); ++k)
                    QVERIFY(k == i || xs[k] <= placed[i].x || xs[k] >= placed[i].x + widths[i]);
        }
    }
    QVERIFY(placeLabels({500}, {50}, 0, 1000)[0].visible);
    QVERIFY(placeLabels({990}, {50}, 0, 1000)[0].left);
}

void ChartTest::logPositionIsMonotone() {
    for (const LogScale scale : {LogScale::Linear, LogScale::NearEnd}) {
        double last = -1;
        for (qint64 offset = 1000; offset <= 101000; offset += 500) {
            const double p = logPosition(scale, offset, 1000, 101000, 100000);
            QVERIFY(p >= last && p <= 1);
            last = p;
        }
        QCOMPARE(logPosition(scale, 101000, 1000, 101000, 100000), 1.0);
        QVERIFY(std::fabs(logPosition(scale, 1000, 1000, 101000, 100000)) < 1e-9);
    }
    // A lag of 2 is clearly away from the end, which on a linear scale it would not be.
    QVERIFY(logPosition(LogScale::NearEnd, 100998, 1000, 101000, 100000) < 0.95);
}

void ChartTest::ribbonsNeverOverlap() {
    std::mt19937 random(3);
    for (int round = 0; round < 100; ++round) {
        const int members = 1 + int(random() % 6);
        QVector<RibbonSource> sources;
        QVector<RibbonTarget> targets(members);
        for (unsigned i = 0; i < 1 + random() % 30; ++i)
            sources.append({QStringLiteral("t%1").arg(i / 5),
                            QStringLiteral("P%1").arg(i % 5),
                            {},
                            double(random() % 100),
                            int(random() % unsigned(members + 1)) - 1});
        const auto layout = layoutRibbons(sources, targets, QRectF(0, 0, 800, 300), 25);
        QCOMPARE(layout.sourceRects.size(), sources.size());
        QVector<double> bottom(members, -1);
        for (const auto& ribbon : layout.ribbons) {
            const QRectF card = layout.targetRects[ribbon.target];
            QVERIFY(ribbon.targetY - ribbon.width / 2 >= bottom[ribbon.target] - 1e-6);
            bottom[ribbon.target] = ribbon.targetY + ribbon.width / 2;
            QVERIFY(ribbon.targetY - ribbon.width / 2 >= card.top() - 1 &&
                    bottom[ribbon.target] <= card.bottom() + 1);
            const QRectF row = layout.sourceRects[ribbon.source];
            QVERIFY(ribbon.width <= row.height() &&
                    row.contains(QPointF(row.left() + 1, ribbon.sourceY)));
        }
        const auto read = std::count_if(sources.begin(), sources.end(),
                                        [](const auto& s) { return s.member >= 0; });
        QCOMPARE(layout.ribbons.size(), read);
    }
}

void ChartTest::treemapFillsItsArea() {
    const QRectF rect(10, 20, 640, 300);
    const QVector<double> sizes{60, 60, 40, 30, 20, 10, 1, 0};
    const auto rects = squarify(sizes, rect);
    const double total = 221;
    double area = 0;
    for (qsizetype i = 0; i < sizes.size(); ++i) {
        const double own = rects[i].width() * rects[i].height();
        QVERIFY(std::fabs(own - sizes[i] / total * rect.width() * rect.height()) < 1e-3);
        area += own;
        for (qsizetype k = 0; k < i; ++k) {
            const QRectF overlap = rects[i].intersected(rects[k]);
            QVERIFY(overlap.width() * overlap.height() < 1e-3);
        }
    }
    QVERIFY(std::fabs(area - rect.width() * rect.height()) < 1e-2);
}

void ChartTest::crosshairIsShared() {
    ChartGroup group;
    TimeChart a, b;
    for (TimeChart* chart : {&a, &b}) {
        chart->resize(400, 200);
        chart->setGroup(&group);
        chart->setSeries({{QStringLiteral("in"), 0, false, {}}});
        chart->setPoints(0, {0, 1000, 2000}, {1, 2, 3});
    }
    a.show();
    const QPoint middle(int(a.xOf(1000)), 100);
    QTest::mouseMove(&a, middle);
    QMouseEvent move(QEvent::MouseMove, middle, a.mapToGlobal(middle), Qt::NoButton, Qt::NoButton,
                     Qt::NoModifier);
    QCoreApplication::sendEvent(&a, &move);
    QVERIFY(group.crosshair().has_value());
    QVERIFY(std::fabs(*group.crosshair() - 1000) < 10);
    QCOMPARE(b.valueAt(0, 1500), std::optional<double>(2.0));
    QVERIFY(!b.valueAt(0, -5).has_value());
    QSignalSpy brushed(&a, &TimeChart::brushed);
    QTest::mousePress(&a, Qt::LeftButton, {}, middle);
    QTest::mouseRelease(&a, Qt::LeftButton, {}, middle + QPoint(80, 0));
    QCOMPARE(brushed.size(), 1);
}
