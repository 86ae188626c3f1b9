// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <nlohmann/json.hpp>

#include "engine/runtime/real/data_dir.h"
#include "engine/runtime/real/listen_sockets.h"
#include "tests/runtime/daemon/spawned.h"
#include "tests/runtime/raw_client.h"

namespace odradek::app::test {

using real::test::RawClient;
using testing::HasSubstr;
using testing::StartsWith;
using Json = nlohmann::json;
using Args = std::vector<std::string>;

inline const std::string kProgram = ODRADEK_BIN_DIR "/odradekd";

/// Runs to the end and gives exit code and both texts.
struct Outcome {
    int code;
    std::string out;
    std::string err;
};
inline Outcome run(const Args& args) {
    Spawned child(kProgram, args);
    const int code = child.wait();
    return {code, child.out(), child.err()};
}

class DaemonTest : public testing::Test {
protected:
    std::string path(const std::string& name) const { return (dir.path() / name).string(); }
    Args usual(Args more = {}) const {
        Args args{"--port", "0", "--data", path("data")};
        args.insert(args.end(), more.begin(), more.end());
        return args;
    }
    /// The bootstrap list of the ready line.
    static std::string awaitReady(Spawned& daemon) {
        const auto line = daemon.readLine().value_or("");
        EXPECT_THAT(line, StartsWith("ready "));
        return line.size() > 6 ? line.substr(6) : "";
    }
    static std::uint16_t portOf(const std::string& bootstrap, std::size_t index = 0) {
        std::size_t at = 0;
        for (; index > 0; --index)
            at = bootstrap.find(',', at) + 1;
        return real::Address::parse(bootstrap.substr(at, bootstrap.find(',', at) - at))->port;
    }
    Json control(const Args& verb) const {
        Args args{"ctl", path("s")};
        args.insert(args.end(), verb.begin(), verb.end());
        const auto result = run(args);
        EXPECT_EQ(result.code, 0) << result.err;
        return Json::parse(result.out, nullptr, false);
    }

    real::DataDir dir = *real::DataDir::openTemporary();
};

/// ApiVersions version 0, correlation id 7, no client id.
inline const std::string kApiVersions("\0\x12\0\0\0\0\0\x07\xff\xff", 10);

inline bool answersApiVersions(std::uint16_t port) {
    RawClient client(port);
    const auto answer = client.ask(kApiVersions);
    return answer && answer->size() > 10 &&
           answer->substr(0, 6) == std::string("\0\0\0\x07\0\0", 6);
}

/// A librdkafka handle with the given settings.
class Client {
public:
    Client(rd_kafka_type_t type, const std::map<std::string, std::string>& settings) {
        auto* conf = rd_kafka_conf_new();
        char text[512];
        for (const auto& [key, value] : settings)
            EXPECT_EQ(rd_kafka_conf_set(conf, key.c_str(), value.c_str(), text, sizeof text),
                      RD_KAFKA_CONF_OK)
                << text;
        m_handle = rd_kafka_new(type, conf, text, sizeof text);
        EXPECT_NE(m_handle, nullptr) << text;
    }
    ~Client() { rd_kafka_destroy(m_handle); }
    Client(const Client&) = delete;
    rd_kafka_t* get() { return m_handle; }

private:
    rd_kafka_t* m_handle = nullptr;
};

/// Produces values first … last-1 as decimal texts to a topic's partition 0, all acked.
inline void produce(const std::string& bootstrap, const std::string& topic, int first, int last) {
    Client producer(RD_KAFKA_PRODUCER,
                    {{"bootstrap.servers", bootstrap}, {"acks", "all"}, {"linger.ms", "1"}});
    for (int i = first; i < last; ++i) {
        auto text = std::to_string(i);
        ASSERT_EQ(
            rd_kafka_producev(producer.get(), RD_KAFKA_V_TOPIC(topic.c_str()),
                              RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_VALUE(text.data(), text.size()),
                              RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END),
            RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    ASSERT_EQ(rd_kafka_flush(producer.get(), 30'000), RD_KAFKA_RESP_ERR_NO_ERROR);
}

/// Reads `count` values from the beginning of partition 0, without a group.
inline std::vector<std::string> consume(const std::string& bootstrap, const std::string& topic,
                                 std::size_t count) {
    Client consumer(RD_KAFKA_CONSUMER, {{"bootstrap.servers", bootstrap},
                                        {"group.id", "none"},
                                        {"auto.offset.reset", "earliest"},
                                        {"enable.auto.commit", "false"}});
    rd_kafka_poll_set_consumer(consumer.get());
    auto* list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic.c_str(), 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(consumer.get(), list);
    rd_kafka_topic_partition_list_destroy(list);
    std::vector<std::string> values;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (values.size() < count && std::chrono::steady_clock::now() < deadline) {
        auto* message = rd_kafka_consumer_poll(consumer.get(), 1000);
        if (message == nullptr)
            continue;
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
            values.emplace_back(static_cast<const char*>(message->payload), message->len);
        rd_kafka_message_destroy(message);
    }
    rd_kafka_consumer_close(consumer.get());
    return values;
}

inline std::vector<std::string> numbers(int count) {
    std::vector<std::string> texts;
    for (int i = 0; i < count; ++i)
        texts.push_back(std::to_string(i));
    return texts;
}

}  // namespace odradek::app::test
