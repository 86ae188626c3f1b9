// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/sim/checks.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/broker/core.h"
#include "engine/protocol/kafka_error.h"

namespace odradek::sim {
namespace {

std::string nameOf(const TopicPartition& partition) {
    return fmt::format("{}-{}", partition.topic, partition.partition);
}

/// What one partition's readers saw, against what its writers were told.
class PartitionJudge {
public:
    PartitionJudge(std::string name, std::uint32_t index,
                   const std::vector<const ProducerApp*>& producers)
        : m_name(std::move(name)), m_index(index), m_producers(producers) {
        for (const auto* producer : producers)
            m_places.emplace_back(producer->sent().size(), -1);
    }

    Finding judge(const std::vector<RecordName>& seen) {
        std::vector<std::int64_t> lastAcked(m_producers.size(), -1);
        for (std::size_t offset = 0; offset < seen.size(); ++offset) {
            const auto& one = seen[offset];
            if (one.producer >= m_producers.size() || one.number >= m_places[one.producer].size())
                return fmt::format("{}: offset {} holds a record that was never sent", m_name,
                                   offset);
            const auto& sent = m_producers[one.producer]->sent()[one.number];
            if (sent.partition != m_index)
                return fmt::format(
                    "{}: offset {} holds record {} of producer {}, which was sent elsewhere",
                    m_name, offset, one.number, one.producer);
            auto& place = m_places[one.producer][one.number];
            if (place >= 0)
                return fmt::format("{}: record {} of producer {} is there twice, at {} and {}",
                                   m_name, one.number, one.producer, place, offset);
            place = static_cast<std::int64_t>(offset);
            if (sent.fate != SentRecord::Fate::Acked)
                continue;
            auto& last = lastAcked[one.producer];
            if (last > static_cast<std::int64_t>(one.number))
                return fmt::format("{}: acked record {} of producer {} comes after its record {}",
                                   m_name, one.number, one.producer, last);
            last = static_cast<std::int64_t>(one.number);
        }
        return lostOrMoved();
    }

private:
    Finding lostOrMoved() const {
        for (std::size_t p = 0; p < m_producers.size(); ++p) {
            const auto& sent = m_producers[p]->sent();
            for (std::size_t n = 0; n < sent.size(); ++n) {
                if (sent[n].partition != m_index || sent[n].fate != SentRecord::Fate::Acked)
                    continue;
                if (m_places[p][n] < 0)
                    return fmt::format(
                        "{}: record {} of producer {} was acked at offset {} and is lost", m_name,
                        n, p, sent[n].offset);
                if (sent[n].offset >= 0 && sent[n].offset != m_places[p][n])
                    return fmt::format(
                        "{}: record {} of producer {} was acked at offset {} and is at {}", m_name,
                        n, p, sent[n].offset, m_places[p][n]);
            }
        }
        return std::nullopt;
    }

    std::string m_name;
    std::uint32_t m_index;
    const std::vector<const ProducerApp*>& m_producers;
    std::vector<std::vector<std::int64_t>> m_places;  ///< per producer and record: its offset here
};

const broker::Partition* replicaOn(const World& world, const Cluster::Node& node, const Uuid& topic,
                                   std::int32_t index) {
    const auto* broker = Cluster::brokerOf(world, node);
    if (broker == nullptr)
        return nullptr;
    const auto& partitions = broker->core().partitions;
    return const_cast<broker::PartitionTable&>(partitions).at(partitions.refOf(topic, index));
}

/// How a partition stands that is not in sync, as everybody concerned sees it.
std::string describe(const World& world, const Cluster& cluster, const metadata::Partition& truth,
                     const Uuid& topic, std::int32_t index) {
    auto text = fmt::format("leader {} of epoch {} (partition epoch {}), {} of {} replicas in sync",
                            truth.leader, truth.leaderEpoch, truth.partitionEpoch, truth.isr.size(),
                            truth.replicas.size());
    for (const auto member : truth.replicas) {
        const auto* replica = replicaOn(world, cluster.node(BrokerId(member)), topic, index);
        if (replica == nullptr) {
            text += fmt::format("; broker {} has no replica", member);
            continue;
        }
        text += fmt::format("; broker {}{}: follows {} in epoch {}, log end {}, stable {}, mark {}",
                            member, truth.inIsr(member) ? "" : " (out of sync)", replica->leader,
                            replica->leaderEpoch.value, replica->log.logEnd().value,
                            replica->log.stableEnd().value, replica->highWatermark.value);
        text += ", epochs";
        const auto& epochs = replica->log.epochs().entries();
        for (std::size_t i = epochs.size() > 4 ? epochs.size() - 4 : 0; i < epochs.size(); ++i)
            text += fmt::format(" {}@{}", epochs[i].epoch.value, epochs[i].start.value);
        if (const auto* broker = Cluster::brokerOf(world, cluster.node(BrokerId(member))))
            for (const auto& [leader, fetcher] : broker->core().fetchers)
                if (const auto found = fetcher.partitions.find(replica->ref);
                    found != fetcher.partitions.end())
                    text += fmt::format(
                        ", fetches from {} (line {}, {} requests out, {} unstable{}; this one: "
                        "{}{})",
                        leader, static_cast<int>(fetcher.line), fetcher.inFlight.size(),
                        fetcher.unstable, fetcher.urgent ? ", urgent" : "",
                        static_cast<int>(found->second.state),
                        found->second.unstable ? ", unstable" : "");
        if (!replica->isLeader())
            continue;
        text += fmt::format(", leads with partition epoch {}{}", replica->lead.partitionEpoch,
                            !replica->lead.pending      ? ""
                            : replica->lead.pendingSent ? ", ISR change sent"
                                                        : ", ISR change to be sent");
        for (const auto& one : replica->lead.followers)
            text += fmt::format(", knows {} at {}", one.broker, one.logEnd.value);
    }
    return text;
}

/// The batches of a partition on a disk up to `mark`, as one CRC and a count of bytes.
struct OnDisk {
    std::uint32_t crc = 0;
    std::uint64_t bytes = 0;
    std::int64_t end = 0;
};

Result<OnDisk> readFromDisk(Disk& disk, const TopicPartition& partition, Offset mark) {
    OnDisk sum;
    const auto folder = nameOf(partition);
    for (const auto& entry : TRY(disk.list(folder))) {
        if (!entry.name.ends_with(".log"))
            continue;
        const auto file = TRY(disk.readAll(folder + "/" + entry.name));
        for (std::size_t at = 0; at < file.size();) {
            const auto header = protocol::readBatchHeader(file.span().subspan(at));
            if (!header || at + header->sizeInBytes() > file.size() ||
                header->baseOffset >= mark.value)
                break;
            if (header->baseOffset != sum.end && sum.bytes > 0)
                break;
            sum.crc = crc32c(file.slice(at, header->sizeInBytes()), sum.crc);
            sum.bytes += header->sizeInBytes();
            sum.end = header->nextOffset();
            at += header->sizeInBytes();
        }
    }
    return sum;
}

}  // namespace

Finding judgeHistories(const std::vector<TopicPartition>& partitions,
                       const std::vector<const ProducerApp*>& producers,
                       const std::vector<const ConsumerApp*>& consumers) {
    for (const auto* consumer : consumers)
        if (!consumer->problems().empty())
            return consumer->problems().front();
    for (std::uint32_t i = 0; i < partitions.size(); ++i) {
        for (std::size_t c = 0; c < consumers.size(); ++c) {
            const auto& seen = consumers[c]->seen()[i];
            if (auto finding = PartitionJudge(nameOf(partitions[i]), i, producers).judge(seen))
                return finding;
            if (seen != consumers.front()->seen()[i])
                return fmt::format("{}: two consumers saw different records ({} and {} of them)",
                                   nameOf(partitions[i]), consumers.front()->seen()[i].size(),
                                   seen.size());
        }
    }
    return std::nullopt;
}

// ---- ReplicaWatch
// ----------------------------------------------------------------------------------------------

Finding ReplicaWatch::look(const World& world, const Cluster& cluster) {
    count(world, cluster);
    if (const auto* controller = cluster.controller(world))
        for (const auto& [id, topic] : controller->image().topics())
            for (const auto& truth : topic->partitions)
                for (const auto member : truth->isr)
                    if (!truth->isReplica(member))
                        return fmt::format("{}: {} is in the ISR but no replica", topic->name, member);
    for (const auto& node : cluster.nodes())
        if (node.up)
            if (auto finding = lookAt(world, cluster, node))
                return finding;
    return std::nullopt;
}

Finding ReplicaWatch::lookAt(const World& world, const Cluster& cluster,
                             const Cluster::Node& node) {
    Finding finding;
    const auto* controller = cluster.controller(world);
    Cluster::brokerOf(world, node)->core().partitions.each([&](const broker::Partition& one) {
        if (finding || !one.isLeader() || one.topic.starts_with("__"))
            return;
        const auto name = nameOf(one.name());
        const auto mark = one.highWatermark;
        auto& reign = m_reigns[{one.topicId, one.index, one.leaderEpoch.value}];
        if (reign.leader >= 0 && reign.leader != node.id.value)
            finding = fmt::format("{}: brokers {} and {} both lead epoch {}", name, reign.leader,
                                  node.id.value, one.leaderEpoch.value);
        else if (mark < reign.mark)
            finding = fmt::format(
                "{}: the high watermark fell from {} to {} on leader {} in epoch {}", name,
                reign.mark.value, mark.value, node.id.value, one.leaderEpoch.value);
        else if (mark > one.log.logEnd())
            finding = fmt::format("{}: the high watermark {} is beyond the log end {} on leader {}",
                                  name, mark.value, one.log.logEnd().value, node.id.value);
        else if (const auto least = one.lead.effectiveMinIsr(one.minInsync);
                 reign.leader >= 0 && mark > reign.mark &&
                 static_cast<std::int32_t>(one.lead.isr.size()) < least &&
                 reign.partitionEpoch == one.lead.partitionEpoch)
            finding = fmt::format(
                "{}: the high watermark rose from {} to {} on leader {} with an ISR of {} of {}", name,
                reign.mark.value, mark.value, node.id.value, one.lead.isr.size(), least);
        reign = {node.id.value, std::max(mark, reign.mark), one.lead.partitionEpoch};
        auto& [epoch, committed] = m_committed[{one.topicId, one.index}];
        if (!finding && one.leaderEpoch.value > epoch && one.log.logEnd() < committed)
            finding = fmt::format(
                "{}: leader {} of epoch {} ends at {}, but {} was committed in epoch {}", name,
                node.id.value, one.leaderEpoch.value, one.log.logEnd().value, committed.value,
                epoch);
        if (mark > committed) {
            committed = mark;
            epoch = std::max(epoch, one.leaderEpoch.value);
        }
        const auto* truth =
            controller != nullptr ? controller->image().partition(one.topicId, one.index) : nullptr;
        if (finding || truth == nullptr || truth->leader != node.id.value ||
            truth->leaderEpoch != one.leaderEpoch.value)
            return;
        for (const auto member : truth->isr) {
            const auto* replica =
                replicaOn(world, cluster.node(BrokerId(member)), one.topicId, one.index);
            // Not the stable end: a restarted node does not know yet what it had flushed.
            if (replica != nullptr && replica->log.logEnd() < mark)
                finding = fmt::format(
                    "{}: the high watermark is {} on leader {} (epoch {}), but ISR member {} only "
                    "holds "
                    "records below {}",
                    name, mark.value, node.id.value, one.leaderEpoch.value, member,
                    replica->log.logEnd().value);
        }
    });
    return finding;
}

void ReplicaWatch::count(const World& world, const Cluster& cluster) {
    const auto* controller = cluster.controller(world);
    if (controller == nullptr) {
        m_lastEvent = 0;
        return;
    }
    const auto view = controller->inspect(m_lastEvent);
    m_lastEvent = view.lastEvent;
    for (const auto& event : view.events) {
        m_isrChanges += std::holds_alternative<quorum::IsrChanged>(event.what) ? 1 : 0;
        m_elections += std::holds_alternative<quorum::LeaderElected>(event.what) ? 1 : 0;
    }
}

// ---- The end
// ---------------------------------------------------------------------------------------------------

Finding notLive(const World& world, const Cluster& cluster, BrokerId away) {
    const auto* controller = cluster.controller(world);
    if (controller == nullptr)
        return "the controller is down";
    for (const auto& node : cluster.nodes()) {
        const auto* broker = Cluster::brokerOf(world, node);
        if (node.id != away && (broker == nullptr || broker->state() != broker::BrokerState::Running))
            return fmt::format("broker {} does not serve", node.id.value);
    }
    for (const auto& [id, topic] : controller->image().topics())
        for (std::int32_t i = 0; i < static_cast<std::int32_t>(topic->partitions.size()); ++i) {
            const auto& truth = *topic->partitions[static_cast<std::size_t>(i)];
            bool whole = truth.hasLeader() && truth.leader != away.value;
            for (const auto member : truth.replicas)
                whole = whole && (member == away.value || truth.inIsr(member));
            const auto* leader =
                whole ? replicaOn(world, cluster.node(BrokerId(truth.leader)), id, i) : nullptr;
            if (leader == nullptr || !leader->isLeader() ||
                leader->leaderEpoch.value != truth.leaderEpoch || leader->lead.pending)
                return fmt::format("{}-{}: {}", topic->name, i,
                                   describe(world, cluster, truth, id, i));
        }
    return std::nullopt;
}

bool asksForIsr(const World& world, const Cluster::Node& node) {
    bool asks = false;
    if (const auto* broker = Cluster::brokerOf(world, node))
        broker->core().partitions.each([&](const broker::Partition& one) {
            asks = asks || (one.isLeader() && one.lead.pending.has_value());
        });
    return asks;
}

Offset endOf(const World& world, const Cluster& cluster, const metadata::Image& image,
             const TopicPartition& partition) {
    const auto* truth = image.partition(partition.topic, partition.partition);
    const auto* leader = replicaOn(world, cluster.node(BrokerId(truth->leader)),
                                   *image.topicId(partition.topic), partition.partition);
    return leader->highWatermark;
}

Finding judgeMetadata(const World& world, const Cluster& cluster, const AdminApp& admin) {
    const auto& truth = cluster.controller(world)->image();
    for (const auto& node : cluster.nodes()) {
        const auto& image = Cluster::brokerOf(world, node)->core().image;
        if (!(image == truth))
            return fmt::format("broker {} believes other metadata (offset {}) than the controller ({})",
                               node.id.value, image.offset(), truth.offset());
    }
    if (!admin.problems().empty())
        return admin.problems().front();
    for (const auto& [name, partitions] : admin.topics()) {
        const auto* topic = truth.topic(name);
        if (topic == nullptr || static_cast<std::int32_t>(topic->partitions.size()) < partitions)
            return fmt::format("topic {} has {} partitions instead of {}", name,
                               topic == nullptr ? 0 : topic->partitions.size(), partitions);
    }
    for (const auto& [name, id] : truth.topicNames())
        if (name.starts_with("extra") && !admin.topics().contains(name))
            return fmt::format("topic {} was deleted and is still there", name);
    for (const auto& [key, value] : admin.configs()) {
        const metadata::ConfigResolver resolver(truth, 1, cluster.settings());
        if (const auto is = resolver.topicText(key.first, key.second); is != value)
            return fmt::format("{} of {} is {} instead of {}", key.second, key.first, is, value);
    }
    return std::nullopt;
}

Finding notConverged(World& world, const Cluster& cluster,
                     const std::vector<TopicPartition>& partitions) {
    const auto* controller = cluster.controller(world);
    if (controller == nullptr)
        return "the controller is down";
    for (const auto& node : cluster.nodes()) {
        const auto* broker = Cluster::brokerOf(world, node);
        if (broker == nullptr || broker->state() != broker::BrokerState::Running)
            return fmt::format("broker {} does not serve", node.id.value);
    }
    for (const auto& partition : partitions) {
        const auto* truth = controller->image().partition(partition.topic, partition.partition);
        if (truth == nullptr)
            return fmt::format("{} does not exist", nameOf(partition));
        const auto topic = *controller->image().topicId(partition.topic);
        if (!truth->hasLeader() || truth->isr.size() != truth->replicas.size())
            return nameOf(partition) + ": " +
                   describe(world, cluster, *truth, topic, partition.partition);
        const auto* leader =
            replicaOn(world, cluster.node(BrokerId(truth->leader)), topic, partition.partition);
        for (const auto member : truth->replicas) {
            const auto* replica =
                replicaOn(world, cluster.node(BrokerId(member)), topic, partition.partition);
            if (leader == nullptr || replica == nullptr)
                return fmt::format("{}: broker {} has no replica", nameOf(partition), member);
            if (replica->log.logEnd() != leader->log.logEnd() ||
                replica->highWatermark != leader->log.logEnd() ||
                replica->log.stableEnd() != replica->log.logEnd())
                return nameOf(partition) + ": " +
                       describe(world, cluster, *truth, topic, partition.partition);
        }
    }
    for (const auto& node : cluster.nodes())
        if (!world.disk(node.disk).idle())
            return fmt::format("the disk of node {} is busy", node.id.value);
    return std::nullopt;
}

Finding compareReplicas(World& world, const Cluster& cluster,
                        const std::vector<TopicPartition>& partitions) {
    const auto* controller = cluster.controller(world);
    for (const auto& partition : partitions) {
        const auto topic = *controller->image().topicId(partition.topic);
        const auto* truth = controller->image().partition(topic, partition.partition);
        std::optional<OnDisk> first;
        for (const auto member : truth->replicas) {
            const auto& node = cluster.node(BrokerId(member));
            const auto mark = replicaOn(world, node, topic, partition.partition)->highWatermark;
            const auto sum = readFromDisk(world.disk(node.disk), partition, mark);
            if (!sum)
                return fmt::format("{} on node {}: {}", nameOf(partition), member,
                                   sum.error().message);
            if (sum->end != mark.value)
                return fmt::format("{}: the files of node {} end at {}, its high watermark is {}",
                                   nameOf(partition), member, sum->end, mark.value);
            if (!first)
                first = *sum;
            if (first->crc != sum->crc || first->bytes != sum->bytes)
                return fmt::format(
                    "{}: the files of nodes {} and {} differ below {} ({} and {} bytes)",
                    nameOf(partition), truth->replicas.front(), member, mark.value, first->bytes,
                    sum->bytes);
        }
    }
    return std::nullopt;
}

}  // namespace odradek::sim
