// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>

#include <memory>
#include <vector>

#include "app/gui/gui_options.h"
#include "models/bridge/cluster_feed.h"
#include "models/series/series_store.h"
#include "models/tasks/audit_log.h"
#include "ui/pages/common/cluster_context.h"
#include "ui/shell/shell_window.h"

namespace odradek::app {

/// The composition root of the window: makes the sources, the context and the pages, and wires the shell to them.
/// Lifecycle: one per run; show() opens the window. Destroying it stops all sources (the embedded cluster shuts down
/// cleanly). GUI thread.
class Application : public QObject {
    Q_OBJECT
public:
    explicit Application(GuiOptions options);
    ~Application() override;

    ui::ShellWindow& window() { return *m_window; }
    ui::ClusterContext& context() { return m_context; }
    void show();

    /// Adds a cluster by bootstrap address and shows it; a bad address is a notice and changes nothing.
    bool attach(const QString& bootstrap, bool remember = true);

    /// Ids of all pages, in navigation order.
    QStringList pageIds() const { return m_pageIds; }

private:
    struct Cluster {
        QString id;
        std::unique_ptr<models::ClusterFeed> feed;
        std::unique_ptr<models::SeriesStore> series;
        QColor color;
        bool embedded = false;
    };

    void addPages();
    void wireShell();
    void addCluster(const QString& id, std::unique_ptr<api::Source> source, bool embedded);
    void choose(const QString& id);
    void detach(const QString& id);
    void setReadOnly(const QString& id, bool readOnly);
    void askForAddress();
    void addEmbedded();
    void restartEmbedded();
    void refreshSwitcher();
    void refreshHealth();
    void refreshBadges();
    void wireTime();
    void refreshScrub();
    void takeEvents(const std::vector<api::Event>& fresh);
    QVector<ui::PaletteEntry> paletteEntries() const;
    void rememberAttached();
    Cluster* find(const QString& id);

    GuiOptions m_options;
    models::AuditLog m_audit;
    ui::ClusterContext m_context;
    std::vector<Cluster> m_clusters;
    QString m_current;
    QStringList m_pageIds;
    std::unique_ptr<ui::ShellWindow> m_window;
};

}  // namespace odradek::app
