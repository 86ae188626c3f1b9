// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/pages_observe/sample_cluster.h"

#include <cmath>
#include <string>

namespace odradek::test {
namespace {

api::Broker broker(int id, api::WallMs start, int second) {
    api::Broker b;
    b.id = id;
    b.host = "127.0.0.1";
    b.port = 9091 + id;
    b.state = api::BrokerState::Online;
    b.isController = id == 2;
    b.epoch = 40 + id;
    b.logDir = "/home/me/.local/share/odradek/retail-dev/" + std::to_string(id);
    b.logBytes = 4'100'000'000LL + id * 210'000'000LL + second * 130'000LL;
    b.diskTotal = 20LL << 30;
    b.diskUsable = *b.diskTotal - *b.logBytes - (1LL << 30);
    const double wave = 30 * std::sin(second / 7.0 + id);
    b.bytesIn = static_cast<std::uint64_t>(100'000 + 120'000.0 * second + 900 * wave);
    b.bytesOut = static_cast<std::uint64_t>(100'000 + 330'000.0 * second + 2500 * wave);
    const auto api = [&](std::int16_t key, const char* name, double rate, std::int64_t p99) {
        api::ApiCounter c;
        c.apiKey = key;
        c.name = name;
        c.requests = static_cast<std::uint64_t>(1000 + rate * second + wave);
        c.p50Us = p99 / 6;
        c.p99Us = p99 + static_cast<std::int64_t>(p99 / 5 * std::sin(second / 11.0));
        c.maxUs = p99 * 3;
        return c;
    };
    b.apis = {api(0, "Produce", 96, 2300),  api(1, "Fetch", 240, 480'000),
              api(3, "Metadata", 1.2, 600), api(8, "OffsetCommit", 11, 1900),
              api(12, "Heartbeat", 4, 300), api(18, "ApiVersions", 0.2, 150)};
    b.connections.emplace();
    for (int i = 0; i < 7; ++i)
        b.connections->push_back({static_cast<std::uint64_t>(i + 1), "127.0.0.1",
                                  "OrderService-" + std::to_string(i), "librdkafka 2.0.2",
                                  start + i * 1000, static_cast<std::uint64_t>(second * (i + 1)),
                                  static_cast<std::uint64_t>(second * 4000 * (i + 1)), 20'000});
    return b;
}

api::Topic topic(const char* name, int partitions, int rf, int first, int second, double rate,
                 api::WallMs at) {
    api::Topic t;
    t.name = name;
    t.replicationFactor = static_cast<std::int16_t>(rf);
    t.minInsync = rf > 2 ? 2 : 1;
    t.retentionMs = 12 * 3600'000LL;
    t.retentionBytes = -1;
    t.segmentBytes = 64 << 20;
    t.cleanupPolicy = "delete";
    for (int p = 0; p < partitions; ++p) {
        api::Partition part;
        part.index = p;
        part.leader = 1 + (first + p) % 3;
        part.leaderEpoch = 7;
        part.logStart = 117'000;
        part.logEnd = 213'000 + static_cast<std::int64_t>(
                                    rate / partitions * (second + 3 * std::sin(second / 9.0 + p)));
        part.highWatermark = part.logEnd;
        part.bytes = (partitions > 4 ? 90'000'000LL : 44'000'000LL) * (1 + (p + first) % 4) +
                     static_cast<std::int64_t>(rate * 320) * second;
        for (int r = 0; r < rf; ++r) {
            api::Replica replica;
            replica.broker = 1 + (first + p + r) % 3;
            replica.inSync = true;
            replica.logEnd = part.logEnd;
            replica.bytes = part.bytes;
            replica.lag = 0;
            replica.caughtUpMs = 0;
            part.replicas.push_back(replica);
        }
        part.segments = {{117'000, 64 << 20, at - 11 * 3600'000LL}, {180'000, 20 << 20, at}};
        t.partitions.push_back(part);
    }
    return t;
}

api::Group group(const char* id, const char* topicName, std::int64_t committed, std::int64_t end,
                 bool idle) {
    api::Group g;
    g.id = id;
    g.state = "Stable";
    g.protocolType = "consumer";
    g.protocol = "range";
    g.generation = 14;
    api::GroupMember member;
    member.clientId = std::string(id) + "-1";
    member.memberId = member.clientId;
    member.assignment = {{topicName, 0}, {topicName, 1}};
    g.members.push_back(member);
    if (idle) {
        member.clientId = std::string(id) + "-4";
        member.memberId = member.clientId;
        member.assignment.clear();
        g.members.push_back(member);
    }
    g.offsets.push_back({{topicName, 0}, committed, end, 0, {}});
    return g;
}

}  // namespace

api::ClusterSnapshot retailCluster(api::WallMs start, int second, bool troubled) {
    api::ClusterSnapshot s;
    s.at = start + second * 1000LL;
    s.connection = api::Connection::Live;
    s.clusterId = "b3vVr8pbQ7a0pJ1mUu3l2A";
    s.controller = 2;
    s.started = start - 26 * 3600'000LL;
    for (int id = 1; id <= 3; ++id)
        s.brokers.push_back(broker(id, start, second));
    struct Wish {
        const char* name;
        int partitions, rf, first;
        double rate;
    };
    for (const auto& w : {Wish{"customer_returns", 3, 2, 0, 4},
                          {"customer_reviews", 3, 2, 1, 9},
                          {"new_orders", 3, 3, 0, 310},
                          {"new_orders.dlq", 1, 3, 2, 0.1},
                          {"order_status_updates", 3, 2, 0, 120},
                          {"payment_transactions", 3, 3, 1, 290},
                          {"products_manufactured", 3, 3, 2, 88},
                          {"products_shipped", 3, 3, 1, 70},
                          {"shipping_ready", 3, 3, 0, 66},
                          {"user_clicks", 6, 2, 0, 230}})
        s.topics.push_back(topic(w.name, w.partitions, w.rf, w.first, second, w.rate, s.at));
    auto internal = topic("__consumer_offsets", 4, 3, 0, second, 5, s.at);
    internal.isInternal = true;
    internal.cleanupPolicy = "compact";
    s.topics.insert(s.topics.begin(), internal);
    const auto end = s.topics[3].partitions[0].logEnd;
    s.groups = {
        group("fulfillment-service", "new_orders", troubled ? end - 400 - second * 12 : end - 30,
              end, false),
        group("marketing", "user_clicks", end - 41, end, false),
        group("payment-service", "new_orders", end - 2 - second % 3, end, false),
        group("returns", "customer_returns", end, end, false),
        group("shipping-service", "products_shipped", end - 60 - second % 20, end, troubled)};
    if (!troubled)
        return s;
    auto& returns = s.topics[1];  // customer_returns-2: replicas 3 and 1
    returns.partitions[2].leader = -1;
    returns.partitions[2].replicas[0].online = false;
    returns.partitions[2].replicas[1].inSync = false;
    returns.partitions[2].replicas[1].lag = 38;
    auto& payments = s.topics[6];
    payments.partitions[1].replicas[2].inSync = false;
    payments.partitions[1].replicas[2].lag = 1200;
    payments.partitions[1].replicas[2].caughtUpMs = 31'000;
    return s;
}

api::ClusterSnapshot fromOutside(api::ClusterSnapshot s) {
    for (auto& b : s.brokers) {
        b.epoch = -1;
        b.logDir.clear();
        b.logBytes = b.diskTotal = b.diskUsable = std::nullopt;
        b.bytesIn = b.bytesOut = std::nullopt;
        b.apis.reset();
        b.connections.reset();
    }
    s.started = 0;
    return s;
}

api::ClusterSnapshot wideCluster(api::WallMs at, int topics) {
    auto s = retailCluster(at, 0, false);
    s.topics.clear();
    for (int i = 0; i < topics; ++i) {
        auto name = std::to_string(i);
        name = "topic-" + std::string(4 - std::min<std::size_t>(4, name.size()), '0') + name;
        s.topics.push_back(topic(name.c_str(), 3, 3, i, 0, 10, at));
    }
    return s;
}

}  // namespace odradek::test
