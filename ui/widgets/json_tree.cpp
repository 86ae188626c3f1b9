// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/code_view.h"

#include "ui/theme/format.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/widgets/json_document.h"

#include <QAbstractItemModel>
#include <QAction>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHeaderView>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QSet>
#include <QStyledItemDelegate>

#include <memory>

namespace odradek::ui {

namespace {

QString scalarText(const JsonNode& node) {
    return node.kind() == JsonNode::Kind::String ? u'"' + oneLine(node.value(), 2000) + u'"'
                                                 : node.value();
}

// A closed object or array in few words: { sku: "P-456", quantity: 1 }.
QString shortForm(const JsonNode& node) {
    if (node.kind() == JsonNode::Kind::Array)
        return QStringLiteral("[%1]").arg(node.children().size());
    if (node.kind() != JsonNode::Kind::Object)
        return scalarText(node);
    QString text = QStringLiteral("{ ");
    int shown = 0;
    for (const auto& child : node.children()) {
        if (shown)
            text += QStringLiteral(", ");
        if (++shown > 4)
            return text + QStringLiteral("\u2026 }");
        const QString part = child->kind() == JsonNode::Kind::Object ? QStringLiteral("{\u2026}")
                                                                     : shortForm(*child);
        text += child->key() + QStringLiteral(": ") +
                (part.size() > 40 ? part.left(40) + QChar(0x2026) : part);
    }
    return text + QStringLiteral(" }");
}

}  // namespace

class JsonTree::Model : public QAbstractItemModel {
public:
    using QAbstractItemModel::QAbstractItemModel;
    std::unique_ptr<JsonNode> root;
    QSet<QString> matches;
    QString matchWord;

    void setRoot(std::unique_ptr<JsonNode> node) {
        beginResetModel();
        root = std::move(node);
        endResetModel();
    }
    const JsonNode* node(const QModelIndex& index) const {
        return index.isValid() ? static_cast<const JsonNode*>(index.constInternalPointer())
                               : root.get();
    }
    // A document that is one scalar shows as one row: the root itself.
    bool lone() const { return root && !root->isContainer(); }
    QModelIndex index(int row, int column, const QModelIndex& parent) const override {
        if (row < 0 || column != 0 || row >= rowCount(parent))
            return {};
        if (lone())
            return createIndex(0, 0, root.get());
        return createIndex(row, 0, node(parent)->children()[static_cast<std::size_t>(row)].get());
    }
    QModelIndex parent(const QModelIndex& child) const override {
        const JsonNode* p = child.isValid() ? node(child)->parent() : nullptr;
        return p && p->parent() ? createIndex(p->row(), 0, p) : QModelIndex();
    }
    int rowCount(const QModelIndex& parent) const override {
        if (!root)
            return 0;
        if (lone())
            return parent.isValid() ? 0 : 1;
        return static_cast<int>(node(parent)->children().size());
    }
    bool hasChildren(const QModelIndex& parent) const override { return rowCount(parent) > 0; }
    int columnCount(const QModelIndex&) const override { return 1; }
    QVariant data(const QModelIndex& index, int role) const override {
        if (!index.isValid())
            return {};
        const JsonNode* n = node(index);
        if (role == Qt::DisplayRole)
            return QString((n->parent() ? n->key() + QStringLiteral(": ") : QString()) +
                           shortForm(*n));
        if (role == Qt::ToolTipRole && n->kind() == JsonNode::Kind::String)
            return n->value().left(2000);
        return {};
    }
};

class JsonTree::Delegate : public QStyledItemDelegate {
public:
    Delegate(const Model* model, QObject* parent) : QStyledItemDelegate(parent), m_model(model) {}
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
        return {200, metrics().treeRow};
    }
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        const Tokens& t = tokens();
        const JsonNode* n = m_model->node(index);
        painter->save();
        const bool matched = m_model->matches.contains(n->path());
        if (matched || option.state & QStyle::State_Selected)
            painter->fillRect(option.rect, t.surface.selected);
        painter->setFont(theme().monoFont());
        QRectF area = QRectF(option.rect).adjusted(2, 0, -12, 0);
        if (matched) {
            painter->setFont(theme().font(Theme::Size::Caption));
            painter->setPen(t.text.secondary);
            area.setRight(
                area.right() -
                drawText(*painter, area, Qt::AlignRight | Qt::AlignVCenter, m_model->matchWord) -
                8);
            painter->setFont(theme().monoFont());
        }
        const auto part = [&](const QColor& color, const QString& text) {
            painter->setPen(color);
            area.setLeft(area.left() +
                         drawText(*painter, area, Qt::AlignLeft | Qt::AlignVCenter, text));
        };
        using Kind = JsonNode::Kind;
        if (n->parent()) {
            part(n->parent()->kind() == Kind::Array ? t.syntax.punctuation : t.syntax.key,
                 n->key());
            part(t.syntax.punctuation, QStringLiteral(": "));
        }
        part(n->kind() == Kind::String   ? t.syntax.string
             : n->kind() == Kind::Number ? t.syntax.number
             : n->isContainer()          ? t.text.secondary
                                         : t.syntax.keyword,
             shortForm(*n));
        painter->restore();
    }

private:
    const Model* m_model;
};

JsonTree::JsonTree(QWidget* parent) : QTreeView(parent) {
    m_model = new Model(this);
    setModel(m_model);
    setItemDelegate(new Delegate(m_model, this));
    setHeaderHidden(true);
    setUniformRowHeights(true);
    setIndentation(16);
    setFrameShape(QFrame::NoFrame);
    setAccessibleName(tr("JSON value"));
    connect(&theme(), &Theme::changed, this, [this] { doItemsLayout(); });
}

JsonTree::~JsonTree() {
    setModel(nullptr);
}

bool JsonTree::setJson(const QByteArray& utf8, QString* error) {
    auto node = JsonNode::parse(utf8, error);
    const bool ok = node != nullptr;
    m_model->setRoot(std::move(node));
    // Small documents open one level; large ones stay as they are, so that nothing is made in vain.
    if (ok && m_model->rowCount({}) <= 200)
        expandToDepth(0);
    return ok;
}

void JsonTree::setValue(const QJsonValue& value) {
    if (value.isObject())
        setJson(QJsonDocument(value.toObject()).toJson(QJsonDocument::Compact));
    else if (value.isArray())
        setJson(QJsonDocument(value.toArray()).toJson(QJsonDocument::Compact));
    else
        setJson(QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact).chopped(1).mid(1));
}

void JsonTree::setMatches(const QStringList& paths, const QString& word) {
    m_model->matches = QSet<QString>(paths.begin(), paths.end());
    m_model->matchWord = word;
    viewport()->update();
}

QString JsonTree::currentPath() const {
    return currentIndex().isValid() ? m_model->node(currentIndex())->path() : QString();
}

void JsonTree::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy) && currentIndex().isValid()) {
        QGuiApplication::clipboard()->setText(m_model->node(currentIndex())->value());
        return;
    }
    QTreeView::keyPressEvent(event);
}

void JsonTree::contextMenuEvent(QContextMenuEvent* event) {
    const QModelIndex index = indexAt(event->pos());
    if (!index.isValid())
        return;
    setCurrentIndex(index);
    QMenu menu(this);
    connect(menu.addAction(theme().icon(QStringLiteral("copy")), tr("Copy value")),
            &QAction::triggered, this, [this] {
                QKeyEvent key(QEvent::KeyPress, Qt::Key_C, Qt::ControlModifier);
                keyPressEvent(&key);
            });
    connect(menu.addAction(tr("Copy path")), &QAction::triggered, this,
            [this] { QGuiApplication::clipboard()->setText(currentPath()); });
    menu.addSeparator();
    connect(menu.addAction(tr("Expand all below")), &QAction::triggered, this,
            [this, index] { expandRecursively(index, 6); });
    menu.exec(event->globalPos());
}

}  // namespace odradek::ui
