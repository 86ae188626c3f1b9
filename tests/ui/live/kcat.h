// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QProcess>
#include <QStringList>

#include <memory>

/// kcat as the client from outside. The event loop goes on while it runs.
class Kcat {
public:
    struct Outcome {
        bool ok = false;
        QString out;
        QString err;
    };
    /// Runs to the end, at most `ms`.
    static Outcome run(const QString& bootstrap, const QStringList& args, const QByteArray& input = {},
                       int ms = 20'000);
    /// Starts one that goes on until it is stopped.
    static std::unique_ptr<QProcess> start(const QString& bootstrap, const QStringList& args);
    /// SIGTERM: a consumer commits and leaves its group. False when it did not end in time.
    static bool stop(QProcess& process);
    /// The end of a partition's log as ListOffsets tells, -1 on errors.
    static qint64 logEnd(const QString& bootstrap, const QString& topic, int partition);
};
