"""Invocation: resolve → admission → environment → outcome → plan.

outcome = await invoker.invoke(Call(region, "hello", None, b"{}", request_id))

Knows what may run and how often; knows nothing of HTTP or moto.
"""

from lambda_sandbox.environments.outcome import Answered, Exited, Failed, Outcome, TimedOut
from lambda_sandbox.invocation.call import Call
from lambda_sandbox.invocation.invoker import Invoker

__all__ = ["Answered", "Call", "Exited", "Failed", "Invoker", "Outcome", "TimedOut"]
