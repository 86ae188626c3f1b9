// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "engine/api/source.h"
#include "engine/base/result.h"

namespace odradek::source {

struct RemoteOptions {
    std::string name;       ///< in the cluster switcher; empty = the bootstrap address
    std::string bootstrap;  ///< HOST:PORT[,HOST:PORT...]
    bool readOnly = true;
};

/// A PLAINTEXT cluster that is not ours, seen through ordinary requests. Reconnects by itself for
/// as long as it lives; a wrong address is a state in the snapshot, not an error here.
class RemoteSource final : public api::Source {
public:
    /// Invalid when `bootstrap` is no list of HOST:PORT.
    static Result<std::unique_ptr<RemoteSource>> attach(RemoteOptions options);
    ~RemoteSource() override;

    api::SourceInfo info() const override;
    void setWake(std::function<void()> wake) override;
    api::Update drain() override;
    api::CommandId submit(api::Command command) override;
    bool readOnly() const override { return m_readOnly; }
    void setReadOnly(bool readOnly) override { m_readOnly = readOnly; }
    void setInterest(Interest interest) override;

private:
    struct Impl;
    RemoteSource(RemoteOptions options, std::unique_ptr<Impl> impl);

    RemoteOptions m_options;
    std::unique_ptr<Impl> m_impl;
    std::atomic<bool> m_readOnly;
};

/// Whether a command changes the cluster (and is refused while read-only).
bool changesCluster(const api::Command& command);

/// "HOST:PORT,HOST:PORT" as addresses; ports 1-65535; [v6]:port is understood.
struct HostPort {
    std::string host;
    std::int32_t port = 0;
};
Result<std::vector<HostPort>> parseBootstrap(const std::string& text);

}  // namespace odradek::source
