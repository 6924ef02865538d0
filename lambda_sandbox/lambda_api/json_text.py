"""JSON as Lambda reads it: strict, in UTF-8, and with complaints in the words of its parser (Jackson).

json_text.parse(b'{"a": 1}')        # {"a": 1}
json_text.parse(b"not json")        # InvalidRequestContentException: Could not parse request body into json: …
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from lambda_sandbox.lambda_api import errors

_VALUE = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_SOURCE = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: {line}, column: {column}]"
_TOO_MUCH = "{} (1001) exceeds the maximum allowed (1000, from `StreamReadConstraints.{}()`)"
_EXPECTED = {
    "Expecting property name enclosed in double quotes": "was expecting double-quote to start field name",
    "Expecting ':' delimiter": "was expecting a colon to separate field name and value",
    "Expecting ',' delimiter": "was expecting comma to separate Object entries",
    "Illegal trailing comma before end of object": "was expecting double-quote to start field name",
}


def _no_constant(name: str) -> NoReturn:
    raise json.JSONDecodeError("Expecting value", name, 0)


_decode = json.JSONDecoder(parse_constant=_no_constant).decode


def parse(body: bytes, *, payload: bool = False) -> Any:
    """The value of `body`. `payload`: it is an event, not a request of the API; the complaint says so.

    Raises InvalidRequestContentException.
    """
    try:
        return _decode(body.decode())
    except json.JSONDecodeError as error:
        complaint = _complaint(error)
    except UnicodeDecodeError as error:
        complaint = _undecodable(body, error)
    except RecursionError:
        complaint = _TOO_MUCH.format("Document nesting depth", "getMaxNestingDepth")
    except ValueError:  # Python refuses to make an int of more digits than sys.set_int_max_str_digits allows
        complaint = _TOO_MUCH.format("Number value length", "getMaxNumberLength")
    inner = "Could not parse payload into json: " if payload else ""
    raise errors.content(f"Could not parse request body into json: {inner}{complaint}")


def _undecodable(body: bytes, error: UnicodeDecodeError) -> str:
    """Bytes that are no UTF-8. Where a value should begin they are characters to this parser, and wrong ones."""
    try:
        _decode(body.decode("latin-1"))
    except json.JSONDecodeError as found:
        if found.pos == error.start:
            return _complaint(found)
    middle = error.reason == "invalid continuation byte"
    at = error.end if middle else error.start
    where = _SOURCE.format(line=1, column=at + 2)
    return f"Invalid UTF-8 {'middle' if middle else 'start'} byte 0x{body[at]:x}\n at {where}"


def _complaint(error: json.JSONDecodeError) -> str:
    text, at = error.doc, error.pos
    line, column = error.lineno, error.colno
    if at >= len(text):
        what = "Unexpected end-of-input" if text.strip() else "No content to map due to end-of-input"
    elif error.msg.startswith("Unterminated string"):
        what = "Unexpected end-of-input: was expecting closing quote for a string value"
    elif error.msg.startswith("Invalid control character"):
        what = (
            f"Illegal unquoted character ({_character(text[at])}): "
            "has to be escaped using backslash to be included in string value"
        )
    elif error.msg.startswith("Invalid \\escape"):
        escaped = text[at + 1 : at + 2] or "\\"
        what = f"Unrecognized character escape {_character(escaped)}"
    elif text[at] < " ":
        what = f"Illegal character ({_character(text[at])}): "
        what += "only regular white space (\\r, \\n, \\t) is allowed between tokens"
    elif error.msg == "Expecting value" and (token := re.compile(r"[^\W\d]\w*", re.ASCII).match(text, at)):
        what = f"Unrecognized token '{token[0]}': was expecting {_VALUE}"
        column += len(token[0])
    else:
        expected = _EXPECTED.get(error.msg, "expected a valid value " + _VALUE)
        what = f"Unexpected character ({_character(text[at])}): {expected}"
    return f"{what}\n at {_SOURCE.format(line=line, column=column)}"


def _character(character: str) -> str:
    code = ord(character)
    if code < 32 or 127 <= code < 160:
        return f"(CTRL-CHAR, code {code})"
    return f"'{character}' (code {code}{f' / 0x{code:x}' if code > 255 else ''})"
