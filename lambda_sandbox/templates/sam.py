"""AWS SAM: the transform that makes CloudFormation of `AWS::Serverless::*`, by AWS's own translator."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from lambda_sandbox.templates.template import Template, refused

log = logging.getLogger(__name__)

TRANSFORM = "AWS::Serverless-2016-10-31"


def transforms(template: Template) -> list[str]:
    """What the template asks to be transformed by."""
    asked = template.get("Transform") or []
    return [asked] if isinstance(asked, str) else [one if isinstance(one, str) else one.get("Name") for one in asked]


def transformed(
    template: Template, parameters: Mapping[str, Any], region: str, policies: Callable[[], Mapping[str, str]]
) -> Template:
    """The template without SAM in it. Raises AwsError with the translator's words.

    `policies` tells the ARNs of AWS's managed policies, which a SAM template may give by name alone.
    """
    asked = transforms(template)
    if other := [one for one in asked if one not in (TRANSFORM, "AWS::LanguageExtensions")]:
        raise refused(f"The sandbox does not model the transform {other[0]}. It knows {TRANSFORM}.")
    if TRANSFORM not in asked:
        return template
    import boto3  # these take a second to import
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    session = boto3.session.Session("nobody", "nobody", region_name=region)
    copy = json.loads(json.dumps(template))  # the translator changes what it is given
    try:
        made = Translator(dict(policies()), Parser(), boto_session=session).translate(copy, dict(parameters))
    except InvalidDocumentException as error:
        causes = " ".join(cause.message for cause in error.causes)
        raise refused(f"Transform {TRANSFORM} failed with: {error.message} {causes}") from None
    except Exception:  # what the translator did not expect in a template; AWS has these words for it
        log.debug("the SAM translator failed", exc_info=True)
        raise refused(f"Transform {TRANSFORM} failed without an error message.") from None
    return {section: part for section, part in json.loads(json.dumps(made)).items() if section != "Transform"}
