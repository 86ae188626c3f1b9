// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/tokens.h"

#include <QAbstractButton>
#include <QPushButton>
#include <QSplitter>
#include <QToolButton>
#include <QVector>
#include <QWidget>

namespace odradek::ui {

/// Push button with one of our icons that follows the theme. Primary = filled with the accent; one per view.
class Button : public QPushButton {
    Q_OBJECT
public:
    enum class Kind { Normal, Primary, Danger };
    explicit Button(const QString& text, const QString& iconName = QString(), Kind kind = Kind::Normal,
                    QWidget* parent = nullptr);
    void setKind(Kind kind);
    void setIconName(const QString& iconName);

private:
    void applyTheme();
    QString m_icon;
    Kind m_kind;
};

/// Flat square button with an icon only; `hint` is its tooltip and accessible name.
class IconButton : public QToolButton {
    Q_OBJECT
public:
    IconButton(const QString& iconName, const QString& hint, QWidget* parent = nullptr);
    void setIconName(const QString& iconName);
    void setOutlined(bool outlined);

private:
    void applyTheme();
    QString m_icon;
};

/// Two to five choices side by side ("Replicas | Traffic | Size"). Left/Right move.
class SegmentedControl : public QWidget {
    Q_OBJECT
public:
    explicit SegmentedControl(const QStringList& texts = {}, QWidget* parent = nullptr);
    void setTexts(const QStringList& texts);
    int current() const { return m_current; }
    void setCurrent(int index);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

signals:
    void currentChanged(int index);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QRectF segmentRect(int index) const;
    int segmentAt(const QPointF& pos) const;
    QStringList m_texts;
    int m_current = 0;
    int m_hover = -1;
};

/// Row of underlined tabs, with a small note beside a word. Left/Right move.
class TabStrip : public QWidget {
    Q_OBJECT
public:
    struct Tab {
        QString text;
        QString note;
        friend bool operator==(const Tab&, const Tab&) = default;
    };
    explicit TabStrip(QWidget* parent = nullptr);
    void setTabs(const QVector<Tab>& tabs);
    int current() const { return m_current; }
    void setCurrent(int index);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void currentChanged(int index);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QRectF tabRect(int index) const;
    QVector<Tab> m_tabs;
    int m_current = 0;
    int m_hover = -1;
};

/// Button with a quiet label, a value and a chevron that opens a menu ("Topic new_orders v").
class PickerButton : public QAbstractButton {
    Q_OBJECT
public:
    explicit PickerButton(const QString& label, QWidget* parent = nullptr);
    void setValue(const QString& value);
    QString value() const { return m_value; }
    /// Choices of the menu; chosen() tells the index. Over 12 choices the menu gets a filter field.
    void setChoices(const QStringList& choices);
    QSize sizeHint() const override;

signals:
    void chosen(int index, const QString& text);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void openMenu();
    QString m_label;
    QString m_value;
    QStringList m_choices;
};

/// Splitter with a hairline handle that remembers its sizes in QSettings under its objectName().
class MemorySplitter : public QSplitter {
    Q_OBJECT
public:
    MemorySplitter(const QString& name, Qt::Orientation orientation, QWidget* parent = nullptr);
    /// Sizes when nothing is remembered; call after adding the widgets. Restores what is remembered.
    void setDefaultSizes(const QList<int>& sizes);

protected:
    QSplitterHandle* createHandle() override;
};

}  // namespace odradek::ui
