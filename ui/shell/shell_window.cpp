// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/shell_window.h"

#include "ui/shell/bars.h"
#include "ui/shell/navigation_pane.h"
#include "ui/shell/time_control.h"
#include "ui/theme/format.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/state_view.h"

#include <QAction>
#include <QApplication>
#include <QCloseEvent>
#include <QDateTime>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollArea>
#include <QSettings>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>

namespace odradek::ui {

namespace {

// A background with a hairline at its right or bottom edge.
class Surface : public QWidget {
public:
    enum class Level { Window, Page };
    Surface(Level level, bool edge, QWidget* parent)
        : QWidget(parent), m_level(level), m_edge(edge) {
        connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
    }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.fillRect(
            rect(), m_level == Level::Window ? tokens().surface.window : tokens().surface.page);
        if (m_edge)
            vLine(painter, width() - 1, 0, height(), tokens().border.normal);
    }

private:
    Level m_level;
    bool m_edge;
};

}  // namespace

ShellWindow::ShellWindow(QWidget* parent) : QMainWindow(parent) {
    setWindowTitle(QStringLiteral("Odradek"));
    setWindowIcon(theme().appIcon());
    m_history = new History(this);
    buildLayout();
    buildActions();
    m_clock = new QTimer(this);
    m_clock->setInterval(1000);
    connect(m_clock, &QTimer::timeout, this,
            [this] { setLiveTime(QDateTime::currentMSecsSinceEpoch()); });
    setLive(true);
    resize(1280, 800);
}

ShellWindow::~ShellWindow() = default;

void ShellWindow::buildLayout() {
    auto* root = new QWidget(this);
    auto* row = new QHBoxLayout(root);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    auto* left = new Surface(Surface::Level::Window, true, root);
    auto* leftColumn = new QVBoxLayout(left);
    leftColumn->setContentsMargins(0, 0, 1, 0);
    leftColumn->setSpacing(0);
    m_switcher = new ClusterSwitcher(left);
    m_navigation = new NavigationPane(left);
    leftColumn->addWidget(m_switcher);
    leftColumn->addWidget(m_navigation, 1);
    const auto resizeLeft = [left, this] {
        left->setFixedWidth(metrics().navWidth);
        m_switcher->setFixedHeight(metrics().toolbar);
    };
    connect(&theme(), &Theme::changed, left, resizeLeft);
    resizeLeft();

    auto* right = new Surface(Surface::Level::Page, false, root);
    auto* column = new QVBoxLayout(right);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_topBar = new TopBar(right);
    m_scrub = new ScrubBar(right);
    m_scrub->hide();
    m_banner = new MessageBar(right);
    m_banner->setBanner(true);
    m_banner->setClosable(false);
    m_header = new PageHeaderBar(right);
    m_notice = new MessageBar(right);
    m_stack = new QStackedWidget(right);
    m_events = new EventTicker;
    m_activity = new ActivityTray;
    m_bottom = new BottomPane(m_events, m_activity, right);
    auto* noticeSlot = new QHBoxLayout;
    noticeSlot->setContentsMargins(16, 0, 16, 0);
    noticeSlot->addWidget(m_notice);
    column->addWidget(m_topBar);
    column->addWidget(m_scrub);
    column->addWidget(m_banner);
    column->addWidget(m_header);
    column->addLayout(noticeSlot);
    column->addWidget(m_stack, 1);
    column->addWidget(m_bottom);
    row->addWidget(left);
    row->addWidget(right, 1);
    setCentralWidget(root);
    m_palette = new CommandPalette(this);
    m_palette->addProvider([this] { return ownEntries(); });

    connect(m_navigation, &NavigationPane::chosen, this,
            [this](const QString& id) { navigate(Location{id, {}, {}}); });
    connect(m_switcher, &ClusterSwitcher::chosen, this, &ShellWindow::clusterChosen);
    connect(m_switcher, &ClusterSwitcher::attachRequested, this, &ShellWindow::attachRequested);
    connect(m_switcher, &ClusterSwitcher::detachRequested, this, &ShellWindow::detachRequested);
    connect(m_switcher, &ClusterSwitcher::readOnlyToggled, this, &ShellWindow::readOnlyToggled);
    connect(m_topBar, &TopBar::back, m_history, &History::back);
    connect(m_topBar, &TopBar::forward, m_history, &History::forward);
    connect(m_topBar, &TopBar::search, this, [this] { m_palette->popUp(); });
    connect(m_topBar, &TopBar::health, this, &ShellWindow::healthClicked);
    connect(&m_topBar->time(), &TimeControl::liveRequested, this, &ShellWindow::liveRequested);
    connect(&m_topBar->time(), &TimeControl::spanChosen, this, &ShellWindow::spanChosen);
    connect(&m_topBar->time(), &TimeControl::recordedRequested, this, [this] {
        m_topBar->time().setMoment(m_moment);  // whether it changes is the owner's to say
        if (m_moment)
            emit liveRequested();
        else
            emit recordedRequested();
    });
    connect(m_scrub, &ScrubBar::moved, this, &ShellWindow::momentChosen);
    connect(m_scrub, &ScrubBar::liveRequested, this, &ShellWindow::liveRequested);
    connect(m_history, &History::travelled, this, &ShellWindow::open);
    connect(m_history, &History::changed, this,
            [this] { m_topBar->setHistory(m_history->canGoBack(), m_history->canGoForward()); });
    m_topBar->setHistory(false, false);
    connect(m_header, &PageHeaderBar::navigate, this, &ShellWindow::navigate);
    connect(m_header, &PageHeaderBar::tabChosen, this, [this](const QString& id) {
        if (m_current)
            m_current->tabChosen(id);
    });
    connect(m_palette, &CommandPalette::navigateTo, this, &ShellWindow::navigate);
    connect(m_events, &EventTicker::activated, this, &ShellWindow::navigate);
    connect(m_banner, &MessageBar::action, this, &ShellWindow::bannerAction);
}

void ShellWindow::buildActions() {
    const auto action = [this](const QList<QKeySequence>& keys, auto&& run) {
        auto* a = new QAction(this);
        a->setShortcuts(keys);
        connect(a, &QAction::triggered, this, run);
        addAction(a);
    };
    action({QKeySequence(Qt::CTRL | Qt::Key_K), QKeySequence(Qt::CTRL | Qt::Key_P)},
           [this] { m_palette->popUp(); });
    action({QKeySequence(Qt::ALT | Qt::Key_Left), QKeySequence(Qt::Key_Back)},
           [this] { m_history->back(); });
    action({QKeySequence(Qt::ALT | Qt::Key_Right), QKeySequence(Qt::Key_Forward)},
           [this] { m_history->forward(); });
    action({QKeySequence(Qt::Key_F6)}, [this] { focusNextPane(1); });
    action({QKeySequence(Qt::SHIFT | Qt::Key_F6)}, [this] { focusNextPane(-1); });
    action({QKeySequence(Qt::ALT | Qt::Key_Up)}, [this] { goUp(); });
    action({QKeySequence::Find}, [this] { focusFilter(); });
    action({QKeySequence(Qt::Key_F8)}, [this] {
        if (m_moment)
            emit liveRequested();
        else
            emit recordedRequested();
    });
    action({QKeySequence(Qt::CTRL | Qt::Key_Q)}, [this] { close(); });
}

void ShellWindow::addPage(Page* page) {
    const QString id = page->id();
    // A page that needs more room than a small screen has scrolls; it never makes the window
    // larger.
    auto* scroll = new QScrollArea;
    auto* holder = new QWidget;
    auto* layout = new QVBoxLayout(holder);
    if (page->wantsMargins())
        layout->setContentsMargins(16, 10, 16, 12);
    else
        layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(page);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setStyleSheet(QStringLiteral("QScrollArea { background: transparent; }"));
    scroll->setWidget(holder);
    holder->setAutoFillBackground(false);
    scroll->viewport()->setAutoFillBackground(false);
    m_stack->addWidget(scroll);
    m_holders[id] = scroll;
    m_pages[id] = page;
    m_order.append(page);
    m_headerActions[id] = page->headerActions();
    for (QWidget* w : m_headerActions[id]) {
        w->setParent(m_header);
        w->hide();
    }
    m_navigation->addEntry({id, page->title(), page->icon(), page->group(), {}, true});
    connect(page, &Page::headerChanged, this, [this, page] {
        if (page == m_current)
            refreshHeader();
    });
    connect(page, &Page::requestNavigate, this, &ShellWindow::navigate);
    connect(page, &Page::locationReplaced, this, [this, page](const Location& location) {
        page->setLocation(location);
        if (page == m_current)
            m_history->replace(location);
    });
    connect(page, &Page::badgeChanged, this,
            [this, id](const NavBadge& badge) { setBadge(id, badge); });
    connect(page, &Page::notice, this, &ShellWindow::showNotice);
}

void ShellWindow::setPageAvailable(const QString& id, bool available) {
    m_navigation->setAvailable(id, available);
    if (!available && m_current && m_current->id() == id && !m_order.isEmpty())
        navigate(Location{m_order.first()->id(), {}, {}});
}

void ShellWindow::navigate(const Location& location) {
    if (!m_pages.contains(location.page))
        return showNotice(Status::Warning,
                          tr("There is no page \u201C%1\u201D.").arg(location.page));
    m_history->visit(location);
    open(location);
}

void ShellWindow::open(const Location& location) {
    Page* page = m_pages.value(location.page);
    if (!page)
        return;
    if (m_current && m_current != page)
        m_current->setActive(false);
    const bool entered = m_current != page;
    const bool navigationHadFocus = m_navigation->hasFocus();
    m_current = page;
    page->setLocation(location);
    page->navigate(location);
    if (entered) {
        m_header->setActions(m_headerActions.value(location.page));
        m_stack->setCurrentWidget(m_holders.value(location.page));
        page->setActive(true);
        nameFocusTargets(page, page->title());
        if (!navigationHadFocus && page->primaryWidget())
            page->primaryWidget()->setFocus();
    }
    m_navigation->setCurrent(location.page);
    refreshHeader();
    emit navigated(location);
}

void ShellWindow::refreshHeader() {
    PageHeader header = m_current->header();
    if (header.title.isEmpty())
        header.title = m_current->title();
    m_header->setHeader(header);
    setWindowTitle(header.title + QStringLiteral(" \u2013 Odradek"));
}

Location ShellWindow::currentLocation() const {
    return m_history->current();
}

void ShellWindow::setClusters(const QVector<ClusterEntry>& clusters, const QString& currentId) {
    m_switcher->setClusters(clusters, currentId);
}

void ShellWindow::setHealth(Status status, const QString& words) {
    m_topBar->setHealth(status, words);
}

void ShellWindow::setLive(bool live, const QString& word) {
    if (live) {
        setLiveTime(QDateTime::currentMSecsSinceEpoch());
        m_clock->start();
    } else {
        m_clock->stop();
        m_topBar->time().setLive(false, word.isEmpty() ? tr("Not live") : word);
    }
}

void ShellWindow::setLiveTime(qint64 msecsSinceEpoch) {
    m_topBar->time().setLive(true, tr("Live %1").arg(formatClock(msecsSinceEpoch)));
}

TimeControl& ShellWindow::timeControl() {
    return m_topBar->time();
}

void ShellWindow::setMoment(std::optional<qint64> moment) {
    const bool switched = moment.has_value() != m_moment.has_value();
    m_moment = moment;
    m_topBar->time().setMoment(moment);
    if (moment)
        m_scrub->setMoment(*moment);
    if (!switched)
        return;
    const bool had = m_scrub->isAncestorOf(QApplication::focusWidget()) || m_scrub->hasFocus();
    m_scrub->setVisible(moment.has_value());
    if (moment)
        m_scrub->setFocus(Qt::OtherFocusReason);
    else if (had && m_current && m_current->primaryWidget())
        m_current->primaryWidget()->setFocus();
}

void ShellWindow::setBanner(Status status, const QString& text, const QString& actionText) {
    m_banner->showMessage(status, text, actionText);
}

void ShellWindow::clearBanner() {
    m_banner->hide();
}

void ShellWindow::setBadge(const QString& pageId, const NavBadge& badge) {
    m_navigation->setBadge(pageId, badge);
}

void ShellWindow::showNotice(Status status, const QString& text) {
    // Bad news stays until it is dismissed.
    m_notice->showMessage(status, text, {}, status >= Status::Error ? 0 : 5000);
}

void ShellWindow::addPaletteProvider(PaletteProvider provider) {
    m_palette->addProvider(std::move(provider));
}

QVector<PaletteEntry> ShellWindow::ownEntries() const {
    QVector<PaletteEntry> entries;
    for (Page* page : m_order) {
        PaletteEntry entry;
        entry.title = page->title();
        entry.kind = tr("Page");
        entry.icon = page->icon();
        entry.target = Location{page->id(), {}, {}};
        entry.weight = 40;
        entries.append(entry);
    }
    const auto action = [&entries](const QString& title, const QString& icon, const QString& keys,
                                   std::function<void()> run) {
        PaletteEntry entry;
        entry.title = title;
        entry.kind = ShellWindow::tr("Action");
        entry.icon = icon;
        entry.shortcut = keys;
        entry.action = std::move(run);
        entry.weight = 20;
        entries.append(entry);
    };
    auto* self = const_cast<ShellWindow*>(this);
    action(tr("Attach to a cluster..."), QStringLiteral("plug"), {},
           [self] { emit self->attachRequested(); });
    action(tr("Light theme"), QStringLiteral("sun"), {},
           [] { theme().setMode(Theme::Mode::Light); });
    action(tr("Dark theme"), QStringLiteral("moon"), {},
           [] { theme().setMode(Theme::Mode::Dark); });
    action(tr("Theme of the system"), QStringLiteral("settings"), {},
           [] { theme().setMode(Theme::Mode::System); });
    action(tr("Presenter size"), QStringLiteral("presenter"), {}, [] {
        theme().setDensity(theme().isPresenter() ? Theme::Density::Normal
                                                 : Theme::Density::Presenter);
    });
    action(theme().reducedMotion() ? tr("Allow motion") : tr("Reduce motion"),
           QStringLiteral("pause"), {}, [] { theme().setReducedMotion(!theme().reducedMotion()); });
    if (m_moment)
        action(tr("Back to Live"), QStringLiteral("play"), tr("F8"), [self] { emit self->liveRequested(); });
    else
        action(tr("Look at a recorded moment"), QStringLiteral("clock"), tr("F8"),
               [self] { emit self->recordedRequested(); });
    for (const qint64 span : TimeControl::spans())
        action(tr("Charts show %1").arg(TimeControl::spanWords(span)), QStringLiteral("clock"), {},
               [self, span] { emit self->spanChosen(span); });
    action(tr("Show or hide events and activity"), QStringLiteral("expand"), {},
           [self] { self->m_bottom->setExpanded(!self->m_bottom->isExpanded()); });
    return entries;
}

void ShellWindow::focusNextPane(int step) {
    QVector<QWidget*> panes{m_navigation, m_current ? m_current->primaryWidget() : m_stack,
                            m_events, m_activity};
    QWidget* focus = QApplication::focusWidget();
    int at = -1;
    for (int i = 0; i < panes.size(); ++i) {
        QWidget* area = i == 1 ? static_cast<QWidget*>(m_stack) : panes[i];
        if (focus && (focus == area || area->isAncestorOf(focus)))
            at = i;
    }
    const int next =
        at < 0 ? 1 : (at + step + static_cast<int>(panes.size())) % static_cast<int>(panes.size());
    QWidget* target = panes[next];
    if (target->focusPolicy() == Qt::NoFocus && !target->focusProxy()) {
        // The first of its children that takes the keyboard.
        for (QWidget* child : target->findChildren<QWidget*>())
            if (child->isVisible() && child->isEnabled() && child->focusPolicy() & Qt::TabFocus)
                return child->setFocus(Qt::TabFocusReason);
        return;
    }
    target->setFocus(Qt::TabFocusReason);
}

void ShellWindow::focusFilter() {
    // The table that has the focus, else the first that is to be seen.
    QWidget* focus = QApplication::focusWidget();
    DataTable* first = nullptr;
    for (auto* table : m_stack->currentWidget()->findChildren<DataTable*>()) {
        if (!table->isVisible() || !table->hasFilter())
            continue;
        if (focus && table->isAncestorOf(focus))
            return table->focusFilter();
        if (!first)
            first = table;
    }
    if (first)
        first->focusFilter();
}

void ShellWindow::goUp() {
    if (m_current && !m_current->header().breadcrumb.isEmpty())
        navigate(m_current->header().breadcrumb.last().target);
}

void ShellWindow::restoreState(const Location& fallback) {
    QSettings settings;
    const QByteArray geometry = settings.value(QStringLiteral("window/geometry")).toByteArray();
    if (!geometry.isEmpty())
        restoreGeometry(geometry);
    m_bottom->setExpanded(settings.value(QStringLiteral("window/bottomExpanded"), false).toBool());
    const Location last =
        Location::fromString(settings.value(QStringLiteral("window/location")).toString());
    navigate(m_pages.contains(last.page) ? last : fallback);
}

void ShellWindow::saveState() {
    QSettings settings;
    settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    settings.setValue(QStringLiteral("window/bottomExpanded"), m_bottom->isExpanded());
    settings.setValue(QStringLiteral("window/location"), currentLocation().toString());
    theme().save();
}

void ShellWindow::keyPressEvent(QKeyEvent* event) {
    // Esc that nothing on the page wanted.
    if (event->key() == Qt::Key_Escape && m_moment)
        emit liveRequested();
    else
        QMainWindow::keyPressEvent(event);
}

void ShellWindow::closeEvent(QCloseEvent* event) {
    saveState();
    QMainWindow::closeEvent(event);
}

}  // namespace odradek::ui
