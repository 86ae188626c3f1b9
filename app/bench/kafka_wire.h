// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/protocol/codec/message.h"
#include "engine/runtime/real/listen_sockets.h"

namespace odradek::bench {

/// A blocking connection to one broker, on our own codec: one request at a time with `ask`, or pipelined with
/// `sendFrame` and `receiveFrame`. Thread: one may send while another receives.
class WireConnection {
public:
    static Result<WireConnection> open(const real::Address& address);
    WireConnection(WireConnection&& other) noexcept;
    WireConnection& operator=(WireConnection&&) = delete;
    ~WireConnection();

    /// Sends slices behind their length prefix.
    Result<void> sendFrame(const Chain& frame);
    Result<Bytes> receiveFrame();
    /// Ends both directions, so that whoever receives wakes up.
    void shutDown();

    /// Sends a request and decodes its answer. `Answer` is the response of `Request`.
    template <class Answer, class Request>
    Result<Answer> ask(const Request& request, std::int16_t version) {
        TRY_OK(sendFrame(protocol::encodeRequest(request, version, ++m_correlation, "odradek-bench")));
        const auto frame = TRY(receiveFrame());
        const auto answer = TRY(protocol::parseResponseFrame(Request::kInfo.key, version, frame));
        return protocol::decode<Answer>(answer.body, version);
    }

private:
    explicit WireConnection(int fd) : m_fd(fd) {}
    int m_fd = -1;
    std::int32_t m_correlation = 0;
};

/// Where the partitions of a topic are led: partition -> broker id, and each broker's address.
struct TopicLeaders {
    std::vector<std::int32_t> leaderOf;
    std::map<std::int32_t, real::Address> brokers;
    bool isrComplete = false;  ///< every replica of every partition is in sync
};

/// Creates a topic and waits until all its partitions have a leader and a complete ISR.
Result<TopicLeaders> createTopic(WireConnection& connection, const std::string& topic, int partitions, int replicas,
                                 const std::map<std::string, std::string>& configs = {});
Result<TopicLeaders> leadersOf(WireConnection& connection, const std::string& topic);
Result<void> deleteTopic(WireConnection& connection, const std::string& topic);

/// "host:port,host:port" as addresses.
Result<std::vector<real::Address>> parseBootstrap(const std::string& bootstrap);

/// One ready-made batch of at most `size` bytes: records of about 1 KiB, uncompressed, no producer id.
Bytes readyMadeBatch(std::size_t size);

}  // namespace odradek::bench
