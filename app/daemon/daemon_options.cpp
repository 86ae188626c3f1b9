// SPDX-License-Identifier: GPL-3.0-or-later
#include <charconv>
#include <cstdlib>
#include <sstream>

#include <fmt/format.h>

#include "app/common/command_line.h"
#include "app/daemon/daemon.h"

namespace odradek::app {
namespace {

constexpr std::int64_t kBrokersMax = 9;
constexpr std::int32_t kWorkloadRate = 50;
constexpr std::int32_t kWorkloadRateMax = 50'000;

constexpr const char* kNote =
    "Prints `ready HOST:PORT,HOST:PORT,...` on stdout once all brokers serve. SIGTERM or SIGINT "
    "stops cleanly.\n"
    "Talk to it with: odradekd ctl SOCKET VERB...   (SOCKET as given to --control; odradekd ctl "
    "--help names them)";

/// "KEY=VALUE" into the map; both sides are trimmed of nothing, as Kafka's --override does.
Result<void> addSetting(const std::string& word, std::map<std::string, std::string>& settings) {
    const auto equals = word.find('=');
    if (equals == std::string::npos || equals == 0)
        return fail(ErrorCode::Invalid, fmt::format("--set takes KEY=VALUE, not '{}'", word));
    settings[word.substr(0, equals)] = word.substr(equals + 1);
    return {};
}

/// "retail" or "retail:RATE" as records per second.
Result<std::int32_t> parseWorkload(const std::string& word) {
    const auto colon = word.find(':');
    if (word.substr(0, colon) != "retail")
        return fail(ErrorCode::Invalid,
                    fmt::format("--workload knows retail[:RATE], not '{}'", word));
    std::int32_t rate = kWorkloadRate;
    if (colon != std::string::npos) {
        const auto* end = word.data() + word.size();
        const auto parsed = std::from_chars(word.data() + colon + 1, end, rate);
        if (parsed.ec != std::errc() || parsed.ptr != end || rate < 0 || rate > kWorkloadRateMax)
            return fail(ErrorCode::Invalid,
                        fmt::format("the rate of --workload goes from 0 to {}", kWorkloadRateMax));
    }
    return rate;
}

/// "N@HOST:PORT:CTRLPORT"; HOST is a numeric address, in brackets when it is IPv6.
Result<real::PeerNode> parsePeer(const std::string& word) {
    const auto bad = [&] {
        return fail(ErrorCode::Invalid,
                    fmt::format("--peers takes N@HOST:PORT:CTRLPORT,..., not '{}'", word));
    };
    const auto at = word.find('@');
    const auto colon = word.rfind(':');
    real::PeerNode peer;
    const auto read = [](std::string_view text, auto& into) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
        return error == std::errc() && end == text.data() + text.size() && into > 0;
    };
    if (at == std::string::npos || colon == std::string::npos || colon < at ||
        !read(std::string_view(word).substr(0, at), peer.id.value) ||
        !read(std::string_view(word).substr(colon + 1), peer.controllerPort))
        return bad();
    const auto address =
        real::Address::parse(std::string_view(word).substr(at + 1, colon - at - 1));
    if (!address || address->port == 0)
        return bad();
    peer.address = *address;
    return peer;
}

Result<void> takePeers(std::int64_t node, const std::optional<std::string>& peers,
                       real::ClusterOptions& options) {
    if (node == 0 || !peers)
        return fail(ErrorCode::Invalid, "--node and --peers go together");
    std::istringstream words(*peers);
    for (std::string word; std::getline(words, word, ',');)
        options.peers.push_back(TRY(parsePeer(word)));
    options.peer = BrokerId(static_cast<std::int32_t>(node));
    for (const auto& peer : options.peers) {
        if (peer.id == options.peer)
            return {};
    }
    return fail(ErrorCode::Invalid, fmt::format("--peers does not name node {}", node));
}

}  // namespace

std::filesystem::path defaultDataPath() {
    if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data == '/')
        return std::filesystem::path(data) / "odradek";
    if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
        return std::filesystem::path(home) / ".local/share/odradek";
    return "odradek-data";
}

std::expected<std::optional<DaemonOptions>, UsageError> parseDaemonOptions(
    const std::string& program, const std::vector<std::string>& args) {
    DaemonOptions options;
    std::int64_t brokers = 3;
    std::int64_t port = 9092;
    std::optional<std::string> data, workload, peers;
    std::int64_t node = 0;
    std::vector<std::string> settings;
    CommandLine line(program, "Runs a cluster of real brokers that any Kafka client can use.");
    line.number("brokers", "N", "how many brokers (default 3)", 1, kBrokersMax, brokers)
        .number("port", "PORT", "broker N listens on PORT+N-1 (default 9092; 0 = free ports)", 0,
                65535, port)
        .text("data", "DIR", "where the data lives (default ~/.local/share/odradek)", data)
        .flag("ephemeral", "keep data in a temporary folder, never flushed, removed at the end",
              options.cluster.ephemeral)
        .text("workload", "retail[:RATE]",
              "run the retail platform at RATE records a second (default 50)", workload)
        .texts("set", "KEY=VALUE", "a Kafka broker configuration; may be repeated", settings)
        .text("control", "PATH", "listen for `odradekd ctl` on this Unix socket", options.control)
        .number("node", "N", "run only node N of --peers; the lowest one hosts the controller", 1,
                INT32_MAX, node)
        .text("peers", "N@HOST:PORT:CTRLPORT,...",
              "the nodes of a cluster of one process each, over TCP", peers)
        .flag("verbose", "log what happens, not only what goes wrong, on stderr", options.verbose)
        .note(kNote);
    const auto parsed = line.parse(args);
    if (!parsed)
        return std::unexpected(UsageError{parsed.error().message});
    if (*parsed == CommandLine::Outcome::Shown)
        return std::nullopt;
    if (workload) {
        const auto rate = parseWorkload(*workload);
        if (!rate)
            return std::unexpected(UsageError{rate.error().message});
        options.workloadRate = *rate;
    }
    if (node != 0 || peers) {
        if (auto taken = takePeers(node, peers, options.cluster); !taken)
            return std::unexpected(UsageError{taken.error().message});
    }
    if (data && options.cluster.ephemeral)
        return std::unexpected(UsageError{"--data and --ephemeral exclude each other"});
    if (port != 0 && port + brokers - 1 > 65535)
        return std::unexpected(
            UsageError{fmt::format("--port {} leaves no room for {} brokers", port, brokers)});
    for (const auto& word : settings) {
        if (auto added = addSetting(word, options.cluster.settings); !added)
            return std::unexpected(UsageError{added.error().message});
    }
    options.cluster.brokers = static_cast<int>(brokers);
    options.cluster.port = static_cast<std::uint16_t>(port);
    options.cluster.data = data ? std::filesystem::path(*data) : defaultDataPath();
    return options;
}

}  // namespace odradek::app
