"""Lambda's API: what each operation takes, refuses, changes and answers.

Routing, parsing, constraints and serialising come from botocore's service model (`model`, `protocol`, `validation`);
each noun has a file of functions, one an operation; `operations` is the table of them all. Knows nothing of processes.
"""

from lambda_sandbox.lambda_api.api import LambdaApi

__all__ = ["LambdaApi"]
