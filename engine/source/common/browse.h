// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/api/commands.h"
#include "engine/client/core/client.h"

namespace odradek::source {

/// One reading of a topic: finds where each partition begins and ends, then fetches whole batches and decodes them.
/// Sans-IO, with a client (and connections) of its own, so that it never disturbs another reader. Backpressure: while
/// `hold` is set nothing new is fetched.
///
/// Lifecycle: start(), then step() with its client's events until a chunk says done. Every partition asked for is
/// accounted for in the progress: read to its end, or with the error that stopped it.
class Browse {
public:
    Browse(api::CommandId id, api::StartBrowse request, client::ClientOptions options);

    void start(Now now, io::Effects& effects);
    bool owns(const io::Event& event) const { return m_client.network().owns(event); }
    void step(Now now, const io::Event& event, io::Effects& effects);
    Instant nextWake() const { return m_done ? Instant::never() : m_client.nextWake(); }
    void setHold(Now now, bool hold, io::Effects& effects);
    bool done() const { return m_done; }
    /// Closes its connections.
    void shutdown(io::Effects& effects);
    std::vector<api::BrowseChunk> chunks() { return std::exchange(m_chunks, {}); }

private:
    struct Part {
        std::int64_t start = -1;
        std::int64_t end = -1;      ///< high watermark when the browse began
        std::int64_t atTime = -2;   ///< answer to SeekTime; -1 = nothing that new
        std::int64_t from = -1;
        std::int64_t next = -1;
        bool located = false;
        bool finished = false;
        std::string error;
    };
    enum class Ask : std::uint8_t { Start, End, Time };

    void locate(Now now, io::Effects& effects);
    void askOffsets(Now now, Ask ask, std::int64_t timestamp, io::Effects& effects);
    void takeOffsets(Now now, const client::Reply& reply, io::Effects& effects);
    void beginReading(Now now, io::Effects& effects);
    void takeFetched(Now now, const client::Fetched& fetched, io::Effects& effects);
    void takeBatch(Part& part, std::int32_t partition, const Bytes& batch, std::int64_t position);
    void finishPart(std::int32_t partition);
    void fail(std::string why);
    void emitChunk(bool final);
    std::vector<api::BrowseProgress> progress() const;

    api::CommandId m_id;
    api::StartBrowse m_request;
    client::Client m_client;
    std::map<std::int32_t, Part> m_parts;
    std::map<client::CallId, Ask> m_asked;
    bool m_located = false;
    bool m_reading = false;
    bool m_begun = false;  ///< a chunk went out
    bool m_done = false;
    bool m_hold = false;
    Instant m_giveUp = Instant::never();
    std::int64_t m_delivered = 0;
    std::vector<api::ReadRecord> m_pending;
    std::vector<api::BrowseChunk> m_chunks;
};

}  // namespace odradek::source
