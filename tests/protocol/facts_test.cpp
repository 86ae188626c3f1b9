// SPDX-License-Identifier: GPL-3.0-or-later
// Every message, field by field, against Kafka's own definitions (tests/differential/facts).
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/protocol/codec/describe.h"
#include "engine/protocol/codec/message.h"
#include "engine/protocol/kafka_error.h"

namespace odradek::protocol {
namespace {

using Json = nlohmann::json;

Json load(const std::string& name) {
    std::ifstream in(std::string(ODRADEK_SOURCE_DIR) + "/tests/differential/facts/" + name);
    return Json::parse(in);
}
const Json& facts() {
    static const Json kFacts = load("protocol-facts.json");
    return kFacts;
}

struct Range {
    int from = kMaxVersion;
    int to = kNoVersion;
    bool operator==(const Range&) const = default;
};

/// "3+", "0-4", "2", "none", "0-6 (latest unstable)" (its newest version is not served).
Range range(const std::string& text) {
    if (text.empty() || text == "none")
        return {};
    const int from = std::stoi(text);
    if (text.find('+') != std::string::npos)
        return {from, kMaxVersion};
    const auto dash = text.find('-');
    int to = dash == std::string::npos ? from : std::stoi(text.substr(dash + 1));
    if (text.find("unstable") != std::string::npos)
        --to;
    return {from, to};
}
Range range(const Json& field, const char* key) {
    return field.contains(key) && field[key].is_string() ? range(field[key].get<std::string>())
                                                         : Range{};
}

bool isStruct(const std::string& type) {
    const auto base = type.starts_with("[]") ? type.substr(2) : type;
    return std::isupper(static_cast<unsigned char>(base[0])) != 0;
}

std::string typeWord(const std::string& type) {
    if (!isStruct(type))
        return type;
    return type.starts_with("[]") ? "[]struct" : "struct";
}

/// The fields of a struct type, written in place or under commonStructs.
const Json& structFields(const Json& message, const Json& field) {
    if (field.contains("fields"))
        return field["fields"];
    auto name = field["type"].get<std::string>();
    if (name.starts_with("[]"))
        name = name.substr(2);
    for (const auto& common : message["commonStructs"])
        if (common["name"] == name)
            return common["fields"];
    throw std::runtime_error("no struct " + name);
}

/// The default of a field as JSON, by Kafka's rules for absent ones.
Json expectedDefault(const Json& field) {
    const auto type = field["type"].get<std::string>();
    const bool given = field.contains("default") && !field["default"].get<std::string>().empty();
    const auto text = given ? field["default"].get<std::string>() : std::string();
    if (text == "null" || (!given && type == "records" && field.contains("nullableVersions")))
        return nullptr;
    if (type == "records")
        return Json{{"bytes", 0}};
    if (type.starts_with("[]"))
        return Json::array();
    if (type == "bool")
        return text == "true";
    if (type == "string")
        return text;
    if (type == "bytes")
        return "";
    if (type == "uuid")
        return "AAAAAAAAAAAAAAAAAAAAAA";
    if (type == "float64")
        return given ? std::stod(text) : 0.0;
    return given ? std::stoll(text, nullptr, 0) : 0LL;
}

/// Names of the fields that were compared, to see that nothing was skipped.
int g_fields = 0;

void compareFields(const std::string& where, const Json& message, const Json& expected,
                   const std::vector<FieldInfo>& actual) {
    ASSERT_EQ(expected.size(), actual.size()) << where << ": number of fields";
    for (std::size_t i = 0; i < actual.size(); ++i) {
        const auto& want = expected[i];
        const auto& got = actual[i];
        const auto at = where + "." + got.name;
        ++g_fields;
        EXPECT_EQ(want["name"].get<std::string>(), got.name) << where << " field " << i;
        EXPECT_EQ(typeWord(want["type"]), got.type) << at;
        const auto versions =
            want.contains("versions") ? range(want, "versions") : range(want, "taggedVersions");
        EXPECT_EQ(versions, (Range{got.spec.from, got.spec.to})) << at << ": versions";
        const auto nullable = range(want, "nullableVersions");
        EXPECT_EQ(nullable, (Range{got.spec.nullableFrom, got.spec.nullableTo}))
            << at << ": nullable versions";
        EXPECT_EQ(nullable.to >= nullable.from, got.canBeNull) << at << ": optional member";
        EXPECT_EQ(want.value("tag", -1), got.spec.tagNumber) << at << ": tag";
        EXPECT_LT(got.spec.tagNumber, 64) << at << ": the writer keeps tags in a 64-bit mask";
        EXPECT_EQ(range(want, "taggedVersions").from, got.spec.taggedFrom)
            << at << ": tagged versions";
        EXPECT_EQ(want.value("ignorable", false), got.spec.isIgnorable) << at << ": ignorable";
        EXPECT_EQ(want.value("flexibleVersions", "") == "none", got.spec.neverFlexible)
            << at << ": flexible";
        if (got.type.ends_with("struct"))
            compareFields(at, message, structFields(message, want), got.fields);
        if (got.type != "struct" || nullable.to >= nullable.from) {
            EXPECT_EQ(expectedDefault(want), Json::parse(got.defaultJson)) << at << ": default";
        }
    }
}

void compareMessage(const Json& want, const MessageType& got, Range served) {
    const std::string name(got.info.name);
    EXPECT_EQ(want["name"].get<std::string>(), name);
    EXPECT_EQ(served, (Range{got.info.minVersion, got.info.maxVersion})) << name << ": versions";
    EXPECT_EQ(range(want, "flexibleVersions").from, got.info.flexibleFrom)
        << name << ": flexible versions";
    compareFields(name, want, want["fields"], got.describe());
}

TEST(Facts, RequestsAndResponsesAreKafkas) {
    g_fields = 0;
    EXPECT_GE(supportedApis().size(), 31u);
    for (const auto& api : supportedApis()) {
        const auto& list = facts()["apis"];
        const auto found = std::find_if(list.begin(), list.end(),
                                        [&](const Json& a) { return a["key"] == api.key; });
        ASSERT_NE(found, list.end()) << api.name;
        EXPECT_EQ((*found)["name"].get<std::string>(), api.name);
        const auto served = range((*found)["validVersionsByRelease"]["4.3"].get<std::string>());
        EXPECT_EQ(served, (Range{api.minVersion, api.maxVersion})) << api.name;
        EXPECT_EQ(api.key, api.request.info.key);
        EXPECT_EQ(api.key, api.response.info.key);
        compareMessage((*found)["request"], api.request, served);
        compareMessage((*found)["response"], api.response, served);
        EXPECT_EQ(findApi(api.key), &api);
    }
    EXPECT_GT(g_fields, 500);
    EXPECT_EQ(findApi(7), nullptr);
    EXPECT_EQ(findApi(-1), nullptr);
}

TEST(Facts, RecordsAreKafkas) {
    g_fields = 0;
    EXPECT_GE(recordTypes().size(), 32u);
    for (const auto& type : recordTypes()) {
        const Json* found = nullptr;
        for (const char* section : {"headers", "clientData", "groupCoordinatorRecords",
                                    "metadataRecords", "storageRecords"})
            for (const auto& m : facts()[section])
                if (m["name"] == type.info.name)
                    found = &m;
        ASSERT_NE(found, nullptr) << type.info.name;
        EXPECT_EQ(found->value("apiKey", -1), type.info.key) << type.info.name;
        compareMessage(*found, type, range(*found, "validVersions"));
    }
    EXPECT_GT(g_fields, 150);
}

TEST(Facts, EveryApiOfKafkaHasItsHeaderRule) {
    std::set<int> keys;
    for (const auto& a : facts()["apis"]) {
        const int key = a["key"];
        keys.insert(key);
        const auto* info = apiInfo(static_cast<std::int16_t>(key));
        ASSERT_NE(info, nullptr) << key;
        EXPECT_EQ(info->key, key);
        EXPECT_EQ(a["name"].get<std::string>(), info->name);
        EXPECT_EQ(apiName(static_cast<std::int16_t>(key)), info->name);
        const auto valid = range(a, "validVersions");
        EXPECT_EQ(info->maxVersion, a.value("removed", false) ? -1 : valid.to) << info->name;
        EXPECT_EQ(info->flexibleFrom, range(a, "flexibleVersions").from) << info->name;
    }
    EXPECT_EQ(keys.size(), 95u);
    EXPECT_EQ(apiInfo(95), nullptr);
    EXPECT_EQ(apiInfo(-1), nullptr);
    EXPECT_EQ(apiName(1234), "api 1234");
}

TEST(Facts, ErrorCodesAreKafkas) {
    const auto errors = load("protocol-errors.json")["errors"];
    EXPECT_EQ(errors.size(), 138u);
    for (const auto& e : errors) {
        const auto code = e["code"].get<std::int16_t>();
        EXPECT_EQ(e["name"].get<std::string>(), errorName(code));
        EXPECT_EQ(e["retriable"].get<bool>(), isRetriable(static_cast<KafkaError>(code)))
            << errorName(code);
    }
    EXPECT_EQ(errorName(9999), "UNKNOWN_SERVER_ERROR");
}

/// A header that the list lacks would be compared with nothing.
TEST(Facts, EveryHeaderIsListed) {
    for (const std::string folder : {"messages", "records"}) {
        const auto path = "engine/protocol/" + folder + "/";
        std::ifstream in(std::string(ODRADEK_SOURCE_DIR) + "/" + path + "all.h");
        const std::string all{std::istreambuf_iterator<char>(in), {}};
        std::size_t headers = 0;
        for (const auto& file :
             std::filesystem::directory_iterator(std::string(ODRADEK_SOURCE_DIR) + "/" + path)) {
            const auto name = file.path().filename().string();
            if (!name.ends_with(".h") || name == "all.h")
                continue;
            ++headers;
            EXPECT_NE(all.find("\"" + path + name + "\""), std::string::npos) << path << name;
        }
        EXPECT_EQ(headers, folder == "messages" ? supportedApis().size() : recordTypes().size())
            << folder << ": one header each, and one X(Name)";
    }
}

/// The reader takes a count of structs for at most the bytes that are left: a struct must take a
/// byte.
void expectNoEmptyElements(const std::string& where, const MessageInfo& info,
                           const std::vector<FieldInfo>& fields) {
    for (const auto& field : fields) {
        expectNoEmptyElements(where + "." + field.name, info, field.fields);
        if (field.type != "[]struct")
            continue;
        for (auto v = info.minVersion; v <= info.maxVersion; ++v) {
            if (!field.spec.has(v) || info.flexible(v))
                continue;
            EXPECT_TRUE(std::ranges::any_of(field.fields,
                                            [&](const FieldInfo& f) { return f.spec.has(v); }))
                << where << "." << field.name << " v" << v;
        }
    }
}

TEST(Facts, NoArrayElementIsEmptyOnTheWire) {
    for (const auto& api : supportedApis()) {
        expectNoEmptyElements(std::string(api.request.info.name), api.request.info,
                              api.request.describe());
        expectNoEmptyElements(std::string(api.response.info.name), api.response.info,
                              api.response.describe());
    }
    for (const auto& type : recordTypes())
        expectNoEmptyElements(std::string(type.info.name), type.info, type.describe());
}

}  // namespace
}  // namespace odradek::protocol
