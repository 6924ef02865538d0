"""The class list: who the learners are, as the school's own systems name them.

    people = read(Path("roster.csv"))
    submissions = matched(submissions, people)          # by person now; who handed in nothing is there too

A CSV with a header, such as Canvas and Moodle export. A submission belongs to whom its name, or a part of it between
underscores, identifies: by ID, login, e-mail address or name.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .submissions import Problem, Submission, Unreadable

_COLUMNS = {  # the field of a person <- what the columns of class lists are called
    "id": ("id", "student id", "student_id", "username", "user"),
    "name": ("name", "student", "full name", "student name"),
    "first_name": ("first name", "first_name"),
    "last_name": ("surname", "last name", "last_name"),
    "email": ("email", "email address", "e-mail"),
    "login": ("sis login id", "login"),
    "sis_id": ("sis user id",),
    "number": ("id number", "idnumber"),
    "section": ("section", "group", "class"),
}


@dataclass(frozen=True)
class Person:
    """A learner as class lists name one; "" for what the list does not say."""

    id: str
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    login: str = ""
    sis_id: str = ""
    number: str = ""
    section: str = ""

    @property
    def full_name(self) -> str:
        return self.name or f"{self.first_name} {self.last_name}".strip() or self.id


def read(path: Path) -> list[Person]:
    """The people of a class list, in its order. Raises Unreadable."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"The class list {path} cannot be read ({error}).") from None
    first = text.partition("\n")[0]
    rows = csv.DictReader(text.splitlines(), delimiter=";" if first.count(";") > first.count(",") else ",")
    known = {title: field for field, titles in _COLUMNS.items() for title in titles}
    people = []
    for row in rows:
        given = {known[title.strip().lower()]: (text or "").strip() for title, text in row.items()
                 if title and title.strip().lower() in known and isinstance(text, str)}  # fmt: skip
        if "points possible" in given.get("name", "").lower():
            continue  # Canvas's second row
        given["id"] = next(
            (given[key] for key in ("id", "login", "number", "sis_id", "email", "name") if given.get(key)), ""
        )
        if given["id"]:
            people.append(Person(**given))
    if not people:
        raise Unreadable(f"The class list {path} names nobody: its first line should be such as id,name,email.")
    if len({person.id for person in people}) < len(people):
        raise Unreadable(f"The class list {path} gives an ID to two people.")
    return people


def matched(submissions: Sequence[Submission], people: Sequence[Person]) -> list[Submission]:
    """The submissions under the IDs of the class list, in its order; then those of nobody in it."""
    by_mark: dict[str, Person] = {}
    for person in people:
        for mark in (person.id, person.login, person.sis_id, person.number, person.email, person.full_name):
            by_mark.setdefault(_plain(mark), person)
    by_mark.pop("", None)
    found: dict[str, Submission] = {}
    strangers = []
    for submission in submissions:
        parts = [submission.learner, *submission.learner.split("_")]
        whose = next((by_mark[mark] for part in parts if (mark := _plain(part)) in by_mark), None)
        if whose is None:
            nobody = Problem("submission.stranger", submission.learner)
            strangers.append(replace(submission, problems=(*submission.problems, nobody)))
        elif whose.id in found:
            first = found[whose.id]
            again = Problem("submission.second", submission.learner)
            found[whose.id] = replace(first, problems=(*first.problems, again))
        else:
            found[whose.id] = replace(submission, learner=whose.id)
    return [*(found.get(person.id, Submission(person.id, {})) for person in people), *strangers]


def _plain(mark: str) -> str:
    return re.sub(r"\W+", "", mark.casefold())
