// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engine/base/prng.h"
#include "engine/base/time.h"
#include "engine/workload/scenario.h"

namespace odradek::workload {

/// How long the steps of an order take, in milliseconds of running time (a paused platform ages nothing). Each is drawn
/// evenly between both. At rates so low that records queue for their turn, steps may come later, never earlier.
struct Delay {
    std::int64_t fromMs = 0;
    std::int64_t toMs = 0;
};
inline constexpr Delay kPlacedAfterOrder{50, 300};
inline constexpr Delay kPaymentAfterOrder{500, 3'000};
inline constexpr Delay kStatusAfterEvent{100, 500};
inline constexpr Delay kMadeAfterPayment{1'000, 6'000};
inline constexpr Delay kShippedAfterReady{500, 2'000};
inline constexpr Delay kInTransitAfterShipped{1'000, 3'000};
inline constexpr Delay kNextShippingStep{2'000, 5'000};
inline constexpr Delay kReviewAfterDelivery{2'000, 10'000};
inline constexpr Delay kReturnAfterDelivery{3'000, 15'000};

/// The retail scenario as pure logic: what its applications send, and what they do with what they read. Clients are
/// adapters around it. Deterministic by seed and calls; a copyable value; one owner thread.
///
/// How it is used: setRate() once it should run; whenever nextDue() has come, take() and send what it gives; hand every
/// record that a consumer of an application reads to onRead() and send what that gives. The rate counts the records of
/// take(); shipping_ready records, which are reactions, come on top. Orders begin just so often that their later events
/// fit into the rate; clicks fill what is left, so the rate is met exactly.
class Retail {
public:
    /// `firstOrder` numbers the first order (ORD-12345): choose it so that runs on the same cluster do not repeat ids.
    explicit Retail(std::uint64_t seed, std::uint64_t firstOrder = 12'345);

    /// Records per second from now on; 0 pauses, and what was due stays due. Clamped to 0..50,000.
    void setRate(Instant now, double recordsPerSecond);
    double rate() const { return m_rate; }
    /// When the next record is due; Instant::never() while paused.
    Instant nextDue() const;
    /// Appends the records due by now, at most `limit`. After a stall of more than a second the rest is not caught up.
    void take(Now now, std::size_t limit, std::vector<Outgoing>& out);
    /// An application has read a record; appends what it sends at once. ShippingService writes shipping_ready when an
    /// order is paid and all its products are made; FulfillmentService plans the shipping of what is ready. Any value
    /// may come in, also ones that are no JSON: those are ignored. Reading a record twice does nothing new.
    void onRead(Now now, Application application, std::string_view topic, std::optional<std::string_view> key,
                std::string_view value, std::string_view traceId, std::vector<Outgoing>& out);

    struct Counts {
        std::uint64_t taken = 0;
        std::uint64_t orders = 0;
        std::uint64_t ready = 0;      ///< shipping_ready written
        std::size_t openOrders = 0;   ///< orders and shipments with events to come
        std::size_t stored = 0;       ///< entries of ShippingService's state store
        std::size_t planned = 0;      ///< events to come
    };
    Counts counts() const;

private:
    enum class Kind : std::uint8_t {
        Placed, Payment, Paid, Cancelled, Made, AllMade, Shipped, ShippedStatus, InTransit, OutForDelivery, Delivered,
        DeliveredStatus, Review, Return,
    };
    struct Item {
        std::string sku;
        std::int64_t quantity = 1;
    };
    /// An order with events to come: as placed, or as FulfillmentService ships it.
    struct Order {
        std::string id;
        std::string customer;
        std::vector<Item> items;
        std::string traceId;
        std::string shipment;
        std::int64_t cents = 0;
        std::uint8_t carrier = 0;
        int toCome = 0;
    };
    struct Planned {
        std::int64_t at = 0;  ///< running time, ns
        std::uint64_t sequence = 0;
        std::uint64_t order = 0;
        Kind kind = Kind::Placed;
        std::uint8_t item = 0;
        bool operator<(const Planned& o) const {  // std::priority_queue keeps the largest on top: turned round
            return at != o.at ? at > o.at : sequence > o.sequence;
        }
    };
    /// What ShippingService knows of an order.
    struct Store {
        std::optional<std::vector<Item>> items;
        std::string customer;
        std::int64_t paid = -1;  ///< whole currency units; -1 = not yet
        std::unordered_set<std::string> made;
        bool ready = false;
    };

    std::int64_t runningAt(Instant at) const;
    Instant slotTime() const;
    void plan(std::int64_t after, Delay delay, std::uint64_t order, Kind kind, std::uint8_t item = 0);
    std::int64_t draw(Delay delay);
    void begin(std::int64_t running, std::int64_t wallMs, Outgoing& record);
    void click(std::int64_t wallMs, Outgoing& record);
    void happen(const Planned& planned, std::int64_t wallMs, Outgoing& record);
    void follow(const Planned& planned, Order& order, std::int64_t running);
    void ship(Now now, std::string_view value, std::string_view traceId);
    void store(Now now, std::string_view topic, std::string_view value, std::string_view traceId,
               std::vector<Outgoing>& out);
    void forgetOld(Instant now);
    std::string newTraceId();

    Prng m_random;
    double m_rate = 0;
    std::int64_t m_ranBefore = 0;  ///< running time when the present rate began, ns
    Instant m_since;               ///< when it began
    std::uint64_t m_slot = 0;      ///< slots used since then
    double m_orderCredit = 1;
    std::uint64_t m_nextOrder;
    std::uint64_t m_nextKey = 0;
    std::uint64_t m_sequence = 0;
    std::priority_queue<Planned> m_planned;
    std::unordered_map<std::uint64_t, Order> m_orders;
    std::unordered_map<std::string, Store> m_stores;
    std::deque<std::pair<Instant, std::string>> m_storeAges;
    std::unordered_set<std::string> m_shipped;
    std::deque<std::pair<Instant, std::string>> m_shippedAges;
    Counts m_counts;
};

}  // namespace odradek::workload
