// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/live/kcat.h"

#include <QRegularExpression>
#include <QtTest>

Kcat::Outcome Kcat::run(const QString& bootstrap, const QStringList& args, const QByteArray& input, int ms) {
    QProcess process;
    process.start(QStringLiteral("kcat"), QStringList{QStringLiteral("-b"), bootstrap} + args);
    process.write(input);
    process.closeWriteChannel();
    const bool ended = QTest::qWaitFor([&] { return process.state() == QProcess::NotRunning; }, ms);
    if (!ended) {
        process.kill();
        process.waitForFinished();
    }
    Outcome outcome;
    outcome.ok = ended && process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0;
    outcome.out = QString::fromUtf8(process.readAllStandardOutput());
    outcome.err = QString::fromUtf8(process.readAllStandardError());
    if (!outcome.ok)
        qWarning("kcat %s: %s", qPrintable(args.join(QLatin1Char(' '))), qPrintable(outcome.err));
    return outcome;
}

std::unique_ptr<QProcess> Kcat::start(const QString& bootstrap, const QStringList& args) {
    auto process = std::make_unique<QProcess>();
    process->start(QStringLiteral("kcat"), QStringList{QStringLiteral("-b"), bootstrap} + args);
    process->waitForStarted();
    return process;
}

bool Kcat::stop(QProcess& process) {
    process.terminate();
    return QTest::qWaitFor([&] { return process.state() == QProcess::NotRunning; }, 20'000);
}

qint64 Kcat::logEnd(const QString& bootstrap, const QString& topic, int partition) {
    const auto asked = run(bootstrap, {QStringLiteral("-Q"), QStringLiteral("-t"),
                                       QStringLiteral("%1:%2:-1").arg(topic).arg(partition)});
    static const QRegularExpression offset(QStringLiteral("offset (\\d+)"));
    const auto match = offset.match(asked.out);
    return match.hasMatch() ? match.captured(1).toLongLong() : -1;
}
