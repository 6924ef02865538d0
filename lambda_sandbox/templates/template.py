"""A template: read, checked before anything is made, and its functions resolved.

    template = parse("Resources: {Queue: {Type: AWS::SQS::Queue}}")
    check(template, KINDS)
    scope = Scope(template, parameters(template, {"Stage": "dev"}), …)
    resolve({"Fn::Sub": "${AWS::StackName}-queue"}, scope) -> "hello-queue"

Refusals are CloudFormation's own words (User Guide, "Troubleshooting" and the pages of each section).
"""

from __future__ import annotations

import base64
import ipaddress
import json
import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import yaml

from lambda_sandbox.facts import fact
from lambda_sandbox.wire import AwsError

Template = dict[str, Any]

MOST_RESOURCES = fact("cloudformation.resources")
_SECTIONS = (
    *("AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules", "Mappings", "Conditions"),
    *("Transform", "Globals", "Hooks", "Resources", "Outputs"),
)
_MEMBERS = (
    *("Type", "Properties", "DependsOn", "Condition", "Metadata"),
    *("DeletionPolicy", "UpdateReplacePolicy", "UpdatePolicy", "CreationPolicy"),
)
_NEEDED = {
    "Parameters": "object must contain a Type member",
    "Outputs": "member must contain a Value object",
}
_KINDS = re.compile(r"String|Number|CommaDelimitedList|List<.+>|AWS::[\w:]+(<.+>)?")  # of parameters
_SUB = re.compile(r"\$\{([^!${}][^${}]*)\}")
_MARK = object()  # the value of AWS::NoValue: what is made of it is left out


def refused(message: str, code: str = "ValidationError") -> AwsError:
    return AwsError(code, 400, message)


# -- reading


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """YAML as CloudFormation reads it: `!Ref` and its like, dates stay text, no aliases."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise refused("Template format error: YAML aliases are not allowed in CloudFormation templates")
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if not tag.endswith(":timestamp")]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _short_form(loader: Any, name: str, node: Any) -> Any:
    if isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    else:
        value = loader.construct_scalar(node)
        value = value.split(".", 1) if name == "GetAtt" else value
    return {name if name in ("Ref", "Condition") else f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _short_form)


def _read(text: str) -> Any:
    wrong = None
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:  # it may be YAML that begins with a brace
            wrong = refused(f"Template format error: JSON not well-formed. (line {error.lineno}, column {error.colno})")
        except RecursionError:
            raise refused("Template format error: JSON not well-formed.") from None
    try:
        return yaml.load(text, _Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise wrong or refused(f"Template format error: YAML not well-formed.{where}") from None


def parse(text: str) -> Template:
    """A template's text, YAML or JSON. Raises AwsError: not well-formed, no resources, unknown sections."""
    read = _read(text)
    if not isinstance(read, dict):
        raise refused("Template format error: unsupported structure.")
    if unknown := [str(section) for section in read if section not in _SECTIONS]:
        raise refused(f"Invalid template property or properties [{', '.join(unknown)}]")
    if (version := read.get("AWSTemplateFormatVersion", "2010-09-09")) != "2010-09-09":
        raise refused(f"Template format error: {version} is not a supported value for AWSTemplateFormatVersion.")
    resources = read.get("Resources")
    if not isinstance(resources, dict) or not resources:
        raise refused("Template format error: At least one Resources member must be defined.")
    if len(resources) > MOST_RESOURCES:
        what = f"Number of resources, {len(resources)}, is greater than maximum allowed, {MOST_RESOURCES}"
        raise refused(f"Template format error: {what}")
    for name, resource in resources.items():
        if str(name).startswith("Fn::ForEach"):
            raise refused("The sandbox does not model Fn::ForEach.")
        if not isinstance(resource, dict):
            raise refused(f"Template format error: [/Resources/{name}] resource definition is malformed")
        if not re.fullmatch(r"[A-Za-z0-9]+", str(name)):
            raise refused(f"Template format error: Resource name {name} is non alphanumeric.")
        if not isinstance(resource.get("Type"), str):
            raise refused(
                f"Template format error: [/Resources/{name}] Every Resources object must contain a Type member."
            )
    for section in ("Parameters", "Mappings", "Conditions", "Outputs"):
        if not isinstance(read.get(section) or {}, dict):
            raise refused(f"Template format error: {section} must be an object.")
    for section, what in _NEEDED.items():
        if any(isinstance(one, dict) and what.split()[-2] not in one for one in (read.get(section) or {}).values()):
            raise refused(f"Template format error: Every {section} {what}.")
    return read


# -- checking


def check(template: Template, known: Container[str], unmodelled: Callable[[str], bool]) -> None:
    """Raises AwsError for what AWS refuses before it makes anything."""
    resources, names = template["Resources"], _names(template)
    types = list(dict.fromkeys(resource["Type"] for resource in resources.values() if resource["Type"] not in known))
    if wrong := [kind for kind in types if not unmodelled(kind)]:
        raise refused(f"Template format error: Unrecognized resource types: [{', '.join(wrong)}]")
    if types:
        raise refused(f"The sandbox does not model these resource types: [{', '.join(types)}]")
    for name, resource in resources.items():
        if unknown := [one for one in resource if one not in _MEMBERS]:
            raise refused(f"Invalid template resource property '{unknown[0]}'")
        for member in ("DeletionPolicy", "UpdateReplacePolicy"):
            policy = resource.get(member, "Delete")
            if isinstance(policy, str) and policy not in ("Delete", "Retain", "RetainExceptOnCreate", "Snapshot"):
                raise refused(f"Template format error: Unrecognized {member} {policy} for resource {name}")
    for block in ("Resources", "Outputs"):
        for part in (template.get(block) or {}).values():
            for name, attribute in references(part):
                if name not in names and attribute:
                    raise refused(f"Template error: instance of Fn::GetAtt references undefined resource {name}")
        missing = {name for part in (template.get(block) or {}).values() for name, _ in references(part)} - names
        if missing:
            what = f"Unresolved resource dependencies [{', '.join(sorted(missing))}]"
            raise refused(f"Template format error: {what} in the {block} block of the template")
    order(resources)


def references(value: Any) -> Iterator[tuple[str, str | None]]:
    """All that a value refers to: (name, attribute), the attribute None for a `Ref`, "" for `DependsOn`."""
    if isinstance(value, list):
        for one in value:
            yield from references(one)
    if not isinstance(value, dict):
        return
    depends = value.get("DependsOn", []) if "Type" in value else []
    yield from ((name, None) for name in ([depends] if isinstance(depends, str) else depends))
    for key, inner in value.items():
        if key == "Ref" and isinstance(inner, str) and len(value) == 1:
            yield inner, None
        elif key == "Fn::GetAtt" and len(value) == 1:
            yield _attribute(inner)
        elif key == "Fn::Sub" and len(value) == 1:
            text, given = inner if isinstance(inner, list) else (inner, {})
            yield from references(list(given.values()))
            for name in _SUB.findall(str(text)):
                first, _, attribute = name.partition(".")
                if name not in given:
                    yield first, attribute or None
        else:
            yield from references(inner)


def order(resources: Mapping[str, Any]) -> list[str]:
    """Names such that each comes after all that it needs. Raises AwsError for a circle."""
    needs = {
        name: {other for other, _ in references(resource) if other in resources} for name, resource in resources.items()
    }
    ordered: dict[str, None] = {}
    while waiting := [name for name in resources if name not in ordered]:
        ready = [name for name in waiting if needs[name] <= ordered.keys()]
        if not ready:
            raise refused(f"Circular dependency between resources: [{', '.join(_circle(needs, waiting))}]")
        ordered |= dict.fromkeys(ready)
    return list(ordered)


def _circle(needs: Mapping[str, set[str]], waiting: list[str]) -> list[str]:
    """What is in a circle, of what waits: not what waits for the circle only."""
    left = set(waiting)
    while idle := {name for name in left if not any(name in needs[other] for other in left)}:
        left -= idle
    return [name for name in waiting if name in left]


def _names(template: Template) -> set[str]:
    pseudo = ("AccountId", "NoValue", "NotificationARNs", "Partition", "Region", "StackId", "StackName", "URLSuffix")
    return {*template["Resources"], *(template.get("Parameters") or {}), *(f"AWS::{name}" for name in pseudo)}


# -- parameters


def parameters(template: Template, given: Mapping[str, str]) -> dict[str, Any]:
    """Every parameter's value: what was given, or its default. Raises AwsError."""
    declared = template.get("Parameters") or {}
    if unknown := [name for name in given if name not in declared]:
        raise refused(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    if missing := [name for name, about in declared.items() if name not in given and "Default" not in about]:
        raise refused(f"Parameters: [{', '.join(missing)}] must have values")
    return {name: _parameter(name, about, given.get(name, about.get("Default"))) for name, about in declared.items()}


def _parameter(name: str, about: Mapping[str, Any], value: Any) -> Any:
    kind, text = about["Type"], _text(value)
    if not _KINDS.fullmatch(kind):
        raise refused(f"Template format error: Unrecognized parameter type: {kind}")
    values = (
        [part.strip() for part in text.split(",")] if kind == "CommaDelimitedList" or kind[:5] == "List<" else [text]
    )
    problem = next(filter(None, (_problem(name, about, one, "Number" in kind) for one in values)), None)
    if problem:
        why = about.get("ConstraintDescription")
        raise refused(f"Parameter '{name}' failed to satisfy constraint: {why}" if why else problem)
    return values if len(values) > 1 or (kind != "String" and kind[:5] in ("Comma", "List<")) else text


def _problem(name: str, about: Mapping[str, Any], value: str, is_number: bool) -> str | None:
    if is_number and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        return f"Parameter '{name}' must be a number."
    if "AllowedValues" in about and value not in map(_text, about["AllowedValues"]):
        return f"Parameter '{name}' must be one of AllowedValues"
    if "AllowedPattern" in about and not re.fullmatch(about["AllowedPattern"], value):
        return f"Parameter '{name}' must match pattern {about['AllowedPattern']}"
    size, kind = (float(value), "Value") if is_number else (float(len(value)), "Length")
    if size < float(about.get(f"Min{kind}", size)) or size > float(about.get(f"Max{kind}", size)):
        least, most = about.get(f"Min{kind}"), about.get(f"Max{kind}")
        if is_number:
            which = f"less than {least}" if least is not None and size < float(least) else f"greater than {most}"
            return f"Parameter '{name}' must be a number not {which}"
        which = f"at least {least}" if least is not None and size < float(least) else f"at most {most}"
        return f"Parameter '{name}' must contain {which} characters"
    return None


def check_rules(template: Template, values: Mapping[str, Any]) -> None:
    """Raises AwsError for values that the template's Rules forbid; AWS's own words are not recorded."""
    scope = _without_resources(template, values)
    for name, rule in (template.get("Rules") or {}).items():
        if resolve(rule.get("RuleCondition", True), scope):
            for one in rule["Assertions"]:
                if not resolve(one["Assert"], scope):
                    said = one.get("AssertDescription", _shown(one["Assert"]))
                    raise refused(f"Template validation error: the assertion of rule {name} failed: {said}")


def check_conditions(template: Template, values: Mapping[str, Any]) -> None:
    """Raises AwsError for a condition that cannot be decided, and for who names a resource that is not made."""
    scope = _without_resources(template, values)
    for name in template.get("Conditions") or {}:
        scope.holds(name)
    resources = template["Resources"]
    idle = {name for name, resource in resources.items() if not scope.makes(resource)}
    for block in ("Resources", "Outputs"):
        for part in (template.get(block) or {}).values():
            if scope.makes(part):
                used = _chosen({**part, "DependsOn": []}, scope)  # to depend on what is not made is allowed
                if missing := sorted({name for name, _ in references(used)} & idle):
                    what = f"Unresolved resource dependencies [{', '.join(missing)}]"
                    raise refused(f"Template format error: {what} in the {block} block of the template")


def _chosen(value: Any, scope: Scope) -> Any:
    """The value with only that branch of each Fn::If that is taken."""
    if isinstance(value, list):
        return [_chosen(inner, scope) for inner in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"Fn::If"}:
        return _chosen(value["Fn::If"][1 if scope.holds(value["Fn::If"][0]) else 2], scope)
    return {key: _chosen(inner, scope) for key, inner in value.items()}


def _without_resources(template: Template, values: Mapping[str, Any]) -> Scope:
    def no(name: str, *_: str) -> str:
        where = "Cannot reference resources in the Conditions block of the template"
        raise refused(f"Template format error: Unresolved dependencies [{name}]. {where}")

    return Scope(template, values, no, no, no)


# -- values


@dataclass
class Scope:
    """What the functions of a template may name. `ref` and `attribute` ask what was made of a resource."""

    template: Template
    values: Mapping[str, Any]  # parameters and pseudo parameters
    ref: Callable[[str], Any]
    attribute: Callable[[str, str], Any]
    exported: Callable[[str], str]
    _asked: set[str] = field(default_factory=set)

    def holds(self, condition: str) -> bool:
        """Raises AwsError for a condition that is not there, or that asks for itself."""
        conditions = self.template.get("Conditions") or {}
        if condition not in conditions or condition in self._asked:
            raise refused(f"Template format error: Unresolved condition dependency {condition}")
        self._asked.add(condition)
        try:
            return bool(resolve(conditions[condition], self))
        finally:
            self._asked.discard(condition)

    def makes(self, part: Mapping[str, Any]) -> bool:
        """Whether a resource or an output is made at all."""
        return "Condition" not in part or self.holds(part["Condition"])


def resolve(value: Any, scope: Scope) -> Any:
    """The value with all its functions replaced by what they give. Raises AwsError."""
    found = _resolve(value, scope)
    return None if found is _MARK else found


def _resolve(value: Any, scope: Scope) -> Any:
    if isinstance(value, list):
        return [one for one in (_resolve(inner, scope) for inner in value) if one is not _MARK]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((key, inner),) = value.items()
        if key == "Ref" and isinstance(inner, str):
            return _ref(inner, scope)
        if key == "Condition" and isinstance(inner, str):
            return scope.holds(inner)
        if key in _FUNCTIONS:
            try:
                return _FUNCTIONS[key](inner, scope)
            except (TypeError, ValueError, LookupError):
                raise refused(
                    f"Template error: every {key} object requires what it is given: {_shown(inner)}"
                ) from None
        if key in ("Fn::Transform", "Fn::ForEach"):
            raise refused(f"The sandbox does not model {key}.")
        if str(key).startswith("Fn::"):
            raise refused(f"Template format error: Unrecognized intrinsic function {key}")
    made = {key: _resolve(inner, scope) for key, inner in value.items()}
    return {key: inner for key, inner in made.items() if inner is not _MARK}


def _ref(name: str, scope: Scope) -> Any:
    if name == "AWS::NoValue":
        return _MARK
    return scope.values[name] if name in scope.values else scope.ref(name)


def _get_att(given: Any, scope: Scope) -> Any:
    name, attribute = _attribute(given)
    return scope.attribute(name, resolve(attribute, scope))


def _sub(given: Any, scope: Scope) -> str:
    text, own = given if isinstance(given, list) else (given, {})

    def replaced(match: re.Match[str]) -> str:
        name, _, attribute = match[1].strip().partition(".")
        if match[1] in own:
            return _text(resolve(own[match[1]], scope))
        return _text(scope.attribute(name, attribute) if attribute else _ref(name, scope))

    return _SUB.sub(replaced, text).replace("${!", "${")


def _find_in_map(given: Any, scope: Scope) -> Any:
    name, first, second = (resolve(part, scope) for part in given[:3])
    try:
        return scope.template["Mappings"][name][_text(first)][_text(second)]
    except LookupError:
        if len(given) > 3:
            return resolve(given[3]["DefaultValue"], scope)
        raise refused(f"Template error: Unable to get mapping for {name}::{first}::{second}") from None


def _select(given: Any, scope: Scope) -> Any:
    index, values = (resolve(part, scope) for part in given)
    if not 0 <= int(index) < len(values):
        raise refused(f"Template error: Fn::Select cannot select nonexistent value at index {index}")
    return values[int(index)]


def _if(given: Any, scope: Scope) -> Any:
    return _resolve(given[1 if scope.holds(given[0]) else 2], scope)


def _cidr(given: Any, scope: Scope) -> list[str]:
    block, count, bits = (resolve(part, scope) for part in [*given, None][:3])
    network = ipaddress.ip_network(block)
    smaller = network.subnets(new_prefix=network.max_prefixlen - int(bits)) if bits is not None else iter([network])
    made = [str(one) for one in islice(smaller, int(count))]
    if len(made) < int(count):
        raise refused(f"Template error: Fn::Cidr cannot make {count} blocks of {bits} bits out of {block}")
    return made


def _join(given: Any, scope: Scope) -> str:
    values = resolve(given[1], scope) if len(given) == 2 else None
    if not isinstance(given[0], str) or not isinstance(values, list):
        what = (
            "(1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings"
        )
        raise refused(
            f"Template error: every Fn::Join object requires two parameters, {what} (such as Fn::GetAZs) to be joined."
        )
    return given[0].join(map(_text, values))


def _base64(given: Any, scope: Scope) -> str:
    return base64.b64encode(_text(resolve(given, scope)).encode()).decode()


_FUNCTIONS: dict[str, Callable[[Any, Scope], Any]] = {
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::FindInMap": _find_in_map,
    "Fn::Select": _select,
    "Fn::If": _if,
    "Fn::Base64": _base64,
    "Fn::Join": _join,
    "Fn::Split": lambda given, scope: _text(resolve(given[1], scope)).split(given[0]),
    "Fn::ImportValue": lambda given, scope: scope.exported(_text(resolve(given, scope))),
    "Fn::Length": lambda given, scope: len(resolve(given, scope)),
    "Fn::ToJsonString": lambda given, scope: json.dumps(resolve(given, scope)),
    "Fn::Cidr": _cidr,
    "Fn::GetAZs": lambda given, scope: [f"{resolve(given, scope) or scope.values['AWS::Region']}{az}" for az in "abc"],
    "Fn::Contains": lambda given, scope: _text(resolve(given[1], scope)) in map(_text, resolve(given[0], scope)),
    "Fn::Equals": lambda given, scope: len({_text(resolve(one, scope)) for one in given}) == 1,
    "Fn::Not": lambda given, scope: not resolve(given[0], scope),
    "Fn::And": lambda given, scope: all(resolve(one, scope) for one in given),
    "Fn::Or": lambda given, scope: any(resolve(one, scope) for one in given),
}


def _attribute(given: Any) -> tuple[str, str]:
    name, attribute = given.split(".", 1) if isinstance(given, str) else (given[0], given[1])
    return str(name), attribute


def _text(value: Any) -> str:
    """A value as text, as CloudFormation joins it: booleans in lower case."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shown(value: Any) -> str:
    return json.dumps(value, default=str)[:100]
