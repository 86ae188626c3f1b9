// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/shell/location.h"
#include "ui/theme/tokens.h"

#include <QVector>
#include <QWidget>

#include <optional>

namespace odradek::ui {

/// Groups of the navigation, in their order.
enum class NavGroup { Observe, Browse, Flow, Govern, Learn };

/// Small rounded fact beside a title ("RF 3, min ISR 2"); with a status it is tinted and has its shape.
struct ChipSpec {
    QString text;
    std::optional<Status> status;
    QString icon;  ///< icon name, optional
    QString tooltip;
    friend bool operator==(const ChipSpec&, const ChipSpec&) = default;
};

struct BreadcrumbPart {
    QString text;
    Location target;
    friend bool operator==(const BreadcrumbPart&, const BreadcrumbPart&) = default;
};

struct TabSpec {
    QString id;     ///< Location::tab
    QString text;   ///< translated word
    QString note;   ///< small count or fact beside it, optional
    friend bool operator==(const TabSpec&, const TabSpec&) = default;
};

/// What the shell draws above a page. The title is a finding in words where there is one.
struct PageHeader {
    QVector<BreadcrumbPart> breadcrumb;  ///< parents only; the title is the last step
    QString title;
    QString subtitle;
    QVector<ChipSpec> chips;
    QVector<TabSpec> tabs;
    QString currentTab;
    friend bool operator==(const PageHeader&, const PageHeader&) = default;
};

/// Marker on a navigation entry: shape of the status and a count.
struct NavBadge {
    Status status = Status::Warning;
    int count = 0;  ///< 0 hides it
    QString tooltip;
    friend bool operator==(const NavBadge&, const NavBadge&) = default;
};

/// A screen of the window. A page is made once, registered with ShellWindow::addPage (which owns it), and
/// shown whenever a Location names its id(). It takes its data from models only. GUI thread.
///
/// A subclass sets its header with setHeader() whenever its words change, asks for other places with
/// requestNavigate(), and returns widgets for the right of the header from headerActions() (asked once).
/// Everything is reachable from the keyboard; setActive(false) is the hint to stop live work.
class Page : public QWidget {
    Q_OBJECT
public:
    using QWidget::QWidget;

    virtual QString id() const = 0;        ///< stable, lower case: "topics"
    virtual QString title() const = 0;     ///< word in the navigation: tr("Topics")
    virtual QString icon() const = 0;      ///< icon name in resources/icons
    virtual NavGroup group() const = 0;
    /// Shows what the location names. Called before the page becomes visible and on each visit; unknown
    /// path parts must be shown as a designed "not found" state, never ignored.
    virtual void navigate(const Location& location) = 0;
    /// Buttons at the right of the header, left to right. The shell takes ownership.
    virtual QVector<QWidget*> headerActions() { return {}; }
    /// Extra margins are drawn by the shell: 16 px around. False = the page fills the area itself.
    virtual bool wantsMargins() const { return true; }
    /// Called with true when shown and with false when left.
    virtual void setActive(bool active) { Q_UNUSED(active); }
    /// The widget that gets the focus when the page is entered and on F6; default: the page.
    virtual QWidget* primaryWidget() { return this; }
    /// The user chose a tab of the header. Default: requestNavigate with the new tab.
    virtual void tabChosen(const QString& tabId);

    const PageHeader& header() const { return m_header; }
    const Location& location() const { return m_location; }
    void setLocation(const Location& location) { m_location = location; }  ///< by the shell, before navigate()

signals:
    void headerChanged();
    /// Go there (a new step in the history).
    void requestNavigate(const odradek::ui::Location& location);
    /// The page moved within itself (tab, selection): replaces the present step.
    void locationReplaced(const odradek::ui::Location& location);
    void badgeChanged(const odradek::ui::NavBadge& badge);
    /// Short message in the bar above the page, for example after a copy or a change.
    void notice(odradek::ui::Status status, const QString& text);

protected:
    void setHeader(const PageHeader& header);

private:
    PageHeader m_header;
    Location m_location;
};

}  // namespace odradek::ui

Q_DECLARE_METATYPE(odradek::ui::NavBadge)
