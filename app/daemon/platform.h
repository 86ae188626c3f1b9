// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/base/result.h"
#include "engine/runtime/real/executor.h"

namespace odradek::app {

/// The retail platform beside a running cluster, for odradekd --workload: creates its topics, then runs its
/// applications on librdkafka until destroyed. What goes wrong with a client is a line in the log. Thread: one.
class Platform {
public:
    /// Timeout when the topics cannot be made.
    static Result<std::unique_ptr<Platform>> start(const std::string& bootstrap, int brokers, std::int32_t rate,
                                                   real::LogSink log);
    ~Platform();

private:
    struct Impl;
    explicit Platform(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

}  // namespace odradek::app
