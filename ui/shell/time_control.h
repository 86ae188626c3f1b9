// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/tokens.h"

#include <QAbstractButton>
#include <QVector>
#include <QWidget>

#include <optional>
#include <vector>

namespace odradek::ui {

class Button;
class IconButton;

/// The time control of the top bar, three buttons side by side: "Live 10:04:32" (back to now), the
/// span that charts show ("15 min"), and "Recorded" (look at a moment of the last hour). The one
/// that says what is shown is filled. GUI thread.
class TimeControl : public QWidget {
    Q_OBJECT
public:
    explicit TimeControl(QWidget* parent = nullptr);
    /// What the first button says: "Live 10:04:32", or a word such as "Stale" with a warning's
    /// look.
    void setLive(bool live, const QString& words);
    void setSpan(qint64 ms);
    qint64 span() const { return m_span; }
    /// The recorded moment that is shown; nothing = live.
    void setMoment(std::optional<qint64> moment);
    /// Whether anything is recorded yet.
    void setRecordedAvailable(bool available);
    /// Without the span where there is little room; it stays in the command palette.
    void setCompact(bool compact);
    /// Spans to choose from, ms, and their words ("15 min", "1 h").
    static QVector<qint64> spans();
    static QString spanWords(qint64 ms);

signals:
    void liveRequested();
    void recordedRequested();
    void spanChosen(qint64 ms);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    class Segment;
    void openSpans();
    Segment* m_live;
    Segment* m_spanButton;
    Segment* m_recorded;
    QString m_liveWords;
    qint64 m_span = 15 * 60'000;
};

/// The strip under the top bar while a recorded moment is shown: where in the recording it lies,
/// over the curve of messages in and the events of that time, and the way back to Live. Drag or
/// click to go there; Left and Right step a second, with Ctrl ten, Page Up and Page Down a minute,
/// Home and End to the ends, Esc back to Live. GUI thread.
class ScrubBar : public QWidget {
    Q_OBJECT
public:
    /// Something that happened, as a tick on the line.
    struct Mark {
        qint64 at = 0;
        Status status = Status::Info;
        QString text;
        friend bool operator==(const Mark&, const Mark&) = default;
    };
    explicit ScrubBar(QWidget* parent = nullptr);
    void setRange(qint64 from, qint64 to);
    void setMoment(qint64 moment);
    qint64 moment() const { return m_moment; }
    void setCurve(std::vector<double> times, std::vector<double> values);
    void setMarks(const QVector<Mark>& marks);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    /// Where on the line a moment is drawn, in pixels.
    qreal xOf(qint64 moment) const;

signals:
    void moved(qint64 moment);
    void liveRequested();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    void applyTheme();
    void jump(int direction);
    void moveTo(qint64 moment);
    QRectF lineRect() const;
    qint64 timeAt(qreal x) const;
    const Mark* markAt(const QPointF& pos) const;

    qint64 m_from = 0, m_to = 0, m_moment = 0;
    std::vector<double> m_times, m_values;
    QVector<Mark> m_marks;
    QWidget* m_words;
    IconButton* m_before;
    IconButton* m_after;
    Button* m_live;
};

}  // namespace odradek::ui
