// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <cstdint>
#include <vector>

#include "engine/api/events.h"
#include "models/bridge/recording.h"

/// What happened to the parts of a cluster over time, for the Timeline of Brokers: a lane per part
/// with its states, made from the recording, with the exact moments of events where there are any.
/// Pure functions.
namespace odradek::models {

/// One state of one part.
struct TimelineSpan {
    enum class Kind {
        Quiet,    ///< as it should be
        Leads,    ///< partition: led by broker `broker`
        Lead,     ///< metadata leader
        Missing,  ///< down, no leader
        Barred,   ///< fenced, stopping
    };
    api::WallMs from = 0;
    api::WallMs to = 0;
    Kind kind = Kind::Quiet;
    int broker = -1;  ///< the one that leads
    QString text;     ///< "2, e4", "no leader for 9.1 s", "active"
    bool operator==(const TimelineSpan&) const = default;
};

struct TimelineLane {
    QString group;    ///< "Metadata leader", "Brokers", "Partitions"
    QString name;     ///< "Broker 2", "new_orders-1"
    QString subject;  ///< as in api::Event: "broker:2", "topic:new_orders/1"
    std::vector<TimelineSpan> spans;
    bool operator==(const TimelineLane&) const = default;
};

struct TimelineMark {
    api::WallMs at = 0;
    api::Severity severity = api::Severity::Info;
    QString text;
    bool operator==(const TimelineMark&) const = default;
};

struct Timeline {
    api::WallMs from = 0;
    api::WallMs to = 0;
    std::vector<TimelineLane> lanes;
    std::vector<TimelineMark> marks;  ///< the worst moments, a few
    int unchanged = 0;                ///< partitions that stayed as they were and have no lane
    QString finding;  ///< "2 partitions had no leader for up to 9.1 s; all have leaders again"
};

/// What the timeline and the events beside it are limited to; empty = everything. "broker:2" also
/// means the partitions that broker leads or led; "topic:new_orders/1" that partition,
/// "topic:new_orders" all of that topic.
bool concerns(const QString& filter, const QString& subject);

/// Events that belong on it: brokers, leaders, ISR, the metadata quorum.
bool onTimeline(api::EventKind kind);

Timeline buildTimeline(const Recording& recording, const std::vector<api::Event>& events,
                       api::WallMs from, api::WallMs to, const QString& filter);

}  // namespace odradek::models
