# SPDX-License-Identifier: GPL-3.0-or-later
"""confluent-kafka: librdkafka driven from Python, the client most Python programs use."""

import os
import threading
import time

from confluent_kafka import (OFFSET_BEGINNING, Consumer, ConsumerGroupTopicPartitions, KafkaError,
                             KafkaException, Producer, TopicCollection, TopicPartition)
from confluent_kafka.admin import (AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions,
                                   NewTopic, OffsetSpec, ResourceType)

from support.environment import check, until

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")


def produce(env, topic: str, count: int, **settings) -> dict:
    """Acknowledged records: value -> (partition, offset)."""
    acked: dict = {}
    errors: list = []

    def delivered(error, message):
        if error:
            errors.append(error)
        else:
            acked[message.value()] = (message.partition(), message.offset())

    producer = Producer({"bootstrap.servers": env.bootstrap, "linger.ms": 5,
                         **{key.replace("_", "."): value for key, value in settings.items()}})
    label = settings.get("compression_type", "plain")
    for index in range(count):
        producer.produce(topic, key=f"key-{index % 11}", value=f"{label}-{index}",
                         headers=[("kind", label.encode()), ("nothing", None)],
                         on_delivery=delivered)
    assert producer.flush(30) == 0, "not all delivered"
    assert not errors, errors[:3]
    assert len(acked) == count
    return acked


def consumer(env, group: str, **settings) -> Consumer:
    """RDKAFKA_DEBUG=cgrp,protocol in the environment makes librdkafka tell what it does."""
    if "RDKAFKA_DEBUG" in os.environ:
        settings["debug"] = os.environ["RDKAFKA_DEBUG"]
    return Consumer({"bootstrap.servers": env.bootstrap, "group.id": group,
                     "auto.offset.reset": "earliest", "enable.auto.commit": False,
                     "heartbeat.interval.ms": 300,
                     **{key.replace("_", "."): value for key, value in settings.items()}})


def drain(readers: list, count: int, seconds: float = 40.0) -> dict:
    """Polls the readers in turn until count different values came: value -> message."""
    seen: dict = {}
    deadline = time.monotonic() + seconds
    while len(seen) < count:
        assert time.monotonic() < deadline, f"{len(seen)} of {count} read"
        for reader in readers:
            for message in reader.consume(200, 0.05):
                assert not message.error(), message.error()
                assert message.value() not in seen, f"{message.value()} read twice"
                seen[message.value()] = message
    return seen


@check
def codecs_keys_and_headers(env):
    topic = env.topic("confluent")
    acked: dict = {}
    for codec in CODECS:
        acked |= produce(env, topic, 200, compression_type=codec)
    reader = consumer(env, env.name("group"))
    reader.subscribe([topic])
    seen = drain([reader], len(acked))
    reader.close()
    for value, message in seen.items():
        assert (message.partition(), message.offset()) == acked[value]
        assert message.key().startswith(b"key-")
        kind = value.split(b"-")[0]
        assert message.headers() == [("kind", kind), ("nothing", None)], message.headers()


@check
def idempotent_producer(env):
    topic = env.topic("confluent")
    acked = produce(env, topic, 2000, enable_idempotence=True, compression_type="lz4")
    for partition in range(3):
        offsets = sorted(offset for home, offset in acked.values() if home == partition)
        assert offsets == list(range(len(offsets))), "no holes, no doubles"


@check
def every_acks_level(env):
    topic = env.topic("confluent")
    for acks in ("0", "1", "all"):
        produce(env, topic, 50, acks=acks, compression_type="none", client_id=f"acks-{acks}")
    reader = consumer(env, env.name("group"))

    def total():  # the high watermark follows acks 0 and 1 a moment later
        return sum(reader.get_watermark_offsets(TopicPartition(topic, each), 10)[1]
                   for each in range(3))
    until("all 150 visible", lambda: total() == 150)
    reader.close()


def _shareOut(env, topic: str, acked: dict, **settings) -> None:
    """Two members end with different partitions and together read everything."""
    group = env.name("group")
    members = {}
    for number in (1, 2):
        more = dict(settings)
        if more.pop("fixed", False):
            more["group_instance_id"] = f"instance-{number}"
        members[number] = consumer(env, group, **more)
        members[number].subscribe([topic])

    def shared():
        for member in members.values():  # both, always: one waits for what the other must do
            member.poll(0.05)
        owned = [[each.partition for each in member.assignment()] for member in members.values()]
        return all(owned) and sorted(sum(owned, [])) == [0, 1, 2]

    until("two members share three partitions", shared, 40)
    described = until("described as stable with two members",
                      lambda: shared() and _described(env, group))
    assert described.partition_assignor in ("range", "cooperative-sticky"), described
    clients = {each.client_id for each in described.members}
    assert clients == {"rdkafka"}, clients
    for member in members.values():
        for part in member.assignment():
            member.seek(TopicPartition(topic, part.partition, OFFSET_BEGINNING))
    values: set = set()
    deadline = time.monotonic() + 30
    while len(values) < len(acked):
        assert time.monotonic() < deadline, f"{len(values)} of {len(acked)}"
        for member in members.values():
            values.update(each.value() for each in member.consume(200, 0.05))
    assert values == set(acked)
    for member in members.values():
        member.commit(asynchronous=False)
    listed = env.admin().list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])
    offsets = listed[group].result(10).topic_partitions
    assert sum(each.offset for each in offsets) == len(acked), offsets
    for member in members.values():
        member.close()


def _described(env, group: str):
    found = env.admin().describe_consumer_groups([group])[group].result(10)
    whole = found.state.name == "STABLE" and len(found.members) == 2 and \
        sum(len(each.assignment.topic_partitions) for each in found.members) == 3
    return found if whole else None


@check
def group_of_two_eager(env):
    topic = env.topic("confluent")
    _shareOut(env, topic, produce(env, topic, 600),
              partition_assignment_strategy="range")


@check
def group_of_two_cooperative(env):
    topic = env.topic("confluent")
    _shareOut(env, topic, produce(env, topic, 600),
              partition_assignment_strategy="cooperative-sticky")


@check
def group_of_two_static(env):
    topic = env.topic("confluent")
    _shareOut(env, topic, produce(env, topic, 600), fixed=True,
              partition_assignment_strategy="range")


@check
def static_member_returns_without_rebalance(env):
    topic, group = env.topic("confluent"), env.name("group")
    produce(env, topic, 10)
    first = consumer(env, group, group_instance_id="keeper")
    first.subscribe([topic])
    drain([first], 10)
    before = env.admin().describe_consumer_groups([group])[group].result(10)
    first.close()  # a static member does not leave
    after = env.admin().describe_consumer_groups([group])[group].result(10)
    assert [each.group_instance_id for each in after.members] == ["keeper"], after.members
    second = consumer(env, group, group_instance_id="keeper")
    second.subscribe([topic])
    drain([second], 10)  # nothing was committed, so it reads again
    again = env.admin().describe_consumer_groups([group])[group].result(10)
    assert len(again.members) == 1
    assert again.members[0].member_id != before.members[0].member_id
    second.close()


@check
def lost_member_is_noticed(env):
    """A member that stops polling its heartbeats loses its partitions to the other."""
    topic, group = env.topic("confluent"), env.name("group")
    first = consumer(env, group, session_timeout_ms=6000)
    second = consumer(env, group, session_timeout_ms=6000, max_poll_interval_ms=6000)
    for each in (first, second):
        each.subscribe([topic])

    def shared():
        for each in (first, second):
            each.poll(0.05)
        return first.assignment() and second.assignment()
    until("both have partitions", shared, 40)
    # The second is never polled again: max.poll.interval.ms makes it leave by itself.

    def inherited():
        first.poll(0.05)
        return len(first.assignment()) == 3
    until("the first has them all", inherited, 40)
    first.close()
    second.close()


@check
def commits_and_resumes(env):
    topic, group = env.topic("confluent", 1), env.name("group")
    produce(env, topic, 100)
    reader = consumer(env, group)
    reader.subscribe([topic])
    until("a record", lambda: reader.poll(0.1))
    reader.commit(offsets=[TopicPartition(topic, 0, 40, "halfway")], asynchronous=False)
    found = reader.committed([TopicPartition(topic, 0)], 10)[0]
    assert (found.offset, found.metadata) == (40, "halfway"), found
    reader.close()
    reader = consumer(env, group)
    reader.subscribe([topic])
    message = until("a record", lambda: reader.poll(0.1))
    assert message.offset() == 40, message.offset()
    reader.close()


@check
def seeks_and_times(env):
    topic = env.topic("confluent", 1)
    producer = Producer({"bootstrap.servers": env.bootstrap})
    for index in range(50):
        producer.produce(topic, value=str(index), timestamp=1_700_000_000_000 + index * 1000)
    producer.flush(20)
    reader = consumer(env, env.name("group"))
    part = TopicPartition(topic, 0)
    found = reader.offsets_for_times([TopicPartition(topic, 0, 1_700_000_000_000 + 20_500)], 10)
    assert found[0].offset == 21, found
    found = reader.offsets_for_times([TopicPartition(topic, 0, 1_900_000_000_000)], 10)
    assert found[0].offset == -1, found
    part.offset = 30
    reader.assign([part])
    message = until("a record", lambda: reader.poll(0.1))
    assert message.offset() == 30 and message.timestamp()[1] == 1_700_000_030_000
    part.offset = 5
    reader.seek(part)
    message = until("a record", lambda: reader.poll(0.1))
    assert message.offset() == 5, message.offset()
    assert reader.get_watermark_offsets(part, 10) == (0, 50)
    reader.close()


@check
def tail_arrives_at_once(env):
    """A waiting fetch is woken by a produce: well under a second."""
    topic = env.topic("confluent", 1)
    reader = consumer(env, env.name("group"), fetch_wait_max_ms=8000)
    reader.assign([TopicPartition(topic, 0, 0)])
    reader.poll(0.3)
    arrived: list = []
    thread = threading.Thread(target=lambda: arrived.append((reader.poll(10), time.monotonic())))
    thread.start()
    time.sleep(0.2)
    start = time.monotonic()
    producer = Producer({"bootstrap.servers": env.bootstrap})
    producer.produce(topic, value="now")
    producer.flush(10)
    thread.join()
    assert arrived[0][0] is not None and arrived[0][0].value() == b"now"
    assert arrived[0][1] - start < 3, "took too long for a wake-up"
    reader.close()


@check
def admin_topics(env):
    admin, name = env.admin(), env.name("made")
    made = admin.create_topics([NewTopic(name, 2, 3, config={"retention.ms": "60000"})])
    made[name].result(10)
    try:
        admin.create_topics([NewTopic(name, 2, 3)])[name].result(10)
        raise AssertionError("created twice")
    except KafkaException as error:
        assert error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS, error
    wide = env.name("wide")
    try:
        admin.create_topics([NewTopic(wide, 1, 4)])[wide].result(10)
        raise AssertionError("four replicas on three brokers")
    except KafkaException as error:
        assert error.args[0].code() == KafkaError.INVALID_REPLICATION_FACTOR, error
    until("two partitions", lambda: len(admin.list_topics(timeout=10).topics[name].partitions)
          == 2 if name in admin.list_topics(timeout=10).topics else False)
    admin.create_partitions([NewPartitions(name, 5)])[name].result(10)
    until("five partitions", lambda: len(admin.list_topics(timeout=10).topics[name].partitions)
          == 5)
    admin.delete_topics([name])[name].result(10)
    until("gone", lambda: name not in admin.list_topics(timeout=10).topics)


@check
def admin_configs(env):
    admin, name = env.admin(), env.topic("configured")
    resource = ConfigResource(ResourceType.TOPIC, name, incremental_configs=[
        ConfigEntry("retention.ms", "123456",
                    incremental_operation=AlterConfigOpType.SET)])
    admin.incremental_alter_configs([resource])[resource].result(10)
    asked = ConfigResource(ResourceType.TOPIC, name)

    def value():
        return admin.describe_configs([asked])[asked].result(10)["retention.ms"]
    entry = until("the new value", lambda: value() if value().value == "123456" else None)
    assert not entry.is_default and entry.source == 1, entry
    broker = ConfigResource(ResourceType.BROKER, "2")
    described = admin.describe_configs([broker])[broker].result(10)
    assert described["node.id"].value == "2" or described["broker.id"].value == "2"
    assert described["num.partitions"].is_read_only


@check
def admin_offsets_groups_and_records(env):
    admin, topic, group = env.admin(), env.topic("managed", 1), env.name("group")
    produce(env, topic, 60)
    part = TopicPartition(topic, 0)
    asked = admin.list_offsets({part: OffsetSpec.latest()})
    assert asked[part].result(10).offset == 60
    asked = admin.list_offsets({part: OffsetSpec.max_timestamp()})
    assert 0 <= asked[part].result(10).offset < 60
    deleted = admin.delete_records([TopicPartition(topic, 0, 25)])
    assert next(iter(deleted.values())).result(10).low_watermark == 25
    assert admin.list_offsets({part: OffsetSpec.earliest()})[part].result(10).offset == 25
    changed = admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(
        group, [TopicPartition(topic, 0, 33)])])
    changed[group].result(10)
    listed = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group, [part])])
    assert listed[group].result(10).topic_partitions[0].offset == 33
    groups = until("listed", lambda: [each for each in
                                      admin.list_consumer_groups().result(10).valid
                                      if each.group_id == group])
    assert groups[0].state.name == "EMPTY", groups[0].state
    cluster = admin.describe_cluster().result(10)
    assert sorted(each.id for each in cluster.nodes) == [1, 2, 3]
    topics = admin.describe_topics(TopicCollection([topic]))[topic].result(10)
    assert len(topics.partitions) == 1 and len(topics.partitions[0].isr) == 3
