// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme.h"

#include <QLabel>
#include <QWidget>

#include <optional>

namespace odradek::ui {

/// QLabel in one of the three sizes and a text colour of the theme; follows theme changes.
class TextLabel : public QLabel {
    Q_OBJECT
public:
    enum class Tone { Primary, Secondary, Tertiary, Link };
    explicit TextLabel(const QString& text = QString(), Theme::Size size = Theme::Size::Body,
                       Tone tone = Tone::Primary, Theme::Weight weight = Theme::Weight::Regular,
                       QWidget* parent = nullptr);
    void setTone(Tone tone);
    void setMono(bool mono);

private:
    void applyTheme();
    Theme::Size m_size;
    Tone m_tone;
    Theme::Weight m_weight;
    bool m_mono = false;
};

/// One line that shortens with an ellipsis instead of pushing its neighbours; whole text in the tooltip.
class ElidedLabel : public QWidget {
    Q_OBJECT
public:
    explicit ElidedLabel(const QString& text = QString(), Theme::Size size = Theme::Size::Body,
                         TextLabel::Tone tone = TextLabel::Tone::Primary,
                         Theme::Weight weight = Theme::Weight::Regular, QWidget* parent = nullptr);
    void setText(const QString& text);
    QString text() const { return m_text; }
    void setElideMode(Qt::TextElideMode mode);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_text;
    Theme::Size m_size;
    TextLabel::Tone m_tone;
    Theme::Weight m_weight;
    Qt::TextElideMode m_mode = Qt::ElideRight;
};

/// The shape of a status alone (with its word as accessible name and tooltip).
class StatusDot : public QWidget {
    Q_OBJECT
public:
    explicit StatusDot(Status status = Status::Ok, QWidget* parent = nullptr, int size = 14);
    void setStatus(Status status, const QString& tooltip = QString());
    Status status() const { return m_status; }
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Status m_status;
    int m_size;
};

/// Shape + coloured word(s).
class StatusLabel : public QWidget {
    Q_OBJECT
public:
    explicit StatusLabel(Status status = Status::Ok, const QString& text = QString(), QWidget* parent = nullptr);
    void setStatus(Status status, const QString& text);
    QString text() const { return m_text; }
    Status status() const { return m_status; }
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Status m_status;
    QString m_text;
};

/// Small rounded fact; tinted with a shape when it has a status, with an icon when it has one.
class Chip : public QWidget {
    Q_OBJECT
public:
    explicit Chip(const QString& text = QString(), QWidget* parent = nullptr);
    void setText(const QString& text);
    QString text() const { return m_text; }
    void setStatus(std::optional<Status> status);
    void setIcon(const QString& iconName);
    void setOutlined(bool outlined);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_text;
    QString m_icon;
    std::optional<Status> m_status;
    bool m_outlined = false;
};

/// Legend entry: marker or swatch in a colour, then a word.
class LegendItem : public QWidget {
    Q_OBJECT
public:
    enum class Swatch { Filled, Outlined, Hatched, Marker };
    LegendItem(const QString& text, Swatch swatch, const QColor& color, int marker = 0, QWidget* parent = nullptr);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_text;
    Swatch m_swatch;
    QColor m_color;
    int m_marker;
};

}  // namespace odradek::ui
