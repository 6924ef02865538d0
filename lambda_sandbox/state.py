"""What exists: functions and their immutable versions, in one store.

A `FunctionVersion` is frozen: an update makes a new one with a new revision, so a running environment never sees half a
change. A `Function` is the mutable noun around it: its versions, aliases, policies and settings.

    function = state.function("us-east-1", "thumbnail")      # or None
    function.latest = replace(function.latest, timeout=30, revision_id=state.new_uuid())
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lambda_sandbox.facts import fact

ACCOUNT = "123456789012"
LATEST = "$LATEST"
CONCURRENCY_QUOTA: int = fact("concurrency.account")
_UNRESERVED_MIN: int = fact("concurrency.unreserved_min")


@dataclass(frozen=True, slots=True)
class Code:
    """A deployment package: its base64 SHA-256 and size in bytes, the folder it is unpacked in, and the zip itself.

    Of a container image, `sha256` is the hex digest, `size` is 0 and `folder` is what the image holds in /var/task.
    """

    sha256: str
    size: int
    folder: str = ""  # absolute path on this machine; read-only
    archive: str = ""  # absolute path of the zip, for GetFunction's Code.Location
    unzipped: int = 0  # bytes
    image: Image | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """A container image as a function got it: its tag was resolved then, once and for all."""

    uri: str  # as it was given
    resolved_uri: str  # with the digest
    runtime: str  # the managed runtime that stands in for the base image
    opt: str  # the folder of what it holds in /opt; "" if that is nothing
    entry_point: Sequence[str] = ()
    command: Sequence[str] = ()
    working_directory: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LayerVersion:
    """One version of a layer. Functions hold the version itself: to delete it changes nothing for them."""

    arn: str
    code: Code
    created: float
    description: str = ""
    license_info: str | None = None
    runtimes: Sequence[str] | None = None
    architectures: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Where a version stands: `State` and `LastUpdateStatus` of the API, with their reasons."""

    state: str = "Pending"
    state_reason: str | None = "The function is being created."
    state_reason_code: str | None = "Creating"
    last_update_status: str | None = None
    last_update_status_reason: str | None = None
    last_update_status_reason_code: str | None = None


@dataclass(frozen=True, slots=True)
class FunctionVersion:
    """All that decides how an environment is made and run. Sizes in MB, times in seconds."""

    region: str
    name: str
    version: str
    revision_id: str
    role: str
    code: Code
    last_modified: float
    runtime: str | None = None
    handler: str | None = None
    package_type: str = "Zip"
    image_config: Mapping[str, Any] | None = None  # what overrides the image's own settings
    description: str = ""
    timeout: int = 3
    memory_mb: int = 128
    ephemeral_storage_mb: int = 512
    architecture: str = "x86_64"
    environment: Mapping[str, str] | None = None  # None: no Environment was ever given
    log_format: str = "Text"
    log_group: str = ""
    application_log_level: str | None = None
    system_log_level: str | None = None
    tracing_mode: str = "PassThrough"
    snap_start: str = "None"
    layers: tuple[LayerVersion, ...] = ()
    dead_letter_arn: str | None = None
    vpc_config: Mapping[str, Any] | None = None
    kms_key_arn: str | None = None
    file_systems: tuple[Mapping[str, Any], ...] = ()

    @property
    def function_arn(self) -> str:
        """The unqualified ARN."""
        return function_arn(self.region, self.name)

    @property
    def logging(self) -> dict[str, str | None]:
        """How it logs: the levels are None in text."""
        return {
            "log_format": self.log_format,
            "application_log_level": self.application_log_level,
            "system_log_level": self.system_log_level,
        }

    @property
    def key(self) -> tuple[str, str, str]:
        """What an environment belongs to: it is never shared by two keys."""
        return (self.region, self.name, self.revision_id)


@dataclass(slots=True)
class Alias:
    name: str
    function_version: str
    revision_id: str
    description: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)  # version -> share of the traffic


@dataclass(slots=True)
class Policy:
    """A resource policy: statements as AWS stores them, in order, and the policy's revision."""

    revision_id: str
    statements: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Layer:
    """The versions of one layer that are there, by number, and their policies."""

    versions: dict[int, LayerVersion] = field(default_factory=dict)
    policies: dict[int, Policy] = field(default_factory=dict)
    next_version: int = 1


@dataclass(slots=True)
class Function:
    """One function: its code now (`latest`), what was published, and what hangs on it."""

    latest: FunctionVersion
    lifecycle: dict[str, Lifecycle] = field(default_factory=dict)  # version -> state
    versions: dict[str, FunctionVersion] = field(default_factory=dict)  # "1", "2", … never reused
    next_version: int = 1
    aliases: dict[str, Alias] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)  # qualifier ("" = the function) -> policy
    tags: dict[str, str] = field(default_factory=dict)
    reserved_concurrency: int | None = None
    event_invoke_configs: dict[str, dict[str, Any]] = field(default_factory=dict)  # qualifier -> config
    url_configs: dict[str, dict[str, Any]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)  # recursion, runtime management, code signing

    @property
    def name(self) -> str:
        return self.latest.name

    @property
    def region(self) -> str:
        return self.latest.region

    @property
    def provisioned(self) -> int:
        """What is provisioned for all its versions and aliases."""
        return sum(config["requested"] for config in self.settings.get("provisioned", {}).values())

    @property
    def set_aside(self) -> int:
        """What it takes from the account's quota, used or not: its reservation, or what is provisioned for it."""
        return self.provisioned if self.reserved_concurrency is None else self.reserved_concurrency

    def version(self, number: str) -> FunctionVersion | None:
        """`$LATEST` or a published number; None if there is none."""
        return self.latest if number == LATEST else self.versions.get(number)


class State:
    """The one store. All ids come from here, so that a seed makes them repeat."""

    def __init__(
        self, seed: int | None = None, account: str = ACCOUNT, concurrency_quota: int = CONCURRENCY_QUOTA
    ) -> None:
        self.account = account
        self.concurrency_quota = concurrency_quota  # of each Region
        self._seed = seed
        self._random = random.Random(seed)
        self._passing = random.Random(seed)
        self.functions: dict[tuple[str, str], Function] = {}
        self.layers: dict[tuple[str, str], Layer] = {}  # (Region, name) -> layer
        self.code_signing_configs: dict[str, dict[str, Any]] = {}  # ARN -> configuration
        self.event_source_mappings: dict[str, dict[str, Any]] = {}  # UUID -> the mapping as it is shown
        self.other_tags: dict[str, dict[str, str]] = {}  # UUID of a mapping, or ARN of a configuration -> tags

    def function(self, region: str, name: str) -> Function | None:
        return self.functions.get((region, name))

    @property
    def unreserved_min(self) -> int:
        """So much of the quota can never be set aside: 100, or all of a smaller one (facts §1.2)."""
        return min(_UNRESERVED_MIN, self.concurrency_quota)

    def unreserved(self, region: str, *, without: Function | None = None) -> int:
        """What no function of a Region has set aside; `without` counting one."""
        others = (function for (at, _), function in self.functions.items() if at == region and function is not without)
        return self.concurrency_quota - sum(function.set_aside for function in others)

    def in_region(self, region: str) -> list[Function]:
        return [function for (at, _), function in sorted(self.functions.items()) if at == region]

    def new_uuid(self) -> str:
        """A random (version 4) UUID: the request id of an invocation, a revision."""
        return _uuid(self._random)

    def new_passing_uuid(self) -> str:
        """The id of a request that leaves no trace. Drawn apart: however often somebody polls, other ids repeat."""
        return _uuid(self._passing)

    def new_hex(self, digits: int = 32) -> str:
        return f"{self._random.getrandbits(digits * 4):0{digits}x}"

    def random(self) -> float:
        """In [0, 1): alias weights."""
        return self._random.random()

    def reset(self) -> None:
        self.functions.clear()
        self.layers.clear()
        self.code_signing_configs.clear()
        self.event_source_mappings.clear()
        self.other_tags.clear()
        self._random.seed(self._seed)


def _uuid(source: random.Random) -> str:
    digits = f"{source.getrandbits(128):032x}"
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def function_arn(region: str, name: str, qualifier: str | None = None, account: str = ACCOUNT) -> str:
    arn = f"arn:aws:lambda:{region}:{account}:function:{name}"
    return f"{arn}:{qualifier}" if qualifier else arn


def layer_arn(region: str, name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:lambda:{region}:{account}:layer:{name}"
