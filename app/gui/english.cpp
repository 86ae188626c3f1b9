// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/english.h"

namespace odradek::app {

QString EnglishPlurals::translate(const char*, const char* source, const char*, int n) const {
    if (n < 0)
        return {};  // no number: the source text is the English text
    auto text = QString::fromUtf8(source);
    if (!text.contains(QStringLiteral("(s)")))
        return {};
    return text.replace(QStringLiteral("(s)"), n == 1 ? QString() : QStringLiteral("s"));
}

}  // namespace odradek::app
