// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/messages/messages_page.h"

#include <QDateTimeEdit>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QScrollBar>
#include <QSpinBox>
#include <QTableView>
#include <QVBoxLayout>

#include "models/cluster/lookup.h"
#include "models/common/text.h"
#include "ui/pages/messages/message_detail.h"
#include "ui/pages/messages/produce_form.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/panel.h"

namespace odradek::ui {

using models::BrowseSession;
using models::number;
using models::qs;
using models::RecordsModel;

MessagesPage::MessagesPage(ClusterContext& context) : m_context(context) {
    m_table = new DataTable;
    m_table->setObjectName(QStringLiteral("records"));
    m_table->setColumns(
        {{RecordsModel::Partition, ColumnKind::Number, 72, true, false, false, QStringLiteral("p")},
         {RecordsModel::Offset, ColumnKind::MonoNumber, 88, true, false, false,
          QStringLiteral("o")},
         {RecordsModel::Time, ColumnKind::Mono, 112, true, false, false, QStringLiteral("time")},
         {RecordsModel::Key, ColumnKind::Mono, 112, true, false, false, QStringLiteral("key")},
         {RecordsModel::Value, ColumnKind::Mono, 260, true, true, false, QStringLiteral("value")},
         {RecordsModel::Headers, ColumnKind::Mono, 160, false, false, true,
          QStringLiteral("headers")},
         {RecordsModel::Size, ColumnKind::Number, 64, true, false, true, QStringLiteral("size")}});
    m_table->setSelectionMulti(true);
    connect(m_table, &DataTable::currentRowChanged, this, [this](int row) {
        if (row < 0 || !m_session)
            return m_detail->clear();
        m_detail->setRecord(m_session->records()->record(row), partitionsOfTopic());
    });
    connect(m_table, &DataTable::noticed, this, &Page::notice);

    m_state = new TextLabel(QString(), Theme::Size::Caption, TextLabel::Tone::Tertiary);
    m_state->setObjectName(QStringLiteral("coverage"));
    m_state->setWordWrap(true);
    auto* list = new QWidget;
    auto* listLayout = new QVBoxLayout(list);
    listLayout->setContentsMargins(0, 0, 0, 0);
    listLayout->setSpacing(0);
    listLayout->addWidget(m_table, 1);
    auto* foot = new QHBoxLayout;
    foot->setContentsMargins(12, 6, 12, 8);
    foot->addWidget(m_state);
    listLayout->addLayout(foot);
    m_panel = new Panel(tr("Records"));
    m_panel->addHeaderWidget(m_table->tools());
    m_panel->setBody(list, false);

    m_detail = new MessageDetail;
    auto* splitter = new MemorySplitter(QStringLiteral("messages"), Qt::Horizontal);
    splitter->addWidget(m_panel);
    splitter->addWidget(m_detail);
    splitter->setDefaultSizes({660, 380});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    layout->addWidget(makeControls());
    layout->addWidget(splitter, 1);

    connect(&m_context, &ClusterContext::clusterChanged, this, [this] {
        m_table->setModel(nullptr);
        m_session.reset();
        m_topic.clear();
        m_detail->clear();
        refreshState();
    });
    connect(&m_context, &ClusterContext::snapshotChanged, this, [this] {
        if (m_active)
            refreshTopics();
    });
}

MessagesPage::~MessagesPage() {
    m_table->setModel(nullptr);
}

QWidget* MessagesPage::makeControls() {
    m_topicPicker = new PickerButton(tr("Topic"));
    m_topicPicker->setObjectName(QStringLiteral("topicPicker"));
    connect(m_topicPicker, &PickerButton::chosen, this,
            [this](int, const QString& topic) { emit requestNavigate({id(), {topic}, {}}); });
    m_partitionPicker = new PickerButton(tr("Partition"));
    m_partitionPicker->setObjectName(QStringLiteral("partitionPicker"));
    connect(m_partitionPicker, &PickerButton::chosen, this, [this](int index, const QString&) {
        m_partition = index - 1;
        m_partitionPicker->setValue(index == 0 ? tr("all") : QString::number(m_partition));
        run();
    });
    m_mode = new SegmentedControl(
        {tr("Latest"), tr("Earliest"), tr("Offset"), tr("Time"), tr("Live tail")});
    m_mode->setObjectName(QStringLiteral("seekMode"));
    connect(m_mode, &SegmentedControl::currentChanged, this, [this](int mode) {
        refreshSeekFields();
        if (mode != Offset && mode != Time)
            run();
    });
    m_last = new QSpinBox;
    m_last->setRange(1, 100'000);
    m_last->setValue(200);
    m_last->setPrefix(tr("last "));
    m_last->setToolTip(tr("Records per partition"));
    m_offset = new QLineEdit;
    m_offset->setObjectName(QStringLiteral("seekOffset"));
    m_offset->setPlaceholderText(tr("Offset"));
    m_offset->setMaximumWidth(140);
    m_time = new QDateTimeEdit(QDateTime::currentDateTime().addSecs(-300));
    m_time->setDisplayFormat(QStringLiteral("yyyy-MM-dd HH:mm:ss"));
    m_time->setCalendarPopup(true);
    connect(m_offset, &QLineEdit::returnPressed, this, &MessagesPage::run);
    m_run = new Button(tr("Read"), QStringLiteral("play"), Button::Kind::Primary);
    m_run->setObjectName(QStringLiteral("runBrowse"));
    m_run->setShortcut(QKeySequence(Qt::Key_F5));
    m_run->setToolTip(tr("F5"));
    connect(m_run, &QAbstractButton::clicked, this, &MessagesPage::run);
    m_stop = new Button(tr("Stop"), QStringLiteral("stop"));
    m_stop->setObjectName(QStringLiteral("stopBrowse"));
    connect(m_stop, &QAbstractButton::clicked, this, &MessagesPage::stopOrPause);
    auto* bar = new QWidget;
    auto* layout = new QHBoxLayout(bar);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    for (QWidget* w : std::initializer_list<QWidget*>{m_topicPicker, m_partitionPicker, m_mode,
                                                      m_last, m_offset, m_time})
        layout->addWidget(w);
    layout->addStretch();
    layout->addWidget(m_stop);
    layout->addWidget(m_run);
    refreshSeekFields();
    return bar;
}

QVector<QWidget*> MessagesPage::headerActions() {
    m_produce = new Button(tr("Produce…"), QStringLiteral("send"));
    m_produce->setObjectName(QStringLiteral("produce"));
    connect(m_produce, &QAbstractButton::clicked, this, &MessagesPage::produceRecord);
    return {m_produce};
}

QWidget* MessagesPage::primaryWidget() {
    return m_table->view();
}

void MessagesPage::setActive(bool active) {
    m_active = active;
    if (active) {
        refreshTopics();
        if (m_session && m_session->state() == BrowseSession::State::Paused)
            m_session->setPaused(false);
    } else if (m_session && m_session->state() == BrowseSession::State::Tailing) {
        m_session->setPaused(true);  // a tail nobody looks at holds back instead of growing
    }
    refreshState();
}

void MessagesPage::navigate(const Location& location) {
    const auto topic = location.path.value(0);
    const auto partition = location.path.value(1);
    const auto offset = location.path.value(2);
    m_active = true;
    refreshTopics();
    if (topic.isEmpty())
        return;
    const bool same = topic == m_topic && partition.isEmpty() && offset.isEmpty() && m_session;
    chooseTopic(topic);
    if (same)
        return;
    m_partition = partition.isEmpty() ? -1 : partition.toInt();
    m_partitionPicker->setValue(m_partition < 0 ? tr("all") : QString::number(m_partition));
    if (!offset.isEmpty()) {
        const QSignalBlocker quiet(m_mode);
        m_mode->setCurrent(Offset);
        m_offset->setText(offset);
        refreshSeekFields();
    }
    run();
}

void MessagesPage::refreshTopics() {
    if (!m_context.hasCluster())
        return;
    QStringList names, internal;
    for (const auto& topic : m_context.snapshot().topics)
        (topic.isInternal ? internal : names) << qs(topic.name);
    m_topicPicker->setChoices(names + internal);
    if (m_produce)
        m_produce->setEnabled(!m_context.readOnly() && !m_topic.isEmpty());
    if (m_topic.isEmpty() && !names.isEmpty()) {
        const auto first = names.contains(QStringLiteral("new_orders"))
                               ? QStringLiteral("new_orders")
                               : names.front();
        chooseTopic(first);
        run();
    } else if (m_topic.isEmpty()) {
        refreshState();
    }
}

int MessagesPage::partitionsOfTopic() const {
    const auto* topic =
        m_context.hasCluster() ? models::findTopic(m_context.snapshot(), m_topic) : nullptr;
    return topic ? static_cast<int>(topic->partitions.size()) : 0;
}

void MessagesPage::chooseTopic(const QString& topic) {
    if (topic != m_topic)
        m_partition = -1;
    m_topic = topic;
    m_topicPicker->setValue(topic);
    QStringList partitions{tr("all")};
    for (int i = 0; i < partitionsOfTopic(); ++i)
        partitions << QString::number(i);
    m_partitionPicker->setChoices(partitions);
    m_partitionPicker->setValue(m_partition < 0 ? tr("all") : QString::number(m_partition));
}

void MessagesPage::refreshSeekFields() {
    m_last->setVisible(m_mode->current() == Latest);
    m_offset->setVisible(m_mode->current() == Offset);
    m_time->setVisible(m_mode->current() == Time);
    if (m_mode->current() == Offset)
        m_offset->setFocus();
}

void MessagesPage::run() {
    if (!m_context.hasCluster() || m_topic.isEmpty())
        return;
    api::StartBrowse request;
    request.topic = m_topic.toStdString();
    if (m_partition >= 0)
        request.partitions.push_back(m_partition);
    switch (m_mode->current()) {
        case Latest:
            request.from = api::SeekLatest{m_last->value()};
            break;
        case Earliest:
            request.from = api::SeekEarliest{};
            break;
        case Offset: {
            bool good = false;
            auto text = m_offset->text();
            const qint64 offset = text.remove(QLatin1Char(',')).trimmed().toLongLong(&good);
            if (!good || offset < 0) {
                emit notice(Status::Warning, tr("An offset is a whole number from 0 on."));
                return;
            }
            request.from = api::SeekOffset{offset};
            break;
        }
        case Time:
            request.from = api::SeekTime{m_time->dateTime().toMSecsSinceEpoch()};
            break;
        default:
            request.from = api::SeekLatest{20};
            request.follow = true;
    }
    if (!m_session) {
        m_session = std::make_unique<BrowseSession>(&m_context.feed());
        m_table->setModel(m_session->records());
        connect(m_session.get(), &BrowseSession::changed, this, &MessagesPage::refreshState);
        connect(m_session.get(), &BrowseSession::arrived, this, [this] {
            // A tail stays at its end unless the reader has scrolled away.
            if (m_follow && m_session->request().follow)
                m_table->view()->scrollToBottom();
            if (m_table->currentSourceRow() < 0 && !m_session->request().follow)
                m_table->selectSourceRow(0);
        });
        connect(m_table->view()->verticalScrollBar(), &QScrollBar::valueChanged, this,
                [this](int value) {
                    m_follow = value >= m_table->view()->verticalScrollBar()->maximum() - 1;
                });
    }
    m_follow = true;
    m_detail->clear();
    m_session->start(request);
}

void MessagesPage::stopOrPause() {
    if (!m_session)
        return;
    if (m_session->request().follow && m_session->state() != BrowseSession::State::Done)
        m_session->setPaused(m_session->state() != BrowseSession::State::Paused);
    else
        m_session->stop();
}

void MessagesPage::refreshState() {
    PageHeader header;
    header.title = m_topic.isEmpty() ? title() : tr("Messages of %1").arg(m_topic);
    const auto state = m_session ? m_session->state() : BrowseSession::State::Idle;
    const bool tail = m_session && m_session->request().follow;
    const bool busy = state == BrowseSession::State::Reading ||
                      state == BrowseSession::State::Tailing ||
                      state == BrowseSession::State::Paused;
    m_stop->setVisible(busy);
    m_stop->setText(!tail                                   ? tr("Stop")
                    : state == BrowseSession::State::Paused ? tr("Go on")
                                                            : tr("Pause"));
    m_stop->setIconName(!tail                                   ? QStringLiteral("stop")
                        : state == BrowseSession::State::Paused ? QStringLiteral("play")
                                                                : QStringLiteral("pause"));
    m_table->setLoading(state == BrowseSession::State::Reading);
    m_table->setError({});
    const auto rows = m_session ? m_session->records()->rowCount() : 0;
    switch (state) {
        case BrowseSession::State::Idle:
            m_state->setText(tr("Choose a topic and read."));
            break;
        case BrowseSession::State::Reading:
            m_state->setText(tr("Reading… %1 records").arg(number(rows)));
            break;
        case BrowseSession::State::Tailing:
            m_state->setText(
                tr("Live: new records appear at the end. %1 so far.").arg(number(rows)));
            break;
        case BrowseSession::State::Paused:
            m_state->setText(tr("Paused: %1 records are waiting.").arg(number(m_session->held())));
            break;
        case BrowseSession::State::Done:
            m_state->setText(m_session->coverage());
            break;
        case BrowseSession::State::Failed:
            m_state->setText(QString());
            m_table->setError(tr("The records could not be read"), m_session->error());
            break;
    }
    m_table->setEmptyState(tail ? tr("Waiting for records") : tr("No records there"),
                           tail ? tr("They appear the moment they are produced.")
                                : tr("Read from Earliest, or choose another partition or time."));
    m_panel->setSubtitle(rows > 0 ? tr("%1 shown").arg(number(rows)) : QString());
    header.subtitle = tail ? tr("Live tail of %1")
                                 .arg(m_partition < 0 ? tr("all partitions")
                                                      : tr("partition %1").arg(m_partition))
                           : tr("Nothing is consumed: reading here moves no group's offsets.");
    setHeader(header);
}

void MessagesPage::produceRecord() {
    if (m_topic.isEmpty())
        return;
    auto* form = new ProduceForm(m_topic, partitionsOfTopic());
    const QPointer<ProduceForm> watched(form);
    const auto change = [this, watched] {
        return watched ? watched->change(m_context.bootstrap()) : models::Change{};
    };
    auto* dialog = m_context.openForm(form, change, this);
    if (!dialog)
        return;
    connect(form, &ProduceForm::edited, dialog,
            [this, dialog, change] { dialog->setPlan(m_context.planOf(change())); });
}

}  // namespace odradek::ui
