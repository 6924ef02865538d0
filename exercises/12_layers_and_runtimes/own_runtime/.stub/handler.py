import json
import urllib.request


def ask(url, body=None):
    """Sends a request: GET without a body, POST with one (a str). Answers (headers, text). Nothing to change here."""
    with urllib.request.urlopen(url, body and body.encode(), timeout=2) as answer:
        return answer.headers, answer.read().decode()


def shout(event):
    """The handler that your runtime is for. Nothing to change here."""
    return {"said": event["text"].upper() + "!"}


def serve(api, handler, turns):
    """Asks for an event, calls the handler, and answers; so many times. About 10 lines."""
    for _ in range(turns):
        headers, text = ask(f"{api}/next")
        # task 2: if the handler raises an error, report it, and go on
        raise NotImplementedError("task 1: call the handler, and answer")


def lambda_handler(event, context):
    """Plays a runtime for {"api": "127.0.0.1:9001", "turns": 3}. Nothing to change here."""
    serve(f"http://{event['api']}/2018-06-01/runtime/invocation", shout, event["turns"])
    return "done"
