// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace odradek::app {

/// Exit codes of all our programs.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kBadUsage = 2;

/// The command line of one program or subcommand: declares what it takes, reads argv into variables, and writes the
/// help text from the same declarations. Options are `--name`, `--name VALUE` or `--name=VALUE`; `--` ends them.
/// `--help` and `--version` are always there.
/// Use: declare, then `parse` once. The variables must outlive the parse. Thread: one.
class CommandLine {
public:
    /// `program` as people type it ("odradekd ctl"), `summary`: one sentence.
    CommandLine(std::string program, std::string summary);

    CommandLine& flag(std::string name, std::string help, bool& target);
    CommandLine& text(std::string name, std::string valueName, std::string help, std::string& target);
    CommandLine& text(std::string name, std::string valueName, std::string help, std::optional<std::string>& target);
    /// May be given several times.
    CommandLine& texts(std::string name, std::string valueName, std::string help, std::vector<std::string>& target);
    /// A whole number within [low, high].
    CommandLine& number(std::string name, std::string valueName, std::string help, std::int64_t low,
                        std::int64_t high, std::int64_t& target);
    /// Takes the words that are no options; without it they are an error. `usage` describes them ("SOCKET VERB...").
    CommandLine& words(std::string usage, std::string help, std::vector<std::string>& target);
    /// A paragraph at the end of the help.
    CommandLine& note(std::string text);

    enum class Outcome { Run, Shown };
    /// Shown: help or version was printed to stdout and there is nothing else to do. Invalid with one line that says
    /// what is wrong otherwise. `args` without the program's name.
    Result<Outcome> parse(const std::vector<std::string>& args);

    std::string help() const;

private:
    struct Option {
        std::string name;
        std::string valueName;  ///< empty: a flag
        std::string help;
        std::function<Result<void>(const std::string& value)> take;
    };
    const Option* find(std::string_view name) const;
    std::string nearest(std::string_view name) const;
    Result<void> takeOption(const std::vector<std::string>& args, std::size_t& index);

    std::string m_program;
    std::string m_summary;
    std::vector<Option> m_options;
    std::string m_wordsUsage;
    std::string m_wordsHelp;
    std::vector<std::string>* m_words = nullptr;
    std::string m_note;
};

/// Prints "program: message" as one line on stderr and returns `exitCode`.
int complain(std::string_view program, std::string_view message, int exitCode);
/// As complain, for bad usage: names the way to the help, and returns 2.
int complainUsage(std::string_view program, std::string_view message);

/// The version of the whole project.
std::string_view version();

}  // namespace odradek::app
