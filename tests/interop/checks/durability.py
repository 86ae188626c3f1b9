# SPDX-License-Identifier: GPL-3.0-or-later
"""What survives: clean restarts, kill -9; and kafka-dump-log reading the files after a clean stop.

These checks stop the cluster, so they run alone and in this order. The last one leaves it stopped.
"""

import functools
import json
import re
import threading
import time
from pathlib import Path

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, Producer, TopicPartition

from support.clusters import Connection
from support.environment import check, until

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
FIRST_TIME = 1_700_000_000_000
FOREVER = {"retention_ms": "-1"}  # times long past would else be deleted at once

# Lines kafka-dump-log prints when files disagree with each other or with their checksums.
COMPLAINTS = re.compile(r"mismatch|non-consecutive|out of order|isvalid: false|corrupt|"
                        r"exception|could not|not found|trailing|error", re.IGNORECASE)
# With every segment but the first the tool stumbles over its own starting value: it remembers no
# offset before the file's first. Only that is forgiven.
FIRST_IN_SEGMENT = re.compile(r"^Non-consecutive offsets in \S*/(\d{20})\.log\n"
                              r"\s*-1 is followed by (\d+)\n", re.MULTILINE)
RECORD = re.compile(r"^\| offset: (\d+) (CreateTime|LogAppendTime): (-?\d+) keySize: (-?\d+) "
                    r"valueSize: (-?\d+) sequence: (-?\d+) headerKeys: \[(.*?)\]"
                    r"(?: key: (.*?))?(?: payload: (.*))?$", re.DOTALL)


class Ledger:
    """What was acknowledged: (topic, partition) -> offset -> (key, value, headers, time)."""

    def __init__(self):
        self.parts: dict = {}

    def note(self, message, headers: list | None = None, timed: bool = True) -> None:
        """headers: as sent; delivery reports do not carry them. timed: the time was chosen by
        the sender (a report about a recognised duplicate carries the batch's largest)."""
        place = self.parts.setdefault((message.topic(), message.partition()), {})
        assert message.offset() not in place, f"offset {message.offset()} given out twice"
        place[message.offset()] = (message.key(), message.value(), headers or [],
                                   message.timestamp()[1] if timed else None)

    def count(self) -> int:
        return sum(len(each) for each in self.parts.values())


def shape(message) -> tuple:
    headers = [(name, value) for name, value in message.headers() or []]
    return (message.key(), message.value(), headers, message.timestamp()[1])


def fill(env, topic: str, ledger: Ledger, codec: str, count: int = 60, size: int = 20) -> None:
    """Produces acknowledged records of all shapes with one codec, idempotently."""
    failures: list = []

    def delivered(headers, error, message):
        failures.append(error) if error else ledger.note(message, headers)

    producer = Producer({"bootstrap.servers": env.bootstrap, "compression.type": codec,
                         "enable.idempotence": True, "linger.ms": 20,
                         "batch.num.messages": 25})
    for index in range(count):
        value = f"{codec} {index} ".encode() + b"." * size
        headers = [("h1", b"one"), ("h2", None)] if index % 3 == 0 else None
        producer.produce(
            topic, key=None if index % 9 == 8 else f"key{index % 7}",
            value=None if index % 10 == 9 else value,
            headers=headers, partition=index % 3, timestamp=FIRST_TIME + index * 1000,
            on_delivery=functools.partial(delivered, headers))
    assert producer.flush(30) == 0 and not failures, failures[:2]


def readBack(env, ledger: Ledger, exact: bool = True) -> None:
    """Reads every partition of the ledger from the start and compares record by record. Not
    exact: records nobody acknowledged may be there as well."""
    reader = Consumer({"bootstrap.servers": env.bootstrap, "group.id": "unused",
                       "enable.auto.commit": False, "enable.partition.eof": False,
                       "fetch.wait.max.ms": 100})
    for (topic, partition), expected in ledger.parts.items():
        low, high = until("watermarks", lambda: _marks(reader, topic, partition))
        assert low == 0, f"{topic}-{partition} starts at {low}"
        assert high >= max(expected) + 1, f"{topic}-{partition} ends at {high}, acknowledged " \
                                          f"up to {max(expected)}"
        reader.assign([TopicPartition(topic, partition, 0)])
        found: dict = {}
        deadline = time.monotonic() + 30
        while len(found) < high:
            assert time.monotonic() < deadline, f"{len(found)} of {high} of {topic}-{partition}"
            for message in reader.consume(500, 0.2):
                assert not message.error(), message.error()
                assert message.offset() not in found
                found[message.offset()] = shape(message)
        if exact:
            assert sorted(found) == sorted(expected), f"{topic}-{partition} has other offsets"
        for offset, record in expected.items():
            seen = found[offset] if record[3] is not None else (*found[offset][:3], None)
            assert seen == record, f"{topic}-{partition} at {offset}: {seen} instead of {record}"
    reader.close()


def _marks(reader, topic, partition):
    try:
        return reader.get_watermark_offsets(TopicPartition(topic, partition), 5)
    except Exception:  # leaders may still be starting
        return None


def commit(env, group: str, topic: str, offsets: list[int]) -> None:
    parts = [TopicPartition(topic, index, offset, metadata=f"note {index}")
             for index, offset in enumerate(offsets)]

    def done() -> bool:  # the offsets topic may just be in the making
        asked = env.admin().alter_consumer_group_offsets(
            [ConsumerGroupTopicPartitions(group, parts)])
        return all(part.error is None for part in asked[group].result(15).topic_partitions)
    until("offsets committed", done)


def committed(env, group: str) -> dict:
    asked = env.admin().list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])
    return {(each.topic, each.partition): (each.offset, each.metadata)
            for each in asked[group].result(15).topic_partitions}


def restart(env, clean: bool) -> None:
    env.cluster.stop() if clean else env.cluster.kill()
    env.cluster.start()
    env.forgetClients()


@check(lonely=True)
def clean_restart(env):
    """Records, offsets, configurations and group state are the same after stop and start."""
    topic = env.topic("lasting", **FOREVER, segment_ms="77000000")
    group, ledger = env.name("g"), Ledger()
    for codec in CODECS:
        fill(env, topic, ledger, codec)
    commit(env, group, topic, [11, 22, 33])
    restart(env, clean=True)
    readBack(env, ledger)
    assert committed(env, group) == {(topic, 0): (11, "note 0"), (topic, 1): (22, "note 1"),
                                     (topic, 2): (33, "note 2")}
    described = env.tool("kafka-topics", "--describe", "--topic", topic).out
    assert "segment.ms=77000000" in described and "PartitionCount: 3" in described, described
    fill(env, topic, ledger, "lz4")
    readBack(env, ledger)


@check(lonely=True)
def killed_and_restarted(env):
    """kill -9 while producing: what was acknowledged is there, at its offset, once."""
    topic, group, ledger = env.topic("killed", **FOREVER), env.name("g"), Ledger()
    fill(env, topic, ledger, "zstd")
    commit(env, group, topic, [7, 8, 9])
    stop, numbers = threading.Event(), iter(range(10**9))
    producer = Producer({"bootstrap.servers": env.bootstrap, "linger.ms": 2, "acks": "all",
                         "enable.idempotence": True, "message.timeout.ms": 60000})

    def delivered(error, message):
        if not error:
            ledger.note(message, timed=False)

    def pump():
        while not stop.is_set():
            producer.produce(topic, key="k", value=f"live {next(numbers)}",
                             partition=next(numbers) % 3, on_delivery=delivered)
            producer.poll(0.001)
    thread = threading.Thread(target=pump)
    thread.start()
    start = ledger.count()
    until("some are acknowledged", lambda: ledger.count() > start + 500)
    env.cluster.kill()
    stop.set()
    thread.join()
    producer.poll(0.2)
    env.cluster.start()
    env.forgetClients()
    # The idempotent producer retries what was in flight: none of it may end up twice.
    assert producer.flush(60) == 0, "what was in flight is not delivered after the restart"
    readBack(env, ledger, exact=False)
    values = [record[1] for part in ledger.parts.values() for record in part.values()
              if record[1] and record[1].startswith(b"live")]
    assert len(values) == len(set(values)), "a value was acknowledged at two offsets"
    assert committed(env, group) == {(topic, each): (7 + each, f"note {each}")
                                     for each in range(3)}


@check(lonely=True)
def dump_log_agrees(env):
    """After a clean stop Kafka's own tool reads every file of every broker without complaint, and
    record by record the same as was acknowledged."""
    topic, group, ledger = env.topic("dumped", **FOREVER), env.name("dumped-group"), Ledger()
    small = env.topic("segmented", **FOREVER, segment_bytes="1048576", index_interval_bytes="1024")
    for codec in CODECS:
        fill(env, topic, ledger, codec)
    fill(env, small, ledger, "none", count=1800, size=2500)
    commit(env, group, topic, [5, 6, 7])
    readBack(env, ledger)
    topicIds = {name: _topicId(env, name) for name in (topic, small)}
    env.cluster.stop()
    assert sorted(env.cluster.dataDirs) == [1, 2, 3]
    for node, directory in env.cluster.dataDirs.items():
        for name in (topic, small):
            for partition in range(3):
                _checkPartition(env, node, directory / f"{name}-{partition}",
                                ledger.parts[(name, partition)], topicIds[name])
        segments = len(list((directory / f"{small}-0").glob("*.log")))
        assert segments > 1, f"node {node}: {segments} segment of {small}-0"
        _checkOthers(env, directory)
    _checkOffsets(env, group, topic)
    _checkMetadata(env, topic)


def _topicId(env, name: str) -> str:
    with Connection(*env.cluster.brokers[1]) as connection:
        answer = connection.request("Metadata", 12, {"Topics": [{"Name": name}],
                                                     "AllowAutoTopicCreation": False})
    return answer["Topics"][0]["TopicId"]


def dump(env, files: list[Path], *args: str) -> str:
    """kafka-dump-log over files; its own failures and complaints are the check's failures."""
    ran = env.plainTool("kafka-dump-log", "--files", ",".join(map(str, files)), *args,
                        checked=False, seconds=120)
    assert ran.exit == 0, f"kafka-dump-log {files[0]}...: exit {ran.exit}\n{ran.err[-2000:]}"
    rest = FIRST_IN_SEGMENT.sub(lambda match: "" if int(match[1]) == int(match[2]) else match[0],
                                ran.err)
    assert not rest.strip(), rest[-2000:]
    return ran.out


def complaints(text: str) -> list[str]:
    """Complaining lines, records themselves left aside."""
    return [line[:300] for line in text.splitlines()
            if not line.startswith("| offset:") and COMPLAINTS.search(line)]


def _checkPartition(env, node: int, place: Path, expected: dict, topicId: str) -> None:
    where = f"node {node} {place.name}"
    logs = sorted(place.glob("*.log"))
    assert logs, f"{where}: no segments"
    out = dump(env, logs, "--deep-iteration", "--print-data-log")
    assert not complaints(out), f"{where}: {complaints(out)[:5]}"
    found = {}
    for line in out.splitlines():
        if not line.startswith("| offset:"):
            continue
        match = RECORD.match(line)
        assert match, f"{where}: {line[:300]}"
        found[int(match[1])] = match
    assert sorted(found) == sorted(expected), f"{where}: {len(found)} records in the files, " \
                                              f"{len(expected)} acknowledged"
    for offset, (key, value, headers, stamp) in expected.items():
        match = found[offset]
        assert int(match[3]) == stamp, f"{where} at {offset}: time {match[3]}"
        assert int(match[4]) == (-1 if key is None else len(key)), f"{where} at {offset}: key"
        assert int(match[5]) == (-1 if value is None else len(value)), f"{where} at {offset}"
        assert key is None or match[8] == key.decode(), f"{where} at {offset}: {match[8]}"
        assert value is None or match[9] == value.decode(), f"{where} at {offset}: {match[9]}"
        names = [each for each in match[7].split(",") if each]
        assert names == [name for name, _ in headers], f"{where} at {offset}: {names}"
    _checkIndexes(env, where, place)
    lines = (place / "partition.metadata").read_text().split("\n")
    assert lines[:2] == ["version: 0", f"topic_id: {topicId}"], f"{where}: {lines}"
    lines = (place / "leader-epoch-checkpoint").read_text().split("\n")
    assert lines[0] == "0" and int(lines[1]) == len([each for each in lines[2:] if each]) >= 1, \
        f"{where}: {lines}"


def _checkIndexes(env, where: str, place: Path) -> None:
    indexes = sorted(place.glob("*.index")) + sorted(place.glob("*.timeindex"))
    assert len(indexes) == 2 * len(list(place.glob("*.log"))), f"{where}: {indexes}"
    out = dump(env, indexes)  # compares each entry with the segment
    assert not complaints(out), f"{where}: {complaints(out)[:5]}"
    out = dump(env, indexes, "--index-sanity-check")
    assert out.count("passed sanity check") + out.count("is empty.") == len(indexes), \
        f"{where}: {out[-1000:]}"
    snapshots = sorted(place.glob("*.snapshot"))
    assert snapshots, f"{where}: no producer snapshot after a clean stop"
    out = dump(env, snapshots)
    assert not complaints(out) and "producerId: " in out, f"{where}: {out[-1000:]}"


def _checkOthers(env, directory: Path) -> None:
    """All other partitions of the broker, from whatever ran before: no complaint at all."""
    logs = [each for each in sorted(directory.glob("*/*.log"))
            if not each.parent.name.startswith("__cluster_metadata")
            and not each.parent.name.endswith("-delete") and each.stat().st_size > 0]
    for start in range(0, len(logs), 40):
        out = dump(env, logs[start:start + 40], "--deep-iteration")
        assert not complaints(out), complaints(out)[:5]
    indexes = [each for each in sorted(directory.glob("*/*.index"))
               + sorted(directory.glob("*/*.timeindex"))
               if each.stat().st_size > 0 and not each.parent.name.endswith("-delete")]
    for start in range(0, len(indexes), 40):
        out = dump(env, indexes[start:start + 40])
        assert not complaints(out), complaints(out)[:5]
    assert (directory / ".kafka_cleanshutdown").exists(), "no clean-shutdown marker"
    names = {"recovery-point-offset-checkpoint", "replication-offset-checkpoint"}
    names.update(each.name for each in directory.glob("*-offset-checkpoint"))
    for name in names:
        lines = (directory / name).read_text().split("\n")
        assert lines[0] == "0" and int(lines[1]) == len([each for each in lines[2:] if each]), \
            f"{name}: {lines[:4]}"


def _checkOffsets(env, group: str, topic: str) -> None:
    """--offsets-decoder finds the committed offsets."""
    partition = _hash(group) % 50
    for directory in env.cluster.dataDirs.values():
        logs = sorted((directory / f"__consumer_offsets-{partition}").glob("*.log"))
        out = dump(env, logs, "--deep-iteration", "--print-data-log", "--offsets-decoder")
        assert not complaints(out), complaints(out)[:5]
        seen = {}
        for line in out.splitlines():
            match = re.search(r'key: (\{.*\}) payload: (\{.*\})$', line)
            if match and '"topic"' in match[1]:
                key, value = json.loads(match[1])["data"], json.loads(match[2])["data"]
                if key["group"] == group:
                    # confluent-kafka sends the terminating zero of its C string along.
                    seen[key["partition"]] = (key["topic"], value["offset"],
                                              value["metadata"].rstrip("\0"))
        assert seen == {each: (topic, 5 + each, f"note {each}") for each in range(3)}, seen


def _hash(text: str) -> int:
    """Java's String.hashCode, absolute, as Kafka chooses the partition of a group."""
    value = 0
    for char in text:
        value = (31 * value + ord(char)) & 0xFFFFFFFF
    return 0 if value == 0x80000000 else min(value, 0x100000000 - value)


def _checkMetadata(env, topic: str) -> None:
    """--cluster-metadata-decoder understands the controller's log; it tells of the topic."""
    directory = env.cluster.dataDirs[1] / "__cluster_metadata-0"
    files = sorted(directory.glob("*.log")) + sorted(directory.glob("*.checkpoint"))
    out = dump(env, files, "--deep-iteration", "--cluster-metadata-decoder")
    assert not complaints(out), complaints(out)[:5]
    kinds: dict = {}
    for line in out.splitlines():
        match = re.search(r"payload: (\{.*\})$", line)
        if match:
            record = json.loads(match[1])
            kinds.setdefault(record["type"], []).append(record["data"])
    topics = {each["name"]: each["topicId"] for each in kinds["TOPIC_RECORD"]}
    assert topic in topics, sorted(topics)
    parts = [each for each in kinds["PARTITION_RECORD"] if each["topicId"] == topics[topic]]
    assert sorted(each["partitionId"] for each in parts) == [0, 1, 2]
    assert all(sorted(each["replicas"]) == [1, 2, 3] for each in parts), parts
    assert {each["brokerId"] for each in kinds["REGISTER_BROKER_RECORD"]} == {1, 2, 3}
    levels = {each["name"]: each["featureLevel"] for each in kinds["FEATURE_LEVEL_RECORD"]}
    assert levels["metadata.version"] == 30, levels
    bad = [line[:200] for line in out.splitlines()
           if line.startswith("| offset:") and "payload" not in line and "keySize: -1" in line]
    assert not bad, bad[:3]
