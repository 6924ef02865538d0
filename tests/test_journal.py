"""The journal: append, read, and say when it is cut."""

from __future__ import annotations

from lambda_sandbox.journal import Journal, Kind, Record


def test_records_are_numbered_and_found_by_what_they_say() -> None:
    journal = Journal(lambda: 7.0)
    first = journal.append(Kind.STARTED, function="f", request_id="r", cold=True)
    journal.append(Kind.LOG, function="g", message="hi")
    assert (first.seq, first.at, dict(first.data)) == (1, 7.0, {"cold": True})
    assert [record.function for record in journal.since(0)] == ["f", "g"]
    assert [record.seq for record in journal.since(0, function="g", kind=Kind.LOG)] == [2]
    assert journal.since(2) == []


def test_a_record_survives_json() -> None:
    record = Journal(lambda: 1.5).append(Kind.REPORTED, function="f", duration_ms=1.25)
    assert Record.from_json(record.as_json()) == record


def test_subscribers_hear_every_record_once() -> None:
    journal, heard = Journal(lambda: 0.0), []
    journal.subscribe(heard.append)
    assert journal.append(Kind.FROZEN) in heard and len(heard) == 1


def test_a_full_journal_drops_the_oldest_and_says_so() -> None:
    journal = Journal(lambda: 0.0, capacity_bytes=20_000)
    for number in range(100):
        journal.append(Kind.LOG, message="x" * 100, number=number)
    records = journal.since(0)
    cut = [record for record in records if record.kind is Kind.JOURNAL_CUT]
    assert cut and cut[-1].data["records"] > 0
    assert records[-1].data.get("number") == 99 or records[-1].kind is Kind.JOURNAL_CUT
    assert sum(record.data.get("records", 0) for record in cut) + len(records) - len(cut) <= 100 + len(cut)


def test_numbers_go_on_after_a_reset() -> None:
    journal = Journal(lambda: 0.0)
    journal.append(Kind.FROZEN)
    journal.reset()
    assert journal.since(0) == []
    assert journal.append(Kind.FROZEN).seq == 2
