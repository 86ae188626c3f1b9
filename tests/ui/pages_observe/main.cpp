// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/pages_observe/observe_test.h"

#include <QApplication>
#include <QSettings>
#include <QTemporaryDir>
#include <QtTest>

#include "ui/theme/theme.h"

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("odradek-test"));
    QApplication::setApplicationName(QStringLiteral("ui-pages-observe"));
    QTemporaryDir settings;
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, settings.path());
    odradek::ui::theme().setMode(odradek::ui::Theme::Mode::Light);
    odradek::ui::theme().apply();
    ObserveTest test;
    return QTest::qExec(&test, argc, argv);
}
