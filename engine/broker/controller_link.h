// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/time.h"
#include "engine/base/types.h"
#include "engine/broker/connections.h"
#include "engine/protocol/kafka_error.h"

namespace odradek::broker {

struct BrokerCore;
struct Step;

/// What a request to the controller was for, and so who gets its answer.
enum class ControllerCall : std::uint8_t {
    Register,
    Heartbeat,
    AlterPartition,
    AllocateProducerIds,
    Forward,       ///< a client's admin request in an Envelope
    CreateTopics,  ///< our own wish: auto-created and internal topics
};

/// A resource of an IncrementalAlterConfigs: refused here (`final`), or for the controller to
/// judge.
struct JudgedResource {
    std::int8_t type = 0;
    std::string name;
    bool final = false;
    std::int16_t error = 0;
    std::string message;
};

/// A request the controller has not answered yet. Kept whole, so that it can be sent again over a
/// new connection.
struct ControllerRequest {
    ControllerCall call = ControllerCall::Heartbeat;
    std::int16_t api = 0;
    std::int16_t version = 0;
    Chain body;
    Instant deadline = Instant::never();
    std::optional<Ticket> client;        ///< Forward: whom to answer
    Bytes clientBody;                    ///< Forward: what it asked, for a refusal
    std::vector<JudgedResource> judged;  ///< Forward of IncrementalAlterConfigs: all its resources
    std::vector<std::pair<std::uint32_t, std::uint64_t>>
        wishes;                       ///< AlterPartition: partition ref, PendingIsr::id
    std::vector<std::string> topics;  ///< CreateTopics: names asked for
    bool sent = false;
    Instant sentAt;
};

/// A snapshot of the metadata log on its way from the controller.
struct MetadataDownload {
    std::int64_t endOffset = 0;
    std::int32_t epoch = 0;
    std::vector<std::uint8_t> data;
};

/// The broker's side of the talk with the active controller: two connections to the same node (so
/// that the metadata long poll delays nobody), registration, heartbeats and requests that survive a
/// reconnect. Of several controllers one leads; the others' answers say who, and the link moves
/// there. A controller that does not answer in time is left for the next. State only; the functions
/// below work on it.
struct ControllerLink {
    enum class Line : std::uint8_t { Down, Dialing, Up };

    Line requestLine = Line::Down;
    Line metadataLine = Line::Down;
    ConnectionId requestConnection;
    ConnectionId metadataConnection;
    Instant redialAt;  ///< both lines: not before this
    std::int64_t redialDelayMs = 0;
    std::optional<BrokerId> target;  ///< the node both lines go to; none = to be chosen
    std::optional<BrokerId> failed;  ///< the node that could last not be reached or did not answer ...
    Instant failedUntil;             ///< ... and for how long nobody's word for it counts
    std::size_t turns = 0;           ///< how often another node was tried
    int notLeaders = 0;              ///< answers in a row from a node that does not lead
    Instant resendAt = Instant::never();  ///< requests that were too early for a new leader
    std::int64_t resendDelayMs = 0;

    std::int32_t nextCorrelation = 1;
    std::map<std::int32_t, ControllerRequest> waiting;  ///< by correlation id, in order of issue

    bool fetchInFlight = false;
    std::int32_t fetchCorrelation = 0;
    Instant fetchAgainAt;  ///< after an error
    Instant fetchDeadline;
    std::optional<MetadataDownload> download;

    bool registered = false;
    bool heartbeatInFlight = false;
    bool heartbeatAgain = false;  ///< something changed meanwhile: send another one right after
    Instant heartbeatAt = Instant::never();
    Instant registerAt = Instant::never();  ///< when to try again after a refusal
    bool unfenced = false;                  ///< as the last heartbeat answer said
    /// Until then no controller can have fenced us: a session after the last answered heartbeat was
    /// sent. A broker that wakes from a pause finds it over before it hears what has changed.
    Instant inTouchUntil;
    bool shutdownAllowed = false;           ///< the controller has moved our leaderships
};

/// Begins to connect; at boot.
void startControllerLink(Step& s);
/// Whether a connection id is one of the link's.
bool isControllerConnection(const ControllerLink& link, ConnectionId id);
void controllerConnected(Step& s, ConnectionId id);
void controllerClosed(Step& s, ConnectionId id);
void controllerFrame(Step& s, ConnectionId id, const Bytes& frame);
/// Does what is due: redial, register again, heartbeat, deadlines.
void controllerTick(Step& s);
Instant controllerWake(const BrokerCore& core);

/// Sends (or queues until connected) a request; its answer goes to the function for `request.call`.
void callController(Step& s, ControllerRequest request);
/// Sends a heartbeat now instead of at the next interval.
void heartbeatNow(Step& s);

}  // namespace odradek::broker
