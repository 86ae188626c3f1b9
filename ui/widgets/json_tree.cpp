// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/code_view.h"

#include "ui/theme/format.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"

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

struct Node {
    Node* parent = nullptr;
    int row = 0;
    QString key;
    QJsonValue value;
    bool open = false;
    std::vector<std::unique_ptr<Node>> children;

    bool hasChildren() const {
        return (value.isObject() && !value.toObject().isEmpty()) || (value.isArray() && !value.toArray().isEmpty());
    }
    void expand() {
        if (open) return;
        open = true;
        const auto add = [this](const QString& k, const QJsonValue& v) {
            auto child = std::make_unique<Node>();
            child->parent = this;
            child->row = static_cast<int>(children.size());
            child->key = k;
            child->value = v;
            children.push_back(std::move(child));
        };
        if (value.isObject()) {
            const QJsonObject object = value.toObject();
            for (auto it = object.begin(); it != object.end(); ++it) add(it.key(), it.value());
        } else if (value.isArray()) {
            const QJsonArray array = value.toArray();
            for (qsizetype i = 0; i < array.size(); ++i) add(QString::number(i), array[i]);
        }
    }
    QString path() const {
        if (!parent) return {};
        const QString above = parent->path();
        return above.isEmpty() ? key : above + u'.' + key;
    }
};

QString scalarText(const QJsonValue& value) {
    if (value.isString()) return u'"' + oneLine(value.toString(), 2000) + u'"';
    if (value.isBool()) return value.toBool() ? QStringLiteral("true") : QStringLiteral("false");
    if (value.isNull() || value.isUndefined()) return QStringLiteral("null");
    return QString::fromUtf8(QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact)).chopped(1).mid(1);
}

// A closed object or array in few words: { sku: "P-456", quantity: 1 }.
QString shortForm(const QJsonValue& value) {
    if (value.isArray()) return QStringLiteral("[%1]").arg(value.toArray().size());
    if (!value.isObject()) return scalarText(value);
    QString text = QStringLiteral("{ ");
    const QJsonObject object = value.toObject();
    int shown = 0;
    for (auto it = object.begin(); it != object.end(); ++it) {
        if (shown) text += QStringLiteral(", ");
        if (++shown > 4) return text + QStringLiteral("\u2026 }");
        const QString part = it.value().isObject() ? QStringLiteral("{\u2026}") : it.value().isArray() ? QStringLiteral("[%1]").arg(it.value().toArray().size()) : scalarText(it.value());
        text += it.key() + QStringLiteral(": ") + part.left(40);
    }
    return text + QStringLiteral(" }");
}

}  // namespace

class JsonTree::Model : public QAbstractItemModel {
public:
    using QAbstractItemModel::QAbstractItemModel;
    std::unique_ptr<Node> root = std::make_unique<Node>();
    QSet<QString> matches;
    QString matchWord;

    void setRoot(const QJsonValue& value) {
        beginResetModel();
        root = std::make_unique<Node>();
        if (value.isObject() || value.isArray()) root->value = value;
        else if (!value.isUndefined()) root->value = QJsonArray{value};
        root->expand();
        endResetModel();
    }
    Node* node(const QModelIndex& index) const { return index.isValid() ? static_cast<Node*>(index.internalPointer()) : root.get(); }
    QModelIndex index(int row, int column, const QModelIndex& parent) const override {
        Node* n = node(parent);
        n->expand();
        if (row < 0 || row >= static_cast<int>(n->children.size()) || column != 0) return {};
        return createIndex(row, 0, n->children[static_cast<std::size_t>(row)].get());
    }
    QModelIndex parent(const QModelIndex& child) const override {
        Node* p = node(child)->parent;
        return p && p->parent ? createIndex(p->row, 0, p) : QModelIndex();
    }
    int rowCount(const QModelIndex& parent) const override {
        Node* n = node(parent);
        n->expand();
        return static_cast<int>(n->children.size());
    }
    bool hasChildren(const QModelIndex& parent) const override { return node(parent)->hasChildren(); }
    int columnCount(const QModelIndex&) const override { return 1; }
    QVariant data(const QModelIndex& index, int role) const override {
        if (!index.isValid()) return {};
        const Node* n = node(index);
        if (role == Qt::DisplayRole) return QString(n->key + QStringLiteral(": ") + shortForm(n->value));
        if (role == Qt::ToolTipRole && n->value.isString()) return n->value.toString().left(2000);
        return {};
    }
};

class JsonTree::Delegate : public QStyledItemDelegate {
public:
    Delegate(const Model* model, QObject* parent) : QStyledItemDelegate(parent), m_model(model) {}
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {200, metrics().treeRow}; }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const Tokens& t = tokens();
        const Node* n = m_model->node(index);
        painter->save();
        const bool matched = m_model->matches.contains(n->path());
        if (matched || option.state & QStyle::State_Selected) painter->fillRect(option.rect, t.surface.selected);
        painter->setFont(theme().monoFont());
        QRectF area = QRectF(option.rect).adjusted(2, 0, -12, 0);
        if (matched) {
            painter->setFont(theme().font(Theme::Size::Caption));
            painter->setPen(t.text.secondary);
            area.setRight(area.right() - drawText(*painter, area, Qt::AlignRight | Qt::AlignVCenter, m_model->matchWord) - 8);
            painter->setFont(theme().monoFont());
        }
        const auto part = [&](const QColor& color, const QString& text) {
            painter->setPen(color);
            area.setLeft(area.left() + drawText(*painter, area, Qt::AlignLeft | Qt::AlignVCenter, text));
        };
        const bool number = n->parent && n->parent->value.isArray();
        part(number ? t.syntax.punctuation : t.syntax.key, n->key);
        part(t.syntax.punctuation, QStringLiteral(": "));
        const QJsonValue& v = n->value;
        part(v.isString() ? t.syntax.string : v.isDouble() ? t.syntax.number : v.isObject() || v.isArray() ? t.text.secondary : t.syntax.keyword, shortForm(v));
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

JsonTree::~JsonTree() { setModel(nullptr); }

bool JsonTree::setJson(const QByteArray& utf8, QString* error) {
    // QJsonDocument wants an object or array at the top; a scalar is put into an array and taken out again.
    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson(utf8, &problem);
    if (problem.error == QJsonParseError::NoError) {
        setValue(document.isObject() ? QJsonValue(document.object()) : QJsonValue(document.array()));
        return true;
    }
    const QJsonDocument wrapped = QJsonDocument::fromJson('[' + utf8 + ']');
    if (wrapped.isArray() && wrapped.array().size() == 1) {
        setValue(wrapped.array().at(0));
        return true;
    }
    setValue(QJsonValue(QJsonValue::Undefined));
    if (error) *error = tr("%1 at byte %2").arg(problem.errorString()).arg(problem.offset);
    return false;
}

void JsonTree::setValue(const QJsonValue& value) {
    m_model->setRoot(value);
    expandToDepth(0);
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
        const QJsonValue& v = m_model->node(currentIndex())->value;
        QString text = v.isString() ? v.toString() : scalarText(v);
        if (v.isObject()) text = QString::fromUtf8(QJsonDocument(v.toObject()).toJson());
        if (v.isArray()) text = QString::fromUtf8(QJsonDocument(v.toArray()).toJson());
        QGuiApplication::clipboard()->setText(text);
        return;
    }
    QTreeView::keyPressEvent(event);
}

void JsonTree::contextMenuEvent(QContextMenuEvent* event) {
    const QModelIndex index = indexAt(event->pos());
    if (!index.isValid()) return;
    setCurrentIndex(index);
    QMenu menu(this);
    connect(menu.addAction(theme().icon(QStringLiteral("copy")), tr("Copy value")), &QAction::triggered, this, [this] {
        QKeyEvent key(QEvent::KeyPress, Qt::Key_C, Qt::ControlModifier);
        keyPressEvent(&key);
    });
    connect(menu.addAction(tr("Copy path")), &QAction::triggered, this,
            [this] { QGuiApplication::clipboard()->setText(currentPath()); });
    menu.addSeparator();
    connect(menu.addAction(tr("Expand all below")), &QAction::triggered, this, [this, index] { expandRecursively(index, 6); });
    menu.exec(event->globalPos());
}

}  // namespace odradek::ui
