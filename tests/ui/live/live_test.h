// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include <memory>

#include "app/gui/application.h"
#include "ui/shell/change_dialog.h"
#include "ui/widgets/data_table.h"

/// The whole window over its own running cluster, checked from outside with kcat: what a client does is
/// read from the widgets, what is done with keyboard and mouse is seen by a client. One cluster for all;
/// the cases run in the order below and each leaves the cluster well.
class LiveTest : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void overviewSaysHowItIs();
    void topicOfAClientIsListed();
    void topicIsCreatedByKeyboard();
    void tailShowsARecordWithinASecond();
    void producedRecordReachesAClient();
    void keyGoesWhereThePageSays();
    void groupOfAClientIsShownAndReset();
    void brokerIsKilledAndRestarted();
    void diskGrowsWithTheLog();
    void rateIsSetByKeyboard();
    void crashedConsumerLeavesItsGroup();
    void recordedMomentComesAndGoes();
    void everyPageIsForTheKeyboard();
    void everyChangeIsInTheLog();
    void readOnlyForbidsChanges();
    void wrongAddressIsAStateInWords();
    void attachedClusterShowsTheSame();
    void takenPortIsSaidAndTriedAgain();
    void picturesOfEveryPage();
    void cleanupTestCase();

private:
    odradek::ui::ShellWindow& window() const { return m_app->window(); }
    const odradek::api::ClusterSnapshot& snapshot() const { return m_app->context().snapshot(); }
    odradek::ui::DataTable* table(const char* page, const char* name) const;
    /// What the visible table shows in `column` of the row that shows `key` in `keyColumn`; null when it does not.
    QString cell(const char* page, const char* name, const QString& key, int column, int keyColumn = 0) const;
    bool select(odradek::ui::DataTable* table, const QString& key, int keyColumn = 0) const;
    void go(const char* page, const QStringList& path = {}) const;
    QString title(const char* page) const;
    /// Presses a visible, enabled button with the mouse, waiting for it.
    bool click(const char* name) const;
    odradek::ui::ChangeDialog* dialog() const;
    /// Confirms the open dialog by keyboard, waits for its end and closes it; false when anything failed.
    bool applyDialog() const;
    bool waitCalm(int ms) const;

    std::unique_ptr<odradek::app::Application> m_app;
    QString m_bootstrap;
};
