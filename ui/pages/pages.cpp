// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/pages.h"

#include "ui/pages/audit/audit_page.h"
#include "ui/pages/brokers/brokers_page.h"
#include "ui/pages/disk/disk_page.h"
#include "ui/pages/groups/groups_page.h"
#include "ui/pages/keys/keys_page.h"
#include "ui/pages/messages/messages_page.h"
#include "ui/pages/overview/overview_page.h"
#include "ui/pages/retail/retail_page.h"
#include "ui/pages/topics/topics_page.h"

namespace odradek::ui {

QVector<Page*> makePages(ClusterContext& context) {
    return {new OverviewPage(context), new BrokersPage(context), new TopicsPage(context),   new GroupsPage(context),
            new DiskPage(context),     new MessagesPage(context), new KeysPage(context),    new RetailPage(context),
            new AuditPage(context)};
}

}  // namespace odradek::ui
