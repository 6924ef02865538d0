"""Event source mappings: what reads queues and streams for functions, and the frame that each poller works in.

    poll → filter → batch → invoke → acknowledge        (one file a source: `sqs`, `stream` for Kinesis and DynamoDB)

A poller never polls in vain: `changed` wakes it when its source changes, and the clock when something falls due. The
mapping itself is one live dict in the state, spelled as GetEventSourceMapping shows it: read it afresh for each batch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from lambda_sandbox.clock import Clock
from lambda_sandbox.environments.outcome import Outcome
from lambda_sandbox.event_sources.patterns import matches, parse
from lambda_sandbox.iam import Decision
from lambda_sandbox.invocation.call import Call
from lambda_sandbox.invocation.invoker import Invoker
from lambda_sandbox.journal import Journal, Kind
from lambda_sandbox.state import State
from lambda_sandbox.wire import AwsError

TRANSITION_S = 0.05  # AWS takes seconds to a minute; long enough to be seen

May = Callable[[str, str, str], Decision]  # may the role do this to the source? Blocks


class Poller(Protocol):
    """Delivers one source to one function; each call returns at once."""

    def start(self) -> None: ...  # begins, or goes on
    def stop(self) -> None: ...  # delivers nothing more
    def changed(self) -> None: ...  # the source has more, or is gone; the mapping or the role is another


class Delivery:
    """What the frame gives a poller; what is refused raises AwsError."""

    def __init__(self, mappings: Mappings, mapping: dict[str, Any]) -> None:
        self._mappings, self.mapping, self.clock = mappings, mapping, mappings.clock
        self._patterns: tuple[Any, list[Any]] = (None, [])
        self._permitted: set[str] = set()
        self._refused = ""

    def role(self) -> str:
        return self._mappings.invoker.resolve(*self._function())[1].role

    def new_uuid(self) -> str:
        return self._mappings.state.new_uuid()

    async def permit(self, *actions: str) -> None:
        """Raises 404 if the function is gone, and AccessDenied if its role may not do this on the source."""
        try:
            role = self.role()
            if role not in self._permitted:
                await self._mappings.check_role(role, self.mapping["EventSourceArn"], *actions)
                self._permitted.add(role)
        except AwsError as error:
            if error.message != self._refused:
                self.note(Kind.REFUSED, because=error.message)
                self._refused = error.message
            raise
        self._refused = ""

    def role_changed(self) -> None:
        self._permitted.clear()

    def matches(self, seen: dict[str, Any]) -> bool:
        """Whether the mapping's filters let a record pass: one that fits will do."""
        criteria = self.mapping.get("FilterCriteria")
        if not criteria:
            return True
        if self._patterns[0] is not criteria:
            self._patterns = (criteria, [parse(one["Pattern"], empty=True) for one in criteria["Filters"]])
        return any(_of_one_format(pattern, seen) and matches(pattern, seen) for pattern in self._patterns[1])

    async def invoke(self, payload: bytes, request_id: str, trace: str = "") -> Outcome:
        """Runs the function, which may have become another version. Raises AwsError 404, 409, 429."""
        region, name, qualifier = self._function()
        call = Call(region, name, qualifier, payload, request_id, source=self._service, trace=trace)
        return await self._mappings.invoker.invoke(call)

    def waited(self, request_id: str, since: int) -> float:
        """How long an invocation waited for its environment, in seconds; `since` is the journal's number before it."""
        records = self._mappings.journal.since(since, request_id=request_id)
        asked, began = ([one.at for one in records if one.kind is kind] for kind in (Kind.REQUESTED, Kind.STARTED))
        return began[0] - asked[0] if asked and began else 0.0

    def last_seq(self) -> int:
        return self._mappings.journal.last_seq

    def note(self, kind: Kind, request_id: str = "", **data: Any) -> None:
        """Writes into the journal what became of records."""
        about: dict[str, Any] = {"source": self._service, "mapping": self.mapping["UUID"]}
        about |= {"fifo": True} if self.mapping["EventSourceArn"].endswith(".fifo") else {}
        self._mappings.journal.append(kind, function=self._function()[1], request_id=request_id, **about, **data)

    def report(self, text: str) -> None:
        """What the last attempt came to, as the API shows it for streams."""
        self.mapping["LastProcessingResult"] = text

    @property
    def _service(self) -> str:
        return str(self.mapping["EventSourceArn"].split(":")[2])

    def _function(self) -> tuple[str, str, str | None]:
        region, _, _, name, *qualifier = self.mapping["FunctionArn"].split(":")[3:]
        return region, name, qualifier[0] if qualifier else None


def _of_one_format(pattern: Mapping[str, Any], seen: Mapping[str, Any]) -> bool:
    """A pattern of JSON is not for plain text, nor the other way round, whatever it asks of it (facts §6.5)."""
    both = ((pattern[name], seen.get(name)) for name in ("body", "data") if name in pattern)
    return all(isinstance(wanted, dict) == isinstance(found, dict) for wanted, found in both)


class Mappings:
    """All mappings at work. `pollers` makes one for a service; lives on the event loop."""

    def __init__(self, *, state: State, journal: Journal, clock: Clock, invoker: Invoker, may: May) -> None:
        self.state, self.journal, self.clock, self.invoker = state, journal, clock, invoker
        self._may = may
        self.pollers: Mapping[str, Callable[[Delivery], Poller]] = {}
        self._working: dict[str, tuple[Delivery, Poller]] = {}

    def begin(self, mapping: dict[str, Any], state: str, then: str) -> None:
        """Puts a mapping into a passing state, and soon after into the state it is to end in."""
        mapping["State"] = state
        if then != "Enabled" and mapping["UUID"] in self._working:
            self._working[mapping["UUID"]][1].stop()

        def done() -> None:
            if mapping["State"] != state or mapping["UUID"] not in self.state.event_source_mappings:
                return
            if then == "Deleted":
                del self.state.event_source_mappings[mapping["UUID"]]
                self._working.pop(mapping["UUID"], None)
                return
            mapping["State"] = then
            if then == "Enabled":
                self._poller(mapping).start()

        self.clock.call_later(TRANSITION_S, done, work=True)

    def changed(self, arn: str) -> None:
        """A queue or a stream has more, or other, or is gone."""
        for delivery, poller in self._working.values():
            if delivery.mapping["EventSourceArn"].partition("/consumer/")[0] == arn:  # a fan-out consumer's is longer
                poller.changed()

    def roles_changed(self) -> None:
        """Somebody changed something in IAM."""
        for delivery, poller in self._working.values():
            delivery.role_changed()
            poller.changed()

    async def check_role(self, role: str, arn: str, *actions: str) -> None:
        """Raises AccessDenied, naming the first action that the role may not do on the source."""
        for action in actions:
            if not await asyncio.to_thread(self._may, role, action, arn):
                text = f"The role {role} is not authorized to perform {action} on {arn}"
                raise AwsError("AccessDeniedException", 403, text, members={"Action": action})

    def reset(self) -> None:
        for _, poller in self._working.values():
            poller.stop()
        self._working.clear()

    def _poller(self, mapping: dict[str, Any]) -> Poller:
        if mapping["UUID"] not in self._working:
            delivery = Delivery(self, mapping)
            made = self.pollers[mapping["EventSourceArn"].split(":")[2]](delivery)
            self._working[mapping["UUID"]] = (delivery, made)
        return self._working[mapping["UUID"]][1]
