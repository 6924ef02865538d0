"""The checks of 08/quote: real HTTP requests through an HTTP API."""

import json

from lambda_sandbox.workbook.checks import expect, require, task

PRICES = {"black": 4, "green": 6, "white": 9}
JSON = {"content_type": "application/json"}


def asked(rng):
    """A request that makes sense, and the answer to it."""
    tea, grams = rng.choice(sorted(PRICES)), rng.randrange(60, 500)
    return {"tea": tea, "grams": grams}, {"tea": tea, "grams": grams, "cents": PRICES[tea] * grams}


def refused(function, body, headers=JSON):
    """A request that makes no sense: 400, and a message."""
    reply = function.ask("POST", "/quote", body, **headers, says="quote.fails-on-nonsense")
    expect(reply.status, 400, says="quote.accepts-nonsense", sent=body or "no body at all")
    told = reply.json.get("message") if isinstance(reply.json, dict) else None
    good = isinstance(told, str) and told != ""
    require(good, says="quote.says-nothing", expected='{"message": …}', got=reply.text)


@task(1)
def test_tells_the_price(function, rng):
    question, answer = asked(rng)
    reply = function.ask("POST", "/quote", json.dumps(question), **JSON)
    expect(reply.status, 200, says="quote.not-200")
    expect(reply.json, answer, says="quote.wrong-answer")


@task(1, hidden=True)
def test_says_that_it_is_json(function, rng):
    reply = function.ask("POST", "/quote", json.dumps(asked(rng)[0]), **JSON)
    kind = reply.headers["content-type"].partition(";")[0]
    expect(kind, "application/json", says="quote.no-content-type")


@task(2)
def test_refuses_a_body_that_is_no_json(function):
    refused(function, "two spoons of green tea")


@task(2)
def test_refuses_no_body_at_all(function):
    refused(function, "")


@task(2, hidden=True)
def test_refuses_json_that_makes_no_sense(function):
    grams = (None, "50", 0, -5, 1.5, True, [50])
    for nonsense in ([], "tea", 7, {}, {"tea": "green"}, {"grams": 50}, {"tea": "coffee", "grams": 50}, {"tea": [], "grams": 5}):
        refused(function, json.dumps(nonsense))
    for number in grams:
        refused(function, json.dumps({"tea": "green", "grams": number}))


@task(3)
def test_has_nothing_at_other_paths(function, rng):
    path = rng.choice(["/", "/quotes", "/quote/7", "/orders"])
    reply = function.ask("POST", path, json.dumps(asked(rng)[0]), **JSON, says="quote.path-ignored")
    expect(reply.status, 404, says="quote.path-ignored")


@task(3)
def test_names_the_method_that_works(function, rng):
    reply = function.ask(rng.choice(["GET", "DELETE"]), "/quote", says="quote.method-ignored")
    expect(reply.status, 405, says="quote.method-ignored")
    expect(reply.headers.get("allow"), "POST", says="quote.no-allow")


@task(4)
def test_reads_a_body_that_came_as_base64(function, rng):
    question, answer = asked(rng)
    says = "quote.base64-not-read"
    reply = function.ask("POST", "/quote", json.dumps(question), content_type="application/octet-stream", says=says)
    expect(reply.json, answer, says=says)


@task(4, hidden=True)
def test_refuses_a_file_that_is_no_json(function):
    refused(function, "tea", {"content_type": "image/png"})
