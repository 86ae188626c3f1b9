// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/tokens.h"

#include <QFrame>

#include <optional>

class QHBoxLayout;
class QLabel;
class QVBoxLayout;

namespace odradek::ui {

/// Gives every widget below `root` that takes the keyboard and has no name, or only a general one (property
/// "generalName"), this name for screen readers.
void nameFocusTargets(QWidget* root, const QString& name);

class ElidedLabel;
class StatusDot;

/// Flat framed card: title, quiet subtitle, widgets at the right of its header, and a body. The way every
/// part of a page is framed. What in it takes the keyboard and has no name of its own is named after the panel.
class Panel : public QFrame {
    Q_OBJECT
public:
    explicit Panel(const QString& title = QString(), const QString& subtitle = QString(),
                   QWidget* parent = nullptr);
    void setTitle(const QString& title);
    void setSubtitle(const QString& subtitle);
    /// Big number at the right of the header with its unit ("1,187", "/s").
    void setFigure(const QString& value, const QString& unit = QString());
    /// Status shape at the right end of the header.
    void setStatus(std::optional<Status> status, const QString& tooltip = QString());
    void addHeaderWidget(QWidget* widget);
    /// Puts a hairline under the header (for tables and lists).
    void setHeaderLine(bool on);
    /// Body of one widget that fills it. Padded: 12 px around, otherwise edge to edge.
    void setBody(QWidget* body, bool padded = true);
    /// Body with a layout of the caller's own.
    QVBoxLayout* bodyLayout() { return m_body; }
    void setBodyPadded(bool padded);

protected:
    void paintEvent(QPaintEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    void applyTheme();
    void refreshHeader();
    QWidget* m_header = nullptr;
    QHBoxLayout* m_headerLayout = nullptr;
    QVBoxLayout* m_body = nullptr;
    QLabel* m_title = nullptr;
    ElidedLabel* m_subtitle = nullptr;
    QLabel* m_figure = nullptr;
    QLabel* m_unit = nullptr;
    StatusDot* m_status = nullptr;
    bool m_line = false;
    bool m_padded = true;
};

}  // namespace odradek::ui
