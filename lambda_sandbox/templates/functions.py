"""AWS::Lambda::*: what a stack makes of Lambda, by Lambda's own API."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from lambda_sandbox.templates.resource import Aws, CannotMake, Made, Properties, Resource, tags, without

_DEFAULTS: Properties = {  # what a property that a template no longer gives goes back to
    "Description": "",
    "Environment": {},
    "Layers": [],
    "DeadLetterConfig": {"TargetArn": ""},
    "MemorySize": 128,
    "Timeout": 3,
    "EphemeralStorage": {"Size": 512},
    "TracingConfig": {"Mode": "PassThrough"},
    "ImageConfig": {},
}
_CFNRESPONSE = """\
import json
import urllib.request

SUCCESS, FAILED = "SUCCESS", "FAILED"


def send(event, context, responseStatus, responseData, physicalResourceId=None, noEcho=False, reason=None):
    body = {
        "Status": responseStatus,
        "Reason": reason or f"See the details in CloudWatch Log Stream: {context.log_stream_name}",
        "PhysicalResourceId": physicalResourceId or context.log_stream_name,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "NoEcho": noEcho,
        "Data": responseData,
    }
    asked = urllib.request.Request(event["ResponseURL"], json.dumps(body).encode(), {"content-type": ""}, method="PUT")
    urllib.request.urlopen(asked).close()
"""


class Function(Resource):
    service, name = "lambda", "FunctionName"
    like, fixed = "CreateFunction", ("FunctionName", "PackageType")
    properties = ("Code", "Tags", "ReservedConcurrentExecutions", "RuntimeManagementConfig", "RecursiveLoop")

    def create(self, aws: Aws, p: Properties) -> Made:
        code = _code(p.get("Code") or {}, p.get("Runtime", ""))
        made = aws("lambda", "CreateFunction", **without(p, "Code", "Tags"), Code=code, Tags=tags(p))
        _ready(aws, p["FunctionName"])
        _settings(aws, p["FunctionName"], p, {})
        return Made(p["FunctionName"], {"Arn": made["FunctionArn"]})

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        name = made.ref
        gone = {key: value for key, value in _DEFAULTS.items() if key in old and key not in p}
        kept_apart = ("Code", "Tags", "Architectures", "ReservedConcurrentExecutions", "RecursiveLoop")
        if without(p, *kept_apart) != without(old, *kept_apart):
            aws("lambda", "UpdateFunctionConfiguration", **without({**gone, **p}, *kept_apart))
            _ready(aws, name)
        if any(p.get(key) != old.get(key) for key in ("Code", "Architectures")):
            code = _code(p.get("Code") or {}, p.get("Runtime", ""))
            architectures = {"Architectures": p["Architectures"]} if "Architectures" in p else {}
            aws("lambda", "UpdateFunctionCode", FunctionName=name, **architectures, **code)
            _ready(aws, name)
        if tags(p) != tags(old):
            arn = made.attributes["Arn"]
            if lost := [key for key in tags(old) if key not in tags(p)]:
                aws("lambda", "UntagResource", Resource=arn, TagKeys=lost)
            if tags(p):
                aws("lambda", "TagResource", Resource=arn, Tags=tags(p))
        _settings(aws, name, p, old)
        return made

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        aws("lambda", "DeleteFunction", FunctionName=made.ref)


def _settings(aws: Aws, name: str, p: Properties, old: Properties) -> None:
    if (reserved := p.get("ReservedConcurrentExecutions")) != old.get("ReservedConcurrentExecutions"):
        if reserved is None:
            aws("lambda", "DeleteFunctionConcurrency", FunctionName=name)
        else:
            aws("lambda", "PutFunctionConcurrency", FunctionName=name, ReservedConcurrentExecutions=reserved)
    if "RecursiveLoop" in p:
        aws("lambda", "PutFunctionRecursionConfig", FunctionName=name, RecursiveLoop=p["RecursiveLoop"])


def _ready(aws: Aws, name: str) -> None:
    soon = {"Delay": 0.02, "MaxAttempts": 1000}  # within a fraction of a second
    for state in ("function_active_v2", "function_updated_v2"):
        aws.client("lambda").get_waiter(state).wait(FunctionName=name, WaiterConfig=soon)


def _code(code: Properties, runtime: str) -> Properties:
    """Code written in the template becomes a zip, with AWS's `cfnresponse` beside it."""
    if "ZipFile" not in code:
        return code
    if not runtime.startswith(("python", "nodejs")):
        raise CannotMake("ZipFile can only be used when Runtime is set to either of nodejs, python.")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        files = {"index.py": code["ZipFile"], "cfnresponse.py": _CFNRESPONSE}
        for name, source in files.items() if runtime.startswith("python") else [("index.js", code["ZipFile"])]:
            info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            info.external_attr = 0o644 << 16
            archive.writestr(info, source)
    return {"ZipFile": out.getvalue()}


class Version(Resource):
    service = "lambda"
    properties = ("FunctionName", "Description", "CodeSha256", "ProvisionedConcurrencyConfig")
    ignored = ("RuntimePolicy",)

    def create(self, aws: Aws, p: Properties) -> Made:
        made = aws("lambda", "PublishVersion", **p)
        _provision(aws, p, made["FunctionArn"].rpartition(":")[0], made["Version"])
        return Made(made["FunctionArn"], {"Version": made["Version"], "FunctionArn": made["FunctionArn"]})

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        aws("lambda", "DeleteFunction", FunctionName=made.ref)


class Alias(Resource):
    service, like = "lambda", "CreateAlias"
    fixed = ("FunctionName", "Name")
    properties = ("RoutingConfig", "ProvisionedConcurrencyConfig")

    def create(self, aws: Aws, p: Properties) -> Made:
        made = aws("lambda", "CreateAlias", **without(p, "RoutingConfig"), RoutingConfig=_weights(p))
        _provision(aws, p, p["FunctionName"], p["Name"])
        return Made(made["AliasArn"], {"AliasArn": made["AliasArn"]})

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        aws("lambda", "UpdateAlias", **without(p, "RoutingConfig"), RoutingConfig=_weights(p))
        _provision(aws, p, p["FunctionName"], p["Name"])
        return made

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        aws("lambda", "DeleteAlias", FunctionName=p["FunctionName"], Name=p["Name"])


def _weights(p: Properties) -> Properties:
    listed = (p.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or []
    return {"AdditionalVersionWeights": {one["FunctionVersion"]: one["FunctionWeight"] for one in listed}}


def _provision(aws: Aws, p: Properties, function: str, qualifier: str) -> None:
    if config := p.get("ProvisionedConcurrencyConfig"):
        aws("lambda", "PutProvisionedConcurrencyConfig", FunctionName=function, Qualifier=qualifier, **config)


class Permission(Resource):
    service = "lambda"
    properties: tuple[str, ...] = (
        "FunctionName",
        "Action",
        "Principal",
        "SourceArn",
        "SourceAccount",
        "EventSourceToken",
    )
    properties += ("FunctionUrlAuthType", "PrincipalOrgID", "InvokedViaFunctionUrl")

    def create(self, aws: Aws, p: Properties) -> Made:
        statement = self.new_name(aws, p)
        aws("lambda", "AddPermission", **p, StatementId=statement)
        return Made(statement, {"Id": statement})

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        aws("lambda", "RemovePermission", FunctionName=p["FunctionName"], StatementId=made.ref)


class EventSourceMapping(Resource):
    service, like = "lambda", "CreateEventSourceMapping"
    fixed = ("EventSourceArn", "StartingPosition", "StartingPositionTimestamp")
    properties = ("Tags",)

    def create(self, aws: Aws, p: Properties) -> Made:
        made = aws("lambda", "CreateEventSourceMapping", **without(p, "Tags"), Tags=tags(p))
        arn = aws.arn("lambda", f"event-source-mapping:{made['UUID']}")
        return Made(made["UUID"], {"Id": made["UUID"], "EventSourceMappingArn": arn})

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        aws("lambda", "UpdateEventSourceMapping", **without(p, "Tags"), UUID=made.ref)
        return made

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        aws("lambda", "DeleteEventSourceMapping", UUID=made.ref)


class Url(Resource):
    service = "lambda"
    fixed = ("TargetFunctionArn", "Qualifier")
    properties = ("TargetFunctionArn", "Qualifier", "AuthType", "Cors", "InvokeMode")

    def _members(self, p: Properties) -> Properties:
        return {**without(p, "TargetFunctionArn"), "FunctionName": p["TargetFunctionArn"]}

    def create(self, aws: Aws, p: Properties) -> Made:
        made = aws("lambda", "CreateFunctionUrlConfig", **self._members(p))
        return Made(made["FunctionArn"], {"FunctionUrl": made["FunctionUrl"], "FunctionArn": made["FunctionArn"]})

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        aws("lambda", "UpdateFunctionUrlConfig", **self._members(p))
        return made

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        aws("lambda", "DeleteFunctionUrlConfig", **self._members(p))


class EventInvokeConfig(Resource):
    service = "lambda"
    fixed = ("FunctionName", "Qualifier")
    properties = ("FunctionName", "Qualifier", "MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")

    def create(self, aws: Aws, p: Properties) -> Made:
        aws("lambda", "PutFunctionEventInvokeConfig", **p)
        return Made(f"{p['FunctionName']}|{p.get('Qualifier', '$LATEST')}")

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        return self.create(aws, p)

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        aws("lambda", "DeleteFunctionEventInvokeConfig", **p)


class LayerVersion(Resource):
    service, name = "lambda", "LayerName"
    properties = ("Content", "CompatibleRuntimes", "CompatibleArchitectures", "Description", "LicenseInfo")

    def create(self, aws: Aws, p: Properties) -> Made:
        arn = aws("lambda", "PublishLayerVersion", **p)["LayerVersionArn"]
        return Made(arn, {"LayerVersionArn": arn})

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        layer, _, number = made.ref.rpartition(":")
        aws("lambda", "DeleteLayerVersion", LayerName=layer, VersionNumber=number)


class LayerVersionPermission(Resource):
    service = "lambda"
    properties = ("LayerVersionArn", "Action", "Principal", "OrganizationId")

    def create(self, aws: Aws, p: Properties) -> Made:
        layer, _, number = p["LayerVersionArn"].rpartition(":")
        given = without(p, "LayerVersionArn")
        statement = self.new_name(aws, p)
        aws(
            "lambda",
            "AddLayerVersionPermission",
            **given,
            LayerName=layer,
            VersionNumber=number,
            StatementId=statement,
        )
        return Made(f"{p['LayerVersionArn']}#{statement}")

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        layer, _, number = p["LayerVersionArn"].rpartition(":")
        statement = made.ref.rpartition("#")[2]
        aws(
            "lambda",
            "RemoveLayerVersionPermission",
            LayerName=layer,
            VersionNumber=number,
            StatementId=statement,
        )


_NO_RESPONSE = (
    "CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [{}]. "
    "If you are using the Python cfn-response module, you may need to update your Lambda function code so that "
    "CloudFormation can attach the updated version."
)


class Custom(Resource):
    """`Custom::…`: the function does the work, and answers by PUT to a presigned address, as on AWS.

    On AWS the function is invoked asynchronously and may take an hour to answer; here it answers while it runs.
    """

    service, like = "", "anything"
    fixed = ("ServiceToken", "ServiceTimeout")
    _bucket = "cloudformation-custom-resource-response-useast1"

    def create(self, aws: Aws, p: Properties) -> Made:
        return self._ask(aws, "Create", p, {})

    def update(self, aws: Aws, made: Made, p: Properties, old: Properties) -> Made:
        return self._ask(aws, "Update", p, {"PhysicalResourceId": made.ref, "OldResourceProperties": _texts(old)})

    def delete(self, aws: Aws, made: Made, p: Properties) -> None:
        self._ask(aws, "Delete", p, {"PhysicalResourceId": made.ref})

    def _ask(self, aws: Aws, what: str, p: Properties, more: Properties) -> Made:
        if aws.sealed:  # the address that the function is given holds the key of whoever signed it
            raise CannotMake("There are no custom resources where exercises are judged.")
        key = aws.new_id()
        event = {
            "RequestType": what,
            "StackId": aws.stack_id,
            "RequestId": key,
            "LogicalResourceId": aws.logical,
            "ResourceType": aws.type,
            "ResourceProperties": _texts(p),
            **more,
        }
        aws("s3", "CreateBucket", Bucket=self._bucket)
        try:
            to = {"Bucket": self._bucket, "Key": key}
            event["ResponseURL"] = aws.client("s3").generate_presigned_url("put_object", to)
            aws("lambda", "Invoke", FunctionName=p["ServiceToken"], Payload=json.dumps(event))
            answer = json.load(aws("s3", "GetObject", Bucket=self._bucket, Key=key)["Body"])
        except CannotMake as error:
            if error.code != "NoSuchKey":
                raise
            raise CannotMake(_NO_RESPONSE.format(key)) from None
        except ValueError:
            raise CannotMake(f"Invalid Response object: not valid JSON (RequestId: {key})") from None
        finally:
            aws("s3", "DeleteObject", Bucket=self._bucket, Key=key)
            aws("s3", "DeleteBucket", Bucket=self._bucket)
        if answer.get("Status") != "SUCCESS":
            reason = f"Received response status [FAILED] from custom resource. Message returned: {answer.get('Reason')}"
            raise CannotMake(f"{reason} (RequestId: {key})", "GeneralServiceException")
        return Made(str(answer.get("PhysicalResourceId") or key), answer.get("Data") or {})


def _texts(value: Any) -> Any:
    """Properties as a custom resource gets them: every number and boolean as text."""
    if isinstance(value, dict):
        return {key: _texts(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_texts(inner) for inner in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
