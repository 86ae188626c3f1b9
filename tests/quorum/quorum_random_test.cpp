// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdlib>

#include "engine/base/check.h"
#include "tests/quorum/quorum_world.h"

namespace odradek::quorum {
namespace {

struct BrokenInvariant {
    std::string message;
};
void throwing(const std::string& message) {
    throw BrokenInvariant{message};
}

/// Two seconds of faults, then peace; what went wrong, or nothing.
std::string trial(int voters, std::uint64_t seed, std::uint32_t mutants = 0, std::size_t* committed = nullptr) {
    const auto before = setCheckHandler(throwing);
    std::string wrong;
    try {
        metadata::ConfigMap settings;
        Prng swarm(seed * 7919 + static_cast<std::uint64_t>(voters));
        if (swarm.chance(1, 3))
            settings["metadata.log.max.record.bytes.between.snapshots"] = "2000";
        if (swarm.chance(1, 2))
            settings["controller.quorum.auto.join.enable"] = "true";
        bool mayWipe = !settings["controller.quorum.auto.join.enable"].empty();
        const auto faultEvery = swarm.between(20, 200);
        QuorumWorld world({.voters = voters,
                           .seed = seed,
                           .settings = settings,
                           .mutants = mutants,
                           .networkUsMax = swarm.between(100, 20'000),
                           .diskUsMax = swarm.between(20, 15'000)});
        for (int i = 0; i < 200 && world.violation().empty(); ++i) {
            world.run(Milliseconds(10));
            if (const auto leader = world.active(); leader != 0 && swarm.chance(2, 3))
                world.write(leader);
            if (!swarm.chance(10, static_cast<std::uint64_t>(faultEvery)))
                continue;
            const auto one = static_cast<int>(swarm.between(1, voters));
            switch (swarm.below(8)) {
            case 0: world.crash(one, false); break;
            case 1: world.crash(one, true); break;
            case 2: world.isolate(one); break;
            case 3: world.cut(one, static_cast<int>(swarm.between(1, voters))); break;
            case 4: world.heal(); break;
            case 5: world.breakSome(); break;
            case 6:
                if (std::exchange(mayWipe, false)) {
                    world.crash(one, true);
                    world.wipe(one);
                    world.boot(one);
                }
                break;
            default:
                for (const auto id : world.ids())
                    if (!world.isUp(id) && swarm.chance(1, 2))
                        world.boot(id);
            }
        }
        world.heal();
        for (const auto id : world.ids())
            if (!world.isUp(id))
                world.boot(id);
        const auto sawAll = [&] {
            const auto leader = world.active();
            if (leader == 0)
                return false;
            const auto end = world.core(leader).raft().endOffset();
            for (const auto id : world.ids())
                if (world.core(id).raft().highWatermark() != end)
                    return false;
            return true;
        };
        if (world.runUntil(sawAll)) {
            const auto batches = world.committedBatches();
            world.write(world.active());
            world.runUntil([&] { return world.committedBatches() > batches && sawAll(); });
            if (world.committedBatches() <= batches)
                wrong = "nothing can be committed after all was healed";
            if (committed != nullptr)
                *committed += world.committedBatches();
        } else if (world.violation().empty()) {
            wrong = "no leader that all follow within five seconds after all was healed";
        }
        if (!world.violation().empty())
            wrong = world.violation();
    } catch (const BrokenInvariant& broken) {
        wrong = broken.message;
    }
    setCheckHandler(before);
    return wrong;
}

std::uint64_t firstSeed() {
    const char* given = std::getenv("ODRADEK_QUORUM_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
}
std::uint64_t seedCount(std::uint64_t usual) {
    const char* given = std::getenv("ODRADEK_QUORUM_SEEDS");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : usual;
}

void runSeeds(int voters, std::uint64_t usual) {
    std::size_t committed = 0;
    const auto first = firstSeed();
    for (auto seed = first; seed < first + seedCount(usual); ++seed) {
        const auto wrong = trial(voters, seed, 0, &committed);
        ASSERT_EQ(wrong, "") << voters << " voters, seed " << seed
                             << " (ODRADEK_QUORUM_SEED=" << seed << " ODRADEK_QUORUM_SEEDS=1)";
    }
    EXPECT_GT(committed, seedCount(usual) * 10) << "the trials did next to nothing";
}

TEST(QuorumRandom, ThreeVotersKeepWhatIsCommitted) {
    runSeeds(3, 60);
}

TEST(QuorumRandom, FiveVotersKeepWhatIsCommitted) {
    runSeeds(5, 25);
}

TEST(QuorumRandom, PlantedBugsAreFound) {
    for (const auto mutant : {raft::Mutant::DoubleVote, raft::Mutant::SkipLogCheck, raft::Mutant::CommitWritten}) {
        std::uint64_t seed = 1;
        while (seed <= 300 && trial(3, seed, static_cast<std::uint32_t>(mutant)).empty())
            ++seed;
        EXPECT_LE(seed, 300u) << "mutant " << static_cast<std::uint32_t>(mutant) << " was not found";
    }
}

}  // namespace
}  // namespace odradek::quorum
