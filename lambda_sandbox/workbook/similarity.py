"""Who wrote alike: runs of tokens that two learners share, and neither the stub, the exemplar nor the class has.

    alike(grades)                       # pairs, the most alike first

Names, comments, layout and quotes do not count. Short functions are alike by nature: a pair is named only if much is
left after taking away what everybody writes.
"""

from __future__ import annotations

import io
import keyword
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .grading import Grades

RUN = 7  # tokens
LEAST_RUNS = 12  # that two must share before they are named
LEAST_SHARE = 0.7
COMMON = 0.2  # of a class: what so many write, everybody writes
_DULL = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING)


class Alike(NamedTuple):
    exercise: str
    learners: tuple[str, str]
    share: float  # of the shorter one's own runs


def alike(grades: Grades) -> list[Alike]:
    found = []
    for exercise in grades.exercises:
        known: set[tuple[str, ...]] = set()
        for folder in (exercise.stub, exercise.solution):
            for name in exercise.files:
                if (folder / name).is_file():
                    known |= runs((folder / name).read_bytes())
        of: dict[str, set[tuple[str, ...]]] = {}
        for submission in grades.submissions:
            if files := submission.files.get(exercise.id):
                of[submission.learner] = set().union(*map(runs, files.values())) - known
        spread = Counter(run for runs_of_one in of.values() for run in runs_of_one)
        most = max(2, COMMON * len(of))
        own = {learner: {run for run in mine if spread[run] <= most} for learner, mine in of.items()}
        for (one, other), count in _shared(own).items():
            share = count / min(len(own[one]), len(own[other]))
            if count >= LEAST_RUNS and share >= LEAST_SHARE:
                found.append(Alike(exercise.id, (one, other), share))
    return sorted(found, key=lambda pair: (-pair.share, pair.exercise, pair.learners))


def runs(source: bytes) -> set[tuple[str, ...]]:
    """Each run of tokens, with every name written as `name`, and every text as `text`."""
    tokens = list(_tokens(source))
    return {tuple(tokens[at : at + RUN]) for at in range(len(tokens) - RUN + 1)}


def _tokens(source: bytes) -> Iterator[str]:
    try:
        for token in tokenize.tokenize(io.BytesIO(source).readline):
            if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
                yield "name"
            elif token.type == tokenize.STRING:
                yield "text"
            elif token.type not in _DULL:
                yield token.string
    except (tokenize.TokenError, SyntaxError, ValueError):
        return  # what comes after is no Python


def _shared(own: dict[str, set[tuple[str, ...]]]) -> Counter[tuple[str, str]]:
    """How many runs each pair shares. Runs that many have are gone already, so this stays small for a large class."""
    who: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for learner in sorted(own):
        for run in own[learner]:
            who[run].append(learner)
    pairs: Iterable[tuple[str, str]] = (pair for learners in who.values() for pair in combinations(learners, 2))
    return Counter(pairs)
