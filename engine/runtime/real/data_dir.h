// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "engine/base/result.h"
#include "engine/base/types.h"

namespace odradek::real {

/// The data directory of a running cluster, locked against a second instance: DATA/.lock holds our process id.
/// Lifecycle: locked while it lives; the lock falls with the process, however it ends. Thread: one at a time.
class DataDir {
public:
    /// Creates the directory when missing and locks it. Refused when another instance holds it (the message names its
    /// process id); Io when it cannot be created or written to. Every message says what to do.
    static Result<DataDir> open(const std::filesystem::path& path);
    /// As open, for a process that runs one node of a cluster: processes of different nodes may share the directory,
    /// but not with a process that runs them all.
    static Result<DataDir> openForNode(const std::filesystem::path& path, BrokerId node);
    /// A new directory below the system's temporary folder, removed with all in it when dropped.
    static Result<DataDir> openTemporary();

    DataDir(DataDir&& other) noexcept;
    DataDir& operator=(DataDir&& other) noexcept;
    ~DataDir();

    const std::filesystem::path& path() const { return m_path; }
    /// The log directory of a node: DATA/node-N.
    std::filesystem::path node(BrokerId id) const;

private:
    enum class Sharing { Alone, WithOtherNodes };

    DataDir() = default;
    Result<void> create(const std::filesystem::path& path);
    /// Locks a file of the directory and returns its descriptor.
    Result<int> lock(const std::string& name, Sharing sharing) const;

    std::filesystem::path m_path;
    int m_lock = -1;
    int m_nodeLock = -1;
    bool m_temporary = false;
};

/// Room on the file system of a directory, in bytes, as an unprivileged writer sees it.
struct DiskRoom {
    std::uint64_t total = 0;
    std::uint64_t usable = 0;
    /// Under 5 % left: workloads pause then.
    bool isNearlyFull() const { return usable < total / 20; }
};
Result<DiskRoom> diskRoom(const std::filesystem::path& path);

/// 16 random bytes from the operating system, never all zero.
Uuid randomUuid();
/// A random seed from the operating system.
std::uint64_t randomSeed();

/// Raises the limit of open files as far as the system allows; returns the limit then in force.
std::uint64_t raiseFileLimit();

}  // namespace odradek::real
