// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/client/rdkafka/rd_client.h"

#include <librdkafka/rdkafka.h>

#include <mutex>

namespace odradek::rd {
namespace {

/// Counts that delivery callbacks and the owner share.
struct SharedCounters {
    mutable std::mutex lock;
    Counters counters;

    void ok() {
        const std::lock_guard guard(lock);
        ++counters.sent;
    }
    void failed(const char* why) {
        const std::lock_guard guard(lock);
        ++counters.errors;
        counters.lastError = why;
    }
    Counters copy() const {
        const std::lock_guard guard(lock);
        return counters;
    }
};

void onDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    auto* shared = static_cast<SharedCounters*>(opaque);
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
        shared->ok();
    else
        shared->failed(rd_kafka_err2str(message->err));
}

void onError(rd_kafka_t*, int, const char* reason, void* opaque) {
    static_cast<SharedCounters*>(opaque)->failed(reason);
}

void onLog(const rd_kafka_t*, int, const char*, const char*) {}  // its words reach people through counters

/// A configuration with everything both kinds of client share. The caller owns it until rd_kafka_new takes it.
Result<rd_kafka_conf_t*> makeConf(const Settings& settings, SharedCounters* shared) {
    auto* conf = rd_kafka_conf_new();
    char why[256];
    for (const auto& [name, value] : settings)
        if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why, sizeof why) != RD_KAFKA_CONF_OK) {
            rd_kafka_conf_destroy(conf);
            return fail(ErrorCode::Invalid, why);
        }
    rd_kafka_conf_set_opaque(conf, shared);
    rd_kafka_conf_set_error_cb(conf, onError);
    rd_kafka_conf_set_log_cb(conf, onLog);
    return conf;
}

Result<rd_kafka_t*> makeClient(rd_kafka_type_t type, rd_kafka_conf_t* conf) {
    char why[256];
    auto* client = rd_kafka_new(type, conf, why, sizeof why);
    if (client == nullptr) {
        rd_kafka_conf_destroy(conf);
        return fail(ErrorCode::Invalid, why);
    }
    return client;
}

}  // namespace

struct Producer::Impl {
    SharedCounters shared;
    rd_kafka_t* client = nullptr;

    ~Impl() {
        if (client == nullptr)
            return;
        rd_kafka_flush(client, 2000);
        rd_kafka_destroy(client);
    }
};

Producer::Producer(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Producer::~Producer() = default;

Result<std::unique_ptr<Producer>> Producer::create(const std::string& bootstrap, const std::string& clientId,
                                                   const Settings& extra) {
    auto impl = std::make_unique<Impl>();
    Settings settings{{"bootstrap.servers", bootstrap},
                      {"client.id", clientId},
                      {"enable.idempotence", "true"},
                      {"acks", "all"},
                      {"linger.ms", "5"},
                      {"partitioner", "murmur2_random"}};
    settings.insert(settings.end(), extra.begin(), extra.end());
    auto* conf = TRY(makeConf(settings, &impl->shared));
    rd_kafka_conf_set_dr_msg_cb(conf, onDelivery);
    impl->client = TRY(makeClient(RD_KAFKA_PRODUCER, conf));
    return std::unique_ptr<Producer>(new Producer(std::move(impl)));
}

bool Producer::send(const Message& m) {
    rd_kafka_headers_t* headers = m.headers.empty() ? nullptr : rd_kafka_headers_new(m.headers.size());
    for (const auto& header : m.headers)
        rd_kafka_header_add(headers, header.name.data(), static_cast<ssize_t>(header.name.size()),
                            header.value.data(), static_cast<ssize_t>(header.value.size()));
    const auto error = rd_kafka_producev(
        m_impl->client, RD_KAFKA_V_TOPIC(m.topic.c_str()), RD_KAFKA_V_PARTITION(m.partition),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY((m.key ? m.key->data() : nullptr), (m.key ? m.key->size() : 0)),
        RD_KAFKA_V_VALUE(const_cast<char*>(m.value.data()), m.value.size()),
        RD_KAFKA_V_TIMESTAMP(m.timestampMs < 0 ? 0 : m.timestampMs), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
        return true;
    if (headers != nullptr)
        rd_kafka_headers_destroy(headers);  // librdkafka takes them over only on success
    if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL)
        return false;
    m_impl->shared.failed(rd_kafka_err2str(error));
    return true;  // it will never be accepted, so there is no sense in trying again; it is counted as an error
}

void Producer::poll(int ms) { rd_kafka_poll(m_impl->client, ms); }
bool Producer::flush(int ms) { return rd_kafka_flush(m_impl->client, ms) == RD_KAFKA_RESP_ERR_NO_ERROR; }
std::size_t Producer::queued() const { return static_cast<std::size_t>(rd_kafka_outq_len(m_impl->client)); }
Counters Producer::counters() const { return m_impl->shared.copy(); }

struct Consumer::Impl {
    SharedCounters shared;
    rd_kafka_t* client = nullptr;
    bool abandoned = false;

    ~Impl() {
        if (client == nullptr)
            return;
        if (!abandoned)
            rd_kafka_consumer_close(client);
        rd_kafka_destroy_flags(client, abandoned ? RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE : 0);
    }
};

Consumer::Consumer(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Consumer::~Consumer() = default;

Result<std::unique_ptr<Consumer>> Consumer::create(const std::string& bootstrap, const std::string& clientId,
                                                   const std::string& group, const std::vector<std::string>& topics,
                                                   const Settings& extra) {
    auto impl = std::make_unique<Impl>();
    Settings settings{{"bootstrap.servers", bootstrap},
                      {"client.id", clientId},
                      {"group.id", group},
                      {"auto.offset.reset", "earliest"},
                      {"enable.auto.commit", "true"},
                      {"auto.commit.interval.ms", "1000"},
                      {"topic.metadata.refresh.interval.ms", "5000"},
                      {"allow.auto.create.topics", "false"}};
    settings.insert(settings.end(), extra.begin(), extra.end());
    auto* conf = TRY(makeConf(settings, &impl->shared));
    impl->client = TRY(makeClient(RD_KAFKA_CONSUMER, conf));
    rd_kafka_poll_set_consumer(impl->client);
    auto* list = rd_kafka_topic_partition_list_new(static_cast<int>(topics.size()));
    for (const auto& topic : topics)
        rd_kafka_topic_partition_list_add(list, topic.c_str(), RD_KAFKA_PARTITION_UA);
    const auto error = rd_kafka_subscribe(impl->client, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return fail(ErrorCode::Invalid, rd_kafka_err2str(error));
    return std::unique_ptr<Consumer>(new Consumer(std::move(impl)));
}

std::optional<Message> Consumer::poll(int ms) {
    auto* raw = rd_kafka_consumer_poll(m_impl->client, ms);
    if (raw == nullptr)
        return std::nullopt;
    const std::unique_ptr<rd_kafka_message_t, void (*)(rd_kafka_message_t*)> owner(raw, rd_kafka_message_destroy);
    if (raw->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        if (raw->err != RD_KAFKA_RESP_ERR__PARTITION_EOF)
            m_impl->shared.failed(rd_kafka_message_errstr(raw));
        return std::nullopt;
    }
    m_impl->shared.ok();
    Message m;
    m.topic = rd_kafka_topic_name(raw->rkt);
    m.partition = raw->partition;
    m.offset = raw->offset;
    m.timestampMs = rd_kafka_message_timestamp(raw, nullptr);
    if (raw->key != nullptr)
        m.key = std::string(static_cast<const char*>(raw->key), raw->key_len);
    if (raw->payload != nullptr)
        m.value.assign(static_cast<const char*>(raw->payload), raw->len);
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(raw, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        const char* name = nullptr;
        const void* value = nullptr;
        std::size_t size = 0;
        for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == 0; ++i)
            m.headers.push_back({name, value ? std::string(static_cast<const char*>(value), size) : std::string()});
    }
    return m;
}

void Consumer::commit() { rd_kafka_commit(m_impl->client, nullptr, 1); }
void Consumer::abandon() { m_impl->abandoned = true; }
Counters Consumer::counters() const { return m_impl->shared.copy(); }

std::string libraryVersion() { return rd_kafka_version_str(); }

}  // namespace odradek::rd
