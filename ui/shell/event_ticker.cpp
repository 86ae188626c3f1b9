// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/event_ticker.h"

#include "ui/theme/format.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/labels.h"

#include <QAbstractListModel>
#include <QAction>
#include <QActionGroup>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QListView>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <deque>

namespace odradek::ui {

namespace {

constexpr std::size_t kKept = 2000;

// time, shape, text: the same line in the list and in the collapsed bar.
void paintEventLine(QPainter& painter, const QRectF& rect, const TickerEvent& event) {
    const Tokens& t = tokens();
    painter.setFont(theme().monoFont());
    painter.setPen(t.text.secondary);
    QRectF area = rect;
    area.setLeft(
        area.left() +
        drawText(painter, area, Qt::AlignVCenter | Qt::AlignLeft, formatClockMs(event.time)) + 8);
    const qreal shape = metrics().caption + 2;
    drawStatus(painter, QRectF(area.left(), area.center().y() - shape / 2, shape, shape),
               event.status);
    area.setLeft(area.left() + shape + 8);
    painter.setFont(theme().font(Theme::Size::Caption));
    painter.setPen(t.text.primary);
    drawText(painter, area, Qt::AlignVCenter | Qt::AlignLeft, oneLine(event.text));
}

}  // namespace

class EventTicker::Model : public QAbstractListModel {
public:
    using QAbstractListModel::QAbstractListModel;
    std::deque<TickerEvent> all;   // newest first
    QVector<TickerEvent> shown;    // those that pass, newest first
    QVector<TickerEvent> waiting;  // held back, oldest first
    QString kind;
    Status least = Status::Ok;
    bool held = false;

    bool passes(const TickerEvent& e) const {
        return (kind.isEmpty() || e.kind == kind) && e.status >= least;
    }
    int rowCount(const QModelIndex& parent) const override {
        return parent.isValid() ? 0 : static_cast<int>(shown.size());
    }
    QVariant data(const QModelIndex& index, int role) const override {
        if (!index.isValid() || index.row() >= shown.size())
            return {};
        const TickerEvent& e = shown[index.row()];
        if (role == Qt::DisplayRole)
            return e.text;
        if (role == Qt::ToolTipRole)
            return QString(formatTimestamp(e.time) + u'\n' + e.text);
        if (role == Qt::AccessibleTextRole)
            return QString(Theme::statusWord(e.status) + QStringLiteral(": ") + e.text);
        return {};
    }
    void put(const TickerEvent& e) {
        all.push_front(e);
        if (all.size() > kKept)
            all.pop_back();
        if (!passes(e))
            return;
        beginInsertRows({}, 0, 0);
        shown.prepend(e);
        endInsertRows();
        if (shown.size() > static_cast<qsizetype>(kKept)) {
            const int last = static_cast<int>(shown.size()) - 1;
            beginRemoveRows({}, last, last);
            shown.removeLast();
            endRemoveRows();
        }
    }
    void refilter() {
        beginResetModel();
        shown.clear();
        for (const TickerEvent& e : all)
            if (passes(e))
                shown.append(e);
        endResetModel();
    }
};

// The newest event, as the collapsed bar shows it.
class EventTicker::Line : public QWidget {
public:
    explicit Line(Model* model, QWidget* parent) : QWidget(parent), m_model(model) {}

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        if (m_model->shown.isEmpty()) {
            painter.setFont(theme().font(Theme::Size::Caption));
            painter.setPen(tokens().text.tertiary);
            painter.drawText(rect(), Qt::AlignVCenter | Qt::AlignLeft,
                             EventTicker::tr("Nothing has happened yet"));
            return;
        }
        paintEventLine(painter, QRectF(rect()), m_model->shown.first());
    }

private:
    Model* m_model;
};

struct EventTicker::Parts {
    Model* model;
    Line* line;
    QListView* list;
    QWidget* header;
    IconButton* expand;
    TextLabel* count;
    IconButton* filter;
    IconButton* hold;
    QStringList kinds;
    bool expanded = false;
};

EventTicker::EventTicker(QWidget* parent) : QWidget(parent), m_parts(new Parts) {
    m_parts->model = new Model(this);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    buildHeader();
    layout->addWidget(m_parts->header);
    m_parts->list = new QListView(this);
    m_parts->list->setModel(m_parts->model);
    m_parts->list->setFrameShape(QFrame::NoFrame);
    m_parts->list->setUniformItemSizes(true);
    m_parts->list->setStyleSheet(QStringLiteral("QListView { background: transparent; }"));
    m_parts->list->setAccessibleName(tr("Events"));
    class Delegate : public QStyledItemDelegate {
    public:
        Delegate(const Model* model, QObject* parent)
            : QStyledItemDelegate(parent), m_model(model) {}
        QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
            return {200, metrics().tableRow - 1};
        }
        void paint(QPainter* painter, const QStyleOptionViewItem& option,
                   const QModelIndex& index) const override {
            if (index.row() >= m_model->shown.size())
                return;
            painter->save();
            if (option.state & QStyle::State_Selected)
                painter->fillRect(option.rect, tokens().surface.selected);
            paintEventLine(*painter, QRectF(option.rect).adjusted(12, 0, -8, 0),
                           m_model->shown[index.row()]);
            painter->restore();
        }

    private:
        const Model* m_model;
    };
    m_parts->list->setItemDelegate(new Delegate(m_parts->model, m_parts->list));
    layout->addWidget(m_parts->list, 1);
    const auto open = [this](const QModelIndex& index) {
        const TickerEvent& e = m_parts->model->shown[index.row()];
        if (e.target.isValid())
            emit activated(e.target);
    };
    connect(m_parts->list, &QAbstractItemView::activated, this, open);
    connect(&theme(), &Theme::changed, this, &EventTicker::refresh);
    setExpanded(false);
}

EventTicker::~EventTicker() {
    m_parts->list->setModel(nullptr);
    delete m_parts;
}

void EventTicker::buildHeader() {
    m_parts->header = new QWidget(this);
    auto* row = new QHBoxLayout(m_parts->header);
    row->setContentsMargins(6, 0, 8, 0);
    row->setSpacing(6);
    m_parts->expand = new IconButton(QStringLiteral("chevron-up"), tr("Show or hide the events"),
                                     m_parts->header);
    connect(m_parts->expand, &QAbstractButton::clicked, this, &EventTicker::expandToggled);
    auto* title = new TextLabel(tr("Events"), Theme::Size::Caption, TextLabel::Tone::Primary,
                                Theme::Weight::Strong, m_parts->header);
    m_parts->count = new TextLabel({}, Theme::Size::Caption, TextLabel::Tone::Tertiary,
                                   Theme::Weight::Regular, m_parts->header);
    m_parts->line = new Line(m_parts->model, m_parts->header);
    m_parts->line->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    m_parts->filter = new IconButton(QStringLiteral("filter"), tr("Choose which events to show"),
                                     m_parts->header);
    connect(m_parts->filter, &QAbstractButton::clicked, this, &EventTicker::openFilterMenu);
    m_parts->hold =
        new IconButton(QStringLiteral("pause"), tr("Hold: new events wait"), m_parts->header);
    m_parts->hold->setCheckable(true);
    connect(m_parts->hold, &QAbstractButton::toggled, this, &EventTicker::setHeld);
    row->addWidget(m_parts->expand);
    row->addWidget(title);
    row->addWidget(m_parts->count);
    row->addWidget(m_parts->line, 1);
    row->addWidget(m_parts->filter);
    row->addWidget(m_parts->hold);
}

void EventTicker::append(const TickerEvent& event) {
    if (!event.kind.isEmpty() && !m_parts->kinds.contains(event.kind))
        m_parts->kinds.append(event.kind);
    if (m_parts->model->held) {
        m_parts->model->waiting.append(event);
        if (m_parts->model->waiting.size() > static_cast<qsizetype>(kKept))
            m_parts->model->waiting.removeFirst();
    } else {
        m_parts->model->put(event);
    }
    refresh();
}

void EventTicker::append(const QVector<TickerEvent>& events) {
    for (const TickerEvent& event : events)
        append(event);
}

void EventTicker::clear() {
    m_parts->model->all.clear();
    m_parts->model->waiting.clear();
    m_parts->model->refilter();
    refresh();
}

int EventTicker::count() const {
    return static_cast<int>(m_parts->model->all.size());
}
bool EventTicker::isHeld() const {
    return m_parts->model->held;
}
QAbstractItemModel* EventTicker::model() const {
    return m_parts->model;
}

void EventTicker::setHeld(bool held) {
    if (m_parts->model->held == held)
        return;
    m_parts->model->held = held;
    m_parts->hold->setChecked(held);
    if (!held) {
        for (const TickerEvent& event : m_parts->model->waiting)
            m_parts->model->put(event);
        m_parts->model->waiting.clear();
    }
    refresh();
}

void EventTicker::setExpanded(bool expanded) {
    m_parts->expanded = expanded;
    m_parts->list->setVisible(expanded);
    m_parts->line->setVisible(true);
    m_parts->expand->setIconName(expanded ? QStringLiteral("chevron-down")
                                          : QStringLiteral("chevron-up"));
    m_parts->filter->setVisible(expanded);
    m_parts->hold->setVisible(expanded);
    refresh();
}

void EventTicker::setKindFilter(const QString& kind) {
    m_parts->model->kind = kind;
    m_parts->model->refilter();
    refresh();
}

void EventTicker::setMinimumSeverity(Status status) {
    m_parts->model->least = status;
    m_parts->model->refilter();
    refresh();
}

void EventTicker::refresh() {
    m_parts->header->setFixedHeight(metrics().statusBar);
    QString words;
    if (m_parts->expanded)
        words = formatCount(count());
    if (const auto n = m_parts->model->waiting.size())
        words += tr(", %n waiting", nullptr, static_cast<int>(n));
    if (!m_parts->model->kind.isEmpty())
        words += QStringLiteral(", ") + m_parts->model->kind;
    m_parts->count->setText(words);
    m_parts->count->setVisible(!words.isEmpty());
    // Expanded, the list itself shows the newest event; the line only fills the room.
    m_parts->line->setMaximumHeight(m_parts->expanded ? 0 : QWIDGETSIZE_MAX);
    m_parts->line->update();
}

void EventTicker::openFilterMenu() {
    QMenu menu(this);
    const auto entry = [&menu](const QString& text, bool on) {
        QAction* action = menu.addAction(text);
        action->setCheckable(true);
        action->setChecked(on);
        return action;
    };
    connect(entry(tr("All kinds"), m_parts->model->kind.isEmpty()), &QAction::triggered, this,
            [this] { setKindFilter({}); });
    for (const QString& kind : m_parts->kinds)
        connect(entry(kind, m_parts->model->kind == kind), &QAction::triggered, this,
                [this, kind] { setKindFilter(kind); });
    menu.addSeparator();
    connect(entry(tr("Everything"), m_parts->model->least == Status::Ok), &QAction::triggered, this,
            [this] { setMinimumSeverity(Status::Ok); });
    connect(entry(tr("Warnings and worse"), m_parts->model->least == Status::Warning),
            &QAction::triggered, this, [this] { setMinimumSeverity(Status::Warning); });
    connect(entry(tr("Errors only"), m_parts->model->least == Status::Error), &QAction::triggered,
            this, [this] { setMinimumSeverity(Status::Error); });
    menu.exec(m_parts->filter->mapToGlobal(QPoint(0, m_parts->filter->height())));
}

}  // namespace odradek::ui
