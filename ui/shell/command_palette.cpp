// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/command_palette.h"

#include "ui/theme/paint.h"
#include "ui/theme/theme.h"

#include <QAbstractListModel>
#include <QAction>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QSettings>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

namespace odradek::ui {

class CommandPalette::Model : public QAbstractListModel {
public:
    using QAbstractListModel::QAbstractListModel;
    const QVector<PaletteEntry>* entries = nullptr;
    QVector<int> rows;
    QString query;

    int rowCount(const QModelIndex& parent) const override {
        return parent.isValid() ? 0 : static_cast<int>(rows.size());
    }
    QVariant data(const QModelIndex& index, int role) const override {
        if (!index.isValid() || role != Qt::DisplayRole)
            return {};
        return (*entries)[rows[index.row()]].title;
    }
    void show(const QVector<int>& found, const QString& text) {
        beginResetModel();
        rows = found;
        query = text;
        endResetModel();
    }
};

namespace {

constexpr const char* kRecent = "palette/recent";

QString entryKey(const PaletteEntry& entry) {
    return entry.kind + u':' + entry.title;
}

}  // namespace

CommandPalette::CommandPalette(QWidget* parent)
    : QDialog(parent, Qt::Popup | Qt::FramelessWindowHint) {
    setAttribute(Qt::WA_TranslucentBackground);
    setStyleSheet(QStringLiteral("QDialog { background: transparent; }"));
    setAccessibleName(tr("Go to or run"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(9, 9, 9, 9);
    layout->setSpacing(6);
    m_edit = new QLineEdit(this);
    m_edit->setPlaceholderText(tr("Page, topic, group, broker or action"));
    m_edit->setAccessibleName(tr("Go to or run"));
    QAction* lead =
        m_edit->addAction(theme().icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    connect(&theme(), &Theme::changed, lead,
            [lead] { lead->setIcon(theme().icon(QStringLiteral("search"))); });
    m_list = new QListView(this);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setUniformItemSizes(true);
    m_list->setMouseTracking(true);
    m_list->setStyleSheet(QStringLiteral("QListView { background: transparent; }"));
    m_model = new Model(this);
    m_model->entries = &m_entries;
    m_list->setModel(m_model);

    class Delegate : public QStyledItemDelegate {
    public:
        Delegate(const CommandPalette* owner, QObject* parent)
            : QStyledItemDelegate(parent), m_owner(owner) {}
        QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
            return {200, metrics().navRow + 2};
        }
        void paint(QPainter* painter, const QStyleOptionViewItem& option,
                   const QModelIndex& index) const override {
            const Tokens& t = tokens();
            const PaletteEntry entry = m_owner->resultAt(index.row());
            painter->save();
            const QRectF r(option.rect);
            if (option.state & QStyle::State_Selected)
                roundedBox(*painter, r, 4, t.surface.selected, QColor());
            const int icon = metrics().icon;
            if (!entry.icon.isEmpty())
                painter->drawPixmap(QPointF(r.left() + 8, std::round(r.center().y() - icon / 2.0)),
                                    theme().pixmap(entry.icon, t.text.secondary, icon));
            painter->setFont(theme().font(Theme::Size::Caption));
            painter->setPen(t.text.tertiary);
            const QString right = entry.shortcut.isEmpty()
                                      ? entry.kind
                                      : entry.kind + QStringLiteral("   ") + entry.shortcut;
            const qreal used = drawText(*painter, r.adjusted(r.width() / 2, 0, -10, 0),
                                        Qt::AlignRight | Qt::AlignVCenter, right);
            // Matched letters are strong, so one sees why an entry is there.
            FuzzyMatch match;
            fuzzyMatch(m_owner->m_model->query.trimmed(), entry.title, match);
            QRectF area = r.adjusted(8 + icon + 8, 0, -used - 20, 0);
            painter->setPen(t.text.primary);
            for (qsizetype i = 0; i < entry.title.size() && area.width() > 4;) {
                const bool hit = match.positions.contains(static_cast<int>(i));
                qsizetype end = i + 1;
                while (end < entry.title.size() &&
                       match.positions.contains(static_cast<int>(end)) == hit)
                    ++end;
                painter->setFont(theme().font(
                    Theme::Size::Body, hit ? Theme::Weight::Strong : Theme::Weight::Regular));
                area.setLeft(area.left() + drawText(*painter, area,
                                                    Qt::AlignVCenter | Qt::AlignLeft,
                                                    entry.title.mid(i, end - i)));
                i = end;
            }
            painter->restore();
        }

    private:
        const CommandPalette* m_owner;
    };
    m_list->setItemDelegate(new Delegate(this, m_list));
    layout->addWidget(m_edit);
    layout->addWidget(m_list, 1);
    m_edit->installEventFilter(this);
    connect(m_edit, &QLineEdit::textChanged, this, &CommandPalette::refresh);
    connect(m_list, &QAbstractItemView::clicked, this,
            [this](const QModelIndex& index) { run(index.row()); });
}

void CommandPalette::addProvider(PaletteProvider provider) {
    m_providers.append(std::move(provider));
}

void CommandPalette::popUp(const QString& query) {
    m_entries.clear();
    const QStringList recent = QSettings().value(QLatin1String(kRecent)).toStringList();
    for (const PaletteProvider& provider : m_providers)
        m_entries += provider();
    if (!recent.isEmpty()) {
        for (PaletteEntry& entry : m_entries)
            if (const auto at = recent.indexOf(entryKey(entry)); at >= 0)
                entry.weight += 30 - static_cast<int>(at) * 2;
    }
    {
        const QSignalBlocker blocker(m_edit);
        m_edit->setText(query);
    }
    refresh();
    const QWidget* window = parentWidget()->window();
    const int width = std::min(640, window->width() - 80);
    resize(width, std::min(460, window->height() - 120));
    move(window->mapToGlobal(QPoint((window->width() - width) / 2, 52)));
    show();
    m_edit->setFocus();
    m_edit->selectAll();
}

int CommandPalette::resultCount() const {
    return m_model->rowCount({});
}

PaletteEntry CommandPalette::resultAt(int row) const {
    return m_entries.value(m_model->rows.value(row, -1));
}

void CommandPalette::refresh() {
    m_model->show(rankEntries(m_entries, m_edit->text()), m_edit->text());
    if (resultCount() > 0)
        m_list->setCurrentIndex(m_model->index(0, 0));
}

void CommandPalette::run(int row) {
    if (row < 0 || row >= resultCount())
        return;
    const PaletteEntry entry = resultAt(row);
    QSettings settings;
    QStringList recent = settings.value(QLatin1String(kRecent)).toStringList();
    recent.removeAll(entryKey(entry));
    recent.prepend(entryKey(entry));
    settings.setValue(QLatin1String(kRecent), recent.mid(0, 12));
    accept();
    if (entry.action)
        entry.action();
    else if (entry.target.isValid())
        emit navigateTo(entry.target);
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_edit && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        const int row = m_list->currentIndex().row();
        const int page = 8;
        int next = -1;
        if (key == Qt::Key_Down)
            next = row + 1;
        else if (key == Qt::Key_Up)
            next = row - 1;
        else if (key == Qt::Key_PageDown)
            next = row + page;
        else if (key == Qt::Key_PageUp)
            next = row - page;
        else if (key == Qt::Key_Return || key == Qt::Key_Enter) {
            run(row);
            return true;
        } else {
            return QDialog::eventFilter(watched, event);
        }
        if (resultCount() > 0) {
            m_list->setCurrentIndex(m_model->index(qBound(0, next, resultCount() - 1), 0));
            m_list->scrollTo(m_list->currentIndex());
        }
        return true;
    }
    return QDialog::eventFilter(watched, event);
}

void CommandPalette::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    roundedBox(painter, QRectF(rect()), 8, tokens().surface.raised, tokens().border.normal);
    if (resultCount() > 0)
        return;
    painter.setFont(theme().font());
    painter.setPen(tokens().text.tertiary);
    painter.drawText(QRectF(m_list->geometry()).adjusted(0, 24, 0, 0),
                     Qt::AlignHCenter | Qt::AlignTop, tr("Nothing has that name"));
}

}  // namespace odradek::ui
