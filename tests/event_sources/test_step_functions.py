"""Step Functions → Lambda: both kinds of task, Retry and Catch by Lambda's errors, the role, the clock, refusals."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambda_sandbox import Sandbox
from lambda_sandbox.wire import NOT_MODELLED

INVOKE = "arn:aws:states:::lambda:invoke"
SHOP = """
class OutOfStock(Exception):
    pass

tried = 0

def handler(event, context):
    global tried
    match event.get("do"):
        case "sold out":
            raise OutOfStock("no cake left")
        case "third time lucky":
            tried += 1
            if tried < 3:
                raise OutOfStock(f"attempt {tried}")
            return tried
        case "for ever":
            while True:
                pass
    return {"bought": event["item"]}
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock="virtual", seed=1) as sandbox:
        sandbox.deploy(SHOP, name="shop", Timeout=1)
        trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
        iam = sandbox.client("iam")
        for name in ("machine", "stranger"):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
        allow = {"Effect": "Allow", "Action": ["lambda:InvokeFunction", "sqs:SendMessage"], "Resource": "*"}
        iam.put_role_policy(RoleName="machine", PolicyName="p", PolicyDocument=document(allow))
        yield sandbox


def document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def arn(kind: str, name: str) -> str:
    service, region = ("iam", "") if kind == "role" else ("lambda", "us-east-1")
    return f"arn:aws:{service}:{region}:123456789012:{kind}{'/' if kind == 'role' else ':'}{name}"


def made(sandbox: Sandbox, name: str, role: str = "machine", **states: Any) -> str:
    """A state machine that begins with the first of its states."""
    definition = json.dumps({"StartAt": next(iter(states)), "States": states})
    machine = sandbox.client("stepfunctions").create_state_machine(
        name=name, definition=definition, roleArn=arn("role", role)
    )
    return str(machine["stateMachineArn"])


def run(sandbox: Sandbox, machine: str, given: Any) -> tuple[Any, list[str]]:
    """What an execution came to, once it is over, and the types of its history."""
    sfn = sandbox.client("stepfunctions")
    execution = sfn.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]
    sandbox.settle()
    history = sfn.get_execution_history(executionArn=execution)["events"]
    return sfn.describe_execution(executionArn=execution), [event["type"] for event in history]


def test_a_function_by_its_arn_gets_the_input_verbatim_and_its_answer_is_the_output(sandbox: Sandbox) -> None:
    machine = made(sandbox, "by-arn", Buy={"Type": "Task", "Resource": arn("function", "shop"), "End": True})
    execution, history = run(sandbox, machine, {"item": "cake"})
    assert (execution["status"], json.loads(execution["output"])) == ("SUCCEEDED", {"bought": "cake"})
    assert history == [
        "ExecutionStarted",
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]


def test_the_optimised_integration_gets_a_payload_and_answers_with_an_envelope(sandbox: Sandbox) -> None:
    task = {
        "Type": "Task",
        "Resource": INVOKE,
        "Parameters": {"FunctionName": arn("function", "shop"), "Payload": {"item.$": "$.wish"}},
        "End": True,
    }
    execution, history = run(sandbox, made(sandbox, "optimised", Buy=task), {"wish": "bread"})
    output = json.loads(execution["output"])
    assert sorted(output) == ["ExecutedVersion", "Payload", "SdkHttpMetadata", "SdkResponseMetadata", "StatusCode"]
    assert (output["Payload"], output["StatusCode"]) == ({"bought": "bread"}, 200)
    assert history[2:5] == ["TaskScheduled", "TaskStarted", "TaskSucceeded"]


def test_retries_wait_on_the_clock_of_the_sandbox(sandbox: Sandbox) -> None:
    task = {
        "Type": "Task",
        "Resource": arn("function", "shop"),
        "Retry": [{"ErrorEquals": ["OutOfStock"], "IntervalSeconds": 60, "BackoffRate": 2, "MaxAttempts": 2}],
        "Next": "Rest",
    }
    machine = made(sandbox, "retries", Buy=task, Rest={"Type": "Wait", "Seconds": 3600, "End": True})
    execution, history = run(sandbox, machine, {"do": "third time lucky"})
    assert (execution["status"], execution["output"]) == ("SUCCEEDED", "3")
    assert history.count("LambdaFunctionFailed") == 2
    waited = (execution["stopDate"] - execution["startDate"]).total_seconds()
    assert 60 + 120 + 3600 <= waited < 3800


def test_catch_names_what_the_function_raised_and_what_lambda_says_of_a_time_out(sandbox: Sandbox) -> None:
    task = {
        "Type": "Task",
        "Resource": INVOKE,
        "Parameters": {"FunctionName": "shop", "Payload.$": "$"},
        "Catch": [
            {"ErrorEquals": ["OutOfStock"], "Next": "Sorry"},
            {"ErrorEquals": ["Sandbox.Timedout"], "Next": "Late"},
        ],
        "End": True,
    }
    sorry, late = {"Type": "Pass", "End": True}, {"Type": "Pass", "Result": "too late", "End": True}
    machine = made(sandbox, "catch", Buy=task, Sorry=sorry, Late=late)
    execution, _ = run(sandbox, machine, {"do": "sold out"})
    caught = json.loads(execution["output"])
    assert caught["Error"] == "OutOfStock"
    assert json.loads(caught["Cause"])["errorMessage"] == "no cake left"
    execution, _ = run(sandbox, machine, {"do": "for ever"})
    assert json.loads(execution["output"]) == "too late"


@pytest.mark.parametrize("resource", ["arn", "integration"])
def test_who_may_not_invoke_or_names_nothing_fails_with_lambdas_words(sandbox: Sandbox, resource: str) -> None:
    def task(function: str) -> dict[str, Any]:
        if resource == "arn":
            return {"Type": "Task", "Resource": arn("function", function), "End": True}
        return {"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": function}, "End": True}

    execution, history = run(sandbox, made(sandbox, f"denied-{resource}", "stranger", Buy=task("shop")), {})
    assert (execution["status"], execution["error"]) == ("FAILED", "Lambda.AWSLambdaException")
    assert (
        "assumed-role/stranger/StepFunctions is not authorized to perform: lambda:InvokeFunction" in execution["cause"]
    )
    assert history[-1] == "ExecutionFailed"
    execution, _ = run(sandbox, made(sandbox, f"gone-{resource}", Buy=task("nobody")), {})
    assert execution["error"] == "Lambda.ResourceNotFoundException"
    assert "Function not found" in execution["cause"]


def test_branches_and_items_run_side_by_side_and_wait_together(sandbox: Sandbox) -> None:
    buy = {"Type": "Task", "Resource": arn("function", "shop")}
    slow = {
        "StartAt": "Wait",
        "States": {"Wait": {"Type": "Wait", "Seconds": 300, "Next": "Buy"}, "Buy": {**buy, "End": True}},
    }
    quick = {"StartAt": "Buy", "States": {"Buy": {**buy, "End": True}}}
    machine = made(
        sandbox,
        "many",
        Both={"Type": "Parallel", "Branches": [slow, quick, slow], "ResultPath": "$.both", "Next": "Each"},
        Each={"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": slow, "End": True},
    )
    given = {"item": "tea", "items": [{"item": "cake"}, {"item": "jam"}]}
    execution, _ = run(sandbox, machine, given)
    assert json.loads(execution["output"]) == [{"bought": "cake"}, {"bought": "jam"}]
    assert 600 <= (execution["stopDate"] - execution["startDate"]).total_seconds() < 700


def test_a_task_token_is_waited_for_and_nothing_is_left_to_settle(sandbox: Sandbox) -> None:
    url = sandbox.client("sqs").create_queue(QueueName="tokens")["QueueUrl"]
    ask = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": url, "MessageBody.$": "$$.Task.Token"},
        "TimeoutSeconds": 3600,
        "End": True,
    }
    sfn, machine = sandbox.client("stepfunctions"), made(sandbox, "token", Ask=ask)
    execution = sfn.start_execution(stateMachineArn=machine)["executionArn"]
    sandbox.settle()
    assert sfn.describe_execution(executionArn=execution)["status"] == "RUNNING"
    token = sandbox.client("sqs").receive_message(QueueUrl=url)["Messages"][0]["Body"]
    sfn.send_task_success(taskToken=token, output='"yes"')
    sandbox.settle()
    assert sfn.describe_execution(executionArn=execution)["output"] == '"yes"'
    late = sfn.start_execution(stateMachineArn=machine)["executionArn"]
    sandbox.settle()
    sandbox.clock.advance(hours=2)
    sandbox.settle()
    described = sfn.describe_execution(executionArn=late)
    assert (described["status"], described["error"]) == ("FAILED", "States.Timeout")


def test_an_execution_can_be_stopped_while_it_waits(sandbox: Sandbox) -> None:
    sfn, machine = (
        sandbox.client("stepfunctions"),
        made(sandbox, "stop", Wait={"Type": "Wait", "Seconds": 9, "End": True}),
    )
    execution = sfn.start_execution(stateMachineArn=machine, name="one")["executionArn"]
    sfn.stop_execution(executionArn=execution, error="Enough", cause="changed my mind")
    sandbox.settle()
    described = sfn.describe_execution(executionArn=execution)
    assert (described["status"], described["error"], described["cause"]) == ("ABORTED", "Enough", "changed my mind")
    last = sfn.get_execution_history(executionArn=execution, reverseOrder=True)["events"][0]
    assert last["type"] == "ExecutionAborted"


def test_what_aws_or_the_sandbox_does_not_take_is_said_at_creation(sandbox: Sandbox) -> None:
    sfn = sandbox.client("stepfunctions")
    end = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}

    def refused(definition: Any, role: str = "machine") -> Any:
        with pytest.raises(ClientError) as error:
            sfn.create_state_machine(name="no", definition=json.dumps(definition), roleArn=arn("role", role))
        return error.value.response["Error"]

    assert refused(end, "lambda-role")["Code"] == "AccessDeniedException"
    assert refused({"StartAt": "A"})["Code"] == "InvalidDefinition"
    missing = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}
    text = "Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next'"
    assert refused(missing) == {"Code": "InvalidDefinition", "Message": text}
    jsonata = refused({**end, "QueryLanguage": "JSONata"})
    assert jsonata["Code"] == NOT_MODELLED
    assert "does not model state machines in JSONata" in jsonata["Message"]


def test_rules_and_schedules_start_executions_in_the_name_of_a_role(sandbox: Sandbox) -> None:
    sfn, events = sandbox.client("stepfunctions"), sandbox.client("events")
    machine = made(sandbox, "started", Pass={"Type": "Pass", "End": True})
    trust = {"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam = sandbox.client("iam")
    iam.create_role(RoleName="starter", AssumeRolePolicyDocument=document(trust))
    allow = {"Effect": "Allow", "Action": "states:StartExecution", "Resource": machine}
    iam.put_role_policy(RoleName="starter", PolicyName="p", PolicyDocument=document(allow))
    events.put_rule(Name="starts", EventPattern='{"source": ["shop"]}')
    roles = [arn("role", name) for name in ("starter", "stranger")]
    targets = [{"Id": role, "Arn": machine, "RoleArn": role, "InputPath": "$.detail"} for role in roles]
    events.put_targets(Rule="starts", Targets=[{**one, "Id": f"{n}"} for n, one in enumerate(targets)])
    events.put_events(Entries=[{"Source": "shop", "DetailType": "Order", "Detail": '{"n": 1}'}])
    target = {"Arn": machine, "RoleArn": roles[0], "Input": '{"n": 2}'}
    sandbox.client("scheduler").create_schedule(
        Name="starts", ScheduleExpression="rate(1 hour)", Target=target, FlexibleTimeWindow={"Mode": "OFF"}
    )
    sandbox.clock.advance(minutes=61)  # at once, and then every hour
    sandbox.settle()
    executions = sfn.list_executions(stateMachineArn=machine)["executions"]
    given = [sfn.describe_execution(executionArn=one["executionArn"]) for one in executions]
    assert sorted((one["status"], one["input"]) for one in given) == [
        *[("SUCCEEDED", '{"n": 2}')] * 2,  # at once, and after an hour
        ("SUCCEEDED", '{"n":1}'),
    ]
    [refused] = sandbox.journal(kind="delivery.refused")
    assert "no identity-based policy allows the states:StartExecution action" in refused.data["because"]
    sandbox.client("scheduler").delete_schedule(Name="starts")


def test_a_reset_ends_what_waits(sandbox: Sandbox) -> None:
    """Last in this file: nothing of the fixture is left."""
    sfn = sandbox.client("stepfunctions")
    machine = made(sandbox, "left", Wait={"Type": "Wait", "Seconds": 10**6, "End": True})
    sfn.start_execution(stateMachineArn=machine)
    before = sandbox.clock.now()
    sandbox.reset()
    sandbox.settle()
    assert sfn.list_state_machines()["stateMachines"] == []
    assert sandbox.clock.now() < before + 1000
