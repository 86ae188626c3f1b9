# SPDX-License-Identifier: GPL-3.0-or-later
"""Record batches: builds good and deliberately broken ones, and reads what a broker returns.

Layout of a v2 batch: base offset int64, length int32 (bytes after it), leader epoch int32,
magic int8, crc32c uint32 (over what follows), attributes int16, last offset delta int32,
base timestamp int64, max timestamp int64, producer id int64, producer epoch int16,
base sequence int32, record count int32, records.
"""

import gzip
import struct
import zlib

from .primitives import Reader, Writer

try:  # the virtual environment has it; plain Python works too, only slower
    from crc32c import crc32c
except ImportError:
    _TABLE = []
    for _index in range(256):
        _crc = _index
        for _ in range(8):
            _crc = (_crc >> 1) ^ (0x82F63B78 if _crc & 1 else 0)
        _TABLE.append(_crc)

    def crc32c(data: bytes) -> int:
        crc = 0xFFFFFFFF
        for byte in data:
            crc = (crc >> 8) ^ _TABLE[(crc ^ byte) & 0xFF]
        return crc ^ 0xFFFFFFFF

CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
BASE_TIMESTAMP = 1_700_000_000_000


def compress(codec: str, data: bytes) -> bytes:
    if codec == "gzip":
        return gzip.compress(data, mtime=0)
    if codec == "snappy":  # Java's framing: magic, versions 1 and 1, then length-prefixed blocks
        import cramjam
        block = bytes(cramjam.snappy.compress_raw(data))
        return b"\x82SNAPPY\x00" + struct.pack(">iii", 1, 1, len(block)) + block
    if codec == "lz4":
        import lz4.frame
        return lz4.frame.compress(data, content_checksum=False, block_linked=False,
                                  store_size=False)
    if codec == "zstd":
        import zstandard
        return zstandard.compress(data)
    return data


def decompress(codec: int, data: bytes) -> bytes:
    if codec == CODECS["gzip"]:
        return zlib.decompress(data, 31)  # 31: gzip header, largest window
    if codec == CODECS["snappy"]:
        import cramjam
        if not data.startswith(b"\x82SNAPPY\x00"):
            return bytes(cramjam.snappy.decompress_raw(data))
        out, at = b"", 16
        while at < len(data):
            size = struct.unpack_from(">i", data, at)[0]
            out += bytes(cramjam.snappy.decompress_raw(data[at + 4:at + 4 + size]))
            at += 4 + size
        return out
    if codec == CODECS["lz4"]:
        import lz4.frame
        return lz4.frame.decompress(data)
    if codec == CODECS["zstd"]:
        import zstandard
        return zstandard.ZstdDecompressor().decompressobj().decompress(data)
    return data


def record(index: int, key: bytes | None, value: bytes | None, headers=(), timestampDelta=0,
           offsetDelta: int | None = None) -> bytes:
    body = Writer()
    body.fixed("int8", 0)
    body.varint(timestampDelta)
    body.varint(index if offsetDelta is None else offsetDelta)
    for piece in (key, value):
        body.varint(-1 if piece is None else len(piece))
        body.raw(piece or b"")
    body.varint(len(headers))
    for name, content in headers:
        body.varint(len(name))
        body.raw(name.encode())
        body.varint(-1 if content is None else len(content))
        body.raw(content or b"")
    out = Writer()
    out.varint(len(body.data))
    out.raw(bytes(body.data))
    return bytes(out.data)


def batch(values=(b"one",), *, keys=None, headers=(), codec="none", baseOffset=0,
          timestamp=BASE_TIMESTAMP, step=1, maxTimestamp=None, magic=2, attributes=0,
          producerId=-1, producerEpoch=-1, baseSequence=-1, count=None, lastOffsetDelta=None,
          leaderEpoch=-1, corruptCrc=False, length=None, offsetDeltas=None) -> bytes:
    """One v2 batch. The keyword arguments after baseOffset exist to make wrong ones too."""
    body = b"".join(
        record(index, keys[index] if keys else None, value, headers, index * step,
               offsetDeltas[index] if offsetDeltas else None)
        for index, value in enumerate(values))
    size = len(values)
    if maxTimestamp is None:
        maxTimestamp = timestamp + max(size - 1, 0) * step
    tail = struct.pack(">hiqqqhii", attributes | CODECS[codec],
                       size - 1 if lastOffsetDelta is None else lastOffsetDelta,
                       timestamp, maxTimestamp, producerId, producerEpoch, baseSequence,
                       size if count is None else count) + compress(codec, body)
    crc = crc32c(tail) ^ (1 if corruptCrc else 0)
    rest = struct.pack(">ibI", leaderEpoch, magic, crc) + tail
    return struct.pack(">qi", baseOffset, len(rest) if length is None else length) + rest


def oldMessage(magic: int, value: bytes, key: bytes | None = None, offset: int = 0) -> bytes:
    """A message set of one uncompressed message in format 0 or 1."""
    body = struct.pack(">bb", magic, 0)
    if magic == 1:
        body += struct.pack(">q", BASE_TIMESTAMP)
    for piece in (key, value):
        body += struct.pack(">i", -1 if piece is None else len(piece)) + (piece or b"")
    message = struct.pack(">I", zlib.crc32(body)) + body
    return struct.pack(">qi", offset, len(message)) + message


def readBatches(data: bytes | None) -> list[dict] | None:
    """Batches of a fetch answer, records decoded; a partial batch at the end is left out."""
    if data is None:
        return None
    batches, at = [], 0
    while len(data) - at >= 61:
        size = struct.unpack_from(">i", data, at + 8)[0]
        if len(data) - at < 12 + size:
            break
        batches.append(_readBatch(data[at:at + 12 + size]))
        at += 12 + size
    return batches


def _readBatch(data: bytes) -> dict:
    baseOffset, _, epoch, magic, crc = struct.unpack_from(">qiibI", data)
    (attributes, lastDelta, base, top, producer, producerEpoch, sequence,
     count) = struct.unpack_from(">hiqqqhii", data, 21)
    reader = Reader(decompress(attributes & 7, data[61:]))
    return {
        "baseOffset": baseOffset, "leaderEpoch": epoch, "magic": magic,
        "crcValid": crc32c(data[21:]) == crc, "attributes": attributes,
        "lastOffsetDelta": lastDelta, "baseTimestamp": base, "maxTimestamp": top,
        "producerId": producer, "producerEpoch": producerEpoch, "baseSequence": sequence,
        "records": [_readRecord(reader) for _ in range(count)],
    }


def _readRecord(reader: Reader) -> dict:
    reader.varint()
    reader.fixed("int8")
    item = {"timestampDelta": reader.varint(), "offsetDelta": reader.varint()}
    for name in ("key", "value"):
        size = reader.varint()
        item[name] = None if size < 0 else reader.raw(size).decode("latin-1")
    headers = []
    for _ in range(reader.varint()):
        name = reader.raw(reader.varint()).decode()
        size = reader.varint()
        headers.append([name, None if size < 0 else reader.raw(size).decode("latin-1")])
    if headers:
        item["headers"] = headers
    return item
