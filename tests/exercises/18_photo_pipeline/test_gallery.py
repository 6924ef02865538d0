"""The checks of 18/gallery: requests through an HTTP API, and what the table holds afterwards."""

import pytest

from lambda_sandbox.workbook.checks import expect, require, task

MAY = {
    "Effect": "Allow",
    "Action": ["dynamodb:GetItem", "dynamodb:Scan", "dynamodb:UpdateItem", "logs:*"],
    "Resource": "*",
}
FAILS = {"TypeError": "gallery.decimal", "ClientError": "gallery.not-allowed", "KeyError": "gallery.fails",
         "AttributeError": "gallery.fails", "ConditionalCheckFailedException": "gallery.fails"}  # fmt: skip


@pytest.fixture
def table(sandbox):
    """The client of DynamoDB; the table is there and empty."""
    dynamodb = sandbox.client("dynamodb")
    dynamodb.create_table(
        TableName="photos",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return dynamodb


@pytest.fixture
def guarded(function, role):
    """The function, with the narrow role."""
    role.holds({"Version": "2012-10-17", "Statement": [MAY]})
    function.works_as(role)
    return function


def put(table, rng, name="my cat.png", likes=0):
    """A new entry."""
    id = f"{rng.getrandbits(64):016x}"
    key = f"thumbnails/{id}/{name}.jpg"
    entry = {"id": id, "name": name, "thumbnail": key, "bytes": rng.randrange(99), "likes": likes}
    item = {key: {"N": str(value)} if isinstance(value, int) else {"S": value} for key, value in entry.items()}
    table.put_item(TableName="photos", Item=item)
    return entry


def ids_of(page):
    """The ids on a page of the gallery."""
    listed = page.get("photos")
    return [str(photo.get("id")) for photo in listed if isinstance(photo, dict)] if isinstance(listed, list) else []


def entries(table):
    """What the table holds, by id."""
    found = {}
    for item in table.scan(TableName="photos")["Items"]:
        plain = {key: int(value["N"]) if "N" in value else value.get("S") for key, value in item.items()}
        found[plain["id"]] = plain
    return found


@task(1)
def test_shows_a_photo(function, table, rng):
    put(table, rng, "dog.png")
    entry = put(table, rng, likes=rng.randrange(9))
    reply = function.ask("GET", f"/photos/{entry['id']}", says=FAILS)
    expect([reply.status, reply.json], [200, entry], says="gallery.not-shown")


@task(1)
def test_answers_404_for_what_is_not_there(function, table, rng):
    for path in (f"/photos/{rng.getrandbits(64):016x}", "/albums"):
        expect(function.ask("GET", path, says="gallery.fails").status, 404, says="gallery.not-404")


@task(1)
def test_shows_all_photos_page_by_page(function, table, rng):
    for _ in range(5):
        put(table, rng)
    want, got, path = sorted(entries(table)), [], "/photos"
    for _ in range(2):
        reply = function.ask("GET", path, says=FAILS)
        page = reply.json if isinstance(reply.json, dict) else {}
        ids = ids_of(page)
        require(not set(ids) & set(got), says="gallery.same-page", expected="other photos", got=ids)
        got += ids
        right = len(ids) == min(3, len(want) - len(got) + len(ids)) and ("next" in page) == (len(got) < len(want))
        require(right, says="gallery.page", expected="at most 3, and next if there are more", got=page)
        path = f"/photos?after={page.get('next')}"
    expect(sorted(got), want, says="gallery.not-all")


@task(1, hidden=True)
def test_has_no_next_page_after_the_last_photo(function, table, rng):
    for _ in range(3):
        put(table, rng)
    page = function.ask("GET", "/photos", says=FAILS).json
    right = isinstance(page, dict) and len(ids_of(page)) == 3 and "next" not in page
    require(right, says="gallery.page", expected="three photos, and no next", got=page)


@task(2)
def test_counts_likes_in_the_table(guarded, table, rng):
    entry = put(table, rng, likes=rng.randrange(3, 9))
    for more in (1, 2):
        reply = guarded.ask("POST", f"/photos/{entry['id']}/likes", says=FAILS)
        expect([reply.status, reply.json], [200, {"likes": entry["likes"] + more}], says="gallery.no-likes")
        guarded.restart()
    now = entries(table)[entry["id"]]
    expect(now.get("likes"), entry["likes"] + 2, says="gallery.forgets")
    expect({**now, "likes": 0}, {**entry, "likes": 0}, says="gallery.harms-the-rest")


@task(2)
def test_makes_no_entry_by_liking_what_is_not_there(guarded, table, rng):
    reply = guarded.ask("POST", f"/photos/{rng.getrandbits(64):016x}/likes", says=FAILS)
    expect(list(entries(table)), [], says="gallery.ghost")
    expect(reply.status, 404, says="gallery.not-404")
