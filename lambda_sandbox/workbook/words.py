"""The words of a report: the one place where a result becomes sentences. The table is messages.toml.

    text = report(result, exercise, voice=NOTEBOOK)

Pure: values in, text out, the same for a notebook and a terminal but for how a command is spelled.
"""

from __future__ import annotations

import hashlib
import json
import re
import textwrap
import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from .checks import shown
from .course import Exercise
from .results import Check, Result, Status

WIDTH = 80
SIGNS = {Status.PASS: "✓", Status.NOT_STARTED: "○"}  # every other status is a ✗
_VALUE_LENGTH = 400  # characters of a value in a report
_WHY_LENGTH = 600  # characters of a sentence on one line

_STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

Voice = Callable[[str, int], str]  # how to ask for a hint, where the reader is


def notebook(exercise: str, task: int) -> str:
    return f'hint("{exercise}", task={task})'


def terminal(exercise: str, task: int) -> str:
    return f"python -m lambda_sandbox hint {exercise} --task {task}"


@cache
def table() -> dict[str, str]:
    """`section.key` -> sentence."""
    sections = tomllib.loads(Path(__file__).with_name("messages.toml").read_text(encoding="utf-8"))
    return {f"{section}.{key}": text for section, keys in sections.items() for key, text in keys.items()}


def say(message: str, extra: Mapping[str, str] | None = None, /, **facts: Any) -> str:
    """The sentence of a message id with its facts filled in; a fact that is missing stays as {name}."""
    sentence = {**table(), **(extra or {})}.get(message, message)
    return re.sub(r"\{(\w+)\}", lambda name: _plain(facts[name[1]]) if name[1] in facts else name[0], sentence)


def report(result: Result, exercise: Exercise, voice: Voice | None = notebook) -> str:
    """The whole report: a headline, the first failing check in full, the others one line each, in order.

    Without a voice it says nothing of what to do next: for a page of feedback.
    """
    lines = [f"{exercise.id} · {exercise.title}", headline(result), ""]
    for check in result.checks:
        lines += _line(check)
        if check is result.first_failure:
            lines += _details(check, exercise, voice)
    if voice and result.first_failure is None and exercise.solution.is_dir():
        solution = exercise.course.shown(exercise.solution / exercise.files[0])
        lines += ["", *wrapped(say("report.compare", solution=solution))]
    return plain("\n".join(lines))


def number(points: float) -> str:
    """Points as people write them: 3, 2.5."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


def problems(found: Iterable[tuple[str, str]]) -> list[str]:
    """A sentence for each problem of a submission: a message id and what it is about."""
    return [say(message, about=about) for message, about in found]


def json_text(value: Any) -> str:
    """JSON for people too, in which nothing steers a terminal or turns the line around."""
    written = json.dumps(value, indent=1, ensure_ascii=False)
    return _STEERS.sub(lambda found: f"\\u{ord(found[0]):04x}", written) + "\n"


def file_name(text: str) -> str:
    """The text as the name of a file, on any system; no two texts have one name."""
    name = re.sub(r"[^\w.@+-]|^\.", "_", text)[:100]
    return name if name == text else f"{name}-{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:6]}"


def plain(text: str) -> str:
    """Text that does nothing but show itself: what steers a terminal or turns the line around is spelled out."""
    return _STEERS.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def headline(result: Result) -> str:
    facts = {"passed": result.passed, "total": len(result.checks), "hidden": result.not_run}
    if any(not check.visible for check in result.checks):
        return say("report.all_checks", **facts)
    form = {0: "report.headline", 1: "report.headline_hidden_one"}.get(result.not_run, "report.headline_hidden")
    return say(form, **facts)


def sign(status: Status) -> str:
    return SIGNS.get(status, "✗")


def _line(check: Check) -> list[str]:
    text = f"{sign(check.status)} task {check.task} · {check.title} · {check.status}"
    return textwrap.wrap(text, WIDTH, subsequent_indent="    ")


def why(check: Check, exercise: Exercise) -> str:
    """Why a check did not pass: the sentence of its message, on one line."""
    return plain(" ".join(_because(check, exercise)[:_WHY_LENGTH].split()))


def details(check: Check, exercise: Exercise) -> str:
    """What was done and what came of it, for a reader who cannot ask for a hint where he reads."""
    return plain("\n".join(_details(check, exercise, None)))


def _details(check: Check, exercise: Exercise, voice: Voice | None) -> list[str]:
    """Of a hidden check only why: what it tries stays hidden."""
    if not check.visible:
        return _row("why", _because(check, exercise))
    facts = check.facts
    rows = [(name, shown(facts[name])) for name in ("called", "expected", "got") if name in facts]
    rows += [("at", where) for where in facts.get("where", [])[-1:]] if check.status is not Status.NOT_STARTED else []
    rows += [("printed", facts["printed"])] if facts.get("printed") else []
    rows += [("why", _because(check, exercise)), *([("next", _next(check, exercise, voice))] if voice else [])]
    return [line for name, text in rows for line in _row(name, text)]


def _because(check: Check, exercise: Exercise) -> str:
    message = str(check.facts.get("error_message", ""))
    quoted = f'"{message}"' if check.status is Status.NOT_STARTED else message
    return say(check.message, exercise.messages, **{"file": exercise.files[0], **check.facts, "error_message": quoted})


def _next(check: Check, exercise: Exercise, voice: Voice) -> str:
    hint = voice(exercise.id, check.task)
    if check.status is Status.ERROR:
        return say("report.next_author")
    file = exercise.course.shown(exercise.folder / exercise.files[0])
    if check.status is Status.NOT_STARTED:
        return say("report.next_write", file=file, hint=hint)
    if check.status is Status.INIT_ERROR:
        return say("report.next_load", file=file, hint=hint)
    return say("report.next_hint", hint=hint)


def wrapped(text: str, width: int = WIDTH) -> list[str]:
    """Lines of at most `width` characters; the text's own line ends stay."""
    lines = [textwrap.wrap(line, width, break_on_hyphens=False) or [""] for line in text.splitlines()]
    return [line for part in lines for line in part]


def _row(name: str, text: str) -> list[str]:
    text = text if len(text) <= _VALUE_LENGTH else f"{text[:_VALUE_LENGTH]}…"
    lines = wrapped(text, WIDTH - 14) or [""]
    return [f"    {name if at == 0 else '':<10}{line}" for at, line in enumerate(lines)]


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else shown(value)
