"""The checks of 05/let_in: the permission is given to a real function, and a right and a wrong source try to use it."""

import json

from botocore.exceptions import BotoCoreError, ClientError

from lambda_sandbox.workbook.checks import expect, require, task

PROBE = "def lambda_handler(event, context):\n    pass\n"
ACCOUNT = "123456789012"
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
NEEDED = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]


def asked(function, source, arn):
    """The answer for one source; it must be a dict."""
    answer = function.invoke({"source": source, "arn": arn, "account": ACCOUNT})
    require(isinstance(answer, dict), says="letin.refused", expected="a dict", got=answer, reason="it is not a dict.")
    return answer


def permit(sandbox, permission):
    """A function that lets in whom the permission lets in; its ARN."""
    probe = sandbox.deploy(PROBE, name="probe")
    try:
        sandbox.client("lambda").add_permission(FunctionName="probe", StatementId="it", **permission)
    except (BotoCoreError, ClientError, TypeError) as error:
        require(False, says="letin.refused", expected="a permission", got=permission, reason=str(error))
    return probe.arn


def bucket_may(sandbox, arn, bucket):
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket=bucket)
    entry = {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}
    try:  # S3 asks the function's policy before it stores this
        s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [entry]}
        )
    except ClientError:
        return False
    return True


def topic_may(sandbox, arn, topic):
    sns = sandbox.client("sns")
    topic_arn = sns.create_topic(Name=topic)["TopicArn"]
    sns.subscribe(TopicArn=topic_arn, Protocol="lambda", Endpoint=arn)
    before = len(sandbox.journal(function="probe", kind="invocation.started"))
    sns.publish(TopicArn=topic_arn, Message="tea")
    sandbox.settle()
    return len(sandbox.journal(function="probe", kind="invocation.started")) > before


def compare(function, sandbox, rng, source, prefix, may):
    name = f"shop-{rng.randrange(1000)}"
    permission = asked(function, source, prefix + name)
    probe = permit(sandbox, permission)
    expected = f"the {source} {name} may invoke"
    require(may(sandbox, probe, name), says="letin.still-closed", expected=expected, got=permission, source=source)
    stranger = may(sandbox, probe, f"{name}-2")
    expected = f"{source} {name}-2 may not"
    require(not stranger, says="letin.strangers-too", expected=expected, got=permission, source=source)
    return permission


@task(1)
def test_lets_one_bucket_in(function, sandbox, rng):
    permission = compare(function, sandbox, rng, "bucket", "arn:aws:s3:::", bucket_may)
    expect(permission.get("SourceAccount"), ACCOUNT, says="letin.whose-bucket")


@task(1)
def test_lets_one_topic_in(function, sandbox, rng):
    compare(function, sandbox, rng, "topic", f"arn:aws:sns:us-east-1:{ACCOUNT}:", topic_may)


@task(2)
def test_lets_lambda_fetch_from_one_queue(function, sandbox, rng):
    name = f"orders-{rng.randrange(1000)}"
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
    policy = asked(function, "queue", arn)
    for queue in (name, f"{name}-2"):
        sandbox.client("sqs").create_queue(QueueName=queue, Attributes={"VisibilityTimeout": "30"})
    iam = sandbox.client("iam")
    trust = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    try:
        iam.put_role_policy(RoleName="reader", PolicyName="it", PolicyDocument=json.dumps(policy))
    except ClientError as error:
        require(False, says="letin.refused", expected="a policy document", got=policy, reason=str(error))
    sandbox.deploy(PROBE, name="probe", Role=role)
    connect = sandbox.client("lambda").create_event_source_mapping
    try:
        connect(FunctionName="probe", EventSourceArn=arn)
    except ClientError as error:
        reason = error.response["Error"]["Message"]
        require(False, says="letin.role-too-poor", expected=NEEDED, got=policy, reason=reason)
    try:
        connect(FunctionName="probe", EventSourceArn=f"{arn}-2")
    except ClientError:
        return
    require(False, says="letin.other-queues", expected=f"{name} and no other queue", got=policy)


@task(2, hidden=True)
def test_allows_nothing_that_is_not_needed(function):
    statements = asked(function, "queue", f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders").get("Statement", [])
    statements = [statements] if isinstance(statements, dict) else statements
    actions = []
    for statement in statements:
        action = statement.get("Action", [])
        actions += [action] if isinstance(action, str) else action
    needed = {action.lower() for action in NEEDED}  # in policies the case of an action does not matter
    require({str(action).lower() for action in actions} <= needed, says="letin.too-much", expected=NEEDED, got=sorted(actions))
