// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/client/core/client.h"
#include "engine/io/core.h"

namespace odradek::sim {

/// An administrator: creates, grows and deletes topics nobody writes to, and changes configurations. One wish after
/// the other, each asked for until the cluster has said yes, so that in the end it is known what must be there. A
/// core around a client::Client; a copyable value.
class AdminApp final : public io::Core {
public:
    explicit AdminApp(client::ClientOptions options) : m_client(std::move(options)) {}

    void step(Now now, const io::Event& event, io::Effects& effects) override;
    Instant nextWake() const override;
    std::unique_ptr<io::Core> clone() const override { return std::make_unique<AdminApp>(*this); }

    void createTopic(Now now, std::string name, std::int32_t partitions, io::Effects& effects);
    void deleteTopic(Now now, std::string name, io::Effects& effects);
    void growTopic(Now now, std::string name, std::int32_t partitions, io::Effects& effects);
    void setConfig(Now now, std::string topic, std::string key, std::string value,
                   io::Effects& effects);

    /// Asks for everything once more: a wish that got no answer may have been carried out late, after a later one.
    void insist(Now now, io::Effects& effects);

    bool done() const { return m_wishes.empty(); }
    /// What it waits for, and what it was told last.
    std::string waitsFor() const;
    /// Topics as they are to be once all is done: name and partitions.
    const std::map<std::string, std::int32_t>& topics() const { return m_topics; }
    const std::map<std::pair<std::string, std::string>, std::string>& configs() const {
        return m_configs;
    }
    const std::vector<std::string>& problems() const { return m_problems; }

private:
    struct Wish {
        enum class Kind : std::uint8_t { Create, Delete, Grow, Config };
        Kind kind = Kind::Create;
        std::string topic;
        std::int32_t partitions = 0;
        std::string key;
        std::string value;
    };
    void want(Now now, Wish wish, io::Effects& effects);
    void ask(Now now, io::Effects& effects);
    std::optional<std::int16_t> errorIn(const client::Reply& reply) const;

    client::Client m_client;
    std::deque<Wish> m_wishes;
    std::optional<client::CallId> m_asked;
    std::int16_t m_lastError = 0;  ///< -1 = no answer
    Instant m_askAt = Instant::never();
    std::map<std::string, std::int32_t> m_topics;
    std::set<std::string> m_names;  ///< all that were ever wanted
    std::map<std::pair<std::string, std::string>, std::string> m_configs;
    std::vector<std::string> m_problems;
};

}  // namespace odradek::sim
