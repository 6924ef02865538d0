"""`python -m lambda_sandbox.lambda_api.coverage` prints, in Markdown, what becomes of each of Lambda's operations."""

from __future__ import annotations

from lambda_sandbox.lambda_api.model import operations
from lambda_sandbox.lambda_api.operations import NOTES, REFUSED, statuses

_MEANING = {
    "lived": "behaves as on AWS",
    "stored": "is validated, kept and shown, and changes nothing else yet",
    "refused": "answers HTTP 501 `NotModelledBySandbox`",
}


def page() -> str:
    """The page; it is the same for the same model and table."""
    by_name = statuses()
    lines = ["# Lambda's API in the sandbox", ""]
    for status, meaning in _MEANING.items():
        count = sum(found == status for found in by_name.values())
        lines.append(f"- **{status}** ({count} of {len(operations())}): {meaning}")
    lines += ["", "| operation | call | in the sandbox |", "|---|---|---|"]
    for name, operation in operations().items():
        lines.append(f"| {name} | `{operation.method} {operation.uri}` | {by_name[name]}{_note(name)} |")
    return "\n".join(lines) + "\n"


def _note(name: str) -> str:
    topic = next((topic for topic, names in REFUSED.items() if name in names), NOTES.get(name, ""))
    return f" ({topic})" if topic else ""


if __name__ == "__main__":
    print(page(), end="")
