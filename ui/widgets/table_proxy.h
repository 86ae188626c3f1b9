// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractProxyModel>
#include <QSet>
#include <QStringList>
#include <QTimer>

#include <memory>
#include <vector>

namespace odradek::ui {

/// Filters and sorts a flat model without ever holding the GUI thread for longer than a frame: beyond
/// kSliceRows rows the filter runs in slices, first matches first, and sorting gathers keys in slices and
/// sorts on a worker. Sorts by kSortRole (typed), ties by source order. While neither filter nor sort is set
/// it is an identity and costs no memory per row. GUI thread; trees show their top level only.
class TableProxy : public QAbstractProxyModel {
    Q_OBJECT
public:
    static constexpr int kSliceRows = 20000;

    explicit TableProxy(QObject* parent = nullptr);
    ~TableProxy() override;

    void setSourceModel(QAbstractItemModel* model) override;
    void setSortRole(int role);
    int sortRole() const { return m_sortRole; }
    /// Words that must all be contained in a row's text (any of the filter columns), case ignored.
    void setFilterText(const QString& text);
    QString filterText() const { return m_filterText; }
    /// Columns looked at by the filter; empty = all.
    void setFilterColumns(const QSet<int>& columns);
    int sortColumn() const { return m_sortColumn; }
    Qt::SortOrder sortOrder() const { return m_sortOrder; }
    /// Work is still going on; the rows shown so far are right but not all.
    bool isBusy() const { return m_stage != Stage::Idle; }

    /// No work is going on and no change of data waits to be sorted in.
    bool isSettled() const { return !isBusy() && !m_resort.isActive(); }

    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;  ///< column -1 = source order

    QModelIndex index(int row, int column, const QModelIndex& parent = QModelIndex()) const override;
    QModelIndex parent(const QModelIndex& child) const override;
    int rowCount(const QModelIndex& parent = QModelIndex()) const override;
    int columnCount(const QModelIndex& parent = QModelIndex()) const override;
    QModelIndex mapToSource(const QModelIndex& proxyIndex) const override;
    QModelIndex mapFromSource(const QModelIndex& sourceIndex) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    bool hasChildren(const QModelIndex& parent = QModelIndex()) const override;

signals:
    /// A filter or sort run began or ended.
    void busyChanged(bool busy);

private:
    enum class Stage { Idle, Gather, Sorting, Filter };
    struct Key;
    struct Work;

    bool identity() const { return m_identity; }
    bool accepts(int sourceRow) const;
    Key keyOf(int sourceRow) const;
    void rebuild();                ///< order and filter from the start
    void startFilter();
    void step();
    void setStage(Stage stage);
    void applyOrder(std::vector<int> order);
    void resort();
    void rebuildInverse();
    int insertPosition(int sourceRow) const;

    void onDataChanged(const QModelIndex& topLeft, const QModelIndex& bottomRight, const QList<int>& roles);
    void onRowsAboutToBeInserted(const QModelIndex& parent, int first, int last);
    void onRowsInserted(const QModelIndex& parent, int first, int last);
    void onRowsAboutToBeRemoved(const QModelIndex& parent, int first, int last);
    void onRowsRemoved(const QModelIndex& parent, int first, int last);
    void onLayoutAboutToBeChanged();
    void onLayoutChanged();

    bool m_identity = true;
    bool m_filterComplete = true;  ///< m_rows are all rows the filter accepts
    std::vector<int> m_rows;     ///< proxy row -> source row (when not identity)
    std::vector<int> m_inverse;  ///< source row -> proxy row or -1
    std::vector<int> m_order;    ///< all source rows in sorted order; empty = source order
    QString m_filterText;
    QStringList m_words;
    QSet<int> m_filterColumns;
    int m_sortRole;
    int m_sortColumn = -1;
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
    Stage m_stage = Stage::Idle;
    std::unique_ptr<Work> m_work;
    quint64 m_generation = 0;
    QTimer m_timer;
    QTimer m_resort;
    QList<QPersistentModelIndex> m_layoutSource;
    QModelIndexList m_layoutProxy;
};

}  // namespace odradek::ui
