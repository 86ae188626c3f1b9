// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/real/disk_files.h"

#include "engine/runtime/real/fault_power.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <fmt/format.h>

namespace odradek::real {
namespace fs = std::filesystem;
namespace {

/// Larger single writes to files in growth are several times slower (performance-reliability.md, fact 2).
constexpr std::size_t kWritePiece = 64u << 10;
constexpr std::size_t kSlicesMax = 64;
constexpr std::string_view kTemporarySuffix = ".tmp";

template <class Call>
auto uninterrupted(Call call) {
    auto result = call();
    while (result < 0 && errno == EINTR)
        result = call();
    return result;
}

class Descriptor {
public:
    explicit Descriptor(int fd) : m_fd(fd) {}
    ~Descriptor() {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return m_fd; }

private:
    int m_fd;
};

/// Walks a chain slice by slice and hands out pieces for pwritev.
class Pieces {
public:
    explicit Pieces(const Chain& chain) : m_chain(chain) {}
    /// The next areas, at most `bytesMax` bytes of them; 0 at the end.
    std::size_t next(std::array<iovec, kSlicesMax>& into, std::size_t bytesMax) const {
        std::size_t count = 0;
        auto skip = m_skip;
        for (auto i = m_part; i < m_chain.parts().size() && count < kSlicesMax && bytesMax > 0; ++i) {
            const auto& part = m_chain.parts()[i];
            const auto size = std::min(part.size() - skip, bytesMax);
            into[count++] = {const_cast<std::uint8_t*>(part.data()) + skip, size};
            bytesMax -= size;
            skip = 0;
        }
        return count;
    }
    void advance(std::size_t bytes) {
        while (bytes > 0) {
            const auto rest = m_chain.parts()[m_part].size() - m_skip;
            if (bytes < rest) {
                m_skip += bytes;
                return;
            }
            bytes -= rest;
            m_skip = 0;
            ++m_part;
        }
    }

private:
    const Chain& m_chain;
    std::size_t m_part = 0;
    std::size_t m_skip = 0;
};

Result<void> writeAll(int fd, std::uint64_t offset, const Chain& data, const std::string& path) {
    Pieces pieces(data);
    std::array<iovec, kSlicesMax> areas;
    for (;;) {
        // Pieces end on their own multiples in the file, so that later pieces are whole pages.
        const auto most = kWritePiece - static_cast<std::size_t>(offset % kWritePiece);
        const auto count = pieces.next(areas, most);
        if (count == 0)
            return {};
        const auto wrote = uninterrupted([&] {
            return ::pwritev(fd, areas.data(), static_cast<int>(count), static_cast<off_t>(offset));
        });
        if (wrote < 0)
            return std::unexpected(systemError(errno, "cannot write", path));
        if (wrote == 0)
            return std::unexpected(systemError(ENOSPC, "cannot write", path));
        pieces.advance(static_cast<std::size_t>(wrote));
        offset += static_cast<std::uint64_t>(wrote);
    }
}

Result<std::uint64_t> sizeOf(int fd, const std::string& path) {
    struct stat info {};
    if (::fstat(fd, &info) != 0)
        return std::unexpected(systemError(errno, "cannot look at", path));
    return static_cast<std::uint64_t>(info.st_size);
}

Result<Bytes> readAt(int fd, std::uint64_t offset, std::uint64_t size, const std::string& path,
                     BufferPool& pool) {
    // A size is not trusted: the file's own end bounds the memory taken.
    const auto end = TRY(sizeOf(fd, path));
    if (offset >= end)
        return Bytes();
    const auto wanted = static_cast<std::size_t>(std::min(size, end - offset));
    const auto buffer = pool.take(wanted);
    std::size_t have = 0;
    while (have < wanted) {
        const auto got = uninterrupted([&] {
            return ::pread(fd, buffer.data.get() + have, wanted - have,
                           static_cast<off_t>(offset + have));
        });
        if (got < 0)
            return std::unexpected(systemError(errno, "cannot read", path));
        if (got == 0)
            break;
        have += static_cast<std::size_t>(got);
    }
    return buffer.bytes(have);
}

Result<void> syncFolder(const fs::path& folder) {
    Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() < 0 || uninterrupted([&] { return ::fsync(fd.get()); }) != 0)
        return std::unexpected(systemError(errno, "cannot flush folder", folder.string()));
    return {};
}

bool staysInside(std::string_view path) {
    if (path.empty() || path.front() == '/')
        return false;
    while (!path.empty()) {
        const auto slash = path.find('/');
        const auto name = path.substr(0, slash);
        if (name.empty() || name == "." || name == ".." || name.find('\0') != std::string_view::npos)
            return false;
        path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    }
    return true;
}

}  // namespace

Error systemError(int number, std::string_view what, std::string_view path) {
    auto code = ErrorCode::Io;
    if (number == ENOSPC || number == EDQUOT || number == EFBIG)
        code = ErrorCode::NoSpace;
    else if (number == ENOENT)
        code = ErrorCode::NotFound;
    return Error{code, fmt::format("{} {}: {}", what, path, std::strerror(number))};
}

DiskFiles::DiskFiles(Options options) : m_options(std::move(options)) {}

DiskFiles::~DiskFiles() = default;

DiskFiles::Handle::~Handle() {
    ::close(m_fd);
}

Result<fs::path> DiskFiles::place(const std::string& path) const {
    if (!staysInside(path))
        return fail(ErrorCode::Invalid, fmt::format("path '{}' leaves the log directory", path));
    return m_options.root / path;
}

Result<DiskFiles::OpenFile*> DiskFiles::file(const std::string& path, Create create) {
    if (auto known = m_open.find(path); known != m_open.end()) {
        m_recent.splice(m_recent.end(), m_recent, known->second.use);
        return &known->second;
    }
    const auto full = TRY(place(path));
    bool isNew = false;
    int fd = uninterrupted([&] { return ::open(full.c_str(), O_RDWR | O_CLOEXEC); });
    if (fd < 0 && errno == ENOENT && create == Create::Yes) {
        fd = uninterrupted([&] { return ::open(full.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600); });
        if (fd < 0 && errno == ENOENT) {
            std::error_code error;
            fs::create_directories(full.parent_path(), error);
            if (error)
                return std::unexpected(systemError(error.value(), "cannot create folder of", path));
            fd = uninterrupted([&] { return ::open(full.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600); });
        }
        isNew = true;
    }
    if (fd < 0)
        return std::unexpected(systemError(errno, "cannot open", path));
    while (m_open.size() >= std::max<std::size_t>(m_options.openMax, 1))
        close(m_open.find(m_recent.front()));
    const auto use = m_recent.insert(m_recent.end(), path);
    return &m_open.emplace(path, OpenFile{std::make_shared<Handle>(fd), isNew, use}).first->second;
}

void DiskFiles::close(std::unordered_map<std::string, OpenFile>::iterator entry) {
    // The folder entry of a new file must not be forgotten unflushed: its flush may come after it was closed.
    if (entry->second.isNew && m_options.syncs) {
        if (const auto full = place(entry->first))
            (void)syncFolder(full->parent_path());
    }
    m_recent.erase(entry->second.use);
    m_open.erase(entry);
}

void DiskFiles::forget(const std::string& pathOrFolder) {
    const auto below = pathOrFolder + '/';
    for (auto it = m_open.begin(); it != m_open.end();) {
        auto next = std::next(it);
        if (it->first == pathOrFolder || it->first.starts_with(below)) {
            m_recent.erase(it->second.use);
            m_open.erase(it);
        }
        it = next;
    }
}

Result<void> DiskFiles::syncFolder(const fs::path& folder) {
    return m_options.syncs ? odradek::real::syncFolder(folder) : Result<void>();
}

Result<Bytes> DiskFiles::perform(const io::DiskWrite& write) {
    auto* target = TRY(file(write.path, Create::Yes));
    if (m_options.unsynced)
        m_options.unsynced->willWrite(write.path, target->fd(), target->isNew, write.offset, write.data.size());
    if (write.preallocate != 0 && TRY(sizeOf(target->fd(), write.path)) < write.preallocate) {
        int done = uninterrupted([&] {
            return ::fallocate(target->fd(), 0, 0, static_cast<off_t>(write.preallocate));
        });
        if (done != 0 && errno == EOPNOTSUPP)
            done = ::ftruncate(target->fd(), static_cast<off_t>(write.preallocate));
        if (done != 0)
            return std::unexpected(systemError(errno, "cannot allocate", write.path));
    }
    TRY_OK(writeAll(target->fd(), write.offset, write.data, write.path));
    return Bytes();
}

Result<Bytes> DiskFiles::perform(const io::DiskRead& read) {
    auto* target = TRY(file(read.path, Create::No));
    return readAt(target->fd(), read.offset, read.size, read.path, m_pool);
}

std::optional<Bytes> DiskFiles::readCached(const io::DiskRead& read) {
    auto target = file(read.path, Create::No);
    if (!target)
        return std::nullopt;
    const auto size = sizeOf((*target)->fd(), read.path);
    if (!size)
        return std::nullopt;
    if (read.offset >= *size)
        return Bytes();
    const auto wanted = static_cast<std::size_t>(std::min(read.size, *size - read.offset));
    const auto buffer = m_pool.take(wanted);
    iovec area{buffer.data.get(), wanted};
    const auto got =
        ::preadv2((*target)->fd(), &area, 1, static_cast<off_t>(read.offset), RWF_NOWAIT);
    if (got < 0 || static_cast<std::size_t>(got) != wanted)
        return std::nullopt;
    return buffer.bytes(wanted);
}

Result<DiskFiles::Flush> DiskFiles::prepare(const io::DiskFlush& flush) {
    auto* target = TRY(file(flush.path, Create::No));
    if (!m_options.syncs)
        return Flush{};
    Flush job{target->handle, flush.path, {}, 0};
    if (m_options.unsynced)
        job.stamp = m_options.unsynced->syncBegins();
    if (target->isNew) {
        // A durable file needs a durable name, and its folder may be new as well.
        const auto full = TRY(place(flush.path));
        job.folders.push_back(full.parent_path());
        if (full.parent_path() != m_options.root)
            job.folders.push_back(full.parent_path().parent_path());
    }
    return job;
}

Result<Bytes> DiskFiles::Flush::run() const {
    if (!file)
        return Bytes();
    if (uninterrupted([&] { return ::fdatasync(file->fd()); }) != 0)
        return std::unexpected(systemError(errno, "cannot flush", path));
    for (const auto& folder : folders)
        TRY_OK(odradek::real::syncFolder(folder));
    return Bytes();
}

void DiskFiles::flushed(const Flush& flush) {
    if (m_options.unsynced && flush.file)
        m_options.unsynced->synced(flush.path, flush.stamp);
    if (flush.folders.empty())
        return;
    if (auto known = m_open.find(flush.path); known != m_open.end() && known->second.handle == flush.file)
        known->second.isNew = false;
}

Result<Bytes> DiskFiles::perform(const io::DiskFlush& flush) {
    const auto job = TRY(prepare(flush));
    auto result = job.run();
    if (result)
        flushed(job);
    return result;
}

Result<Bytes> DiskFiles::perform(const io::DiskTruncate& truncate) {
    auto* target = TRY(file(truncate.path, Create::No));
    if (uninterrupted([&] { return ::ftruncate(target->fd(), static_cast<off_t>(truncate.size)); }) != 0)
        return std::unexpected(systemError(errno, "cannot truncate", truncate.path));
    if (m_options.unsynced)
        m_options.unsynced->truncated(truncate.path, truncate.size);
    return Bytes();
}

Result<Bytes> DiskFiles::perform(const io::DiskReplace& replace) {
    const auto full = TRY(place(replace.path));
    forget(replace.path);
    auto temporary = full;
    temporary += kTemporarySuffix;
    const auto open = [&] {
        return uninterrupted([&] {
            return ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        });
    };
    int opened = open();
    if (opened < 0 && errno == ENOENT) {
        std::error_code error;
        fs::create_directories(full.parent_path(), error);
        opened = open();
    }
    Descriptor fd(opened);
    if (fd.get() < 0)
        return std::unexpected(systemError(errno, "cannot create", replace.path));
    auto written = writeAll(fd.get(), 0, replace.data, replace.path);
    if (written && m_options.syncs && uninterrupted([&] { return ::fdatasync(fd.get()); }) != 0)
        written = std::unexpected(systemError(errno, "cannot flush", replace.path));
    if (written && ::rename(temporary.c_str(), full.c_str()) != 0)
        written = std::unexpected(systemError(errno, "cannot replace", replace.path));
    if (!written) {
        ::unlink(temporary.c_str());
        return std::unexpected(written.error());
    }
    TRY_OK(syncFolder(full.parent_path()));
    if (m_options.unsynced)
        m_options.unsynced->removed(replace.path);
    return Bytes();
}

Result<Bytes> DiskFiles::perform(const io::DiskRename& rename) {
    const auto from = TRY(place(rename.from));
    const auto to = TRY(place(rename.to));
    forget(rename.from);
    forget(rename.to);
    if (::rename(from.c_str(), to.c_str()) != 0) {
        if (errno != ENOENT || fs::exists(to.parent_path()))
            return std::unexpected(systemError(errno, "cannot rename", rename.from));
        std::error_code error;
        fs::create_directories(to.parent_path(), error);
        if (::rename(from.c_str(), to.c_str()) != 0)
            return std::unexpected(systemError(errno, "cannot rename", rename.from));
    }
    TRY_OK(syncFolder(to.parent_path()));
    if (from.parent_path() != to.parent_path())
        TRY_OK(syncFolder(from.parent_path()));
    if (m_options.unsynced)
        m_options.unsynced->renamed(rename.from, rename.to);
    return Bytes();
}

Result<Bytes> DiskFiles::perform(const io::DiskRemove& remove) {
    const auto full = TRY(place(remove.path));
    forget(remove.path);
    std::error_code error;
    fs::remove_all(full, error);
    if (error)
        return std::unexpected(systemError(error.value(), "cannot remove", remove.path));
    if (m_options.unsynced)
        m_options.unsynced->removed(remove.path);
    return Bytes();
}

Result<std::vector<io::BootDisk::Entry>> RealBootDisk::list(const std::string& folder) {
    std::vector<Entry> entries;
    const auto full = folder.empty() ? m_root : m_root / folder;
    std::error_code error;
    for (fs::directory_iterator it(full, error), end; !error && it != end; it.increment(error)) {
        std::error_code ignored;
        const bool isFolder = it->is_directory(ignored);
        entries.push_back({it->path().filename().string(), isFolder, isFolder ? 0 : it->file_size(ignored)});
    }
    if (error && error.value() != ENOENT)
        return std::unexpected(systemError(error.value(), "cannot list", full.string()));
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
    return entries;
}

Result<Bytes> RealBootDisk::read(const std::string& path, std::uint64_t offset, std::uint64_t size) {
    if (!staysInside(path))
        return fail(ErrorCode::Invalid, fmt::format("path '{}' leaves the log directory", path));
    Descriptor fd(::open((m_root / path).c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() < 0)
        return std::unexpected(systemError(errno, "cannot open", path));
    return readAt(fd.get(), offset, size, path, m_pool);
}

}  // namespace odradek::real
