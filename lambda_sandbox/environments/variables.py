"""The environment variables of a function: nothing is inherited, all is said here (facts §3.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lambda_sandbox.clock import iso8601
from lambda_sandbox.state import FunctionVersion


@dataclass(frozen=True, slots=True)
class Credentials:
    """A role's session."""

    access_key: str
    secret_key: str
    token: str


def variables(
    version: FunctionVersion,
    *,
    log_stream: str,
    initialization_type: str,
    runtime_api: str,
    endpoint_url: str,
    credentials: Credentials,
) -> dict[str, str]:
    """Name -> value. The function's own variables win over those that are not reserved."""
    runtime = version.runtime or ""
    ours = {
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
        "LD_LIBRARY_PATH": (
            "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib"
        ),
        "PWD": "/var/task",
        "SHLVL": "0",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_XRAY_DAEMON_ADDRESS": "169.254.100.1:2000",
        "_AWS_XRAY_DAEMON_ADDRESS": "169.254.100.1",
        "_AWS_XRAY_DAEMON_PORT": "2000",
    }
    if runtime.startswith("python"):
        ours["PYTHONPATH"] = "/var/runtime"
    elif runtime.startswith("nodejs"):
        folder = runtime.removesuffix(".x").replace("nodejs", "node")
        ours["NODE_PATH"] = f"/opt/nodejs/{folder}/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules"
    elif runtime.startswith("ruby"):
        ours["RUBYLIB"] = "/var/task:/var/runtime/lib:/opt/ruby/lib"
        gems = runtime.removeprefix("ruby") + ".0"
        ours["GEM_PATH"] = f"/var/task/vendor/bundle/ruby/{gems}:/opt/ruby/gems/{gems}"
    sandbox = {  # what AWS does not set: how code finds this sandbox instead of the cloud
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    reserved = {
        "_HANDLER": version.handler or "",
        "AWS_REGION": version.region,
        "AWS_DEFAULT_REGION": version.region,
        "AWS_LAMBDA_FUNCTION_NAME": version.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(version.memory_mb),
        "AWS_LAMBDA_FUNCTION_VERSION": version.version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": initialization_type,
        "AWS_LAMBDA_LOG_GROUP_NAME": version.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        "AWS_SESSION_TOKEN": credentials.token,
        "LAMBDA_TASK_ROOT": "/var/task",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "_LAMBDA_TELEMETRY_LOG_FD": "3",  # the runtime client takes it out of the environment at once
    }
    if not runtime.startswith("provided"):
        reserved["AWS_EXECUTION_ENV"] = f"AWS_Lambda_{runtime}"
    if version.log_format == "JSON":
        reserved["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
        reserved["AWS_LAMBDA_LOG_LEVEL"] = version.application_log_level or "INFO"
    return {**ours, **sandbox, **_text(version.environment or {}), **reserved}


def log_stream(version: FunctionVersion, name: str, now: float) -> str:
    """`2031/01/01/[$LATEST]<32 hex digits>` (facts §3.4)."""
    return f"{iso8601(now)[:10].replace('-', '/')}/[{version.version}]{name}"


def _text(values: Mapping[str, str]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}
