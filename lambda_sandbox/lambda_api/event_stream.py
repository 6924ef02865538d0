"""`application/vnd.amazon.eventstream`: how an answer in several parts is framed.

    event("PayloadChunk", b"hel", "application/octet-stream") + event("InvokeComplete", b"{}", "application/json")

A message: its whole length, the length of its headers and the CRC-32 of these eight bytes; the headers; the payload;
the CRC-32 of all before. Numbers are big-endian. A header: the length of its name, the name, 7 for text, the length of
the text, the text.
"""

from __future__ import annotations

import struct
import zlib

CONTENT_TYPE = "application/vnd.amazon.eventstream"
_TEXT = 7
_AROUND = 16  # bytes of a message that are neither headers nor payload


def event(kind: str, payload: bytes, content_type: str) -> bytes:
    """One event of a response stream."""
    named = {":message-type": "event", ":event-type": kind, ":content-type": content_type}
    headers = b"".join(_header(name, text) for name, text in named.items())
    lengths = struct.pack("!II", _AROUND + len(headers) + len(payload), len(headers))
    message = lengths + _crc(lengths) + headers + payload
    return message + _crc(message)


def _header(name: str, text: str) -> bytes:
    return struct.pack(f"!B{len(name)}sBH", len(name), name.encode(), _TEXT, len(text)) + text.encode()


def _crc(data: bytes) -> bytes:
    return struct.pack("!I", zlib.crc32(data))
