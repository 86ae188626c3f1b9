// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QLocale>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest>

#include "tests/ui/live/live_test.h"
#include "ui/theme/theme.h"

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("odradek-test"));
    QApplication::setApplicationName(QStringLiteral("ui-live"));
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
    QTemporaryDir settings;
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, settings.path());
    QStandardPaths::setTestModeEnabled(true);
    odradek::ui::theme().setMode(odradek::ui::Theme::Mode::Light);
    odradek::ui::theme().apply();
    LiveTest test;
    return QTest::qExec(&test, argc, argv);
}
