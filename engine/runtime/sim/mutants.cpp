// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/sim/mutants.h"

namespace odradek::sim {
namespace {

constexpr MutantName kAll[] = {
    {Mutant::AckBeforeIsr, "ack-before-isr",
     "acks=all is answered before the in-sync replicas have the records"},
    {Mutant::HwPlusOne, "hw-plus-one", "a leader's high watermark stands one record too high"},
    {Mutant::ServeAboveHw, "serve-above-hw", "consumers are served what is not committed"},
    {Mutant::AckWhenDeposed, "ack-when-deposed",
     "a leader that is deposed answers waiting produces as done"},
    {Mutant::HwIgnoresMinIsr, "hw-ignores-min-isr",
     "the high watermark rises and acks are given while the ISR is too small"},
    {Mutant::IgnoreDivergence, "ignore-divergence",
     "a leader does not tell followers where their logs differ"},
    {Mutant::TruncateTooFar, "truncate-too-far", "a follower cuts below where the logs differ"},
    {Mutant::TruncateToHw, "truncate-to-hw",
     "a follower cuts to its high watermark whenever its leader changes"},
    {Mutant::JoinIsrBehind, "join-isr-behind", "a follower joins the ISR before it has caught up"},
    {Mutant::ForgetPendingJoin, "forget-pending-join",
     "the high watermark does not wait for a follower about to join the ISR"},
    {Mutant::ShrinkIsrAlone, "shrink-isr-alone",
     "a leader shrinks the ISR before the controller has agreed"},
    {Mutant::TellEndEarly, "tell-end-early",
     "ListOffsets tells the high watermark before it has reached the start of the epoch"},
    {Mutant::SkipFsync, "skip-fsync", "records count as flushed without a flush"},
    {Mutant::AckUnwritten, "ack-unwritten", "acks do not wait for the disk at all"},
    {Mutant::TrustTornTail, "trust-torn-tail", "recovery does not look at the CRC of batches"},
    {Mutant::DedupeWindow, "dedupe-window", "the last batch of a producer is taken twice"},
    {Mutant::DedupeWrongOffset, "dedupe-wrong-offset",
     "a duplicate is answered with the end of the log instead of its offset"},
    {Mutant::ForgetProducers, "forget-producers",
     "followers do not remember the sequences of producers"},
    {Mutant::ForgetProducersAtStart, "forget-producers-at-start",
     "a restarted broker does not remember the sequences of producers"},
    {Mutant::AcceptStaleAlterPartition, "accept-stale-alter-partition",
     "the controller takes an ISR from a leader of an older epoch"},
    {Mutant::ElectUnclean, "elect-unclean",
     "elections are unclean whatever the configuration says"},
    {Mutant::ElectOutsideIsr, "elect-outside-isr",
     "a replica outside the ISR is elected when it is alive"},
    {Mutant::KeepIsrOnReturn, "keep-isr-on-return",
     "a broker that comes back after a crash keeps its place in the ISR"},
    {Mutant::NeverFence, "never-fence", "the controller never notices that a broker is gone"},
    {Mutant::LoseGroupCommit, "lose-group-commit",
     "an offset commit is answered before it is replicated"},
    {Mutant::KeepGeneration, "keep-generation", "a rebalance does not begin a new generation"},
    {Mutant::LoadOffsetsHalf, "load-offsets-half",
     "a coordinator stops loading offsets before the end"},
    {Mutant::AnswerWhileLoading, "answer-while-loading",
     "a coordinator answers before it has loaded its offsets"},
};

}  // namespace

std::span<const MutantName> allMutants() {
    return kAll;
}

std::optional<Mutant> mutantNamed(std::string_view name) {
    for (const auto& one : kAll)
        if (one.name == name)
            return one.mutant;
    return std::nullopt;
}

}  // namespace odradek::sim
