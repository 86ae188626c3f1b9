// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bench/crash_ledger.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include "app/bench/processes.h"

namespace odradek::bench {
namespace {

constexpr int kWaitingMax = 5'000;  ///< records without an answer: then the sender waits
constexpr std::chrono::milliseconds kPace{5};

}  // namespace

// ---- Sending
// -------------------------------------------------------------------------------------------------

Result<std::unique_ptr<NumberedProducer>> NumberedProducer::start(const std::string& bootstrap,
                                                                  const std::string& topic,
                                                                  int partitions, int perSecond) {
    std::unique_ptr<NumberedProducer> producer(new NumberedProducer);
    producer->m_topic = topic;
    producer->m_next.resize(static_cast<std::size_t>(partitions));
    producer->m_ackedEnds.resize(static_cast<std::size_t>(partitions));
    auto* conf = rd_kafka_conf_new();
    char text[512];
    for (const auto& [name, value] :
         std::map<std::string, std::string>{{"bootstrap.servers", bootstrap},
                                            {"enable.idempotence", "true"},
                                            {"acks", "all"},
                                            {"message.timeout.ms", "0"},
                                            {"log_level", "0"}}) {
        if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text, sizeof text) !=
            RD_KAFKA_CONF_OK) {
            rd_kafka_conf_destroy(conf);
            return fail(ErrorCode::Invalid, text);
        }
    }
    rd_kafka_conf_set_opaque(conf, producer.get());
    rd_kafka_conf_set_dr_msg_cb(conf, &NumberedProducer::delivered);
    auto* handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    if (handle == nullptr) {
        rd_kafka_conf_destroy(conf);
        return fail(ErrorCode::Io, text);
    }
    producer->m_handle.reset(handle);
    producer->m_thread = std::thread([raw = producer.get(), perSecond] { raw->run(perSecond); });
    return producer;
}

NumberedProducer::~NumberedProducer() {
    m_stopping = true;
    if (m_thread.joinable())
        m_thread.join();
    if (m_handle)
        rd_kafka_purge(m_handle.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
}

void NumberedProducer::run(int perSecond) {
    const auto perPace = std::max<std::int64_t>(1, perSecond * kPace.count() / 1000);
    std::size_t turn = 0;
    auto next = std::chrono::steady_clock::now();
    while (!m_stopping) {
        for (std::int64_t i = 0; i < perPace && rd_kafka_outq_len(m_handle.get()) < kWaitingMax;
             ++i) {
            const auto partition = turn++ % m_next.size();
            auto sent = std::make_unique<Sent>(
                Sent{static_cast<int>(partition), m_next[partition], seconds()});
            auto value = std::to_string(sent->number);
            const auto error = rd_kafka_producev(m_handle.get(), RD_KAFKA_V_TOPIC(m_topic.c_str()),
                                                 RD_KAFKA_V_PARTITION(sent->partition),
                                                 RD_KAFKA_V_VALUE(value.data(), value.size()),
                                                 RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                                 RD_KAFKA_V_OPAQUE(sent.get()), RD_KAFKA_V_END);
            if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL)
                break;
            if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
                const std::lock_guard lock(m_mutex);
                ++m_failures[rd_kafka_err2str(error)];
                m_stopping = true;  // fatal: an idempotent producer cannot go on
                break;
            }
            ++m_next[partition];
            sent.release();  // `delivered` gets it back
        }
        next = std::max(next + kPace, std::chrono::steady_clock::now());
        rd_kafka_poll(m_handle.get(), static_cast<int>(kPace.count()));
        std::this_thread::sleep_until(next);
    }
}

void NumberedProducer::delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    auto& self = *static_cast<NumberedProducer*>(opaque);
    const std::unique_ptr<Sent> sent(static_cast<Sent*>(message->_private));
    const std::lock_guard lock(self.m_mutex);
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        ++self.m_failures[rd_kafka_err2str(message->err)];
        return;
    }
    ++self.m_acked;
    auto& end = self.m_ackedEnds[static_cast<std::size_t>(sent->partition)];
    end = std::max(end, sent->number + 1);
    if (sent->at > self.m_newestAcked) {
        self.m_newestAcked = sent->at;
        self.m_newestAckedAt = seconds();
        self.m_news.notify_all();
    }
}

Result<double> NumberedProducer::awaitAckSince(double since, double mostSeconds) {
    std::unique_lock lock(m_mutex);
    if (!m_news.wait_for(lock, std::chrono::duration<double>(mostSeconds),
                         [&] { return m_newestAcked >= since; }))
        return fail(ErrorCode::Timeout,
                    fmt::format("nothing was acknowledged for {:.0f} s", mostSeconds));
    return m_newestAckedAt;
}

Result<void> NumberedProducer::finish(double mostSeconds) {
    m_stopping = true;
    m_thread.join();
    const auto left = rd_kafka_flush(m_handle.get(), static_cast<int>(mostSeconds * 1000));
    if (left != RD_KAFKA_RESP_ERR_NO_ERROR)
        return fail(ErrorCode::Timeout,
                    fmt::format("{} records are still without an answer after {:.0f} s",
                                rd_kafka_outq_len(m_handle.get()), mostSeconds));
    return {};
}

std::map<std::string, std::uint64_t> NumberedProducer::failures() const {
    const std::lock_guard lock(m_mutex);
    return m_failures;
}

std::vector<std::int64_t> NumberedProducer::ackedEnds() const {
    const std::lock_guard lock(m_mutex);
    return m_ackedEnds;
}

// ---- Reading
// -------------------------------------------------------------------------------------------------

Result<std::unique_ptr<NumberedReader>> NumberedReader::start(const std::string& bootstrap,
                                                              const std::string& topic,
                                                              int partitions) {
    std::unique_ptr<NumberedReader> reader(new NumberedReader);
    reader->m_handle = TRY(makeHandle(RD_KAFKA_CONSUMER, {{"bootstrap.servers", bootstrap},
                                                          {"group.id", "crashloop"},
                                                          {"enable.auto.commit", "false"},
                                                          {"auto.offset.reset", "error"},
                                                          {"log_level", "0"}}));
    reader->m_seen.resize(static_cast<std::size_t>(partitions));
    reader->m_highest.assign(static_cast<std::size_t>(partitions), -1);
    rd_kafka_poll_set_consumer(reader->m_handle.get());
    auto* list = rd_kafka_topic_partition_list_new(partitions);
    for (int i = 0; i < partitions; ++i)
        rd_kafka_topic_partition_list_add(list, topic.c_str(), i)->offset = 0;
    rd_kafka_assign(reader->m_handle.get(), list);
    rd_kafka_topic_partition_list_destroy(list);
    reader->m_thread = std::thread([raw = reader.get()] { raw->run(); });
    return reader;
}

NumberedReader::~NumberedReader() {
    m_stopping = true;
    if (m_thread.joinable())
        m_thread.join();
    if (m_handle)
        rd_kafka_consumer_close(m_handle.get());
}

void NumberedReader::run() {
    while (!m_stopping) {
        auto* message = rd_kafka_consumer_poll(m_handle.get(), 50);
        if (message == nullptr)
            continue;
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            std::int64_t number = -1;
            const auto* text = static_cast<const char*>(message->payload);
            std::from_chars(text, text + message->len, number);
            const std::lock_guard lock(m_mutex);
            auto& seen = m_seen[static_cast<std::size_t>(message->partition)];
            auto& highest = m_highest[static_cast<std::size_t>(message->partition)];
            if (number >= 0) {
                if (static_cast<std::size_t>(number) >= seen.size())
                    seen.resize(static_cast<std::size_t>(number) + 1);
                auto& count = seen[static_cast<std::size_t>(number)];
                m_findings.duplicated += count != 0;
                m_findings.reordered += count == 0 && number < highest;
                count = static_cast<std::uint8_t>(std::min(count + 1, 255));
                highest = std::max(highest, number);
                ++m_findings.read;
            }
            m_news.notify_all();
        }
        rd_kafka_message_destroy(message);
    }
}

bool NumberedReader::hasAll(const std::vector<std::int64_t>& ends) const {
    for (std::size_t i = 0; i < ends.size(); ++i)
        if (m_highest[i] + 1 < ends[i])
            return false;
    return true;
}

Findings NumberedReader::finish(const std::vector<std::int64_t>& ends, double mostSeconds) {
    {
        std::unique_lock lock(m_mutex);
        m_news.wait_for(lock, std::chrono::duration<double>(mostSeconds),
                        [&] { return hasAll(ends); });
    }
    // What should not be there may come after what should.
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    m_stopping = true;
    m_thread.join();
    for (std::size_t i = 0; i < ends.size(); ++i)
        for (std::int64_t number = 0; number < ends[i]; ++number) {
            const auto& seen = m_seen[i];
            m_findings.lost += static_cast<std::size_t>(number) >= seen.size() ||
                               seen[static_cast<std::size_t>(number)] == 0;
        }
    return m_findings;
}

}  // namespace odradek::bench
