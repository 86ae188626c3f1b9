// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/api/snapshot.h"
#include "engine/client/core/client.h"

namespace odradek::source {

/// Looks at a remote cluster with ordinary requests and makes snapshots of it: metadata, start and
/// end offsets, log directories, groups with members and offsets, retention settings, the quorum's
/// leader. Sans-IO.
///
/// A round asks everything that is due, in parallel over brokers; the next one begins `pace` after
/// the last has ended, so a slow cluster is never flooded. What a broker refuses (authorization, an
/// older version) stays unknown in the snapshot; it does not stop the rest.
class Poller {
public:
    struct Pace {
        Milliseconds round{1'000};
        Milliseconds logDirs{5'000};
        Milliseconds groups{2'000};
        Milliseconds configs{30'000};
    };

    explicit Poller(Pace pace) : m_pace(pace) {}
    void setPace(Pace pace) { m_pace = pace; }

    /// Starts a round when one is due. Call after every step of the client.
    void advance(Now now, client::Client& client, io::Effects& effects);
    /// Takes replies to its calls out of `replies`.
    void take(Now now, std::vector<client::Reply>& replies, client::Client& client,
              io::Effects& effects);
    /// When the next round is due; never while one is under way or no broker is known yet (`ready`).
    Instant nextWake(bool ready) const;

    /// Whether something new is known since the last build().
    bool dirty() const { return m_dirty; }
    /// What is known now. The caller sets connection, problem and version.
    api::ClusterSnapshot build(Now now, const client::MetadataCache& metadata);
    /// When an answer last came.
    Instant lastAnswer() const { return m_lastAnswer; }

private:
    enum class Kind : std::uint8_t {
        Start,
        End,
        LogDirs,
        ListGroups,
        DescribeGroups,
        Offsets,
        Configs,
        Quorum
    };
    struct Call {
        Kind kind = Kind::Start;
        std::int32_t node = 0;
    };
    struct Ends {
        std::int64_t start = -1;
        std::int64_t end = -1;
    };
    struct LogDir {
        std::string path;
        std::int64_t total = -1;
        std::int64_t usable = -1;
        std::map<TopicPartition, std::pair<std::int64_t, std::int64_t>>
            replicas;  ///< size, offset lag
    };
    struct TopicSettings {
        std::optional<std::int64_t> retentionMs, retentionBytes, segmentBytes;
        std::int32_t minInsync = 1;
        std::string cleanupPolicy;
        std::int32_t changed = 0;
    };

    void ask(Now now, Kind kind, std::int32_t node, client::RequestPtr request,
             client::Client& client, io::Effects& effects);
    void askOffsets(Now now, client::Client& client, io::Effects& effects);
    void askLogDirs(Now now, client::Client& client, io::Effects& effects);
    void askGroups(Now now, client::Client& client, io::Effects& effects);
    void askConfigs(Now now, client::Client& client, io::Effects& effects);
    void askQuorum(Now now, client::Client& client, io::Effects& effects);
    void takeOne(Now now, const Call& call, const client::Reply& reply, client::Client& client,
                 io::Effects& effects);
    void takeOffsets(Kind kind, const client::Reply& reply);
    void takeLogDirs(std::int32_t node, const client::Reply& reply);
    void takeListed(Now now, std::int32_t node, const client::Reply& reply, client::Client& client,
                    io::Effects& effects);
    void takeDescribed(const client::Reply& reply);
    void takeCommitted(const client::Reply& reply);
    void takeConfigs(const client::Reply& reply);

    Pace m_pace;
    std::map<client::CallId, Call> m_calls;
    Instant m_roundAt{INT64_MIN / 2}, m_logDirsAt{INT64_MIN / 2}, m_groupsAt{INT64_MIN / 2},
        m_configsAt{INT64_MIN / 2};
    Instant m_lastAnswer{INT64_MIN / 2};
    bool m_dirty = false;
    std::map<TopicPartition, Ends> m_ends;
    std::map<std::int32_t, LogDir> m_logDirs;
    std::map<std::string, api::Group> m_groups;
    std::map<std::int32_t, std::set<std::string>> m_groupsOf;  ///< by coordinator
    std::map<std::string, TopicSettings> m_settings;
    std::set<std::string> m_configsAsked;
    std::optional<std::int32_t> m_quorumLeader;
    std::set<std::int32_t> m_everSeen;  ///< brokers, so that one that is gone stays visible as down
};

}  // namespace odradek::source
