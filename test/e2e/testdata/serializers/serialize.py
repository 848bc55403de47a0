"""Sends logs to a topic as an application does it with confluent-kafka's serializers, which
register their schemas. RECORDS is a file with one log a line: a key, a tab, and a JSON object.

    FORMAT is avro or json_schema. EVOLVED=1 takes a later version of the schema, which has the
    field region as well.

    REGISTRY_URL=http://host:port REGISTRY_USER=user:password KAFKA_BROKERS=host:port \\
    TOPIC=name RECORDS=file FORMAT=avro EVOLVED= python3 serialize.py
"""

import json
import os
import sys

from confluent_kafka import Producer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

REGIONS = ["eu", "us", None]

AVRO = [
    {"name": "n", "type": "long"},
    {"name": "service", "type": "string"},
    {"name": "level", "type": {"type": "enum", "name": "Level", "symbols": ["debug", "info", "warn", "error"]}},
    {"name": "message", "type": "string"},
    {"name": "nested", "type": {"type": "record", "name": "Nested", "fields": [
        {"name": "path", "type": "string"},
        {"name": "ok", "type": "boolean"},
    ]}},
]

JSON = {"n": {"type": "integer"}, "service": {"type": "string"}, "level": {"type": "string"},
        "message": {"type": "string"}, "nested": {"type": "object"}}


def avro(registry, evolved):
    fields = list(AVRO)
    if evolved:
        # Not at the end: the fields behind it move.
        fields.insert(1, {"name": "region", "type": ["null", "string"], "default": None})
    return AvroSerializer(registry, json.dumps({"type": "record", "name": "Log", "namespace": "shop", "fields": fields}))


def json_schema(registry, evolved):
    properties = dict(JSON)
    if evolved:
        properties["region"] = {"type": ["string", "null"]}
    return JSONSerializer(json.dumps({
        "$schema": "http://json-schema.org/draft-07/schema#", "title": "Log", "type": "object",
        "properties": properties, "required": ["n", "service"],
    }), registry)


def main():
    registry = SchemaRegistryClient({
        "url": os.environ["REGISTRY_URL"],
        "basic.auth.user.info": os.environ["REGISTRY_USER"],
    })
    topic, evolved = os.environ["TOPIC"], bool(os.environ["EVOLVED"])
    serializer = {"avro": avro, "json_schema": json_schema}[os.environ["FORMAT"]](registry, evolved)
    producer = Producer({"bootstrap.servers": os.environ["KAFKA_BROKERS"], "linger.ms": 50})
    failed = []

    def delivered(error, _message):
        if error is not None:
            failed.append(str(error))

    context = SerializationContext(topic, MessageField.VALUE)
    with open(os.environ["RECORDS"], encoding="utf-8") as records:
        for line in records:
            key, _, text = line.partition("\t")
            log = json.loads(text)
            if evolved:
                log["region"] = REGIONS[log["n"] % len(REGIONS)]
            producer.produce(topic, key=key, value=serializer(log, context), on_delivery=delivered)
            producer.poll(0)
    waiting = producer.flush(60)
    if waiting or failed:
        sys.exit(f"{waiting} messages without an answer, {len(failed)} refused: {failed[:3]}")


main()
