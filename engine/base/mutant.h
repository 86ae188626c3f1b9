// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace odradek {

/// Planted bugs: they prove that the simulator finds such mistakes. Only odradek-sim sets them, through the
/// configurations of the cores; no configuration name does. What each does is said where it is named
/// (engine/runtime/sim/mutants.cpp).
enum class Mutant : std::uint8_t {
    AckBeforeIsr,
    HwPlusOne,
    ServeAboveHw,
    AckWhenDeposed,
    HwIgnoresMinIsr,
    IgnoreDivergence,
    TruncateTooFar,
    TruncateToHw,
    JoinIsrBehind,
    ForgetPendingJoin,
    ShrinkIsrAlone,
    TellEndEarly,
    SkipFsync,
    AckUnwritten,
    TrustTornTail,
    DedupeWindow,
    DedupeWrongOffset,
    ForgetProducers,
    ForgetProducersAtStart,
    AcceptStaleAlterPartition,
    ElectUnclean,
    ElectOutsideIsr,
    KeepIsrOnReturn,
    NeverFence,
    LoseGroupCommit,
    KeepGeneration,
    LoadOffsetsHalf,
    AnswerWhileLoading,
    kCount,
};

/// A set of planted bugs; empty outside the simulator. A value.
class Mutants {
public:
    constexpr Mutants() = default;
    constexpr explicit Mutants(Mutant one) { add(one); }
    constexpr void add(Mutant one) { m_bits |= std::uint64_t{1} << static_cast<unsigned>(one); }
    constexpr bool has(Mutant one) const {
        return ((m_bits >> static_cast<unsigned>(one)) & 1) != 0;
    }
    constexpr bool any() const { return m_bits != 0; }
    bool operator==(const Mutants&) const = default;

private:
    std::uint64_t m_bits = 0;
};

}  // namespace odradek
