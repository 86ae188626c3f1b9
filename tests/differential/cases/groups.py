# SPDX-License-Identifier: GPL-3.0-or-later
"""The classic group protocol: joining, syncing, heartbeats, leaving, and looking at groups."""

import struct
import time

from harness.registry import case
from wire import schema


def subscription(*topics, data=None, version=1):
    """What a consumer tells its group's leader: a version and the topics it wants. Kafka's
    coordinator reads it, so nonsense would not do."""
    body = schema.clientData("ConsumerProtocolSubscription").encode(
        version, {"Topics": list(topics), "UserData": data})
    return struct.pack(">h", version) + body


RANGE = [{"Name": "range", "Metadata": subscription("orders")}]
BOTH = [{"Name": "cooperative-sticky", "Metadata": subscription("orders", data=b"sticky")},
        {"Name": "range", "Metadata": subscription("orders")}]
OTHER = [{"Name": "range", "Metadata": subscription("orders", "payments")}]


def join(group, member="", protocols=RANGE, session=30000, rebalance=30000, instance=None,
         kind="consumer", reason=None):
    return {"GroupId": group, "MemberId": member, "SessionTimeoutMs": session,
            "RebalanceTimeoutMs": rebalance, "ProtocolType": kind, "Protocols": protocols,
            "GroupInstanceId": instance, "Reason": reason}


def sync(group, generation, member, assignments=(), instance=None, kind="consumer",
         name="range"):
    return {"GroupId": group, "GenerationId": generation, "MemberId": member,
            "GroupInstanceId": instance, "ProtocolType": kind, "ProtocolName": name,
            "Assignments": [{"MemberId": who, "Assignment": what} for who, what in assignments]}


def inState(state):
    """For until=: the described group has this state."""
    return lambda answer: answer["Groups"][0]["GroupState"] == state


def listed(group, state="Stable"):
    """For until=: the group is listed, in this state where the version tells states."""
    return lambda answer: any(each["GroupId"] == group
                              and each.get("GroupState", state) == state
                              for each in answer["Groups"])


def heartbeat(group, generation, member, instance=None):
    return {"GroupId": group, "GenerationId": generation, "MemberId": member,
            "GroupInstanceId": instance}


def leave(group, *members):
    """members: member id or (member id, instance id)."""
    pairs = [each if isinstance(each, tuple) else (each, None) for each in members]
    return {"GroupId": group, "MemberId": pairs[0][0] if pairs else "",
            "Members": [{"MemberId": who, "GroupInstanceId": instance, "Reason": "test"}
                        for who, instance in pairs]}


def enter(t, group, node, **options):
    """Joins unrecorded at the helper version as the only member, becoming leader; returns the
    answer. The id the broker hands out first is used for the second try."""
    first = t.do("JoinGroup", join(group, **options), node, checked=False)
    if schema.errorName(first["ErrorCode"]) == "MEMBER_ID_REQUIRED":
        first = t.do("JoinGroup", join(group, first["MemberId"], **options), node)
    return first


def settle(t, group, node, joined, assignment=b"mine", **options):
    t.do("SyncGroup", sync(group, joined["GenerationId"], joined["MemberId"],
                           [(joined["MemberId"], assignment)], **options), node)


def stable(t, label="group", **options):
    """A stable group of one member: (group, node, member id, generation)."""
    group, node = t.group(label)
    joined = enter(t, group, node, **options)
    settle(t, group, node, joined, instance=options.get("instance"),
           name=joined["ProtocolName"])
    t.names.member(joined["MemberId"])
    return group, node, joined["MemberId"], joined["GenerationId"]


def joinTwice(t, label, group, node, **options):
    """Joins at the version under test, noting the detour over MEMBER_ID_REQUIRED."""
    answer = t.ask(label, join(group, **options), node=node)
    if schema.errorName(answer["ErrorCode"]) == "MEMBER_ID_REQUIRED":
        answer = t.ask(f"{label} with the id", join(group, answer["MemberId"], **options),
                       node=node)
    return answer


# ---- JoinGroup ---------------------------------------------------------------------------------

@case("JoinGroup")
def single_member(t):
    group, node = t.group()
    answer = joinTwice(t, "join", group, node, protocols=BOTH)
    settle(t, group, node, answer, name=answer["ProtocolName"])
    t.ask("join again unchanged", join(group, answer["MemberId"], BOTH), node=node)


@case("JoinGroup")
def changed_metadata(t):
    group, node = t.group()
    answer = joinTwice(t, "join", group, node)
    settle(t, group, node, answer)
    t.ask("other metadata", join(group, answer["MemberId"], OTHER), node=node)


@case("JoinGroup")
def two_members(t):
    group, node, first, generation = stable(t, protocols=BOTH)
    second = t.askLater("second joins", join(group, protocols=BOTH), node=node)
    if t.version >= 4:
        given = second.result()["MemberId"]
        second = t.askLater("second joins with the id", join(group, given, BOTH), node=node)
    awaitRebalance(t, group, node, first, generation)
    t.note("second waits", second.pending())
    leader = t.ask("first joins again", join(group, first, BOTH), node=node)
    follower = second.result()
    t.note("same generation", leader["GenerationId"] == follower["GenerationId"])


def awaitRebalance(t, group, node, member, generation, instance=None):
    """Until a heartbeat of the member answers REBALANCE_IN_PROGRESS."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        answer = t.do("Heartbeat", heartbeat(group, generation, member, instance), node,
                      checked=False)
        if schema.errorName(answer["ErrorCode"]) == "REBALANCE_IN_PROGRESS":
            return
        time.sleep(0.005)
    raise TimeoutError("no rebalance")


@case("JoinGroup")
def protocol_choice(t):
    """The first protocol by votes among those all members support."""
    group, node, first, generation = stable(t, protocols=BOTH)
    second = t.askLater("second", join(group, protocols=RANGE), node=node)
    if t.version >= 4:
        second = t.askLater("second with id", join(group, second.result()["MemberId"], RANGE),
                            node=node)
    awaitRebalance(t, group, node, first, generation)
    t.ask("first", join(group, first, BOTH), node=node)
    second.result()


@case("JoinGroup")
def bad_requests(t):
    group, node = t.group()
    t.ask("empty group", join(""), node=t.coordinator(""))
    t.ask("session too short", join(group, session=100), node=node)
    t.ask("session too long", join(group, session=10**8), node=node)
    t.ask("negative session", join(group, session=-1), node=node)
    t.ask("unknown member of no group", join(group, "someone-else"), node=node)
    t.ask("no protocols", join(group, protocols=[]), node=node)
    t.ask("no protocol type", join(group, kind=""), node=node)


@case("JoinGroup")
def bad_members(t):
    group, node, member, generation = stable(t)
    t.ask("unknown member", join(group, "someone-else"), node=node)
    t.ask("other protocol type", join(group, member, kind="connect"), node=node)
    t.ask("no common protocol", join(group, member, [{"Name": "odd", "Metadata": subscription()}]),
          node=node)
    t.ask("newcomer of another type", join(group, kind="connect"), node=node)
    t.ask("newcomer without common protocol", join(group, protocols=[
        {"Name": "odd", "Metadata": subscription()}]), node=node)


@case("JoinGroup")
def wrong_coordinator(t):
    group, node = t.group()
    t.ask("elsewhere", join(group), node=node % 3 + 1)


@case("JoinGroup", minimum=5)
def static_members(t):
    group, node = t.group()
    answer = t.ask("join", join(group, instance="i1"), node=node)
    t.do("SyncGroup", sync(group, answer["GenerationId"], answer["MemberId"],
                           [(answer["MemberId"], b"mine")], instance="i1"), node)
    t.ask("restart under the same instance", join(group, instance="i1"), node=node)
    t.ask("old id is fenced", heartbeat(group, 1, answer["MemberId"], "i1"), api="Heartbeat",
          node=node)
    t.ask("join with the old id", join(group, answer["MemberId"], instance="i1"), node=node)
    t.ask("unknown id for the instance", join(group, "someone-else", instance="i1"), node=node)
    t.ask("id with an unknown instance", join(group, answer["MemberId"], instance="i9"),
          node=node)


@case("JoinGroup", minimum=5)
def static_restart_changes_protocol(t):
    group, node = t.group()
    answer = t.ask("join", join(group, instance="i1"), node=node)
    t.do("SyncGroup", sync(group, answer["GenerationId"], answer["MemberId"],
                           [(answer["MemberId"], b"mine")], instance="i1"), node)
    t.ask("restart with other protocols", join(group, instance="i1", protocols=BOTH), node=node)


@case("JoinGroup", minimum=4)
def pending_members(t):
    """An id handed out may be used once by its owner, and counts as no member yet."""
    group, node = t.group()
    given = t.ask("first", join(group), node=node)["MemberId"]
    t.ask("heartbeat of a pending member", heartbeat(group, 0, given), api="Heartbeat",
          node=node)
    t.ask("sync of a pending member", sync(group, 0, given), api="SyncGroup", node=node)
    t.ask("leave of a pending member", leave(group, given), api="LeaveGroup", node=node)
    t.ask("join after leaving", join(group, given), node=node)


@case("JoinGroup", minimum=8)
def reasons(t):
    group, node = t.group()
    joinTwice(t, "with a reason", group, node, reason="because")
    other, node = t.group("other")
    joinTwice(t, "with a long reason", other, node, reason="r" * 600)


@case("JoinGroup", only=[0, 5, 9])
def sessions_expire(t):
    group, node, first, generation = stable(t, session=6000)
    second = t.askLater("second", join(group, session=6000), node=node)
    if t.version >= 4:
        second = t.askLater("second with id", join(group, second.result()["MemberId"],
                                                   session=6000), node=node)
    answer = second.result()
    t.note("alone after the first is gone", len(answer["Members"]))
    t.ask("the lost member", heartbeat(group, generation, first), api="Heartbeat", node=node)


# ---- SyncGroup ---------------------------------------------------------------------------------

@case("SyncGroup")
def leader_and_follower(t):
    group, node, first, generation = stable(t)
    given = t.do("JoinGroup", join(group), node, checked=False)["MemberId"]
    second = t.askLater("second joins", join(group, given), api="JoinGroup", node=node)
    awaitRebalance(t, group, node, first, generation)
    leader = t.ask("first joins", join(group, first), api="JoinGroup", node=node)
    second.result()
    generation = leader["GenerationId"]
    waiting = t.askLater("follower syncs first", sync(group, generation, given), node=node)
    time.sleep(0.03)
    t.note("waits for the leader", waiting.pending())
    t.ask("leader syncs", sync(group, generation, first, [(first, b"one"), (given, b"two")]),
          node=node)
    waiting.result()
    t.ask("follower syncs again", sync(group, generation, given), node=node)
    t.ask("leader syncs again with other data", sync(group, generation, first,
                                                     [(first, b"uno")]), node=node)


@case("SyncGroup")
def missing_assignments(t):
    group, node = t.group()
    joined = enter(t, group, node)
    t.ask("nothing assigned", sync(group, joined["GenerationId"], joined["MemberId"]), node=node)


@case("SyncGroup")
def foreign_assignments(t):
    group, node = t.group()
    joined = enter(t, group, node)
    t.ask("for strangers too", sync(group, joined["GenerationId"], joined["MemberId"],
                                    [("stranger", b"x"), (joined["MemberId"], b"mine")]),
          node=node)
    t.ask("describe", {"Groups": [group]}, api="DescribeGroups", node=node,
          until=inState("Stable"))


@case("SyncGroup")
def bad_requests(t):  # noqa: F811
    group, node, member, generation = stable(t)
    t.ask("unknown group", sync(t.name("nogroup"), 1, "someone"), node=node, keep=onlyError)
    t.ask("empty group", sync("", 1, "someone"), node=t.coordinator(""))
    t.ask("unknown member", sync(group, generation, "someone"), node=node)
    t.ask("empty member", sync(group, generation, ""), node=node)
    t.ask("older generation", sync(group, generation - 1, member), node=node)
    t.ask("newer generation", sync(group, generation + 1, member), node=node)
    t.ask("elsewhere", sync(group, generation, member), node=node % 3 + 1)


def onlyError(answer):
    """For a group name that may hash to any coordinator: it is one of two errors."""
    name = schema.errorName(answer["ErrorCode"])
    return "UNKNOWN_MEMBER_ID" if name == "NOT_COORDINATOR" else name


@case("SyncGroup", minimum=5)
def protocol_mismatch(t):
    group, node, member, generation = stable(t)
    t.ask("other type", sync(group, generation, member, kind="connect"), node=node)
    t.ask("other name", sync(group, generation, member, name="roundrobin"), node=node)
    t.ask("null type", sync(group, generation, member, kind=None, name=None), node=node)


@case("SyncGroup", minimum=3)
def static_member(t):
    group, node, member, generation = stable(t, instance="i1")
    t.ask("with instance", sync(group, generation, member, instance="i1"), node=node)
    t.ask("wrong id", sync(group, generation, "someone", instance="i1"), node=node)
    t.ask("unknown instance", sync(group, generation, member, instance="i2"), node=node)


# ---- Heartbeat ---------------------------------------------------------------------------------

@case("Heartbeat")
def beats(t):
    group, node, member, generation = stable(t)
    t.ask("good", heartbeat(group, generation, member), node=node)
    t.ask("older generation", heartbeat(group, generation - 1, member), node=node)
    t.ask("newer generation", heartbeat(group, generation + 1, member), node=node)
    t.ask("unknown member", heartbeat(group, generation, "someone"), node=node)
    t.ask("empty member", heartbeat(group, generation, ""), node=node)
    t.ask("empty group", heartbeat("", generation, member), node=t.coordinator(""))
    t.ask("elsewhere", heartbeat(group, generation, member), node=node % 3 + 1)
    t.ask("negative generation", heartbeat(group, -1, member), node=node)


@case("Heartbeat")
def unknown_group(t):
    group, node = t.group()
    t.ask("no such group", heartbeat(group, 1, "someone"), node=node)


@case("Heartbeat")
def before_sync(t):
    """CompletingRebalance accepts heartbeats."""
    group, node = t.group()
    joined = enter(t, group, node)
    t.names.member(joined["MemberId"])
    t.ask("joined, not synced", heartbeat(group, joined["GenerationId"], joined["MemberId"]),
          node=node)


@case("Heartbeat", minimum=3)
def static_member(t):  # noqa: F811
    group, node, member, generation = stable(t, instance="i1")
    t.ask("good", heartbeat(group, generation, member, "i1"), node=node)
    t.ask("without instance", heartbeat(group, generation, member), node=node)
    t.ask("wrong id", heartbeat(group, generation, "someone", "i1"), node=node)
    t.ask("unknown instance", heartbeat(group, generation, member, "i2"), node=node)


# ---- LeaveGroup --------------------------------------------------------------------------------

@case("LeaveGroup")
def one_member(t):
    group, node, member, generation = stable(t)
    t.ask("leave", leave(group, member), node=node)
    t.ask("again", leave(group, member), node=node)
    t.ask("describe", {"Groups": [group]}, api="DescribeGroups", node=node,
          until=inState("Empty"))


@case("LeaveGroup")
def bad_requests(t):  # noqa: F811
    group, node, member, generation = stable(t)
    t.ask("unknown member", leave(group, "someone"), node=node)
    t.ask("empty group", leave("", member), node=t.coordinator(""))
    t.ask("elsewhere", leave(group, member), node=node % 3 + 1)
    fresh, other = t.group("fresh")
    t.ask("unknown group", leave(fresh, "someone"), node=other)


@case("LeaveGroup", minimum=3)
def several_members(t):
    group, node, member, generation = stable(t, instance="i1")
    t.ask("none", leave(group), node=node)
    t.ask("unknown instance", leave(group, ("", "i9")), node=node)
    t.ask("wrong id for the instance", leave(group, ("someone", "i1")), node=node)
    t.ask("instance and unknown", leave(group, ("", "i1"), "someone"), node=node)
    t.ask("describe", {"Groups": [group]}, api="DescribeGroups", node=node,
          until=inState("Empty"))


# ---- DescribeGroups, ListGroups ----------------------------------------------------------------

@case("DescribeGroups")
def states(t):
    group, node = t.group()
    t.ask("unknown", {"Groups": [group]}, node=node)
    joined = enter(t, group, node, protocols=BOTH)
    t.names.member(joined["MemberId"])
    t.ask("completing", {"Groups": [group]}, node=node, until=inState("CompletingRebalance"))
    settle(t, group, node, joined, name=joined["ProtocolName"])
    t.ask("stable", {"Groups": [group]}, node=node, until=inState("Stable"))
    t.do("LeaveGroup", leave(group, joined["MemberId"]), node)
    t.ask("empty", {"Groups": [group]}, node=node, until=inState("Empty"))


@case("DescribeGroups")
def preparing(t):
    group, node, first, generation = stable(t)
    given = t.do("JoinGroup", join(group), node, checked=False)["MemberId"]
    second = t.askLater("second joins", join(group, given), api="JoinGroup", node=node,
                        keep=lambda _: "<joined>")
    awaitRebalance(t, group, node, first, generation)
    t.ask("preparing", {"Groups": [group]}, node=node,
          until=inState("PreparingRebalance"))
    t.do("LeaveGroup", leave(group, first), node)
    second.result()


@case("DescribeGroups")
def static_and_dynamic(t):
    group, node, member, generation = stable(t, instance="i1")
    t.ask("static member", {"Groups": [group]}, node=node, until=inState("Stable"))


@case("DescribeGroups")
def odd_requests(t):
    group, node = t.group()
    t.ask("none", {"Groups": []}, node=node)
    t.ask("twice", {"Groups": [group, group]}, node=node)
    t.ask("elsewhere", {"Groups": [group]}, node=node % 3 + 1)


@case("DescribeGroups")
def simple_group(t):
    """Offsets committed without members make an Empty group without a type."""
    topic = t.topic()
    group, node = t.group()
    t.do("OffsetCommit", {"GroupId": group, "Topics": [{"Name": topic.name, "Partitions": [
        {"PartitionIndex": 0, "CommittedOffset": 3}]}]}, node)
    t.ask("simple", {"Groups": [group]}, node=node, until=inState("Empty"))


@case("DescribeGroups", minimum=3)
def authorized_operations(t):
    group, node, *_ = stable(t)
    t.ask("asked for", {"Groups": [group], "IncludeAuthorizedOperations": True}, node=node,
          until=inState("Stable"))


def awaitListed(t, group, node):
    deadline = time.monotonic() + 10
    while not listed(group)(t.do("ListGroups", {}, node)) and time.monotonic() < deadline:
        time.sleep(0.005)


@case("ListGroups")
def own_groups(t):
    group, node, member, _ = stable(t)
    t.ask("stable", {}, node=node, until=listed(group))
    t.do("LeaveGroup", leave(group, member), node)
    t.ask("empty", {}, node=node, until=listed(group, "Empty"))
    t.ask("elsewhere", {}, node=node % 3 + 1)


@case("ListGroups", minimum=4)
def by_state(t):
    group, node, member, _ = stable(t)
    awaitListed(t, group, node)
    for states in (["Stable"], ["stable"], ["Empty"], ["Empty", "Stable"], ["NoSuchState"],
                   ["Dead"], [""]):
        t.ask(f"{states}", {"StatesFilter": states}, node=node)


@case("ListGroups", minimum=5)
def by_type(t):
    group, node, member, _ = stable(t)
    awaitListed(t, group, node)
    for types in (["classic"], ["Classic"], ["consumer"], ["share"], ["NoSuchType"],
                  ["classic", "consumer"]):
        t.ask(f"{types}", {"TypesFilter": types}, node=node)
    t.ask("both filters", {"StatesFilter": ["Stable"], "TypesFilter": ["classic"]}, node=node)


@case("ListGroups")
def simple_group(t):  # noqa: F811
    topic = t.topic()
    group, node = t.group()
    t.do("OffsetCommit", {"GroupId": group, "Topics": [{"Name": topic.name, "Partitions": [
        {"PartitionIndex": 0, "CommittedOffset": 3}]}]}, node)
    t.ask("simple", {}, node=node, until=listed(group, "Empty"))
