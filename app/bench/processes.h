// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

#include "engine/base/result.h"

namespace odradek::bench {

/// A measured child process. Its stdout is read line by line; stderr is ours. Ended when dropped (SIGTERM, then
/// SIGKILL after ten seconds).
class Child {
public:
    static Result<Child> spawn(const std::vector<std::string>& command, const std::filesystem::path& folder = {});
    Child(Child&& other) noexcept;
    Child& operator=(Child&&) = delete;
    ~Child();

    /// The next line of stdout without its end; Closed when there is none.
    Result<std::string> readLine();
    /// Reads stdout to its end and waits; the text, or Io when it ended badly.
    Result<std::string> finish();
    /// Processor time used so far, user and system, in seconds.
    double cpuSeconds() const;
    /// Memory that is this process's own (private pages), in bytes.
    std::size_t privateBytes() const;
    pid_t pid() const { return m_pid; }

private:
    Child(pid_t pid, int out) : m_pid(pid), m_out(out) {}
    bool readMore();
    pid_t m_pid = -1;
    int m_out = -1;
    std::string m_text;
};

/// The addresses after "ready " in a line; Invalid for another line.
Result<std::string> bootstrapOf(const std::string& readyLine);

/// The folder of our programs.
std::filesystem::path binaryFolder();
/// Private memory of a process in bytes (smaps_rollup); 0 = this one.
std::size_t privateBytesOf(pid_t pid);

/// A new folder below `parent` that vanishes with all in it.
class ScratchFolder {
public:
    explicit ScratchFolder(const std::filesystem::path& parent);
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    const std::filesystem::path& path() const { return m_path; }

private:
    std::filesystem::path m_path;
};

/// Seconds on the monotonic clock.
double seconds();
/// Processor time of this process, in seconds.
double ownCpuSeconds();

}  // namespace odradek::bench
