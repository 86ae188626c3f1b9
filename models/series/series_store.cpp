// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/series/series_store.h"

#include <algorithm>

#include "models/common/text.h"

namespace odradek::models {
namespace {
constexpr double kSampleMs =
    950;  // sources publish about once a second; a little early is not skipped
constexpr double kCoarseMs = 4800;
constexpr double kKeptMs = 3600e3;
constexpr std::size_t kFinePoints = 3600;
constexpr std::size_t kCoarsePoints = 180;

/// Rates that are known, added up.
struct Sum {
    double value = 0;
    bool known = false;
    void add(std::optional<double> rate) {
        value += rate.value_or(0);
        known |= rate.has_value();
    }
};
}  // namespace

void MetricRing::append(double timeMs, double value) {
    if (!m_times.empty() && timeMs <= m_times.back())
        return;
    m_times.push_back(timeMs);
    m_values.push_back(value);
    if (m_times.size() > m_capacity + m_capacity / 4) {
        const auto surplus = static_cast<std::ptrdiff_t>(m_times.size() - m_capacity);
        m_times.erase(m_times.begin(), m_times.begin() + surplus);
        m_values.erase(m_values.begin(), m_values.begin() + surplus);
    }
}

std::size_t MetricRing::countUntil(double timeMs) const {
    return static_cast<std::size_t>(std::upper_bound(m_times.begin(), m_times.end(), timeMs) -
                                    m_times.begin());
}

std::optional<double> MetricRing::at(double timeMs) const {
    const auto n = countUntil(timeMs);
    return n == 0 ? std::nullopt : std::optional(m_values[n - 1]);
}

QVector<double> MetricRing::tail(int count, std::optional<double> until) const {
    const auto end = until ? countUntil(*until) : m_values.size();
    const auto n = std::min<std::size_t>(static_cast<std::size_t>(std::max(count, 0)), end);
    const auto last = m_values.begin() + static_cast<std::ptrdiff_t>(end);
    return QVector<double>(last - static_cast<std::ptrdiff_t>(n), last);
}

void SeriesStore::add(const api::ClusterSnapshot& snapshot) {
    const auto t = static_cast<double>(snapshot.at);
    if (snapshot.connection != api::Connection::Live || t - m_lastSample < kSampleMs)
        return;
    const bool coarseTurn = t - m_lastCoarse >= kCoarseMs;
    m_lastSample = t;
    // The finest rings keep an hour; what is older is gone from all of them.
    m_oldest = m_oldest == 0 ? t : std::max(m_oldest, t - kKeptMs);
    if (coarseTurn)
        m_lastCoarse = t;
    addBrokers(snapshot, t);
    addTopics(snapshot, t, coarseTurn);
    addGroups(snapshot, t);
    emit sampled();
}

void SeriesStore::clear() {
    m_rings.clear();
    m_counters.clear();
    m_lastSample = m_lastCoarse = m_oldest = 0;
    m_moment.reset();
}

const MetricRing* SeriesStore::find(const QString& name) const {
    const auto it = m_rings.constFind(name);
    return it == m_rings.constEnd() ? nullptr : &*it;
}

double SeriesStore::last(const QString& name) const {
    const auto* ring = find(name);
    if (!ring)
        return 0.0;
    return m_moment ? ring->at(*m_moment).value_or(0.0) : ring->last();
}

QVector<double> SeriesStore::tail(const QString& name, int count) const {
    const auto* ring = find(name);
    return ring ? ring->tail(count, m_moment) : QVector<double>();
}

std::optional<double> SeriesStore::growth(const QString& name) const {
    const auto* ring = find(name);
    if (!ring || ring->times().size() < 2)
        return std::nullopt;
    const double until = std::min(m_moment.value_or(ring->times().back()), ring->times().back());
    const auto value = ring->at(until);
    const double ms = until - ring->times().front();
    if (!value || ms < 10'000)
        return std::nullopt;
    return (*value - ring->values().front()) / (ms / 1000.0);
}

void SeriesStore::gauge(const QString& name, double timeMs, double value, bool coarse) {
    auto it = m_rings.find(name);
    if (it == m_rings.end())
        it = m_rings.insert(name, MetricRing(coarse ? kCoarsePoints : kFinePoints));
    it->append(timeMs, value);
}

std::optional<double> SeriesStore::counter(const QString& name, double timeMs, double total,
                                           bool coarse) {
    const auto it = m_counters.find(name);
    if (it == m_counters.end()) {
        m_counters.insert(name, {total, timeMs});
        return std::nullopt;
    }
    const double seconds = (timeMs - it->time) / 1000.0;
    if (seconds <= 0)
        return std::nullopt;
    const double rise = total - it->total;
    *it = {total, timeMs};
    if (rise < 0)
        return std::nullopt;
    gauge(name, timeMs, rise / seconds, coarse);
    return rise / seconds;
}

void SeriesStore::addBrokers(const api::ClusterSnapshot& snapshot, double t) {
    // Rates are summed, not totals: a broker that is away for a while would look like a burst.
    Sum in, out;
    QHash<QString, std::int64_t> worstP99;
    for (const auto& broker : snapshot.brokers) {
        const auto prefix = QStringLiteral("broker.%1.").arg(broker.id);
        if (broker.logBytes)
            gauge(prefix + QStringLiteral("disk"), t, static_cast<double>(*broker.logBytes));
        if (broker.bytesIn)
            in.add(counter(prefix + QStringLiteral("bytes.in"), t,
                           static_cast<double>(*broker.bytesIn)));
        if (broker.bytesOut)
            out.add(counter(prefix + QStringLiteral("bytes.out"), t,
                            static_cast<double>(*broker.bytesOut)));
        if (!broker.apis)
            continue;
        double requests = 0;
        for (const auto& api : *broker.apis) {
            requests += static_cast<double>(api.requests);
            counter(prefix + QStringLiteral("api.") + qs(api.name), t,
                    static_cast<double>(api.requests));
            auto& worst = worstP99[qs(api.name)];
            worst = std::max(worst, api.p99Us);
        }
        counter(prefix + QStringLiteral("requests"), t, requests);
    }
    if (in.known)
        gauge(QStringLiteral("bytes.in"), t, in.value);
    if (out.known)
        gauge(QStringLiteral("bytes.out"), t, out.value);
    for (auto it = worstP99.cbegin(); it != worstP99.cend(); ++it)
        gauge(QStringLiteral("latency.%1.p99").arg(it.key()), t, static_cast<double>(it.value()));
}

void SeriesStore::addTopics(const api::ClusterSnapshot& snapshot, double t, bool coarseTurn) {
    Sum all;
    for (const auto& topic : snapshot.topics) {
        const auto name = qs(topic.name);
        double records = 0, size = 0;
        bool complete = true;
        for (const auto& partition : topic.partitions) {
            if (partition.logEnd < 0) {
                complete = false;
                continue;
            }
            records += static_cast<double>(partition.logEnd);
            size += static_cast<double>(partition.bytes.value_or(0));
            if (coarseTurn)
                counter(QStringLiteral("partition.%1.%2.messages").arg(name).arg(partition.index),
                        t, static_cast<double>(partition.logEnd), true);
        }
        if (!complete)
            continue;
        const auto rate = counter(QStringLiteral("topic.%1.messages").arg(name), t, records);
        gauge(QStringLiteral("topic.%1.bytes").arg(name), t, size);
        if (!topic.isInternal)
            all.add(rate);
    }
    if (all.known)
        gauge(QStringLiteral("messages.in"), t, all.value);
}

void SeriesStore::addGroups(const api::ClusterSnapshot& snapshot, double t) {
    for (const auto& group : snapshot.groups) {
        const auto prefix = QStringLiteral("group.%1.").arg(qs(group.id));
        if (const auto lag = group.totalLag(); lag >= 0)
            gauge(prefix + QStringLiteral("lag"), t, static_cast<double>(lag));
        Sum committed;
        QHash<QString, double> perTopic;
        for (const auto& offset : group.offsets) {
            if (offset.offset < 0)
                continue;
            if (const auto lag = offset.lag(); lag >= 0)
                perTopic[qs(offset.partition.topic)] += static_cast<double>(lag);
            committed.add(counter(prefix + QStringLiteral("partition.%1.%2.rate")
                                               .arg(qs(offset.partition.topic))
                                               .arg(offset.partition.partition),
                                  t, static_cast<double>(offset.offset), true));
        }
        if (committed.known)
            gauge(prefix + QStringLiteral("rate"), t, committed.value);
        for (auto it = perTopic.cbegin(); it != perTopic.cend(); ++it)
            gauge(prefix + QStringLiteral("topic.%1.lag").arg(it.key()), t, it.value());
    }
}

}  // namespace odradek::models
