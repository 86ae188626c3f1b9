// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/code_view.h"

#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/widgets/controls.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QPainter>

#include <algorithm>

namespace odradek::ui {

CodeBox::CodeBox(const QString& code, QWidget* parent) : QWidget(parent), m_code(code) {
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    m_copy = new IconButton(QStringLiteral("copy"), tr("Copy"), this);
    connect(m_copy, &QAbstractButton::clicked, this, [this] {
        QGuiApplication::clipboard()->setText(m_code);
        emit copied();
    });
    connect(&theme(), &Theme::changed, this, [this] {
        updateGeometry();
        update();
    });
}

void CodeBox::setCode(const QString& code) {
    if (m_code == code)
        return;
    m_code = code;
    setAccessibleName(code);
    updateGeometry();
    update();
}

// Breaks at spaces, with continued lines indented, as a command would be written over several
// lines.
QStringList CodeBox::wrapped(int width) const {
    const QFontMetricsF fm(theme().monoFont());
    const qreal room = std::max(80.0, width - 24.0 - metrics().control);
    QStringList lines;
    for (const QString& paragraph : m_code.split(u'\n')) {
        QString line;
        for (const QString& word : paragraph.split(u' ')) {
            const QString longer = line.isEmpty() ? word : line + u' ' + word;
            if (!line.trimmed().isEmpty() && fm.horizontalAdvance(longer) > room) {
                lines << line;
                line = QStringLiteral("  ") + word;
            } else {
                line = longer;
            }
        }
        lines << line;
    }
    return lines;
}

int CodeBox::heightForWidth(int width) const {
    return static_cast<int>(wrapped(width).size() * (metrics().body + 4)) + 16;
}

QSize CodeBox::sizeHint() const {
    return {320, heightForWidth(width() > 100 ? width() : 320)};
}

QSize CodeBox::minimumSizeHint() const {
    return {160, metrics().body + 20};
}

void CodeBox::resizeEvent(QResizeEvent*) {
    m_copy->move(width() - m_copy->width() - 4, 3);
    updateGeometry();
}

void CodeBox::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Tokens& t = tokens();
    roundedBox(painter, QRectF(rect()), metrics().radiusControl, t.surface.sunken, t.border.subtle);
    painter.setFont(theme().monoFont());
    painter.setPen(t.text.primary);
    qreal y = 8;
    for (const QString& line : wrapped(width())) {
        drawText(painter, QRectF(12, y, width() - 20 - m_copy->width(), metrics().body + 4),
                 Qt::AlignVCenter | Qt::AlignLeft, line);
        y += metrics().body + 4;
    }
}

class TextView::Highlighter : public QSyntaxHighlighter {
public:
    using QSyntaxHighlighter::QSyntaxHighlighter;
    bool on = false;

protected:
    void highlightBlock(const QString& text) override {
        if (!on || text.size() > 20000)
            return;  // one giant line is data, not something to read in colours
        const Tokens& t = tokens();
        qsizetype i = 0;
        while (i < text.size()) {
            const QChar c = text[i];
            qsizetype end = i + 1;
            QColor color;
            if (c == u'"') {
                while (end < text.size() && text[end] != u'"')
                    end += text[end] == u'\\' ? 2 : 1;
                end = std::min(end + 1, text.size());
                qsizetype next = end;
                while (next < text.size() && text[next].isSpace())
                    ++next;
                color = next < text.size() && text[next] == u':' ? t.syntax.key : t.syntax.string;
            } else if (c.isDigit() || c == u'-') {
                while (end < text.size() && (text[end].isLetterOrNumber() || text[end] == u'.' ||
                                             text[end] == u'-' || text[end] == u'+'))
                    ++end;
                color = t.syntax.number;
            } else if (c.isLetter()) {
                while (end < text.size() && text[end].isLetter())
                    ++end;
                color = t.syntax.keyword;
            } else if (!c.isSpace()) {
                color = t.syntax.punctuation;
            }
            if (color.isValid())
                setFormat(static_cast<int>(i), static_cast<int>(end - i), color);
            i = end;
        }
    }
};

TextView::TextView(QWidget* parent) : QPlainTextEdit(parent) {
    setReadOnly(true);
    setLineWrapMode(QPlainTextEdit::WidgetWidth);
    setFrameShape(QFrame::NoFrame);
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_highlighter = new Highlighter(document());
    const auto apply = [this] {
        const QFont f = theme().monoFont();
        setStyleSheet(
            QStringLiteral(
                "QPlainTextEdit { font-family: \"%1\"; font-size: %2px; padding: 4px 8px; }")
                .arg(f.family())
                .arg(f.pixelSize()));
        m_highlighter->rehighlight();
    };
    connect(&theme(), &Theme::changed, this, apply);
    apply();
}

void TextView::setContent(const QString& text, Syntax syntax) {
    constexpr qsizetype kMax = 2'000'000;
    m_highlighter->on = syntax == Syntax::Json;
    if (text.size() <= kMax)
        return setPlainText(text);
    setPlainText(
        text.left(kMax) + u'\n' +
        tr("(%n more character(s) not shown)", nullptr, static_cast<int>(text.size() - kMax)));
}

}  // namespace odradek::ui
