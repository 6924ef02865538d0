"""The Node.js runtime: handlers, answers, errors and log lines as AWS's own client has them.

The stories run the client alone against a Runtime API that only remembers; the last tests run it in the sandbox.
"""

import base64
import http.client
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from lambda_sandbox import Sandbox
from lambda_sandbox.packaging import role, zip_of
from lambda_sandbox.wire import AwsError
from tests.engine import Engine, with_engine

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="no Node is installed")
ID = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
NODE = {"AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x", "NODE_PATH": "/opt/nodejs/node_modules"}
IN_JSON = {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "INFO"}
OLD = {"AWS_LAMBDA_NODEJS_DISABLE_CALLBACK_WARNING": "1"}
ECHO = "exports.handler = async (event) => event"
ECHO_MODULE = "export const handler = async (event) => event"


@pytest.fixture
def told(tmp_path: Path, story: Callable[..., Any]) -> Callable[..., Any]:
    """Writes a function's files, serves it events, and gives what the client did; text is one file, index.js."""

    def run(files: dict[str, str] | str, *events: Any, environment: dict[str, str] | None = None, **case: Any) -> Any:
        task = tmp_path / "task"
        case["events"] = [{"body": json.dumps(event)} for event in events or [{}]]
        case["environment"] = {**NODE, "LAMBDA_TASK_ROOT": str(task), **(environment or {})}
        named = {"index.js": files} if isinstance(files, str) else files
        for name, text in {**named, "case.json": json.dumps(case)}.items():
            (task / name).parent.mkdir(parents=True, exist_ok=True)
            (task / name).write_text(text, "utf-8")
        return story(task, "nodejs")

    return run


def answers(told: Any) -> list[Any]:
    return [json.loads(post["body"]) for post in told.posts if post["path"].endswith("/response")]


def error(told: Any) -> dict[str, Any]:
    (post,) = [post for post in told.posts if post["path"].endswith("/error")]
    return json.loads(post["body"])


HANDLERS = {
    "a CommonJS file": ({"index.js": ECHO}, "index.handler"),
    "a .cjs file": ({"index.cjs": ECHO}, "index.handler"),
    "an ES module": ({"index.mjs": ECHO_MODULE}, "index.handler"),
    "an ES module by its package.json": (
        {"index.js": ECHO_MODULE, "package.json": '{"type":"module"}'},
        "index.handler",
    ),
    "a nested folder": ({"src/api/app.js": ECHO}, "src/api/app.handler"),
    "a folder below an ES package": (
        {"src/app.js": ECHO_MODULE, "package.json": '{"type":"module"}'},
        "src/app.handler",
    ),
    "a member of an export": ({"index.js": "exports.api = { get: async (event) => event }"}, "index.api.get"),
    "a package by its name": ({"node_modules/pkg/index.js": ECHO}, "pkg.handler"),
    "another .js than the .mjs beside it": ({"index.js": ECHO, "index.mjs": "throw 1"}, "index.handler"),
}


@needs_node
@pytest.mark.parametrize("name", HANDLERS)
def test_a_handler_is_found_in(told: Callable[..., Any], name: str) -> None:
    files, handler = HANDLERS[name]
    assert answers(told(files, {"a": ["é", 1.5, None]}, handler=handler)) == [{"a": ["é", 1.5, None]}]


WAYS = {
    "returns a promise": ("() => new Promise((done) => setTimeout(done, 5, [1]))", [[1], [1]]),
    "returns nothing": ("async () => {}", [None, None]),
    "is not async and answers nothing": ("() => 'ignored'", [None, None]),
    "calls back": ("(event, context, callback) => { setTimeout(callback, 5, null, 'late') }", ["late", "late"]),
    "calls context.succeed": ("(event, context) => context.succeed('old')", ["old", "old"]),
    "calls back twice": ("(event, context, callback) => { callback(null, 1); callback(null, 2) }", [1, 1]),
    "keeps what is global": ("async () => (globalThis.count = (globalThis.count ?? 0) + 1)", [1, 2]),
    "knows what it costs": (
        "async (e, c) => [c.getRemainingTimeInMillis() > 1e6, c.memoryLimitInMB]",
        [[True, "128"]] * 2,
    ),
    "is told who calls": ("async (e, c) => [c.awsRequestId, c.functionName]", [[ID, "case"]] * 2),
    "finds its trace": ("async () => process.env._X_AMZN_TRACE_ID.slice(0, 7)", ["Root=1-"] * 2),
}


@needs_node
@pytest.mark.parametrize("name", WAYS)
def test_a_handler_answers_if_it(told: Callable[..., Any], name: str) -> None:
    source, expected = WAYS[name]
    assert answers(told(f"exports.handler = {source}", {}, {}, environment=OLD)) == expected


@needs_node
def test_a_callback_waits_for_an_empty_event_loop_unless_it_is_told_not_to(told: Callable[..., Any]) -> None:
    source = """exports.handler = (event, context, callback) => {
        context.callbackWaitsForEmptyEventLoop = event.waits
        let seen = 'at once'
        const answer = { toJSON: () => seen }
        setTimeout(() => { seen = 'when all was done' }, 20)
        callback(null, answer)
    }"""
    story = told(source, {"waits": True}, {"waits": False}, environment=OLD)
    assert answers(story) == ["when all was done", "at once"]


@needs_node
def test_callbacks_are_warned_of_and_gone_from_node_24_on(told: Callable[..., Any]) -> None:
    source = "exports.handler = (event, context, callback) => callback(null, 1)"
    (warning,) = told(source).log
    assert (
        "plans to remove support for callback-based function handlers starting with Node.js 24"
        in warning["text WARNING"]
    )
    refused = told(source, environment={"AWS_EXECUTION_ENV": "AWS_Lambda_nodejs24.x"})
    assert error(refused)["errorType"] == "Runtime.CallbackHandlerDeprecated"
    assert refused.posts[0]["error_type"] == "Runtime.CallbackHandlerDeprecated"


# What goes wrong: the function, {errorType, errorMessage}, a line of `trace`, and the exit status (None: it goes on)
NO_MODULE = "Error: Cannot find module 'nix'\nRequire stack:\n- /var/task/index.js\n- /var/runtime/index.mjs"
ERRORS = {
    "throws": (
        "exports.handler = () => { throw new TypeError('no') }",
        "TypeError",
        "no",
        "/var/task/index.js:1:",
        None,
    ),
    "rejects": ("exports.handler = async () => { throw new Error('') }", "Error", "", "/var/task/index.js:1:39", None),
    "throws no error": ("exports.handler = async () => { throw 'text' }", "string", "text", "", None),
    "calls back with an error": (
        "exports.handler = (e, c, back) => back(new RangeError('r'))",
        "RangeError",
        "r",
        "",
        None,
    ),
    "fails by context": ("exports.handler = (event, context) => context.fail()", "string", "handled", "", None),
    "answers a circle": (
        "exports.handler = async () => { const a = {}; a.a = a; return a }",
        *("Error", "Unable to stringify response body", "", None),
    ),
    "never settles": (
        "exports.handler = async () => { await new Promise(() => {}) }",
        *("Runtime.NodeJsExit", "The Lambda runtime client detected an unexpected Node.js exit code.", "", None),
    ),
    "rejects what nobody awaits": (
        "exports.handler = async () => { Promise.reject(new Error('boom')); await new Promise(() => {}) }",
        *("Runtime.UnhandledPromiseRejection", "Error: boom", "Runtime.UnhandledPromiseRejection: Error: boom", 128),
    ),
    "throws in a timer": (
        "exports.handler = () => { setTimeout(() => { throw new Error('tick') }) }",
        *("Error", "tick", "/var/task/index.js:1:52", 129),
    ),
    "finds no module": ("require('nix')", "Runtime.ImportModuleError", NO_MODULE, "- /var/task/index.js", 129),
    "is not there": ({"other.js": ""}, "Runtime.ImportModuleError", "Error: Cannot find module 'index'", "", 129),
    "has a syntax error": (
        "exports.handler = async ( => {}",
        *("Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected token '=>'", "/var/task/index.js:1", 129),
    ),
    "exports no handler": (
        ECHO.replace("handler", "other"),
        "Runtime.HandlerNotFound",
        "index.handler is undefined",
        "",
        129,
    ),
    "exports no function": (
        "exports.handler = 1",
        "Runtime.HandlerNotFound",
        "index.handler is not a function",
        "",
        129,
    ),
    "raises at import": ("throw new Error('early')", "Error", "early", "/var/task/index.js:1:7", 129),
    "imports what is not there": (
        {"index.mjs": "import 'nix'"},
        *("Error", "Cannot find package 'nix' imported from /var/task/index.mjs", "ERR_MODULE_NOT_FOUND", 129),
    ),
    "requires in an ES module": (
        {"index.mjs": "const fs = require('fs')"},
        *("ReferenceError", "require is not defined in ES module scope", "/var/task/index.mjs:1:12", 129),
    ),
}


@needs_node
@pytest.mark.parametrize("name", ERRORS)
def test_the_caller_gets_the_error_of_a_function_that(told: Callable[..., Any], name: str) -> None:
    files, kind, message, frame, status = ERRORS[name]
    story = told(files, environment=OLD)
    found = error(story)
    assert list(found) == ["errorType", "errorMessage", "trace"]
    assert (found["errorType"], story.exit_status) == (kind, status)
    assert found["errorMessage"].startswith(message)
    assert frame in "\n".join(found["trace"])
    where = "init/error" if status == 129 and "timer" not in name else f"invocation/{ID}/error"
    assert story.posts[-1]["path"] == where
    label = {128: "Unhandled Promise Rejection", 129: "Uncaught Exception"}.get(status or 0, "Invoke Error")
    (line,) = [entry["text ERROR"] for entry in story.log]
    start, logged = line.split(f"ERROR\t{label} \t")
    assert start == f"<time>\t{'undefined' if where == 'init/error' else ID}\t"
    details = json.loads(logged)
    if isinstance(details, dict) and kind != "string":
        assert details["errorType"] == kind


@needs_node
@pytest.mark.parametrize("handler", ["index", "../index.handler"])
def test_a_malformed_handler_string_is_refused(told: Callable[..., Any], handler: str) -> None:
    assert error(told(ECHO, handler=handler))["errorType"] == "Runtime.MalformedHandlerName"


LOGS = """console.log('at import')
exports.handler = async () => {
    console.log('a %s and', 'b', { c: [1] }); console.debug('two\\nlines')
    console.warn(); console.error(new Error('e'))
}"""


@needs_node
def test_console_writes_the_log_lines_of_lambda(told: Callable[..., Any]) -> None:
    log = told(LOGS).log
    assert log[:4] == [
        {"text INFO": "<time>\tundefined\tINFO\tat import\n"},
        {"text INFO": f"<time>\t{ID}\tINFO\ta b and {{ c: [ 1 ] }}\n"},
        {"text DEBUG": f"<time>\t{ID}\tDEBUG\ttwo\nlines\n"},
        {"text WARNING": f"<time>\t{ID}\tWARN\tundefined\n"},
    ]
    assert log[4]["text ERROR"].startswith(f"<time>\t{ID}\tERROR\tError: e\n    at exports.handler (")
    printed = told(LOGS, framed=False).log[0]["printed"].split("\n")
    assert printed[2] == f"<time>\t{ID}\tDEBUG\ttwo\rlines", "without a descriptor of its own, a record is one line"


@needs_node
def test_console_writes_json_from_a_level_on(told: Callable[..., Any]) -> None:
    _, said, warned, failed = [json.loads(next(iter(entry.values()))) for entry in told(LOGS, environment=IN_JSON).log]
    assert said == {"timestamp": "<time>", "level": "INFO", "requestId": ID, "message": "a b and { c: [ 1 ] }"}
    assert warned["level"] == "WARN"
    assert (failed["message"]["errorType"], failed["message"]["errorMessage"]) == ("Error", "e")
    assert failed["message"]["stackTrace"][0] == "Error: e"


STREAMS = """
const { pipeline } = require('stream/promises'), { Readable } = require('stream')
const handlers = {
    writes: async (event, stream) => { stream.write('a'); stream.write({ b: 1 }); stream.end(Buffer.from('c')) },
    pipes: (event, stream) => pipeline(Readable.from(['x', 'y']), stream),
    http: async (event, stream) => {
        const answer = awslambda.HttpResponseStream.from(stream, { statusCode: 201 })
        answer.write('body'); answer.end()
    },
    forgets: async (event, stream) => { stream.write('a') },
    plain: (event, stream) => { stream.end() },
}
exports.handler = awslambda.streamifyResponse((event, stream, context) => handlers[event](event, stream, context))
"""


@needs_node
def test_a_streaming_handler_answers_what_it_writes(told: Callable[..., Any]) -> None:
    posts = told(STREAMS, "writes", "pipes", "http", "forgets", "plain").posts
    assert [post["body"] for post in posts[:2]] == ['a{"b":1}c', "xy"]
    assert posts[2]["body"] == '{"statusCode":201}' + "\0" * 8 + "body"
    assert posts[2]["content_type"] == "application/vnd.awslambda.http-integration-response"
    assert (posts[3]["path"].endswith("/response"), posts[3]["body"]) == (True, "a")
    broken = json.loads(base64.b64decode(posts[3]["error_body"]))
    assert broken["errorMessage"] == "Response stream is not finished."
    assert json.loads(posts[4]["body"])["errorMessage"] == "Streaming does not support non-async handlers."


# ---------------------------------------------------------------------------------------------- in the sandbox

TOGETHER = """import shared from 'shared'; import { createRequire } from 'module'
export const handler = async (event) => {
    console.log('seen', event.n)
    return [shared.NAME, createRequire(import.meta.url)('shared').NAME, event.n]
}"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual") as sandbox:
        yield sandbox


def create(sandbox: Sandbox, name: str, files: dict[str, str], runtime: str = "nodejs22.x", **settings: Any) -> None:
    code = {"ZipFile": zip_of({path: text.encode() for path, text in files.items()})}
    settings = {"Runtime": runtime, "Handler": "index.handler", "Role": role(sandbox), **settings}
    sandbox.client("lambda").create_function(FunctionName=name, Code=code, **settings)
    sandbox.settle()


@needs_node
@pytest.mark.parametrize("runtime", ["nodejs20.x", "nodejs22.x", "nodejs24.x"])
def test_import_and_require_find_what_a_layer_holds(sandbox: Sandbox, runtime: str) -> None:
    lambda_ = sandbox.client("lambda")
    layer = {"nodejs/node_modules/shared/index.js": b"exports.NAME = 'layer'"}
    arn = lambda_.publish_layer_version(LayerName="shared", Content={"ZipFile": zip_of(layer)})["LayerVersionArn"]
    name = runtime.replace(".", "-")
    create(sandbox, name, {"index.mjs": TOGETHER}, runtime, Layers=[arn])
    assert json.load(lambda_.invoke(FunctionName=name, Payload=b'{"n":1}')["Payload"]) == ["layer", "layer", 1]


@needs_node
def test_the_kind_of_a_file_is_not_guessed(sandbox: Sandbox) -> None:
    """Newer Nodes do that, and Lambda switches it off for Node.js 22."""
    create(sandbox, "guessed", {"index.js": ECHO_MODULE})
    refused = json.load(sandbox.client("lambda").invoke(FunctionName="guessed")["Payload"])
    assert refused["errorType"] == "Runtime.UserCodeSyntaxError"


@needs_node
def test_what_a_handler_streams_reaches_the_caller_of_its_url(sandbox: Sandbox) -> None:
    lambda_ = sandbox.client("lambda")
    create(
        sandbox, "streams", {"index.js": STREAMS.replace("handlers[event]", "handlers[event.rawPath ? 'http' : event]")}
    )
    events = lambda_.invoke_with_response_stream(FunctionName="streams", Payload=b'"pipes"')["EventStream"]
    assert b"".join(event["PayloadChunk"]["Payload"] for event in events if "PayloadChunk" in event) == b"xy"
    lambda_.create_function_url_config(FunctionName="streams", AuthType="NONE", InvokeMode="RESPONSE_STREAM")
    everybody = {"Principal": "*", "StatementId": "url", "FunctionUrlAuthType": "NONE"}
    lambda_.add_permission(FunctionName="streams", Action="lambda:InvokeFunctionUrl", **everybody)
    host = urlsplit(lambda_.get_function_url_config(FunctionName="streams")["FunctionUrl"]).netloc
    connection = http.client.HTTPConnection(urlsplit(sandbox.endpoint_url).netloc, timeout=20)
    connection.request("GET", "/", headers={"Host": host})
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (201, b"body")
    connection.close()
    broken = lambda_.invoke_with_response_stream(FunctionName="streams", Payload=b'"forgets"')["EventStream"]
    chunk, end = broken
    assert chunk == {"PayloadChunk": {"Payload": b"a"}}
    assert "Response stream is not finished." in end["InvokeComplete"]["ErrorDetails"]


WAITS = """
const there = async () => (await fetch(process.env.AWS_ENDPOINT_URL + '/signals/go')).status === 200
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
    stream.write('first')
    while (!await there()) await new Promise((resolve) => setTimeout(resolve, 10))
    stream.end('last')
})
"""


@needs_node
def test_what_is_streamed_is_there_before_the_function_has_ended(sandbox: Sandbox) -> None:
    """The function goes on when it sees an object that is put only after its first words were read."""
    lambda_, s3 = sandbox.client("lambda"), sandbox.client("s3")
    s3.create_bucket(Bucket="signals")
    create(sandbox, "waits", {"index.js": WAITS}, Timeout=60)
    lambda_.create_function_url_config(FunctionName="waits", AuthType="NONE", InvokeMode="RESPONSE_STREAM")
    everybody = {"Principal": "*", "StatementId": "url", "FunctionUrlAuthType": "NONE"}
    lambda_.add_permission(FunctionName="waits", Action="lambda:InvokeFunctionUrl", **everybody)

    def signal() -> None:
        s3.put_object(Bucket="signals", Key="go", Body=b"", ACL="public-read")

    events = iter(lambda_.invoke_with_response_stream(FunctionName="waits")["EventStream"])
    assert next(events) == {"PayloadChunk": {"Payload": b"first"}}
    signal()
    assert list(events) == [{"PayloadChunk": {"Payload": b"last"}}, {"InvokeComplete": {}}]
    s3.delete_object(Bucket="signals", Key="go")
    connection = http.client.HTTPConnection(urlsplit(sandbox.endpoint_url).netloc, timeout=20)
    host = urlsplit(lambda_.get_function_url_config(FunctionName="waits")["FunctionUrl"]).netloc
    connection.request("GET", "/", headers={"Host": host})
    answer = connection.getresponse()
    assert answer.read(5) == b"first"
    signal()
    assert answer.read() == b"last"
    connection.close()


@needs_node
def test_a_plain_process_shows_the_places_of_aws_too() -> None:
    async def story(engine: Engine) -> None:
        engine.deploy(zip_of({"index.js": b"require('nix')"}), runtime="nodejs22.x")
        assert json.loads((await engine.invoke()).payload)["errorMessage"] == NO_MODULE
        engine.deploy(zip_of({"index.js": ECHO.encode()}), runtime="nodejs22.x")
        assert (await engine.invoke(b'{"a":1}')).payload == b'{"a":1}'

    with_engine(story, private=False)


@pytest.mark.parametrize("private", [None, False], ids=["private", "plain"])
def test_without_node_the_invocation_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, private: bool | None
) -> None:
    monkeypatch.setenv("PATH", os.devnull)

    async def story(engine: Engine) -> None:
        engine.deploy(zip_of({"index.js": ECHO.encode()}), runtime="nodejs22.x")
        with pytest.raises(
            AwsError, match=r"nodejs22\.x functions run on this machine's Node, and there is none: install"
        ):
            await engine.invoke()

    with_engine(story, private=private)
