"""REST APIs of API Gateway, called over the socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from lambda_sandbox import Sandbox
from tests.door.apis import FUNCTION, Http, Rest, a_shop, asked_of


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with a_shop() as running:
        yield running


@pytest.fixture(scope="module")
def rest(sandbox: Sandbox) -> Rest:
    api = Rest(sandbox)
    api.method("ANY", "/{proxy+}").method("GET", "/pets/{id}").method("GET", "/pets/mine").method("POST", "/")
    return api.deploy(variables={"colour": "blue"})


def test_the_event_of_a_rest_api_has_what_aws_sends(rest: Rest) -> None:
    asked = {"tEsT-Header": "aValue", "user_agent": "me", "authorization": "Basic x"}
    event = rest.ask("GET", "/pets/a%2Bb/?x=1&x=2+3&y=", **asked).json
    context = event["requestContext"]
    assert (event["resource"], event["path"], event["httpMethod"]) == ("/pets/{id}", "/pets/a%2Bb/", "GET")
    assert event["pathParameters"] == {"id": "a%2Bb"} and event["stageVariables"] == {"colour": "blue"}
    assert event["queryStringParameters"] == {"x": "2 3", "y": ""}
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2 3"], "y": [""]}
    assert event["headers"]["tEsT-Header"] == "aValue" and event["multiValueHeaders"]["tEsT-Header"] == ["aValue"]
    assert event["headers"]["User-Agent"] == context["identity"]["userAgent"] == "me"
    assert event["headers"]["Authorization"] == "Basic x"
    assert event["headers"]["Host"] == context["domainName"] == f"{rest.id}.execute-api.us-east-1.amazonaws.com"
    assert (event["body"], event["isBase64Encoded"]) == (None, False)
    assert (context["path"], context["stage"], context["resourcePath"]) == ("/test/pets/a%2Bb/", "test", "/pets/{id}")
    assert context["resourceId"] == rest.resources["/pets/{id}"] and context["accountId"] == "123456789012"
    assert set(context) == {
        *("accountId", "apiId", "deploymentId", "domainName", "domainPrefix", "extendedRequestId", "httpMethod"),
        *("identity", "path", "protocol", "requestId", "requestTime", "requestTimeEpoch", "resourceId"),
        *("resourcePath", "stage"),
    }


@pytest.mark.parametrize(
    ("method", "path", "resource"),
    [
        ("GET", "/pets/mine", "/pets/mine"),
        ("GET", "/pets/7", "/pets/{id}"),
        ("GET", "/pets/7/", "/pets/{id}"),
        ("DELETE", "/pets/7", "/{proxy+}"),
        ("GET", "/a/b/c", "/{proxy+}"),
        ("POST", "/", "/"),
    ],
)
def test_the_most_specific_resource_serves(rest: Rest, method: str, path: str, resource: str) -> None:
    assert rest.ask(method, path).json["resource"] == resource


def test_a_rest_api_is_reached_by_its_name_too(rest: Rest) -> None:
    assert rest.at("GET", "/test/pets/7").json["path"] == "/pets/7"
    answer = rest.at("GET", "/test//pets/mine")
    event = answer.json
    assert answer.headers["X-Amzn-Trace-Id"] == event["headers"]["X-Amzn-Trace-Id"]
    assert (event["path"], event["resource"]) == ("/pets/mine", "/pets/mine")
    assert event["requestContext"]["path"] == "/test//pets/mine"
    nowhere = rest.at("GET", "/prod/pets/7")
    assert (nowhere.status, nowhere.json) == (403, {"message": "Forbidden"})
    assert nowhere.headers["x-amzn-ErrorType"] == "ForbiddenException"


def test_what_no_method_serves_asks_for_a_token(rest: Rest) -> None:
    answer = rest.ask("GET", "/")
    assert (answer.status, answer.json) == (403, {"message": "Missing Authentication Token"})
    assert answer.headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"


def test_a_change_serves_once_it_is_deployed_and_a_stage_keeps_its_variables(sandbox: Sandbox) -> None:
    api = Rest(sandbox).method("GET", "/old").deploy(variables={"colour": "blue"})
    api.method("GET", "/new")
    assert api.ask("GET", "/new").status == 403
    api.deploy()
    assert api.ask("GET", "/new").json["stageVariables"] == {"colour": "blue"}
    first = api.gateway.get_deployments(restApiId=api.id)["items"][0]["id"]
    back = [{"op": "replace", "path": "/deploymentId", "value": first}]
    api.gateway.update_stage(restApiId=api.id, stageName="test", patchOperations=back)
    assert (api.ask("GET", "/new").status, api.ask("GET", "/old").status) == (403, 200)


@pytest.mark.parametrize(
    "answer",
    [
        "justAString",
        None,
        ["statusCode"],
        {"statusCode": 200, "wrongValue": "value"},
        {"statusCode": "test"},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "multiValueHeaders": {"a": "text"}},
        {"statusCode": 200, "headers": {"a": ["text"]}},
    ],
    ids=str,
)
def test_a_malformed_answer_is_502(rest: Rest, answer: Any) -> None:
    got = rest.ask("POST", "/", {"answer": answer})
    assert (got.status, got.json) == (502, {"message": "Internal server error"})
    assert got.headers["x-amzn-ErrorType"] == "InternalServerErrorException"


def test_a_function_that_fails_is_502(rest: Rest) -> None:
    assert rest.ask("POST", "/", {"raise": "oh"}).status == 502


def test_an_answer_may_leave_out_all_but_what_it_says(rest: Rest) -> None:
    assert rest.ask("POST", "/", {"answer": {"headers": None}}).headers["Content-Type"] == "application/json"
    assert rest.ask("POST", "/", {"answer": {"statusCode": "201"}}).status == 201
    told = {"headers": {"test-multi": "solo", "on": True}, "multiValueHeaders": {"tesT-Multi": ["a", "b"]}}
    headers = rest.ask("POST", "/", {"answer": told}).headers
    assert headers.get_all("test-multi") == ["a", "b", "solo"] and headers["on"] == "true"


def test_a_slow_function_is_504_and_runs_on(sandbox: Sandbox) -> None:
    api = Rest(sandbox).method("POST", "/", {"timeoutInMillis": 60}).deploy()
    answer = api.ask("POST", "/", {"sleep": 0.3})
    assert (answer.status, answer.json) == (504, {"message": "Endpoint request timed out"})
    sandbox.settle()
    ended = [record.kind for record in sandbox.journal() if record.function == "shop"][-3:]
    assert "invocation.answered" in ended


def test_without_permission_it_is_500_and_the_journal_says_why(sandbox: Sandbox) -> None:
    sandbox.deploy(FUNCTION, name="private")
    uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{}/invocations"
    api = Rest(sandbox)
    api.method("GET", "/a/{id}", {"uri": uri.format(api.arn("private"))})
    api.method("GET", "/b", {"uri": uri.format("arn:aws:lambda:us-east-1:123456789012:function:${stageVariables.f}")})
    api.deploy(variables={"f": "nobody"})
    source = f"arn:aws:execute-api:us-east-1:123456789012:{api.id}/*/GET/b"
    permission = {"Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com", "FunctionName": "private"}
    sandbox.client("lambda").add_permission(StatementId="b", SourceArn=source, **permission)
    for path, because in (("/a/1", "the statement 'b' would allow it, but "), ("/b", "there is no function ")):
        answer = api.ask("GET", path)
        assert (answer.status, answer.json) == (500, {"message": "Internal server error"})
        refused = [record for record in sandbox.journal() if record.kind == "delivery.refused"][-1].data
        assert refused["source"] == "apigateway" and refused["because"].startswith(because)
    sandbox.client("lambda").add_permission(StatementId="a", SourceArn=source.replace("GET/b", "GET/a/*"), **permission)
    assert api.ask("GET", "/a/1").status == 200


def test_binary_bodies_are_base64_only_for_binary_media_types(sandbox: Sandbox, rest: Rest) -> None:
    api = Rest(sandbox, binaryMediaTypes=["image/*"]).method("POST", "/").deploy()
    event = api.ask("POST", "/", b"\x89PNG", content_type="image/png").json
    assert (event["body"], event["isBase64Encoded"]) == ("iVBORw==", True)
    picture = {"statusCode": 200, "body": "iVBORw==", "isBase64Encoded": True, "headers": {"Content-Type": "image/png"}}
    assert api.ask("POST", "/", {"answer": picture}, accept="image/png").body == b"\x89PNG"
    assert api.ask("POST", "/", {"answer": picture}, accept="text/html, image/png").body == b"iVBORw=="
    assert rest.ask("POST", "/", {"answer": picture}, accept="image/png").body == b"iVBORw=="


def test_a_token_authorizer_is_asked_once_for_a_while(sandbox: Sandbox) -> None:
    api = Rest(sandbox)
    guard = api.authorizer("TOKEN", identityValidationExpression="[a-z]+", authorizerResultTtlInSeconds=60)
    api.method("GET", "/{proxy+}", authorizationType="CUSTOM", authorizerId=guard).deploy()
    for token, status, said in (
        ("", 401, {"message": "Unauthorized"}),
        ("NOT9", 401, {"message": "Unauthorized"}),
        ("unknown", 401, {"message": "Unauthorized"}),
        ("broken", 500, {"message": None}),
        ("other", 403, {"Message": "User is not authorized to access this resource"}),
        ("deny", 403, {"Message": "User is not authorized to access this resource with an explicit deny"}),
    ):
        answer = api.ask("GET", "/a", **({"authorization": token} if token else {}))
        assert (answer.status, answer.json) == (status, said)
    before = asked_of(sandbox, "guard")
    known = {"principalId": "me", "level": "3", "admin": "true", "name": "Ann", "integrationLatency": 0}
    for path in ("/a", "/b"):
        assert api.ask("GET", path, authorization="allow").json["requestContext"]["authorizer"] == known
    assert asked_of(sandbox, "guard") == before + 1
    sandbox.clock.advance(seconds=61)
    assert api.ask("GET", "/a", authorization="allow").status == 200
    assert asked_of(sandbox, "guard") == before + 2


def test_a_request_authorizer_sees_the_request(sandbox: Sandbox) -> None:
    api = Rest(sandbox)
    source = "method.request.header.Authorization, method.request.querystring.shop"
    guard = api.authorizer("REQUEST", identitySource=source, authorizerResultTtlInSeconds=0)
    api.method("GET", "/pets", authorizationType="CUSTOM", authorizerId=guard).deploy()
    assert api.ask("GET", "/pets", authorization="allow").status == 401  # a source is missing
    assert api.ask("GET", "/pets?shop=1", authorization="allow").status == 200


def test_an_api_key_must_be_of_a_plan_of_the_stage(sandbox: Sandbox) -> None:
    api = Rest(sandbox).method("GET", "/", apiKeyRequired=True).deploy()
    key = api.gateway.create_api_key(name="k", enabled=True, value="k" * 20)
    assert api.ask("GET", "/", x_api_key="k" * 20).json == {"message": "Forbidden"}
    plan = api.gateway.create_usage_plan(name="p", apiStages=[{"apiId": api.id, "stage": "test"}])
    api.gateway.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
    identity = api.ask("GET", "/", x_api_key="k" * 20).json["requestContext"]["identity"]
    assert (identity["apiKey"], identity["apiKeyId"]) == ("k" * 20, key["id"])
    assert api.ask("GET", "/").status == 403


def test_with_iam_only_signed_requests_pass(sandbox: Sandbox) -> None:
    api = Rest(sandbox).method("GET", "/", authorizationType="AWS_IAM").deploy()
    assert api.ask("GET", "/").json == {"message": "Missing Authentication Token"}
    request = AWSRequest("GET", f"https://{api.id}.execute-api.us-east-1.amazonaws.com/test/")
    SigV4Auth(Credentials("AKIAME", "secret"), "execute-api", "us-east-1").add_auth(request)
    event = api.at("GET", "/test/", **dict(request.headers)).json
    assert event["requestContext"]["identity"]["userArn"].endswith(":user/learner")


def test_the_policy_of_an_api_is_asked_too(sandbox: Sandbox) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": "execute-api:/*/GET/in",
    }
    api = Rest(sandbox, policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    api.method("GET", "/in").method("GET", "/out").deploy()
    assert api.ask("GET", "/in").status == 200
    out = api.ask("GET", "/out")
    assert out.status == 403 and out.json["Message"].startswith("User: anonymous is not authorized to perform: ")
    with pytest.raises(ClientError, match="Invalid policy document"):
        Rest(sandbox, policy="no JSON")


def test_a_mock_answers_the_preflight_and_gateway_responses_carry_headers(sandbox: Sandbox) -> None:
    api = Rest(sandbox).method("GET", "/pets")
    api.method("OPTIONS", "/pets", {"type": "MOCK", "requestTemplates": {"application/json": '{"statusCode": 204}'}})
    place = {"restApiId": api.id, "resourceId": api.resources["/pets"], "httpMethod": "OPTIONS", "statusCode": "204"}
    origin = "method.response.header.Access-Control-Allow-Origin"
    api.gateway.put_method_response(**place, responseParameters={origin: True})
    api.gateway.put_integration_response(**place, responseParameters={origin: "'*'"})
    api.gateway.put_gateway_response(
        restApiId=api.id,
        responseType="DEFAULT_4XX",
        statusCode="404",
        responseParameters={"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"},
        responseTemplates={"application/json": '{"oops": $context.error.messageString}'},
    )
    api.deploy()
    preflight = api.ask("OPTIONS", "/pets", origin="https://a.example")
    assert (preflight.status, preflight.headers["Access-Control-Allow-Origin"]) == (204, "*")
    lost = api.ask("GET", "/cats")
    assert (lost.status, lost.json) == (404, {"oops": "Missing Authentication Token"})
    assert lost.headers["Access-Control-Allow-Origin"] == "*"


def test_required_parameters_are_asked_for(sandbox: Sandbox) -> None:
    api = Rest(sandbox)
    validator = api.gateway.create_request_validator(restApiId=api.id, name="v", validateRequestParameters=True)
    wanted = {"method.request.querystring.q": True, "method.request.header.X-Shop": True}
    api.method("GET", "/", requestParameters=wanted, requestValidatorId=validator["id"]).deploy()
    answer = api.ask("GET", "/?q=1")
    assert (answer.status, answer.json) == (400, {"message": "Missing required request parameters: [X-Shop]"})
    assert api.ask("GET", "/?q=1", x_shop="7").status == 200


def test_a_custom_integration_passes_the_body_on_and_selects_the_answer(sandbox: Sandbox) -> None:
    api = Rest(sandbox).method("POST", "/", {"type": "AWS"})
    place = {"restApiId": api.id, "resourceId": api.resources["/"], "httpMethod": "POST"}
    for status, pattern in (("200", {}), ("400", {"selectionPattern": ".*400.*"})):
        api.gateway.put_method_response(**place, statusCode=status)
        api.gateway.put_integration_response(**place, statusCode=status, **pattern)
    api.deploy()
    event = {"body": json.dumps({"answer": {"message": "hello world"}})}
    assert api.ask("POST", "/", event).json == {"message": "hello world"}
    for error, status in (("a 400 it is", 400), ("another", 200)):  # an error that no pattern knows is a 200
        answer = api.ask("POST", "/", {"body": json.dumps({"raise": error})})
        assert (answer.status, answer.json["errorMessage"]) == (status, error)
    assert api.ask("POST", "/", b"{").json == {"message": "Could not parse request body into json"}


def test_lambda_is_called_by_post_and_other_integrations_are_not_modelled(sandbox: Sandbox) -> None:
    api = Rest(sandbox).method("GET", "/a", {"integrationHttpMethod": "GET"})
    api.method("GET", "/b", {"type": "HTTP", "uri": "http://example.com"})
    api.method("GET", "/c", {"type": "AWS", "requestTemplates": {"application/json": "$input.params('a')"}}).deploy()
    assert api.ask("GET", "/a").json == {"message": "Internal server error"}
    for path in ("/b", "/c"):
        plain = api.ask("GET", path)
        assert plain.status == 501 and plain.json["message"].startswith("The sandbox does not model ")


def test_what_api_gateway_refuses_to_take_is_refused(sandbox: Sandbox) -> None:
    api, web = Rest(sandbox).method("GET", "/a"), Http(sandbox).route("GET /a").staged()
    root = {"restApiId": api.id, "parentId": api.resources["/"]}
    for refused, words in (
        (lambda: api.gateway.create_resource(**root, pathPart="a"), "already has this name: a"),
        (lambda: api.method("GET", "/a", {"timeoutInMillis": 30000}), "between 50 ms and 29000 ms"),
        (lambda: api.gateway.create_stage(restApiId=api.id, stageName="s", deploymentId="no"), "does not exist"),
        (lambda: web.route("GET /a"), "Route with key GET /a already exists for this API"),
        (lambda: web.route("get /b"), "not formatted properly for HTTP protocol"),
        (lambda: web.staged(), "Stage already exists"),
    ):
        with pytest.raises(ClientError, match=words):
            refused()


def test_an_integration_says_what_nobody_set_and_is_gone_once_deleted(sandbox: Sandbox) -> None:
    api = Rest(sandbox).method("GET", "/a")
    place = {"restApiId": api.id, "resourceId": api.resources["/a"], "httpMethod": "GET"}
    usual = {"passthroughBehavior": "WHEN_NO_MATCH", "timeoutInMillis": 29000, "cacheNamespace": place["resourceId"]}
    assert usual.items() <= api.gateway.get_integration(**place).items()
    api.gateway.delete_integration(**place)
    with pytest.raises(ClientError, match="Invalid Integration identifier specified"):
        api.gateway.get_integration(**place)


def test_an_api_whose_endpoint_is_disabled_serves_nobody(sandbox: Sandbox) -> None:
    api = Rest(sandbox, disableExecuteApiEndpoint=True).method("GET", "/").deploy()
    assert api.ask("GET", "/").json == {"message": "Forbidden"}
