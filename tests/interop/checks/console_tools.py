# SPDX-License-Identifier: GPL-3.0-or-later
"""Apache Kafka's own command line tools, 4.3, from Maven Central's jars."""

import json

from support.environment import check, until


def produce(env, topic: str, lines: list[str], *args: str) -> None:
    env.tool("kafka-console-producer", "--topic", topic, *args,
             stdin="".join(line + "\n" for line in lines))


def consume(env, topic: str, count: int, *args: str) -> list[str]:
    ran = env.tool("kafka-console-consumer", "--topic", topic, "--max-messages", str(count),
                   "--timeout-ms", "20000", *args)
    return ran.lines()


@check
def topics(env):
    name = env.name("tool-topic")
    ran = env.tool("kafka-topics", "--create", "--topic", name, "--partitions", "3",
                   "--replication-factor", "3", "--config", "retention.ms=90000")
    assert ran.out.strip().endswith(f"Created topic {name}."), ran.out
    again = env.tool("kafka-topics", "--create", "--topic", name, checked=False)
    assert again.exit == 1 and "already exists" in again.out, again
    assert name in env.tool("kafka-topics", "--list").lines()
    lines = until("described", lambda: _described(env, name, 3))
    assert "PartitionCount: 3" in lines[0] and "ReplicationFactor: 3" in lines[0], lines[0]
    assert "retention.ms=90000" in lines[0], lines[0]
    for line in lines[1:]:
        fields = dict(each.split(": ") for each in line.strip().split("\t") if ": " in each)
        assert len(fields["Replicas"].split(",")) == 3, line
        assert fields["Leader"] in fields["Isr"].split(","), line
    env.tool("kafka-topics", "--alter", "--topic", name, "--partitions", "5")
    until("five partitions", lambda: _described(env, name, 5))
    assert env.tool("kafka-topics", "--describe", "--under-replicated-partitions").out == ""
    assert env.tool("kafka-topics", "--describe", "--unavailable-partitions").out == ""
    env.tool("kafka-topics", "--delete", "--topic", name)
    until("gone", lambda: name not in env.tool("kafka-topics", "--list").lines())


def _described(env, name: str, partitions: int):
    ran = env.tool("kafka-topics", "--describe", "--topic", name, checked=False)
    lines = ran.lines()
    return lines if ran.exit == 0 and len(lines) == partitions + 1 else None


@check
def console_producer_and_consumer(env):
    topic = env.topic("console", 1)
    lines = [f"trace:abc,user:{index}\tkey-{index}\tvalue {index}" for index in range(50)]
    produce(env, topic, lines, "--reader-property", "parse.key=true",
            "--reader-property", "parse.headers=true", "--compression-codec", "zstd")
    got = consume(env, topic, 50, "--from-beginning",
                  "--formatter-property", "print.key=true",
                  "--formatter-property", "print.headers=true",
                  "--formatter-property", "print.offset=true",
                  "--formatter-property", "print.partition=true")
    assert got == [f"Partition:0\tOffset:{index}\t{line}" for index, line in enumerate(lines)], \
        got[:3]


@check
def console_consumer_in_a_group(env):
    topic, group = env.topic("console", 1), env.name("console-group")
    produce(env, topic, [f"m{index}" for index in range(30)])
    first = consume(env, topic, 30, "--group", group, "--from-beginning")
    assert sorted(first) == sorted(f"m{index}" for index in range(30)), first
    produce(env, topic, ["later"])
    assert consume(env, topic, 1, "--group", group) == ["later"]


@check
def console_codecs(env):
    for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
        topic = env.topic("console", 1)
        produce(env, topic, [f"{codec} {index}" for index in range(20)],
                "--compression-codec", codec)
        assert consume(env, topic, 20, "--from-beginning") \
            == [f"{codec} {index}" for index in range(20)]


@check
def topic_configs(env):
    name = env.topic("configured")
    target = ("--entity-type", "topics", "--entity-name", name)
    env.tool("kafka-configs", "--alter", *target, "--add-config",
             "retention.ms=123000,cleanup.policy=[compact,delete]")

    def dynamic():
        out = env.tool("kafka-configs", "--describe", *target).out
        return out if "retention.ms=123000" in out else None
    out = until("set", dynamic)
    assert "cleanup.policy=compact,delete" in out, out
    assert "DYNAMIC_TOPIC_CONFIG:retention.ms=123000" in out, out
    everything = env.tool("kafka-configs", "--describe", "--all", *target).out
    assert "segment.bytes=1073741824" in everything and "min.insync.replicas=1" in everything
    env.tool("kafka-configs", "--alter", *target, "--delete-config", "retention.ms")
    until("deleted", lambda: "retention.ms" not in
          env.tool("kafka-configs", "--describe", *target).out)
    bad = env.tool("kafka-configs", "--alter", *target, "--add-config", "segment.ms=0",
                   checked=False)
    assert bad.exit != 0, bad.out


@check
def broker_configs(env):
    described = env.tool("kafka-configs", "--describe", "--all", "--entity-type", "brokers",
                         "--entity-name", "1").out
    for wanted in ("num.partitions=1", "offsets.topic.num.partitions=50",
                   "log.segment.bytes=1073741824", "auto.create.topics.enable=true"):
        assert wanted in described, f"{wanted} not in {described[:2000]}"
    target = ("--entity-type", "brokers", "--entity-name", "2")
    env.tool("kafka-configs", "--alter", *target, "--add-config", "message.max.bytes=1500000")
    try:
        until("set", lambda: "message.max.bytes=1500000" in
              env.tool("kafka-configs", "--describe", *target).out)
    finally:
        env.tool("kafka-configs", "--alter", *target, "--delete-config", "message.max.bytes")
    default = ("--entity-type", "brokers", "--entity-default")
    env.tool("kafka-configs", "--alter", *default, "--add-config", "log.roll.ms=604800001")
    try:
        until("set for all", lambda: "log.roll.ms=604800001" in
              env.tool("kafka-configs", "--describe", *default).out)
    finally:
        env.tool("kafka-configs", "--alter", *default, "--delete-config", "log.roll.ms")


def rows(text: str) -> list[dict]:
    """A tool's table as dicts: the header line names the columns."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    start = next(index for index, line in enumerate(lines) if line[0] == "GROUP")
    return [dict(zip(lines[start], line)) for line in lines[start + 1:]]


@check
def consumer_groups(env):
    topic, group = env.topic("grouped", 1), env.name("tool-group")
    produce(env, topic, [f"m{index}" for index in range(40)])
    consume(env, topic, 40, "--group", group, "--from-beginning")
    tool = "kafka-consumer-groups"
    assert group in env.tool(tool, "--list").lines()
    assert any(line.split() == [group, "Empty"] for line in
               env.tool(tool, "--list", "--state").lines())
    table = rows(env.tool(tool, "--describe", "--group", group).out)
    assert sum(int(row["CURRENT-OFFSET"]) for row in table) == 40, table
    assert all(row["LAG"] == "0" and row["TOPIC"] == topic for row in table), table
    produce(env, topic, ["more"])
    table = rows(env.tool(tool, "--describe", "--group", group).out)
    assert sum(int(row["LAG"]) for row in table) == 1, table
    state = env.tool(tool, "--describe", "--group", group, "--state").out
    assert "Empty" in state, state
    env.tool(tool, "--describe", "--group", group, "--members")
    env.tool(tool, "--reset-offsets", "--group", group, "--topic", topic, "--to-earliest",
             "--execute")
    table = rows(env.tool(tool, "--describe", "--group", group).out)
    assert sum(int(row["CURRENT-OFFSET"]) for row in table) == 0, table
    plan = rows(env.tool(tool, "--reset-offsets", "--group", group, "--topic", topic,
                         "--shift-by", "5", "--dry-run").out)
    assert all(0 <= int(row["NEW-OFFSET"]) <= 5 for row in plan), plan
    table = rows(env.tool(tool, "--describe", "--group", group).out)
    assert sum(int(row["CURRENT-OFFSET"]) for row in table) == 0, "a dry run changes nothing"
    env.tool(tool, "--reset-offsets", "--group", group, "--topic", topic, "--to-datetime",
             "2001-01-01T00:00:00.000", "--execute")


@check
def live_group_is_described(env):
    from confluent_kafka import Consumer
    topic, group = env.topic("grouped", 2), env.name("live-group")
    reader = Consumer({"bootstrap.servers": env.bootstrap, "group.id": group,
                       "client.id": "watched", "auto.offset.reset": "earliest"})
    reader.subscribe([topic])
    until("assigned", lambda: (reader.poll(0.05), reader.assignment())[1])
    members = env.tool("kafka-consumer-groups", "--describe", "--group", group, "--members",
                       "--verbose").out
    assert "watched" in members and f"{topic}:0,1" in members.replace("(0,1)", ":0,1"), members
    state = env.tool("kafka-consumer-groups", "--describe", "--group", group, "--state").out
    assert "Stable" in state and "range" in state, state
    busy = env.tool("kafka-consumer-groups", "--reset-offsets", "--group", group, "--topic",
                    topic, "--to-earliest", "--execute", checked=False)
    assert "Stable" in busy.out + busy.err or "inactive" in busy.out + busy.err, busy
    reader.close()


@check
def get_offsets(env):
    topic = env.topic("offsets", 1)
    produce(env, topic, [f"m{index}" for index in range(12)])
    for time, wanted in (("latest", 12), ("earliest", 0), ("-1", 12), ("-2", 0)):
        ran = env.tool("kafka-get-offsets", "--topic", topic, "--time", time)
        assert ran.lines() == [f"{topic}:0:{wanted}"], (time, ran.out)
    ran = env.tool("kafka-get-offsets", "--topic", topic, "--time", "max-timestamp")
    assert 0 <= int(ran.lines()[0].split(":")[2]) < 12, ran.out
    ran = env.tool("kafka-get-offsets", "--topic-partitions", f"{topic}:0")
    assert ran.lines() == [f"{topic}:0:12"]


@check
def delete_records(env):
    topic = env.topic("deleted", 1)
    produce(env, topic, [f"m{index}" for index in range(10)])
    path = env.cluster.directory / f"{topic}.json"
    path.write_text(json.dumps({"version": 1, "partitions": [
        {"topic": topic, "partition": 0, "offset": 4}]}))
    ran = env.tool("kafka-delete-records", "--offset-json-file", path)
    assert "low_watermark: 4" in ran.out, ran.out
    assert consume(env, topic, 6, "--from-beginning") == [f"m{index}" for index in range(4, 10)]


@check
def log_dirs(env):
    topic = env.topic("sized", 2)
    produce(env, topic, ["x" * 1000] * 10)
    ran = env.tool("kafka-log-dirs", "--describe", "--topic-list", topic,
                   "--broker-list", "1,2,3")
    found = json.loads(next(line for line in ran.lines() if line.startswith("{")))
    assert sorted(each["broker"] for each in found["brokers"]) == [1, 2, 3]

    def sizes():
        ran = env.tool("kafka-log-dirs", "--describe", "--topic-list", topic)
        found = json.loads(next(line for line in ran.lines() if line.startswith("{")))
        return [sum(part["size"] for directory in broker["logDirs"]
                    for part in directory["partitions"]) for broker in found["brokers"]]
    until("three equal copies", lambda: len(set(sizes())) == 1 and sizes()[0] > 10_000)
    for broker in found["brokers"]:
        for directory in broker["logDirs"]:
            assert directory["error"] is None, directory
            assert {part["partition"] for part in directory["partitions"]} == \
                {f"{topic}-0", f"{topic}-1"}, directory
            assert all(not part["isFuture"] for part in directory["partitions"])


@check
def api_versions_and_cluster(env):
    out = env.tool("kafka-broker-api-versions").out
    assert "UNSUPPORTED" not in out.split("Produce")[1].split("\n")[0], out[:500]
    for wanted in ("Produce(0)", "Fetch(1)", "JoinGroup(11)", "DescribeTopicPartitions(75)"):
        assert out.count(wanted) == 3, f"{wanted} {out.count(wanted)} times"
    out = env.plainTool("kafka-cluster", "cluster-id", "--bootstrap-server", env.bootstrap).out
    assert "Cluster ID: " in out and len(out.split()[-1]) == 22, out
