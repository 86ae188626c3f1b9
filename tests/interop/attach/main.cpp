// SPDX-License-Identifier: GPL-3.0-or-later
// odradek_attach_probe BOOTSTRAP: attaches as the window does (RemoteSource) and tells over stdin and stdout what it
// sees. One JSON request per line, one answer per line:
//   {"do": "snapshot"}                      the newest snapshot, null before the first
//   {"do": "submit", "command": {...}}      the id of a command
//   {"do": "result", "id": N}               its result, null while it is on its way
//   {"do": "read", "id": N}                 records of a browse since the last read, and its last chunk
//   {"do": "events"}                        events since the last call
//   {"do": "readOnly", "value": true}       locks or unlocks it
// A bootstrap address that is none ends it with exit code 1 and the reason on stderr.
#include <cstdio>
#include <iostream>
#include <map>
#include <string>

#include "engine/source/remote/remote_source.h"
#include "tests/interop/attach/wire.h"

namespace odradek::attach {
namespace {

class Probe {
public:
    explicit Probe(api::Source& source) : m_source(source) {}

    Json answer(const Json& request) {
        drain();
        const std::string what = request.at("do");
        if (what == "snapshot")
            return m_snapshot ? toJson(*m_snapshot) : Json(nullptr);
        if (what == "submit")
            return m_source.submit(commandFrom(request.at("command")));
        if (what == "result") {
            const auto found = m_results.find(request.at("id").get<api::CommandId>());
            return found == m_results.end() ? Json(nullptr) : toJson(found->second);
        }
        if (what == "read")
            return std::exchange(m_browses[request.at("id").get<api::CommandId>()],
                                 {{"records", Json::array()}, {"last", nullptr}});
        if (what == "events")
            return std::exchange(m_events, Json::array());
        if (what == "readOnly") {
            m_source.setReadOnly(request.at("value").get<bool>());
            return m_source.readOnly();
        }
        throw std::invalid_argument("do " + what);
    }

private:
    void drain() {
        auto update = m_source.drain();
        if (update.snapshot)
            m_snapshot = std::move(update.snapshot);
        for (auto& event : update.events)
            m_events.push_back(toJson(event));
        for (auto& result : update.results)
            m_results[result.id] = std::move(result);
        for (const auto& chunk : update.chunks) {
            auto& browse = m_browses[chunk.browse];
            if (browse.is_null())
                browse = {{"records", Json::array()}, {"last", nullptr}};
            for (const auto& record : chunk.records)
                browse["records"].push_back(toJson(record));
            browse["last"] = toJson(chunk);
        }
    }

    api::Source& m_source;
    api::SnapshotPtr m_snapshot;
    Json m_events = Json::array();
    std::map<api::CommandId, api::CommandResult> m_results;
    std::map<api::CommandId, Json> m_browses;
};

int run(const char* bootstrap) {
    auto source = source::RemoteSource::attach({{}, bootstrap, true});
    if (!source) {
        std::fprintf(stderr, "%s\n", source.error().message.c_str());
        return 1;
    }
    (*source)->setWake([] {});
    Probe probe(**source);
    for (std::string line; std::getline(std::cin, line);) {
        Json reply;
        try {
            reply = {{"answer", probe.answer(Json::parse(line))}};
        } catch (const std::exception& error) {
            reply = {{"failed", error.what()}};
        }
        std::cout << reply.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
    }
    return 0;
}

}  // namespace
}  // namespace odradek::attach

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: odradek_attach_probe HOST:PORT,...\n");
        return 2;
    }
    return odradek::attach::run(argv[1]);
}
