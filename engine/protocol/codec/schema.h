// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

namespace odradek::protocol {

inline constexpr std::int16_t kMaxVersion = 32767;
inline constexpr std::int16_t kNoVersion = -1;

/// How one field stands on the wire: in which versions it is there, may be null, or is a tagged
/// field. Written once per field in `fields(visitor)`; every codec and the self-description read it
/// from there.
struct Spec {
    std::int16_t from = 0;
    std::int16_t to = kMaxVersion;
    std::int16_t nullableFrom = kMaxVersion;
    std::int16_t nullableTo = kNoVersion;
    std::int16_t tagNumber = -1;
    std::int16_t taggedFrom = kMaxVersion;
    bool isIgnorable = false;  ///< silently left out of versions that lack it
    bool neverFlexible =
        false;  ///< keeps its old encoding in flexible versions (RequestHeader.ClientId)

    constexpr Spec nullable(std::int16_t first, std::int16_t last = kMaxVersion) const {
        Spec s = *this;
        s.nullableFrom = first;
        s.nullableTo = last;
        return s;
    }
    constexpr Spec tag(std::int16_t number, std::int16_t first) const {
        Spec s = *this;
        s.tagNumber = number;
        s.taggedFrom = first;
        return s;
    }
    constexpr Spec ignorable() const {
        Spec s = *this;
        s.isIgnorable = true;
        return s;
    }
    constexpr Spec inflexible() const {
        Spec s = *this;
        s.neverFlexible = true;
        return s;
    }
    constexpr bool has(std::int16_t version) const { return version >= from && version <= to; }
    constexpr bool nullableIn(std::int16_t version) const {
        return version >= nullableFrom && version <= nullableTo;
    }
    constexpr bool taggedIn(std::int16_t version) const {
        return tagNumber >= 0 && version >= taggedFrom;
    }
};

/// The field is there from `first` on.
constexpr Spec since(std::int16_t first) {
    return Spec{.from = first};
}
/// The field is there from `first` to `last`, both included.
constexpr Spec between(std::int16_t first, std::int16_t last) {
    return Spec{.from = first, .to = last};
}

/// What a message or record type says of itself. `key` is the API key, or the record's type number.
/// min..max are what we serve: Kafka 4.3's range without unstable versions.
struct MessageInfo {
    std::string_view name;
    std::int16_t key = -1;
    std::int16_t minVersion = 0;
    std::int16_t maxVersion = 0;
    std::int16_t flexibleFrom = kMaxVersion;  ///< kMaxVersion = no flexible version

    constexpr bool flexible(std::int16_t version) const { return version >= flexibleFrom; }
};

}  // namespace odradek::protocol
