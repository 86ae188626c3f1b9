// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/time_control.h"

#include "ui/theme/focus.h"
#include "ui/theme/format.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/widgets/controls.h"

#include <QActionGroup>
#include <QHBoxLayout>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace odradek::ui {

// One third of the control: a dot or a chevron, and its words.
class TimeControl::Segment : public QAbstractButton {
public:
    enum class Mark { Dot, Chevron, Clock };
    Segment(Mark mark, QWidget* parent) : QAbstractButton(parent), m_mark(mark) {
        setFocusPolicy(Qt::StrongFocus);
        setAttribute(Qt::WA_Hover);
        setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    }
    void show(const QString& words, bool filled, bool warning = false) {
        const bool longer = words.size() != text().size();
        setText(words);
        m_filled = filled;
        m_warning = warning;
        if (longer)
            updateGeometry();
        update();
    }
    QSize sizeHint() const override {
        const int mark = m_mark == Mark::Chevron ? 20 : 18;
        return {static_cast<int>(std::ceil(tabularWidth(font(true), text()))) + mark + 22,
                metrics().control};
    }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const Tokens& t = tokens();
        const QRectF r = QRectF(rect()).adjusted(1, 1, -1, -1);
        if (m_filled)
            painter.fillRect(r, m_warning ? t.status(Status::Warning).tint : t.surface.selected);
        else if (underMouse() && isEnabled())
            painter.fillRect(r, t.surface.hover);
        const QColor ink = !isEnabled() ? t.text.disabled
                           : m_warning  ? t.status(Status::Warning).text
                           : m_filled   ? t.text.primary
                                        : t.text.secondary;
        qreal left = 11;
        if (m_mark == Mark::Dot) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(m_warning  ? t.status(Status::Warning).mark
                             : m_filled ? t.accent.base
                                        : t.text.tertiary);
            if (m_warning)
                painter.drawRect(QRectF(left, height() / 2.0 - 4, 8, 8));
            else
                painter.drawEllipse(QPointF(left + 4, height() / 2.0), 4, 4);
            left += 16;
        } else if (m_mark == Mark::Clock) {
            painter.drawPixmap(
                QPointF(left, std::round((height() - 14) / 2.0)),
                theme().pixmap(QStringLiteral("clock"), ink, 14, devicePixelRatioF()));
            left += 19;
        }
        painter.setFont(font(m_filled));
        painter.setPen(ink);
        const qreal right = m_mark == Mark::Chevron ? 24 : 6;
        drawTabular(painter, QRectF(left, 0, width() - left - right, height()),
                    Qt::AlignVCenter | Qt::AlignLeft, text());
        if (m_mark == Mark::Chevron)
            painter.drawPixmap(
                QPointF(width() - 22, std::round((height() - 14) / 2.0)),
                theme().pixmap(QStringLiteral("chevron-down"), ink, 14, devicePixelRatioF()));
        if (focusVisible(this)) {
            painter.setPen(QPen(t.border.focus, 2));
            painter.setBrush(Qt::NoBrush);
            painter.drawRoundedRect(r, 3, 3);
        }
    }

private:
    QFont font(bool strong) const {
        return theme().font(Theme::Size::Body,
                            strong ? Theme::Weight::Strong : Theme::Weight::Regular);
    }
    Mark m_mark;
    bool m_filled = false;
    bool m_warning = false;
};

QVector<qint64> TimeControl::spans() {
    return {60'000, 5 * 60'000, 15 * 60'000, 30 * 60'000, 60 * 60'000};
}

QString TimeControl::spanWords(qint64 ms) {
    return ms % 3'600'000 == 0 ? tr("%1 h").arg(ms / 3'600'000) : tr("%1 min").arg(ms / 60'000);
}

TimeControl::TimeControl(QWidget* parent) : QWidget(parent) {
    m_live = new Segment(Segment::Mark::Dot, this);
    m_live->setObjectName(QStringLiteral("timeLive"));
    m_spanButton = new Segment(Segment::Mark::Chevron, this);
    m_spanButton->setObjectName(QStringLiteral("timeSpan"));
    m_recorded = new Segment(Segment::Mark::Clock, this);
    m_recorded->setObjectName(QStringLiteral("timeRecorded"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    for (auto* segment : {m_live, m_spanButton, m_recorded})
        row->addWidget(segment);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    m_spanButton->setToolTip(tr("How much of the past the charts show"));
    m_recorded->setToolTip(tr("Look at a moment of the last hour (F8). Esc goes back to Live."));
    m_live->setToolTip(tr("What is shown is how the cluster is now"));
    connect(m_live, &QAbstractButton::clicked, this, &TimeControl::liveRequested);
    connect(m_recorded, &QAbstractButton::clicked, this, &TimeControl::recordedRequested);
    connect(m_spanButton, &QAbstractButton::clicked, this, &TimeControl::openSpans);
    connect(&theme(), &Theme::changed, this, [this] {
        for (auto* segment : {m_live, m_spanButton, m_recorded})
            segment->updateGeometry();
        update();
    });
    setLive(true, {});
    setSpan(m_span);
    setMoment(std::nullopt);
    setRecordedAvailable(false);
}

void TimeControl::setLive(bool live, const QString& words) {
    m_liveWords = words;
    const bool recorded = m_recorded->isChecked();
    m_live->show(recorded ? tr("Live") : words, !recorded, !live && !recorded);
    m_live->setAccessibleName(recorded ? tr("Back to Live") : words);
}

void TimeControl::setSpan(qint64 ms) {
    m_span = ms;
    m_spanButton->show(spanWords(ms), false);
    m_spanButton->setAccessibleName(tr("Charts show %1").arg(spanWords(ms)));
}

void TimeControl::setMoment(std::optional<qint64> moment) {
    m_recorded->setCheckable(true);
    m_recorded->setChecked(moment.has_value());
    m_recorded->show(moment ? tr("Recorded %1").arg(formatClock(*moment)) : tr("Recorded"),
                     moment.has_value());
    m_recorded->setAccessibleName(m_recorded->text());
    m_live->show(moment ? tr("Live") : m_liveWords, !moment);
    m_live->setToolTip(moment ? tr("Back to how the cluster is now (Esc)")
                              : tr("What is shown is how the cluster is now"));
}

void TimeControl::setRecordedAvailable(bool available) {
    m_recorded->setEnabled(available);
}

void TimeControl::setCompact(bool compact) {
    m_spanButton->setVisible(!compact);
    update();
}

void TimeControl::openSpans() {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    auto* group = new QActionGroup(menu);
    for (const qint64 ms : spans()) {
        auto* action = menu->addAction(tr("Charts show %1").arg(spanWords(ms)));
        action->setCheckable(true);
        action->setChecked(ms == m_span);
        group->addAction(action);
        connect(action, &QAction::triggered, this, [this, ms] { emit spanChosen(ms); });
        if (ms == m_span)
            menu->setActiveAction(action);
    }
    menu->popup(m_spanButton->mapToGlobal(QPoint(0, m_spanButton->height() + 2)));
}

void TimeControl::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Tokens& t = tokens();
    roundedBox(painter, QRectF(rect()), metrics().radiusControl, t.surface.panel, t.border.normal);
    for (auto* segment : {m_spanButton, m_recorded})
        if (!segment->isHidden())
            vLine(painter, segment->x(), 1, height() - 1, t.border.normal);
}

// ---- The strip
// -------------------------------------------------------------------------------------------------

namespace {

// "Recorded 10:04:32" with how long ago that was.
class MomentWords : public QWidget {
public:
    explicit MomentWords(QWidget* parent) : QWidget(parent) {
        setAttribute(Qt::WA_TransparentForMouseEvents);
    }
    void show(const QString& strong, const QString& quiet) {
        if (strong == m_strong && quiet == m_quiet)
            return;
        m_strong = strong;
        m_quiet = quiet;
        update();
    }
    QSize sizeHint() const override {
        return {static_cast<int>(13.5 * metrics().body), 2 * metrics().body + 12};
    }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        const qreal line = metrics().body + 5;
        const qreal top = (height() - line - metrics().caption - 4) / 2.0;
        painter.setFont(theme().font(Theme::Size::Body, Theme::Weight::Strong));
        painter.setPen(tokens().text.primary);
        drawTabular(painter, QRectF(0, top, width(), line), Qt::AlignLeft | Qt::AlignVCenter,
                    m_strong);
        painter.setFont(theme().font(Theme::Size::Caption));
        painter.setPen(tokens().text.secondary);
        drawTabular(painter, QRectF(0, top + line, width(), metrics().caption + 5),
                    Qt::AlignLeft | Qt::AlignVCenter, m_quiet);
    }

private:
    QString m_strong, m_quiet;
};

}  // namespace

ScrubBar::ScrubBar(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("scrubBar"));
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_words = new MomentWords(this);
    m_before = new IconButton(QStringLiteral("chevron-left"), tr("Event before"), this);
    m_after = new IconButton(QStringLiteral("chevron-right"), tr("Event after"), this);
    m_live = new Button(tr("Back to Live"), QStringLiteral("play"), Button::Kind::Primary, this);
    m_live->setObjectName(QStringLiteral("backToLive"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(16, 6, 16, 6);
    row->setSpacing(8);
    row->addWidget(m_words);
    row->addStretch(1);
    row->addWidget(m_before);
    row->addWidget(m_after);
    row->addWidget(m_live);
    connect(m_before, &QAbstractButton::clicked, this, [this] { jump(-1); });
    connect(m_after, &QAbstractButton::clicked, this, [this] { jump(1); });
    connect(m_live, &QAbstractButton::clicked, this, &ScrubBar::liveRequested);
    connect(&theme(), &Theme::changed, this, &ScrubBar::applyTheme);
    applyTheme();
}

void ScrubBar::applyTheme() {
    setFixedHeight(sizeHint().height());
    update();
}

QSize ScrubBar::sizeHint() const {
    return {600, metrics().control + metrics().body + 13};
}
QSize ScrubBar::minimumSizeHint() const {
    return {420, sizeHint().height()};
}

void ScrubBar::setRange(qint64 from, qint64 to) {
    m_from = from;
    m_to = std::max(from, to);
    setMoment(m_moment);
}

void ScrubBar::setMoment(qint64 moment) {
    m_moment = moment;
    const auto ago = static_cast<double>(std::max<qint64>(0, m_to - moment)) / 1000;
    static_cast<MomentWords*>(m_words)->show(
        tr("Recorded %1").arg(formatClock(moment)),
        ago < 1 ? tr("now") : tr("%1 ago").arg(formatDuration(std::floor(ago))));
    setAccessibleName(tr("Recorded moment %1").arg(formatClock(moment)));
    m_before->setEnabled(
        std::any_of(m_marks.begin(), m_marks.end(), [&](const Mark& m) { return m.at < moment; }));
    m_after->setEnabled(
        std::any_of(m_marks.begin(), m_marks.end(), [&](const Mark& m) { return m.at > moment; }));
    update();
}

void ScrubBar::setCurve(std::vector<double> times, std::vector<double> values) {
    m_times = std::move(times);
    m_values = std::move(values);
    m_times.resize(std::min(m_times.size(), m_values.size()));
    update();
}

void ScrubBar::setMarks(const QVector<Mark>& marks) {
    m_marks = marks;
    std::stable_sort(m_marks.begin(), m_marks.end(),
                     [](const Mark& a, const Mark& b) { return a.at < b.at; });
    setMoment(m_moment);
}

QRectF ScrubBar::lineRect() const {
    const qreal left = m_words->geometry().right() + 12;
    const qreal right = m_before->geometry().left() - 12;
    return {left, 6, std::max<qreal>(20, right - left), height() - 13.0};
}

qreal ScrubBar::xOf(qint64 moment) const {
    const QRectF line = lineRect();
    if (m_to <= m_from)
        return line.right();
    const double p = static_cast<double>(moment - m_from) / static_cast<double>(m_to - m_from);
    return line.left() + std::clamp(p, 0.0, 1.0) * line.width();
}

qint64 ScrubBar::timeAt(qreal x) const {
    const QRectF line = lineRect();
    const double p = std::clamp((x - line.left()) / line.width(), 0.0, 1.0);
    return m_from + static_cast<qint64>(std::llround(p * static_cast<double>(m_to - m_from)));
}

const ScrubBar::Mark* ScrubBar::markAt(const QPointF& pos) const {
    const Mark* nearest = nullptr;
    qreal distance = 6;
    for (const Mark& mark : m_marks)
        if (const qreal d = std::fabs(xOf(mark.at) - pos.x()); d < distance) {
            distance = d;
            nearest = &mark;
        }
    return nearest;
}

void ScrubBar::moveTo(qint64 moment) {
    moment = std::clamp(moment, m_from, m_to);
    if (moment == m_moment)
        return;
    setMoment(moment);
    emit moved(moment);
}

void ScrubBar::jump(int direction) {
    if (direction > 0) {
        for (const Mark& mark : m_marks)
            if (mark.at > m_moment)
                return moveTo(mark.at);
    } else {
        for (auto it = m_marks.crbegin(); it != m_marks.crend(); ++it)
            if (it->at < m_moment)
                return moveTo(it->at);
    }
}

void ScrubBar::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton &&
        lineRect().adjusted(-4, -6, 4, 7).contains(event->position()))
        moveTo(timeAt(event->position().x()));
}

void ScrubBar::mouseMoveEvent(QMouseEvent* event) {
    setCursor(lineRect().contains(event->position()) ? Qt::SizeHorCursor : Qt::ArrowCursor);
    if (event->buttons() & Qt::LeftButton)
        moveTo(timeAt(event->position().x()));
}

void ScrubBar::keyPressEvent(QKeyEvent* event) {
    const qint64 step = event->modifiers() & Qt::ControlModifier ? 10'000 : 1'000;
    switch (event->key()) {
        case Qt::Key_Left:
            return moveTo(m_moment - step);
        case Qt::Key_Right:
            return moveTo(m_moment + step);
        case Qt::Key_PageUp:
            return moveTo(m_moment - 60'000);
        case Qt::Key_PageDown:
            return moveTo(m_moment + 60'000);
        case Qt::Key_Home:
            return moveTo(m_from);
        case Qt::Key_End:
            return moveTo(m_to);
        case Qt::Key_Escape:
            emit liveRequested();
            return;
        default:
            QWidget::keyPressEvent(event);
    }
}

bool ScrubBar::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        if (const Mark* mark = markAt(help->pos()))
            QToolTip::showText(help->globalPos(), formatClockMs(mark->at) + u'\n' + mark->text,
                               this);
        else if (lineRect().contains(help->pos()))
            QToolTip::showText(help->globalPos(), formatClock(timeAt(help->pos().x())), this);
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

void ScrubBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Tokens& t = tokens();
    painter.fillRect(rect(), t.accent.tint);
    hLine(painter, 0, width(), height() - 1, t.border.normal);
    const QRectF line = lineRect();
    roundedBox(painter, line, 3, t.surface.panel, t.border.normal);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.save();
    painter.setClipRect(line.adjusted(1, 1, -1, -1));
    double most = 0;
    for (const double v : m_values)
        most = std::max(most, std::isfinite(v) ? v : 0.0);
    if (most > 0 && m_times.size() > 1) {
        QPainterPath path;
        const auto y = [&](double v) { return line.bottom() - 1 - v / most * (line.height() - 8); };
        path.moveTo(xOf(static_cast<qint64>(m_times.front())), line.bottom());
        for (std::size_t i = 0; i < m_times.size(); ++i)
            if (std::isfinite(m_values[i]))
                path.lineTo(xOf(static_cast<qint64>(m_times[i])), y(m_values[i]));
        path.lineTo(xOf(static_cast<qint64>(m_times.back())), line.bottom());
        QColor area = t.accent.base;
        area.setAlphaF(0.16f);
        painter.fillPath(path, area);
    }
    for (const Mark& mark : m_marks) {
        painter.setPen(QPen(t.status(mark.status).mark, 1.5));
        const qreal x = crisp(painter, xOf(mark.at));
        painter.drawLine(QPointF(x, line.top() + 1), QPointF(x, line.top() + 7));
    }
    painter.restore();
    painter.setFont(theme().font(Theme::Size::Caption));
    painter.setPen(t.text.tertiary);
    drawTabular(painter, line.adjusted(6, 0, 0, -1), Qt::AlignLeft | Qt::AlignBottom,
                formatClock(m_from).left(5));
    drawTabular(painter, line.adjusted(0, 0, -6, -1), Qt::AlignRight | Qt::AlignBottom, tr("now"));
    const qreal x = std::round(xOf(m_moment));
    painter.setPen(Qt::NoPen);
    painter.setBrush(t.accent.base);
    painter.drawRect(QRectF(x - 1, line.top() - 2, 2, line.height() + 4));
    painter.drawRoundedRect(QRectF(x - 4, line.center().y() - 8, 8, 16), 2, 2);
    if (focusVisible(this)) {
        painter.setPen(QPen(t.border.focus, 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(line.adjusted(-2, -2, 2, 2), 4, 4);
    }
}

}  // namespace odradek::ui
