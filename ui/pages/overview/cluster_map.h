// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractScrollArea>
#include <QString>

#include <functional>
#include <vector>

#include "engine/api/snapshot.h"
#include "ui/theme/tokens.h"

namespace odradek::ui {

/// How one replica stands, as a cell of the map shows it.
enum class CellState { None, Leader, Follower, Lagging, Offline };

/// The cluster as one picture: topics as rows, brokers as columns, and a cell for each replica of a
/// partition at the same place in every broker's column, so that a missing or odd one shows at
/// once.
///
/// Given a whole snapshot as often as there is one; keeps it and paints only the rows in sight, so
/// that thousands of topics cost no more than ten. Arrow keys walk over the cells, Enter opens one,
/// hovering lights all replicas of its partition. GUI thread.
class ClusterMap : public QAbstractScrollArea {
    Q_OBJECT
public:
    /// What fills the cells: the role of the replica, or how much goes through or lies in it.
    enum class Mode { Replicas, Traffic, Size };
    /// One cell: row of the map, position of the broker, position of the partition.
    struct Cell {
        int row = -1;
        int broker = -1;
        int partition = -1;
        bool valid() const { return row >= 0; }
        bool operator==(const Cell&) const = default;
    };
    /// Records or bytes of a partition; negative = not known.
    using Heat =
        std::function<double(const api::Topic&, const api::Partition&, const api::Replica&)>;
    using Words = std::function<QString(double)>;

    explicit ClusterMap(QWidget* parent = nullptr);

    void setSnapshot(api::SnapshotPtr snapshot);
    /// Internal topics too.
    void setInternalShown(bool shown);
    void setMode(Mode mode, Heat heat = {}, Words words = {});
    Mode mode() const { return m_mode; }
    /// Lights what a problem is about ("topic:NAME/2", "broker:3") and scrolls to it; empty takes
    /// it away.
    void setHighlight(const QString& subject);

    int topicCount() const { return static_cast<int>(m_rows.size()); }
    int internalCount() const { return m_internal; }
    double heatMaximum() const { return m_heatMax; }
    Cell current() const { return m_current; }
    CellState stateAt(const Cell& cell) const;
    /// The cell of a partition on a broker; invalid when the map does not show it.
    Cell find(const QString& topic, int partition, int brokerId) const;
    QRectF cellRect(const Cell& cell) const;    ///< in the viewport; may be outside of it
    QRectF headerRect(int brokerColumn) const;  ///< in the viewport
    Cell cellAt(const QPointF& pos) const;
    /// The words of the tooltip of a cell.
    QString describe(const Cell& cell) const;

    /// Paints one cell as the map does; for the legend.
    static void paintCell(QPainter& painter, const QRectF& rect, CellState state,
                          const QString& text);
    static void paintHeat(QPainter& painter, const QRectF& rect, double fraction,
                          const QString& text);
    static int cellSize();

    QSize sizeHint() const override;
    /// Height at which everything shows without scrolling.
    int neededHeight() const { return headerHeight() + m_contentHeight; }
    QSize minimumSizeHint() const override { return {300, 120}; }

signals:
    /// Click, or Enter on the current cell.
    void partitionActivated(const QString& topic, int partition);
    void topicActivated(const QString& topic);
    void brokerActivated(int brokerId);
    /// Menu asked for at a cell (right button or menu key).
    void menuRequested(const QString& topic, int partition, int brokerId, const QPoint& globalPos);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void scrollContentsBy(int, int) override { viewport()->update(); }
    bool viewportEvent(QEvent* event) override;

private:
    struct Row {
        int topic = 0;  ///< in the snapshot
        int lines = 1;  ///< cells wrap in a column that is narrower than the topic has partitions
        int top = 0;    ///< px from the first row
        int height = 0;
    };
    void rebuild();
    void relayout();
    int headerHeight() const;
    int rowPitch() const;
    int rowAt(qreal y) const;
    int columnLeft(int broker) const;
    QString topicAt(qreal x, qreal y) const;
    const api::Topic& topic(int row) const;
    const api::Partition& partition(const Cell& cell) const;
    const api::Replica* replica(const Cell& cell) const;
    bool brokerUp(int column) const;
    bool highlighted(const api::Topic& topic, int partitionIndex, int column) const;
    void paintHeader(QPainter& painter, int column);
    void paintRow(QPainter& painter, int row);
    void moveTo(const Cell& cell, const QPoint& globalPos);
    void ensureVisible(const Cell& cell);
    Cell step(int key) const;
    void setHover(const Cell& cell);

    api::SnapshotPtr m_snapshot;
    std::vector<Row> m_rows;
    std::vector<std::int32_t> m_brokers;
    std::vector<int> m_leaders;   ///< per column
    std::vector<int> m_replicas;  ///< per column
    std::vector<int> m_absent;    ///< per column: replicas offline
    Mode m_mode = Mode::Replicas;
    Heat m_heat;
    Words m_words;
    double m_heatMax = 0;
    QString m_highlight;
    Cell m_hover;
    Cell m_current;
    QString m_hoverTopic;
    bool m_internalShown = false;
    bool m_compact = false;
    int m_internal = 0;
    int m_nameWidth = 160;
    int m_columnWidth = 136;
    int m_perLine = 6;
    int m_mostPartitions = 1;
    int m_contentHeight = 0;
};

/// What the cells of a ClusterMap mean, in one line.
class MapLegend : public QWidget {
    Q_OBJECT
public:
    explicit MapLegend(QWidget* parent = nullptr);
    void setReplicas();
    /// From nothing to `most`, for example "1,187 /s".
    void setHeat(const QString& what, const QString& most);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {200, sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    bool m_isHeat = false;
    QString m_what;
    QString m_most;
};

}  // namespace odradek::ui
