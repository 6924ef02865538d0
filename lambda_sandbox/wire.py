"""The values that travel between rooms: a request, a response, and an error in AWS's own words.

    raise AwsError("ResourceNotFoundException", 404, "Function not found: arn:…", members={"Type": "User"})

An `AwsError` is made where the fact is known and serialised in one place, by the door.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

NOT_MODELLED = "NotModelledBySandbox"  # AWS has no such code: nobody can take it for an answer of the real service


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, read to its end.

    `path` is still percent-encoded and `query` has no leading "?"; header names are lower case; `body` is bytes.
    `sent` holds the headers as they came, in their order and spelling, where the request came over the wire.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    peer: str = "127.0.0.1"
    sent: Sequence[tuple[bytes, bytes]] = ()

    @property
    def decoded_path(self) -> str:
        return unquote(self.path)

    def header_fields(self) -> list[tuple[str, str]]:
        """The headers as they were sent: each as often as it came, in the client's spelling."""
        if not self.sent:
            return list(self.headers.items())
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self.sent]

    def parameters(self) -> list[tuple[str, str]]:
        """The query string as decoded pairs, in order; blank values are kept."""
        return parse_qsl(self.query, keep_blank_values=True)


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response; `headers` are (name, value) pairs in the order they are sent."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    stream: Stream | None = None  # in the place of a body: what is sent while it is being made


@dataclass(frozen=True, slots=True)
class StoredImage:
    """A container image as a registry holds it: its manifest, and by their digests the bytes of all that it names."""

    digest: str
    manifest: Mapping[str, Any]
    blobs: Mapping[str, bytes]


class Stream:
    """A body that is still being made: its maker `put`s and `end`s; who sends it takes it `to` somewhere."""

    def __init__(self) -> None:
        self._made: list[bytes] = []
        self._take: Callable[[bytes], None] = self._made.append

    def put(self, chunk: bytes) -> None:
        if chunk:
            self._take(chunk)

    def end(self) -> None:
        self._take(b"")

    def to(self, take: Callable[[bytes], None]) -> None:
        """`take` gets what there is by now, then all that comes; b"" is the end."""
        made, self._take = self._made, take
        for chunk in made:
            take(chunk)


class AwsError(Exception):
    """An error as AWS answers it: `code`, HTTP `status`, `message`, and further `members` of the body.

    `members` may hold "Type", "Reason" and the like. `capital` spells the message member "Message", as AWS does for
    ResourceNotFoundException (facts §1.7).
    """

    def __init__(
        self,
        code: str,
        status: int,
        message: str,
        *,
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        capital: bool = False,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.status = status
        self.message = message
        self.members = dict(members or {})
        self.headers = dict(headers or {})
        self.capital = capital


def invalid(message: str) -> AwsError:
    """What Lambda does not take, in its words."""
    return AwsError("InvalidParameterValueException", 400, message, members={"Type": "User"})


def not_modelled(what: str, instead: str = "") -> AwsError:
    """The sandbox's own answer, the only 5xx it means: what was asked for exists on AWS, and not here."""
    text = f"The sandbox does not model {what}."
    return AwsError(NOT_MODELLED, 501, f"{text} {instead}" if instead else text)
