# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster under comparison: its nodes, pooled connections, and small helpers to prepare it."""

import itertools
import os
import time

from wire import schema
from wire.connection import Closed, Connection

# Versions used for preparations (not under test); every target must serve them.
HELPER_VERSIONS = {
    "Metadata": 12, "CreateTopics": 7, "DeleteTopics": 6, "Produce": 9, "Fetch": 12,
    "ListOffsets": 7, "FindCoordinator": 4, "InitProducerId": 4, "JoinGroup": 9, "SyncGroup": 5,
    "Heartbeat": 4, "LeaveGroup": 5, "OffsetCommit": 9, "OffsetFetch": 8, "DescribeGroups": 5,
    "DescribeConfigs": 4, "IncrementalAlterConfigs": 1, "DeleteRecords": 2, "ListGroups": 5,
    "CreatePartitions": 3, "DescribeCluster": 1, "DescribeLogDirs": 4, "OffsetForLeaderEpoch": 4,
    "ApiVersions": 3, "DescribeTopicPartitions": 0,
}


class Target:
    """A cluster reached by bootstrap address. Connections are pooled per node."""

    def __init__(self, bootstrap: str, timeout: float = 10.0):
        host, _, port = bootstrap.split(",")[0].rpartition(":")
        self.timeout = timeout
        self.pool: dict[int, Connection] = {}
        with Connection(host.strip("[]"), int(port), timeout) as connection:
            answer = connection.request("Metadata", HELPER_VERSIONS["Metadata"], {"Topics": []})
        self.nodes = {each["NodeId"]: (each["Host"], each["Port"]) for each in answer["Brokers"]}
        self.clusterId = answer["ClusterId"]
        self.run = os.urandom(2).hex()
        self.sequence = itertools.count(1)
        self._warmUp()

    def _warmUp(self) -> None:
        """Creates the offsets topic once and waits for it, so no case sees it being made."""
        deadline = time.monotonic() + 60
        while True:
            answer = self.request(1, "FindCoordinator", {"KeyType": 0, "CoordinatorKeys": ["warm"]})
            found = answer["Coordinators"][0]
            if found["ErrorCode"] == 0:
                fetched = self.request(found["NodeId"], "OffsetFetch", {
                    "Groups": [{"GroupId": "warm", "Topics": None}]})
                if fetched["Groups"][0]["ErrorCode"] == 0:
                    break
            if time.monotonic() > deadline:
                raise TimeoutError(f"no group coordinator: {answer}")
            time.sleep(0.05)
        self.awaitTopics(["__consumer_offsets"])
        for node in self.nodes:  # each broker fetches its block of producer ids by itself
            while self.request(node, "InitProducerId", {
                    "TransactionalId": None, "TransactionTimeoutMs": 1000})["ErrorCode"]:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"no producer ids from node {node}")
                time.sleep(0.01)

    def connection(self, node: int, fresh: bool = False) -> Connection:
        """The pooled connection to a node, or a new one the caller closes."""
        if fresh:
            return Connection(*self.nodes[node], self.timeout)
        if node not in self.pool:
            self.pool[node] = Connection(*self.nodes[node], self.timeout)
        return self.pool[node]

    def drop(self, node: int) -> None:
        """Forgets a connection that is closed or out of step."""
        if node in self.pool:
            self.pool.pop(node).close()

    def request(self, node: int, name: str, body: dict, version: int | None = None,
                **options) -> dict:
        if version is None:
            version = HELPER_VERSIONS[name]
        connection = self.connection(node)
        try:
            return connection.request(name, version, body, **options)
        except (Closed, OSError, ValueError) as error:
            self.drop(node)
            raise error
        except Exception:
            self.drop(node)
            raise

    def unique(self, label: str) -> str:
        """A name never used before on this cluster; the label stays readable in it."""
        return f"{label}-{self.run}x{next(self.sequence)}"

    def awaitTopics(self, names: list[str], partitions: int | None = None) -> list[dict]:
        """Waits until every node knows the topics, with leaders and full ISRs."""
        deadline = time.monotonic() + 30
        body = {"Topics": [{"Name": name} for name in names], "AllowAutoTopicCreation": False}
        found = []
        for node in self.nodes:
            while True:
                found = self.request(node, "Metadata", body)["Topics"]
                if all(self._settled(topic, partitions) for topic in found):
                    break
                if time.monotonic() > deadline:
                    raise TimeoutError(f"topics not ready on node {node}: {found}")
                time.sleep(0.005)
        return found

    @staticmethod
    def _settled(topic: dict, partitions: int | None) -> bool:
        return (topic["ErrorCode"] == 0
                and (partitions is None or len(topic["Partitions"]) == partitions)
                and all(each["ErrorCode"] == 0 and each["LeaderId"] >= 0
                        and sorted(each["ReplicaNodes"]) == sorted(each["IsrNodes"])
                        for each in topic["Partitions"]))

    def close(self) -> None:
        for node in list(self.pool):
            self.drop(node)


def check(answer: dict, where: str) -> dict:
    """Raises when any ErrorCode inside a preparation's answer is not zero."""
    def walk(value):
        if isinstance(value, dict):
            if value.get("ErrorCode"):
                raise RuntimeError(f"{where}: {schema.errorName(value['ErrorCode'])} in {answer}")
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)
    walk(answer)
    return answer
