# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check works with: the cluster, fresh topics, tools; and the list of checks."""

import itertools
import threading
import time
from dataclasses import dataclass
from typing import Callable

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

from .clusters import Cluster
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
    """One cluster under judgement; shared by checks on several threads."""

    def __init__(self, cluster: Cluster):
        self.cluster = cluster
        self.names = itertools.count(1)
        self.local = threading.local()
        self.servers: list[ToolServer] = []
        self._admin = None
        self.lock = threading.Lock()

    @property
    def bootstrap(self) -> str:
        return self.cluster.bootstrap

    def admin(self) -> AdminClient:
        with self.lock:
            if self._admin is None:
                self._admin = AdminClient({"bootstrap.servers": self.bootstrap})
            return self._admin

    def name(self, label: str) -> str:
        return f"{label}-{next(self.names)}"

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
        return len(topic.partitions) == partitions and all(
            each.leader > 0 for each in topic.partitions.values())

    def tool(self, name: str, *args: str, **options) -> Ran:
        """Runs a Kafka tool against the cluster, in this thread's JVM."""
        return self.plainTool(name, "--bootstrap-server", self.bootstrap, *args, **options)

    def plainTool(self, name: str, *args: str, **options) -> Ran:
        if getattr(self.local, "server", None) is None:
            self.local.server = ToolServer()
            with self.lock:
                self.servers.append(self.local.server)
        return self.local.server.run(name, *args, **options)

    def forgetClients(self) -> None:
        """After a restart old connections are stale; ports may even have changed."""
        with self.lock:
            self._admin = None

    def close(self) -> None:
        for each in self.servers:
            each.close()
