"""Sends numbered logs to a topic, each keyed by its service, as an application's logger
does it with confluent-kafka.

    KAFKA_BROKERS=host:port python3 producer.py TOPIC COUNT
"""

import json
import os
import socket
import sys
from datetime import datetime, timezone

from confluent_kafka import Producer

LEVELS = ["debug", "info", "warn", "error", "critical"]
failed = []


def delivered(error, _message):
    if error is not None:
        failed.append(str(error))


def main(topic, count):
    producer = Producer({
        "bootstrap.servers": os.environ["KAFKA_BROKERS"],
        "client.id": "python-service",
        "compression.type": "lz4",
        "linger.ms": 50,
    })
    for n in range(count):
        service = f"python-{n % 3}"
        event = {
            "level": LEVELS[n % len(LEVELS)],
            "message": f"event {n}",
            "service": service,
            "metadata": {"n": n, "path": f"/a/{n}"},
            "timestamp": datetime.now(timezone.utc).isoformat(),
            "hostname": socket.gethostname(),
        }
        producer.produce(topic, key=service.encode(), value=json.dumps(event).encode(), on_delivery=delivered)
        producer.poll(0)
    waiting = producer.flush(30)
    if waiting or failed:
        sys.exit(f"{waiting} messages without an answer, {len(failed)} refused: {failed[:3]}")


main(sys.argv[1], int(sys.argv[2]))
