// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/fetch_sessions.h"

#include <tuple>
#include <utility>

namespace odradek::broker {

std::uint32_t FetchSession::put(const FetchKey& key, const FetchAsk& ask) {
    const auto [place, fresh] = m_places.try_emplace(key, 0);
    if (fresh) {
        if (m_free.empty()) {
            place->second = static_cast<std::uint32_t>(m_parts.size());
            m_parts.emplace_back();
        } else {
            place->second = m_free.back();
            m_free.pop_back();
        }
        SessionPart part;
        part.key = key;
        part.inUse = true;
        m_parts[place->second] = std::move(part);
    }
    m_parts[place->second].ask = ask;
    m_parts[place->second].held = false;
    markChanged(place->second);
    return place->second;
}

std::optional<std::pair<std::uint32_t, SessionPart>> FetchSession::forget(const FetchKey& key) {
    const auto place = m_places.find(key);
    if (place == m_places.end())
        return std::nullopt;
    const auto slot = place->second;
    m_places.erase(place);
    m_free.push_back(slot);
    return std::pair(slot, std::exchange(m_parts[slot], {}));
}

const SessionPart* FetchSession::find(const FetchKey& key) const {
    const auto place = m_places.find(key);
    return place == m_places.end() ? nullptr : &m_parts[place->second];
}

SessionPart* FetchSession::partOf(std::uint32_t slot, std::uint32_t partition) {
    if (slot >= m_parts.size() || !m_parts[slot].inUse || m_parts[slot].partition != partition)
        return nullptr;
    return &m_parts[slot];
}

void FetchSession::markChanged(std::uint32_t slot) {
    if (!std::exchange(m_parts[slot].changed, true))
        m_changed.push_back(slot);
}

std::vector<std::uint32_t> FetchSession::takeChanged() {
    std::vector<std::uint32_t> taken;
    taken.reserve(m_changed.size());
    for (const auto slot : std::exchange(m_changed, {}))
        if (std::exchange(m_parts[slot].changed, false))
            taken.push_back(slot);
    return taken;
}

void FetchSession::putBack(const std::vector<std::uint32_t>& slots) {
    if (slots.empty())
        return;
    auto later = std::exchange(m_changed, {});
    for (const auto slot : slots) {
        if (!m_parts[slot].inUse)
            continue;
        m_parts[slot].changed = false;
        markChanged(slot);
    }
    m_changed.insert(m_changed.end(), later.begin(), later.end());
}

std::optional<std::int32_t> FetchSessionCache::victimFor(bool privileged, std::size_t parts,
                                                         Instant now) const {
    if (parts > kPartsMax || m_limit == 0)
        return std::nullopt;
    if (m_all.size() < m_limit)
        return 0;
    const FetchSession* oldest = nullptr;
    const FetchSession* least = nullptr;
    const auto worth = [](const FetchSession& one) {
        return std::tuple(one.privileged, one.size(), one.id);
    };
    for (const auto& [id, one] : m_all) {
        if (oldest == nullptr || one.lastUsed < oldest->lastUsed)
            oldest = &one;
        const bool grown = one.lastUsed - one.created > kEvictAfter;
        const bool evictable = grown || (privileged && !one.privileged);
        if (evictable && (least == nullptr || worth(one) < worth(*least)))
            least = &one;
    }
    if (now - oldest->lastUsed > kEvictAfter)
        return oldest->id;
    if (least == nullptr || std::tuple(privileged, parts, std::int32_t{0}) < worth(*least))
        return std::nullopt;
    return least->id;
}

FetchSession& FetchSessionCache::create(bool privileged, bool byId, Instant now, Prng& random) {
    std::int32_t id = 0;
    while (id == 0 || m_all.contains(id))
        id = static_cast<std::int32_t>(random.next() & 0x7fffffffu);
    FetchSession& session = m_all[id];
    session.id = id;
    session.epoch = FetchSession::nextEpoch(FetchSession::kInitialEpoch);
    session.privileged = privileged;
    session.byId = byId;
    session.created = now;
    session.lastUsed = now;
    return session;
}

}  // namespace odradek::broker
