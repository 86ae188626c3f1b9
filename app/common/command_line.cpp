// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/common/command_line.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <numeric>

#include <fmt/format.h>

namespace odradek::app {
namespace {

/// How many single-character edits lie between two words.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const auto above = row[j];
            row[j] =
                std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0u : 1u)});
            diagonal = above;
        }
    }
    return row.back();
}

std::string oneLine(std::string_view text) {
    std::string line(text);
    std::replace(line.begin(), line.end(), '\n', ' ');
    return line;
}

}  // namespace

CommandLine::CommandLine(std::string program, std::string summary)
    : m_program(std::move(program)), m_summary(std::move(summary)) {}

CommandLine& CommandLine::flag(std::string name, std::string help, bool& target) {
    m_options.push_back(
        {std::move(name), "", std::move(help), [&target](const std::string&) -> Result<void> {
             target = true;
             return {};
         }});
    return *this;
}

CommandLine& CommandLine::text(std::string name, std::string valueName, std::string help,
                               std::string& target) {
    m_options.push_back({std::move(name), std::move(valueName), std::move(help),
                         [&target](const std::string& value) -> Result<void> {
                             target = value;
                             return {};
                         }});
    return *this;
}

CommandLine& CommandLine::text(std::string name, std::string valueName, std::string help,
                               std::optional<std::string>& target) {
    m_options.push_back({std::move(name), std::move(valueName), std::move(help),
                         [&target](const std::string& value) -> Result<void> {
                             target = value;
                             return {};
                         }});
    return *this;
}

CommandLine& CommandLine::texts(std::string name, std::string valueName, std::string help,
                                std::vector<std::string>& target) {
    m_options.push_back({std::move(name), std::move(valueName), std::move(help),
                         [&target](const std::string& value) -> Result<void> {
                             target.push_back(value);
                             return {};
                         }});
    return *this;
}

CommandLine& CommandLine::number(std::string name, std::string valueName, std::string help,
                                 std::int64_t low, std::int64_t high, std::int64_t& target) {
    m_options.push_back(
        {name, std::move(valueName), std::move(help),
         [name, low, high, &target](const std::string& value) -> Result<void> {
             std::int64_t parsed = 0;
             const auto* end = value.data() + value.size();
             const auto [stop, error] = std::from_chars(value.data(), end, parsed);
             if (error != std::errc() || stop != end || parsed < low || parsed > high)
                 return fail(ErrorCode::Invalid,
                             fmt::format("--{} takes a whole number from {} to {}, not '{}'", name,
                                         low, high, value));
             target = parsed;
             return {};
         }});
    return *this;
}

CommandLine& CommandLine::words(std::string usage, std::string help,
                                std::vector<std::string>& target) {
    m_wordsUsage = std::move(usage);
    m_wordsHelp = std::move(help);
    m_words = &target;
    return *this;
}

CommandLine& CommandLine::note(std::string text) {
    m_note = std::move(text);
    return *this;
}

const CommandLine::Option* CommandLine::find(std::string_view name) const {
    for (const auto& option : m_options) {
        if (option.name == name)
            return &option;
    }
    return nullptr;
}

std::string CommandLine::nearest(std::string_view name) const {
    std::string best;
    std::size_t bestDistance = 3;  // further away is no typing error
    for (const auto& option : m_options) {
        const auto d = distance(name, option.name);
        if (d < bestDistance) {
            bestDistance = d;
            best = option.name;
        }
    }
    return best;
}

Result<void> CommandLine::takeOption(const std::vector<std::string>& args, std::size_t& index) {
    const std::string_view word = args[index];
    const auto equals = word.find('=');
    const auto name = word.substr(2, equals == std::string_view::npos ? equals : equals - 2);
    const auto* option = word.starts_with("--") ? find(name) : nullptr;
    if (option == nullptr) {
        const auto guess = word.starts_with("--") ? nearest(name) : std::string();
        return fail(ErrorCode::Invalid,
                    fmt::format("unknown option '{}'{}", word.substr(0, equals),
                                guess.empty() ? "" : fmt::format(" (did you mean --{}?)", guess)));
    }
    if (option->valueName.empty()) {
        if (equals != std::string_view::npos)
            return fail(ErrorCode::Invalid, fmt::format("--{} takes no value", name));
        return option->take({});
    }
    if (equals != std::string_view::npos)
        return option->take(std::string(word.substr(equals + 1)));
    if (index + 1 >= args.size())
        return fail(ErrorCode::Invalid,
                    fmt::format("--{} needs a value: --{} {}", name, name, option->valueName));
    return option->take(args[++index]);
}

Result<CommandLine::Outcome> CommandLine::parse(const std::vector<std::string>& args) {
    bool optionsEnded = false;
    for (std::size_t i = 0; i < args.size(); ++i) {
        const auto& word = args[i];
        if (!optionsEnded && word == "--") {
            optionsEnded = true;
        } else if (!optionsEnded && (word == "--help" || word == "-h")) {
            std::fputs(help().c_str(), stdout);
            return Outcome::Shown;
        } else if (!optionsEnded && word == "--version") {
            std::fputs(fmt::format("{} {}\n", m_program, version()).c_str(), stdout);
            return Outcome::Shown;
        } else if (!optionsEnded && word.size() > 1 && word.front() == '-') {
            TRY_OK(takeOption(args, i));
        } else if (m_words == nullptr) {
            return fail(ErrorCode::Invalid, fmt::format("unexpected argument '{}'", word));
        } else {
            m_words->push_back(word);
        }
    }
    return Outcome::Run;
}

std::string CommandLine::help() const {
    auto text = fmt::format("Usage: {} [options]{}{}\n{}\n\n", m_program,
                            m_wordsUsage.empty() ? "" : " ", m_wordsUsage, m_summary);
    if (!m_wordsHelp.empty())
        text += m_wordsHelp + "\n\n";
    const auto line = [&](const std::string& left, const std::string& right) {
        text += fmt::format("  {:<26} {}\n", left, right);
    };
    for (const auto& option : m_options)
        line(option.valueName.empty() ? "--" + option.name
                                      : fmt::format("--{} {}", option.name, option.valueName),
             option.help);
    line("--help", "shows this");
    line("--version", "shows the version");
    if (!m_note.empty())
        text += "\n" + m_note + "\n";
    return text;
}

int complain(std::string_view program, std::string_view message, int exitCode) {
    std::fputs(fmt::format("{}: {}\n", program, oneLine(message)).c_str(), stderr);
    return exitCode;
}

int complainUsage(std::string_view program, std::string_view message) {
    return complain(program, fmt::format("{}; see {} --help", message, program), kBadUsage);
}

std::string_view version() {
    return ODRADEK_VERSION;
}

}  // namespace odradek::app
