// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <nlohmann/json.hpp>

#include "engine/api/source.h"

/// The probe's JSON: what a source shows, and what it is asked to do, as the checks in ../checks/attach.py read and
/// write it. Keys and values travel as text (the checks send no other).
namespace odradek::attach {

using Json = nlohmann::json;

Json toJson(const api::ClusterSnapshot& snapshot);
Json toJson(const api::CommandResult& result);
Json toJson(const api::ReadRecord& record);
Json toJson(const api::BrowseChunk& chunk);
Json toJson(const api::Event& event);

/// {"kind": "CreateTopic", ...}; throws what nlohmann throws, or std::invalid_argument, on anything else.
api::Command commandFrom(const Json& json);

}  // namespace odradek::attach
