// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>

#include "engine/client/core/client.h"
#include "engine/io/core.h"
#include "engine/source/common/browse.h"
#include "engine/source/common/desk.h"
#include "engine/source/common/mailbox.h"
#include "engine/source/remote/poller.h"

namespace odradek::source {

/// The client side of a source as one core: commands (Desk), readers (Browse), and, for clusters that are not ours, the
/// Poller that makes snapshots. What comes out goes into the mailbox. Driven by an executor; `submit` is called between
/// steps on its thread.
class SourceCore final : public io::Core {
public:
    /// `poll` = makes snapshots by asking (remote clusters); without it the owner makes them.
    SourceCore(std::shared_ptr<Mailbox> mailbox, client::ClientOptions options, std::optional<Poller::Pace> poll);

    void step(Now now, const io::Event& event, io::Effects& effects) override;
    Instant nextWake() const override;
    std::unique_ptr<io::Core> clone() const override { return std::make_unique<SourceCore>(*this); }

    void submit(Now now, api::CommandId id, const api::Command& command, io::Effects& effects);
    void setPace(Poller::Pace pace);
    const client::Client& client() const { return m_client; }

private:
    void startBrowse(Now now, api::CommandId id, const api::StartBrowse& request, io::Effects& effects);
    void stopBrowse(api::CommandId id, io::Effects& effects);
    void stepBrowses(Now now, const io::Event& event, bool tick, io::Effects& effects);
    void deliver(Now now, io::Effects& effects);
    void publish(Now now);

    std::shared_ptr<Mailbox> m_mailbox;
    client::ClientOptions m_options;
    client::Client m_client;
    Desk m_desk;
    std::optional<Poller> m_poller;
    std::list<std::pair<api::CommandId, Browse>> m_browses;
    std::uint64_t m_browseCount = 0;
    bool m_started = false;
    bool m_everLive = false;
    Instant m_holdCheckAt = Instant::never();  ///< while readers hold back: look again
    Instant m_publishAt = Instant::never();
    std::uint64_t m_version = 0;
    api::SnapshotPtr m_last;
};

}  // namespace odradek::source
