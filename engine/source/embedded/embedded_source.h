// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "engine/api/source.h"
#include "engine/runtime/real/cluster.h"

namespace odradek::source {

struct EmbeddedOptions {
    std::string name = "retail-dev";
    real::ClusterOptions cluster;
    bool workload = true;    ///< run the retail platform
    std::int32_t rate = 50;  ///< its records per second at the start
    std::uint64_t workloadSeed = 1;
};

/// Our own cluster, looked at from inside: brokers and controller are inspected between their steps
/// (no polling traffic, exact values), changes go through ordinary requests over loopback, and the
/// retail platform runs on librdkafka.
///
/// Lifecycle: open() returns at once, the cluster starts behind it; the snapshot says Starting,
/// Live, or Failed with the reason. The destructor stops the platform, then the cluster, cleanly.
class EmbeddedSource final : public api::Source {
public:
    explicit EmbeddedSource(EmbeddedOptions options);
    ~EmbeddedSource() override;

    api::SourceInfo info() const override;
    void setWake(std::function<void()> wake) override;
    api::Update drain() override;
    api::CommandId submit(api::Command command) override;
    bool readOnly() const override;
    void setReadOnly(bool readOnly) override;
    void setInterest(Interest interest) override;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace odradek::source
