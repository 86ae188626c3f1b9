// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/log.h"
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/base/types.h"

/// The ports between the sans-IO cores (broker, controller, client) and whatever drives them.
///
/// A core is a value with one owner at a time. The owner calls `step(now, event, effects)`; the core changes its
/// state and appends what it wants done to `effects`; the owner performs these in order and brings completions back
/// as further events. `nextWake()` of a core says when it wants an io::Tick at the latest. Events and effects are
/// plain values: no callbacks, no pointers, so that a world of cores can be copied in the middle of anything.
///
/// Disk order: effects on one node's disk are performed in the order they were issued (one FIFO per node); a
/// DiskDone arrives for each effect that carries a non-zero OpId, also in order. Bytes of a finished DiskWrite
/// survive `kill -9`; only a finished DiskFlush survives a power cut.
namespace odradek::io {

/// A completion's name; chosen by the core, unique per core life. 0 = no completion wanted.
using OpId = std::uint64_t;

/// Which door a connection came through. Kafka's listener names are PLAINTEXT (clients and brokers) and CONTROLLER.
enum class Listener : std::uint8_t { Client, Controller };

// ---- Events -------------------------------------------------------------------------------------------------

/// The core's wake time has come.
struct Tick {};

/// A peer or client connected to one of the node's listeners.
struct Accepted {
    ConnectionId connection;
    Listener listener = Listener::Client;
    std::string peerHost;     ///< address as text, without port
    bool inProcess = false;   ///< another node of ours over the in-process link
};

/// One whole frame without its length prefix, from an accepted or a dialled connection.
struct FrameIn {
    ConnectionId connection;
    Bytes frame;
};

/// The connection is gone; nothing more comes from it, and sends to it are dropped.
struct Closed {
    ConnectionId connection;
};

/// A dialled connection is up and takes frames. A dial that fails ends in Closed.
struct Connected {
    ConnectionId connection;
};

/// A disk effect ended. `data` holds what DiskRead asked for (fewer bytes at the end of the file).
struct DiskDone {
    OpId op = 0;
    Result<Bytes> data;
};

using Event = std::variant<Tick, Accepted, FrameIn, Closed, Connected, DiskDone>;

// ---- Effects ------------------------------------------------------------------------------------------------

/// Sends one frame; the driver adds the length prefix.
struct SendFrame {
    ConnectionId connection;
    Chain frame;
};

/// Opens a connection to another node, or, with a non-empty `host`, to that address (clients of clusters whose nodes
/// the driver does not know). The core chooses the id (its ids have the top bit set, so that they never meet the
/// driver's); Connected or Closed follows.
struct Dial {
    ConnectionId connection;
    BrokerId node;
    Listener listener = Listener::Client;
    std::string host;
    std::int32_t port = 0;
};

struct CloseConnection {
    ConnectionId connection;
};

/// All paths are relative to the node's log directory, with '/' between names.
/// Writes the slices at `offset`; creates the file (and its folder) when missing and extends it as needed.
/// `preallocate` (bytes) asks for the file to have at least that size allocated (zeros) before the write.
struct DiskWrite {
    OpId op = 0;
    std::string path;
    std::uint64_t offset = 0;
    Chain data;
    std::uint64_t preallocate = 0;
};

/// Reads up to `size` bytes at `offset`.
struct DiskRead {
    OpId op = 0;
    std::string path;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

/// Makes all finished writes of the file durable (fdatasync).
struct DiskFlush {
    OpId op = 0;
    std::string path;
};

/// Sets the file's size.
struct DiskTruncate {
    OpId op = 0;
    std::string path;
    std::uint64_t size = 0;
};

/// Replaces the whole file atomically: writes a temporary one, flushes it, renames it, flushes the folder.
/// For checkpoints and other small files.
struct DiskReplace {
    OpId op = 0;
    std::string path;
    Chain data;
};

/// Renames a file or a folder; makes the rename durable.
struct DiskRename {
    OpId op = 0;
    std::string from;
    std::string to;
};

/// Deletes a file, or a folder with all in it. Not an error when missing.
struct DiskRemove {
    OpId op = 0;
    std::string path;
};

/// Zeroes the header of every record batch found from position `from` on, up to `to`, and flushes: after it, no stale
/// batch in that range can be taken for a valid one (storage/log/scrub.h says how). Runs in the background lane: it
/// keeps its order only with effects on the same path.
struct DiskScrub {
    OpId op = 0;
    std::string path;
    std::uint64_t from = 0;
    std::uint64_t to = 0;
};

/// A line for the log and the event ticker.
struct Note {
    LogLine line;
};

using Effect = std::variant<SendFrame, Dial, CloseConnection, DiskWrite, DiskRead, DiskFlush, DiskTruncate,
                            DiskReplace, DiskRename, DiskRemove, DiskScrub, Note>;
using Effects = std::vector<Effect>;

// ---- Start-up -----------------------------------------------------------------------------------------------

/// What a core may read while it boots, before its first step: the node's own log directory. The real one reads
/// files; the simulator's reads its virtual disk. Repairs are emitted as effects, never done here. Synchronous on
/// purpose: nothing is served before recovery ends, and the boot is then one plain function.
class BootDisk {
public:
    virtual ~BootDisk() = default;

    struct Entry {
        std::string name;
        bool isFolder = false;
        std::uint64_t size = 0;  ///< bytes; 0 for folders
    };
    /// The entries of a folder ("" = the log directory itself), sorted by name; empty when it is missing.
    virtual Result<std::vector<Entry>> list(const std::string& folder) = 0;
    /// Up to `size` bytes at `offset`; fewer at the end of the file. NotFound when there is no such file.
    virtual Result<Bytes> read(const std::string& path, std::uint64_t offset, std::uint64_t size) = 0;
    /// A whole small file.
    Result<Bytes> readAll(const std::string& path) { return read(path, 0, UINT64_MAX); }
};

}  // namespace odradek::io
