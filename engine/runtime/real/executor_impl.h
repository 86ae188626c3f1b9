// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Only the .cpp files of this folder include this: it brings Asio in.

#include <array>
#include <deque>
#include <map>
#include <set>
#include <thread>
#include <unordered_map>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "engine/runtime/real/buffer_pool.h"
#include "engine/runtime/real/executor.h"
#include "engine/runtime/real/frame_reader.h"

namespace odradek::real {

namespace asio = boost::asio;

/// One end of a connection as its core's slot holds it.
class Connection {
public:
    Connection(CoreId core, ConnectionId id) : m_core(core), m_id(id) {}
    virtual ~Connection() = default;
    virtual void send(Chain frame) = 0;
    /// Closes for the core's side; what was sent before still leaves. Emits no event.
    virtual void close() = 0;
    /// Cuts at once, as when the process dies.
    virtual void abort() = 0;

    CoreId core() const { return m_core; }
    ConnectionId id() const { return m_id; }
    /// The node at the other end, or Fault::kClients.
    BrokerId peer() const { return m_peerNode; }
    void setPeer(BrokerId node) { m_peerNode = node; }

private:
    CoreId m_core;
    ConnectionId m_id;
    BrokerId m_peerNode{Fault::kClients};
};

/// The clocks of a node that may run differently from the machine's.
class NodeClock {
public:
    Now read(Now real) const;
    /// When it is `own` on the node's monotonic clock, by the machine's.
    Instant toReal(Instant own) const;
    /// From now on they differ like this. The wall clock is right again when drift ends.
    void set(ClockSkew skew, Instant realNow);

private:
    std::int64_t driftedNs(Instant real) const;

    ClockSkew m_skew;
    Instant m_since;
    std::int64_t m_atOffsetNs = 0;
    std::int64_t m_wallDriftNs = 0;
};

class Executor::Impl : public std::enable_shared_from_this<Executor::Impl> {
public:
    Impl(Options options, std::shared_ptr<AddressBook> book);
    ~Impl();

    void start();
    void stop();
    CoreId add(CoreSpec spec);
    void remove(CoreId id);
    void post(std::function<void()> fn);
    std::shared_ptr<Disk> makeDisk(Disk::Options options);
    void withCore(CoreId id, std::function<void(io::Core*, Now, io::Effects&)> fn);
    void watch(CoreId id, std::function<bool(const io::Core&)> holds,
               std::function<void(bool)> done);
    Stats stats();
    void pause(CoreId id);
    void resume(CoreId id);
    void setClock(CoreId id, ClockSkew skew);
    void faultsChanged();

    // For connections and acceptors, on the executor's thread.
    asio::io_context& io() { return m_io; }
    BufferPool& pool() { return m_pool; }
    std::span<std::uint8_t> scratch() { return *m_scratch; }
    void enqueue(CoreId core, io::Event event) { m_queue.push_back({core, std::move(event)}); }
    void markDirty(std::shared_ptr<class TcpConnection> connection) {
        m_dirty.push_back(std::move(connection));
    }
    /// Closed by the core with bytes still to send: watched so that it ends some day.
    void linger(std::weak_ptr<class TcpConnection> connection) {
        m_lingering.push_back(std::move(connection));
    }
    void resumeAtTurnEnd(std::shared_ptr<class TcpConnection> connection) {
        m_resume.push_back(std::move(connection));
    }
    void waitAtTurnEnd(std::shared_ptr<class Acceptor> acceptor) {
        m_accepting.push_back(std::move(acceptor));
    }
    Instant turnTime() const { return m_now.at; }
    void log(CoreId core, LogLevel level, std::string text);
    /// The connection is gone by itself: forgets it and tells the core.
    void connectionLost(CoreId core, ConnectionId id);
    void countIn(std::size_t bytes) { m_stats.bytesIn += bytes; }
    void countOut(std::size_t bytes) { m_stats.bytesOut += bytes; }
    /// Takes an accepted socket over, unless a limit says no (then closes it).
    void accepted(CoreId core, io::Listener listener, int fd, std::string host, std::uint16_t port);
    /// An accepted or dialled TCP connection ended.
    void tcpEnded(CoreId core, const std::string& acceptedHost);
    /// Gives up one descriptor so that a pending connection can be refused when there are none
    /// left.
    int refuseWithReserve(int listenFd);

    /// A frame over TCP for a core; faults may keep it.
    void received(const std::shared_ptr<class TcpConnection>& connection, Bytes frame);
    /// A frame that faults kept.
    void receiveLate(CoreId core, ConnectionId id, Bytes frame);
    /// A dial that faults kept, unless it was closed meanwhile.
    void dialLate(CoreId core, const io::Dial& dial);
    /// Whether a pause or a cut keeps this connection from being read; it is told when that ends.
    bool holdsReading(const std::shared_ptr<class TcpConnection>& connection);
    /// Whether a pause keeps this acceptor from accepting; it waits again when that ends.
    bool holdsAccepting(CoreId core, const std::shared_ptr<class Acceptor>& acceptor);

    // From the other end of an in-process link, on this executor's thread.
    void linkOpened(CoreId core, io::Listener listener, std::shared_ptr<Impl> dialler,
                    CoreId diallerCore, ConnectionId diallerId, BrokerId diallerNode);
    void linkAnswered(CoreId core, ConnectionId id, std::shared_ptr<Impl> peer, CoreId peerCore,
                      ConnectionId peerId, BrokerId peerNode);
    void linkFrame(CoreId core, ConnectionId id, Bytes frame);
    void linkClosed(CoreId core, ConnectionId id);
    /// Runs on `other`'s thread: at once when it is this one, else posted. Order per target is
    /// kept.
    template <class Fn>
    void onExecutor(const std::shared_ptr<Impl>& other, Fn fn) {
        if (other.get() == this)
            fn(*this);
        else
            asio::post(other->m_io, [other, fn = std::move(fn)]() mutable { fn(*other); });
    }
    ConnectionId newConnectionId() { return ConnectionId(m_nextConnection++); }

private:
    struct Watcher {
        std::function<bool(const io::Core&)> holds;
        std::function<void(bool)> done;
    };
    friend class Acceptor;
    struct Slot {
        std::uint32_t life = 0;
        BrokerId node;
        std::unique_ptr<io::Core> core;
        std::shared_ptr<Disk> disk;
        ConnectionLimits limits;
        std::function<void(io::Core&)> refresh;
        std::vector<io::Listener> served;
        std::vector<std::shared_ptr<class Acceptor>> acceptors;
        std::unordered_map<std::uint64_t, std::shared_ptr<Connection>> connections;
        std::map<std::string, std::size_t> acceptedPerHost;
        std::size_t acceptedCount = 0;
        Instant wake = Instant::never();
        bool stepped = false;
        std::vector<Watcher> watchers;
        NodeClock clock;
        bool paused = false;
        std::vector<io::Event> frozen;  ///< came while paused
        std::vector<std::weak_ptr<class TcpConnection>> unread;
        std::vector<std::shared_ptr<class Acceptor>> unaccepted;
    };
    struct Queued {
        CoreId core;
        io::Event event;
    };

    Slot* find(CoreId id);
    void run();
    void turn();
    void readClocks();
    void step(CoreId id, Slot& slot, const io::Event& event);
    void perform(CoreId id, Slot& slot, io::Effects& effects);
    void performOne(CoreId id, Slot& slot, io::Effect& effect);
    void dial(CoreId id, Slot& slot, const io::Dial& dial);
    void dialAddress(CoreId id, Slot& slot, ConnectionId connection, const Address& address);
    /// As dialAddress, after looking up a name (KIP-602: all addresses in turn).
    void dialHost(CoreId id, Slot& slot, ConnectionId connection, const std::string& host,
                  std::uint16_t port);
    void sendFrame(Slot& slot, const std::shared_ptr<Connection>& connection, Chain& frame);
    void diskDone(const std::shared_ptr<Disk>& disk, std::vector<Disk::Completion>&& done);
    void fireTimers();
    void armTimer();
    void flushDirty();
    void takeMoreInput();
    void checkWatchers();
    void dropCore(CoreId id);
    void armHousekeeping();
    void housekeep();
    void place(CoreId id, CoreSpec& spec);

    Options m_options;
    std::shared_ptr<AddressBook> m_book;
    asio::io_context m_io{1};
    std::map<std::string, std::size_t>
        m_dialTurns;  ///< tries per host name, to go through its addresses
    asio::executor_work_guard<asio::io_context::executor_type> m_work;
    asio::steady_timer m_timer;
    asio::steady_timer m_housekeeping;
    bool m_housekeepingArmed = false;
    Instant m_armed = Instant::never();
    bool m_due = false;  ///< a core's wake time has passed already
    std::thread m_thread;
    enum class State { Idle, Running, Stopping };
    std::mutex m_stateMutex;  ///< guards m_state against posts from other threads
    State m_state = State::Idle;
    bool m_stopping = false;  ///< executor's thread only

    BufferPool m_pool;
    std::unique_ptr<std::array<std::uint8_t, 64u << 10>> m_scratch;
    std::deque<Slot> m_slots;  ///< grows only; entries stay in place
    std::deque<Queued> m_queue;
    std::vector<std::shared_ptr<class TcpConnection>> m_dirty;
    std::vector<std::shared_ptr<class TcpConnection>> m_resume;
    std::vector<std::shared_ptr<class Acceptor>> m_accepting;
    std::vector<std::weak_ptr<class TcpConnection>> m_lingering;
    io::Effects m_effects;
    Now m_now;
    std::uint64_t m_nextConnection = 1;
    int m_reserveFd = -1;
    std::uint64_t m_housekeptBytes = 0;
    Stats m_stats;
    std::unique_ptr<class FaultGate> m_gate;

    friend class TcpConnection;
};

/// A connection over a socket: accepted, or dialled and then connected. Reads frames, queues writes
/// and sends them at the end of the executor's turn. Everything on the executor's thread.
class TcpConnection : public Connection, public std::enable_shared_from_this<TcpConnection> {
public:
    TcpConnection(Executor::Impl& owner, CoreId core, ConnectionId id, int fd, std::string peer,
                  const ConnectionLimits& limits, std::string acceptedHost);
    ~TcpConnection() override;

    /// Begins to read frames.
    void startReading();
    /// Waits for a connect under way, then tells the core and reads.
    void awaitConnected();
    void send(Chain frame) override;
    void close() override;
    void abort() override;
    /// Sends what is queued, as far as the socket takes it.
    void flush();
    /// When bytes last moved; for the idle timeout.
    Instant lastActive() const { return m_lastActive; }
    void closeForIdleness();
    /// Goes on reading, or handing frames to the core, unless too much output waits.
    void turnEnded();
    /// What kept it from being read may have ended.
    void faultsChanged() { resume(); }

private:
    struct Outgoing {
        std::array<std::uint8_t, 4> prefix;
        Chain frame;
    };
    static constexpr std::size_t kAreasMax = 128;

    void waitReadable();
    void onReadable();
    void deliver();
    void resume();
    void waitWritable();
    std::size_t gather(std::array<iovec, kAreasMax>& areas, std::size_t& bytes) const;
    void sent(std::size_t bytes);
    void lost(std::string_view why);
    void end();

    Executor::Impl& m_owner;
    asio::posix::stream_descriptor m_socket;
    std::string m_peer;
    std::string m_acceptedHost;  ///< empty when dialled
    FrameReader m_reader;
    std::size_t m_outputMax;
    std::deque<Outgoing> m_out;
    std::size_t m_outBytes = 0;
    std::size_t m_headPart = 0;  ///< of m_out.front(): 0 = prefix, n = slice n-1
    std::size_t m_headSkip = 0;  ///< bytes of that part already sent
    Instant m_lastActive;
    std::vector<Bytes> m_inbox;  ///< frames read and not yet handed to the core
    bool m_open = true;
    bool m_dirty = false;
    bool m_atTurnEnd = false;  ///< the executor will call turnEnded
    bool m_waitingToWrite = false;
    bool m_waitingToRead = false;
    bool m_paused = false;
    bool m_closing = false;
    bool m_connecting = false;
    bool m_peerKnown = false;  ///< only for accepted ones: by the first frame
};

/// One end of an in-process link: frames become events of the other core, with no system call.
class LinkConnection : public Connection {
public:
    LinkConnection(Executor::Impl& owner, CoreId core, ConnectionId id,
                   std::shared_ptr<Executor::Impl> peer, CoreId peerCore, ConnectionId peerId,
                   BrokerId peerNode)
        : Connection(core, id),
          m_owner(owner),
          m_peer(std::move(peer)),
          m_peerCore(peerCore),
          m_peerId(peerId) {
        setPeer(peerNode);
    }
    void send(Chain frame) override;
    void close() override;
    void abort() override { close(); }

private:
    Executor::Impl& m_owner;
    std::shared_ptr<Executor::Impl> m_peer;
    CoreId m_peerCore;
    ConnectionId m_peerId;
};

/// Opens a socket for a connect to a numeric address and begins to connect; the descriptor, or an
/// Error.
Result<int> beginConnect(const Address& address);

}  // namespace odradek::real
