"""Writes values as an application does it with confluent-kafka's serializers, which register
their schemas, and prints one line of JSON for each: the value in hex, and what a reader of the
logs is to see of it.

    REGISTRY_URL=http://host:port REGISTRY_USER=user:password python3 serialize.py
"""

import json
import os
import uuid
from datetime import date, datetime, time, timezone
from decimal import Decimal

from confluent_kafka.schema_registry import Schema, SchemaReference, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

registry = SchemaRegistryClient({
    "url": os.environ["REGISTRY_URL"],
    "basic.auth.user.info": os.environ["REGISTRY_USER"],
})


def emit(topic, serializer, value, seen):
    data = serializer(value, SerializationContext(topic, MessageField.VALUE))
    print(json.dumps({"topic": topic, "value": data.hex(), "want": seen}))


def record(name, *fields, namespace="shop"):
    return {"type": "record", "name": name, "namespace": namespace,
            "fields": [{"name": n, "type": t} for n, t in fields]}


def logical(carrier, kind, **more):
    return {"type": carrier, "logicalType": kind, **more}


LOG = record(
    "Log",
    ("none", "null"),
    ("on", "boolean"),
    ("int", "int"),
    ("long", "long"),
    ("float", "float"),
    ("double", "double"),
    ("text", "string"),
    ("bytes", "bytes"),
    ("fixed", {"type": "fixed", "name": "Hash", "size": 4}),
    ("level", {"type": "enum", "name": "Level", "symbols": ["INFO", "WARN"]}),
    ("again", "Level"),
    ("list", {"type": "array", "items": ["null", "long", "string"]}),
    ("labels", {"type": "map", "values": "string"}),
    ("cause", ["null", "Log"]),
    ("at", logical("long", "timestamp-millis")),
    ("at_micros", logical("long", "timestamp-micros")),
    ("local", logical("long", "local-timestamp-millis")),
    ("day", logical("int", "date")),
    ("clock", logical("int", "time-millis")),
    ("clock_micros", logical("long", "time-micros")),
    ("price", logical("bytes", "decimal", precision=20, scale=2)),
    ("debt", logical("fixed", "decimal", name="Debt", size=12, precision=20, scale=3)),
    ("id", logical("string", "uuid")),
)

MOMENT = datetime(2026, 11, 20, 10, 0, 0, 123456, tzinfo=timezone.utc)
ID = "8c2f1f4e-9d4b-4b7e-8f7a-0d1c2b3a4958"


def log(**changes):
    value = {
        "none": None, "on": True, "int": -2147483648, "long": 9223372036854775807, "float": 0.5, "double": 41.7,
        "text": "grün \U0001f642", "bytes": b"\xff\x00", "fixed": b"\x01\x02\x03\x04", "level": "WARN", "again": "INFO",
        "list": [None, 7, "x"], "labels": {"zone": "b", "user": "u-1"}, "cause": None,
        "at": MOMENT, "at_micros": MOMENT, "local": datetime(1969, 12, 31, 23, 59, 59, 999000), "day": date(2024, 2, 29),
        "clock": time(10, 0, 0, 343000), "clock_micros": time(23, 59, 59, 999999),
        "price": Decimal("129.95"), "debt": Decimal("-1234567890.001"), "id": uuid.UUID(ID),
    }
    value.update(changes)
    return value


def seen(**changes):
    value = {
        "none": None, "on": True, "int": -2147483648, "long": 9223372036854775807, "float": 0.5, "double": 41.7,
        "text": "grün \U0001f642", "bytes": "/wA=", "fixed": "AQIDBA==", "level": "WARN", "again": "INFO",
        "list": [None, 7, "x"], "labels": {"zone": "b", "user": "u-1"}, "cause": None,
        "at": "2026-11-20T10:00:00.123Z", "at_micros": "2026-11-20T10:00:00.123456Z", "local": "1969-12-31T23:59:59.999",
        "day": "2024-02-29", "clock": "10:00:00.343", "clock_micros": "23:59:59.999999",
        "price": "129.95", "debt": "-1234567890.001", "id": ID,
    }
    value.update(changes)
    return value


logs = AvroSerializer(registry, json.dumps(LOG))
emit("logs", logs, log(), seen())
emit("logs", logs, log(list=[], labels={}, cause=log(text="")), seen(list=[], labels={}, cause=seen(text="")))
emit("logs", logs, log(list=list(range(100))), seen(list=list(range(100))))

# One schema that names types of another, which names those of a third.
registry.register_schema("country", Schema(json.dumps({"type": "enum", "name": "Country", "namespace": "geo", "symbols": ["DE", "IT"]}), "AVRO"))
registry.register_schema("address", Schema(json.dumps(record("Address", ("zip", "string"), ("country", "Country"), namespace="geo")), "AVRO",
                                           [SchemaReference("geo.Country", "country", 1)]))
order = Schema(json.dumps(record("Order", ("to", "geo.Address"), ("origin", "geo.Country"))), "AVRO",
               [SchemaReference("geo.Address", "address", 1), SchemaReference("geo.Country", "country", 1)])
emit("orders", AvroSerializer(registry, order), {"to": {"zip": "10115", "country": "DE"}, "origin": "IT"},
     {"to": {"zip": "10115", "country": "DE"}, "origin": "IT"})

emit("lines", AvroSerializer(registry, '"string"'), "one line", "one line")
emit("numbers", AvroSerializer(registry, json.dumps({"type": "map", "values": "long"})), {"n": 1}, {"n": 1})

events = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "Event", "type": "object",
          "properties": {"level": {"type": "string"}, "n": {"type": "integer"}}, "required": ["level"]}
emit("events", JSONSerializer(json.dumps(events), registry), {"level": "info", "n": 1, "nested": {"a": [1, None]}},
     {"level": "info", "n": 1, "nested": {"a": [1, None]}})
