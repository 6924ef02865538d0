"""Nothing of this machine's AWS set-up is read: no profile, no key, no region, no MOTO_ variable."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)

from lambda_sandbox.moto_bridge import Bridge
from lambda_sandbox.wire import Request

bridge = Bridge(now=lambda: 1924992000.0, account="123456789012")
bridge.warm_up()
form = {"content-type": "application/x-www-form-urlencoded"}
for service, method, body, headers in [
    ("s3", "GET", b"", {}),
    ("iam", "POST", b"Action=ListRoles&Version=2010-05-08", form),
    ("sts", "POST", b"Action=GetCallerIdentity&Version=2011-06-15", form),
    ("sqs", "POST", b'{"QueueName": "q"}', {"x-amz-target": "AmazonSQS.CreateQueue"}),
    ("dynamodb", "POST", b"{}", {"x-amz-target": "DynamoDB_20120810.ListTables"}),
    ("logs", "POST", b"{}", {"x-amz-target": "Logs_20140328.DescribeLogGroups"}),
]:
    scope = f"AWS4-HMAC-SHA256 Credential=AKIA/20310101/us-east-1/{service}/aws4_request, Signature=0"
    answer = bridge.serve(Request(method, "/", "", {"authorization": scope, **headers}, body))
    print(service, answer.status, answer.body.decode())
bridge.close()
print("opened", [path for path in opened if ".aws" in path or "secret-profile" in path])
"""


def test_a_real_profile_lying_around_is_never_read(tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    for name in ("config", "credentials"):
        (tmp_path / ".aws" / name).write_text(
            "[default]\naws_access_key_id = AKIAREALREALREALREAL\nregion = eu-north-1\n"
        )
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "AWS_PROFILE": "a-profile-that-is-not-there",
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "secret-profile"),
        "AWS_ACCESS_KEY_ID": "AKIAREALREALREALREAL",
        "AWS_REGION": "eu-north-1",
        "MOTO_ACCOUNT_ID": "999999999999",
    }
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], check=False, env=environment, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    *answers, opened = run.stdout.strip().split("\n")
    assert opened == "opened []"
    said = "\n".join(answers)
    for service in ("s3", "iam", "sts", "sqs", "dynamodb", "logs"):
        assert f"{service} 200" in said
    assert "999999999999" not in said
    assert "AKIAREAL" not in said
