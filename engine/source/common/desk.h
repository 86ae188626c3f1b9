// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/api/commands.h"
#include "engine/client/core/client.h"

namespace odradek::source {

/// Turns commands of the window into Kafka requests and their answers into results: the same for an embedded and a
/// remote cluster. Sans-IO; the owner feeds it the replies and delivery outcomes of its client.
/// Every submitted command ends in exactly one result.
class Desk {
public:
    /// Starts a command that changes or asks the cluster. StartBrowse, StopBrowse and the commands of the embedded
    /// cluster are not its business and end with an error.
    void submit(Now now, api::CommandId id, const api::Command& command, client::Client& client, io::Effects& effects);
    /// Takes what the client has for the desk; replies to others' calls are left in `replies`.
    void take(Now now, std::vector<client::Reply>& replies, const std::vector<client::Produced>& produced,
              client::Client& client, io::Effects& effects);
    std::vector<api::CommandResult> results() { return std::exchange(m_results, {}); }

private:
    /// A command on its way. `open` counts calls and records not answered yet.
    struct Job {
        api::CommandId id = 0;
        api::Command command;
        api::CommandResult result;
        int open = 0;
        bool coordinatorKnown = false;
        int tries = 0;
    };
    enum class Step : std::uint8_t { Act, FindCoordinator };
    struct Call {
        std::uint64_t job = 0;
        Step step = Step::Act;
    };

    std::uint64_t add(api::CommandId id, const api::Command& command);
    void send(Now now, std::uint64_t job, std::int32_t node, client::RequestPtr request, client::Client& client,
              io::Effects& effects, Step step = Step::Act);
    void fail(std::uint64_t job, std::string why);
    void finishIfDone(std::uint64_t job);

    void begin(Now, std::uint64_t, const api::CreateTopic&, client::Client&, io::Effects&);
    void begin(Now, std::uint64_t, const api::DeleteTopics&, client::Client&, io::Effects&);
    void begin(Now, std::uint64_t, const api::AddPartitions&, client::Client&, io::Effects&);
    void begin(Now, std::uint64_t, const api::DescribeConfigs&, client::Client&, io::Effects&);
    void begin(Now, std::uint64_t, const api::AlterConfigs&, client::Client&, io::Effects&);
    void begin(Now, std::uint64_t, const api::DeleteRecords&, client::Client&, io::Effects&);
    void begin(Now, std::uint64_t, const api::ResetOffsets&, client::Client&, io::Effects&);
    void begin(Now, std::uint64_t, const api::DeleteGroup&, client::Client&, io::Effects&);
    void begin(Now, std::uint64_t, const api::Produce&, client::Client&, io::Effects&);
    void retryUnknownTopics(Now now, client::Client& client, io::Effects& effects);
    template <class Other>
    void begin(Now, std::uint64_t job, const Other&, client::Client&, io::Effects&) {
        fail(job, "this cluster cannot do that");
    }

    void findCoordinator(Now now, std::uint64_t job, const std::string& group, client::Client& client,
                         io::Effects& effects);
    void takeCoordinator(Now now, std::uint64_t job, const client::Reply& reply, client::Client& client,
                         io::Effects& effects);
    void commitOffsets(Now now, std::uint64_t job, std::int32_t node, client::Client& client, io::Effects& effects);
    void takeAnswer(std::uint64_t job, const client::Reply& reply);

    std::uint64_t m_nextJob = 1;
    std::map<std::uint64_t, Job> m_jobs;
    std::map<client::CallId, Call> m_calls;
    std::map<client::Token, std::pair<std::uint64_t, std::size_t>> m_records;  ///< token -> job, index of the record
    std::map<std::uint64_t, Instant> m_unknownTopic;  ///< produce jobs waiting for metadata, until when
    std::vector<api::CommandResult> m_results;
    std::uint64_t m_keyless = 0;  ///< chooses partitions of records without a key: one partition per command
};

/// Kafka's word for a config source or type code, as DescribeConfigs sends it.
std::string configSourceName(std::int8_t source);
std::string configTypeName(std::int8_t type);

}  // namespace odradek::source
