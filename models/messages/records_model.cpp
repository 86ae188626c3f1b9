// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/messages/records_model.h"

#include <QCoreApplication>
#include <QThread>

#include <algorithm>
#include <iterator>

#include "models/common/text.h"
#include "models/messages/payload.h"

namespace odradek::models {

RecordsModel::RecordsModel(QObject* parent, std::size_t limit)
    : QAbstractTableModel(parent), m_limit(std::max(limit, kBlock)) {}

int RecordsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_count);
}

int RecordsModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant RecordsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
        case Partition:
            return tr("Partition");
        case Offset:
            return tr("Offset");
        case Time:
            return tr("Time");
        case Key:
            return tr("Key");
        case Value:
            return tr("Value");
        case Headers:
            return tr("Headers");
        case Size:
            return tr("Bytes");
        default:
            return {};
    }
}

QString RecordsModel::text(const api::ReadRecord& r, int column) const {
    switch (column) {
        case Partition:
            return QString::number(r.partition);
        case Offset:
            return number(r.offset);
        case Time:
            return clockTime(r.timestamp);
        case Key:
            return r.key ? preview(r.key, 120) : QStringLiteral("–");
        case Value:
            return preview(r.value);
        case Headers: {
            QStringList parts;
            for (const auto& [name, value] : r.headers)
                parts << QStringLiteral("%1=%2").arg(qs(name), preview(value, 60));
            return parts.join(QStringLiteral(", "));
        }
        case Size:
            return number(r.sizeInBytes);
        default:
            return {};
    }
}

QVariant RecordsModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const auto& r = record(index.row());
    if (role == Qt::DisplayRole)
        return text(r, index.column());
    if (role == kSortRole) {
        switch (index.column()) {
            case Partition:
                return r.partition;
            case Offset:
                return static_cast<qlonglong>(r.offset);
            case Time:
                return static_cast<qlonglong>(r.timestamp);
            case Size:
                return r.sizeInBytes;
            default:
                return text(r, index.column());
        }
    }
    if (role == kExactRole || role == Qt::ToolTipRole) {
        if (index.column() == Time)
            return tr("%1, %2").arg(dateTime(r.timestamp),
                                    r.logAppendTime ? tr("log append time") : tr("create time"));
        if (index.column() == Offset)
            return QString::number(r.offset);
        return {};
    }
    if (role == kKeyRole)
        return QStringLiteral("%1-%2").arg(r.partition).arg(r.offset);
    return {};
}

void RecordsModel::clear() {
    Q_ASSERT(QThread::currentThread() == thread());
    beginResetModel();
    m_blocks.clear();
    m_count = 0;
    m_dropped = 0;
    endResetModel();
}

void RecordsModel::append(std::vector<api::ReadRecord> records) {
    Q_ASSERT(QThread::currentThread() == thread());
    if (records.empty())
        return;
    beginInsertRows({}, static_cast<int>(m_count), static_cast<int>(m_count + records.size() - 1));
    for (auto& record : records) {
        if (m_blocks.empty() || m_blocks.back()->size() == kBlock) {
            m_blocks.push_back(std::make_unique<Block>());
            m_blocks.back()->reserve(kBlock);
        }
        m_blocks.back()->push_back(std::move(record));
    }
    m_count += records.size();
    endInsertRows();
    while (m_count > m_limit && m_blocks.size() > 1) {
        const auto gone = m_blocks.front()->size();
        beginRemoveRows({}, 0, static_cast<int>(gone) - 1);
        m_blocks.pop_front();
        m_count -= gone;
        m_dropped += static_cast<qint64>(gone);
        endRemoveRows();
    }
}

const api::ReadRecord& RecordsModel::record(int row) const {
    const auto i = static_cast<std::size_t>(row);
    return (*m_blocks[i / kBlock])[i % kBlock];
}

}  // namespace odradek::models
