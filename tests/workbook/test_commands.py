"""The commands as a learner types them: exit codes, words, and what they leave on disk."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lambda_sandbox.workbook.commands import main
from lambda_sandbox.workbook.course import Course

SOLVED = """
def lambda_handler(event, context):
    return {"number": event["number"] * 2, "text": str(event["number"] * 2)}
"""
HANDLER = Path("exercises/01_numbers/double/handler.py")


@pytest.fixture
def say(course: Course, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Runs a command line and returns its exit code and what it printed."""

    def command(line: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["workbook", *line.split()])
        try:
            code = main()
        except SystemExit as exit:
            code = int(exit.code or 0)
        out, err = capsys.readouterr()
        return code, out + err

    return command


def test_check_ends_with_1_until_all_public_checks_pass(say) -> None:
    code, text = say("check 01/double")
    assert code == 1
    assert "0 of 2 public checks pass; 1 more runs at grading." in text
    assert "python -m lambda_sandbox hint 01/double --task 1" in text.replace("\n              ", " ")
    HANDLER.write_text(SOLVED)
    code, text = say("check 01/double")
    assert code == 0
    assert "Compare with solutions/01_numbers/double/handler.py" in text


def test_check_of_a_notebook_says_one_line_an_exercise(say) -> None:
    assert say("check 01") == (1, "○ 01/double · Double · 0 of 2 public checks pass; 1 more runs at grading.\n")


def test_list_goes_through_a_notebook_as_its_text_does_and_says_what_is_next(say) -> None:
    say("new-exercise 01/add")
    HANDLER.write_text(SOLVED)
    code, text = say("check 01")
    assert code == 1 and max(map(len, text.splitlines())) <= 80
    assert [line[:8] for line in say("list")[1].splitlines()[:2]] == ["○ 01/add", "✓ 01/dou"]
    Path("notebooks").mkdir(exist_ok=True)
    Path("notebooks/01_numbers.ipynb").write_text(r'["check(\"01/double\")", "check(\"01/add\")"]')
    *rows, gap, last = say("list")[1].splitlines()
    assert [row[:8] for row in rows] == ["✓ 01/dou", "○ 01/add"]
    assert (gap, last) == ("", "1 of 2 passed. Next: python -m lambda_sandbox check 01/add")


def test_hints_go_one_level_deeper_each_time_and_stay_at_the_last(say) -> None:
    firsts = [say("hint 01/double --task 2")[1].splitlines()[0] for _ in range(4)]
    assert [first[:11] for first in firsts] == ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3", "Hint 3 of 3"]
    assert say("hint 01/double --task 1")[1].startswith("Hint 1 of 3 for task 1")


def test_a_task_that_is_not_there_is_wrong_usage(say) -> None:
    assert say("hint 01/double --task 9") == (2, "01/double has no task 9. Its tasks are 1 to 2.\n")


def test_an_unknown_exercise_is_wrong_usage_and_names_the_nearest(say) -> None:
    for command in ("check", "hint", "reset --yes", "list", "lint"):
        assert say(f"{command} 01/duoble") == (2, "There is no exercise 01/duoble. Did you mean 01/double?\n")


def test_an_empty_name_is_no_exercise_and_not_all_of_them(say) -> None:
    for command in ("check /", "list /"):
        code, text = say(command)
        assert (code, text.startswith("There is no exercise")) == (2, True)
        assert text.endswith("`python -m lambda_sandbox list` names them all.\n")


def test_list_shows_the_best_result_so_far(say) -> None:
    assert say("list")[1].split() == ["○", "01/double", "-", "3", "min", "Double"]
    HANDLER.write_text(SOLVED)
    say("check 01/double")
    HANDLER.write_text("")
    say("check 01/double")
    assert say("list")[1].split()[:5] == ["✓", "01/double", "2", "of", "2"]


def test_reset_puts_the_stub_back_and_forgets_the_result(say) -> None:
    shipped = HANDLER.read_text()
    HANDLER.write_text(SOLVED)
    say("check 01/double")
    assert say("reset 01/double")[0] == 2  # nobody can be asked
    assert say("reset 01/double --yes") == (0, "handler.py of 01/double is as it was shipped.\n")
    assert HANDLER.read_text() == shipped
    assert say("list")[1].split()[:3] == ["○", "01/double", "-"]


def test_reset_says_what_it_cannot_write(say) -> None:
    shipped = HANDLER.read_bytes()
    HANDLER.unlink()
    HANDLER.mkdir()
    try:
        code, text = say("reset 01/double --yes")
    finally:
        HANDLER.rmdir()
        HANDLER.write_bytes(shipped)
    assert code == 1 and text.startswith("handler.py of 01/double cannot be written: ")


def test_seal_keeps_a_new_stub_for_reset(say) -> None:
    HANDLER.write_text("# task 1, task 2\n")
    assert say("lint 01/double")[0] == 1
    assert say("seal 01/double")[0] == 0
    HANDLER.write_text("")
    say("reset 01/double --yes")
    assert HANDLER.read_text() == "# task 1, task 2\n"


def test_seal_hides_the_answer_of_a_prediction(say) -> None:
    assert say("seal 01.p1 3") == (0, 'answer = "4e59474c53af"\n')
    assert say("seal 01.p1")[0] == 2


def test_lint_ends_with_1_when_there_is_something_to_mend(say) -> None:
    assert say("lint 01/double") == (0, "Nothing to mend.\n")
    Path("exercises/01_numbers/double/hints.toml").unlink()
    code, text = say("lint 01/double")
    assert code == 1
    assert "hints.toml: the file is missing; add it" in text


def test_wrong_usage_ends_with_2(say) -> None:
    assert say("hint")[0] == 2
    assert say("dance")[0] == 2


def test_grade_refuses_before_it_grades(say, course: Course) -> None:
    (course.root / "inbox" / "ana").mkdir(parents=True)
    shutil.copytree(course.root / "exercises", course.root / "inbox" / "ana" / "exercises")
    assert say(f"grade {course.root}/inbox --format class") == (
        2,
        "--format class writes a page for each learner: say where, with --out FOLDER.\n",
    )
    code, text = say(f"grade {course.root}/inbox --again nobody")
    assert code == 2 and "Nobody here is called nobody" in text


def test_handout_says_what_it_has_written(say, course: Course) -> None:
    (course.root / "class.csv").write_text("id,name\n1,Ana\n2,Bob\n", encoding="utf-8")
    code, text = say(f"handout 01/double --roster {course.root}/class.csv --out {course.root}/each")
    assert code == 0 and "2 zips, each with 1 exercise; no solutions, no hidden checks." in text
    assert sorted(path.name for path in (course.root / "each").iterdir()) == ["1.zip", "2.zip"]
    code, text = say(f"autograder 01/double --out {course.root}/grader.zip")
    assert code == 0 and "upload it at Gradescope" in text and (course.root / "grader.zip").is_file()


def test_a_folder_that_cannot_be_written_only_loses_the_memory(say, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr(Path, "write_text", refuse)
    assert say("check 01/double")[0] == 1
    assert say("hint 01/double")[0] == 0
    assert not Path(".workbook.json").exists()


def test_a_state_file_that_was_damaged_is_no_obstacle(say) -> None:
    Path(".workbook.json").write_text("{")
    assert say("list")[0] == 0
    assert say("check 01/double")[0] == 1


def test_a_terminal_without_unicode_gets_ascii(course: Course) -> None:
    command = [sys.executable, "-m", "lambda_sandbox.workbook.commands", "list"]
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(root)}
    done = subprocess.run(command, cwd=course.root, env=environment, capture_output=True, timeout=60, check=True)
    assert done.stdout.decode("ascii").startswith("o 01/double")


def test_a_file_that_was_deleted_is_missed_and_can_be_put_back(say) -> None:
    HANDLER.unlink()
    code, text = say("check 01/double")
    assert code == 2
    assert text == (
        "exercises/01_numbers/double/handler.py: the file is missing; "
        "put it back with `python -m lambda_sandbox reset 01/double`\n"
    )
    assert say("reset 01/double --yes")[0] == 0
    assert HANDLER.is_file()


def test_the_solution_is_shown_once_the_exercise_is_passed_or_given_up(say) -> None:
    code, text = say("solution 01/double")
    assert code == 1 and "--give-up" in text and "str(number)" not in text
    HANDLER.write_text(SOLVED)
    say("check 01/double")
    code, text = say("solution 01/double")
    assert code == 0
    assert "solutions/01_numbers/double/handler.py" in text and "str(number)" in text and "Twice." in text


def test_giving_up_shows_it_too_and_a_copy_without_solutions_says_so(say) -> None:
    assert say("solution 01/double --give-up")[0] == 0
    assert say("solution 01/double")[0] == 0
    shutil.rmtree("solutions")
    assert say("solution 01/double") == (1, "This copy of the workbook holds no solutions.\n")


def test_what_was_passed_is_due_again_a_day_later_and_when_solved_again_later_still(
    say, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = 0.0
    monkeypatch.setattr("lambda_sandbox.workbook.progress.wall_clock", lambda: 86_400 * (20_000 + day))

    def due_after(days: float) -> bool:
        nonlocal day
        day += days
        return "due again" in say("list")[1]

    HANDLER.write_text(SOLVED)
    say("check 01/double")
    assert [due_after(0.9), due_after(0.2)] == [False, True]
    say("check 01/double")
    assert due_after(0), "the old answer is no new solution"
    say("reset 01/double --yes")
    HANDLER.write_text(SOLVED)
    say("check 01/double")
    assert [due_after(2.9), due_after(0.2)] == [False, True]


def test_a_new_exercise_lints_as_it_is_written(say) -> None:
    code, text = say("new-exercise 01/shout --title Shout")
    assert code == 0 and "lint 01/shout" in text
    assert say("lint 01/shout --thorough") == (0, "Nothing to mend.\n")
    assert say("new-exercise 01_numbers/shout")[0] == 2  # nothing is written over
    assert say("new-exercise Shout")[0] == say("new-exercise 01/../x")[0] == 2
