// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/tokens.h"

#include <QColor>
#include <QDialog>
#include <QPointer>
#include <QVector>

#include <functional>

class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QStandardItemModel;
class QVBoxLayout;

namespace odradek::ui {

class CodeBox;
class DataTable;
class MessageBar;

/// One line of a change: what, how it is, how it will be.
struct ChangeItem {
    QString item;
    QString before;
    QString after;
};

/// A change to a cluster as the user sees it before it happens. Plain values, words translated.
struct ChangePlan {
    QString title;        ///< "Reset offsets of shipping-service"
    QString clusterName;  ///< named on the button
    QColor clusterColor;
    QString verb;         ///< button: "Reset offsets" gives "Reset offsets on retail-dev"
    QString itemHeading, beforeHeading, afterHeading;  ///< default: Item, Now, After
    QVector<ChangeItem> items;
    QString effect;       ///< in words: "12,432 records will be read again."
    QString commandLine;  ///< the same with Kafka's tools
    QString blocker;      ///< why it cannot run yet; empty = it can
    bool destructive = false;
    QString typeToConfirm;  ///< name the user must type, for what cannot be undone; empty = none
};

/// How one item went. `error` is Kafka's name, for example TOPIC_ALREADY_EXISTS; empty = done.
struct ChangeItemResult {
    int index = 0;
    QString error;
    QString message;
};

/// The running change, given to the starter, which reports to it from the GUI thread. Dies with the dialog,
/// therefore held by QPointer.
class ChangeRun : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
    void reportProgress(int done, int total) { emit progressed(done, total); }
    void reportItem(const ChangeItemResult& result) { emit itemFinished(result); }
    /// The end. An empty error means that the request as a whole went through.
    void finish(const QString& error = QString(), const QString& message = QString()) {
        emit finished(error, message);
    }

signals:
    void progressed(int done, int total);
    void itemFinished(const odradek::ui::ChangeItemResult& result);
    void finished(const QString& error, const QString& message);
};

using ChangeStarter = std::function<void(QPointer<ChangeRun> run)>;

/// Every change to a cluster goes through this dialog: (form,) preview, effect, command line, a button that
/// names the cluster, progress, result per item. Non-modal to the event loop: use open(); it deletes itself
/// when closed. With a form, the page calls setPlan() as the user edits.
class ChangeDialog : public QDialog {
    Q_OBJECT
public:
    enum class Phase { Preview, Running, Done };
    ChangeDialog(const ChangePlan& plan, ChangeStarter starter, QWidget* parent = nullptr);

    void setPlan(const ChangePlan& plan);
    const ChangePlan& plan() const { return m_plan; }
    /// Input widgets above the preview (name, partitions...). Takes ownership.
    void setForm(QWidget* form);
    Phase phase() const { return m_phase; }
    bool succeeded() const { return m_phase == Phase::Done && m_failures == 0; }

signals:
    void phaseChanged();
    /// The change ended; `ok` when no item and not the whole failed.
    void completed(bool ok);

protected:
    void reject() override;

private:
    void build();
    void refresh();
    void start();
    void showResult(const ChangeItemResult& result);
    void showEnd(const QString& error, const QString& message);

    ChangePlan m_plan;
    ChangeStarter m_starter;
    Phase m_phase = Phase::Preview;
    int m_failures = 0;
    ChangeRun* m_run = nullptr;
    QVBoxLayout* m_formSlot = nullptr;
    QLabel* m_title = nullptr;
    QLabel* m_effect = nullptr;
    QLabel* m_confirmLabel = nullptr;
    QLineEdit* m_confirm = nullptr;
    DataTable* m_table = nullptr;
    QStandardItemModel* m_model = nullptr;
    CodeBox* m_command = nullptr;
    MessageBar* m_message = nullptr;
    QProgressBar* m_progress = nullptr;
    QPushButton* m_apply = nullptr;
    QPushButton* m_cancel = nullptr;
};

}  // namespace odradek::ui
