// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/types.h"

/// The data plane on librdkafka: the very client that most of Kafka's users run. The only place
/// that knows rdkafka.h.
namespace odradek::rd {

using Settings = std::vector<std::pair<std::string, std::string>>;

struct Header {
    std::string name;
    std::string value;
};

/// A record to send or as received.
struct Message {
    std::string topic;
    std::int32_t partition = -1;  ///< -1 on sending = the partitioner decides
    std::int64_t offset = -1;
    std::int64_t timestampMs = -1;
    std::optional<std::string> key;
    std::string value;
    std::vector<Header> headers;
};

/// Counts since the start of a client.
struct Counters {
    std::uint64_t sent = 0;  ///< acked by the cluster (producers) or received (consumers)
    std::uint64_t errors = 0;
    std::string lastError;  ///< librdkafka's words
};

/// An idempotent producer with librdkafka's settings (`partitioner=murmur2_random`, so keys land
/// where Java clients put them). Thread: one at a time; librdkafka has its own threads behind it.
/// Destroying it waits up to 2 s for what is still queued.
class Producer {
public:
    /// Fails with Invalid when librdkafka refuses a setting.
    static Result<std::unique_ptr<Producer>> create(const std::string& bootstrap,
                                                    const std::string& clientId,
                                                    const Settings& extra = {});
    ~Producer();

    /// Queues a record. False when the local queue is full: poll and try again.
    bool send(const Message& message);
    /// Serves delivery reports for up to `ms`.
    void poll(int ms);
    /// Waits until all is delivered or `ms` are over; false when something is left.
    bool flush(int ms);
    std::size_t queued() const;
    Counters counters() const;

private:
    struct Impl;
    explicit Producer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// A member of a consumer group. Thread: one at a time.
class Consumer {
public:
    static Result<std::unique_ptr<Consumer>> create(const std::string& bootstrap,
                                                    const std::string& clientId,
                                                    const std::string& group,
                                                    const std::vector<std::string>& topics,
                                                    const Settings& extra = {});
    /// Leaves the group and commits, unless abandon() was called.
    ~Consumer();

    /// The next record, waiting up to `ms`; nothing when there is none (see counters() for errors).
    std::optional<Message> poll(int ms);
    /// Commits the positions of all partitions, asynchronously.
    void commit();
    /// From now on it dies without a word, as a crashed process would: the coordinator has to
    /// notice by session timeout.
    void abandon();
    Counters counters() const;

private:
    struct Impl;
    explicit Consumer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// librdkafka's version, such as "2.0.2".
std::string libraryVersion();

}  // namespace odradek::rd
