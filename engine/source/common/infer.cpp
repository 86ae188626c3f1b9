// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/source/common/infer.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace odradek::source {
namespace {

using api::EventKind;
using api::Severity;

class Inference {
public:
    Inference(const api::ClusterSnapshot& before, const api::ClusterSnapshot& after, bool inferred)
        : m_before(before), m_after(after), m_inferred(inferred) {}

    std::vector<api::Event> run() {
        brokers();
        topics();
        groups();
        return std::move(m_events);
    }

private:
    void add(EventKind kind, Severity severity, std::string text, std::string subject) {
        m_events.push_back({0, m_after.at, kind, severity, std::move(text), std::move(subject), m_inferred});
    }

    void brokers() {
        std::map<std::int32_t, api::BrokerState> old;
        for (const auto& b : m_before.brokers)
            old[b.id] = b.state;
        for (const auto& b : m_after.brokers) {
            const auto subject = fmt::format("broker:{}", b.id);
            const auto was = old.find(b.id);
            if (was == old.end()) {
                add(EventKind::Cluster, Severity::Ok, fmt::format("Broker {} joined the cluster", b.id), subject);
            } else if (was->second != b.state) {
                switch (b.state) {
                    case api::BrokerState::Online:
                        add(EventKind::Cluster, Severity::Ok, fmt::format("Broker {} is online", b.id), subject);
                        break;
                    case api::BrokerState::Fenced:
                        add(EventKind::Cluster, Severity::Warning, fmt::format("Broker {} was fenced", b.id), subject);
                        break;
                    case api::BrokerState::Stopping:
                        add(EventKind::Cluster, Severity::Info, fmt::format("Broker {} is stopping", b.id), subject);
                        break;
                    case api::BrokerState::Offline:
                        add(EventKind::Cluster, Severity::Error, fmt::format("Broker {} is down", b.id), subject);
                        break;
                }
            }
        }
        if (m_before.controller != m_after.controller && m_after.controller >= 0 && m_before.controller >= 0)
            add(EventKind::Cluster, Severity::Info, fmt::format("Controller moved: {} → {}", m_before.controller,
                                                                m_after.controller), {});
    }

    void topics() {
        std::map<std::string, const api::Topic*> old;
        for (const auto& t : m_before.topics)
            old[t.name] = &t;
        for (const auto& t : m_after.topics) {
            const auto was = old.find(t.name);
            const auto subject = "topic:" + t.name;
            if (was == old.end() || was->second->id != t.id) {
                add(EventKind::Topic, Severity::Info,
                    fmt::format("Topic {} created with {} partition{}", t.name, t.partitions.size(),
                                t.partitions.size() == 1 ? "" : "s"), subject);
            } else {
                partitions(*was->second, t);
            }
            old.erase(t.name);
        }
        for (const auto& [name, topic] : old)
            add(EventKind::Topic, Severity::Warning, fmt::format("Topic {} deleted", name), {});
    }

    static std::vector<std::int32_t> isr(const api::Partition& p) {
        std::vector<std::int32_t> ids;
        for (const auto& r : p.replicas)
            if (r.inSync)
                ids.push_back(r.broker);
        return ids;
    }

    void partitions(const api::Topic& before, const api::Topic& after) {
        if (before.partitions.size() != after.partitions.size())
            add(EventKind::Topic, Severity::Info,
                fmt::format("Topic {} now has {} partitions, before {}", after.name, after.partitions.size(),
                            before.partitions.size()), "topic:" + after.name);
        for (std::size_t i = 0; i < std::min(before.partitions.size(), after.partitions.size()); ++i) {
            const auto& a = before.partitions[i];
            const auto& b = after.partitions[i];
            const auto subject = fmt::format("topic:{}/{}", after.name, b.index);
            if (a.leader != b.leader) {
                if (b.leader < 0)
                    add(EventKind::Leader, Severity::Offline, fmt::format("{}-{} has no leader", after.name, b.index),
                        subject);
                else
                    add(EventKind::Leader, Severity::Info,
                        fmt::format("Leader of {}-{}: {} → {}, epoch {}", after.name, b.index,
                                    a.leader < 0 ? "none" : std::to_string(a.leader), b.leader, b.leaderEpoch),
                        subject);
            }
            const auto was = isr(a);
            const auto is = isr(b);
            if (was != is)
                add(EventKind::Isr, is.size() < was.size() ? Severity::Warning : Severity::Ok,
                    fmt::format("ISR of {}-{} {}: {} → {}", after.name, b.index,
                                is.size() < was.size() ? "shrank" : "expanded", fmt::join(was, ", "),
                                fmt::join(is, ", ")), subject);
        }
    }

    void groups() {
        std::map<std::string, const api::Group*> old;
        for (const auto& g : m_before.groups)
            old[g.id] = &g;
        for (const auto& g : m_after.groups) {
            const auto was = old.find(g.id);
            const auto subject = "group:" + g.id;
            if (was == old.end()) {
                add(EventKind::Group, Severity::Info, fmt::format("Group {} appeared ({})", g.id, g.state), subject);
                continue;
            }
            const auto& a = *was->second;
            if (a.members.size() != g.members.size())
                add(EventKind::Group, g.members.size() < a.members.size() ? Severity::Warning : Severity::Info,
                    fmt::format("{}: {} member{}, before {}", g.id, g.members.size(),
                                g.members.size() == 1 ? "" : "s", a.members.size()), subject);
            else if (a.state != g.state)
                add(EventKind::Group, g.state == "Stable" ? Severity::Ok : Severity::Info,
                    fmt::format("{} is {}", g.id, g.state), subject);
            old.erase(g.id);
        }
        for (const auto& [id, group] : old)
            add(EventKind::Group, Severity::Info, fmt::format("Group {} is gone", id), {});
    }

    const api::ClusterSnapshot& m_before;
    const api::ClusterSnapshot& m_after;
    bool m_inferred;
    std::vector<api::Event> m_events;
};

}  // namespace

std::vector<api::Event> inferEvents(const api::ClusterSnapshot& before, const api::ClusterSnapshot& after,
                                    bool inferred) {
    return Inference(before, after, inferred).run();
}

}  // namespace odradek::source
