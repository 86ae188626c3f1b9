// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/workload/retail.h"

#include <map>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/workload/json_text.h"

namespace odradek::workload {
namespace {

using nlohmann::json;

/// Runs the platform with a virtual clock; applications read what is written at once, unless they are stopped.
class Platform {
public:
    explicit Platform(std::uint64_t seed = 7) : retail(seed) { now.wallMs = 1'721'901'600'000; }

    void forMs(std::int64_t ms) {
        const auto end = now.at + Milliseconds(ms);
        while (now.at < end) {
            const auto to = std::min(end, now.at + Milliseconds(10));
            now.wallMs += (to - now.at).count() / 1'000'000;
            now.at = to;
            std::vector<Outgoing> records;
            retail.take(now, 100'000, records);
            for (std::size_t i = 0; i < records.size(); ++i) {  // grows by reactions
                for (const auto& application : applications())
                    for (const auto topic : application.reads)
                        if (topic == records[i].topic && !stopped.contains(application.id)) {
                            const auto one = records[i];
                            retail.onRead(now, application.id, one.topic, one.key, one.value, one.traceId, records);
                        }
            }
            for (auto& record : records)
                all.push_back(std::move(record));
        }
    }

    Retail retail;
    Now now;
    std::vector<Outgoing> all;
    std::set<Application> stopped;
};

std::map<std::string, std::vector<const Outgoing*>> byOrder(const Platform& run) {
    std::map<std::string, std::vector<const Outgoing*>> orders;
    for (const auto& record : run.all)
        if (record.hasKey)
            orders[record.key].push_back(&record);
    return orders;
}

TEST(Retail, MeetsItsRate) {
    for (const double rate : {1.0, 7.0, 100.0, 3'333.0}) {
        Platform run;
        run.retail.setRate(run.now.at, rate);
        run.forMs(10'000);
        const auto taken = static_cast<double>(run.retail.counts().taken);
        EXPECT_NEAR(taken, rate * 10, 1.0 + rate * 0.001) << rate;
    }
}

TEST(Retail, PausesAndChangesItsRateAtAnyTime) {
    Platform run;
    EXPECT_EQ(run.retail.nextDue(), Instant::never());
    run.forMs(1'000);
    EXPECT_TRUE(run.all.empty());
    run.retail.setRate(run.now.at, 1'000);
    run.forMs(1'000);
    run.retail.setRate(run.now.at, 0);
    const auto before = run.all.size();
    run.forMs(60'000);
    EXPECT_EQ(run.all.size(), before);
    run.retail.setRate(run.now.at, 500);
    run.forMs(2'000);
    const auto counts = run.retail.counts();
    EXPECT_NEAR(static_cast<double>(counts.taken), 2'000.0, 3.0);
    run.retail.setRate(run.now.at, 1e9);
    EXPECT_EQ(run.retail.rate(), 50'000);
    run.retail.setRate(run.now.at, -5);
    EXPECT_EQ(run.retail.rate(), 0);
}

TEST(Retail, DoesNotFloodAfterAStall) {
    Platform run;
    run.retail.setRate(run.now.at, 1'000);
    run.now.at = run.now.at + Milliseconds(3'600'000);
    std::vector<Outgoing> records;
    run.retail.take(run.now, 1'000'000, records);
    EXPECT_LE(records.size(), 1'001u);
    run.now.at = run.now.at + Milliseconds(500);
    records.clear();
    run.retail.take(run.now, 100, records);
    EXPECT_EQ(records.size(), 100u);  // the limit
    run.retail.take(run.now, 1'000'000, records);
    EXPECT_NEAR(static_cast<double>(records.size()), 500.0, 2.0);
}

TEST(Retail, TheSameSeedGivesTheSameStream) {
    Platform a, b, c(8);
    for (auto* run : {&a, &b, &c}) {
        run->retail.setRate(run->now.at, 500);
        run->forMs(30'000);
    }
    EXPECT_EQ(a.all, b.all);
    EXPECT_NE(a.all, c.all);
    Platform copy = a;  // a copied value goes on identically
    a.forMs(5'000);
    copy.forMs(5'000);
    EXPECT_EQ(a.all, copy.all);
}

TEST(Retail, WritesTheGuidesRecords) {
    Platform run;
    run.retail.setRate(run.now.at, 2'000);
    run.forMs(60'000);
    const std::map<std::string, std::set<std::string>> members = {
        {"new_orders", {"orderId", "customerId", "products", "totalPrice", "timestamp"}},
        {"products_shipped", {"orderId", "sku", "shipmentId", "shippingCarrier", "shippingTimestamp"}},
    };
    std::map<std::string, int> seen;
    for (const auto& record : run.all) {
        const auto value = json::parse(record.value);  // throws when it is none
        ++seen[std::string(record.topic)];
        if (const auto wanted = members.find(std::string(record.topic)); wanted != members.end()) {
            std::set<std::string> names;
            for (const auto& [name, member] : value.items())
                names.insert(name);
            EXPECT_EQ(names, wanted->second);
        }
        const auto headers = record.headers();
        ASSERT_EQ(headers.size(), 2u);
        EXPECT_EQ(headers[0].first, "trace_id");
        EXPECT_EQ(headers[0].second.size(), 36u);
        EXPECT_EQ(headers[1].second, nameOf(record.application));
        const auto& writes = applications()[static_cast<std::size_t>(record.application)].writes;
        EXPECT_NE(std::find(writes.begin(), writes.end(), record.topic), writes.end()) << record.topic;
        if (record.topic == "user_clicks") {
            EXPECT_FALSE(record.hasKey);
        } else {
            EXPECT_TRUE(record.hasKey);
            EXPECT_EQ(value.at("orderId"), record.key);
            EXPECT_EQ(record.key.substr(0, 4), "ORD-");
        }
    }
    for (const auto& topic : topics())
        EXPECT_GT(seen[std::string(topic.name)], 50) << topic.name;
    EXPECT_GT(seen["user_clicks"] * 10, seen["new_orders"] * 10 / 2);
    EXPECT_EQ(json::parse(run.all.front().value).at("timestamp").get<std::string>().substr(0, 10), "2024-07-25");
}

TEST(Retail, AnOrdersEventsAgreeWithEachOther) {
    Platform run;
    run.retail.setRate(run.now.at, 1'000);
    run.forMs(90'000);
    int delivered = 0, cancelled = 0;
    for (const auto& [id, events] : byOrder(run)) {
        ASSERT_EQ(events.front()->topic, "new_orders") << id;
        const auto order = json::parse(events.front()->value);
        std::set<std::string> skus, made, shipped;
        for (const auto& product : order.at("products"))
            skus.insert(product.at("sku"));
        EXPECT_EQ(skus.size(), order.at("products").size());
        bool paid = false, ready = false;
        for (const auto* event : events) {
            EXPECT_EQ(event->traceId, events.front()->traceId);
            const auto value = json::parse(event->value);
            if (value.contains("customerId"))
                EXPECT_EQ(value.at("customerId"), order.at("customerId"));
            if (value.contains("sku"))
                EXPECT_TRUE(skus.contains(value.at("sku")));
            if (event->topic == "payment_transactions") {
                EXPECT_EQ(value.at("amount"), order.at("totalPrice"));
                paid = value.at("status") == "APPROVED";
            } else if (event->topic == "products_manufactured") {
                EXPECT_TRUE(paid);
                EXPECT_TRUE(made.insert(value.at("sku")).second);
            } else if (event->topic == "shipping_ready") {
                EXPECT_FALSE(ready);
                ready = true;
                EXPECT_TRUE(paid);
                EXPECT_EQ(made, skus);
                EXPECT_EQ(value.at("products"), order.at("products"));
            } else if (event->topic == "products_shipped") {
                EXPECT_TRUE(ready);
                EXPECT_TRUE(shipped.insert(value.at("sku")).second);
            } else if (event->topic == "customer_reviews" || event->topic == "customer_returns") {
                EXPECT_EQ(shipped, skus);
            } else if (event->topic == "order_status_updates") {
                delivered += value.at("status") == "DELIVERED" ? 1 : 0;
                cancelled += value.at("status") == "CANCELLED" ? 1 : 0;
            }
        }
    }
    EXPECT_GT(delivered, 1'000);
    EXPECT_GT(cancelled, 10);
}

TEST(Retail, StepsTakeAsLongAsTheyShould) {
    Platform run;
    run.retail.setRate(run.now.at, 1'000);
    run.forMs(60'000);
    constexpr std::int64_t kSlackMs = 500;  // waiting for a slot
    int checked = 0;
    const auto within = [&](Instant from, Instant to, Delay delay) {
        const auto ms = (to - from).count() / 1'000'000;
        EXPECT_GE(ms, delay.fromMs);
        EXPECT_LE(ms, delay.toMs + kSlackMs);
        ++checked;
    };
    for (const auto& [id, events] : byOrder(run)) {
        std::map<std::string, Instant> first;
        for (const auto* event : events) {
            auto name = std::string(event->topic);
            if (event->topic == "order_status_updates" || event->topic == "shipping_updates")
                name += json::parse(event->value).at("status").get<std::string>();
            if (event->topic == "payment_transactions")
                within(first.at("new_orders"), event->due, kPaymentAfterOrder);
            if (event->topic == "products_manufactured")
                within(first.at("payment_transactions"), event->due, kMadeAfterPayment);
            if (event->topic == "products_shipped")
                within(first.at("shipping_ready"), event->due, kShippedAfterReady);
            if (name == "order_status_updatesPLACED")
                within(first.at("new_orders"), event->due, kPlacedAfterOrder);
            if (name == "shipping_updatesDELIVERED")
                within(first.at("shipping_updatesOUT_FOR_DELIVERY"), event->due, kNextShippingStep);
            first.try_emplace(name, event->due);
        }
    }
    EXPECT_GT(checked, 5'000);
}

TEST(Retail, NothingIsShippedWithoutShippingService) {
    Platform run;
    run.stopped.insert(Application::ShippingService);
    run.retail.setRate(run.now.at, 1'000);
    run.forMs(30'000);
    for (const auto& record : run.all)
        EXPECT_TRUE(record.topic != "shipping_ready" && record.topic != "products_shipped");
    EXPECT_NEAR(static_cast<double>(run.retail.counts().taken), 30'000.0, 30.0);  // clicks fill the rate
}

TEST(Retail, ReadingTwiceOrNonsenseDoesNothing) {
    Retail retail(1);
    Now now;
    std::vector<Outgoing> out;
    const auto read = [&](std::string_view topic, std::string_view value,
                          Application application = Application::ShippingService) {
        retail.onRead(now, application, topic, "ORD-1", value, "trace", out);
    };
    for (const auto* nonsense : {"", "{", "[]", "{\"orderId\":7}", "{\"orderId\":\"ORD-1\"", "\xFF\xFE", "{\"a\":[[[[",
                                 "{\"orderId\":\"ORD-1\",\"products\":{}}"}) {
        read("new_orders", nonsense);
        read("payment_transactions", nonsense);
        read("shipping_ready", nonsense, Application::FulfillmentService);
    }
    read("new_orders", std::string(100'000, '['));
    EXPECT_EQ(retail.counts().openOrders, 0u);
    const auto* order = R"( { "extra": [1, {"b": null}], "orderId" : "ORD-1", "customerId": "C", "products":
        [ {"sku":"P-1","quantity":2}, {"quantity":1,"sku":"P-2","note":"x"} ], "totalPrice": 1.5 } )";
    read("products_manufactured", R"({"orderId":"ORD-1","sku":"P-2"})");  // out of order: topics are apart
    read("payment_transactions", R"({"orderId":"ORD-1","amount":1.5,"status":"DECLINED"})");
    read("new_orders", order);
    read("products_manufactured", R"({"orderId":"ORD-1","sku":"P-1"})");
    EXPECT_TRUE(out.empty());
    read("payment_transactions", R"({"orderId":"ORD-1","amount":1.5,"status":"APPROVED"})");
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(out[0].topic, "shipping_ready");
    EXPECT_EQ(out[0].key, "ORD-1");
    EXPECT_EQ(out[0].traceId, "trace");
    EXPECT_EQ(json::parse(out[0].value).at("products").at(0).at("quantity"), 2);
    read("new_orders", order);
    read("payment_transactions", R"({"orderId":"ORD-1","amount":1.5,"status":"APPROVED"})");
    EXPECT_EQ(out.size(), 1u);
    const auto ready = out[0].value;
    read("shipping_ready", ready, Application::FulfillmentService);
    const auto planned = retail.counts().planned;
    EXPECT_EQ(planned, 4u);
    read("shipping_ready", ready, Application::FulfillmentService);
    EXPECT_EQ(retail.counts().planned, planned);
}

TEST(Retail, MemoryStaysBounded) {
    Platform run;
    run.retail.setRate(run.now.at, 500);
    run.forMs(120'000);
    const auto open = run.retail.counts().openOrders;
    run.all.clear();
    run.forMs(600'000);
    run.all.clear();
    const auto stored = run.retail.counts().stored;
    run.forMs(300'000);
    EXPECT_LT(run.retail.counts().openOrders, open * 2);
    EXPECT_LT(run.retail.counts().stored, stored * 5 / 4 + 100);  // ten minutes' worth
    EXPECT_LT(run.retail.counts().planned, 10'000u);
}

TEST(Scenario, TopicsAndApplicationsFit) {
    std::set<std::string_view> known;
    for (const auto& topic : topics())
        known.insert(topic.name);
    EXPECT_EQ(known.size(), 10u);
    std::set<std::string_view> groups;
    for (const auto& application : applications()) {
        EXPECT_EQ(nameOf(application.id), application.name);
        EXPECT_TRUE(groups.insert(application.group).second);
        EXPECT_FALSE(application.reads.empty());
        for (const auto topic : application.writes)
            EXPECT_TRUE(known.contains(topic)) << topic;
        for (const auto topic : application.reads)
            EXPECT_TRUE(known.contains(topic)) << topic;
    }
}

TEST(JsonText, WritesTextNumbersMoneyAndTime) {
    std::string out;
    JsonText text(out);
    text.text("a", "q\"\\\n\x01").number("b", -5).cents("c", 12'550).cents("d", 5).time("e", 1'721'901'600'000);
    text.time("f", 951'782'400'000).time("g", 1'735'689'599'000).close();
    const auto read = json::parse(out);
    EXPECT_EQ(read.at("a"), "q\"\\\n\x01");
    EXPECT_EQ(read.at("b"), -5);
    EXPECT_NE(out.find("\"c\":125.50"), std::string::npos);
    EXPECT_NE(out.find("\"d\":0.05"), std::string::npos);
    EXPECT_EQ(read.at("e"), "2024-07-25T10:00:00Z");
    EXPECT_EQ(read.at("f"), "2000-02-29T00:00:00Z");
    EXPECT_EQ(read.at("g"), "2024-12-31T23:59:59Z");
}

}  // namespace
}  // namespace odradek::workload
