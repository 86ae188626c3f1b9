// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace odradek::real {

/// A host (name or numeric address, IPv6 without brackets) and a TCP port.
struct Address {
    std::string host;
    std::uint16_t port = 0;

    /// "host:port", with brackets around IPv6.
    std::string toString() const;
    /// Reads "host:port" or "[v6]:port"; Invalid otherwise.
    static Result<Address> parse(std::string_view text);
    bool operator==(const Address&) const = default;
};

/// The bound, listening sockets of one listener: the same port on each of its addresses.
/// Lifecycle: bound by `bind`, closed when dropped, or handed to an executor. Thread: one at a time.
class ListenSockets {
public:
    struct Options {
        /// Numeric addresses. The first must work; a missing ::1 is tolerated.
        std::vector<std::string> hosts = {"127.0.0.1", "::1"};
        std::uint16_t port = 0;  ///< 0 = any free port, the same for all hosts where possible
        int backlog = 1024;
    };
    /// Refused when the port is taken, with a message that says what to do; Invalid for a host that is no address;
    /// Io for the rest.
    static Result<ListenSockets> bind(const Options& options);

    ListenSockets() = default;
    ~ListenSockets();
    ListenSockets(ListenSockets&& other) noexcept;
    ListenSockets& operator=(ListenSockets&& other) noexcept;

    std::uint16_t port() const { return m_port; }
    /// What to tell clients: the first host and the port.
    Address address() const { return {m_host, m_port}; }
    std::size_t count() const { return m_fds.size(); }
    /// Gives the descriptors away.
    std::vector<int> release();

private:
    std::vector<int> m_fds;
    std::string m_host;
    std::uint16_t m_port = 0;
};

}  // namespace odradek::real
