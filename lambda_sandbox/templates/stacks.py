"""Stacks: what is there is brought to what the template says, resource by resource, and back again if one fails.

    stack = Stack(…)
    converge(stack, template, values, "CREATE")     # events tell the story; a failure rolls back

Creating, updating, deleting and rolling back are one thing: a template to converge to; to delete is to converge to
nothing. On AWS this goes on after the answer; here the answer comes when it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from lambda_sandbox.templates.dynamic import looked_up
from lambda_sandbox.templates.kinds import kind_of
from lambda_sandbox.templates.resource import Aws, CannotMake, Made, Properties, Resource
from lambda_sandbox.templates.template import Scope, Template, order, refused, resolve
from lambda_sandbox.wire import AwsError

EMPTY: Template = {"Resources": {}}
_INITIATED = "User Initiated"


@dataclass
class Existing:
    """A resource that was made. `keep`: its DeletionPolicy, or its UpdateReplacePolicy once another took its place."""

    logical: str
    type: str
    made: Made
    properties: Properties
    keep: str
    status: str
    at: float


@dataclass
class Stack:
    """`template` is what is there now, transformed; `text` what was given. Newest event last."""

    id: str
    name: str
    created: float
    text: str = ""
    template: Template = field(default_factory=lambda: EMPTY)
    parameters: dict[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    capabilities: list[str] = field(default_factory=list)
    status: str = "REVIEW_IN_PROGRESS"
    reason: str | None = None
    updated: float | None = None
    deleted: float | None = None
    protected: bool = False
    resources: dict[str, Existing] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    outputs: list[dict[str, Any]] = field(default_factory=list)


class _Failed(Exception):
    """What could not be made, or else why."""

    def __init__(self, logical: str, why: str = "") -> None:
        self.logical, self.why = logical, why


@dataclass
class Work:
    """One stack on its way to a template. `exported` finds an export: the stack that has it, and its value."""

    stack: Stack
    aws: Aws
    now: Callable[[], float]
    exported: Callable[[str], tuple[str, str] | None]
    _left: list[Existing] = field(default_factory=list)

    def create(self, text: str, template: Template, values: Mapping[str, Any], on_failure: str) -> None:
        """on_failure: ROLLBACK, DO_NOTHING or DELETE."""
        self._stack("CREATE_IN_PROGRESS", _INITIATED)
        self.stack.text = text
        try:
            self._converge(template, values)
        except _Failed as failed:
            what = failed.why or f"The following resource(s) failed to create: [{failed.logical}]. "
            if on_failure == "DO_NOTHING":
                self._stack("CREATE_FAILED", what.strip())
                return
            verb = "DELETE" if on_failure == "DELETE" else "ROLLBACK"
            requested = "Delete" if verb == "DELETE" else "Rollback"
            self._stack(f"{verb}_IN_PROGRESS", f"{what}{requested} requested by user.")
            self._finish(lambda: self._converge(EMPTY, values), f"{verb}_COMPLETE", f"{verb}_FAILED")
            return
        self._stack("CREATE_COMPLETE")

    def update(self, text: str, template: Template, values: Mapping[str, Any]) -> None:
        before = self.stack.text, self.stack.template, self.stack.values
        self.stack.updated = self.now()
        self._stack("UPDATE_IN_PROGRESS", _INITIATED)
        try:
            self._converge(template, values)
            self.stack.text = text
        except _Failed as failed:
            why = failed.why or f"The following resource(s) failed to update: [{failed.logical}]."
            self._stack("UPDATE_ROLLBACK_IN_PROGRESS", why)
            back = before[1], before[2]
            self._finish(lambda: self._converge(*back), "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED")
            self.stack.text = before[0]
            return
        self._stack("UPDATE_COMPLETE")

    def delete(self) -> None:
        self._stack("DELETE_IN_PROGRESS", _INITIATED)
        self._finish(lambda: self._converge(EMPTY, self.stack.values), "DELETE_COMPLETE", "DELETE_FAILED")

    def _finish(self, work: Callable[[], None], complete: str, failed: str) -> None:
        try:
            work()
        except _Failed as stuck:
            verb = failed.split("_")[0].lower() if failed.startswith("DELETE") else "update"
            self._stack(failed, f"The following resource(s) failed to {verb}: [{stuck.logical}]. ")
        else:
            self._stack(complete)
            if complete == "DELETE_COMPLETE":
                self.stack.deleted = self.now()

    # -- resource by resource

    def _converge(self, template: Template, values: Mapping[str, Any]) -> None:
        """Makes and changes what the template says, in order, then deletes what it no longer says, backwards."""
        stack, wanted = self.stack, template["Resources"]
        scope = self._scope(template, values)
        names = [name for name in order(wanted) if scope.makes(wanted[name])]
        replaced: list[Existing] = []
        try:
            for name in names:
                replaced += self._one(name, wanted[name], scope)
            outputs = self._outputs(template.get("Outputs") or {}, scope)
        except _Failed:
            for old in replaced:  # what took its place goes when all is as it was
                self._left.append(stack.resources[old.logical])
                stack.resources[old.logical] = old
            raise
        gone = [existing for name, existing in stack.resources.items() if name not in names]
        left, self._left = self._left, []
        for existing in reversed([*gone, *replaced, *left]):
            self._delete(existing)
        stack.template, stack.values, stack.outputs = template, values, outputs

    def _outputs(self, wanted: Mapping[str, Any], scope: Scope) -> list[dict[str, Any]]:
        """Raises _Failed."""
        try:
            made = [_output(name, about, scope) for name, about in wanted.items() if scope.makes(about)]
        except AwsError as error:
            raise _Failed("", f"{error.message.rstrip('.')}. ") from None
        exports = [one["ExportName"] for one in made if "ExportName" in one]
        for name in exports:
            owner, _ = self.exported(name) or (self.stack.name, "")
            if owner != self.stack.name:
                raise _Failed("", f"Export with name {name} is already exported by stack {owner}. ")
            if exports.count(name) > 1:
                what = "More than one output has been given the same export name"
                raise _Failed("", f"Duplicate Export names. {what}: [{name}]. ")
        return made

    def _scope(self, template: Template, values: Mapping[str, Any]) -> Scope:
        there = self.stack.resources

        def ref(name: str) -> str:
            if name not in there:
                raise refused(f"Unresolved resource dependencies [{name}] in the Resources block of the template")
            return there[name].made.ref

        def attribute(name: str, which: str) -> Any:
            attributes = there[name].made.attributes if name in there else {}
            if which not in attributes:
                kind = template["Resources"].get(name, {}).get("Type", "").rpartition("::")[2]
                text = f"Template error: resource {name} does not support attribute type {which} in Fn::GetAtt"
                raise refused(text if kind else f"Unresolved resource dependencies [{name}]")
            return attributes[which]

        def exported(name: str) -> str:
            if (found := self.exported(name)) is None:
                raise refused(f"No export named {name} found.")
            return found[1]

        return Scope(template, values, ref, attribute, exported)

    def _tried(self, name: str, wanted: Mapping[str, Any], work: Callable[[], Any]) -> Any:
        """Does the work; what goes wrong is the resource's event, and the end."""
        verb = "UPDATE" if name in self.stack.resources else "CREATE"
        try:
            return work()
        except CannotMake as error:
            message = error.message
        except AwsError as error:
            message = error.message
        except KeyError as error:
            message = (
                f"Properties validation failed for resource {name} with message: #: required key {error} not found"
            )
            message = message.replace("'", "[", 1).replace("'", "]", 1)
        except (TypeError, AttributeError, ValueError, IndexError) as error:
            message = f"Properties validation failed for resource {name} with message: {error}"
        existing = self.stack.resources.get(name)
        self._event(name, wanted[name]["Type"], existing.made.ref if existing else "", f"{verb}_FAILED", message)
        raise _Failed(name)

    def _one(self, name: str, resource: Mapping[str, Any], scope: Scope) -> list[Existing]:
        """Brings one resource to what the template says; answers what it took the place of."""
        kind, kind_name = kind_of(resource["Type"]), resource["Type"]
        aws = replace(self.aws, logical=name, type=kind_name)
        existing = self.stack.resources.get(name)
        keep = str(resolve(resource.get("DeletionPolicy", "Delete"), scope))

        def properties() -> Properties:
            given = looked_up(resolve(resource.get("Properties") or {}, scope) or {}, aws)
            _check_properties(name, kind_name, kind, given, self.aws)
            return {key: value for key, value in given.items() if key not in kind.ignored}

        wanted = {name: resource}
        given = self._tried(name, wanted, properties)
        if kind.name and kind.name not in given:
            kept = existing.properties.get(kind.name) if existing and existing.type == kind_name else None
            given[kind.name] = kept or kind.new_name(aws, given)
        if existing is None:
            self._event(name, kind_name, "", "CREATE_IN_PROGRESS")
            made = self._tried(name, wanted, lambda: kind.create(aws, given))
        elif existing.type == kind_name and existing.properties == given:
            existing.keep = keep
            return []
        else:
            old = existing
            in_place = old.type == kind_name and kind.may_update(given, old.properties)
            why = (
                None
                if in_place
                else "Requested update requires the creation of a new physical resource; hence creating one."
            )
            self._event(name, kind_name, old.made.ref, "UPDATE_IN_PROGRESS", why)
            if in_place:
                made = self._tried(name, wanted, lambda: kind.update(aws, old.made, given, old.properties))
            else:
                if kind.name and kind.name not in (resource.get("Properties") or {}):
                    given[kind.name] = kind.new_name(aws, given)
                made = self._tried(name, wanted, lambda: kind.create(aws, given))
        verb = "CREATE" if existing is None else "UPDATE"
        self.stack.resources[name] = Existing(name, kind_name, made, given, keep, f"{verb}_COMPLETE", self.now())
        self._event(name, kind_name, made.ref, f"{verb}_COMPLETE")
        if existing is None or existing.made.ref == made.ref:
            return []
        existing.keep = str(resolve(resource.get("UpdateReplacePolicy", "Delete"), scope))
        return [existing]

    def _delete(self, existing: Existing) -> None:
        name, ref = existing.logical, existing.made.ref
        current = self.stack.resources.get(name) is existing
        on_create = "ROLLBACK" in self.stack.status  # what goes then is what this operation has made
        if existing.keep == "Retain" or (existing.keep == "RetainExceptOnCreate" and not on_create):
            self._event(name, existing.type, ref, "DELETE_SKIPPED")
        else:
            self._event(name, existing.type, ref, "DELETE_IN_PROGRESS")
            aws = replace(self.aws, logical=name, type=existing.type)
            try:
                kind_of(existing.type).delete(aws, existing.made, existing.properties)
            except CannotMake as error:
                if not _is_gone(error):
                    self._event(name, existing.type, ref, "DELETE_FAILED", error.message)
                    existing.status = "DELETE_FAILED"
                    raise _Failed(name) from None
            self._event(name, existing.type, ref, "DELETE_COMPLETE")
        if current:
            del self.stack.resources[name]

    # -- the story

    def _stack(self, status: str, reason: str | None = None) -> None:
        self.stack.status, self.stack.reason = status, reason
        self._event(self.stack.name, "AWS::CloudFormation::Stack", self.stack.id, status, reason)

    def _event(self, logical: str, kind: str, ref: str, status: str, reason: str | None = None) -> None:
        self.stack.events.append(
            {
                "StackId": self.stack.id,
                "StackName": self.stack.name,
                "EventId": f"{logical}-{status}-{self.aws.new_id()}",
                "LogicalResourceId": logical,
                "PhysicalResourceId": ref,
                "ResourceType": kind,
                "ResourceStatus": status,
                "Timestamp": self.now(),
                **({"ResourceStatusReason": reason} if reason else {}),
            }
        )


def _is_gone(error: CannotMake) -> bool:
    """Whether what was to be deleted is not there any more, which is as good."""
    gone = ("NotFound", "NoSuch", "NonExistent", "DoesNotExist")
    return any(word in error.code for word in gone)


def _check_properties(name: str, kind_name: str, kind: Resource, given: Properties, aws: Aws) -> None:
    """Raises CannotMake for a property that there is not."""
    if kind.like == "anything":
        return
    known = {*kind.properties, *kind.ignored, kind.name}
    if kind.like:
        shape = aws.client(kind.service).meta.service_model.operation_model(kind.like).input_shape
        known |= {member[0].upper() + member[1:] for member in shape.members}
    unknown = [key for key in given if key not in known]
    if unknown and kind.service == "lambda":
        what = " ".join(f"#: extraneous key [{key}] is not permitted" for key in unknown)
        raise CannotMake(f"Properties validation failed for resource {name} with message: {what}")
    if unknown:
        raise CannotMake(f"The sandbox does not model {', '.join(unknown)} of {kind_name}.")


def _output(name: str, about: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    value = resolve(about.get("Value"), scope)
    if not isinstance(value, (str, bool, int, float)):
        what = "The Value field of every Outputs member must evaluate to a String"
        raise refused(f"Template format error: Output {name} is malformed. {what}.")
    made = {"OutputKey": name, "OutputValue": str(value).lower() if isinstance(value, bool) else str(value)}
    if "Description" in about:
        made["Description"] = about["Description"]
    with suppress(KeyError):
        made["ExportName"] = resolve(about["Export"]["Name"], scope)
    return made
