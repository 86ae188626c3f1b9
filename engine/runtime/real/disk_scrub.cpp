// SPDX-License-Identifier: GPL-3.0-or-later
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "engine/runtime/real/disk_files.h"
#include "engine/runtime/real/fault_power.h"
#include "engine/storage/log/scrub.h"

namespace odradek::real {
namespace {

/// A file opened for one scrub.
class ScrubbedFile final : public storage::ScrubFile {
public:
    ScrubbedFile(int fd, std::string path, bool syncs) : m_fd(fd), m_path(std::move(path)), m_syncs(syncs) {}

    Result<std::size_t> read(std::uint64_t position, std::span<std::uint8_t> into) override {
        std::size_t have = 0;
        while (have < into.size()) {
            const auto got = ::pread(m_fd, into.data() + have, into.size() - have, static_cast<off_t>(position + have));
            if (got < 0 && errno == EINTR)
                continue;
            if (got < 0)
                return std::unexpected(systemError(errno, "cannot read", m_path));
            if (got == 0)
                break;
            have += static_cast<std::size_t>(got);
        }
        return have;
    }
    Result<void> write(std::uint64_t position, ByteSpan data) override {
        while (!data.empty()) {
            const auto wrote = ::pwrite(m_fd, data.data(), data.size(), static_cast<off_t>(position));
            if (wrote < 0 && errno == EINTR)
                continue;
            if (wrote <= 0)
                return std::unexpected(systemError(wrote == 0 ? ENOSPC : errno, "cannot write", m_path));
            data = data.subspan(static_cast<std::size_t>(wrote));
            position += static_cast<std::uint64_t>(wrote);
        }
        return {};
    }
    Result<void> flush() override {
        if (m_syncs && ::fdatasync(m_fd) != 0)
            return std::unexpected(systemError(errno, "cannot flush", m_path));
        return {};
    }

private:
    int m_fd;
    std::string m_path;
    bool m_syncs;
};

}  // namespace

Result<Bytes> DiskFiles::perform(const io::DiskScrub& scrub) {
    auto* target = TRY(file(scrub.path, Create::No));
    ScrubbedFile file(target->fd(), scrub.path, m_options.syncs);
    TRY(storage::scrubRange(file, scrub.from, scrub.to));
    // Its flush made all of the file durable; effects on the same path wait for it.
    if (m_options.unsynced)
        m_options.unsynced->synced(scrub.path, m_options.unsynced->syncBegins());
    return Bytes();
}

}  // namespace odradek::real
