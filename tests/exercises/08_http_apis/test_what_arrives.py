"""The checks of 08/what_arrives: each line is put behind an API, and the status that really came is compared."""

import json

from lambda_sandbox.workbook import web
from lambda_sandbox.workbook.checks import expect, require, task

PROBE = """
def lambda_handler(event, context):
    told = {}
    exec("def line():\\n    " + event["body"], told)
    return told["line"]()
"""
REST = {
    "return {'tea': 3}": "arrives.rest-needs-its-own-form",
    "return {'statusCode': 200, 'body': {'tea': 3}}": "arrives.body-is-text",
    "return {'statusCode': 404}": "arrives.status-is-enough",
    "raise KeyError('tea')": "arrives.raised",
    "return None": "arrives.nothing-is-no-answer",
}
HTTP = {
    "return {'tea': 3}": "arrives.http-guesses",
    "return 'tea'": "arrives.http-guesses",
    "return {'statusCode': 'tea'}": "arrives.status-is-a-number",
    "raise KeyError('tea')": "arrives.http-says-it-otherwise",
}


def compare(function, sandbox, api, lines):
    """Asks the API for each line, and the learner's table what it says."""
    probe = sandbox.deploy(PROBE, name="probe").arn
    base = web.rest_api(sandbox, probe) if api == "REST" else web.http_api(sandbox, probe)
    for line, message in lines.items():
        told = function.invoke({"api": api, "line": line}, called=f"the line `{line}`")
        require(told is not None, says="arrives.open", expected="a status", got="nothing yet", line=line)
        real = web.ask("POST", f"{base}/tea", line, {"content-type": "text/plain"})
        expect(told, real.status, says=message, line=line, body=json.dumps(real.text))


@task(1)
def test_foretells_what_a_rest_api_answers(function, sandbox):
    compare(function, sandbox, "REST", REST)


@task(2)
def test_foretells_what_an_http_api_answers(function, sandbox):
    compare(function, sandbox, "HTTP", HTTP)
