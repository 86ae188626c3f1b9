# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs cases, groups equal answers of neighbouring versions, reads and writes fixtures."""

import json
import sys
import time
import traceback
from pathlib import Path

from .context import Context
from .registry import Case
from .target import Target

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
GIVE_UP_AFTER = 5  # timeouts within one API; a target that hangs must not take hours


class CaseFailed(Exception):
    """The script itself could not be carried through."""


def runCase(target: Target, case: Case, version: int) -> list:
    """The notes of one run, in JSON's own types."""
    context = Context(target, case.api, version)
    try:
        case.script(context)
    except Exception as error:
        for node in list(target.pool):
            target.drop(node)
        raise CaseFailed("".join(traceback.format_exception(error)[-3:])
                         + f"after {json.dumps(context.steps, default=str)[-600:]}") from error
    return json.loads(json.dumps(context.steps))


def runAll(target: Target, cases: list[Case], report) -> dict:
    """Runs every case at every version. report(case, version, steps or None, error text)."""
    results: dict = {}
    timeouts: dict[str, int] = {}
    for case in cases:
        for version in case.versions:
            if timeouts.get(case.api, 0) >= GIVE_UP_AFTER:
                report(case, version, None, "not run: this API timed out too often")
                continue
            start = time.monotonic()
            try:
                steps = runCase(target, case, version)
            except CaseFailed as error:
                if isinstance(error.__cause__, TimeoutError):
                    timeouts[case.api] = timeouts.get(case.api, 0) + 1
                report(case, version, None, str(error))
                continue
            results[(case.api, case.name, version)] = steps
            report(case, version, steps, None)
            took = time.monotonic() - start
            if took > 3:
                print(f"slow: {case.api}/{case.name} v{version} {took:.1f} s", file=sys.stderr)
    return results


def fixturePath(api: str) -> Path:
    return FIXTURES / f"{api}.json"


def writeFixture(api: str, results: dict, about: str) -> None:
    """Stores one API's answers; versions with equal answers share an entry."""
    cases: dict = {}
    for (owner, name, version), steps in results.items():
        if owner != api:
            continue
        entries = cases.setdefault(name, [])
        for entry in entries:
            if entry["steps"] == steps:
                entry["versions"].append(version)
                break
        else:
            entries.append({"versions": [version], "steps": steps})
    FIXTURES.mkdir(exist_ok=True)
    fixturePath(api).write_text(pretty({"api": api, "recorded": about, "cases": cases}) + "\n")


def readFixture(api: str) -> dict:
    """(case name, version) -> steps."""
    if not fixturePath(api).exists():
        return {}
    stored = json.loads(fixturePath(api).read_text())
    return {(name, version): entry["steps"] for name, entries in stored["cases"].items()
            for entry in entries for version in entry["versions"]}


def pretty(value, indent: int = 0, width: int = 100) -> str:
    """JSON with every value on one line that fits one."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) + indent <= width or not isinstance(value, (dict, list)) or not value:
        return line
    pad = " " * (indent + 1)
    if isinstance(value, dict):
        inner = ",\n".join(f"{pad}{json.dumps(key, ensure_ascii=False)}: "
                           f"{pretty(item, indent + 1, width)}"
                           for key, item in value.items())
        return "{\n" + inner + "\n" + " " * indent + "}"
    inner = ",\n".join(pad + pretty(item, indent + 1, width) for item in value)
    return "[\n" + inner + "\n" + " " * indent + "]"


def differences(expected, actual, path: str = "") -> list[str]:
    """Readable lines, one per place where the values part."""
    if type(expected) is not type(actual):
        return [f"{path}: expected {_short(expected)}, got {_short(actual)}"]
    if isinstance(expected, dict):
        lines = []
        for key in [*expected, *(each for each in actual if each not in expected)]:
            where = f"{path}.{key}" if path else str(key)
            if key not in actual:
                lines.append(f"{where}: missing, expected {_short(expected[key])}")
            elif key not in expected:
                lines.append(f"{where}: unexpected {_short(actual[key])}")
            else:
                lines += differences(expected[key], actual[key], where)
        return lines
    if isinstance(expected, list):
        if len(expected) != len(actual):
            return [f"{path}: expected {len(expected)} items {_short(expected)}, "
                    f"got {len(actual)} {_short(actual)}"]
        lines = []
        for index, (left, right) in enumerate(zip(expected, actual)):
            name = f"{path}[{index}]"
            if isinstance(left, dict):
                tag = next((str(left[key]) for key in ("Name", "Topic", "GroupId")
                            if left.get(key)), None)
                name = f"{path}[{tag}]" if tag else name
            lines += differences(left, right, name)
        return lines
    return [] if expected == actual else [f"{path}: expected {_short(expected)}, "
                                          f"got {_short(actual)}"]


def stepDifferences(expected: list, actual: list) -> list[str]:
    """Like differences(), named by the labels of the steps."""
    lines = []
    for index in range(max(len(expected), len(actual))):
        if index >= len(actual):
            lines.append(f"{expected[index][0]}: step missing")
        elif index >= len(expected):
            lines.append(f"{actual[index][0]}: unexpected step")
        else:
            lines += [f"{expected[index][0]}: {line.lstrip(': ')}" for line in
                      differences(expected[index], actual[index])]
    return [line.replace("[1]", "", 1) for line in lines]


def _short(value) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 160 else text[:157] + "..."
