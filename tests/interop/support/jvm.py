# SPDX-License-Identifier: GPL-3.0-or-later
"""Kafka's command line tools, run in one long-lived JVM (java/ToolServer.java)."""

import json
import queue
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

from . import kafka_jars
from .clusters import JVM_QUICK

JAVA = Path(__file__).resolve().parent.parent / "java"

MAINS = {
    "kafka-topics": "org.apache.kafka.tools.TopicCommand",
    "kafka-configs": "kafka.admin.ConfigCommand",
    "kafka-console-producer": "org.apache.kafka.tools.ConsoleProducer",
    "kafka-console-consumer": "org.apache.kafka.tools.consumer.ConsoleConsumer",
    "kafka-consumer-groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
    "kafka-get-offsets": "org.apache.kafka.tools.GetOffsetShell",
    "kafka-delete-records": "org.apache.kafka.tools.DeleteRecordsCommand",
    "kafka-log-dirs": "org.apache.kafka.tools.LogDirsCommand",
    "kafka-dump-log": "org.apache.kafka.tools.DumpLogSegments",
    "kafka-broker-api-versions": "org.apache.kafka.tools.BrokerApiVersionsCommand",
    "kafka-cluster": "org.apache.kafka.tools.ClusterTool",
}


@dataclass(frozen=True)
class Ran:
    """What a tool did: its exit code and what it printed."""
    exit: int
    out: str
    err: str

    def lines(self) -> list[str]:
        return [line for line in self.out.splitlines() if line.strip()]


class ToolServer:
    """One JVM; run() is for one thread at a time (a lock sees to it)."""

    def __init__(self):
        path = kafka_jars.compileJava(JAVA / "ToolServer.java", "kafka-server")
        self.process = subprocess.Popen(
            [kafka_jars.java(), *JVM_QUICK, "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
             "-Xmx256m", "-cp", path, "ToolServer"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lock = threading.Lock()
        self.answers: queue.Queue = queue.Queue()
        threading.Thread(target=self._pump, daemon=True).start()

    def _pump(self) -> None:
        for line in self.process.stdout:
            self.answers.put(line)
        self.answers.put(None)

    def run(self, tool: str, *args: str, stdin: str = "", seconds: float = 60.0,
            checked: bool = True) -> Ran:
        """Runs a tool by its script's name. A non-zero exit is an error unless not checked."""
        request = {"main": MAINS[tool], "args": [str(each) for each in args], "stdin": stdin}
        with self.lock:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            try:
                line = self.answers.get(timeout=seconds)
            except queue.Empty:
                self.close()
                raise AssertionError(f"{tool} {' '.join(args)}: no end after {seconds} s") from None
        if line is None:
            raise AssertionError(f"{tool}: the JVM ended")
        ran = Ran(**json.loads(line))
        if checked:
            assert ran.exit == 0, f"{tool} {' '.join(map(str, args))}: exit {ran.exit}\n" \
                                  f"{ran.out[-1500:]}{ran.err[-1500:]}"
        return ran

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


def runJava(source: str, setName: str, *args: str, seconds: float = 120.0) -> str:
    """Compiles a Java main against a jar set, runs it, returns its output; exit 0 demanded."""
    path = kafka_jars.compileJava(JAVA / f"{source}.java", setName)
    done = subprocess.run(
        [kafka_jars.java(), *JVM_QUICK, "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
         "-Xmx256m", "-cp", path, source, *args],
        capture_output=True, text=True, timeout=seconds)
    assert done.returncode == 0, f"{source} on {setName}:\n{done.stdout[-2000:]}" \
                                 f"{done.stderr[-3000:]}"
    return done.stdout
