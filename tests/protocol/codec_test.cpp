// SPDX-License-Identifier: GPL-3.0-or-later
// Known bytes, computed by hand from Kafka's type encodings, and bytes that must be refused.
#include <gtest/gtest.h>

#include "engine/protocol/codec/message.h"
#include "engine/protocol/messages/all.h"
#include "engine/protocol/records/all.h"
#include "tests/support/protocol/hex.h"

namespace odradek::protocol {
namespace {

using odradek::testing::bytesOf;
using odradek::testing::hexOf;

/// The message has exactly these bytes in that version, both ways.
template <class M>
void expectBytes(const M& message, std::int16_t version, std::string_view notation) {
    const auto bytes = bytesOf(notation);
    EXPECT_EQ(hexOf(encode(message, version)), hexOf(bytes)) << M::kInfo.name << " v" << version;
    const auto back = decode<M>(bytes, version);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, message) << toJson(*back, version);
}

template <class M>
Error errorOf(std::string_view notation, std::int16_t version) {
    const auto result = decode<M>(bytesOf(notation), version);
    EXPECT_FALSE(result) << notation;
    return result ? Error{} : result.error();
}

TEST(Codec, HeartbeatGrowsAcrossVersions) {
    HeartbeatRequest m;
    m.groupId = "g";
    m.generationId = 258;
    m.memberId = "me";
    expectBytes(m, 0, "0001 'g' 00000102 0002 'me'");
    expectBytes(m, 3, "0001 'g' 00000102 0002 'me' ffff");
    m.groupInstanceId = "i";
    expectBytes(m, 3, "0001 'g' 00000102 0002 'me' 0001 'i'");
    expectBytes(m, 4, "02 'g' 00000102 03 'me' 02 'i' 00");
    HeartbeatResponse r;
    r.errorCode = 27;
    expectBytes(r, 0, "001b");
    r.throttleTimeMs = 5;
    expectBytes(r, 1, "00000005 001b");
    expectBytes(r, 4, "00000005 001b 00");
}

TEST(Codec, MetadataTellsAllTopicsFromNone) {
    MetadataRequest m;
    m.topics = std::nullopt;
    expectBytes(m, 1, "ffffffff");
    expectBytes(m, 9, "00 01 00 00 00");
    m.topics.emplace();
    expectBytes(m, 0, "00000000");
    expectBytes(m, 9, "01 01 00 00 00");
    m.topics->emplace_back().name = "t";
    expectBytes(m, 1, "00000001 0001 't'");
    expectBytes(m, 4, "00000001 0001 't' 01");
    m.topics->front().topicId.bytes[15] = 7;
    m.topics->front().name = std::nullopt;
    expectBytes(m, 12, "02 00000000000000000000000000000007 00 00 01 00 00");
    // What a version cannot say becomes empty.
    m.topics = std::nullopt;
    EXPECT_EQ(hexOf(encode(m, 0)), "00000000");
}

TEST(Codec, ProduceCarriesRecordsAsTheyAre) {
    ProduceRequest m;
    m.acks = -1;
    m.timeoutMs = 1000;
    auto& topic = m.topicData.emplace_back();
    topic.name = "t";
    auto& partition = topic.partitionData.emplace_back();
    partition.index = 2;
    partition.records = Chain(Bytes::copy(std::string_view("abc")));
    expectBytes(m, 3, "ffff ffff 000003e8 00000001 0001 't' 00000001 00000002 00000003 'abc'");
    expectBytes(m, 9, "00 ffff 000003e8 02 02 't' 02 00000002 04 'abc' 00 00 00");
    partition.records = std::nullopt;
    expectBytes(m, 9, "00 ffff 000003e8 02 02 't' 02 00000002 00 00 00 00");
    m.transactionalId = "x";
    topic.name.clear();
    topic.topicId.bytes[0] = 0xab;
    expectBytes(m, 13,
                "02 'x' ffff 000003e8 02 ab000000000000000000000000000000 02 00000002 00 00 00 00");
}

TEST(Codec, TaggedFieldsAreWrittenInTagOrderAndOnlyWhenTheySaySomething) {
    FetchRequest m;
    m.minBytes = 1;
    m.maxBytes = 16;
    const std::string body = "00000000 00000001 00000010 00 00000000 ffffffff 01 01 01";
    expectBytes(m, 15, body + " 00");
    m.replicaState.replicaId = 3;
    expectBytes(m, 15, body + " 01 01 0d 00000003 ffffffffffffffff 00");
    m.clusterId = "c";
    expectBytes(m, 15, body + " 02 00 02 02 'c' 01 0d 00000003 ffffffffffffffff 00");
    PartitionChangeRecord p;  // declares tag 8 before 6 and 7
    p.partitionId = 1;
    p.directories.emplace();
    p.lastKnownElr = std::vector<std::int32_t>{5};
    p.eligibleLeaderReplicas.emplace();
    expectBytes(p, 2,
                "00000001 00000000000000000000000000000000 03 06 01 01 07 05 02 00000005 08 01 01");
}

TEST(Codec, NullableStructsHaveAByteOfTheirOwn) {
    DescribeTopicPartitionsRequest m;
    expectBytes(m, 0, "01 000007d0 ff 00");
    m.cursor.emplace();
    m.cursor->topicName = "t";
    m.cursor->partitionIndex = 9;
    expectBytes(m, 0, "01 000007d0 01 02 't' 00000009 00 00");
}

TEST(Codec, ApiVersionsAndRecords) {
    ApiVersionsResponse m;
    m.apiKeys.push_back({.apiKey = 18, .minVersion = 0, .maxVersion = 4});
    expectBytes(m, 0, "0000 00000001 0012 0000 0004");
    expectBytes(m, 3, "0000 02 0012 0000 0004 00 00000000 00");
    m.finalizedFeaturesEpoch = 1;
    expectBytes(m, 3, "0000 02 0012 0000 0004 00 00000000 01 01 08 0000000000000001");
    RequestHeader h;
    h.requestApiKey = 1;
    h.requestApiVersion = 12;
    h.correlationId = 6;
    h.clientId = "me";
    expectBytes(h, 2, "0001 000c 00000006 0002 'me' 00");
    TopicRecord t;
    t.name = "foo";
    t.topicId.bytes[1] = 1;
    expectBytes(t, 0, "04 'foo' 00010000000000000000000000000000 00");
}

TEST(Codec, BooleansAreTrueWhenNotZero) {
    const auto m = decode<MetadataRequest>(bytesOf("ffffffff 07"), 4);
    ASSERT_TRUE(m);
    EXPECT_TRUE(m->allowAutoTopicCreation);
}

TEST(Codec, UnknownTagsAreSkipped) {
    const auto m =
        decode<HeartbeatRequest>(bytesOf("02 'g' 00000001 01 00 02 03 01 ff 89 01 02 abcd"), 4);
    ASSERT_TRUE(m) << m.error().message;
    EXPECT_EQ(m->groupId, "g");
    // An unknown tag inside a known tagged struct does not hide what follows.
    const auto f =
        decode<FetchRequest>(bytesOf("00000000 00000001 00000010 00 00000000 ffffffff 01 01 01"
                                     "02 01 0f 00000003 0000000000000004 01 09 00 05 01 ee"),
                             15);
    ASSERT_TRUE(f) << f.error().message;
    EXPECT_EQ(f->replicaState.replicaEpoch, 4);
}

TEST(Codec, BrokenTagsAreErrors) {
    const std::string m = "02 'g' 00000001 01 00 ";
    EXPECT_EQ(errorOf<HeartbeatRequest>(m + "02 03 00 03 00", 4).code,
              ErrorCode::Invalid);  // twice
    EXPECT_EQ(errorOf<HeartbeatRequest>(m + "02 03 00 02 00", 4).code,
              ErrorCode::Invalid);  // falling
    EXPECT_EQ(errorOf<HeartbeatRequest>(m + "01 03 05 00", 4).code,
              ErrorCode::Truncated);  // longer than the rest
    EXPECT_EQ(errorOf<HeartbeatRequest>(m + "ffffffff0f 00 00", 4).code,
              ErrorCode::Truncated);  // four billion
    const std::string f = "00000000 00000001 00000010 00 00000000 ffffffff 01 01 01 ";
    EXPECT_EQ(errorOf<FetchRequest>(f + "01 00 03 02 'c' 00", 15).code,
              ErrorCode::Invalid);  // longer than its field
    EXPECT_EQ(errorOf<FetchRequest>(f + "01 00 01 02 'c'", 15).code,
              ErrorCode::Truncated);  // shorter than its field
}

TEST(Codec, LengthsAreNotTrusted) {
    EXPECT_EQ(errorOf<HeartbeatRequest>("fffe", 0).code, ErrorCode::Invalid);
    EXPECT_EQ(errorOf<HeartbeatRequest>("ffff 00000001 0000", 0).code,
              ErrorCode::Invalid);  // null group
    EXPECT_EQ(errorOf<HeartbeatRequest>("00 00000001 01 00 00", 4).code, ErrorCode::Invalid);
    EXPECT_EQ(errorOf<HeartbeatRequest>("7fff 'g'", 0).code, ErrorCode::Truncated);
    EXPECT_EQ(errorOf<MetadataRequest>("7fffffff", 1).code, ErrorCode::Truncated);
    EXPECT_EQ(errorOf<MetadataRequest>("fffffffe", 1).code, ErrorCode::Invalid);
    EXPECT_EQ(errorOf<MetadataRequest>("ffffffff", 0).code, ErrorCode::Invalid);
    EXPECT_EQ(errorOf<MetadataRequest>("80808080 10", 9).code, ErrorCode::Invalid);    // 33 bits
    EXPECT_EQ(errorOf<MetadataRequest>("8080808080 00", 9).code, ErrorCode::Invalid);  // six digits
    EXPECT_EQ(errorOf<MetadataRequest>("80808080 0f", 9).code,
              ErrorCode::Truncated);  // four billion topics
    // 20 numbers announced in 16 bytes.
    EXPECT_EQ(
        errorOf<PartitionRecord>(
            "00000001 00000000000000000000000000000000 15 00000000000000000000000000000000", 0)
            .code,
        ErrorCode::Truncated);
    // A compact string may be longer than an int16 can say; Kafka refuses it.
    std::vector<std::uint8_t> body{0x81, 0x80, 0x02};
    body.resize(body.size() + 40000, 'x');
    const auto result = decode<HeartbeatRequest>(Bytes::take(std::move(body)), 4);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::Invalid);
}

TEST(Codec, ErrorsNameTheField) {
    EXPECT_EQ(errorOf<ProduceRequest>(
                  "ffff ffff 000003e8 00000001 0001 't' 00000001 00000002 00000009 'abc'", 3)
                  .message,
              "ProduceRequest v3 TopicData.PartitionData.Records: declares length 9, but only 3 "
              "bytes are left");
}

TEST(Codec, TrailingBytesMayBeIgnoredWhereNewerWritersAddThem) {
    const auto body = bytesOf("00000001 0001 't' ffffffff 00000000");
    EXPECT_FALSE(decode<ConsumerProtocolSubscription>(body, 0));
    const auto lenient = decode<ConsumerProtocolSubscription>(body, 0, Trailing::Ignore);
    ASSERT_TRUE(lenient);
    EXPECT_EQ(lenient->topics, std::vector<std::string>{"t"});
}

TEST(Codec, LargeRecordsAreSharedNotCopied) {
    ProduceRequest m;
    m.topicData.emplace_back().partitionData.emplace_back().records =
        Chain(Bytes::take(std::vector<std::uint8_t>(5000, 1)));
    const auto* records = m.topicData[0].partitionData[0].records->parts()[0].data();
    const auto chain = encode(m, 9);
    ASSERT_EQ(chain.parts().size(), 3u);
    EXPECT_EQ(chain.parts()[1].data(), records);
    const auto frame = chain.flatten();
    const auto back = decode<ProduceRequest>(frame, 9);
    ASSERT_TRUE(back);
    const auto& read = back->topicData[0].partitionData[0].records->parts();
    ASSERT_EQ(read.size(), 1u);
    EXPECT_GE(read[0].data(), frame.data());
    EXPECT_LT(read[0].data(), frame.data() + frame.size());
}

TEST(Codec, TextKafkaCannotCarryIsCutBetweenCharacters) {
    HeartbeatRequest m;
    m.groupId = std::string(32766, 'a') + "\xc3\xa9";
    const auto back = decode<HeartbeatRequest>(encode(m, 0).flatten(), 0);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->groupId, std::string(32766, 'a'));
}

TEST(Codec, JsonShowsTheVersionsFields) {
    HeartbeatRequest m;
    m.groupId = "a\"\\\n\x01\xff\xc3\xa9";
    EXPECT_EQ(toJson(m, 0),
              "{\"GroupId\":\"a\\\"\\\\\\n\\u0001\xef\xbf\xbd\xc3\xa9\",\"GenerationId\":0,"
              "\"MemberId\":\"\"}");
    EXPECT_EQ(toJson(m, 3).substr(toJson(m, 3).size() - 24), ",\"GroupInstanceId\":null}");
    ProduceRequest p;
    p.topicData.emplace_back().partitionData.emplace_back().records =
        Chain(Bytes::copy(std::string_view("abc")));
    EXPECT_EQ(toJson(p, 13),
              "{\"TransactionalId\":null,\"Acks\":0,\"TimeoutMs\":0,\"TopicData\":[{\"TopicId\":"
              "\"AAAAAAAAAAAAAAAAAAAAAA\","
              "\"PartitionData\":[{\"Index\":0,\"Records\":{\"bytes\":3}}]}]}");
    EnvelopeRequest e;
    e.requestData = Bytes::copy(std::string_view("any carnal pleas"));
    EXPECT_NE(toJson(e, 0).find("\"RequestData\":\"YW55IGNhcm5hbCBwbGVhcw==\""), std::string::npos)
        << toJson(e, 0);
}

}  // namespace
}  // namespace odradek::protocol
