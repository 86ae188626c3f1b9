# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages from descriptions: encodes dicts to bytes and back for any API and version."""

import json
from functools import cache
from pathlib import Path

from .primitives import DecodeError, Reader, Writer, ZERO_UUID

FACTS = Path(__file__).resolve().parent.parent / "facts"
RELEASE = "4.3"


def parseRange(text: str | None) -> tuple[int, int]:
    """"3-13" or "9+" or "none" as an inclusive range; an empty one for none."""
    if not text or text == "none":
        return (1, 0)
    text = text.split()[0]
    if text.endswith("+"):
        return (int(text[:-1]), 1 << 15)
    low, _, high = text.partition("-")
    return (int(low), int(high or low))


def inRange(version: int, text: str | None) -> bool:
    low, high = parseRange(text)
    return low <= version <= high


@cache
def _facts() -> dict:
    return json.loads((FACTS / "protocol-facts.json").read_text())


@cache
def _byName() -> dict:
    return {api["name"]: api for api in _facts()["apis"]}


def api(name: str) -> dict:
    return _byName()[name]


def apiNames() -> dict[int, str]:
    return {each["key"]: each["name"] for each in _facts()["apis"]}


@cache
def stableVersions(name: str) -> range:
    """Versions Kafka 4.3 advertises to clients: valid in that release and not unstable."""
    text = api(name)["validVersionsByRelease"][RELEASE]
    low, high = parseRange(text)
    if "unstable" in text:
        high -= 1
    return range(low, high + 1)


@cache
def errorName(code: int) -> str:
    errors = json.loads((FACTS / "protocol-errors.json").read_text())["errors"]
    return {each["code"]: each["name"] for each in errors}.get(code, f"ERROR_{code}")


_CONSTANTS = {"int8": 0, "int16": 0, "int32": 0, "int64": 0, "uint16": 0, "uint32": 0,
              "float64": 0.0, "bool": False, "string": "", "bytes": b"", "records": None,
              "uuid": ZERO_UUID}


class Message:
    """One request, response, header or record description."""

    def __init__(self, description: dict):
        self.name = description["name"]
        self.fields = description.get("fields", [])
        self.flexibleVersions = description.get("flexibleVersions", "none")
        self.structs = {each["name"]: each["fields"]
                        for each in description.get("commonStructs") or []}

    def flexible(self, version: int) -> bool:
        return inRange(version, self.flexibleVersions)

    # ---- encoding -------------------------------------------------------------------------

    def encode(self, version: int, value: dict, extraTags: dict[int, bytes] | None = None) -> bytes:
        """Bytes of the message; missing fields take their defaults, and fields this version
        lacks are left out. extraTags adds unknown tagged fields at the top level."""
        out = Writer()
        self._struct(out, self.fields, version, value, extraTags)
        return bytes(out.data)

    def _struct(self, out: Writer, fields: list, version: int, value: dict, extraTags=None) -> None:
        known = {field["name"] for field in fields}
        wrong = set(value) - known
        if wrong:
            raise KeyError(f"{self.name}: no field {sorted(wrong)} (has {sorted(known)})")
        tagged = dict(extraTags or {})
        for field in fields:
            if not inRange(version, field["versions"]):
                continue
            item = value.get(field["name"], self.default(field))
            if "tag" in field and inRange(version, field.get("taggedVersions")):
                if item != self.default(field):
                    inner = Writer()
                    self._value(inner, field, version, item)
                    tagged[int(field["tag"])] = bytes(inner.data)
                continue
            self._value(out, field, version, item)
        if self.flexible(version):
            out.uvarint(len(tagged))
            for tag in sorted(tagged):
                out.uvarint(tag)
                out.uvarint(len(tagged[tag]))
                out.raw(tagged[tag])

    def default(self, field: dict):
        kind = field["type"]
        text = field.get("default")
        if text == "null":
            return None
        if kind.startswith("[]"):
            return []
        if kind not in _CONSTANTS:
            return {}
        if text is None:
            return _CONSTANTS[kind]
        if kind == "bool":
            return text == "true"
        if kind == "string":
            return text
        return float(text) if kind == "float64" else int(text, 0)

    def _members(self, field: dict, kind: str) -> list:
        return field.get("fields") or self.structs[kind]

    def _flexibleField(self, field: dict, version: int) -> bool:
        if "flexibleVersions" in field:
            return inRange(version, field["flexibleVersions"])
        return self.flexible(version)

    def _value(self, out: Writer, field: dict, version: int, value) -> None:
        flexible = self._flexibleField(field, version)
        kind = field["type"]
        if kind.startswith("[]"):
            out.length(None if value is None else len(value), "int32", flexible)
            for item in value or []:
                self._scalar(out, field, kind[2:], version, item, flexible)
        elif kind not in _CONSTANTS and inRange(version, field.get("nullableVersions")):
            out.fixed("int8", -1 if value is None else 1)
            if value is not None:
                self._struct(out, self._members(field, kind), version, value)
        else:
            self._scalar(out, field, kind, version, value, flexible)

    def _scalar(self, out, field, kind, version, value, flexible) -> None:
        if kind == "bool":
            out.fixed("int8", 1 if value else 0)
        elif kind == "string":
            out.string(value, flexible)
        elif kind in ("bytes", "records"):
            out.bytes(value, flexible)
        elif kind == "uuid":
            out.uuid(value)
        elif kind in _CONSTANTS:
            out.fixed(kind, value)
        else:
            self._struct(out, self._members(field, kind), version, value)

    # ---- decoding -------------------------------------------------------------------------

    def decode(self, version: int, data: bytes, whole: bool = True) -> dict:
        """The message as a dict in field order. Bytes left over are an error when whole."""
        reader = Reader(data)
        value = self.read(reader, version)
        if whole and reader.left():
            raise DecodeError(f"{self.name} v{version}: {reader.left()} bytes left over")
        return value

    def read(self, reader: Reader, version: int) -> dict:
        return self._readStruct(reader, self.fields, version)

    def _readStruct(self, reader: Reader, fields: list, version: int) -> dict:
        value = {}
        tagged = {}
        for field in fields:
            if not inRange(version, field["versions"]):
                continue
            if "tag" in field and inRange(version, field.get("taggedVersions")):
                tagged[int(field["tag"])] = field
                value[field["name"]] = self.filledDefault(field, version)
            else:
                value[field["name"]] = self._readValue(reader, field, version)
        if self.flexible(version):
            self._readTags(reader, tagged, version, value)
        return value

    def _readTags(self, reader: Reader, tagged: dict, version: int, value: dict) -> None:
        last = -1
        for _ in range(reader.uvarint()):
            tag, size = reader.uvarint(), reader.uvarint()
            if tag <= last:
                raise DecodeError(f"{self.name}: tag {tag} after {last}")
            last = tag
            inner = Reader(reader.raw(size))
            if tag not in tagged:
                value[f"UnknownTag{tag}"] = inner.data.hex()
                continue
            field = tagged[tag]
            value[field["name"]] = self._readValue(inner, field, version)
            if inner.left():
                raise DecodeError(f"{self.name}.{field['name']}: {inner.left()} bytes left over")

    def filledDefault(self, field: dict, version: int):
        """The default, with every member spelled out for structs."""
        value = self.default(field)
        if value == {}:
            value = {each["name"]: self.filledDefault(each, version)
                     for each in self._members(field, field["type"])
                     if inRange(version, each["versions"])}
        return value

    def _readValue(self, reader: Reader, field: dict, version: int):
        flexible = self._flexibleField(field, version)
        kind = field["type"]
        if kind.startswith("[]"):
            count = reader.length("int32", flexible)
            if count is None:
                return None
            if count > reader.left():
                raise DecodeError(f"{field['name']}: {count} items in {reader.left()} bytes")
            return [self._readScalar(reader, field, kind[2:], version, flexible)
                    for _ in range(count)]
        if kind not in _CONSTANTS and inRange(version, field.get("nullableVersions")):
            if reader.fixed("int8") < 0:
                return None
        return self._readScalar(reader, field, kind, version, flexible)

    def _readScalar(self, reader, field, kind, version, flexible):
        if kind == "bool":
            return reader.fixed("int8") != 0
        if kind == "string":
            return reader.string(flexible)
        if kind in ("bytes", "records"):
            return reader.bytes(flexible)
        if kind == "uuid":
            return reader.uuid()
        if kind in _CONSTANTS:
            return reader.fixed(kind)
        return self._readStruct(reader, self._members(field, kind), version)


@cache
def request(name: str) -> Message:
    return Message(api(name)["request"])


@cache
def response(name: str) -> Message:
    return Message(api(name)["response"])


@cache
def clientData(name: str) -> Message:
    """Consumer protocol subscriptions and assignments (inside JoinGroup and SyncGroup bytes)."""
    return next(Message(each) for each in _facts()["clientData"] if each["name"] == name)


def requestHeader(key: int, version: int, flexible: bool, correlation: int,
                  client: str | None) -> bytes:
    """Request header v1, or v2 when the request version is flexible."""
    out = Writer()
    out.fixed("int16", key)
    out.fixed("int16", version)
    out.fixed("int32", correlation)
    out.string(client, False)
    if flexible:
        out.uvarint(0)
    return bytes(out.data)
