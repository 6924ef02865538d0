"""Every name of moto 5.2.5 that this room leans on, and why. `tests/moto_bridge/test_private_names.py` holds them.

moto promises none of them, so the version is pinned exactly and a new one is taken only when that test passes.
"""

from __future__ import annotations

_SFN = "moto.stepfunctions.parser"
_STATES = f"{_SFN}.asl.component"
_TASK = f"{_STATES}.state.exec.state_task"
_WAIT = f"{_STATES}.state.wait.wait_function"

PRIVATE_NAMES: dict[str, str] = {
    # how a request reaches a service
    "moto.core.request:Request": "the one request type that every handler accepts; built here without Flask",
    "moto.core.request:PRESERVED_HEADER_NAMES_ENVIRON_KEY": "keeps the underscore of `x-amz-meta-my_key`",
    "moto.core.request:environ_key_for_header": "the environ spelling of a header name",
    "moto.core.request:should_preserve_original_header_name": "which headers keep their spelling",
    "moto.backends:get_backend": "imports a service and answers its backends",
    "moto.backend_index:backend_url_patterns": "which service answers which AWS host",
    "moto.core.models:DEFAULT_ACCOUNT_ID": "an account whose backends tell a service's paths",
    "moto.core.base_backend:BaseBackend.url_paths": "a service's path patterns and their handlers",
    "moto.core.base_backend:BackendDict.reset": "forgets everything, for `reset`",
    "moto.core.base_backend:allow_unknown_region": "every region AWS has works, also where moto's own list is older",
    "moto.core.base_backend:AccountSpecificBackend.get_session": "must not read the profile of this machine",
    "moto.core.responses:BaseResponse.get_region_from_url": "the region is the one the request was signed for",
    "moto.core.responses:BaseResponse.get_current_account": "the account is never taken from the environment",
    "moto.core.exceptions:ServiceException": "a backend's error: code and message",
    # time and ids
    "moto.core.utils:utcnow": "moto's one clock; 85 modules imported it by name, so its code is exchanged",
    "moto.moto_api._internal:mock_random": "the one source of moto's ids; a seed makes them repeat",
    # S3
    "moto.s3.models:s3_backends": "reads an object without HTTP",
    "moto.s3.models:S3Backend.create_bucket": "moto dates buckets by the machine's clock",
    "moto.s3.models:S3Backend.delete_object": "moto sends no event for a delete marker or a deleted version",
    "moto.s3.models:FakeBucket.get_permission": "moto lets a bucket's policy refuse everybody, the administrator too",
    "moto.iam.access_control:PermissionResult": "what that method answers",
    "moto.s3.models:FakeDeleteMarker": "tells the deletion of a marker from that of a version",
    "moto.s3.models:Notification._key_matches": "filter rules are named in any case",
    "moto.s3.responses:S3Response._notification_config_from_body": "configurations are read and refused in S3's words",
    "moto.s3.notifications:send_event": "every change of an object passes here; moto delivers inline, some twice",
    "moto.s3.notifications:_invoke_awslambda": "moto's own delivery to Lambda, switched off",
    # SQS
    "moto.sqs.models:sqs_backends": "reads a queue without HTTP; moto's long poll would hold the lock",
    "moto.sqs.models:Queue.add_message": "every message passes here, from whatever service: whoever reads is told",
    "moto.sqs.models:DEDUPLICATION_TIME_IN_SECONDS": "how long a FIFO queue knows a message, deleted or not",
    "moto.sqs.models:Queue.messages": "moto asks for the time twice a message: 57 ms for one more in 4,000",
    "moto.sqs.models:Queue.approximate_number_of_messages_delayed": "the same",
    "moto.sqs.models:Queue.approximate_number_of_messages_not_visible": "the same",
    "moto.sqs.models:SQSBackend.receive_message": "moto hands out the last message of a FIFO group first",
    "moto.sqs.models:SQSBackend.delete_queue": "whoever reads the queue must hear of it",
    "moto.sqs.models:SQSBackend.change_message_visibility": "a message may be visible again",
    "moto.sqs.models:SQSBackend.set_queue_attributes": "so may all",
    "moto.core.utils:unix_time_millis": "the time that messages are hidden by",
    # EventBridge
    "moto.events.models:events_backends": "finds the rules that have a schedule",
    "moto.events.models:Rule.send_to_targets": "every event passes here for every rule; moto runs no function",
    "moto.events.models:EventsBackend.put_rule": "patterns and schedules are checked as AWS does",
    "moto.events.models:EventPattern.dump": "a rule's pattern as it was given",
    # EventBridge Scheduler
    "moto.scheduler.models:scheduler_backends": "moto keeps schedules, and fires none",
    "moto.scheduler.models:EventBridgeSchedulerBackend.create_schedule": "expressions are checked as AWS does",
    "moto.scheduler.models:EventBridgeSchedulerBackend.update_schedule": "the same",
    # SNS
    "moto.sns.models:Subscription.publish": "every notification passes here; moto delivers inline, a constant event",
    # IoT
    "moto.iot.models:IoTBackend.create_topic_rule": "SQL and actions are checked",
    "moto.iot.models:IoTBackend.replace_topic_rule": "the same",
    "moto.iotdata.models:IoTDataPlaneBackend.publish": "every message passes here; moto fires no rule",
    # streams
    "moto.kinesis.models:kinesis_backends": "reads a stream without HTTP",
    "moto.kinesis.models:Record": "a record under a sequence number of Kinesis's length; moto counts from 1",
    "moto.kinesis.models:Stream.put_record": "every record passes here; moto delivers inline, to one function",
    "moto.kinesis.models:Stream.get_shard_for_key": "moto goes on writing to a shard that was split",
    "moto.kinesis.models:Stream.split_shard": "moto moves the records to the new shards; Kinesis leaves them",
    "moto.kinesis.models:Stream.merge_shards": "the same",
    "moto.kinesis.models:KinesisBackend.delete_stream": "whoever reads the stream must hear of it",
    "moto.kinesis.models:KinesisBackend.get_shard_iterator": "a stream given by its ARN alone",
    "moto.dynamodb.models:dynamodb_backends": "reads a table's stream without HTTP",
    "moto.dynamodb.models:DynamoDBBackend.update_item": "moto leaves two records of an update that creates the item",
    "moto.dynamodb.models:DynamoDBBackend.delete_table": "whoever reads the stream must hear of it",
    "moto.dynamodb.models.table:StreamRecord": "one change of one item",
    "moto.dynamodb.models.table:StreamShard.add": "every change passes here; moto delivers inline, and drops the rest",
    # Step Functions
    "moto.core.config:default_user_config": "the interpreter of state machines is off unless it is asked for",
    "moto.core.responses:ActionResult": "what an operation answers",
    "moto.core.responses:EmptyResult": "the same",
    "moto.core.exceptions:AWSError": "moto forgets the codes of the interpreter's errors",
    "moto.stepfunctions.responses:StepFunctionResponse": "moto forgets why executions stopped, and texts as output",
    f"{_SFN}.models:StepFunctionsParserBackend._get_executions": "a reset ends what runs",
    f"{_SFN}.models:stepfunctions_parser_backends": "the same",
    f"{_SFN}.utils:TMP_THREADS": "moto keeps every thread for ever",
    f"{_SFN}.asl.utils.boto_client:boto_client_for": "calls the sandbox, for a role",
    f"{_SFN}.backend.execution_worker:ExecutionWorker._get_evaluation_environment": "begins at once",
    f"{_STATES}.program.program:Program._eval_body": "the same",
    f"{_WAIT}.wait_function:WaitFunction._wait_interval": "waits on the sandbox's clock",
    f"{_TASK}.lambda_eval_utils:select_from_typed_dict": "moto leaves HTTP out of the envelope",
    f"{_TASK}.state_task_lambda:StateTaskLambda._from_error": "errors are named as AWS names them",
    f"{_TASK}.service.state_task_service_lambda:StateTaskServiceLambda": "the same",
    # IAM and STS
    "moto.iam.models:iam_backends": "roles, users, groups and their policies",
    "moto.iam.utils:generate_access_key_id_from_account_id": "what the keys made here have in common",
    "moto.secretsmanager.models:secretsmanager_backends": "a secret's ARN in full, and its policy",
    "moto.sns.models:sns_backends": "a topic's policy",
    "moto.iam.models:AWSManagedPolicy": "what a managed policy is to moto",
    "moto.iam.models:IAMBackend._init_aws_policies": "the managed policies of functions' roles, not all 1,400 or none",
    "moto.iam.models:get_account_id_from": "whose an access key is",
    "moto.iam.aws_managed_policies:aws_managed_policies_data": "the text of the managed policies",
    "moto.sts.models:STSBackend.get_caller_identity": "the learner is a user of the account",
    "moto.sts.models:sts_backends": "sessions of roles, so that GetCallerIdentity knows a function",
    # CloudWatch Logs
    "moto.logs.models:logs_backends": "writes log events without HTTP",
    "moto.logs.models:LogStream._send_log_events": "moto ignores the filter pattern of a subscription",
    "moto.logs.models:LogsBackend.put_subscription_filter": "moto looks for the function in its own Lambda",
    "moto.logs.models:LogGroup.put_log_events": "the backend's own drops what is 14 days old",
    # CloudWatch
    "moto.cloudwatch.models:cloudwatch_backends": "the one store of metrics; written without HTTP",
    "moto.cloudwatch.models:CloudWatchBackend.put_metric_data": "moto keeps single values in one list, and takes any",
    "moto.cloudwatch.models:CloudWatchBackend.get_filtered_metrics": "moto lists a metric without dimensions often",
    "moto.cloudwatch.models:CloudWatchBackend._validate_parameters_put_metric_data": "what of a datum moto refuses",
    "moto.cloudwatch.responses:CloudWatchResponse.get_metric_statistics": "moto has no percentiles",
    "moto.cloudwatch.responses:CloudWatchResponse.get_metric_data": "moto forgets the namespace of a metric",
    "moto.cloudwatch.responses:CloudWatchResponse.cloudwatch_backend": "the backend that a request is for",
    # API Gateway
    "moto.apigateway.models:apigateway_backends": "REST APIs: resources, methods, stages, authorizers",
    "moto.apigateway.models:APIGatewayBackend.create_resource": "moto takes the same path twice",
    "moto.apigateway.models:APIGatewayBackend.put_integration": "moto takes any timeout",
    "moto.apigateway.models:RestAPI.create_deployment": "a deployment keeps the API as it was; stages keep settings",
    "moto.apigateway.models:RestAPI.create_stage": "refuses a deployment that is not there",
    "moto.apigateway.models:RestAPI.create_authorizer": "moto forgets the validation expression",
    "moto.apigateway.models:RestAPI.apply_patch_operations": "moto cannot add a binary media type",
    "moto.apigateway.responses:APIGatewayResponse.create_rest_api": "moto forgets binaryMediaTypes",
    "moto.apigatewayv2.models:apigatewayv2_backends": "HTTP APIs: routes, integrations, stages, authorizers",
    "moto.apigatewayv2.models:Api.create_route": "moto takes any route key, and the same one twice",
    "moto.apigatewayv2.models:Api.create_stage": "moto takes the same stage twice",
    "moto.apigatewayv2.responses:ApiGatewayV2Response.create_api": "quick create; WebSocket APIs are refused",
    "moto.apigatewayv2.responses:ApiGatewayV2Response.apigatewayv2_backend": "the backend that a request is for",
    "moto.apigatewayv2.urls:url_paths": "moto has no path for deployments of HTTP APIs",
}
