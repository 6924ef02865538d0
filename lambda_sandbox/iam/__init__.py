"""IAM as a pure decision: statements, who, what, on what, in which context -> allowed or not, because.

No HTTP, no state, no moto: callers bring the statements (a resource policy, a role's policies, a trust policy).

    decide(policy, principal="s3.amazonaws.com", action="lambda:InvokeFunction", resource=arn, context={…})
    access(Asked("sqs:SendMessage", queue_arn), caller, queue_policy)       # all policies of a request, together
"""

from lambda_sandbox.iam.access import Asked, Caller, access, denied
from lambda_sandbox.iam.actions import asked
from lambda_sandbox.iam.decision import Decision, Statement, decide, statements_of

__all__ = ["Asked", "Caller", "Decision", "Statement", "access", "asked", "decide", "denied", "statements_of"]
