// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArrayView>

/// JSON as text (RFC 8259): where a value ends, and whether a text is one, without making numbers
/// of its numbers. Qt's parser refuses what no double can hold (1E400), which is JSON all the same.
/// Pure, any thread.
namespace odradek::models {

/// Walks over a text; `at` is where it stands, and stays at the fault when something is wrong. The
/// text must outlive it.
struct JsonScanner {
    QByteArrayView text;
    qsizetype at = 0;

    char peek() const { return at < text.size() ? text[at] : '\0'; }
    void space();
    /// Each consumes one piece and says whether it was well formed.
    bool string();
    bool number();
    bool word();
    /// Any value; deeper than 200 containers is refused, as the stack is finite.
    bool value(int depth = 0);

private:
    bool digits();
    bool container(int depth);
};

/// True when the whole text is one JSON value; otherwise `fault`, if given, is the byte where it
/// stopped being one.
bool isJson(QByteArrayView text, qsizetype* fault = nullptr);

}  // namespace odradek::models
