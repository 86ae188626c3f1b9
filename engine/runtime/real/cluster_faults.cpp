// SPDX-License-Identifier: GPL-3.0-or-later
// What can be done to the nodes of a cluster on purpose, and how it is healed.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "engine/base/prng.h"
#include "engine/runtime/real/cluster.h"
#include "engine/storage/log/segment.h"

namespace odradek::real {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kDelayMaxMs = 600'000;
constexpr std::int64_t kSlowMax = 100'000;
constexpr std::int64_t kJumpMaxMs = 10LL * 365 * 86'400'000;
constexpr std::int64_t kDriftMax = 500'000;
constexpr std::size_t kBatchHeader = 61;
/// Of a batch: before this its CRC does not look (base offset, length, leader epoch, magic, CRC).
constexpr std::size_t kCrcCoversFrom = 21;

struct OperationOf {
    DiskOperation operation;
    std::size_t bytes = 0;
};
OperationOf operationOf(const DiskEffect& effect) {
    if (const auto* write = std::get_if<io::DiskWrite>(&effect))
        return {DiskOperation::Write, write->data.size()};
    if (const auto* replace = std::get_if<io::DiskReplace>(&effect))
        return {DiskOperation::Write, replace->data.size()};
    if (const auto* read = std::get_if<io::DiskRead>(&effect))
        return {DiskOperation::Read, static_cast<std::size_t>(std::min<std::uint64_t>(read->size, 1u << 30))};
    if (std::holds_alternative<io::DiskFlush>(effect))
        return {DiskOperation::Flush, 0};
    return {DiskOperation::Other, 0};
}

bool isNodeFault(const Fault& fault) {
    return placeOf(fault.kind) == FaultPlace::Node;
}

Result<void> checkAmount(const Fault& fault) {
    const auto within = [&](std::int64_t low, std::int64_t high, const char* what) -> Result<void> {
        if (fault.amount >= low && fault.amount <= high)
            return {};
        return fail(ErrorCode::Invalid, what);
    };
    switch (fault.kind) {
    case FaultKind::LinkDelay:
        if (fault.jitterMs < 0 || fault.jitterMs > fault.amount)
            return fail(ErrorCode::Invalid, "the jitter of a delay goes from 0 to the delay");
        return within(1, kDelayMaxMs, "a delay goes from 1 ms to 10 minutes");
    case FaultKind::LinkDrop:
    case FaultKind::LinkDuplicate:
    case FaultKind::LinkReorder: return within(1, 10'000, "a share of frames goes from 0.01 % to 100 %");
    case FaultKind::DiskSlow: return within(2, kSlowMax, "a disk can be made 2 to 100,000 times slower");
    case FaultKind::ClockJump: return within(-kJumpMaxMs, kJumpMaxMs, "a clock jumps by at most ten years");
    case FaultKind::ClockDrift: return within(-kDriftMax, kDriftMax, "a clock drifts by at most 500,000 ppm");
    default: return {};
    }
}

}  // namespace

// ---- Nodes ---------------------------------------------------------------------------------------------------

/// A node that runs, or why nothing can be done to it.
Result<EmbeddedCluster::Node*> EmbeddedCluster::findRunning(BrokerId id) {
    auto* node = TRY(find(id));
    if (m_stopped)
        return fail(ErrorCode::Refused, "the cluster is shutting down");
    if (!node->broker)
        return fail(ErrorCode::Refused, fmt::format("node {} is not running; start it with: restart {}", id.value,
                                                    id.value));
    return node;
}

void EmbeddedCluster::nodeWent(const Node& node, FaultKind how) {
    m_faults->removeIf([&](const Fault& fault) { return isNodeFault(fault) && fault.broker == node.id.value; });
    m_faults->add({.kind = how, .broker = node.id.value});
}

bool EmbeddedCluster::isPaused(BrokerId id) const {
    const auto all = m_faults->active();
    return std::any_of(all.begin(), all.end(), [&](const Fault& fault) {
        return fault.kind == FaultKind::Paused && fault.broker == id.value;
    });
}

Result<void> EmbeddedCluster::killNode(BrokerId id) {
    std::lock_guard lock(m_changes);
    auto* node = TRY(findRunning(id));
    dropNode(*node);
    nodeWent(*node, FaultKind::Killed);
    return {};
}

Result<UnsyncedJournal::Loss> EmbeddedCluster::powerCutNode(BrokerId id) {
    std::lock_guard lock(m_changes);
    auto* node = TRY(findRunning(id));
    if (m_options.ephemeral)
        return fail(ErrorCode::Refused, "an ephemeral cluster syncs nothing: a power cut would lose all it has");
    if (!node->unsynced)
        return fail(ErrorCode::Refused, "power cuts were not asked for when this cluster was started");
    const auto journal = node->unsynced;
    dropNode(*node);
    nodeWent(*node, FaultKind::PowerLost);
    return journal->cut();
}

Result<void> EmbeddedCluster::stopNode(BrokerId id) {
    std::vector<Ending> endings;
    {
        std::lock_guard lock(m_changes);
        auto* node = TRY(findRunning(id));
        if (isPaused(id))
            return fail(ErrorCode::Refused, fmt::format("node {} is paused and does not hear a stop; resume or kill it",
                                                        id.value));
        endings = beginShutDown({node});
    }
    // Meanwhile others may heal what keeps it from ending, or kill it.
    auto clean = awaitShutDown(endings);
    std::lock_guard lock(m_changes);
    auto* node = TRY(find(id));
    if (node->broker == endings.front().broker) {
        dropNode(*node);
        nodeWent(*node, FaultKind::Stopped);
    }
    return clean;
}

Result<void> EmbeddedCluster::pauseNode(BrokerId id) {
    std::lock_guard lock(m_changes);
    auto* node = TRY(findRunning(id));
    if (isPaused(id))
        return fail(ErrorCode::Refused, fmt::format("node {} is paused already", id.value));
    forEachCore(*node, [](Executor& executor, CoreId core) { executor.pause(core); });
    m_faults->add({.kind = FaultKind::Paused, .broker = id.value});
    return {};
}

Result<void> EmbeddedCluster::resumeNode(BrokerId id) {
    std::lock_guard lock(m_changes);
    auto* node = TRY(findRunning(id));
    if (!isPaused(id))
        return fail(ErrorCode::Refused, fmt::format("node {} is not paused", id.value));
    resume(*node);
    return {};
}

void EmbeddedCluster::resume(const Node& node) {
    m_faults->removeIf([&](const Fault& f) { return f.kind == FaultKind::Paused && f.broker == node.id.value; });
    forEachCore(node, [](Executor& executor, CoreId core) { executor.resume(core); });
}

void EmbeddedCluster::forEachCore(const Node& node, const std::function<void(Executor&, CoreId)>& act) {
    std::optional<CoreId> broker, controller;
    {
        std::lock_guard lock(m_mutex);
        broker = node.broker;
        controller = node.controller;
    }
    if (controller)
        act(*node.executor, *controller);
    if (broker)
        act(*node.executor, *broker);
}

Result<void> EmbeddedCluster::restartNode(BrokerId id) {
    TRY(find(id));
    if (isPaused(id))
        TRY_OK(killNode(id));  // a paused process does not hear a stop
    else if (brokerPlace(id))
        TRY_OK(stopNode(id));
    Node* node = nullptr;
    {
        std::lock_guard lock(m_changes);
        node = TRY(find(id));
        if (m_stopped)
            return fail(ErrorCode::Refused, "the cluster is shutting down");
        if (!node->broker)  // else somebody else has started it
            TRY_OK(startNode(*node));
    }
    return awaitServing(*node);
}

/// Boots a node that is down; it serves some time after.
Result<void> EmbeddedCluster::startNode(Node& node) {
    auto sockets = TRY(ListenSockets::bind({.hosts = m_options.hosts, .port = node.port}));
    auto booted = bootNode(node, std::move(sockets));
    if (!booted) {
        dropNode(node);
        return booted;
    }
    m_faults->removeIf([&](const Fault& fault) { return isNodeFault(fault) && fault.broker == node.id.value; });
    return {};
}

Result<void> EmbeddedCluster::wipeNode(BrokerId id) {
    if (!m_options.peers.empty())
        return fail(ErrorCode::Refused, "wipe works where all nodes run in one process; here stop this one and delete "
                                        "its node folder");
    Node* node = nullptr;
    {
        std::lock_guard lock(m_changes);
        node = TRY(find(id));
        if (m_stopped)
            return fail(ErrorCode::Refused, "the cluster is shutting down");
        TRY_OK(mayWipe(*node));
        if (node->broker) {
            dropNode(*node);
            nodeWent(*node, FaultKind::Killed);
        }
    }
    // Back with an empty disk before the others know it was gone, it could count as in sync with nothing.
    TRY_OK(awaitFenced(id));
    {
        std::lock_guard lock(m_changes);
        if (node->broker)
            return fail(ErrorCode::Refused, fmt::format("node {} was started meanwhile and keeps its disk", id.value));
        std::error_code error;
        const auto folder = m_data.node(id);
        for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
            fs::remove_all(it->path(), error);
        if (error)
            return fail(ErrorCode::Io, fmt::format("cannot empty {}: {}", folder.string(), error.message()));
        TRY_OK(format(*node));
        TRY_OK(startNode(*node));
    }
    return awaitServing(*node);
}

Result<void> EmbeddedCluster::mayWipe(const Node& node) const {
    std::size_t controllers = 0;
    bool own = false;
    std::lock_guard lock(m_mutex);
    for (const auto& each : m_nodes) {
        controllers += each.controller.has_value();
        own = own || (each.id == node.id && each.controller.has_value());
    }
    if (controllers == 0 || (own && controllers == 1))
        return fail(ErrorCode::Refused, fmt::format("node {} cannot be wiped: {}", node.id.value,
                                                    own ? "it hosts the only controller, and with it all metadata"
                                                        : "no controller is running"));
    return {};
}

Result<void> EmbeddedCluster::awaitFenced(BrokerId id) {
    const auto controller = TRY(controllerPlace());
    const auto fenced = controller.executor->await(
        controller.core,
        [id](const io::Core& core) {
            const auto* broker = static_cast<const quorum::Controller&>(core).image().broker(id.value);
            return broker == nullptr || broker->fenced;
        },
        m_options.startMax);
    if (!fenced)
        return fail(fenced.error().code, fmt::format("the controller does not notice that node {} is down: {}",
                                                     id.value, fenced.error().message));
    return {};
}

// ---- Links, disks, clocks ------------------------------------------------------------------------------------

Result<std::uint64_t> EmbeddedCluster::setFault(Fault fault) {
    TRY_OK(checkAmount(fault));
    TRY_OK(checkPlace(fault));
    std::lock_guard lock(m_changes);
    if (m_stopped)
        return fail(ErrorCode::Refused, "the cluster is shutting down");
    if (fault.kind == FaultKind::ClockJump) {
        fault.amount += m_faults->skewOf(BrokerId(fault.broker)).wallOffsetMs;
        TRY_OK(checkAmount(fault));
    }
    const bool isClock = placeOf(fault.kind) == FaultPlace::Clock;
    const auto id = m_faults->add(fault);
    if (isClock && fault.amount == 0)
        m_faults->remove(id);  // right again
    applyFaults();
    return id;
}

Result<void> EmbeddedCluster::checkPlace(const Fault& fault) {
    switch (placeOf(fault.kind)) {
    case FaultPlace::Node:
        return fail(ErrorCode::Invalid, "a node is killed, stopped or paused by its own command");
    case FaultPlace::Disk:
    case FaultPlace::Clock: TRY(find(BrokerId(fault.broker))); return {};
    case FaultPlace::Link: break;
    }
    bool here = false;
    for (const auto end : {fault.broker, fault.peer}) {
        const auto* local = find(BrokerId(end)) ? "" : nullptr;
        const bool remote = std::any_of(m_options.peers.begin(), m_options.peers.end(),
                                        [&](const PeerNode& peer) { return peer.id.value == end; });
        if (local == nullptr && !remote && end != Fault::kClients)
            return fail(ErrorCode::NotFound, fmt::format("there is no node {}", end));
        here = here || local != nullptr;
    }
    if (fault.broker == fault.peer)
        return fail(ErrorCode::Invalid, "a link has two different ends");
    if (!here)
        return fail(ErrorCode::Refused, fmt::format("neither end of that link runs in this process; ask the process "
                                                    "of node {}", std::max(fault.broker, fault.peer)));
    const bool clients = fault.broker == Fault::kClients || fault.peer == Fault::kClients;
    if (clients && (fault.kind == FaultKind::LinkDuplicate || fault.kind == FaultKind::LinkReorder))
        return fail(ErrorCode::Refused, "clients speak TCP, which neither duplicates nor reorders: cut, delay or drop");
    return {};
}

/// Makes the runtime do what the plan says, wherever something has to be told.
void EmbeddedCluster::applyFaults() {
    for (auto& executor : m_executors)
        executor->faultsChanged();
    for (const auto& node : m_nodes) {
        applyDiskFaults(node);
        const auto skew = m_faults->skewOf(node.id);
        forEachCore(node, [&](Executor& executor, CoreId core) { executor.setClock(core, skew); });
    }
}

void EmbeddedCluster::applyDiskFaults(const Node& node) {
    if (!node.disk)
        return;
    if (!m_faults->hasDiskFaults(node.id))
        return node.disk->setInterposer(nullptr);
    node.disk->setInterposer([plan = m_faults, id = node.id](const DiskEffect& effect) {
        const auto what = operationOf(effect);
        return plan->beforeDisk(id, what.operation, what.bytes);
    });
}

// ---- Healing -------------------------------------------------------------------------------------------------

Result<void> EmbeddedCluster::heal(std::uint64_t id) {
    const auto fault = m_faults->find(id);
    if (!fault)
        return fail(ErrorCode::NotFound, fmt::format("there is no active fault {}", id));
    if (fault->kind == FaultKind::Paused)
        return resumeNode(BrokerId(fault->broker));
    if (isNodeFault(*fault))
        return restartNode(BrokerId(fault->broker));
    m_faults->remove(id);
    std::lock_guard lock(m_changes);
    applyFaults();
    return {};
}

Result<void> EmbeddedCluster::healAll() {
    // First what may keep others from ending: no lock is needed for it.
    m_faults->removeIf([](const Fault& fault) { return !isNodeFault(fault); });
    for (auto& executor : m_executors)
        executor->faultsChanged();
    std::vector<Node*> started;
    std::string problems;
    const auto note = [&](const Node& node, const Error& error) {
        problems += fmt::format("{}node {}: {}", problems.empty() ? "" : "; ", node.id.value, error.message);
    };
    {
        std::lock_guard lock(m_changes);
        if (m_stopped)
            return fail(ErrorCode::Refused, "the cluster is shutting down");
        applyFaults();
        for (auto& node : m_nodes) {
            if (node.broker) {
                resume(node);
                continue;
            }
            // All of them before any is waited for: one may need another to serve.
            if (auto done = startNode(node); done)
                started.push_back(&node);
            else
                note(node, done.error());
        }
    }
    for (auto* node : started)
        if (auto serving = awaitServing(*node); !serving)
            note(*node, serving.error());
    if (problems.empty())
        return {};
    return fail(ErrorCode::Io, "not all could be healed: " + problems);
}

// ---- Bits ----------------------------------------------------------------------------------------------------

Result<FlippedBit> EmbeddedCluster::flipBit(BrokerId id, const TopicPartition& partition) {
    TRY(find(id));
    std::vector<broker::SegmentView> segments;
    const auto view = TRY(inspectBroker(id, [](const broker::Broker& b, Now now) { return b.inspect(now); }));
    for (const auto& each : view.partitions)
        if (each.topic == partition.topic && each.partition == partition.partition)
            segments = each.segments;
    std::erase_if(segments, [](const broker::SegmentView& segment) { return segment.bytes < kBatchHeader; });
    if (segments.empty())
        return fail(ErrorCode::NotFound, fmt::format("node {} holds no records of {}-{}", id.value, partition.topic,
                                                     partition.partition));
    Prng chance(m_faultSeed + m_flips++);
    const auto& segment = segments[chance.below(segments.size())];
    FlippedBit bit;
    bit.file = m_data.node(id) / fmt::format("{}-{}", partition.topic, partition.partition) /
               storage::segmentFileName(segment.baseOffset, ".log");
    const int fd = ::open(bit.file.c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return fail(ErrorCode::Io, fmt::format("cannot open {}: {}", bit.file.string(), std::strerror(errno)));
    // The batches of the segment, then one byte that the CRC of one of them covers.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> batches;  ///< position, size
    std::array<std::uint8_t, 12> head{};
    for (std::uint64_t at = 0; at + kBatchHeader <= segment.bytes;) {
        if (::pread(fd, head.data(), head.size(), static_cast<off_t>(at)) != static_cast<ssize_t>(head.size()))
            break;
        const std::uint64_t size = 12 + (std::uint64_t{head[8]} << 24 | std::uint64_t{head[9]} << 16 |
                                         std::uint64_t{head[10]} << 8 | head[11]);
        if (size < kBatchHeader || at + size > segment.bytes)
            break;
        batches.emplace_back(at, size);
        at += size;
    }
    bool done = false;
    if (!batches.empty()) {
        const auto [at, size] = batches[chance.below(batches.size())];
        bit.position = at + kCrcCoversFrom + chance.below(size - kCrcCoversFrom);
        bit.bit = static_cast<int>(chance.below(8));
        std::uint8_t byte = 0;
        done = ::pread(fd, &byte, 1, static_cast<off_t>(bit.position)) == 1;
        byte = static_cast<std::uint8_t>(byte ^ (1u << bit.bit));
        done = done && ::pwrite(fd, &byte, 1, static_cast<off_t>(bit.position)) == 1;
    }
    ::close(fd);
    if (!done)
        return fail(ErrorCode::Io, fmt::format("found no record batch to damage in {}", bit.file.string()));
    return bit;
}

}  // namespace odradek::real
