// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>

#include "engine/protocol/messages/broker_heartbeat.h"
#include "engine/protocol/messages/broker_registration.h"
#include "engine/protocol/messages/unregister_broker.h"
#include "engine/quorum/control.h"

namespace odradek::quorum {

/// What the controller remembers of a registered broker beside the image; lost with the controller.
struct BrokerSession {
    Instant lastContact;
    std::int64_t metadataOffset = -1;           ///< last record the broker has applied, as far as known
    std::int64_t controlledShutdownOffset = -1; ///< end of the records that emptied it; -1 = not shutting down
    ConnectionId connection;                    ///< where it was heard last
    bool connected = false;                     ///< that connection is still open
};

/// Registrations, heartbeats, sessions (Kafka's ClusterControlManager and BrokerHeartbeatManager). A copyable value.
class ClusterControl {
public:
    ClusterControl() = default;
    ClusterControl(std::string clusterId, Nanoseconds sessionTimeout)
        : m_clusterId(std::move(clusterId)), m_sessionTimeout(sessionTimeout) {}

    /// A new controller gives every registered broker a whole session from `now` on.
    void activate(const metadata::Image& image, Instant now);

    /// A new incarnation starts fenced and outside every ISR; its epoch is the offset of its record. While the session
    /// of another incarnation is alive, the id is taken: DUPLICATE_BROKER_REGISTRATION. Other than Kafka, a session
    /// also ends when the connection it came over is gone, so that a restarted broker is back at once.
    Outcome<protocol::BrokerRegistrationResponse> registerBroker(const ControlContext& context,
                                                                 const protocol::BrokerRegistrationRequest& request,
                                                                 ConnectionId from);
    Outcome<protocol::BrokerHeartbeatResponse> heartbeat(const ControlContext& context,
                                                         const protocol::BrokerHeartbeatRequest& request,
                                                         ConnectionId from);
    /// Forgets a broker for good; its replicas stay assigned to it, out of sync.
    Outcome<protocol::UnregisterBrokerResponse> unregister(const ControlContext& context,
                                                           const protocol::UnregisterBrokerRequest& request);
    /// A broker's Fetch of the metadata log shows how far it has applied it.
    void onFetch(std::int32_t broker, std::int64_t fetchOffset);
    void onClosed(ConnectionId connection);

    /// An unfenced broker whose session is over, if any. Fence one, apply its records, ask again.
    std::optional<std::int32_t> nextExpired(const metadata::Image& image, Instant now) const;
    /// When the next session ends; never() when no broker is unfenced.
    Instant nextExpiry(const metadata::Image& image) const;
    /// The records that fence a broker: out of all ISRs, then marked.
    static Records fence(const ControlContext& context, std::int32_t broker);

    const std::map<std::int32_t, BrokerSession>& sessions() const { return m_sessions; }

private:
    KafkaError checkRegistration(const ControlContext& context,
                                 const protocol::BrokerRegistrationRequest& request) const;
    bool hasLiveSession(std::int32_t broker, Instant now) const;
    bool othersCaughtUp(const metadata::Image& image, std::int64_t offset) const;

    std::string m_clusterId;
    Nanoseconds m_sessionTimeout{};
    std::map<std::int32_t, BrokerSession> m_sessions;
};

}  // namespace odradek::quorum
