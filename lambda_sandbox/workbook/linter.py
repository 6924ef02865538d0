"""Proves the exercises: a stub fails every task, a solution passes every check, each mutant fails as it declares.

    for finding in lint_course(course):
        print(finding)                      # where: what; do

Every rule is a function that yields findings; RULES is the list. Nothing stops at the first one.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from . import predictions
from .course import KINDS, LEVELS, BadExercise, Course, Exercise, Finding
from .fixtures import SEED, files_of
from .handout import is_hidden
from .results import Status
from .runner import run, task_of, title_of
from .words import table

Rule = Callable[[Exercise], Iterable[Finding]]

MUTANTS = 4
NOTEBOOK_POINTS = 10
SEEDS = 20
DECLARATION = re.compile(r"# fails task (\d+): ([a-z0-9-]+\.[a-z0-9-]+)")


def lint_course(course: Course, begin: Callable[[str], object] = lambda id: None) -> Iterator[Finding]:
    """All findings: of every exercise, of what belongs to none, and of how notebooks and exercises fit.

    `begin` hears of each exercise before it is proved, which takes a second or two.
    """
    for folder in course.folders():
        begin(folder.name)
        try:
            yield from lint_exercise(course.read(folder))
        except BadExercise as bad:
            yield bad.finding
    yield from strays_outside(course)
    for notebook in course.notebooks():
        try:
            yield from lint_notebook(course, notebook)
        except BadExercise as bad:
            yield bad.finding


def lint_exercise(exercise: Exercise, without: Container[Rule] = (), thorough: bool = False) -> Iterator[Finding]:
    """What is to be mended in an exercise, by all rules but those in `without`; `thorough` are those that take long."""
    for rule in (*RULES, *(THOROUGH if thorough else ())):
        if rule in without:
            continue
        try:
            yield from rule(exercise)
        except BadExercise as bad:
            yield bad.finding


# -- the files


def metadata(exercise: Exercise) -> Iterator[Finding]:
    """The metadata says what it should, within bounds."""

    def bad(what: str, do: str) -> Finding:
        return Finding(f"{_shown(exercise)}/exercise.toml", what, do)

    if not 3 <= len(exercise.title) <= 48:
        yield bad(f"the title has {len(exercise.title)} characters", "use 3 to 48")
    if exercise.kind not in KINDS:
        yield bad(f"kind {exercise.kind} is not known", f"use one of {', '.join(KINDS)}")
    if not 1 <= exercise.minutes <= 30:
        yield bad(f"minutes is {exercise.minutes}", "use 1 to 30, or make two exercises")
    if not exercise.points or not all(isinstance(points, int | float) and points > 0 for points in exercise.points):
        yield bad("points is not a list of positive numbers", "give one number a task")
    if not exercise.concepts:
        yield bad("concepts is empty", "name what is practised")
    if not re.fullmatch(r"[a-z][a-z0-9_]{2,31}", exercise.name):
        yield bad(f"{exercise.name} is not snake_case of 3 to 32 characters", "rename its folders and its test")
    for other in exercise.prerequisites:
        if other not in exercise.course.ids() or other[:2] > exercise.id[:2] or other == exercise.id:
            yield bad(f"prerequisite {other} does not come earlier", "name an exercise of this or an earlier notebook")
    for id in exercise.messages:
        if not re.fullmatch(r"[a-z0-9-]+\.[a-z0-9-]+", id) or id in table():
            yield bad(f"message id {id} is not free or not area.kebab-words", "choose another id")


def files(exercise: Exercise) -> Iterator[Finding]:
    """Every file is where it belongs, and no other file is there."""
    learner = {"README.md", "exercise.toml", "hints.toml", *exercise.files}
    learner |= {f".stub/{name}" for name in exercise.files}
    yield from _compare(exercise, exercise.folder, learner, r"events/\w+\.json|requirements\.txt")
    solution = {"explanation.md", *exercise.files}
    yield from _compare(exercise, exercise.solution, solution, r"(mutants|alternatives)/\w+\.py")
    if not exercise.checks.is_file():
        yield Finding(exercise.course.shown(exercise.checks), "the checks are missing", "write them")
    for path in sorted((exercise.folder / "events").glob("*.json")):
        try:
            json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            yield Finding(exercise.course.shown(path), f"it is not JSON ({error})", "mend it")
    if not (exercise.folder / "events").is_dir():
        yield Finding(f"{_shown(exercise)}/events", "there is no sample event", "add one of the real shape")
    if len(exercise.mutants()) < MUTANTS:
        where = exercise.course.shown(exercise.solution / "mutants")
        yield Finding(where, f"it holds {len(exercise.mutants())} mutants", f"write at least {MUTANTS}")


def pristine(exercise: Exercise) -> Iterator[Finding]:
    """What is shipped is what `reset` restores."""
    for name in exercise.files:
        shipped, kept = exercise.folder / name, exercise.stub / name
        if shipped.is_file() and kept.is_file() and shipped.read_bytes() != kept.read_bytes():
            do = f"`reset {exercise.id}`, or `seal {exercise.id}` if the stub was meant to change"
            yield Finding(exercise.course.shown(shipped), "it differs from its stub", do)


def tasks(exercise: Exercise) -> Iterator[Finding]:
    """README, stub, hints and checks speak of the same tasks."""
    wanted = list(exercise.tasks)
    readme = _text(exercise.folder / "README.md")
    stub = "".join(_text(exercise.stub / name) for name in exercise.files)
    checks = _text(exercise.checks)
    for where, found in (
        (exercise.folder / "README.md", [int(n) for n in re.findall(r"^## Task (\d+): \S", readme, re.M)]),
        (exercise.folder / exercise.files[0], sorted({int(n) for n in re.findall(r"\btask (\d+)\b", stub)})),
        (exercise.folder / "hints.toml", sorted(exercise.hints)),
        (exercise.checks, sorted({int(n) for n in re.findall(r"^@task\((\d+)", checks, re.M)})),
    ):
        if found != wanted:
            yield Finding(
                exercise.course.shown(where), f"it has tasks {found}, not {wanted}", "make them agree with points"
            )
    for task in wanted:
        if checks and not re.search(rf"^@task\({task}\)", checks, re.M):
            yield Finding(exercise.course.shown(exercise.checks), f"task {task} has no public check", "add one")


def messages(exercise: Exercise) -> Iterator[Finding]:
    """Every message id of the checks has a sentence, and every sentence is used."""
    where = f"{_shown(exercise)}/exercise.toml"
    strings = {node.value for node in ast.walk(_tree(exercise)) if isinstance(node, ast.Constant)}
    for id in sorted(set(exercise.messages) - strings):
        yield Finding(where, f"message {id} is used by no check", "use it or remove it")
    for id in sorted(_says(exercise) - set(exercise.messages) - set(table())):
        yield Finding(where, f"message {id} has no sentence", "add it to [messages]")


def hints(exercise: Exercise) -> Iterator[Finding]:
    """Three levels a task, none empty, none holding a line of the solution."""
    where = f"{_shown(exercise)}/hints.toml"
    telling = _code_lines(exercise, exercise.solution) - _code_lines(exercise, exercise.stub)
    for task, levels in exercise.hints.items():
        for level, text in zip(LEVELS, levels, strict=True):
            if not text:
                yield Finding(where, f"task {task} has no {level}", "write it")
            if given := next((line for line in telling if line in _squeezed(text)), None):
                yield Finding(where, f"{level} of task {task} gives the solution away ({given})", "say it in words")


def links(exercise: Exercise) -> Iterator[Finding]:
    """Every link of README and explanation leads to a file that is there."""
    for path in (exercise.folder / "README.md", exercise.solution / "explanation.md"):
        for link in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", _text(path)):
            if not (path.parent / link).exists():
                yield Finding(exercise.course.shown(path), f"the link {link} leads nowhere", "mend it or remove it")


def readme(exercise: Exercise) -> Iterator[Finding]:
    """The README holds no line of the solution."""
    telling = _code_lines(exercise, exercise.solution) - _code_lines(exercise, exercise.stub)
    for line in _text(exercise.folder / "README.md").splitlines():
        if _squeezed(line) in telling:
            yield Finding(
                f"{_shown(exercise)}/README.md", f"it gives the solution away ({line.strip()})", "say it in words"
            )


def order(exercise: Exercise) -> Iterator[Finding]:
    """No exercise is a prerequisite of itself, by way of others."""
    before, waiting = set[str](), list(exercise.prerequisites)
    while waiting:
        if (other := waiting.pop()) in before or other not in exercise.course.ids():
            continue
        before.add(other)
        waiting += exercise.course.exercise(other).prerequisites
    if exercise.id in before:
        where = f"{_shown(exercise)}/exercise.toml"
        yield Finding(where, "it comes before itself, by way of its prerequisites", "break the circle")


# -- what runs


def stub_fails(exercise: Exercise) -> Iterator[Finding]:
    """As shipped, the exercise fails every task, and not because it cannot be loaded."""
    where = f"{_shown(exercise)}/.stub"
    for task in exercise.tasks:
        result = run(exercise, files_of(exercise, exercise.stub), hidden=True, stop_early=True, only=_of_task(task))
        failure = result.first_failure
        if failure is None:
            yield Finding(where, f"task {task} passes before the learner began", "leave more open, or check more")
        elif failure.status in (Status.INIT_ERROR, Status.ERROR):
            yield Finding(where, f"{failure.title}: {failure.status} {dict(failure.facts)}", "a stub must load")
            return


def solution_passes(exercise: Exercise) -> Iterator[Finding]:
    """The solution passes every check, public and hidden, with inputs that plain pytest does not use."""
    result = run(exercise, files_of(exercise, exercise.solution), hidden=True, seed=SEED + 1)
    if (failure := result.first_failure) is not None:
        what = f"task {failure.task}, {failure.title}: {failure.status} {failure.message} {dict(failure.facts)}"
        yield Finding(exercise.course.shown(exercise.solution), what, "mend it or the check")


def alternatives_pass(exercise: Exercise) -> Iterator[Finding]:
    """Right answers that are written otherwise than the solution pass every check, too."""
    for other in exercise.alternatives():
        result = run(exercise, files_of(exercise, exercise.solution, instead=other), hidden=True, stop_early=True)
        if (failure := result.first_failure) is not None:
            what = f"task {failure.task}, {failure.title}: {failure.status} {failure.message} {dict(failure.facts)}"
            yield Finding(exercise.course.shown(other), what, "the check asks for more than README.md says: loosen it")


def mutants_fail(exercise: Exercise) -> Iterator[Finding]:
    """Each mutant fails the task that its first line declares, and first with the message that it declares.

    Only the checks of that task run. That it passes those before takes longer to prove: `every_check_is_needed`.
    """
    for mutant in exercise.mutants():
        where = exercise.course.shown(mutant)
        if (declared := _declared(mutant)) is None:
            yield Finding(where, "its first line declares nothing", "write `# fails task N: message.id`")
            continue
        task, message = declared
        files = files_of(exercise, exercise.solution, instead=mutant)
        failure = run(exercise, files, hidden=True, stop_early=True, only=_of_task(task)).first_failure
        if failure is None:
            yield Finding(where, f"it passes every check of task {task}", "add a check that catches it")
        elif failure.message != message:
            what = f"it fails task {task} with {failure.message} ({failure.title}), not as its first line says"
            yield Finding(where, what, "correct the line, the check or the mutant")


def every_check_is_needed(exercise: Exercise) -> Iterator[Finding]:
    """The first of *all* checks that a mutant fails is of its task, and each hidden check catches a mutant."""
    caught: set[str] = set()
    for mutant in exercise.mutants():
        files = files_of(exercise, exercise.solution, instead=mutant)
        failure = run(exercise, files, hidden=True, stop_early=True).first_failure
        if failure is not None:
            caught.add(failure.title.partition("[")[0])
            if (failure.task, failure.message) != _declared(mutant):
                what = f"it fails task {failure.task} first, with {failure.message} ({failure.title})"
                yield Finding(exercise.course.shown(mutant), what, "let it pass the tasks before its own")
    for title in sorted(_hidden(exercise) - caught):  # perhaps it catches what others have caught before
        for mutant in exercise.mutants():
            files = files_of(exercise, exercise.solution, instead=mutant)
            if run(exercise, files, hidden=True, stop_early=True, only=_titled(title)).first_failure:
                break
        else:
            what = f'the hidden check "{title}" catches no mutant'
            do = "write the mutant that only it catches, or remove it"
            yield Finding(exercise.course.shown(exercise.checks), what, do)


def many_seeds(exercise: Exercise) -> Iterator[Finding]:
    """The solution passes whatever inputs are drawn, in the checks that draw any."""
    for seed in range(SEED + 2, SEED + SEEDS + 2):
        files = files_of(exercise, exercise.solution)
        result = run(exercise, files, hidden=True, seed=seed, only=_draws)
        if (failed := result.first_failure) is not None:
            what = f"with seed {seed} it fails {failed.title}: {failed.message} {dict(failed.facts)}"
            yield Finding(exercise.course.shown(exercise.solution), what, "mend it or the check")
            return


RULES: tuple[Rule, ...] = (
    metadata, order, files, pristine, tasks, messages, hints, readme, links, stub_fails, solution_passes,
    alternatives_pass, mutants_fail,
)  # fmt: skip
THOROUGH: tuple[Rule, ...] = (every_check_is_needed, many_seeds)  # they take a minute an exercise


# -- the course


def strays_outside(course: Course) -> Iterator[Finding]:
    """Nothing lies in the trees of solutions and checks that belongs to no exercise."""
    known = {(folder.parent.name, folder.name) for folder in course.folders()}
    for path in sorted((course.root / "solutions").glob("[0-9][0-9]_*/*")):
        if (path.parent.name, path.name) not in known:
            yield Finding(course.shown(path), "it belongs to no exercise", "remove it, or add the exercise")
    for path in sorted((course.root / "tests" / "exercises").glob("[0-9][0-9]_*/*.py")):
        if (path.parent.name, path.stem.removeprefix("test_")) not in known:
            yield Finding(course.shown(path), "it belongs to no exercise", "remove it, or add the exercise")
    for path in sorted((course.root / "exercises").glob("[0-9][0-9]_*/*")):
        if path.is_file() and path.name != "predictions.toml":
            yield Finding(course.shown(path), "it is not part of an exercise", "move it or remove it")


def lint_notebook(course: Course, notebook: str) -> Iterator[Finding]:
    """The notebook asks for each of its exercises and predictions, and for no others; its points add up."""
    where = f"notebooks/{notebook}.ipynb"
    exercises = course.exercises(notebook)
    total = sum(sum(exercise.points) for exercise in exercises)
    if total != NOTEBOOK_POINTS:
        yield Finding(f"exercises/{notebook}", f"the points add up to {total:g}", f"make it {NOTEBOOK_POINTS}")
    if len(exercises) < 3:
        yield Finding(f"exercises/{notebook}", f"there are {len(exercises)} exercises", "write at least three")
    path = course.root / where
    if not path.is_file():
        yield Finding(where, "the notebook is missing", "write it")
        return
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    keys = set(course.predictions(notebook))
    own = {exercise.id for exercise in exercises}
    for function, asked, known in (
        ("check", set(re.findall(r'\bcheck\("([^"]+)"\)', code)), own),
        ("predict", set(re.findall(r'\bpredict\("([^"]+)"', code)), {f"{notebook[:2]}.{key}" for key in keys}),
    ):
        for id in sorted(known - asked):
            yield Finding(where, f'it never says {function}("{id}")', "add the cell")
        for id in sorted(asked - known):
            yield Finding(where, f'{function}("{id}") names nothing', "correct the id")
    for key, entry in course.predictions(notebook).items():
        yield from _prediction(f"exercises/{notebook}/predictions.toml", f"{notebook[:2]}.{key}", entry)


def _prediction(where: str, id: str, entry: Mapping[str, Any]) -> Iterator[Finding]:
    missing = [name for name in ("question", "answer", "right", "hint") if not isinstance(entry.get(name), str)]
    if missing or not predictions.ID.fullmatch(id):
        yield Finding(where, f"{id} has no {', '.join(missing) or 'proper id'}", "add it")
    for wrong in entry.get("wrong", {}):
        if predictions.normalised(wrong) != wrong:
            yield Finding(where, f"no answer to {id} reads {wrong}", f"write {predictions.normalised(wrong)}")
        if predictions.seal(id, wrong) == entry.get("answer"):
            yield Finding(where, f"{wrong} is the right answer to {id}", "remove it from `wrong`, or seal anew")


# -- small things


def _of_task(task: int) -> Callable[[pytest.Item], bool]:
    return lambda item: task_of(item) == task


def _titled(title: str) -> Callable[[pytest.Item], bool]:
    return lambda item: title_of(item).partition("[")[0] == title


def _draws(item: pytest.Item) -> bool:
    return "rng" in getattr(item, "fixturenames", ())


def _declared(mutant: Path) -> tuple[int, str] | None:
    """The task and the message of a mutant's first line."""
    found = DECLARATION.fullmatch(_text(mutant).partition("\n")[0].strip())
    return found and (int(found[1]), found[2])


def _hidden(exercise: Exercise) -> set[str]:
    """The titles of the hidden checks."""
    nodes = (node for node in _tree(exercise).body if isinstance(node, ast.FunctionDef) and is_hidden(node))
    return {node.name.removeprefix("test_").replace("_", " ") for node in nodes}


def _shown(exercise: Exercise) -> str:
    return exercise.course.shown(exercise.folder)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _tree(exercise: Exercise) -> ast.Module:
    try:
        return ast.parse(_text(exercise.checks))
    except SyntaxError as error:
        raise BadExercise(Finding(exercise.course.shown(exercise.checks), str(error), "mend that line")) from None


def _code_lines(exercise: Exercise, folder: Path) -> set[str]:
    """The lines of code that say something: six tokens or more, and no import or signature."""
    lines = {line.strip() for name in exercise.files for line in _text(folder / name).splitlines()}
    dull = ("#", '"', "import ", "from ", "def lambda_handler")
    return {_squeezed(line) for line in lines if len(re.findall(r"\w+|\S", line)) >= 6 and not line.startswith(dull)}


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text).replace("'", '"')


def _compare(exercise: Exercise, folder: Path, wanted: set[str], allowed: str) -> Iterator[Finding]:
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    there = {name for name in there if "__pycache__" not in name and ".ipynb_checkpoints" not in name}
    for name in sorted(wanted - there):
        yield Finding(exercise.course.shown(folder / name), "the file is missing", "add it")
    for name in sorted(there - wanted):
        if not re.fullmatch(allowed, name):
            yield Finding(
                exercise.course.shown(folder / name),
                "it is not part of an exercise",
                "remove it, or name it in `files`",
            )


def _says(exercise: Exercise) -> set[str]:
    """The message ids that the checks give: in `says`, in a `says` that is a dict, and the keys of `recognise`."""
    ids: set[str] = set()
    for call in ast.walk(_tree(exercise)):
        for keyword in call.keywords if isinstance(call, ast.Call) else ():
            given = keyword.value
            if keyword.arg == "says":
                values = given.values if isinstance(given, ast.Dict) else [given]
            elif keyword.arg == "recognise" and isinstance(given, ast.Dict):
                values = [key for key in given.keys if key is not None]
            else:
                continue
            ids |= {v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)}
    return ids
