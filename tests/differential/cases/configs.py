# SPDX-License-Identifier: GPL-3.0-or-later
"""DescribeConfigs and IncrementalAlterConfigs, on topics and brokers."""

import time

from harness.registry import case

from .topics import BAD_CONFIGS

TOPIC, BROKER = 2, 4
SET, DELETE, APPEND, SUBTRACT = 0, 1, 2, 3


def describe(kind, name, keys=None, synonyms=True, documentation=False):
    return {"Resources": [{"ResourceType": kind, "ResourceName": name,
                           "ConfigurationKeys": keys}],
            "IncludeSynonyms": synonyms, "IncludeDocumentation": documentation}


def alter(kind, name, *changes, validate=False):
    return {"Resources": [{"ResourceType": kind, "ResourceName": name, "Configs": [
        {"Name": key, "ConfigOperation": operation, "Value": value}
        for key, operation, value in changes]}], "ValidateOnly": validate}


@case("DescribeConfigs")
def topic_defaults(t):
    topic = t.topic()
    t.ask("with synonyms", describe(TOPIC, topic.name))
    t.ask("plain", describe(TOPIC, topic.name, synonyms=False), node=2)


@case("DescribeConfigs")
def topic_overrides(t):
    topic = t.topic(configs={"retention.ms": "5000", "cleanup.policy": "compact,delete",
                             "max.message.bytes": "1048588"})
    t.ask("three", describe(TOPIC, topic.name, ["retention.ms", "cleanup.policy",
                                                "max.message.bytes"]))


@case("DescribeConfigs")
def broker(t):
    t.ask("with synonyms", describe(BROKER, "1"))
    t.ask("plain", describe(BROKER, "2", synonyms=False), node=2)


@case("DescribeConfigs")
def broker_elsewhere(t):
    t.ask("asked on another node", describe(BROKER, "1", ["num.partitions"]), node=2)
    t.ask("unknown broker", describe(BROKER, "77", ["num.partitions"]))
    t.ask("not a number", describe(BROKER, "one", ["num.partitions"]))
    t.ask("cluster default", describe(BROKER, "", ["log.retention.ms", "num.partitions"]))


@case("DescribeConfigs")
def keys(t):
    topic = t.topic()
    t.ask("unknown key", describe(TOPIC, topic.name, ["no.such.config", "retention.ms"]))
    t.ask("no keys", describe(TOPIC, topic.name, []))
    t.ask("key twice", describe(TOPIC, topic.name, ["retention.ms", "retention.ms"]))


@case("DescribeConfigs", minimum=3)
def documentation(t):
    """Texts are not compared, but they must not disturb the rest."""
    topic = t.topic()
    t.ask("topic", describe(TOPIC, topic.name, ["retention.ms"], documentation=True),
          keep=_withText)
    t.ask("broker", describe(BROKER, "1", ["num.partitions"], documentation=True), keep=_withText)


def _withText(answer):
    return [[config["Name"], config["Value"], config["ConfigType"]]
            for config in answer["Results"][0]["Configs"]]


@case("DescribeConfigs")
def unknown_resources(t):
    t.ask("unknown topic", describe(TOPIC, t.name("nowhere")))
    t.ask("invalid topic", describe(TOPIC, "bad name"))
    t.ask("empty topic", describe(TOPIC, ""))
    for kind in (0, 1, 3, 99, -1):
        t.ask(f"type {kind}", describe(kind, "x"))
    t.ask("none", {"Resources": []})


@case("DescribeConfigs")
def several_resources(t):
    first, second = t.topic("first"), t.topic("second")
    t.ask("both", {"Resources": [
        {"ResourceType": TOPIC, "ResourceName": each.name, "ConfigurationKeys": ["segment.ms"]}
        for each in (second, first)]})
    t.ask("same twice", {"Resources": [
        {"ResourceType": TOPIC, "ResourceName": first.name, "ConfigurationKeys": [key]}
        for key in ("segment.ms", "segment.bytes")]})


@case("DescribeConfigs")
def internal_topic(t):
    t.ask("offsets", describe(TOPIC, "__consumer_offsets",
                              ["cleanup.policy", "segment.bytes", "compression.type",
                               "retention.ms", "min.insync.replicas"]))


# ---- IncrementalAlterConfigs -------------------------------------------------------------------

def _look(t, label, kind, name, keys, wanted=None, node=1):
    """Notes the described configurations once the change has arrived at the node."""
    deadline = time.monotonic() + 10
    while wanted is not None and time.monotonic() < deadline:
        answer = t.do("DescribeConfigs", describe(kind, name, keys), node)
        values = {each["Name"]: each["Value"] for each in answer["Results"][0]["Configs"]}
        if all(values.get(key) == value for key, value in wanted.items()):
            break
        time.sleep(0.005)
    t.ask(label, describe(kind, name, keys), api="DescribeConfigs", node=node)


@case("IncrementalAlterConfigs")
def set_and_delete(t):
    topic = t.topic(configs={"retention.ms": "5000"})
    keys = ["retention.ms", "segment.bytes"]
    t.ask("set", alter(TOPIC, topic.name, ("retention.ms", SET, "7000"),
                       ("segment.bytes", SET, "2000000")), node=2)
    _look(t, "after set", TOPIC, topic.name, keys,
          {"retention.ms": "7000", "segment.bytes": "2000000"})
    t.ask("delete", alter(TOPIC, topic.name, ("retention.ms", DELETE, None)))
    _look(t, "after delete", TOPIC, topic.name, keys, {"retention.ms": "604800000"})
    t.ask("delete what is not set", alter(TOPIC, topic.name, ("flush.ms", DELETE, None)))
    t.ask("delete with a value", alter(TOPIC, topic.name, ("segment.bytes", DELETE, "7")))
    _look(t, "at the end", TOPIC, topic.name, keys, {"segment.bytes": "1073741824"})


@case("IncrementalAlterConfigs")
def append_and_subtract(t):
    topic = t.topic()
    keys = ["cleanup.policy"]
    t.ask("append", alter(TOPIC, topic.name, ("cleanup.policy", APPEND, "compact")))
    _look(t, "after append", TOPIC, topic.name, keys, {"cleanup.policy": "delete,compact"})
    t.ask("append again", alter(TOPIC, topic.name, ("cleanup.policy", APPEND, "compact")))
    t.ask("subtract", alter(TOPIC, topic.name, ("cleanup.policy", SUBTRACT, "delete")))
    _look(t, "after subtract", TOPIC, topic.name, keys, {"cleanup.policy": "compact"})
    t.ask("append to a number", alter(TOPIC, topic.name, ("retention.ms", APPEND, "1")))
    t.ask("subtract from a number", alter(TOPIC, topic.name, ("retention.ms", SUBTRACT, "1")))


@case("IncrementalAlterConfigs")
def values(t):
    topic = t.topic()
    for name, value in BAD_CONFIGS:
        t.ask(f"{name}={value}", alter(TOPIC, topic.name, (name, SET, value), validate=True))


@case("IncrementalAlterConfigs")
def bad_requests(t):
    topic = t.topic()
    t.ask("unknown topic", alter(TOPIC, t.name("nowhere"), ("retention.ms", SET, "1")))
    t.ask("invalid topic", alter(TOPIC, "bad name", ("retention.ms", SET, "1")))
    t.ask("empty topic", alter(TOPIC, "", ("retention.ms", SET, "1")))
    t.ask("same key twice", alter(TOPIC, topic.name, ("retention.ms", SET, "1"),
                                  ("retention.ms", SET, "2")))
    t.ask("one bad spoils all", alter(TOPIC, topic.name, ("retention.ms", SET, "1"),
                                      ("segment.ms", SET, "0")))
    _look(t, "nothing changed", TOPIC, topic.name, ["retention.ms", "segment.ms"])
    for kind in (0, 1, 3, 99):
        t.ask(f"type {kind}", alter(kind, "x", ("retention.ms", SET, "1")))
    t.ask("none", {"Resources": []})
    t.ask("no changes", alter(TOPIC, topic.name))


@case("IncrementalAlterConfigs")
def same_resource_twice(t):
    topic = t.topic()
    one = alter(TOPIC, topic.name, ("retention.ms", SET, "1"))["Resources"]
    t.ask("twice", {"Resources": one + one})
    t.ask("good beside bad", {"Resources": one + alter(
        TOPIC, t.name("nowhere"), ("retention.ms", SET, "1"))["Resources"]})


@case("IncrementalAlterConfigs")
def validate_only(t):
    topic = t.topic()
    t.ask("validate", alter(TOPIC, topic.name, ("retention.ms", SET, "1"), validate=True))
    _look(t, "unchanged", TOPIC, topic.name, ["retention.ms"])


@case("IncrementalAlterConfigs")
def cluster_default(t):
    keys = ["log.retention.ms"]
    try:
        t.ask("set", alter(BROKER, "", ("log.retention.ms", SET, "99000")))
        _look(t, "seen by a broker", BROKER, "2", keys, {"log.retention.ms": "99000"}, node=2)
        topic = t.topic()
        _look(t, "seen by a topic", TOPIC, topic.name, ["retention.ms"],
              {"retention.ms": "99000"})
        t.ask("described", describe(BROKER, "", keys), api="DescribeConfigs")
    finally:
        t.ask("delete", alter(BROKER, "", ("log.retention.ms", DELETE, None)))
        for node in (1, 2, 3):
            _look(t, f"gone from {node}", BROKER, str(node), keys, {"log.retention.ms": None},
                  node=node)


@case("IncrementalAlterConfigs")
def one_broker(t):
    keys = ["message.max.bytes"]
    try:
        t.ask("set", alter(BROKER, "3", ("message.max.bytes", SET, "2000000")), node=3)
        _look(t, "seen there", BROKER, "3", keys, {"message.max.bytes": "2000000"}, node=3)
        t.ask("asked of another", alter(BROKER, "3", ("message.max.bytes", SET, "2000001")),
              node=2)
        _look(t, "seen after", BROKER, "3", keys, None, node=3)
    finally:
        t.do("IncrementalAlterConfigs", alter(BROKER, "3", ("message.max.bytes", DELETE, None)),
             3, checked=False)
        _look(t, "gone", BROKER, "3", keys, {"message.max.bytes": "1048588"}, node=3)


@case("IncrementalAlterConfigs")
def broker_values(t):
    for name, value in [
            ("num.partitions", "3"), ("node.id", "9"), ("no.such.config", "1"),
            ("log.retention.ms", "abc"), ("log.retention.ms", "-2"), ("message.max.bytes", "-1"),
            ("compression.type", "brotli"), ("log.cleanup.policy", "compact"),
            ("min.insync.replicas", "0"), ("max.connections", "100"),
            ("auto.create.topics.enable", "false"), ("log.segment.bytes", "5"),
            ("unclean.leader.election.enable", "true"), ("log.roll.ms", "0")]:
        t.ask(f"cluster {name}={value}", alter(BROKER, "", (name, SET, value), validate=True))
        t.ask(f"broker {name}={value}", alter(BROKER, "1", (name, SET, value), validate=True))
    t.ask("unknown broker", alter(BROKER, "77", ("message.max.bytes", SET, "5"), validate=True))
    t.ask("not a number", alter(BROKER, "one", ("message.max.bytes", SET, "5"), validate=True))
