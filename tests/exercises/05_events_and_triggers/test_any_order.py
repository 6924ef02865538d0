"""The checks of 05/any_order: events of each source, with other orders in them."""

import base64
import json

from lambda_sandbox.workbook.checks import expect, require, task

SOURCES = ["s3", "sns", "sqs", "kinesis", "dynamodb", "url", "direct"]


def order(rng):
    return {"tea": rng.choice(["green", "white", "oolong", "thé vert"]), "grams": 25 * rng.randrange(1, 20)}


def with_text(event, texts):
    """The event of a source, with one record for each of these texts."""
    (record,) = event["Records"]
    if "Sns" in record:
        return {"Records": [{**record, "Sns": {**record["Sns"], "Message": text}} for text in texts]}
    if "kinesis" in record:
        encoded = [base64.b64encode(text.encode()).decode() for text in texts]
        return {"Records": [{**record, "kinesis": {**record["kinesis"], "data": data}} for data in encoded]}
    return {"Records": [{**record, "body": text} for text in texts]}


def compare(function, event, orders, called, recognise=()):
    answer = function.invoke(event, called=f"lambda_handler(an event of {called})")
    got = answer.get("orders") if isinstance(answer, dict) else answer
    mistakes = dict(recognise)
    if len(orders) > 1:
        mistakes["order.first-record-only"] = orders[:1]
    expect(got, orders, says="order.lost", recognise=mistakes)


@task(1)
def test_names_the_source_of_each_event(function, sample):
    for source in SOURCES:
        says = "order.capital-letters" if source == "sns" else "order.source"
        called = f"lambda_handler(events/{source}.json)"
        answer = function.invoke(sample(f"{source}.json"), says={"KeyError": says}, called=called)
        require(isinstance(answer, dict), says=says, expected="a dict", got=answer)
        expect(answer.get("source"), source, says=says)


@task(2)
def test_reads_the_orders_of_a_queue(function, sample, rng):
    orders = [order(rng), order(rng)]
    texts = [json.dumps(one) for one in orders]
    compare(function, with_text(sample("sqs.json"), texts), orders, "SQS", {"order.still-text": texts})


@task(2)
def test_reads_the_orders_of_a_topic(function, sample, rng):
    orders = [order(rng)]
    texts = [json.dumps(one) for one in orders]
    compare(function, with_text(sample("sns.json"), texts), orders, "SNS", {"order.still-text": texts})


@task(2)
def test_reads_what_a_topic_put_into_a_queue(function, sample, rng):
    orders = [order(rng)]
    event = sample("sns_in_sqs.json")
    inner = json.loads(event["Records"][0]["body"]) | {"Message": json.dumps(orders[0])}
    event = with_text(event, [json.dumps(inner)])
    compare(function, event, orders, "SQS that holds what SNS sent", {"order.inner-envelope": [inner]})


@task(2, hidden=True)
def test_takes_an_order_that_is_handed_in(function, rng):
    one = order(rng)
    compare(function, one, [one], "nobody: a direct invocation")


@task(3)
def test_decodes_the_data_of_a_stream(function, sample, rng):
    orders = [order(rng), order(rng)]
    event = with_text(sample("kinesis.json"), [json.dumps(one) for one in orders])
    encoded = [record["kinesis"]["data"] for record in event["Records"]]
    compare(function, event, orders, "Kinesis", {"order.base64": encoded})


@task(3)
def test_reads_the_body_of_a_request_as_text_and_as_base64(function, sample, rng):
    one = order(rng)
    event = sample("url.json") | {"body": json.dumps(one)}
    compare(function, event, [one], "a function URL", {"order.still-text": [event["body"]]})
    encoded = base64.b64encode(json.dumps(one).encode()).decode()
    event = sample("url.json") | {"body": encoded, "isBase64Encoded": True}
    called = "lambda_handler(an event of a function URL, its body in base64)"
    outcome = function.outcome(event, called=called)
    got = outcome.payload.get("orders") if isinstance(outcome.payload, dict) else outcome.error_message
    expect(got, [one], says="order.base64")


@task(3)
def test_finds_the_key_of_an_object(function, sample, rng):
    event = sample("s3.json")
    event["Records"][0]["s3"]["object"]["key"] = f"orders/th%C3%A9+{rng.randrange(100)}%2B1.json"
    encoded = event["Records"][0]["s3"]["object"]["key"]
    key = encoded.replace("+", " ").replace("%C3%A9", "é").replace("%2B", "+")
    place = {"bucket": "shop", "key": key}
    compare(function, event, [place], "S3", {"order.key-encoded": [{**place, "key": encoded}]})


@task(4)
def test_reads_the_rows_of_a_table(function, sample, rng):
    orders = [order(rng), order(rng)]
    (record,) = sample("dynamodb.json")["Records"]
    rows = [{"id": {"S": "o-1"}, "tea": {"S": one["tea"]}, "grams": {"N": str(one["grams"])}} for one in orders]
    event = {"Records": [{**record, "dynamodb": {**record["dynamodb"], "NewImage": row}} for row in rows]}
    texts = [{**one, "grams": str(one["grams"])} for one in orders]
    typed = [{"tea": row["tea"], "grams": row["grams"]} for row in rows]
    compare(function, event, orders, "a table", {"order.number-is-text": texts, "order.row-is-typed": typed})


@task(4, hidden=True)
def test_passes_over_a_row_that_was_deleted(function, sample):
    event = sample("dynamodb.json")
    (record,) = event["Records"]
    gone = {**record, "eventName": "REMOVE", "dynamodb": {**record["dynamodb"]}}
    gone["dynamodb"]["OldImage"] = gone["dynamodb"].pop("NewImage")
    answer = function.invoke({"Records": [gone, record]}, says="order.deleted-row")
    expect(answer["orders"], [{"tea": "black", "grams": 100}], says="order.deleted-row")
