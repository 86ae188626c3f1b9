// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quorum/producer_id_control.h"

namespace odradek::quorum {

Outcome<protocol::AllocateProducerIdsResponse> allocateProducerIds(
    const ControlContext& context, const protocol::AllocateProducerIdsRequest& request) {
    Outcome<protocol::AllocateProducerIdsResponse> outcome;
    const auto* broker = context.image.broker(request.brokerId);
    const auto first = context.image.nextProducerId();
    if (broker == nullptr || broker->epoch != request.brokerEpoch) {
        outcome.response.errorCode = protocol::code(KafkaError::StaleBrokerEpoch);
    } else if (first > INT64_MAX - kProducerIdBlock) {
        outcome.response.errorCode = protocol::code(KafkaError::UnknownServerError);
    } else {
        outcome.records.emplace_back(protocol::ProducerIdsRecord{
            .brokerId = request.brokerId,
            .brokerEpoch = request.brokerEpoch,
            .nextProducerId = first + kProducerIdBlock});
        outcome.response.producerIdStart = first;
        outcome.response.producerIdLen = kProducerIdBlock;
    }
    return outcome;
}

}  // namespace odradek::quorum
