// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/partition.h"

#include "engine/base/check.h"

namespace odradek::broker {

PartitionTable::PartitionTable(const PartitionTable& other)
    : m_byTopic(other.m_byTopic), m_count(other.m_count) {
    m_slots.reserve(other.m_slots.size());
    for (const auto& slot : other.m_slots)
        m_slots.push_back(slot ? std::make_unique<Partition>(*slot) : nullptr);
}

Partition& PartitionTable::add(std::string topic, Uuid topicId, std::int32_t index,
                               storage::PartitionLog log) {
    const PartitionRef ref = nextRef();
    ODRADEK_CHECK(log.identity().tag == ref, "a log's disk tag is its partition's ref");
    ODRADEK_CHECK(index >= 0, "partitions are counted from 0");
    m_slots.push_back(std::make_unique<Partition>(Partition{.ref = ref,
                                                            .topic = std::move(topic),
                                                            .topicId = topicId,
                                                            .index = index,
                                                            .log = std::move(log)}));
    auto& refs = m_byTopic[topicId];
    if (refs.size() <= static_cast<std::size_t>(index))
        refs.resize(static_cast<std::size_t>(index) + 1, kNoPartition);
    refs[static_cast<std::size_t>(index)] = ref;
    ++m_count;
    return *m_slots.back();
}

void PartitionTable::remove(PartitionRef ref) {
    Partition* partition = at(ref);
    if (partition == nullptr)
        return;
    const auto found = m_byTopic.find(partition->topicId);
    if (found != m_byTopic.end()) {
        auto& refs = found->second;
        refs[static_cast<std::size_t>(partition->index)] = kNoPartition;
        while (!refs.empty() && refs.back() == kNoPartition)
            refs.pop_back();
        if (refs.empty())
            m_byTopic.erase(found);
    }
    m_slots[ref - kFirstPartition].reset();
    --m_count;
}

PartitionRef PartitionTable::refOf(const Uuid& topicId, std::int32_t index) const {
    const auto found = m_byTopic.find(topicId);
    if (found == m_byTopic.end() || index < 0 ||
        static_cast<std::size_t>(index) >= found->second.size())
        return kNoPartition;
    return found->second[static_cast<std::size_t>(index)];
}

}  // namespace odradek::broker
