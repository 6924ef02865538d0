"""The journal as a list that can be looked at."""

from __future__ import annotations

import html
from collections.abc import Iterable

from lambda_sandbox.journal import Record

SHOWN = 60


class Records(list[Record]):
    """Journal records, oldest first; shown as a table of what happened, without times and ids."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        super().__init__(records)

    def rows(self) -> list[tuple[str, str, str]]:
        """(function, kind, details) for each record."""
        return [(record.function, record.kind.value, _details(record)) for record in self]

    def __repr__(self) -> str:
        if not self:
            return "(nothing happened)"
        lines = [
            f"{function:<16} {kind:<24} {details}".rstrip()[:79] for function, kind, details in self.rows()[:SHOWN]
        ]
        return "\n".join([*lines, *self._more()])

    def _repr_html_(self) -> str:
        if not self:
            return "<p>(nothing happened)</p>"
        head = "<tr><th>function</th><th>kind</th><th>details</th></tr>"
        rows = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in self.rows()[:SHOWN])
        table = f"<table><thead>{head}</thead><tbody>{''.join(f'<tr>{row}</tr>' for row in rows)}</tbody></table>"
        return table + "".join(f"<p>{more}</p>" for more in self._more())

    def _more(self) -> list[str]:
        return [f"… and {len(self) - SHOWN} more"] if len(self) > SHOWN else []


_SAID = (
    "source",
    "event_name",
    "key",
    "phase",
    "status",
    "reason",
    "because",
    "error_type",
    "attempt",
    "cold",
    "message",
)


def _details(record: Record) -> str:
    """What is the same in every run: no durations, no sizes of memory, no names of streams."""
    return " · ".join(f"{name} {str(record.data[name]).strip()}" for name in _SAID if record.data.get(name) is not None)
