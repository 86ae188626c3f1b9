# SPDX-License-Identifier: GPL-3.0-or-later
"""kafka-python: a client written in Python from the protocol up, independent of librdkafka."""

import time

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, OffsetSpec
from kafka.errors import KafkaError, TopicAlreadyExistsError
from kafka.structs import OffsetAndMetadata

from support.environment import check, until

CODECS = (None, "gzip", "snappy", "lz4", "zstd")


def produce(env, topic: str, count: int, codec: str | None = None, **options) -> dict:
    """Acknowledged records: value -> (partition, offset)."""
    producer = KafkaProducer(bootstrap_servers=env.bootstrap.split(","), acks="all",
                             compression_type=codec, linger_ms=5, **options)
    label = codec or "none"
    waiting = [(f"{label}-{index}".encode(), producer.send(
        topic, key=f"key-{index % 5}".encode(), value=f"{label}-{index}".encode(),
        headers=[("codec", label.encode()), ("empty", b"")],
        timestamp_ms=1_700_000_000_000 + index)) for index in range(count)]
    producer.flush(timeout=30)
    acked = {value: (future.get(20).partition, future.get(20).offset)
             for value, future in waiting}
    producer.close()
    return acked


def consumer(env, *topics: str, **options) -> KafkaConsumer:
    return KafkaConsumer(*topics, bootstrap_servers=env.bootstrap.split(","),
                         auto_offset_reset="earliest", enable_auto_commit=False,
                         heartbeat_interval_ms=300, **options)


def drain(reader, count: int, seconds: float = 40.0) -> dict:
    seen: dict = {}
    deadline = time.monotonic() + seconds
    while len(seen) < count:
        assert time.monotonic() < deadline, f"{len(seen)} of {count} read"
        for batch in reader.poll(timeout_ms=100).values():
            for record in batch:
                assert record.value not in seen, f"{record.value} read twice"
                seen[record.value] = record
    return seen


def admin(env) -> KafkaAdminClient:
    return KafkaAdminClient(bootstrap_servers=env.bootstrap.split(","))


@check
def codecs_keys_and_headers(env):
    topic = env.topic("pykafka")
    acked: dict = {}
    for codec in CODECS:
        acked |= produce(env, topic, 60, codec)
    reader = consumer(env, topic)
    seen = drain(reader, len(acked))
    reader.close()
    for value, record in seen.items():
        assert (record.partition, record.offset) == acked[value]
        assert record.key.startswith(b"key-")
        assert list(record.headers) == [("codec", value.split(b"-")[0]), ("empty", b"")]
        assert record.timestamp == 1_700_000_000_000 + int(value.split(b"-")[1])


@check
def idempotent_producer(env):
    topic = env.topic("pykafka", 1)
    acked = produce(env, topic, 300, enable_idempotence=True)
    assert sorted(offset for _, offset in acked.values()) == list(range(300))


def _two(env, **options) -> None:
    topic, group = env.topic("pykafka"), env.name("group")
    acked = produce(env, topic, 120)
    members = []
    for number in (1, 2):
        more = dict(options)
        if more.pop("fixed", False):
            more["group_instance_id"] = f"instance-{number}"
        members.append(consumer(env, topic, group_id=group, client_id=f"member-{number}", **more))
    values: dict = {}

    def poll():
        for member in members:
            for batch in member.poll(timeout_ms=50).values():
                values.update((each.value, (each.partition, each.offset)) for each in batch)

    def shared():
        poll()
        owned = [sorted(part.partition for part in each.assignment()) for each in members]
        return all(owned) and sorted(owned[0] + owned[1]) == [0, 1, 2]
    until("two members share three partitions", shared, 40)

    def everything():
        poll()
        return len(values) == len(acked)
    until("everything read", everything, 30)
    assert values == acked
    keeper = admin(env)
    described = until("described", lambda: (poll(), _whole(keeper, group))[1])
    assert sorted(each["client_id"] for each in described["members"]) == ["member-1", "member-2"]
    if options.get("fixed"):
        assert sorted(each["group_instance_id"] for each in described["members"]) \
            == ["instance-1", "instance-2"]
    until("committed", lambda: _commit(members, poll), 30)
    offsets = keeper.list_group_offsets({group: None})[group]
    assert sum(each.offset for each in offsets.values()) == len(acked), offsets
    for member in members:
        member.close()
    keeper.close()


def _commit(members: list, poll) -> bool:
    """Commits for all; a rebalance in between means polling on and trying again."""
    try:
        for member in members:
            member.commit()
        return True
    except KafkaError:
        poll()
        return False


def _whole(keeper, group: str):
    described = keeper.describe_groups([group])
    found = described[group] if isinstance(described, dict) else described[0]
    return found if found["group_state"] == "Stable" and len(found["members"]) == 2 else None


@check
def group_of_two_range(env):
    from kafka.coordinator.assignors.range import RangePartitionAssignor
    _two(env, partition_assignment_strategy=[RangePartitionAssignor])


@check
def group_of_two_cooperative(env):
    from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
    _two(env, partition_assignment_strategy=[CooperativeStickyAssignor])


@check
def group_of_two_static(env):
    _two(env, fixed=True)


@check
def commits_and_resumes(env):
    topic, group = env.topic("pykafka", 1), env.name("group")
    produce(env, topic, 50)
    part = TopicPartition(topic, 0)
    reader = consumer(env, topic, group_id=group)
    drain(reader, 50)
    reader.commit({part: OffsetAndMetadata(20, "twenty", -1)})
    found = reader.committed(part, metadata=True)
    assert (found.offset, found.metadata) == (20, "twenty"), found
    reader.close()
    reader = consumer(env, topic, group_id=group)
    seen = drain(reader, 30)
    assert min(each.offset for each in seen.values()) == 20
    reader.close()


@check
def seeks_and_times(env):
    topic = env.topic("pykafka", 1)
    produce(env, topic, 40)
    part = TopicPartition(topic, 0)
    reader = consumer(env)
    reader.assign([part])
    assert reader.beginning_offsets([part]) == {part: 0}
    assert reader.end_offsets([part]) == {part: 40}
    found = reader.offsets_for_times({part: 1_700_000_000_025})
    assert found[part].offset == 25 and found[part].timestamp == 1_700_000_000_025, found
    assert reader.offsets_for_times({part: 1_800_000_000_000})[part] is None
    reader.seek(part, 33)
    assert min(each.offset for each in drain(reader, 7).values()) == 33
    reader.seek_to_beginning(part)
    assert len(drain(reader, 40)) == 40
    reader.close()


@check
def administers(env):
    keeper, name = admin(env), env.name("pyadmin")
    keeper.create_topics({name: {"num_partitions": 2, "replication_factor": 3,
                                 "configs": {"retention.ms": "70000"}}},
                         wait_for_metadata=True)
    try:
        keeper.create_topics({name: {"num_partitions": 2, "replication_factor": 3}})
        raise AssertionError("created twice")
    except TopicAlreadyExistsError:
        pass
    assert name in keeper.list_topics()
    described = keeper.describe_topics([name])[0]
    assert len(described["partitions"]) == 2
    assert all(len(each["replica_nodes"]) == 3 for each in described["partitions"])
    keeper.create_partitions({name: 4})
    until("four partitions",
          lambda: len(keeper.describe_topics([name])[0]["partitions"]) == 4)
    resource = ConfigResource(ConfigResourceType.TOPIC, name)
    before = keeper.describe_configs([resource])
    assert "70000" in str(before), before
    keeper.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name,
                                         {"retention.ms": "80000"})])
    until("altered", lambda: "80000" in str(keeper.describe_configs([resource])))
    broker = keeper.describe_configs([ConfigResource(ConfigResourceType.BROKER, "1")],
                                     config_filter="all")
    assert "num.partitions" in str(broker)
    assert len(keeper.describe_cluster()["brokers"]) == 3
    assert len(keeper.describe_log_dirs()) >= 3
    produce(env, name, 40)
    part = TopicPartition(name, 0)
    end = keeper.list_partition_offsets({part: OffsetSpec.LATEST})[part].offset
    keeper.delete_records({part: end})
    assert keeper.list_partition_offsets({part: OffsetSpec.EARLIEST})[part].offset == end
    keeper.delete_topics([name])
    until("gone", lambda: name not in keeper.list_topics())
    keeper.close()


@check
def lists_groups(env):
    topic, group = env.topic("pykafka", 1), env.name("group")
    keeper = admin(env)
    keeper.alter_group_offsets(group, {TopicPartition(topic, 0): OffsetAndMetadata(7, "", -1)})
    listed = until("listed", lambda: [each for each in keeper.list_groups()
                                      if each["group_id"] == group])
    assert listed[0]["group_state"] == "Empty", listed
    assert keeper.list_group_offsets({group: None})[group][TopicPartition(topic, 0)].offset == 7
    keeper.close()
