// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/real/listen_sockets.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

namespace odradek::real {
namespace {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;

    int family() const { return storage.ss_family; }
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Result<SocketAddress> numeric(const std::string& host, std::uint16_t port) {
    SocketAddress address;
    auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
    if (::inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        address.size = sizeof(sockaddr_in);
    } else if (::inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        address.size = sizeof(sockaddr_in6);
    } else {
        return fail(ErrorCode::Invalid,
                    fmt::format("'{}' is not an address to listen on; give one such as 127.0.0.1", host));
    }
    return address;
}

struct BindFailure {
    int number = 0;
    const char* call = "";
};

/// A listening socket, or which call failed and how.
std::expected<int, BindFailure> listenOn(const SocketAddress& address, int backlog) {
    const int fd = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return std::unexpected(BindFailure{errno, "open a socket for"});
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address.family() == AF_INET6)
        ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    BindFailure failure;
    if (::bind(fd, address.get(), address.size) != 0)
        failure = {errno, "bind"};
    else if (::listen(fd, backlog) != 0)
        failure = {errno, "listen on"};
    if (failure.number == 0)
        return fd;
    ::close(fd);
    return std::unexpected(failure);
}

std::uint16_t portOf(int fd) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size);
    return ntohs(storage.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port
                                               : reinterpret_cast<sockaddr_in*>(&storage)->sin_port);
}

bool isMissingAddress(int number) {
    return number == EADDRNOTAVAIL || number == EAFNOSUPPORT || number == EPROTONOSUPPORT;
}

constexpr int kFreePortTries = 32;

}  // namespace

std::string Address::toString() const {
    return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                               : fmt::format("[{}]:{}", host, port);
}

Result<Address> Address::parse(std::string_view text) {
    const auto bad = [&] { return fail(ErrorCode::Invalid, fmt::format("'{}' is not HOST:PORT", text)); };
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return bad();
    auto host = text.substr(0, colon);
    if (host.size() >= 2 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    const auto digits = text.substr(colon + 1);
    Address address{std::string(host), 0};
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
    if (host.empty() || error != std::errc() || end != digits.data() + digits.size())
        return bad();
    return address;
}

Result<ListenSockets> ListenSockets::bind(const Options& options) {
    if (options.hosts.empty())
        return fail(ErrorCode::Invalid, "no address to listen on");
    for (int attempt = 0;; ++attempt) {
        ListenSockets sockets;
        sockets.m_host = options.hosts.front();
        sockets.m_port = options.port;
        bool again = false;
        for (const auto& host : options.hosts) {
            const auto address = TRY(numeric(host, sockets.m_port));
            const auto fd = listenOn(address, options.backlog);
            if (fd) {
                sockets.m_fds.push_back(*fd);
                sockets.m_port = portOf(*fd);
                continue;
            }
            if (isMissingAddress(fd.error().number) && !sockets.m_fds.empty())
                continue;
            if (fd.error().number != EADDRINUSE)
                return fail(ErrorCode::Io, fmt::format("cannot {} {}: {}", fd.error().call,
                                                       Address{host, sockets.m_port}.toString(),
                                                       std::strerror(fd.error().number)));
            again = options.port == 0 && attempt < kFreePortTries;
            if (!again)
                return fail(ErrorCode::Refused,
                            fmt::format("port {} is already taken on {}; stop the program that uses it or choose "
                                        "another port (--port N, 0 = any free one)",
                                        sockets.m_port, host));
        }
        if (!again)
            return sockets;
    }
}

ListenSockets::~ListenSockets() {
    for (int fd : m_fds)
        ::close(fd);
}

ListenSockets::ListenSockets(ListenSockets&& other) noexcept
    : m_fds(std::exchange(other.m_fds, {})), m_host(std::move(other.m_host)), m_port(other.m_port) {}

ListenSockets& ListenSockets::operator=(ListenSockets&& other) noexcept {
    std::swap(m_fds, other.m_fds);
    std::swap(m_host, other.m_host);
    std::swap(m_port, other.m_port);
    return *this;
}

std::vector<int> ListenSockets::release() {
    return std::exchange(m_fds, {});
}

}  // namespace odradek::real
