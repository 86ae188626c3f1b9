// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/mutant.h"
#include "engine/io/core.h"
#include "engine/metadata/image.h"
#include "engine/quorum/events.h"

namespace odradek::quorum {

/// How a controller is started. Settings have Kafka's broker config names (broker.session.timeout.ms, num.partitions,
/// default.replication.factor, leader.imbalance.check.interval.seconds, ...); unset ones have Kafka's defaults.
struct ControllerConfig {
    BrokerId node;
    std::string clusterId;
    Uuid directoryId;        ///< of the node's log directory (meta.properties)
    std::uint64_t seed = 0;  ///< makes topic ids; must differ between lives outside the simulator
    metadata::ConfigMap settings;
    Mutants mutants;  ///< planted bugs; none outside the simulator
};

/// A broker as the controller sees it now: what its registration does not say.
struct BrokerLiveness {
    Instant lastContact;  ///< last accepted registration or heartbeat
    std::int64_t metadataOffset = -1;
    bool controlledShutdown = false;
    bool operator==(const BrokerLiveness&) const = default;
};

/// What `inspect` gives: a consistent copy, cheap (shares the image's parts).
struct ControllerView {
    metadata::Image image;             ///< committed and not yet committed changes both, as the controller works on
    std::int64_t logEnd = 0;           ///< next offset to write
    std::int64_t highWatermark = 0;    ///< first offset not yet durable
    std::int32_t epoch = -1;
    std::map<std::int32_t, BrokerLiveness> brokers;
    std::vector<ControllerEvent> events;  ///< those with a sequence above the cursor, oldest first
    std::uint64_t lastEvent = 0;          ///< the cursor for the next call
};

/// The controller of the cluster: keeps `__cluster_metadata-0`, judges registrations, heartbeats and admin requests,
/// and elects leaders. One voter for now; which records count as committed is decided by MetadataLog alone, where
/// Raft comes in later. Reached only by frames on the Controller listener.
///
/// Lifecycle: `boot` replays the log directory, then `step` until dropped (a crash is just that). The first step's
/// effects start the new epoch. One owner thread at a time; a copyable value.
class Controller final : public io::Core {
public:
    /// Reads quorum-state and the metadata log; creates nothing yet (effects of the first step do). Corrupt when
    /// the log cannot be a metadata log; a torn tail is cut and said in a Note.
    static Result<Controller> boot(ControllerConfig config, io::BootDisk& disk, Now now);

    Controller(const Controller& other);
    Controller(Controller&&) noexcept;
    Controller& operator=(const Controller&) = delete;
    Controller& operator=(Controller&&) noexcept;
    ~Controller() override;

    void step(Now now, const io::Event& event, io::Effects& effects) override;
    Instant nextWake() const override;
    std::unique_ptr<io::Core> clone() const override;

    /// For snapshots, between steps on the owner's thread.
    ControllerView inspect(std::uint64_t eventsSince = 0) const;
    /// The image alone, without a copy.
    const metadata::Image& image() const;

private:
    struct State;
    explicit Controller(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

}  // namespace odradek::quorum
