// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quorum/raft/quorum_state.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace odradek::raft {

std::string QuorumState::toJson() const {
    return fmt::format(
        R"({{"leaderId":{},"leaderEpoch":{},"votedId":{},"votedDirectoryId":"{}","data_version":1}})", leaderId,
        leaderEpoch, votedId, votedDirectoryId.toString());
}

Result<QuorumState> QuorumState::parse(const Bytes& file) {
    const auto text = file.view();
    const auto json = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
    if (!json.is_object())
        return fail(ErrorCode::Invalid, "quorum-state is not a JSON object");
    const auto number = [&](const char* name, std::int32_t fallback) {
        const auto found = json.find(name);
        return found != json.end() && found->is_number_integer() ? found->get<std::int32_t>() : fallback;
    };
    const auto version = number("data_version", -1);
    if (version != 0 && version != 1)
        return fail(ErrorCode::Unsupported, fmt::format("quorum-state has data version {}", version));
    if (number("leaderEpoch", -1) < 0)
        return fail(ErrorCode::Invalid, "quorum-state has no leaderEpoch");
    QuorumState state{.leaderId = number("leaderId", -1),
                      .leaderEpoch = number("leaderEpoch", 0),
                      .votedId = number("votedId", -1)};
    if (const auto voted = json.find("votedDirectoryId"); voted != json.end() && voted->is_string())
        state.votedDirectoryId = TRY(Uuid::parse(voted->get<std::string>()));
    return state;
}

}  // namespace odradek::raft
