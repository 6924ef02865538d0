"""A new exercise, whole: it runs, and `lint` has nothing to say. Its author makes it his own from there.

for name, text in new_exercise("01_handlers", "shout", "Shout it").items(): ...     # path in the course -> text
"""

from __future__ import annotations

import json

_TOML = """\
id = "{id}"
title = {title}
notebook = "{notebook}"
kind = "write"                     # write, fix, complete, predict, measure, design
concepts = ["event", "response"]
prerequisites = []                 # exercises that come earlier
minutes = 5
points = [1, 1]                    # one number a task; the exercises of a notebook add up to 10

[messages]                         # why it happens, to the learner: the misconception, never the answer
"{area}.unchanged" = "The text came back as it was sent. Text has a method for it."
"{area}.wrong-text" = "The answer {{got}} is not what was asked for."
"{area}.needs-text" = "Not every event has a text: your function failed with {{error_type}}."
"{area}.not-quiet" = "Without a text there is nothing to shout."
"""
_README = """\
# {heading}

A story in three lines: who needs this, and why. Example values differ from those of the checks.

For `{{"text": "tea"}}` the function answers `{{"text": "TEA"}}`.

## Task 1: Shout the text

## Task 2: Say nothing when there is no text

Then the answer is `{{"text": ""}}`.
"""
_STUB = '''\
def lambda_handler(event, context):
    """Answers the text of the event in capital letters. About 2 lines."""
    # task 2: an event without a text
    raise NotImplementedError("task 1: shout the text")
'''
_HINTS = """\
[task.1]
nudge = "What can text do by itself?"
concept = "A string has methods that return a new string."
near_code = "Ask the text for its upper-case twin, and put that into a dict with one key."

[task.2]
nudge = "What does the event hold when nobody said anything?"
concept = "A dict can be asked for a key with something to fall back on."
near_code = "Use the dict's method `get` with two arguments instead of square brackets."
"""
_CHECKS = '''\
"""The checks of {id}."""

from lambda_sandbox.workbook.checks import expect, task

WORDS = ["tea", "milk", "Honey", "lemon balm"]


@task(1)
def test_shouts_the_text(function, rng):
    text = rng.choice(WORDS)
    wrong = {{"{area}.unchanged": {{"text": text}}}}
    expect(function.invoke({{"text": text}}), {{"text": text.upper()}}, says="{area}.wrong-text", recognise=wrong)


@task(2)
def test_says_nothing_when_there_is_no_text(function):
    answer = function.invoke({{}}, says={{"KeyError": "{area}.needs-text"}})
    expect(answer, {{"text": ""}}, says="{area}.not-quiet")


@task(1, hidden=True)
def test_shouts_whatever_it_is_told(function, rng):
    text = "".join(rng.sample("abcdefgh", 5))
    expect(function.invoke({{"text": text}}), {{"text": text.upper()}}, says="{area}.wrong-text")
'''
_SOLUTION = '''\
def lambda_handler(event, context):
    """Answers the text of the event in capital letters; no text is an empty one."""
    return {"text": event.get("text", "").upper()}
'''
_EXPLANATION = """\
# Why so

`get` with a second argument says what stands for a missing key. Tell the alternatives and what they cost.
"""
_MUTANTS = {
    "returns_it_unchanged": ("1: {area}.unchanged", 'return {"text": event.get("text", "")}'),
    "capitalizes_it": ("1: {area}.wrong-text", 'return {"text": event.get("text", "").capitalize()}'),
    "needs_the_key": ("2: {area}.needs-text", 'return {"text": event["text"].upper()}'),
    "shouts_none": ("2: {area}.not-quiet", 'return {"text": str(event.get("text")).upper()}'),
    "knows_four_words": (
        "1: {area}.wrong-text",
        'return {"text": {"tea": "TEA", "milk": "MILK", "Honey": "HONEY", "lemon balm": "LEMON BALM"}'
        '.get(event.get("text", ""), "")}',
    ),
}


def new_exercise(notebook: str, name: str, title: str) -> dict[str, str]:
    """Path from the course's root -> text: exercise, checks, solution, and five mutants."""
    id, area = f"{notebook[:2]}/{name}", name.replace("_", "-")
    say = {
        "id": id,
        "notebook": notebook,
        "title": json.dumps(title, ensure_ascii=False),
        "heading": title,
        "area": area,
    }
    folder, solution = f"exercises/{notebook}/{name}", f"solutions/{notebook}/{name}"
    files = {
        f"{folder}/README.md": _README.format(**say),
        f"{folder}/handler.py": _STUB,
        f"{folder}/.stub/handler.py": _STUB,
        f"{folder}/exercise.toml": _TOML.format(**say),
        f"{folder}/hints.toml": _HINTS,
        f"{folder}/events/tea.json": '{"text": "tea"}\n',
        f"tests/exercises/{notebook}/test_{name}.py": _CHECKS.format(**say),
        f"{solution}/handler.py": _SOLUTION,
        f"{solution}/explanation.md": _EXPLANATION,
    }
    for mutant, (fails, line) in _MUTANTS.items():
        text = f"# fails task {fails.format(**say)}\ndef lambda_handler(event, context):\n    {line}\n"
        files[f"{solution}/mutants/{mutant}.py"] = text
    return files
