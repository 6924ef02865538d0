"""CloudFormation: templates, stacks, and what a stack makes of the services, each through its own API.

Knows no service from the inside: all that it does is a request to the sandbox's one port, as any client's.
"""

from lambda_sandbox.templates.api import CloudFormation

__all__ = ["CloudFormation"]
