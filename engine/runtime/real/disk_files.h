// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/io/ports.h"
#include "engine/runtime/real/buffer_pool.h"

namespace odradek::real {

class UnsyncedJournal;

/// Performs disk effects on real files below one folder, one after the other, and keeps recently used files open.
/// Every call blocks until the operating system is done. Errors: NoSpace (ENOSPC, EDQUOT, EFBIG), NotFound, Io (the
/// rest; the message has the system's words and the path), Invalid (a path that leaves the folder).
/// Lifecycle: files are closed when it is dropped. Thread: one at a time; Disk sees to that.
class DiskFiles {
public:
    /// An open file; closed with its last user.
    class Handle {
    public:
        explicit Handle(int fd) : m_fd(fd) {}
        ~Handle();
        Handle(const Handle&) = delete;
        Handle& operator=(const Handle&) = delete;
        int fd() const { return m_fd; }

    private:
        int m_fd;
    };
    /// A flush that any thread may run while this one goes on with other effects. Keeps its file open.
    struct Flush {
        std::shared_ptr<Handle> file;  ///< none: nothing to do
        std::string path;
        std::vector<std::filesystem::path> folders;  ///< to be flushed too: a durable file needs a durable name
        std::uint64_t stamp = 0;                     ///< of the journal of unsynced writes
        Result<Bytes> run() const;
    };

    struct Options {
        std::filesystem::path root;
        bool syncs = true;         ///< false: flushes end at once (throw-away data)
        std::size_t openMax = 512; ///< files kept open
        std::shared_ptr<UnsyncedJournal> unsynced = {};  ///< told what is not durable yet, for power cuts; may be none
    };
    explicit DiskFiles(Options options);
    ~DiskFiles();
    DiskFiles(const DiskFiles&) = delete;
    DiskFiles& operator=(const DiskFiles&) = delete;

    Result<Bytes> perform(const io::DiskWrite& write);
    Result<Bytes> perform(const io::DiskRead& read);
    Result<Bytes> perform(const io::DiskFlush& flush);
    Result<Bytes> perform(const io::DiskTruncate& truncate);
    Result<Bytes> perform(const io::DiskReplace& replace);
    Result<Bytes> perform(const io::DiskRename& rename);
    Result<Bytes> perform(const io::DiskRemove& remove);
    Result<Bytes> perform(const io::DiskScrub& scrub);

    /// A flush in two halves around its `run`; `flushed` only when that was a success.
    Result<Flush> prepare(const io::DiskFlush& flush);
    void flushed(const Flush& flush);

    /// What of `read` is in the page cache already, without touching the device; nothing when it would have to wait.
    std::optional<Bytes> readCached(const io::DiskRead& read);

    std::size_t openFiles() const { return m_open.size(); }

private:
    struct OpenFile {
        std::shared_ptr<Handle> handle;
        bool isNew = false;  ///< created here and its folder entry not yet made durable
        std::list<std::string>::iterator use;
        int fd() const { return handle->fd(); }
    };
    enum class Create { No, Yes };
    static constexpr std::size_t kReadBuffersKept = 4u << 20;

    Result<OpenFile*> file(const std::string& path, Create create);
    Result<std::filesystem::path> place(const std::string& path) const;
    Result<void> syncFolder(const std::filesystem::path& folder);
    void forget(const std::string& pathOrFolder);
    void close(std::unordered_map<std::string, OpenFile>::iterator entry);

    Options m_options;
    std::unordered_map<std::string, OpenFile> m_open;
    std::list<std::string> m_recent;  ///< least recently used first
    BufferPool m_pool{kReadBuffersKept};  ///< large reads would else fault in fresh pages each time
};

/// The log directory as a core may read it while it boots.
class RealBootDisk : public io::BootDisk {
public:
    explicit RealBootDisk(std::filesystem::path root) : m_root(std::move(root)) {}
    Result<std::vector<Entry>> list(const std::string& folder) override;
    Result<Bytes> read(const std::string& path, std::uint64_t offset, std::uint64_t size) override;

private:
    std::filesystem::path m_root;
    BufferPool m_pool{4u << 20};
};

/// The error of a failed system call: `what` and `path` go into the message.
Error systemError(int number, std::string_view what, std::string_view path);

}  // namespace odradek::real
