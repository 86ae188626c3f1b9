// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/workload/retail.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/workload/json_text.h"

namespace odradek::workload {
namespace {

constexpr double kMaxRate = 50'000;
constexpr std::int64_t kMs = 1'000'000;
constexpr std::int64_t kSecond = 1'000 * kMs;
constexpr double kOrderEvents = 14.5;  ///< records of an average order, the order itself included
constexpr double kOrderShare = 0.8;    ///< of the rate; clicks have the rest
constexpr double kMaxCredit = 4;       ///< orders that may follow each other at once
constexpr std::size_t kMaxOpen = 200'000;
constexpr std::size_t kMaxStored = 200'000;
constexpr Nanoseconds kStoreFor = std::chrono::minutes(10);
constexpr std::uint64_t kSkus = 900;

constexpr std::array<std::string_view, 4> kCarriers{"FedEx", "UPS", "DHL", "USPS"};
constexpr std::array<std::string_view, 4> kMethods{"CREDIT_CARD", "PAYPAL", "BANK_TRANSFER", "GIFT_CARD"};
constexpr std::array<std::string_view, 6> kPlaces{"Memphis", "Louisville", "Leipzig", "Oakland", "Newark", "Dallas"};
constexpr std::array<std::string_view, 5> kComments{"Not what I expected", "Could be better", "Does its job",
                                                    "Good value", "Would buy again"};

std::int64_t priceOf(std::uint64_t sku) { return static_cast<std::int64_t>(499 + sku * 7'919 % 14'500) / 50 * 50; }

void address(Outgoing& record, Application application, std::string_view topic, const std::string& key,
             const std::string& traceId) {
    record.application = application;
    record.topic = topic;
    record.hasKey = true;
    record.key = key;
    record.traceId = traceId;
}

template <class Items>
std::string itemsJson(const Items& items) {
    std::string json = "[";
    for (const auto& item : items) {
        if (json.size() > 1)
            json += ',';
        JsonText one(json);
        one.text("sku", item.sku).number("quantity", item.quantity).close();
    }
    return json + "]";
}

}  // namespace

Retail::Retail(std::uint64_t seed, std::uint64_t firstOrder) : m_random(seed), m_nextOrder(firstOrder) {}

// ---- Time ---------------------------------------------------------------------------------------------------

void Retail::setRate(Instant now, double recordsPerSecond) {
    m_ranBefore = runningAt(now);
    m_since = now;
    m_slot = 0;
    m_rate = std::clamp(std::isfinite(recordsPerSecond) ? recordsPerSecond : 0.0, 0.0, kMaxRate);
}

std::int64_t Retail::runningAt(Instant at) const {
    return m_rate > 0 ? m_ranBefore + std::max<std::int64_t>(0, (at - m_since).count()) : m_ranBefore;
}

Instant Retail::slotTime() const {
    return m_since + Nanoseconds(static_cast<std::int64_t>(static_cast<double>(m_slot) * 1e9 / m_rate));
}

Instant Retail::nextDue() const { return m_rate > 0 ? slotTime() : Instant::never(); }

void Retail::take(Now now, std::size_t limit, std::vector<Outgoing>& out) {
    if (m_rate <= 0)
        return;
    forgetOld(now.at);
    if (now.at - slotTime() > Nanoseconds(kSecond) + Nanoseconds(static_cast<std::int64_t>(1e9 / m_rate))) {
        // Stalled (the machine slept, say): go on from here instead of flooding.
        m_ranBefore = runningAt(slotTime());
        m_since = now.at;
        m_slot = 0;
    }
    for (; limit > 0; --limit) {
        const auto at = slotTime();
        if (at > now.at)
            return;
        const auto running = runningAt(at);
        const auto wallMs = now.wallMs - (now.at - at).count() / kMs;
        m_orderCredit = std::min(kMaxCredit, m_orderCredit + kOrderShare / kOrderEvents);
        auto& record = out.emplace_back();
        record.due = at;
        if (!m_planned.empty() && m_planned.top().at <= running) {
            const auto planned = m_planned.top();
            m_planned.pop();
            happen(planned, wallMs, record);
        } else if (m_orderCredit >= 1 && m_orders.size() < kMaxOpen) {
            m_orderCredit -= 1;
            begin(running, wallMs, record);
        } else {
            click(wallMs, record);
        }
        ++m_counts.taken;
        if (++m_slot >= 1'000'000) {  // keeps the arithmetic exact
            m_ranBefore = runningAt(slotTime());
            m_since = slotTime();
            m_slot = 0;
        }
    }
}

std::int64_t Retail::draw(Delay delay) { return m_random.between(delay.fromMs * kMs, delay.toMs * kMs); }

void Retail::plan(std::int64_t after, Delay delay, std::uint64_t order, Kind kind, std::uint8_t item) {
    m_planned.push({after + draw(delay), ++m_sequence, order, kind, item});
    ++m_orders.at(order).toCome;
}

// ---- What happens by itself -----------------------------------------------------------------------------------

std::string Retail::newTraceId() {
    constexpr char kHex[] = "0123456789abcdef";
    std::string id(36, '-');
    std::uint64_t bits = m_random.next();
    int left = 16;
    for (std::size_t i = 0; i < id.size(); ++i) {
        if (i == 8 || i == 13 || i == 18 || i == 23)
            continue;
        if (left == 0) {
            bits = m_random.next();
            left = 16;
        }
        id[i] = i == 14 ? '4' : i == 19 ? kHex[8 + (bits & 3)] : kHex[bits & 15];
        bits >>= 4;
        --left;
    }
    return id;
}

void Retail::begin(std::int64_t running, std::int64_t wallMs, Outgoing& record) {
    const auto key = ++m_nextKey;
    auto& order = m_orders[key];
    order.id = "ORD-" + std::to_string(m_nextOrder++);
    order.customer = "CUST-" + std::to_string(100 + m_random.below(9'900));
    order.traceId = newTraceId();
    const auto count = 1 + m_random.below(3);
    const auto first = m_random.below(kSkus);
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto sku = (first + i * 333) % kSkus;  // no product twice in an order
        order.items.push_back({"P-" + std::to_string(100 + sku), 1 + static_cast<std::int64_t>(m_random.below(3))});
        order.cents += priceOf(sku) * order.items.back().quantity;
    }
    address(record, Application::OrderService, "new_orders", order.id, order.traceId);
    JsonText json(record.value);
    json.text("orderId", order.id).text("customerId", order.customer).raw("products", itemsJson(order.items));
    json.cents("totalPrice", order.cents).time("timestamp", wallMs).close();
    plan(running, kPlacedAfterOrder, key, Kind::Placed);
    plan(running, kPaymentAfterOrder, key, Kind::Payment);
    ++m_counts.orders;
}

void Retail::click(std::int64_t wallMs, Outgoing& record) {
    constexpr std::array<std::string_view, 4> kActions{"view", "search", "add_to_cart", "remove_from_cart"};
    record.application = Application::Marketing;
    record.topic = "user_clicks";
    record.traceId = newTraceId();
    const auto user = m_random.below(9'900);
    JsonText json(record.value);
    json.text("userId", "CUST-" + std::to_string(100 + user));
    json.text("sessionId", "S-" + std::to_string(user * 31 + m_random.below(3)));
    json.text("page", "/products/P-" + std::to_string(100 + m_random.below(kSkus)));
    json.text("action", kActions[m_random.below(kActions.size())]).time("timestamp", wallMs).close();
}

void Retail::happen(const Planned& planned, std::int64_t wallMs, Outgoing& record) {
    auto& order = m_orders.at(planned.order);
    const auto& item = order.items.empty() ? Item{} : order.items[planned.item % order.items.size()];
    JsonText json(record.value);
    const auto start = [&](Application application, std::string_view topic) {
        address(record, application, topic, order.id, order.traceId);
    };
    const auto status = [&](std::string_view word) {
        start(Application::OrderService, "order_status_updates");
        json.text("orderId", order.id).text("status", word).time("timestamp", wallMs);
    };
    const auto step = [&](std::string_view word) {
        start(Application::FulfillmentService, "shipping_updates");
        json.text("orderId", order.id).text("shipmentId", order.shipment).text("status", word);
        json.text("location", kPlaces[m_random.below(kPlaces.size())]).time("timestamp", wallMs);
    };
    auto happened = planned;
    switch (planned.kind) {
        case Kind::Placed: status("PLACED"); break;
        case Kind::Paid: status("PAID"); break;
        case Kind::Cancelled: status("CANCELLED"); break;
        case Kind::AllMade: status("MANUFACTURED"); break;
        case Kind::ShippedStatus: status("SHIPPED"); break;
        case Kind::DeliveredStatus: status("DELIVERED"); break;
        case Kind::InTransit: step("IN_TRANSIT"); break;
        case Kind::OutForDelivery: step("OUT_FOR_DELIVERY"); break;
        case Kind::Delivered: step("DELIVERED"); break;
        case Kind::Payment: {
            const bool declined = m_random.chance(3, 100);
            happened.item = declined ? 1 : 0;
            start(Application::PaymentService, "payment_transactions");
            json.text("transactionId", "TXN-" + order.id.substr(4)).text("orderId", order.id);
            json.text("customerId", order.customer).cents("amount", order.cents).text("currency", "USD");
            json.text("method", kMethods[m_random.below(kMethods.size())]);
            json.text("status", declined ? "DECLINED" : "APPROVED").time("timestamp", wallMs);
            break;
        }
        case Kind::Made:
            start(Application::Manufacturing, "products_manufactured");
            json.text("orderId", order.id).text("sku", item.sku).number("quantity", item.quantity);
            json.text("plant", "PLANT-" + std::to_string(1 + m_random.below(4))).time("manufacturedTimestamp", wallMs);
            break;
        case Kind::Shipped:
            start(Application::FulfillmentService, "products_shipped");
            json.text("orderId", order.id).text("sku", item.sku).text("shipmentId", order.shipment);
            json.text("shippingCarrier", kCarriers[order.carrier]).time("shippingTimestamp", wallMs);
            break;
        case Kind::Review: {
            const auto rating = m_random.below(5);
            start(Application::Marketing, "customer_reviews");
            json.text("reviewId", "REV-" + order.id.substr(4)).text("orderId", order.id);
            json.text("customerId", order.customer).text("sku", item.sku);
            json.number("rating", static_cast<std::int64_t>(rating) + 1).text("comment", kComments[rating]);
            json.time("timestamp", wallMs);
            break;
        }
        case Kind::Return:  // return_reason comes with the next version of the schema (the guide's chapter 5)
            start(Application::Returns, "customer_returns");
            json.text("returnId", "RET-" + order.id.substr(4)).text("orderId", order.id);
            json.text("customerId", order.customer).text("sku", item.sku).number("quantity", item.quantity);
            json.time("timestamp", wallMs);
            break;
    }
    json.close();
    follow(happened, order, runningAt(record.due));
    if (--order.toCome == 0)
        m_orders.erase(planned.order);
}

void Retail::follow(const Planned& planned, Order& order, std::int64_t running) {
    const auto key = planned.order;
    const auto later = [&](Delay delay, Kind kind) { plan(running, delay, key, kind, planned.item); };
    switch (planned.kind) {
        case Kind::Payment: {
            if (planned.item == 1)
                return later(kStatusAfterEvent, Kind::Cancelled);
            later(kStatusAfterEvent, Kind::Paid);
            // All dates are drawn now, so that the last one is known, and what follows it.
            std::int64_t last = 0;
            for (std::size_t i = 0; i < order.items.size(); ++i) {
                const auto at = running + draw(kMadeAfterPayment);
                last = std::max(last, at);
                m_planned.push({at, ++m_sequence, key, Kind::Made, static_cast<std::uint8_t>(i)});
                ++order.toCome;
            }
            plan(last, kStatusAfterEvent, key, Kind::AllMade);
            return;
        }
        case Kind::InTransit: return later(kNextShippingStep, Kind::OutForDelivery);
        case Kind::OutForDelivery: return later(kNextShippingStep, Kind::Delivered);
        case Kind::Delivered:
            later(kStatusAfterEvent, Kind::DeliveredStatus);
            if (m_random.chance(3, 10))
                later(kReviewAfterDelivery, Kind::Review);
            if (m_random.chance(1, 10))
                later(kReturnAfterDelivery, Kind::Return);
            return;
        default: return;
    }
}

Retail::Counts Retail::counts() const {
    auto counts = m_counts;
    counts.openOrders = m_orders.size();
    counts.stored = m_stores.size();
    counts.planned = m_planned.size();
    return counts;
}

// ---- What applications do with what they read ---------------------------------------------------------------

void Retail::onRead(Now now, Application application, std::string_view topic, std::optional<std::string_view>,
                    std::string_view value, std::string_view traceId, std::vector<Outgoing>& out) {
    if (application == Application::ShippingService)
        store(now, topic, value, traceId, out);
    else if (application == Application::FulfillmentService && topic == "shipping_ready")
        ship(now, value, traceId);
}

void Retail::forgetOld(Instant now) {
    const auto tooOld = [&](const auto& ages, std::size_t kept) {
        return !ages.empty() && (kept > kMaxStored || now - ages.front().first > kStoreFor);
    };
    while (tooOld(m_storeAges, m_stores.size())) {
        m_stores.erase(m_storeAges.front().second);
        m_storeAges.pop_front();
    }
    while (tooOld(m_shippedAges, m_shipped.size())) {
        m_shipped.erase(m_shippedAges.front().second);
        m_shippedAges.pop_front();
    }
}

namespace {

/// The members of any of the scenario's values that reactions need.
struct Read {
    std::string order;
    std::string customer;
    std::string sku;
    std::string status;
    std::int64_t amount = 0;
    std::vector<std::pair<std::string, std::int64_t>> products;
    bool hasProducts = false;
};

std::optional<Read> readValue(std::string_view text) {
    Read read;
    JsonScan json(text);
    const auto product = [&] {
        std::pair<std::string, std::int64_t> one{{}, 1};
        const bool good = json.object([&](const std::string& name) {
            return name == "sku" ? json.string(one.first) : name == "quantity" ? json.integer(one.second) : json.skip();
        });
        read.products.push_back(std::move(one));
        return good;
    };
    const bool good = json.object([&](const std::string& name) {
        if (name == "orderId")
            return json.string(read.order);
        if (name == "customerId")
            return json.string(read.customer);
        if (name == "sku")
            return json.string(read.sku);
        if (name == "status")
            return json.string(read.status);
        if (name == "amount")
            return json.integer(read.amount);
        if (name == "products") {
            read.hasProducts = true;
            return json.array(product);
        }
        return json.skip();
    });
    return good && !read.order.empty() ? std::optional(std::move(read)) : std::nullopt;
}

}  // namespace

void Retail::store(Now now, std::string_view topic, std::string_view value, std::string_view traceId,
                   std::vector<Outgoing>& out) {
    const bool isOrder = topic == "new_orders";
    const bool isPayment = topic == "payment_transactions";
    if (!isOrder && !isPayment && topic != "products_manufactured")
        return;
    auto read = readValue(value);
    if (!read)
        return;
    forgetOld(now.at);
    auto [place, isNew] = m_stores.try_emplace(read->order);
    if (isNew)
        m_storeAges.emplace_back(now.at, read->order);
    auto& known = place->second;
    if (isOrder && read->hasProducts && !known.items) {
        known.customer = read->customer;
        known.items.emplace();
        for (auto& [sku, quantity] : read->products)
            known.items->push_back({std::move(sku), quantity});
    } else if (isPayment && read->status == "APPROVED") {
        known.paid = read->amount;
    } else if (!isOrder && !isPayment && !read->sku.empty() && known.made.size() < 1'000) {
        known.made.insert(read->sku);
    }
    if (known.ready || !known.items || known.paid < 0 ||
        !std::all_of(known.items->begin(), known.items->end(),
                     [&](const Item& item) { return known.made.contains(item.sku); }))
        return;
    known.ready = true;
    auto& record = out.emplace_back();
    record.due = now.at;
    address(record, Application::ShippingService, "shipping_ready", read->order, std::string(traceId));
    JsonText json(record.value);
    json.text("orderId", read->order).text("customerId", known.customer).raw("products", itemsJson(*known.items));
    json.time("readyTimestamp", now.wallMs).close();
    ++m_counts.ready;
}

void Retail::ship(Now now, std::string_view value, std::string_view traceId) {
    auto read = readValue(value);
    if (!read || read->products.empty() || read->products.size() > 100 || m_orders.size() >= 2 * kMaxOpen)
        return;
    forgetOld(now.at);
    if (!m_shipped.insert(read->order).second)
        return;
    m_shippedAges.emplace_back(now.at, read->order);
    const auto key = ++m_nextKey;
    auto& order = m_orders[key];
    order.id = std::move(read->order);
    order.customer = std::move(read->customer);
    order.traceId = std::string(traceId);
    for (auto& [sku, quantity] : read->products)
        order.items.push_back({std::move(sku), quantity});
    order.carrier = static_cast<std::uint8_t>(m_random.below(kCarriers.size()));
    order.shipment = "SHIP-";
    for (int i = 0; i < 3; ++i)
        order.shipment += static_cast<char>('A' + m_random.below(26));
    order.shipment += std::to_string(100 + m_random.below(900));
    const auto running = runningAt(now.at);
    std::int64_t last = 0;
    for (std::size_t i = 0; i < order.items.size(); ++i) {
        const auto at = running + draw(kShippedAfterReady);
        last = std::max(last, at);
        m_planned.push({at, ++m_sequence, key, Kind::Shipped, static_cast<std::uint8_t>(i)});
        ++order.toCome;
    }
    plan(last, kStatusAfterEvent, key, Kind::ShippedStatus);
    plan(last, kInTransitAfterShipped, key, Kind::InTransit);
}

}  // namespace odradek::workload
