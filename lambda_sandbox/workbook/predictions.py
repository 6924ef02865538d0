"""A prediction's answer, kept so that a glance at the file does not give it away.

    seal("02.p1", 3)                    # what predictions.toml holds
    judge(course, "02.p1", "three")     # -> (False, the sentence for it)

`seal` is a command too, for authors.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from .course import BadExercise, Course, Finding, Unknown

ID = re.compile(r"(\d\d)\.([pqw]\d+)")


def normalised(answer: Any) -> str:
    """3, 3.0, "3" are one; text without case, quotes, outer space, final dot; True is "yes"; a class is its name."""
    if isinstance(answer, type):
        answer = answer.__name__
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    if isinstance(answer, int | float):
        return f"{answer:.10g}"
    if isinstance(answer, list | tuple | set | frozenset):
        items = sorted(map(normalised, answer)) if isinstance(answer, set | frozenset) else map(normalised, answer)
        return "[" + ", ".join(items) + "]"
    if isinstance(answer, dict):
        return json.dumps({str(key): normalised(value) for key, value in answer.items()}, sort_keys=True)
    text = " ".join(str(answer).split()).strip("\"'` ").rstrip(".").casefold()
    text = re.sub(r"^\(?([a-z])\)$", r"\1", text)  # a choice, written as "(b)" or "b)"
    try:
        return f"{float(text):.10g}"
    except ValueError:
        return {"true": "yes", "false": "no"}.get(text, text)


def seal(id: str, answer: Any) -> str:
    """Twelve hex digits for an answer; the id is in them, so equal answers look different."""
    return hashlib.sha256(f"{id}:{normalised(answer)}".encode()).hexdigest()[:12]


def ids(course: Course) -> list[str]:
    return [f"{notebook[:2]}.{key}" for notebook in course.notebooks() for key in course.predictions(notebook)]


def unknown(course: Course, id: object) -> Unknown:
    """There is no such prediction; the nearest is one of the same notebook, if there is any."""
    known = ids(course)
    return Unknown("prediction", id, [other for other in known if other[:2] == str(id)[:2]] or known)


def judge(course: Course, id: str, answer: Any) -> tuple[bool, str]:
    """Whether the answer is right, and the sentence that goes with it. Raises `Unknown`."""
    number, _, key = str(id).partition(".")
    notebook = next((name for name in course.notebooks() if name[:2] == number), "")
    entry = course.predictions(notebook).get(key) if notebook else None
    if entry is None:
        raise unknown(course, id)
    try:
        if seal(id, answer) == entry["answer"]:
            return True, str(entry["right"])
        return False, str(entry.get("wrong", {}).get(normalised(answer), entry["hint"]))
    except KeyError as missing:
        where = f"exercises/{notebook}/predictions.toml"
        raise BadExercise(Finding(where, f"{key} has no {missing}", "add it; exercises/README.md shows one")) from None
