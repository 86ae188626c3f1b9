# SPDX-License-Identifier: GPL-3.0-or-later
"""Produce and InitProducerId: good appends, refusals, idempotence."""

from harness.context import Topic, oneBatch, produceBody
from harness.registry import case
from wire import records
from wire.primitives import ZERO_UUID

NOWHERE = "AAAAAAAAAAAAAAAAAAAAKg"
ABSENT = Topic("nowhere", NOWHERE, ((1,),))


def send(t, label, topic, data, *, node=None, partition=0, acks=-1, timeout=10000):
    return t.ask(label, produceBody(topic, data, partition, acks, timeout),
                 node=node or topic.leader(0 if partition not in range(len(topic.assignment))
                                           else partition))


def contents(t, label, topic, partition=0):
    """Notes everything a plain fetch from offset 0 returns."""
    t.ask(label, {"MaxWaitMs": 0, "MinBytes": 0, "MaxBytes": 1 << 24, "Topics": [{
        "Topic": topic.name, "Partitions": [{"Partition": partition, "FetchOffset": 0,
                                             "PartitionMaxBytes": 1 << 24}]}]},
          api="Fetch", node=topic.leader(partition))


@case("Produce", minimum=3)
def good(t):
    topic = t.topic(assignment=((1, 2, 3), (2, 3, 1)))
    send(t, "acks all", topic, oneBatch(b"a", b"b"))
    send(t, "acks leader", topic, oneBatch(b"c"), acks=1)
    send(t, "other partition", topic, oneBatch(b"d"), partition=1)
    t.ask("two partitions of one node at once", produceBody(topic, oneBatch(b"e")))
    contents(t, "contents", topic)


@case("Produce", minimum=3)
def acks_none(t):
    """acks=0 gets no answer; the next answer on the connection belongs to the next request."""
    topic = t.topic()
    with t.target.connection(1, fresh=True) as connection:
        connection.send("Produce", t.version, produceBody(topic, oneBatch(b"quiet"), acks=0))
        answer = connection.request("Metadata", 9, {"Topics": []})
        t.note("next answer", len(answer["Brokers"]))
        answer = connection.request("Produce", t.version, produceBody(topic, oneBatch(b"loud")))
        t.note("offset", answer["Responses"][0]["PartitionResponses"][0]["BaseOffset"])
    contents(t, "contents", topic)


@case("Produce", minimum=3)
def acks_none_error(t):
    """An error under acks=0 closes the connection."""
    topic = t.topic()
    t.sendClosed("unknown partition", lambda c: c.send(
        "Produce", t.version, produceBody(topic, oneBatch(), 9, acks=0)))


@case("Produce", minimum=3)
def bad_acks(t):
    topic = t.topic()
    for acks in (2, -2, 3, 32767):
        send(t, f"acks {acks}", topic, oneBatch(), acks=acks)
    contents(t, "nothing was written", topic)


@case("Produce", minimum=3)
def unknown_targets(t):
    topic = t.topic()
    send(t, "unknown topic", ABSENT, oneBatch())
    send(t, "unknown partition", topic, oneBatch(), partition=5)
    send(t, "negative partition", topic, oneBatch(), partition=-1)
    send(t, "empty name, zero id", Topic("", ZERO_UUID, ((1,),)), oneBatch())


@case("Produce", minimum=3)
def not_the_leader(t):
    topic = t.topic(assignment=((1, 2),))
    send(t, "follower", topic, oneBatch(), node=2)
    send(t, "stranger", topic, oneBatch(), node=3)


@case("Produce", minimum=3)
def nothing_to_write(t):
    topic = t.topic()
    t.ask("no topics", {"Acks": -1, "TimeoutMs": 1000})
    t.ask("no partitions", {"Acks": -1, "TimeoutMs": 1000, "TopicData": [
        {"Name": topic.name, "TopicId": topic.id, "PartitionData": []}]})
    send(t, "empty records", topic, b"")
    contents(t, "nothing was written", topic)


@case("Produce", minimum=3)
def same_partition_twice(t):
    topic = t.topic()
    entry = {"Index": 0, "Records": oneBatch(b"x")}
    t.ask("twice in one topic", {"Acks": -1, "TimeoutMs": 5000, "TopicData": [
        {"Name": topic.name, "TopicId": topic.id, "PartitionData": [entry, entry]}]})


@case("Produce", minimum=3)
def codecs(t):
    topic = t.topic()
    for codec in records.CODECS:
        send(t, codec, topic, oneBatch(b"one" * 50, b"two" * 50, codec=codec))
    contents(t, "contents", topic)


@case("Produce", minimum=3)
def topic_recompresses(t):
    for codec in ("gzip", "snappy", "lz4", "zstd", "uncompressed"):
        topic = t.topic(codec, configs={"compression.type": codec})
        send(t, f"plain into {codec}", topic, oneBatch(b"one" * 50, b"two"))
        send(t, f"gzip into {codec}", topic, oneBatch(b"one" * 50, b"two", codec="gzip"))
        contents(t, f"contents of {codec}", topic)


@case("Produce", minimum=3)
def keys_and_headers(t):
    topic = t.topic()
    send(t, "rich", topic, oneBatch(
        b"v1", None, b"", keys=[b"k1", None, b""],
        headers=[("trace", b"\x00\xff"), ("empty", b""), ("null", None), ("trace", b"again")]))
    contents(t, "contents", topic)


@case("Produce", minimum=3)
def broken_batches(t):
    topic = t.topic()
    good = oneBatch(b"one", b"two")
    for label, data in [
            ("bad crc", oneBatch(corruptCrc=True)),
            ("flipped byte", good[:-3] + bytes([good[-3] ^ 1]) + good[-2:]),
            ("magic 0", records.oldMessage(0, b"old")),
            ("magic 1", records.oldMessage(1, b"old")),
            ("magic 3", oneBatch(magic=3)),
            ("magic -1", oneBatch(magic=-1)),
            ("two batches", good + oneBatch(b"three")),
            ("half a batch", good[:40]),
            ("batch and a half", good + good[:30]),
            ("garbage", b"this is not a batch at all, not even nearly so, is it now my friend"),
            ("too short for a header", b"\x00" * 10),
            ("length too long", oneBatch(length=5000)),
            ("length too short", oneBatch(length=20)),
            ("negative length", oneBatch(length=-1)),
            ("count too high", oneBatch(b"one", count=3, lastOffsetDelta=2)),
            ("count too low", oneBatch(b"one", b"two", count=1, lastOffsetDelta=0)),
            ("count against delta", oneBatch(b"one", b"two", lastOffsetDelta=5)),
            ("count zero", oneBatch(b"one", count=0, lastOffsetDelta=-1)),
            ("no records", records.batch((), count=0, lastOffsetDelta=0)),
            ("negative count", oneBatch(b"one", count=-1)),
            ("offset gaps", oneBatch(b"one", b"two", offsetDeltas=[0, 5], lastOffsetDelta=5)),
            ("offsets falling", oneBatch(b"one", b"two", offsetDeltas=[1, 0])),
            ("base offset 7", oneBatch(b"based", baseOffset=7)),
            ("negative base offset", oneBatch(b"based", baseOffset=-7)),
            ("unknown codec 5", oneBatch(attributes=5)),
            ("unknown codec 7", oneBatch(attributes=7)),
            ("says gzip but is not", oneBatch(attributes=1)),
            ("control batch", oneBatch(attributes=0x20)),
            ("delete horizon", oneBatch(attributes=0x40)),
            ("append time attribute", oneBatch(attributes=0x08)),
            ("leader epoch 9", oneBatch(b"epoch", leaderEpoch=9)),
            ("spare attribute bits", oneBatch(b"spare", attributes=0x0F00))]:
        send(t, label, topic, data)
    contents(t, "what was written", topic)


@case("Produce", minimum=3)
def broken_compressed(t):
    topic = t.topic()
    for codec in ("gzip", "snappy", "lz4", "zstd"):
        send(t, f"{codec} count too high", topic,
             oneBatch(b"one", codec=codec, count=3, lastOffsetDelta=2))
        send(t, f"{codec} offsets from 5", topic,
             oneBatch(b"one", b"two", codec=codec, offsetDeltas=[0, 3], lastOffsetDelta=3))
    contents(t, "what was written", topic)


@case("Produce", minimum=3)
def too_large(t):
    topic = t.topic(configs={"max.message.bytes": "1000"})
    exact = 1000 - len(oneBatch(b""))
    for extra in (-2, 0, 1, 500):
        data = oneBatch(b"x" * (exact - 2 + extra))
        send(t, f"batch of {len(data)}", topic, data)
    send(t, "compressed below the limit", topic, oneBatch(b"x" * 5000, codec="gzip"))
    contents(t, "what was written", topic)


@case("Produce", minimum=3)
def larger_than_a_segment(t):
    topic = t.topic(configs={"segment.bytes": "1048576", "max.message.bytes": "3000000"})
    send(t, "fits", topic, oneBatch(b"x" * 1000000))
    send(t, "too large", topic, oneBatch(b"x" * 1200000))


@case("Produce", minimum=3)
def compacted_topic(t):
    topic = t.topic(configs={"cleanup.policy": "compact"})
    send(t, "with key", topic, oneBatch(b"v", keys=[b"k"]))
    send(t, "tombstone", topic, records.batch((None,), keys=[b"k"]))
    send(t, "without key", topic, oneBatch(b"v"))
    send(t, "one of three without", topic, oneBatch(b"a", b"b", b"c",
                                                    keys=[b"k", None, b"k"]))
    send(t, "compressed without key", topic, oneBatch(b"v", codec="lz4"))
    contents(t, "what was written", topic)


@case("Produce", minimum=3)
def timestamps(t):
    topic = t.topic(configs={"message.timestamp.before.max.ms": "3600000",
                             "message.timestamp.after.max.ms": "3600000"})
    send(t, "far past", topic, oneBatch(timestamp=1_000_000_000_000))
    send(t, "far future", topic, oneBatch(timestamp=9_000_000_000_000))
    send(t, "no timestamp", topic, oneBatch(timestamp=-1))
    send(t, "compressed far past", topic, oneBatch(timestamp=1_000_000_000_000, codec="gzip"))
    free = t.topic("free", configs={"message.timestamp.after.max.ms": str(2**63 - 1)})
    send(t, "future allowed", free, oneBatch(timestamp=9_000_000_000_000))
    send(t, "no timestamp allowed", free, oneBatch(timestamp=-1))
    send(t, "wrong max timestamp", free, oneBatch(b"a", b"b", maxTimestamp=5))
    contents(t, "what was written", free)


@case("Produce", minimum=3)
def append_time(t):
    topic = t.topic(configs={"message.timestamp.type": "LogAppendTime"})
    send(t, "stamped", topic, oneBatch(b"a", b"b"))
    send(t, "stamped compressed", topic, oneBatch(b"a", b"b", codec="gzip"))


@case("Produce", minimum=3)
def too_few_replicas(t):
    """min.insync.replicas above the replication factor can never be met... but counts as met
    only up to the factor."""
    topic = t.topic(configs={"min.insync.replicas": "2"})
    send(t, "acks all", topic, oneBatch(b"a"))
    send(t, "acks leader", topic, oneBatch(b"b"), acks=1)
    wide = t.topic("wide", ((1, 2),), {"min.insync.replicas": "3"})
    send(t, "two of three", wide, oneBatch(b"a"))
    contents(t, "what was written", topic)


# ---- idempotence -------------------------------------------------------------------------------

def producer(t, node=1):
    """A fresh producer id and its epoch."""
    answer = t.do("InitProducerId", {"TransactionalId": None, "TransactionTimeoutMs": 1000}, node)
    return answer["ProducerId"], answer["ProducerEpoch"]


@case("Produce", minimum=3)
def idempotent(t):
    topic = t.topic()
    pid, epoch = producer(t)

    def batch(sequence, *values, **more):
        return oneBatch(*values, producerId=pid, producerEpoch=more.get("epoch", epoch),
                        baseSequence=sequence)
    send(t, "first", topic, batch(0, b"a", b"b"))
    send(t, "duplicate", topic, batch(0, b"a", b"b"))
    send(t, "next", topic, batch(2, b"c"))
    send(t, "older duplicate", topic, batch(0, b"a", b"b"))
    send(t, "gap", topic, batch(5, b"late"))
    send(t, "half a duplicate", topic, batch(1, b"b"))
    send(t, "overlap", topic, batch(1, b"b", b"c", b"d"))
    for index in range(3, 9):
        send(t, f"sequence {index}", topic, batch(index, b"x"))
    send(t, "duplicate of five ago", topic, batch(4, b"x"))
    send(t, "duplicate out of memory", topic, batch(2, b"c"))
    send(t, "duplicate of the first, long gone", topic, batch(0, b"a", b"b"))
    contents(t, "contents", topic)


@case("Produce", minimum=3)
def producer_epochs(t):
    topic = t.topic()
    pid, epoch = producer(t)

    def batch(sequence, number):
        return oneBatch(b"v", producerId=pid, producerEpoch=number, baseSequence=sequence)
    send(t, "epoch 3", topic, batch(0, 3))
    send(t, "older epoch", topic, batch(1, 2))
    send(t, "newer epoch not from 0", topic, batch(1, 4))
    send(t, "newer epoch from 0", topic, batch(0, 4))
    send(t, "newer epoch next", topic, batch(1, 4))
    send(t, "old epoch again", topic, batch(1, 3))
    contents(t, "contents", topic)


@case("Produce", minimum=3)
def odd_producers(t):
    topic = t.topic()
    pid, epoch = producer(t)
    send(t, "unknown id, sequence 0", topic,
         oneBatch(producerId=pid + 400000, producerEpoch=0, baseSequence=0))
    send(t, "unknown id, sequence 7", topic,
         oneBatch(producerId=pid + 400001, producerEpoch=0, baseSequence=7))
    send(t, "id without sequence", topic, oneBatch(producerId=pid, producerEpoch=epoch))
    send(t, "id without epoch", topic, oneBatch(producerId=pid, baseSequence=0))
    send(t, "sequence without id", topic, oneBatch(baseSequence=0))
    send(t, "negative id", topic, oneBatch(producerId=-5, producerEpoch=0, baseSequence=0))
    last = 2**31 - 1
    send(t, "up to the last sequence", topic,
         oneBatch(producerId=pid, producerEpoch=epoch, baseSequence=last))
    send(t, "wraps to 0", topic, oneBatch(producerId=pid, producerEpoch=epoch, baseSequence=0))
    send(t, "duplicate across the wrap", topic,
         oneBatch(producerId=pid, producerEpoch=epoch, baseSequence=last))
    contents(t, "contents", topic)


@case("Produce", minimum=3)
def wrap_inside_a_batch(t):
    topic = t.topic()
    pid, epoch = producer(t)
    send(t, "crosses the wrap", topic, oneBatch(b"a", b"b", b"c", producerId=pid,
                                                producerEpoch=epoch, baseSequence=2**31 - 2))
    send(t, "next is 1", topic, oneBatch(b"d", producerId=pid, producerEpoch=epoch,
                                         baseSequence=1))


@case("InitProducerId")
def plain(t):
    body = {"TransactionalId": None, "TransactionTimeoutMs": 60000}
    t.ask("first", body)
    t.ask("second differs", body)
    t.ask("another node", body, node=2)


@case("InitProducerId")
def odd_requests(t):
    t.ask("empty transactional id", {"TransactionalId": "", "TransactionTimeoutMs": 60000})
    t.ask("timeout 0", {"TransactionalId": None, "TransactionTimeoutMs": 0})
    t.ask("timeout negative", {"TransactionalId": None, "TransactionTimeoutMs": -5})


@case("InitProducerId", minimum=3)
def with_known_id(t):
    pid, epoch = producer(t)
    t.names.producer(pid)
    for label, number, generation in [("same", pid, epoch), ("id only", pid, -1),
                                      ("epoch only", -1, 0), ("other epoch", pid, 5)]:
        t.ask(label, {"TransactionalId": None, "TransactionTimeoutMs": 60000,
                      "ProducerId": number, "ProducerEpoch": generation})
