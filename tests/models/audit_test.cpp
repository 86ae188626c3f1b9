// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include "models/tasks/audit_log.h"
#include "tests/models/suites.h"

using namespace odradek;
using models::AuditEntry;
using models::AuditLog;
using models::AuditModel;

namespace {

AuditEntry sample(const QString& title) {
    AuditEntry entry;
    entry.cluster = QStringLiteral("retail-dev");
    entry.bootstrap = QStringLiteral("127.0.0.1:9092");
    entry.title = title;
    entry.items = {{QStringLiteral("partitions"), QStringLiteral("3"), QStringLiteral("6")}};
    entry.commandLine = QStringLiteral("kafka-topics.sh --alter \\\n  --partitions 6");
    return entry;
}

}  // namespace

class AuditTest : public QObject {
    Q_OBJECT
private slots:
    void isThereAgainAfterARestart();
    void whatWasAskedIsOnDiskBeforeTheAnswer();
    void brokenLinesHideNothingElse();
    void saysWhenItCannotBeKept();
    void commandsWithoutPreviewAreNamed();
    void resultsAreWords();
    void rowsAreNewestFirst();
};

void AuditTest::isThereAgainAfterARestart() {
    QTemporaryDir dir;
    const auto path = dir.filePath(QStringLiteral("deep/er/audit.jsonl"));
    {
        AuditLog log(path);
        const auto id = log.begin(sample(QStringLiteral("Add partitions to new_orders")));
        log.finish(id, true, QStringLiteral("new_orders: 6 partitions"));
        const auto bad = log.begin(sample(QStringLiteral("Delete \"a\u00e9\"")));
        log.finish(bad, false, QStringLiteral("a: UNKNOWN_TOPIC_OR_PARTITION"));
        QCOMPARE(log.problem(), QString());
    }
    AuditLog again(path);
    QCOMPARE(again.entries().size(), std::size_t(2));
    const auto& first = again.entries()[0];
    QCOMPARE(first.title, QStringLiteral("Add partitions to new_orders"));
    QCOMPARE(first.outcome, AuditEntry::Outcome::Done);
    QCOMPARE(first.result, QStringLiteral("new_orders: 6 partitions"));
    QCOMPARE(first.commandLine, QStringLiteral("kafka-topics.sh --alter \\\n  --partitions 6"));
    QCOMPARE(first.items, sample({}).items);
    QVERIFY(first.at > 1'600'000'000'000 && first.finishedAt >= first.at);
    QCOMPARE(again.entries()[1].title, QStringLiteral("Delete \"a\u00e9\""));
    QCOMPARE(again.entries()[1].outcome, AuditEntry::Outcome::Failed);
}

void AuditTest::whatWasAskedIsOnDiskBeforeTheAnswer() {
    QTemporaryDir dir;
    const auto path = dir.filePath(QStringLiteral("audit.jsonl"));
    AuditLog log(path);
    const auto id = log.begin(sample(QStringLiteral("Kill broker 2")));
    AuditLog other(path);  // as after a crash of the first
    QCOMPARE(other.entries().size(), std::size_t(1));
    QCOMPARE(other.entries()[0].outcome, AuditEntry::Outcome::Asked);
    log.finish(id, true, {});
    AuditLog later(path);
    QCOMPARE(later.find(id)->outcome, AuditEntry::Outcome::Done);
}

void AuditTest::brokenLinesHideNothingElse() {
    QTemporaryDir dir;
    const auto path = dir.filePath(QStringLiteral("audit.jsonl"));
    {
        AuditLog log(path);
        log.begin(sample(QStringLiteral("one")));
    }
    QFile file(path);
    QVERIFY(file.open(QIODevice::Append));
    file.write("not json\n{\"id\":\"cut");  // power went while a line was written
    file.close();
    AuditLog log(path);
    QCOMPARE(log.entries().size(), std::size_t(1));
    log.begin(sample(QStringLiteral("two")));
    AuditLog again(path);
    QCOMPARE(again.entries().size(), std::size_t(2));
    QCOMPARE(again.entries()[1].title, QStringLiteral("two"));
}

void AuditTest::saysWhenItCannotBeKept() {
    AuditLog log(QStringLiteral("/proc/odradek/audit.jsonl"));
    const auto id = log.begin(sample(QStringLiteral("one")));
    QVERIFY(!log.problem().isEmpty());
    QVERIFY(log.find(id));  // still seen until the program ends
}

void AuditTest::commandsWithoutPreviewAreNamed() {
    const QString bootstrap = QStringLiteral("h:1");
    QVERIFY(models::auditEntryOf(api::SetWorkloadRate{0}, bootstrap)
                ->title.contains(QStringLiteral("Pause")));
    QVERIFY(models::auditEntryOf(api::SetWorkloadRate{1000}, bootstrap)
                ->title.contains(QStringLiteral("1,000")));
    QVERIFY(models::auditEntryOf(api::StopConsumer{7, true}, bootstrap)
                ->title.contains(QStringLiteral("7")));
    const auto produce = models::auditEntryOf(api::Produce{"new_orders", {{}, {}}}, bootstrap);
    QVERIFY(produce->title.contains(QStringLiteral("new_orders")));
    QVERIFY(produce->commandLine.startsWith(QStringLiteral("kafka-console-producer.sh")));
    QVERIFY(!models::auditEntryOf(api::DescribeConfigs{}, bootstrap));  // reads are no changes
    QVERIFY(!models::auditEntryOf(api::StartBrowse{}, bootstrap));
}

void AuditTest::resultsAreWords() {
    api::CommandResult result;
    QCOMPARE(models::resultWords(result), QString());
    result.items = {{"a", "", "partition 1, offset 52"}, {"b", "INVALID_PARTITIONS", ""}};
    QCOMPARE(models::resultWords(result), QStringLiteral("b: INVALID_PARTITIONS"));
    result.items.pop_back();
    QCOMPARE(models::resultWords(result), QStringLiteral("a: partition 1, offset 52"));
    result.error = "no connection";
    QCOMPARE(models::resultWords(result), QStringLiteral("no connection"));
}

void AuditTest::rowsAreNewestFirst() {
    AuditModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    auto a = sample(QStringLiteral("old")), b = sample(QStringLiteral("new"));
    a.id = QStringLiteral("a");
    a.at = 1000;
    b.id = QStringLiteral("b");
    b.at = 2000;
    model.setRows({a, b});
    QCOMPARE(model.index(0, AuditModel::Change).data().toString(), QStringLiteral("new"));
    b.outcome = AuditEntry::Outcome::Done;
    model.setRows({a, b});
    QCOMPARE(model.index(0, AuditModel::Outcome).data(models::kStatusRole).toInt(), 0);
    QCOMPARE(model.index(1, AuditModel::Command).data().toString(),
             QStringLiteral("kafka-topics.sh --alter --partitions 6"));
}

QObject* makeAuditTest() {
    return new AuditTest;
}

#include "audit_test.moc"
