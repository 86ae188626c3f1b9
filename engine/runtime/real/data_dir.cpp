// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/real/data_dir.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <fmt/format.h>

#include "engine/base/check.h"

namespace odradek::real {
namespace fs = std::filesystem;
namespace {

constexpr auto kLockName = ".lock";

std::string holderOf(int lockFd) {
    std::array<char, 32> text{};
    const auto got = ::pread(lockFd, text.data(), text.size() - 1, 0);
    std::string pid(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    while (!pid.empty() && pid.back() == '\n')
        pid.pop_back();
    return pid.empty() ? "unknown" : pid;
}

}  // namespace

Result<DataDir> DataDir::open(const fs::path& path) {
    DataDir dir;
    TRY_OK(dir.create(path));
    dir.m_lock = TRY(dir.lock(kLockName, Sharing::Alone));
    return dir;
}

Result<DataDir> DataDir::openForNode(const fs::path& path, BrokerId node) {
    DataDir dir;
    TRY_OK(dir.create(path));
    dir.m_lock = TRY(dir.lock(kLockName, Sharing::WithOtherNodes));
    dir.m_nodeLock = TRY(dir.lock(fmt::format("{}-node-{}", kLockName, node.value), Sharing::Alone));
    return dir;
}

Result<void> DataDir::create(const fs::path& path) {
    std::error_code error;
    fs::create_directories(path, error);
    if (error)
        return fail(ErrorCode::Io, fmt::format("cannot create data directory {}: {}; choose another one with --data",
                                               path.string(), error.message()));
    m_path = fs::canonical(path, error);
    if (error)
        m_path = path;
    return {};
}

Result<int> DataDir::lock(const std::string& name, Sharing sharing) const {
    const auto file = m_path / name;
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(ErrorCode::Io, fmt::format("data directory {} is not writable: {}; change its permissions or "
                                               "choose another one with --data",
                                               m_path.string(), std::strerror(errno)));
    if (::flock(fd, (sharing == Sharing::Alone ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
        const int number = errno;
        const auto holder = holderOf(fd);
        ::close(fd);
        if (number != EWOULDBLOCK)
            return fail(ErrorCode::Io, fmt::format("cannot lock {}: {}", file.string(), std::strerror(number)));
        return fail(ErrorCode::Refused,
                    fmt::format("data directory {} is in use by process {}; stop it or choose another one with --data",
                                m_path.string(), holder));
    }
    const auto pid = fmt::format("{}\n", ::getpid());
    if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        const int number = errno;
        ::close(fd);
        return fail(ErrorCode::NoSpace, fmt::format("cannot write to data directory {}: {}; make room or choose "
                                                    "another one with --data",
                                                    m_path.string(), std::strerror(number)));
    }
    return fd;
}

Result<DataDir> DataDir::openTemporary() {
    std::error_code error;
    auto base = fs::temp_directory_path(error);
    if (error)
        base = "/tmp";
    auto pattern = (base / "odradek-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
        return fail(ErrorCode::Io, fmt::format("cannot create a temporary directory in {}: {}; set TMPDIR",
                                               base.string(), std::strerror(errno)));
    auto dir = TRY(open(pattern));
    dir.m_temporary = true;
    return dir;
}

DataDir::DataDir(DataDir&& other) noexcept
    : m_path(std::move(other.m_path)),
      m_lock(std::exchange(other.m_lock, -1)),
      m_nodeLock(std::exchange(other.m_nodeLock, -1)),
      m_temporary(std::exchange(other.m_temporary, false)) {}

DataDir& DataDir::operator=(DataDir&& other) noexcept {
    std::swap(m_path, other.m_path);
    std::swap(m_lock, other.m_lock);
    std::swap(m_nodeLock, other.m_nodeLock);
    std::swap(m_temporary, other.m_temporary);
    return *this;
}

DataDir::~DataDir() {
    if (m_temporary) {
        std::error_code ignored;
        fs::remove_all(m_path, ignored);
    }
    if (m_lock >= 0)
        ::close(m_lock);
    if (m_nodeLock >= 0)
        ::close(m_nodeLock);
}

fs::path DataDir::node(BrokerId id) const {
    return m_path / fmt::format("node-{}", id.value);
}

Result<DiskRoom> diskRoom(const fs::path& path) {
    struct statvfs info {};
    if (::statvfs(path.c_str(), &info) != 0)
        return fail(ErrorCode::Io, fmt::format("cannot ask for room on {}: {}", path.string(), std::strerror(errno)));
    return DiskRoom{std::uint64_t{info.f_blocks} * info.f_frsize, std::uint64_t{info.f_bavail} * info.f_frsize};
}

Uuid randomUuid() {
    Uuid id;
    while (id.isZero())
        ODRADEK_CHECK(::getrandom(id.bytes.data(), id.bytes.size(), 0) == static_cast<ssize_t>(id.bytes.size()),
                      "the system gives random bytes");
    return id;
}

std::uint64_t randomSeed() {
    std::uint64_t seed = 0;
    ODRADEK_CHECK(::getrandom(&seed, sizeof seed, 0) == static_cast<ssize_t>(sizeof seed),
                  "the system gives random bytes");
    return seed;
}

std::uint64_t raiseFileLimit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 1024;
    if (limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
        ::getrlimit(RLIMIT_NOFILE, &limit);
    }
    return limit.rlim_cur;
}

}  // namespace odradek::real
