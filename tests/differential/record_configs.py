#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes published_configs.json: the topic and broker configurations Odradek serves.

All facts come from Apache Kafka's own definitions (ConfigFacts.java); only the choice of broker
configurations below is ours: what a broker of ours really does, or what a topic configuration
falls back to. DescribeConfigs answers are compared for exactly these names.
"""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "interop"))

from support import kafka_jars  # noqa: E402

# Identity and places: served, but their values depend on the cluster, so only names, types,
# sources and flags are compared.
PLACES = """
advertised.listeners broker.id broker.rack controller.listener.names controller.quorum.voters
inter.broker.listener.name listener.security.protocol.map listeners log.dir log.dirs node.id
process.roles
""".split()

# Behaviour: besides the synonyms of the topic configurations, which are added by themselves.
BEHAVIOUR = """
auto.create.topics.enable auto.leader.rebalance.enable broker.heartbeat.interval.ms
broker.session.timeout.ms connections.max.idle.ms controlled.shutdown.enable
default.replication.factor delete.topic.enable fetch.max.bytes group.initial.rebalance.delay.ms
group.max.session.timeout.ms group.max.size group.min.session.timeout.ms
leader.imbalance.check.interval.seconds log.cleaner.enable log.flush.offset.checkpoint.interval.ms
log.flush.start.offset.checkpoint.interval.ms log.retention.check.interval.ms max.connections
max.connections.per.ip max.incremental.fetch.session.cache.slots max.request.partition.size.limit
num.partitions offset.metadata.max.bytes offsets.commit.timeout.ms
offsets.retention.check.interval.ms offsets.retention.minutes offsets.topic.compression.codec
offsets.topic.num.partitions offsets.topic.replication.factor offsets.topic.segment.bytes
producer.id.expiration.ms replica.fetch.backoff.ms replica.fetch.max.bytes replica.fetch.min.bytes
replica.fetch.response.max.bytes replica.fetch.wait.max.ms
replica.high.watermark.checkpoint.interval.ms replica.lag.time.max.ms socket.request.max.bytes
""".split()


def facts() -> dict:
    path = kafka_jars.compileJava(HERE / "ConfigFacts.java", "kafka-server")
    done = subprocess.run([kafka_jars.java(), "-cp", path, "ConfigFacts"], capture_output=True,
                          text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def main() -> None:
    known = facts()
    topics = known["topic"]
    names = set(PLACES) | set(BEHAVIOUR)
    for each in topics.values():
        names.update(each["synonyms"])
    brokers = {}
    for name in sorted(names):
        entry = known["broker"][name]
        del entry["internal"]
        if name in PLACES:
            entry["valueDependsOnCluster"] = True
        brokers[name] = entry
    published = {
        "about": [
            "Written by record_configs.py from Apache Kafka " + kafka_jars.KAFKA_VERSION + ".",
            "default null = no default (DescribeConfigs answers null without a synonym).",
            "topic.synonyms: broker configurations a topic falls back to, strongest first; the",
            "topic's default only counts when none of them is set or has a default.",
            "update: read-only, per-broker or cluster-wide (the latter two may be altered).",
            "valueDependsOnCluster: the value is left out of comparisons.",
        ],
        "topic": topics,
        "broker": brokers,
    }
    (HERE / "published_configs.json").write_text(json.dumps(published, indent=1) + "\n")
    print(f"{len(topics)} topic and {len(brokers)} broker configurations")


if __name__ == "__main__":
    main()
