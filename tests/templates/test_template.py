"""Templates by themselves: read, refused, resolved."""

from __future__ import annotations

from typing import Any

import pytest

from lambda_sandbox.templates import template as templates
from lambda_sandbox.templates.kinds import Known, unmodelled
from lambda_sandbox.templates.template import Scope, parameters, resolve
from lambda_sandbox.wire import AwsError

QUEUE = "Type: AWS::SQS::Queue"


def refusal(text: str) -> str:
    with pytest.raises(AwsError) as refused:
        templates.check(templates.parse(text), Known(), unmodelled)
    assert refused.value.status == 400
    return refused.value.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Template format error: unsupported structure."),
        ("- a", "Template format error: unsupported structure."),
        ('{"Resources": ', "Template format error: JSON not well-formed. (line 1, column 15)"),
        ("Resources:\n  A: [", "Template format error: YAML not well-formed. (line 2, column 7)"),
        ("A: !!python/name:os.system x", "Template format error: YAML not well-formed. (line 1, column 4)"),
        ("A: &a 1\nB: *a", "Template format error: YAML aliases are not allowed in CloudFormation templates"),
        ("Resources: {}", "Template format error: At least one Resources member must be defined."),
        (
            "Resources: {A: {Properties: {}}}",
            "Template format error: [/Resources/A] Every Resources object must contain a Type member.",
        ),
        (f"Resources: {{a-b: {{{QUEUE}}}}}", "Template format error: Resource name a-b is non alphanumeric."),
        (f"Resource: {{A: {{{QUEUE}}}}}", "Invalid template property or properties [Resource]"),
        (
            "Resources: {A: {Type: AWS::Lambda::Funktion}, B: {Type: My::Thing::X}}",
            "Template format error: Unrecognized resource types: [AWS::Lambda::Funktion, My::Thing::X]",
        ),
        (
            "Resources: {A: {Type: AWS::EC2::VPC}}",
            "The sandbox does not model these resource types: [AWS::EC2::VPC]",
        ),
        (
            f"Resources: {{A: {{{QUEUE}, Properties: {{QueueName: !Ref Nmae}}}}}}",
            "Template format error: Unresolved resource dependencies [Nmae] in the Resources block of the template",
        ),
        (
            f"Resources: {{A: {{{QUEUE}, DependsOn: [B]}}}}",
            "Template format error: Unresolved resource dependencies [B] in the Resources block of the template",
        ),
        (
            f"Resources: {{A: {{{QUEUE}}}}}\nOutputs: {{O: {{Value: !Sub 'x ${{C}}'}}}}",
            "Template format error: Unresolved resource dependencies [C] in the Outputs block of the template",
        ),
        (
            f"Resources: {{A: {{{QUEUE}, Properties: {{QueueName: !GetAtt B.Arn}}}}}}",
            "Template error: instance of Fn::GetAtt references undefined resource B",
        ),
        (
            f"Resources: {{A: {{{QUEUE}, DependsOn: B}}, B: {{{QUEUE}, Properties: {{QueueName: !Sub '${{A.Arn}}'}}}},"
            f" C: {{{QUEUE}, DependsOn: A}}}}",
            "Circular dependency between resources: [A, B]",
        ),
        (
            f"AWSTemplateFormatVersion: 2020-01-01\nResources: {{A: {{{QUEUE}}}}}",
            "Template format error: 2020-01-01 is not a supported value for AWSTemplateFormatVersion.",
        ),
        (f"Resources: {{A: {{{QUEUE}, Propertys: {{}}}}}}", "Invalid template resource property 'Propertys'"),
        (
            f"Resources: {{A: {{{QUEUE}, DeletionPolicy: Keep}}}}",
            "Template format error: Unrecognized DeletionPolicy Keep for resource A",
        ),
        (
            f"Resources: {{A: {{{QUEUE}}}}}\nOutputs: {{O: {{Description: x}}}}",
            "Template format error: Every Outputs member must contain a Value object.",
        ),
        (
            f"Parameters: {{P: {{Default: x}}}}\nResources: {{A: {{{QUEUE}}}}}",
            "Template format error: Every Parameters object must contain a Type member.",
        ),
        ("Resources: {'Fn::ForEach::A': [x, [y], {}]}", "The sandbox does not model Fn::ForEach."),
    ],
)
def test_a_wrong_template_is_refused_in_cloudformations_words(text: str, said: str) -> None:
    assert refusal(text) == said


def scope(**values: Any) -> Scope:
    text = "Resources: {A: {Type: T}}\nMappings: {M: {a: {b: 7}}}\nConditions: {Prod: !Equals [!Ref Stage, prod]}"
    pseudo = {"AWS::Region": "us-east-1", "Stage": "dev", **values}
    return Scope(templates.parse(text), pseudo, lambda name: f"<{name}>", lambda name, at: f"<{name}.{at}>", str.upper)


@pytest.mark.parametrize(
    ("value", "gives"),
    [
        ("!Ref A", "<A>"),
        ("!GetAtt A.Arn", "<A.Arn>"),
        ("{'Fn::GetAtt': A.Outputs.X}", "<A.Outputs.X>"),
        ("!Sub '${AWS::Region}/${A}/${A.Arn}/${!Literal}'", "us-east-1/<A>/<A.Arn>/${Literal}"),
        ("!Sub ['${x}-${Stage}', {x: !Ref A}]", "<A>-dev"),
        ("!Join ['-', [a, !Ref Stage, 1, true]]", "a-dev-1-true"),
        ("!Select [1, !Split [',', 'a,b']]", "b"),
        ("!FindInMap [M, a, b]", 7),
        ("!If [Prod, 1, !Ref 'AWS::NoValue']", None),
        ("{x: !If [Prod, 1, !Ref 'AWS::NoValue'], y: [!Ref 'AWS::NoValue', 2]}", {"y": [2]}),
        ("!Base64 hi", "aGk="),
        ("!Not [!Condition Prod]", True),
        ("!And [!Equals [1, '1'], !Or [!Condition Prod, !Equals [a, a]]]", True),
        ("!ImportValue net", "NET"),
        ("!GetAZs ''", ["us-east-1a", "us-east-1b", "us-east-1c"]),
        ("{'Fn::ToJsonString': {a: !Ref Stage}}", '{"a": "dev"}'),
        ("!Cidr ['10.0.0.0/16', 2, 8]", ["10.0.0.0/24", "10.0.1.0/24"]),
        ("{'Fn::Contains': [[dev, prod], !Ref Stage]}", True),
        ("2012-10-17", "2012-10-17"),
    ],
)
def test_functions_give_what_they_give_on_aws(value: str, gives: Any) -> None:
    read = templates.parse(f"Resources: {{A: {{Type: T, Properties: {value}}}}}")["Resources"]["A"]["Properties"]
    assert resolve(read, scope()) == gives


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("!Select [9, [a]]", "Template error: Fn::Select cannot select nonexistent value at index 9"),
        ("!FindInMap [M, a, z]", "Template error: Unable to get mapping for M::a::z"),
        ("!Nonsense 1", "Template format error: Unrecognized intrinsic function Fn::Nonsense"),
        ("!Transform {Name: AWS::Include}", "The sandbox does not model Fn::Transform."),
        ("!Cidr ['10.0.0.0/30', 9, 1]", "Template error: Fn::Cidr cannot make 9 blocks of 1 bits out of 10.0.0.0/30"),
        (
            "!Join ['-', a]",
            "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of "
            "strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.",
        ),
        ("!If [Nope, 1, 2]", "Template format error: Unresolved condition dependency Nope"),
    ],
)
def test_a_function_that_gives_nothing_says_so(value: str, said: str) -> None:
    read = templates.parse(f"Resources: {{A: {{Type: T, Properties: {value}}}}}")["Resources"]["A"]["Properties"]
    with pytest.raises(AwsError) as refused:
        resolve(read, scope())
    assert refused.value.message == said


@pytest.mark.parametrize(
    ("about", "given", "result"),
    [
        ("{Type: String, Default: a}", {}, "a"),
        ("{Type: Number, Default: 3}", {}, "3"),
        ("{Type: CommaDelimitedList}", {"P": "a, b"}, ["a", "b"]),
        ("{Type: String}", {}, "Parameters: [P] must have values"),
        ("{Type: String, Default: a}", {"Q": "1"}, "Parameters: [Q] do not exist in the template"),
        ("{Type: Text}", {"P": "x"}, "Template format error: Unrecognized parameter type: Text"),
        ("{Type: Number}", {"P": "x"}, "Parameter 'P' must be a number."),
        ("{Type: Number, MaxValue: 5}", {"P": "6"}, "Parameter 'P' must be a number not greater than 5"),
        ("{Type: String, AllowedValues: [a]}", {"P": "b"}, "Parameter 'P' must be one of AllowedValues"),
        ("{Type: String, AllowedPattern: '[a-z]+'}", {"P": "B"}, "Parameter 'P' must match pattern [a-z]+"),
        ("{Type: String, MinLength: 3}", {"P": "ab"}, "Parameter 'P' must contain at least 3 characters"),
        (
            "{Type: String, AllowedValues: [a], ConstraintDescription: only a}",
            {"P": "b"},
            "Parameter 'P' failed to satisfy constraint: only a",
        ),
    ],
)
def test_parameters_are_what_they_may_be(about: str, given: dict[str, str], result: Any) -> None:
    template = templates.parse(f"Parameters: {{P: {about}}}\nResources: {{A: {{Type: AWS::SQS::Queue}}}}")
    try:
        value = parameters(template, given)["P"]
    except AwsError as refused:
        value = refused.message
    assert value == result
