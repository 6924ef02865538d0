"""The notebooks' lint. That their outputs are what a run gives is nbval's work, cell by cell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest

from lambda_sandbox.workbook import notebooks

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
TAGS = {
    "own-root",
    "bash",
    "raises-exception",
    "nbval-ignore-output",
}  # own-root: skipped where environments are plain processes; bash: where there is no bash or no curl
MACHINE = re.compile(
    r"/(?:home|Users|root)/(?!sbx_)\w|[A-Z]:\\\\?Users|site-packages|ipykernel_\d|/tmp/\w*[0-9_]\w{6,}"
)

pytestmark = [
    pytest.mark.notebooks,
    pytest.mark.filterwarnings("default::nbformat.warnings.MissingIDFieldWarning"),
]


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture
def notebook(path: Path) -> Any:
    return notebooks.read(path)


def code(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook: Any) -> str:
    """All Markdown, without what stands in fences."""
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def tags(cell: Any) -> set[str]:
    return set(cell.metadata.get("tags", []))


def texts(output: Any) -> Iterator[str]:
    """Every text of an output; pictures are left out."""
    if output.output_type == "stream":
        yield output.text
    elif output.output_type == "error":
        yield f"{output.ename}: {output.evalue}"
    else:
        yield from (
            text for kind, text in output.data.items() if isinstance(text, str) and not kind.startswith("image/")
        )


def test_there_are_notebooks() -> None:
    assert PATHS


# ------------------------------------------------------------------------------------------------ the file


def test_it_is_valid_and_in_normal_form(path: Path, notebook: Any) -> None:
    nbformat.validate(notebook)
    text = path.read_text(encoding="utf-8")
    assert notebooks.text_of(notebooks.normalise(notebook)) == text, f"run: {COMMAND} {path.relative_to(ROOT)}"


COMMAND = "python -m lambda_sandbox.workbook.notebooks"


def test_its_cells_ran_from_top_to_bottom(notebook: Any) -> None:
    """A missing count would switch the comparison of that cell off in silence."""
    counts = [cell.execution_count for cell in code(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def test_cells_have_ids_of_their_own_and_known_tags(notebook: Any) -> None:
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert {tag for cell in notebook.cells for tag in tags(cell)} <= TAGS


# ------------------------------------------------------------------------------------------------ what is run


def test_cells_are_short(notebook: Any) -> None:
    long = {cell.id: cell.source.count("\n") + 1 for cell in code(notebook)}
    assert {name: lines for name, lines in long.items() if lines > 12} == {}


def test_nearly_every_cell_has_an_output_that_is_compared(notebook: Any) -> None:
    cells = code(notebook)
    compared = [cell for cell in cells if cell.outputs and "nbval-ignore-output" not in tags(cell)]
    assert len(compared) >= 0.8 * len(cells), f"{len(compared)} of {len(cells)}"


def test_errors_are_meant(notebook: Any) -> None:
    for cell in code(notebook):
        failed = any(output.output_type == "error" for output in cell.outputs)
        assert failed == ("raises-exception" in tags(cell)), cell.id
        assert not any(output.get("name") == "stderr" for output in cell.outputs), cell.id


def test_outputs_can_be_read(notebook: Any) -> None:
    for cell in code(notebook):
        for output in cell.outputs:
            assert len(str(output)) <= 100_000, cell.id
            plain = output.get("text") or output.get("data", {}).get("text/plain", "")
            assert plain.count("\n") < 40, cell.id


def test_nothing_of_a_machine_is_shown(notebook: Any) -> None:
    shown = {
        cell.id: [cell.source, *(text for o in cell.get("outputs", []) for text in texts(o))] for cell in notebook.cells
    }
    found = {name: match[0] for name, said in shown.items() for text in said if (match := MACHINE.search(text))}
    assert found == {}


# ------------------------------------------------------------------------------------------------ what is read


def test_it_opens_with_its_one_title_and_headings_do_not_skip(notebook: Any) -> None:
    assert notebook.cells[0].cell_type == "markdown"
    assert notebook.cells[0].source.startswith("# ")
    levels = [len(marks) for marks in re.findall(r"^(#+) ", prose(notebook), re.MULTILINE)]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_picture_has_words(notebook: Any) -> None:
    text = prose(notebook)
    assert re.findall(r"!\[\s*\]\(.*?\)", text) == []
    assert [tag for tag in re.findall(r"<img\b[^>]*>", text) if not re.search(r'alt="[^"]+"', tag)] == []
    for cell in code(notebook):
        for output in cell.outputs:
            data = output.get("data", {})
            html = data.get("text/html", "")
            assert html.count("<svg") == len(re.findall(r'<svg\b[^>]* aria-label(?:ledby)?="[^"]', html)), cell.id
            assert [tag for tag in re.findall(r"<img\b[^>]*>", html) if not re.search(r'alt="[^"]+"', tag)] == [], (
                cell.id
            )
            if any(kind.startswith("image/") for kind in data):
                assert not re.search(r"^<Figure|at 0x", data.get("text/plain", "<Figure")), cell.id


def test_links_lead_somewhere(path: Path, notebook: Any) -> None:
    links = set(re.findall(r"\]\((?!https?:|#|attachment:)([^)#\s]+)", prose(notebook)))
    coming = {f"{name}.ipynb" for name in planned()}  # the next notebook may not be written yet
    assert {link for link in links if not (path.parent / link).exists()} - coming == set()


def test_nothing_is_hidden(notebook: Any) -> None:
    assert "<details" not in prose(notebook), "a solution that is one click away is not looked for"


# ------------------------------------------------------------------------------------------------ the list


def planned() -> list[str]:
    """The notebooks of the course in order, from the table in `notebooks/README.md`."""
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^\| (?:\[)?`(\d\d_\w+)`", text, re.MULTILINE)


def test_the_list_says_which_notebooks_there_are() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    linked = re.findall(r"^\| \[`(\d\d_\w+)`\]\(\1\.ipynb\)", text, re.MULTILINE)
    assert linked == [path.stem for path in PATHS]
    assert len(planned()) == 19
    assert planned() == sorted(planned())
