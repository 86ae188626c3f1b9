# SPDX-License-Identifier: GPL-3.0-or-later
"""CreateTopics, DeleteTopics, CreatePartitions."""

from harness.registry import case

NOWHERE = "AAAAAAAAAAAAAAAAAAAAKg"
SAME_SHAPE = ((1, 2), (2, 3), (3, 1))


def creation(*topics, validate=False, timeout=20000):
    return {"Topics": list(topics), "timeoutMs": timeout, "validateOnly": validate}


def spec(name, partitions=1, replication=1, assignment=None, **configs):
    made = {"Name": name, "NumPartitions": partitions, "ReplicationFactor": replication}
    if assignment is not None:
        made["Assignments"] = [{"PartitionIndex": index, "BrokerIds": list(replicas)}
                               for index, replicas in assignment]
    made["Configs"] = [{"Name": key.replace("_", "."), "Value": value}
                       for key, value in configs.items()]
    return made


@case("CreateTopics")
def good(t):
    name = t.name("topic")
    t.ask("create", creation(spec(name, 3, 2)))
    t.target.awaitTopics([name], 3)
    t.ask("look", {"Topics": [{"Name": name}]}, api="Metadata", anyPlacement=True)
    t.ask("again", creation(spec(name, 3, 2)))


@case("CreateTopics")
def through_another_broker(t):
    """Any broker takes the request, whoever is the controller."""
    for node in (1, 2, 3):
        t.ask(f"node {node}", creation(spec(t.name(f"topic{node}"), 1, 3)), node=node)


@case("CreateTopics")
def with_assignment(t):
    name = t.name("topic")
    t.ask("create", creation(spec(name, -1, -1, list(enumerate(SAME_SHAPE)))))
    t.target.awaitTopics([name], 3)
    t.ask("look", {"Topics": [{"Name": name}]}, api="Metadata")


@case("CreateTopics")
def bad_assignments(t):
    for label, partitions, replication, assignment in [
            ("with counts", 2, -1, [(0, [1]), (1, [2])]),
            ("with replication", -1, 1, [(0, [1])]),
            ("unknown broker", -1, -1, [(0, [99])]),
            ("same broker twice", -1, -1, [(0, [1, 1])]),
            ("no brokers", -1, -1, [(0, [])]),
            ("gap", -1, -1, [(0, [1]), (2, [2])]),
            ("not from 0", -1, -1, [(1, [1])]),
            ("negative index", -1, -1, [(-1, [1])]),
            ("uneven", -1, -1, [(0, [1, 2]), (1, [3])]),
            ("negative broker", -1, -1, [(0, [-1])]),
            ("index twice", -1, -1, [(0, [1]), (0, [2])])]:
        t.ask(label, creation(spec(t.name("topic"), partitions, replication, assignment)))


@case("CreateTopics")
def bad_counts(t):
    for partitions, replication in [(0, 1), (-2, 1), (1, 0), (1, -2), (1, 4), (1, 32767), (0, 0)]:
        t.ask(f"{partitions} partitions, factor {replication}",
              creation(spec(t.name("topic"), partitions, replication)))


@case("CreateTopics", minimum=4)
def default_counts(t):
    """-1 means the broker's default (KIP-464)."""
    t.ask("partitions", creation(spec(t.name("one"), -1, 2)))
    t.ask("factor", creation(spec(t.name("two"), 2, -1)))
    t.ask("both", creation(spec(t.name("three"), -1, -1)))


@case("CreateTopics", maximum=3)
def default_counts_old(t):
    t.ask("both", creation(spec(t.name("three"), -1, -1)))


@case("CreateTopics")
def invalid_names(t):
    for bad in ("", ".", "..", "a b", "x" * 250, "a/b", "a,b", "ü", "a\u0000b"):
        t.ask(f"{bad[:12]!r}", creation(spec(bad)))
    long = t.name("x")
    longest = long + "y" * (249 - len(long))
    t.names.learn(longest, "<249 letters>")
    t.ask("249 letters are fine", creation(spec(longest)))


@case("CreateTopics")
def colliding_names(t):
    """Dots and underscores meet in metric names."""
    base = t.name("topic")
    first, second = base + ".a", base + "_a"
    t.ask("dot", creation(spec(first)))
    t.target.awaitTopics([first])
    t.ask("underscore", creation(spec(second)))


@case("CreateTopics")
def internal_names(t):
    t.ask("offsets topic", creation(spec("__consumer_offsets", 50, 3)))
    t.ask("metadata topic", creation(spec("__cluster_metadata", 1, 1)))


@case("CreateTopics")
def same_topic_twice(t):
    name = t.name("topic")
    t.ask("twice", creation(spec(name), spec(name)))
    t.ask("twice beside a good one", creation(spec(name), spec(name, 2), spec(t.name("good"))))


@case("CreateTopics")
def good_beside_bad(t):
    t.ask("mixed", creation(spec(t.name("good")), spec("bad name"), spec(t.name("zero"), 0)))


@case("CreateTopics")
def with_configs(t):
    name = t.name("topic")
    t.ask("create", creation(spec(name, 1, 1, retention_ms="1000", cleanup_policy="compact",
                                  max_message_bytes="2000")))
    t.target.awaitTopics([name])
    t.ask("look", {"Resources": [{"ResourceType": 2, "ResourceName": name,
                                  "ConfigurationKeys": ["retention.ms", "cleanup.policy",
                                                        "max.message.bytes", "segment.ms"]}],
                   "IncludeSynonyms": True}, api="DescribeConfigs")


BAD_CONFIGS = [
    ("no.such.config", "1"), ("retention.ms", "abc"), ("retention.ms", "-2"),
    ("retention.ms", ""), ("retention.ms", None), ("retention.ms", " 5 "),
    ("cleanup.policy", "none"), ("cleanup.policy", ""), ("cleanup.policy", "compact,delete"),
    ("cleanup.policy", "delete,delete"), ("compression.type", "brotli"),
    ("segment.bytes", "13"), ("segment.bytes", "1048576"), ("segment.bytes", "3000000000"),
    ("segment.ms", "0"), ("max.message.bytes", "-1"), ("min.insync.replicas", "0"),
    ("min.insync.replicas", "5"), ("min.cleanable.dirty.ratio", "1.5"),
    ("min.cleanable.dirty.ratio", "0.25"), ("message.timestamp.type", "Never"),
    ("unclean.leader.election.enable", "maybe"), ("unclean.leader.election.enable", "TRUE"),
    ("preallocate", "1"), ("flush.messages", "0"), ("index.interval.bytes", "-1"),
    ("message.format.version", "3.0"), ("leader.replication.throttled.replicas", "0:1"),
    ("leader.replication.throttled.replicas", "*"),
    ("leader.replication.throttled.replicas", "nonsense"),
    ("compression.gzip.level", "0"), ("compression.gzip.level", "9"),
    ("compression.zstd.level", "23"), ("remote.storage.enable", "false"),
    ("remote.storage.enable", "true"), ("local.retention.ms", "-3"),
    ("", "1"), ("max.compaction.lag.ms", "0"), ("file.delete.delay.ms", "-1"),
]


@case("CreateTopics")
def config_values(t):
    for name, value in BAD_CONFIGS:
        t.ask(f"{name}={value}", creation({
            "Name": t.name("topic"), "NumPartitions": 1, "ReplicationFactor": 1,
            "Configs": [{"Name": name, "Value": value}]}, validate=True),
            keep=_errorsOnly)


def _errorsOnly(answer):
    return {"Topics": [{key: each[key] for key in each
                        if key in ("ErrorCode", "TopicConfigErrorCode", "NumPartitions")}
                       for each in answer["Topics"]]}


@case("CreateTopics")
def configs_together(t):
    """Combinations are judged too."""
    t.ask("lag min over max", creation(spec(t.name("topic"), min_compaction_lag_ms="10",
                                            max_compaction_lag_ms="5"), validate=True))
    t.ask("local over total", creation(spec(t.name("topic"), local_retention_ms="10",
                                            retention_ms="5"), validate=True))
    t.ask("same key twice", creation({
        "Name": t.name("topic"), "NumPartitions": 1, "ReplicationFactor": 1,
        "Configs": [{"Name": "retention.ms", "Value": "1"},
                    {"Name": "retention.ms", "Value": "2"}]}, validate=True),
        keep=_errorsOnly)


@case("CreateTopics")
def validate_only(t):
    name = t.name("topic")
    t.ask("validate", creation(spec(name, 2, 3), validate=True))
    t.ask("look", {"Topics": [{"Name": name}], "AllowAutoTopicCreation": False}, api="Metadata")


@case("CreateTopics")
def no_topics(t):
    t.ask("none", creation())


# ---- DeleteTopics ------------------------------------------------------------------------------

def deletion(*names, ids=(), timeout=20000):
    return {"TopicNames": list(names), "TimeoutMs": timeout,
            "Topics": [{"Name": each} for each in names]
            + [{"Name": None, "TopicId": each} for each in ids]}


@case("DeleteTopics")
def good(t):  # noqa: F811
    topic = t.topic()
    t.ask("delete", deletion(topic.name))
    t.ask("again", deletion(topic.name))


@case("DeleteTopics")
def several(t):
    names = [t.topic(label).name for label in ("one", "two")]
    t.ask("two and an unknown", deletion(*names, t.name("nowhere")), node=2)


@case("DeleteTopics")
def same_name_twice(t):
    topic = t.topic()
    t.ask("twice", deletion(topic.name, topic.name))
    t.ask("look", {"Topics": [{"Name": topic.name}], "AllowAutoTopicCreation": False},
          api="Metadata", keep=lambda answer: [each["ErrorCode"] for each in answer["Topics"]])


@case("DeleteTopics")
def unknown_names(t):
    t.ask("unknown", deletion(t.name("nowhere")))
    t.ask("invalid", deletion("bad name"))
    t.ask("empty", deletion(""))
    t.ask("none", deletion())


@case("DeleteTopics", minimum=6)
def by_id(t):
    topic = t.topic()
    t.ask("unknown id", deletion(ids=[NOWHERE]))
    t.ask("zero id", {"Topics": [{"Name": None}], "TimeoutMs": 1000})
    t.ask("id and name", {"Topics": [{"Name": topic.name, "TopicId": topic.id}],
                          "TimeoutMs": 1000})
    t.ask("same id twice", deletion(ids=[topic.id, topic.id]))
    t.ask("name and id of one topic", deletion(topic.name, ids=[topic.id]))
    t.ask("by id", deletion(ids=[topic.id]))
    t.ask("by id again", deletion(ids=[topic.id]))


@case("DeleteTopics")
def same_name_new_topic(t):
    """A topic deleted and made again is a new one, empty."""
    topic = t.topic()
    from harness.context import oneBatch, produceBody
    t.produce(topic, oneBatch())
    t.ask("delete", deletion(topic.name))
    t.retry("CreateTopics", creation(spec(topic.name)))
    t.target.awaitTopics([topic.name])
    leader = t.do("Metadata", {"Topics": [{"Name": topic.name}]})["Topics"][0]
    node = leader["Partitions"][0]["LeaderId"]
    answer = t.retry("Produce", produceBody(topic, oneBatch()), node)
    t.note("offset", answer["Responses"][0]["PartitionResponses"][0]["BaseOffset"])


# ---- CreatePartitions --------------------------------------------------------------------------

def growth(name, count, assignment=None):
    return {"Name": name, "Count": count,
            "Assignments": None if assignment is None else
            [{"BrokerIds": list(each)} for each in assignment]}


def growing(*topics, validate=False):
    return {"Topics": list(topics), "TimeoutMs": 20000, "ValidateOnly": validate}


@case("CreatePartitions")
def good(t):  # noqa: F811
    topic = t.topic()
    t.ask("to three", growing(growth(topic.name, 3)), node=3)
    t.target.awaitTopics([topic.name], 3)
    t.ask("look", {"Topics": [{"Name": topic.name}]}, api="Metadata", anyPlacement=True)
    t.ask("same again", growing(growth(topic.name, 3)))
    t.ask("fewer", growing(growth(topic.name, 2)))


@case("CreatePartitions")
def with_assignment(t):  # noqa: F811
    topic = t.topic(assignment=((1, 2),))
    t.ask("to three", growing(growth(topic.name, 3, [(2, 3), (3, 1)])))
    t.target.awaitTopics([topic.name], 3)
    t.ask("look", {"Topics": [{"Name": topic.name}]}, api="Metadata")


@case("CreatePartitions")
def bad_assignments(t):  # noqa: F811
    topic = t.topic(assignment=((1, 2),))
    for label, count, assignment in [
            ("too few", 3, [(2, 3)]), ("too many", 2, [(2, 3), (3, 1)]), ("none", 2, []),
            ("other factor", 2, [(2,)]), ("unknown broker", 2, [(2, 99)]),
            ("same broker twice", 2, [(2, 2)]), ("empty", 2, [()]),
            ("negative broker", 2, [(-1, 2)])]:
        t.ask(label, growing(growth(topic.name, count, assignment)))


@case("CreatePartitions")
def bad_counts(t):  # noqa: F811
    topic = t.topic(assignment=((1,), (2,)))
    for count in (0, -1, 1, 2):
        t.ask(f"to {count}", growing(growth(topic.name, count), validate=True))


@case("CreatePartitions")
def validate_only(t):  # noqa: F811
    topic = t.topic()
    t.ask("validate", growing(growth(topic.name, 4), validate=True))
    t.ask("look", {"Topics": [{"Name": topic.name}]}, api="Metadata")


@case("CreatePartitions")
def unknown_and_twice(t):
    topic = t.topic()
    t.ask("unknown", growing(growth(t.name("nowhere"), 2)))
    t.ask("invalid name", growing(growth("bad name", 2)))
    t.ask("twice", growing(growth(topic.name, 2), growth(topic.name, 3)))
    t.ask("none", growing())
