"""Our runtime client in plain Python, for machines that have no wheel of AWS's `awslambdaric`.

It must say the same bytes: `tests/runtimes` runs both clients through the same cases. `runtime` is the loop,
`marshal` the JSON, `context` the second argument of a handler, `logs` what reaches CloudWatch. It speaks HTTP over a
bare socket, since importing `http.client` would take half as long as the rest of a cold start.
"""


def main(arguments: list[str]) -> None:
    """Serves invocations for the handler `arguments[1]` until the process is killed."""
    from . import runtime  # here: `transport` needs none of it

    runtime.run(arguments[1])
