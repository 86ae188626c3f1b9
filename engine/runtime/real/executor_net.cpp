// SPDX-License-Identifier: GPL-3.0-or-later
// How connections of an executor begin: accepted, dialled over TCP, or linked in-process.
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>

#include "engine/runtime/real/executor_acceptor.h"
#include "engine/runtime/real/executor_impl.h"
#include "engine/runtime/real/fault_gate.h"

namespace odradek::real {
namespace {

constexpr int kAcceptsPerTurn = 64;

void setStreamOptions(int fd) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

std::pair<std::string, std::uint16_t> peerOf(const sockaddr_storage& storage) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (storage.ss_family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
        ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
        return {text.data(), ntohs(v6.sin6_port)};
    }
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return {text.data(), ntohs(v4.sin_port)};
}

}  // namespace

// ---- Accepting -----------------------------------------------------------------------------------------------

void Acceptor::wait() {
    if (!m_socket.is_open())
        return;
    m_socket.async_wait(asio::posix::stream_descriptor::wait_read,
                        [self = shared_from_this()](const boost::system::error_code& error) {
                            if (!error)
                                self->onReadable();
                        });
}

void Acceptor::close() {
    boost::system::error_code ignored;
    m_socket.close(ignored);
}

void Acceptor::onReadable() {
    if (m_owner.holdsAccepting(m_core, shared_from_this()))
        return;
    for (int i = 0; i < kAcceptsPerTurn && m_socket.is_open(); ++i) {
        sockaddr_storage storage{};
        socklen_t size = sizeof storage;
        const int fd = ::accept4(m_socket.native_handle(), reinterpret_cast<sockaddr*>(&storage), &size,
                                 SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            auto [host, port] = peerOf(storage);
            m_owner.accepted(m_core, m_listener, fd, std::move(host), port);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE) {
            if (m_owner.refuseWithReserve(m_socket.native_handle()) < 0)
                break;
            m_owner.log(m_core, LogLevel::Warning, "refused a connection: no file descriptors left (ulimit -n)");
            continue;
        }
        if (errno != EINTR && errno != ECONNABORTED)
            break;
    }
    m_owner.waitAtTurnEnd(shared_from_this());
}

int Executor::Impl::refuseWithReserve(int listenFd) {
    if (m_reserveFd < 0)
        return -1;
    ::close(m_reserveFd);
    const int fd = ::accept4(listenFd, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0)
        ::close(fd);
    m_reserveFd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    return fd;
}

void Executor::Impl::accepted(CoreId core, io::Listener listener, int fd, std::string host, std::uint16_t port) {
    auto* slot = find(core);
    if (slot == nullptr) {
        ::close(fd);
        return;
    }
    const auto fromHost = slot->acceptedPerHost.find(host);
    const auto sameHost = fromHost == slot->acceptedPerHost.end() ? 0 : fromHost->second;
    const char* limit = nullptr;
    if (slot->acceptedCount >= slot->limits.connectionsMax)
        limit = "max.connections";
    else if (sameHost >= slot->limits.connectionsPerHostMax)
        limit = "max.connections.per.ip";
    if (limit != nullptr) {
        log(core, LogLevel::Warning, fmt::format("refused a connection from {}: {} is reached", host, limit));
        ::close(fd);
        return;
    }
    setStreamOptions(fd);
    ++slot->acceptedCount;
    ++slot->acceptedPerHost[host];
    const auto id = newConnectionId();
    auto connection = std::make_shared<TcpConnection>(*this, core, id, fd, Address{host, port}.toString(),
                                                      slot->limits, host);
    slot->connections.emplace(id.value, connection);
    enqueue(core, io::Accepted{id, listener, std::move(host), false});
    connection->startReading();
}

void Executor::Impl::tcpEnded(CoreId core, const std::string& acceptedHost) {
    auto* slot = find(core);
    if (slot == nullptr || acceptedHost.empty())
        return;
    --slot->acceptedCount;
    auto perHost = slot->acceptedPerHost.find(acceptedHost);
    if (perHost != slot->acceptedPerHost.end() && --perHost->second == 0)
        slot->acceptedPerHost.erase(perHost);
}

void Executor::Impl::connectionLost(CoreId core, ConnectionId id) {
    auto* slot = find(core);
    if (slot != nullptr && slot->connections.erase(id.value) != 0)
        enqueue(core, io::Closed{id});
}

// ---- Dialling ------------------------------------------------------------------------------------------------

void Executor::Impl::dial(CoreId id, Slot& slot, const io::Dial& dial) {
    const auto connection = dial.connection;
    if (m_gate->takeDial(id, slot.node, dial)) {
        slot.connections.emplace(connection.value, nullptr);
        return;
    }
    if (auto local = m_book->local(dial.node, dial.listener)) {
        if (auto target = local->executor.lock()) {
            // A place holder until the other side answers, so that a close in between is noticed.
            slot.connections.emplace(connection.value, nullptr);
            onExecutor(target, [self = shared_from_this(), core = local->core, listener = dial.listener, id, connection,
                                node = slot.node](Impl& other) {
                other.linkOpened(core, listener, self, id, connection, node);
            });
            return;
        }
    }
    if (!dial.host.empty())
        return dialHost(id, slot, connection, dial.host, static_cast<std::uint16_t>(dial.port));
    const auto address = m_book->remote(dial.node, dial.listener);
    if (!address) {
        log(id, LogLevel::Debug, fmt::format("no address for node {}", dial.node.value));
        slot.connections.erase(connection.value);
        enqueue(id, io::Closed{connection});
        return;
    }
    dialAddress(id, slot, connection, *address);
    if (const auto made = slot.connections.find(connection.value); made != slot.connections.end() && made->second)
        made->second->setPeer(dial.node);
}

void Executor::Impl::dialAddress(CoreId id, Slot& slot, ConnectionId connection, const Address& address) {
    const auto fd = beginConnect(address);
    if (!fd) {
        log(id, LogLevel::Debug, fd.error().message);
        slot.connections.erase(connection.value);
        enqueue(id, io::Closed{connection});
        return;
    }
    setStreamOptions(*fd);
    auto tcp = std::make_shared<TcpConnection>(*this, id, connection, *fd, address.toString(), slot.limits, "");
    slot.connections.insert_or_assign(connection.value, tcp);
    tcp->awaitConnected();
}

void Executor::Impl::dialHost(CoreId id, Slot& slot, ConnectionId connection, const std::string& host,
                              std::uint16_t port) {
    boost::system::error_code notNumeric;
    asio::ip::make_address(host, notNumeric);
    if (!notNumeric)
        return dialAddress(id, slot, connection, Address{host, port});
    // Names are looked up on asio's own thread; a place holder notices a close in between.
    slot.connections.emplace(connection.value, nullptr);
    auto resolver = std::make_shared<asio::ip::tcp::resolver>(m_io);
    resolver->async_resolve(
        host, std::to_string(port),
        [self = shared_from_this(), resolver, id, connection, host](const boost::system::error_code& error,
                                                                    const auto& results) {
            auto* found = self->find(id);
            if (found == nullptr || !found->connections.contains(connection.value))
                return;
            std::vector<Address> addresses;
            for (const auto& result : results)
                addresses.push_back({result.endpoint().address().to_string(), result.endpoint().port()});
            if (error || addresses.empty()) {
                self->log(id, LogLevel::Debug, fmt::format("cannot find the host {}: {}", host, error.message()));
                found->connections.erase(connection.value);
                self->enqueue(id, io::Closed{connection});
                return;
            }
            // One address per try; a client that dials again gets the next one.
            const auto turn = self->m_dialTurns[host]++;
            self->dialAddress(id, *found, connection, addresses[turn % addresses.size()]);
        });
}

Result<int> beginConnect(const Address& address) {
    boost::system::error_code error;
    const auto parsed = asio::ip::make_address(address.host == "localhost" ? "127.0.0.1" : address.host, error);
    if (error)
        return fail(ErrorCode::Invalid, fmt::format("'{}' is not a numeric address", address.host));
    const asio::ip::tcp::endpoint endpoint(parsed, address.port);
    const int fd = ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail(ErrorCode::Io, fmt::format("cannot open a socket: {}", std::strerror(errno)));
    if (::connect(fd, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0 && errno != EINPROGRESS) {
        const int number = errno;
        ::close(fd);
        return fail(ErrorCode::Io, fmt::format("cannot connect to {}: {}", address.toString(), std::strerror(number)));
    }
    return fd;
}

// ---- In-process links ----------------------------------------------------------------------------------------

void Executor::Impl::linkOpened(CoreId core, io::Listener listener, std::shared_ptr<Impl> dialler,
                                CoreId diallerCore, ConnectionId diallerId, BrokerId diallerNode) {
    auto* slot = find(core);
    const auto self = shared_from_this();
    if (slot == nullptr) {
        onExecutor(dialler, [diallerCore, diallerId](Impl& other) { other.connectionLost(diallerCore, diallerId); });
        return;
    }
    const auto id = newConnectionId();
    slot->connections.emplace(id.value,
                              std::make_shared<LinkConnection>(*this, core, id, dialler, diallerCore, diallerId,
                                                               diallerNode));
    enqueue(core, io::Accepted{id, listener, "127.0.0.1", true});
    onExecutor(dialler, [diallerCore, diallerId, self, core, id, node = slot->node](Impl& other) {
        other.linkAnswered(diallerCore, diallerId, self, core, id, node);
    });
}

void Executor::Impl::linkAnswered(CoreId core, ConnectionId id, std::shared_ptr<Impl> peer, CoreId peerCore,
                                  ConnectionId peerId, BrokerId peerNode) {
    auto* slot = find(core);
    const auto place = slot == nullptr ? decltype(slot->connections.end()){} : slot->connections.find(id.value);
    if (slot == nullptr || place == slot->connections.end()) {
        // The dialler is gone, or closed before the answer came.
        onExecutor(peer, [peerCore, peerId](Impl& other) { other.linkClosed(peerCore, peerId); });
        return;
    }
    place->second = std::make_shared<LinkConnection>(*this, core, id, std::move(peer), peerCore, peerId, peerNode);
    enqueue(core, io::Connected{id});
}

void Executor::Impl::linkFrame(CoreId core, ConnectionId id, Bytes frame) {
    auto* slot = find(core);
    if (slot == nullptr || !slot->connections.contains(id.value))
        return;
    ++m_stats.linkFrames;
    enqueue(core, io::FrameIn{id, std::move(frame)});
}

void Executor::Impl::linkClosed(CoreId core, ConnectionId id) {
    connectionLost(core, id);
}

void LinkConnection::send(Chain frame) {
    m_owner.onExecutor(m_peer, [core = m_peerCore, id = m_peerId, bytes = m_owner.pool().flatten(frame)](
                                   Executor::Impl& other) mutable { other.linkFrame(core, id, std::move(bytes)); });
}

void LinkConnection::close() {
    m_owner.onExecutor(m_peer,
                       [core = m_peerCore, id = m_peerId](Executor::Impl& other) { other.linkClosed(core, id); });
}

// ---- Address book --------------------------------------------------------------------------------------------

const AddressBook::Entry* AddressBook::find(BrokerId node, io::Listener listener) const {
    for (const auto& each : m_entries) {
        if (each.node == node && each.listener == listener)
            return &each;
    }
    return nullptr;
}

AddressBook::Entry& AddressBook::entry(BrokerId node, io::Listener listener) {
    if (const auto* known = find(node, listener))
        return const_cast<Entry&>(*known);
    return m_entries.emplace_back(Entry{node, listener, std::nullopt, std::nullopt});
}

void AddressBook::setRemote(BrokerId node, io::Listener listener, Address address) {
    std::lock_guard lock(m_mutex);
    entry(node, listener).remote = std::move(address);
}

void AddressBook::setLocal(BrokerId node, io::Listener listener, Local local) {
    std::lock_guard lock(m_mutex);
    entry(node, listener).local = std::move(local);
}

void AddressBook::removeLocal(BrokerId node, io::Listener listener, CoreId core) {
    std::lock_guard lock(m_mutex);
    auto& known = entry(node, listener);
    if (known.local && known.local->core == core)
        known.local.reset();
}

std::optional<AddressBook::Local> AddressBook::local(BrokerId node, io::Listener listener) const {
    std::lock_guard lock(m_mutex);
    const auto* known = find(node, listener);
    return known == nullptr ? std::nullopt : known->local;
}

std::optional<Address> AddressBook::remote(BrokerId node, io::Listener listener) const {
    std::lock_guard lock(m_mutex);
    const auto* known = find(node, listener);
    return known == nullptr ? std::nullopt : known->remote;
}

}  // namespace odradek::real
