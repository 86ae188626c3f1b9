// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/controls.h"

#include "ui/theme/focus.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QSettings>
#include <QStyle>
#include <QWidgetAction>

#include <cmath>

namespace odradek::ui {

namespace {

void followTheme(QWidget* widget) {
    QObject::connect(&theme(), &Theme::changed, widget, [widget] {
        widget->updateGeometry();
        widget->update();
    });
}

void focusRing(QPainter& painter, const QRectF& rect, qreal radius) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(tokens().border.focus, 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), radius, radius);
    painter.restore();
}

}  // namespace

Button::Button(const QString& text, const QString& iconName, Kind kind, QWidget* parent)
    : QPushButton(text, parent), m_icon(iconName), m_kind(kind) {
    setAutoDefault(false);
    setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed);
    connect(&theme(), &Theme::changed, this, &Button::applyTheme);
    applyTheme();
}

void Button::setKind(Kind kind) {
    m_kind = kind;
    applyTheme();
}

void Button::setIconName(const QString& iconName) {
    m_icon = iconName;
    applyTheme();
}

void Button::applyTheme() {
    const char* kinds[] = {"normal", "primary", "danger"};
    const QVariant wanted = QString::fromLatin1(kinds[static_cast<int>(m_kind)]);
    if (property("kind") != wanted) {
        setProperty("kind", wanted);
        style()->unpolish(this);
        style()->polish(this);
    }
    if (m_icon.isEmpty())
        return setIcon(QIcon());
    const Tokens& t = tokens();
    const QColor color = m_kind == Kind::Primary  ? t.text.onAccent
                         : m_kind == Kind::Danger ? t.status(Status::Error).text
                                                  : t.text.primary;
    // The style leaves no air between icon and word, so the icon brings its own.
    const int side = metrics().icon;
    const int air = text().isEmpty() ? 0 : 4;
    QIcon padded;
    for (const auto mode : {QIcon::Normal, QIcon::Disabled}) {
        for (const qreal dpr : {1.0, 2.0, 3.0}) {
            QPixmap pixmap(QSize(side + air, side) * dpr);
            pixmap.setDevicePixelRatio(dpr);
            pixmap.fill(Qt::transparent);
            QPainter painter(&pixmap);
            painter.drawPixmap(
                QPointF(0, 0),
                theme().pixmap(m_icon, mode == QIcon::Normal ? color : t.text.disabled, side, dpr));
            painter.end();
            padded.addPixmap(pixmap, mode);
        }
    }
    setIconSize(QSize(side + air, side));
    setIcon(padded);
}

IconButton::IconButton(const QString& iconName, const QString& hint, QWidget* parent)
    : QToolButton(parent), m_icon(iconName) {
    setToolTip(hint);
    setAccessibleName(hint);
    setFocusPolicy(Qt::StrongFocus);
    setAutoRaise(true);
    connect(&theme(), &Theme::changed, this, &IconButton::applyTheme);
    applyTheme();
}

void IconButton::setIconName(const QString& iconName) {
    if (m_icon == iconName)
        return;
    m_icon = iconName;
    applyTheme();
}

void IconButton::setOutlined(bool outlined) {
    setProperty("outlined", outlined);
    style()->unpolish(this);
    style()->polish(this);
    applyTheme();
}

void IconButton::applyTheme() {
    setIcon(theme().icon(m_icon));
    setIconSize(QSize(metrics().icon, metrics().icon));
    const int side = property("outlined").toBool() ? metrics().control : metrics().control - 2;
    setFixedSize(side, side);
}

SegmentedControl::SegmentedControl(const QStringList& texts, QWidget* parent)
    : QWidget(parent), m_texts(texts) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    followTheme(this);
}

void SegmentedControl::setTexts(const QStringList& texts) {
    m_texts = texts;
    m_current = qBound(0, m_current, static_cast<int>(qMax<qsizetype>(0, texts.size() - 1)));
    updateGeometry();
    update();
}

void SegmentedControl::setCurrent(int index) {
    if (index == m_current || index < 0 || index >= m_texts.size())
        return;
    m_current = index;
    setAccessibleName(m_texts[index]);
    update();
    emit currentChanged(index);
}

QSize SegmentedControl::sizeHint() const {
    const QFontMetricsF fm(theme().font(Theme::Size::Caption, Theme::Weight::Strong));
    qreal width = 0;
    for (const QString& text : m_texts)
        width += std::ceil(fm.horizontalAdvance(text)) + 18;
    return {static_cast<int>(width) + 1, metrics().caption + 11};
}

QRectF SegmentedControl::segmentRect(int index) const {
    const QFontMetricsF fm(theme().font(Theme::Size::Caption, Theme::Weight::Strong));
    qreal x = 0;
    for (int i = 0; i < index; ++i)
        x += std::ceil(fm.horizontalAdvance(m_texts[i])) + 18;
    return {x, 0, std::ceil(fm.horizontalAdvance(m_texts[index])) + 18,
            static_cast<qreal>(height())};
}

int SegmentedControl::segmentAt(const QPointF& pos) const {
    for (int i = 0; i < m_texts.size(); ++i)
        if (segmentRect(i).contains(pos))
            return i;
    return -1;
}

void SegmentedControl::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Tokens& t = tokens();
    const qreal radius = metrics().radiusControl;
    roundedBox(painter, QRectF(rect()), radius, t.surface.panel, t.border.normal);
    for (int i = 0; i < m_texts.size(); ++i) {
        const QRectF segment = segmentRect(i);
        const bool on = i == m_current;
        if (on || i == m_hover)
            roundedBox(painter, segment.adjusted(1, 1, 0, -1), radius - 1,
                       on ? t.surface.selected : t.surface.hover, QColor());
        if (i > 0)
            vLine(painter, segment.left(), 1, height() - 1, t.border.normal);
        painter.setFont(theme().font(Theme::Size::Caption,
                                     on ? Theme::Weight::Strong : Theme::Weight::Regular));
        painter.setPen(!isEnabled() ? t.text.disabled : (on ? t.text.primary : t.text.secondary));
        painter.drawText(segment, Qt::AlignCenter, m_texts[i]);
    }
    if (focusVisible(this))
        focusRing(painter, QRectF(rect()), radius);
}

void SegmentedControl::mousePressEvent(QMouseEvent* event) {
    setCurrent(segmentAt(event->position()));
}

void SegmentedControl::mouseMoveEvent(QMouseEvent* event) {
    m_hover = segmentAt(event->position());
    update();
}

void SegmentedControl::leaveEvent(QEvent*) {
    m_hover = -1;
    update();
}

void SegmentedControl::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Left)
        return setCurrent(m_current - 1);
    if (event->key() == Qt::Key_Right)
        return setCurrent(m_current + 1);
    QWidget::keyPressEvent(event);
}

TabStrip::TabStrip(QWidget* parent) : QWidget(parent) {
    setAccessibleName(tr("Tabs"));
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    followTheme(this);
}

void TabStrip::setTabs(const QVector<Tab>& tabs) {
    if (m_tabs == tabs)
        return;
    m_tabs = tabs;
    m_current = qBound(0, m_current, static_cast<int>(qMax<qsizetype>(0, tabs.size() - 1)));
    updateGeometry();
    update();
}

void TabStrip::setCurrent(int index) {
    if (index == m_current || index < 0 || index >= m_tabs.size())
        return;
    m_current = index;
    update();
    emit currentChanged(index);
}

QRectF TabStrip::tabRect(int index) const {
    const QFontMetricsF body(theme().font(Theme::Size::Body, Theme::Weight::Strong));
    const QFontMetricsF small(theme().font(Theme::Size::Caption));
    qreal x = 0;
    for (int i = 0; i <= index; ++i) {
        qreal width = body.horizontalAdvance(m_tabs[i].text) + 20;
        if (!m_tabs[i].note.isEmpty())
            width += small.horizontalAdvance(m_tabs[i].note) + 10;
        if (i == index)
            return {x, 0, width, static_cast<qreal>(height())};
        x += width + 4;
    }
    return {};
}

QSize TabStrip::sizeHint() const {
    return {m_tabs.isEmpty()
                ? 0
                : static_cast<int>(tabRect(static_cast<int>(m_tabs.size()) - 1).right()),
            metrics().tab};
}

QSize TabStrip::minimumSizeHint() const {
    return {0, metrics().tab};
}

void TabStrip::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Tokens& t = tokens();
    for (int i = 0; i < m_tabs.size(); ++i) {
        const QRectF r = tabRect(i);
        const bool on = i == m_current;
        if (i == m_hover && !on)
            roundedBox(painter, r.adjusted(0, 3, 0, -4), 4, t.surface.hover, QColor());
        painter.setFont(
            theme().font(Theme::Size::Body, on ? Theme::Weight::Strong : Theme::Weight::Regular));
        painter.setPen(on ? t.text.primary : t.text.secondary);
        const qreal advance = QFontMetricsF(painter.font()).horizontalAdvance(m_tabs[i].text);
        painter.drawText(r.adjusted(10, 0, 0, -2), Qt::AlignVCenter | Qt::AlignLeft,
                         m_tabs[i].text);
        if (!m_tabs[i].note.isEmpty()) {
            painter.setFont(theme().font(Theme::Size::Caption));
            painter.setPen(t.text.tertiary);
            painter.drawText(r.adjusted(10 + advance + 10, 0, 0, -2),
                             Qt::AlignVCenter | Qt::AlignLeft, m_tabs[i].note);
        }
        if (on)
            painter.fillRect(QRectF(std::round(r.left()), height() - 2, std::round(r.width()), 2),
                             t.accent.base);
        if (on && focusVisible(this))
            focusRing(painter, r.adjusted(0, 2, 0, -3), 4);
    }
}

void TabStrip::mousePressEvent(QMouseEvent* event) {
    for (int i = 0; i < m_tabs.size(); ++i)
        if (tabRect(i).contains(event->position()))
            return setCurrent(i);
}

void TabStrip::mouseMoveEvent(QMouseEvent* event) {
    m_hover = -1;
    for (int i = 0; i < m_tabs.size(); ++i)
        if (tabRect(i).contains(event->position()))
            m_hover = i;
    update();
}

void TabStrip::leaveEvent(QEvent*) {
    m_hover = -1;
    update();
}

void TabStrip::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Left)
        return setCurrent(m_current - 1);
    if (event->key() == Qt::Key_Right)
        return setCurrent(m_current + 1);
    QWidget::keyPressEvent(event);
}

PickerButton::PickerButton(const QString& label, QWidget* parent)
    : QAbstractButton(parent), m_label(label) {
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(this, &QAbstractButton::clicked, this, &PickerButton::openMenu);
    setAttribute(Qt::WA_Hover);
    followTheme(this);
}

void PickerButton::setValue(const QString& value) {
    m_value = value;
    setAccessibleName(m_label + u' ' + value);
    updateGeometry();
    update();
}

void PickerButton::setChoices(const QStringList& choices) {
    m_choices = choices;
}

QSize PickerButton::sizeHint() const {
    const QFontMetricsF fm(theme().font());
    const qreal label = m_label.isEmpty() ? 0 : fm.horizontalAdvance(m_label) + 7;
    return {static_cast<int>(label + std::min(fm.horizontalAdvance(m_value), 320.0)) + 24 +
                metrics().icon,
            metrics().control};
}

void PickerButton::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Tokens& t = tokens();
    roundedBox(painter, QRectF(rect()), metrics().radiusControl,
               underMouse() && isEnabled() ? t.surface.hover : t.surface.panel, t.border.normal);
    QRectF area = QRectF(rect()).adjusted(10, 0, -8 - metrics().icon, 0);
    painter.setFont(theme().font());
    if (!m_label.isEmpty()) {
        painter.setPen(t.text.tertiary);
        area.setLeft(area.left() +
                     drawText(painter, area, Qt::AlignVCenter | Qt::AlignLeft, m_label) + 7);
    }
    painter.setPen(isEnabled() ? t.text.primary : t.text.disabled);
    drawText(painter, area, Qt::AlignVCenter | Qt::AlignLeft, m_value);
    const int icon = metrics().icon - 4;
    painter.drawPixmap(QPointF(width() - 8 - icon, (height() - icon) / 2),
                       theme().pixmap(QStringLiteral("chevron-down"), t.text.secondary, icon,
                                      devicePixelRatioF()));
    if (focusVisible(this))
        focusRing(painter, QRectF(rect()), metrics().radiusControl);
}

void PickerButton::openMenu() {
    if (m_choices.isEmpty())
        return;
    QMenu menu(this);
    QVector<QAction*> actions;
    if (m_choices.size() > 12) {
        auto* edit = new QLineEdit(&menu);
        edit->setPlaceholderText(tr("Filter"));
        auto* holder = new QWidgetAction(&menu);
        holder->setDefaultWidget(edit);
        menu.addAction(holder);
        connect(edit, &QLineEdit::textChanged, &menu, [&actions](const QString& text) {
            // Beyond a few dozen lines a menu is no longer read; the filter narrows it down.
            int shown = 0;
            for (QAction* action : actions)
                action->setVisible(action->text().contains(text, Qt::CaseInsensitive) &&
                                   ++shown <= 40);
        });
        edit->setFocus();
    }
    for (int i = 0; i < m_choices.size(); ++i) {
        QAction* action = menu.addAction(QString(m_choices[i]).replace(u'&', QStringLiteral("&&")));
        action->setCheckable(true);
        action->setChecked(m_choices[i] == m_value);
        action->setVisible(i < 40);
        connect(action, &QAction::triggered, this, [this, i] { emit chosen(i, m_choices[i]); });
        actions.append(action);
    }
    menu.exec(mapToGlobal(QPoint(0, height() + 2)));
}

namespace {

class HairlineHandle : public QSplitterHandle {
public:
    using QSplitterHandle::QSplitterHandle;

protected:
    void paintEvent(QPaintEvent*) override {
        if (!underMouse())
            return;
        QPainter painter(this);
        if (orientation() == Qt::Horizontal)
            vLine(painter, width() / 2, 0, height(), tokens().border.focus);
        else
            hLine(painter, 0, width(), height() / 2, tokens().border.focus);
    }
};

}  // namespace

MemorySplitter::MemorySplitter(const QString& name, Qt::Orientation orientation, QWidget* parent)
    : QSplitter(orientation, parent) {
    setObjectName(name);
    setHandleWidth(12);
    setChildrenCollapsible(false);
    connect(this, &QSplitter::splitterMoved, this, [this] {
        QSettings().setValue(QStringLiteral("splitters/") + objectName(), saveState());
    });
}

QSplitterHandle* MemorySplitter::createHandle() {
    return new HairlineHandle(orientation(), this);
}

void MemorySplitter::setDefaultSizes(const QList<int>& sizes) {
    setSizes(sizes);
    const QByteArray state =
        QSettings().value(QStringLiteral("splitters/") + objectName()).toByteArray();
    if (!state.isEmpty())
        restoreState(state);
    setHandleWidth(12);
}

}  // namespace odradek::ui
