// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/labels.h"

#include "ui/theme/paint.h"

#include <QPainter>

#include <cmath>

namespace odradek::ui {

namespace {

QColor toneColor(TextLabel::Tone tone) {
    const Tokens& t = tokens();
    switch (tone) {
        case TextLabel::Tone::Secondary:
            return t.text.secondary;
        case TextLabel::Tone::Tertiary:
            return t.text.tertiary;
        case TextLabel::Tone::Link:
            return t.text.link;
        default:
            return t.text.primary;
    }
}

void followTheme(QWidget* widget) {
    QObject::connect(&theme(), &Theme::changed, widget, [widget] {
        widget->updateGeometry();
        widget->update();
    });
}

}  // namespace

TextLabel::TextLabel(const QString& text, Theme::Size size, Tone tone, Theme::Weight weight,
                     QWidget* parent)
    : QLabel(text, parent), m_size(size), m_tone(tone), m_weight(weight) {
    connect(&theme(), &Theme::changed, this, &TextLabel::applyTheme);
    applyTheme();
}

void TextLabel::setTone(Tone tone) {
    m_tone = tone;
    applyTheme();
}

void TextLabel::setMono(bool mono) {
    m_mono = mono;
    applyTheme();
}

void TextLabel::applyTheme() {
    // Through a stylesheet of its own, because the application's stylesheet overrides fonts and
    // palettes.
    const QFont f = m_mono ? theme().monoFont(m_size) : theme().font(m_size, m_weight);
    setFont(f);
    setStyleSheet(
        QStringLiteral(
            "QLabel { color: %1; font-family: \"%2\"; font-size: %3px; font-weight: %4; }")
            .arg(toneColor(m_tone).name(), f.family())
            .arg(f.pixelSize())
            .arg(m_weight == Theme::Weight::Strong ? 600 : 400));
}

ElidedLabel::ElidedLabel(const QString& text, Theme::Size size, TextLabel::Tone tone,
                         Theme::Weight weight, QWidget* parent)
    : QWidget(parent), m_text(text), m_size(size), m_tone(tone), m_weight(weight) {
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setAccessibleName(text);
    followTheme(this);
}

void ElidedLabel::setText(const QString& text) {
    if (m_text == text)
        return;
    m_text = text;
    setAccessibleName(text);
    updateGeometry();
    update();
}

void ElidedLabel::setElideMode(Qt::TextElideMode mode) {
    m_mode = mode;
    update();
}

QSize ElidedLabel::sizeHint() const {
    const QFontMetricsF fm(theme().font(m_size, m_weight));
    return {static_cast<int>(std::ceil(fm.horizontalAdvance(m_text))) + 1,
            static_cast<int>(std::ceil(fm.height()))};
}

QSize ElidedLabel::minimumSizeHint() const {
    return {0, sizeHint().height()};
}

void ElidedLabel::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const QFont f = theme().font(m_size, m_weight);
    painter.setFont(f);
    painter.setPen(toneColor(m_tone));
    const QString shown = QFontMetricsF(f).elidedText(m_text, m_mode, width());
    painter.drawText(rect(), Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, shown);
    setToolTip(shown == m_text ? QString() : m_text);
}

StatusDot::StatusDot(Status status, QWidget* parent, int size)
    : QWidget(parent), m_status(status), m_size(size) {
    setFixedSize(sizeHint());
    setStatus(status);
    connect(&theme(), &Theme::changed, this, [this] {
        setFixedSize(sizeHint());
        update();
    });
}

void StatusDot::setStatus(Status status, const QString& tooltip) {
    m_status = status;
    setAccessibleName(tooltip.isEmpty() ? Theme::statusWord(status) : tooltip);
    setToolTip(accessibleName());
    update();
}

QSize StatusDot::sizeHint() const {
    const int size = static_cast<int>(std::lround(m_size * metrics().body / 13.0));
    return {size, size};
}

void StatusDot::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    drawStatus(painter, QRectF(rect()), m_status);
}

StatusLabel::StatusLabel(Status status, const QString& text, QWidget* parent)
    : QWidget(parent), m_status(status) {
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setStatus(status, text);
    followTheme(this);
}

void StatusLabel::setStatus(Status status, const QString& text) {
    m_status = status;
    m_text = text.isEmpty() ? Theme::statusWord(status) : text;
    setAccessibleName(m_text);
    updateGeometry();
    update();
}

QSize StatusLabel::sizeHint() const {
    const QFontMetricsF fm(theme().font());
    return {static_cast<int>(fm.horizontalAdvance(m_text)) + metrics().icon + 6,
            std::max<int>(metrics().icon, static_cast<int>(fm.height()))};
}

void StatusLabel::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const qreal shape = metrics().icon - 2;
    drawStatus(painter, QRectF(0, (height() - shape) / 2.0, shape, shape), m_status);
    painter.setFont(theme().font());
    painter.setPen(tokens().status(m_status).text);
    drawText(painter, QRectF(rect()).adjusted(shape + 6, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft,
             m_text);
}

Chip::Chip(const QString& text, QWidget* parent) : QWidget(parent), m_text(text) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAccessibleName(text);
    followTheme(this);
}

void Chip::setText(const QString& text) {
    m_text = text;
    setAccessibleName(text);
    updateGeometry();
    update();
}

void Chip::setStatus(std::optional<Status> status) {
    m_status = status;
    updateGeometry();
    update();
}

void Chip::setIcon(const QString& iconName) {
    m_icon = iconName;
    updateGeometry();
    update();
}

void Chip::setOutlined(bool outlined) {
    m_outlined = outlined;
    update();
}

QSize Chip::sizeHint() const {
    const QFontMetricsF fm(theme().font(Theme::Size::Caption));
    qreal width = fm.horizontalAdvance(m_text) + 16;
    if (m_status || !m_icon.isEmpty())
        width += metrics().caption + 7;
    return {static_cast<int>(std::ceil(width)), metrics().caption + 9};
}

void Chip::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Tokens& t = tokens();
    const QColor fill =
        m_status ? t.status(*m_status).tint : (m_outlined ? QColor() : t.surface.sunken);
    roundedBox(painter, QRectF(rect()), metrics().radiusChip, fill,
               m_outlined ? t.border.normal : QColor());
    QRectF area = QRectF(rect()).adjusted(8, 0, -8, 0);
    const qreal shape = metrics().caption + 1;
    if (m_status) {
        drawStatus(painter, QRectF(area.left(), (height() - shape) / 2.0, shape, shape), *m_status);
        area.setLeft(area.left() + shape + 6);
    } else if (!m_icon.isEmpty()) {
        painter.drawPixmap(
            QPointF(area.left(), std::round((height() - shape) / 2.0)),
            theme().pixmap(m_icon, t.text.secondary, static_cast<int>(shape), devicePixelRatioF()));
        area.setLeft(area.left() + shape + 6);
    }
    painter.setFont(theme().font(Theme::Size::Caption));
    painter.setPen(m_status ? t.status(*m_status).text : t.text.secondary);
    drawText(painter, area, Qt::AlignVCenter | Qt::AlignLeft, m_text);
}

LegendItem::LegendItem(const QString& text, Swatch swatch, const QColor& color, int marker,
                       QWidget* parent)
    : QWidget(parent), m_text(text), m_swatch(swatch), m_color(color), m_marker(marker) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAccessibleName(text);
    followTheme(this);
}

QSize LegendItem::sizeHint() const {
    const QFontMetricsF fm(theme().font(Theme::Size::Caption));
    return {static_cast<int>(std::ceil(fm.horizontalAdvance(m_text))) + 20, metrics().caption + 8};
}

void LegendItem::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const QRectF box(0, (height() - 12) / 2.0, 13, 12);
    switch (m_swatch) {
        case Swatch::Filled:
            roundedBox(painter, box, 3, m_color, QColor());
            break;
        case Swatch::Outlined:
            roundedBox(painter, box, 3, QColor(), m_color);
            break;
        case Swatch::Hatched:
            hatch(painter, box.adjusted(1, 1, -1, -1), m_color, 5, 1.6, 2);
            roundedBox(painter, box, 3, QColor(), m_color);
            break;
        case Swatch::Marker:
            drawMarker(painter, box.center(), markerAt(m_marker), m_color, 9);
            break;
    }
    painter.setFont(theme().font(Theme::Size::Caption));
    painter.setPen(tokens().text.secondary);
    painter.drawText(QRectF(rect()).adjusted(19, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft,
                     m_text);
}

}  // namespace odradek::ui
