# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetch, ListOffsets, OffsetForLeaderEpoch, DeleteRecords."""

import time

from harness.context import Topic, oneBatch, produceBody
from harness.registry import case
from wire.primitives import ZERO_UUID
from wire.records import BASE_TIMESTAMP

NOWHERE = "AAAAAAAAAAAAAAAAAAAAKg"
ABSENT = Topic("nowhere", NOWHERE, ((1,),))


def part(offset=0, partition=0, size=1 << 20, **more):
    return {"Partition": partition, "FetchOffset": offset, "PartitionMaxBytes": size, **more}


def fetch(topic, *parts, wait=0, least=0, most=1 << 24, isolation=0, **more):
    return {"ReplicaId": -1, "MaxWaitMs": wait, "MinBytes": least, "MaxBytes": most,
            "IsolationLevel": isolation, "Topics": [
                {"Topic": topic.name, "TopicId": topic.id, "Partitions": list(parts)}], **more}


def filled(t, assignment=((1,),), **configs):
    """Five records in three batches: offsets 0-1, 2-3, 4."""
    topic = t.topic(assignment=assignment, configs=configs)
    t.produce(topic, oneBatch(b"zero", b"one"),
              oneBatch(b"two", b"three", timestamp=BASE_TIMESTAMP + 100),
              oneBatch(b"four", timestamp=BASE_TIMESTAMP + 200))
    return topic


@case("Fetch")
def offsets(t):
    topic = filled(t)
    for offset in (0, 1, 2, 4, 5):
        t.ask(f"from {offset}", fetch(topic, part(offset)))


@case("Fetch")
def out_of_range(t):
    topic = filled(t)
    for offset in (6, -1, -2, 10**12):
        t.ask(f"from {offset}", fetch(topic, part(offset)))


@case("Fetch")
def replicated(t):
    """acks=all answered means visible: the high watermark has passed."""
    topic = filled(t, ((1, 2, 3), (2, 3, 1)))
    t.ask("leader", fetch(topic, part(0)))
    t.ask("two partitions, one led elsewhere", fetch(topic, part(0), part(0, 1)))


@case("Fetch")
def unknown_targets(t):
    topic = filled(t)
    t.ask("unknown topic", fetch(ABSENT, part()))
    t.ask("unknown partition", fetch(topic, part(0, 9)))
    t.ask("negative partition", fetch(topic, part(0, -1)))
    t.ask("empty name, zero id", fetch(Topic("", ZERO_UUID, ()), part()))
    t.ask("good beside unknown", {**fetch(topic, part(4)), "Topics": [
        {"Topic": each.name, "TopicId": each.id, "Partitions": [part(4)]}
        for each in (topic, ABSENT)]})


@case("Fetch")
def not_the_leader(t):
    topic = filled(t, ((1, 2),))
    deadline = time.monotonic() + 10  # the follower learns the high watermark with its next fetch
    while time.monotonic() < deadline:
        answer = t.do("Fetch", fetch(topic, part(5)), 2, 12, checked=False)
        if answer["Responses"][0]["Partitions"][0]["HighWatermark"] in (5, -1):
            break
    t.ask("follower", fetch(topic, part(0)), node=2)
    t.ask("stranger", fetch(topic, part(0)), node=3)


@case("Fetch")
def size_limits(t):
    topic = filled(t)
    t.ask("partition limit 1", fetch(topic, part(0, size=1)))
    t.ask("partition limit of one batch", fetch(topic, part(0, size=len(oneBatch(b"zero",
                                                                                 b"one")))))
    t.ask("partition limit 100", fetch(topic, part(0, size=100)))
    t.ask("partition limit 0", fetch(topic, part(0, size=0)))
    t.ask("request limit 1", fetch(topic, part(0), most=1))
    t.ask("request limit 0", fetch(topic, part(0), most=0))


@case("Fetch")
def shared_limit(t):
    topic = t.topic(assignment=((1,), (1,)))
    for partition in (0, 1):
        t.produce(topic, oneBatch(b"x" * 100), oneBatch(b"y" * 100), partition=partition)
    t.ask("both within", fetch(topic, part(0), part(0, 1)))
    t.ask("room for one", fetch(topic, part(0), part(0, 1), most=1))
    t.ask("order matters", fetch(topic, part(0, 1), part(0), most=200))


@case("Fetch")
def empty_partition(t):
    topic = t.topic()
    t.ask("nothing there", fetch(topic, part(0)))
    t.ask("beyond", fetch(topic, part(1)))


@case("Fetch")
def no_topics(t):
    start = time.monotonic()
    t.ask("no topics do not wait", {"MaxWaitMs": 3000, "MinBytes": 1, "MaxBytes": 1000})
    t.note("at once", time.monotonic() - start < 2.0)


@case("Fetch", only=[4, 11, 12, 13, 18])
def long_poll(t):
    topic = filled(t)
    start = time.monotonic()
    t.ask("waits in vain", fetch(topic, part(5), wait=300, least=1))
    t.note("waited", time.monotonic() - start >= 0.29)
    later = t.askLater("woken by a produce", fetch(topic, part(5), wait=15000, least=1))
    time.sleep(0.05)
    t.note("still waiting", later.pending())
    t.produce(topic, oneBatch(b"five"))
    later.result()
    t.note("woken early", later.elapsed < 10)
    start = time.monotonic()
    t.ask("enough is there", fetch(topic, part(0), wait=15000, least=1))
    t.ask("an error does not wait", fetch(topic, part(99), wait=15000, least=1))
    t.ask("least 0 does not wait", fetch(topic, part(6), wait=15000, least=0))
    t.note("none waited", time.monotonic() - start < 10)


@case("Fetch", only=[4, 12, 18])
def woken_by_deletion(t):
    topic = filled(t)
    later = t.askLater("topic deleted meanwhile", fetch(topic, part(5), wait=15000, least=1),
                       keep=lambda answer: "<answered>")
    time.sleep(0.05)
    t.do("DeleteTopics", {"Topics": [{"Name": topic.name}], "TimeoutMs": 10000})
    later.result()
    t.note("before the end", later.elapsed < 14)


@case("Fetch")
def isolation(t):
    topic = filled(t)
    t.ask("read committed", fetch(topic, part(0), isolation=1))


@case("Fetch", minimum=9)
def leader_epochs(t):
    topic = filled(t)
    t.ask("current", fetch(topic, part(0, CurrentLeaderEpoch=0)))
    t.ask("newer", fetch(topic, part(0, CurrentLeaderEpoch=7)))
    t.ask("negative", fetch(topic, part(0, CurrentLeaderEpoch=-2)))


@case("Fetch", minimum=12)
def last_fetched_epoch(t):
    """A consumer's LastFetchedEpoch leads to DivergingEpoch when the log went another way."""
    topic = filled(t)
    t.ask("same epoch", fetch(topic, part(2, LastFetchedEpoch=0)))
    t.ask("newer epoch", fetch(topic, part(2, LastFetchedEpoch=3)))
    t.ask("same epoch past the end", fetch(topic, part(9, LastFetchedEpoch=0)))
    t.ask("newer epoch and current", fetch(topic, part(2, LastFetchedEpoch=3,
                                                       CurrentLeaderEpoch=0)))


@case("Fetch")
def same_partition_twice(t):
    topic = filled(t)
    t.ask("twice", fetch(topic, part(4), part(5)))


@case("Fetch", minimum=7)
def bad_sessions(t):
    """Sessions may be declined (id 0), so only what needs none is compared."""
    topic = filled(t)
    t.ask("no session", fetch(topic, part(4), SessionId=0, SessionEpoch=-1))
    t.ask("unknown session", fetch(topic, part(4), SessionId=123456, SessionEpoch=5))
    t.ask("closing an unknown session", fetch(topic, part(4), SessionId=123456, SessionEpoch=-1))
    t.ask("new session", fetch(topic, part(4), SessionId=0, SessionEpoch=0))


@case("Fetch", minimum=11)
def racks(t):
    topic = filled(t, ((1, 2),))
    t.ask("rack without selector", fetch(topic, part(4), RackId="somewhere"))


@case("Fetch")
def after_delete_records(t):
    topic = filled(t)
    t.do("DeleteRecords", {"Topics": [{"Name": topic.name, "Partitions": [
        {"PartitionIndex": 0, "Offset": 3}]}], "TimeoutMs": 5000})
    t.ask("below the log start", fetch(topic, part(0)))
    t.ask("just below", fetch(topic, part(2)))
    t.ask("at the log start", fetch(topic, part(3)))


# ---- ListOffsets -------------------------------------------------------------------------------

def listing(topic, *stamps, partition=0, isolation=0, replica=-1, **more):
    return {"ReplicaId": replica, "IsolationLevel": isolation, "TimeoutMs": 5000, "Topics": [
        {"Name": topic.name, "Partitions": [
            {"PartitionIndex": partition, "Timestamp": stamp, **more} for stamp in stamps]}]}


SPECIALS = {-1: "latest", -2: "earliest", -3: "max timestamp", -4: "earliest local",
            -5: "latest tiered", -6: "earliest pending upload", -7: "unknown special",
            -100: "far below"}


@case("ListOffsets")
def special_timestamps(t):
    topic = filled(t, ((1, 2),))
    empty = t.topic("empty")
    for stamp, label in SPECIALS.items():
        t.ask(label, listing(topic, stamp))
        t.ask(f"{label} of an empty log", listing(empty, stamp))


@case("ListOffsets")
def by_time(t):
    topic = filled(t)
    for delta in (-1000, 0, 1, 2, 100, 101, 102, 200, 201, 10**9):
        t.ask(f"{delta:+} ms", listing(topic, BASE_TIMESTAMP + delta))
    t.ask("time 0", listing(topic, 0))


@case("ListOffsets")
def by_time_unordered(t):
    """Timestamps that fall again: the first offset at or after the time counts."""
    topic = t.topic()
    t.produce(topic, oneBatch(b"a", timestamp=BASE_TIMESTAMP + 500),
              oneBatch(b"b", timestamp=BASE_TIMESTAMP),
              oneBatch(b"c", timestamp=BASE_TIMESTAMP + 900),
              oneBatch(b"d", b"e", timestamp=BASE_TIMESTAMP + 800, step=-50,
                       maxTimestamp=BASE_TIMESTAMP + 800))
    for delta in (0, 400, 501, 800, 900, 901):
        t.ask(f"{delta:+} ms", listing(topic, BASE_TIMESTAMP + delta))
    t.ask("max timestamp", listing(topic, -3))


@case("ListOffsets")
def compressed(t):
    topic = t.topic()
    t.produce(topic, *(oneBatch(b"a", b"b", b"c", codec=codec, step=10,
                                timestamp=BASE_TIMESTAMP + 100 * index)
                       for index, codec in enumerate(("gzip", "snappy", "lz4", "zstd"))))
    for delta in (0, 5, 15, 110, 215, 320, 321):
        t.ask(f"{delta:+} ms", listing(topic, BASE_TIMESTAMP + delta))
    t.ask("max timestamp", listing(topic, -3))


@case("ListOffsets")
def unknown_targets(t):  # noqa: F811
    topic = filled(t, ((1, 2),))
    t.ask("unknown topic", listing(ABSENT, -1))
    t.ask("unknown partition", listing(topic, -1, partition=7))
    t.ask("negative partition", listing(topic, -1, partition=-1))
    t.ask("follower", listing(topic, -1), node=2)
    t.ask("follower earliest", listing(topic, -2), node=2)
    t.ask("stranger", listing(topic, -1), node=3)
    t.ask("no topics", {"ReplicaId": -1})


@case("ListOffsets", minimum=4)
def leader_epochs(t):  # noqa: F811
    topic = filled(t)
    for epoch in (0, 5, -2):
        t.ask(f"epoch {epoch}", listing(topic, -1, CurrentLeaderEpoch=epoch))


@case("ListOffsets", minimum=2)
def isolation(t):  # noqa: F811
    topic = filled(t)
    t.ask("read committed", listing(topic, -1, isolation=1))
    t.ask("read committed by time", listing(topic, BASE_TIMESTAMP + 200, isolation=1))


@case("ListOffsets")
def debug_replicas(t):
    topic = filled(t, ((1, 2),))
    t.ask("debug consumer at the leader", listing(topic, -1, replica=-2))
    t.ask("debug consumer at the follower", listing(topic, -2, replica=-2), node=2)


@case("ListOffsets")
def same_partition_twice(t):  # noqa: F811
    topic = filled(t)
    t.ask("twice", listing(topic, -1, -2))


@case("ListOffsets")
def after_delete_records(t):  # noqa: F811
    topic = filled(t)
    t.do("DeleteRecords", {"Topics": [{"Name": topic.name, "Partitions": [
        {"PartitionIndex": 0, "Offset": 3}]}], "TimeoutMs": 5000})
    for stamp in (-1, -2, -3, BASE_TIMESTAMP, BASE_TIMESTAMP + 101, BASE_TIMESTAMP + 200):
        t.ask(SPECIALS.get(stamp, f"{stamp - BASE_TIMESTAMP:+} ms"), listing(topic, stamp))


# ---- OffsetForLeaderEpoch ----------------------------------------------------------------------

def epochs(topic, wanted, current=-1, partition=0, replica=-1):
    return {"ReplicaId": replica, "Topics": [{"Topic": topic.name, "Partitions": [
        {"Partition": partition, "CurrentLeaderEpoch": current, "LeaderEpoch": wanted}]}]}


@case("OffsetForLeaderEpoch")
def ends(t):
    topic = filled(t)
    empty = t.topic("empty")
    for wanted in (0, 1, 5, -1, -2):
        t.ask(f"epoch {wanted}", epochs(topic, wanted))
        t.ask(f"epoch {wanted} of an empty log", epochs(empty, wanted))


@case("OffsetForLeaderEpoch")
def current_epochs(t):
    topic = filled(t)
    for current in (0, 3, -1, -2):
        t.ask(f"current {current}", epochs(topic, 0, current))


@case("OffsetForLeaderEpoch")
def unknown_targets(t):  # noqa: F811
    topic = filled(t, ((1, 2),))
    t.ask("unknown topic", epochs(ABSENT, 0))
    t.ask("unknown partition", epochs(topic, 0, partition=8))
    t.ask("follower", epochs(topic, 0), node=2)
    t.ask("stranger", epochs(topic, 0), node=3)
    t.ask("debug replica at the follower", epochs(topic, 0, replica=-2), node=2)
    t.ask("none", {"ReplicaId": -1})


# ---- DeleteRecords -----------------------------------------------------------------------------

def cutting(topic, *offsets, partition=0, timeout=5000):
    return {"TimeoutMs": timeout, "Topics": [{"Name": topic.name, "Partitions": [
        {"PartitionIndex": partition, "Offset": each} for each in offsets]}]}


@case("DeleteRecords")
def good(t):
    topic = filled(t, ((1, 2, 3),))
    t.ask("to 2", cutting(topic, 2))
    t.ask("to 2 again", cutting(topic, 2))
    t.ask("back to 1", cutting(topic, 1))
    t.ask("inside a batch", cutting(topic, 3))
    t.ask("to the high watermark", cutting(topic, -1))
    t.ask("look", listing(topic, -2), api="ListOffsets")


@case("DeleteRecords")
def bad_offsets(t):
    topic = filled(t)
    for offset in (6, 10**12, -2, -100):
        t.ask(f"to {offset}", cutting(topic, offset))
    t.ask("exactly the end", cutting(topic, 5))
    t.ask("write on", produceBody(topic, oneBatch(b"five")), api="Produce")


@case("DeleteRecords")
def unknown_targets(t):  # noqa: F811
    topic = filled(t, ((1, 2),))
    t.ask("unknown topic", cutting(ABSENT, 1))
    t.ask("unknown partition", cutting(topic, 1, partition=5))
    t.ask("negative partition", cutting(topic, 1, partition=-1))
    t.ask("follower", cutting(topic, 1), node=2)
    t.ask("stranger", cutting(topic, 1), node=3)
    t.ask("none", {"TimeoutMs": 1000})


@case("DeleteRecords")
def by_policy(t):
    for policy in ("compact", "compact,delete"):
        topic = t.topic(policy.replace(",", "-and-"), configs={"cleanup.policy": policy})
        t.produce(topic, oneBatch(b"v", keys=[b"k"]))
        t.ask(policy, cutting(topic, 1))


@case("DeleteRecords")
def internal_topic(t):
    leader = t.do("Metadata", {"Topics": [{"Name": "__consumer_offsets"}]})["Topics"][0]
    node = next(each["LeaderId"] for each in leader["Partitions"] if each["PartitionIndex"] == 0)
    t.ask("offsets topic", cutting(Topic("__consumer_offsets", "", ()), 0), node=node)


@case("DeleteRecords")
def same_partition_twice(t):  # noqa: F811
    topic = filled(t)
    t.ask("twice", cutting(topic, 1, 2))
