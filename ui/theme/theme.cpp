// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/theme.h"

#include "resources/resources.h"

#include <QApplication>
#include <QFile>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPainter>
#include <QPalette>
#include <QPointer>
#include <QSettings>
#include <QStyle>
#include <QStyleFactory>
#include <QSvgRenderer>

namespace odradek::ui {

namespace {

QColor colorAt(const QJsonObject& object, const char* group, const char* name) {
    return QColor(object[QLatin1String(group)].toObject()[QLatin1String(name)].toString());
}

Tokens readTokens(const QJsonObject& o) {
    Tokens t;
    t.surface = {colorAt(o, "surface", "window"),   colorAt(o, "surface", "page"),
                 colorAt(o, "surface", "panel"),    colorAt(o, "surface", "sunken"),
                 colorAt(o, "surface", "raised"),   colorAt(o, "surface", "hover"),
                 colorAt(o, "surface", "selected"), colorAt(o, "surface", "stripe"),
                 colorAt(o, "surface", "tooltip")};
    t.border = {colorAt(o, "border", "subtle"), colorAt(o, "border", "default"),
                colorAt(o, "border", "control"), colorAt(o, "border", "focus")};
    t.text = {colorAt(o, "text", "primary"),  colorAt(o, "text", "secondary"), colorAt(o, "text", "tertiary"),
              colorAt(o, "text", "disabled"), colorAt(o, "text", "link"),      colorAt(o, "text", "onAccent"),
              colorAt(o, "text", "onTooltip")};
    t.accent = {colorAt(o, "accent", "base"), colorAt(o, "accent", "hover"), colorAt(o, "accent", "pressed"),
                colorAt(o, "accent", "tint")};
    t.replica = {colorAt(o, "replica", "leader"), colorAt(o, "replica", "follower"),
                 colorAt(o, "replica", "lagging"), colorAt(o, "replica", "offline")};
    t.syntax = {colorAt(o, "syntax", "key"), colorAt(o, "syntax", "string"), colorAt(o, "syntax", "number"),
                colorAt(o, "syntax", "keyword"), colorAt(o, "syntax", "punctuation")};
    static constexpr const char* kNames[kStatusCount] = {"ok", "info", "warning", "error", "offline"};
    const QJsonObject statuses = o["status"].toObject();
    for (int i = 0; i < kStatusCount; ++i) {
        const QJsonObject s = statuses[QLatin1String(kNames[i])].toObject();
        t.statuses[static_cast<std::size_t>(i)] = {QColor(s["text"].toString()), QColor(s["mark"].toString()),
                                                   QColor(s["tint"].toString()), s["shape"].toString()};
    }
    for (const auto& value : o["series"].toArray()) t.series.append(QColor(value.toString()));
    return t;
}

Metrics readMetrics(const QJsonObject& root, const char* density) {
    Metrics m;
    const QLatin1String key(density);
    const QJsonObject font = root["font"].toObject()[key].toObject();
    m.caption = font["caption"].toInt(m.caption);
    m.body = font["body"].toInt(m.body);
    m.title = font["title"].toInt(m.title);
    const QJsonObject rows = root["rowHeight"].toObject()[key].toObject();
    m.tableRow = rows["table"].toInt(m.tableRow);
    m.tableHeader = rows["tableHeader"].toInt(m.tableHeader);
    m.treeRow = rows["tree"].toInt(m.treeRow);
    m.navRow = rows["nav"].toInt(m.navRow);
    m.control = rows["control"].toInt(m.control);
    m.toolbar = rows["toolbar"].toInt(m.toolbar);
    m.panelHeader = rows["panelHeader"].toInt(m.panelHeader);
    m.statusBar = rows["statusBar"].toInt(m.statusBar);
    m.tab = rows["tab"].toInt(m.tab);
    const QJsonObject radius = root["radius"].toObject();
    m.radiusControl = radius["control"].toInt(m.radiusControl);
    m.radiusPanel = radius["panel"].toInt(m.radiusPanel);
    m.radiusChip = radius["chip"].toInt(m.radiusChip);
    m.radiusCell = radius["cell"].toInt(m.radiusCell);
    m.seriesStroke = root["stroke"].toObject()["series"].toDouble(m.seriesStroke);
    const QJsonObject motion = root["motion"].toObject();
    m.quickMs = motion["quickMs"].toInt(m.quickMs);
    m.moveMs = motion["moveMs"].toInt(m.moveMs);
    m.recordTravelMs = motion["recordTravelMs"].toInt(m.recordTravelMs);
    if (qstrcmp(density, "presenter") == 0) {
        m.icon = 20;
        m.navWidth = 252;
    }
    return m;
}

}  // namespace

Theme::Theme(QObject* parent) : QObject(parent) {
    load();
    // What the platform says before we set a palette of our own.
    m_systemDark = QGuiApplication::palette().color(QPalette::Window).lightness() < 128;
    const QStringList families = QFontDatabase::families();
    m_uiFamily = families.contains(QStringLiteral("Inter"))
                     ? QStringLiteral("Inter")
                     : QFontDatabase::systemFont(QFontDatabase::GeneralFont).family();
    m_monoFamily = families.contains(QStringLiteral("JetBrains Mono"))
                       ? QStringLiteral("JetBrains Mono")
                       : QFontDatabase::systemFont(QFontDatabase::FixedFont).family();
    recompute();
}

void Theme::load() {
    initResources();
    QFile file(QStringLiteral(":/odradek/themes/palette.json"));
    if (!file.open(QIODevice::ReadOnly)) qFatal("the palette is not compiled in");
    const QJsonObject root = QJsonDocument::fromJson(file.readAll()).object();
    m_lightTokens = readTokens(root["light"].toObject());
    m_darkTokens = readTokens(root["dark"].toObject());
    m_normal = readMetrics(root, "normal");
    m_presenter = readMetrics(root, "presenter");
    for (const auto& value : root["seriesDash"].toArray()) {
        QVector<qreal> dash;
        for (const QString& part : value.toString().split(' ')) {
            bool ok = false;
            const double number = part.toDouble(&ok);
            if (ok) dash.append(number);
        }
        m_dashes.append(dash);
    }
}

void Theme::recompute() {
    m_dark = m_mode == Mode::Dark || (m_mode == Mode::System && m_systemDark);
    m_metrics = m_density == Density::Presenter ? m_presenter : m_normal;
    if (m_reducedMotion) m_metrics.quickMs = m_metrics.moveMs = m_metrics.recordTravelMs = 0;
}

void Theme::setMode(Mode mode) {
    if (m_mode == mode) return;
    m_mode = mode;
    apply();
}

void Theme::setDensity(Density density) {
    if (m_density == density) return;
    m_density = density;
    apply();
}

void Theme::setReducedMotion(bool reduced) {
    if (m_reducedMotion == reduced) return;
    m_reducedMotion = reduced;
    apply();
}

void Theme::apply() {
    recompute();
    const Tokens& t = tokens();
    QPalette p;
    p.setColor(QPalette::Window, t.surface.window);
    p.setColor(QPalette::WindowText, t.text.primary);
    p.setColor(QPalette::Base, t.surface.panel);
    p.setColor(QPalette::AlternateBase, t.surface.stripe);
    p.setColor(QPalette::Text, t.text.primary);
    p.setColor(QPalette::PlaceholderText, t.text.tertiary);
    p.setColor(QPalette::Button, t.surface.panel);
    p.setColor(QPalette::ButtonText, t.text.primary);
    p.setColor(QPalette::BrightText, t.status(Status::Error).text);
    p.setColor(QPalette::Highlight, t.surface.selected);
    p.setColor(QPalette::HighlightedText, t.text.primary);
    p.setColor(QPalette::Link, t.text.link);
    p.setColor(QPalette::LinkVisited, t.text.link);
    p.setColor(QPalette::ToolTipBase, t.surface.tooltip);
    p.setColor(QPalette::ToolTipText, t.text.onTooltip);
    p.setColor(QPalette::Light, t.border.subtle);
    p.setColor(QPalette::Mid, t.border.normal);
    p.setColor(QPalette::Dark, t.border.control);
    for (auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        p.setColor(QPalette::Disabled, role, t.text.disabled);
    if (!QApplication::style() || QApplication::style()->name() != QLatin1String("fusion"))
        QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    QApplication::setPalette(p);
    QApplication::setFont(font());
    if (qApp) qApp->setStyleSheet(styleSheet());
    emit changed();
}

QFont Theme::font(Size size, Weight weight) const {
    QFont f(m_uiFamily);
    f.setPixelSize(size == Size::Caption ? m_metrics.caption
                                         : (size == Size::Title ? m_metrics.title : m_metrics.body));
    f.setWeight(weight == Weight::Strong ? QFont::DemiBold : QFont::Normal);
    f.setHintingPreference(QFont::PreferNoHinting);
#if QT_VERSION >= QT_VERSION_CHECK(6, 7, 0)
    f.setFeature("tnum", 1);
#endif
    return f;
}

QFont Theme::monoFont(Size beside) const {
    QFont f(m_monoFamily);
    const int text = beside == Size::Caption ? m_metrics.caption
                                             : (beside == Size::Title ? m_metrics.title : m_metrics.body);
    f.setPixelSize(text - 1);
    f.setFixedPitch(true);
    f.setStyleHint(QFont::Monospace);
    f.setHintingPreference(QFont::PreferNoHinting);
    return f;
}

QPixmap Theme::pixmap(const QString& name, const QColor& color, int size, qreal dpr) const {
    if (dpr <= 0) dpr = qApp ? qApp->devicePixelRatio() : 1.0;
    const QString key = QStringLiteral("%1|%2|%3|%4").arg(name).arg(color.rgba()).arg(size).arg(dpr);
    if (auto it = m_pixmaps.constFind(key); it != m_pixmaps.constEnd()) return *it;
    QSvgRenderer renderer(QStringLiteral(":/odradek/icons/%1.svg").arg(name));
    QPixmap result(QSize(size, size) * dpr);
    result.fill(Qt::transparent);
    if (renderer.isValid()) {
        QPainter painter(&result);
        painter.setRenderHint(QPainter::Antialiasing);
        renderer.render(&painter, QRectF(QPointF(0, 0), QSizeF(result.size())));
        painter.setCompositionMode(QPainter::CompositionMode_SourceIn);
        painter.fillRect(result.rect(), color);
    } else {
        qWarning("no icon named %s", qPrintable(name));
    }
    result.setDevicePixelRatio(dpr);
    m_pixmaps.insert(key, result);
    return result;
}

QIcon Theme::icon(const QString& name) const { return icon(name, tokens().text.secondary); }

QIcon Theme::icon(const QString& name, const QColor& color) const {
    QIcon icon;
    const int size = m_metrics.icon;
    for (const qreal dpr : {1.0, 2.0, 3.0}) {
        icon.addPixmap(pixmap(name, color, size, dpr), QIcon::Normal);
        icon.addPixmap(pixmap(name, tokens().text.disabled, size, dpr), QIcon::Disabled);
    }
    return icon;
}

QIcon Theme::appIcon() const { return QIcon(QStringLiteral(":/odradek/icons/app.svg")); }

QString Theme::statusWord(Status status) {
    switch (status) {
        case Status::Ok: return tr("Healthy");
        case Status::Info: return tr("Note");
        case Status::Warning: return tr("Warning");
        case Status::Error: return tr("Error");
        case Status::Offline: return tr("Offline");
    }
    return {};
}

QVector<qreal> Theme::seriesDash(int position) const {
    if (m_dashes.isEmpty() || position < 0) return {};
    QVector<qreal> dash = m_dashes[position % m_dashes.size()];
    for (qreal& part : dash) part /= m_metrics.seriesStroke;
    return dash;
}

void Theme::restore() {
    QSettings settings;
    const QString mode = settings.value(QStringLiteral("theme/mode"), QStringLiteral("system")).toString();
    m_mode = mode == QLatin1String("dark") ? Mode::Dark
             : mode == QLatin1String("light") ? Mode::Light
                                              : Mode::System;
    m_density = settings.value(QStringLiteral("theme/presenter")).toBool() ? Density::Presenter : Density::Normal;
    m_reducedMotion = settings.value(QStringLiteral("theme/reducedMotion")).toBool();
    apply();
}

void Theme::save() const {
    QSettings settings;
    settings.setValue(QStringLiteral("theme/mode"), m_mode == Mode::Dark    ? QStringLiteral("dark")
                                                    : m_mode == Mode::Light ? QStringLiteral("light")
                                                                            : QStringLiteral("system"));
    settings.setValue(QStringLiteral("theme/presenter"), isPresenter());
    settings.setValue(QStringLiteral("theme/reducedMotion"), m_reducedMotion);
}

Theme& theme() {
    // A child of the application, made once per application object: tests may create several in turn.
    static QPointer<Theme> current;
    if (!current || current->parent() != qApp) current = new Theme(qApp);
    return *current;
}

}  // namespace odradek::ui
