"""What a caller wants run."""

from __future__ import annotations

from dataclasses import dataclass

from lambda_sandbox.state import function_arn


@dataclass(frozen=True, slots=True)
class Call:
    """One request to run a function. `qualifier` is as the caller gave it: version, alias, `$LATEST` or nothing."""

    region: str
    function: str
    qualifier: str | None
    payload: bytes
    request_id: str
    source: str = "api"
    client_context: str | None = None  # JSON text

    @property
    def invoked_arn(self) -> str:
        """What the context object shows: the qualifier exactly as the caller gave it (facts §3.5)."""
        return function_arn(self.region, self.function, self.qualifier)
