"""How a version comes to be ready: `Pending` → `Active` after a create, `InProgress` → `Successful` after an update.

A version's RevisionId, as the API shows it, changes with each of these steps and with each change of its policy; the
`revision_id` of the frozen version changes only with what it runs, so that environments outlive the former.
"""

from __future__ import annotations

import hashlib
import uuid

from lambda_sandbox.lambda_api import errors
from lambda_sandbox.lambda_api.context import Context
from lambda_sandbox.state import LATEST, Function, Lifecycle

CREATE_S = 0.05  # AWS takes seconds; long enough to be seen, short enough not to be waited for
UPDATE_S = 0.15

ACTIVE = Lifecycle("Active", None, None, "Successful")
UPDATING = Lifecycle("Active", None, None, "InProgress", "The function is being created.", "Creating")


def created(context: Context, function: Function, number: str, seconds: float | None = CREATE_S) -> None:
    """Starts a version's life: Pending in this answer, Active `seconds` later; Active at once if that is None."""
    if seconds is None:
        function.lifecycle[number] = ACTIVE
    else:
        _begin(context, function, number, Lifecycle(), seconds)


def updated(context: Context, function: Function) -> None:
    """`$LATEST` changed: the update is in progress now, successful shortly after."""
    _begin(context, function, LATEST, UPDATING, UPDATE_S)


def _begin(context: Context, function: Function, number: str, now: Lifecycle, seconds: float) -> None:
    function.lifecycle[number] = now
    _revisions(function).pop(number, None)

    def done() -> None:
        if function.version(number):  # it may have been deleted meanwhile
            function.lifecycle[number] = ACTIVE
            touch(function, number)

    context.rooms.clock.call_later(seconds, done, work=True)


def refuse_if_busy(function: Function) -> None:
    """Raises 409 while `$LATEST` is pending or being updated."""
    now = function.lifecycle.get(LATEST, ACTIVE)
    if now.state == "Pending":
        raise errors.still_pending()
    if now.last_update_status == "InProgress":
        raise errors.update_in_progress(function.latest.function_arn)


def revision(function: Function, number: str) -> str:
    """The RevisionId that the API shows for a version."""
    version = function.version(number)
    assert version
    return _revisions(function).get(number, version.revision_id)


def touch(function: Function, number: str) -> None:
    """Gives a version a new RevisionId; what it runs is the same.

    The new one is made from the old, not drawn: timers come here, and must not take ids out of a seeded sequence.
    """
    digest = hashlib.sha256(revision(function, number).encode()).digest()
    _revisions(function)[number] = str(uuid.UUID(bytes=digest[:16], version=4))


def check_revision(expected: str | None, actual: str, where: str = "GetFunction/GetAlias") -> None:
    """Optimistic locking: raises 412 if the caller looked at an older state."""
    if expected and expected != actual:
        raise errors.stale_revision(where)


def _revisions(function: Function) -> dict[str, str]:
    revisions: dict[str, str] = function.settings.setdefault("revisions", {})
    return revisions
