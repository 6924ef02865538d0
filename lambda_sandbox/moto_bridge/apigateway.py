"""What API Gateway serves: moto keeps the definitions of APIs, and this reads out of it what each stage deploys.

moto has no deployments that mean something: here each keeps a copy of the API as it was, so that a change that is not
deployed does not serve. Of HTTP APIs it lacks quick create, deployments and updates of stages, which are added.
"""

from __future__ import annotations

import json
import re
import string
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from moto.moto_api._internal import mock_random

from lambda_sandbox.wire import AwsError


def _without_validator() -> None:
    """moto imports a validator of OpenAPI documents, for `failOnWarnings` alone: not worth its twelve packages."""

    def validate(document: Any) -> None:
        raise NotImplementedError("failOnWarnings of an imported API")

    names = (
        "openapi_spec_validator",
        "openapi_spec_validator.validation",
        "openapi_spec_validator.validation.exceptions",
    )
    for name in names:
        module: Any = sys.modules.setdefault(name, ModuleType(name))
        module.validate, module.OpenAPIValidationError = validate, ValueError


_without_validator()

from moto.apigateway.models import APIGatewayBackend, RestAPI, apigateway_backends  # noqa: E402
from moto.apigateway.responses import APIGatewayResponse  # noqa: E402
from moto.apigatewayv2.models import Api, apigatewayv2_backends  # noqa: E402
from moto.apigatewayv2.responses import ApiGatewayV2Response  # noqa: E402
from moto.apigatewayv2.urls import url_paths  # noqa: E402

_NO_POLICY = "Invalid policy document. Please check the policy syntax and ensure that Principals are valid."
_ROUTE_KEY = re.compile(r"\$default|(ANY|GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) /\S*")
_NO_ROUTE_KEY = (
    "The provided route key is not formatted properly for HTTP protocol. "
    'Format should be "<HTTP METHOD> /<RESOURCE PATH>" or "$default"'
)
_SNAPSHOT = "sandbox_snapshot"  # the attribute of a deployment that holds the API as it was


@dataclass(frozen=True, slots=True)
class ApiStage:
    """One stage of an API, and what it serves, in API Gateway's own JSON.

    `definition` of a REST API: resources, authorizers, gatewayResponses, binaryMediaTypes, validators, policy;
    of an HTTP API: routes, integrations, authorizers, cors. `api_keys` is what usage plans let in: value -> id.
    """

    protocol: str  # "REST" or "HTTP"
    api: str
    region: str
    account: str
    name: str
    deployment: str
    variables: Mapping[str, str]
    definition: Mapping[str, Any]
    api_keys: Mapping[str, str]

    @property
    def domain(self) -> str:
        return f"{self.api}.execute-api.{self.region}.amazonaws.com"

    def arn(self, *rest: str) -> str:
        """`arn:aws:execute-api:…:<api>/<rest>`: what permissions and policies name."""
        return f"arn:aws:execute-api:{self.region}:{self.account}:{'/'.join((self.api, *rest))}"


def stages(account: str, api_id: str) -> list[ApiStage]:
    """The stages of an API that something is deployed to; none if there is no such API."""
    return [*_rest_stages(account, api_id), *_http_stages(account, api_id)]


def _rest_stages(account: str, api_id: str) -> Iterator[ApiStage]:
    for region, backend in list(apigateway_backends[account].items()):
        api: Any = backend.apis.get(api_id)
        for stage in api.stages.values() if api and not api.disableExecuteApiEndpoint else ():
            deployment = api.deployments.get(stage.deployment_id)
            if deployment is None:
                continue
            keys = _api_keys(backend, api_id, stage.name)
            about = (api_id, region, account, stage.name, deployment.id, dict(stage.variables))
            yield ApiStage("REST", *about, getattr(deployment, _SNAPSHOT), keys)


def _http_stages(account: str, api_id: str) -> Iterator[ApiStage]:
    for region, backend in list(apigatewayv2_backends[account].items()):
        api: Any = backend.apis.get(api_id)
        for stage in api.stages.values() if api and not api.disable_execute_api_endpoint else ():
            deployed = stage.config.get("deploymentId", "")
            definition = _http_definition(api) if stage.auto_deploy else _deployments(api).get(deployed)
            if definition is not None:
                yield ApiStage(
                    "HTTP", api_id, region, account, stage.name, deployed, dict(stage.stage_variables), definition, {}
                )


def _api_keys(backend: Any, api_id: str, stage: str) -> dict[str, str]:
    plans = [
        plan.id
        for plan in backend.usage_plans.values()
        if any(one.get("apiId") == api_id and one.get("stage") == stage for one in plan.api_stages)
    ]
    ids = {key.id for plan in plans for key in backend.usage_plan_keys.get(plan, {}).values()}
    return {key.value: key.id for key in backend.keys.values() if key.id in ids and key.enabled}


def _rest_definition(api: Any) -> Any:
    return _copy(
        {
            "resources": [resource.to_dict() for resource in api.resources.values()],
            "authorizers": {one.id: one.to_json() for one in api.authorizers.values()},
            "gatewayResponses": {kind: one.to_json() for kind, one in api.gateway_responses.items()},
            "validators": {one.id: one.to_dict() for one in api.request_validators.values()},
            "binaryMediaTypes": api.binaryMediaTypes,
            "policy": api.policy,
        }
    )


def _http_definition(api: Any) -> Any:
    return _copy(
        {
            "routes": [route.to_json() for route in api.routes.values()],
            "integrations": {one.id: one.to_json() for one in api.integrations.values()},
            "authorizers": {one.id: one.to_json() for one in api.authorizers.values()},
            "cors": api.cors_configuration,
        }
    )


def _copy(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _deployments(api: Any) -> dict[str, Any]:
    """An HTTP API's deployments: id -> the API as it was."""
    found: dict[str, Any] = api.__dict__.setdefault("sandbox_deployments", {})
    return found


# -- what moto lacks, or does wrong


def install() -> None:
    """Puts the additions and corrections in place; doing so again changes nothing."""
    for owner, name, make in _CORRECTIONS:
        known = getattr(owner, name, None)
        if not hasattr(known, _SNAPSHOT):
            made = make(known)
            setattr(made, _SNAPSHOT, True)
            setattr(owner, name, made)
    for path in ("deployments$", "deployments/(?P<deployment_id>[^/]+)$"):
        url_paths[f"{{0}}/v2/apis/(?P<api_id>[^/]+)/{path}"] = ApiGatewayV2Response.dispatch


def _create_rest_deployment(original: Any) -> Callable[..., Any]:
    def create_deployment(self: Any, name: str, description: str = "", stage_variables: Any = None) -> Any:
        """A stage that is deployed to again keeps its settings."""
        stage = self.stages.get(name)
        deployment = original(self, name, description, stage_variables)
        setattr(deployment, _SNAPSHOT, _rest_definition(self))
        if stage is not None:
            stage.deployment_id = deployment.id
            stage.variables.update(stage_variables or {})
            self.stages[name] = stage
        return deployment

    return create_deployment


def _create_rest_stage(original: Any) -> Callable[..., Any]:
    def create_stage(self: Any, name: str, deployment_id: str, *more: Any, **kwargs: Any) -> Any:
        if deployment_id not in self.deployments:
            raise AwsError("BadRequestException", 400, "Deployment id does not exist")
        return original(self, name, deployment_id, *more, **kwargs)

    return create_stage


def _create_rest_api(original: Any) -> Callable[..., Any]:
    def create_rest_api(self: Any) -> Any:
        try:
            json.loads(self._get_param("policy") or '{"Statement": []}')["Statement"]
        except (ValueError, LookupError, TypeError):
            raise AwsError("BadRequestException", 400, _NO_POLICY) from None
        status, headers, body = original(self)
        api = self.backend.apis.get(json.loads(body).get("id"))
        if api is not None:
            api.binaryMediaTypes = list(self._get_param("binaryMediaTypes") or api.binaryMediaTypes)
            body = json.dumps(api.to_dict())
        return status, headers, body

    return create_rest_api


def _patch_rest_api(original: Any) -> Callable[..., Any]:
    def apply_patch_operations(self: Any, operations: list[dict[str, Any]]) -> None:
        """`/binaryMediaTypes/image~1png` names the media type in the path."""
        for operation in operations:
            _, _, named = operation["path"].partition("/binaryMediaTypes/")
            if named:
                operation["value"] = named.replace("~1", "/").replace("~0", "~")
        original(self, operations)

    return apply_patch_operations


def _create_rest_resource(original: Any) -> Callable[..., Any]:
    def create_resource(self: Any, function_id: str, parent_resource_id: str, path_part: str) -> Any:
        siblings = (one for one in self.get_resources(function_id) if one.parent_id == parent_resource_id)
        if any(one.path_part == path_part for one in siblings):
            text = f"Another resource with the same parent already has this name: {path_part}"
            raise AwsError("ConflictException", 409, text)
        return original(self, function_id, parent_resource_id, path_part)

    return create_resource


def _put_rest_integration(original: Any) -> Callable[..., Any]:
    def put_integration(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not 50 <= int(kwargs.get("timeout_in_millis") or 50) <= 29000:
            raise AwsError("BadRequestException", 400, "Timeout should be between 50 ms and 29000 ms")
        usual = {"passthrough_behavior": "WHEN_NO_MATCH", "cache_namespace": args[1], "timeout_in_millis": 29000}
        return original(self, *args, **kwargs | {name: kwargs.get(name) or value for name, value in usual.items()})

    return put_integration


def _get_rest_integration(original: Any) -> Callable[..., Any]:
    def get_integration(self: Any) -> Any:
        answer = original(self)
        if answer == "{}":
            raise AwsError("NotFoundException", 404, "Invalid Integration identifier specified")
        return answer

    return get_integration


def _create_rest_authorizer(original: Any) -> Callable[..., Any]:
    def create_authorizer(self: Any, *args: Any, **kwargs: Any) -> Any:
        made = original(self, *args, **kwargs)
        made.identity_validation_expression = kwargs.get("identiy_validation_expression")  # moto's spelling
        return made

    return create_authorizer


def _create_http_api(original: Any) -> Callable[..., Any]:
    def create_api(self: Any) -> Any:
        params = json.loads(self.body)
        if params.get("protocolType") == "WEBSOCKET":
            text = "The sandbox does not model WebSocket APIs. HTTP and REST APIs work."
            raise AwsError("NotModelledBySandbox", 501, text)
        answer = original(self)
        if target := params.get("target"):
            api = self.apigatewayv2_backend.get_api(json.loads(answer[2])["apiId"])
            lambda_ = target.startswith("arn:")
            made = api.create_integration(
                connection_type="INTERNET",
                description="Quick create",
                integration_method="POST" if lambda_ else "ANY",
                integration_type="AWS_PROXY" if lambda_ else "HTTP_PROXY",
                integration_uri=target,
                credentials_arn=params.get("credentialsArn"),
                payload_format_version="2.0" if lambda_ else "1.0",
            )
            api.create_route(
                route_key=params.get("routeKey") or "$default",
                target=f"integrations/{made.id}",
                authorization_type="NONE",
                api_key_required=False,
                authorization_scopes=[],
            )
            api.create_stage({"stageName": "$default", "autoDeploy": True})
        return answer

    return create_api


def _create_http_route(original: Any) -> Callable[..., Any]:
    def create_route(self: Any, *, route_key: str, **kwargs: Any) -> Any:
        if not _ROUTE_KEY.fullmatch(route_key):
            raise AwsError("BadRequestException", 400, _NO_ROUTE_KEY)
        if any(route.route_key == route_key for route in self.routes.values()):
            raise AwsError("ConflictException", 409, f"Route with key {route_key} already exists for this API")
        return original(self, route_key=route_key, **kwargs)

    return create_route


def _create_http_stage(original: Any) -> Callable[..., Any]:
    def create_stage(self: Any, config: dict[str, Any]) -> Any:
        if config["stageName"] in self.stages:
            raise AwsError("ConflictException", 409, "Stage already exists")
        return original(self, config)

    return create_stage


def _create_http_deployment(original: Any) -> Callable[..., Any]:
    def create_deployment(self: Any) -> Any:
        api = self.apigatewayv2_backend.get_api(self.path.split("/")[3])
        params = json.loads(self.body or b"{}")
        deployment = "".join(mock_random.choice(string.ascii_lowercase) for _ in range(6))
        if params.get("stageName"):
            api.get_stage(params["stageName"]).config["deploymentId"] = deployment
        _deployments(api)[deployment] = _http_definition(api)
        told = {"deploymentId": deployment, "deploymentStatus": "DEPLOYED", "description": params.get("description")}
        return 201, {}, json.dumps({name: value for name, value in told.items() if value is not None})

    return create_deployment


def _update_http_stage(original: Any) -> Callable[..., Any]:
    def update_stage(self: Any) -> Any:
        path = self.path.split("/")
        params = json.loads(self.body or b"{}")
        api = self.apigatewayv2_backend.get_api(path[3])
        stage = api.get_stage(path[-1].replace("%24", "$"))
        if params.get("deploymentId", "") not in ("", *_deployments(api)):
            raise AwsError("NotFoundException", 404, "Invalid Deployment identifier specified")
        stage.config |= params
        stage.auto_deploy = stage.config.get("autoDeploy")
        stage.stage_variables = stage.config.get("stageVariables", {})
        stage.description = stage.config.get("description")
        return 200, {}, json.dumps(stage.to_json())

    return update_stage


_CORRECTIONS: tuple[tuple[Any, str, Callable[[Any], Callable[..., Any]]], ...] = (
    (RestAPI, "create_deployment", _create_rest_deployment),
    (RestAPI, "create_stage", _create_rest_stage),
    (APIGatewayBackend, "create_resource", _create_rest_resource),
    (APIGatewayBackend, "put_integration", _put_rest_integration),
    (RestAPI, "create_authorizer", _create_rest_authorizer),
    (RestAPI, "apply_patch_operations", _patch_rest_api),
    (APIGatewayResponse, "create_rest_api", _create_rest_api),
    (APIGatewayResponse, "get_integration", _get_rest_integration),
    (ApiGatewayV2Response, "create_api", _create_http_api),
    (Api, "create_route", _create_http_route),
    (Api, "create_stage", _create_http_stage),
    (ApiGatewayV2Response, "create_deployment", _create_http_deployment),
    (ApiGatewayV2Response, "update_stage", _update_http_stage),
)
