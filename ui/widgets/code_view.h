// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractScrollArea>
#include <QByteArray>
#include <QJsonValue>
#include <QPlainTextEdit>
#include <QSyntaxHighlighter>
#include <QTreeView>
#include <QWidget>

namespace odradek::ui {

class IconButton;

/// A command or snippet in fixed width on a sunken surface, with a copy button.
class CodeBox : public QWidget {
    Q_OBJECT
public:
    explicit CodeBox(const QString& code = QString(), QWidget* parent = nullptr);
    void setCode(const QString& code);
    QString code() const { return m_code; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void copied();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

private:
    QStringList wrapped(int width) const;
    QString m_code;
    IconButton* m_copy;
};

/// Read-only text with JSON colours; other text is left alone. Long texts are cut at 2 MB with a note.
class TextView : public QPlainTextEdit {
    Q_OBJECT
public:
    enum class Syntax { Plain, Json };
    explicit TextView(QWidget* parent = nullptr);
    void setContent(const QString& text, Syntax syntax);

private:
    class Highlighter;
    Highlighter* m_highlighter;
};

/// A JSON value as a tree: key, value in the colour of its type, count and a short form for what is closed.
/// Values are made when opened, so large documents cost what is seen. Ctrl+C copies the value.
class JsonTree : public QTreeView {
    Q_OBJECT
public:
    explicit JsonTree(QWidget* parent = nullptr);
    ~JsonTree() override;
    /// Parses UTF-8 text; false (and an empty tree) when it is not JSON, with the reason in `error`.
    bool setJson(const QByteArray& utf8, QString* error = nullptr);
    void setValue(const QJsonValue& value);
    /// Paths ("totalPrice", "products.0.sku") drawn on the selected tint with this word.
    void setMatches(const QStringList& paths, const QString& word);
    QString currentPath() const;

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    class Model;
    class Delegate;
    Model* m_model;
};

/// Bytes as offset, hex and text columns; only the visible lines are ever formatted.
class HexView : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit HexView(QWidget* parent = nullptr);
    void setData(const QByteArray& data);
    /// Formatted line `index` (16 bytes), for tests and copying.
    QString lineText(int index) const;
    int lineCount() const;

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void updateScroll();
    int byteAt(const QPoint& pos) const;
    void copy(bool hex) const;
    QByteArray m_data;
    int m_anchor = -1;
    int m_cursor = -1;
};

}  // namespace odradek::ui
