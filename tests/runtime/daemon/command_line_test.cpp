// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/common/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/daemon/daemon.h"

namespace odradek::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Parsed {
    bool flag = false;
    std::string name = "default";
    std::optional<std::string> maybe;
    std::vector<std::string> many;
    std::int64_t number = 7;
    std::vector<std::string> words;
    Result<CommandLine::Outcome> outcome = CommandLine::Outcome::Run;
};

Parsed parse(const std::vector<std::string>& args) {
    Parsed parsed;
    CommandLine line("prog", "Does things.");
    line.flag("flag", "a flag", parsed.flag)
        .text("name", "NAME", "a name", parsed.name)
        .text("maybe", "X", "perhaps", parsed.maybe)
        .texts("many", "X", "several", parsed.many)
        .number("number", "N", "a number", 0, 100, parsed.number)
        .words("WORDS", "words", parsed.words);
    parsed.outcome = line.parse(args);
    return parsed;
}

TEST(CommandLine, ReadsAllForms) {
    const auto parsed = parse({"--flag", "--name", "a b", "--maybe=x=y", "--many", "1", "--many=2",
                               "--number=100", "word", "-", "--", "--flag"});
    ASSERT_TRUE(parsed.outcome);
    EXPECT_TRUE(parsed.flag);
    EXPECT_EQ(parsed.name, "a b");
    EXPECT_EQ(parsed.maybe, "x=y");
    EXPECT_THAT(parsed.many, ElementsAre("1", "2"));
    EXPECT_EQ(parsed.number, 100);
    EXPECT_THAT(parsed.words, ElementsAre("word", "-", "--flag"));
}

TEST(CommandLine, DefaultsStay) {
    const auto parsed = parse({});
    ASSERT_TRUE(parsed.outcome);
    EXPECT_FALSE(parsed.flag);
    EXPECT_EQ(parsed.name, "default");
    EXPECT_FALSE(parsed.maybe);
    EXPECT_EQ(parsed.number, 7);
}

TEST(CommandLine, SaysWhatIsWrong) {
    const auto error = [](const std::vector<std::string>& args) {
        const auto parsed = parse(args);
        return parsed.outcome ? std::string("accepted") : parsed.outcome.error().message;
    };
    EXPECT_EQ(error({"--nmae", "x"}), "unknown option '--nmae' (did you mean --name?)");
    EXPECT_EQ(error({"--unrelated=x"}), "unknown option '--unrelated'");
    EXPECT_EQ(error({"-x"}), "unknown option '-x'");
    EXPECT_EQ(error({"--name"}), "--name needs a value: --name NAME");
    EXPECT_EQ(error({"--flag=1"}), "--flag takes no value");
    for (const auto* bad : {"", "x", "1x", "-1", "101", "99999999999999999999"})
        EXPECT_THAT(error({"--number", bad}), HasSubstr("whole number from 0 to 100")) << bad;
}

TEST(CommandLine, HelpNamesEverything) {
    std::vector<std::string> none;
    bool flag = false;
    const auto help = CommandLine("prog", "Does things.")
                          .flag("loud", "makes noise", flag)
                          .note("The end.")
                          .help();
    for (const auto* part : {"Usage: prog", "Does things.", "--loud", "makes noise", "--help",
                             "--version", "The end."})
        EXPECT_THAT(help, HasSubstr(part));
}

TEST(DaemonOptions, FollowTheCommandLine) {
    const auto options =
        parseDaemonOptions("odradekd", {"--brokers", "2", "--port=0", "--data", "/d", "--set",
                                        "a.b=c=d", "--set", "e=", "--control", "/s"});
    ASSERT_TRUE(options && *options);
    EXPECT_EQ((*options)->cluster.brokers, 2);
    EXPECT_EQ((*options)->cluster.port, 0);
    EXPECT_EQ((*options)->cluster.data, "/d");
    EXPECT_EQ((*options)->control, "/s");
    EXPECT_EQ((*options)->cluster.settings,
              (std::map<std::string, std::string>{{"a.b", "c=d"}, {"e", ""}}));
    const auto peer =
        parseDaemonOptions("odradekd", {"--node", "2", "--peers", "1@127.0.0.1:1:11,2@[::1]:2:12"});
    ASSERT_TRUE(peer && *peer);
    EXPECT_EQ((*peer)->cluster.peer, BrokerId(2));
    ASSERT_EQ((*peer)->cluster.peers.size(), 2u);
    EXPECT_EQ((*peer)->cluster.peers[1].address, (real::Address{"::1", 2}));
    EXPECT_EQ((*peer)->cluster.peers[1].controllerPort, 12);
    const auto usual = parseDaemonOptions("odradekd", {});
    ASSERT_TRUE(usual && *usual);
    EXPECT_EQ((*usual)->cluster.brokers, 3);
    EXPECT_EQ((*usual)->cluster.port, 9092);
}

TEST(DaemonOptions, RefuseWhatCannotBe) {
    const auto error = [](const std::vector<std::string>& args) {
        const auto options = parseDaemonOptions("odradekd", args);
        return options ? std::string("accepted") : options.error().message;
    };
    EXPECT_THAT(error({"--workload", "bank"}), HasSubstr("retail[:RATE]"));
    EXPECT_THAT(error({"--workload", "retail:60000"}), HasSubstr("0 to 50000"));
    EXPECT_THAT(error({"--workload", "retail:fast"}), HasSubstr("0 to 50000"));
    EXPECT_THAT(error({"--node", "1"}), HasSubstr("go together"));
    EXPECT_THAT(error({"--peers", "1@127.0.0.1:1:2"}), HasSubstr("go together"));
    EXPECT_THAT(error({"--node", "3", "--peers", "1@127.0.0.1:1:2"}),
                HasSubstr("does not name node 3"));
    for (const auto* bad :
         {"", "x", "1@h", "1@h:1", "@h:1:2", "1@h:1:x", "1@h:0:2", "0@h:1:2", "1:2@h"})
        EXPECT_THAT(error({"--node", "1", "--peers", bad}), HasSubstr("--peers")) << bad;
    EXPECT_THAT(error({"--data", "/d", "--ephemeral"}), HasSubstr("exclude"));
    EXPECT_THAT(error({"--port", "65535"}), HasSubstr("no room"));
    EXPECT_THAT(error({"--set", "novalue"}), HasSubstr("KEY=VALUE"));
    EXPECT_THAT(error({"--brokers", "0"}), HasSubstr("whole number"));
    EXPECT_THAT(error({"stray"}), HasSubstr("unexpected argument 'stray'"));
}

}  // namespace
}  // namespace odradek::app
