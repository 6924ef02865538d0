"""AWS::ApiGateway::* and AWS::ApiGatewayV2::*: APIs from their parts, or from an OpenAPI `Body` as SAM writes it."""

from __future__ import annotations

from typing import Any

from lambda_sandbox.templates.resource import Aws, CannotMake, Made, Properties, Resource, tags, without

_INTEGRATION = "x-amazon-apigateway-integration"
_ANY = "x-amazon-apigateway-any-method"


def _operations(body: Properties) -> list[tuple[str, str, Properties]]:
    """(path, method, operation) of an OpenAPI document."""
    methods = ("get", "put", "post", "delete", "options", "head", "patch", _ANY)
    return [
        (path, "ANY" if method == _ANY else method.upper(), operation)
        for path, item in (body.get("paths") or {}).items()
        for method, operation in item.items()
        if method in methods
    ]


def _refuse_authorizers(body: Properties) -> None:
    schemes = body.get("securityDefinitions") or (body.get("components") or {}).get("securitySchemes")
    if schemes:
        raise CannotMake("The sandbox does not model authorizers in the Body of an API. Make them with their own API.")


class RestApi(Resource):
    service = "apigateway"
    properties = ("Name", "Body", "Description", "BinaryMediaTypes", "EndpointConfiguration", "Parameters")
    ignored = ("Tags", "FailOnWarnings", "Mode", "MinimumCompressionSize", "DisableExecuteApiEndpoint")

    def create(self, aws: Aws, p: Properties) -> Made:
        body = p.get("Body") or {}
        _refuse_authorizers(body)
        name = p.get("Name") or (body.get("info") or {}).get("title") or aws.stack
        media = p.get("BinaryMediaTypes") or body.get("x-amazon-apigateway-binary-media-types") or []
        given = {"description": p["Description"]} if "Description" in p else {}
        api = aws("apigateway", "CreateRestApi", name=name, binaryMediaTypes=media, **given)["id"]
        root = aws("apigateway", "GetResources", restApiId=api)["items"][0]["id"]
        self._fill(aws, api, root, body)
        return Made(api, {"RootResourceId": root, "RestApiId": api})

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        """The API keeps its id: what it serves changes with its next deployment."""
        root = made.attributes["RootResourceId"]
        for resource in aws("apigateway", "GetResources", restApiId=made.ref, limit=500)["items"]:
            if resource.get("parentId") == root:
                aws("apigateway", "DeleteResource", restApiId=made.ref, resourceId=resource["id"])
            elif resource["id"] == root:
                for method in resource.get("resourceMethods") or {}:
                    aws("apigateway", "DeleteMethod", restApiId=made.ref, resourceId=root, httpMethod=method)
        self._fill(aws, made.ref, root, p.get("Body") or {})
        return made

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        aws("apigateway", "DeleteRestApi", restApiId=made.ref)

    @staticmethod
    def _fill(aws: Aws, api: str, root: str, body: Properties) -> None:
        at = {"": root}
        for path, method, operation in _operations(body):
            parent = ""
            for part in filter(None, path.split("/")):
                inner = f"{parent}/{part}"
                if inner not in at:
                    made = aws("apigateway", "CreateResource", restApiId=api, parentId=at[parent], pathPart=part)
                    at[inner] = made["id"]
                parent = inner
            here = {"restApiId": api, "resourceId": at[parent], "httpMethod": method}
            key = any("api_key" in one for one in operation.get("security") or [])
            aws("apigateway", "PutMethod", **here, authorizationType="NONE", apiKeyRequired=key)
            _integrate(aws, here, operation.get(_INTEGRATION))


def _integrate(aws: Aws, here: Properties, integration: Properties | None) -> None:
    """Puts an OpenAPI integration: for Lambda, or the mock that answers a browser's preflight."""
    if not integration:
        return
    kind = integration["type"].upper()
    passed_on = (
        *("uri", "credentials", "requestTemplates", "requestParameters"),
        *("passthroughBehavior", "contentHandling", "timeoutInMillis"),
    )
    given: Properties = {key: integration[key] for key in passed_on if key in integration}
    if "httpMethod" in integration:
        given["integrationHttpMethod"] = integration["httpMethod"]
    aws("apigateway", "PutIntegration", **here, type=kind, **given)
    for pattern, response in (integration.get("responses") or {}).items():
        status = str(response["statusCode"])
        passed = response.get("responseParameters") or {}
        aws(
            "apigateway",
            "PutMethodResponse",
            **here,
            statusCode=status,
            responseParameters=dict.fromkeys(passed, False),
        )
        aws(
            "apigateway",
            "PutIntegrationResponse",
            **here,
            statusCode=status,
            responseParameters=passed,
            responseTemplates=response.get("responseTemplates") or {},
            **({} if pattern == "default" else {"selectionPattern": pattern}),
        )


class RestResource(Resource):
    service = "apigateway"
    properties = ("RestApiId", "ParentId", "PathPart")

    def create(self, aws: Aws, p: Properties) -> Made:
        made = aws("apigateway", "CreateResource", restApiId=p["RestApiId"], **without(p, "RestApiId"))["id"]
        return Made(made, {"ResourceId": made})

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        aws("apigateway", "DeleteResource", restApiId=p["RestApiId"], resourceId=made.ref)


class RestMethod(Resource):
    service = "apigateway"
    fixed = ("RestApiId", "ResourceId", "HttpMethod")
    properties: tuple[str, ...] = (
        "RestApiId",
        "ResourceId",
        "HttpMethod",
        "AuthorizationType",
        "AuthorizerId",
        "ApiKeyRequired",
    )
    properties += ("Integration", "MethodResponses", "RequestParameters", "OperationName", "RequestValidatorId")

    def create(self, aws: Aws, p: Properties) -> Made:
        here = {"restApiId": p["RestApiId"], "resourceId": p["ResourceId"], "httpMethod": p["HttpMethod"]}
        given = without(p, "RestApiId", "ResourceId", "HttpMethod", "Integration", "MethodResponses")
        aws("apigateway", "PutMethod", **here, **{"AuthorizationType": "NONE", **given})
        for response in p.get("MethodResponses", []):
            aws("apigateway", "PutMethodResponse", **here, **response)
        if integration := p.get("Integration"):
            renamed = {"integrationHttpMethod": integration.get("IntegrationHttpMethod", p["HttpMethod"])}
            rest = without(integration, "IntegrationResponses", "IntegrationHttpMethod")
            aws("apigateway", "PutIntegration", **here, **renamed, **rest)
            for response in integration.get("IntegrationResponses", []):
                aws("apigateway", "PutIntegrationResponse", **here, **response)
        return Made(f"{aws.stack}-{aws.logical}")

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        self.delete(aws, made, old)
        return self.create(aws, p)

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        here = {"restApiId": p["RestApiId"], "resourceId": p["ResourceId"], "httpMethod": p["HttpMethod"]}
        aws("apigateway", "DeleteMethod", **here)


class RestDeployment(Resource):
    service = "apigateway"
    properties = ("RestApiId", "Description", "StageName", "StageDescription")

    def create(self, aws: Aws, p: Properties) -> Made:
        stage = {"stageName": p["StageName"]} if "StageName" in p else {}
        given = {"description": p["Description"]} if "Description" in p else {}
        made = aws("apigateway", "CreateDeployment", restApiId=p["RestApiId"], **stage, **given)["id"]
        return Made(made, {"DeploymentId": made})

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        if "StageName" in p:
            aws("apigateway", "DeleteStage", restApiId=p["RestApiId"], stageName=p["StageName"])
        aws("apigateway", "DeleteDeployment", restApiId=p["RestApiId"], deploymentId=made.ref)


class RestStage(Resource):
    service = "apigateway"
    fixed = ("RestApiId", "StageName")
    properties = ("RestApiId", "StageName", "DeploymentId", "Variables", "Description", "Tags")
    ignored = ("MethodSettings", "TracingEnabled", "AccessLogSetting", "CacheClusterEnabled", "CacheClusterSize")

    def create(self, aws: Aws, p: Properties) -> Made:
        given = without(p, "RestApiId", "Tags", *self.ignored)
        aws("apigateway", "CreateStage", restApiId=p["RestApiId"], **given, tags=tags(p))
        return Made(p["StageName"])

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        wanted = {"/deploymentId": p["DeploymentId"], "/description": p.get("Description", "")}
        wanted |= {f"/variables/{key}": value for key, value in (p.get("Variables") or {}).items()}
        patch = [{"op": "replace", "path": path, "value": value} for path, value in wanted.items()]
        aws("apigateway", "UpdateStage", restApiId=p["RestApiId"], stageName=made.ref, patchOperations=patch)
        return made

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        aws("apigateway", "DeleteStage", restApiId=p["RestApiId"], stageName=made.ref)


class HttpApi(Resource):
    service = "apigatewayv2"
    properties: tuple[str, ...] = (
        "Name",
        "Body",
        "CorsConfiguration",
        "Description",
        "Tags",
        "ProtocolType",
        "RouteKey",
        "Target",
    )
    properties += ("Version", "DisableExecuteApiEndpoint")
    ignored = ("FailOnWarnings",)

    def create(self, aws: Aws, p: Properties) -> Made:
        body = p.get("Body") or {}
        _refuse_authorizers(body)
        given = {**without(p, "Body", "Tags", *self.ignored), "ProtocolType": p.get("ProtocolType", "HTTP")}
        given.setdefault("Name", (body.get("info") or {}).get("title") or aws.stack)
        if cors := self._cors(p):
            given["CorsConfiguration"] = cors
        made = aws("apigatewayv2", "CreateApi", **given)
        api = made["ApiId"]
        self._fill(aws, api, body)
        return Made(api, {"ApiId": api, "ApiEndpoint": made["ApiEndpoint"]})

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        for route in aws("apigatewayv2", "GetRoutes", ApiId=made.ref)["Items"]:
            aws("apigatewayv2", "DeleteRoute", ApiId=made.ref, RouteId=route["RouteId"])
        for one in aws("apigatewayv2", "GetIntegrations", ApiId=made.ref)["Items"]:
            aws("apigatewayv2", "DeleteIntegration", ApiId=made.ref, IntegrationId=one["IntegrationId"])
        self._fill(aws, made.ref, p.get("Body") or {})
        if cors := self._cors(p):
            aws("apigatewayv2", "UpdateApi", ApiId=made.ref, CorsConfiguration=cors)
        return made

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        aws("apigatewayv2", "DeleteApi", ApiId=made.ref)

    @staticmethod
    def _cors(p: Properties) -> Any:
        return p.get("CorsConfiguration") or (p.get("Body") or {}).get("x-amazon-apigateway-cors")

    @staticmethod
    def _fill(aws: Aws, api: str, body: Properties) -> None:
        targets: dict[str, str] = {}
        for path, method, operation in _operations(body):
            wanted = operation.get(_INTEGRATION)
            if not wanted:
                continue
            uri = wanted["uri"]
            if uri not in targets:
                given = {"IntegrationType": wanted["type"].upper(), "IntegrationUri": uri}
                given["PayloadFormatVersion"] = wanted.get("payloadFormatVersion", "2.0")
                spelled = {"httpMethod": "IntegrationMethod", "credentials": "CredentialsArn"}
                for name in ("httpMethod", "credentials", "timeoutInMillis"):
                    if name in wanted:
                        given[spelled.get(name, name)] = wanted[name]
                targets[uri] = aws("apigatewayv2", "CreateIntegration", ApiId=api, **given)["IntegrationId"]
            key = "$default" if path in ("/$default", "$default") else f"{method} {path}"
            aws("apigatewayv2", "CreateRoute", ApiId=api, RouteKey=key, Target=f"integrations/{targets[uri]}")


class _Part(Resource):
    """A part of an HTTP API: made, changed and deleted by an operation of its own name."""

    service, id, operation = "apigatewayv2", "", ""
    fixed: tuple[str, ...] = ("ApiId",)

    def create(self, aws: Aws, p: Properties) -> Made:
        made = aws("apigatewayv2", f"Create{self.operation}", **p)[self.id]
        return Made(made, {self.id: made})

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        aws("apigatewayv2", f"Update{self.operation}", **p, **({} if self.id in p else {self.id: made.ref}))
        return made

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        aws("apigatewayv2", f"Delete{self.operation}", ApiId=p["ApiId"], **{self.id: made.ref})


class HttpStage(_Part):
    id, operation, like = "StageName", "Stage", "CreateStage"
    fixed = ("ApiId", "StageName")
    ignored = ("AccessLogSettings", "RouteSettings", "DefaultRouteSettings", "Tags")


class HttpRoute(_Part):
    id, operation, like = "RouteId", "Route", "CreateRoute"


class HttpIntegration(_Part):
    id, operation, like = "IntegrationId", "Integration", "CreateIntegration"


class HttpAuthorizer(_Part):
    id, operation, like = "AuthorizerId", "Authorizer", "CreateAuthorizer"
