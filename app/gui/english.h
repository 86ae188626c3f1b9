// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTranslator>

namespace odradek::app {

/// The plural forms of the program's own English: "%n broker(s)" reads "1 broker" and "3 brokers".
/// Other languages bring their own through translations/. Installed once by the composition root;
/// stateless.
class EnglishPlurals : public QTranslator {
public:
    using QTranslator::QTranslator;
    QString translate(const char* context, const char* source, const char* disambiguation,
                      int n) const override;
    bool isEmpty() const override { return false; }
};

}  // namespace odradek::app
