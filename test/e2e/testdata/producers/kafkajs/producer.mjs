// Sends numbered logs to a topic, each keyed by its service, as an application's logger
// does it with kafkajs.
//
//   KAFKA_BROKERS=host:port node producer.mjs TOPIC COUNT

import { createRequire } from 'node:module';
import { hostname } from 'node:os';

// The package is where the test has installed it, not beside this file.
const { Kafka, Partitioners, logLevel } = createRequire(`${process.env.PACKAGES}/`)('kafkajs');

const [topic, count] = [process.argv[2], Number(process.argv[3])];
const levels = ['debug', 'info', 'warn', 'error', 'critical'];
const batch = 500;

const client = new Kafka({
  clientId: 'node-service',
  brokers: process.env.KAFKA_BROKERS.split(','),
  logLevel: logLevel.ERROR,
});
const producer = client.producer({
  createPartitioner: Partitioners.DefaultPartitioner,
  allowAutoTopicCreation: false,
});

function message(n) {
  const service = `node-${n % 3}`;
  return {
    key: service,
    value: JSON.stringify({
      level: levels[n % levels.length],
      message: `event ${n}`,
      service,
      metadata: { n, path: `/a/${n}` },
      timestamp: new Date().toISOString(),
      hostname: hostname(),
    }),
    headers: { 'content-type': 'application/json' },
  };
}

await producer.connect();
for (let first = 0; first < count; first += batch) {
  const size = Math.min(batch, count - first);
  await producer.send({ topic, messages: Array.from({ length: size }, (_, i) => message(first + i)) });
}
await producer.disconnect();
