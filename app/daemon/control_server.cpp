// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/control_server.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <list>
#include <thread>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <fmt/format.h>

namespace odradek::app {
namespace {

constexpr std::size_t kRequestMax = 64u << 10;
constexpr int kBacklog = 16;
constexpr std::size_t kWorkersMax = 32;

Result<sockaddr_un> addressOf(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path)
        return fail(ErrorCode::Invalid, fmt::format("control socket path '{}' must have 1 to {} characters", path,
                                                    sizeof address.sun_path - 1));
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

int connectTo(const sockaddr_un& address) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        const int number = errno;
        ::close(fd);
        errno = number;
        return -1;
    }
    return fd;
}

bool sendAll(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

std::string receiveAll(int fd, std::size_t most) {
    std::string all;
    std::array<char, 4096> buffer;
    while (all.size() <= most) {
        const auto got = ::recv(fd, buffer.data(), buffer.size(), 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        all.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return all;
}

void serveOne(int fd, const ControlServer::Handler& handler) {
    const timeval patience{10, 0};  // a client that says nothing must not hold the others up
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    const auto request = receiveAll(fd, kRequestMax);
    std::vector<std::string> words;
    for (std::size_t at = 0; at < request.size();) {
        const auto end = request.find('\0', at);
        words.push_back(request.substr(at, end - at));
        at = end == std::string::npos ? request.size() : end + 1;
    }
    const auto answer = handler(words);
    sendAll(fd, fmt::format("{}\n{}", answer.exitCode, answer.text));
}

}  // namespace

struct ControlServer::State {
    std::string path;
    int listening = -1;
    int wake = -1;
    Handler handler;
    std::thread thread;
    struct Worker {
        std::atomic<bool> ended{false};
        std::thread thread;
    };
    std::list<Worker> workers;  ///< the thread's

    ~State() {
        if (thread.joinable()) {
            const std::uint64_t one = 1;
            [[maybe_unused]] const auto written = ::write(wake, &one, sizeof one);
            thread.join();
        }
        for (auto& worker : workers)
            worker.thread.join();
        if (listening >= 0) {
            ::close(listening);
            ::unlink(path.c_str());
        }
        if (wake >= 0)
            ::close(wake);
    }
    void serve() {
        for (;;) {
            std::array<pollfd, 2> waits{{{listening, POLLIN, 0}, {wake, POLLIN, 0}}};
            if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR)
                return;
            if (waits[1].revents != 0)
                return;
            if (waits[0].revents == 0)
                continue;
            const int fd = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
            if (fd < 0)
                continue;
            // At most so many at a time; the oldest ends within its patience or its command's time.
            while (workers.size() >= kWorkersMax && !workers.front().ended)
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
            reapWorkers();
            auto& worker = workers.emplace_back();
            worker.thread = std::thread([this, fd, &worker] {
                serveOne(fd, handler);
                ::close(fd);
                worker.ended = true;
            });
        }
    }
    void reapWorkers() {
        for (auto it = workers.begin(); it != workers.end();) {
            if (it->ended) {
                it->thread.join();
                it = workers.erase(it);
            } else {
                ++it;
            }
        }
    }
};

ControlServer::ControlServer(std::unique_ptr<State> state) : m_state(std::move(state)) {}
ControlServer::~ControlServer() = default;
ControlServer::ControlServer(ControlServer&&) noexcept = default;
ControlServer& ControlServer::operator=(ControlServer&&) noexcept = default;

Result<ControlServer> ControlServer::open(const std::string& path, Handler handler) {
    const auto address = TRY(addressOf(path));
    if (const int other = connectTo(address); other >= 0) {
        ::close(other);
        return fail(ErrorCode::Refused, fmt::format("control socket {} is in use by another process; choose another "
                                                    "path with --control", path));
    }
    const int reason = errno;
    struct stat info {};
    if (::lstat(path.c_str(), &info) == 0) {
        if (!S_ISSOCK(info.st_mode))
            return fail(ErrorCode::Exists, fmt::format("{} exists and is no socket; choose another path with "
                                                       "--control", path));
        if (reason != ECONNREFUSED)
            return fail(ErrorCode::Refused, fmt::format("control socket {} cannot be taken over: {}; choose another "
                                                        "path with --control", path, std::strerror(reason)));
        ::unlink(path.c_str());  // left behind by a process that is gone
    }
    auto state = std::make_unique<State>();
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto oldMask = ::umask(0177);
    const bool bound = fd >= 0 && ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    const int number = errno;
    ::umask(oldMask);
    if (!bound || ::listen(fd, kBacklog) != 0) {
        if (fd >= 0)
            ::close(fd);
        return fail(ErrorCode::Io, fmt::format("cannot open control socket {}: {}; choose another path with --control",
                                               path, std::strerror(number)));
    }
    state->path = path;
    state->listening = fd;
    state->wake = ::eventfd(0, EFD_CLOEXEC);
    state->handler = std::move(handler);
    state->thread = std::thread([raw = state.get()] { raw->serve(); });
    return ControlServer(std::move(state));
}

Result<ControlAnswer> askControl(const std::string& path, const std::vector<std::string>& words) {
    const auto address = TRY(addressOf(path));
    const int fd = connectTo(address);
    if (fd < 0)
        return fail(ErrorCode::Io, fmt::format("no odradekd answers on {} ({}); start one with --control {}", path,
                                               std::strerror(errno), path));
    std::string request;
    for (const auto& word : words)
        request.append(word).push_back('\0');
    std::string reply;
    if (sendAll(fd, request) && ::shutdown(fd, SHUT_WR) == 0)
        reply = receiveAll(fd, SIZE_MAX - 1);
    ::close(fd);
    ControlAnswer answer;
    const auto newline = reply.find('\n');
    const auto* end = reply.data() + std::min(newline, reply.size());
    if (newline == std::string::npos || std::from_chars(reply.data(), end, answer.exitCode).ptr != end)
        return fail(ErrorCode::Closed, fmt::format("odradekd on {} ended before it answered", path));
    answer.text = reply.substr(newline + 1);
    return answer;
}

}  // namespace odradek::app
