// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/focus.h"

#include <QApplication>
#include <QEvent>
#include <QKeyEvent>
#include <QPointer>
#include <QWidget>

namespace odradek::ui {

namespace {

// Watches what the person used last.
class InputWatch : public QObject {
public:
    explicit InputWatch(QObject* parent) : QObject(parent) { qApp->installEventFilter(this); }
    bool keyboard = false;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override {
        if (event->type() == QEvent::KeyPress || event->type() == QEvent::ShortcutOverride)
            use(true);
        else if (event->type() == QEvent::MouseButtonPress)
            use(false);
        return QObject::eventFilter(watched, event);
    }

private:
    void use(bool now) {
        if (keyboard == now)
            return;
        keyboard = now;
        if (QWidget* focus = QApplication::focusWidget())
            focus->update();
    }
};

}  // namespace

bool focusVisible(const QWidget* widget) {
    static QPointer<InputWatch> watch;
    if (!watch && qApp)
        watch = new InputWatch(qApp);
    return widget->hasFocus() && watch && watch->keyboard;
}

}  // namespace odradek::ui
