"""The function under test, as a check handles it: called, triggered, restarted, read."""

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from lambda_sandbox.workbook.checks import CheckFailed
from lambda_sandbox.workbook.course import Course
from lambda_sandbox.workbook.fixtures import Bench, empty_sandbox
from lambda_sandbox.workbook.results import Status
from lambda_sandbox.workbook.role import Role
from lambda_sandbox.workbook.subject import Function, Outcome

Deploy = Callable[[str], Function]

COUNTS = """
calls = 0
def lambda_handler(event, context):
    global calls
    calls += 1
    print("call", calls)
    return calls
"""
COPIES = """
import boto3
s3 = boto3.client("s3")
def lambda_handler(event, context):
    for record in event["Records"]:
        key = record["s3"]["object"]["key"]
        s3.copy_object(Bucket="photos", Key=key.replace("in/", "out/"), CopySource={"Bucket": "photos", "Key": key})
"""


@pytest.fixture
def deploy(course: Course) -> Deploy:
    """Deploys source text as the exercise's function, into the empty sandbox."""

    def deployed(code: str) -> Function:
        bench = Bench(course.exercise("01/double"), {"handler.py": code.encode()})
        bench.sandbox = empty_sandbox()
        return bench.deploy()

    return deployed


def test_an_environment_is_reused_until_the_function_is_restarted(deploy: Deploy) -> None:
    function = deploy(COUNTS)
    assert [function.invoke(), function.invoke()] == [1, 2]
    function.restart()
    assert function.invoke() == 1
    assert [report["cold"] for report in function.reports()] == [True, False, True]
    assert "init_ms" in function.reports()[0]


def test_the_log_holds_what_the_function_printed_and_nothing_else(deploy: Deploy) -> None:
    function = deploy(COUNTS)
    function.invoke()
    assert function.outcome().printed == "call 2"
    assert function.log() == "call 1\ncall 2\n"


def test_calls_at_the_same_moment_meet_environments_of_their_own(deploy: Deploy) -> None:
    function = deploy("import time\n" + COUNTS.replace("return", "time.sleep(0.3)\n    return"))
    assert function.concurrently([{}, {}, {}]) == [1, 1, 1]


def test_an_error_is_an_outcome_with_the_learners_own_frames(deploy: Deploy) -> None:
    function = deploy("def lambda_handler(event, context):\n    return event['name']\n")
    outcome = function.outcome({})
    assert (outcome.payload, outcome.status, outcome.error_type) == (None, Status.FAIL, "KeyError")
    assert outcome.where == ["handler.py, line 2, in lambda_handler: return event['name']"]


def test_a_check_may_say_in_words_what_it_called(deploy: Deploy) -> None:
    function = deploy("def lambda_handler(event, context):\n    return event\n")
    assert function.invoke({"at": "12:00:00.123"}, called="an event of noon") == {"at": "12:00:00.123"}
    assert function.called == "an event of noon"


def test_the_frames_of_a_library_in_the_package_are_left_out() -> None:
    lines = ['  File "/var/task/handler.py", line 9, in lambda_handler\n    Image.open(body)\n']
    lines.append('  File "/var/task/PIL/Image.py", line 3730, in open\n    raise UnidentifiedImageError(msg)\n')
    error = {"errorType": "UnidentifiedImageError", "stackTrace": lines}
    assert Outcome(None, Status.FAIL, error).where == ["handler.py, line 9, in lambda_handler: Image.open(body)"]
    error["stackTrace"] = lines[1:]
    assert Outcome(None, Status.FAIL, error).where[0].startswith("PIL/Image.py, line 3730")


def test_a_check_may_name_the_message_for_an_error(deploy: Deploy) -> None:
    function = deploy("def lambda_handler(event, context):\n    return event['name']\n")
    for says, message in (({"KeyError": "a.b"}, "a.b"), ("c.d", "c.d"), ({"TypeError": "a.b"}, "function.raised")):
        with pytest.raises(CheckFailed) as failed:
            function.invoke({}, says=says)
        assert failed.value.message == message


def test_a_stub_stays_not_started_whatever_message_the_check_names(deploy: Deploy) -> None:
    function = deploy("def lambda_handler(event, context):\n    raise NotImplementedError('task 1')\n")
    with pytest.raises(CheckFailed) as failed:
        function.invoke({}, says="a.b")
    assert (failed.value.status, failed.value.message) == (Status.NOT_STARTED, "function.not-started")


def test_an_upload_invokes_the_function_and_settling_waits_for_it(deploy: Deploy) -> None:
    function = deploy(COPIES)
    function.triggered_by("photos", prefix="in/", suffix=".png")
    s3 = s3_of(function)
    s3.put_object(Bucket="photos", Key="in/cat.png", Body=b"cat")
    s3.put_object(Bucket="photos", Key="in/cat.txt", Body=b"text")
    function.settle()
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket="photos")["Contents"]]
    assert keys == ["in/cat.png", "in/cat.txt", "out/cat.png"]


def test_an_invocation_that_fails_by_an_event_is_the_result_of_settling(deploy: Deploy) -> None:
    function = deploy("def lambda_handler(event, context):\n    return event['record']\n")
    function.triggered_by("photos")
    s3_of(function).put_object(Bucket="photos", Key="cat.png", Body=b"cat")
    with pytest.raises(CheckFailed) as failed:
        function.settle(says={"KeyError": "records.one"})
    assert failed.value.message == "records.one"
    assert function.called == "lambda_handler(…), by ObjectCreated:Put cat.png"
    assert failed.value.facts["where"] == ["handler.py, line 2, in lambda_handler: return event['record']"]
    function.settle()  # what was judged once is not judged again


def test_a_function_that_starts_itself_is_switched_off_and_that_is_the_result(deploy: Deploy) -> None:
    function = deploy(COPIES.replace('"in/", "out/"', '"in/", "in/a"'))
    function.triggered_by("photos", prefix="in/")
    s3_of(function).put_object(Bucket="photos", Key="in/cat.png", Body=b"cat")
    with pytest.raises(CheckFailed) as failed:
        function.settle()
    assert (failed.value.status, failed.value.message) == (Status.FAIL, "function.never-settles")


def s3_of(function: Function):
    """The S3 client of the sandbox in which the function is."""
    return function._sandbox.client("s3")


def test_a_role_decides_what_the_function_may_and_a_client_acts_as_it(deploy: Deploy) -> None:
    function = deploy("import boto3\ndef lambda_handler(event, context):\n    boto3.client('s3').list_buckets()\n")
    role = Role(function._sandbox)
    function.works_as(role)
    assert function.outcome().error_type == "AccessDenied"
    may = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
    role.holds({"Version": "2012-10-17", "Statement": may})
    assert function.outcome().error is None
    role.client("s3").list_buckets()
    with pytest.raises(ClientError, match="s3:CreateBucket"):
        role.client("s3").create_bucket(Bucket="photos")
