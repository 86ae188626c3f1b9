// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/cluster/problems.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>

#include "models/cluster/lookup.h"
#include "models/common/text.h"

namespace odradek::models {
namespace {

/// The words of this file, in their own translation context.
struct ProblemsWords {
    Q_DECLARE_TR_FUNCTIONS(Problems)
};

struct Counts {
    int offline = 0;
    int underMin = 0;
    int underReplicated = 0;
    int brokersDown = 0;
};

int inSync(const api::Partition& partition) {
    return static_cast<int>(isrOf(partition).size());
}

Counts countPartitions(const api::ClusterSnapshot& snapshot) {
    Counts c;
    for (const auto& topic : snapshot.topics)
        for (const auto& partition : topic.partitions) {
            const int isr = inSync(partition);
            c.offline += partition.leader < 0;
            c.underMin += partition.leader >= 0 && isr < topic.minInsync;
            c.underReplicated += isr < static_cast<int>(partition.replicas.size());
        }
    for (const auto& broker : snapshot.brokers)
        c.brokersDown +=
            broker.state == api::BrokerState::Offline || broker.state == api::BrokerState::Fenced;
    return c;
}

QString nameOf(const api::Topic& topic, const api::Partition& partition) {
    return QStringLiteral("%1-%2").arg(qs(topic.name)).arg(partition.index);
}

/// One problem per topic and kind, so that a dead broker does not fill the list with its
/// partitions.
void addPartitionProblems(const api::Topic& topic, std::vector<Problem>& out) {
    const api::Partition* offline = nullptr;
    const api::Partition* underMin = nullptr;
    const api::Partition* lagging = nullptr;
    int offlineCount = 0, underMinCount = 0, laggingCount = 0;
    const auto note = [](const api::Partition& p, const api::Partition*& first, int& count) {
        if (!first)
            first = &p;
        ++count;
    };
    for (const auto& partition : topic.partitions) {
        const int isr = inSync(partition);
        if (partition.leader < 0)
            note(partition, offline, offlineCount);
        else if (isr < topic.minInsync)
            note(partition, underMin, underMinCount);
        else if (isr < static_cast<int>(partition.replicas.size()))
            note(partition, lagging, laggingCount);
    }
    const auto subject = [&](const api::Partition& p) {
        return QStringLiteral("topic:%1/%2").arg(qs(topic.name)).arg(p.index);
    };
    if (offline)
        out.push_back(
            {1000 + offlineCount, Health::Offline,
             offlineCount == 1
                 ? ProblemsWords::tr("%1 cannot be written or read").arg(nameOf(topic, *offline))
                 : ProblemsWords::tr("%n partitions of %1 cannot be written or read", nullptr,
                                     static_cast<int>(offlineCount))
                       .arg(qs(topic.name)),
             ProblemsWords::tr(
                 "No leader: none of the in-sync replicas is on a broker that is up."),
             subject(*offline), ProblemsWords::tr("Show partition")});
    if (underMin)
        out.push_back({900 + underMinCount, Health::Error,
                       underMinCount == 1
                           ? ProblemsWords::tr("%1 refuses writes with acks=all")
                                 .arg(nameOf(topic, *underMin))
                           : ProblemsWords::tr("%n partitions of %1 refuse writes with acks=all",
                                               nullptr, static_cast<int>(underMinCount))
                                 .arg(qs(topic.name)),
                       ProblemsWords::tr("In sync: %1 of the %2 that min.insync.replicas asks for.")
                           .arg(inSync(*underMin))
                           .arg(topic.minInsync),
                       subject(*underMin), ProblemsWords::tr("Show partition")});
    if (lagging)
        out.push_back(
            {500 + laggingCount, Health::Warning,
             laggingCount == 1
                 ? ProblemsWords::tr("%1 is under-replicated").arg(nameOf(topic, *lagging))
                 : ProblemsWords::tr("%n partitions of %1 are under-replicated", nullptr,
                                     static_cast<int>(laggingCount))
                       .arg(qs(topic.name)),
             ProblemsWords::tr("In sync: brokers %1. Writes still meet min.insync.replicas %2.")
                 .arg(joined(isrOf(*lagging)))
                 .arg(topic.minInsync),
             subject(*lagging), ProblemsWords::tr("Show partition")});
}

void addBrokerProblems(const api::Broker& broker, std::vector<Problem>& out) {
    const auto subject = QStringLiteral("broker:%1").arg(broker.id);
    if (broker.state == api::BrokerState::Offline)
        out.push_back(
            {800, Health::Error, ProblemsWords::tr("Broker %1 is down").arg(broker.id),
             ProblemsWords::tr(
                 "Its replicas have left the in-sync sets; their leaders moved to other brokers."),
             subject, ProblemsWords::tr("Show broker")});
    else if (broker.state == api::BrokerState::Fenced)
        out.push_back(
            {700, Health::Warning, ProblemsWords::tr("Broker %1 is fenced").arg(broker.id),
             ProblemsWords::tr("Its heartbeats do not reach the controller, so it may not lead."),
             subject, ProblemsWords::tr("Show broker")});
    if (broker.diskTotal && broker.diskUsable && *broker.diskTotal > 0) {
        const double free =
            static_cast<double>(*broker.diskUsable) / static_cast<double>(*broker.diskTotal);
        if (free < 0.05)
            out.push_back({850, Health::Error,
                           ProblemsWords::tr("Disk of broker %1 is nearly full").arg(broker.id),
                           ProblemsWords::tr("%1 % free, %2. Shorten retention or free space.")
                               .arg(free * 100, 0, 'f', 1)
                               .arg(bytes(*broker.diskUsable)),
                           QStringLiteral("disk"), ProblemsWords::tr("Show disk")});
    }
}

/// Records/s by which a group's lag grew over the last half minute; 0 when unknown.
double lagGrowth(const QString& group, const SeriesStore& series) {
    const auto* ring = series.find(QStringLiteral("group.%1.lag").arg(group));
    if (!ring || ring->values().size() < 15)
        return 0;
    const auto n = std::min<std::size_t>(30, ring->values().size() - 1);
    const auto last = ring->values().size() - 1;
    const double seconds = (ring->times()[last] - ring->times()[last - n]) / 1000.0;
    return seconds <= 0 ? 0 : (ring->values()[last] - ring->values()[last - n]) / seconds;
}

void addGroupProblems(const api::Group& group, const SeriesStore& series,
                      std::vector<Problem>& out) {
    const auto subject = QStringLiteral("group:%1").arg(qs(group.id));
    const auto lag = group.totalLag();
    const double growth = lagGrowth(qs(group.id), series);
    if (group.members.empty() && lag > 0) {
        out.push_back({300, Health::Info,
                       ProblemsWords::tr("Nobody reads for %1").arg(qs(group.id)),
                       ProblemsWords::tr("The group is %1 and %2 records behind.")
                           .arg(qs(group.state), number(lag)),
                       subject, ProblemsWords::tr("Open group")});
    } else if (lag > 1000 && growth > 1 && growth * 60 > static_cast<double>(lag) / 20) {
        out.push_back({600, Health::Warning, ProblemsWords::tr("%1 falls behind").arg(qs(group.id)),
                       ProblemsWords::tr("%1 records behind and growing by %2 records/s. At this "
                                         "rate it will not catch up.")
                           .arg(number(lag), decimal(growth)),
                       subject, ProblemsWords::tr("Open group")});
    }
    int idle = 0;
    QString name;
    if (group.state == "Stable")
        for (const auto& member : group.members)
            if (member.assignment.empty()) {
                ++idle;
                name = qs(member.clientId);
            }
    if (idle > 0)
        out.push_back(
            {100, Health::Info,
             idle == 1 ? ProblemsWords::tr("%1 has nothing to read").arg(name)
                       : ProblemsWords::tr("%n members of %1 have nothing to read", nullptr,
                                           static_cast<int>(idle))
                             .arg(qs(group.id)),
             ProblemsWords::tr(
                 "%1 hands out whole partitions, and there are fewer of them than members.")
                 .arg(group.protocol.empty() ? ProblemsWords::tr("The assignor")
                                             : qs(group.protocol)),
             subject, ProblemsWords::tr("Explain")});
}

}  // namespace

std::vector<Problem> findProblems(const api::ClusterSnapshot& snapshot, const SeriesStore& series) {
    std::vector<Problem> out;
    for (const auto& topic : snapshot.topics)
        addPartitionProblems(topic, out);
    for (const auto& broker : snapshot.brokers)
        addBrokerProblems(broker, out);
    for (const auto& group : snapshot.groups)
        addGroupProblems(group, series, out);
    if (snapshot.workload && !snapshot.workload->pauseReason.empty())
        out.push_back({400, Health::Warning, ProblemsWords::tr("The retail platform paused itself"),
                       qs(snapshot.workload->pauseReason), QStringLiteral("disk"),
                       ProblemsWords::tr("Show disk")});
    std::stable_sort(out.begin(), out.end(),
                     [](const Problem& a, const Problem& b) { return a.harm > b.harm; });
    return out;
}

HealthSummary summarize(const api::ClusterSnapshot& snapshot,
                        const std::vector<Problem>& problems) {
    switch (snapshot.connection) {
        case api::Connection::Starting:
            return {Health::Info, ProblemsWords::tr("Connecting…")};
        case api::Connection::Stale:
            return {Health::Warning, ProblemsWords::tr("Connection lost, trying again")};
        case api::Connection::Failed:
            return {Health::Offline, qs(snapshot.problem)};
        case api::Connection::Live:
            break;
    }
    const auto c = countPartitions(snapshot);
    QStringList words;
    auto health = Health::Ok;
    const auto add = [&](int count, Health level, const QString& text) {
        if (count <= 0)
            return;
        words << text;
        health = std::max(health, level);
    };
    add(c.offline, Health::Offline,
        ProblemsWords::tr("%n partition(s) offline", nullptr, static_cast<int>(c.offline)));
    add(c.underMin, Health::Error,
        ProblemsWords::tr("%n under min ISR", nullptr, static_cast<int>(c.underMin)));
    add(c.brokersDown, Health::Error,
        ProblemsWords::tr("%n broker(s) down", nullptr, static_cast<int>(c.brokersDown)));
    add(c.underReplicated, Health::Warning,
        ProblemsWords::tr("%n under-replicated", nullptr, static_cast<int>(c.underReplicated)));
    if (words.isEmpty())
        for (const auto& problem : problems)
            if (problem.health == Health::Warning || problem.health == Health::Error)
                add(1, problem.health, problem.title);
    if (words.isEmpty())
        return {Health::Ok, ProblemsWords::tr("All partitions in sync")};
    words = words.mid(0, 3);
    return {health, words.join(QStringLiteral(", "))};
}

}  // namespace odradek::models
