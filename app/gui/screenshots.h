// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QStringList>

#include "app/gui/application.h"

namespace odradek::app {

/// Drives the window through its pages and writes a picture of each, in the wanted themes, then ends the program with
/// exit code 0, or 1 when a picture could not be written. Lives as long as the application. GUI thread.
class Screenshots : public QObject {
    Q_OBJECT
public:
    Screenshots(Application& application, const GuiOptions& options);
    void start();

private:
    struct Shot {
        QString name;
        ui::Location location;
        bool dark = false;
        bool recorded = false;
    };
    void plan();
    void next();
    void take(const Shot& shot);

    Application& m_application;
    GuiOptions m_options;
    std::vector<Shot> m_shots;
    std::size_t m_index = 0;
    bool m_failed = false;
};

}  // namespace odradek::app
