"""Event sources: one file a source, each receives (or polls), shapes the event, asks for permission and invokes.

Knows what services say and what functions are sent; nothing of environments, HTTP or moto's insides.
"""

from lambda_sandbox.event_sources.s3 import S3Source

__all__ = ["S3Source"]
