// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QObject>
#include <QString>
#include <QVector>

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/api/snapshot.h"

namespace odradek::models {

/// One measured quantity over time: times in ms since 1970, ascending. The oldest points are
/// dropped in blocks.
class MetricRing {
public:
    explicit MetricRing(std::size_t capacity = 3600) : m_capacity(capacity) {}

    void append(double timeMs, double value);
    bool empty() const { return m_times.empty(); }
    double last() const { return m_values.empty() ? 0.0 : m_values.back(); }
    /// The value at a moment: that of the newest point at or before it; nothing before the first.
    std::optional<double> at(double timeMs) const;
    const std::vector<double>& times() const { return m_times; }
    const std::vector<double>& values() const { return m_values; }
    /// The newest `count` values up to a moment (nothing = all), oldest first, for sparklines.
    QVector<double> tail(int count, std::optional<double> until = {}) const;

private:
    /// Number of points at or before the moment.
    std::size_t countUntil(double timeMs) const;
    std::size_t m_capacity;
    std::vector<double> m_times;
    std::vector<double> m_values;
};

/// Histories and rates that pages draw, made from successive snapshots: rates are differences of
/// counters per second, sampled once a second, kept for an hour (partitions: every 5 s for 15
/// minutes). A counter that falls (a broker restarted, a topic made anew) starts over instead of
/// giving a negative rate. Nothing is invented: no point is added for what the snapshot does not
/// know.
///
/// Names: messages.in, bytes.in, bytes.out, latency.<Api>.p99 (µs), broker.<id>.bytes.in,
/// broker.<id>.requests, broker.<id>.disk (bytes), topic.<name>.messages, topic.<name>.bytes
/// (size), partition.<topic>.<n>.messages, group.<id>.lag, group.<id>.rate (records committed/s),
/// group.<id>.topic.<topic>.lag, group.<id>.partition.<topic>.<n>.rate. Thread: the owner's.
class SeriesStore : public QObject {
    Q_OBJECT
public:
    explicit SeriesStore(QObject* parent = nullptr) : QObject(parent) {}

    /// Takes in a snapshot; samples at most once a second of its clock.
    void add(const api::ClusterSnapshot& snapshot);
    /// Forgets everything (another cluster is shown).
    void clear();

    /// A recorded moment (ms since 1970): last(), tail() and growth() answer as they did then. Nothing = now.
    /// find() always gives the whole history; charts cut it by their range.
    void setMoment(std::optional<double> timeMs) { m_moment = timeMs; }
    std::optional<double> moment() const { return m_moment; }
    /// Time of the first sample that is kept, 0 when there is none.
    double oldest() const { return m_oldest; }
    /// Time of the newest sample, 0 when there is none.
    double newest() const { return m_lastSample; }

    /// Null when nothing was ever measured under that name.
    const MetricRing* find(const QString& name) const;
    double last(const QString& name) const;
    QVector<double> tail(const QString& name, int count = 60) const;
    /// Average growth in bytes per second of a broker's disk over what is known (at least 10 s), or
    /// nothing.
    std::optional<double> growth(const QString& name) const;

signals:
    /// New points were added.
    void sampled();

private:
    void gauge(const QString& name, double timeMs, double value, bool coarse = false);
    /// Adds the rate since the last total, and returns it unless there was none or the total fell.
    std::optional<double> counter(const QString& name, double timeMs, double total,
                                  bool coarse = false);
    void addBrokers(const api::ClusterSnapshot& snapshot, double t);
    void addTopics(const api::ClusterSnapshot& snapshot, double t, bool coarseTurn);
    void addGroups(const api::ClusterSnapshot& snapshot, double t);

    struct Counter {
        double total = 0;
        double time = 0;
    };
    QHash<QString, MetricRing> m_rings;
    QHash<QString, Counter> m_counters;
    double m_lastSample = 0;
    double m_lastCoarse = 0;
    double m_oldest = 0;
    std::optional<double> m_moment;
};

}  // namespace odradek::models
