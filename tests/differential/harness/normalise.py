# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns raw answers into values two different clusters can be compared by.

Left out or replaced, as the issue says: message and documentation texts, ids, times, session ids,
addresses, APIs not built yet, configurations outside the published list. Everything else stays,
error codes by name. Arrays whose order means nothing are sorted.
"""

import json
import re
from functools import cache
from pathlib import Path

from wire import records, schema
from wire.primitives import ZERO_UUID

HERE = Path(__file__).resolve().parent.parent

DROPPED = {"ErrorMessage", "BatchIndexErrorMessage", "ThrottleTimeMs", "Documentation",
           "SessionId", "FinalizedFeaturesEpoch", "Host", "Port"}
# Present or not is compared, the value is not.
VEILED = {"ClusterId": "<cluster>", "LogDir": "<directory>", "TotalBytes": "<bytes>",
          "UsableBytes": "<bytes>"}
ORDERED = {"ReplicaNodes", "Records", "BrokerIds", "Synonyms", "records"}
MEMBER_SUFFIX = re.compile(r"-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
ONLY_FEATURES = {"metadata.version"}


@cache
def publishedConfigs() -> dict:
    return json.loads((HERE / "published_configs.json").read_text())


@cache
def builtApis() -> frozenset[int]:
    """Keys of the APIs that take part; fewer than Kafka has until all are built."""
    return frozenset(json.loads((HERE / "built_apis.json").read_text())["clientFacing"].values())


class Names:
    """What this case calls the ids it met: one per case run, so numbering starts afresh."""

    def __init__(self, target):
        self.target = target
        self.words: dict[str, str] = {}
        self.members: dict[str, str] = {}
        self.producers: dict[int, str] = {}
        self.topicIds: dict[str, str] = {ZERO_UUID: "<no id>"}

    def learn(self, real: str, label: str) -> None:
        self.words[real] = label

    def text(self, value: str) -> str:
        for real in sorted(self.words, key=len, reverse=True):
            value = value.replace(real, self.words[real])
        return value

    def member(self, value: str) -> str:
        if not value:
            return value
        if value not in self.members:
            prefix, found = MEMBER_SUFFIX.subn("", value)
            if not found:
                return self.text(value)
            self.members[value] = f"<member {len(self.members) + 1}: {self.text(prefix)}>"
        return self.members[value]

    def producer(self, value: int):
        if value < 0:
            return value
        return self.producers.setdefault(value, f"<producer {len(self.producers) + 1}>")

    def topicId(self, value: str) -> str:
        return self.topicIds.get(value, "<some id>")


def normalise(answer: dict, api: str, names: Names, anyPlacement: bool = False,
              mine: bool = True, version: int = 0):
    """The comparable form of one answer. anyPlacement: replicas were chosen by the cluster, so
    only their number and the leader's membership count. mine: lists of topics or groups are cut
    down to those the case named."""
    walker = _Walker(names, anyPlacement)
    if mine:
        answer = _onlyOwn(answer, api, names)
    if api == "ApiVersions":
        answer = _onlyBuilt(answer)
    if api == "DescribeConfigs" or api == "CreateTopics":
        answer = _onlyPublished(answer, api)
    return walker.walk(answer, "")


def _onlyOwn(answer: dict, api: str, names: Names) -> dict:
    field, key = {"Metadata": ("Topics", "Name"), "ListGroups": ("Groups", "GroupId"),
                  "DescribeTopicPartitions": ("Topics", "Name")}.get(api, (None, None))
    if field and answer.get(field):
        asked = set(names.words) | {None}
        kept = [each for each in answer[field]
                if each[key] in asked or each.get("ErrorCode")]
        answer = {**answer, field: kept}
    if api == "DescribeLogDirs":
        results = [{**each, "Topics": [topic for topic in each["Topics"]
                                       if topic["Name"] in names.words]}
                   for each in answer["Results"]]
        answer = {**answer, "Results": results}
    return answer


def _onlyBuilt(answer: dict) -> dict:
    if "ApiKeys" not in answer:
        return answer
    result = {**answer, "ApiKeys": [each for each in answer["ApiKeys"]
                                    if each["ApiKey"] in builtApis()]}
    if "SupportedFeatures" in answer:
        result["SupportedFeatures"] = [each for each in answer["SupportedFeatures"]
                                       if each["Name"] in ONLY_FEATURES]
    return result


STATIC_BROKER_CONFIG = 4
DEFAULT_CONFIG = 5
FLUSH = ("flush.messages", "log.flush.interval.messages")
KAFKAS_FLUSH = "9223372036854775807"


def _withKafkasFlush(config: dict) -> dict:
    """The one configuration whose value differs on purpose: odradekd sets log.flush.interval.messages=1 by itself
    (nothing acknowledged is lost) and says so, where Kafka leaves it at its default. Its answer is compared as if it
    had not set it: the static value and the synonym for it go, Kafka's default takes the place."""
    if config["Name"] not in FLUSH:
        return config
    ours = ("1", STATIC_BROKER_CONFIG)
    if (config["Value"], config.get("ConfigSource", STATIC_BROKER_CONFIG)) == ours:
        config = {**config, "Value": KAFKAS_FLUSH}
        if "ConfigSource" in config:
            config["ConfigSource"] = DEFAULT_CONFIG
        if "IsDefault" in config:
            config["IsDefault"] = True
    if config.get("Synonyms"):
        config = {**config, "Synonyms": [each for each in config["Synonyms"]
                                         if (each["Value"], each["Source"]) != ours]}
    return config


def _onlyPublished(answer: dict, api: str) -> dict:
    published = publishedConfigs()
    key = "Results" if api == "DescribeConfigs" else "Topics"
    results = []
    for result in answer[key]:
        kind = "topic" if api == "CreateTopics" or result["ResourceType"] == 2 else "broker"
        configs = result.get("Configs")
        if configs:
            kept = []
            for config in configs:
                facts = published[kind].get(config["Name"])
                if facts is None:
                    continue
                if facts.get("valueDependsOnCluster"):
                    config = {**config, "Value": "<depends>", "Synonyms": "<depends>"}
                kept.append(_withKafkasFlush(config))
            result = {**result, "Configs": kept}
        results.append(result)
    return {**answer, key: results}


class _Walker:
    def __init__(self, names: Names, anyPlacement: bool):
        self.names = names
        self.anyPlacement = anyPlacement

    def walk(self, value, field: str):
        if isinstance(value, dict):
            return self._struct(value)
        if isinstance(value, list):
            return self._array(value, field)
        if isinstance(value, bytes):
            return self._bytes(value, field)
        return self._scalar(value, field)

    def _struct(self, value: dict) -> dict:
        result = {}
        replicas = value.get("ReplicaNodes")
        for field, item in value.items():
            if field in DROPPED:
                continue
            if self.anyPlacement and replicas:
                if field == "LeaderId":
                    item = "<a replica>" if item in replicas else item
                elif field in ("ReplicaNodes", "IsrNodes"):
                    item = f"{len(set(item))} nodes"
            result[field] = self.walk(item, field)
        return result

    def _array(self, value: list, field: str) -> list:
        items = [self.walk(each, field) for each in value]
        if field in ORDERED:
            return items
        return sorted(items, key=lambda each: (isinstance(each, dict),
                                               json.dumps(each, default=str)
                                               if not isinstance(each, int) else f"{each:+012d}"))

    def _bytes(self, value: bytes, field: str):
        if field == "Records":
            return self._records(value)
        return self.names.text(value.decode("latin-1"))

    def _records(self, data: bytes):
        if not data:
            return []
        if data[16] < 2:
            return f"<{len(data)} bytes of old format>"
        batches = records.readBatches(data)
        for batch in batches:
            batch["producerId"] = self.names.producer(batch["producerId"])
            if batch["attributes"] & 8:
                batch["maxTimestamp"] = "<append time>"
        return batches

    def _scalar(self, value, field: str):
        if value is None or isinstance(value, bool):
            return value
        if field == "ErrorCode" or field == "TopicConfigErrorCode":
            return schema.errorName(value)
        if field in VEILED:
            return value if value in ("", -1) else VEILED[field]
        if field == "TopicId":
            return self.names.topicId(value)
        if field in ("MemberId", "Leader"):
            return self.names.member(value)
        if field == "ProducerId":
            return self.names.producer(value)
        if field == "ControllerId":
            return "<a node>" if value in self.names.target.nodes else value
        if field == "LogAppendTimeMs":
            return "<append time>" if value >= 0 else value
        if isinstance(value, str):
            return self.names.text(value)
        return value
