// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace odradek::app {

/// What a verb of `odradekd ctl` gives: JSON for stdout, or one line for stderr, and the exit code.
struct ControlAnswer {
    int exitCode = 0;
    std::string text;
};

/// The Unix socket of a running odradekd, readable and writable by its user alone. A request is the words of a verb,
/// each ended by a zero byte, then the end of the stream; the answer is the exit code in decimal, a newline, the text.
/// Lifecycle: serves from `open` until dropped, each request on a thread of its own (one that takes long must not keep
/// a heal waiting); waits for those under way and removes its socket at the end. Thread: open and drop on one; the
/// handler runs on several.
class ControlServer {
public:
    using Handler = std::function<ControlAnswer(const std::vector<std::string>& words)>;
    /// Refused when another process serves on `path`; Io when the socket cannot be made there.
    static Result<ControlServer> open(const std::string& path, Handler handler);
    ~ControlServer();
    ControlServer(ControlServer&&) noexcept;
    ControlServer& operator=(ControlServer&&) noexcept;

private:
    struct State;
    explicit ControlServer(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

/// Sends words to the odradekd that serves on `path` and waits for the answer.
Result<ControlAnswer> askControl(const std::string& path, const std::vector<std::string>& words);

}  // namespace odradek::app
