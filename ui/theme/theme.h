// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/tokens.h"

#include <QFont>
#include <QHash>
#include <QIcon>
#include <QObject>
#include <QPixmap>

class QWidget;

namespace odradek::ui {

/// The look of the application: colours, sizes, fonts and icons, and the switch between light and dark
/// and between operator and presenter density. Lives as a child of the QApplication (see theme()); GUI
/// thread only. Widgets read tokens() when they paint and call update() on changed(); ordinary Qt widgets
/// follow by the palette and the one stylesheet that apply() sets.
class Theme : public QObject {
    Q_OBJECT
public:
    enum class Mode { System, Light, Dark };
    enum class Density { Normal, Presenter };
    enum class Size { Caption, Body, Title };
    enum class Weight { Regular, Strong };

    explicit Theme(QObject* parent = nullptr);

    /// Sets palette, font and stylesheet on the QApplication. Called once by the composition root and by
    /// itself on every change.
    void apply();

    Mode mode() const { return m_mode; }
    void setMode(Mode mode);
    bool isDark() const { return m_dark; }
    Density density() const { return m_density; }
    void setDensity(Density density);
    bool isPresenter() const { return m_density == Density::Presenter; }
    bool reducedMotion() const { return m_reducedMotion; }
    void setReducedMotion(bool reduced);

    const Tokens& tokens() const { return m_dark ? m_darkTokens : m_lightTokens; }
    const Tokens& tokens(bool dark) const { return dark ? m_darkTokens : m_lightTokens; }
    const Metrics& metrics() const { return m_metrics; }

    /// System general font (Inter when installed) with tabular digits.
    QFont font(Size size = Size::Body, Weight weight = Weight::Regular) const;
    /// Fixed-width face, one pixel smaller than the text beside it.
    QFont monoFont(Size beside = Size::Body) const;

    /// Icon drawn in resources/icons/<name>.svg, tinted. Cached per colour, size and pixel ratio.
    QPixmap pixmap(const QString& name, const QColor& color, int size = 16, qreal dpr = 0) const;
    /// Icon in text.secondary with its disabled variant, for buttons and menus. Made anew on changed().
    QIcon icon(const QString& name) const;
    QIcon icon(const QString& name, const QColor& color) const;
    /// The application icon (not tinted).
    QIcon appIcon() const;

    /// The word of a status: "Healthy", "Note", "Warning", "Error", "Offline" (translated).
    static QString statusWord(Status status);

    /// Dash pattern for the line at this position of a chart, in units of line width; empty = solid.
    QVector<qreal> seriesDash(int position) const;

    /// Reads and writes mode, density and motion in QSettings ("theme/...").
    void restore();
    void save() const;

signals:
    /// Colours, sizes or fonts are different now; already applied to the QApplication.
    void changed();

private:
    void load();
    void recompute();
    QString styleSheet() const;

    Tokens m_lightTokens;
    Tokens m_darkTokens;
    Metrics m_normal;
    Metrics m_presenter;
    Metrics m_metrics;
    QVector<QVector<qreal>> m_dashes;
    Mode m_mode = Mode::System;
    Density m_density = Density::Normal;
    bool m_dark = false;
    bool m_systemDark = false;
    bool m_reducedMotion = false;
    QString m_uiFamily;
    QString m_monoFamily;
    mutable QHash<QString, QPixmap> m_pixmaps;
};

/// The theme of the running QApplication, as reachable as its palette; made on the first call.
Theme& theme();
/// Shorthands for painting code.
inline const Tokens& tokens() { return theme().tokens(); }
inline const Metrics& metrics() { return theme().metrics(); }

}  // namespace odradek::ui
