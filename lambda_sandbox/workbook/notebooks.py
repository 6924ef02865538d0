"""One command for the notebooks' outputs: `python -m lambda_sandbox.workbook.notebooks [--check] [NOTEBOOK…]`.

Runs each notebook from top to bottom in a fresh kernel, in its own folder, and writes it back in one normal form: cells
counted from 1, no times, nothing of the machine that ran it. With --check nothing is written; what differs from the
committed outputs is listed, and the exit code is 1. All of `notebooks/` if none is named.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SANITIZER = ROOT / "tests" / "nbval.cfg"  # what a run cannot repeat, for nbval and for --check
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
CELL_TIMEOUT_S = 120


class CellFailed(Exception):
    """A cell raised what it is not tagged to raise: which one, and what."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m lambda_sandbox.workbook.notebooks",
        description="Run notebooks from top to bottom and write them back with their outputs, in one normal form.",
    )
    parser.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK", help="a file; all of notebooks/ if none")
    parser.add_argument("--check", action="store_true", help="write nothing; list what differs, and exit with 1")
    options = parser.parse_args(arguments)
    chosen = options.notebooks or sorted((ROOT / "notebooks").glob("*.ipynb"))
    if missing := [path for path in chosen if not path.is_file()]:
        parser.error(f"there is no notebook {missing[0]}")
    fine = True
    for path in chosen:
        try:
            written, run = read(path), execute(path)
        except CellFailed as failed:
            print(f"{path.name}: {failed}", file=sys.stderr)
            fine = False
            continue
        if options.check:
            found = list(differences(written, run))
            print(f"{path.name}: " + ("as committed" if not found else "\n  ".join(["differs", *found])), flush=True)
            fine &= not found
        else:
            path.write_text(text_of(run), encoding="utf-8", newline="\n")
            print(f"{path.name}: {sum(cell.cell_type == 'code' for cell in run.cells)} cells run", flush=True)
    return 0 if fine else 1


def read(path: Path) -> Any:
    import nbformat

    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def execute(path: Path) -> Any:
    """A notebook as it is after a run, in normal form. Raises CellFailed."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    notebook = read(path)
    client = NotebookClient(notebook, timeout=CELL_TIMEOUT_S, kernel_name="python3", coalesce_streams=True)
    client.extra_arguments = ["--IPKernelApp.log_level=ERROR"]  # it warns of loopback sockets at every start
    paths = filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])
    try:
        client.execute(
            cwd=str(path.resolve().parent),
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
    except (CellExecutionError, CellTimeoutError) as error:
        raise CellFailed(re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip()) from None
    return normalise(notebook)


def normalise(notebook: Any) -> Any:
    """The one normal form, in place: what is the same in every run, and nothing else."""
    notebook.metadata = METADATA
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    count = 0
    for number, cell in enumerate(notebook.cells):
        cell.id = cell.get("id") or f"cell-{number:02}"
        tags = cell.metadata.get("tags")
        cell.metadata = {"tags": sorted(tags)} if tags else {}
        cell.source = cell.source.rstrip()
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count
            for output in cell.outputs:
                _normalise_output(output, count)
    return notebook


def _normalise_output(output: Any, count: int) -> None:
    if "metadata" in output:
        output.metadata = {}
    if "execution_count" in output:
        output.execution_count = count
    if output.output_type == "error":  # the frames show paths of the machine; nobody compares them
        output.traceback = [f"{output.ename}: {output.evalue}"]


def text_of(notebook: Any) -> str:
    """A notebook as it is written."""
    import nbformat

    return str(nbformat.writes(notebook)).rstrip("\n") + "\n"  # type: ignore[no-untyped-call]


def differences(committed: Any, run: Any) -> Iterator[str]:
    """The cells whose outputs are not the committed ones, as "cell 3 (id): …"; pictures are not compared."""
    patterns = re.findall(r"^regex: (.*)$\n^replace: (.*)$", SANITIZER.read_text(encoding="utf-8"), re.MULTILINE)
    normal = normalise(committed)
    for old, new in zip(normal.cells, run.cells, strict=True):
        if old.cell_type == "code" and "nbval-ignore-output" not in old.metadata.get("tags", []):
            before, after = (_sanitized(cell, patterns) for cell in (old, new))
            if before != after:
                yield f"cell {new.execution_count} ({new.id}): {_first_difference(before, after)}"


def _sanitized(cell: Any, patterns: list[tuple[str, str]]) -> list[str]:
    """A cell's outputs as lines."""
    text = "\n".join(_lines(cell))
    for pattern, replacement in patterns:
        text = re.sub(pattern, replacement, text)
    return text.split("\n")


def _lines(cell: Any) -> Iterator[str]:
    for output in cell.outputs:
        if output.output_type == "stream":
            yield f"[{output.name}]"
            yield output.text
        elif output.output_type == "error":
            yield f"[error] {output.ename}: {output.evalue}"
        else:
            for kind in sorted(output.data):
                yield f"[{kind}]"
                if not kind.startswith("image/"):
                    yield str(output.data[kind])


def _first_difference(before: list[str], after: list[str]) -> str:
    pairs = zip([*before, *[""] * len(after)], [*after, *[""] * len(before)], strict=True)
    old, new = next((old, new) for old, new in pairs if old != new)
    return f"committed {old!r}, now {new!r}"


if __name__ == "__main__":
    sys.exit(main())
