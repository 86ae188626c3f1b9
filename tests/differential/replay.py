#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replays the cases against a running cluster and compares with the fixtures.

Needs no JVM. Exit code 0 when everything agrees, 1 otherwise. README.md lists the settings the
target must run with."""

import argparse
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "interop")]

from support import kafka_jars  # noqa: E402

kafka_jars.reexecInVenv()

from harness import runner  # noqa: E402
from harness.registry import loadCases  # noqa: E402
from harness.target import Target  # noqa: E402
from support.clusters import openCluster  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", help="HOST:PORT, or kafka, or odradek (default): started here",
                        default="odradek")
    parser.add_argument("--binary", type=Path, help="odradekd to start")
    parser.add_argument("--api", action="append", help="only this API (may be repeated)")
    parser.add_argument("--case", action="append", help="only this case (may be repeated)")
    parser.add_argument("--lines", type=int, default=12, help="lines of difference per case")
    parser.add_argument("--show", action="store_true", help="print the answers of each case")
    options = parser.parse_args()
    cases = [each for each in loadCases()
             if (not options.api or each.api in options.api)
             and (not options.case or each.name in options.case)]
    if ":" in options.target:
        return replay(options.target, cases, options)
    with openCluster(options.target, options.binary, count=3) as cluster:
        return replay(cluster.bootstrap, cases, options)


def replay(bootstrap: str, cases: list, options) -> int:
    good: Counter = Counter()
    bad: Counter = Counter()
    fixtures = {api: runner.readFixture(api) for api in {case.api for case in cases}}
    seen: dict = {}

    def report(case, version, steps, error):
        expected = fixtures[case.api].get((case.name, version))
        if error is None and expected is None:
            error = "no fixture: run record.py"
        lines = error.splitlines() if error else runner.stepDifferences(expected, steps)
        if options.show and steps:
            print(f"{case.api}/{case.name} v{version}", runner.pretty(steps))
        if not lines:
            good[case.api] += 1
            return
        bad[case.api] += 1
        same = seen.setdefault((case.api, case.name, tuple(lines)), [])
        same.append(version)
        if len(same) == 1:
            print(f"DIFFERENT {case.api}/{case.name} v{version}")
            for line in lines[:options.lines]:
                print(f"    {line}")
            if len(lines) > options.lines:
                print(f"    ... {len(lines) - options.lines} more lines")
            sys.stdout.flush()

    target = Target(bootstrap)
    runner.runAll(target, cases, report)
    target.close()
    print(f"\n{'API':<26}{'same':>6}{'different':>11}")
    for api in sorted(good | bad):
        print(f"{api:<26}{good[api]:>6}{bad[api]:>11}{'' if not bad[api] else '  <--'}")
    print(f"{'total':<26}{good.total():>6}{bad.total():>11}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
