#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives real programs against a cluster and prints a table of what held.

--target odradek (our daemon) or kafka (a real Apache Kafka, which proves the checks themselves).
A check that cannot run is a failure. Exit code 0 when all passed."""

import argparse
import concurrent.futures
import faulthandler
import importlib
import json
import pkgutil
import queue
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from support import kafka_jars  # noqa: E402

kafka_jars.reexecInVenv()

import checks  # noqa: E402
from support.clusters import AttachedCluster, ClusterError, openCluster  # noqa: E402
from support.environment import CHECKS, Environment  # noqa: E402

# Several checks mostly wait (for rebalances, for JVMs), so a few run side by side.
WORKERS = 3
LIMIT = 150.0  # seconds for one check


def loadChecks(only: list[str] | None) -> list:
    for module in pkgutil.iter_modules(checks.__path__):
        importlib.import_module(f"checks.{module.name}")
    chosen = [each for each in CHECKS if not only or any(part in each.name for part in only)]
    if not chosen:
        raise SystemExit(f"no check matches {only}")
    return chosen


def runOne(each, environment) -> dict:
    start = time.monotonic()
    try:
        each.run(environment)
        error = None
    except Exception:
        error = traceback.format_exc()
    return {"name": each.name, "error": error, "took": time.monotonic() - start}


class Worker:
    """A process that runs checks by name. Clients in C crash or hang at times; then the check
    has failed, and the next one gets a new process."""

    def __init__(self, facts: dict, label: str):
        self.facts, self.label, self.started = facts, label, 0
        self.process = None

    def _start(self) -> None:
        self.started += 1
        spec = {**self.facts, "label": f"{self.label}{self.started}x"}
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--worker", json.dumps(spec)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.answers: queue.Queue = queue.Queue()
        threading.Thread(target=self._pump, args=(self.process.stdout, self.answers),
                         daemon=True).start()

    @staticmethod
    def _pump(stream, answers) -> None:
        for line in stream:
            answers.put(line)
        answers.put(None)

    def run(self, each) -> dict:
        if self.process is None:
            self._start()
        start = time.monotonic()
        self.process.stdin.write(each.name + "\n")
        self.process.stdin.flush()
        try:
            line = self.answers.get(timeout=LIMIT)
            error = None if line else "the process of this check died"
        except queue.Empty:
            line, error = None, f"no end after {LIMIT} s"
        if line:
            return json.loads(line)
        self.close()
        return {"name": each.name, "error": error, "took": time.monotonic() - start}

    def close(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


def serve(spec: dict) -> int:
    """The other end of a Worker: a check's name per line in, its result per line out."""
    answers = sys.stdout
    sys.stdout = sys.stderr
    known = {each.name: each for each in loadChecks(None)}
    environment = Environment(AttachedCluster(spec), spec["label"])
    for line in sys.stdin:
        print(json.dumps(runOne(known[line.strip()], environment)), file=answers, flush=True)
    return 0


def tellIfDead(cluster) -> None:
    """A cluster that died by itself explains the failures that follow; start it once more."""
    try:
        cluster.checkAlive()
    except ClusterError as error:
        print(f"THE CLUSTER DIED: {error}", flush=True)
        cluster.kill()
        cluster.start()


def runAll(chosen: list, cluster) -> list[dict]:
    results = []

    def done(result) -> None:
        results.append(result)
        print(f"{'FAIL' if result['error'] else 'ok  '} {result['name']} "
              f"{result['took']:.1f} s", flush=True)
        if result["error"]:
            print("     " + result["error"].rstrip().replace("\n", "\n     "), flush=True)
            tellIfDead(cluster)

    workers: queue.Queue = queue.Queue()
    for label in "abc"[:WORKERS]:
        workers.put(Worker(cluster.facts(), label))

    def one(each) -> dict:
        worker = workers.get()
        try:
            return worker.run(each)
        finally:
            workers.put(worker)

    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        jobs = [pool.submit(one, each) for each in chosen if not each.lonely]
        for job in concurrent.futures.as_completed(jobs):
            done(job.result())
    for _ in range(WORKERS):
        workers.get().close()
    environment = Environment(cluster, "m")
    for each in chosen:
        if each.lonely:
            done(runOne(each, environment))
    environment.close()
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", choices=["odradek", "kafka"], default="odradek")
    parser.add_argument("--binary", type=Path, help="odradekd to judge")
    parser.add_argument("--features", choices=["plain", "default"], default="plain",
                        help="of a real Kafka: like ours, or what Kafka formats with by itself")
    parser.add_argument("--only", action="append", help="checks whose name contains this")
    parser.add_argument("--list", action="store_true", help="only list the checks")
    parser.add_argument("--logs", action="store_true", help="print the brokers' logs on failure")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    faulthandler.enable()
    if options.worker:
        return serve(json.loads(options.worker))
    chosen = loadChecks(options.only)
    if options.list:
        print("\n".join(each.name for each in chosen))
        return 0
    start = time.monotonic()
    kafka_jars.classpath("kafka-server")
    kinds = {"features": options.features} if options.target == "kafka" else {}
    with openCluster(options.target, options.binary, count=3, **kinds) as cluster:
        results = runAll(chosen, cluster)
        failed = [each["name"] for each in results if each["error"]]
        if options.logs and failed:
            print(cluster.logTail())
    print(f"\n{'check':<52}{'result':<8}{'seconds':>7}")
    for each in sorted(results, key=lambda each: each["name"]):
        print(f"{each['name']:<52}{'FAIL' if each['error'] else 'ok':<8}{each['took']:>7.1f}")
    print(f"{len(results) - len(failed)} of {len(results)} passed against {options.target} "
          f"in {time.monotonic() - start:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
