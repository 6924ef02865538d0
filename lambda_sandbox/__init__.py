"""AWS Lambda on a laptop: a sandbox that runs functions behind ordinary boto3, and a workbook that grades them.

    from lambda_sandbox import Sandbox
    sandbox = Sandbox()

`lambda_sandbox.workbook` has what the notebooks use beside it.
"""

from lambda_sandbox.sandbox import Sandbox, SandboxDidNotStart, SandboxError

__all__ = ["Sandbox", "SandboxDidNotStart", "SandboxError"]
