#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records the fixtures anew from Apache Kafka: runs every case against three fresh brokers, and
once more against another three; a case whose answers differ then is an error here."""

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
    failures: list[str] = []
    results = once(options.target, cases, failures)
    if not options.once:
        for key, again in once(options.target, cases, failures).items():
            if key in results and results[key] != again:
                failures.append(f"{key} does not repeat:\n  " + "\n  ".join(
                    runner.stepDifferences(results[key], again)))
    for api in sorted({case.api for case in cases}):
        runner.writeFixture(api, results, f"Apache Kafka {kafka_jars.KAFKA_VERSION}")
    for each in failures:
        print(each)
    print(f"{len(cases)} cases, {len(results)} runs recorded, {len(failures)} failures")
    return 1 if failures else 0


def once(bootstrap: str | None, cases: list, failures: list[str]) -> dict:
    """All cases against a running cluster, or else against a fresh one: leaders fall elsewhere
    each time, so nothing that depends on them gets into the fixtures unnoticed."""
    if bootstrap is None:
        with RealKafka(3) as kafka:
            return once(kafka.bootstrap, cases, failures)

    def report(case, version, steps, error):
        if error:
            failures.append(f"{case.api}/{case.name} v{version}: {error}")

    target = Target(bootstrap)
    try:
        return runner.runAll(target, cases, report)
    finally:
        target.close()


if __name__ == "__main__":
    sys.exit(main())
