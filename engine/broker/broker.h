// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>

#include "engine/base/result.h"
#include "engine/broker/config.h"
#include "engine/broker/view.h"
#include "engine/io/core.h"

namespace odradek::broker {

struct BrokerCore;

/// One Kafka broker: serves clients, leads and follows partitions, coordinates groups. Sans-IO:
/// everything it knows comes as events and arguments, everything it does goes out as effects; the
/// same seed and events give the same effects.
///
/// Lifecycle: `boot` recovers the log directory and asks for the first connections; then `step` for
/// every event. It registers with the controller by itself and serves (state Running) once it is
/// unfenced; clients that come earlier wait. For a clean end call `beginShutdown` and go on
/// stepping until `shutdownComplete`; a crash is just dropping the value. One owner thread at a
/// time.
class Broker final : public io::Core {
public:
    /// Reads the log directory and brings every log into a servable state; what recovery found and
    /// cut is said in Notes. `seed` must differ between lives outside the simulator (incarnation
    /// id, jitter). Fails with Invalid when the directory belongs to another node or cluster, with
    /// Corrupt or Io when it cannot be read.
    static Result<Broker> boot(Now now, BrokerConfig config, io::BootDisk& disk, std::uint64_t seed,
                               io::Effects& effects);

    Broker(const Broker& other);
    Broker(Broker&&) noexcept;
    Broker& operator=(const Broker&) = delete;
    Broker& operator=(Broker&&) noexcept;
    ~Broker() override;

    void step(Now now, const io::Event& event, io::Effects& effects) override;
    Instant nextWake() const override;
    std::unique_ptr<io::Core> clone() const override;

    /// Starts a clean end: the controller moves our leaderships away, then logs are flushed,
    /// trimmed and checkpointed, and the clean-shutdown marker is written. Without a controller
    /// that answers it goes ahead after a few seconds.
    void beginShutdown(Now now, io::Effects& effects);
    /// Everything is on disk; the value may be dropped.
    bool shutdownComplete() const;

    BrokerState state() const;
    /// For DescribeLogDirs and views: bytes of the volume under the log directory, all and free.
    void setDiskSpace(std::int64_t totalBytes, std::int64_t usableBytes);
    /// A consistent picture, between steps on the owner's thread, with the events numbered above
    /// `eventsSince`.
    BrokerView inspect(Now now, std::uint64_t eventsSince = 0) const;
    /// The inside, for tests and invariants checks.
    const BrokerCore& core() const { return *m_core; }

private:
    explicit Broker(std::unique_ptr<BrokerCore> core);
    std::unique_ptr<BrokerCore> m_core;
};

}  // namespace odradek::broker
