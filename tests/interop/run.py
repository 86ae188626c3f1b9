#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives real programs against a cluster and prints a table of what held.

--target odradek (our daemon) or kafka (a real Apache Kafka, which proves the checks themselves).
A check that cannot run is a failure. Exit code 0 when all passed."""

import argparse
import concurrent.futures
import importlib
import pkgutil
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from support import kafka_jars  # noqa: E402

kafka_jars.reexecInVenv()

import checks  # noqa: E402
from support.clusters import openCluster  # noqa: E402
from support.environment import CHECKS, Environment  # noqa: E402

# Several checks mostly wait (for rebalances, for JVMs), so a few run side by side.
WORKERS = 3


def loadChecks(only: list[str] | None) -> list:
    for module in pkgutil.iter_modules(checks.__path__):
        importlib.import_module(f"checks.{module.name}")
    chosen = [each for each in CHECKS if not only or any(part in each.name for part in only)]
    if not chosen:
        raise SystemExit(f"no check matches {only}")
    return chosen


def runOne(each, environment) -> tuple:
    start = time.monotonic()
    try:
        each.run(environment)
        error = None
    except Exception:
        error = traceback.format_exc()
    return each.name, error, time.monotonic() - start


def runAll(chosen: list, environment) -> list[tuple]:
    results = []

    def done(result) -> None:
        results.append(result)
        print(f"{'ok  ' if result[1] is None else 'FAIL'} {result[0]} {result[2]:.1f} s",
              flush=True)
        if result[1]:
            print("     " + result[1].rstrip().replace("\n", "\n     "), flush=True)

    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        jobs = [pool.submit(runOne, each, environment) for each in chosen if not each.lonely]
        for job in concurrent.futures.as_completed(jobs):
            done(job.result())
    for each in chosen:
        if each.lonely:
            done(runOne(each, environment))
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", choices=["odradek", "kafka"], default="odradek")
    parser.add_argument("--binary", type=Path, help="odradekd to judge")
    parser.add_argument("--only", action="append", help="checks whose name contains this")
    parser.add_argument("--list", action="store_true", help="only list the checks")
    parser.add_argument("--logs", action="store_true", help="print the brokers' logs on failure")
    options = parser.parse_args()
    chosen = loadChecks(options.only)
    if options.list:
        print("\n".join(each.name for each in chosen))
        return 0
    start = time.monotonic()
    kafka_jars.classpath("kafka-server")
    with openCluster(options.target, options.binary, count=3) as cluster:
        environment = Environment(cluster)
        try:
            results = runAll(chosen, environment)
        finally:
            environment.close()
        if options.logs and any(error for _, error, _ in results):
            print(cluster.logTail())
    failed = [name for name, error, _ in results if error]
    print(f"\n{'check':<52}{'result':<8}{'seconds':>7}")
    for name, error, took in sorted(results):
        print(f"{name:<52}{'FAIL' if error else 'ok':<8}{took:>7.1f}")
    print(f"{len(results) - len(failed)} of {len(results)} passed against {options.target} "
          f"in {time.monotonic() - start:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
