// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quorum/cluster_control.h"

#include <algorithm>
#include <set>

#include "engine/quorum/replication_control.h"

namespace odradek::quorum {
namespace {

using protocol::BrokerHeartbeatRequest;
using protocol::BrokerHeartbeatResponse;
using protocol::BrokerRegistrationRequest;
using protocol::BrokerRegistrationResponse;

constexpr std::int8_t kFence = 1;
constexpr std::int8_t kUnfence = -1;
constexpr std::int8_t kEnterControlledShutdown = 1;

/// Kafka's broker states (BrokerControlState).
enum class Wanted : std::uint8_t { Fenced, Unfenced, ControlledShutdown, ShutdownNow };

bool supportsFinalized(const metadata::Image& image, const BrokerRegistrationRequest& request) {
    return std::all_of(
        image.features().begin(), image.features().end(), [&](const auto& finalized) {
            const auto found =
                std::find_if(request.features.begin(), request.features.end(),
                             [&](const auto& f) { return f.name == finalized.first; });
            return found != request.features.end() &&
                   found->minSupportedVersion <= finalized.second &&
                   finalized.second <= found->maxSupportedVersion;
        });
}

/// Directory ids are unique in the cluster and none of the reserved ones (the first hundred,
/// KIP-858).
bool directoriesAreSound(const metadata::Image& image, const BrokerRegistrationRequest& request) {
    std::set<Uuid> seen;
    for (const auto& directory : request.logDirs) {
        const bool isReserved = std::all_of(directory.bytes.begin(), directory.bytes.end() - 1,
                                            [](auto b) { return b == 0; }) &&
                                directory.bytes.back() < 100;
        if (isReserved || !seen.insert(directory).second)
            return false;
    }
    for (const auto& [id, broker] : image.brokers())
        for (const auto& directory : broker.directories)
            if (id != request.brokerId && seen.contains(directory))
                return false;
    return true;
}

protocol::RegisterBrokerRecord toRecord(const BrokerRegistrationRequest& request,
                                        std::int64_t epoch) {
    protocol::RegisterBrokerRecord record{.brokerId = request.brokerId,
                                          .incarnationId = request.incarnationId,
                                          .brokerEpoch = epoch,
                                          .rack = request.rack,
                                          .fenced = true,
                                          .logDirs = request.logDirs};
    for (const auto& listener : request.listeners)
        record.endPoints.push_back(
            {listener.name, listener.host, listener.port, listener.securityProtocol});
    for (const auto& feature : request.features)
        record.features.push_back(
            {feature.name, feature.minSupportedVersion, feature.maxSupportedVersion});
    return record;
}

Wanted stateOf(const metadata::BrokerRegistration& broker) {
    if (broker.fenced)
        return Wanted::Fenced;
    return broker.inControlledShutdown ? Wanted::ControlledShutdown : Wanted::Unfenced;
}

void append(Records& to, Records&& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

void ClusterControl::activate(const metadata::Image& image, Instant now) {
    m_sessions.clear();
    for (const auto& [id, broker] : image.brokers())
        m_sessions[id] = {.lastContact = now};
}

bool ClusterControl::hasLiveSession(std::int32_t broker, Instant now) const {
    const auto found = m_sessions.find(broker);
    return found != m_sessions.end() && found->second.connected &&
           found->second.lastContact + m_sessionTimeout > now;
}

KafkaError ClusterControl::checkRegistration(const ControlContext& context,
                                             const BrokerRegistrationRequest& request) const {
    if (request.clusterId != m_clusterId)
        return KafkaError::InconsistentClusterId;
    if (request.brokerId < 0)
        return KafkaError::InvalidRequest;
    const auto* existing = context.image.broker(request.brokerId);
    if (existing != nullptr && existing->incarnation != request.incarnationId &&
        !existing->inControlledShutdown && hasLiveSession(request.brokerId, context.now.at))
        return KafkaError::DuplicateBrokerRegistration;
    if (!supportsFinalized(context.image, request))
        return KafkaError::UnsupportedVersion;
    if (!directoriesAreSound(context.image, request))
        return KafkaError::InvalidRegistration;
    return KafkaError::None;
}

Outcome<BrokerRegistrationResponse> ClusterControl::registerBroker(
    const ControlContext& context, const BrokerRegistrationRequest& request, ConnectionId from) {
    Outcome<BrokerRegistrationResponse> outcome;
    if (const auto error = checkRegistration(context, request); error != KafkaError::None) {
        outcome.response.errorCode = protocol::code(error);
        return outcome;
    }
    const auto* existing = context.image.broker(request.brokerId);
    const bool isRetry = existing != nullptr && existing->incarnation == request.incarnationId;
    auto record = toRecord(request, isRetry ? existing->epoch : context.nextOffset);
    if (isRetry) {
        record.fenced = existing->fenced;
        record.inControlledShutdown = existing->inControlledShutdown;
    }
    outcome.response.brokerEpoch = record.brokerEpoch;
    outcome.records.emplace_back(std::move(record));
    if (existing != nullptr && !isRetry && !context.mutants.has(odradek::Mutant::KeepIsrOnReturn))
        append(outcome.records, removeBrokerFromPartitions(context, request.brokerId));

    auto& session = m_sessions[request.brokerId];
    if (!isRetry)
        session = {};
    session.lastContact = context.now.at;
    session.connection = from;
    session.connected = true;
    return outcome;
}

bool ClusterControl::othersCaughtUp(const metadata::Image& image, std::int64_t offset) const {
    return std::all_of(m_sessions.begin(), m_sessions.end(), [&](const auto& entry) {
        const auto* broker = image.broker(entry.first);
        return broker == nullptr || !broker->isActive() || entry.second.metadataOffset >= offset;
    });
}

Outcome<BrokerHeartbeatResponse> ClusterControl::heartbeat(const ControlContext& context,
                                                           const BrokerHeartbeatRequest& request,
                                                           ConnectionId from) {
    Outcome<BrokerHeartbeatResponse> outcome;
    const auto* broker = context.image.broker(request.brokerId);
    if (broker == nullptr || broker->epoch != request.brokerEpoch) {
        outcome.response.errorCode = protocol::code(KafkaError::StaleBrokerEpoch);
        return outcome;
    }
    auto& session = m_sessions[request.brokerId];
    session.lastContact = context.now.at;
    session.connection = from;
    session.connected = true;
    session.metadataOffset = std::max(session.metadataOffset, request.currentMetadataOffset);

    const bool isCaughtUp = request.currentMetadataOffset >= broker->epoch;
    const auto state = stateOf(*broker);
    auto next = state;
    switch (state) {
        case Wanted::Fenced:
            if (request.wantShutDown)
                next = Wanted::ShutdownNow;
            else if (!request.wantFence && isCaughtUp)
                next = Wanted::Unfenced;
            break;
        case Wanted::Unfenced:
            if (request.wantShutDown)
                next = !request.wantFence && leadsAny(context.image, request.brokerId)
                           ? Wanted::ControlledShutdown
                           : Wanted::ShutdownNow;
            else if (request.wantFence)
                next = Wanted::Fenced;
            break;
        case Wanted::ControlledShutdown:
            if (!leadsAny(context.image, request.brokerId) &&
                othersCaughtUp(context.image, session.controlledShutdownOffset))
                next = Wanted::ShutdownNow;
            break;
        case Wanted::ShutdownNow:
            break;
    }

    const protocol::BrokerRegistrationChangeRecord change{.brokerId = request.brokerId,
                                                          .brokerEpoch = request.brokerEpoch};
    if (next == Wanted::Unfenced && state != next) {
        auto unfence = change;
        unfence.fenced = kUnfence;
        outcome.records.emplace_back(unfence);
        append(outcome.records, electForLeaderless(context, request.brokerId));
    } else if (next == Wanted::ControlledShutdown && state != next) {
        auto enter = change;
        enter.inControlledShutdown = kEnterControlledShutdown;
        outcome.records.emplace_back(enter);
        append(outcome.records, removeBrokerFromPartitions(context, request.brokerId));
        session.controlledShutdownOffset =
            context.nextOffset + static_cast<std::int64_t>(outcome.records.size()) - 1;
    } else if ((next == Wanted::Fenced || next == Wanted::ShutdownNow) && state != Wanted::Fenced) {
        outcome.records = fence(context, request.brokerId);
    }
    outcome.response.isCaughtUp = isCaughtUp;
    outcome.response.isFenced = next == Wanted::Fenced || next == Wanted::ShutdownNow;
    outcome.response.shouldShutDown = next == Wanted::ShutdownNow;
    return outcome;
}

Records ClusterControl::fence(const ControlContext& context, std::int32_t broker) {
    auto records = removeBrokerFromPartitions(context, broker);
    records.emplace_back(protocol::BrokerRegistrationChangeRecord{
        .brokerId = broker, .brokerEpoch = context.image.broker(broker)->epoch, .fenced = kFence});
    return records;
}

Outcome<protocol::UnregisterBrokerResponse> ClusterControl::unregister(
    const ControlContext& context, const protocol::UnregisterBrokerRequest& request) {
    Outcome<protocol::UnregisterBrokerResponse> outcome;
    outcome.response.errorMessage.reset();
    const auto* broker = context.image.broker(request.brokerId);
    if (broker == nullptr) {
        outcome.response.errorCode = protocol::code(KafkaError::BrokerIdNotRegistered);
        outcome.response.errorMessage =
            "Broker ID " + std::to_string(request.brokerId) + " is not currently registered";
        return outcome;
    }
    outcome.records = removeBrokerFromPartitions(context, request.brokerId);
    outcome.records.emplace_back(protocol::UnregisterBrokerRecord{.brokerId = request.brokerId,
                                                                  .brokerEpoch = broker->epoch});
    m_sessions.erase(request.brokerId);
    return outcome;
}

void ClusterControl::onFetch(std::int32_t broker, std::int64_t fetchOffset) {
    if (const auto found = m_sessions.find(broker); found != m_sessions.end())
        found->second.metadataOffset = std::max(found->second.metadataOffset, fetchOffset - 1);
}

void ClusterControl::onClosed(ConnectionId connection) {
    for (auto& [id, session] : m_sessions)
        if (session.connection == connection)
            session.connected = false;
}

std::optional<std::int32_t> ClusterControl::nextExpired(const metadata::Image& image,
                                                        Instant now) const {
    for (const auto& [id, session] : m_sessions)
        if (image.isUnfenced(id) && session.lastContact + m_sessionTimeout <= now)
            return id;
    return std::nullopt;
}

Instant ClusterControl::nextExpiry(const metadata::Image& image) const {
    auto next = Instant::never();
    for (const auto& [id, session] : m_sessions)
        if (image.isUnfenced(id))
            next = std::min(next, session.lastContact + m_sessionTimeout);
    return next;
}

}  // namespace odradek::quorum
