// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/data_table.h"

#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/state_view.h"
#include "ui/widgets/table_delegate.h"
#include "ui/widgets/table_proxy.h"

#include <QAction>
#include <QContextMenuEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QPointer>
#include <QScrollBar>
#include <QSettings>
#include <QTableView>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace odradek::ui {

namespace {

// Column headings: quiet words, aligned as their column, a small triangle at the sorted one.
class TableHeader : public QHeaderView {
public:
    explicit TableHeader(QWidget* parent) : QHeaderView(Qt::Horizontal, parent) {
        setSectionsClickable(true);
        setSectionsMovable(true);
        setHighlightSections(false);
        setMinimumSectionSize(36);
        setStretchLastSection(false);
        setMouseTracking(true);
    }
    TableDelegate* delegate = nullptr;
    QSize sizeHint() const override { return {100, metrics().tableHeader}; }

protected:
    void paintEvent(QPaintEvent* event) override {
        QHeaderView::paintEvent(event);
        QPainter painter(viewport());
        hLine(painter, 0, viewport()->width(), viewport()->height() - 1, tokens().border.normal);
    }
    void paintSection(QPainter* painter, const QRect& rect, int section) const override {
        const Tokens& t = tokens();
        painter->save();
        painter->setFont(theme().font(Theme::Size::Caption));
        const bool sorted = isSortIndicatorShown() && sortIndicatorSection() == section;
        painter->setPen(sorted ? t.text.primary : t.text.tertiary);
        const bool right = delegate && TableDelegate::isRightAligned(delegate->kind(section));
        QString text = model() ? model()->headerData(section, orientation()).toString() : QString();
        if (sorted)
            text += sortIndicatorOrder() == Qt::AscendingOrder ? QStringLiteral(" \u25B4")
                                                               : QStringLiteral(" \u25BE");
        drawText(*painter, QRectF(rect).adjusted(visualIndex(section) == 0 ? 12 : 8, 0, -8, -1),
                 Qt::AlignVCenter | (right ? Qt::AlignRight : Qt::AlignLeft), text);
        painter->restore();
    }
};

}  // namespace

// Keys and focus of the table; everything else is QTableView.
class DataTable::View : public QTableView {
public:
    explicit View(DataTable* owner) : QTableView(owner), m_owner(owner) {}

protected:
    void keyPressEvent(QKeyEvent* event) override {
        if (event->matches(QKeySequence::Copy))
            return m_owner->copySelection(CopyFormat::Text);
        switch (event->key()) {
            case Qt::Key_Return:
            case Qt::Key_Enter:
                if (m_owner->currentSourceRow() >= 0)
                    emit m_owner->activated(m_owner->currentSourceRow());
                return;
            case Qt::Key_Space:
                if (m_owner->currentSourceRow() >= 0)
                    emit m_owner->detailRequested(m_owner->currentSourceRow());
                return;
            case Qt::Key_Slash:
                return m_owner->focusFilter();
            case Qt::Key_Home:
            case Qt::Key_End:
                if (model() && model()->rowCount() > 0 &&
                    !(event->modifiers() & Qt::ShiftModifier)) {
                    const int row = event->key() == Qt::Key_Home ? 0 : model()->rowCount() - 1;
                    setCurrentIndex(model()->index(row, std::max(0, currentIndex().column())));
                    return;
                }
                break;
            case Qt::Key_Escape:
                if (!m_owner->filter().isEmpty())
                    return m_owner->setFilter({});
                break;
            default:
                break;
        }
        QTableView::keyPressEvent(event);
    }
    void focusInEvent(QFocusEvent* event) override {
        QTableView::focusInEvent(event);
        if (!currentIndex().isValid() && model() && model()->rowCount() > 0 &&
            event->reason() != Qt::MouseFocusReason)
            setCurrentIndex(model()->index(0, 0));
        viewport()->update();
    }
    void contextMenuEvent(QContextMenuEvent* event) override {
        const bool mouse = event->reason() == QContextMenuEvent::Mouse;
        m_owner->openContextMenu(
            mouse ? event->globalPos()
                  : viewport()->mapToGlobal(visualRect(currentIndex()).bottomLeft()));
    }

private:
    DataTable* m_owner;
};

DataTable::DataTable(QWidget* parent) : QWidget(parent) {
    m_proxy = new TableProxy(this);
    m_table = new View(this);
    m_view = m_table;
    auto* delegate = new TableDelegate(m_view);
    auto* header = new TableHeader(m_view);
    header->delegate = delegate;
    m_view->setItemDelegate(delegate);
    m_view->setHorizontalHeader(header);
    m_view->verticalHeader()->hide();
    m_view->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_view->setShowGrid(false);
    m_view->setWordWrap(false);
    m_view->setMouseTracking(true);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->setTabKeyNavigation(false);
    m_view->setAccessibleName(tr("Table"));
    m_view->setProperty("generalName", true);
    m_view->setModel(m_proxy);
    header->setSortIndicatorShown(true);
    header->setSortIndicator(-1, Qt::AscendingOrder);
    m_view->viewport()->installEventFilter(this);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_toolsSlot = new QWidget(this);
    auto* slot = new QHBoxLayout(m_toolsSlot);
    slot->setContentsMargins(12, 6, 8, 6);
    m_toolsSlot->hide();
    layout->addWidget(m_toolsSlot);
    layout->addWidget(m_view, 1);
    m_state = new StateView(m_view->viewport());
    m_state->hide();
    connect(m_state, &StateView::action, this, [this] {
        if (!filter().isEmpty())
            setFilter({});
        else
            emit emptyAction();
    });
    buildTools();
    setFocusProxy(m_view);

    m_saveTimer = new QTimer(this);
    m_saveTimer->setSingleShot(true);
    m_saveTimer->setInterval(400);
    connect(m_saveTimer, &QTimer::timeout, this, &DataTable::saveState);
    connect(header, &QHeaderView::sectionClicked, this, [this, header](int section) {
        // Third click on a heading goes back to the model's own order.
        if (m_proxy->sortColumn() != section)
            setSort(section, Qt::AscendingOrder);
        else if (m_proxy->sortOrder() == Qt::AscendingOrder)
            setSort(section, Qt::DescendingOrder);
        else
            setSort(-1, Qt::AscendingOrder);
        Q_UNUSED(header);
        scheduleSave();
    });
    connect(header, &QHeaderView::sectionResized, this, [this](int section, int, int size) {
        if (m_sizing || !m_proxy->sourceModel())
            return;
        const ColumnSpec* s = spec(section);
        if (size > 0)
            m_userWidths[s && !s->id.isEmpty() ? s->id : QString::number(section)] = size;
        scheduleSave();
    });
    connect(header, &QHeaderView::sectionMoved, this, &DataTable::scheduleSave);
    connect(m_view, &QAbstractItemView::doubleClicked, this, [this](const QModelIndex& index) {
        emit activated(m_proxy->mapToSource(index).row());
    });
    connect(m_view->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this] { emit currentRowChanged(currentSourceRow()); });
    // Resets (a filter run, a new snapshot) keep the selected rows and the place on the screen.
    connect(m_proxy, &QAbstractItemModel::modelAboutToBeReset, this, [this] {
        const QVector<int> rows = selectedSourceRows();
        if (!rows.isEmpty() || currentSourceRow() >= 0) {
            m_keptSelection = rows;
            m_keptCurrent = currentSourceRow();
        }
    });
    connect(m_proxy, &QAbstractItemModel::modelReset, this, [this] {
        if (m_keptCurrent >= 0 && m_proxy->sourceModel() &&
            m_keptCurrent < m_proxy->sourceModel()->rowCount()) {
            const int kept = m_keptCurrent;
            const QModelIndex index =
                m_proxy->mapFromSource(m_proxy->sourceModel()->index(kept, 0));
            if (index.isValid()) {
                m_view->selectionModel()->setCurrentIndex(
                    index, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
                m_keptCurrent = -1;
            }
        }
        refreshState();
    });
    for (auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(m_proxy, signal, this, &DataTable::refreshState);
    connect(m_proxy, &TableProxy::busyChanged, this, &DataTable::refreshState);
    connect(&theme(), &Theme::changed, this, &DataTable::applyTheme);
    applyTheme();
}

DataTable::~DataTable() {
    if (m_saveTimer->isActive())
        saveState();
}

void DataTable::applyTheme() {
    m_view->verticalHeader()->setMinimumSectionSize(metrics().tableRow);
    m_view->verticalHeader()->setDefaultSectionSize(metrics().tableRow);
    m_view->horizontalHeader()->setFixedHeight(metrics().tableHeader);
    m_sized = false;
    applyColumns();
    m_fittedRows = -1;
    fitHeight();
    m_view->viewport()->update();
}

void DataTable::setModel(QAbstractItemModel* model) {
    m_sized = false;
    m_proxy->setSourceModel(model);
    applyColumns();
    restoreState();
    refreshState();
}

QAbstractItemModel* DataTable::sourceModel() const {
    return m_proxy->sourceModel();
}

void DataTable::setColumns(const QVector<ColumnSpec>& columns) {
    m_columns = columns;
    m_sized = false;
    applyColumns();
    if (m_proxy->sourceModel())
        restoreState();
}

void DataTable::setRole(TableRole role, int modelRole) {
    m_roles[role] = modelRole;
    static_cast<TableDelegate*>(m_view->itemDelegate())->setRole(role, modelRole);
    if (role == kSortRole)
        m_proxy->setSortRole(modelRole);
}

int DataTable::roleFor(TableRole role) const {
    return m_roles.value(role, role);
}

const ColumnSpec* DataTable::spec(int column) const {
    for (const ColumnSpec& s : m_columns)
        if (s.column == column)
            return &s;
    return nullptr;
}

void DataTable::applyColumns() {
    auto* delegate = static_cast<TableDelegate*>(m_view->itemDelegate());
    m_sizing = true;
    for (const ColumnSpec& s : m_columns) {
        delegate->setKind(s.column, s.kind);
        if (s.column < m_proxy->columnCount())
            m_view->setColumnHidden(s.column,
                                    !s.visible || (s.hideInPresenter && theme().isPresenter()));
    }
    m_sizing = false;
    sizeColumns();
}

void DataTable::setSort(int column, Qt::SortOrder order) {
    m_view->horizontalHeader()->setSortIndicator(column, order);
    m_proxy->sort(column, order);
}

void DataTable::setFilter(const QString& text) {
    if (m_filterEdit->text() != text)
        m_filterEdit->setText(text);  // its signal does the rest
    else if (m_proxy->filterText() != text)
        m_proxy->setFilterText(text);
}

QString DataTable::filter() const {
    return m_filterEdit->text();
}

void DataTable::setEmptyState(const QString& title, const QString& hint,
                              const QString& actionText) {
    m_emptyTitle = title;
    m_emptyHint = hint;
    m_emptyAction = actionText;
    refreshState();
}

void DataTable::setLoading(bool loading) {
    if (m_loading == loading)
        return;
    m_loading = loading;
    refreshState();
}

void DataTable::setError(const QString& title, const QString& hint) {
    m_errorTitle = title;
    m_errorHint = hint;
    refreshState();
}

void DataTable::refreshState() {
    fitHeight();
    const bool rows = m_proxy->rowCount() > 0;
    if (rows && !m_sized)
        sizeColumns();
    if (!m_errorTitle.isEmpty()) {
        m_state->setState(StateView::Kind::Error, m_errorTitle, m_errorHint);
    } else if (rows || m_proxy->isBusy()) {
        m_state->hide();
        return;
    } else if (m_loading) {
        m_state->setState(StateView::Kind::Loading, {});
    } else if (!m_proxy->filterText().trimmed().isEmpty() && m_proxy->sourceModel() &&
               m_proxy->sourceModel()->rowCount() > 0) {
        m_state->setState(
            StateView::Kind::NotFound,
            tr("Nothing matches \u201C%1\u201D").arg(m_proxy->filterText()),
            tr("%n row(s) hidden by the filter.", nullptr, m_proxy->sourceModel()->rowCount()),
            tr("Clear filter"));
    } else {
        m_state->setState(StateView::Kind::Empty,
                          m_emptyTitle.isEmpty() ? tr("Nothing here yet") : m_emptyTitle,
                          m_emptyHint, m_emptyAction);
    }
    m_state->setGeometry(m_view->viewport()->rect());
    m_state->show();
    m_state->raise();
}

void DataTable::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    sizeColumns();
}

int DataTable::naturalWidth(int column, const ColumnSpec* spec, int sample) const {
    const QFontMetricsF headerMetrics(theme().font(Theme::Size::Caption));
    const auto* delegate = static_cast<TableDelegate*>(m_view->itemDelegate());
    const QString title = m_proxy->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
    int width =
        static_cast<int>(headerMetrics.horizontalAdvance(title + QStringLiteral(" \u25B4"))) + 20;
    if (spec && spec->width > 0)
        return std::max(width - (spec->kind == ColumnKind::Sparkline ? 12 : 0),
                        static_cast<int>(spec->width * static_cast<double>(metrics().body) / 13.0));
    for (int row = 0; row < sample; ++row)
        width = std::max(width, delegate->cellWidth(m_proxy->index(row, column)));
    return std::min(width, 420);
}

void DataTable::sizeColumns() {
    const int columns = m_proxy->columnCount();
    if (columns == 0)
        return;
    struct Shown {
        int column;
        int width;
        int least;  // what the heading needs
        bool free;  // not set by the user
        bool spark;
    };
    std::vector<Shown> shown;
    const QFontMetricsF headerMetrics(theme().font(Theme::Size::Caption));
    const int sample = std::min(m_proxy->rowCount(), 60);
    int used = 0, stretch = -1;
    for (int c = 0; c < columns; ++c) {
        if (m_view->isColumnHidden(c))
            continue;
        const ColumnSpec* s = spec(c);
        const int user = m_userWidths.value(s && !s->id.isEmpty() ? s->id : QString::number(c), 0);
        // Sampled once per model, then it stands still.
        if (!m_sized || !m_natural.contains(c))
            m_natural[c] = naturalWidth(c, s, sample);
        const QString title = m_proxy->headerData(c, Qt::Horizontal, Qt::DisplayRole).toString();
        const int least = static_cast<int>(headerMetrics.horizontalAdvance(title)) + 20;
        const bool spark = s && s->kind == ColumnKind::Sparkline;
        if (s && s->stretch)
            stretch = static_cast<int>(shown.size());
        shown.push_back({c, user > 0 ? user : m_natural[c], least, user == 0, spark});
        used += shown.back().width;
    }
    const int room = m_view->viewport()->width();
    if (int over = used - room; over > 0) {
        // Too narrow: the stretching column gives first, it elides best; then every other free
        // column gives some of its air, none less than its heading needs.
        if (stretch >= 0) {
            auto& first = shown[static_cast<std::size_t>(stretch)];
            // Short names stay whole.
            const auto* delegate = static_cast<TableDelegate*>(m_view->itemDelegate());
            int content = metrics().body * 9;
            for (int row = 0; row < std::min(sample, 20); ++row)
                content = std::max(content, delegate->cellWidth(m_proxy->index(row, first.column)));
            const int keeps = std::max(first.least, std::min(content, metrics().body * 12));
            const int gives = std::clamp(first.width - keeps, 0, over);
            first.least = std::max(first.least, keeps);
            first.width -= gives;
            over -= gives;
        }
        int air = 0;
        for (const Shown& s : shown)
            air += s.free ? std::max(0, s.width - s.least) : 0;
        const double part = air > 0 ? std::min(1.0, static_cast<double>(over) / air) : 0;
        for (Shown& s : shown)
            if (s.free)
                s.width -= static_cast<int>(std::ceil(std::max(0, s.width - s.least) * part));
    } else if (stretch >= 0) {
        // The stretching column first, but a name does not stand a hand's breadth from its numbers:
        // what is left then goes to all columns by their width.
        const int extra = room - used;
        auto& first = shown[static_cast<std::size_t>(stretch)];
        const int cap = std::max(first.width, static_cast<int>(metrics().body * 24));
        const int own = std::min(extra, std::max(0, cap - first.width));
        first.width += own;
        int rest = extra - own;
        int weight = 0;
        for (const Shown& s : shown)
            weight += s.free ? s.width : 0;
        if (rest > 0 && weight > 0) {
            const int all = rest;
            for (Shown& s : shown)
                if (s.free) {
                    const int share = static_cast<int>(static_cast<qint64>(all) * s.width / weight);
                    s.width += share;
                    rest -= share;
                }
        }
        first.width += rest;
    }
    auto* header = m_view->horizontalHeader();
    m_sizing = true;
    for (const Shown& s : shown)
        if (header->sectionSize(s.column) != s.width)
            header->resizeSection(s.column, s.width);
    m_sizing = false;
    if (sample > 0)
        m_sized = true;
}

void DataTable::setFitRows(int least, int most) {
    m_leastRows = least;
    m_mostRows = most;
    m_fittedRows = -1;
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    m_view->setMinimumHeight(1);
    m_view->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Ignored);
    fitHeight();
}

int DataTable::heightOf(int rows) const {
    const int tools = m_toolsSlot->isHidden() ? 0 : m_toolsSlot->sizeHint().height();
    return metrics().tableHeader + rows * metrics().tableRow + 2 + tools;
}

void DataTable::fitHeight() {
    if (m_mostRows <= 0)
        return;
    const int rows = std::clamp(m_proxy->rowCount(), m_leastRows, m_mostRows);
    if (m_fittedRows == rows)
        return;
    m_fittedRows = rows;
    updateGeometry();
}

QSize DataTable::sizeHint() const {
    return m_mostRows <= 0 ? QWidget::sizeHint() : QSize(320, heightOf(m_fittedRows));
}

QSize DataTable::minimumSizeHint() const {
    return m_mostRows <= 0 ? QWidget::minimumSizeHint() : QSize(160, heightOf(m_leastRows));
}

QVector<int> DataTable::selectedSourceRows() const {
    QVector<int> rows;
    if (!m_view->selectionModel() || !m_proxy->sourceModel())
        return rows;
    for (const QModelIndex& index : m_view->selectionModel()->selectedRows())
        rows.append(m_proxy->mapToSource(index).row());
    std::sort(rows.begin(), rows.end());
    return rows;
}

int DataTable::currentSourceRow() const {
    const QModelIndex index = m_view->currentIndex();
    return index.isValid() ? m_proxy->mapToSource(index).row() : -1;
}

void DataTable::selectSourceRow(int row) {
    if (!m_proxy->sourceModel())
        return;
    const QModelIndex index = m_proxy->mapFromSource(m_proxy->sourceModel()->index(row, 0));
    if (!index.isValid())
        return m_view->selectionModel()->clear();
    m_view->selectionModel()->setCurrentIndex(
        index, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    m_view->scrollTo(index);
}

int DataTable::visibleRowCount() const {
    return m_proxy->rowCount();
}

void DataTable::setColumnVisible(int column, bool visible) {
    if (!visible) {
        int shown = 0;
        for (int c = 0; c < m_proxy->columnCount(); ++c)
            shown += !m_view->isColumnHidden(c);
        if (shown <= 1)
            return;  // a table without columns could not be brought back by its header
    }
    m_view->setColumnHidden(column, !visible);
    m_sized = false;
    sizeColumns();
    scheduleSave();
}

bool DataTable::isColumnVisible(int column) const {
    return !m_view->isColumnHidden(column);
}

void DataTable::focusFilter() {
    m_filterEdit->show();
    m_filterEdit->setFocus(Qt::ShortcutFocusReason);
    m_filterEdit->selectAll();
}

void DataTable::setSelectionMulti(bool multi) {
    m_view->setSelectionMode(multi ? QAbstractItemView::ExtendedSelection
                                   : QAbstractItemView::SingleSelection);
}

bool DataTable::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_view->viewport() && event->type() == QEvent::Resize) {
        m_state->setGeometry(m_view->viewport()->rect());
        sizeColumns();
    }
    if (watched == m_filterEdit && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Escape) {
            m_filterEdit->clear();
            m_view->setFocus();
            return true;
        }
        if (key == Qt::Key_Down || key == Qt::Key_Return || key == Qt::Key_Enter) {
            m_view->setFocus(Qt::TabFocusReason);
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace odradek::ui
