// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/panel.h"

#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/widgets/labels.h"

#include <QLineEdit>
#include <QAbstractButton>
#include <QHBoxLayout>
#include <QPainter>
#include <QVBoxLayout>

namespace odradek::ui {

Panel::Panel(const QString& title, const QString& subtitle, QWidget* parent) : QFrame(parent) {
    setFrameShape(QFrame::NoFrame);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(1, 1, 1, 1);
    column->setSpacing(0);
    m_header = new QWidget(this);
    m_headerLayout = new QHBoxLayout(m_header);
    m_headerLayout->setContentsMargins(12, 0, 8, 0);
    m_headerLayout->setSpacing(8);
    m_title = new TextLabel(title, Theme::Size::Body, TextLabel::Tone::Primary,
                            Theme::Weight::Strong, m_header);
    m_subtitle = new ElidedLabel(subtitle, Theme::Size::Caption, TextLabel::Tone::Tertiary,
                                 Theme::Weight::Regular, m_header);
    m_subtitle->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_figure = new TextLabel({}, Theme::Size::Title, TextLabel::Tone::Primary,
                             Theme::Weight::Strong, m_header);
    m_unit = new TextLabel({}, Theme::Size::Caption, TextLabel::Tone::Tertiary,
                           Theme::Weight::Regular, m_header);
    m_status = new StatusDot(Status::Ok, m_header);
    m_headerLayout->addWidget(m_title);
    m_headerLayout->addWidget(m_subtitle, 1);
    m_headerLayout->addWidget(m_figure);
    m_headerLayout->addWidget(m_unit);
    m_headerLayout->addWidget(m_status);
    m_figure->hide();
    m_unit->hide();
    m_status->hide();
    column->addWidget(m_header);
    auto* body = new QWidget(this);
    m_body = new QVBoxLayout(body);
    m_body->setSpacing(8);
    column->addWidget(body, 1);
    setAccessibleName(title);
    connect(&theme(), &Theme::changed, this, &Panel::applyTheme);
    applyTheme();
    refreshHeader();
}

void Panel::applyTheme() {
    m_header->setFixedHeight(metrics().panelHeader);
    setBodyPadded(m_padded);
    update();
}

void Panel::refreshHeader() {
    bool any = !m_title->text().isEmpty() || !m_subtitle->text().isEmpty();
    for (int i = 2; i < m_headerLayout->count() && !any; ++i)
        any =
            m_headerLayout->itemAt(i)->widget() && !m_headerLayout->itemAt(i)->widget()->isHidden();
    m_title->setVisible(!m_title->text().isEmpty());
    m_header->setVisible(any);
    setBodyPadded(m_padded);
}

void Panel::setTitle(const QString& title) {
    if (m_title->text() == title)
        return;
    m_title->setText(title);
    setAccessibleName(title);
    refreshHeader();
}

void Panel::setSubtitle(const QString& subtitle) {
    m_subtitle->setText(subtitle);
    refreshHeader();
}

void Panel::setFigure(const QString& value, const QString& unit) {
    m_figure->setText(value);
    m_unit->setText(unit);
    m_figure->setVisible(!value.isEmpty());
    m_unit->setVisible(!unit.isEmpty());
    refreshHeader();
}

void Panel::setStatus(std::optional<Status> status, const QString& tooltip) {
    m_status->setVisible(status.has_value());
    if (status)
        m_status->setStatus(*status, tooltip);
    refreshHeader();
}

void Panel::addHeaderWidget(QWidget* widget) {
    m_headerLayout->insertWidget(m_headerLayout->count() - 1, widget);
    refreshHeader();
}

void Panel::setHeaderLine(bool on) {
    m_line = on;
    setBodyPadded(m_padded);
    update();
}

void Panel::setBody(QWidget* body, bool padded) {
    while (QLayoutItem* item = m_body->takeAt(0)) {
        if (item->widget() && item->widget() != body)
            item->widget()->deleteLater();
        delete item;
    }
    m_body->addWidget(body, 1);
    setBodyPadded(padded);
}

void Panel::setBodyPadded(bool padded) {
    m_padded = padded;
    const int top = m_header->isHidden() || m_line ? 12 : 2;
    if (padded)
        m_body->setContentsMargins(12, top, 12, 12);
    else
        m_body->setContentsMargins(0, m_line ? 1 : 0, 0, 2);
}

void Panel::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Tokens& t = tokens();
    roundedBox(painter, QRectF(rect()), metrics().radiusPanel, t.surface.panel, t.border.subtle);
    if (m_line && !m_header->isHidden())
        hLine(painter, 1, width() - 1, m_header->geometry().bottom() + 1, t.border.subtle);
}

void nameFocusTargets(QWidget* root, const QString& name) {
    if (name.isEmpty())
        return;
    for (auto* child : root->findChildren<QWidget*>()) {
        const bool general = child->property("generalName").toBool();
        if (!(child->focusPolicy() & Qt::TabFocus) || (!child->accessibleName().isEmpty() && !general) ||
            qobject_cast<QAbstractButton*>(child) || qobject_cast<QLineEdit*>(child))
            continue;
        child->setAccessibleName(name);
        child->setProperty("generalName", false);
    }
}

void Panel::showEvent(QShowEvent* event) {
    QFrame::showEvent(event);
    nameFocusTargets(this, m_title->text());
}

}  // namespace odradek::ui
