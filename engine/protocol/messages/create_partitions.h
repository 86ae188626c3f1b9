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

struct CreatePartitionsRequest {
    static constexpr MessageInfo kInfo{"CreatePartitionsRequest", 37, 0, 3, 2};

    struct CreatePartitionsAssignment {
        std::vector<std::int32_t> brokerIds;

        template <class V>
        void fields(V& v) {
            v("BrokerIds", brokerIds, since(0));
        }
        bool operator==(const CreatePartitionsAssignment&) const = default;
    };

    struct CreatePartitionsTopic {
        std::string name;
        std::int32_t count = 0;
        std::optional<std::vector<CreatePartitionsAssignment>> assignments{std::in_place};

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("Count", count, since(0));
            v("Assignments", assignments, since(0).nullable(0));
        }
        bool operator==(const CreatePartitionsTopic&) const = default;
    };

    std::vector<CreatePartitionsTopic> topics;
    std::int32_t timeoutMs = 0;
    bool validateOnly = false;

    template <class V>
    void fields(V& v) {
        v("Topics", topics, since(0));
        v("TimeoutMs", timeoutMs, since(0));
        v("ValidateOnly", validateOnly, since(0));
    }
    bool operator==(const CreatePartitionsRequest&) const = default;
};

struct CreatePartitionsResponse {
    static constexpr MessageInfo kInfo{"CreatePartitionsResponse", 37, 0, 3, 2};

    struct CreatePartitionsTopicResult {
        std::string name;
        std::int16_t errorCode = 0;
        std::optional<std::string> errorMessage;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("ErrorCode", errorCode, since(0));
            v("ErrorMessage", errorMessage, since(0).nullable(0));
        }
        bool operator==(const CreatePartitionsTopicResult&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::vector<CreatePartitionsTopicResult> results;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(0));
        v("Results", results, since(0));
    }
    bool operator==(const CreatePartitionsResponse&) const = default;
};

}  // namespace odradek::protocol
