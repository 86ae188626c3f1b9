// SPDX-License-Identifier: GPL-3.0-or-later
#include <cerrno>
#include <cstring>

#include <sys/socket.h>

#include <fmt/format.h>

#include "engine/runtime/real/executor_impl.h"
#include "engine/runtime/real/fault_gate.h"

namespace odradek::real {
namespace {

/// Read from one connection before the others get their turn, in bytes.
constexpr std::size_t kReadPerTurn = 2u << 20;
/// Frames handed to the core before its answers are looked at: thousands of tiny requests that came in one read may
/// each ask for megabytes.
constexpr std::size_t kFramesPerTurn = 64;

using Descriptor = asio::posix::stream_descriptor;

}  // namespace

TcpConnection::TcpConnection(Executor::Impl& owner, CoreId core, ConnectionId id, int fd, std::string peer,
                             const ConnectionLimits& limits, std::string acceptedHost)
    : Connection(core, id),
      m_owner(owner),
      m_socket(owner.io(), fd),
      m_peer(std::move(peer)),
      m_acceptedHost(std::move(acceptedHost)),
      m_reader(owner.pool(), limits.requestBytesMax),
      m_outputMax(limits.outputBytesMax),
      m_lastActive(owner.turnTime()) {}

TcpConnection::~TcpConnection() = default;

// ---- Reading -------------------------------------------------------------------------------------------------

void TcpConnection::startReading() {
    waitReadable();
}

void TcpConnection::awaitConnected() {
    m_connecting = true;
    waitWritable();
}

void TcpConnection::waitReadable() {
    if (m_waitingToRead || m_closing || !m_open)
        return;
    m_waitingToRead = true;
    m_socket.async_wait(Descriptor::wait_read,
                        [self = shared_from_this()](const boost::system::error_code& error) {
                            self->m_waitingToRead = false;
                            if (!error && self->m_open)
                                self->onReadable();
                        });
}

void TcpConnection::onReadable() {
    const auto scratch = m_owner.scratch();
    std::array<iovec, 2> areas;
    std::size_t total = 0;
    while (total < kReadPerTurn && !m_closing && !m_paused) {
        const auto count = m_reader.prepare(scratch, areas);
        std::size_t room = 0;
        for (std::size_t i = 0; i < count; ++i)
            room += areas[i].iov_len;
        const auto got = ::readv(m_socket.native_handle(), areas.data(), static_cast<int>(count));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            m_reader.release();
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            break;
        if (got <= 0) {
            lost(got == 0 ? std::string_view() : std::strerror(errno));
            return;
        }
        total += static_cast<std::size_t>(got);
        m_owner.countIn(static_cast<std::size_t>(got));
        m_lastActive = m_owner.turnTime();
        if (auto cut = m_reader.commit(static_cast<std::size_t>(got), scratch, m_inbox); !cut) {
            m_owner.log(core(), LogLevel::Warning, fmt::format("closed {}: {}", m_peer, cut.error().message));
            lost({});
            return;
        }
        if (static_cast<std::size_t>(got) < room)
            break;  // the socket is empty; asking again would only cost a call
    }
    deliver();
}

void TcpConnection::deliver() {
    if (!m_peerKnown && !m_acceptedHost.empty() && !m_inbox.empty()) {
        m_peerKnown = true;
        setPeer(peerOfFirstFrame(m_inbox.front()));
    }
    if (m_owner.holdsReading(shared_from_this()))
        return;
    std::size_t count = 0;
    while (count < m_inbox.size() && count < kFramesPerTurn && !m_paused)
        m_owner.received(shared_from_this(), std::move(m_inbox[count++]));
    m_inbox.erase(m_inbox.begin(), m_inbox.begin() + static_cast<std::ptrdiff_t>(count));
    // Only after this turn's steps, whose answers may be large, is more taken or read: else a fast sender would keep
    // the executor reading and nothing would be answered.
    if (!m_atTurnEnd) {
        m_atTurnEnd = true;
        m_owner.resumeAtTurnEnd(shared_from_this());
    }
}

void TcpConnection::turnEnded() {
    m_atTurnEnd = false;
    resume();
}

void TcpConnection::resume() {
    if (!m_open || m_closing || m_paused || m_atTurnEnd)
        return;
    if (m_inbox.empty())
        waitReadable();
    else
        deliver();
}

// ---- Writing -------------------------------------------------------------------------------------------------

void TcpConnection::send(Chain frame) {
    if (!m_open || m_closing)
        return;
    const auto size = static_cast<std::uint32_t>(frame.size());
    m_outBytes += 4 + frame.size();
    m_out.push_back({{static_cast<std::uint8_t>(size >> 24), static_cast<std::uint8_t>(size >> 16),
                      static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)},
                     std::move(frame)});
    m_paused = m_outBytes > m_outputMax;
    if (!m_dirty && !m_waitingToWrite) {
        m_dirty = true;
        m_owner.markDirty(shared_from_this());
    }
}

std::size_t TcpConnection::gather(std::array<iovec, kAreasMax>& areas, std::size_t& bytes) const {
    std::size_t count = 0;
    auto part = m_headPart;
    auto skip = m_headSkip;
    bytes = 0;
    for (auto frame = m_out.begin(); frame != m_out.end() && count < kAreasMax; ++frame, part = 0) {
        for (; part <= frame->frame.parts().size() && count < kAreasMax; ++part, skip = 0) {
            const auto* data = part == 0 ? frame->prefix.data() : frame->frame.parts()[part - 1].data();
            const auto size = part == 0 ? frame->prefix.size() : frame->frame.parts()[part - 1].size();
            areas[count++] = {const_cast<std::uint8_t*>(data) + skip, size - skip};
            bytes += size - skip;
        }
    }
    return count;
}

void TcpConnection::sent(std::size_t bytes) {
    m_outBytes -= bytes;
    while (bytes > 0) {
        const auto& head = m_out.front();
        const auto size = (m_headPart == 0 ? head.prefix.size() : head.frame.parts()[m_headPart - 1].size());
        const auto rest = size - m_headSkip;
        if (bytes < rest) {
            m_headSkip += bytes;
            return;
        }
        bytes -= rest;
        m_headSkip = 0;
        if (++m_headPart > head.frame.parts().size()) {
            m_headPart = 0;
            m_out.pop_front();
        }
    }
}

void TcpConnection::flush() {
    m_dirty = false;
    if (!m_open || m_connecting || m_waitingToWrite)
        return;
    std::array<iovec, kAreasMax> areas;
    while (!m_out.empty()) {
        std::size_t bytes = 0;
        msghdr message{};
        message.msg_iov = areas.data();
        message.msg_iovlen = gather(areas, bytes);
        const auto done = ::sendmsg(m_socket.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
            lost(std::strerror(errno));
            return;
        }
        if (done > 0) {
            sent(static_cast<std::size_t>(done));
            m_owner.countOut(static_cast<std::size_t>(done));
            m_lastActive = m_owner.turnTime();
        }
        if (done < 0 || static_cast<std::size_t>(done) < bytes) {
            waitWritable();
            break;
        }
    }
    if (m_out.empty() && m_closing) {
        end();
        return;
    }
    if (m_paused && m_outBytes <= m_outputMax / 2) {
        m_paused = false;
        resume();
    }
}

void TcpConnection::waitWritable() {
    m_waitingToWrite = true;
    m_socket.async_wait(Descriptor::wait_write, [self = shared_from_this()](const boost::system::error_code& error) {
        self->m_waitingToWrite = false;
        if (error || !self->m_open)
            return;
        if (self->m_connecting) {
            self->m_connecting = false;
            int number = 0;
            socklen_t size = sizeof number;
            ::getsockopt(self->m_socket.native_handle(), SOL_SOCKET, SO_ERROR, &number, &size);
            if (number != 0) {
                self->lost(std::strerror(number));
                return;
            }
            self->m_owner.enqueue(self->core(), io::Connected{self->id()});
            self->waitReadable();
        }
        self->flush();
    });
}

// ---- Ending --------------------------------------------------------------------------------------------------

void TcpConnection::lost(std::string_view why) {
    if (!m_open)
        return;
    if (!why.empty())
        m_owner.log(core(), LogLevel::Debug, fmt::format("lost {}: {}", m_peer, why));
    const bool known = !m_closing;
    if (known) {
        for (auto& frame : m_inbox)
            m_owner.received(shared_from_this(), std::move(frame));
    }
    end();
    if (known)
        m_owner.connectionLost(core(), id());
}

void TcpConnection::close() {
    if (!m_open)
        return;
    m_closing = true;
    if (m_out.empty()) {
        end();
        return;
    }
    m_owner.linger(weak_from_this());
    if (!m_dirty && !m_waitingToWrite) {
        m_dirty = true;
        m_owner.markDirty(shared_from_this());
    }
}

void TcpConnection::abort() {
    end();
}

void TcpConnection::closeForIdleness() {
    m_owner.log(core(), LogLevel::Debug, fmt::format("closed {}: idle", m_peer));
    lost({});
}

void TcpConnection::end() {
    if (!m_open)
        return;
    m_open = false;
    boost::system::error_code ignored;
    m_socket.close(ignored);
    m_out.clear();
    m_outBytes = 0;
    m_inbox.clear();
    m_owner.tcpEnded(core(), m_acceptedHost);
}

}  // namespace odradek::real
