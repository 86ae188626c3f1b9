#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a command beside a three-broker Apache Kafka 4.3.1: each word KAFKA of it becomes the bootstrap list.

The brokers run as Kafka ships them: its own JVM options and heap, and no flush before an ack.

    app/bench/with_kafka.py build/release/bin/odradek-bench produce --kafka KAFKA
"""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.interop.support import kafka_jars  # noqa: E402
from tests.interop.support.clusters import RealKafka, dieWithParent  # noqa: E402

# What bin/kafka-run-class.sh and bin/kafka-server-start.sh of Kafka 4 pass.
SHIPPED_JVM = [
    "-Xmx1G", "-Xms1G", "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent",
    "-Djava.awt.headless=true",
]


class ShippedKafka(RealKafka):
    """Interop tests start JVMs for a quick start; measured ones may compile to the full."""

    def startNode(self, node: int) -> None:
        log = open(self.directory / f"node{node}.log", "ab")
        self.processes[node] = subprocess.Popen(
            [kafka_jars.java(), *SHIPPED_JVM, "-cp", kafka_jars.classpath("kafka-server"),
             "kafka.Kafka", str(self.directory / f"node{node}.properties")],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, preexec_fn=dieWithParent)
        log.close()


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    with ShippedKafka(3) as kafka:
        command = [kafka.bootstrap if word == "KAFKA" else word for word in sys.argv[1:]]
        return subprocess.call(command)


if __name__ == "__main__":
    sys.exit(main())
