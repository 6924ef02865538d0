"""IAM as a pure decision: statements, who, what, on what, in which context -> allowed or not, because.

No HTTP, no state, no moto: callers bring the statements (a resource policy, a role's policies, a trust policy).

    decide(policy, principal="s3.amazonaws.com", action="lambda:InvokeFunction", resource=arn, context={…})
"""

from lambda_sandbox.iam.decision import Decision, decide, statements_of

__all__ = ["Decision", "decide", "statements_of"]
