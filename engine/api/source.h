// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/api/commands.h"
#include "engine/api/events.h"
#include "engine/api/snapshot.h"

namespace odradek::api {

enum class SourceKind : std::uint8_t { Embedded, Remote, Simulation };

struct SourceInfo {
    SourceKind kind = SourceKind::Embedded;
    std::string name;       ///< for the cluster switcher
    std::string bootstrap;  ///< HOST:PORT,...
};

/// Everything new since the last drain.
struct Update {
    SnapshotPtr snapshot;  ///< the newest; null before the first
    std::vector<Event> events;
    std::vector<CommandResult> results;
    std::vector<BrowseChunk> chunks;
};

/// One cluster as the window sees it: embedded, remote or simulated. Lifecycle: constructed by the composition
/// root, running until destroyed (the destructor stops its threads and, if embedded, shuts the cluster down cleanly).
///
/// Thread: all methods may be called from any one thread at a time, normally the GUI's; none blocks. Values cross,
/// nothing else: the source calls `wake` (set once, before use) from its own threads when drain() has something new,
/// at most once until the next drain; the owner then calls drain().
class Source {
public:
    virtual ~Source() = default;

    virtual SourceInfo info() const = 0;
    virtual void setWake(std::function<void()> wake) = 0;
    virtual Update drain() = 0;

    /// Asks for something; exactly one CommandResult with the returned id follows (StartBrowse: BrowseChunks until
    /// `done` instead). While read-only, everything that changes the cluster is refused with an error result.
    virtual CommandId submit(Command command) = 0;

    /// Attached clusters start read-only; the embedded one does not.
    virtual bool readOnly() const = 0;
    virtual void setReadOnly(bool readOnly) = 0;

    /// How much the window looks at now: a source may poll less when nobody looks. `groups` and `logDirs` are the
    /// costly ones on remote clusters.
    struct Interest {
        bool window = true;  ///< false = minimised: slow down
    };
    virtual void setInterest(Interest interest) = 0;
};

}  // namespace odradek::api
