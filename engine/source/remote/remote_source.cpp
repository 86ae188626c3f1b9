// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/source/remote/remote_source.h"

#include <charconv>

#include <fmt/format.h>

#include "engine/runtime/real/executor.h"
#include "engine/source/common/source_core.h"

namespace odradek::source {
namespace {

constexpr BrokerId kClientNode{-100};  ///< the executor's name for a core that is no broker

Poller::Pace paceFor(bool window) {
    Poller::Pace pace;
    if (!window) {
        pace.round = Milliseconds(5'000);
        pace.groups = Milliseconds(10'000);
        pace.logDirs = Milliseconds(30'000);
    }
    return pace;
}

}  // namespace

bool changesCluster(const api::Command& command) {
    return !std::holds_alternative<api::DescribeConfigs>(command) &&
           !std::holds_alternative<api::StartBrowse>(command) && !std::holds_alternative<api::StopBrowse>(command);
}

Result<std::vector<HostPort>> parseBootstrap(const std::string& text) {
    std::vector<HostPort> all;
    std::size_t at = 0;
    while (at <= text.size()) {
        const auto comma = std::min(text.find(',', at), text.size());
        auto part = text.substr(at, comma - at);
        at = comma + 1;
        while (!part.empty() && part.front() == ' ')
            part.erase(0, 1);
        while (!part.empty() && part.back() == ' ')
            part.pop_back();
        const auto colon = part.rfind(':');
        HostPort one;
        if (colon != std::string::npos) {
            one.host = part.substr(0, colon);
            const auto* end = part.data() + part.size();
            if (std::from_chars(part.data() + colon + 1, end, one.port).ptr != end)
                one.port = 0;
            if (one.host.size() > 2 && one.host.front() == '[' && one.host.back() == ']')
                one.host = one.host.substr(1, one.host.size() - 2);
        }
        if (one.host.empty() || one.port < 1 || one.port > 65535)
            return fail(ErrorCode::Invalid, fmt::format("'{}' is not HOST:PORT", part));
        all.push_back(std::move(one));
    }
    return all;
}

struct RemoteSource::Impl {
    std::shared_ptr<Mailbox> mailbox = std::make_shared<Mailbox>();
    std::shared_ptr<real::AddressBook> book = std::make_shared<real::AddressBook>();
    std::unique_ptr<real::Executor> executor;
    real::CoreId core;
    std::atomic<api::CommandId> nextCommand{1};

    void with(std::function<void(SourceCore&, Now, io::Effects&)> fn) {
        executor->withCore(core, [fn = std::move(fn)](io::Core* found, Now now, io::Effects& effects) {
            if (found != nullptr)
                fn(static_cast<SourceCore&>(*found), now, effects);
        });
    }
};

Result<std::unique_ptr<RemoteSource>> RemoteSource::attach(RemoteOptions options) {
    const auto addresses = TRY(parseBootstrap(options.bootstrap));
    client::ClientOptions client;
    client.network.clientId = "odradek-window";
    client.metadataMaxAge = Milliseconds(2'000);
    for (const auto& address : addresses)
        client.bootstrap.push_back({address.host, address.port, -1});
    auto impl = std::make_unique<Impl>();
    impl->executor = std::make_unique<real::Executor>(real::Executor::Options{"odradek-attach", {}}, impl->book);
    impl->executor->start();
    real::Executor::CoreSpec spec;
    spec.node = kClientNode;
    spec.core = std::make_unique<SourceCore>(impl->mailbox, client, paceFor(true));
    impl->core = impl->executor->add(std::move(spec));
    return std::unique_ptr<RemoteSource>(new RemoteSource(std::move(options), std::move(impl)));
}

RemoteSource::RemoteSource(RemoteOptions options, std::unique_ptr<Impl> impl)
    : m_options(std::move(options)), m_impl(std::move(impl)), m_readOnly(m_options.readOnly) {}

RemoteSource::~RemoteSource() {
    m_impl->mailbox->close();
    m_impl->executor->stop();
}

api::SourceInfo RemoteSource::info() const {
    return {api::SourceKind::Remote, m_options.name.empty() ? m_options.bootstrap : m_options.name,
            m_options.bootstrap};
}

void RemoteSource::setWake(std::function<void()> wake) { m_impl->mailbox->setWake(std::move(wake)); }
api::Update RemoteSource::drain() { return m_impl->mailbox->drain(); }

api::CommandId RemoteSource::submit(api::Command command) {
    const auto id = m_impl->nextCommand++;
    if (m_readOnly && changesCluster(command)) {
        api::CommandResult refused;
        refused.id = id;
        refused.error = "this cluster is attached read-only";
        m_impl->mailbox->put(std::move(refused));
        return id;
    }
    m_impl->with([id, command = std::move(command)](SourceCore& core, Now now, io::Effects& effects) {
        core.submit(now, id, command, effects);
    });
    return id;
}

void RemoteSource::setInterest(Interest interest) {
    m_impl->with([interest](SourceCore& core, Now, io::Effects&) { core.setPace(paceFor(interest.window)); });
}

}  // namespace odradek::source
