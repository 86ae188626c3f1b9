# SPDX-License-Identifier: GPL-3.0-or-later
"""Metadata and DescribeTopicPartitions."""

from harness.registry import case

NOWHERE = "AAAAAAAAAAAAAAAAAAAAKg"  # a topic id no topic has


def asked(*names, auto=False, **more):
    return {"Topics": [{"Name": each} for each in names], "AllowAutoTopicCreation": auto, **more}


@case("Metadata", minimum=4)
def known_topics(t):
    first = t.topic("first", ((1, 2, 3), (2, 3, 1), (3, 1, 2)))
    second = t.topic("second")
    t.ask("two", asked(first.name, second.name))
    t.ask("other node, other order", asked(second.name, first.name), node=3)
    t.ask("the same twice", asked(second.name, second.name))


@case("Metadata", maximum=3)
def known_topics_old(t):
    """Versions without AllowAutoTopicCreation always allow it."""
    topic = t.topic("first", ((1, 2, 3), (2, 3, 1), (3, 1, 2)))
    t.ask("one", asked(topic.name))


@case("Metadata")
def all_topics(t):
    t.topic("first")
    t.ask("all", {"Topics": None if t.version else [], "AllowAutoTopicCreation": False})


@case("Metadata", minimum=1)
def no_topics(t):
    t.ask("none", {"Topics": []})


@case("Metadata", minimum=4)
def unknown_topic(t):
    t.ask("unknown", asked(t.name("nowhere")))


@case("Metadata")
def auto_creation(t):
    """auto.create.topics.enable is on: asking makes the topic, at first without a leader."""
    name = t.name("auto")
    t.ask("first", asked(name, auto=True), anyPlacement=True)
    t.target.awaitTopics([name], 1)
    t.ask("later", asked(name, auto=True), anyPlacement=True)


@case("Metadata")
def invalid_names(t):
    for bad in ("bad name", "..", ".", "x" * 250, "a/b", "ü"):
        t.ask(f"{bad[:12]!r}", asked(bad, auto=True))


@case("Metadata")
def empty_name(t):
    t.ask("empty", asked("", auto=t.version < 4))


@case("Metadata", minimum=8)
def authorized_operations(t):
    topic = t.topic()
    t.ask("topic", asked(topic.name, IncludeTopicAuthorizedOperations=True))
    t.ask("cluster", asked(topic.name, IncludeClusterAuthorizedOperations=True))


@case("Metadata", minimum=12)
def by_topic_id(t):
    topic = t.topic()
    t.ask("known id", {"Topics": [{"TopicId": topic.id, "Name": None}],
                       "AllowAutoTopicCreation": False})
    t.ask("unknown id", {"Topics": [{"TopicId": NOWHERE, "Name": None}],
                         "AllowAutoTopicCreation": False})
    t.ask("id and name", {"Topics": [{"TopicId": topic.id, "Name": topic.name}],
                          "AllowAutoTopicCreation": False})
    t.ask("id beside name", {"Topics": [{"TopicId": topic.id, "Name": None},
                                        {"Name": topic.name}],
                             "AllowAutoTopicCreation": False})


@case("Metadata", minimum=10, maximum=11)
def ids_too_early(t):
    """Versions 10 and 11 carry ids but must not be asked by them."""
    topic = t.topic()
    t.ask("id", {"Topics": [{"TopicId": topic.id, "Name": None}],
                 "AllowAutoTopicCreation": False})
    t.ask("id and name", {"Topics": [{"TopicId": topic.id, "Name": topic.name}],
                          "AllowAutoTopicCreation": False})


@case("Metadata", minimum=4)
def internal_topic(t):
    t.ask("offsets topic", asked("__consumer_offsets"),
          keep=lambda answer: [[each["ErrorCode"], each.get("IsInternal"),
                                len(each["Partitions"])] for each in answer["Topics"]])


@case("Metadata", minimum=4)
def deleted_topic(t):
    topic = t.topic()
    t.do("DeleteTopics", {"Topics": [{"Name": topic.name}], "TimeoutMs": 10000})
    for node in (1, 2, 3):
        body = asked(topic.name)
        while t.do("Metadata", body, node, checked=False)["Topics"][0]["ErrorCode"] == 0:
            pass
    t.ask("by name", asked(topic.name))
    if t.version >= 12:
        t.ask("by id", {"Topics": [{"TopicId": topic.id, "Name": None}],
                        "AllowAutoTopicCreation": False})


@case("DescribeTopicPartitions")
def good(t):
    first = t.topic("first", ((1, 2, 3), (2, 3, 1), (3, 1, 2)))
    second = t.topic("second", ((2,), (3,)))
    both = [{"Name": second.name}, {"Name": first.name}]
    t.ask("both", {"Topics": both, "ResponsePartitionLimit": 100})
    t.ask("limit 2", {"Topics": both, "ResponsePartitionLimit": 2})
    t.ask("limit 3", {"Topics": both, "ResponsePartitionLimit": 3})
    t.ask("limit 1 of one", {"Topics": [{"Name": first.name}], "ResponsePartitionLimit": 1})
    t.ask("exact limit", {"Topics": [{"Name": first.name}], "ResponsePartitionLimit": 3})


@case("DescribeTopicPartitions")
def cursor(t):
    first = t.topic("first", ((1, 2, 3), (2, 3, 1), (3, 1, 2)))
    second = t.topic("second", ((2,), (3,)))
    both = [{"Name": first.name}, {"Name": second.name}]

    def at(name, partition):
        return {"Topics": both, "ResponsePartitionLimit": 100,
                "Cursor": {"TopicName": name, "PartitionIndex": partition}}
    t.ask("from partition 1", at(first.name, 1))
    t.ask("from the second topic", at(second.name, 0))
    t.ask("past the last partition", at(first.name, 9))
    t.ask("negative partition", at(first.name, -1))
    t.ask("after all topics", at("zzzz", 0))
    t.ask("before all topics", at("aaa", 0))


@case("DescribeTopicPartitions")
def unknown_names(t):
    t.ask("unknown", {"Topics": [{"Name": t.name("nowhere")}], "ResponsePartitionLimit": 10})
    t.ask("invalid", {"Topics": [{"Name": "bad name"}], "ResponsePartitionLimit": 10})


@case("DescribeTopicPartitions")
def odd_limits(t):
    topic = t.topic("first", ((1,), (2,)))
    for limit in (0, -1, 1000000):
        t.ask(f"limit {limit}", {"Topics": [{"Name": topic.name}],
                                 "ResponsePartitionLimit": limit})


@case("DescribeTopicPartitions")
def same_topic_twice(t):
    topic = t.topic()
    t.ask("twice", {"Topics": [{"Name": topic.name}] * 2, "ResponsePartitionLimit": 10})


@case("DescribeTopicPartitions")
def all_topics(t):  # noqa: F811
    t.topic("first")
    t.ask("every topic", {"Topics": [], "ResponsePartitionLimit": 2000},
          keep=lambda answer: {"any": bool(answer["Topics"])})
