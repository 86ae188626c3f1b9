// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/tokens.h"
#include "ui/widgets/table_roles.h"

#include <QHash>
#include <QVector>
#include <QWidget>

#include <functional>

class QAbstractItemModel;
class QAction;
class QItemSelectionModel;
class QLineEdit;
class QMenu;
class QTableView;
class QTimer;

namespace odradek::ui {

class StateView;
class TableProxy;

/// How a model column is shown. Columns without a spec are ColumnKind::Text.
struct ColumnSpec {
    int column = 0;
    ColumnKind kind = ColumnKind::Text;
    int width = 0;             ///< px at normal density; 0 = by header and the first visible rows
    bool visible = true;       ///< shown by default; the user can change it
    bool stretch = false;      ///< takes the remaining width (one column)
    bool hideInPresenter = false;
    QString id;                ///< stable name for remembering; default: the column number
};

/// The one table of the window, over any flat QAbstractItemModel. Sort by header click, filter as you type
/// ('/' focuses), column chooser, copy as text, CSV or JSON, export to a file, context menu, keyboard use
/// (Enter or double click = activated, Space = detail), sparklines, statuses and meters by role, fixed row
/// height, a designed empty state, skeleton rows while loading. Its state is remembered in QSettings under
/// its objectName(), so give it one before setModel(). The model must outlive it. GUI thread.
class DataTable : public QWidget {
    Q_OBJECT
public:
    enum class CopyFormat { Text, Csv, Json };

    explicit DataTable(QWidget* parent = nullptr);
    ~DataTable() override;

    void setModel(QAbstractItemModel* model);
    QAbstractItemModel* sourceModel() const;
    void setColumns(const QVector<ColumnSpec>& columns);
    /// Another number for one of the TableRoles in this model (setRole(kSortRole, MyModel::ValueRole)).
    void setRole(TableRole role, int modelRole);
    void setSort(int column, Qt::SortOrder order);  ///< default; a remembered one wins
    void setFilter(const QString& text);
    QString filter() const;

    /// Filter field, column chooser and export button in one row, to be put in a Panel header or elsewhere.
    /// Hidden inside the table's own top line unless taken.
    QWidget* tools();
    /// Shows tools() as the table's own top line.
    void showToolsInside();

    /// The words for "no rows", per cause. Without a filter `title`/`hint`; with a filter a fixed text.
    void setEmptyState(const QString& title, const QString& hint, const QString& actionText = QString());
    /// Skeleton rows as long as there are no rows and this is on.
    void setLoading(bool loading);
    /// Shows an error over the table (Kafka error, lost connection); empty text takes it away.
    void setError(const QString& title, const QString& hint = QString());

    /// Entries before the table's own in the context menu; called with the source rows selected.
    void setContextMenu(std::function<void(QMenu& menu, const QVector<int>& sourceRows)> filler);

    QVector<int> selectedSourceRows() const;
    int currentSourceRow() const;
    void selectSourceRow(int row);
    /// Rows after filter.
    int visibleRowCount() const;

    QString copyText(CopyFormat format, bool selectedOnly) const;
    void copySelection(CopyFormat format = CopyFormat::Text);
    /// Writes all filtered rows; the format follows the suffix (.csv, .json, else text). False with a
    /// translated reason in `error`.
    bool exportTo(const QString& path, QString* error = nullptr) const;
    void chooseExport();

    void setColumnVisible(int column, bool visible);
    bool isColumnVisible(int column) const;
    void focusFilter();
    /// Whether the filter field is part of what is shown.
    bool hasFilter() const { return m_tools->isVisible(); }
    /// Wants to be as high as its rows, between these numbers of rows; it can be squeezed to `least`, and beyond `most`
    /// it scrolls. 0, 0 = takes what it gets, the default. Give a neighbour the stretch.
    void setFitRows(int least, int most);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    void setSelectionMulti(bool multi);

    QTableView* view() const { return m_view; }
    TableProxy* proxy() const { return m_proxy; }

    void saveState() const;
    void restoreState();

signals:
    /// Enter or double click.
    void activated(int sourceRow);
    /// The current row changed, -1 = none.
    void currentRowChanged(int sourceRow);
    /// Space: show details of this row.
    void detailRequested(int sourceRow);
    void emptyAction();
    void filterChanged(const QString& text);
    /// Something was copied or exported; words for a notice.
    void noticed(odradek::ui::Status status, const QString& text);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    class View;
    void buildTools();
    void applyTheme();
    void applyColumns();
    void sizeColumns();
    int naturalWidth(int column, const ColumnSpec* spec, int sample) const;
    void fitHeight();
    int heightOf(int rows) const;
    void refreshState();
    void openColumnMenu(QWidget* anchor);
    void openContextMenu(const QPoint& globalPos);
    void scheduleSave();
    const ColumnSpec* spec(int column) const;
    int roleFor(TableRole role) const;
    QVector<int> exportColumns() const;

    View* m_table = nullptr;
    QTableView* m_view = nullptr;
    TableProxy* m_proxy = nullptr;
    StateView* m_state = nullptr;
    QWidget* m_tools = nullptr;
    QWidget* m_toolsSlot = nullptr;
    QLineEdit* m_filterEdit = nullptr;
    QVector<ColumnSpec> m_columns;
    QHash<int, int> m_roles;
    QHash<QString, int> m_userWidths;
    QHash<int, int> m_natural;  ///< widths by spec or content, before the viewport's width is shared out
    std::function<void(QMenu&, const QVector<int>&)> m_menuFiller;
    QString m_emptyTitle, m_emptyHint, m_emptyAction, m_errorTitle, m_errorHint;
    bool m_loading = false;
    bool m_restoring = false;
    bool m_sized = false;
    bool m_sizing = false;
    int m_leastRows = 0, m_mostRows = 0, m_fittedRows = -1;
    QTimer* m_saveTimer = nullptr;
    QVector<int> m_keptSelection;
    int m_keptCurrent = -1;
    friend class View;
};

}  // namespace odradek::ui
