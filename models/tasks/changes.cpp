// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/tasks/changes.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include "models/cluster/brokers_model.h"
#include "models/cluster/lookup.h"
#include "models/common/text.h"

namespace odradek::models {
namespace {

/// The words of this file, in their own translation context.
struct ChangeWords {
    Q_DECLARE_TR_FUNCTIONS(Changes)
};

QString absent() {
    return ChangeWords::tr("not there");
}

QString tool(const char* name, const QString& bootstrap) {
    return QStringLiteral("%1 --bootstrap-server %2")
        .arg(QLatin1String(name), shellWord(bootstrap));
}

/// Breaks a long command line after options, as people write it.
QString lines(const QString& head, const QStringList& options) {
    return options.isEmpty()
               ? head
               : head + QStringLiteral(" \\\n  ") + options.join(QStringLiteral(" \\\n  "));
}

std::int64_t offsetNow(const api::Group& group, const TopicPartition& partition) {
    for (const auto& offset : group.offsets)
        if (offset.partition == partition)
            return offset.offset;
    return -1;
}

}  // namespace

QString shellWord(const QString& word) {
    static const QRegularExpression plain(QStringLiteral("^[A-Za-z0-9_@%+=:,./-]+$"));
    if (plain.match(word).hasMatch())
        return word;
    auto quoted = word;
    quoted.replace(QLatin1Char('\''), QStringLiteral("'\\''"));
    return QLatin1Char('\'') + quoted + QLatin1Char('\'');
}

QString topicNameProblem(const QString& name) {
    static const QRegularExpression legal(QStringLiteral("^[a-zA-Z0-9._-]+$"));
    if (name.isEmpty())
        return ChangeWords::tr("A topic needs a name.");
    if (name == QStringLiteral(".") || name == QStringLiteral(".."))
        return ChangeWords::tr("A topic cannot be called \"%1\".").arg(name);
    if (name.size() > 249)
        return ChangeWords::tr("A topic name has at most 249 characters; this one has %1.")
            .arg(name.size());
    if (!legal.match(name).hasMatch())
        return ChangeWords::tr(
            "Only letters, digits, '.', '_' and '-' are allowed in a topic name.");
    return {};
}

Change changeCreateTopic(const api::ClusterSnapshot& snapshot, const QString& bootstrap,
                         const api::CreateTopic& wish) {
    Change change;
    const auto name = qs(wish.name);
    change.title = ChangeWords::tr("Create topic %1").arg(name);
    change.verb = ChangeWords::tr("Create topic");
    const auto orDefault = [](int value) {
        return value < 0 ? ChangeWords::tr("the cluster's default") : QString::number(value);
    };
    change.items.push_back({ChangeWords::tr("partitions"), absent(), orDefault(wish.partitions)});
    change.items.push_back(
        {ChangeWords::tr("replicas of each"), absent(), orDefault(wish.replicationFactor)});
    QStringList options{QStringLiteral("--create --topic %1").arg(shellWord(name))};
    if (wish.partitions >= 0)
        options << QStringLiteral("--partitions %1").arg(wish.partitions);
    if (wish.replicationFactor >= 0)
        options << QStringLiteral("--replication-factor %1").arg(wish.replicationFactor);
    for (const auto& [key, value] : wish.configs) {
        change.items.push_back({qs(key), ChangeWords::tr("default"), qs(value)});
        options << QStringLiteral("--config %1").arg(shellWord(qs(key + "=" + value)));
    }
    change.commandLine = lines(tool("kafka-topics.sh", bootstrap), options);
    change.effect =
        wish.replicationFactor == 1
            ? ChangeWords::tr("One copy only: when its broker is down, the partition is offline.")
            : ChangeWords::tr("Producers and consumers can use it at once.");
    if (const auto problem = topicNameProblem(name); !problem.isEmpty())
        change.problems << problem;
    else if (findTopic(snapshot, name))
        change.problems << ChangeWords::tr("There is a topic %1 already.").arg(name);
    if (wish.partitions == 0 || wish.partitions < -1)
        change.problems << ChangeWords::tr("A topic has at least one partition.");
    int online = 0;
    for (const auto& broker : snapshot.brokers)
        online += broker.state == api::BrokerState::Online;
    if (wish.replicationFactor > online)
        change.problems << ChangeWords::tr("%1 replicas need as many brokers; %2 are online.")
                               .arg(wish.replicationFactor)
                               .arg(online);
    change.command = wish;
    return change;
}

Change changeDeleteTopics(const api::ClusterSnapshot& snapshot, const QString& bootstrap,
                          const QStringList& names) {
    Change change;
    change.title = names.size() == 1 ? ChangeWords::tr("Delete topic %1").arg(names.front())
                                     : ChangeWords::tr("Delete %n topics", nullptr,
                                                       static_cast<int>(names.size()));
    change.verb = ChangeWords::tr("Delete for ever");
    change.dangerous = true;
    api::DeleteTopics command;
    qint64 records = 0;
    QStringList quoted;
    for (const auto& name : names) {
        const auto* topic = findTopic(snapshot, name);
        if (!topic)
            change.problems << ChangeWords::tr("There is no topic %1.").arg(name);
        else if (topic->isInternal)
            change.problems << ChangeWords::tr("%1 is internal: the cluster needs it.").arg(name);
        const auto held = topic ? recordsOf(*topic) : 0;
        records += held;
        change.items.push_back({name,
                                ChangeWords::tr("%1 records, %2")
                                    .arg(number(held), bytes(topic ? bytesOf(*topic) : 0)),
                                ChangeWords::tr("gone")});
        command.names.push_back(name.toStdString());
        quoted << QRegularExpression::escape(name).replace(QStringLiteral("\\-"),
                                                           QStringLiteral("-"));
    }
    // Kafka's tool takes a regular expression: a dot must not match another topic.
    const auto pattern = quoted.join(QLatin1Char('|'));
    change.commandLine = lines(tool("kafka-topics.sh", bootstrap),
                               {QStringLiteral("--delete --topic %1").arg(shellWord(pattern))});
    change.effect = ChangeWords::tr("%1 records are deleted on all brokers. There is no way back.")
                        .arg(number(records));
    change.command = command;
    return change;
}

Change changeAddPartitions(const api::ClusterSnapshot& snapshot, const QString& bootstrap,
                           const QString& topic, int newTotal) {
    Change change;
    const auto* found = findTopic(snapshot, topic);
    const int now = found ? static_cast<int>(found->partitions.size()) : 0;
    change.title = ChangeWords::tr("Add partitions to %1").arg(topic);
    change.verb = ChangeWords::tr("Add partitions");
    change.items.push_back(
        {ChangeWords::tr("partitions"), QString::number(now), QString::number(newTotal)});
    change.commandLine = lines(
        tool("kafka-topics.sh", bootstrap),
        {QStringLiteral("--alter --topic %1 --partitions %2").arg(shellWord(topic)).arg(newTotal)});
    change.effect = ChangeWords::tr(
        "New records of a key may go to another partition than its old ones, so their order "
        "across the change is lost. Partitions cannot be taken away again.");
    if (!found)
        change.problems << ChangeWords::tr("There is no topic %1.").arg(topic);
    else if (newTotal <= now)
        change.problems
            << ChangeWords::tr("It has %1 partitions; the new number must be larger.").arg(now);
    change.command = api::AddPartitions{topic.toStdString(), newTotal, false};
    return change;
}

Change changeConfigs(const QString& bootstrap, api::ResourceKind kind, const QString& name,
                     const std::vector<api::ConfigValue>& current,
                     const std::vector<api::ConfigChange>& changes) {
    Change change;
    const bool topic = kind == api::ResourceKind::Topic;
    change.title = topic            ? ChangeWords::tr("Change settings of %1").arg(name)
                   : name.isEmpty() ? ChangeWords::tr("Change settings of all brokers")
                                    : ChangeWords::tr("Change settings of broker %1").arg(name);
    change.verb = ChangeWords::tr("Change settings");
    QStringList add, remove;
    for (const auto& c : changes) {
        const api::ConfigValue* now = nullptr;
        for (const auto& value : current)
            if (value.name == c.name)
                now = &value;
        const auto before = now && now->value ? qs(*now->value) : ChangeWords::tr("not set");
        change.items.push_back(
            {qs(c.name),
             now ? ChangeWords::tr("%1 (%2)").arg(before, sourceWords(now->source)) : before,
             c.value ? qs(*c.value) : ChangeWords::tr("back to the default")});
        if (!c.value)
            remove << qs(c.name);
        else  // kafka-configs takes lists in brackets, because commas separate settings
            add << qs(c.name) + QLatin1Char('=') +
                       (c.value->find(',') == std::string::npos
                            ? qs(*c.value)
                            : QStringLiteral("[%1]").arg(qs(*c.value)));
        if (now && now->readOnly)
            change.problems
                << ChangeWords::tr("%1 can only be set when the broker starts.").arg(qs(c.name));
    }
    QStringList options{
        topic ? QStringLiteral("--alter --entity-type topics --entity-name %1").arg(shellWord(name))
        : name.isEmpty()
            ? QStringLiteral("--alter --entity-type brokers --entity-default")
            : QStringLiteral("--alter --entity-type brokers --entity-name %1").arg(name)};
    if (!add.isEmpty())
        options << QStringLiteral("--add-config %1").arg(shellWord(add.join(QLatin1Char(','))));
    if (!remove.isEmpty())
        options
            << QStringLiteral("--delete-config %1").arg(shellWord(remove.join(QLatin1Char(','))));
    change.commandLine = lines(tool("kafka-configs.sh", bootstrap), options);
    change.effect = ChangeWords::tr("It takes effect at once, without a restart.");
    if (changes.empty())
        change.problems << ChangeWords::tr("Nothing is changed yet.");
    change.command = api::AlterConfigs{kind, name.toStdString(), changes, false};
    return change;
}

Change changeDeleteRecords(const api::ClusterSnapshot& snapshot, const QString& bootstrap,
                           const QString& topic,
                           const std::vector<std::pair<int, qint64>>& before) {
    Change change;
    change.title = ChangeWords::tr("Delete records of %1").arg(topic);
    change.verb = ChangeWords::tr("Delete records");
    change.dangerous = true;
    api::DeleteRecords command;
    const auto* found = findTopic(snapshot, topic);
    qint64 records = 0;
    QStringList json;
    for (const auto& [partition, offset] : before) {
        std::int64_t start = -1, mark = -1;
        if (found)
            for (const auto& p : found->partitions)
                if (p.index == partition) {
                    start = p.logStart;
                    mark = p.highWatermark;
                }
        const auto target = offset < 0 ? mark : offset;
        change.items.push_back({QStringLiteral("%1-%2").arg(topic).arg(partition),
                                ChangeWords::tr("starts at %1").arg(number(start)),
                                ChangeWords::tr("starts at %1").arg(number(target))});
        records += std::max<qint64>(0, target - start);
        if (target > mark)
            change.problems << ChangeWords::tr(
                                   "Offset %1 of partition %2 is past the high watermark %3.")
                                   .arg(number(target))
                                   .arg(partition)
                                   .arg(number(mark));
        command.before.emplace_back(TopicPartition{topic.toStdString(), partition}, offset);
        json << QStringLiteral("{\"topic\":\"%1\",\"partition\":%2,\"offset\":%3}")
                    .arg(topic)
                    .arg(partition)
                    .arg(offset);
    }
    change.commandLine =
        lines(tool("kafka-delete-records.sh", bootstrap),
              {QStringLiteral("--offset-json-file <(echo %1)")
                   .arg(shellWord(QStringLiteral("{\"partitions\":[%1],\"version\":1}")
                                      .arg(json.join(QLatin1Char(',')))))});
    change.effect =
        ChangeWords::tr("%1 records become unreadable on all replicas. There is no way back.")
            .arg(number(records));
    change.command = command;
    return change;
}

Change changeResetOffsets(const api::ClusterSnapshot& snapshot, const QString& bootstrap,
                          const QString& group,
                          const std::vector<std::pair<TopicPartition, qint64>>& to) {
    Change change;
    change.title = ChangeWords::tr("Reset offsets of %1").arg(group);
    change.verb = ChangeWords::tr("Reset offsets");
    api::ResetOffsets command{group.toStdString(), {}};
    const auto* found = findGroup(snapshot, group);
    qint64 again = 0, skipped = 0;
    QStringList rows;
    for (const auto& [partition, offset] : to) {
        const auto now = found ? offsetNow(*found, partition) : -1;
        change.items.push_back(
            {QStringLiteral("%1-%2").arg(qs(partition.topic)).arg(partition.partition),
             now < 0 ? ChangeWords::tr("none") : number(now), number(offset)});
        if (now >= 0 && offset < now)
            again += now - offset;
        if (now >= 0 && offset > now)
            skipped += offset - now;
        command.to.emplace_back(partition, offset);
        rows << QStringLiteral("%1,%2,%3")
                    .arg(qs(partition.topic))
                    .arg(partition.partition)
                    .arg(offset);
    }
    QStringList words;
    if (again > 0)
        words << ChangeWords::tr("%1 records are read again.").arg(number(again));
    if (skipped > 0)
        words << ChangeWords::tr("%1 records are skipped.").arg(number(skipped));
    change.effect =
        words.isEmpty() ? ChangeWords::tr("Nothing changes.") : words.join(QLatin1Char(' '));
    change.commandLine = lines(tool("kafka-consumer-groups.sh", bootstrap),
                               {QStringLiteral("--group %1 --reset-offsets").arg(shellWord(group)),
                                QStringLiteral("--from-file <(printf %1) --execute")
                                    .arg(shellWord(rows.join(QStringLiteral("\\n"))))});
    if (found && !found->members.empty())
        change.problems << ChangeWords::tr(
            "Possible only while the group is empty: %n member(s) are active.", nullptr,
            static_cast<int>(found->members.size()));
    change.command = command;
    return change;
}

Change changeDeleteGroup(const api::ClusterSnapshot& snapshot, const QString& bootstrap,
                         const QString& group) {
    Change change;
    const auto* found = findGroup(snapshot, group);
    change.title = ChangeWords::tr("Delete group %1").arg(group);
    change.verb = ChangeWords::tr("Delete group");
    change.dangerous = true;
    change.items.push_back({group,
                            ChangeWords::tr("%n committed offset(s)", nullptr,
                                            found ? static_cast<int>(found->offsets.size()) : 0),
                            ChangeWords::tr("gone")});
    change.commandLine = lines(tool("kafka-consumer-groups.sh", bootstrap),
                               {QStringLiteral("--delete --group %1").arg(shellWord(group))});
    change.effect = ChangeWords::tr("Its members start where auto.offset.reset tells them to.");
    if (found && !found->members.empty())
        change.problems << ChangeWords::tr(
            "Possible only while the group is empty: %n member(s) are active.", nullptr,
            static_cast<int>(found->members.size()));
    change.command = api::DeleteGroup{group.toStdString()};
    return change;
}

}  // namespace odradek::models
