"""Step Functions: moto's interpreter of state machines, with the sandbox's clock and door, and the roles' permissions.

    step_functions.install(waiting, client, check)      # before the first request of the service

What a state does, it does as a client of the sandbox's port with a session of its state machine's role: a function
runs if the role may invoke it. Waits, back-off and time limits ask the sandbox's clock. The interpreter takes a second
to import, so nothing does before it is needed.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from types import ModuleType, SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError
from moto.core.config import default_user_config
from moto.core.exceptions import AWSError
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.moto_api._internal import mock_random

from lambda_sandbox.moto_bridge.threads import Waiting

Client = Callable[[str, str, str], Any]  # service, Region, role ARN -> a boto client
Check = Callable[[str, str | None, str | None], None]  # role ARN, definition, type; raises AwsError

_INTERPRETER = "moto.stepfunctions.parser"
_installed: list[Any] = []


def install(waiting: Waiting, client: Client, check: Check) -> None:
    """Puts the seams in, and imports the interpreter the first time; `check` sees every new definition or role."""
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    if _installed:
        return
    from moto.stepfunctions.parser import models
    from moto.stepfunctions.parser.asl.component.program import program
    from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils, state_task_lambda
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_lambda
    from moto.stepfunctions.parser.asl.component.state.wait.wait_function import wait_function
    from moto.stepfunctions.parser.asl.utils import boto_client
    from moto.stepfunctions.parser.backend import execution_worker
    from moto.stepfunctions.responses import StepFunctionResponse

    def client_for(region: str, service: str, state_credentials: Any = None) -> Any:
        return client(service, region, state_credentials.role_arn)

    _exchange(waiting, {id(boto_client.boto_client_for): client_for})
    wait: Any = wait_function.WaitFunction
    wait._wait_interval = lambda self, env, wait_seconds: env.program_state_event.wait(max(wait_seconds, 0), work=True)
    _name_errors(state_task_lambda.StateTaskLambda, state_task_service_lambda.StateTaskServiceLambda)
    _keep_metadata(lambda_eval_utils)
    _amend(models.StepFunctionsParserBackend, StepFunctionResponse, check)
    for error in AWSError.__subclasses__():  # moto forgets their names
        error.TYPE = error.TYPE or error.__name__
    _begin_at_once(execution_worker.ExecutionWorker, program.Program)
    logging.getLogger(_INTERPRETER).setLevel(logging.CRITICAL)  # each failing state would fill the terminal
    _installed.append(models.stepfunctions_parser_backends)


def forget(account: str) -> None:
    """Stops what runs: nobody will ask for it any more."""
    for backends in _installed:
        for backend in list(backends[account].values()):
            for execution in backend._get_executions("RUNNING"):
                if execution.exec_worker.env is not None:
                    execution.stop(None, None, None)
        sys.modules[f"{_INTERPRETER}.utils"].__dict__["TMP_THREADS"].clear()  # it would keep every thread there was


def _exchange(waiting: Waiting, others: dict[int, Any]) -> None:
    """Gives all modules of the interpreter the sandbox's threads, time and clients in the place of their own."""
    thread, event = waiting.thread_class(), waiting.event_class()

    class Datetime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            at = cls.fromtimestamp(waiting.now(), tz or UTC)
            return at if tz else at.replace(tzinfo=None)

    locks = {"Lock": threading.Lock, "RLock": threading.RLock, "Condition": threading.Condition}
    modules = {
        "threading": SimpleNamespace(Thread=thread, Event=event, **locks),
        "datetime": SimpleNamespace(date=date, timedelta=timedelta, timezone=timezone, datetime=Datetime),
        "time": SimpleNamespace(sleep=waiting.sleep, time=waiting.now),
    }
    others = {**others, id(threading.Thread): thread, id(threading.Event): event}
    for name, module in list(sys.modules.items()):
        if name.startswith(_INTERPRETER):
            for key, value in list(vars(module).items()):
                if isinstance(value, ModuleType) and value.__name__ in modules:
                    setattr(module, key, modules[value.__name__])
                elif id(value) in others:
                    setattr(module, key, others[id(value)])


def _name_errors(task: Any, integration: Any) -> None:
    """What Lambda refuses is named as AWS's own client of Lambda names it, for both kinds of task."""
    of_task, cause_of = task._from_error, integration._error_cause_from_client_error

    def named(error: ClientError) -> tuple[str, str]:
        known = type(error).__name__  # botocore's model has a class for it, or it is any ClientError
        return f"Lambda.{'AWSLambdaException' if known == 'ClientError' else known}", cause_of(error)[1]

    def from_error(self: Any, env: Any, ex: Exception) -> Any:
        failure = of_task(self, env, ex)
        if isinstance(ex, ClientError):
            name, cause = named(ex)
            failure.error_name.error_name = name
            failure.event_details["lambdaFunctionFailedEventDetails"].update(error=name, cause=cause)
        return failure

    task._from_error = from_error
    integration._error_cause_from_client_error = staticmethod(named)


def _keep_metadata(utils: Any) -> None:
    """The envelope of `lambda:invoke` says how the call went over HTTP; moto leaves that out."""
    select = utils.select_from_typed_dict

    def selected(typed_dict: Any, obj: Any) -> Any:
        about = obj["ResponseMetadata"]
        headers = about["HTTPHeaders"]
        every = {name: [value] for name, value in headers.items()}
        http = {"AllHttpHeaders": every, "HttpHeaders": headers, "HttpStatusCode": about["HTTPStatusCode"]}
        said = {"SdkHttpMetadata": http, "SdkResponseMetadata": {"RequestId": about["RequestId"]}}
        return select(typed_dict=typed_dict, obj=obj) | said

    utils.select_from_typed_dict = selected


def _begin_at_once(worker: Any, program: Any) -> None:
    """An execution has begun when StartExecution answers: who stops it at once stops it. moto would not notice."""
    start, environment, body = worker.start, worker._get_evaluation_environment, program._eval_body

    def start_and_see(self: Any) -> None:
        self.begun = threading.Event()
        start(self)
        self.begun.wait(10)

    def get_environment(self: Any) -> Any:
        env = environment(self)
        env.begun = self.begun
        return env

    def eval_body(self: Any, env: Any) -> None:
        if begun := getattr(env, "begun", None):  # not for the branches within
            begun.set()
        body(self, env)

    worker.start, worker._get_evaluation_environment, program._eval_body = start_and_see, get_environment, eval_body


def _amend(backend: Any, response: Any, check: Check) -> None:
    """What moto forgets of executions, and what it takes that AWS does not."""
    create, update, start = backend.create_state_machine, backend.update_state_machine, backend.start_execution
    describe, history = response.describe_execution, response.get_execution_history

    def create_state_machine(self: Any, name: str, definition: str, roleArn: str, **given: Any) -> Any:
        check(roleArn, definition, given.get("sm_type"))
        return create(self, name=name, definition=definition, roleArn=roleArn, **given)

    def update_state_machine(self: Any, arn: str, definition: Any = None, role_arn: Any = None, **given: Any) -> Any:
        check(role_arn or self.describe_state_machine(arn).roleArn, definition, None)
        return update(self, arn, definition, role_arn, **given)

    def start_execution(self: Any, state_machine_arn: str, name: str | None = None, *given: Any) -> Any:
        if name:
            self._validate_name(name)
        return start(self, state_machine_arn, name or str(mock_random.uuid4()), *given)

    def describe_execution(self: Any) -> Any:
        execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        described = describe(self)
        if "output" in described.result:
            described.result["output"] = json.dumps(execution.output, separators=(",", ":"))  # also where it is a text
        if execution.stop_date and execution.status != "RUNNING":
            described.result["stopDate"] = execution.stop_date
        return described

    def stop_execution(self: Any) -> Any:
        execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        if execution.status == "RUNNING":
            execution.error, execution.cause = self._get_param("error"), self._get_param("cause")
            execution.stop(utcnow(), execution.error, execution.cause)
        return ActionResult({"stopDate": execution.stop_date or utcnow()})

    def get_execution_history(self: Any) -> Any:
        told = history(self)
        if self._get_param("reverseOrder"):
            told.result["events"] = told.result["events"][::-1]
        return told

    def send_task_failure(self: Any) -> Any:
        given = {name: self._get_param(name) for name in ("error", "cause")}
        self.stepfunction_backend.send_task_failure(self._get_param("taskToken"), **given)
        return EmptyResult()

    backend.create_state_machine, backend.update_state_machine = create_state_machine, update_state_machine
    backend.start_execution = start_execution
    response.describe_execution, response.get_execution_history = describe_execution, get_execution_history
    response.stop_execution, response.send_task_failure = stop_execution, send_task_failure
