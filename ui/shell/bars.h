// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/shell/page.h"

#include <QAbstractButton>
#include <QWidget>

class QHBoxLayout;
class QVBoxLayout;

namespace odradek::ui {

class FlowLayout;
class IconButton;
class TabStrip;
class TextLabel;
class ElidedLabel;
class ActivityTray;
class EventTicker;
class TimeControl;

/// Painted push surface of the top bar: the health chip and the search field look-alike.
class TopBarItem : public QAbstractButton {
    Q_OBJECT
public:
    enum class Kind { Health, Search };
    TopBarItem(Kind kind, QWidget* parent);
    void setHealth(Status status, const QString& words);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Kind m_kind;
    Status m_status = Status::Info;
    QString m_words;
};

/// The line above everything: back, forward, health, "Go to or run...", time control, theme, presenter.
class TopBar : public QWidget {
    Q_OBJECT
public:
    explicit TopBar(QWidget* parent = nullptr);
    void setHealth(Status status, const QString& words);
    TimeControl& time() { return *m_time; }
    void setHistory(bool canGoBack, bool canGoForward);

signals:
    void back();
    void forward();
    void search();
    void health();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void applyTheme();
    IconButton* m_back;
    IconButton* m_forward;
    TopBarItem* m_health;
    TopBarItem* m_search;
    TimeControl* m_time;
    IconButton* m_theme;
    IconButton* m_presenter;
};

/// Above each page: breadcrumb, title, subtitle, chips, actions, tabs.
class PageHeaderBar : public QWidget {
    Q_OBJECT
public:
    explicit PageHeaderBar(QWidget* parent = nullptr);
    void setHeader(const PageHeader& header);
    /// Shows these widgets at the right; those of the page before are hidden.
    void setActions(const QVector<QWidget*>& actions);

signals:
    void navigate(const odradek::ui::Location& location);
    void tabChosen(const QString& id);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    PageHeader m_header;
    QHBoxLayout* m_crumbs;
    QHBoxLayout* m_chips;
    QHBoxLayout* m_actions;
    QVector<QWidget*> m_shown;
    ElidedLabel* m_title;
    ElidedLabel* m_subtitle;
    TabStrip* m_tabs;
};

/// Events at the left, activity at the right, one line high unless expanded.
class BottomPane : public QWidget {
    Q_OBJECT
public:
    BottomPane(EventTicker* events, ActivityTray* activity, QWidget* parent = nullptr);
    bool isExpanded() const { return m_expanded; }
    void setExpanded(bool expanded);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void applyTheme();
    EventTicker* m_events;
    ActivityTray* m_activity;
    QHBoxLayout* m_row = nullptr;
    bool m_expanded = false;
};

}  // namespace odradek::ui
