// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/shell/activity_tray.h"
#include "ui/shell/cluster_switcher.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/event_ticker.h"
#include "ui/shell/history.h"
#include "ui/shell/page.h"

#include <QHash>
#include <QMainWindow>

#include <optional>

class QStackedWidget;
class QSplitter;
class QTimer;

namespace odradek::ui {

class NavigationPane;
class TopBar;
class PageHeaderBar;
class MessageBar;
class BottomPane;
class ScrubBar;
class TimeControl;

/// The window around the pages: navigation, cluster switcher, top bar, page area, event ticker, activity
/// tray, command palette, history, and what is remembered between runs (QSettings). Made by the composition
/// root, which adds pages and feeds plain values; knows no engine and no models. GUI thread.
class ShellWindow : public QMainWindow {
    Q_OBJECT
public:
    explicit ShellWindow(QWidget* parent = nullptr);
    ~ShellWindow() override;

    /// Registers a page in its group, in the order of the calls. Takes ownership.
    void addPage(Page* page);
    Page* page(const QString& id) const { return m_pages.value(id); }
    /// Shows or hides a page's navigation entry (for example engine-only pages on attached clusters).
    void setPageAvailable(const QString& id, bool available);

    void navigate(const Location& location);
    Location currentLocation() const;
    History& history() { return *m_history; }

    /// Cluster switcher.
    void setClusters(const QVector<ClusterEntry>& clusters, const QString& currentId);
    /// Health in words, for example (Offline, "1 partition offline, 4 under-replicated").
    void setHealth(Status status, const QString& words);
    /// "Live 10:04:32" when ticking; a word such as tr("Stale") or tr("Connecting") otherwise.
    void setLive(bool live, const QString& word = QString());
    /// The time control in the top bar and the strip of the recording, fed with plain values by the owner.
    TimeControl& timeControl();
    ScrubBar& scrubBar() { return *m_scrub; }
    /// Shows a recorded moment (the strip appears), or nothing = live again.
    void setMoment(std::optional<qint64> moment);
    /// The moment "Live" shows, ms since epoch; by default the shell ticks with the wall clock.
    void setLiveTime(qint64 msecsSinceEpoch);
    /// Banner above everything but the toolbar that stays until cleared (faults, lost connection).
    void setBanner(Status status, const QString& text, const QString& actionText = QString());
    void clearBanner();
    void setBadge(const QString& pageId, const NavBadge& badge);
    void showNotice(Status status, const QString& text);

    EventTicker& events() { return *m_events; }
    ActivityTray& activity() { return *m_activity; }
    /// Adds entries to Ctrl+K; pages are there already. The provider is called when the palette opens.
    void addPaletteProvider(PaletteProvider provider);
    CommandPalette& palette() { return *m_palette; }

    /// Reads geometry, theme, density and the last place; shows `fallback` when there is none.
    void restoreState(const Location& fallback);
    void saveState();

signals:
    void navigated(const odradek::ui::Location& location);
    void clusterChosen(const QString& clusterId);
    /// The user asked for "Attach to a cluster...".
    void attachRequested();
    /// The user asked to detach this cluster.
    void detachRequested(const QString& clusterId);
    /// The user asked to allow or forbid changes on a cluster.
    void readOnlyToggled(const QString& clusterId, bool readOnly);
    void bannerAction();
    /// Show how the cluster is now.
    void liveRequested();
    /// Begin to look at what was recorded.
    void recordedRequested();
    void momentChosen(qint64 moment);
    void spanChosen(qint64 ms);
    void healthClicked();

protected:
    void closeEvent(QCloseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void buildLayout();
    void buildActions();
    void open(const Location& location);
    void refreshHeader();
    void focusNextPane(int step);
    void focusFilter();
    void goUp();
    QVector<PaletteEntry> ownEntries() const;

    QHash<QString, Page*> m_pages;
    QVector<Page*> m_order;
    QHash<QString, QVector<QWidget*>> m_headerActions;
    QHash<QString, QWidget*> m_holders;
    History* m_history = nullptr;
    NavigationPane* m_navigation = nullptr;
    ClusterSwitcher* m_switcher = nullptr;
    TopBar* m_topBar = nullptr;
    PageHeaderBar* m_header = nullptr;
    ScrubBar* m_scrub = nullptr;
    MessageBar* m_banner = nullptr;
    MessageBar* m_notice = nullptr;
    QStackedWidget* m_stack = nullptr;
    QSplitter* m_vertical = nullptr;
    BottomPane* m_bottom = nullptr;
    EventTicker* m_events = nullptr;
    ActivityTray* m_activity = nullptr;
    CommandPalette* m_palette = nullptr;
    QTimer* m_clock = nullptr;
    std::optional<qint64> m_moment;
    Page* m_current = nullptr;
};

}  // namespace odradek::ui
