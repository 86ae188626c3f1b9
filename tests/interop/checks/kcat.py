# SPDX-License-Identifier: GPL-3.0-or-later
"""kcat (librdkafka in C) from the command line."""

import json
import shutil
import subprocess

from support.environment import check, until


def kcat(env, *args: str, stdin: str = "", seconds: float = 30.0) -> str:
    program = shutil.which("kcat") or shutil.which("kafkacat")
    assert program, "kcat is missing: apt-get install kcat"
    done = subprocess.run([program, "-b", env.bootstrap, *args], input=stdin, text=True,
                          capture_output=True, timeout=seconds)
    assert done.returncode == 0, f"kcat {args}: {done.returncode}\n{done.stderr[-1500:]}"
    return done.stdout


def read(env, topic: str, *args: str) -> list[dict]:
    out = kcat(env, "-C", "-t", topic, "-e", "-q", "-J", *args)
    return [json.loads(line) for line in out.splitlines()]


@check
def lists_brokers_and_topics(env):
    topic = env.topic("kcat")
    seen = json.loads(kcat(env, "-L", "-J"))
    assert sorted(each["id"] for each in seen["brokers"]) == [1, 2, 3], seen["brokers"]
    assert {each["name"] for each in seen["brokers"]} == set(env.bootstrap.split(","))
    mine = next(each for each in seen["topics"] if each["topic"] == topic)
    assert len(mine["partitions"]) == 3
    assert all(len(each["replicas"]) == 3 and len(each["isrs"]) == 3
               for each in mine["partitions"])


@check
def produces_and_consumes(env):
    """Keys, headers and every codec; partitions by key as librdkafka's default says."""
    topic = env.topic("kcat")
    for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
        lines = "".join(f"k{index}|{codec} {index}\n" for index in range(20))
        kcat(env, "-P", "-t", topic, "-K", "|", "-z", codec, "-H", "trace=abc", "-H", "empty=",
             "-X", "acks=all", stdin=lines)
    seen = read(env, topic)
    assert len(seen) == 100, len(seen)
    assert all(each["headers"] == ["trace", "abc", "empty", ""] for each in seen)
    homes: dict = {}
    for each in seen:
        homes.setdefault(each["key"], set()).add(each["partition"])
    assert len(homes) == 20 and all(len(each) == 1 for each in homes.values()), homes
    for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
        assert sorted(int(each["payload"].split()[1]) for each in seen
                      if each["payload"].startswith(codec)) == list(range(20))


@check
def seeks_by_offset_and_time(env):
    topic = env.topic("kcat", 1)
    kcat(env, "-P", "-t", topic, stdin="".join(f"{index}\n" for index in range(10)))
    assert [each["payload"] for each in read(env, topic, "-o", "7")] == ["7", "8", "9"]
    assert [each["payload"] for each in read(env, topic, "-o", "-2")] == ["8", "9"]
    everything = read(env, topic, "-o", "beginning")
    stamp = everything[0]["ts"]
    assert len(read(env, topic, "-o", f"s@{stamp}")) == 10
    assert kcat(env, "-Q", "-t", f"{topic}:0:{stamp}").split()[-1] == "0"
    assert read(env, topic, "-o", "end") == []


@check
def creates_topics_by_writing(env):
    """auto.create.topics.enable: an unknown topic appears when written to."""
    topic = env.name("kcat-auto")
    kcat(env, "-P", "-t", topic, stdin="first\n")
    assert [each["payload"] for each in read(env, topic)] == ["first"]


@check
def balanced_consumer(env):
    """A group of one reads all, commits, and the next run finds nothing new."""
    topic, group = env.topic("kcat"), env.name("kcat-group")
    kcat(env, "-P", "-t", topic, stdin="".join(f"{index}\n" for index in range(30)))
    first = kcat(env, "-G", group, topic, "-e", "-q", "-X", "auto.offset.reset=earliest")
    assert sorted(map(int, first.split())) == list(range(30)), first
    second = kcat(env, "-G", group, topic, "-e", "-q", "-X", "auto.offset.reset=earliest")
    assert second == "", second


@check
def transports_large_and_odd_messages(env):
    topic = env.topic("kcat", 1)
    large = "x" * 900_000
    kcat(env, "-P", "-t", topic, stdin=large + "\n")
    kcat(env, "-P", "-t", topic, "-K", "|", "-Z", stdin="tombstone|\n|no key\n")
    seen = until("three messages", lambda: (lambda all: all if len(all) == 3 else None)(
        read(env, topic)))
    assert seen[0]["payload"] == large
    assert (seen[1]["key"], seen[1]["payload"]) == ("tombstone", None), seen[1]
    assert (seen[2]["key"], seen[2]["payload"]) == (None, "no key"), seen[2]
