// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/gui_options.h"

#include <charconv>

#include <fmt/format.h>

#include "app/common/command_line.h"

namespace odradek::app {
namespace {

constexpr std::int64_t kRateMax = 50'000;

/// "10s", "500ms", "2m" as milliseconds.
std::optional<std::int64_t> parseDuration(const std::string& text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || value < 0 || value > 3'600'000)
        return std::nullopt;
    const std::string unit(end, text.data() + text.size());
    if (unit == "ms")
        return value;
    if (unit == "s" || unit.empty())
        return value * 1000;
    if (unit == "m" || unit == "min")
        return value * 60'000;
    return std::nullopt;
}

std::vector<std::string> splitWords(const std::string& text) {
    std::vector<std::string> parts;
    std::size_t at = 0;
    while (at <= text.size()) {
        const auto comma = std::min(text.find(',', at), text.size());
        if (comma > at)
            parts.push_back(text.substr(at, comma - at));
        at = comma + 1;
    }
    return parts;
}

}  // namespace

std::expected<std::optional<GuiOptions>, UsageError> parseGuiOptions(
    const std::vector<std::string>& args) {
    GuiOptions options;
    std::int64_t brokers = 3, port = 9092, rate = options.rate;
    std::optional<std::string> data, pages, theme, density, size, after;
    bool noWorkload = false;
    std::vector<std::string> settings;
    CommandLine line("odradek", "A workbench for Kafka clusters, with a real one inside.");
    line.number("brokers", "N", "how many brokers the embedded cluster has (default 3)", 1, 9,
                brokers)
        .number("port", "PORT", "broker N listens on PORT+N-1 (default 9092; 0 = free ports)", 0,
                65535, port)
        .text("data", "DIR", "where its data lives (default ~/.local/share/odradek)", data)
        .flag("ephemeral", "keep data in a temporary folder, never flushed, removed at the end",
              options.cluster.ephemeral)
        .number("rate", "N", "records per second of the retail platform at the start (default 50)",
                0, kRateMax, rate)
        .flag("no-workload", "do not run the retail platform", noWorkload)
        .texts("set", "KEY=VALUE", "a Kafka broker configuration; may be repeated", settings)
        .texts("attach", "HOST:PORT,...", "also show this cluster, read-only; may be repeated",
               options.attach)
        .text("screenshot", "DIR", "write PAGE-THEME.png for each page and exit",
              options.screenshots)
        .text("pages", "all|a,b", "which pages to picture (default all)", pages)
        .text("theme", "light|dark", "which theme to picture (default both)", theme)
        .text("density", "normal|presenter", "type size of the pictures (default normal)", density)
        .text("size", "WxH", "size of the pictures (default 1280x800)", size)
        .text("after", "10s", "how long the cluster runs before the first picture (default 10s)",
              after)
        .note("Without a display it goes on as odradekd would.");
    const auto parsed = line.parse(args);
    if (!parsed)
        return std::unexpected(UsageError{parsed.error().message});
    if (*parsed == CommandLine::Outcome::Shown)
        return std::nullopt;
    if (data && options.cluster.ephemeral)
        return std::unexpected(UsageError{"--data and --ephemeral exclude each other"});
    if (theme && *theme != "light" && *theme != "dark")
        return std::unexpected(
            UsageError{fmt::format("--theme is light or dark, not '{}'", *theme)});
    options.theme = theme.value_or("both");
    if (density && *density != "normal" && *density != "presenter")
        return std::unexpected(
            UsageError{fmt::format("--density is normal or presenter, not '{}'", *density)});
    options.presenter = density == "presenter";
    if (size) {
        const auto x = size->find('x');
        const auto number = [&](std::size_t from, std::size_t to, int& out) {
            const auto* end = size->data() + to;
            return std::from_chars(size->data() + from, end, out).ptr == end && out >= 640 &&
                   out <= 8192;
        };
        if (x == std::string::npos || !number(0, x, options.width) ||
            !number(x + 1, size->size(), options.height))
            return std::unexpected(
                UsageError{fmt::format("--size is WIDTHxHEIGHT from 640 on, not '{}'", *size)});
    }
    if (after) {
        const auto ms = parseDuration(*after);
        if (!ms)
            return std::unexpected(UsageError{
                fmt::format("--after is a time such as 10s or 500ms, not '{}'", *after)});
        options.afterMs = *ms;
    }
    if (pages && *pages != "all")
        options.pages = splitWords(*pages);
    for (const auto& word : settings) {
        const auto equals = word.find('=');
        if (equals == std::string::npos || equals == 0)
            return std::unexpected(
                UsageError{fmt::format("--set takes KEY=VALUE, not '{}'", word)});
        options.cluster.settings[word.substr(0, equals)] = word.substr(equals + 1);
    }
    options.cluster.brokers = static_cast<int>(brokers);
    options.cluster.port = static_cast<std::uint16_t>(port);
    options.cluster.data = data ? std::filesystem::path(*data) : defaultDataPath();
    options.workload = !noWorkload;
    options.rate = static_cast<std::int32_t>(rate);
    return options;
}

}  // namespace odradek::app
