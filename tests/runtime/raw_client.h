// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace odradek::real::test {

/// A blocking TCP client that speaks length-prefixed frames, or raw bytes, with a limit of ten seconds for any wait.
class RawClient {
public:
    explicit RawClient(std::uint16_t port, const char* host = "127.0.0.1") {
        sockaddr_storage storage{};
        socklen_t size = 0;
        if (std::string_view(host).find(':') == std::string_view::npos) {
            auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
            v4.sin_family = AF_INET;
            v4.sin_port = htons(port);
            ::inet_pton(AF_INET, host, &v4.sin_addr);
            size = sizeof v4;
        } else {
            auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
            v6.sin6_family = AF_INET6;
            v6.sin6_port = htons(port);
            ::inet_pton(AF_INET6, host, &v6.sin6_addr);
            size = sizeof v6;
        }
        m_fd = ::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (::connect(m_fd, reinterpret_cast<sockaddr*>(&storage), size) != 0) {
            ::close(m_fd);
            m_fd = -1;
        }
    }
    ~RawClient() { close(); }
    RawClient(RawClient&& other) noexcept : m_fd(other.m_fd) { other.m_fd = -1; }
    RawClient(const RawClient&) = delete;

    bool isConnected() const { return m_fd >= 0; }
    int fd() const { return m_fd; }
    void close() {
        if (m_fd >= 0)
            ::close(m_fd);
        m_fd = -1;
    }
    bool sendRaw(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(m_fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    static std::string framed(std::string_view body) {
        const auto size = static_cast<std::uint32_t>(body.size());
        std::string frame{static_cast<char>(size >> 24), static_cast<char>(size >> 16), static_cast<char>(size >> 8),
                          static_cast<char>(size)};
        return frame.append(body);
    }
    bool sendFrame(std::string_view body) { return sendRaw(framed(body)); }
    /// The next frame; nothing at the end of the stream or after ten seconds.
    std::optional<std::string> receiveFrame() {
        const auto prefix = receive(4);
        if (!prefix)
            return std::nullopt;
        std::uint32_t size = 0;
        for (unsigned char c : *prefix)
            size = size << 8 | c;
        return receive(size);
    }
    std::optional<std::string> ask(std::string_view body) {
        return sendFrame(body) ? receiveFrame() : std::nullopt;
    }
    /// Whether the other side ends the stream within ten seconds.
    bool isClosedByPeer() {
        char byte = 0;
        for (;;) {
            if (!awaitInput())
                return false;
            const auto got = ::recv(m_fd, &byte, 1, 0);
            if (got <= 0)
                return got == 0 || errno == ECONNRESET;
        }
    }

private:
    bool awaitInput() {
        pollfd wait{m_fd, POLLIN, 0};
        return ::poll(&wait, 1, 10'000) == 1;
    }
    std::optional<std::string> receive(std::size_t size) {
        std::string bytes(size, '\0');
        std::size_t have = 0;
        while (have < size) {
            if (!awaitInput())
                return std::nullopt;
            const auto got = ::recv(m_fd, bytes.data() + have, size - have, 0);
            if (got <= 0)
                return std::nullopt;
            have += static_cast<std::size_t>(got);
        }
        return bytes;
    }
    int m_fd = -1;
};

}  // namespace odradek::real::test
