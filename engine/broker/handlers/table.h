// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>

#include "engine/base/bytes.h"
#include "engine/broker/connections.h"

namespace odradek::broker {

struct Step;

/// One API a broker serves to clients: its versions and the function that takes a request body.
struct Served {
    std::int16_t api = 0;
    std::int16_t min = 0;  ///< lowest version handled
    std::int16_t max = 0;
    std::int16_t advertisedMin =
        0;  ///< what ApiVersions says; Produce pretends 0, as Kafka does (KIP-896)
    void (*handler)(Step& s, const Ticket& ticket, const Bytes& body) = nullptr;
};

/// All of them, by rising API key.
std::span<const Served> servedApis();
/// Null when we do not serve the API.
const Served* servedApi(std::int16_t api);

}  // namespace odradek::broker
