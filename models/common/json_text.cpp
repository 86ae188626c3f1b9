// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/common/json_text.h"

#include <cctype>
#include <cstring>

namespace odradek::models {
namespace {
constexpr int kMaxDepth = 200;
}

void JsonScanner::space() {
    while (at < text.size() &&
           (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r'))
        ++at;
}

bool JsonScanner::digits() {
    const qsizetype start = at;
    while (peek() >= '0' && peek() <= '9')
        ++at;
    return at > start;
}

bool JsonScanner::string() {
    if (peek() != '"')
        return false;
    ++at;
    while (at < text.size()) {
        const auto c = static_cast<unsigned char>(text[at]);
        if (c == '"')
            return ++at, true;
        if (c < 0x20)
            return false;
        if (c == '\\') {
            ++at;
            if (peek() == 'u') {
                for (int i = 0; i < 4; ++i) {
                    ++at;
                    if (!std::isxdigit(static_cast<unsigned char>(peek())))
                        return false;
                }
            } else if (peek() == '\0' || !std::strchr("\"\\/bfnrt", peek())) {
                return false;
            }
        }
        ++at;
    }
    return false;
}

bool JsonScanner::number() {
    if (peek() == '-')
        ++at;
    if (peek() == '0')
        ++at;
    else if (!digits())
        return false;
    if (peek() == '.' && (++at, !digits()))
        return false;
    if (peek() == 'e' || peek() == 'E') {
        ++at;
        if (peek() == '+' || peek() == '-')
            ++at;
        if (!digits())
            return false;
    }
    return true;
}

bool JsonScanner::word() {
    for (const char* w : {"true", "false", "null"}) {
        const auto size = static_cast<qsizetype>(std::strlen(w));
        if (text.size() - at >= size &&
            std::memcmp(text.data() + at, w, static_cast<std::size_t>(size)) == 0) {
            at += size;
            return true;
        }
    }
    return false;
}

bool JsonScanner::value(int depth) {
    if (depth > kMaxDepth)
        return false;
    space();
    switch (peek()) {
        case '{':
        case '[':
            return container(depth);
        case '"':
            return string();
        case 't':
        case 'f':
        case 'n':
            return word();
        default:
            return number();
    }
}

bool JsonScanner::container(int depth) {
    const bool object = peek() == '{';
    const char close = object ? '}' : ']';
    ++at;
    space();
    if (peek() == close)
        return ++at, true;
    while (true) {
        if (object) {
            space();
            if (!string())
                return false;
            space();
            if (peek() != ':')
                return false;
            ++at;
        }
        if (!value(depth + 1))
            return false;
        space();
        if (peek() == close)
            return ++at, true;
        if (peek() != ',')
            return false;
        ++at;
    }
}

bool isJson(QByteArrayView text, qsizetype* fault) {
    JsonScanner scanner{text};
    bool ok = scanner.value();
    scanner.space();
    ok = ok && scanner.at == text.size();
    if (!ok && fault)
        *fault = scanner.at;
    return ok;
}

}  // namespace odradek::models
