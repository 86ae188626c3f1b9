// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/json_document.h"

#include <QCoreApplication>

#include "models/common/json_text.h"

namespace odradek::ui {

namespace {

using models::JsonScanner;

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
    JsonScanner scanner{text};
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
    JsonScanner start{text};
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
    JsonScanner scanner{m_text, m_from + 1};
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
