// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include <memory>

#include "models/bridge/cluster_feed.h"
#include "models/series/series_store.h"
#include "tests/support/fake_source.h"
#include "ui/pages/common/cluster_context.h"
#include "ui/shell/shell_window.h"

class QTableView;

/// Overview, Brokers and Disk inside a real window over a hand-made cluster: what people see, press
/// and get.
class ObserveTest : public QObject {
    Q_OBJECT
private slots:
    void init();
    void cleanup();
    void mapShowsEveryReplicaInItsState();
    void mapIsWalkedWithTheKeyboard();
    void mapIsClickedAndHovered();
    void mapKeepsUpWithAThousandTopics();
    void titleIsTheWorstFinding();
    void problemsLeadToTheirPlace();
    void chartsFollowTheMeasurements();
    void overviewSaysWhatItWaitsFor();
    void recordedMomentIsShownEverywhere();
    void chartsShowTheSpanChosen();
    void brokersAreListedAndOpened();
    void brokerConnectionsAndApisAreShown();
    void brokerConfigurationIsAskedAndChanged();
    void brokerIsKilledAndRestartedAfterAPreview();
    void remoteBrokersSayWhatIsInvisible();
    void unknownBrokerIsNotFound();
    void diskShowsTopicsAndDays();
    void plannerComputesAndCompares();
    void modelsKeepTheRules();
    void picturesOfEveryPage();

private:
    void start(odradek::api::SourceKind kind = odradek::api::SourceKind::Embedded);
    void show(odradek::api::ClusterSnapshot snapshot);
    void fillHistory(int seconds, bool outside = false);
    template <class T>
    T* child(const char* name) const;
    QString cell(const char* table, int row, int column) const;
    odradek::ui::Page* page(const char* id) const;
    void go(const char* page, const QStringList& path = {}, const char* tab = "");
    void grab(const QString& name);

    odradek::test::FakeSource* m_source = nullptr;
    std::unique_ptr<odradek::models::ClusterFeed> m_feed;
    std::unique_ptr<odradek::models::SeriesStore> m_series;
    std::unique_ptr<odradek::ui::ClusterContext> m_context;
    std::unique_ptr<odradek::ui::ShellWindow> m_window;
    odradek::api::WallMs m_start = 0;
    QVector<odradek::ui::Location> m_asked;
};
