// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/control_faults.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/common/command_line.h"

namespace odradek::app {
namespace {

using Json = nlohmann::ordered_json;
using Words = std::vector<std::string>;

constexpr const char* kNetUsage =
    "net takes: cut A B | delay A B 200ms [50ms jitter] | drop A B 5% | duplicate A B 5% | reorder "
    "A B 5%, each with "
    "one-way behind it if wished, or heal [A B]; A and B are nodes or 'clients'";
constexpr const char* kDiskUsage =
    "disk takes: slow N 100x | full N | fail N [read|write|fsync] | flip N TOPIC PARTITION | heal "
    "N";
constexpr const char* kClockUsage = "clock takes: jump N 5s | drift N 500ppm | heal N";
constexpr const char* kHealUsage = "heal takes nothing (heals all) or the id of one fault";

std::unexpected<Error> bad(std::string line) {
    return fail(ErrorCode::Invalid, std::move(line));
}

/// A decimal number and the unit behind it.
struct Quantity {
    double number = 0;
    std::string_view unit;
};
std::optional<Quantity> parseQuantity(std::string_view word) {
    Quantity quantity;
    if (word.starts_with('+'))
        word.remove_prefix(1);
    const auto [end, error] =
        std::from_chars(word.data(), word.data() + word.size(), quantity.number);
    if (error != std::errc() || !std::isfinite(quantity.number) || std::abs(quantity.number) > 1e15)
        return std::nullopt;
    quantity.unit = word.substr(static_cast<std::size_t>(end - word.data()));
    return quantity;
}

/// The number scaled by its unit; each unit is a name and what it is worth.
std::optional<std::int64_t> parseScaled(
    std::string_view word, std::initializer_list<std::pair<std::string_view, double>> units) {
    const auto quantity = parseQuantity(word);
    if (!quantity)
        return std::nullopt;
    for (const auto& [name, worth] : units)
        if (quantity->unit == name)
            return std::llround(quantity->number * worth);
    return std::nullopt;
}

std::optional<std::int64_t> parseMs(std::string_view word) {
    return parseScaled(word, {{"ms", 1},
                              {"s", 1000},
                              {"m", 60'000},
                              {"min", 60'000},
                              {"h", 3'600'000},
                              {"d", 86'400'000}});
}

std::optional<std::int32_t> parseId(const std::string& word) {
    std::int32_t id = 0;
    const auto* end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, id);
    if (error != std::errc() || stop != end || id < 0)
        return std::nullopt;
    return id;
}

std::optional<std::int32_t> parseEnd(const std::string& word) {
    return word == "clients" ? std::optional(Fault::kClients) : parseId(word);
}

Result<Fault> parseNet(Words words) {
    Fault fault;
    if (!words.empty() && words.back() == "one-way") {
        fault.oneWay = true;
        words.pop_back();
    }
    const std::array<std::pair<std::string_view, FaultKind>, 5> kinds{
        {{"cut", FaultKind::LinkCut},
         {"delay", FaultKind::LinkDelay},
         {"drop", FaultKind::LinkDrop},
         {"duplicate", FaultKind::LinkDuplicate},
         {"reorder", FaultKind::LinkReorder}}};
    const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const auto& each) {
        return !words.empty() && words[0] == each.first;
    });
    if (kind == kinds.end() || words.size() < 3)
        return bad(kNetUsage);
    fault.kind = kind->second;
    const auto from = parseEnd(words[1]);
    const auto to = parseEnd(words[2]);
    if (!from || !to)
        return bad(fmt::format("'{}' is no node; {}", from ? words[2] : words[1], kNetUsage));
    fault.broker = *from;
    fault.peer = *to;
    if (fault.kind == FaultKind::LinkCut)
        return words.size() == 3 ? Result<Fault>(fault) : bad(kNetUsage);
    if (words.size() < 4)
        return bad(kNetUsage);
    if (fault.kind == FaultKind::LinkDelay) {
        const auto delay = parseMs(words[3]);
        const auto jitter = words.size() > 4 ? parseMs(words[4]) : std::optional<std::int64_t>(0);
        if (!delay || !jitter || words.size() > 5)
            return bad("a delay is written 200ms or 1.5s, with a jitter as 200ms 50ms");
        fault.amount = *delay;
        fault.jitterMs = *jitter;
        return fault;
    }
    const auto share = parseScaled(words[3], {{"%", 100}});
    if (!share || words.size() > 4)
        return bad(fmt::format("'{}' is no share of frames; write it as 5% or 0.5%", words[3]));
    fault.amount = *share;
    return fault;
}

Result<Fault> parseDisk(const Words& words) {
    Fault fault;
    const auto node = words.size() >= 2 ? parseId(words[1]) : std::nullopt;
    if (!node)
        return bad(kDiskUsage);
    fault.broker = *node;
    if (words[0] == "slow" && words.size() == 3) {
        const auto factor = parseScaled(words[2], {{"x", 1}});
        if (!factor)
            return bad(fmt::format("'{}' is no factor; write it as 100x", words[2]));
        fault.kind = FaultKind::DiskSlow;
        fault.amount = *factor;
        return fault;
    }
    if (words[0] == "full" && words.size() == 2) {
        fault.kind = FaultKind::DiskFull;
        return fault;
    }
    if (words[0] == "fail" && words.size() == 3) {
        if (words[2] == "read")
            fault.kind = FaultKind::DiskReadError;
        else if (words[2] == "write")
            fault.kind = FaultKind::DiskWriteError;
        else if (words[2] == "fsync")
            fault.kind = FaultKind::DiskFlushError;
        else
            return bad(kDiskUsage);
        return fault;
    }
    return bad(kDiskUsage);
}

Result<Fault> parseClock(const Words& words) {
    Fault fault;
    const auto node = words.size() == 3 ? parseId(words[1]) : std::nullopt;
    if (!node)
        return bad(kClockUsage);
    fault.broker = *node;
    if (words[0] == "jump") {
        const auto by = parseMs(words[2]);
        if (!by || *by == 0)
            return bad(
                fmt::format("'{}' is no time to jump by; write it as 5s or -300ms", words[2]));
        fault.kind = FaultKind::ClockJump;
        fault.amount = *by;
        return fault;
    }
    if (words[0] == "drift") {
        const auto ppm = parseScaled(words[2], {{"ppm", 1}});
        if (!ppm)
            return bad(fmt::format("'{}' is no drift; write it as 500ppm or -500ppm", words[2]));
        fault.kind = FaultKind::ClockDrift;
        fault.amount = *ppm;
        return fault;
    }
    return bad(kClockUsage);
}

ControlAnswer refused(const Error& error) {
    const bool usage = error.code == ErrorCode::Invalid || error.code == ErrorCode::NotFound;
    return {usage ? kBadUsage : kFailed, error.message};
}

std::string_view nameOf(FaultPlace place) {
    switch (place) {
        case FaultPlace::Node:
            return "node";
        case FaultPlace::Link:
            return "link";
        case FaultPlace::Disk:
            return "disk";
        case FaultPlace::Clock:
            return "clock";
    }
    return "";
}

Json endJson(std::int32_t end) {
    return end == Fault::kClients ? Json("clients") : Json(end);
}

Json toJson(const Fault& fault) {
    Json json{{"id", fault.id},
              {"kind", odradek::nameOf(fault.kind)},
              {"place", nameOf(placeOf(fault.kind))},
              {"broker", endJson(fault.broker)}};
    if (placeOf(fault.kind) == FaultPlace::Link) {
        json["peer"] = endJson(fault.peer);
        json["oneWay"] = fault.oneWay;
    }
    switch (fault.kind) {
        case FaultKind::LinkDelay:
            json["ms"] = fault.amount;
            json["jitterMs"] = fault.jitterMs;
            break;
        case FaultKind::LinkDrop:
        case FaultKind::LinkDuplicate:
        case FaultKind::LinkReorder:
            json["percent"] = static_cast<double>(fault.amount) / 100;
            break;
        case FaultKind::DiskSlow:
            json["factor"] = fault.amount;
            break;
        case FaultKind::ClockJump:
            json["ms"] = fault.amount;
            break;
        case FaultKind::ClockDrift:
            json["ppm"] = fault.amount;
            break;
        default:
            break;
    }
    json["sinceMs"] = fault.sinceMs;
    json["text"] = describe(fault);
    return json;
}

/// Ends the faults of which `ends` is true, one by one.
ControlAnswer healSome(real::EmbeddedCluster& cluster, const char* done,
                       const std::function<bool(const Fault&)>& ends) {
    Json healed = Json::array();
    for (const auto& fault : cluster.faults()) {
        if (!ends(fault))
            continue;
        if (auto ended = cluster.heal(fault.id);
            !ended && ended.error().code != ErrorCode::NotFound)
            return refused(ended.error());
        healed.push_back(fault.id);
    }
    return {kDone, Json{{"done", done}, {"healed", healed}}.dump()};
}

ControlAnswer heal(real::EmbeddedCluster& cluster, const Words& words) {
    if (words.size() > 2)
        return {kBadUsage, kHealUsage};
    if (words.size() == 2) {
        const auto id = parseId(words[1]);
        if (!id)
            return {kBadUsage, kHealUsage};
        if (auto done = cluster.heal(static_cast<std::uint64_t>(*id)); !done)
            return refused(done.error());
        return {kDone, Json{{"done", "heal"}, {"healed", Json::array({*id})}}.dump()};
    }
    Json healed = Json::array();
    for (const auto& fault : cluster.faults())
        healed.push_back(fault.id);
    if (auto done = cluster.healAll(); !done)
        return refused(done.error());
    return {kDone, Json{{"done", "heal"}, {"healed", healed}}.dump()};
}

ControlAnswer healNet(real::EmbeddedCluster& cluster, const Words& words) {
    std::optional<std::int32_t> a, b;
    if (words.size() == 4) {
        a = parseEnd(words[2]);
        b = parseEnd(words[3]);
    }
    if (words.size() != 2 && (!a || !b))
        return {kBadUsage, kNetUsage};
    return healSome(cluster, "net heal", [&](const Fault& fault) {
        const bool these = !a || (fault.broker == *a && fault.peer == *b) ||
                           (fault.broker == *b && fault.peer == *a);
        return placeOf(fault.kind) == FaultPlace::Link && these;
    });
}

ControlAnswer healPlace(real::EmbeddedCluster& cluster, const Words& words, FaultPlace place,
                        const char* usage) {
    const auto node = words.size() == 3 ? parseId(words[2]) : std::nullopt;
    if (!node)
        return {kBadUsage, usage};
    return healSome(
        cluster, place == FaultPlace::Disk ? "disk heal" : "clock heal",
        [&](const Fault& fault) { return placeOf(fault.kind) == place && fault.broker == *node; });
}

ControlAnswer flip(real::EmbeddedCluster& cluster, const Words& words) {
    const auto node = words.size() == 5 ? parseId(words[2]) : std::nullopt;
    const auto partition = words.size() == 5 ? parseId(words[4]) : std::nullopt;
    if (!node || !partition)
        return {kBadUsage, kDiskUsage};
    const auto bit = cluster.flipBit(BrokerId(*node), {words[3], *partition});
    if (!bit)
        return bit.error().code == ErrorCode::NotFound &&
                       bit.error().message.starts_with("there is no node")
                   ? refused(bit.error())
                   : ControlAnswer{kFailed, bit.error().message};
    return {kDone, Json{{"done", "disk flip"},
                        {"file", bit->file.string()},
                        {"byte", bit->position},
                        {"bit", bit->bit}}
                       .dump()};
}

ControlAnswer set(real::EmbeddedCluster& cluster, const std::string& verb, const Fault& fault) {
    const auto id = cluster.setFault(fault);
    if (!id)
        return refused(id.error());
    return {kDone, Json{{"done", verb}, {"fault", *id}, {"text", describe(fault)}}.dump()};
}

}  // namespace

Result<Fault> parseFault(const Words& words) {
    const Words rest(words.begin() + std::min<std::ptrdiff_t>(1, std::ssize(words)), words.end());
    if (!words.empty() && words[0] == "net")
        return parseNet(rest);
    if (!words.empty() && words[0] == "disk")
        return parseDisk(rest);
    return parseClock(rest.empty() ? Words{""} : rest);
}

bool isFaultVerb(const std::string& verb) {
    return verb == "net" || verb == "disk" || verb == "clock" || verb == "heal" || verb == "faults";
}

std::string faultsAsJson(const std::vector<Fault>& faults) {
    Json json = Json::array();
    for (const auto& fault : faults)
        json.push_back(toJson(fault));
    return json.dump();
}

ControlAnswer answerFaultVerb(real::EmbeddedCluster& cluster, const Words& words) {
    const auto& verb = words.front();
    const std::string what = words.size() > 1 ? words[1] : "";
    if (verb == "faults")
        return words.size() == 1 ? ControlAnswer{kDone, faultsAsJson(cluster.faults())}
                                 : ControlAnswer{kBadUsage, "faults takes no arguments"};
    if (verb == "heal")
        return heal(cluster, words);
    if (verb == "net" && what == "heal")
        return healNet(cluster, words);
    if (verb == "disk" && what == "heal")
        return healPlace(cluster, words, FaultPlace::Disk, kDiskUsage);
    if (verb == "clock" && what == "heal")
        return healPlace(cluster, words, FaultPlace::Clock, kClockUsage);
    if (verb == "disk" && what == "flip")
        return flip(cluster, words);
    if (verb == "disk" && what == "fail" && words.size() == 3) {
        // Without a word for what fails: all of it.
        ControlAnswer last;
        for (const auto* each : {"read", "write", "fsync"}) {
            auto one = words;
            one.push_back(each);
            const auto fault = parseFault(one);
            if (!fault)
                return refused(fault.error());
            last = set(cluster, "disk fail", *fault);
            if (last.exitCode != kDone)
                return last;
        }
        return {kDone,
                Json{{"done", "disk fail"}, {"faults", Json::parse(faultsAsJson(cluster.faults()))}}
                    .dump()};
    }
    const auto fault = parseFault(words);
    if (!fault)
        return refused(fault.error());
    return set(cluster, verb + " " + what, *fault);
}

}  // namespace odradek::app
