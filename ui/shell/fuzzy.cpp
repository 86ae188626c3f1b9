// SPDX-License-Identifier: GPL-3.0-or-later
// How Ctrl+K finds things.
#include "ui/shell/command_palette.h"

#include <algorithm>

namespace odradek::ui {

namespace {

bool startsWord(const QString& text, qsizetype i) {
    if (i == 0)
        return true;
    const QChar before = text[i - 1];
    return !before.isLetterOrNumber() || (before.isLower() && text[i].isUpper());
}

}  // namespace

bool fuzzyMatch(const QString& query, const QString& text, FuzzyMatch& out) {
    out = {};
    // A whole run beats scattered letters, so look for the query as it stands first.
    const qsizetype run = text.indexOf(query, 0, Qt::CaseInsensitive);
    if (run >= 0 && !query.isEmpty()) {
        qsizetype at = run;
        for (qsizetype i = run; i >= 0; i = text.indexOf(query, i + 1, Qt::CaseInsensitive)) {
            if (startsWord(text, i)) {
                at = i;
                break;
            }
        }
        for (qsizetype i = 0; i < query.size(); ++i)
            out.positions.append(static_cast<int>(at + i));
        out.score = 100 + static_cast<int>(query.size()) * 10 + (startsWord(text, at) ? 60 : 0) +
                    (at == 0 ? 40 : 0) - static_cast<int>(std::min<qsizetype>(at, 30)) +
                    (text.size() == query.size() ? 80 : 0) -
                    static_cast<int>(std::min<qsizetype>(text.size(), 60)) / 4;
        return true;
    }
    qsizetype from = 0;
    int streak = 0;
    for (const QChar wanted : query) {
        if (wanted.isSpace()) {
            streak = 0;
            continue;
        }
        qsizetype found = -1;
        // Prefer the start of a later word over a letter inside this one, unless the letter comes
        // next.
        for (qsizetype i = from; i < text.size(); ++i) {
            if (text[i].toCaseFolded() != wanted.toCaseFolded())
                continue;
            if (found < 0)
                found = i;
            if (i == from && streak > 0)
                break;
            if (startsWord(text, i)) {
                found = i;
                break;
            }
        }
        if (found < 0)
            return false;
        streak = found == from && !out.positions.isEmpty() ? streak + 1 : 0;
        out.score += 4 + streak * 6 + (startsWord(text, found) ? 14 : 0) -
                     static_cast<int>(std::min<qsizetype>(found - from, 8));
        out.positions.append(static_cast<int>(found));
        from = found + 1;
    }
    return true;
}

QVector<int> rankEntries(const QVector<PaletteEntry>& entries, const QString& query, int limit) {
    struct Scored {
        int score;
        int index;
    };
    std::vector<Scored> scored;
    const QString q = query.trimmed();
    FuzzyMatch match;
    for (int i = 0; i < entries.size(); ++i) {
        const PaletteEntry& entry = entries[i];
        int score = 0;
        if (!q.isEmpty()) {
            bool hit = fuzzyMatch(q, entry.title, match);
            score = match.score;
            if (!entry.keywords.isEmpty() && fuzzyMatch(q, entry.keywords, match)) {
                score = hit ? std::max(score, match.score - 20) : match.score - 20;
                hit = true;
            }
            if (!hit)
                continue;
        }
        scored.push_back({score + entry.weight, i});
    }
    const auto better = [](const Scored& a, const Scored& b) {
        return a.score != b.score ? a.score > b.score : a.index < b.index;
    };
    const auto count =
        std::min<std::size_t>(scored.size(), static_cast<std::size_t>(std::max(0, limit)));
    std::partial_sort(scored.begin(), scored.begin() + static_cast<std::ptrdiff_t>(count),
                      scored.end(), better);
    QVector<int> result;
    for (std::size_t i = 0; i < count; ++i)
        result.append(scored[i].index);
    return result;
}

}  // namespace odradek::ui
