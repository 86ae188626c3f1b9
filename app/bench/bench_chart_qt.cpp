// SPDX-License-Identifier: GPL-3.0-or-later
// `odradek-bench chart`: our time chart beside Qt Charts' own line series. A program of its own, so
// that the other benches carry no Qt (their memory is measured).
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include <QApplication>
#include <QChart>
#include <QChartView>
#include <QImage>
#include <QLineSeries>

#include "app/bench/processes.h"
#include "app/bench/report.h"
#include "app/common/command_line.h"
#include "ui/charts/time_chart.h"

namespace odradek::bench {
namespace {

constexpr auto kProgram = "odradek-bench chart";

struct Options {
    std::int64_t rounds = 7;
    std::int64_t points = 1'000'000;
    std::int64_t width = 1200;
    std::int64_t height = 600;
};

/// A load that wanders and flickers: neighbouring points differ, as in a measured series.
struct Data {
    std::vector<double> times;
    std::vector<double> values;
    QList<QPointF> points;
};
Data makeData(std::int64_t count, unsigned seed) {
    Data data;
    double level = 500;
    std::srand(seed);
    for (std::int64_t i = 0; i < count; ++i) {
        const double noise = static_cast<double>(std::rand() % 2001) / 1000.0 - 1.0;
        level = std::fabs(level + noise * 3);
        const double time = 1'790'000'000'000.0 + static_cast<double>(i) * 10;
        data.times.push_back(time);
        data.values.push_back(level + noise * 20);
        data.points.append({time, level + noise * 20});
    }
    return data;
}

QImage paint(QWidget& widget) {
    QImage image(widget.size(), QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::white);
    widget.render(&image);
    return image;
}

/// Columns in which something is drawn that is not the colour of most of it: a line must cross
/// (nearly) all of them.
int columnsDrawn(const QImage& image) {
    const QRgb ground = image.pixel(image.width() / 2, image.height() - 1);
    int drawn = 0;
    for (int x = 0; x < image.width(); ++x)
        for (int y = 0; y < image.height(); ++y)
            if (image.pixel(x, y) != ground) {
                ++drawn;
                break;
            }
    return drawn;
}

struct Ours {
    ui::TimeChart chart;
    Ours(const Options& options) {
        chart.resize(static_cast<int>(options.width), static_cast<int>(options.height));
        chart.setSeries({{QStringLiteral("load"), 0, false, {}}});
        chart.show();
        QApplication::processEvents();
    }
    void replace(const Data& data) { chart.setPoints(0, data.times, data.values); }
    QImage frame() { return paint(chart); }
};

struct Theirs {
    QChartView view;
    QLineSeries* series = new QLineSeries;
    Theirs(const Options& options, const Data& data) {
        view.resize(static_cast<int>(options.width), static_cast<int>(options.height));
        series->replace(data.points.mid(0, 2));
        view.chart()->legend()->hide();
        view.chart()->addSeries(series);
        view.chart()->createDefaultAxes();
        view.chart()->axes(Qt::Horizontal).front()->setRange(data.times.front(), data.times.back());
        view.chart()->axes(Qt::Vertical).front()->setRange(0, 2000);
        view.show();
        QApplication::processEvents();
    }
    void replace(const Data& data) { series->replace(data.points); }
    QImage frame() { return paint(view); }
};

template <class Chart>
double frameMs(Chart& chart, const Data* fresh, int width, Result<void>& good) {
    const auto begin = seconds();
    if (fresh != nullptr)
        chart.replace(*fresh);
    const auto image = chart.frame();
    const auto took = (seconds() - begin) * 1e3;
    if (columnsDrawn(image) < width * 3 / 4)
        good = fail(ErrorCode::Invalid, "a chart was not drawn");
    return took;
}

Result<void> measure(const Options& options) {
    const auto a = makeData(options.points, 1);
    const auto b = makeData(options.points, 2);
    Ours ours(options);
    Theirs theirs(options, a);
    const auto base = Report{.bench = "chart",
                             .name = fmt::format("{} points, {} x {}", options.points,
                                                 options.width, options.height),
                             .unit = "ms/frame",
                             .reference = "Qt Charts QLineSeries in a QChartView",
                             .lowerIsBetter = true};
    auto fresh = base;
    fresh.name += ", new points and paint";
    auto again = base;
    again.name += ", paint alone";
    Result<void> good;
    const auto width = static_cast<int>(options.width);
    for (std::int64_t round = 0; round < options.rounds; ++round) {
        const Data& data = round % 2 == 0 ? a : b;
        fresh.referenceValue.add(frameMs(theirs, &data, width, good));
        fresh.value.add(frameMs(ours, &data, width, good));
        again.referenceValue.add(frameMs(theirs, nullptr, width, good));
        again.value.add(frameMs(ours, nullptr, width, good));
    }
    TRY_OK(good);
    print(fresh);
    print(again);
    return {};
}

int run(const std::vector<std::string>& args) {
    Options options;
    app::CommandLine line(kProgram, "Our time chart beside Qt Charts, drawn at the same size.");
    line.number("rounds", "N", "interleaved rounds (default 7)", 1, 1000, options.rounds)
        .number("points", "N", "of the line (default 1000000)", 2, 100'000'000, options.points)
        .number("width", "PX", "of the chart (default 1200)", 100, 10'000, options.width)
        .number("height", "PX", "of the chart (default 600)", 100, 10'000, options.height);
    const auto parsed = line.parse(args);
    if (!parsed)
        return app::complainUsage(kProgram, parsed.error().message);
    if (*parsed == app::CommandLine::Outcome::Shown)
        return app::kDone;
    if (auto done = measure(options); !done)
        return app::complain(kProgram, done.error().message, app::kFailed);
    return app::kDone;
}

}  // namespace
}  // namespace odradek::bench

int main(int argc, char** argv) {
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    const std::vector<std::string> args(argv + 1, argv + argc);
    QApplication application(argc, argv);
    return odradek::bench::run(args);
}
