// SPDX-License-Identifier: GPL-3.0-or-later
// How TableProxy follows its source model.
#include "ui/widgets/table_proxy.h"

#include <algorithm>
#include <memory>

namespace odradek::ui {

// Work in flight refers to rows by number; when rows come or go it starts again.

void TableProxy::onDataChanged(const QModelIndex& topLeft, const QModelIndex& bottomRight,
                               const QList<int>& roles) {
    if (topLeft.parent().isValid())
        return;
    if (m_identity) {
        emit dataChanged(createIndex(topLeft.row(), topLeft.column()),
                         createIndex(bottomRight.row(), bottomRight.column()), roles);
        // A model that was empty when it was sorted is in its own order until now.
        if (m_sortColumn >= 0)
            m_resort.start();
        return;
    }
    int low = rowCount();
    int high = -1;
    for (int row = topLeft.row(); row <= bottomRight.row(); ++row) {
        const int at = m_inverse[static_cast<std::size_t>(row)];
        if (at < 0)
            continue;
        low = std::min(low, at);
        high = std::max(high, at);
    }
    if (high >= low)
        emit dataChanged(createIndex(low, topLeft.column()),
                         createIndex(high, bottomRight.column()), roles);
    const bool sortTouched = m_sortColumn >= 0 && topLeft.column() <= m_sortColumn &&
                             m_sortColumn <= bottomRight.column();
    if (m_stage != Stage::Idle)
        return;
    if (!m_words.isEmpty()) {
        // Rows that came into or fell out of the filter; very many flips are a new filter run.
        int flips = 0;
        for (int row = topLeft.row(); row <= bottomRight.row(); ++row) {
            const bool shown = m_inverse[static_cast<std::size_t>(row)] >= 0;
            if (shown == accepts(row))
                continue;
            if (++flips > 200)
                return startFilter();
            const int at = shown ? m_inverse[static_cast<std::size_t>(row)] : insertPosition(row);
            if (shown) {
                beginRemoveRows({}, at, at);
                m_rows.erase(m_rows.begin() + at);
                rebuildInverse();
                endRemoveRows();
            } else {
                beginInsertRows({}, at, at);
                m_rows.insert(m_rows.begin() + at, row);
                rebuildInverse();
                endInsertRows();
            }
        }
    }
    if (sortTouched && !m_resort.isActive())
        m_resort.start(0);
}

void TableProxy::onRowsAboutToBeInserted(const QModelIndex& parent, int first, int last) {
    if (parent.isValid())
        return;
    if (m_identity)
        beginInsertRows({}, first, last);
}

void TableProxy::onRowsInserted(const QModelIndex& parent, int first, int last) {
    if (parent.isValid())
        return;
    if (m_identity) {
        endInsertRows();
        if (m_stage != Stage::Idle)
            rebuild();
        else if (m_sortColumn >= 0)
            m_resort.start();
        return;
    }
    const int count = last - first + 1;
    const auto shift = [first, count](std::vector<int>& rows) {
        for (int& row : rows)
            if (row >= first)
                row += count;
    };
    const bool wasBusy = m_stage != Stage::Idle;
    shift(m_rows);
    rebuildInverse();
    if (!m_order.empty()) {
        shift(m_order);
        for (int row = first; row <= last; ++row)
            m_order.push_back(row);
    }
    if (m_stage == Stage::Filter) {
        startFilter();
        if (m_sortColumn >= 0)
            m_resort.start(50);
        return;
    }
    std::vector<int> fresh;
    for (int row = first; row <= last; ++row)
        if (accepts(row))
            fresh.push_back(row);
    if (fresh.empty() && !wasBusy) {
        // Hidden rows have their place in the order too, for when the filter goes.
        if (m_sortColumn >= 0 && !m_resort.isActive())
            m_resort.start(0);
        return;
    }
    if (m_sortColumn >= 0 && fresh.size() <= 64 && !wasBusy) {
        for (const int row : fresh) {
            const int at = insertPosition(row);
            beginInsertRows({}, at, at);
            m_rows.insert(m_rows.begin() + at, row);
            rebuildInverse();
            endInsertRows();
        }
        if (!m_resort.isActive())
            m_resort.start(0);  // brings m_order up to date
        return;
    }
    // Without a sort they belong together; with one they go to the end and the order is made anew.
    if (!fresh.empty()) {
        const int at =
            m_sortColumn < 0 && !wasBusy ? insertPosition(first) : static_cast<int>(m_rows.size());
        beginInsertRows({}, at, at + static_cast<int>(fresh.size()) - 1);
        m_rows.insert(m_rows.begin() + at, fresh.begin(), fresh.end());
        rebuildInverse();
        endInsertRows();
    }
    if (wasBusy)
        rebuild();
    else if (m_sortColumn >= 0 && !m_resort.isActive())
        m_resort.start(0);
}

void TableProxy::onRowsAboutToBeRemoved(const QModelIndex& parent, int first, int last) {
    if (parent.isValid())
        return;
    if (m_identity)
        return beginRemoveRows({}, first, last);
    std::vector<int> gone;
    for (int row = first; row <= last; ++row) {
        const int at = m_inverse[static_cast<std::size_t>(row)];
        if (at >= 0)
            gone.push_back(at);
    }
    std::sort(gone.begin(), gone.end());
    // From the end, in runs, so earlier positions stay right.
    while (!gone.empty()) {
        const int high = gone.back();
        int low = high;
        gone.pop_back();
        while (!gone.empty() && gone.back() == low - 1) {
            low = gone.back();
            gone.pop_back();
        }
        beginRemoveRows({}, low, high);
        for (int at = low; at <= high; ++at)
            m_inverse[static_cast<std::size_t>(m_rows[static_cast<std::size_t>(at)])] = -1;
        m_rows.erase(m_rows.begin() + low, m_rows.begin() + high + 1);
        for (std::size_t at = static_cast<std::size_t>(low); at < m_rows.size(); ++at)
            m_inverse[static_cast<std::size_t>(m_rows[at])] = static_cast<int>(at);
        endRemoveRows();
    }
}

void TableProxy::onRowsRemoved(const QModelIndex& parent, int first, int last) {
    if (parent.isValid())
        return;
    if (m_identity) {
        endRemoveRows();
        if (m_stage != Stage::Idle)
            rebuild();
        return;
    }
    const int count = last - first + 1;
    const auto shift = [first, last, count](std::vector<int>& rows) {
        rows.erase(std::remove_if(rows.begin(), rows.end(),
                                  [=](int r) { return r >= first && r <= last; }),
                   rows.end());
        for (int& row : rows)
            if (row > last)
                row -= count;
    };
    shift(m_rows);
    shift(m_order);
    rebuildInverse();
    if (m_stage != Stage::Idle)
        rebuild();
}

void TableProxy::onLayoutAboutToBeChanged() {
    ++m_generation;
    emit layoutAboutToBeChanged();
    m_layoutProxy = persistentIndexList();
    m_layoutSource.clear();
    for (const QModelIndex& index : m_layoutProxy)
        m_layoutSource.append(QPersistentModelIndex(mapToSource(index)));
}

void TableProxy::onLayoutChanged() {
    if (!m_identity) {
        // The rows changed places under us: same members as the filter finds now, order from the
        // start.
        m_order.clear();
        m_rows.clear();
        const int total = sourceModel()->rowCount();
        for (int row = 0; row < total; ++row)
            if (total > kSliceRows || accepts(row))
                m_rows.push_back(row);
        rebuildInverse();
    }
    QModelIndexList after;
    for (const QPersistentModelIndex& index : m_layoutSource)
        after.append(mapFromSource(index));
    changePersistentIndexList(m_layoutProxy, after);
    m_layoutProxy.clear();
    m_layoutSource.clear();
    emit layoutChanged();
    setStage(Stage::Idle);
    if (m_identity)
        return;
    if (m_sortColumn >= 0)
        rebuild();
    else if (sourceModel()->rowCount() > kSliceRows)
        startFilter();
}

}  // namespace odradek::ui
