// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>

#include <memory>
#include <vector>

namespace odradek::ui {

/// A JSON document (RFC 8259) as it was written: members in their order, duplicates kept, numbers with
/// their own digits. Qt's and most other parsers sort keys and round numbers, which a reader of messages
/// must not see. Children are parsed when first asked for; the whole text is checked once at the start.
/// Every node shares the bytes.
class JsonNode {
public:
    enum class Kind { Object, Array, String, Number, Word };

    /// Null with the reason and byte in `error` when the text is not JSON.
    static std::unique_ptr<JsonNode> parse(const QByteArray& text, QString* error = nullptr);

    Kind kind() const { return m_kind; }
    bool isContainer() const { return m_kind == Kind::Object || m_kind == Kind::Array; }
    const QString& key() const { return m_key; }
    JsonNode* parent() const { return m_parent; }
    int row() const { return m_row; }
    const std::vector<std::unique_ptr<JsonNode>>& children() const;
    /// The text as written, for example 125.50 or "a\"b".
    QByteArray raw() const { return m_text.mid(m_from, m_to - m_from); }
    /// A string without quotes and escapes; other values as written.
    QString value() const;
    /// Keys from the root, joined by dots.
    QString path() const;

private:
    QByteArray m_text;
    qsizetype m_from = 0;
    qsizetype m_to = 0;
    Kind m_kind = Kind::Word;
    QString m_key;
    JsonNode* m_parent = nullptr;
    int m_row = 0;
    mutable bool m_open = false;
    mutable std::vector<std::unique_ptr<JsonNode>> m_children;
};

}  // namespace odradek::ui
