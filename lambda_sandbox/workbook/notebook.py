"""`check`, `hint` and `predict` as a learner types them. Each returns a `Report`; none of them ever raises.

    check("07/thumbnail")
    hint("07/thumbnail", task=1)
    predict("02.p1", 3)

A mistake in an id comes back as a sentence with the nearest match.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from lambda_sandbox import SandboxDidNotStart

from . import predictions, words
from .course import BadExercise, Course, Exercise, Unknown
from .progress import Progress
from .results import Result

_asked: dict[tuple[str, int], int] = {}  # hints asked for in this kernel: a notebook that is run anew begins anew
P = ParamSpec("P")


class Report:
    """Words for a learner: the same in a terminal, in a notebook and on a page without style sheets."""

    def __init__(self, text: str, result: Result | None = None) -> None:
        self.text = text
        self.result = result

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.text, quote=False)}</pre>"


def _in_words(answer: Callable[P, Report]) -> Callable[P, Report]:
    """What a learner can get wrong comes back as a sentence, never as a traceback."""

    @wraps(answer)
    def told(*args: P.args, **kwargs: P.kwargs) -> Report:
        try:
            return answer(*args, **kwargs)
        except (Unknown, BadExercise, SandboxDidNotStart) as problem:
            return Report(str(problem))

    return told


@_in_words
def check(exercise: str) -> Report:
    """Runs the public checks of an exercise in a sandbox of their own and reports what they found."""
    found = Course.find().exercise(exercise)
    result = check_files(found)
    return Report(words.report(result, found), result)


def check_files(exercise: Exercise) -> Result:
    """The result of the learner's files as they are now, remembered if it is the best so far."""
    from .fixtures import files_of  # pytest is loaded by the first check, not by the import of `hint`
    from .runner import run

    result = run(exercise, files_of(exercise, exercise.folder))
    Progress(exercise.course.root).record(result)
    return result


@_in_words
def hint(exercise: str, task: int = 1, level: int | None = None) -> Report:
    """A hint for a task: a nudge first, then the concept, then nearly the code. Ask again for the next one."""
    found = Course.find().exercise(exercise)
    if level is None and task in found.tasks:
        level = _asked[found.id, task] = min(_asked.get((found.id, task), 0) + 1, 3)
    return Report(hint_text(found, task, level or 1))


def hint_text(exercise: Exercise, task: int, level: int) -> str:
    if task not in exercise.tasks:
        return words.say("unknown.hint", exercise=exercise.id, task=task, tasks=len(exercise.tasks))
    if level not in (1, 2, 3):
        return words.say("unknown.level")
    levels = exercise.hints.get(task, ("", "", ""))
    title = words.say("hint.title", level=level, task=task, exercise=exercise.id)
    more = words.say("hint.more" if level < 3 else "hint.last")
    return "\n".join([title, *words.wrapped(levels[level - 1]), *words.wrapped(more)])


@_in_words
def predict(id: str, answer: Any) -> Report:
    """Compares a prediction with what will happen. `...` stands for a prediction that has not been made yet."""
    course = Course.find()
    if id not in predictions.ids(course):
        raise predictions.unknown(course, id)
    if answer is ...:
        return Report(words.say("predict.open", id=id))
    right, sentence = predictions.judge(course, id, answer)
    return Report(words.say("predict.right" if right else "predict.wrong", id=id, sentence=sentence))
