// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "engine/io/ports.h"

namespace odradek::io {

/// What a runtime drives: a broker, a controller or a client. Deterministic; one owner thread at a time.
/// Lifecycle: constructed (and booted) by a factory, stepped until dropped. A crash is just dropping the value.
class Core {
public:
    virtual ~Core() = default;
    /// Handles one event. Never blocks. Effects are appended in the order they are to be performed.
    virtual void step(Now now, const Event& event, Effects& effects) = 0;
    /// When the core wants a Tick at the latest; Instant::never() when nothing is pending.
    virtual Instant nextWake() const = 0;
    /// A copy that goes on identically: for checkpoints and forks of a world.
    virtual std::unique_ptr<Core> clone() const = 0;
};

}  // namespace odradek::io
