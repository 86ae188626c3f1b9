// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/time.h"
#include "engine/base/types.h"
#include "engine/broker/groups/classic_group.h"
#include "engine/broker/groups/group_io.h"

/// What a GroupCoordinator keeps per offsets partition and per append under way: plain, copyable data.
namespace odradek::broker {

/// A place in an answer that is put together from parts (several groups in one request).
struct ReplyPart {
    std::uint64_t gathering = 0;
    std::size_t first = 0;  ///< index of the first slot it fills
};

/// An answer that is ready but waits for an append: sent as it is when the records are replicated, turned into its
/// error form otherwise.
struct ParkedReply {
    std::variant<std::uint64_t, ReplyPart> to;  ///< a request's token, or a part of a larger answer
    GroupResponse response;
    std::int16_t version = 0;
};

// ---- What follows when an append ends ------------------------------------------------------------------------

/// Committed offsets change (or are removed).
struct OffsetsChange {
    std::string group;
    std::uint64_t incarnation = 0;
    std::map<TopicPartition, std::optional<OffsetEntry>> changes;
};
/// The leader's assignment was stored: members get it.
struct AssignmentStored {
    std::string group;
    std::uint64_t incarnation = 0;
    std::int32_t generation = 0;
    std::map<std::string, Bytes> assignments;
};
/// A static member came back under a new member id in a stable group; failing that, the old one has its place again.
struct StaticReplaced {
    std::string group;
    std::uint64_t incarnation = 0;
    std::string instanceId;
    std::string oldId;
    std::string newId;
    std::optional<std::string> oldLeader;
    Protocols oldProtocols;
    std::int32_t oldRebalanceTimeoutMs = 0;
    std::int32_t oldSessionTimeoutMs = 0;
};
/// A group was created; failing that, it goes away if nobody came meanwhile.
struct GroupCreated {
    std::string group;
    std::uint64_t incarnation = 0;
};
/// Nothing to do but to remember the record.
struct GroupEmptied {
    std::string group;
};
/// Groups were deleted; failing that, they come back.
struct GroupsDeleted {
    std::vector<ClassicGroup> saved;
};
/// A piece of a rewrite (see maybeRewrite).
struct RewritePiece {};

using AppendAction = std::variant<std::monostate, OffsetsChange, AssignmentStored, StaticReplaced, GroupCreated,
                                  GroupEmptied, GroupsDeleted, RewritePiece>;

/// One append on its way into the log.
struct PendingAppend {
    std::int32_t partition = 0;
    AppendAction action;
    std::string recordOf;          ///< the group whose record it writes, if any
    std::uint64_t recordIncarnation = 0;
    std::optional<Bytes> record;   ///< that record's value
    std::vector<ParkedReply> parked;
    bool late = false;  ///< offsets.commit.timeout.ms has passed: everybody has been told that it failed
};

/// The live entries of a partition being written anew at the end of its log.
struct Rewrite {
    bool waiting = true;  ///< for appends that were under way when it began; later ones are held back meanwhile
    std::vector<GroupAppend> held;
    std::set<std::uint64_t> outstanding;
    std::optional<Offset> begins;
    bool failed = false;
    std::int64_t liveBytes = 0;
};

struct OffsetsPartition {
    LeaderEpoch epoch;
    bool active = false;  ///< false while loading
    std::map<std::string, ClassicGroup> groups;
    std::set<std::uint64_t> underWay;  ///< tokens of appends given to the broker
    std::optional<Rewrite> rewrite;
    std::int64_t lastLiveBytes = 0;  ///< size of the live entries when last measured
    Instant rewriteNotBefore;
};

/// What a timer of the coordinator is about. Timers are looked at lazily: an entry whose subject has moved on is
/// dropped.
struct TimerSubject {
    enum class Kind : std::uint8_t { Member, Join, Sync, Append, Expiry };
    Kind kind = Kind::Member;
    std::int32_t partition = 0;
    std::string group;
    std::string member;
    std::uint64_t append = 0;
};

/// A larger answer being put together.
struct Gathering {
    std::uint64_t token = 0;
    std::int16_t version = 0;
    std::size_t missing = 0;
    GroupResponse response;
};

}  // namespace odradek::broker
