// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace odradek {

/// Registers the compiled-in files (":/odradek/..."); call it before reading one. Safe to call again.
void initResources();

}  // namespace odradek
