// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/core.h"
#include "engine/broker/groups_link.h"
#include "engine/broker/handlers/handlers.h"
#include "engine/broker/handlers/respond.h"

namespace odradek::broker {
namespace {

/// The coordinator's view of topics: the metadata image.
class ImageTopics final : public TopicResolver {
public:
    explicit ImageTopics(const metadata::Image& image) : m_image(image) {}
    std::optional<Uuid> idOf(const std::string& topic) const override {
        return m_image.topicId(topic);
    }
    std::optional<std::string> nameOf(const Uuid& id) const override {
        const auto* topic = m_image.topic(id);
        return topic == nullptr ? std::nullopt : std::optional(topic->name);
    }
    std::int32_t partitionsOf(const std::string& topic) const override {
        const auto* found = m_image.topic(topic);
        return found == nullptr ? 0 : static_cast<std::int32_t>(found->partitions.size());
    }

private:
    const metadata::Image& m_image;
};

/// Decodes a group request and hands it to the coordinator; `needsTopics` for those about offsets.
template <class Request, bool needsTopics = false>
void pass(Step& s, const Ticket& ticket, const Bytes& body) {
    const auto request = readRequest<Request>(ticket, body);
    if (!request) {
        dropConnection(s, ticket, request.error().message);
        return;
    }
    const auto* connection = s.core.connections.find(ticket.connection);
    RequestContext context;
    context.token = s.core.nextPending();
    context.apiVersion = ticket.version;
    if (connection != nullptr) {
        context.clientId = connection->clientId;
        context.clientHost = "/" + connection->host;
    }
    context.outOfTouch = s.now.at > s.core.link.inTouchUntil;
    s.core.groupTickets.add(context.token, ticket);
    GroupOutputs out;
    if constexpr (needsTopics)
        s.core.groups.handle(s.now, context, *request, ImageTopics(s.core.image), out);
    else
        s.core.groups.handle(s.now, context, *request, out);
    carryOut(s, out);
}

}  // namespace

void handleJoinGroup(Step& s, const Ticket& ticket, const Bytes& body) {
    pass<protocol::JoinGroupRequest>(s, ticket, body);
}
void handleSyncGroup(Step& s, const Ticket& ticket, const Bytes& body) {
    pass<protocol::SyncGroupRequest>(s, ticket, body);
}
void handleHeartbeat(Step& s, const Ticket& ticket, const Bytes& body) {
    pass<protocol::HeartbeatRequest>(s, ticket, body);
}
void handleLeaveGroup(Step& s, const Ticket& ticket, const Bytes& body) {
    pass<protocol::LeaveGroupRequest>(s, ticket, body);
}
void handleOffsetCommit(Step& s, const Ticket& ticket, const Bytes& body) {
    pass<protocol::OffsetCommitRequest, true>(s, ticket, body);
}
void handleOffsetFetch(Step& s, const Ticket& ticket, const Bytes& body) {
    pass<protocol::OffsetFetchRequest, true>(s, ticket, body);
}
void handleDescribeGroups(Step& s, const Ticket& ticket, const Bytes& body) {
    pass<protocol::DescribeGroupsRequest>(s, ticket, body);
}
void handleListGroups(Step& s, const Ticket& ticket, const Bytes& body) {
    pass<protocol::ListGroupsRequest>(s, ticket, body);
}
void handleDeleteGroups(Step& s, const Ticket& ticket, const Bytes& body) {
    pass<protocol::DeleteGroupsRequest>(s, ticket, body);
}
void handleOffsetDelete(Step& s, const Ticket& ticket, const Bytes& body) {
    pass<protocol::OffsetDeleteRequest, true>(s, ticket, body);
}

}  // namespace odradek::broker
