// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>

#include "engine/broker/partition.h"
#include "engine/broker/pending.h"
#include "engine/protocol/kafka_error.h"
#include "engine/protocol/messages/fetch.h"

/// What a fetch is about: all it names, or what changed in its session (KIP-227). Follows Kafka's
/// FetchManager and FetchContexts, except that an incremental fetch looks only at partitions that
/// changed since its last answer.
namespace odradek::broker {

struct Step;

/// Finds out what kind of fetch it is and lays out its parts; an error when its session is not
/// there or not at this epoch. Closes the session a full fetch names.
std::optional<protocol::KafkaError> beginFetch(Step& s, const protocol::FetchRequest& request,
                                               PendingFetch& fetch);
/// Lays out the changed partitions of a session as parts; they are no longer changed.
void gatherChanged(Step& s, FetchSession& session, PendingFetch& fetch);
/// Takes the parts out of a fetch of a session that is to wait: those with something to tell are
/// changed again.
void releaseParts(Step& s, FetchSession& session, PendingFetch& fetch);
/// Notes that a part is being told as it is; false when its session has told the same before.
bool tellPart(FetchSession& session, const FetchPart& part);
/// Opens a session for an answered full fetch, if there is room. Returns its id, or 0.
std::int32_t openSession(Step& s, const PendingFetch& fetch);
void closeSession(Step& s, std::int32_t id);
/// Whether a part without a replica of ours ends the fetch at once: Kafka lets a consumer wait when
/// a partition is not known; a follower must know.
bool mustAnswerMissing(const PendingFetch& fetch, const FetchPart& part);

}  // namespace odradek::broker
