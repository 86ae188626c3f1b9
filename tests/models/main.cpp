// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>
#include <QLocale>
#include <QtTest>

#include "tests/models/suites.h"

int main(int argc, char** argv) {
    QCoreApplication app(argc, argv);
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
    int failed = 0;
    for (auto make : {makeRowModelTest, makeSeriesTest, makeProblemsTest, makeChangesTest, makePayloadTest,
                      makeArithmeticTest, makeBrowseTest, makeAuditTest, makeRecordingTest, makeTimelineTest}) {
        const std::unique_ptr<QObject> suite(make());
        failed += QTest::qExec(suite.get(), argc, argv);
    }
    return failed == 0 ? 0 : 1;
}
