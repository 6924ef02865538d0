"""What the sandbox does with each operation of Lambda's API: the one table.

Lived: it behaves as on AWS. Stored: it is validated, kept and shown, and changes nothing else. Refused: it answers
`NotModelledBySandbox` (HTTP 501), after the same validation. A test holds that every operation of the model is here,
and `coverage.py` prints the table for people.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from itertools import chain

from lambda_sandbox.lambda_api import (
    account,
    aliases,
    code_signing,
    concurrency,
    event_invoke,
    event_source_mappings,
    functions,
    layer_permissions,
    layers,
    permissions,
    provisioned,
    settings,
    streaming,
    tags,
    urls,
)
from lambda_sandbox.lambda_api import invoke as invocations
from lambda_sandbox.lambda_api import versions as published
from lambda_sandbox.lambda_api.context import Answer, Context, Given
from lambda_sandbox.wire import Response

Handler = Callable[[Context, Given], Answer | Awaitable[Answer | Response | None] | None]

FIRST = "Invoke"  # lived, and answered before the model is looked at: see `invoke.py`

LIVED: Mapping[str, Handler] = {
    "AddPermission": permissions.add_permission,
    "CreateAlias": aliases.create_alias,
    "CreateEventSourceMapping": event_source_mappings.create_event_source_mapping,
    "CreateFunction": functions.create_function,
    "CreateFunctionUrlConfig": urls.create_function_url_config,
    "DeleteAlias": aliases.delete_alias,
    "DeleteEventSourceMapping": event_source_mappings.delete_event_source_mapping,
    "DeleteFunction": functions.delete_function,
    "DeleteFunctionConcurrency": concurrency.delete_function_concurrency,
    "DeleteFunctionEventInvokeConfig": event_invoke.delete_function_event_invoke_config,
    "DeleteFunctionUrlConfig": urls.delete_function_url_config,
    "DeleteProvisionedConcurrencyConfig": provisioned.delete_provisioned_concurrency_config,
    "GetAccountSettings": account.get_account_settings,
    "GetAlias": aliases.get_alias,
    "GetEventSourceMapping": event_source_mappings.get_event_source_mapping,
    "GetFunction": functions.get_function,
    "GetFunctionConcurrency": concurrency.get_function_concurrency,
    "GetFunctionConfiguration": functions.get_function_configuration,
    "GetFunctionEventInvokeConfig": event_invoke.get_function_event_invoke_config,
    "GetFunctionUrlConfig": urls.get_function_url_config,
    "GetPolicy": permissions.get_policy,
    "GetProvisionedConcurrencyConfig": provisioned.get_provisioned_concurrency_config,
    "InvokeAsync": invocations.invoke_async,
    "InvokeWithResponseStream": streaming.invoke_with_response_stream,
    "ListAliases": aliases.list_aliases,
    "ListEventSourceMappings": event_source_mappings.list_event_source_mappings,
    "ListFunctionEventInvokeConfigs": event_invoke.list_function_event_invoke_configs,
    "ListFunctionUrlConfigs": urls.list_function_url_configs,
    "GetLayerVersion": layers.get_layer_version,
    "GetLayerVersionByArn": layers.get_layer_version_by_arn,
    "ListLayerVersions": layers.list_layer_versions,
    "ListLayers": layers.list_layers,
    "DeleteLayerVersion": layers.delete_layer_version,
    "PublishLayerVersion": layers.publish_layer_version,
    "ListFunctions": functions.list_functions,
    "ListProvisionedConcurrencyConfigs": provisioned.list_provisioned_concurrency_configs,
    "ListTags": tags.list_tags,
    "ListVersionsByFunction": published.list_versions_by_function,
    "PublishVersion": published.publish_version,
    "PutFunctionConcurrency": concurrency.put_function_concurrency,
    "PutFunctionEventInvokeConfig": event_invoke.put_function_event_invoke_config,
    "PutProvisionedConcurrencyConfig": provisioned.put_provisioned_concurrency_config,
    "RemovePermission": permissions.remove_permission,
    "TagResource": tags.tag_resource,
    "UntagResource": tags.untag_resource,
    "UpdateAlias": aliases.update_alias,
    "UpdateEventSourceMapping": event_source_mappings.update_event_source_mapping,
    "UpdateFunctionCode": functions.update_function_code,
    "UpdateFunctionConfiguration": functions.update_function_configuration,
    "UpdateFunctionEventInvokeConfig": event_invoke.update_function_event_invoke_config,
    "UpdateFunctionUrlConfig": urls.update_function_url_config,
}

STORED: Mapping[str, Handler] = {
    "AddLayerVersionPermission": layer_permissions.add_layer_version_permission,
    "GetLayerVersionPolicy": layer_permissions.get_layer_version_policy,
    "RemoveLayerVersionPermission": layer_permissions.remove_layer_version_permission,
    "CreateCodeSigningConfig": code_signing.create_code_signing_config,
    "DeleteCodeSigningConfig": code_signing.delete_code_signing_config,
    "DeleteFunctionCodeSigningConfig": code_signing.delete_function_code_signing_config,
    "GetCodeSigningConfig": code_signing.get_code_signing_config,
    "GetFunctionCodeSigningConfig": code_signing.get_function_code_signing_config,
    "GetFunctionRecursionConfig": settings.get_function_recursion_config,
    "GetRuntimeManagementConfig": settings.get_runtime_management_config,
    "ListCodeSigningConfigs": code_signing.list_code_signing_configs,
    "ListFunctionsByCodeSigningConfig": code_signing.list_functions_by_code_signing_config,
    "PutFunctionCodeSigningConfig": code_signing.put_function_code_signing_config,
    "PutFunctionRecursionConfig": settings.put_function_recursion_config,
    "PutRuntimeManagementConfig": settings.put_runtime_management_config,
    "UpdateCodeSigningConfig": code_signing.update_code_signing_config,
}

REFUSED: Mapping[str, tuple[str, ...]] = {
    "capacity providers": (
        "CreateCapacityProvider",
        "DeleteCapacityProvider",
        "GetCapacityProvider",
        "GetFunctionScalingConfig",
        "ListCapacityProviders",
        "ListFunctionVersionsByCapacityProvider",
        "PutFunctionScalingConfig",
        "UpdateCapacityProvider",
    ),
    "durable functions": (
        "CheckpointDurableExecution",
        "DeleteDurableExecution",
        "GetDurableExecution",
        "GetDurableExecutionHistory",
        "GetDurableExecutionState",
        "ListDurableExecutionsByFunction",
        "PauseDurableExecution",
        "ResumeDurableExecution",
        "SendDurableExecutionCallbackFailure",
        "SendDurableExecutionCallbackHeartbeat",
        "SendDurableExecutionCallbackSuccess",
        "StopDurableExecution",
    ),
    "resource policies as a whole": ("DeleteResourcePolicy", "GetResourcePolicy", "PutResourcePolicy"),
}

NOTES: Mapping[str, str] = {
    "CreateCodeSigningConfig": "no package is checked for a signature",
    "CreateEventSourceMapping": "SQS, Kinesis and DynamoDB streams; no Kafka, MQ or DocumentDB; provisioned pollers, "
    "keys, metrics and logging are kept and shown, without effect",
    "CreateFunction": "zip packages from the request or S3; images in ECR that are based on AWS's own base images, for "
    "which managed runtimes stand in; VPC, file systems and SnapStart are kept and shown, without effect; no tenants, "
    "durable functions, capacity providers and accelerators",
    "CreateFunctionUrlConfig": "the door answers a URL by its name in the Host header, and at `/_url/<id>/…`, so that "
    "`http://127.0.0.1:PORT/_url/<id>/path` and `http://<id>.lambda-url.<region>.localhost:PORT/path` reach it; "
    "lambda:InvokeFunctionUrl alone lets callers in (AWS asks new URLs for lambda:InvokeFunction too); with AWS_IAM a "
    "signature must be there and is not recomputed; who it is of this account, his policies or the function's decide; "
    "RESPONSE_STREAM streams up to the 6 MB of other answers",
    "Invoke": "RequestResponse, Event, DryRun; LogType=Tail; ClientContext",
    "InvokeWithResponseStream": "RequestResponse, DryRun; LogType=Tail; what Node.js and custom runtimes stream is "
    "sent as it comes, up to the 6 MB of other answers; the fields of an error in InvokeComplete are ours",
    "PutFunctionConcurrency": "0 and more: who is throttled is decided by it",
    "PutFunctionEventInvokeConfig": "retries, age and destinations have effect",
    "PublishLayerVersion": "the function sees its layers merged at /opt, in their order",
    "TagResource": "functions, event source mappings and code signing configurations",
}

HANDLERS: Mapping[str, Handler] = {**LIVED, **STORED}


def refusal(operation: str) -> str:
    """What the sandbox lacks that an operation is about."""
    return next(topic for topic, names in REFUSED.items() if operation in names)


def statuses() -> dict[str, str]:
    """Operation -> lived, stored or refused."""
    lived, stored = dict.fromkeys([*LIVED, FIRST], "lived"), dict.fromkeys(STORED, "stored")
    refused = dict.fromkeys(chain.from_iterable(REFUSED.values()), "refused")
    return {**lived, **stored, **refused}
