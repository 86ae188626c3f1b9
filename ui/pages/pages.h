// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QVector>

#include "ui/pages/common/cluster_context.h"
#include "ui/shell/page.h"

namespace odradek::ui {

/// All pages of the window, in navigation order, without a parent: the shell takes them over. The context must outlive
/// them.
QVector<Page*> makePages(ClusterContext& context);

}  // namespace odradek::ui
