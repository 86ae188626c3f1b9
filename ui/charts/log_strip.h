// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QVector>
#include <QWidget>

#include <optional>
#include <utility>

namespace odradek::ui {

/// A committed offset of a group on a partition. Colour and marker belong to the group on the whole page.
struct LogPin {
    QString group;       ///< short name for the label
    qint64 offset = 0;
    int colorIndex = 0;  ///< of Tokens::series, and Marker
    bool alarming = false;
    friend bool operator==(const LogPin&, const LogPin&) = default;
};

/// One partition's log. Offsets as Kafka counts them: logEnd is the next to be written.
struct LogStripData {
    int partition = 0;
    QString title;      ///< "Partition 0"
    QString subtitle;   ///< "leader 1, ISR 1, 2, 3"
    qint64 logStart = 0;
    qint64 highWatermark = 0;
    qint64 logEnd = 0;
    QVector<qint64> segments;  ///< base offsets after the first
    QString startNote;         ///< time of the first record: "22:06:14"
    QVector<LogPin> pins;
    bool offline = false;      ///< drawn hatched: no leader
    friend bool operator==(const LogStripData&, const LogStripData&) = default;
};

/// A label placed beside its pin: where its text starts and whether it stands left of the pin.
struct PlacedLabel {
    double x = 0;       ///< left edge of the text
    bool left = false;  ///< text ends before the pin
    bool visible = true;
    int row = 0;        ///< 0 = nearest to the strip
};

/// Places labels of the given widths beside pins at the given x (ascending), inside [min, max], so that no
/// two overlap: right of the pin first, else left, else a row higher, else hidden (the pin stays). `gap` is
/// the distance from a pin and between labels. Labels never cover another pin in row 0.
QVector<PlacedLabel> placeLabels(const QVector<double>& pinX, const QVector<double>& widths, double min,
                                 double max, double gap = 8, int rows = 2);

/// Position 0..1 of an offset on the strip. Linear over [start, end], or counted back from the end on a log
/// scale ("near the end"), where a lag of 2 and a retention of a million both show.
enum class LogScale { Linear, NearEnd };
double logPosition(LogScale scale, qint64 offset, qint64 start, qint64 end, qint64 longest);

/// The logs of a topic's partitions as strips: start, segments, committed offsets, high watermark, and the
/// hatched tail that is not yet on every in-sync replica. Hovering shows the exact offset; a click on a strip opens
/// messages there, on a pin its group, beside the strip selects the partition. The wheel zooms where the mouse is,
/// dragging shows just the part dragged over, with Shift it moves the part shown. Keys: Up/Down select a strip,
/// Left/Right move the cursor, Enter opens messages at it, + and - zoom there, 0 shows the whole log.
class LogStripView : public QWidget {
    Q_OBJECT
public:
    explicit LogStripView(QWidget* parent = nullptr);
    void setStrips(const QVector<LogStripData>& strips);
    void setScale(LogScale scale);
    LogScale scale() const { return m_scale; }
    void setSelected(int partition);
    /// The part of the scale that is shown, 0..1 each; the whole log is 0, 1. Never smaller than a few records.
    void setView(double from, double to);
    double viewFrom() const { return m_viewFrom; }
    double viewTo() const { return m_viewTo; }
    bool isZoomed() const { return m_viewFrom > 0 || m_viewTo < 1; }
    void showWhole() { setView(0, 1); }
    /// Where an offset of a partition is drawn, and the middle of its strip; for tests and tools.
    QPointF pointOf(int partition, qint64 offset) const;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    /// Beyond this height the strips do not move further apart.
    int mostHeight() const;

signals:
    void partitionSelected(int partition);
    /// Click or Enter: open messages of the partition at this offset.
    void offsetActivated(int partition, qint64 offset);
    void pinClicked(int partition, const QString& group);
    void viewChanged(bool zoomed);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QRectF barRect(int index) const;
    qreal xOf(const LogStripData& strip, qint64 offset) const;
    qint64 offsetAt(const LogStripData& strip, qreal x) const;
    double positionAt(qreal x) const;
    qreal xAt(double position) const;
    void zoom(double factor, qreal x);
    const LogPin* pinAt(const LogStripData& strip, qreal x) const;
    void paintDrag(QPainter& painter);
    int stripAt(const QPointF& pos) const;
    qint64 longest() const;
    void paintAxis(QPainter& painter);
    /// Places on the axis with their words, most important first.
    QVector<std::pair<double, QString>> axisTicks() const;
    void paintStrip(QPainter& painter, int index);
    void paintPins(QPainter& painter, const LogStripData& strip, const QRectF& bar);
    void paintCursor(QPainter& painter);
    int rowHeight() const;

    QVector<LogStripData> m_strips;
    LogScale m_scale = LogScale::NearEnd;
    int m_selected = -1;
    QPointF m_cursor{-1, -1};
    double m_viewFrom = 0, m_viewTo = 1;
    QPointF m_pressed{-1, -1};
    double m_pressedFrom = 0;  ///< m_viewFrom at the press, for moving with Shift
    bool m_dragging = false;
    bool m_panning = false;
};

}  // namespace odradek::ui
