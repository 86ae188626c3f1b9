// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>

#include <deque>
#include <memory>
#include <vector>

#include "engine/api/commands.h"
#include "models/common/roles.h"

namespace odradek::models {

/// Records as read, a window over a bounded store: cells are made when they are drawn, never kept.
/// New records are added in blocks with one insert per block; past `limit` the oldest block goes
/// (only live tails get that far). Thread: the GUI's.
class RecordsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Partition, Offset, Time, Key, Value, Headers, Size, ColumnCount };

    explicit RecordsModel(QObject* parent = nullptr, std::size_t limit = 500'000);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    void clear();
    void append(std::vector<api::ReadRecord> records);
    const api::ReadRecord& record(int row) const;
    /// Records dropped at the front since clear().
    qint64 dropped() const { return m_dropped; }

private:
    QString text(const api::ReadRecord& record, int column) const;

    static constexpr std::size_t kBlock = 4096;
    using Block = std::vector<api::ReadRecord>;
    std::deque<std::unique_ptr<Block>> m_blocks;  ///< all full but the last
    std::size_t m_count = 0;
    std::size_t m_limit;
    qint64 m_dropped = 0;
};

}  // namespace odradek::models
