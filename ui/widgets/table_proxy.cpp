// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/table_proxy.h"

#include "ui/widgets/table_roles.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QElapsedTimer>
#include <QPointer>
#include <QThreadPool>

#include <algorithm>
#include <numeric>

namespace odradek::ui {

namespace {

constexpr qint64 kSliceMs = 8;

// Natural order: runs of digits by value ("p2" before "p10"), otherwise by case-folded letters.
int naturalCompare(const QString& a, const QString& b) {
    qsizetype i = 0;
    qsizetype j = 0;
    while (i < a.size() && j < b.size()) {
        if (a[i].isDigit() && b[j].isDigit()) {
            while (i < a.size() && a[i] == u'0')
                ++i;
            while (j < b.size() && b[j] == u'0')
                ++j;
            const qsizetype si = i;
            const qsizetype sj = j;
            while (i < a.size() && a[i].isDigit())
                ++i;
            while (j < b.size() && b[j].isDigit())
                ++j;
            if (i - si != j - sj)
                return i - si < j - sj ? -1 : 1;
            for (qsizetype k = 0; k < i - si; ++k)
                if (a[si + k] != b[sj + k])
                    return a[si + k] < b[sj + k] ? -1 : 1;
            continue;
        }
        const QChar ca = a[i].toCaseFolded();
        const QChar cb = b[j].toCaseFolded();
        if (ca != cb)
            return ca < cb ? -1 : 1;
        ++i;
        ++j;
    }
    const qsizetype ra = a.size() - i;
    const qsizetype rb = b.size() - j;
    return ra == rb ? 0 : (ra < rb ? -1 : 1);
}

}  // namespace

// Missing values sort last in both directions, numbers before words.
struct TableProxy::Key {
    enum Kind : quint8 { Integer, Real, Text, Missing } kind = Missing;
    qint64 integer = 0;
    double real = 0;
    QString text;

    static int compare(const Key& a, const Key& b) {
        if (a.kind == Integer && b.kind == Integer)
            return a.integer == b.integer ? 0 : (a.integer < b.integer ? -1 : 1);
        if (a.kind <= Real && b.kind <= Real) {
            const double x = a.kind == Integer ? static_cast<double>(a.integer) : a.real;
            const double y = b.kind == Integer ? static_cast<double>(b.integer) : b.real;
            return x == y ? 0 : (x < y ? -1 : 1);
        }
        if (a.kind != b.kind)
            return a.kind < b.kind ? -1 : 1;
        return a.kind == Text ? naturalCompare(a.text, b.text) : 0;
    }
    static bool before(const Key& a, int rowA, const Key& b, int rowB, Qt::SortOrder order) {
        if ((a.kind == Missing) != (b.kind == Missing))
            return b.kind == Missing;
        const int c = compare(a, b);
        if (c == 0)
            return rowA < rowB;
        return order == Qt::AscendingOrder ? c < 0 : c > 0;
    }
};

struct TableProxy::Work {
    int next = 0;           // next source row (gather) or order position (filter)
    std::vector<Key> keys;  // by source row
};

TableProxy::TableProxy(QObject* parent) : QAbstractProxyModel(parent), m_sortRole(kSortRole) {
    m_timer.setInterval(0);
    connect(&m_timer, &QTimer::timeout, this, &TableProxy::step);
    m_resort.setSingleShot(true);
    m_resort.setInterval(0);
    connect(&m_resort, &QTimer::timeout, this, &TableProxy::resort);
}

TableProxy::~TableProxy() = default;

void TableProxy::setSourceModel(QAbstractItemModel* model) {
    if (model == sourceModel())
        return;
    beginResetModel();
    if (sourceModel())
        sourceModel()->disconnect(this);
    ++m_generation;
    QAbstractProxyModel::setSourceModel(model);
    if (model) {
        connect(model, &QAbstractItemModel::dataChanged, this, &TableProxy::onDataChanged);
        connect(model, &QAbstractItemModel::headerDataChanged, this,
                &TableProxy::headerDataChanged);
        connect(model, &QAbstractItemModel::rowsAboutToBeInserted, this,
                &TableProxy::onRowsAboutToBeInserted);
        connect(model, &QAbstractItemModel::rowsInserted, this, &TableProxy::onRowsInserted);
        connect(model, &QAbstractItemModel::rowsAboutToBeRemoved, this,
                &TableProxy::onRowsAboutToBeRemoved);
        connect(model, &QAbstractItemModel::rowsRemoved, this, &TableProxy::onRowsRemoved);
        connect(model, &QAbstractItemModel::layoutAboutToBeChanged, this,
                &TableProxy::onLayoutAboutToBeChanged);
        connect(model, &QAbstractItemModel::layoutChanged, this, &TableProxy::onLayoutChanged);
        connect(model, &QAbstractItemModel::rowsAboutToBeMoved, this,
                &TableProxy::onLayoutAboutToBeChanged);
        connect(model, &QAbstractItemModel::rowsMoved, this, &TableProxy::onLayoutChanged);
        const auto begin = [this] {
            ++m_generation;
            beginResetModel();
        };
        const auto end = [this] {
            m_rows.clear();
            m_inverse.clear();
            m_order.clear();
            m_identity = m_sortColumn < 0 && m_words.isEmpty();
            m_filterComplete = m_identity;
            endResetModel();
            if (!m_identity)
                rebuild();
        };
        connect(model, &QAbstractItemModel::modelAboutToBeReset, this, begin);
        connect(model, &QAbstractItemModel::modelReset, this, end);
        connect(model, &QAbstractItemModel::columnsAboutToBeInserted, this, begin);
        connect(model, &QAbstractItemModel::columnsInserted, this, end);
        connect(model, &QAbstractItemModel::columnsAboutToBeRemoved, this, begin);
        connect(model, &QAbstractItemModel::columnsRemoved, this, end);
    }
    m_rows.clear();
    m_inverse.clear();
    m_order.clear();
    m_identity = m_sortColumn < 0 && m_words.isEmpty();
    m_filterComplete = m_identity;
    endResetModel();
    setStage(Stage::Idle);
    if (!m_identity)
        rebuild();
}

void TableProxy::setSortRole(int role) {
    if (m_sortRole == role)
        return;
    m_sortRole = role;
    if (m_sortColumn >= 0)
        rebuild();
}

void TableProxy::setFilterColumns(const QSet<int>& columns) {
    if (m_filterColumns == columns)
        return;
    m_filterColumns = columns;
    if (!m_words.isEmpty())
        startFilter();
}

void TableProxy::setFilterText(const QString& text) {
    m_filterText = text;
    const QStringList words = text.simplified().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    if (words == m_words)
        return;
    m_words = words;
    if (m_stage == Stage::Gather || m_stage == Stage::Sorting) {
        m_filterComplete = false;  // the filter follows the sort
        return;
    }
    startFilter();
}

void TableProxy::sort(int column, Qt::SortOrder order) {
    if (column == m_sortColumn && order == m_sortOrder)
        return;
    m_sortColumn = column;
    m_sortOrder = order;
    rebuild();
}

QModelIndex TableProxy::index(int row, int column, const QModelIndex& parent) const {
    if (parent.isValid() || row < 0 || column < 0 || row >= rowCount() || column >= columnCount())
        return {};
    return createIndex(row, column);
}

QModelIndex TableProxy::parent(const QModelIndex&) const {
    return {};
}

int TableProxy::rowCount(const QModelIndex& parent) const {
    if (parent.isValid() || !sourceModel())
        return 0;
    return m_identity ? sourceModel()->rowCount() : static_cast<int>(m_rows.size());
}

int TableProxy::columnCount(const QModelIndex& parent) const {
    return parent.isValid() || !sourceModel() ? 0 : sourceModel()->columnCount();
}

bool TableProxy::hasChildren(const QModelIndex& parent) const {
    return !parent.isValid() && rowCount() > 0 && columnCount() > 0;
}

QModelIndex TableProxy::mapToSource(const QModelIndex& proxyIndex) const {
    if (!proxyIndex.isValid() || !sourceModel() || proxyIndex.model() != this)
        return {};
    const int row =
        m_identity ? proxyIndex.row() : m_rows[static_cast<std::size_t>(proxyIndex.row())];
    return sourceModel()->index(row, proxyIndex.column());
}

QModelIndex TableProxy::mapFromSource(const QModelIndex& sourceIndex) const {
    if (!sourceIndex.isValid() || sourceIndex.parent().isValid())
        return {};
    if (m_identity)
        return createIndex(sourceIndex.row(), sourceIndex.column());
    const auto row = static_cast<std::size_t>(sourceIndex.row());
    if (row >= m_inverse.size() || m_inverse[row] < 0)
        return {};
    return createIndex(m_inverse[row], sourceIndex.column());
}

QVariant TableProxy::headerData(int section, Qt::Orientation orientation, int role) const {
    if (!sourceModel())
        return {};
    if (orientation == Qt::Vertical)
        return role == Qt::DisplayRole ? QVariant(section + 1) : QVariant();
    return sourceModel()->headerData(section, orientation, role);
}

bool TableProxy::accepts(int sourceRow) const {
    if (m_words.isEmpty())
        return true;
    const QAbstractItemModel* model = sourceModel();
    QString text;
    const int columns = model->columnCount();
    for (int c = 0; c < columns; ++c) {
        if (!m_filterColumns.isEmpty() && !m_filterColumns.contains(c))
            continue;
        text += model->data(model->index(sourceRow, c), Qt::DisplayRole).toString();
        text += u'\x1f';
    }
    return std::all_of(m_words.begin(), m_words.end(), [&text](const QString& word) {
        return text.contains(word, Qt::CaseInsensitive);
    });
}

TableProxy::Key TableProxy::keyOf(int sourceRow) const {
    const QModelIndex index = sourceModel()->index(sourceRow, m_sortColumn);
    QVariant value = sourceModel()->data(index, m_sortRole);
    if (!value.isValid())
        value = sourceModel()->data(index, Qt::DisplayRole);
    Key key;
    switch (value.typeId()) {
        case QMetaType::UnknownType:
            return key;
        case QMetaType::Bool:
        case QMetaType::Int:
        case QMetaType::UInt:
        case QMetaType::Long:
        case QMetaType::Short:
        case QMetaType::LongLong:
        case QMetaType::ULongLong:
            key.kind = Key::Integer;
            key.integer = value.toLongLong();
            return key;
        case QMetaType::Double:
        case QMetaType::Float:
            key.real = value.toDouble();
            key.kind = key.real == key.real ? Key::Real : Key::Missing;
            return key;
        case QMetaType::QDateTime:
            key.kind = Key::Integer;
            key.integer = value.toDateTime().toMSecsSinceEpoch();
            return key;
        default:
            key.text = value.toString();
            key.kind = key.text.isEmpty() ? Key::Missing : Key::Text;
            return key;
    }
}

void TableProxy::setStage(Stage stage) {
    const bool before = isBusy();
    m_stage = stage;
    if (stage == Stage::Gather || stage == Stage::Filter)
        m_timer.start();
    else
        m_timer.stop();
    if (stage == Stage::Idle)
        m_work.reset();
    if (before != isBusy())
        emit busyChanged(isBusy());
}

void TableProxy::rebuild() {
    ++m_generation;
    m_resort.stop();
    if (!sourceModel())
        return;
    if (m_sortColumn < 0 || m_sortColumn >= sourceModel()->columnCount()) {
        if (!m_order.empty() || m_identity)
            applyOrder({});
        else
            startFilter();
        return;
    }
    m_work = std::make_unique<Work>();
    m_work->keys.reserve(static_cast<std::size_t>(sourceModel()->rowCount()));
    setStage(Stage::Gather);
    if (sourceModel()->rowCount() <= kSliceRows) {
        while (m_stage == Stage::Gather)
            step();
    }
}

void TableProxy::step() {
    if (!sourceModel() || !m_work)
        return setStage(Stage::Idle);
    const int total = sourceModel()->rowCount();
    const bool small = total <= kSliceRows;
    QElapsedTimer clock;
    clock.start();
    if (m_stage == Stage::Gather) {
        while (m_work->next < total) {
            m_work->keys.push_back(keyOf(m_work->next++));
            if (!small && m_work->next % 64 == 0 && clock.elapsed() >= kSliceMs)
                return;
        }
        const auto sorted = [](const std::vector<Key>& keys, Qt::SortOrder order) {
            std::vector<int> rows(keys.size());
            std::iota(rows.begin(), rows.end(), 0);
            std::sort(rows.begin(), rows.end(), [&](int a, int b) {
                return Key::before(keys[static_cast<std::size_t>(a)], a,
                                   keys[static_cast<std::size_t>(b)], b, order);
            });
            return rows;
        };
        if (small) {
            auto order = sorted(m_work->keys, m_sortOrder);
            applyOrder(std::move(order));
            return;
        }
        setStage(Stage::Sorting);
        auto keys = std::make_shared<std::vector<Key>>(std::move(m_work->keys));
        QPointer<TableProxy> self(this);
        QThreadPool::globalInstance()->start(
            [self, keys, sorted, order = m_sortOrder, generation = m_generation] {
                auto rows = std::make_shared<std::vector<int>>(sorted(*keys, order));
                QMetaObject::invokeMethod(qApp, [self, rows, generation] {
                    if (self && self->m_generation == generation)
                        self->applyOrder(std::move(*rows));
                });
            });
        return;
    }
    if (m_stage != Stage::Filter)
        return;
    std::vector<int> found;
    while (m_work->next < total) {
        const int position = m_work->next++;
        const int row = m_order.empty() ? position : m_order[static_cast<std::size_t>(position)];
        if (accepts(row))
            found.push_back(row);
        if (!small && position % 64 == 0 && clock.elapsed() >= kSliceMs)
            break;
    }
    if (!found.empty()) {
        const int first = static_cast<int>(m_rows.size());
        beginInsertRows({}, first, first + static_cast<int>(found.size()) - 1);
        for (const int row : found) {
            m_inverse[static_cast<std::size_t>(row)] = static_cast<int>(m_rows.size());
            m_rows.push_back(row);
        }
        endInsertRows();
    }
    if (m_work->next >= total) {
        m_filterComplete = true;
        setStage(Stage::Idle);
    }
}

void TableProxy::applyOrder(std::vector<int> order) {
    if (!m_filterComplete) {
        m_order = std::move(order);
        return startFilter();
    }
    // Membership stays, places change: a layout change, so that selections follow their rows.
    const auto total = static_cast<std::size_t>(sourceModel()->rowCount());
    emit layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    const QModelIndexList before = persistentIndexList();
    QList<int> sourceRows;
    for (const QModelIndex& index : before)
        sourceRows.append(m_identity ? index.row() : m_rows[static_cast<std::size_t>(index.row())]);
    std::vector<char> member(total, 1);
    if (!m_identity && !m_words.isEmpty())
        for (std::size_t i = 0; i < total; ++i)
            member[i] = i < m_inverse.size() && m_inverse[i] >= 0;
    m_order = std::move(order);
    m_rows.clear();
    if (m_order.empty() && m_words.isEmpty()) {
        m_identity = true;
        m_inverse.clear();
    } else {
        m_identity = false;
        for (std::size_t i = 0; i < total; ++i) {
            const int row = m_order.empty() ? static_cast<int>(i) : m_order[i];
            if (member[static_cast<std::size_t>(row)])
                m_rows.push_back(row);
        }
        rebuildInverse();
    }
    QModelIndexList after;
    for (qsizetype i = 0; i < before.size(); ++i) {
        const int row =
            m_identity ? sourceRows[i] : m_inverse[static_cast<std::size_t>(sourceRows[i])];
        after.append(row < 0 ? QModelIndex() : createIndex(row, before[i].column()));
    }
    changePersistentIndexList(before, after);
    emit layoutChanged({}, QAbstractItemModel::VerticalSortHint);
    setStage(Stage::Idle);
}

void TableProxy::startFilter() {
    if (!sourceModel())
        return;
    ++m_generation;
    beginResetModel();
    m_rows.clear();
    m_inverse.clear();
    const int total = sourceModel()->rowCount();
    m_identity = m_words.isEmpty() && m_order.empty();
    m_filterComplete = m_words.isEmpty();
    if (m_identity) {
        endResetModel();
        return setStage(Stage::Idle);
    }
    m_inverse.assign(static_cast<std::size_t>(total), -1);
    m_work = std::make_unique<Work>();
    if (m_words.isEmpty()) {
        m_rows = m_order;
        rebuildInverse();
        endResetModel();
        return setStage(Stage::Idle);
    }
    // The first slice belongs to the reset, so the view never flashes empty.
    QElapsedTimer clock;
    clock.start();
    while (m_work->next < total) {
        const int position = m_work->next++;
        const int row = m_order.empty() ? position : m_order[static_cast<std::size_t>(position)];
        if (accepts(row)) {
            m_inverse[static_cast<std::size_t>(row)] = static_cast<int>(m_rows.size());
            m_rows.push_back(row);
        }
        if (total > kSliceRows && position % 64 == 0 && clock.elapsed() >= kSliceMs)
            break;
    }
    const bool done = m_work->next >= total;
    m_filterComplete = done;
    endResetModel();
    setStage(done ? Stage::Idle : Stage::Filter);
}

void TableProxy::resort() {
    if (m_sortColumn < 0)
        return;
    if (m_stage == Stage::Idle)
        rebuild();
    else
        m_resort.start(50);
}

void TableProxy::rebuildInverse() {
    m_inverse.assign(static_cast<std::size_t>(sourceModel()->rowCount()), -1);
    for (std::size_t i = 0; i < m_rows.size(); ++i)
        m_inverse[static_cast<std::size_t>(m_rows[i])] = static_cast<int>(i);
}

int TableProxy::insertPosition(int sourceRow) const {
    if (m_sortColumn < 0)
        return static_cast<int>(std::lower_bound(m_rows.begin(), m_rows.end(), sourceRow) -
                                m_rows.begin());
    const Key key = keyOf(sourceRow);
    const auto it = std::lower_bound(m_rows.begin(), m_rows.end(), sourceRow, [&](int row, int) {
        return Key::before(keyOf(row), row, key, sourceRow, m_sortOrder);
    });
    return static_cast<int>(it - m_rows.begin());
}

}  // namespace odradek::ui
