// SPDX-License-Identifier: GPL-3.0-or-later
// Everything around the rows of a DataTable: filter field, columns, copy, export, menu, memory.
#include "ui/widgets/data_table.h"

#include "ui/theme/theme.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/table_delegate.h"
#include "ui/widgets/table_proxy.h"

#include <QAction>
#include <QClipboard>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLineEdit>
#include <QMenu>
#include <QSaveFile>
#include <QSettings>
#include <QStyle>
#include <QTableView>
#include <QTextStream>
#include <QTimer>

#include <algorithm>
#include <numeric>

namespace odradek::ui {

namespace {

QString csvField(const QString& text) {
    // A leading =, +, - or @ would be run as a formula by spreadsheets when the text came from
    // records.
    QString field = text;
    bool number = false;
    field.toDouble(&number);
    if (!number && !field.isEmpty() && QStringLiteral("=+-@").contains(field[0]))
        field.prepend(u'\'');
    if (!field.contains(u',') && !field.contains(u'"') && !field.contains(u'\n') &&
        !field.contains(u'\r'))
        return field;
    field.replace(u'"', QStringLiteral("\"\""));
    return u'"' + field + u'"';
}

}  // namespace

void DataTable::buildTools() {
    m_tools = new QWidget(this);
    auto* row = new QHBoxLayout(m_tools);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    m_filterEdit = new QLineEdit(m_tools);
    m_filterEdit->setObjectName(QStringLiteral("tableFilter"));
    m_filterEdit->setPlaceholderText(tr("Filter  /"));
    m_filterEdit->setAccessibleName(tr("Filter rows"));
    m_filterEdit->setClearButtonEnabled(true);
    m_filterEdit->setFixedWidth(150);
    m_filterEdit->setProperty("quiet", true);  // a frame only when it is used
    QAction* lead =
        m_filterEdit->addAction(theme().icon(QStringLiteral("filter")), QLineEdit::LeadingPosition);
    connect(&theme(), &Theme::changed, lead,
            [lead] { lead->setIcon(theme().icon(QStringLiteral("filter"))); });
    m_filterEdit->installEventFilter(this);
    connect(m_filterEdit, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_proxy->setFilterText(text);
        m_filterEdit->setProperty("quiet", text.isEmpty());
        m_filterEdit->style()->unpolish(m_filterEdit);
        m_filterEdit->style()->polish(m_filterEdit);
        refreshState();
        emit filterChanged(text);
    });
    auto* columns = new IconButton(QStringLiteral("columns"), tr("Choose columns"), m_tools);
    connect(columns, &QAbstractButton::clicked, this, [this, columns] { openColumnMenu(columns); });
    auto* exporting = new IconButton(QStringLiteral("export"), tr("Export these rows..."), m_tools);
    connect(exporting, &QAbstractButton::clicked, this, &DataTable::chooseExport);
    row->addWidget(m_filterEdit);
    row->addWidget(columns);
    row->addWidget(exporting);
    m_tools->hide();
}

QWidget* DataTable::tools() {
    m_tools->show();
    return m_tools;
}

void DataTable::showToolsInside() {
    auto* row = static_cast<QHBoxLayout*>(m_toolsSlot->layout());
    row->addStretch(1);
    row->addWidget(m_tools);
    m_tools->show();
    m_toolsSlot->show();
}

void DataTable::openColumnMenu(QWidget* anchor) {
    QMenu menu(this);
    for (int c = 0; c < m_proxy->columnCount(); ++c) {
        QAction* action =
            menu.addAction(m_proxy->headerData(c, Qt::Horizontal, Qt::DisplayRole).toString());
        action->setCheckable(true);
        action->setChecked(!m_view->isColumnHidden(c));
        connect(action, &QAction::toggled, this, [this, c](bool on) { setColumnVisible(c, on); });
    }
    menu.addSeparator();
    connect(menu.addAction(tr("Default columns")), &QAction::triggered, this, [this] {
        m_userWidths.clear();
        m_sized = false;
        for (int c = 0; c < m_proxy->columnCount(); ++c) {
            m_view->setColumnHidden(c, false);
            auto* header = m_view->horizontalHeader();
            header->moveSection(header->visualIndex(c), c);
        }
        applyColumns();
        scheduleSave();
    });
    menu.exec(anchor->mapToGlobal(QPoint(0, anchor->height())));
}

void DataTable::setContextMenu(std::function<void(QMenu&, const QVector<int>&)> filler) {
    m_menuFiller = std::move(filler);
}

void DataTable::openContextMenu(const QPoint& globalPos) {
    QMenu menu(this);
    const QVector<int> rows = selectedSourceRows();
    if (m_menuFiller && !rows.isEmpty()) {
        m_menuFiller(menu, rows);
        if (!menu.isEmpty())
            menu.addSeparator();
    }
    if (!rows.isEmpty()) {
        const QString cell = m_view->currentIndex().data(Qt::DisplayRole).toString();
        if (!cell.isEmpty())
            connect(menu.addAction(theme().icon(QStringLiteral("copy")), tr("Copy cell")),
                    &QAction::triggered, this,
                    [cell] { QGuiApplication::clipboard()->setText(cell); });
        QAction* text = menu.addAction(tr("Copy rows as text"));
        text->setShortcut(QKeySequence::Copy);
        connect(text, &QAction::triggered, this, [this] { copySelection(CopyFormat::Text); });
        connect(menu.addAction(tr("Copy rows as CSV")), &QAction::triggered, this,
                [this] { copySelection(CopyFormat::Csv); });
        connect(menu.addAction(tr("Copy rows as JSON")), &QAction::triggered, this,
                [this] { copySelection(CopyFormat::Json); });
        menu.addSeparator();
    }
    QAction* filterAction = menu.addAction(theme().icon(QStringLiteral("filter")), tr("Filter..."));
    connect(filterAction, &QAction::triggered, this, &DataTable::focusFilter);
    connect(menu.addAction(theme().icon(QStringLiteral("columns")), tr("Choose columns...")),
            &QAction::triggered, this, [this] { openColumnMenu(m_view->horizontalHeader()); });
    connect(menu.addAction(theme().icon(QStringLiteral("export")), tr("Export all rows...")),
            &QAction::triggered, this, &DataTable::chooseExport);
    menu.exec(globalPos);
}

QVector<int> DataTable::exportColumns() const {
    QVector<int> columns;
    const auto* header = m_view->horizontalHeader();
    const auto* delegate = static_cast<TableDelegate*>(m_view->itemDelegate());
    for (int visual = 0; visual < header->count(); ++visual) {
        const int c = header->logicalIndex(visual);
        if (!m_view->isColumnHidden(c) && delegate->kind(c) != ColumnKind::Sparkline)
            columns.append(c);
    }
    return columns;
}

QString DataTable::copyText(CopyFormat format, bool selectedOnly) const {
    const QVector<int> columns = exportColumns();
    QVector<int> rows;
    if (selectedOnly) {
        for (const QModelIndex& index : m_view->selectionModel()->selectedRows())
            rows.append(index.row());
        std::sort(rows.begin(), rows.end());
    } else {
        rows.resize(m_proxy->rowCount());
        std::iota(rows.begin(), rows.end(), 0);
    }
    QStringList titles;
    for (const int c : columns)
        titles << m_proxy->headerData(c, Qt::Horizontal, Qt::DisplayRole).toString();
    if (format == CopyFormat::Json) {
        QJsonArray array;
        for (const int row : rows) {
            QJsonObject object;
            for (qsizetype i = 0; i < columns.size(); ++i) {
                const QModelIndex index = m_proxy->index(row, columns[i]);
                const QVariant typed = index.data(roleFor(kSortRole));
                const bool number =
                    typed.typeId() == QMetaType::Double || typed.typeId() == QMetaType::Int ||
                    typed.typeId() == QMetaType::LongLong || typed.typeId() == QMetaType::Bool;
                object[titles[i]] = number ? QJsonValue::fromVariant(typed)
                                           : QJsonValue(index.data(Qt::DisplayRole).toString());
            }
            array.append(object);
        }
        return QString::fromUtf8(QJsonDocument(array).toJson(QJsonDocument::Indented));
    }
    QString out;
    const QChar separator = format == CopyFormat::Csv ? u',' : u'\t';
    const auto line = [&](const QStringList& fields) {
        for (qsizetype i = 0; i < fields.size(); ++i) {
            if (i)
                out += separator;
            QString field = fields[i];
            if (format == CopyFormat::Csv)
                out += csvField(field);
            else
                out += field.replace(u'\t', u' ').replace(u'\n', u' ');
        }
        out += u'\n';
    };
    line(titles);
    for (const int row : rows) {
        QStringList fields;
        for (const int c : columns) {
            const QModelIndex index = m_proxy->index(row, c);
            const QVariant typed = index.data(roleFor(kSortRole));
            // A file wants the number, not its grouping.
            const bool number =
                format == CopyFormat::Csv &&
                (typed.typeId() == QMetaType::Double || typed.typeId() == QMetaType::Int ||
                 typed.typeId() == QMetaType::LongLong);
            fields << (number ? typed.toString() : index.data(Qt::DisplayRole).toString());
        }
        line(fields);
    }
    return out;
}

void DataTable::copySelection(CopyFormat format) {
    const auto count = m_view->selectionModel()->selectedRows().size();
    if (count == 0)
        return;
    QGuiApplication::clipboard()->setText(copyText(format, true));
    emit noticed(Status::Ok, tr("%n row(s) copied", nullptr, static_cast<int>(count)));
}

bool DataTable::exportTo(const QString& path, QString* error) const {
    const QString suffix = QFileInfo(path).suffix().toLower();
    const CopyFormat format = suffix == QLatin1String("csv")    ? CopyFormat::Csv
                              : suffix == QLatin1String("json") ? CopyFormat::Json
                                                                : CopyFormat::Text;
    QSaveFile file(path);
    const bool ok = file.open(QIODevice::WriteOnly) &&
                    file.write(copyText(format, false).toUtf8()) >= 0 && file.commit();
    if (!ok && error)
        *error = tr("%1 cannot be written: %2").arg(path, file.errorString());
    return ok;
}

void DataTable::chooseExport() {
    const QString path = QFileDialog::getSaveFileName(
        this, tr("Export rows"),
        (objectName().isEmpty() ? QStringLiteral("rows") : objectName()) + QStringLiteral(".csv"),
        tr("CSV (*.csv);;JSON (*.json);;Text (*.txt)"));
    if (path.isEmpty())
        return;
    QString error;
    if (exportTo(path, &error))
        emit noticed(Status::Ok,
                     tr("%n row(s) written to %1", nullptr, m_proxy->rowCount()).arg(path));
    else
        emit noticed(Status::Error, error);
}

void DataTable::scheduleSave() {
    if (!m_restoring && !objectName().isEmpty())
        m_saveTimer->start();
}

void DataTable::saveState() const {
    m_saveTimer->stop();
    if (objectName().isEmpty() || m_proxy->columnCount() == 0)
        return;
    QSettings settings;
    settings.beginGroup(QStringLiteral("tables/") + objectName());
    const auto* header = m_view->horizontalHeader();
    QStringList order;
    QStringList hidden;
    for (int visual = 0; visual < header->count(); ++visual) {
        const int c = header->logicalIndex(visual);
        const ColumnSpec* s = spec(c);
        const QString id = s && !s->id.isEmpty() ? s->id : QString::number(c);
        order << id;
        if (m_view->isColumnHidden(c))
            hidden << id;
    }
    QVariantMap widths;
    for (auto it = m_userWidths.begin(); it != m_userWidths.end(); ++it)
        widths[it.key()] = it.value();
    settings.setValue(QStringLiteral("order"), order);
    settings.setValue(QStringLiteral("hidden"), hidden);
    settings.setValue(QStringLiteral("widths"), widths);
    settings.setValue(QStringLiteral("sortColumn"), m_proxy->sortColumn());
    settings.setValue(QStringLiteral("sortDescending"),
                      m_proxy->sortOrder() == Qt::DescendingOrder);
}

void DataTable::restoreState() {
    if (objectName().isEmpty() || m_proxy->columnCount() == 0)
        return;
    QSettings settings;
    settings.beginGroup(QStringLiteral("tables/") + objectName());
    if (!settings.contains(QStringLiteral("order")))
        return;
    m_restoring = true;
    const QStringList order = settings.value(QStringLiteral("order")).toStringList();
    const QStringList hidden = settings.value(QStringLiteral("hidden")).toStringList();
    const QVariantMap widths = settings.value(QStringLiteral("widths")).toMap();
    QHash<QString, int> byId;
    for (int c = 0; c < m_proxy->columnCount(); ++c) {
        const ColumnSpec* s = spec(c);
        byId[s && !s->id.isEmpty() ? s->id : QString::number(c)] = c;
    }
    auto* header = m_view->horizontalHeader();
    int visual = 0;
    m_sizing = true;
    for (const QString& id : order) {
        const int c = byId.value(id, -1);
        if (c < 0)
            continue;  // a column of an older version
        m_view->setColumnHidden(c, hidden.contains(id));
        header->moveSection(header->visualIndex(c), visual++);
    }
    m_sizing = false;
    for (auto it = widths.begin(); it != widths.end(); ++it)
        m_userWidths[it.key()] = it.value().toInt();
    const int column = settings.value(QStringLiteral("sortColumn"), -1).toInt();
    if (column < m_proxy->columnCount())
        setSort(column, settings.value(QStringLiteral("sortDescending")).toBool()
                            ? Qt::DescendingOrder
                            : Qt::AscendingOrder);
    m_sized = false;
    sizeColumns();
    m_restoring = false;
}

}  // namespace odradek::ui
