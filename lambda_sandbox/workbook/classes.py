"""What a teacher takes into class: marks, a page of feedback for each learner, and what most of them misunderstood.

    for name, text in class_folder(grades).items(): ...    # grades.csv, class.md, feedback/<learner>.md and .html

Pure. What learners wrote stands between fences or is escaped, so that no page does anything but show itself.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from . import lms, words
from .checks import shown
from .course import Exercise
from .results import Check, Status
from .similarity import Alike, alike

if TYPE_CHECKING:
    from .grading import Grades, Learner

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body{{max-width:50em;margin:2em auto;padding:0 1em;font-family:sans-serif}}pre{{white-space:pre-wrap}}</style>
<h1>{title}</h1>
{body}
</html>
"""


def class_folder(grades: Grades) -> dict[str, str]:
    """File name -> text."""
    files = {"grades.csv": lms.long_csv(grades), "class.md": class_report(grades)}
    for learner in grades.learners:
        name = f"feedback/{words.file_name(learner.name)}"
        files |= {f"{name}.md": feedback_md(grades, learner), f"{name}.html": feedback_html(grades, learner)}
    return files


# -- one learner


def feedback_md(grades: Grades, learner: Learner) -> str:
    lines = [f"# {_title(grades, learner)}", ""]
    for heading, text in _sections(grades, learner):
        lines += [f"## {heading}", "", *_fenced(text), ""]
    return "\n".join(lines)


def feedback_html(grades: Grades, learner: Learner) -> str:
    sections = (f"<h2>{html.escape(heading)}</h2>\n<pre>{html.escape(text)}</pre>" for heading, text in
                _sections(grades, learner))  # fmt: skip
    return _PAGE.format(title=html.escape(_title(grades, learner)), body="\n".join(sections))


def _title(grades: Grades, learner: Learner) -> str:
    name = _plain_words(grades.person(learner.name).full_name)
    return f"{name}: {words.number(learner.score)} of {words.number(learner.max)} points"


def _sections(grades: Grades, learner: Learner) -> Iterator[tuple[str, str]]:
    if learner.problems:
        yield "What was handed in", words.plain("\n".join(words.problems(learner.problems)))
    for result, exercise in zip(learner.results, grades.exercises, strict=True):
        points = f"{words.number(result.score)} of {words.number(result.max)}"
        yield f"{exercise.id}: {points} points", words.report(result, exercise, None)


# -- all of them


def class_report(grades: Grades) -> str:
    """Markdown: who has passed what, the misconceptions by how many have them, and who wrote alike."""
    handed_in = [learner for learner in grades.learners if any(learner.digests)]
    listed = {person.id for person in grades.people} or {learner.name for learner in grades.learners}
    came = sum(learner.name in listed for learner in handed_in)
    lines = [f"# {grades.assignment}: {came} of {len(listed)} handed in", ""]
    lines += ["| exercise | passed | tried | mean points |", "|---|---|---|---|"]
    for at, exercise in enumerate(grades.exercises):
        results = [learner.results[at] for learner in handed_in]
        tried = [result for result in results if result.status is not Status.NOT_STARTED]
        mean = sum(result.score for result in tried) / len(tried) if tried else 0
        passed = sum(result.status is Status.PASS for result in results)
        points = f"{words.number(mean)} of {words.number(sum(exercise.points))}"
        lines.append(f"| {exercise.id} {exercise.title} | {passed} | {len(tried)} | {points} |")
    if looked_into := list(_handed_in(grades)):
        lines += ["", "## What was handed in", "", *looked_into]
    lines += ["", "## What was misunderstood, by how many", ""]
    found = sorted(_misconceptions(grades).items(), key=lambda item: (-len(item[1]), item[0][0].id, item[0][1]))
    for (exercise, message), who in found:
        lines += _talk(exercise, message, who)
    lines += [] if found else ["Nothing.", ""]
    if pairs := alike(grades):
        lines += ["## Alike", "", "More than what everybody writes. Worth a question, and no proof of anything.", ""]
        lines += ["| exercise | learners | alike |", "|---|---|---|", *map(_alike_row, pairs), ""]
    lines += [f"- {words.say(message)}" for message in grades.not_protected]
    return "\n".join(lines).rstrip() + "\n"


def _handed_in(grades: Grades) -> Iterator[str]:
    """What to look into before the marks go out: damaged files, names that are on no list, who is missing."""
    for learner in grades.learners:
        for sentence in words.problems(learner.problems):
            yield f"- {_plain_words(learner.name)}: {_plain_words(sentence)}"
    missing = [one.name for one in grades.learners if not any(one.digests) and not one.problems]
    if missing:
        yield f"- Nothing came from {', '.join(map(_plain_words, missing))}"


def _misconceptions(grades: Grades) -> Mapping[tuple[Exercise, str], list[tuple[Learner, Check]]]:
    """(exercise, message id) -> who met it first there."""
    found = defaultdict(list)
    for learner in grades.learners:
        for result, exercise in zip(learner.results, grades.exercises, strict=True):
            if (failed := result.first_failure) and failed.status is not Status.NOT_STARTED:
                found[exercise, failed.message].append((learner, failed))
    return found


def _talk(exercise: Exercise, message: str, who: list[tuple[Learner, Check]]) -> list[str]:
    """How many, the sentence they read, one example, and the hints to begin a conversation with."""
    check = who[0][1]
    hints = exercise.hints.get(check.task, ())
    lines = [f"### {len(who)} × {exercise.id} task {check.task}: {message}", ""]
    lines += _fenced(words.why(check, exercise))
    if "got" in check.facts and check.visible:
        lines += [
            "",
            "For example:",
            "",
            *_fenced(words.plain(f"{check.facts.get('called', '')}\n{shown(check.facts['got'])}")),
        ]
    if hints:
        lines += ["", f"- Ask: {hints[0]}", f"- Explain: {hints[1]}"]
    names = ", ".join(_plain_words(one.name) for one, _ in who[:20])
    return [*lines, "", f"{names}{' …' if len(who) > 20 else ''}", ""]


def _alike_row(pair: Alike) -> str:
    names = " and ".join(map(_plain_words, pair.learners))
    return f"| {pair.exercise} | {names} | {pair.share:.0%} |"


def _fenced(text: str) -> list[str]:
    """As it is, in Markdown: a fence longer than any in it."""
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 3)
    return [f"{fence}text", *text.splitlines(), fence]


def _plain_words(text: str) -> str:
    """A name in a line of Markdown: nothing that is markup."""
    return re.sub(r"([\\`*_{}\[\]<>#|!])", r"\\\1", words.plain(text).replace("\n", " "))
