// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/foundation/table_test.h"

#include "ui/theme/theme.h"

#include <QApplication>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest>

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("odradek-test"));
    QApplication::setApplicationName(QStringLiteral("ui-foundation"));
    QTemporaryDir settings;
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, settings.path());
    odradek::ui::theme().setMode(odradek::ui::Theme::Mode::Light);
    odradek::ui::theme().apply();
    int failures = 0;
    const auto run = [&](QObject&& test) { failures += QTest::qExec(&test, app.arguments().mid(0, 1)); };
    run(ChartTest());
    run(TableTest());
    run(ShellTest());
    run(TimeTest());
    run(GalleryTest());
    return failures == 0 ? 0 : 1;
}
