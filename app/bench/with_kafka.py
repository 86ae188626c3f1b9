#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a command beside a three-broker Apache Kafka 4.3.1: each word KAFKA of it becomes the bootstrap list.

    app/bench/with_kafka.py build/release/bin/odradek-bench produce --kafka KAFKA
"""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.interop.support.clusters import RealKafka  # noqa: E402


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    with RealKafka(3) as kafka:
        command = [kafka.bootstrap if word == "KAFKA" else word for word in sys.argv[1:]]
        return subprocess.call(command)


if __name__ == "__main__":
    sys.exit(main())
