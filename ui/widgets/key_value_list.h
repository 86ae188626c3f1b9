// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QVector>
#include <QWidget>

namespace odradek::ui {

struct KeyValue {
    QString key;
    QString value;
    QString note;  ///< quiet text after the value
    bool mono = false;
    friend bool operator==(const KeyValue&, const KeyValue&) = default;
};

/// Facts as two aligned columns; values are selectable by click and copied with Ctrl+C or the context menu.
class KeyValueList : public QWidget {
    Q_OBJECT
public:
    explicit KeyValueList(QWidget* parent = nullptr);
    void setItems(const QVector<KeyValue>& items);
    const QVector<KeyValue>& items() const { return m_items; }
    /// Width of the key column, px; 0 = by content.
    void setKeyWidth(int width);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    bool event(QEvent* event) override;

private:
    int rowHeight() const;
    int rowAt(int y) const;
    int keyWidth() const;
    void copyRow(int row) const;
    QVector<KeyValue> m_items;
    int m_keyWidth = 0;
    int m_current = -1;
};

}  // namespace odradek::ui
