// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/bench/rd_client.h"
#include "engine/base/result.h"

namespace odradek::bench {

/// Sends numbered records to all partitions of a topic without a break, through an idempotent librdkafka producer, and
/// writes down which were acknowledged. Lifecycle: sends from construction until `finish`. Thread: any.
class NumberedProducer {
public:
    /// `perSecond` records over all partitions.
    static Result<std::unique_ptr<NumberedProducer>> start(const std::string& bootstrap, const std::string& topic,
                                                           int partitions, int perSecond);
    ~NumberedProducer();

    /// Waits until a record that was sent at `since` (seconds()) or later is acknowledged: when that was, or Timeout.
    Result<double> awaitAckSince(double since, double mostSeconds);
    /// Sends no more and waits for every answer. Timeout when some never come.
    Result<void> finish(double mostSeconds);

    std::uint64_t acked() const { return m_acked; }
    /// Records that librdkafka gave up, with its words; each is an error the application saw.
    std::map<std::string, std::uint64_t> failures() const;
    /// The highest number of each partition that was acknowledged, plus one; below it all were, without failures.
    std::vector<std::int64_t> ackedEnds() const;

private:
    struct Sent {
        int partition = 0;
        std::int64_t number = 0;
        double at = 0;
    };
    NumberedProducer() = default;
    static void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque);
    void run(int perSecond);

    std::string m_topic;
    std::vector<std::int64_t> m_next;  ///< the thread's
    RdHandle m_handle;
    std::atomic<bool> m_stopping{false};
    std::atomic<std::uint64_t> m_acked{0};
    mutable std::mutex m_mutex;
    std::condition_variable m_news;
    double m_newestAcked = -1;    ///< when the newest acknowledged record was sent
    double m_newestAckedAt = -1;  ///< and when its answer came
    std::vector<std::int64_t> m_ackedEnds;
    std::map<std::string, std::uint64_t> m_failures;
    std::thread m_thread;
};

/// What a reader found in the partitions of a topic, compared with what was acknowledged.
struct Findings {
    std::uint64_t read = 0;
    std::uint64_t lost = 0;        ///< acknowledged, not there
    std::uint64_t duplicated = 0;  ///< there more than once
    std::uint64_t reordered = 0;   ///< behind a later one
};

/// Reads a topic from its beginning, by assignment, while and after it is written. Lifecycle: reads from construction
/// until `finish`. Thread: any.
class NumberedReader {
public:
    static Result<std::unique_ptr<NumberedReader>> start(const std::string& bootstrap, const std::string& topic,
                                                         int partitions);
    ~NumberedReader();
    /// Waits until every partition is read up to the number `ends` or, for `mostSeconds`, nothing more comes.
    Findings finish(const std::vector<std::int64_t>& ends, double mostSeconds);

private:
    NumberedReader() = default;
    void run();
    bool hasAll(const std::vector<std::int64_t>& ends) const;

    RdHandle m_handle;
    std::atomic<bool> m_stopping{false};
    mutable std::mutex m_mutex;
    std::condition_variable m_news;
    std::vector<std::vector<std::uint8_t>> m_seen;  ///< by partition and number: how often
    std::vector<std::int64_t> m_highest;
    Findings m_findings;
    std::thread m_thread;
};

}  // namespace odradek::bench
