// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/api/events.h"
#include "engine/api/snapshot.h"

namespace odradek::source {

/// Runs the retail platform against a cluster: the scenario decides what to send and what to make of what is read,
/// librdkafka carries it. One thread feeds the producers, one thread per consumer reads.
///
/// Lifecycle: constructed once the topics exist; the destructor stops all clients (consumers leave their groups).
/// Thread: any; all functions return at once.
class WorkloadRunner {
public:
    using Tell = std::function<void(api::Event)>;
    /// `tell` takes events (clients added, crashed, failing) from the runner's threads.
    WorkloadRunner(std::string bootstrap, std::uint64_t seed, std::int32_t rate, Tell tell);
    ~WorkloadRunner();
    WorkloadRunner(const WorkloadRunner&) = delete;
    WorkloadRunner& operator=(const WorkloadRunner&) = delete;

    void setRate(std::int32_t recordsPerSecond);
    /// Holds the producers back for a reason people are told; empty lets them go on.
    void setPauseReason(std::string reason);
    /// False with nothing done when there is no such application or client.
    bool addConsumer(const std::string& application);
    bool slowConsumer(std::uint64_t client, std::int32_t perRecordMs);
    bool stopConsumer(std::uint64_t client, bool crash);

    api::Workload state() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace odradek::source
