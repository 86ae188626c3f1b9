// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/location.h"

#include <QUrl>

namespace odradek::ui {

QString Location::toString() const {
    QString text = page;
    for (const QString& part : path) text += u'/' + QString::fromLatin1(QUrl::toPercentEncoding(part));
    if (!tab.isEmpty()) text += u'#' + QString::fromLatin1(QUrl::toPercentEncoding(tab));
    return text;
}

Location Location::fromString(const QString& text) {
    Location location;
    QString rest = text;
    if (const auto hash = rest.indexOf(u'#'); hash >= 0) {
        location.tab = QUrl::fromPercentEncoding(rest.mid(hash + 1).toLatin1());
        rest.truncate(hash);
    }
    QStringList parts = rest.split(u'/');
    location.page = parts.takeFirst();
    for (const QString& part : parts) location.path << QUrl::fromPercentEncoding(part.toLatin1());
    return location;
}

}  // namespace odradek::ui
