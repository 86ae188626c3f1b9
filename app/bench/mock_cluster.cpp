// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>
#include <string>

#include <unistd.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "app/bench/benches.h"
#include "app/common/command_line.h"

namespace odradek::bench {

int runMockCluster(const std::vector<std::string>& args) {
    constexpr auto kProgram = "odradek-bench mock-cluster";
    std::int64_t partitions = 6;
    std::string topic = "bench";
    app::CommandLine line(kProgram, "Serves librdkafka's mock cluster of three brokers until it is killed.");
    line.number("partitions", "N", "of the topic", 1, 1000, partitions).text("topic", "NAME", "to create", topic);
    const auto parsed = line.parse(args);
    if (!parsed)
        return app::complainUsage(kProgram, parsed.error().message);
    if (*parsed == app::CommandLine::Outcome::Shown)
        return app::kDone;
    char text[512];
    auto* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "log_level", "0", text, sizeof text);  // it would warn that it has no servers
    auto* handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    auto* cluster = handle == nullptr ? nullptr : rd_kafka_mock_cluster_new(handle, 3);
    if (cluster == nullptr)
        return app::complain(kProgram, "cannot start the mock cluster", app::kFailed);
    rd_kafka_mock_topic_create(cluster, topic.c_str(), static_cast<int>(partitions), 3);
    std::printf("ready %s\n", rd_kafka_mock_cluster_bootstraps(cluster));
    std::fflush(stdout);
    for (;;)
        ::pause();  // ended by a signal
}

}  // namespace odradek::bench
