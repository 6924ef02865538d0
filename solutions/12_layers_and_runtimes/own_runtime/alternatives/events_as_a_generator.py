"""Events come from a generator; the runtime is a loop over them. A decorator makes a value of what a handler raises."""

import functools
import json
import urllib.request


def ask(url, body=None):
    with urllib.request.urlopen(url, body and body.encode(), timeout=2) as answer:
        return answer.headers, answer.read().decode()


def shout(event):
    return {"said": event["text"].upper() + "!"}


def reported(handler):
    @functools.wraps(handler)
    def safe(event):
        try:
            return "/response", handler(event)
        except Exception as error:  # noqa: BLE001 - a runtime lives on, whatever a handler raises
            return "/error", {"errorType": type(error).__qualname__, "errorMessage": f"{error}", "stackTrace": []}

    return safe


def events(api, turns):
    for _ in range(turns):
        headers, text = ask(api + "/next")
        yield api + "/" + headers.get("Lambda-Runtime-Aws-Request-Id"), json.loads(text)


def serve(api, handler, turns):
    handler = reported(handler)
    for url, event in events(api, turns):
        path, answer = handler(event)
        ask(url + path, json.dumps(answer, separators=(",", ":")))


def lambda_handler(event, context):
    serve(f"http://{event['api']}/2018-06-01/runtime/invocation", shout, event["turns"])
    return "done"
