// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>
#include <QColor>
#include <QVector>

namespace odradek::ui {

/// One cluster of the switcher. Its colour follows it everywhere (bar, confirm buttons).
struct ClusterEntry {
    QString id;
    QString name;
    QString subtitle;  ///< "Embedded · 3 brokers"
    QColor color;
    bool readOnly = false;
    bool detachable = false;  ///< attached clusters can be let go
    friend bool operator==(const ClusterEntry&, const ClusterEntry&) = default;
};

/// Top left: the present cluster, and a menu with all of them, the read-only switch and "Attach...".
class ClusterSwitcher : public QAbstractButton {
    Q_OBJECT
public:
    explicit ClusterSwitcher(QWidget* parent = nullptr);
    void setClusters(const QVector<ClusterEntry>& clusters, const QString& currentId);
    const QVector<ClusterEntry>& clusters() const { return m_clusters; }
    ClusterEntry current() const;
    QSize sizeHint() const override;
    void openMenu();

signals:
    void chosen(const QString& clusterId);
    void attachRequested();
    void detachRequested(const QString& clusterId);
    void readOnlyToggled(const QString& clusterId, bool readOnly);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QVector<ClusterEntry> m_clusters;
    QString m_current;
};

}  // namespace odradek::ui
