// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/daemon.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>

#include <fmt/format.h>

#include "app/common/command_line.h"
#include "app/daemon/control_server.h"
#include "app/daemon/control_verbs.h"
#include "app/daemon/platform.h"

namespace odradek::app {
namespace {

std::string_view nameOf(LogLevel level) {
    switch (level) {
    case LogLevel::Debug:
        return "debug";
    case LogLevel::Info:
        return "info";
    case LogLevel::Warning:
        return "warning";
    case LogLevel::Error:
        return "error";
    }
    return "";
}

real::LogSink logToStderr(LogLevel least) {
    return [least](BrokerId node, const LogLine& line) {
        if (line.level < least)
            return;
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
        const std::time_t seconds = ms / 1000;
        std::tm utc{};
        ::gmtime_r(&seconds, &utc);
        // One call per line, so that lines of several threads do not mix.
        std::fputs(fmt::format("{:02}:{:02}:{:02}.{:03}Z node {} {}: {}\n", utc.tm_hour, utc.tm_min, utc.tm_sec,
                               ms % 1000, node.value, nameOf(line.level), line.text)
                       .c_str(),
                   stderr);
    };
}

std::string readyLine(const real::EmbeddedCluster& cluster) {
    return "ready " + cluster.bootstrap() + "\n";
}

/// SIGTERM and SIGINT for this thread alone; SIGPIPE for nobody.
sigset_t takeSignals() {
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGTERM);
    ::sigaddset(&set, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    return set;
}

}  // namespace

int runDaemon(const std::string& program, const std::vector<std::string>& args) {
    auto options = parseDaemonOptions(program, args);
    if (!options)
        return complainUsage(program, options.error().message);
    if (!*options)
        return kDone;
    const auto signals = takeSignals();
    real::raiseFileLimit();
    (*options)->cluster.log = logToStderr((*options)->verbose ? LogLevel::Info : LogLevel::Warning);
    // The control socket first: what is wrong with it is said before anything is started.
    std::atomic<real::EmbeddedCluster*> running{nullptr};
    std::optional<ControlServer> control;
    if ((*options)->control) {
        auto server = ControlServer::open(*(*options)->control, [&](const std::vector<std::string>& words) {
            auto* served = running.load();
            return served == nullptr ? ControlAnswer{kFailed, "the cluster is still starting; try again"}
                                     : answerVerb(*served, words);
        });
        if (!server)
            return complain(program, server.error().message, kFailed);
        control.emplace(std::move(*server));
        (*options)->cluster.powerCuts = true;
    }
    auto cluster = real::EmbeddedCluster::start((*options)->cluster);
    if (!cluster)
        return complain(program, cluster.error().message, kFailed);
    running = cluster->get();
    std::unique_ptr<Platform> platform;
    if ((*options)->workloadRate) {
        auto started = Platform::start((*cluster)->bootstrap(), (*options)->cluster.brokers, *(*options)->workloadRate,
                                       (*options)->cluster.log);
        if (!started) {
            control.reset();  // before the cluster it asks
            return complain(program, started.error().message, kFailed);
        }
        platform = std::move(*started);
    }
    std::fputs(readyLine(**cluster).c_str(), stdout);
    std::fflush(stdout);
    int number = 0;
    while (::sigwait(&signals, &number) != 0) {
    }
    platform.reset();
    // Stopped before the control socket closes: a verb that waits for a node to serve ends with it.
    const auto stopped = (*cluster)->stop();
    control.reset();
    return stopped ? kDone : complain(program, stopped.error().message, kFailed);
}

}  // namespace odradek::app
