"""How a sandbox is to be: what the command line decides."""

from __future__ import annotations

from dataclasses import dataclass

from lambda_sandbox.state import CONCURRENCY_QUOTA


@dataclass(frozen=True, slots=True)
class Options:
    """`port` 0 is any free one. `token`: who may ask the control endpoint; None is anybody on this machine."""

    port: int = 0
    virtual: bool = False
    seed: int | None = None
    region: str = "us-east-1"
    account_concurrency: int = CONCURRENCY_QUOTA
    token: str | None = None
    sealed: bool = False  # keys that were not made here are nobody's, but for the one that comes with the token
    cpu_share: bool = False  # CPU in proportion to memory
    plain: bool = False  # plain processes even where private rooms could be made
