// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/common/roles.h"

#include <QAbstractTableModel>
#include <QThread>

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

namespace odradek::models {

/// A flat table over whole immutable rows: the owner hands in the complete new rows, the model
/// finds the smallest inserts, removes and changes. Rows are compared by key (what a row is) and by
/// == (how it looks now).
///
/// Lifecycle: give it columns and a key once, then setRows() as often as there is news; selections
/// and scroll positions survive. Thread: that of the object (asserted). Cost: linear in rows, no
/// allocation per unchanged row.
template <class Row>
class RowModel : public QAbstractTableModel {
public:
    using Getter = std::function<QVariant(const Row&)>;

    /// One column. `text` is what people read; the others are optional.
    struct Column {
        QString title;
        Getter text;
        Getter sort;                                ///< typed value; default: the text
        Getter exact;                               ///< exact value with unit for the tooltip
        std::vector<std::pair<int, Getter>> roles;  ///< further roles, see Role
    };

    /// `less` orders keys of rows and must be consistent with the order rows are given in:
    /// setRows() sorts by it.
    RowModel(std::vector<Column> columns, std::function<QString(const Row&)> key,
             std::function<bool(const Row&, const Row&)> less, QObject* parent = nullptr)
        : QAbstractTableModel(parent),
          m_columns(std::move(columns)),
          m_key(std::move(key)),
          m_less(std::move(less)) {}

    int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
    }
    int columnCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
    }
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override {
        if (orientation != Qt::Horizontal || role != Qt::DisplayRole || section < 0 ||
            section >= columnCount())
            return {};
        return m_columns[static_cast<std::size_t>(section)].title;
    }
    QVariant data(const QModelIndex& index, int role) const override {
        if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
            return {};
        const auto& row = m_rows[static_cast<std::size_t>(index.row())];
        const auto& column = m_columns[static_cast<std::size_t>(index.column())];
        switch (role) {
            case Qt::DisplayRole:
                return column.text ? column.text(row) : QVariant();
            case kSortRole:
                return column.sort ? column.sort(row) : column.text ? column.text(row) : QVariant();
            case kExactRole:
            case Qt::ToolTipRole:
                return column.exact ? column.exact(row) : QVariant();
            case kKeyRole:
                return m_key(row);
            default:
                break;
        }
        for (const auto& [number, getter] : column.roles)
            if (number == role)
                return getter(row);
        return {};
    }

    /// Replaces all rows with the smallest set of signals.
    void setRows(std::vector<Row> rows) {
        Q_ASSERT(QThread::currentThread() == thread());
        std::sort(rows.begin(), rows.end(), m_less);
        removeMissing(rows);
        insertNew(rows);
        Q_ASSERT(m_rows.size() == rows.size());
        reportChanged(std::move(rows));
    }

    const std::vector<Row>& rows() const { return m_rows; }
    const Row& row(int index) const { return m_rows[static_cast<std::size_t>(index)]; }
    /// The row with this key, -1 when there is none.
    int rowOf(const QString& key) const {
        for (std::size_t i = 0; i < m_rows.size(); ++i)
            if (m_key(m_rows[i]) == key)
                return static_cast<int>(i);
        return -1;
    }

private:
    bool same(const Row& a, const Row& b) const { return !m_less(a, b) && !m_less(b, a); }

    void removeMissing(const std::vector<Row>& rows) {
        // From the end, so that earlier row numbers stay true while ranges go.
        auto i = m_rows.size();
        auto j = rows.size();
        const auto stays = [&](const Row& row) {
            while (j > 0 && m_less(row, rows[j - 1]))
                --j;
            return j > 0 && same(row, rows[j - 1]);
        };
        while (i > 0) {
            if (stays(m_rows[i - 1])) {
                --i;
                continue;
            }
            auto first = i - 1;
            while (first > 0 && !stays(m_rows[first - 1]))
                --first;
            beginRemoveRows({}, static_cast<int>(first), static_cast<int>(i - 1));
            m_rows.erase(m_rows.begin() + static_cast<std::ptrdiff_t>(first),
                         m_rows.begin() + static_cast<std::ptrdiff_t>(i));
            endRemoveRows();
            i = first;
        }
    }

    void insertNew(const std::vector<Row>& rows) {
        for (std::size_t j = 0; j < rows.size(); ++j) {
            if (j < m_rows.size() && same(m_rows[j], rows[j]))
                continue;
            auto last = j;
            while (last + 1 < rows.size() &&
                   (j >= m_rows.size() || m_less(rows[last + 1], m_rows[j])))
                ++last;
            beginInsertRows({}, static_cast<int>(j), static_cast<int>(last));
            m_rows.insert(m_rows.begin() + static_cast<std::ptrdiff_t>(j),
                          rows.begin() + static_cast<std::ptrdiff_t>(j),
                          rows.begin() + static_cast<std::ptrdiff_t>(last + 1));
            endInsertRows();
            j = last;
        }
    }

    void reportChanged(std::vector<Row> rows) {
        std::vector<std::pair<int, int>> ranges;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (rows[i] == m_rows[i])
                continue;
            if (!ranges.empty() && ranges.back().second == static_cast<int>(i) - 1)
                ranges.back().second = static_cast<int>(i);
            else
                ranges.emplace_back(static_cast<int>(i), static_cast<int>(i));
        }
        m_rows = std::move(rows);
        for (auto [first, last] : ranges)
            emit dataChanged(index(first, 0), index(last, columnCount() - 1));
    }

    std::vector<Column> m_columns;
    std::function<QString(const Row&)> m_key;
    std::function<bool(const Row&, const Row&)> m_less;
    std::vector<Row> m_rows;
};

}  // namespace odradek::models
