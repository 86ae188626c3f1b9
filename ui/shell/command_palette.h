// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/shell/location.h"

#include <QDialog>
#include <QVector>

#include <functional>

class QLineEdit;
class QListView;

namespace odradek::ui {

/// One thing Ctrl+K can reach. With an action it runs it, otherwise it goes to `target`.
struct PaletteEntry {
    QString title;
    QString kind;      ///< translated word on the right: tr("Topic"), tr("Action")
    QString icon;      ///< icon name
    QString keywords;  ///< also matched, not shown
    QString shortcut;  ///< shown only
    Location target;
    std::function<void()> action;
    int weight = 0;    ///< added to the score; pages and actions above a thousand topics
};

using PaletteProvider = std::function<QVector<PaletteEntry>()>;

/// Result of matching a query with a text: the score (higher is better) and the matched positions.
struct FuzzyMatch {
    int score = 0;
    QVector<int> positions;
};

/// Every character of `query` in order, case ignored; starts of words, runs and early hits score higher.
/// No match gives false. Deterministic.
bool fuzzyMatch(const QString& query, const QString& text, FuzzyMatch& out);

/// Indexes into `entries` of the best matches, best first, at most `limit`. An empty query keeps the order
/// of weights.
QVector<int> rankEntries(const QVector<PaletteEntry>& entries, const QString& query, int limit = 50);

/// "Go to or run...": type, Up/Down, Enter; Esc closes. Remembers what was chosen lately. GUI thread.
class CommandPalette : public QDialog {
    Q_OBJECT
public:
    explicit CommandPalette(QWidget* parent);
    void addProvider(PaletteProvider provider);
    /// Collects entries and opens over the parent window, with `query` typed in.
    void popUp(const QString& query = QString());
    int resultCount() const;
    PaletteEntry resultAt(int row) const;

signals:
    void navigateTo(const odradek::ui::Location& location);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    class Model;
    void refresh();
    void run(int row);

    QVector<PaletteProvider> m_providers;
    QVector<PaletteEntry> m_entries;
    QLineEdit* m_edit = nullptr;
    QListView* m_list = nullptr;
    Model* m_model = nullptr;
};

}  // namespace odradek::ui
