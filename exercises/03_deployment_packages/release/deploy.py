import json

import boto3

lambda_ = boto3.client("lambda")


def point(function, version):
    """Lets the alias `live` of a function point to a version."""
    # task 1: at the first release there is no alias
    lambda_.update_alias(FunctionName=function, Name="live", FunctionVersion=version)


def works(function, version, probe, expect):
    """Whether this version answers the probe with what is expected."""
    # task 2: ask it
    return True


def lambda_handler(event, context):
    """Releases what lies in $LATEST, or goes back; answers {"live": the version in use}. Some 10 more lines in all."""
    function = event["function"]
    version = "$LATEST"  # task 1: a version that stays as it is
    # task 3: go back
    if works(function, version, event.get("probe"), event.get("expect")):
        point(function, version)
    return {"live": version}
