// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/prng.h"
#include "engine/client/core/client.h"
#include "engine/io/core.h"

/// Programs that use the cluster in a simulated world. Each is a core around a client::Client, so
/// that it is copied with its world, and keeps the history that checks.h judges.
namespace odradek::sim {

/// What a record of ours says about itself; in the first 12 bytes of its value.
struct RecordName {
    std::uint32_t producer = 0;
    std::uint64_t number = 0;  ///< counts the producer's records over all partitions
    auto operator<=>(const RecordName&) const = default;
};
Bytes encodeValue(RecordName name, std::size_t size);
std::optional<RecordName> decodeValue(const std::optional<Bytes>& value);

/// One record a producer has handed to its client, and what became of it.
struct SentRecord {
    enum class Fate : std::uint8_t { Unknown, Acked, Failed };
    std::uint32_t partition = 0;  ///< index into the partitions of the trial
    Fate fate = Fate::Unknown;
    std::int16_t error = 0;
    std::int64_t offset = -1;  ///< as acked; -1 = not told (a duplicate)
};

/// Writes bursts of records to random partitions, idempotently, with acks=all.
class ProducerApp final : public io::Core {
public:
    struct Options {
        client::ClientOptions client;
        std::uint32_t producer = 0;
        std::vector<TopicPartition> partitions;
        std::int64_t gapMinNs = 20'000'000;
        std::int64_t gapMaxNs = 60'000'000;
        std::int64_t burstMax = 8;
        std::int64_t valueMax = 200;
        std::size_t unackedMax = 2'000;  ///< nothing more is sent above it
        Instant start;
        Instant stop;
        std::uint64_t seed = 0;
    };
    explicit ProducerApp(Options options);

    void step(Now now, const io::Event& event, io::Effects& effects) override;
    Instant nextWake() const override;
    std::unique_ptr<io::Core> clone() const override {
        return std::make_unique<ProducerApp>(*this);
    }

    std::uint32_t producer() const { return m_options.producer; }
    /// In the order sent; record n has number n.
    const std::vector<SentRecord>& sent() const { return m_sent; }
    std::uint64_t acked() const { return m_acked; }
    std::uint64_t failed() const { return m_failed; }
    bool done(Instant now) const { return now >= m_options.stop && m_client.unacked() == 0; }
    const client::Client& client() const { return m_client; }

private:
    void sendBurst(Now now, io::Effects& effects);
    void takeOutcomes();

    Options m_options;
    client::Client m_client;
    Prng m_random;
    Instant m_nextAt;
    std::vector<SentRecord> m_sent;
    std::uint64_t m_acked = 0;
    std::uint64_t m_failed = 0;
};

/// Reads assigned partitions from their beginnings; now and then it reads a stretch again, to see
/// the same records.
class ConsumerApp final : public io::Core {
public:
    struct Options {
        client::ClientOptions client;
        std::vector<TopicPartition> partitions;
        std::int64_t rereadGapNs = 0;  ///< mean time between; 0 = never
        Instant start;
        std::uint64_t seed = 0;
    };
    explicit ConsumerApp(Options options);

    void step(Now now, const io::Event& event, io::Effects& effects) override;
    Instant nextWake() const override;
    std::unique_ptr<io::Core> clone() const override {
        return std::make_unique<ConsumerApp>(*this);
    }

    /// Per partition of the trial, what was read at offsets 0, 1, 2...
    const std::vector<std::vector<RecordName>>& seen() const { return m_seen; }
    /// What went wrong while reading; empty when all was well.
    const std::vector<std::string>& problems() const { return m_problems; }
    const client::Client& client() const { return m_client; }

private:
    void begin(Now now, io::Effects& effects);
    void reread(Now now, io::Effects& effects);
    void take(const client::Fetched& fetched);
    void takeBatch(std::uint32_t index, const Bytes& batch, std::int64_t position);
    void complain(const TopicPartition& partition, const std::string& what);

    Options m_options;
    client::Client m_client;
    Prng m_random;
    bool m_begun = false;
    Instant m_rereadAt = Instant::never();
    std::map<TopicPartition, std::uint32_t> m_index;
    std::vector<std::vector<RecordName>> m_seen;
    std::vector<std::int64_t> m_expected;  ///< per partition: the offset the next batch must hold
    std::vector<std::string> m_problems;
};

/// Creates the topics, then asks leaders for their end offsets again and again: what clients see of
/// the high watermark must not fall.
class StewardApp final : public io::Core {
public:
    struct Topic {
        std::string name;
        std::int32_t partitions = 1;
        std::map<std::string, std::string> configs;
    };
    struct Options {
        client::ClientOptions client;
        std::vector<Topic> topics;
        std::int16_t replication = 3;
        std::int64_t askGapNs = 40'000'000;
        Instant start;
    };
    explicit StewardApp(Options options);

    void step(Now now, const io::Event& event, io::Effects& effects) override;
    Instant nextWake() const override;
    std::unique_ptr<io::Core> clone() const override { return std::make_unique<StewardApp>(*this); }

    bool created() const { return m_created; }
    const std::vector<std::string>& problems() const { return m_problems; }
    std::uint64_t answers() const { return m_answers; }

private:
    struct Seen {
        std::int32_t epoch = -1;
        std::int64_t offset = -1;
    };
    void create(Now now, io::Effects& effects);
    void ask(Now now, io::Effects& effects);
    void takeCreated(const client::Reply& reply);
    void takeOffsets(const client::Reply& reply);

    Options m_options;
    client::Client m_client;
    bool m_created = false;
    std::optional<client::CallId> m_creating;
    std::map<client::CallId, std::map<TopicPartition, Seen>>
        m_asked;  ///< what was known when it was asked
    Instant m_nextAt;
    std::map<TopicPartition, Seen> m_seen;
    std::vector<std::string> m_problems;
    std::uint64_t m_answers = 0;
};

}  // namespace odradek::sim
