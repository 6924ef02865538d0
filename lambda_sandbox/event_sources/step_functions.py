"""Step Functions → Lambda: what a state machine must be before it is taken. moto's interpreter runs it (facts §4.5).

bridge.check_state_machine = lambda role, *given: check(bridge.trust_policy(role), role, *given)
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lambda_sandbox.iam import decide, statements_of
from lambda_sandbox.wire import AwsError, not_modelled

_MAY_NOT_ASSUME = (
    "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the "
    "provided role."
)


def check(
    trust: Mapping[str, Any] | None, role_arn: str, definition: str | None, kind: str | None, account: str
) -> None:
    """Raises AwsError: a role that Step Functions cannot assume, or a definition of which the sandbox lives no part."""
    assumed = decide(
        statements_of(trust),
        principal="states.amazonaws.com",
        action="sts:AssumeRole",
        resource=role_arn,
        context={"aws:SourceAccount": account},
    )
    if not assumed:
        raise AwsError("AccessDeniedException", 400, _MAY_NOT_ASSUME)
    if kind == "EXPRESS":
        raise not_modelled("Express state machines", "Use type STANDARD, which is the default.")
    try:
        parsed = json.loads(definition or "{}")
    except ValueError:
        return  # the interpreter says where it is wrong
    for machine in _objects(parsed):
        if machine.get("QueryLanguage") == "JSONata":
            raise not_modelled("state machines in JSONata", "Use QueryLanguage JSONPath, which is the default.")
        if isinstance(states := machine.get("States"), dict):
            _check_targets(machine, states)


def _check_targets(machine: Mapping[str, Any], states: Mapping[str, Any]) -> None:
    """All that a state, a choice or a catcher goes on to must be there."""
    wanted = [("/StartAt", "StartAt", machine.get("StartAt"))]
    for name, state in states.items():
        branches = [(f"/States/{name}", state)]
        for several in ("Choices", "Catch"):
            found = state.get(several, []) if isinstance(state, dict) else []
            branches += [(f"/States/{name}/{several}[{number}]", one) for number, one in enumerate(found)]
        for where, one in branches:
            given = one if isinstance(one, dict) else {}
            wanted += [(f"{where}/{key}", key, given[key]) for key in ("Next", "Default") if key in given]
    for where, key, target in wanted:
        if target is not None and target not in states:
            text = f"Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing '{key}' target: {target}"
            raise AwsError("InvalidDefinition", 400, f"{text} at {where}'")


def _objects(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from _objects(one)
