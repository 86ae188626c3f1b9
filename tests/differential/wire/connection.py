# SPDX-License-Identifier: GPL-3.0-or-later
"""One TCP connection that sends requests and reads answers, or notices that it was closed."""

import socket
import struct
import time

from . import schema
from .primitives import DecodeError, Reader

CLIENT_ID = "differential"


class Closed(Exception):
    """The broker closed the connection instead of answering."""


class Connection:
    """A blocking connection; not shared between threads."""

    def __init__(self, host: str, port: int, timeout: float = 30.0):
        self.address = (host, port)
        self.socket = socket.create_connection(self.address, timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.correlation = 0
        self.elapsed = 0.0

    def close(self) -> None:
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def request(self, name: str, version: int, body: dict, **options) -> dict:
        """Sends one request and decodes its answer."""
        start = time.monotonic()
        self.send(name, version, body, **options)
        answer = self.receive(name, version)
        self.elapsed = time.monotonic() - start
        return answer

    def send(self, name: str, version: int, body: dict, extraTags=None, cut: int = 0,
             clientId: str | None = CLIENT_ID, trailing: bytes = b"") -> None:
        """Sends without waiting. cut drops that many bytes off the end of the body, trailing
        adds some to it."""
        message = schema.request(name)
        data = message.encode(version, body, extraTags)
        self.sendFrame(schema.api(name)["key"], version, message.flexible(version),
                       data[:len(data) - cut] + trailing, clientId)

    def sendFrame(self, key: int, version: int, flexible: bool, body: bytes,
                  clientId: str | None = CLIENT_ID) -> None:
        self.correlation += 1
        frame = schema.requestHeader(key, version, flexible, self.correlation, clientId) + body
        self.sendBytes(struct.pack(">i", len(frame)) + frame)

    def sendBytes(self, data: bytes) -> None:
        try:
            self.socket.sendall(data)
        except (ConnectionError, BrokenPipeError) as error:
            raise Closed() from error

    def receive(self, name: str, version: int) -> dict:
        """Reads one answer; an ApiVersions answer to an unknown version comes in layout 0."""
        frame = self.receiveFrame()
        reader = Reader(frame)
        correlation = reader.fixed("int32")
        if correlation != self.correlation:
            raise DecodeError(f"correlation id {correlation}, expected {self.correlation}")
        message = schema.response(name)
        if message.flexible(version) and name != "ApiVersions":
            for _ in range(reader.uvarint()):
                reader.uvarint()
                reader.raw(reader.uvarint())
        if name == "ApiVersions" and version not in schema.stableVersions(name):
            version = 0
        value = message.read(reader, version)
        if reader.left():
            raise DecodeError(f"{name} v{version}: {reader.left()} bytes left over")
        return value

    def receiveFrame(self) -> bytes:
        size = struct.unpack(">i", self._exactly(4))[0]
        if size < 4:
            raise DecodeError(f"frame of {size} bytes")
        return self._exactly(size)

    def closedByPeer(self) -> bool:
        """Waits until the broker closes the connection; False when it answers instead."""
        try:
            self._exactly(1)
            return False
        except Closed:
            return True

    def _exactly(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            try:
                piece = self.socket.recv(size - len(data))
            except ConnectionError as error:
                raise Closed() from error
            if not piece:
                raise Closed()
            data += piece
        return bytes(data)
