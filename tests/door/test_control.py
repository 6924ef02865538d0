"""The control endpoint: its owner's, in JSON, and plain about what it refuses."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from lambda_sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual", seed=1) as running:
        yield running


def ask(
    sandbox: Sandbox, method: str, path: str, body: bytes = b"", token: str | None = "", **headers: str
) -> tuple[int, Any]:
    host, port = sandbox.endpoint_url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if token is not None:
        sent["x-sandbox-token"] = token or sandbox._token
    connection.request(method, path, body, sent)
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    return answer.status, json.loads(said)


def test_health_says_what_this_machine_offers(sandbox: Sandbox) -> None:
    status, health = ask(sandbox, "GET", "/_sandbox/health")
    assert status == 200
    assert (health["ready"], health["virtual"], health["account"]) == (True, True, "123456789012")
    assert "environment" in health["environments"]


def test_the_head_of_health_is_that_of_its_answer(sandbox: Sandbox) -> None:
    connection = http.client.HTTPConnection(sandbox.endpoint_url.removeprefix("http://"), timeout=20)
    connection.request("HEAD", "/_sandbox/health", headers={"x-sandbox-token": sandbox._token})
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"")
    connection.close()


def test_the_clock_moves_forward_only(sandbox: Sandbox) -> None:
    before = ask(sandbox, "GET", "/_sandbox/clock")[1]["now"]
    status, answer = ask(sandbox, "POST", "/_sandbox/clock", b'{"advance": 3600}')
    assert status == 200 and 3600 <= answer["now"] - before < 3630


def test_a_jump_of_years_is_fine(sandbox: Sandbox) -> None:
    assert ask(sandbox, "POST", "/_sandbox/clock", json.dumps({"advance": 5 * 365 * 86400}).encode())[0] == 200
    sandbox.deploy("def handler(event, context):\n    return 1\n", name="later")
    assert sandbox.client("lambda").invoke(FunctionName="later")["Payload"].read() == b"1"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("clock", b'{"advance": -1}'),
        ("clock", b'{"advance": "soon"}'),
        ("clock", b'{"advance": NaN}'),
        ("clock", b'{"advance": 1e300}'),
        ("clock", b'{"advance": true}'),
        ("clock", b'{"advance": 1' + b"0" * 400 + b"}"),
        ("clock", b"[]"),
        ("clock", b"{"),
        ("clock", b"\xff"),
        ("clock", b"[" * 100_000),
        ("settle", b'{"timeout": null}'),
    ],
)
def test_nonsense_is_400_with_a_sentence(sandbox: Sandbox, path: str, body: bytes) -> None:
    status, answer = ask(sandbox, "POST", f"/_sandbox/{path}", body)
    assert status == 400 and set(answer) == {"error"}


def test_an_unknown_path_lists_the_known_ones(sandbox: Sandbox) -> None:
    status, answer = ask(sandbox, "GET", "/_sandbox/coffee")
    assert status == 404 and "POST settle" in answer["error"]


@pytest.mark.parametrize("token", [None, "wrong"])
def test_without_the_token_nothing_is_told(sandbox: Sandbox, token: str | None) -> None:
    status, answer = ask(sandbox, "GET", "/_sandbox/journal", token=token)
    assert status == 403 and "records" not in answer


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://example.com"}, {"Host": "rebound.example.com"}, {"Origin": "null"}]
)
def test_web_pages_may_not_ask(sandbox: Sandbox, headers: dict[str, str]) -> None:
    assert ask(sandbox, "POST", "/_sandbox/reset", **headers)[0] == 403


def test_a_function_does_not_know_the_token(sandbox: Sandbox) -> None:
    sandbox.deploy("import os\ndef handler(event, context):\n    return list(os.environ.values())\n", name="looks")
    seen = sandbox.client("lambda").invoke(FunctionName="looks")["Payload"].read().decode()
    assert sandbox._token not in seen


def test_the_journal_is_read_from_where_one_left_off(sandbox: Sandbox) -> None:
    last = ask(sandbox, "GET", "/_sandbox/journal")[1]["last"]
    sandbox.clock.advance(seconds=5)
    status, answer = ask(sandbox, "GET", f"/_sandbox/journal?since={last}")
    assert status == 200 and {record["kind"] for record in answer["records"]} == {"clock.advanced"}
    assert ask(sandbox, "GET", "/_sandbox/journal?since=x")[0] == 400
