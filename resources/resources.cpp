// SPDX-License-Identifier: GPL-3.0-or-later
#include "resources/resources.h"

#include <QtGlobal>
#include <QDir>

// The macro declares a function in the global namespace, so it must be used there.
static void initGlobal() { Q_INIT_RESOURCE(odradek); }

namespace odradek {

void initResources() { initGlobal(); }

}  // namespace odradek
