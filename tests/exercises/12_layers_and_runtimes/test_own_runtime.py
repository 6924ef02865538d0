"""The checks of 12/own_runtime: a Runtime API that hands out events and writes down what a runtime does."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lambda_sandbox.workbook.checks import expect, require, task

PREFIX = "/2018-06-01/runtime/invocation/"
ERRORS = {"KeyError": "runtime.ended", "AttributeError": "runtime.ended", "TypeError": "runtime.ended"}


class RuntimeApi(ThreadingHTTPServer):
    """Hands out events, one after the other; `posts` are (id, kind, body), `refused` what it did not know."""

    daemon_threads = True

    def __init__(self, events):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.events = list(events)
        self.current, self.posts, self.refused = "", [], []


class Conversation(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != f"{PREFIX}next" or not self.server.events:
            self.refuse()
            return
        self.server.current, event = self.server.events.pop(0)
        self.answer(200, json.dumps(event), **{"Lambda-Runtime-Aws-Request-Id": self.server.current})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        request_id, _, kind = self.path.removeprefix(PREFIX).partition("/")
        if request_id != self.server.current or kind not in ("response", "error"):
            self.refuse()
            return
        self.server.posts.append((request_id, kind, body))
        self.answer(202, '{"status":"OK"}')

    def refuse(self):
        self.server.refused.append(f"{self.command} {self.path.removeprefix('/2018-06-01/runtime')}")
        self.answer(400, "{}")

    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        """Says nothing."""


@contextmanager
def runtime_api(events):
    with RuntimeApi(events) as api:
        thread = threading.Thread(target=api.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield api
        api.shutdown()


def play(function, events, says=None):
    """Lets the function serve these events; what it posted."""
    with runtime_api(events) as api:
        event = {"api": f"127.0.0.1:{api.server_port}", "turns": len(events)}
        outcome = function.outcome(event, called=f"serve(…) for {json.dumps([event for _, event in events])}")
    require(not api.refused, says="runtime.wrong-request", expected="…/next, …/<id>/response or …/<id>/error", got=api.refused)
    if outcome.error is not None:
        raise outcome.failure(says)
    return api.posts


def ids(rng, count):
    return [f"{rng.randrange(16**8):08x}-{number}" for number in range(count)]


@task(1)
def test_answers_every_event(function, rng):
    words = rng.sample(["mint", "sencha", "chai", "assam"], 3)
    events = list(zip(ids(rng, 3), [{"text": word} for word in words], strict=True))
    posts = play(function, events, says={"TypeError": "runtime.text-not-event"})
    require(len(posts) == 3, says="runtime.no-answer", expected="3 answers", got=posts)
    for (_, _, body), word in zip(posts, words, strict=True):
        try:
            said = json.loads(body)
        except ValueError:
            require(False, says="runtime.not-json", expected={"said": f"{word.upper()}!"}, got=body)
        expect(said, {"said": f"{word.upper()}!"}, says="runtime.wrong-answer")


@task(2)
def test_reports_an_error_and_lives_on(function, rng):
    events = list(zip(ids(rng, 3), [{"text": "a"}, {"no": "text"}, {"text": "b"}], strict=True))
    posts = play(function, events, says=ERRORS)
    told = [kind for request_id, kind, _ in posts if request_id == events[1][0]]
    require(told, says="runtime.no-report", expected="a report", got=posts)
    expect(told, ["error"], says="runtime.error-as-response")
    expect([kind for _, kind, _ in posts], ["response", "error", "response"], says="runtime.no-answer")


@task(2, hidden=True)
def test_says_what_kind_of_error_it_was(function, rng):
    number = rng.randrange(10)
    events = list(zip(ids(rng, 2), [{"text": number}, {"text": "a"}], strict=True))
    posts = play(function, events, says=ERRORS)
    report = json.loads(posts[0][2])
    wanted = {"errorMessage": "'int' object has no attribute 'upper'", "errorType": "AttributeError"}
    expect({name: report.get(name) for name in wanted}, wanted, says="runtime.report")
