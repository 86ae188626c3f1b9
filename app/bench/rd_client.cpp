// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bench/rd_client.h"

#include <fmt/format.h>

#include "app/bench/processes.h"

namespace odradek::bench {
namespace {

constexpr int kFlushMaxMs = 120'000;

void countFailure(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        ++*static_cast<std::uint64_t*>(opaque);
}

struct TopicDestroy {
    void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
};

Result<rd_kafka_conf_t*> makeConf(const std::map<std::string, std::string>& settings) {
    auto* conf = rd_kafka_conf_new();
    char text[512];
    for (const auto& [key, value] : settings) {
        if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), text, sizeof text) !=
            RD_KAFKA_CONF_OK) {
            rd_kafka_conf_destroy(conf);
            return fail(ErrorCode::Invalid,
                        fmt::format("librdkafka refuses {}={}: {}", key, value, text));
        }
    }
    return conf;
}

Result<RdHandle> handleOf(rd_kafka_type_t type, rd_kafka_conf_t* conf) {
    char text[512];
    auto* handle = rd_kafka_new(type, conf, text, sizeof text);
    if (handle == nullptr) {
        rd_kafka_conf_destroy(conf);
        return fail(ErrorCode::Io, fmt::format("librdkafka does not start: {}", text));
    }
    return RdHandle(handle);
}

}  // namespace

Result<RdHandle> makeHandle(rd_kafka_type_t type,
                            const std::map<std::string, std::string>& settings) {
    return handleOf(type, TRY(makeConf(settings)));
}

Result<double> produceAll(const ProducePlan& plan) {
    auto* conf = TRY(makeConf({{"bootstrap.servers", plan.bootstrap},
                               {"enable.idempotence", plan.idempotent ? "true" : "false"},
                               {"acks", "all"},
                               {"linger.ms", std::to_string(plan.lingerMs)},
                               {"queue.buffering.max.messages", "2000000"},
                               {"queue.buffering.max.kbytes", "1048576"},
                               {"delivery.report.only.error", "true"}}));
    std::uint64_t failures = 0;
    rd_kafka_conf_set_dr_msg_cb(conf, countFailure);
    rd_kafka_conf_set_opaque(conf, &failures);
    const auto producer = TRY(handleOf(RD_KAFKA_PRODUCER, conf));
    const std::unique_ptr<rd_kafka_topic_t, TopicDestroy> topic(
        rd_kafka_topic_new(producer.get(), plan.topic.c_str(), nullptr));
    const rd_kafka_metadata_t* metadata = nullptr;
    if (rd_kafka_metadata(producer.get(), 0, topic.get(), &metadata, 30'000) !=
        RD_KAFKA_RESP_ERR_NO_ERROR)
        return fail(ErrorCode::Timeout,
                    fmt::format("no metadata of {} from {}", plan.topic, plan.bootstrap));
    rd_kafka_metadata_destroy(metadata);
    std::string payload(plan.messageSize, 'x');
    const auto begin = seconds();
    for (std::uint64_t i = 0; i < plan.messages;) {
        if (rd_kafka_produce(topic.get(), RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY,
                             payload.data(), payload.size(), nullptr, 0, nullptr) == 0) {
            ++i;
            continue;
        }
        if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL)
            return fail(ErrorCode::Io,
                        fmt::format("produce: {}", rd_kafka_err2str(rd_kafka_last_error())));
        rd_kafka_poll(producer.get(), 5);
    }
    const auto flushed = rd_kafka_flush(producer.get(), kFlushMaxMs);
    const auto end = seconds();
    if (flushed != RD_KAFKA_RESP_ERR_NO_ERROR || failures != 0)
        return fail(
            ErrorCode::Timeout,
            fmt::format("{} of {} messages were not acked by {}",
                        failures + static_cast<std::uint64_t>(rd_kafka_outq_len(producer.get())),
                        plan.messages, plan.bootstrap));
    return end - begin;
}

Result<double> roundTripOne(const std::string& bootstrap, const std::string& topic) {
    const auto producer =
        TRY(makeHandle(RD_KAFKA_PRODUCER,
                       {{"bootstrap.servers", bootstrap}, {"acks", "all"}, {"linger.ms", "0"}}));
    std::string payload = "first";
    if (rd_kafka_producev(producer.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(0),
                          RD_KAFKA_V_VALUE(payload.data(), payload.size()),
                          RD_KAFKA_V_END) != RD_KAFKA_RESP_ERR_NO_ERROR ||
        rd_kafka_flush(producer.get(), 10'000) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return fail(ErrorCode::Timeout, "the record is not acked");
    const auto consumer = TRY(makeHandle(RD_KAFKA_CONSUMER, {{"bootstrap.servers", bootstrap},
                                                             {"group.id", "bench"},
                                                             {"enable.auto.commit", "false"},
                                                             {"auto.offset.reset", "earliest"}}));
    auto* list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic.c_str(), 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(consumer.get(), list);
    rd_kafka_topic_partition_list_destroy(list);
    const auto deadline = seconds() + 10;
    while (seconds() < deadline) {
        auto* message = rd_kafka_consumer_poll(consumer.get(), 1000);
        if (message == nullptr)
            continue;
        const bool received = message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
        rd_kafka_message_destroy(message);
        if (received)
            return seconds();
    }
    return fail(ErrorCode::Timeout, "the record is not consumed");
}

}  // namespace odradek::bench
