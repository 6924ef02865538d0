"""The timeline: text and drawing say the same, and the same story is drawn the same."""

from __future__ import annotations

import random
import re
from xml.etree import ElementTree

import pytest

from lambda_sandbox.journal import Kind, Record
from lambda_sandbox.views.lanes import Phase
from lambda_sandbox.views.timeline import Timeline

KINDS = {
    "starting": Kind.STARTING,
    "ready": Kind.READY,
    "init_failed": Kind.INIT_FAILED,
    "thawed": Kind.THAWED,
    "started": Kind.STARTED,
    "answered": Kind.ANSWERED,
    "failed": Kind.FAILED,
    "timed_out": Kind.TIMED_OUT,
    "exited": Kind.EXITED,
    "reported": Kind.REPORTED,
    "frozen": Kind.FROZEN,
    "stopped": Kind.STOPPED,
}
DATA = {
    Kind.READY: {"init_ms": 30.4},
    Kind.INIT_FAILED: {"init_ms": 12.0},
    Kind.FAILED: {"error_type": "KeyError", "message": "'name'"},
    Kind.TIMED_OUT: {"after_s": 3.0},
    Kind.EXITED: {"error_type": "Runtime.ExitError", "message": ""},
    Kind.REPORTED: {"duration_ms": 4.2},
    Kind.STOPPED: {"reason": "idle"},
}
COLD = "a starting · a ready · a started r1 · a answered r1 · a reported r1 · a frozen"
WARM = "a thawed · a started r2 · a answered r2 · a reported r2 · a frozen"


def story(text: str, function: str = "hello", step: float = 0.01) -> list[Record]:
    """`"a starting · a started r1"` as records, `step` seconds apart."""
    records = []
    for number, words in enumerate(text.split(" · ")):
        environment, kind, *request = words.split()
        name, _, of = environment.partition("@")
        data = DATA.get(KINDS[kind], {})
        at = 1000 + number * step
        records.append(Record(number, at, KINDS[kind], of or function, "$LATEST", name * 32, "".join(request), data))
    return records


def lanes(timeline: Timeline) -> list[str]:
    return [line for line in repr(timeline).splitlines() if re.match(r"e\d+ .*[i#!TX.|]{2}", line)]


def test_a_cold_and_a_warm_invoke_are_one_lane() -> None:
    assert repr(Timeline(story(f"{COLD} · {WARM}"))) == (
        "hello: 1 environment, in order, not to scale\n"
        "\n"
        "e1  iii###...######...\n"
        "\n"
        "i Init   # Invoke   . frozen\n"
        "\n"
        "environment  phases        request  outcome\n"
        "e1           Init, Invoke  1        answered\n"
        "e1           Invoke        2        answered"
    )


def test_to_scale_it_shows_milliseconds() -> None:
    assert repr(Timeline(story(f"{COLD} · {WARM}"), scale="time")) == (
        "hello: 1 environment, to scale, 80 ms\n"
        "\n"
        "e1  iiiiiiiiiiiiiiiiii#########....................................#########\n"
        "    0 ms                                                               80 ms\n"
        "\n"
        "i Init   # Invoke   . frozen\n"
        "\n"
        "environment  phases (ms)        request  outcome\n"
        "e1           Init 30, Invoke 4  1        answered\n"
        "e1           Invoke 4           2        answered"
    )


def test_two_at_once_are_two_lanes_in_one_column() -> None:
    both = "a starting · b starting · b ready · b started r2 · a ready · a started r1 · a answered r1 · b answered r2"
    assert lanes(Timeline(story(both))) == ["e1  iii###...", "e2  iii###..."]


def test_which_of_two_that_overlap_is_faster_changes_nothing() -> None:
    def told(seed: int) -> str:
        """Three concurrent cold starts, then one warm invoke; the middle in any order that keeps each lane's own."""
        rng = random.Random(seed)
        begins = ["a starting", "b starting", "c starting"]
        runs = [[f"{e} ready", f"{e} started r{e}"] for e in "abc"]
        ends = [[f"{e} answered r{e}", f"{e} reported r{e}", f"{e} frozen"] for e in "abc"]
        middle = [tale.pop(0) for tale in rng.sample([t for t in runs for _ in t], 6)]
        finish = [tale.pop(0) for tale in rng.sample([t for t in ends for _ in t], 9)]
        return " · ".join([*begins, *middle, *finish, "a thawed", "a started r9", "a answered r9"])

    drawings = {(repr(t), t._repr_html_()) for seed in range(20) for t in [Timeline(story(told(seed)))]}
    assert len(drawings) == 1


def test_an_invoke_that_times_out_leaves_nothing_to_freeze_and_the_next_starts_again() -> None:
    timed_out = "a thawed · a started r2 · a timed_out r2 · a reported r2"
    again = "a starting r3 · a ready r3 · a started r3 · a answered r3"
    timeline = Timeline(story(f"{COLD} · {timed_out} · {again}"))
    assert lanes(timeline) == ["e1  iii###...TTTTTT   iii###..."]
    assert timeline.rows()[1] == ("e1", "timed out", "2", "after 3 s")


def test_an_init_that_fails_is_tried_once_more_for_the_invocation() -> None:
    twice = "a starting · a init_failed · a starting r1 · a init_failed r1 · a started r1 · a failed r1 · a reported r1"
    timeline = Timeline(story(twice))
    assert lanes(timeline) == ["e1  !!!!!!"]
    assert timeline.rows() == [("e1", "init failed, init failed", "1", "error KeyError")]


def test_an_init_that_succeeds_the_second_time_is_followed_by_its_invoke() -> None:
    timeline = Timeline(
        story("a starting · a init_failed · a starting r1 · a ready r1 · a started r1 · a answered r1 · a frozen")
    )
    assert lanes(timeline) == ["e1  !!ii##..."]


def test_a_runtime_that_exits_is_named() -> None:
    timeline = Timeline(story("a starting · a ready · a started r1 · a exited r1 · a reported r1"))
    assert lanes(timeline) == ["e1  iiiXXX"]
    assert timeline.rows() == [("e1", "Init, exited", "1", "error Runtime.ExitError")]


def test_an_environment_that_stopped_is_drawn_to_that_point() -> None:
    later = "b starting · b ready · b started r2 · b answered r2 · b frozen"
    timeline = Timeline(story(f"{COLD} · a stopped · {later}"))
    assert lanes(timeline)[0] == "e1  iii###..|"
    assert timeline.rows()[-1] == ("e1", "stopped", "", "idle")


def test_an_environment_made_ahead_waits_frozen_until_its_first_invoke() -> None:
    ahead = "a starting · a ready · b starting · b ready · b started r1 · b answered r1 · b frozen"
    used = "a thawed · a started r2 · a answered r2 · a frozen"
    assert lanes(Timeline(story(f"{ahead} · {used}"))) == [
        "e1  iiiiii............######...",
        "e2           iii###............",
    ]


def test_what_still_runs_reaches_to_the_end() -> None:
    timeline = Timeline(story(f"{COLD} · a thawed · a started r2"))
    assert lanes(timeline) == ["e1  iii###...######"]
    assert timeline.rows()[-1].outcome == "running"


def test_several_functions_are_named() -> None:
    timeline = Timeline(story("a@resize starting · a@resize ready · b@index starting"))
    assert timeline.title.startswith("all functions: 2 environments")
    assert timeline.names() == ["e1 resize", "e2 index"]


def test_without_environments_it_says_so() -> None:
    assert repr(Timeline([])) == "No environment has started yet."
    assert Timeline([])._repr_html_() == "<p>No environment has started yet.</p>"


def test_a_story_whose_beginning_is_forgotten_is_still_drawn() -> None:
    assert lanes(Timeline(story(f"a answered r0 · a reported r0 · a frozen · {WARM}"))) == ["e1  ######..."]


def test_whatever_is_left_out_of_a_story_it_is_drawn() -> None:
    rng = random.Random(1)
    whole = story(LONG)
    for _ in range(300):
        part = Timeline([record for record in whole if rng.random() < 0.6], scale=rng.choice(["order", "time"]))
        assert repr(part) and part._repr_html_()


@pytest.mark.parametrize("scale", ["order", "time"])
def test_text_and_html_say_the_same_words(scale: str) -> None:
    timeline = Timeline(story(LONG), scale=scale)  # type: ignore[arg-type]
    drawn = set(lanes(timeline))
    text = "\n".join(line for line in repr(timeline).splitlines() if line not in drawn)
    letters = {phase.letter for phase in Phase}
    html = re.sub(r"<[^>]+>", " ", timeline._repr_html_())
    assert words(text) - letters == words(html)


@pytest.mark.parametrize("scale", ["order", "time"])
@pytest.mark.parametrize("times", [1, 40])
def test_text_fits_a_narrow_terminal_and_a_notebook(scale: str, times: int) -> None:
    environments = [chr(c) for c in range(0x61, 0x7B)][: times or 1]
    environments = [chr(ord("a") + number) for number in range(26 if times > 1 else 1)]
    life = " · ".join([COLD, WARM.replace("r2", "r3"), "a stopped"])
    long = " · ".join(life.replace("a ", f"{name} ") for name in environments)
    lines = repr(Timeline(story(long), scale=scale)).splitlines()  # type: ignore[arg-type]
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 40
    if times > 1:
        assert lines[-1].startswith("… and")


@pytest.mark.parametrize("scale", ["order", "time"])
def test_the_drawing_is_xml_that_is_told_in_words_and_little_is_left_where_drawings_are_not_shown(scale: str) -> None:
    timeline = Timeline(story(LONG), scale=scale)  # type: ignore[arg-type]
    root = ElementTree.fromstring(timeline.svg)
    assert float(root.get("width", 0)) >= 7.5 * len(timeline.title), "the title is cut off"
    assert root.get("role") == "img"
    described = "e1: Init, Invoke, frozen, Invoke, frozen, stopped; e2: init failed, Init, timed out"
    assert root.get("aria-label") == f"{timeline.title}: {described}"
    left = " ".join("".join(root.itertext()).split())
    assert left.startswith(f"{timeline.title} e1 ") and left.count("e1") <= 3
    assert Timeline(story(LONG), scale=scale).svg == timeline.svg  # type: ignore[arg-type]


def test_a_function_name_cannot_break_out_of_the_drawing() -> None:
    assert "<script>" not in Timeline(story(COLD, function="<script>alert(1)</script>"))._repr_html_()


@pytest.mark.parametrize("phase", Phase, ids=lambda phase: phase.word)
def test_colours_can_be_read_on_any_page(phase: Phase) -> None:
    light = luminance(phase.colour)
    assert contrast(light, 1.0) >= 4.5, "white letters on it, and itself on a white page"
    assert contrast(light, 0.0) >= 3.0, "itself on a black page"


def test_another_scale_is_refused() -> None:
    with pytest.raises(ValueError, match='scale is "order" or "time"'):
        Timeline([], scale="log")  # type: ignore[arg-type]


LONG = (
    f"{COLD} · {WARM} · a stopped · b starting · b init_failed · "
    "b starting r3 · b ready r3 · b started r3 · b timed_out r3 · b reported r3"
)


def words(text: str) -> set[str]:
    return {word.strip(",:;.") for word in text.split()} - {""}


def luminance(colour: str) -> float:
    """WCAG's relative luminance of `#rrggbb`."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
