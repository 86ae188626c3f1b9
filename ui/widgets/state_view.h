// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/tokens.h"

#include <QWidget>

class QPushButton;
class QTimer;

namespace odradek::ui {

class IconButton;

/// What stands where data would be: nothing yet, loading, failed, or stale. Says what is missing and what
/// to do next; never a blank area.
class StateView : public QWidget {
    Q_OBJECT
public:
    enum class Kind { Empty, Loading, Error, Stale, NotFound };
    explicit StateView(QWidget* parent = nullptr);
    /// `hint` may have two sentences; with `actionText` there is a button that emits action().
    void setState(Kind kind, const QString& title, const QString& hint = QString(),
                  const QString& actionText = QString());
    /// Icon for Kind::Empty; default "tray".
    void setIconName(const QString& iconName);
    Kind kind() const { return m_kind; }
    QString title() const { return m_title; }

signals:
    void action();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void layoutButton();
    QRectF contentRect() const;
    void paintSkeleton(QPainter& painter);
    Kind m_kind = Kind::Empty;
    QString m_title;
    QString m_hint;
    QString m_icon;
    QPushButton* m_button;
    QTimer* m_pulse;
    int m_phase = 0;
};

/// Inline bar with a status, words, an optional action and a close button. Notices go by themselves after
/// `timeoutMs` (0 = stays).
class MessageBar : public QWidget {
    Q_OBJECT
public:
    explicit MessageBar(QWidget* parent = nullptr);
    void showMessage(Status status, const QString& text, const QString& actionText = QString(), int timeoutMs = 0);
    QString text() const { return m_text; }
    Status status() const { return m_status; }
    /// Draws hatching at the left edge and a full-width tint: for banners that stay.
    void setBanner(bool banner);
    void setClosable(bool closable);
    QSize sizeHint() const override;

signals:
    void action();
    void closed();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_text;
    Status m_status = Status::Info;
    bool m_banner = false;
    QPushButton* m_button;
    IconButton* m_close;
    QTimer* m_timer;
};

}  // namespace odradek::ui
