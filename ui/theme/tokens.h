// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QString>
#include <QVector>

#include <array>

namespace odradek::ui {

/// How something is, in the five states the whole window uses. Always shown as shape + colour + word.
enum class Status { Ok, Info, Warning, Error, Offline };
inline constexpr int kStatusCount = 5;

/// Colours of one status. `mark` is for shapes, `text` for words, `tint` for backgrounds.
struct StatusTokens {
    QColor text;
    QColor mark;
    QColor tint;
    QString shape;  ///< icon name: circle-check, circle-i, triangle, octagon, square-cross
};

/// The colours of one theme, as named in resources/themes/palette.json. Plain values, copied freely.
struct Tokens {
    struct {
        QColor window, page, panel, sunken, raised, hover, selected, stripe, tooltip;
    } surface;
    struct {
        QColor subtle, normal, control, focus;
    } border;
    struct {
        QColor primary, secondary, tertiary, disabled, link, onAccent, onTooltip;
    } text;
    struct {
        QColor base, hover, pressed, tint;
    } accent;
    struct {
        QColor leader, follower, lagging, offline;
    } replica;
    struct {
        QColor key, string, number, keyword, punctuation;
    } syntax;
    std::array<StatusTokens, kStatusCount> statuses;
    QVector<QColor> series;  ///< eight colours, colour-blind safe, one per entity of a page

    const StatusTokens& status(Status s) const { return statuses[static_cast<std::size_t>(s)]; }
    /// Colour of the entity with this position; wraps after eight.
    QColor seriesColor(int index) const {
        return series.isEmpty() ? QColor() : series[((index % series.size()) + series.size()) % series.size()];
    }
};

/// Sizes of one density, in device-independent pixels.
struct Metrics {
    int caption = 11, body = 13, title = 18;
    int tableRow = 24, tableHeader = 26, treeRow = 22, navRow = 28, control = 28, toolbar = 44;
    int panelHeader = 34, statusBar = 28, tab = 32;
    int icon = 16;
    int space1 = 4, space2 = 8, space3 = 12, space4 = 16, space5 = 24;
    int radiusControl = 4, radiusPanel = 6, radiusChip = 4, radiusCell = 3;
    int navWidth = 200;
    double seriesStroke = 1.75;
    int quickMs = 120, moveMs = 240, recordTravelMs = 600;  ///< all 0 when motion is reduced
};

}  // namespace odradek::ui
