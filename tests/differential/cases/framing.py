# SPDX-License-Identifier: GPL-3.0-or-later
"""What every API has in common: unknown versions, cut bodies, unknown tags; and plain garbage."""

import struct

from harness.registry import case
from wire import schema

# A body that any broker answers, for APIs whose default body would wait or change something.
UNHARMED = {
    "Fetch": {"MaxWaitMs": 0, "MinBytes": 0},
    "CreateTopics": {"timeoutMs": 1000},
    "Produce": {"Acks": -1, "TimeoutMs": 1000},
    "InitProducerId": {"TransactionalId": None, "TransactionTimeoutMs": 1000},
    "ApiVersions": {"ClientSoftwareName": "odradek", "ClientSoftwareVersion": "1.0"},
    "FindCoordinator": {"Key": "some-group", "CoordinatorKeys": ["some-group"]},
    "DescribeCluster": {},
    "DescribeLogDirs": {"Topics": []},
    "OffsetFetch": {"GroupId": "some-group", "Groups": []},
    "DescribeTopicPartitions": {"Topics": [{"Name": "nowhere"}], "ResponsePartitionLimit": 10},
    "Metadata": {"Topics": []},
}

APIS = ["Produce", "Fetch", "ListOffsets", "Metadata", "OffsetCommit", "OffsetFetch",
        "FindCoordinator", "JoinGroup", "SyncGroup", "Heartbeat", "LeaveGroup", "DescribeGroups",
        "ListGroups", "CreateTopics", "DeleteTopics", "CreatePartitions", "DeleteRecords",
        "DescribeConfigs", "IncrementalAlterConfigs", "InitProducerId", "OffsetForLeaderEpoch",
        "DescribeLogDirs", "DescribeCluster", "DescribeTopicPartitions"]

BROKER_ONLY = ["BrokerRegistration", "BrokerHeartbeat", "AlterPartition", "AllocateProducerIds",
               "Envelope", "Vote", "FetchSnapshot"]


# Whose answer to an empty request depends on who coordinates what.
KEEP = {name: lambda _: "<answered>" for name in ("ListGroups", "FindCoordinator", "OffsetFetch")}


def body(api: str) -> dict:
    return UNHARMED.get(api, {})


def _perApi(api: str) -> None:
    def empty_body(t):
        """The emptiest request the API has."""
        keep = KEEP.get(api)
        t.ask("empty", body(api), keep=keep)

    def unknown_tag(t):
        """A tagged field nobody knows is skipped (flexible versions only)."""
        tags = {77: b"odradek"} if schema.request(api).flexible(t.version) else None
        keep = KEEP.get(api)
        t.ask("with unknown tag", body(api), extraTags=tags, keep=keep)

    def cut_body(t):
        """The last byte is missing: the connection is closed."""
        if len(schema.request(api).encode(t.version, body(api))) == 0:
            return
        t.sendClosed("one byte short", lambda c: c.send(api, t.version, body(api), cut=1))

    def null_client_id(t):
        keep = KEEP.get(api)
        t.ask("no client id", body(api), clientId=None, keep=keep)

    def trailing_bytes(t):
        """Bytes after the body are ignored. librdkafka 2.16 sends three with Metadata v13."""
        keep = KEEP.get(api)
        t.ask("three more bytes", body(api), trailing=b"\x01\x00\x00", keep=keep)

    for script in (empty_body, unknown_tag, cut_body, null_client_id, trailing_bytes):
        case(api)(script)


for _api in APIS:
    _perApi(_api)


@case("Framing")
def unsupported_versions(t):
    """Below and above the advertised range the connection is closed."""
    for name in APIS:
        versions = schema.stableVersions(name)
        wrong = {versions[-1] + 1, 99, -1}
        if versions[0] > 0 and name != "Produce":
            wrong.add(versions[0] - 1)
        key = schema.api(name)["key"]
        for version in sorted(wrong):
            flexible = schema.request(name).flexible(version)
            t.sendClosed(f"{name} v{version}",
                         lambda c: c.sendFrame(key, version, flexible, bytes(64)))


@case("Framing")
def produce_below_three(t):
    """Produce advertises 0 for old librdkafka, but 0 to 2 are refused."""
    for version in (0, 1, 2):
        t.sendClosed(f"Produce v{version}", lambda c: c.sendFrame(
            0, version, False, struct.pack(">hii", 1, 1000, 0)))


@case("Framing")
def broker_only_apis(t):
    """What brokers ask each other is not served on a client's connection."""
    for name in BROKER_ONLY:
        versions = schema.stableVersions(name)
        flexible = schema.request(name).flexible(versions[-1])
        t.sendClosed(name, lambda c: c.sendFrame(
            schema.api(name)["key"], versions[-1], flexible,
            schema.request(name).encode(versions[-1], {})))


@case("Framing")
def unknown_api_keys(t):
    for key in (4, 5, 6, 7, 200, -1, 32767):
        t.sendClosed(f"key {key}", lambda c: c.sendFrame(key, 0, False, b""))


@case("Framing")
def garbage(t):
    t.sendClosed("HTTP", lambda c: c.sendBytes(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
    t.sendClosed("negative size", lambda c: c.sendBytes(struct.pack(">i", -5) + b"hello"))
    t.sendClosed("huge size", lambda c: c.sendBytes(struct.pack(">i", 0x7FFFFFFF) + b"hello"))
    t.sendClosed("above socket.request.max.bytes",
                 lambda c: c.sendBytes(struct.pack(">i", 104857601) + b"hello"))
    t.sendClosed("half a header", lambda c: c.sendBytes(struct.pack(">ih", 2, 18)))
    t.sendClosed("array longer than the frame", lambda c: c.sendFrame(
        3, 1, False, struct.pack(">i", 0x7FFFFFF0)))
    t.sendClosed("string longer than the frame", lambda c: c.sendFrame(
        3, 1, False, struct.pack(">ih", 1, 0x7FFF) + b"abc"))


@case("Framing")
def answers_in_order(t):
    """Requests sent at once on one connection are answered in that order."""
    with t.target.connection(1, fresh=True) as connection:
        bodies = [("Metadata", 9, {"Topics": []}), ("ApiVersions", 0, {}),
                  ("Fetch", 12, {"MaxWaitMs": 300, "MinBytes": 1}), ("ListGroups", 0, {})]
        for name, version, content in bodies:
            connection.send(name, version, content)
        last = connection.correlation
        for index, (name, version, _) in enumerate(bodies):
            connection.correlation = last - len(bodies) + 1 + index
            connection.receive(name, version)
            t.note(f"answer {index + 1}", name)
