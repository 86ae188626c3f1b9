# SPDX-License-Identifier: GPL-3.0-or-later
"""What a case's script is given: asks the target, notes the comparable answers, prepares things."""

import threading
import time
from dataclasses import dataclass

from wire import records, schema
from wire.connection import Closed, Connection

from .normalise import Names, normalise
from .target import HELPER_VERSIONS, Target, check

CLOSED = "<connection closed>"


@dataclass(frozen=True)
class Topic:
    """A topic made for one case; leaders follow the assignment (first replica leads)."""
    name: str
    id: str
    assignment: tuple[tuple[int, ...], ...]

    def leader(self, partition: int = 0) -> int:
        return self.assignment[partition][0]


class Context:
    """One run of a case at one version. `steps` is what gets compared."""

    def __init__(self, target: Target, api: str, version: int):
        self.target = target
        self.api = api
        self.version = version
        self.names = Names(target)
        self.steps: list[list] = []

    # ---- recorded --------------------------------------------------------------------------

    def ask(self, label: str, body: dict, *, api: str | None = None, version: int | None = None,
            node: int = 1, anyPlacement: bool = False, mine: bool = True, keep=None,
            until=None, **options):
        """Sends a request and notes its answer; returns the raw answer, None when closed.
        keep: function applied to the raw answer first, to note only part of it. until: asks
        again, up to five seconds, while this function of the raw answer is false (for answers
        that may lag behind what was acknowledged)."""
        name = api or self.api
        if version is None:
            version = self.version if name == self.api else HELPER_VERSIONS[name]
        try:
            answer = self.target.request(node, name, body, version, **options)
            deadline = time.monotonic() + 5
            while until and not until(answer) and time.monotonic() < deadline:
                time.sleep(0.005)
                answer = self.target.request(node, name, body, version, **options)
        except Closed:
            self.note(label, CLOSED)
            return None
        self._noteAnswer(label, answer, name, anyPlacement, mine, keep, version)
        return answer

    def _noteAnswer(self, label, answer, name, anyPlacement, mine, keep, version) -> None:
        shown = keep(answer) if keep else answer
        self.note(label, normalise(shown, name, self.names, anyPlacement, mine and not keep,
                                   version) if isinstance(shown, dict) else shown)

    def note(self, label: str, value) -> None:
        self.steps.append([label, value])

    def sendClosed(self, label: str, send, node: int = 1) -> None:
        """Runs send(connection) on a connection of its own; notes whether the broker closes it."""
        with self.target.connection(node, fresh=True) as connection:
            try:
                send(connection)
                closed = connection.closedByPeer()
            except Closed:
                closed = True
        self.note(label, CLOSED if closed else "<an answer>")

    def askLater(self, label: str, body: dict, *, api: str | None = None, node: int = 1,
                 version: int | None = None, **options) -> "Later":
        """Sends on a connection of its own and returns a handle; for answers that must wait."""
        name = api or self.api
        if version is None:
            version = self.version if name == self.api else HELPER_VERSIONS[name]
        return Later(self, label, name, version, node, body, options)

    # ---- preparations (not recorded) ---------------------------------------------------------

    def do(self, api: str, body: dict, node: int = 1, version: int | None = None,
           checked: bool = True) -> dict:
        """A helper request; an error code in it aborts the case unless checked is False."""
        answer = self.target.request(node, api, body, version)
        return check(answer, api) if checked else answer

    def retry(self, api: str, body: dict, node: int = 1, version: int | None = None) -> dict:
        """A helper request repeated while its answer carries an error, up to ten seconds."""
        deadline = time.monotonic() + 10
        while True:
            try:
                return self.do(api, body, node, version)
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def name(self, label: str) -> str:
        """A fresh name, shown as <label> in the notes."""
        real = self.target.unique(label)
        self.names.learn(real, f"<{label}>")
        return real

    def topic(self, label: str = "topic", assignment=((1,),), configs: dict | None = None) -> Topic:
        """A new topic with the given replicas per partition, known to every node."""
        name = self.name(label)
        answer = self.do("CreateTopics", {"timeoutMs": 20000, "Topics": [{
            "Name": name, "NumPartitions": -1, "ReplicationFactor": -1,
            "Assignments": [{"PartitionIndex": index, "BrokerIds": list(replicas)}
                            for index, replicas in enumerate(assignment)],
            "Configs": [{"Name": key, "Value": value}
                        for key, value in (configs or {}).items()]}]})
        self.target.awaitTopics([name], len(assignment))
        self._awaitLeaders(name, assignment)
        topicId = answer["Topics"][0]["TopicId"]
        self.names.topicIds[topicId] = f"<id of {label}>"
        return Topic(name, topicId, tuple(tuple(each) for each in assignment))

    def _awaitLeaders(self, name: str, assignment) -> None:
        """A broker may know a topic before it acts as its leader; so ask the leaders for data."""
        for partition, replicas in enumerate(assignment):
            self.retry("ListOffsets", {"ReplicaId": -1, "Topics": [{"Name": name, "Partitions": [
                {"PartitionIndex": partition, "Timestamp": -1}]}]}, replicas[0])

    def produce(self, topic: Topic, *batches: bytes, partition: int = 0) -> list[int]:
        """Appends batches with acks=all; returns their base offsets."""
        offsets = []
        for data in batches:
            answer = self.do("Produce", produceBody(topic, data, partition),
                             topic.leader(partition))
            offsets.append(answer["Responses"][0]["PartitionResponses"][0]["BaseOffset"])
        return offsets

    def group(self, label: str = "group") -> tuple[str, int]:
        """A fresh group id and the node that coordinates it."""
        name = self.name(label)
        return name, self.coordinator(name)

    def coordinator(self, group: str) -> int:
        answer = self.retry("FindCoordinator", {"KeyType": 0, "CoordinatorKeys": [group]})
        return answer["Coordinators"][0]["NodeId"]


class Later:
    """A request in flight on its own connection; result() waits and notes the answer."""

    def __init__(self, context: Context, label, name, version, node, body, options):
        self.context, self.label, self.name, self.version = context, label, name, version
        self.options = {key: options.pop(key) for key in ("anyPlacement", "mine", "keep")
                        if key in options}
        self.connection: Connection = context.target.connection(node, fresh=True)
        self.start = time.monotonic()
        self.connection.send(name, version, body, **options)
        self.answer = None
        self.error = None
        self.thread = threading.Thread(target=self._receive, daemon=True)
        self.thread.start()

    def _receive(self) -> None:
        try:
            self.answer = self.connection.receive(self.name, self.version)
        except BaseException as error:  # handed over to result()
            self.error = error
        self.elapsed = time.monotonic() - self.start

    def pending(self) -> bool:
        return self.thread.is_alive()

    def result(self):
        self.thread.join()
        self.connection.close()
        if isinstance(self.error, Closed):
            self.context.note(self.label, CLOSED)
            return None
        if self.error:
            raise self.error
        options = {"anyPlacement": False, "mine": True, "keep": None, **self.options}
        self.context._noteAnswer(self.label, self.answer, self.name, version=self.version,
                                 **options)
        return self.answer


def produceBody(topic: Topic, data: bytes | None, partition: int = 0, acks: int = -1,
                timeout: int = 10000) -> dict:
    return {"Acks": acks, "TimeoutMs": timeout, "TopicData": [{
        "Name": topic.name, "TopicId": topic.id,
        "PartitionData": [{"Index": partition, "Records": data}]}]}


def oneBatch(*values: bytes, **options) -> bytes:
    return records.batch(values or (b"one",), **options)
