// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>

#include <optional>
#include <vector>

#include "models/common/row_model.h"
#include "models/tasks/changes.h"

namespace odradek::models {

/// One change that was asked for from a window, and what became of it.
struct AuditEntry {
    enum class Outcome {
        Asked,  ///< sent, no answer seen (yet, or the program ended before it came)
        Done,
        Failed,  ///< refused or partly refused; `result` says by whom and why
    };
    QString id;
    qint64 at = 0;          ///< ms since 1970
    qint64 finishedAt = 0;  ///< 0 = no answer yet
    QString cluster;        ///< its name
    QString bootstrap;
    QString title;                  ///< "Add partitions to new_orders"
    std::vector<ChangeItem> items;  ///< what the preview showed
    QString commandLine;            ///< Kafka's own; empty where Kafka has none
    Outcome outcome = Outcome::Asked;
    QString result;
    bool operator==(const AuditEntry&) const = default;
};

/// Everything that was changed from this program's windows, on any cluster, kept across restarts:
/// one JSON object per line, appended and flushed before a change is sent and again when its answer
/// is there, so a crash between the two still shows what was asked. Other programs may append to
/// the same file. The newest 10,000 entries are read back. Lifecycle: one per program. Thread: the
/// GUI's.
class AuditLog : public QObject {
    Q_OBJECT
public:
    /// Without a path nothing is kept beyond the program.
    explicit AuditLog(const QString& path = QString(), QObject* parent = nullptr);

    /// Notes a change that is about to be sent; fills in id and time, and returns the id.
    QString begin(AuditEntry entry);
    /// Notes the answer to it.
    void finish(const QString& id, bool ok, const QString& result);

    const std::vector<AuditEntry>& entries() const { return m_entries; }
    const AuditEntry* find(const QString& id) const;
    QString path() const { return m_path; }
    /// Why the file cannot be written, or empty.
    QString problem() const { return m_problem; }

signals:
    void changed();

private:
    void read();
    void write(const QByteArray& line);

    QString m_path;
    QString m_problem;
    std::vector<AuditEntry> m_entries;
    quint64 m_next = 0;
};

/// The audit log as rows, newest first.
class AuditModel : public RowModel<AuditEntry> {
public:
    enum Column { Time, Cluster, Change, Outcome, Result, Took, Command };
    explicit AuditModel(QObject* parent = nullptr);
};

/// A command that needs no preview (rates, consumers of the retail platform, produced records) as
/// an entry; nothing for what changes no cluster.
std::optional<AuditEntry> auditEntryOf(const api::Command& command, const QString& bootstrap);

/// A result in words: the error, the failed items, or what was done.
QString resultWords(const api::CommandResult& result);

}  // namespace odradek::models
