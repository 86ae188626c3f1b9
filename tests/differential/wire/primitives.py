# SPDX-License-Identifier: GPL-3.0-or-later
"""Kafka's primitive encodings: big-endian integers, varints, strings, bytes, uuids."""

import base64
import struct


class DecodeError(Exception):
    """The bytes do not hold what the description promises."""


_FIXED = {
    "int8": ">b", "int16": ">h", "int32": ">i", "int64": ">q",
    "uint16": ">H", "uint32": ">I", "float64": ">d",
}


class Writer:
    """Appends primitives to one growing buffer."""

    def __init__(self):
        self.data = bytearray()

    def fixed(self, kind: str, value) -> None:
        self.data += struct.pack(_FIXED[kind], value)

    def raw(self, data: bytes) -> None:
        self.data += data

    def uvarint(self, value: int) -> None:
        while value >= 0x80:
            self.data.append((value & 0x7F) | 0x80)
            value >>= 7
        self.data.append(value)

    def varint(self, value: int) -> None:
        """Zigzag varint, for 32 and 64 bits alike."""
        self.uvarint((value << 1) if value >= 0 else ((-value << 1) - 1))

    def length(self, size: int | None, kind: str, flexible: bool) -> None:
        """Length prefix of strings (int16), bytes and arrays (int32), or their compact forms."""
        if flexible:
            self.uvarint(0 if size is None else size + 1)
        else:
            self.fixed(kind, -1 if size is None else size)

    def string(self, value: str | None, flexible: bool) -> None:
        data = None if value is None else value.encode()
        self.length(None if data is None else len(data), "int16", flexible)
        self.raw(data or b"")

    def bytes(self, value: bytes | None, flexible: bool) -> None:
        self.length(None if value is None else len(value), "int32", flexible)
        self.raw(value or b"")

    def uuid(self, value: str) -> None:
        self.raw(base64.urlsafe_b64decode(value + "=="))


class Reader:
    """Reads primitives front to back; every read is bounds-checked."""

    def __init__(self, data: bytes):
        self.data = data
        self.at = 0

    def left(self) -> int:
        return len(self.data) - self.at

    def raw(self, size: int) -> bytes:
        if size < 0 or size > self.left():
            raise DecodeError(f"{size} bytes wanted at {self.at}, {self.left()} left")
        piece = self.data[self.at:self.at + size]
        self.at += size
        return bytes(piece)

    def fixed(self, kind: str):
        form = _FIXED[kind]
        return struct.unpack(form, self.raw(struct.calcsize(form)))[0]

    def uvarint(self) -> int:
        value = shift = 0
        while True:
            byte = self.raw(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 63:
                raise DecodeError("varint too long")

    def varint(self) -> int:
        value = self.uvarint()
        return (value >> 1) ^ -(value & 1)

    def length(self, kind: str, flexible: bool) -> int | None:
        size = self.uvarint() - 1 if flexible else self.fixed(kind)
        return None if size < 0 else size

    def string(self, flexible: bool) -> str | None:
        size = self.length("int16", flexible)
        return None if size is None else self.raw(size).decode()

    def bytes(self, flexible: bool) -> bytes | None:
        size = self.length("int32", flexible)
        return None if size is None else self.raw(size)

    def uuid(self) -> str:
        return base64.urlsafe_b64encode(self.raw(16)).decode().rstrip("=")


ZERO_UUID = "AAAAAAAAAAAAAAAAAAAAAA"
