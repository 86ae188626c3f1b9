// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/cluster/timeline.h"

#include <QCoreApplication>

#include <algorithm>
#include <map>
#include <set>

#include "models/common/text.h"

namespace odradek::models {
namespace {

constexpr std::size_t kLanesMax = 24;  ///< of partitions
constexpr std::size_t kMarksMax = 6;

/// The words of this file, in their own translation context.
struct TimelineWords {
    Q_DECLARE_TR_FUNCTIONS(Timeline)
};

using Kind = TimelineSpan::Kind;

/// What a part is at one moment; spans are runs of equal ones.
struct State {
    Kind kind = Kind::Quiet;
    int broker = -1;
    QString text;
    bool operator==(const State&) const = default;
};

State stateOf(const api::Broker& broker) {
    switch (broker.state) {
        case api::BrokerState::Online:
            return {Kind::Quiet, broker.id, TimelineWords::tr("active")};
        case api::BrokerState::Fenced:
            return {Kind::Barred, broker.id, TimelineWords::tr("fenced")};
        case api::BrokerState::Stopping:
            return {Kind::Barred, broker.id, TimelineWords::tr("stopping")};
        case api::BrokerState::Offline:
            return {Kind::Missing, broker.id, TimelineWords::tr("down")};
    }
    return {};
}

State stateOf(const api::Partition& partition) {
    if (partition.leader < 0)
        return {Kind::Missing, -1, TimelineWords::tr("no leader")};
    QString text = QStringLiteral("%1, e%2").arg(partition.leader).arg(partition.leaderEpoch);
    int inSync = 0;
    for (const auto& replica : partition.replicas)
        inSync += replica.inSync;
    if (inSync < static_cast<int>(partition.replicas.size()))
        text += TimelineWords::tr(", ISR %1 of %2").arg(inSync).arg(partition.replicas.size());
    return {Kind::Leads, partition.leader, text};
}

/// Collects the states of one part as the recording is walked.
class Track {
public:
    void see(api::WallMs at, const State& state, const std::vector<api::WallMs>& exact) {
        if (!m_spans.empty() && m_states.back() == state)
            return;
        // Between two snapshots; an event of this part says when exactly.
        auto moment = at;
        for (const auto t : exact)
            if (t > m_seen && t <= at)
                moment = t;
        if (!m_spans.empty())
            m_spans.back().to = moment;
        m_spans.push_back(
            {m_spans.empty() ? at : moment, at, state.kind, state.broker, state.text});
        m_states.push_back(state);
    }
    void seen(api::WallMs at) { m_seen = at; }
    bool changed() const {
        return m_spans.size() > 1 || (!m_spans.empty() && m_spans.front().kind == Kind::Missing);
    }
    bool ever(int broker) const {
        return std::any_of(m_spans.begin(), m_spans.end(),
                           [&](const TimelineSpan& s) { return s.broker == broker; });
    }
    std::vector<TimelineSpan> finish(api::WallMs end) {
        if (!m_spans.empty())
            m_spans.back().to = std::max(end, m_spans.back().from);
        for (auto& span : m_spans)
            if (span.kind == Kind::Missing)
                span.text =
                    TimelineWords::tr("%1 for %2").arg(span.text, duration(span.to - span.from));
        return m_spans;
    }

private:
    std::vector<TimelineSpan> m_spans;
    std::vector<State> m_states;
    api::WallMs m_seen = 0;
};

struct PartitionName {
    std::string topic;
    std::int32_t index = 0;
    auto operator<=>(const PartitionName&) const = default;
};

QString subjectOf(const PartitionName& name) {
    return QStringLiteral("topic:%1/%2").arg(qs(name.topic)).arg(name.index);
}

QString finding(const std::vector<TimelineLane>& lanes) {
    int partitions = 0, stillWithout = 0;
    api::WallMs longest = 0;
    QString down;
    for (const auto& lane : lanes) {
        const bool partition = lane.subject.startsWith(QStringLiteral("topic:"));
        bool any = false;
        for (const auto& span : lane.spans) {
            if (span.kind != Kind::Missing)
                continue;
            any = true;
            if (partition)
                longest = std::max(longest, span.to - span.from);
        }
        const bool now = !lane.spans.empty() && lane.spans.back().kind == Kind::Missing;
        if (partition) {
            partitions += any;
            stillWithout += now;
        } else if (now && down.isEmpty()) {
            down = lane.name;
        }
    }
    if (partitions > 0)
        return (stillWithout == 0
                    ? TimelineWords::tr(
                          "%n partition(s) had no leader for up to %1; all have leaders again",
                          nullptr, partitions)
                    : TimelineWords::tr(
                          "%n partition(s) had no leader for up to %1; %2 still have none", nullptr,
                          partitions)
                          .arg(QStringLiteral("%1"), number(stillWithout)))
            .arg(duration(longest));
    if (!down.isEmpty())
        return TimelineWords::tr("%1 is down; every partition has a leader").arg(down);
    return {};
}

}  // namespace

bool concerns(const QString& filter, const QString& subject) {
    if (filter.isEmpty() || filter == subject)
        return true;
    return subject.startsWith(filter + QLatin1Char('/')) ||
           filter.startsWith(subject + QLatin1Char('/'));
}

bool onTimeline(api::EventKind kind) {
    // Not a list of what is off it: what is added to the engine later belongs here when it is about
    // brokers.
    return kind != api::EventKind::Group && kind != api::EventKind::Topic &&
           kind != api::EventKind::Log && kind != api::EventKind::Workload &&
           kind != api::EventKind::Change;
}

Timeline buildTimeline(const Recording& recording, const std::vector<api::Event>& events,
                       api::WallMs from, api::WallMs to, const QString& filter) {
    Timeline out;
    out.from = from;
    out.to = to;
    std::map<QString, std::vector<api::WallMs>> exact;
    for (const auto& event : events)
        if (event.at >= from && event.at <= to && onTimeline(event.kind))
            exact[qs(event.subject)].push_back(event.at);
    Track controller;
    std::map<std::int32_t, Track> brokers;
    std::map<PartitionName, Track> partitions;
    static const std::vector<api::WallMs> none;
    const auto exactOf = [&](const QString& subject) -> const std::vector<api::WallMs>& {
        const auto found = exact.find(subject);
        return found == exact.end() ? none : found->second;
    };
    api::WallMs last = from;
    recording.each(from, to, [&](const api::ClusterSnapshot& snapshot) {
        const auto at = std::max(snapshot.at, from);
        last = at;
        controller.see(at,
                       snapshot.controller < 0
                           ? State{Kind::Missing, -1, TimelineWords::tr("no metadata leader")}
                           : State{Kind::Lead, snapshot.controller,
                                   TimelineWords::tr("broker %1").arg(snapshot.controller)},
                       none);
        for (const auto& broker : snapshot.brokers) {
            auto& track = brokers[broker.id];
            track.see(at, stateOf(broker), exactOf(QStringLiteral("broker:%1").arg(broker.id)));
            track.seen(at);
        }
        for (const auto& topic : snapshot.topics)
            for (const auto& partition : topic.partitions) {
                const PartitionName name{topic.name, partition.index};
                auto& track = partitions[name];
                track.see(at, stateOf(partition), exact.empty() ? none : exactOf(subjectOf(name)));
                track.seen(at);
            }
    });
    const auto end = std::max(last, to);
    out.lanes.push_back({TimelineWords::tr("Metadata"), TimelineWords::tr("Leader"),
                         QStringLiteral("quorum:"), controller.finish(end)});
    const int wanted = filter.startsWith(QStringLiteral("broker:")) ? filter.mid(7).toInt() : -1;
    for (auto& [id, track] : brokers) {
        const auto subject = QStringLiteral("broker:%1").arg(id);
        if (wanted < 0 || wanted == id)
            out.lanes.push_back({TimelineWords::tr("Brokers"),
                                 TimelineWords::tr("Broker %1").arg(id), subject,
                                 track.finish(end)});
    }
    std::size_t shown = 0;
    for (auto& [name, track] : partitions) {
        const auto subject = subjectOf(name);
        const bool asked = filter.startsWith(QStringLiteral("topic:")) && concerns(filter, subject);
        if (wanted >= 0 ? !track.ever(wanted) : !filter.isEmpty() && !asked)
            continue;
        if ((!track.changed() && !asked) || shown >= kLanesMax) {
            ++out.unchanged;
            continue;
        }
        ++shown;
        out.lanes.push_back({TimelineWords::tr("Partitions"),
                             QStringLiteral("%1-%2").arg(qs(name.topic)).arg(name.index), subject,
                             track.finish(end)});
    }
    for (auto it = events.rbegin(); it != events.rend() && out.marks.size() < kMarksMax; ++it) {
        if (it->at < from || it->at > to || !onTimeline(it->kind) ||
            it->severity < api::Severity::Warning)
            continue;
        // Events of one cause come in a burst; the first of them is the cause.
        if (!out.marks.empty() && out.marks.back().at - it->at < (to - from) / 20) {
            if (it->severity >= out.marks.back().severity)
                out.marks.back() = {it->at, it->severity, qs(it->text)};
            continue;
        }
        out.marks.push_back({it->at, it->severity, qs(it->text)});
    }
    std::reverse(out.marks.begin(), out.marks.end());
    out.finding = finding(out.lanes);
    return out;
}

}  // namespace odradek::models
