// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QWidget;

namespace odradek::ui {

/// Whether a widget that paints its own focus ring should paint it now: it has the focus and the
/// last thing the person did was on the keyboard. Someone who only uses the mouse, or has done
/// nothing yet, sees no rings.
bool focusVisible(const QWidget* widget);

}  // namespace odradek::ui
