// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/json_document.h"

#include <QCoreApplication>

namespace odradek::ui {

namespace {

constexpr int kMaxDepth = 200;

// Walks over the text; `at` is where it stands, and stays at the fault when something is wrong.
struct Scanner {
    const QByteArray& text;
    qsizetype at = 0;

    char peek() const { return at < text.size() ? text[at] : '\0'; }
    void space() {
        while (at < text.size() &&
               (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r'))
            ++at;
    }
    bool digits() {
        const qsizetype start = at;
        while (peek() >= '0' && peek() <= '9')
            ++at;
        return at > start;
    }
    bool string() {
        if (peek() != '"')
            return false;
        ++at;
        while (at < text.size()) {
            const auto c = static_cast<uchar>(text[at]);
            if (c == '"')
                return ++at, true;
            if (c < 0x20)
                return false;
            if (c == '\\') {
                ++at;
                if (peek() == 'u') {
                    for (int i = 0; i < 4; ++i) {
                        ++at;
                        if (!isxdigit(static_cast<uchar>(peek())))
                            return false;
                    }
                } else if (!strchr("\"\\/bfnrt", peek()) || peek() == '\0') {
                    return false;
                }
            }
            ++at;
        }
        return false;
    }
    bool number() {
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
    bool word() {
        for (const char* w : {"true", "false", "null"}) {
            if (text.mid(at, qsizetype(strlen(w))) == w) {
                at += qsizetype(strlen(w));
                return true;
            }
        }
        return false;
    }
    bool value(int depth) {
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
    bool container(int depth) {
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
};

JsonNode::Kind kindOf(char c) {
    switch (c) {
        case '{':
            return JsonNode::Kind::Object;
        case '[':
            return JsonNode::Kind::Array;
        case '"':
            return JsonNode::Kind::String;
        case 't':
        case 'f':
        case 'n':
            return JsonNode::Kind::Word;
        default:
            return JsonNode::Kind::Number;
    }
}

QString unescaped(const QByteArray& quoted) {
    const QString text = QString::fromUtf8(quoted.mid(1, quoted.size() - 2));
    if (!text.contains(u'\\'))
        return text;
    QString out;
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (text[i] != u'\\') {
            out += text[i];
            continue;
        }
        const QChar c = text[++i];
        if (c == u'u') {
            out += QChar(static_cast<char16_t>(text.mid(i + 1, 4).toUShort(nullptr, 16)));
            i += 4;
        } else {
            out += c == u'n'   ? u'\n'
                   : c == u't' ? u'\t'
                   : c == u'r' ? u'\r'
                   : c == u'b' ? u'\b'
                   : c == u'f' ? u'\f'
                               : c;
        }
    }
    return out;
}

}  // namespace

std::unique_ptr<JsonNode> JsonNode::parse(const QByteArray& text, QString* error) {
    Scanner scanner{text};
    bool ok = scanner.value(0);
    const qsizetype end = scanner.at;
    scanner.space();
    ok = ok && scanner.at == text.size();
    if (!ok) {
        if (error)
            *error =
                QCoreApplication::translate("odradek::ui::JsonNode", "not JSON from byte %1 on")
                    .arg(scanner.at);
        return nullptr;
    }
    Scanner start{text};
    start.space();
    auto node = std::make_unique<JsonNode>();
    node->m_text = text;
    node->m_from = start.at;
    node->m_to = end;
    node->m_kind = kindOf(start.peek());
    return node;
}

const std::vector<std::unique_ptr<JsonNode>>& JsonNode::children() const {
    if (m_open || !isContainer())
        return m_children;
    m_open = true;
    Scanner scanner{m_text, m_from + 1};
    while (true) {
        scanner.space();
        if (scanner.peek() == '}' || scanner.peek() == ']' || scanner.at >= m_to)
            break;
        auto child = std::make_unique<JsonNode>();
        child->m_row = static_cast<int>(m_children.size());
        child->m_parent = const_cast<JsonNode*>(this);
        child->m_text = m_text;
        if (m_kind == Kind::Object) {
            const qsizetype from = scanner.at;
            scanner.string();
            child->m_key = unescaped(m_text.mid(from, scanner.at - from));
            scanner.space();
            ++scanner.at;  // the colon
            scanner.space();
        } else {
            child->m_key = QString::number(m_children.size());
        }
        child->m_from = scanner.at;
        child->m_kind = kindOf(scanner.peek());
        scanner.value(0);
        child->m_to = scanner.at;
        m_children.push_back(std::move(child));
        scanner.space();
        if (scanner.peek() == ',')
            ++scanner.at;
    }
    return m_children;
}

QString JsonNode::value() const {
    return m_kind == Kind::String ? unescaped(raw()) : QString::fromUtf8(raw());
}

QString JsonNode::path() const {
    if (!m_parent)
        return {};
    const QString above = m_parent->path();
    return above.isEmpty() ? m_key : above + u'.' + m_key;
}

}  // namespace odradek::ui
