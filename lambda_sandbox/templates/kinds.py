"""Every kind of resource that a stack can make here: its type in a template, and who makes it."""

from __future__ import annotations

from typing import Any

from botocore.session import Session

from lambda_sandbox.templates import apis, functions, identities, services
from lambda_sandbox.templates.resource import Resource
from lambda_sandbox.templates.services import Plain

KINDS: dict[str, Resource] = {
    "AWS::Lambda::Function": functions.Function(),
    "AWS::Lambda::Version": functions.Version(),
    "AWS::Lambda::Alias": functions.Alias(),
    "AWS::Lambda::Permission": functions.Permission(),
    "AWS::Lambda::EventSourceMapping": functions.EventSourceMapping(),
    "AWS::Lambda::Url": functions.Url(),
    "AWS::Lambda::EventInvokeConfig": functions.EventInvokeConfig(),
    "AWS::Lambda::LayerVersion": functions.LayerVersion(),
    "AWS::Lambda::LayerVersionPermission": functions.LayerVersionPermission(),
    "AWS::CloudFormation::CustomResource": functions.Custom(),
    "AWS::S3::Bucket": services.Bucket(),
    "AWS::S3::BucketPolicy": services.BucketPolicy(),
    "AWS::SQS::Queue": services.Queue(),
    "AWS::SQS::QueuePolicy": services.QueuePolicy(),
    "AWS::SNS::Topic": services.Topic(),
    "AWS::SNS::TopicPolicy": services.TopicPolicy(),
    "AWS::SNS::Subscription": services.Subscription(),
    "AWS::Kinesis::Stream": services.Stream(),
    "AWS::DynamoDB::Table": services.Table(),
    "AWS::IAM::Role": identities.Role(),
    "AWS::IAM::Policy": identities.Policy(),
    "AWS::IAM::ManagedPolicy": identities.ManagedPolicy(),
    "AWS::Events::Rule": services.Rule(),
    "AWS::Events::EventBus": Plain(
        "events", "Name", "CreateEventBus", "DeleteEventBus", "Name", arn="EventBusArn", change="UpdateEventBus"
    ),
    "AWS::Scheduler::Schedule": Plain(
        "scheduler", "Name", "CreateSchedule", "DeleteSchedule", "Name", arn="ScheduleArn", change="UpdateSchedule"
    ),
    "AWS::Scheduler::ScheduleGroup": Plain(
        "scheduler", "Name", "CreateScheduleGroup", "DeleteScheduleGroup", "Name", arn="ScheduleGroupArn"
    ),
    "AWS::Logs::LogGroup": services.LogGroup(),
    "AWS::Logs::SubscriptionFilter": Plain(
        "logs", "FilterName", "PutSubscriptionFilter", "DeleteSubscriptionFilter", "filterName"
    ),
    "AWS::Logs::MetricFilter": Plain("logs", "FilterName", "PutMetricFilter", "DeleteMetricFilter", "filterName"),
    "AWS::CloudWatch::Alarm": Plain("cloudwatch", "AlarmName", "PutMetricAlarm", "DeleteAlarms", "AlarmNames"),
    "AWS::SSM::Parameter": Plain(
        "ssm", "Name", "PutParameter", "DeleteParameter", "Name", extra={"Overwrite": True}, shown=("Type", "Value")
    ),
    "AWS::SecretsManager::Secret": services.Secret(),
    "AWS::StepFunctions::StateMachine": services.StateMachine(),
    "AWS::ApiGateway::RestApi": apis.RestApi(),
    "AWS::ApiGateway::Resource": apis.RestResource(),
    "AWS::ApiGateway::Method": apis.RestMethod(),
    "AWS::ApiGateway::Deployment": apis.RestDeployment(),
    "AWS::ApiGateway::Stage": apis.RestStage(),
    "AWS::ApiGatewayV2::Api": apis.HttpApi(),
    "AWS::ApiGatewayV2::Stage": apis.HttpStage(),
    "AWS::ApiGatewayV2::Route": apis.HttpRoute(),
    "AWS::ApiGatewayV2::Integration": apis.HttpIntegration(),
    "AWS::ApiGatewayV2::Authorizer": apis.HttpAuthorizer(),
}
_OTHER_NAMES = {"Serverless", "CloudFormation", "CodeDeploy", "StepFunctions", "CertificateManager", "Cognito", "Pipes"}


def kind_of(resource_type: str) -> Resource:
    return KINDS["AWS::CloudFormation::CustomResource" if resource_type.startswith("Custom::") else resource_type]


class Known:
    """`in` it: the types that a stack can make here."""

    def __contains__(self, resource_type: object) -> bool:
        return resource_type in KINDS or str(resource_type).startswith("Custom::")


def unmodelled(resource_type: str) -> bool:
    """Whether it may be a type of AWS that is not made here: of a service that is, but never of Lambda itself."""
    parts = resource_type.split("::")
    if len(parts) != 3 or parts[0] != "AWS" or parts[1] in ("Lambda", "Serverless"):
        return resource_type in ("AWS::Lambda::CodeSigningConfig", "AWS::Lambda::CapacityProvider")
    services: list[Any] = Session().get_available_services()
    return parts[1] in _OTHER_NAMES or parts[1].lower() in {one.replace("-", "") for one in services}
