# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters to judge: a real Apache Kafka from Maven's jars, and our own odradekd.

Both are context managers with the same face: `bootstrap`, `brokers` (id -> (host, port)),
`dataDirs` (id -> directory with the partition directories), `stop()` (clean), `kill()` (SIGKILL to
all), `start()` (again, same data and ports). Leaving the context kills what still runs. Readiness
is awaited by asking (Metadata lists every broker, and the admin path answers), never by sleeping a
fixed time.
"""

import base64
import ctypes
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "differential"))

from wire.connection import Closed, Connection  # noqa: E402

from . import kafka_jars  # noqa: E402

HOST = "127.0.0.1"

# Settings both clusters get, so that answers agree and tests are quick. README.md explains them.
COMMON_SETTINGS = {
    "default.replication.factor": "1",
    "num.partitions": "1",
    "offsets.topic.num.partitions": "50",
    "offsets.topic.replication.factor": "3",
    "group.initial.rebalance.delay.ms": "0",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "1",
    "log.retention.check.interval.ms": "86400000",
    "broker.heartbeat.interval.ms": "500",
    "broker.session.timeout.ms": "3000",
    "replica.fetch.backoff.ms": "50",
}

JVM_QUICK = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
             "-XX:-UsePerfData", "-Djava.awt.headless=true",
             "-Dorg.slf4j.simpleLogger.showDateTime=true",
             "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS"]


def freePorts(count: int) -> list[int]:
    """Distinct ports that were free a moment ago."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


class ClusterError(Exception):
    """The cluster did not come up, or died; the message carries the end of its log."""


def awaitBrokers(addresses: list[tuple[str, int]], alive, seconds: float = 90.0) -> None:
    """Waits until every address answers Metadata with all brokers and a controller."""
    deadline = time.monotonic() + seconds
    for host, port in addresses:
        while True:
            alive()
            try:
                with Connection(host, port, timeout=5) as connection:
                    answer = connection.request("Metadata", 9, {"Topics": []})
                if len(answer["Brokers"]) == len(addresses) and answer["ControllerId"] >= 0:
                    break
            except (OSError, Closed):
                pass
            if time.monotonic() > deadline:
                raise ClusterError(f"{host}:{port} not ready after {seconds} s")
            time.sleep(0.05)


def dieWithParent() -> None:
    """In a child before exec: when the suite dies, however, its brokers go as well."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # 1 = PR_SET_PDEATHSIG


class AttachedCluster:
    """A running cluster seen from another process; it can be used but not stopped."""

    def __init__(self, facts: dict):
        self.brokers = {int(node): tuple(where) for node, where in facts["brokers"].items()}
        self.dataDirs = {int(node): Path(place) for node, place in facts["dataDirs"].items()}
        self.directory = Path(facts["directory"])

    @property
    def bootstrap(self) -> str:
        return ",".join(f"{host}:{port}" for host, port in self.brokers.values())


class Cluster:
    """What both kinds share; see the module comment."""

    def __init__(self, count: int, settings: dict[str, str] | None = None,
                 directory: Path | None = None):
        self.count = count
        self.settings = {**COMMON_SETTINGS, **(settings or {})}
        if count < 3:
            for key in ("offsets.topic.replication.factor",
                        "transaction.state.log.replication.factor"):
                self.settings[key] = str(count)
        self.ownDirectory = directory is None
        self.directory = Path(directory or tempfile.mkdtemp(prefix="odradek-interop-"))
        self.processes: dict[int, subprocess.Popen] = {}
        self.brokers: dict[int, tuple[str, int]] = {}
        self.dataDirs: dict[int, Path] = {}

    @property
    def bootstrap(self) -> str:
        return ",".join(f"{host}:{port}" for host, port in self.brokers.values())

    def facts(self) -> dict:
        """What AttachedCluster needs, as JSON takes it."""
        return {"brokers": self.brokers, "directory": str(self.directory),
                "dataDirs": {node: str(place) for node, place in self.dataDirs.items()}}

    def start(self) -> None:
        raise NotImplementedError

    def checkAlive(self) -> None:
        for name, process in self.processes.items():
            if process.poll() is not None:
                raise ClusterError(f"process {name} ended with {process.returncode}:\n"
                                   f"{self.logTail()}")

    def logTail(self, lines: int = 40) -> str:
        text = ""
        for path in sorted(self.directory.glob("*.log")):
            text += f"--- {path}\n" + "\n".join(path.read_text(errors="replace")
                                                .splitlines()[-lines:]) + "\n"
        return text

    def stop(self, seconds: float = 60.0) -> None:
        """Clean shutdown; a process that does not end in time, or ends badly, is an error."""
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + seconds
        try:
            for name, process in self.processes.items():
                code = process.wait(max(0.1, deadline - time.monotonic()))
                if code not in (0, 143, -signal.SIGTERM):
                    raise ClusterError(f"process {name} ended with {code}:\n{self.logTail()}")
        except subprocess.TimeoutExpired as error:
            raise ClusterError(f"no clean stop in {seconds} s:\n{self.logTail()}") from error
        finally:
            self.kill()

    def kill(self) -> None:
        """SIGKILL to every process of the cluster, as a power cut would."""
        self._signal(signal.SIGKILL)
        for process in self.processes.values():
            process.wait()
        self.processes = {}

    def _signal(self, number: int) -> None:
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(number)

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.kill()
        if self.ownDirectory:
            shutil.rmtree(self.directory, ignore_errors=True)


class RealKafka(Cluster):
    """Apache Kafka in KRaft mode: node 1 is broker and controller, the others brokers.

    Features that Odradek does not build yet are formatted at version 0, so both clusters promise
    the same. One JVM per node.
    """

    def __init__(self, count: int = 3, settings=None, directory=None, features="plain"):
        super().__init__(count, settings, directory)
        self.features = features
        self.clusterId = base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("=")
        self.formatted = False

    def _properties(self, node: int, controllerPort: int, port: int) -> str:
        listeners = f"PLAINTEXT://{HOST}:{port}"
        if node == 1:
            listeners += f",CONTROLLER://{HOST}:{controllerPort}"
        values = {
            "process.roles": "broker,controller" if node == 1 else "broker",
            "node.id": node,
            "controller.quorum.voters": f"1@{HOST}:{controllerPort}",
            "listeners": listeners,
            "advertised.listeners": f"PLAINTEXT://{HOST}:{port}",
            "inter.broker.listener.name": "PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "log.dirs": self.dataDirs[node],
            # The first retention check passes before there is anything to delete.
            "log.initial.task.delay.ms": "500",
            **self.settings,
        }
        return "".join(f"{key}={value}\n" for key, value in values.items())

    def _configure(self) -> None:
        ports = freePorts(self.count + 1)
        for node in range(1, self.count + 1):
            self.brokers[node] = (HOST, ports[node])
            self.dataDirs[node] = self.directory / f"node{node}"
            (self.directory / f"node{node}.properties").write_text(
                self._properties(node, ports[0], ports[node]))
        features = []
        if self.features == "plain":
            for name in ("transaction.version", "group.version", "share.version",
                         "streams.version", "eligible.leader.replicas.version"):
                features += ["--feature", f"{name}=0"]
        for node in self.brokers:
            self._format(node, features)
        self.formatted = True

    def _format(self, node: int, features: list[str]) -> None:
        done = subprocess.run(
            [kafka_jars.java(), *JVM_QUICK, "-cp", kafka_jars.classpath("kafka-server"),
             "kafka.tools.StorageTool", "format", "-t", self.clusterId,
             "-c", str(self.directory / f"node{node}.properties"), *features],
            capture_output=True, text=True)
        if done.returncode != 0:
            raise ClusterError(f"format failed:\n{done.stdout}{done.stderr}")

    def start(self) -> None:
        if not self.formatted:
            self._configure()
        for node in self.brokers:
            self.startNode(node)
        awaitBrokers(list(self.brokers.values()), self.checkAlive)

    def startNode(self, node: int) -> None:
        log = open(self.directory / f"node{node}.log", "ab")
        self.processes[node] = subprocess.Popen(
            [kafka_jars.java(), *JVM_QUICK, "-Xmx512m", "-cp",
             kafka_jars.classpath("kafka-server"), "kafka.Kafka",
             str(self.directory / f"node{node}.properties")],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, preexec_fn=dieWithParent)
        log.close()


class Odradek(Cluster):
    """Our daemon: one process, several brokers. Ports stay the same over restarts."""

    def __init__(self, binary: Path, count: int = 3, settings=None, directory=None):
        super().__init__(count, settings, directory)
        self.binary = Path(binary)
        self.port = 0

    def start(self, seconds: float = 60.0) -> None:
        data = self.directory / "data"
        command = [str(self.binary), "--brokers", str(self.count), "--port", str(self.port),
                   "--data", str(data)]
        for key, value in self.settings.items():
            command += ["--set", f"{key}={value}"]
        log = open(self.directory / "odradekd.log", "ab")
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log,
                                   stdin=subprocess.DEVNULL, text=True,
                                   preexec_fn=dieWithParent)
        log.close()
        self.processes["odradekd"] = process
        addresses = self._awaitReady(process, seconds)
        self.brokers = {index + 1: address for index, address in enumerate(addresses)}
        if self.port == 0 and len({port for _, port in addresses}) == len(addresses):
            first = addresses[0][1]
            if [port for _, port in addresses] == list(range(first, first + len(addresses))):
                self.port = first
        self.dataDirs = self._findDataDirs(data)
        awaitBrokers(addresses, self.checkAlive)

    def _awaitReady(self, process, seconds: float) -> list[tuple[str, int]]:
        lines: queue.Queue = queue.Queue()

        def pump():
            for line in process.stdout:
                lines.put(line)
            lines.put(None)

        threading.Thread(target=pump, daemon=True).start()
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise ClusterError(f"no ready line in {seconds} s:\n{self.logTail()}") from None
            if line is None:
                process.wait()
                raise ClusterError(f"odradekd ended with {process.returncode}:\n{self.logTail()}")
            if line.startswith("ready "):
                return [(host.strip("[]"), int(port)) for host, _, port in
                        (each.rpartition(":") for each in line.split()[1].split(","))]

    def _findDataDirs(self, data: Path) -> dict[int, Path]:
        """The log directory of each broker, told apart by the node.id in meta.properties."""
        found = {}
        for path in sorted(data.rglob("meta.properties")):
            for line in path.read_text().splitlines():
                if line.startswith("node.id="):
                    found[int(line.partition("=")[2])] = path.parent
        return found


def openCluster(target: str, binary: Path | None = None, **options) -> Cluster:
    """The cluster a command line asks for: "kafka" or "odradek"."""
    if target == "kafka":
        return RealKafka(**options)
    if target == "odradek":
        return Odradek(binary or defaultBinary(), **options)
    raise ValueError(f"unknown target {target}")


def defaultBinary() -> Path:
    """The release build of odradekd in this checkout, else the newest other preset's."""
    root = Path(__file__).resolve().parents[3]
    release = root / "build" / "release" / "bin" / "odradekd"
    if release.exists():
        return release
    others = sorted(root.glob("build/*/bin/odradekd"), key=lambda each: each.stat().st_mtime)
    if not others:
        raise ClusterError("no build/*/bin/odradekd: run packaging/dev build")
    return others[-1]
