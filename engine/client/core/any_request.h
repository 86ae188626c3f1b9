// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>

#include "engine/base/bytes.h"
#include "engine/protocol/codec/message.h"

namespace odradek::client {

/// A request whose version is not settled yet: it is encoded once the broker has said which versions it serves.
/// Immutable and shared, so that a copied client shares it.
class AnyRequest {
public:
    virtual ~AnyRequest() = default;
    virtual std::int16_t apiKey() const = 0;
    virtual std::int16_t minVersion() const = 0;
    virtual std::int16_t maxVersion() const = 0;
    virtual Chain encodeAs(std::int16_t version) const = 0;
};

template <class M>
class RequestOf final : public AnyRequest {
public:
    RequestOf(M message, std::int16_t minVersion, std::int16_t maxVersion)
        : m_message(std::move(message)), m_min(minVersion), m_max(maxVersion) {}
    std::int16_t apiKey() const override { return M::kInfo.key; }
    std::int16_t minVersion() const override { return m_min; }
    std::int16_t maxVersion() const override { return m_max; }
    Chain encodeAs(std::int16_t version) const override { return protocol::encode(m_message, version); }

private:
    M m_message;
    std::int16_t m_min;
    std::int16_t m_max;
};

using RequestPtr = std::shared_ptr<const AnyRequest>;

/// A request to be sent in the newest version both sides know, within [minVersion, maxVersion].
template <class M>
RequestPtr request(M message, std::int16_t minVersion = M::kInfo.minVersion,
                   std::int16_t maxVersion = M::kInfo.maxVersion) {
    return std::make_shared<const RequestOf<M>>(std::move(message), minVersion, maxVersion);
}

}  // namespace odradek::client
