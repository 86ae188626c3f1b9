// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/prng.h"
#include "engine/client/core/client.h"
#include "engine/io/core.h"

namespace odradek::sim {

/// What a member of a consumer group did, for group_checks.h to judge. Times are the world's: clocks of clients do
/// not drift.
struct GroupHistory {
    struct Committed {
        Instant at;  ///< of the answer
        std::uint32_t partition = 0;
        std::int64_t offset = 0;
    };
    struct Looked {
        Instant askedAt;
        std::uint32_t partition = 0;
        std::int64_t offset = -1;  ///< -1 = none committed
    };
    struct Owned {
        std::int32_t generation = 0;
        std::uint32_t partition = 0;
        std::string owner;  ///< the instance id of a static member, else the member id
    };
    using Stretch = std::pair<std::int64_t, std::int64_t>;  ///< offsets [first, second)

    std::vector<Committed> commits;
    std::vector<Committed> attempts;  ///< commits sent, whatever came of them
    std::vector<Looked> looks;
    std::vector<Owned> owned;
    std::vector<std::vector<Stretch>> processed;  ///< per partition of the trial
    std::vector<std::string> problems;
};

/// A consumer in a group: joins, shares the partitions out when it leads, reads what it owns from the committed
/// offsets on, commits, and joins again when the group changes. Classic protocol, eager. It can be killed and stopped
/// from outside. A core around a client::Client; a copyable value.
class GroupMemberApp final : public io::Core {
public:
    struct Options {
        client::ClientOptions client;
        std::string group = "group";
        std::optional<std::string> instance;  ///< static member
        std::vector<TopicPartition> partitions;
        std::int64_t sessionMs = 2'000;
        std::int64_t rebalanceMs = 3'000;
        std::int64_t commitGapNs = 300'000'000;
        Instant start;
        std::uint64_t seed = 0;
    };
    explicit GroupMemberApp(Options options);

    void step(Now now, const io::Event& event, io::Effects& effects) override;
    Instant nextWake() const override;
    std::unique_ptr<io::Core> clone() const override {
        return std::make_unique<GroupMemberApp>(*this);
    }

    /// As if its process died; a new one takes its place at `until`.
    void die(Now now, Instant until, io::Effects& effects);
    /// Leaves the group politely, to come back at `until`.
    void leave(Now now, Instant until, io::Effects& effects);

    const GroupHistory& history() const { return m_history; }
    std::uint64_t generations() const { return m_generations; }
    std::string where() const;

private:
    enum class Ask : std::uint8_t { Find, Join, Sync, Look, Heartbeat, Commit, Leave };
    enum class Phase : std::uint8_t { Idle, Finding, Joining, Syncing, Looking, Owning };
    struct Call {
        Ask ask = Ask::Find;
        Instant askedAt;
        std::vector<std::pair<std::uint32_t, std::int64_t>> offsets;  ///< of a commit
    };

    void act(Now now, io::Effects& effects);
    void takeReply(Now now, const client::Reply& reply, io::Effects& effects);
    void send(Now now, Ask ask, client::RequestPtr request, io::Effects& effects,
              std::int64_t timeoutMs);
    void find(Now now, io::Effects& effects);
    void join(Now now, io::Effects& effects);
    void sync(Now now, io::Effects& effects);
    void look(Now now, io::Effects& effects);
    void heartbeat(Now now, io::Effects& effects);
    void commit(Now now, io::Effects& effects);
    void takeFound(Now now, const client::Reply& reply, io::Effects& effects);
    void takeJoined(Now now, const client::Reply& reply, io::Effects& effects);
    void takeSynced(Now now, const client::Reply& reply, io::Effects& effects);
    void takeLooked(Now now, const client::Reply& reply, const Call& call, io::Effects& effects);
    void takeHeartbeat(Now now, const client::Reply& reply, io::Effects& effects);
    void takeCommitted(Now now, const client::Reply& reply, const Call& call,
                       io::Effects& effects);
    void takeFetched(const client::Fetched& fetched);
    /// Reacts to an error of the group APIs. True when there was none.
    bool isGood(Now now, std::int16_t error, io::Effects& effects);
    void again(Now now, std::int64_t pauseNs);
    void abandon(Now now, io::Effects& effects);
    void sendLeave(Now now, io::Effects& effects);
    void revoke();
    void complain(const std::string& what);
    std::vector<std::uint8_t> assignmentFor(std::size_t place, std::size_t members) const;

    Options m_options;
    client::Client m_client;
    Prng m_random;
    Phase m_phase = Phase::Idle;
    Instant m_resumeAt;
    std::uint64_t m_life = 0;  ///< counts processes
    std::map<client::CallId, Call> m_calls;
    std::int32_t m_coordinator = -1;
    std::string m_memberId;
    std::int32_t m_generation = -1;
    std::optional<std::string> m_protocol;
    std::vector<std::string> m_members;  ///< when it leads
    bool m_leads = false;
    std::vector<std::uint32_t> m_mine;
    std::map<std::uint32_t, std::int64_t> m_positions;   ///< of what it owns: next to process
    std::map<std::uint32_t, std::int64_t> m_committed;   ///< last offered
    std::map<TopicPartition, std::uint32_t> m_index;
    bool m_rejoin = false;  ///< the group changes: joins again once the last commit is answered
    bool m_outOfRange = false;
    bool m_committing = false;
    bool m_beating = false;
    Instant m_beatAt = Instant::never();
    Instant m_commitAt = Instant::never();
    std::uint64_t m_generations = 0;
    GroupHistory m_history;
};

}  // namespace odradek::sim
