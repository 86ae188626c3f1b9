# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check works with: the cluster, fresh topics, tools; and the list of checks."""

import itertools
import time
from dataclasses import dataclass
from typing import Callable

from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec

from .jvm import Ran, ToolServer


@dataclass(frozen=True)
class Check:
    name: str
    run: Callable
    lonely: bool


CHECKS: list[Check] = []


def check(function=None, *, lonely: bool = False):
    """Registers a check under file.function."""
    def register(body):
        file = body.__module__.rpartition(".")[2]
        CHECKS.append(Check(f"{file}.{body.__name__}", body, lonely))
        return body
    return register(function) if function else register


def until(what: str, condition: Callable, seconds: float = 20.0):
    """Asks again until the condition gives something true, and returns it."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)


class Environment:
    """One cluster under judgement, as one process sees it; checks run one after another in it."""

    def __init__(self, cluster, label: str):
        self.cluster = cluster
        self.label = label
        self.names = itertools.count(1)
        self.server: ToolServer | None = None
        self.admins: list[AdminClient] = []

    @property
    def bootstrap(self) -> str:
        return self.cluster.bootstrap

    def admin(self) -> AdminClient:
        if not self.admins or self.admins[-1] is None:
            self.admins.append(AdminClient({"bootstrap.servers": self.bootstrap,
                                            "log_level": 1}))
        return self.admins[-1]

    def name(self, label: str) -> str:
        """A name no other check uses."""
        return f"{label}-{self.label}{next(self.names)}"

    def topic(self, label: str = "topic", partitions: int = 3, replicas: int = 3,
              **configs: str) -> str:
        """A fresh topic with leaders everywhere; config dots are written as underscores."""
        name = self.name(label)
        made = self.admin().create_topics([NewTopic(
            name, partitions, replicas,
            config={key.replace("_", "."): value for key, value in configs.items()})])
        made[name].result(20)
        until(f"{name} has leaders", lambda: self._led(name, partitions))
        return name

    def _led(self, name: str, partitions: int) -> bool:
        try:
            topic = self.admin().list_topics(name, timeout=10).topics[name]
        except KafkaException:
            return False
        if len(topic.partitions) != partitions or any(
                each.leader < 1 for each in topic.partitions.values()):
            return False
        # A broker may be named leader a moment before it acts as one.
        asked = self.admin().list_offsets({TopicPartition(name, each): OffsetSpec.latest()
                                           for each in topic.partitions})
        return all(future.exception(10) is None for future in asked.values())

    def tool(self, name: str, *args: str, **options) -> Ran:
        """Runs a Kafka tool against the cluster, in this process's JVM for tools."""
        return self.plainTool(name, "--bootstrap-server", self.bootstrap, *args, **options)

    def plainTool(self, name: str, *args: str, **options) -> Ran:
        if self.server is None:
            self.server = ToolServer()
        return self.server.run(name, *args, **options)

    def forgetClients(self) -> None:
        """After a restart old connections are stale; ports may even have changed. The old client
        stays alive, unused: destroying one with requests in flight is asking for trouble."""
        self.admins.append(None)

    def close(self) -> None:
        if self.server:
            self.server.close()
