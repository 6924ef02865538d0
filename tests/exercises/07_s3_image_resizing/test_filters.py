"""The checks of 07/filters: the configuration is stored for a real bucket, and S3 says whom it told of what."""

from botocore.exceptions import ClientError, ParamValidationError

from lambda_sandbox.workbook.checks import expect, require, task

BUCKET = "album"
IDLE = """
def lambda_handler(event, context):
    return len(event["Records"])
"""


def bucket_with(function, sandbox, s3):
    """Makes the bucket, and stores the learner's configuration for a function that does nothing."""
    resizer = sandbox.deploy(IDLE, name="resizer")
    sandbox.client("lambda").add_permission(
        FunctionName=resizer.name,
        StatementId="album",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::{BUCKET}",
    )
    s3.create_bucket(Bucket=BUCKET)
    answer = function.invoke({"function_arn": resizer.arn})
    require(isinstance(answer, dict), says="filters.other", expected="a configuration, as a dict", got=answer)
    for names in rules_of(answer):
        one = len(set(names)) == len(names)
        require(one, says="filters.one-ending", expected="at most one prefix and one suffix in a filter", got=names)
    try:
        s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration=answer)
        why = ""
    except (ClientError, ParamValidationError) as error:
        why = str(error)
    require(not why, says="filters.refused", expected="a configuration that S3 takes", got=answer, why=why)


def rules_of(configuration):
    """The names of the rules of each filter. What has not the shape is left to S3."""
    try:
        filters = [entry["Filter"]["Key"]["FilterRules"] for entry in configuration["LambdaFunctionConfigurations"]]
        return [[rule["Name"].lower() for rule in rules] for rules in filters]
    except (AttributeError, KeyError, TypeError):
        return []


def told(sandbox, s3, keys):
    """Puts objects; returns those of which S3 told the function."""
    for key in keys:
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"a picture")
    return settled(sandbox)


def settled(sandbox):
    sandbox.settle()
    return [record.data["key"] for record in sandbox.journal(function="resizer", kind="delivery.received")]


@task(1)
def test_tells_of_jpeg_pictures_under_uploads(function, sandbox, s3, rng):
    bucket_with(function, sandbox, s3)
    good = [f"uploads/sea-{rng.randrange(100)}.jpg", f"uploads/{rng.randrange(2020, 2031)}/may/hill.jpg"]
    text, dotless = "uploads/diary.txt", "uploads/all-about-jpg"
    elsewhere, old = ["thumbnails/sea.jpg", "my/uploads/sea.jpg"], "uploads-2019/sea.jpg"
    got = told(sandbox, s3, [*good, text, dotless, *elsewhere, old])
    wrong = {
        "filters.nothing": [],
        "filters.no-suffix": [*good, text, dotless],
        "filters.dot": [*good, dotless],
        "filters.no-prefix": [*good, *elsewhere, old],
        "filters.slash": [*good, old],
    }
    expect(got, good, says="filters.other", recognise=wrong)


@task(1)
def test_tells_of_pictures_that_are_copied_there(function, sandbox, s3):
    bucket_with(function, sandbox, s3)
    s3.put_object(Bucket=BUCKET, Key="drafts/sea.jpg", Body=b"a picture")
    s3.copy_object(Bucket=BUCKET, Key="uploads/sea.jpg", CopySource={"Bucket": BUCKET, "Key": "drafts/sea.jpg"})
    expect(settled(sandbox), ["uploads/sea.jpg"], says="filters.other", recognise={"filters.put-only": []})


@task(1, hidden=True)
def test_tells_of_pictures_that_are_uploaded_in_parts(function, sandbox, s3):
    bucket_with(function, sandbox, s3)
    upload = {"Bucket": BUCKET, "Key": "uploads/large.jpg"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    part = s3.upload_part(**upload, PartNumber=1, Body=b"a picture")
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    expect(settled(sandbox), ["uploads/large.jpg"], says="filters.other", recognise={"filters.put-only": []})


@task(2)
def test_tells_of_png_pictures_too(function, sandbox, s3, rng):
    bucket_with(function, sandbox, s3)
    jpeg, png = f"uploads/sea-{rng.randrange(100)}.jpg", f"uploads/chart-{rng.randrange(100)}.png"
    got = told(sandbox, s3, [jpeg, png, "thumbnails/chart.png", "uploads/diary.txt"])
    wrong = {"filters.one-ending": [jpeg], "filters.lost-the-first": [png]}
    expect(got, [jpeg, png], says="filters.other", recognise=wrong)


@task(2, hidden=True)
def test_has_the_same_rules_for_both(function, sandbox, s3):
    bucket_with(function, sandbox, s3)
    s3.put_object(Bucket=BUCKET, Key="drafts/chart.png", Body=b"a picture")
    s3.copy_object(Bucket=BUCKET, Key="uploads/chart.png", CopySource={"Bucket": BUCKET, "Key": "drafts/chart.png"})
    expect(settled(sandbox), ["uploads/chart.png"], says="filters.other", recognise={"filters.put-only": []})
