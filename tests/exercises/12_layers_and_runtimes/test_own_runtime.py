"""The checks of 12/own_runtime: a Runtime API that hands out events and writes down what a runtime does.

It is a function behind an HTTP API: where environments have a network of their own, nothing else can be reached.
"""

import json

from lambda_sandbox.workbook import web
from lambda_sandbox.workbook.checks import expect, require, task

PREFIX = "/2018-06-01/runtime/invocation/"
ERRORS = {"KeyError": "runtime.ended", "AttributeError": "runtime.ended", "TypeError": "runtime.ended"}
RUNTIME_API = """
import base64, json

events, current, posts, refused = [], "", [], []

def lambda_handler(event, context):
    if "hand_out" in event:  # from the check; what comes by HTTP never has this
        events.extend(event["hand_out"])
    if "requestContext" not in event:
        return {"posts": posts, "refused": refused}
    path, method = event["rawPath"], event["requestContext"]["http"]["method"]
    return get(path) if method == "GET" else post(path, event)

def get(path):
    global current
    if path != PREFIX + "next" or not events:
        return refuse("GET", path)
    current, event = events.pop(0)
    return {"statusCode": 200, "headers": {"Lambda-Runtime-Aws-Request-Id": current}, "body": json.dumps(event)}

def post(path, event):
    request_id, _, kind = path.removeprefix(PREFIX).partition("/")
    if request_id != current or kind not in ("response", "error"):
        return refuse("POST", path)
    body = event.get("body", "")
    posts.append((request_id, kind, base64.b64decode(body).decode() if event["isBase64Encoded"] else body))
    return {"statusCode": 202, "body": '{"status":"OK"}'}

def refuse(method, path):
    refused.append(method + " " + path.removeprefix("/2018-06-01/runtime"))
    return {"statusCode": 400, "body": "{}"}
""".replace("PREFIX", repr(PREFIX))


def play(function, sandbox, events, says=None):
    """Lets the function serve these events; what it posted."""
    arn = sandbox.deploy(RUNTIME_API, name="runtime-api").arn
    api = web.http_api(sandbox, arn).removeprefix("http://")
    written_down(sandbox, hand_out=events)
    outcome = function.outcome(
        {"api": api, "turns": len(events)}, called=f"serve(…) for {json.dumps([event for _, event in events])}"
    )
    seen = written_down(sandbox)
    require(not seen["refused"], says="runtime.wrong-request", expected="…/next, …/<id>/response or …/<id>/error", got=seen["refused"])
    if outcome.error is not None:
        raise outcome.failure(says)
    return seen["posts"]


def written_down(sandbox, **event):
    answer = sandbox.client("lambda").invoke(FunctionName="runtime-api", Payload=json.dumps(event))
    return json.load(answer["Payload"])


def ids(rng, count):
    return [f"{rng.randrange(16**8):08x}-{number}" for number in range(count)]


@task(1)
def test_answers_every_event(function, sandbox, rng):
    words = rng.sample(["mint", "sencha", "chai", "assam"], 3)
    events = list(zip(ids(rng, 3), [{"text": word} for word in words], strict=True))
    posts = play(function, sandbox, events, says={"TypeError": "runtime.text-not-event"})
    require(len(posts) == 3, says="runtime.no-answer", expected="3 answers", got=posts)
    for (_, _, body), word in zip(posts, words, strict=True):
        try:
            said = json.loads(body)
        except ValueError:
            require(False, says="runtime.not-json", expected={"said": f"{word.upper()}!"}, got=body)
        expect(said, {"said": f"{word.upper()}!"}, says="runtime.wrong-answer")


@task(2)
def test_reports_an_error_and_lives_on(function, sandbox, rng):
    events = list(zip(ids(rng, 3), [{"text": "a"}, {"no": "text"}, {"text": "b"}], strict=True))
    posts = play(function, sandbox, events, says=ERRORS)
    told = [kind for request_id, kind, _ in posts if request_id == events[1][0]]
    require(told, says="runtime.no-report", expected="a report", got=posts)
    expect(told, ["error"], says="runtime.error-as-response")
    expect([kind for _, kind, _ in posts], ["response", "error", "response"], says="runtime.no-answer")


@task(2, hidden=True)
def test_says_what_kind_of_error_it_was(function, sandbox, rng):
    number = rng.randrange(10)
    events = list(zip(ids(rng, 2), [{"text": number}, {"text": "a"}], strict=True))
    posts = play(function, sandbox, events, says=ERRORS)
    report = json.loads(posts[0][2])
    wanted = {"errorMessage": "'int' object has no attribute 'upper'", "errorType": "AttributeError"}
    expect({name: report.get(name) for name in wanted}, wanted, says="runtime.report")
