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

struct DescribeLogDirsRequest {
    static constexpr MessageInfo kInfo{"DescribeLogDirsRequest", 35, 1, 5, 2};

    struct DescribableLogDirTopic {
        std::string topic;
        std::vector<std::int32_t> partitions;

        template <class V>
        void fields(V& v) {
            v("Topic", topic, since(0));
            v("Partitions", partitions, since(0));
        }
        bool operator==(const DescribableLogDirTopic&) const = default;
    };

    std::optional<std::vector<DescribableLogDirTopic>> topics{std::in_place};

    template <class V>
    void fields(V& v) {
        v("Topics", topics, since(0).nullable(0));
    }
    bool operator==(const DescribeLogDirsRequest&) const = default;
};

struct DescribeLogDirsResponse {
    static constexpr MessageInfo kInfo{"DescribeLogDirsResponse", 35, 1, 5, 2};

    struct DescribeLogDirsPartition {
        std::int32_t partitionIndex = 0;
        std::int64_t partitionSize = 0;
        std::int64_t offsetLag = 0;
        bool isFutureKey = false;

        template <class V>
        void fields(V& v) {
            v("PartitionIndex", partitionIndex, since(0));
            v("PartitionSize", partitionSize, since(0));
            v("OffsetLag", offsetLag, since(0));
            v("IsFutureKey", isFutureKey, since(0));
        }
        bool operator==(const DescribeLogDirsPartition&) const = default;
    };

    struct DescribeLogDirsTopic {
        std::string name;
        std::vector<DescribeLogDirsPartition> partitions;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("Partitions", partitions, since(0));
        }
        bool operator==(const DescribeLogDirsTopic&) const = default;
    };

    struct DescribeLogDirsResult {
        std::int16_t errorCode = 0;
        std::string logDir;
        std::vector<DescribeLogDirsTopic> topics;
        std::int64_t totalBytes = -1;
        std::int64_t usableBytes = -1;
        bool isCordoned = false;

        template <class V>
        void fields(V& v) {
            v("ErrorCode", errorCode, since(0));
            v("LogDir", logDir, since(0));
            v("Topics", topics, since(0));
            v("TotalBytes", totalBytes, since(4).ignorable());
            v("UsableBytes", usableBytes, since(4).ignorable());
            v("IsCordoned", isCordoned, since(5).ignorable());
        }
        bool operator==(const DescribeLogDirsResult&) const = default;
    };

    std::int32_t throttleTimeMs = 0;
    std::int16_t errorCode = 0;
    std::vector<DescribeLogDirsResult> results;

    template <class V>
    void fields(V& v) {
        v("ThrottleTimeMs", throttleTimeMs, since(0));
        v("ErrorCode", errorCode, since(3).ignorable());
        v("Results", results, since(0));
    }
    bool operator==(const DescribeLogDirsResponse&) const = default;
};

}  // namespace odradek::protocol
