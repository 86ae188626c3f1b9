// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/gui_options.h"

namespace odradek::app {

/// Goes on as odradekd would with the same cluster; returns its exit code. Call it before any other thread exists.
int runDaemonWithoutWindow(const GuiOptions& options);

}  // namespace odradek::app
