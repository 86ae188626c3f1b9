// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <map>
#include <string>

#include "engine/protocol/codec/message.h"
#include "engine/quorum/cluster_control.h"
#include "engine/quorum/control.h"
#include "engine/quorum/controller.h"
#include "engine/quorum/event_ring.h"
#include "engine/quorum/metadata_log.h"

namespace odradek::quorum {

/// A Fetch that waits for more of the metadata log.
struct ParkedFetch {
    std::int16_t version = 0;
    std::int32_t correlationId = 0;
    std::string topic;  ///< as named in the request
    std::int64_t offset = 0;
    std::int64_t maxBytes = 0;
    Instant deadline;
};

/// One answer owed to a connection, in the order of its requests.
struct OwedAnswer {
    Chain frame;
    std::int64_t afterOffset = -1;  ///< may leave once this record is committed
    std::optional<ParkedFetch> fetch;
};

/// What a request led to: the answer's frame and the record it has to wait for.
struct Answer {
    Chain frame;
    std::int64_t afterOffset = -1;
};

/// The inside of a Controller. Plain data and functions on it; copied as a whole.
struct Controller::State {
    ControllerConfig config;
    MetadataLog log;
    metadata::Image image;
    ClusterControl cluster;
    Prng prng;
    EventRing events;
    std::map<ConnectionId, std::deque<OwedAnswer>> connections;
    bool isStarted = false;
    bool hasFailed = false;
    Instant nextBalance = Instant::never();

    // ---- controller.cpp: life, time, commitment
    void start(Now now, io::Effects& effects);
    void onEvent(Now now, const io::Event& event, io::Effects& effects);
    void runTimers(Now now, io::Effects& effects);
    void sendOwed(Now now, io::Effects& effects);
    void failIfDiskFailed(io::Effects& effects);
    Instant nextWake() const;
    ControlContext context(Now now) { return {image, config.settings, config.node.value, prng, now, log.endOffset(),
                config.mutants}; }
    /// Writes the records and applies them.
    void commit(const Records& records, Cause cause, Now now, io::Effects& effects);

    // ---- controller_requests.cpp: frames
    void onFrame(Now now, const io::FrameIn& in, io::Effects& effects);
    Result<Answer> answer(Now now, ConnectionId from, const protocol::RequestFrame& frame, io::Effects& effects);
    Result<Answer> answerAdmin(Now now, const protocol::RequestFrame& frame, io::Effects& effects);
    Result<Answer> answerEnvelope(Now now, const protocol::RequestFrame& frame, io::Effects& effects);
    Answer answerApiVersions(const protocol::RequestFrame& frame) const;
    /// Decodes a request, lets `control` judge it, commits its records and encodes the answer.
    template <class Request, class Control, class CauseOf>
    Result<Answer> serve(Now now, const protocol::RequestFrame& frame, io::Effects& effects, Control control,
                         CauseOf causeOf);

    // ---- controller_fetch.cpp: the metadata log to observers
    Result<OwedAnswer> onFetch(Now now, const protocol::RequestFrame& frame);
    Chain finishFetch(const ParkedFetch& fetch) const;
};

}  // namespace odradek::quorum
