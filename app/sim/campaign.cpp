// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/sim/campaign.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <map>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/common/command_line.h"
#include "engine/runtime/sim/minimise.h"

namespace odradek::app {
namespace {

constexpr const char* kProgram = "odradek-sim";
constexpr std::uint64_t kExplainedMax = 3;  ///< violations that are minimised; each costs many runs
constexpr std::size_t kWordsMax = 2'000;
constexpr std::int64_t kJobsMax = 1'024;

/// What a child sends through the pipe: small enough to arrive whole (PIPE_BUF).
struct Message {
    std::uint64_t seed = 0;
    std::int64_t simulatedNs = 0;
    std::uint64_t acked = 0;
    std::uint32_t violated = 0;
    std::uint32_t size = 0;
    char words[kWordsMax] = {};
};
static_assert(sizeof(Message) <= 4'096);

/// Shared by parent and children: which seed is next, and which one each child works on.
struct Board {
    std::atomic<std::uint64_t> taken{0};
    std::atomic<bool> enough{false};
    std::atomic<std::uint64_t> current[kJobsMax];
};

std::string wordsOf(const sim::TrialReport& report) {
    return fmt::format("violation at {:.6f} s, step {}: {}",
                       std::chrono::duration<double>(report.simulated).count(),
                       report.violation->step, report.violation->what);
}

double processorSeconds(int who) {
    rusage usage{};
    ::getrusage(who, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

[[noreturn]] void work(const Campaign& campaign, Board& board, std::size_t me, std::uint64_t from,
                       std::uint64_t to, bool endAtFirst, int out) {
    for (;;) {
        const auto seed = from + board.taken.fetch_add(1);
        if (seed > to || seed < from || board.enough)
            ::_exit(0);
        board.current[me] = seed;
        const auto report = sim::Trial(campaign.trialOptions(seed)).run();
        Message message;
        message.seed = seed;
        message.simulatedNs = report.simulated.count();
        message.acked = report.acked;
        if (report.violation) {
            const auto words = wordsOf(report);
            message.violated = 1;
            message.size = static_cast<std::uint32_t>(std::min(words.size(), kWordsMax));
            std::memcpy(message.words, words.data(), message.size);
            if (endAtFirst)
                board.enough = true;
        }
        if (::write(out, &message, sizeof message) != static_cast<ssize_t>(sizeof message))
            ::_exit(1);
    }
}

}  // namespace

sim::TrialOptions Campaign::trialOptions(std::uint64_t seed) const {
    sim::TrialOptions options;
    options.seed = seed;
    options.length = std::chrono::seconds(m_options.seconds);
    options.mutants = m_options.mutants;
    options.without = m_options.without;
    options.wipes = m_options.wipes;
    return options;
}

void Campaign::runSeeds(std::uint64_t from, std::uint64_t to, std::int64_t jobs) {
    void* shared = ::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                          -1, 0);
    int ends[2] = {-1, -1};
    if (shared == MAP_FAILED || ::pipe(ends) != 0) {
        fmt::print(stderr, "{}: cannot start child processes: {}\n", kProgram, std::strerror(errno));
        ++m_violations;
        return;
    }
    auto* board = new (shared) Board;
    std::map<pid_t, std::size_t> children;
    const bool endAtFirst = m_options.mutants.any();
    std::fflush(stdout);
    const auto begin = [&](std::size_t me) {
        board->current[me] = from - 1;
        const pid_t child = ::fork();
        if (child == 0) {
            ::close(ends[0]);
            work(*this, *board, me, from, to, endAtFirst, ends[1]);
        }
        if (child > 0)
            children[child] = me;
    };
    for (std::int64_t i = 0; i < std::min(jobs, kJobsMax); ++i)
        begin(static_cast<std::size_t>(i));
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    const auto drain = [&] {
        Message message;
        while (::read(ends[0], &message, sizeof message) == static_cast<ssize_t>(sizeof message))
            add(SeedResult{message.seed, Nanoseconds(message.simulatedNs), message.acked,
                           message.violated != 0
                               ? std::optional(std::string(message.words, message.size))
                               : std::nullopt});
    };
    while (!children.empty()) {
        drain();
        int status = 0;
        const pid_t ended = ::waitpid(-1, &status, WNOHANG);
        if (ended <= 0) {
            ::usleep(2'000);
            continue;
        }
        const auto child = children.find(ended);
        if (child == children.end())
            continue;
        const auto me = child->second;
        children.erase(child);
        if (!WIFSIGNALED(status))
            continue;
        drain();
        add(SeedResult{board->current[me], Nanoseconds(0), 0,
                       fmt::format("its process died of signal {} ({})", WTERMSIG(status),
                                   strsignal(WTERMSIG(status)))});
        if (!endAtFirst)
            begin(me);
    }
    drain();
    ::close(ends[0]);
    ::close(ends[1]);
    ::munmap(shared, sizeof(Board));
    m_spent = processorSeconds(RUSAGE_CHILDREN);
}

void Campaign::add(std::uint64_t seed, const sim::TrialReport& report) {
    add(SeedResult{seed, report.simulated, report.acked,
                   report.violation ? std::optional(wordsOf(report)) : std::nullopt});
}

std::string Campaign::replayCommand(std::uint64_t seed,
                                    const std::set<std::uint32_t>& without) const {
    return fmt::format("{} --seed {}{}{}{}{}", kProgram, seed,
                       m_options.seconds == 30 ? "" : fmt::format(" --length {}", m_options.seconds),
                       m_options.mutantName ? " --mutant " + *m_options.mutantName : "",
                       m_options.wipes && !m_options.mutantName ? " --wipes" : "",
                       without.empty() ? "" : fmt::format(" --without {}", fmt::join(without, ",")));
}

void Campaign::add(SeedResult result) {
    ++m_seeds;
    m_simulated += result.simulated;
    m_acked += result.acked;
    const double seconds = std::chrono::duration<double>(result.simulated).count();
    if (!result.violation && seconds > 0)
        m_fewest = std::min(m_fewest, static_cast<double>(result.acked) / seconds);
    if (!result.violation)
        return;
    ++m_violations;
    explain(result.seed, *result.violation);
    std::fflush(stdout);
}

void Campaign::explain(std::uint64_t seed, const std::string& words) {
    fmt::print("seed {}: {}\n  replay it with: {}\n", seed, words,
               replayCommand(seed, m_options.without));
    std::fflush(stdout);
    if (!m_options.minimise || m_violations > kExplainedMax || words.starts_with("its process"))
        return;
    const auto least = sim::minimise(trialOptions(seed));
    if (!least.report.violation)
        return;
    fmt::print("  minimal history ({} of {} faults, {} runs):\n", least.faultsLeft, least.faults,
               least.runs);
    for (const auto& line : least.report.history)
        fmt::print("    {}\n", line);
    fmt::print("    {}\n", wordsOf(least.report));
    if (least.without != m_options.without)
        fmt::print("  replay just that with: {}\n", replayCommand(seed, least.without));
}

int Campaign::finish(std::chrono::steady_clock::time_point begun) const {
    const double simulated = std::chrono::duration<double>(m_simulated).count();
    const double real =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    const double spent = m_spent > 0 ? m_spent : processorSeconds(RUSAGE_SELF);
    fmt::print(
        "{} acked operations, {:.1f} per simulated second{}\n", m_acked,
        simulated > 0 ? static_cast<double>(m_acked) / simulated : 0.0,
        m_fewest < kNoRate ? fmt::format(", {:.1f} at least in each seed", m_fewest) : "");
    fmt::print("{:.1f} seconds of processor time, {:.1f} x real time per core\n", spent,
               spent > 0 ? simulated / spent : 0.0);
    fmt::print("{} seeds, {} violations, {:.3f} hours simulated, {:.1f} x real time\n", m_seeds,
               m_violations, simulated / 3600, real > 0 ? simulated / real : 0.0);
    return m_violations > 0 ? kFailed : kDone;
}

}  // namespace odradek::app
