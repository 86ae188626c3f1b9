// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/tasks/audit_log.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QUuid>

#include <algorithm>

#include "models/cluster/lookup.h"
#include "models/common/text.h"

namespace odradek::models {
namespace {

constexpr std::size_t kKept = 10'000;
constexpr qsizetype kNamedItems = 3;

/// The words of this file, in their own translation context.
struct AuditWords {
    Q_DECLARE_TR_FUNCTIONS(Audit)
};

QByteArray line(const QJsonObject& object) {
    return QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n';
}

QJsonObject asked(const AuditEntry& entry) {
    QJsonArray items;
    for (const auto& item : entry.items)
        items.append(QJsonObject{{QStringLiteral("item"), item.item},
                                 {QStringLiteral("before"), item.before},
                                 {QStringLiteral("after"), item.after}});
    return {{QStringLiteral("id"), entry.id},
            {QStringLiteral("at"), entry.at},
            {QStringLiteral("cluster"), entry.cluster},
            {QStringLiteral("bootstrap"), entry.bootstrap},
            {QStringLiteral("change"), entry.title},
            {QStringLiteral("preview"), items},
            {QStringLiteral("command"), entry.commandLine}};
}

AuditEntry entryOf(const QJsonObject& object) {
    AuditEntry entry;
    entry.id = object[QStringLiteral("id")].toString();
    entry.at = static_cast<qint64>(object[QStringLiteral("at")].toDouble());
    entry.cluster = object[QStringLiteral("cluster")].toString();
    entry.bootstrap = object[QStringLiteral("bootstrap")].toString();
    entry.title = object[QStringLiteral("change")].toString();
    entry.commandLine = object[QStringLiteral("command")].toString();
    for (const auto& value : object[QStringLiteral("preview")].toArray()) {
        const auto item = value.toObject();
        entry.items.push_back({item[QStringLiteral("item")].toString(),
                               item[QStringLiteral("before")].toString(),
                               item[QStringLiteral("after")].toString()});
    }
    return entry;
}

QString outcomeWord(const AuditEntry& entry) {
    switch (entry.outcome) {
        case AuditEntry::Outcome::Asked:
            return AuditWords::tr("No answer");
        case AuditEntry::Outcome::Done:
            return AuditWords::tr("Done");
        case AuditEntry::Outcome::Failed:
            return AuditWords::tr("Failed");
    }
    return {};
}

int outcomeStatus(const AuditEntry& entry) {
    const auto health = entry.outcome == AuditEntry::Outcome::Done     ? Health::Ok
                        : entry.outcome == AuditEntry::Outcome::Failed ? Health::Error
                                                                       : Health::Info;
    return static_cast<int>(health);
}

AuditEntry plain(const QString& title) {
    AuditEntry entry;
    entry.title = title;
    return entry;
}

}  // namespace

AuditLog::AuditLog(const QString& path, QObject* parent) : QObject(parent), m_path(path) {
    if (!m_path.isEmpty())
        read();
}

void AuditLog::read() {
    QFile file(m_path);
    if (!file.exists())
        return;
    if (!file.open(QIODevice::ReadOnly)) {
        m_problem = file.errorString();
        return;
    }
    QHash<QString, std::size_t> at;
    while (!file.atEnd()) {
        // A line that was cut by a crash, or is not ours, is passed over.
        const auto object = QJsonDocument::fromJson(file.readLine()).object();
        const auto id = object[QStringLiteral("id")].toString();
        if (id.isEmpty())
            continue;
        if (object.contains(QStringLiteral("change"))) {
            at[id] = m_entries.size();
            m_entries.push_back(entryOf(object));
        } else if (const auto found = at.constFind(id); found != at.constEnd()) {
            auto& entry = m_entries[*found];
            entry.outcome = object[QStringLiteral("ok")].toBool() ? AuditEntry::Outcome::Done
                                                                  : AuditEntry::Outcome::Failed;
            entry.result = object[QStringLiteral("result")].toString();
            entry.finishedAt = static_cast<qint64>(object[QStringLiteral("finished")].toDouble());
        }
    }
    if (m_entries.size() > kKept)
        m_entries.erase(m_entries.begin(), m_entries.end() - static_cast<std::ptrdiff_t>(kKept));
}

void AuditLog::write(const QByteArray& text) {
    if (m_path.isEmpty())
        return;
    QDir().mkpath(QFileInfo(m_path).absolutePath());
    QFile file(m_path);
    // Whether a line before was cut: a new one must not be glued to it.
    bool cut = false;
    if (file.open(QIODevice::ReadOnly) && file.size() > 0) {
        file.seek(file.size() - 1);
        cut = file.read(1) != "\n";
    }
    file.close();
    if (!file.open(QIODevice::WriteOnly | QIODevice::Append) ||
        file.write(cut ? '\n' + text : text) < 0 || !file.flush())
        m_problem = file.errorString();
    else
        m_problem.clear();
}

QString AuditLog::begin(AuditEntry entry) {
    entry.id = QUuid::createUuid().toString(QUuid::WithoutBraces);
    entry.at = QDateTime::currentMSecsSinceEpoch();
    write(line(asked(entry)));
    const auto id = entry.id;
    m_entries.push_back(std::move(entry));
    if (m_entries.size() > kKept + kKept / 4)
        m_entries.erase(m_entries.begin(), m_entries.end() - static_cast<std::ptrdiff_t>(kKept));
    emit changed();
    return id;
}

void AuditLog::finish(const QString& id, bool ok, const QString& result) {
    const auto now = QDateTime::currentMSecsSinceEpoch();
    write(line({{QStringLiteral("id"), id},
                {QStringLiteral("ok"), ok},
                {QStringLiteral("result"), result},
                {QStringLiteral("finished"), now}}));
    const auto found = std::find_if(m_entries.rbegin(), m_entries.rend(),
                                    [&](const AuditEntry& entry) { return entry.id == id; });
    if (found == m_entries.rend())
        return;
    found->outcome = ok ? AuditEntry::Outcome::Done : AuditEntry::Outcome::Failed;
    found->result = result;
    found->finishedAt = now;
    emit changed();
}

const AuditEntry* AuditLog::find(const QString& id) const {
    for (const auto& entry : m_entries)
        if (entry.id == id)
            return &entry;
    return nullptr;
}

AuditModel::AuditModel(QObject* parent)
    : RowModel<AuditEntry>(
          {
              {AuditWords::tr("Time"),
               [](const AuditEntry& e) { return dateTime(e.at).left(19); },
               [](const AuditEntry& e) { return e.at; },
               [](const AuditEntry& e) { return dateTime(e.at); },
               {}},
              {AuditWords::tr("Cluster"),
               [](const AuditEntry& e) { return e.cluster; },
               {},
               [](const AuditEntry& e) { return e.bootstrap; },
               {}},
              {AuditWords::tr("Change"), [](const AuditEntry& e) { return e.title; }, {}, {}, {}},
              {AuditWords::tr("Outcome"),
               [](const AuditEntry& e) { return outcomeWord(e); },
               {},
               {},
               {{kStatusRole, [](const AuditEntry& e) { return outcomeStatus(e); }}}},
              {AuditWords::tr("Result"), [](const AuditEntry& e) { return e.result; }, {}, {}, {}},
              {AuditWords::tr("Took"),
               [](const AuditEntry& e) {
                   return e.finishedAt > 0 ? duration(e.finishedAt - e.at) : QString();
               },
               [](const AuditEntry& e) {
                   return e.finishedAt > 0 ? e.finishedAt - e.at : qint64(-1);
               },
               {},
               {}},
              {AuditWords::tr("Command line"),
               [](const AuditEntry& e) {
                   auto text = e.commandLine;
                   return text.replace(QStringLiteral("\\\n"), QString()).simplified();
               },
               {},
               [](const AuditEntry& e) { return e.commandLine; },
               {}},
          },
          [](const AuditEntry& e) { return e.id; },
          [](const AuditEntry& a, const AuditEntry& b) {
              return a.at != b.at ? a.at > b.at : a.id < b.id;
          },
          parent) {}

std::optional<AuditEntry> auditEntryOf(const api::Command& command, const QString& bootstrap) {
    if (const auto* rate = std::get_if<api::SetWorkloadRate>(&command))
        return plain(rate->recordsPerSecond == 0 ? AuditWords::tr("Pause the retail platform")
                                                 : AuditWords::tr("Retail platform: %1 records/s")
                                                       .arg(number(rate->recordsPerSecond)));
    if (const auto* add = std::get_if<api::AddConsumer>(&command))
        return plain(AuditWords::tr("Add a consumer of %1").arg(qs(add->application)));
    if (const auto* slow = std::get_if<api::SlowConsumer>(&command))
        return plain(slow->perRecordMs == 0
                         ? AuditWords::tr("Consumer %1 at full speed").arg(slow->client)
                         : AuditWords::tr("Slow consumer %1 by %2 ms per record")
                               .arg(slow->client)
                               .arg(slow->perRecordMs));
    if (const auto* stop = std::get_if<api::StopConsumer>(&command))
        return plain(stop->crash ? AuditWords::tr("Crash consumer %1").arg(stop->client)
                                 : AuditWords::tr("Stop consumer %1").arg(stop->client));
    if (const auto* produce = std::get_if<api::Produce>(&command)) {
        auto entry = plain(AuditWords::tr("Produce %n record(s) to %1", nullptr,
                                          static_cast<int>(produce->records.size()))
                               .arg(qs(produce->topic)));
        entry.commandLine =
            QStringLiteral("kafka-console-producer.sh --bootstrap-server %1 --topic %2")
                .arg(shellWord(bootstrap), shellWord(qs(produce->topic)));
        return entry;
    }
    return std::nullopt;
}

QString resultWords(const api::CommandResult& result) {
    if (!result.error.empty())
        return qs(result.error);
    QStringList failed, done;
    qsizetype failures = 0;
    for (const auto& item : result.items) {
        if (item.error.empty()) {
            if (!item.message.empty() && done.size() < kNamedItems)
                done << QStringLiteral("%1: %2").arg(qs(item.item), qs(item.message));
        } else if (++failures <= kNamedItems) {
            failed << QStringLiteral("%1: %2").arg(qs(item.item), qs(item.error));
        }
    }
    if (failures > kNamedItems)
        failed << AuditWords::tr("%n more failed", nullptr,
                                 static_cast<int>(failures - kNamedItems));
    return failed.isEmpty() ? done.join(QStringLiteral("; ")) : failed.join(QStringLiteral("; "));
}

}  // namespace odradek::models
