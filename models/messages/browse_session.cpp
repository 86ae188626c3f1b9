// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/messages/browse_session.h"

#include <QStringList>

#include <algorithm>
#include <iterator>

#include "models/common/text.h"

namespace odradek::models {
namespace {
constexpr std::size_t kHeldMax = 100'000;
}

BrowseSession::BrowseSession(ClusterFeed* feed, QObject* parent) : QObject(parent), m_feed(feed) {}

BrowseSession::~BrowseSession() {
    stop();
}

void BrowseSession::start(const api::StartBrowse& request) {
    stop();
    m_records.clear();
    m_held.clear();
    m_progress.clear();
    m_skipped = 0;
    m_error.clear();
    m_request = request;
    m_state = request.follow ? State::Tailing : State::Reading;
    m_id = m_feed->browse(request, this, [this](const api::BrowseChunk& chunk) { take(chunk); });
    emit changed();
}

void BrowseSession::stop() {
    if (m_state != State::Reading && m_state != State::Tailing && m_state != State::Paused)
        return;
    m_feed->stopBrowse(m_id);
    if (!m_held.empty())
        m_records.append(std::exchange(m_held, {}));
    m_state = State::Done;
    emit changed();
}

void BrowseSession::setPaused(bool paused) {
    if (paused && (m_state == State::Tailing || m_state == State::Reading)) {
        m_state = State::Paused;
    } else if (!paused && m_state == State::Paused) {
        m_state = m_request.follow ? State::Tailing : State::Reading;
        const auto count = static_cast<int>(m_held.size());
        m_records.append(std::exchange(m_held, {}));
        if (count > 0)
            emit arrived(count);
    } else {
        return;
    }
    emit changed();
}

void BrowseSession::take(const api::BrowseChunk& chunk) {
    if (!chunk.progress.empty())
        m_progress = chunk.progress;
    auto records = chunk.records;
    if (m_state == State::Paused && !chunk.done) {
        m_held.insert(m_held.end(), std::make_move_iterator(records.begin()),
                      std::make_move_iterator(records.end()));
        if (m_held.size() > kHeldMax) {
            const auto surplus = m_held.size() - kHeldMax;
            m_held.erase(m_held.begin(), m_held.begin() + static_cast<std::ptrdiff_t>(surplus));
            m_skipped += static_cast<qint64>(surplus);
        }
    } else {
        if (!m_held.empty())
            m_records.append(std::exchange(m_held, {}));
        const auto count = static_cast<int>(records.size());
        m_records.append(std::move(records));
        if (count > 0)
            emit arrived(count);
    }
    if (chunk.done) {
        m_error = qs(chunk.error);
        m_state = chunk.error.empty() ? State::Done : State::Failed;
    }
    emit changed();
}

double BrowseSession::fraction() const {
    if (m_request.follow)
        return -1;
    double wanted = 0, got = 0;
    for (const auto& p : m_progress) {
        if (p.end < 0 || p.from < 0)
            continue;
        wanted += static_cast<double>(std::max<std::int64_t>(0, p.end - p.from));
        got += static_cast<double>(std::max<std::int64_t>(0, std::min(p.next, p.end) - p.from));
    }
    return wanted > 0 ? std::min(1.0, got / wanted) : (m_state == State::Done ? 1.0 : 0.0);
}

QString BrowseSession::coverage() const {
    QStringList parts;
    bool complete = true;
    for (const auto& p : m_progress) {
        if (!p.error.empty()) {
            parts << tr("P%1 failed: %2").arg(p.partition).arg(qs(p.error));
            complete = false;
        } else if (p.next > p.from && p.from >= 0) {
            parts << tr("P%1 %2–%3").arg(p.partition).arg(number(p.from), number(p.next - 1));
        }
        complete &= p.end < 0 || p.next >= p.end;
    }
    if (parts.isEmpty())
        return m_state == State::Done ? tr("Nothing to read in that range.") : QString();
    auto words = tr("Read %1.").arg(parts.join(QStringLiteral(", ")));
    if (m_state == State::Done)
        words += QLatin1Char(' ') +
                 (complete ? tr("That is all of it.") : tr("Stopped before the end."));
    if (m_skipped > 0)
        words += QLatin1Char(' ') +
                 tr("%n record(s) skipped while paused.", nullptr, static_cast<int>(m_skipped));
    return words;
}

}  // namespace odradek::models
