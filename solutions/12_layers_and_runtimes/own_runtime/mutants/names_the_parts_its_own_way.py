# fails task 2: runtime.report
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
    for _ in range(turns):
        headers, text = ask(f"{api}/next")
        request = f"{api}/{headers['Lambda-Runtime-Aws-Request-Id']}"
        try:
            answer = json.dumps(handler(json.loads(text)))
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is its answer
            problem = {"message": str(error), "errorType": type(error).__name__}
            ask(f"{request}/error", json.dumps(problem))
        else:
            ask(f"{request}/response", answer)


def lambda_handler(event, context):
    """Plays a runtime for {"api": "127.0.0.1:9001", "turns": 3}. Nothing to change here."""
    serve(f"http://{event['api']}/2018-06-01/runtime/invocation", shout, event["turns"])
    return "done"
