# SPDX-License-Identifier: GPL-3.0-or-later
"""OffsetCommit and OffsetFetch."""

import time

from harness.context import Topic
from harness.registry import case

from .groups import enter, leave, settle, stable

NOWHERE = "AAAAAAAAAAAAAAAAAAAAKg"
ABSENT = Topic("nowhere", NOWHERE, ((1,),))


def commit(group, topic, *offsets, generation=-1, member="", instance=None, partition=0,
           metadata="note", epoch=-1):
    return {"GroupId": group, "GenerationIdOrMemberEpoch": generation, "MemberId": member,
            "GroupInstanceId": instance, "Topics": [
                {"Name": topic.name, "TopicId": topic.id, "Partitions": [
                    {"PartitionIndex": partition + index, "CommittedOffset": offset,
                     "CommittedLeaderEpoch": epoch, "CommittedMetadata": metadata}
                    for index, offset in enumerate(offsets)]}]}


def fetched(group, *wanted, stableOnly=False, member=None, epoch=-1):
    """wanted: (topic, partitions...); none = everything."""
    topics = [{"Name": topic.name, "PartitionIndexes": list(parts)} for topic, *parts in wanted]
    grouped = [{**each, "TopicId": topic.id} for each, (topic, *_) in zip(topics, wanted)]
    return {"GroupId": group, "Topics": topics or None, "RequireStable": stableOnly,
            "Groups": [{"GroupId": group, "Topics": grouped or None, "MemberId": member,
                        "MemberEpoch": epoch}]}


def look(t, label, group, node, *wanted, **options):
    """OffsetFetch at the helper version, to see what a commit did."""
    t.ask(label, fetched(group, *wanted, **options), api="OffsetFetch", node=node)


@case("OffsetCommit")
def without_members(t):
    """Simple consumers commit with generation -1 and make the group."""
    topic = t.topic(assignment=((1,), (2,)))
    group, node = t.group()
    t.ask("first", commit(group, topic, 5, 7), node=node)
    look(t, "seen", group, node)
    t.ask("over it", commit(group, topic, 6, metadata="newer", epoch=4), node=node)
    look(t, "seen after", group, node)


@case("OffsetCommit")
def by_a_member(t):
    topic = t.topic()
    group, node, member, generation = stable(t)
    t.ask("good", commit(group, topic, 5, generation=generation, member=member), node=node)
    t.ask("older generation", commit(group, topic, 6, generation=generation - 1, member=member),
          node=node)
    t.ask("newer generation", commit(group, topic, 6, generation=generation + 1, member=member),
          node=node)
    t.ask("unknown member", commit(group, topic, 6, generation=generation, member="someone"),
          node=node)
    t.ask("empty member", commit(group, topic, 6, generation=generation), node=node)
    t.ask("no generation, while members are there", commit(group, topic, 6), node=node)
    t.ask("member without generation", commit(group, topic, 6, member=member), node=node)
    t.ask("elsewhere", commit(group, topic, 6, generation=generation, member=member),
          node=node % 3 + 1)
    look(t, "seen", group, node)


@case("OffsetCommit")
def while_rebalancing(t):
    topic = t.topic()
    group, node = t.group()
    joined = enter(t, group, node)
    t.names.member(joined["MemberId"])
    t.ask("before the sync", commit(group, topic, 5, generation=joined["GenerationId"],
                                    member=joined["MemberId"]), node=node)
    settle(t, group, node, joined)
    t.ask("after the sync", commit(group, topic, 5, generation=joined["GenerationId"],
                                   member=joined["MemberId"]), node=node)
    t.do("LeaveGroup", leave(group, joined["MemberId"]), node)
    t.ask("after leaving", commit(group, topic, 6, generation=joined["GenerationId"],
                                  member=joined["MemberId"]), node=node)
    t.ask("empty group, no generation", commit(group, topic, 7), node=node)
    look(t, "seen", group, node)


@case("OffsetCommit")
def unknown_group(t):
    topic = t.topic()
    group, node = t.group()
    t.ask("with a generation", commit(group, topic, 5, generation=3, member="someone"), node=node)
    t.ask("empty group", commit("", topic, 5), node=t.coordinator(""))


@case("OffsetCommit")
def unknown_topics(t):
    topic = t.topic()
    group, node = t.group()
    t.ask("unknown topic", commit(group, ABSENT, 5), node=node)
    t.ask("unknown partition", commit(group, topic, 5, partition=8), node=node)
    t.ask("negative partition", commit(group, topic, 5, partition=-1), node=node)
    t.ask("no topics", {"GroupId": group, "GenerationIdOrMemberEpoch": -1}, node=node)
    good = commit(group, topic, 5)
    good["Topics"] += commit(group, ABSENT, 5)["Topics"]
    t.ask("good beside unknown", good, node=node)
    look(t, "seen", group, node)


@case("OffsetCommit")
def odd_values(t):
    topic = t.topic()
    group, node = t.group()
    t.ask("negative offset", commit(group, topic, -1), node=node)
    look(t, "seen negative", group, node)
    t.ask("beyond the end", commit(group, topic, 10**15), node=node)
    t.ask("null metadata", commit(group, topic, 1, metadata=None), node=node)
    look(t, "seen null metadata", group, node)
    t.ask("metadata at the limit", commit(group, topic, 2, metadata="m" * 4096), node=node)
    t.ask("metadata too long", commit(group, topic, 3, metadata="m" * 4097), node=node)
    t.ask("same partition twice", {**commit(group, topic, 3), "Topics":
                                   commit(group, topic, 8)["Topics"]
                                   + commit(group, topic, 9)["Topics"]}, node=node)


@case("OffsetCommit", minimum=7)
def static_member(t):
    topic = t.topic()
    group, node, member, generation = stable(t, instance="i1")
    t.ask("good", commit(group, topic, 5, generation=generation, member=member, instance="i1"),
          node=node)
    t.ask("fenced", commit(group, topic, 5, generation=generation, member="someone",
                           instance="i1"), node=node)
    t.ask("unknown instance", commit(group, topic, 5, generation=generation, member=member,
                                     instance="i2"), node=node)


@case("OffsetCommit", maximum=4)
def retention_time(t):
    topic = t.topic()
    group, node = t.group()
    t.ask("with a retention", {**commit(group, topic, 5), "RetentionTimeMs": 86400000},
          node=node)


# ---- OffsetFetch -------------------------------------------------------------------------------

@case("OffsetFetch")
def committed(t):
    topic, other = t.topic("topic", ((1,), (2,))), t.topic("other")
    group, node = t.group()
    for body in (commit(group, topic, 5, 7, epoch=2), commit(group, other, 9, metadata="")):
        t.do("OffsetCommit", {**body, "Topics": [{key: value for key, value in each.items()
                                                  if key != "TopicId"}
                                                 for each in body["Topics"]]}, node)
    t.ask("some", fetched(group, (topic, 0), (other, 0)), node=node)
    t.ask("without commit", fetched(group, (topic, 1, 6)), node=node)
    t.ask("no partitions", fetched(group, (topic,)), node=node)
    t.ask("same partition twice", fetched(group, (topic, 0, 0)), node=node)
    t.ask("elsewhere", fetched(group, (topic, 0)), node=node % 3 + 1)
    if t.version >= 7:
        t.ask("stable only", fetched(group, (topic, 0), stableOnly=True), node=node)


@case("OffsetFetch", minimum=2)
def everything(t):
    topic, other = t.topic("topic", ((1,), (2,))), t.topic("other")
    group, node = t.group()
    t.ask("nothing yet", fetched(group), node=node)
    for body in (commit(group, topic, 5, 7), commit(group, other, 9)):
        t.do("OffsetCommit", body, node)
    t.ask("all", fetched(group), node=node)


@case("OffsetFetch")
def unknown(t):
    topic = t.topic()
    group, node = t.group()
    t.ask("unknown group", fetched(group, (topic, 0)), node=node)
    t.ask("unknown topic", fetched(group, (ABSENT, 0)), node=node)
    t.ask("empty group", fetched("", (t.topic("fresh"), 0)), node=t.coordinator(""))
    t.ask("negative partition", fetched(group, (topic, -1)), node=node)


@case("OffsetFetch")
def after_topic_deletion(t):
    topic, other = t.topic("topic"), t.topic("other")
    group, node = t.group()
    t.do("OffsetCommit", commit(group, topic, 5), node)
    t.do("OffsetCommit", commit(group, other, 6), node)
    t.do("DeleteTopics", {"Topics": [{"Name": topic.name}], "TimeoutMs": 10000})
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        left = t.do("OffsetFetch", fetched(group), node)["Groups"][0]["Topics"]
        if len(left) == 1:
            break
        time.sleep(0.01)
    if t.version >= 2:
        t.ask("all that is left", fetched(group), node=node)


@case("OffsetFetch", minimum=8)
def several_groups(t):
    topic = t.topic()
    group, node = t.group()
    t.do("OffsetCommit", commit(group, topic, 5), node)
    one = fetched(group, (topic, 0))["Groups"]
    t.ask("twice the same", {"Groups": one + one}, node=node)
    t.ask("none", {"Groups": []}, node=node)
    t.ask("empty topics", {"Groups": [{"GroupId": group, "Topics": []}]}, node=node)


@case("OffsetFetch", minimum=9)
def with_member(t):
    topic = t.topic()
    group, node, member, generation = stable(t)
    t.do("OffsetCommit", commit(group, topic, 5, generation=generation, member=member), node)
    t.ask("member and generation", fetched(group, (topic, 0), member=member, epoch=generation),
          node=node)
    t.ask("unknown member", fetched(group, (topic, 0), member="someone", epoch=generation),
          node=node)
    t.ask("older generation", fetched(group, (topic, 0), member=member, epoch=0), node=node)
