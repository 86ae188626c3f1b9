// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace odradek::app::test {

/// A child process with its stdout and stderr in pipes. Killed when dropped. All waits end after 30 seconds.
class Spawned {
public:
    Spawned(const std::string& program, const std::vector<std::string>& args) {
        int out[2], err[2];
        if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0)
            return;
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, out[1], 1);
        ::posix_spawn_file_actions_adddup2(&actions, err[1], 2);
        std::vector<char*> argv{const_cast<char*>(program.c_str())};
        for (const auto& arg : args)
            argv.push_back(const_cast<char*>(arg.c_str()));
        argv.push_back(nullptr);
        if (::posix_spawn(&m_pid, program.c_str(), &actions, nullptr, argv.data(), environ) != 0)
            m_pid = -1;
        ::posix_spawn_file_actions_destroy(&actions);
        ::close(out[1]);
        ::close(err[1]);
        m_out = out[0];
        m_err = err[0];
    }
    ~Spawned() {
        if (m_pid > 0) {
            ::kill(m_pid, SIGKILL);
            ::waitpid(m_pid, nullptr, 0);
        }
        ::close(m_out);
        ::close(m_err);
    }
    Spawned(const Spawned&) = delete;

    pid_t pid() const { return m_pid; }
    void signal(int number) { ::kill(m_pid, number); }
    /// The next line of stdout; nothing when it ends before.
    std::optional<std::string> readLine() {
        for (;;) {
            if (const auto end = m_outText.find('\n'); end != std::string::npos) {
                auto line = m_outText.substr(0, end);
                m_outText.erase(0, end + 1);
                return line;
            }
            if (!readMore(m_out, m_outText))
                return std::nullopt;
        }
    }
    /// Waits for the end; -1 when a signal ended it.
    int wait() {
        while (readMore(m_out, m_outText)) {
        }
        while (readMore(m_err, m_errText)) {
        }
        int status = 0;
        ::waitpid(m_pid, &status, 0);
        m_pid = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    const std::string& out() const { return m_outText; }
    const std::string& err() const { return m_errText; }

private:
    static bool readMore(int fd, std::string& into) {
        pollfd wait{fd, POLLIN, 0};
        char buffer[4096];
        if (::poll(&wait, 1, 30'000) != 1)
            return false;
        const auto got = ::read(fd, buffer, sizeof buffer);
        if (got <= 0)
            return false;
        into.append(buffer, static_cast<std::size_t>(got));
        return true;
    }
    pid_t m_pid = -1;
    int m_out = -1;
    int m_err = -1;
    std::string m_outText;
    std::string m_errText;
};

}  // namespace odradek::app::test
