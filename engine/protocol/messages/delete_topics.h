// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/types.h"
#include "engine/protocol/codec/schema.h"

namespace odradek::protocol {

struct DeleteTopicsRequest {
    static constexpr MessageInfo kInfo{"DeleteTopicsRequest", 20, 1, 6, 4};

    struct DeleteTopicState {
        std::optional<std::string> name;
        Uuid topicId;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(6).nullable(6));
            v("TopicId", topicId, since(6));
        }
        bool operator==(const DeleteTopicState&) const = default;
    };

    std::vector<DeleteTopicState> topics;
    std::vector<std::string> topicNames;
    std::int32_t timeoutMs = 0;

    template <class V>
    void fields(V& v) {
        v("Topics", topics, since(6));
        v("TopicNames", topicNames, between(0, 5).ignorable());
        v("TimeoutMs", timeoutMs, since(0));
    }
    bool operator==(const DeleteTopicsRequest&) const = default;
};

struct DeleteTopicsResponse {
    static constexpr MessageInfo kInfo{"DeleteTopicsResponse", 20, 1, 6, 4};

    struct DeletableTopicResult {
        std::optional<std::string> name{std::in_place};
        Uuid topicId;
        std::int16_t errorCode = 0;
        std::optional<std::string> errorMessage;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0).nullable(6));
            v("TopicId", topicId, since(6).ignorable());
            v("ErrorCode", errorCode, since(0));
            v("ErrorMessage", errorMessage, since(5).nullable(5).ignorable());
        }
        bool operator==(const DeletableTopicResult&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::vector<DeletableTopicResult> responses;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(1).ignorable());
        v("Responses", responses, since(0));
    }
    bool operator==(const DeleteTopicsResponse&) const = default;
};

}  // namespace odradek::protocol
