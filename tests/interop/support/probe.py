# SPDX-License-Identifier: GPL-3.0-or-later
"""Odradek attached to a cluster as its window attaches (attach/main.cpp), driven line by line."""

import json
import queue
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path

from .clusters import ClusterError, dieWithParent
from .environment import until

ROOT = Path(__file__).resolve().parents[3]


def probeBinary() -> Path:
    found = sorted(ROOT.glob("build/*/bin/odradek_attach_probe"),
                   key=lambda each: (each.parts[-3] == "release", each.stat().st_mtime))
    if not found:
        raise ClusterError("no build/*/bin/odradek_attach_probe: run packaging/dev interop")
    return found[-1]


class Probe:
    """One attached source. Its methods are for one thread."""

    def __init__(self, bootstrap: str):
        self.process = subprocess.Popen([str(probeBinary()), bootstrap], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, preexec_fn=dieWithParent)
        self.answers: queue.Queue = queue.Queue()
        threading.Thread(target=self._pump, daemon=True).start()

    def _pump(self) -> None:
        for line in self.process.stdout:
            self.answers.put(line)
        self.answers.put(None)

    def ask(self, what: str, **more):
        self.process.stdin.write(json.dumps({"do": what, **more}) + "\n")
        self.process.stdin.flush()
        line = self.answers.get(timeout=20)
        assert line, f"the probe ended: {self.process.wait()} {self.process.stderr.read()[-1500:]}"
        reply = json.loads(line)
        assert "failed" not in reply, reply["failed"]
        return reply["answer"]

    def sees(self, what: str, condition, seconds: float = 30.0):
        """Waits until the condition holds for a snapshot; returns what it returned."""
        seen = None

        def look():
            nonlocal seen
            seen = self.ask("snapshot")
            try:
                return seen and condition(seen)
            except (KeyError, IndexError):  # not there yet
                return None
        try:
            return until(what, look, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\nlast seen: {json.dumps(seen)[:3000]}") from None

    def live(self) -> dict:
        return self.sees("live", lambda seen: seen["connection"] == "live" and seen)

    def submit(self, kind: str, **more) -> dict:
        """The result of a command."""
        job = self.ask("submit", command={"kind": kind, **more})
        return until(f"result of {kind}", lambda: self.ask("result", id=job), 40)

    def done(self, kind: str, **more) -> dict:
        result = self.submit(kind, **more)
        assert result["ok"], (kind, more, result)
        return result

    def browse(self, topic: str, **more) -> tuple[list[dict], dict]:
        """Records and the last chunk of a browse that ends by itself."""
        job = self.ask("submit", command={"kind": "StartBrowse", "topic": topic, **more})
        records: list[dict] = []

        def ended():
            part = self.ask("read", id=job)
            records.extend((part or {}).get("records", []))
            return part and part["last"] and part["last"]["done"] and part["last"]
        return records, until(f"end of browsing {topic}", ended)

    def close(self) -> int:
        """Detaches; the exit code, which tells whether it ended well."""
        self.process.stdin.close()
        try:
            return self.process.wait(20)
        finally:
            self.process.kill()
            self.process.wait()


@contextmanager
def attached(bootstrap: str):
    """A probe that must also detach cleanly."""
    probe = Probe(bootstrap)
    try:
        yield probe
    except BaseException:
        probe.process.kill()
        probe.process.wait()
        raise
    assert probe.close() == 0, "the probe did not end well"
