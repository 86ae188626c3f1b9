// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "app/common/command_line.h"
#include "app/daemon/daemon.h"
#include "app/gui/application.h"
#include "app/gui/gui_options.h"
#include "app/gui/headless.h"
#include "app/gui/screenshots.h"
#include "ui/theme/theme.h"

namespace {

/// Qt ends the process when it finds no display; so look first.
bool haveDisplay() {
    const auto set = [](const char* name) {
        const char* value = std::getenv(name);
        return value != nullptr && *value != '\0';
    };
    return set("DISPLAY") || set("WAYLAND_DISPLAY") || set("QT_QPA_PLATFORM");
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> args(argv + 1, argv + argc);
    auto options = odradek::app::parseGuiOptions(args);
    if (!options)
        return odradek::app::complainUsage("odradek", options.error().message);
    if (!*options)
        return odradek::app::kDone;
    if ((*options)->screenshots && !haveDisplay())
        setenv("QT_QPA_PLATFORM", "offscreen", 1);
    if (!haveDisplay()) {
        std::fprintf(stderr, "odradek: no display; going on as odradekd, stop it with Ctrl+C\n");
        return odradek::app::runDaemonWithoutWindow(**options);
    }
    QApplication qt(argc, argv);
    QApplication::setApplicationName(QStringLiteral("odradek"));
    QApplication::setOrganizationName(QStringLiteral("odradek"));
    QApplication::setApplicationDisplayName(QStringLiteral("Odradek"));
    odradek::ui::theme().apply();
    auto application = std::make_unique<odradek::app::Application>(**options);
    std::unique_ptr<odradek::app::Screenshots> screenshots;
    if ((*options)->screenshots) {
        screenshots = std::make_unique<odradek::app::Screenshots>(*application, **options);
        screenshots->start();
    } else {
        application->show();
    }
    return QApplication::exec();
}
