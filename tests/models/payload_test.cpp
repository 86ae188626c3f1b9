// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "models/messages/payload.h"
#include "tests/models/samples.h"
#include "tests/models/suites.h"

using namespace odradek;
using models::PayloadKind;
using test::some;
using namespace std::string_view_literals;

class PayloadTest : public QObject {
    Q_OBJECT
private slots:
    void kinds();
    void previews();
    void hugeValuesAreCutBeforeDecoding();
    void prettyJsonKeepsEveryToken();
    void partitions();
};

void PayloadTest::kinds() {
    QCOMPARE(models::kindOf(std::nullopt), PayloadKind::Null);
    QCOMPARE(models::kindOf(some("")), PayloadKind::Empty);
    QCOMPARE(models::kindOf(some(" {\"a\":[1]}")), PayloadKind::Json);
    QCOMPARE(models::kindOf(some("[]")), PayloadKind::Json);
    // A number no double can hold is a number all the same.
    QCOMPARE(models::kindOf(some("{\"a\":1E400,\"b\":-1e-99999,\"c\":18446744073709551616}")), PayloadKind::Json);
    QCOMPARE(models::kindOf(some("{\"a\":01}")), PayloadKind::Text);
    QCOMPARE(models::kindOf(some("{\"a\":1E}")), PayloadKind::Text);
    QCOMPARE(models::kindOf(some("{\"a\":")), PayloadKind::Text);
    QCOMPARE(models::kindOf(some("12")), PayloadKind::Text);  // a bare number is shown as it is
    QCOMPARE(models::kindOf(some("Gr\xc3\xbc\xc3\x9f"
                                 "e\n")),
             PayloadKind::Text);
    QCOMPARE(models::kindOf(some("\x00\x00\x00\x00\x07"sv)), PayloadKind::Binary);
    QCOMPARE(models::kindOf(some("abc\xff")), PayloadKind::Binary);
    QCOMPARE(models::kindOf(some("\xc3")), PayloadKind::Binary);  // ends inside a character
    QCOMPARE(models::kindOf(some("a\x7f")), PayloadKind::Binary);
}

void PayloadTest::previews() {
    QCOMPARE(models::preview(std::nullopt), QStringLiteral("null"));
    QCOMPARE(models::preview(some("")), QString());
    QCOMPARE(models::preview(some("two\n  lines")), QStringLiteral("two lines"));
    QCOMPARE(models::preview(some("\x00\x01\xfe"sv)), QStringLiteral("00 01 fe"));
    QCOMPARE(models::preview(some("abc\xff")), QStringLiteral("61 62 63 ff"));
    // A value that ends inside a character is broken, though its beginning is text.
    QCOMPARE(models::preview(some("ab\xc3")), QStringLiteral("61 62 c3"));
    QCOMPARE(models::fullText(some("\xff")), QString(QChar::ReplacementCharacter));
}

void PayloadTest::hugeValuesAreCutBeforeDecoding() {
    std::string text;
    while (text.size() < 5'000'000)
        text += "\xf0\x9f\x98\x80";  // 4 bytes each, so that cuts may fall inside
    const auto huge = some(text);
    const auto line = models::preview(huge, 50);
    QVERIFY(line.size() <= 51);
    QVERIFY(line.endsWith(QChar(0x2026)));
    QVERIFY(!line.contains(QChar::ReplacementCharacter));
    for (int shift = 1; shift < 4; ++shift) {
        const auto cut =
            models::preview(some(std::string(static_cast<std::size_t>(shift), 'x') + text), 50);
        QVERIFY2(cut.startsWith(QLatin1Char('x')) && cut.isValidUtf16() &&
                     !cut.contains(QChar::ReplacementCharacter),
                 qPrintable(cut));
    }
    QElapsedTimer clock;
    clock.start();
    for (int i = 0; i < 2000; ++i)
        models::preview(huge);
    QVERIFY2(clock.elapsed() < 2000, "a preview must not cost what the value costs");
    QVERIFY(models::preview(some(std::string(100, '\1')), 30).endsWith(QChar(0x2026)));
}

void PayloadTest::prettyJsonKeepsEveryToken() {
    const auto pretty =
        models::prettyJson(some("{\"id\":12345678901234567890,\"price\":1.10,\"e\":1E40,\"s\":\"a{,"
                                ":]\\\"b\",\"o\":{},\"l\":[1,{\"x\":null}]}"));
    QVERIFY(pretty);
    QCOMPARE(
        *pretty,
        QStringLiteral(
            "{\n  \"id\": 12345678901234567890,\n  \"price\": 1.10,\n  \"e\": 1E40,\n  \"s\": "
            "\"a{,:]\\\"b\",\n  \"o\": {},\n  \"l\": [\n    1,\n    {\n      \"x\": null\n    }\n  "
            "]\n}"));
    QVERIFY(!models::prettyJson(some("plain")));
    QVERIFY(!models::prettyJson(some("{broken")));
    QVERIFY(!models::prettyJson(std::nullopt));
}

void PayloadTest::partitions() {
    const auto murmur = models::explainPartition(some("ORD-12345"), 1, 3);
    QVERIFY(murmur.murmur2);
    QCOMPARE(murmur.words, QStringLiteral("murmur2 0xCCE86233 mod 3 = P1"));
    const auto none = models::explainPartition(std::nullopt, 1, 3);
    QVERIFY(!none.murmur2 && !none.crc32 && none.words.startsWith(QStringLiteral("no key")));
    // CRC-32 of "123456789" is CBF43926, whichever library computes it.
    const int crc = static_cast<int>(0xCBF43926u % 7);
    const auto other = models::explainPartition(some("123456789"), crc, 7);
    QVERIFY(other.crc32);
    int explained = 0;
    for (int p = 0; p < 1000; ++p) {
        const auto e = models::explainPartition(some("ORD-12345"), p, 1000);
        explained += e.murmur2 || e.crc32;
        QVERIFY(!e.words.isEmpty());
    }
    QVERIFY(explained == 1 || explained == 2);
}

QObject* makePayloadTest() {
    return new PayloadTest;
}

#include "payload_test.moc"
