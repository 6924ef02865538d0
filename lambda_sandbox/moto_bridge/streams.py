"""Streams, of Kinesis and of DynamoDB tables: told of when they change, read without HTTP, and put right.

moto tells Lambda inside the write; here the write only says which stream changed, and whoever cares reads what is new.
What moto has wrong and a function would see is mended: sequence numbers, sizes, a put that changes nothing, an update
that creates an item (moto: two records), a split shard (moto moves its records and goes on writing to it).
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.table import StreamRecord, StreamShard, Table
from moto.kinesis.models import KinesisBackend, Record, Stream, kinesis_backends

DAY_S = 86_400.0
FIRST_NUMBER = 49_590_338_271_490_256_608_559_692_538_361_571_095_921_575_989_136_588_898  # as long as Kinesis's own
_NUMBERS_A_SHARD = 10**40


@dataclass(frozen=True, slots=True)
class Written:
    """One record of a stream. `members` are those of GetRecords that depend on the source, ready for JSON."""

    number: int  # the sequence number
    key: str  # what order is kept for: the partition key, or the key of the item as JSON text
    at: float  # when it arrived, seconds since 1970 on the sandbox's clock
    members: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ShardOf:
    """One shard: what follows a sequence number in it, and the shards that must be read to their end before it."""

    id: str
    parents: tuple[str, ...]
    records: tuple[Written, ...]


@dataclass(frozen=True, slots=True)
class StreamOf:
    """A stream as it is now; records are kept for `retention_s` seconds."""

    retention_s: float
    shards: tuple[ShardOf, ...]


def read(account: str, arn: str, after: Mapping[str, int]) -> StreamOf | None:
    """All shards of a stream, each with the records after the number given for it; None if there is no such stream."""
    service, region, name = arn.split(":")[2], arn.split(":")[3], arn.split("/")[1]
    if service == "kinesis":
        stream = kinesis_backends[account][region].streams.get(name)
        return None if stream is None else _kinesis(stream, after)
    table = dynamodb_backends[account][region].tables.get(name)
    if table is None or table.stream_shard is None or _arn_of(table) != arn:
        return None
    return _dynamodb(table.stream_shard, after)


def _kinesis(stream: Any, after: Mapping[str, int]) -> StreamOf:
    shards = []
    for shard in stream.shards.values():
        parents = tuple(parent for parent in (shard.parent, shard.adjacent_parent) if parent)
        last = after.get(shard.shard_id, 0)
        newer = takewhile(lambda record: record.sequence_number > last, reversed(shard.records.values()))  # noqa: B023
        records = [Written(one.sequence_number, one.partition_key, one.created_at, {"Data": one.data}) for one in newer]
        shards.append(ShardOf(shard.shard_id, parents, tuple(reversed(records))))
    return StreamOf(stream.retention_period_hours * 3600.0, tuple(shards))


def _dynamodb(shard: Any, after: Mapping[str, int]) -> StreamOf:
    first = max(after.get(shard.id, 0) + 1 - shard.starting_sequence_number, 0)
    records = []
    for item in shard.items[first:]:
        change = item.record["dynamodb"]
        at = float(int(change["ApproximateCreationDateTime"].replace(tzinfo=UTC).timestamp()))  # told in whole seconds
        change = _for_json({**change, "ApproximateCreationDateTime": at})
        key = json.dumps(change["Keys"], sort_keys=True)
        records.append(Written(int(change["SequenceNumber"]), key, at, {**item.record, "dynamodb": change}))
    return StreamOf(DAY_S, (ShardOf(shard.id, (), tuple(records)),))


def _for_json(value: Any) -> Any:
    """The same with binary values as JSON has them: base64."""
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, dict):
        return {name: _for_json(member) for name, member in value.items()}
    return [_for_json(member) for member in value] if isinstance(value, list) else value


def size_of(value: Mapping[str, Any]) -> int:
    """The bytes of one typed attribute value, as DynamoDB counts them (developer guide, "Item sizes and formats")."""
    [(kind, held)] = value.items()
    match kind:
        case "S":
            return len(held.encode())
        case "N":
            return (len(held.strip("-0.").replace(".", "")) + 1) // 2 + 1
        case "B":
            return len(held) if isinstance(held, bytes) else len(held.rstrip("=")) * 3 // 4
        case "M":
            return 3 + sum(1 + len(name.encode()) + size_of(member) for name, member in held.items())
        case "L":
            return 3 + sum(1 + size_of(member) for member in held)
        case "SS" | "NS" | "BS":
            return sum(size_of({kind[0]: member}) for member in held)
        case _:
            return 1  # BOOL and NULL


def _item_size(item: Mapping[str, Any]) -> int:
    return sum(len(name.encode()) + size_of(value) for name, value in item.items())


def _arn_of(table: Any) -> str:
    return f"{table.table_arn}/stream/{table.latest_stream_label}"


# -- the seams

_original: dict[str, Any] = {
    "update_item": DynamoDBBackend.update_item,
    "delete_table": DynamoDBBackend.delete_table,
    "set_stream_specification": Table.set_stream_specification,
    "delete_stream": KinesisBackend.delete_stream,
    "get_shard_iterator": KinesisBackend.get_shard_iterator,
    "get_shard_for_key": Stream.get_shard_for_key,
    "split_shard": Stream.split_shard,
    "merge_shards": Stream.merge_shards,
}


def install(changed: Callable[[str], None]) -> None:
    """Puts the seams in. `changed` is told the ARN of a stream that was written to, resharded or deleted."""

    def add(self: Any, old: Any, new: Any) -> None:
        specification = self.table.stream_specification
        if not specification.get("StreamEnabled") or (old is not None and new is not None and old == new):
            return  # recorded: a put that changes nothing leaves no record
        name = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
        number = len(self.items) + self.starting_sequence_number
        made = StreamRecord(self.table, specification["StreamViewType"], name, old, new, number)
        made.record |= {"eventVersion": "1.1", "awsRegion": self.table.region_name}
        change = made.record["dynamodb"]
        images = [change[member] for member in ("Keys", "NewImage", "OldImage") if member in change]
        change["SizeBytes"] = sum(map(_item_size, images))
        self.items.append(made)
        changed(_arn_of(self.table))

    def update_item(self: Any, table_name: str, *args: Any, **settings: Any) -> Any:
        shard = self.get_table(table_name).stream_shard
        before = len(shard.items) if shard else 0
        item = _original["update_item"](self, table_name, *args, **settings)
        if shard and len(shard.items) == before + 2:  # moto puts the key first, and then updates what it put
            del shard.items[before]
            number = before + shard.starting_sequence_number
            shard.items[before].record["dynamodb"]["SequenceNumber"] = str(number)
        return item

    def set_stream_specification(self: Any, streams: Any) -> None:
        _original["set_stream_specification"](self, streams)
        if self.latest_stream_label:
            label = datetime.fromisoformat(self.latest_stream_label)
            self.latest_stream_label = label.isoformat(timespec="milliseconds")

    def delete_table(self: Any, name: str) -> Any:
        table = _original["delete_table"](self, name)
        if table.stream_shard is not None:
            changed(_arn_of(table))
        return table

    def delete_stream(self: Any, *args: Any, **settings: Any) -> Any:
        stream = _original["delete_stream"](self, *args, **settings)
        changed(stream.arn)
        return stream

    def put_record(self: Any, partition_key: str, explicit_hash_key: str, data: str) -> tuple[str, str]:
        shard = self.get_shard_for_key(partition_key, explicit_hash_key)
        first = FIRST_NUMBER + shard._shard_id * _NUMBERS_A_SHARD
        number = max(shard.get_max_sequence_number() + 1, first)
        shard.records[number] = Record(partition_key, data, number, explicit_hash_key)
        changed(self.arn)
        return str(number), shard.shard_id

    def resharding(name: str) -> Callable[..., None]:
        def reshard(self: Any, *shards: str) -> None:
            emptied = {shard: self.shards[shard].records for shard in shards if shard in self.shards}
            for shard in emptied:
                self.shards[shard].records = OrderedDict()
            try:
                _original[name](self, *shards)
            finally:
                for shard, records in emptied.items():
                    self.shards[shard].records = records
            changed(self.arn)

        return reshard

    table_shard: Any = StreamShard
    table_shard.add = add
    table: Any = Table
    table.set_stream_specification = set_stream_specification
    tables: Any = DynamoDBBackend
    tables.update_item, tables.delete_table = update_item, delete_table
    stream: Any = Stream
    stream.put_record, stream.get_shard_for_key = put_record, _get_shard_for_key
    stream.split_shard, stream.merge_shards = resharding("split_shard"), resharding("merge_shards")
    streams: Any = KinesisBackend
    streams.delete_stream, streams.get_shard_iterator = delete_stream, _get_shard_iterator


def _get_shard_for_key(self: Any, partition_key: str, explicit_hash_key: str) -> Any:
    """Only open shards take records, and the last hash key of a shard belongs to it."""
    every = self.shards
    self.shards = {name: shard for name, shard in every.items() if shard.is_open}
    try:
        return _original["get_shard_for_key"](self, partition_key, explicit_hash_key) or next(
            iter(self.shards.values())
        )
    finally:
        self.shards = every


def _get_shard_iterator(self: Any, stream_arn: str | None, stream_name: str | None, *args: Any, **more: Any) -> Any:
    """moto's iterator holds the stream's name, which a caller that gives the ARN alone does not say."""
    found = self.describe_stream(stream_arn=stream_arn, stream_name=stream_name)
    return _original["get_shard_iterator"](self, stream_arn, found.stream_name, *args, **more)
