// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/bars.h"

#include "ui/shell/activity_tray.h"
#include "ui/shell/event_ticker.h"
#include "ui/shell/time_control.h"
#include "ui/theme/focus.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/labels.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QVBoxLayout>

#include <cmath>

namespace odradek::ui {

TopBarItem::TopBarItem(Kind kind, QWidget* parent) : QAbstractButton(parent), m_kind(kind) {
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(kind == Kind::Search ? QSizePolicy::Expanding : QSizePolicy::Maximum,
                  QSizePolicy::Fixed);
    if (kind == Kind::Search)
        setAccessibleName(tr("Go to or run"));
    if (kind == Kind::Search)
        setMaximumWidth(332);
    connect(&theme(), &Theme::changed, this, [this] {
        updateGeometry();
        update();
    });
}

void TopBarItem::setHealth(Status status, const QString& words) {
    m_status = status;
    m_words = words;
    setAccessibleName(Theme::statusWord(status) + QStringLiteral(": ") + words);
    setToolTip(words);
    setVisible(!words.isEmpty());
    updateGeometry();
    update();
}

QSize TopBarItem::sizeHint() const {
    const QFont font = theme().font(
        Theme::Size::Body, m_kind == Kind::Search ? Theme::Weight::Regular : Theme::Weight::Strong);
    const int width = m_kind == Kind::Search
                          ? 332
                          : static_cast<int>(std::ceil(tabularWidth(font, m_words))) +
                                metrics().icon + 28;
    return {width, metrics().control};
}

QSize TopBarItem::minimumSizeHint() const {
    return {m_kind == Kind::Search ? 150 : 60, metrics().control};
}

void TopBarItem::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Tokens& t = tokens();
    const Metrics& m = metrics();
    QRectF r(rect());
    if (m_kind == Kind::Search) {
        roundedBox(painter, r, m.radiusControl, t.surface.panel, t.border.control);
        painter.drawPixmap(QPointF(10, std::round((height() - m.icon) / 2.0)),
                           theme().pixmap(QStringLiteral("search"), t.text.secondary, m.icon,
                                          devicePixelRatioF()));
        painter.setFont(theme().font(Theme::Size::Caption));
        const QString keys = tr("Ctrl K");
        const qreal w = std::ceil(QFontMetricsF(painter.font()).horizontalAdvance(keys)) + 12;
        const qreal h = m.caption + 8;
        const QRectF cap(width() - w - 6, std::round((height() - h) / 2), w, h);
        roundedBox(painter, cap, 3, t.surface.sunken, t.border.normal);
        painter.setPen(t.text.secondary);
        painter.drawText(cap, Qt::AlignCenter, keys);
        painter.setFont(theme().font());
        painter.setPen(t.text.tertiary);
        drawText(painter, QRectF(10 + m.icon + 8, 0, cap.left() - m.icon - 26, height()),
                 Qt::AlignVCenter | Qt::AlignLeft, tr("Go to or run..."));
    } else {
        roundedBox(painter, r, m.radiusControl, t.status(m_status).tint, QColor());
        const qreal shape = m.icon - 2;
        drawStatus(painter, QRectF(10, std::round((height() - shape) / 2.0), shape, shape),
                   m_status);
        painter.setFont(theme().font(Theme::Size::Body, Theme::Weight::Strong));
        painter.setPen(t.status(m_status).text);
        drawText(painter, r.adjusted(10 + shape + 8, 0, -8, 0), Qt::AlignVCenter | Qt::AlignLeft,
                 m_words);
    }
    if (focusVisible(this)) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(t.border.focus, 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(r.adjusted(1, 1, -1, -1), m.radiusControl, m.radiusControl);
    }
}

TopBar::TopBar(QWidget* parent) : QWidget(parent) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(8, 0, 12, 0);
    row->setSpacing(6);
    m_back = new IconButton(QStringLiteral("back"), tr("Back (Alt+Left)"), this);
    m_forward = new IconButton(QStringLiteral("forward"), tr("Forward (Alt+Right)"), this);
    m_health = new TopBarItem(TopBarItem::Kind::Health, this);
    m_search = new TopBarItem(TopBarItem::Kind::Search, this);
    m_time = new TimeControl(this);
    m_theme = new IconButton(QStringLiteral("moon"), tr("Light or dark"), this);
    m_presenter = new IconButton(QStringLiteral("presenter"), tr("Presenter size"), this);
    m_presenter->setCheckable(true);
    m_health->hide();
    for (QWidget* w : {static_cast<QWidget*>(m_back), static_cast<QWidget*>(m_forward)})
        row->addWidget(w);
    row->addSpacing(4);
    row->addWidget(m_health);
    row->addStretch(1);
    row->addWidget(m_search, 20);
    row->addWidget(m_time);
    row->addWidget(m_theme);
    row->addWidget(m_presenter);
    connect(m_back, &QAbstractButton::clicked, this, &TopBar::back);
    connect(m_forward, &QAbstractButton::clicked, this, &TopBar::forward);
    connect(m_search, &QAbstractButton::clicked, this, &TopBar::search);
    connect(m_health, &QAbstractButton::clicked, this, &TopBar::health);
    connect(m_theme, &QAbstractButton::clicked, this,
            [] { theme().setMode(theme().isDark() ? Theme::Mode::Light : Theme::Mode::Dark); });
    connect(m_presenter, &QAbstractButton::clicked, this, [](bool on) {
        theme().setDensity(on ? Theme::Density::Presenter : Theme::Density::Normal);
    });
    connect(&theme(), &Theme::changed, this, &TopBar::applyTheme);
    applyTheme();
}

void TopBar::applyTheme() {
    setFixedHeight(metrics().toolbar);
    m_theme->setIconName(theme().isDark() ? QStringLiteral("sun") : QStringLiteral("moon"));
    m_presenter->setChecked(theme().isPresenter());
    m_time->setCompact(width() < 77 * metrics().body);
    update();
}

void TopBar::setHealth(Status status, const QString& words) {
    m_health->setHealth(status, words);
}

void TopBar::setHistory(bool canGoBack, bool canGoForward) {
    m_back->setEnabled(canGoBack);
    m_forward->setEnabled(canGoForward);
}

void TopBar::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    m_time->setCompact(width() < 77 * metrics().body);
}

void TopBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), tokens().surface.window);
    hLine(painter, 0, width(), height() - 1, tokens().border.normal);
}

PageHeaderBar::PageHeaderBar(QWidget* parent) : QWidget(parent) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 10, 16, 0);
    column->setSpacing(2);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    auto* words = new QVBoxLayout;
    words->setSpacing(2);
    auto* line = new QHBoxLayout;
    line->setSpacing(8);
    m_crumbs = new QHBoxLayout;
    m_crumbs->setSpacing(6);
    m_title = new ElidedLabel({}, Theme::Size::Title, TextLabel::Tone::Primary,
                              Theme::Weight::Strong, this);
    m_chips = new QHBoxLayout;
    m_chips->setSpacing(6);
    line->addLayout(m_crumbs);
    line->addWidget(m_title);
    line->addLayout(m_chips);
    line->addStretch(1);
    m_subtitle = new ElidedLabel({}, Theme::Size::Caption, TextLabel::Tone::Tertiary,
                                 Theme::Weight::Regular, this);
    m_subtitle->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    words->addLayout(line);
    words->addWidget(m_subtitle);
    m_actions = new QHBoxLayout;
    m_actions->setSpacing(8);
    row->addLayout(words, 1);
    row->addLayout(m_actions);
    column->addLayout(row);
    m_tabs = new TabStrip(this);
    column->addWidget(m_tabs);
    connect(m_tabs, &TabStrip::currentChanged, this, [this](int i) {
        if (i < m_header.tabs.size() && m_header.tabs[i].id != m_header.currentTab)
            emit tabChosen(m_header.tabs[i].id);
    });
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void PageHeaderBar::setHeader(const PageHeader& header) {
    const bool crumbs = m_header.breadcrumb != header.breadcrumb;
    const bool chips = m_header.chips != header.chips;
    m_header = header;
    const auto empty = [](QLayout* layout) {
        while (QLayoutItem* item = layout->takeAt(0)) {
            if (QWidget* w = item->widget()) {
                w->hide();
                w->deleteLater();
            }
            delete item;
        }
    };
    if (crumbs) {
        empty(m_crumbs);
        for (const BreadcrumbPart& part : header.breadcrumb) {
            auto* link = new TextLabel(
                QStringLiteral(
                    "<a href=\"#\" style=\"color:%1;text-decoration:none\">%2</a> \u203A")
                    .arg(tokens().text.secondary.name(), part.text.toHtmlEscaped()),
                Theme::Size::Body, TextLabel::Tone::Secondary);
            link->setTextFormat(Qt::RichText);
            connect(link, &QLabel::linkActivated, this,
                    [this, target = part.target] { emit navigate(target); });
            m_crumbs->addWidget(link);
        }
    }
    m_title->setText(header.title);
    m_subtitle->setText(header.subtitle);
    m_subtitle->setVisible(!header.subtitle.isEmpty());
    if (chips) {
        empty(m_chips);
        for (const ChipSpec& spec : header.chips) {
            auto* chip = new Chip(spec.text, this);
            chip->setStatus(spec.status);
            chip->setIcon(spec.icon);
            chip->setToolTip(spec.tooltip);
            m_chips->addWidget(chip);
        }
    }
    QVector<TabStrip::Tab> tabs;
    int current = 0;
    for (int i = 0; i < header.tabs.size(); ++i) {
        tabs.append({header.tabs[i].text, header.tabs[i].note});
        if (header.tabs[i].id == header.currentTab)
            current = i;
    }
    {
        const QSignalBlocker blocker(m_tabs);
        m_tabs->setTabs(tabs);
        m_tabs->setCurrent(current);
    }
    m_tabs->setVisible(!tabs.isEmpty());
    update();
}

void PageHeaderBar::setActions(const QVector<QWidget*>& actions) {
    for (QWidget* w : m_shown) {
        m_actions->removeWidget(w);
        w->hide();
    }
    m_shown = actions;
    for (QWidget* w : m_shown) {
        m_actions->addWidget(w);
        w->show();
    }
}

void PageHeaderBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    if (!m_tabs->isHidden())
        hLine(painter, 0, width(), height() - 1, tokens().border.normal);
}

BottomPane::BottomPane(EventTicker* events, ActivityTray* activity, QWidget* parent)
    : QWidget(parent), m_events(events), m_activity(activity) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 1, 0, 0);
    row->setSpacing(0);
    m_row = row;
    row->addWidget(events, 11);
    row->addWidget(activity, 9);
    connect(events, &EventTicker::expandToggled, this, [this] { setExpanded(!m_expanded); });
    connect(activity, &ActivityTray::expandToggled, this, [this] { setExpanded(!m_expanded); });
    connect(&theme(), &Theme::changed, this, &BottomPane::applyTheme);
    applyTheme();
}

void BottomPane::applyTheme() {
    setFixedHeight((m_expanded ? metrics().statusBar + 4 * (metrics().tableRow - 1) + 2
                               : metrics().statusBar) +
                   1);
    // One line of events says more than "No running tasks"; open, both lists have their share.
    m_row->setStretch(0, m_expanded ? 11 : 14);
    m_row->setStretch(1, m_expanded ? 9 : 6);
    update();
}

void BottomPane::setExpanded(bool expanded) {
    m_expanded = expanded;
    m_events->setExpanded(expanded);
    m_activity->setExpanded(expanded);
    applyTheme();
}

void BottomPane::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), tokens().surface.window);
    hLine(painter, 0, width(), 0, tokens().border.normal);
    if (m_expanded)
        vLine(painter, m_activity->x(), 0, height(), tokens().border.normal);
}

}  // namespace odradek::ui
