// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/screenshots.h"

#include <QCoreApplication>
#include <QDir>
#include <QPixmap>
#include <QTimer>

#include <cstdio>

#include "models/common/text.h"
#include "ui/theme/theme.h"

namespace odradek::app {
namespace {
constexpr int kSettleMs =
    1800;  // a page that was just opened gets its data and one sample of its charts
}

Screenshots::Screenshots(Application& application, const GuiOptions& options)
    : m_application(application), m_options(options) {}

void Screenshots::start() {
    const auto folder = QString::fromStdString(*m_options.screenshots);
    if (!QDir().mkpath(folder)) {
        std::fprintf(stderr, "odradek: cannot make the folder %s\n",
                     m_options.screenshots->c_str());
        QCoreApplication::exit(1);
        return;
    }
    auto& window = m_application.window();
    ui::theme().setDensity(m_options.presenter ? ui::Theme::Density::Presenter
                                               : ui::Theme::Density::Normal);
    window.resize(m_options.width, m_options.height);
    window.navigate({QStringLiteral("overview"), {}, {}});
    window.show();
    QTimer::singleShot(static_cast<int>(m_options.afterMs), this, [this] {
        plan();
        next();
    });
}

void Screenshots::plan() {
    std::vector<Shot> shots;
    const auto wanted = [&](const QString& name) {
        if (m_options.pages.empty())
            return true;
        for (const auto& page : m_options.pages)
            if (name == QString::fromStdString(page))
                return true;
        return false;
    };
    const auto add = [&](const QString& name, const ui::Location& location) {
        if (wanted(name))
            shots.push_back({name, location, false, false});
    };
    for (const auto& page : m_application.pageIds())
        add(page, {page, {}, {}});
    const auto& snapshot = m_application.context().snapshot();
    add(QStringLiteral("timeline"), {QStringLiteral("brokers"), {}, QStringLiteral("timeline")});
    add(QStringLiteral("topic"), {QStringLiteral("topics"), {QStringLiteral("new_orders")}, {}});
    add(QStringLiteral("topic-configuration"), {QStringLiteral("topics"),
                                                {QStringLiteral("new_orders")},
                                                QStringLiteral("configuration")});
    if (!snapshot.brokers.empty())
        add(QStringLiteral("broker"),
            {QStringLiteral("brokers"), {QString::number(snapshot.brokers.front().id)}, {}});
    // The group with most members shows most.
    const api::Group* group = nullptr;
    for (const auto& g : snapshot.groups)
        if (!group || g.members.size() > group->members.size())
            group = &g;
    if (group)
        add(QStringLiteral("group"), {QStringLiteral("groups"), {models::qs(group->id)}, {}});
    if (wanted(QStringLiteral("recorded")))
        shots.push_back(
            {QStringLiteral("recorded"), {QStringLiteral("overview"), {}, {}}, false, true});
    for (const bool dark : {false, true}) {
        if (m_options.theme != "both" && (m_options.theme == "dark") != dark)
            continue;
        for (auto shot : shots) {
            shot.dark = dark;
            m_shots.push_back(shot);
        }
    }
    if (m_shots.empty()) {
        std::fprintf(stderr,
                     "odradek: no such page; there are %s, topic, topic-configuration, broker, "
                     "group and recorded\n",
                     qPrintable(m_application.pageIds().join(QStringLiteral(", "))));
        m_failed = true;
    }
}

void Screenshots::next() {
    if (m_index >= m_shots.size()) {
        QCoreApplication::exit(m_failed ? 1 : 0);
        return;
    }
    const auto shot = m_shots[m_index++];
    ui::theme().setMode(shot.dark ? ui::Theme::Mode::Dark : ui::Theme::Mode::Light);
    m_application.window().navigate(shot.location);
    auto& context = m_application.context();
    const auto& recording = context.feed().recording();
    context.setMoment(shot.recorded
                          ? std::optional<qint64>(recording.newest() -
                                                  (recording.newest() - recording.oldest()) / 3)
                          : std::nullopt);
    QTimer::singleShot(kSettleMs, this, [this, shot] {
        take(shot);
        next();
    });
}

void Screenshots::take(const Shot& shot) {
    const auto path = QDir(QString::fromStdString(*m_options.screenshots))
                          .filePath(QStringLiteral("%1-%2.png")
                                        .arg(shot.name, shot.dark ? QStringLiteral("dark")
                                                                  : QStringLiteral("light")));
    if (!m_application.window().grab().save(path)) {
        std::fprintf(stderr, "odradek: cannot write %s\n", qPrintable(path));
        m_failed = true;
    }
}

}  // namespace odradek::app
