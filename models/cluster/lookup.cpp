// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/cluster/lookup.h"

#include <algorithm>

namespace odradek::models {

const api::Topic* findTopic(const api::ClusterSnapshot& snapshot, const QString& name) {
    const auto wanted = name.toStdString();
    const auto it =
        std::lower_bound(snapshot.topics.begin(), snapshot.topics.end(), wanted,
                         [](const api::Topic& t, const std::string& n) { return t.name < n; });
    return it != snapshot.topics.end() && it->name == wanted ? &*it : nullptr;
}

const api::Broker* findBroker(const api::ClusterSnapshot& snapshot, std::int32_t id) {
    for (const auto& broker : snapshot.brokers)
        if (broker.id == id)
            return &broker;
    return nullptr;
}

const api::Group* findGroup(const api::ClusterSnapshot& snapshot, const QString& id) {
    const auto wanted = id.toStdString();
    const auto it =
        std::lower_bound(snapshot.groups.begin(), snapshot.groups.end(), wanted,
                         [](const api::Group& g, const std::string& n) { return g.id < n; });
    return it != snapshot.groups.end() && it->id == wanted ? &*it : nullptr;
}

BrokerLoad loadOf(const api::ClusterSnapshot& snapshot, std::int32_t broker) {
    BrokerLoad load;
    for (const auto& topic : snapshot.topics)
        for (const auto& partition : topic.partitions) {
            load.leaders += partition.leader == broker;
            for (const auto& replica : partition.replicas)
                if (replica.broker == broker) {
                    ++load.replicas;
                    load.outOfSync += !replica.inSync;
                }
        }
    return load;
}

std::vector<std::int32_t> isrOf(const api::Partition& partition) {
    std::vector<std::int32_t> ids;
    for (const auto& replica : partition.replicas)
        if (replica.inSync)
            ids.push_back(replica.broker);
    return ids;
}

std::vector<std::int32_t> replicasOf(const api::Partition& partition) {
    std::vector<std::int32_t> ids;
    for (const auto& replica : partition.replicas)
        ids.push_back(replica.broker);
    return ids;
}

std::int64_t recordsOf(const api::Topic& topic) {
    std::int64_t sum = 0;
    for (const auto& partition : topic.partitions)
        if (partition.logEnd >= 0 && partition.logStart >= 0)
            sum += partition.logEnd - partition.logStart;
    return sum;
}

std::int64_t bytesOf(const api::Topic& topic) {
    std::int64_t sum = 0;
    for (const auto& partition : topic.partitions)
        sum += partition.bytes.value_or(0);
    return sum;
}

}  // namespace odradek::models
