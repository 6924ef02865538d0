"""IAM's decision as a table: one row, one rule of the IAM user guide or of a recorded Lambda policy (facts §7)."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_sandbox.iam import Decision, decide, statements_of

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:thumbnail"
BUCKET = "arn:aws:s3:::pictures"
ROLE = "arn:aws:iam::123456789012:role/lambda-role"
SESSION = "arn:aws:sts::123456789012:assumed-role/lambda-role/thumbnail"
INVOKE = "lambda:InvokeFunction"


def allow(**more: Any) -> dict[str, Any]:
    return {"Sid": "a", "Effect": "Allow", "Action": "*", "Resource": "*", **more}


def deny(**more: Any) -> dict[str, Any]:
    return {**allow(**more), "Sid": "d", "Effect": "Deny"}


def s3_may_invoke(**condition: Any) -> dict[str, Any]:
    """The statement that AddPermission makes for S3, as recorded."""
    return allow(
        Principal={"Service": "s3.amazonaws.com"},
        Action=INVOKE,
        Resource=FUNCTION,
        Condition=condition
        or {"ArnLike": {"AWS:SourceArn": BUCKET}, "StringEquals": {"AWS:SourceAccount": "123456789012"}},
    )


S3 = {"principal": "s3.amazonaws.com", "context": {"aws:SourceArn": BUCKET, "aws:SourceAccount": "123456789012"}}


def when(operator: str, value: Any, key: str = "k") -> list[dict[str, Any]]:
    return [allow(Condition={operator: {key: value}})]


ROWS: list[tuple[str, list[dict[str, Any]], dict[str, Any], bool]] = [
    # -- Effect
    ("no statement is a no", [], {}, False),
    ("an Allow allows", [allow()], {}, True),
    ("a Deny wins over an Allow", [allow(), deny()], {}, False),
    ("a Deny wins whatever the order", [deny(), allow()], {}, False),
    ("a Deny about something else is no matter", [allow(), deny(Action="s3:*")], {}, True),
    ("an Effect in lower case is none", [allow(Effect="allow")], {}, False),
    # -- Action
    ("an action by its name", [allow(Action=INVOKE)], {}, True),
    ("an action in other case", [allow(Action="LAMBDA:invokefunction")], {}, True),
    ("an action of a list", [allow(Action=["s3:GetObject", INVOKE])], {}, True),
    ("an action by a star", [allow(Action="lambda:Invoke*")], {}, True),
    ("an action by a question mark", [allow(Action="lambda:InvokeFunctio?")], {}, True),
    ("a question mark is one character", [allow(Action="lambda:InvokeFunction?")], {}, False),
    ("a dot is a dot", [allow(Action="lambda.InvokeFunction")], {}, False),
    ("another action", [allow(Action="lambda:GetFunction")], {}, False),
    ("NotAction of another action", [allow(Action=None, NotAction="s3:*")], {}, True),
    ("NotAction of this action", [allow(NotAction=["lambda:*"])], {}, False),
    # -- Resource
    ("a resource by its ARN", [allow(Resource=FUNCTION)], {}, True),
    ("a resource of a list", [allow(Resource=[BUCKET, FUNCTION])], {}, True),
    ("a resource by a star", [allow(Resource="arn:aws:lambda:*:123456789012:function:thumb*")], {}, True),
    ("a resource in other case", [allow(Resource=FUNCTION.upper())], {}, False),
    ("a star does not cross the ARN's fields", [allow(Resource="arn:aws:lambda:*:function:thumbnail")], {}, False),
    ("a short ARN stands for all below", [allow(Resource="arn:aws:lambda")], {}, True),
    ("the function's ARN is not its alias", [allow(Resource=FUNCTION)], {"resource": FUNCTION + ":live"}, False),
    ("an alias by its ARN", [allow(Resource=FUNCTION + ":live")], {"resource": FUNCTION + ":live"}, True),
    ("a bucket is not its objects", [allow(Resource=BUCKET)], {"resource": BUCKET + "/cat.jpg"}, False),
    ("objects by a star", [allow(Resource=BUCKET + "/*")], {"resource": BUCKET + "/2026/cat.jpg"}, True),
    ("NotResource of another", [allow(NotResource=BUCKET)], {}, True),
    ("NotResource of this one", [allow(NotResource="arn:aws:lambda:*:*:*")], {}, False),
    ("a variable in a resource", [allow(Resource=BUCKET + "/${aws:username}/*")],
     {"resource": BUCKET + "/ada/x", "context": {"aws:username": "ada"}}, True),
    ("a variable without a value matches nothing", [allow(Resource=BUCKET + "/${aws:username}/*")],
     {"resource": BUCKET + "//x"}, False),
    ("a variable's default", [allow(Resource=BUCKET + "/${aws:username, 'guest'}/*")],
     {"resource": BUCKET + "/guest/x"}, True),
    ("thirty stars that nearly fit", [allow(Resource=BUCKET + "/" + "a*" * 30 + "b")],
     {"resource": BUCKET + "/" + "a" * 5000}, False),
    ("thirty stars that fit", [allow(Resource=BUCKET + "/" + "a*" * 30 + "b")],
     {"resource": BUCKET + "/" + "a" * 5000 + "b"}, True),
    ("what a star covers may be nothing", [allow(Resource=BUCKET + "/a*a*")], {"resource": BUCKET + "/aa"}, True),
    ("a star covers as much as it must", [allow(Resource=BUCKET + "/*.jpg")],
     {"resource": BUCKET + "/a.jpg.jpg"}, True),
    # -- Principal
    ("S3 by AddPermission's statement", [s3_may_invoke()], S3, True),
    ("another service", [s3_may_invoke()], {**S3, "principal": "sns.amazonaws.com"}, False),
    ("a resource policy's statement without Principal", [allow()], S3, False),
    ("everybody", [allow(Principal="*")], S3, True),
    ("everybody, spelled AWS", [allow(Principal={"AWS": "*"})], {"principal": SESSION}, True),
    ("an account by its number", [allow(Principal={"AWS": "123456789012"})], {"principal": ROLE}, True),
    ("an account by its root", [allow(Principal={"AWS": "arn:aws:iam::123456789012:root"})],
     {"principal": SESSION}, True),
    ("another account", [allow(Principal={"AWS": "210987654321"})], {"principal": ROLE}, False),
    ("an account asks by its number", [allow(Principal={"AWS": "arn:aws:iam::123456789012:root"})],
     {"principal": "123456789012"}, True),
    ("a role", [allow(Principal={"AWS": ROLE})], {"principal": ROLE}, True),
    ("a role's session", [allow(Principal={"AWS": ROLE})], {"principal": SESSION}, True),
    ("another role's session", [allow(Principal={"AWS": ROLE + "2"})], {"principal": SESSION}, False),
    ("one session", [allow(Principal={"AWS": [SESSION]})], {"principal": SESSION}, True),
    ("no stars in a principal's ARN", [allow(Principal={"AWS": "arn:aws:iam::123456789012:role/*"})],
     {"principal": ROLE}, False),
    ("a list of services", [allow(Principal={"Service": ["sns.amazonaws.com", "s3.amazonaws.com"]})], S3, True),
    ("NotPrincipal of another", [deny(Principal=None, NotPrincipal={"AWS": ROLE}), allow(Principal="*")], S3, False),
    ("NotPrincipal of this one", [deny(NotPrincipal={"AWS": ROLE}), allow(Principal="*")], {"principal": ROLE}, True),
    # -- Condition: the keys of deliveries
    ("the wrong bucket", [s3_may_invoke()],
     {**S3, "context": {"aws:SourceArn": BUCKET + "2", "aws:SourceAccount": "123456789012"}}, False),
    ("the wrong account", [s3_may_invoke()],
     {**S3, "context": {"aws:SourceArn": BUCKET, "aws:SourceAccount": "210987654321"}}, False),
    ("a key that is missing", [s3_may_invoke()], {**S3, "context": {"aws:SourceArn": BUCKET}}, False),
    ("any bucket", [s3_may_invoke(ArnLike={"aws:SourceArn": "arn:aws:s3:::*"})], S3, True),
    ("a key in other case", [s3_may_invoke(StringEquals={"AWS:SOURCEACCOUNT": "123456789012"})], S3, True),
    # -- Condition: the operators
    ("StringEquals any of a list", when("StringEquals", ["a", "b"]), {"context": {"k": "b"}}, True),
    ("StringEquals minds case", when("StringEquals", "A"), {"context": {"k": "a"}}, False),
    ("StringEqualsIgnoreCase", when("StringEqualsIgnoreCase", "A"), {"context": {"k": "a"}}, True),
    ("StringNotEquals all of a list", when("StringNotEquals", ["a", "b"]), {"context": {"k": "b"}}, False),
    ("StringNotEquals of a missing key", when("StringNotEquals", "a"), {}, True),
    ("StringLike", when("StringLike", "pictures-?-*"), {"context": {"k": "pictures-1-x"}}, True),
    ("StringEquals takes no stars", when("StringEquals", "p*"), {"context": {"k": "pictures"}}, False),
    ("StringNotLike", when("StringNotLike", "p*"), {"context": {"k": "pictures"}}, False),
    ("ArnEquals takes stars", when("ArnEquals", "arn:aws:s3:::pic*"), {"context": {"k": BUCKET}}, True),
    ("ArnNotLike", when("ArnNotLike", "arn:aws:s3:::pic*"), {"context": {"k": BUCKET}}, False),
    ("ArnLike of no ARN", when("ArnLike", "arn:aws:s3:::*"), {"context": {"k": "pictures"}}, False),
    ("Bool", when("Bool", "true"), {"context": {"k": True}}, True),
    ("Bool written as JSON", when("Bool", False), {"context": {"k": "false"}}, True),
    ("NumericLessThan", when("NumericLessThan", "10"), {"context": {"k": 9}}, True),
    ("NumericGreaterThanEquals", when("NumericGreaterThanEquals", 10), {"context": {"k": "9.5"}}, False),
    ("NumericEquals of text", when("NumericEquals", "10"), {"context": {"k": "ten"}}, False),
    ("DateLessThan", when("DateLessThan", "2031-01-01T00:00:00Z"), {"context": {"k": "2030-12-31T23:59:59Z"}}, True),
    ("DateGreaterThan in seconds", when("DateGreaterThan", "1924992000"),
     {"context": {"k": "2031-01-01T00:00:01Z"}}, True),
    ("IpAddress", when("IpAddress", "10.0.0.0/8"), {"context": {"k": "10.1.2.3"}}, True),
    ("NotIpAddress", when("NotIpAddress", ["10.0.0.0/8"]), {"context": {"k": "10.1.2.3"}}, False),
    ("BinaryEquals", when("BinaryEquals", "aGk="), {"context": {"k": "aGk="}}, True),
    ("Null: the key must be missing", when("Null", "true"), {}, True),
    ("Null: the key must be there", when("Null", "false"), {}, False),
    ("IfExists of a missing key", when("StringEqualsIfExists", "a"), {}, True),
    ("IfExists of another value", when("StringEqualsIfExists", "a"), {"context": {"k": "b"}}, False),
    ("two operators are both asked", [allow(Condition={"StringEquals": {"k": "a"}, "Bool": {"l": "true"}})],
     {"context": {"k": "a", "l": "false"}}, False),
    ("two keys are both asked", [allow(Condition={"StringEquals": {"k": "a", "l": "b"}})],
     {"context": {"k": "a", "l": "b"}}, True),
    ("ForAllValues of all", when("ForAllValues:StringEquals", ["a", "b"]), {"context": {"k": ["a", "b"]}}, True),
    ("ForAllValues of some", when("ForAllValues:StringEquals", ["a"]), {"context": {"k": ["a", "b"]}}, False),
    ("ForAllValues of none", when("ForAllValues:StringEquals", ["a"]), {}, True),
    ("ForAnyValue of some", when("ForAnyValue:StringEquals", ["a"]), {"context": {"k": ["a", "b"]}}, True),
    ("ForAnyValue of none", when("ForAnyValue:StringEquals", ["a"]), {}, False),
    ("a variable in a condition", when("StringEquals", "${aws:username}"),
     {"context": {"k": "ada", "aws:username": "ada"}}, True),
    ("an operator that does not exist", when("StringMatches", "a"), {"context": {"k": "a"}}, False),
    ("a Deny whose condition is not met", [allow(), deny(Condition={"Bool": {"k": "true"}})],
     {"context": {"k": False}}, True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("statements", "request_", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_the_decision_is(statements: list[dict[str, Any]], request_: dict[str, Any], expected: bool) -> None:
    decision = decide(statements, **{"action": INVOKE, "resource": FUNCTION, **request_})
    assert decision.allowed is expected, decision.because


def test_a_decision_says_why() -> None:
    def because(*statements: dict[str, Any]) -> Decision:
        return decide(
            statements,
            principal="s3.amazonaws.com",
            action=INVOKE,
            resource=FUNCTION,
            context={"aws:SourceArn": BUCKET},
        )

    everybody = allow(Principal="*")
    assert because(everybody) == Decision(True, "the statement 'a' allows it")
    assert because(everybody, deny(Principal="*")) == Decision(False, "the statement 'd' denies it")
    assert because() == Decision(False, f"no statement allows s3.amazonaws.com {INVOKE} on {FUNCTION}")
    assert because(s3_may_invoke(ArnLike={"AWS:SourceArn": "arn:aws:s3:::other"})) == Decision(
        False,
        "the statement 'a' would allow it, but its condition ArnLike AWS:SourceArn wants arn:aws:s3:::other, "
        "and the request has arn:aws:s3:::pictures",
    )
    assert "and the request has none" in because(s3_may_invoke(StringEquals={"AWS:SourceAccount": "1"})).because


def test_a_single_statement_may_stand_without_its_list() -> None:
    assert statements_of({"Statement": allow()}) == [allow()]
    assert statements_of({"Statement": [allow(), deny()]}) == [allow(), deny()]
    assert statements_of(None) == []


@pytest.mark.parametrize(("version", "expected"), [("2012-10-17", True), ("2008-10-17", False), (None, False)])
def test_before_2012_there_were_no_variables(version: str | None, expected: bool) -> None:
    home = allow(Resource=[BUCKET + "/${aws:username}/*"])
    document = {"Statement": home} | ({"Version": version} if version else {})
    context = {"aws:username": "ada"}
    there = {"action": "s3:GetObject", "resource": BUCKET + "/ada/x", "context": context}
    assert decide(statements_of(document), **there).allowed is expected
    verbatim = {**there, "resource": BUCKET + "/${aws:username}/x"}
    assert decide(statements_of(document), **verbatim).allowed is not expected


def test_what_is_no_statement_says_nothing() -> None:
    assert statements_of(
        {"Statement": [allow(), "Allow", None, allow(Condition="x"), allow(Condition={"Bool": 1})]}
    ) == [allow()]
