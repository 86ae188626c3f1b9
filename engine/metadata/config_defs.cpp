// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/metadata/config_defs.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

#include "engine/metadata/config_tables.h"

namespace odradek::metadata {
namespace {

/// What Java's String.trim cuts off.
std::string_view trim(std::string_view text) {
    while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ')
        text.remove_prefix(1);
    while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ')
        text.remove_suffix(1);
    return text;
}

std::unexpected<Error> invalid(const ConfigDef& def, std::string_view value, std::string_view why) {
    return fail(ErrorCode::Invalid,
                fmt::format("Invalid value {} for configuration {}: {}", value, def.name, why));
}

bool equalsIgnoringCase(std::string_view a, std::string_view lower) {
    return std::equal(a.begin(), a.end(), lower.begin(), lower.end(), [](char x, char y) {
        return (x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x) == y;
    });
}

std::optional<std::int64_t> parseInteger(std::string_view text) {
    if (text.size() > 1 && text.front() == '+' && text[1] != '-')
        text.remove_prefix(1);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::optional<double> parseDouble(std::string_view text) {
    if (text == "NaN")
        return std::nan("");
    if (text.size() > 1 && text.front() == '+' && text[1] != '-')
        text.remove_prefix(1);
    // Java takes a type suffix.
    if (!text.empty() && std::string_view("dDfF").find(text.back()) != std::string_view::npos)
        text.remove_suffix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// As Java's Double.toString: plain between 1e-3 and 1e7, otherwise d.dEn.
std::string printDouble(double value) {
    if (std::isnan(value))
        return "NaN";
    if (std::isinf(value))
        return value > 0 ? "Infinity" : "-Infinity";
    const double size = std::fabs(value);
    std::array<char, 64> buffer{};
    const auto print = [&](std::chars_format format) {
        const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format).ptr;
        return std::string(buffer.data(), end);
    };
    if (size == 0 || (size >= 1e-3 && size < 1e7)) {
        auto text = print(std::chars_format::fixed);
        return text.find('.') == std::string::npos ? text + ".0" : text;
    }
    const auto text = print(std::chars_format::scientific);
    const auto e = text.find('e');
    auto mantissa = text.substr(0, e);
    if (mantissa.find('.') == std::string::npos)
        mantissa += ".0";
    int exponent = 0;
    const char* digits = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
    std::from_chars(digits, text.data() + text.size(), exponent);
    return fmt::format("{}E{}", mantissa, exponent);
}

Result<void> checkRange(const ConfigDef& def, double number, std::string_view value) {
    if (def.rule == ConfigRule::Range && number < def.min)
        return invalid(def, value, fmt::format("Value must be at least {}", static_cast<std::int64_t>(def.min)));
    if (def.rule == ConfigRule::Range && number > def.max)
        return invalid(def, value, fmt::format("Value must be no more than {}", static_cast<std::int64_t>(def.max)));
    if (def.rule == ConfigRule::RangeOrMinusOne && number != -1 && (number < def.min || number > def.max))
        return invalid(def, value, fmt::format("Value must be between {} and {} or equal to -1",
                                               static_cast<std::int64_t>(def.min),
                                               static_cast<std::int64_t>(def.max)));
    return {};
}

Result<std::string> normalizeInteger(const ConfigDef& def, std::string_view text) {
    const bool isShort = def.type == ConfigType::Short;
    const bool isInt = def.type == ConfigType::Int;
    const auto number = parseInteger(text);
    if (!number || (isInt && (*number < INT32_MIN || *number > INT32_MAX)) ||
        (isShort && (*number < INT16_MIN || *number > INT16_MAX)))
        return invalid(def, text, fmt::format("Not a number of type {}", isShort ? "SHORT" : isInt ? "INT" : "LONG"));
    TRY_OK(checkRange(def, static_cast<double>(*number), text));
    return fmt::format("{}", *number);
}

Result<void> checkChoice(const ConfigDef& def, std::string_view item) {
    if (std::find(def.choices.begin(), def.choices.end(), item) != def.choices.end())
        return {};
    return invalid(def, item, fmt::format("String must be one of: {}", fmt::join(def.choices, ", ")));
}

bool isReplicaPair(std::string_view item) {
    const auto colon = item.find(':');
    const auto isNumber = [](std::string_view text) {
        return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    return colon != std::string_view::npos && isNumber(item.substr(0, colon)) && isNumber(item.substr(colon + 1));
}

Result<std::string> normalizeList(const ConfigDef& def, std::string_view text) {
    auto items = splitConfigList(text);
    if (def.rule == ConfigRule::NonEmptyList && items.empty())
        return invalid(def, "[]", "List must not be empty");
    if (def.rule == ConfigRule::ThrottledReplicas) {
        const bool everything = items.size() == 1 && items.front() == "*";
        if (!everything && !std::all_of(items.begin(), items.end(), isReplicaPair))
            return invalid(def, fmt::format("[{}]", fmt::join(items, ", ")),
                           fmt::format("{} must be the literal '*' or a list of replicas in the following format: "
                                       "[partitionId]:[brokerId],[partitionId]:[brokerId],...",
                                       def.name));
    } else {
        // Kafka drops repeated items, keeping the first.
        std::vector<std::string> unique;
        for (auto& item : items) {
            if (item.empty())
                return fail(ErrorCode::Invalid,
                            fmt::format("Configuration '{}' values must not be empty.", def.name));
            if (std::find(unique.begin(), unique.end(), item) == unique.end())
                unique.push_back(std::move(item));
        }
        items = std::move(unique);
        if (def.rule == ConfigRule::ListOf)
            for (const auto& item : items)
                TRY_OK(checkChoice(def, item));
    }
    return fmt::format("{}", fmt::join(items, ","));
}

const ConfigDef* findIn(std::span<const ConfigDef> table, std::string_view name) {
    const auto found = std::lower_bound(table.begin(), table.end(), name,
                                        [](const ConfigDef& def, std::string_view n) { return def.name < n; });
    return found == table.end() || found->name != name ? nullptr : &*found;
}

}  // namespace

std::span<const ConfigDef> topicConfigDefs() {
    return topicConfigTable();
}

std::span<const ConfigDef> brokerConfigDefs() {
    return brokerConfigTable();
}

const ConfigDef* topicConfigDef(std::string_view name) {
    return findIn(topicConfigTable(), name);
}

const ConfigDef* brokerConfigDef(std::string_view name) {
    return findIn(brokerConfigTable(), name);
}

std::vector<std::string> splitConfigList(std::string_view value) {
    std::vector<std::string> items;
    auto rest = trim(value);
    if (rest.empty())
        return items;
    for (;;) {
        const auto comma = rest.find(',');
        items.emplace_back(trim(rest.substr(0, comma)));
        if (comma == std::string_view::npos)
            return items;
        rest.remove_prefix(comma + 1);
    }
}

Result<std::string> normalizeConfigValue(const ConfigDef& def, std::string_view value) {
    const auto text = trim(value);
    switch (def.type) {
    case ConfigType::Boolean:
        if (equalsIgnoringCase(text, "true"))
            return std::string("true");
        if (equalsIgnoringCase(text, "false"))
            return std::string("false");
        return invalid(def, value, "Expected value to be either true or false");
    case ConfigType::Int:
    case ConfigType::Short:
    case ConfigType::Long:
        return normalizeInteger(def, text);
    case ConfigType::Double: {
        const auto number = parseDouble(text);
        if (!number)
            return invalid(def, value, "Not a number of type DOUBLE");
        TRY_OK(checkRange(def, *number, text));
        return printDouble(*number);
    }
    case ConfigType::List:
        return normalizeList(def, text);
    case ConfigType::String:
        if (def.rule == ConfigRule::OneOf)
            TRY_OK(checkChoice(def, text));
        return std::string(text);
    case ConfigType::Unknown:
    case ConfigType::Class:
    case ConfigType::Password:
        break;
    }
    return std::string(value);
}

}  // namespace odradek::metadata
