#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records the fixtures anew from Apache Kafka: starts three brokers, runs every case twice, and
stores the answers only where both runs agree (a case that does not repeat is an error here)."""

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "interop")]

from support import kafka_jars  # noqa: E402

kafka_jars.reexecInVenv()

from harness import runner  # noqa: E402
from harness.registry import loadCases  # noqa: E402
from harness.target import Target  # noqa: E402
from support.clusters import RealKafka  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--api", action="append", help="only this API (may be repeated)")
    parser.add_argument("--target", help="HOST:PORT of a running Apache Kafka, instead of own")
    parser.add_argument("--once", action="store_true", help="trust a single run (quicker)")
    options = parser.parse_args()
    cases = [each for each in loadCases() if not options.api or each.api in options.api]
    if options.target:
        return record(options.target, cases, options.once)
    with RealKafka(3) as kafka:
        return record(kafka.bootstrap, cases, options.once)


def record(bootstrap: str, cases: list, once: bool) -> int:
    failures = []

    def report(case, version, steps, error):
        if error:
            failures.append(f"{case.api}/{case.name} v{version}: {error}")

    target = Target(bootstrap)
    results = runner.runAll(target, cases, report)
    if not once:
        for key, again in runner.runAll(target, cases, report).items():
            if key in results and results[key] != again:
                failures.append(f"{key} does not repeat:\n  " + "\n  ".join(
                    runner.stepDifferences(results[key], again)))
    target.close()
    for api in sorted({case.api for case in cases}):
        runner.writeFixture(api, results, f"Apache Kafka {kafka_jars.KAFKA_VERSION}")
    for each in failures:
        print(each)
    print(f"{len(cases)} cases, {len(results)} runs recorded, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
