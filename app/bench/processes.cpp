// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bench/processes.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

namespace odradek::bench {
namespace fs = std::filesystem;

Result<Child> Child::spawn(const std::vector<std::string>& command, const fs::path& folder) {
    std::array<int, 2> out{};
    if (::pipe2(out.data(), O_CLOEXEC) != 0)
        return fail(ErrorCode::Io, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
    std::vector<char*> argv;
    for (const auto& word : command)
        argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    const auto pid = ::fork();
    if (pid == 0) {
        ::dup2(out[1], 1);
        if (!folder.empty() && ::chdir(folder.c_str()) != 0)
            ::_exit(126);
        ::execvp(argv[0], argv.data());
        ::_exit(127);
    }
    ::close(out[1]);
    if (pid < 0) {
        ::close(out[0]);
        return fail(ErrorCode::Io,
                    fmt::format("cannot start {}: {}", command[0], std::strerror(errno)));
    }
    return Child(pid, out[0]);
}

Child::Child(Child&& other) noexcept
    : m_pid(other.m_pid), m_out(other.m_out), m_text(std::move(other.m_text)) {
    other.m_pid = -1;
    other.m_out = -1;
}

Child::~Child() {
    if (m_pid > 0) {
        ::kill(m_pid, SIGTERM);
        for (int i = 0; i < 1000 && ::waitpid(m_pid, nullptr, WNOHANG) == 0; ++i) {
            if (i == 999) {
                ::kill(m_pid, SIGKILL);
                ::waitpid(m_pid, nullptr, 0);
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }
    if (m_out >= 0)
        ::close(m_out);
}

bool Child::readMore() {
    std::array<char, 4096> buffer;
    auto got = ::read(m_out, buffer.data(), buffer.size());
    while (got < 0 && errno == EINTR)
        got = ::read(m_out, buffer.data(), buffer.size());
    if (got <= 0)
        return false;
    m_text.append(buffer.data(), static_cast<std::size_t>(got));
    return true;
}

Result<std::string> Child::readLine() {
    for (;;) {
        if (const auto end = m_text.find('\n'); end != std::string::npos) {
            auto line = m_text.substr(0, end);
            m_text.erase(0, end + 1);
            return line;
        }
        if (!readMore())
            return fail(ErrorCode::Closed, "a child process ended early");
    }
}

Result<std::string> Child::finish() {
    while (readMore()) {
    }
    int status = 0;
    ::waitpid(m_pid, &status, 0);
    m_pid = -1;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return fail(ErrorCode::Io, fmt::format("a child process failed (status {})", status));
    return m_text;
}

double Child::cpuSeconds() const {
    // schedstat counts nanoseconds, but per thread; threads that ended are missing, which these
    // programs do not do often.
    double total = 0;
    std::error_code error;
    for (fs::directory_iterator it(fmt::format("/proc/{}/task", m_pid), error), end;
         !error && it != end; it.increment(error)) {
        std::ifstream file(it->path() / "schedstat");
        double nanoseconds = 0;
        file >> nanoseconds;
        total += nanoseconds * 1e-9;
    }
    return total;
}

std::size_t Child::privateBytes() const {
    return privateBytesOf(m_pid);
}

std::size_t privateBytesOf(pid_t pid) {
    std::ifstream file(pid == 0 ? "/proc/self/smaps_rollup"
                                : fmt::format("/proc/{}/smaps_rollup", pid));
    std::size_t total = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("Private_"))
            total += std::strtoull(line.c_str() + line.find(':') + 1, nullptr, 10) * 1024;
    }
    return total;
}

Result<std::string> bootstrapOf(const std::string& readyLine) {
    if (!readyLine.starts_with("ready "))
        return fail(ErrorCode::Invalid, fmt::format("expected a ready line, got '{}'", readyLine));
    return readyLine.substr(6);
}

fs::path binaryFolder() {
    return fs::read_symlink("/proc/self/exe").parent_path();
}

ScratchFolder::ScratchFolder(const fs::path& parent) {
    auto pattern = (parent / "odradek-bench-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr)
        m_path = pattern;
}

ScratchFolder::~ScratchFolder() {
    std::error_code ignored;
    if (!m_path.empty())
        fs::remove_all(m_path, ignored);
}

double seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

double ownCpuSeconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

}  // namespace odradek::bench
