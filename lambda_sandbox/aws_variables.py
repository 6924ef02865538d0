"""The environment variables that boto3 and the AWS CLI read: set for a sandbox, and put back exactly as they were.

point_to(address)       # boto3 of this process now talks to a sandbox
forget(address)         # … to the newest one that still runs, or to whatever it was before
hide_from_here()        # in the sandbox's own process: no key, profile or file of the machine's owner is ever read
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NOBODY = "sandbox"  # as access key and as secret key: the administrator of the sandbox's account


def owner_key(token: str) -> str:
    """The access key of the administrator of a sealed sandbox. Who learns it does not learn the token."""
    return f"OWNER{hashlib.sha256(token.encode()).hexdigest()[:15].upper()}"


@dataclass(frozen=True, eq=False)
class Address:
    """Where a sandbox is, and the Region of those who do not name one."""

    endpoint_url: str
    region: str


_running: list[Address] = []  # oldest first; the variables are the newest one's
_before: dict[str, str | None] = {}  # what they were before the first of them


def point_to(address: Address) -> None:
    """Points this process's boto3 to a sandbox, until it is forgotten or a newer one comes."""
    _running.append(address)
    _set()


def forget(address: Address, *, restore: bool = True) -> None:
    """Lets go of a sandbox; with the last one every variable is again what it was. Safe to call again.

    Without `restore` the variables of the last one stay: nobody said that boto3 may talk to AWS again.
    """
    if address in _running:
        _running.remove(address)
    if _running or restore:
        _set()


def without_aws(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without anything that an AWS tool would read."""
    return {name: value for name, value in environment.items() if not _is_aws(name)}


def hide_from_here() -> None:
    """Takes everything of AWS out of this process, for good."""
    for name in filter(_is_aws, list(os.environ)):
        del os.environ[name]
    os.environ.update(_harmless())


def _is_aws(name: str) -> bool:
    return name.upper().startswith(("AWS_", "BOTO_"))


def own_session(key: str = NOBODY) -> Any:
    """A botocore session with this key, which reads no AWS file and no profile of this machine."""
    from botocore.session import Session

    nothing: dict[str, Any] = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    session = Session(session_vars=nothing)
    session.set_credentials(key, key)
    session.set_config_variable("account_id_endpoint_mode", "disabled")
    session.set_config_variable("disable_host_prefix_injection", True)
    return session


def _harmless() -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": NOBODY,
        "AWS_SECRET_ACCESS_KEY": NOBODY,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",  # else boto3 puts an account into the endpoint's name
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",  # else, of some operations, "sync-" or "stream-"
    }


def _wanted(address: Address) -> dict[str, str | None]:
    """Every AWS variable there is, or was: what the sandbox needs, and None for what could lead elsewhere."""
    elsewhere = [name for name in (*os.environ, *_before) if _is_aws(name)]
    return {
        **dict.fromkeys(elsewhere),
        **_harmless(),
        "AWS_ENDPOINT_URL": address.endpoint_url,
        "AWS_REGION": address.region,
        "AWS_DEFAULT_REGION": address.region,
        **_no_proxy(),
    }


def _no_proxy() -> dict[str, str]:
    """Where a network has a proxy: loopback is not behind it. The name in small letters counts if both are set."""
    if not any(name.lower() in ("http_proxy", "all_proxy") for name in (*os.environ, *_before)):
        return {}
    there = {name: _before.get(name, os.environ.get(name)) for name in ("no_proxy", "NO_PROXY")}
    hosts = there["no_proxy"] or there["NO_PROXY"] or ""
    return dict.fromkeys(there, f"{hosts},127.0.0.1,localhost" if hosts else "127.0.0.1,localhost")


def _set() -> None:
    if _running:
        wanted = _wanted(_running[-1])
        for name in wanted:
            _before.setdefault(name, os.environ.get(name))
        _apply(wanted)
    else:
        _apply(_before)
        _before.clear()


def _apply(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    if (boto3 := sys.modules.get("boto3")) is not None:
        setattr(boto3, "DEFAULT_SESSION", None)  # noqa: B010 - the types of boto3 do not have it; clients made from now on read the variables again
