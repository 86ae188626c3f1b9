// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Only the .cpp files of this folder include this: it brings Asio in.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "engine/runtime/real/executor_impl.h"
#include "engine/runtime/real/fault_plan.h"

namespace odradek::real {

/// Where an executor's frames wait while links are faulty: one lane per connection and direction, in order.
///  - Between nodes of this process each frame is judged once, when it is sent.
///  - Over TCP what a node sends is judged here when it leaves and what it receives when it arrives, so a fault
///    between processes is set in one of them.
///  - A cut keeps frames, closes (of in-process links) and dials until it is healed, as TCP would send again; a dial
///    gives up after 10 s (Kafka's socket.connection.setup.timeout.ms). From a cut TCP peer nothing is read. A socket
///    that is closed by its owner or by its process ends at once.
/// Costs one relaxed load per frame while no link is faulty.
/// Lifecycle: part of its executor. Thread: the executor's.
class FaultGate {
public:
    FaultGate(Executor::Impl& owner, std::shared_ptr<FaultPlan> plan);

    /// Whether anything has to be asked at all.
    bool isOpen() const { return m_lanes.empty() && m_dials.empty() && (!m_plan || !m_plan->hasLinkFaults()); }

    /// Takes a frame over that `node` sends on `connection`; false = send it as ever.
    bool takeSend(BrokerId node, const std::shared_ptr<Connection>& connection, Chain& frame);
    /// Takes the close of an in-process link over, so that it does not overtake frames or a cut.
    bool takeClose(BrokerId node, const std::shared_ptr<Connection>& connection);
    /// Takes a frame over that came from the other end over TCP; false = hand it to the core as ever.
    bool takeReceived(BrokerId node, const std::shared_ptr<TcpConnection>& connection, Bytes& frame);
    /// Nothing may be read for `node` from this connection now; it is resumed after the cut.
    bool holdsReading(BrokerId node, const std::shared_ptr<TcpConnection>& connection);
    /// Keeps a dial across a cut; false = dial as ever.
    bool takeDial(CoreId core, BrokerId node, const io::Dial& dial);

    /// Lets through what may go now. Called when faults change, and by the gate's own timer.
    void pump();

private:
    struct Waiting {
        Instant due;
        std::function<void()> act;
    };
    struct Lane {
        BrokerId from;
        BrokerId to;
        std::deque<Waiting> waiting;
        std::vector<Waiting> overtaken;  ///< goes after the next one, or when due
        Instant last{INT64_MIN};         ///< of the newest in `waiting`: order stays
    };
    struct HeldDial {
        CoreId core;
        BrokerId node;
        io::Dial dial;
        Instant giveUp;
    };
    using LaneKey = std::tuple<std::uint32_t, std::uint32_t, std::uint64_t, bool>;  ///< core, connection, inward

    bool take(LaneKey key, BrokerId from, BrokerId to, std::function<void()> act);
    void pumpLane(Lane& lane, Instant now);
    void pumpDials(Instant now);
    void arm();

    Executor::Impl& m_owner;
    std::shared_ptr<FaultPlan> m_plan;
    std::map<LaneKey, Lane> m_lanes;
    std::vector<HeldDial> m_dials;
    std::vector<std::weak_ptr<TcpConnection>> m_unread;
    asio::steady_timer m_timer;
    bool m_pumping = false;
};

/// The node behind an accepted TCP connection by its first request: brokers of ours name themselves in the client id
/// ("broker-2-fetcher-1"); everybody else is a client.
BrokerId peerOfFirstFrame(const Bytes& frame);

}  // namespace odradek::real
