// SPDX-License-Identifier: GPL-3.0-or-later
// The one stylesheet: what ordinary Qt widgets look like. Our own widgets paint themselves from tokens.
#include "ui/theme/theme.h"

namespace odradek::ui {

namespace {

const char* const kSheet = R"(
QToolTip { background: @tooltip; color: @onTooltip; border: 0; padding: 4px 8px; font-size: @captionpx; }
QMenu { background: @raised; border: 1px solid @borderDefault; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 10px; border-radius: 4px; color: @primary; }
QMenu::item:selected { background: @selected; }
QMenu::item:disabled { color: @disabled; }
QMenu::separator { height: 1px; background: @subtle; margin: 4px 6px; }
QMenu::icon { padding-left: 8px; }
QMenu::indicator { width: 14px; height: 14px; padding-left: 6px; }
QLineEdit, QPlainTextEdit[field="true"], QSpinBox, QDoubleSpinBox, QDateTimeEdit, QComboBox {
  background: @panel; color: @primary; border: 1px solid @control; border-radius: 4px; padding: 0 8px;
  min-height: @fieldpx; selection-background-color: @selected; selection-color: @primary; }
QLineEdit[quiet="true"] { background: transparent; border-color: transparent; }
QLineEdit[quiet="true"]:hover { background: @panel; border-color: @control; }
QLineEdit:focus, QPlainTextEdit[field="true"]:focus, QSpinBox:focus, QDoubleSpinBox:focus,
QDateTimeEdit:focus, QComboBox:focus { border: 2px solid @focus; padding: 0 7px; min-height: @fieldFocuspx; }
QLineEdit:disabled, QSpinBox:disabled, QComboBox:disabled { color: @disabled; border-color: @subtle; }
QLineEdit[invalid="true"] { border: 2px solid @errorMark; padding: 0 7px; min-height: @fieldFocuspx; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 0; height: 0; border: 0; }
QComboBox::drop-down { border: 0; width: 22px; }
QComboBox::down-arrow { image: none; }
QComboBox QAbstractItemView { background: @raised; border: 1px solid @borderDefault; padding: 4px;
  selection-background-color: @selected; selection-color: @primary; }
QPushButton { background: @panel; color: @primary; border: 1px solid @borderDefault; border-radius: 4px;
  padding: 0 10px; min-height: @fieldpx; }
QPushButton:hover { background: @hover; }
QPushButton:pressed { background: @sunken; }
QPushButton:focus { border: 2px solid @focus; padding: 0 9px; min-height: @fieldFocuspx; }
QPushButton:disabled { color: @disabled; border-color: @subtle; background: transparent; }
QPushButton[kind="primary"] { background: @accent; color: @onAccent; border-color: @accent; font-weight: 600; }
QPushButton[kind="primary"]:hover { background: @accentHover; border-color: @accentHover; }
QPushButton[kind="primary"]:pressed { background: @accentPressed; border-color: @accentPressed; }
QPushButton[kind="primary"]:focus { border: 2px solid @primary; }
QPushButton[kind="primary"]:disabled { background: @sunken; color: @disabled; border-color: @subtle; }
QPushButton[kind="danger"] { color: @errorText; border-color: @errorMark; font-weight: 600; }
QPushButton[kind="danger"]:hover { background: @errorTint; }
QPushButton[kind="danger"]:disabled { color: @disabled; border-color: @subtle; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 4px; padding: 0; }
QToolButton:hover { background: @hover; }
QToolButton:pressed, QToolButton:checked { background: @selected; }
QToolButton:focus { border: 2px solid @focus; }
QToolButton[outlined="true"] { background: @panel; border: 1px solid @borderDefault; }
QToolButton[outlined="true"]:focus { border: 2px solid @focus; }
QToolButton::menu-indicator { image: none; }
QCheckBox, QRadioButton { spacing: 8px; color: @primary; background: transparent; }
QCheckBox::indicator, QRadioButton::indicator { width: 14px; height: 14px; border: 1px solid @control;
  background: @panel; border-radius: 3px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent; image: url(@check); }
QRadioButton::indicator:checked { border: 4px solid @accent; width: 8px; height: 8px; }
QCheckBox:focus, QRadioButton:focus { color: @link; }
QProgressBar { background: @sunken; border: 0; border-radius: 3px; min-height: 6px; max-height: 6px; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
QSlider::groove:horizontal { height: 4px; background: @subtle; border-radius: 2px; }
QSlider::sub-page:horizontal { background: @accent; border-radius: 2px; }
QSlider::handle:horizontal { width: 12px; height: 12px; margin: -5px 0; border-radius: 7px;
  background: @panel; border: 2px solid @accent; }
QAbstractScrollArea { background: @panel; border: 0; }
QScrollBar { background: transparent; border: 0; margin: 0; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: @thumb; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: @control; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QHeaderView { background: transparent; border: 0; }
QTableCornerButton::section { background: transparent; border: 0; }
QSplitter::handle { background: transparent; }
QDialog { background: @page; }
QGroupBox { border: 0; margin-top: 20px; font-weight: 600; }
QLabel { background: transparent; }
)";

}  // namespace

QString Theme::styleSheet() const {
    const Tokens& t = tokens();
    QString sheet = QString::fromLatin1(kSheet);
    const auto put = [&sheet](const char* name, const QString& value) {
        sheet.replace(QStringLiteral("@%1").arg(QLatin1String(name)), value);
    };
    // Longer names first, so that no name eats the start of another.
    put("accentPressed", t.accent.pressed.name());
    put("accentHover", t.accent.hover.name());
    put("borderDefault", t.border.normal.name());
    put("fieldFocuspx", QStringLiteral("%1px").arg(m_metrics.control - 4));
    put("fieldpx", QStringLiteral("%1px").arg(m_metrics.control - 2));
    put("captionpx", QStringLiteral("%1px").arg(m_metrics.caption));
    put("errorText", t.status(Status::Error).text.name());
    put("errorMark", t.status(Status::Error).mark.name());
    put("errorTint", t.status(Status::Error).tint.name());
    put("onTooltip", t.text.onTooltip.name());
    put("onAccent", t.text.onAccent.name());
    put("check", m_dark ? QStringLiteral(":/odradek/icons/mark-dark.svg")
                        : QStringLiteral(":/odradek/icons/mark-light.svg"));
    put("accent", t.accent.base.name());
    put("control", t.border.control.name());
    put("disabled", t.text.disabled.name());
    put("focus", t.border.focus.name());
    put("hover", t.surface.hover.name());
    put("link", t.text.link.name());
    put("page", t.surface.page.name());
    put("panel", t.surface.panel.name());
    put("primary", t.text.primary.name());
    put("raised", t.surface.raised.name());
    put("selected", t.surface.selected.name());
    put("subtle", t.border.subtle.name());
    put("sunken", t.surface.sunken.name());
    put("thumb", t.border.normal.name());
    put("tooltip", t.surface.tooltip.name());
    return sheet;
}

}  // namespace odradek::ui
