// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/protocol/codec/message.h"
#include "tests/support/protocol/filler.h"
#include "tests/support/protocol/samples.h"

namespace odradek::testing {

/// The SampleType of message M.
template <class M>
SampleType makeSample() {
    return {.type = protocol::messageType<M>(),
            .body =
                [](Prng& random, std::int16_t version) {
                    M message;
                    Filler(random, version).object(message);
                    return protocol::encode(message, version).flatten();
                },
            .roundTrip = [](Prng& random, std::int16_t version) -> std::string {
                M message;
                Filler(random, version).object(message);
                const auto body = protocol::encode(message, version).flatten();
                const auto back = protocol::decode<M>(body, version);
                if (!back)
                    return back.error().message;
                if (!(*back == message))
                    return "differs: " + protocol::toJson(message, version) + " came back as " +
                           protocol::toJson(*back, version);
                if (!(protocol::encode(*back, version).flatten() == body))
                    return "other bytes the second time";
                return {};
            }};
}

}  // namespace odradek::testing
