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

struct VotersRecord {
    static constexpr MessageInfo kInfo{"VotersRecord", -1, 0, 0, 0};

    struct Endpoint {
        std::string name;
        std::string host;
        std::uint16_t port = 0;

        template <class V>
        void fields(V& v) {
            v("Name", name, since(0));
            v("Host", host, since(0));
            v("Port", port, since(0));
        }
        bool operator==(const Endpoint&) const = default;
    };

    struct KRaftVersionFeature {
        std::int16_t minSupportedVersion = 0;
        std::int16_t maxSupportedVersion = 0;

        template <class V>
        void fields(V& v) {
            v("MinSupportedVersion", minSupportedVersion, since(0));
            v("MaxSupportedVersion", maxSupportedVersion, since(0));
        }
        bool operator==(const KRaftVersionFeature&) const = default;
    };

    struct Voter {
        std::int32_t voterId = 0;
        Uuid voterDirectoryId;
        std::vector<Endpoint> endpoints;
        KRaftVersionFeature kRaftVersionFeature;

        template <class V>
        void fields(V& v) {
            v("VoterId", voterId, since(0));
            v("VoterDirectoryId", voterDirectoryId, since(0));
            v("Endpoints", endpoints, since(0));
            v("KRaftVersionFeature", kRaftVersionFeature, since(0));
        }
        bool operator==(const Voter&) const = default;
    };

    std::int16_t version = 0;
    std::vector<Voter> voters;

    template <class V>
    void fields(V& v) {
        v("Version", version, since(0));
        v("Voters", voters, since(0));
    }
    bool operator==(const VotersRecord&) const = default;
};

}  // namespace odradek::protocol
