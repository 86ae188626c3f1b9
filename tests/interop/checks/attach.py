# SPDX-License-Identifier: GPL-3.0-or-later
"""Odradek attached to the cluster under judgement: what its window would show and do, beside what an
independent client says. Meant for `--target kafka`; our own cluster has to pass as well."""

import socket
import subprocess
import threading

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import ConfigResource, OffsetSpec, ResourceType

from support.clusters import Connection, freePorts
from support.environment import check, until
from support.probe import Probe, attached, probeBinary

DESCRIBE_QUORUM = 55
SOURCES = {1: "DYNAMIC_TOPIC_CONFIG", 2: "DYNAMIC_BROKER_CONFIG",
           3: "DYNAMIC_DEFAULT_BROKER_CONFIG", 4: "STATIC_BROKER_CONFIG", 5: "DEFAULT_CONFIG",
           6: "DYNAMIC_BROKER_LOGGER_CONFIG"}


def produce(env, topic: str, count: int, **options) -> None:
    producer = Producer({"bootstrap.servers": env.bootstrap, "linger.ms": 2, **options})
    for index in range(count):
        producer.produce(topic, key=f"key{index}", value=f"value {index}", partition=index % 3)
    assert producer.flush(30) == 0


def member(env, group: str, **options) -> Consumer:
    return Consumer({"bootstrap.servers": env.bootstrap, "group.id": group,
                     "auto.offset.reset": "earliest", "enable.auto.commit": False,
                     **{key.replace("_", "."): value for key, value in options.items()}})


def partitionsOf(env, topic: str) -> dict:
    return env.admin().list_topics(topic, timeout=10).topics[topic].partitions


@check
def shows_brokers_and_topics(env):
    topic = env.topic("seen", 5, retention_ms="7200000", cleanup_policy="compact,delete",
                      min_insync_replicas="2")
    quorum = _quorumLeader(env)
    with attached(env.bootstrap) as probe:
        seen = probe.sees("brokers with their disks", lambda s: s if s["connection"] == "live"
                          and all(each["logBytes"] is not None and each["diskTotal"]
                                  for each in s["brokers"].values()) and len(s["brokers"]) == 3
                          and (s["controller"] > 0) == (quorum is not None)
                          and s["topics"][topic]["retentionMs"] else None)
        cluster = env.admin().describe_cluster().result(10)
        assert seen["clusterId"] == cluster.cluster_id, seen["clusterId"]
        assert quorum is None or seen["controller"] == quorum, (seen["controller"], quorum)
        assert {node for node, each in seen["brokers"].items() if each["isController"]} \
            == {str(node) for node in [quorum] if node}, seen["brokers"]
        for node, (host, port) in env.cluster.brokers.items():
            broker = seen["brokers"][str(node)]
            assert (broker["host"], broker["port"]) == (host, port), broker
            assert broker["state"] == "online", broker
            assert broker["logDir"] == str(env.cluster.dataDirs[node]), broker
            assert 0 < broker["diskUsable"] < broker["diskTotal"], broker
        shown = seen["topics"][topic]
        assert (shown["retentionMs"], shown["minInsync"], shown["changedConfigs"],
                shown["replicationFactor"], shown["isInternal"]) == (7200000, 2, 3, 3, False), shown
        assert sorted(shown["cleanupPolicy"].split(",")) == ["compact", "delete"], shown
        truth = partitionsOf(env, topic)
        assert len(shown["partitions"]) == len(truth) == 5
        for part in shown["partitions"]:
            real = truth[part["index"]]
            assert part["leader"] == real.leader, (part, real)
            assert [each["broker"] for each in part["replicas"]] == real.replicas, (part, real)
            assert {each["broker"] for each in part["replicas"] if each["inSync"]} \
                == set(real.isrs), (part, real)
            assert all(each["online"] for each in part["replicas"]), part
        # What comes later is seen without asking.
        later = env.topic("later", 2)
        probe.sees("a new topic", lambda s: len(s["topics"][later]["partitions"]) == 2)
        env.admin().delete_topics([later])[later].result(10)
        probe.sees("that it is gone", lambda s: later not in s["topics"])
        texts = [each["text"] for each in probe.ask("events") if each["inferred"]]
        assert any(later in each for each in texts), texts


def _hello(connection) -> dict:
    return connection.request("ApiVersions", 3, {"ClientSoftwareName": "check",
                                                 "ClientSoftwareVersion": "1"})


def _quorumLeader(env) -> int | None:
    """The active controller; None when the cluster does not tell (then Odradek must not either)."""
    with Connection(*env.cluster.brokers[1]) as connection:
        if DESCRIBE_QUORUM not in {each["ApiKey"] for each in _hello(connection)["ApiKeys"]}:
            return None
        answer = connection.request("DescribeQuorum", 0, {"Topics": [
            {"TopicName": "__cluster_metadata", "Partitions": [{"PartitionIndex": 0}]}]})
    return answer["Topics"][0]["Partitions"][0]["LeaderId"]


@check
def shows_offsets_and_sizes(env):
    topic = env.topic("measured")
    with attached(env.bootstrap) as probe:
        produce(env, topic, 300)

        def ends(seen):
            return [(each["logStart"], each["highWatermark"])
                    for each in seen["topics"][topic]["partitions"]]
        probe.sees("the ends", lambda s: ends(s) == [(0, 100)] * 3)
        seen = probe.sees("sizes of all replicas", lambda s: s if all(
            (replica["bytes"] or 0) > 1000 for part in s["topics"][topic]["partitions"]
            for replica in part["replicas"]) else None)
        for part in seen["topics"][topic]["partitions"]:
            sizes = {replica["bytes"] for replica in part["replicas"]}
            assert sizes == {part["bytes"]}, part  # replicas are byte-equal
            assert all(each["lag"] == 0 for each in part["replicas"]), part
        for directory in env.cluster.dataDirs.values():  # and that is what lies on the disk
            on = sum(each.stat().st_size for each in (directory / f"{topic}-0").glob("*.log"))
            assert on >= seen["topics"][topic]["partitions"][0]["bytes"] > 0, on
        env.admin().delete_records([TopicPartition(topic, 1, 40)])
        probe.sees("the log start", lambda s: ends(s) == [(0, 100), (40, 100), (0, 100)])


@check
def shows_groups_with_members_and_lag(env):
    topic, group = env.topic("grouped"), env.name("watched")
    produce(env, topic, 300)
    members = [member(env, group, client_id=f"reader-{each}", group_instance_id=f"fixed-{each}",
                      partition_assignment_strategy="range") for each in (1, 2)]
    for each in members:
        each.subscribe([topic])
    with attached(env.bootstrap) as probe:
        def assigned(seen):
            for each in members:
                each.poll(0.01)
            found = seen["groups"][group]
            return found if found["state"] == "Stable" and len(found["members"]) == 2 and \
                sum(len(each["assignment"]) for each in found["members"]) == 3 else None
        found = probe.sees("a stable group of two", assigned)
        assert (found["protocolType"], found["protocol"]) == ("consumer", "range"), found
        assert found["coordinator"] in env.cluster.brokers, found
        assert sorted((each["clientId"], each["instanceId"]) for each in found["members"]) \
            == [("reader-1", "fixed-1"), ("reader-2", "fixed-2")], found
        assert all(each["host"] == "127.0.0.1" and each["subscription"] == [topic]
                   for each in found["members"]), found
        mine = {each["clientId"]: {tuple(part) for part in each["assignment"]}
                for each in found["members"]}
        for index, each in enumerate(members, 1):
            assert mine[f"reader-{index}"] == {(part.topic, part.partition)
                                               for part in each.assignment()}, mine
        for each in members:
            offsets = [TopicPartition(topic, part.partition, 30 + part.partition, "so far")
                       for part in each.assignment()]
            each.commit(offsets=offsets, asynchronous=False)
        found = probe.sees("lag of all partitions", lambda s: s["groups"][group] if
                           s["groups"][group]["totalLag"] == 207 else None)
        assert [(each["partition"], each["offset"], each["highWatermark"], each["lag"],
                 each["metadata"].rstrip("\0")) for each in found["offsets"]] == [
                     (0, 30, 100, 70, "so far"), (1, 31, 100, 69, "so far"),
                     (2, 32, 100, 68, "so far")], found["offsets"]
        produce(env, topic, 30)
        probe.sees("growing lag", lambda s: s["groups"][group]["totalLag"] == 237)
        for each in members:
            each.close()
        env.admin().delete_consumer_groups([group])  # static members do not leave by themselves
    dynamic = env.name("dynamic")
    reader = member(env, dynamic, client_id="alone")
    reader.subscribe([topic])
    with attached(env.bootstrap) as probe:
        def alone(seen):
            reader.poll(0.01)
            return [each["clientId"] for each in seen["groups"][dynamic]["members"]] == ["alone"]
        probe.sees("one member", alone)
        reader.close()
        probe.sees("an empty group", lambda s: s["groups"][dynamic]["state"] == "Empty"
                   and not s["groups"][dynamic]["members"])
        env.admin().delete_consumer_groups([dynamic])[dynamic].result(10)
        probe.sees("that it is gone", lambda s: dynamic not in s["groups"])


@check
def shows_groups_of_the_new_protocol(env):
    """KIP-848 groups, where the cluster has them: state, offsets and lag (members are not asked for
    yet)."""
    with Connection(*env.cluster.brokers[1]) as connection:
        features = {each["Name"]: each["MaxVersionLevel"]
                    for each in _hello(connection).get("FinalizedFeatures", [])}
    if features.get("group.version", 0) == 0:
        return  # such a cluster has none to show
    topic, group = env.topic("grouped"), env.name("kip848")
    produce(env, topic, 30)
    reader = member(env, group, group_protocol="consumer")
    reader.subscribe([topic])
    until("assigned", lambda: (reader.poll(0.05), len(reader.assignment()) == 3)[1], 40)
    reader.commit(offsets=[TopicPartition(topic, 0, 4)], asynchronous=False)
    with attached(env.bootstrap) as probe:
        found = probe.sees("the group's lag", lambda s: s["groups"][group]
                           if s["groups"][group]["totalLag"] == 6 else None)
        assert (found["state"], found["protocolType"]) == ("Stable", "consumer"), found
        reader.close()
        probe.sees("an empty group", lambda s: s["groups"][group]["state"] == "Empty")


@check
def shows_configs_with_their_source(env):
    topic = env.topic("configured", retention_ms="123456", compression_type="lz4")
    with attached(env.bootstrap) as probe:
        probe.live()
        for resource, kind, name in (("topic", ResourceType.TOPIC, topic),
                                     ("broker", ResourceType.BROKER, "2")):
            shown = probe.done("DescribeConfigs", resource=resource, name=name)["configs"]
            asked = ConfigResource(kind, name)
            truth = env.admin().describe_configs([asked])[asked].result(10)
            assert set(shown) == set(truth), set(shown) ^ set(truth)
            for key, entry in truth.items():
                assert shown[key]["value"] == entry.value, (key, shown[key], entry.value)
                assert shown[key]["source"] == SOURCES[entry.source], (key, shown[key])
                assert shown[key]["readOnly"] == entry.is_read_only, (key, shown[key])
                assert shown[key]["sensitive"] == entry.is_sensitive, (key, shown[key])
                assert [each[0] for each in shown[key]["synonyms"]] == list(entry.synonyms) \
                    or len(shown[key]["synonyms"]) >= len(entry.synonyms), (key, shown[key])
        shown = probe.done("DescribeConfigs", resource="topic", name=topic)["configs"]
        assert (shown["retention.ms"]["value"], shown["retention.ms"]["type"]) \
            == ("123456", "LONG"), shown["retention.ms"]
        assert shown["retention.ms"]["synonyms"][0] \
            == ["retention.ms", "123456", "DYNAMIC_TOPIC_CONFIG"], shown["retention.ms"]
        missing = probe.submit("DescribeConfigs", resource="topic", name="no-such-topic")
        assert not missing["ok"], missing


@check
def browses_messages(env):
    topic = env.topic("browsed")
    sent = []
    for part, codec in enumerate(("none", "gzip", "snappy", "lz4", "zstd")):
        producer = Producer({"bootstrap.servers": env.bootstrap, "compression.type": codec,
                             "linger.ms": 5000})
        for index in range(20):
            headers = [("trace", f"{codec}-{index}"), ("empty", ""), ("none", None)]
            record = (f"k{index}" if index % 5 else None, f"{codec} value {index} " * 5
                      if index % 7 else None, 1_700_000_000_000 + part * 100_000 + index * 1000)
            producer.produce(topic, key=record[0], value=record[1], headers=headers,
                             partition=index % 3, timestamp=record[2])
            sent.append((index % 3, *record, codec, [list(each) for each in headers]))
        assert producer.flush(30) == 0
    with attached(env.bootstrap) as probe:
        probe.live()
        records, last = probe.browse(topic)
        assert not last["error"] and all(each["next"] == each["end"] and not each["error"]
                                         for each in last["progress"]), last
        assert sorted((each["partition"], each["offset"]) for each in records) \
            == sorted((part, offset) for part in range(3)
                      for offset in range(sum(each[0] == part for each in sent)))
        for part in range(3):
            mine = [each for each in records if each["partition"] == part]
            assert [(each["key"], each["value"], each["timestamp"], each["compression"],
                     each["headers"]) for each in mine] \
                == [each[1:] for each in sent if each[0] == part], part
        records, _ = probe.browse(topic, **{"from": "offset"}, offset=30, partitions=[1], limit=2)
        assert [(each["partition"], each["offset"]) for each in records] == [(1, 30), (1, 31)]
        records, _ = probe.browse(topic, **{"from": "time"}, at=1_700_000_400_000)
        assert len(records) == 20 and {each["compression"] for each in records} == {"zstd"}
        records, _ = probe.browse(topic, **{"from": "latest"}, last=3)
        assert len(records) == 9, len(records)
        _, last = probe.browse("no-such-topic")
        assert "no-such-topic" in last["error"], last
        # A live tail shows what comes while it runs, and ends when told.
        job = probe.ask("submit", command={"kind": "StartBrowse", "topic": topic, "from": "latest",
                                           "follow": True})
        until("the tail runs", lambda: (probe.ask("read", id=job) or {}).get("last"))
        produce(env, topic, 9)
        tailed: list = []

        def nine():
            tailed.extend(probe.ask("read", id=job)["records"])
            return len(tailed) >= 9
        until("nine new records", nine)
        assert sorted(each["key"] for each in tailed) == [f"key{index}" for index in range(9)]
        probe.done("StopBrowse", browse=job)


@check
def changes_only_what_it_may(env):
    admin, topic, group = env.admin(), env.topic("guarded"), env.name("idle")
    name = env.name("made-by-odradek")
    reader = member(env, group)
    reader.commit(offsets=[TopicPartition(topic, 0, 0)], asynchronous=False)
    reader.close()
    changes = [("CreateTopic", {"name": name, "partitions": 2}), ("DeleteTopics", {"names": [topic]}),
               ("AddPartitions", {"topic": topic, "newTotal": 6}),
               ("AlterConfigs", {"resource": "topic", "name": topic,
                                 "changes": {"retention.ms": "5000"}}),
               ("DeleteRecords", {"before": [[topic, 0, -1]]}),
               ("ResetOffsets", {"group": group, "to": [[topic, 0, 5]]}),
               ("DeleteGroup", {"group": group}),
               ("Produce", {"topic": topic, "records": [{"key": "k", "value": "v"}]})]
    with attached(env.bootstrap) as probe:
        probe.live()
        for kind, more in changes:
            refused = probe.submit(kind, **more)
            assert not refused["ok"] and "read-only" in refused["error"], (kind, refused)
        assert name not in admin.list_topics(timeout=10).topics
        assert len(partitionsOf(env, topic)) == 3
        assert probe.ask("readOnly", value=False) is False
        _createsAndGrows(env, probe, name)
        _alters(env, probe, name)
        _producesAndDeletesRecords(env, probe, name)
        _resetsOffsets(env, probe, group, topic)
        probe.done("DeleteTopics", names=[name])
        until("deleted", lambda: name not in admin.list_topics(timeout=10).topics)
        gone = probe.submit("DeleteTopics", names=[name])
        assert gone["items"][0]["error"] == "UNKNOWN_TOPIC_OR_PARTITION", gone
        probe.sees("that it is gone", lambda s: name not in s["topics"])
        assert probe.ask("readOnly", value=True) is True
        refused = probe.submit("DeleteTopics", names=[topic])
        assert "read-only" in refused["error"], refused


def _createsAndGrows(env, probe: Probe, name: str) -> None:
    tried = probe.done("CreateTopic", name=name, partitions=2, replicationFactor=3,
                       validateOnly=True)
    assert tried["items"], tried
    assert name not in env.admin().list_topics(timeout=10).topics
    probe.done("CreateTopic", name=name, partitions=2, replicationFactor=3,
               configs={"retention.ms": "777000"})
    until("created", lambda: len(partitionsOf(env, name)) == 2)
    twice = probe.submit("CreateTopic", name=name, partitions=2, replicationFactor=3)
    assert twice["items"][0]["error"] == "TOPIC_ALREADY_EXISTS", twice
    wide = probe.submit("CreateTopic", name=name + "-wide", partitions=1, replicationFactor=7)
    assert wide["items"][0]["error"] == "INVALID_REPLICATION_FACTOR", wide
    probe.sees("its own topic", lambda s: len(s["topics"][name]["partitions"]) == 2)
    probe.done("AddPartitions", topic=name, newTotal=4)
    until("four partitions", lambda: len(partitionsOf(env, name)) == 4)
    fewer = probe.submit("AddPartitions", topic=name, newTotal=3)
    assert fewer["items"][0]["error"] == "INVALID_PARTITIONS", fewer


def _alters(env, probe: Probe, name: str) -> None:
    asked = ConfigResource(ResourceType.TOPIC, name)

    def now(key):
        entry = env.admin().describe_configs([asked])[asked].result(10)[key]
        return entry.value, SOURCES[entry.source]
    assert now("retention.ms") == ("777000", "DYNAMIC_TOPIC_CONFIG")
    probe.done("AlterConfigs", resource="topic", name=name, validateOnly=True,
               changes={"retention.ms": "1000"})
    assert now("retention.ms") == ("777000", "DYNAMIC_TOPIC_CONFIG")
    probe.done("AlterConfigs", resource="topic", name=name,
               changes={"retention.ms": None, "segment.ms": "9999000"})
    until("altered", lambda: now("segment.ms") == ("9999000", "DYNAMIC_TOPIC_CONFIG"))
    assert now("retention.ms") == ("604800000", "DEFAULT_CONFIG")
    bad = probe.submit("AlterConfigs", resource="topic", name=name, changes={"retention.ms": "x"})
    assert bad["items"][0]["error"] == "INVALID_CONFIG", bad


def _producesAndDeletesRecords(env, probe: Probe, name: str) -> None:
    sent = probe.done("Produce", topic=name, records=[
        {"key": f"order-{index}", "value": f"grüße {index}", "headers": [["app", "odradek"]]}
        for index in range(12)])
    assert len(sent["items"]) == 12, sent
    reader = member(env, env.name("reader"))
    reader.assign([TopicPartition(name, part, 0) for part in range(4)])
    read: dict = {}

    def all_():
        message = reader.poll(0.1)
        if message and not message.error():
            read[message.key().decode()] = message
        return len(read) == 12
    until("what Odradek produced", all_)
    reader.close()
    for index in range(12):
        message = read[f"order-{index}"]
        assert message.value().decode() == f"grüße {index}"
        assert message.headers() == [("app", b"odradek")], message.headers()
        assert sent["items"][index]["message"] \
            == f"partition {message.partition()}, offset {message.offset()}", sent["items"][index]
    part = read["order-0"].partition()
    probe.done("DeleteRecords", before=[[name, part, 1]])
    asked = TopicPartition(name, part)
    until("deleted records", lambda: env.admin().list_offsets(
        {asked: OffsetSpec.earliest()})[asked].result(10).offset == 1)


def _resetsOffsets(env, probe: Probe, group: str, topic: str) -> None:
    probe.done("ResetOffsets", group=group, to=[[topic, 0, 7], [topic, 2, 3]])
    reader = member(env, group)
    found = reader.committed([TopicPartition(topic, part) for part in range(3)], 10)
    assert [each.offset for each in found] == [7, -1001, 3], found
    reader.close()
    probe.sees("the new offsets", lambda s: [each["offset"] for each in s["groups"][group]["offsets"]]
               == [7, 3])
    probe.done("DeleteGroup", group=group)
    until("no group", lambda: group not in [
        each.group_id for each in env.admin().list_consumer_groups().result(10).valid])
    again = probe.submit("DeleteGroup", group=group)
    assert not again["ok"] and again["items"][0]["error"] == "GROUP_ID_NOT_FOUND", again


@check
def says_what_is_wrong_with_an_address(env):
    port = freePorts(1)[0]
    with attached(f"127.0.0.1:{port}") as probe:
        seen = probe.sees("failed", lambda s: s["connection"] == "failed" and s)
        assert f"127.0.0.1:{port}" in seen["problem"] and not seen["brokers"], seen
        failed = probe.submit("DescribeConfigs", resource="topic", name="any")
        assert not failed["ok"] and failed["error"], failed
    with attached("no-such-host.invalid:9092") as probe:
        seen = probe.sees("failed", lambda s: s["connection"] == "failed" and s)
        assert "no-such-host.invalid:9092" in seen["problem"], seen
    for text in ("nonsense", "host:0", "host:70000", ""):
        done = subprocess.run([str(probeBinary()), text], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=20)
        assert done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1, (text, done)
    # Somebody else lives there.
    with socket.create_server(("127.0.0.1", 0)) as server:
        def greet():
            try:
                while True:
                    client, _ = server.accept()
                    client.recv(100)
                    client.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                    client.close()
            except OSError:
                pass
        threading.Thread(target=greet, daemon=True).start()
        where = f"127.0.0.1:{server.getsockname()[1]}"
        with attached(where) as probe:
            seen = probe.sees("failed", lambda s: s["connection"] == "failed" and s)
            assert where in seen["problem"], seen
    # One good address among wrong ones is enough.
    with attached(f"127.0.0.1:{port},{env.bootstrap.split(',')[1]}") as probe:
        seen = probe.live()
        assert len(seen["brokers"]) == 3, seen["brokers"]


@check(lonely=True)
def dying_cluster_is_said_and_found_again(env):
    topic = env.topic("surviving")
    produce(env, topic, 30)

    def whole(seen):
        return seen["connection"] == "live" and len(seen["brokers"]) == 3 and all(
            each["state"] == "online" for each in seen["brokers"].values()) and all(
            part["highWatermark"] == 10 and part["leader"] > 0
            and all(each["inSync"] for each in part["replicas"])
            for part in seen["topics"][topic]["partitions"])
    with attached(env.bootstrap) as probe:
        probe.sees("everything well", whole)
        if hasattr(env.cluster, "startNode"):
            _losesOneBroker(env, probe, topic, whole)
        env.cluster.kill()
        seen = probe.sees("stale", lambda s: s["connection"] == "stale" and s)
        assert any(f"{host}:{port}" in seen["problem"]
                   for host, port in env.cluster.brokers.values()), seen["problem"]
        assert len(seen["topics"][topic]["partitions"]) == 3, "what was known is gone"
        failed = probe.submit("DescribeConfigs", resource="topic", name=topic)
        assert not failed["ok"] and failed["error"], failed
        env.cluster.start()
        env.forgetClients()
        probe.sees("everything well again", whole, 60)
        seen = probe.live()
        assert seen["problem"] == "", seen["problem"]
        texts = [each["text"] for each in probe.ask("events")]
        assert any("Connection lost" in each for each in texts) and "Connected" in texts, texts
        later = env.topic("after")
        probe.sees("a topic made since", lambda s: later in s["topics"])


def _losesOneBroker(env, probe: Probe, topic: str, whole) -> None:
    victim = env.cluster.processes.pop(3)
    victim.kill()
    victim.wait()

    def without(seen):
        parts = seen["topics"][topic]["partitions"]
        return seen["connection"] == "live" and seen["brokers"]["3"]["state"] == "offline" \
            and all(part["leader"] in (1, 2) for part in parts) \
            and all(each["inSync"] == (each["broker"] != 3)
                    for part in parts for each in part["replicas"])
    probe.sees("broker 3 is down", without)
    texts = [each["text"] for each in probe.ask("events")]
    assert any("Broker 3 is down" in each for each in texts), texts
    env.cluster.startNode(3)
    probe.sees("broker 3 is back", whole, 60)
