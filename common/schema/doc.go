// Package schema decodes Kafka values that were written with a Confluent schema
// registry, straight into msgpack.
//
// Such a value is a zero byte, the id of its schema in four, and the payload
// (Confluent's "wire format"). Avro payloads are decoded with that schema,
// which the registry is asked for once (see package avropack for what becomes
// of each type). JSON payloads speak for themselves: the id is taken off and
// nobody is asked for it; validation belongs to the producer, whose serializer
// does it before a record is sent.
//
// Not here: Protobuf, the newer form whose schema id is a GUID in a header, and
// the rules and encryption that a schema can carry.
//
// An error is of one of two kinds. ErrUnavailable says that the registry cannot
// tell now what the schema is: the value may be perfect, and is to be tried
// again. Any other error is about the value, or about a schema that can never be
// used, and stays.
//
// A Decoder is for one goroutine and starts none but those of its HTTP client.
package schema
