// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/fault.h"

#include <cstdlib>

#include <fmt/format.h>

namespace odradek {
namespace {

std::string endName(std::int32_t end, bool capital) {
    if (end == Fault::kClients)
        return capital ? "Clients" : "clients";
    return fmt::format("{}roker {}", capital ? 'B' : 'b', end);
}

std::string percent(std::int64_t hundredths) {
    if (hundredths % 100 == 0)
        return fmt::format("{} %", hundredths / 100);
    return fmt::format("{:.2f} %", static_cast<double>(hundredths) / 100);
}

/// "from broker 1 to broker 2" or "between broker 1 and broker 2".
std::string way(const Fault& fault) {
    const auto from = endName(fault.broker, false);
    const auto to = endName(fault.peer, false);
    return fault.oneWay ? fmt::format("from {} to {}", from, to)
                        : fmt::format("between {} and {}", from, to);
}

}  // namespace

FaultPlace placeOf(FaultKind kind) {
    if (kind <= FaultKind::Paused)
        return FaultPlace::Node;
    if (kind <= FaultKind::LinkReorder)
        return FaultPlace::Link;
    return kind <= FaultKind::DiskFlushError ? FaultPlace::Disk : FaultPlace::Clock;
}

std::string_view nameOf(FaultKind kind) {
    switch (kind) {
        case FaultKind::Killed:
            return "killed";
        case FaultKind::PowerLost:
            return "power-lost";
        case FaultKind::Stopped:
            return "stopped";
        case FaultKind::Paused:
            return "paused";
        case FaultKind::LinkCut:
            return "link-cut";
        case FaultKind::LinkDelay:
            return "link-delay";
        case FaultKind::LinkDrop:
            return "link-drop";
        case FaultKind::LinkDuplicate:
            return "link-duplicate";
        case FaultKind::LinkReorder:
            return "link-reorder";
        case FaultKind::DiskSlow:
            return "disk-slow";
        case FaultKind::DiskFull:
            return "disk-full";
        case FaultKind::DiskReadError:
            return "disk-read-error";
        case FaultKind::DiskWriteError:
            return "disk-write-error";
        case FaultKind::DiskFlushError:
            return "disk-fsync-error";
        case FaultKind::ClockJump:
            return "clock-jump";
        case FaultKind::ClockDrift:
            return "clock-drift";
    }
    return "";
}

std::string describe(const Fault& fault) {
    const auto broker = endName(fault.broker, true);
    switch (fault.kind) {
        case FaultKind::Killed:
            return broker + " was killed";
        case FaultKind::PowerLost:
            return broker + " lost power";
        case FaultKind::Stopped:
            return broker + " is stopped";
        case FaultKind::Paused:
            return broker + " is paused";
        case FaultKind::LinkCut:
            return fault.oneWay ? fmt::format("{} does not hear {}", endName(fault.peer, true),
                                              endName(fault.broker, false))
                                : fmt::format("{} and {} do not hear each other", broker,
                                              endName(fault.peer, false));
        case FaultKind::LinkDelay:
            return fault.jitterMs == 0
                       ? fmt::format("Frames {} take {} ms more", way(fault), fault.amount)
                       : fmt::format("Frames {} take {} ± {} ms more", way(fault), fault.amount,
                                     fault.jitterMs);
        case FaultKind::LinkDrop:
            return fmt::format("{} of the frames {} are lost", percent(fault.amount), way(fault));
        case FaultKind::LinkDuplicate:
            return fmt::format("{} of the frames {} arrive twice", percent(fault.amount),
                               way(fault));
        case FaultKind::LinkReorder:
            return fmt::format("{} of the frames {} are overtaken", percent(fault.amount),
                               way(fault));
        case FaultKind::DiskSlow:
            return fmt::format("The disk of broker {} is {} times slower", fault.broker,
                               fault.amount);
        case FaultKind::DiskFull:
            return fmt::format("The disk of broker {} is full", fault.broker);
        case FaultKind::DiskReadError:
            return fmt::format("The disk of broker {} fails to read", fault.broker);
        case FaultKind::DiskWriteError:
            return fmt::format("The disk of broker {} fails to write", fault.broker);
        case FaultKind::DiskFlushError:
            return fmt::format("The disk of broker {} fails to sync", fault.broker);
        case FaultKind::ClockJump:
            return fmt::format("The clock of broker {} is {} ms {}", fault.broker,
                               std::llabs(fault.amount), fault.amount < 0 ? "behind" : "ahead");
        case FaultKind::ClockDrift:
            return fmt::format("The clock of broker {} runs {} ppm too {}", fault.broker,
                               std::llabs(fault.amount), fault.amount < 0 ? "slow" : "fast");
    }
    return "";
}

}  // namespace odradek
