// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/state_view.h"

#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/widgets/controls.h"

#include <QPainter>
#include <QTimer>

#include <cmath>

namespace odradek::ui {

StateView::StateView(QWidget* parent) : QWidget(parent), m_icon(QStringLiteral("tray")) {
    m_button = new Button({}, {}, Button::Kind::Normal, this);
    m_button->hide();
    connect(m_button, &QPushButton::clicked, this, &StateView::action);
    m_pulse = new QTimer(this);
    m_pulse->setInterval(120);
    connect(m_pulse, &QTimer::timeout, this, [this] {
        ++m_phase;
        update();
    });
    connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void StateView::setState(Kind kind, const QString& title, const QString& hint,
                         const QString& actionText) {
    m_kind = kind;
    m_title = title;
    m_hint = hint;
    m_button->setText(actionText);
    m_button->setVisible(!actionText.isEmpty());
    setAccessibleName(title);
    setAccessibleDescription(hint);
    if (kind == Kind::Loading && isVisible() && !theme().reducedMotion())
        m_pulse->start();
    else
        m_pulse->stop();
    layoutButton();
    update();
}

void StateView::setIconName(const QString& iconName) {
    m_icon = iconName;
    update();
}

void StateView::showEvent(QShowEvent*) {
    if (m_kind == Kind::Loading && !theme().reducedMotion())
        m_pulse->start();
}

void StateView::hideEvent(QHideEvent*) {
    m_pulse->stop();
}

void StateView::resizeEvent(QResizeEvent*) {
    layoutButton();
}

QRectF StateView::contentRect() const {
    const qreal width = std::min<qreal>(this->width() - 24, 420);
    QFontMetricsF body(theme().font());
    const qreal hint = m_hint.isEmpty()
                           ? 0
                           : body.boundingRect(QRectF(0, 0, width, 400),
                                               Qt::TextWordWrap | Qt::AlignHCenter, m_hint)
                                     .height() +
                                 4;
    const qreal button = m_button->isHidden() ? 0 : metrics().control + 12;
    const qreal height = (this->height() > 110 ? 34 : 0) + body.height() + 2 + hint + button;
    return {(this->width() - width) / 2, std::max(4.0, (this->height() - height) / 2 * 0.9), width,
            height};
}

void StateView::layoutButton() {
    if (m_button->isHidden())
        return;
    const QRectF r = contentRect();
    const QSize size = m_button->sizeHint();
    m_button->setGeometry(static_cast<int>(r.center().x()) - size.width() / 2,
                          static_cast<int>(r.bottom()) - metrics().control, size.width(),
                          metrics().control);
}

void StateView::paintSkeleton(QPainter& painter) {
    const int row = metrics().tableRow;
    const double wave = theme().reducedMotion() ? 0 : m_phase * 0.35;
    for (int y = 0, i = 0; y + row <= height() && i < 14; y += row, ++i) {
        const double lit = 0.5 + 0.5 * std::sin(wave - i * 0.5);
        const QColor color = mix(tokens().border.subtle, tokens().border.normal, lit * 0.5);
        const qreal w = width() - 24;
        for (int c = 0; c < 4; ++c) {
            const qreal share = (0.1 + 0.11 * ((i * 5 + c * 3) % 4) / 3.0);
            roundedBox(painter, QRectF(12 + w * c * 0.25, y + row / 2.0 - 4, w * share, 8), 3,
                       color, QColor());
        }
    }
}

void StateView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Tokens& t = tokens();
    painter.fillRect(rect(), t.surface.panel);
    if (m_kind == Kind::Loading) {
        paintSkeleton(painter);
        if (m_title.isEmpty())
            return;
    }
    QRectF r = contentRect();
    if (height() > 110) {
        const QRectF shape(r.center().x() - 12, r.top(), 24, 24);
        if (m_kind == Kind::Error || m_kind == Kind::Stale) {
            drawStatus(painter, shape, m_kind == Kind::Error ? Status::Error : Status::Warning);
        } else if (m_kind != Kind::Loading) {
            painter.drawPixmap(
                shape.topLeft(),
                theme().pixmap(m_kind == Kind::NotFound ? QStringLiteral("search") : m_icon,
                               t.text.tertiary, 24, devicePixelRatioF()));
        }
        r.setTop(r.top() + 34);
    }
    painter.setFont(theme().font(Theme::Size::Body, Theme::Weight::Strong));
    painter.setPen(m_kind == Kind::Error ? t.status(Status::Error).text : t.text.primary);
    const qreal line = QFontMetricsF(painter.font()).height();
    drawText(painter, QRectF(r.left(), r.top(), r.width(), line),
             Qt::AlignHCenter | Qt::AlignVCenter, m_title);
    if (m_hint.isEmpty())
        return;
    painter.setFont(theme().font());
    painter.setPen(t.text.tertiary);
    painter.drawText(r.adjusted(0, line + 4, 0, 0),
                     Qt::TextWordWrap | Qt::AlignHCenter | Qt::AlignTop, m_hint);
}

MessageBar::MessageBar(QWidget* parent) : QWidget(parent) {
    m_button = new Button({}, {}, Button::Kind::Normal, this);
    m_button->hide();
    m_close = new IconButton(QStringLiteral("close"), tr("Dismiss"), this);
    m_timer = new QTimer(this);
    m_timer->setSingleShot(true);
    const auto end = [this] {
        hide();
        emit closed();
    };
    connect(m_timer, &QTimer::timeout, this, end);
    connect(m_close, &QAbstractButton::clicked, this, end);
    connect(m_button, &QAbstractButton::clicked, this, &MessageBar::action);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
    hide();
}

void MessageBar::showMessage(Status status, const QString& text, const QString& actionText,
                             int timeoutMs) {
    m_status = status;
    m_text = text;
    setAccessibleName(Theme::statusWord(status) + QStringLiteral(": ") + text);
    setToolTip(text);
    m_button->setText(actionText);
    m_button->setVisible(!actionText.isEmpty());
    m_timer->stop();
    if (timeoutMs > 0)
        m_timer->start(timeoutMs);
    updateGeometry();
    show();
    update();
}

void MessageBar::setBanner(bool banner) {
    m_banner = banner;
    update();
}

void MessageBar::setClosable(bool closable) {
    m_close->setVisible(closable);
}

QSize MessageBar::sizeHint() const {
    return {300, metrics().control + 8};
}

void MessageBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const StatusTokens& s = tokens().status(m_status);
    int right = width() - 6;
    if (!m_close->isHidden()) {
        right -= m_close->width();
        m_close->move(right, (height() - m_close->height()) / 2);
        right -= 6;
    }
    if (!m_button->isHidden()) {
        const int w = m_button->sizeHint().width();
        right -= w;
        m_button->setGeometry(right, (height() - metrics().control) / 2, w, metrics().control);
        right -= 8;
    }
    qreal left = 12;
    if (m_banner) {
        painter.fillRect(rect(), s.tint);
        hatch(painter, QRectF(0, 0, 8, height()), s.mark, 10, 4);
        hLine(painter, 0, width(), height() - 1, tokens().border.subtle);
        left = 20;
    } else {
        roundedBox(painter, QRectF(rect()), metrics().radiusPanel, s.tint, QColor());
    }
    const qreal shape = metrics().icon;
    drawStatus(painter, QRectF(left, (height() - shape) / 2, shape, shape), m_status);
    painter.setFont(
        theme().font(Theme::Size::Body, m_banner ? Theme::Weight::Strong : Theme::Weight::Regular));
    painter.setPen(s.text);
    drawText(painter, QRectF(left + shape + 8, 0, right - left - shape - 8, height()),
             Qt::AlignVCenter | Qt::AlignLeft, m_text);
}

}  // namespace odradek::ui
