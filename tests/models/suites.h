// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

/// The suites of this program; each lives in the file of its name.
QObject* makeRowModelTest();
QObject* makeSeriesTest();
QObject* makeProblemsTest();
QObject* makeChangesTest();
QObject* makePayloadTest();
QObject* makeArithmeticTest();
QObject* makeBrowseTest();
QObject* makeAuditTest();
QObject* makeRecordingTest();
QObject* makeTimelineTest();
