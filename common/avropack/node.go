package avropack

import "time"

// kind tells how a value is read and written.
type kind uint8

const (
	kindNull kind = iota
	kindBoolean
	kindInt
	kindLong
	kindFloat
	kindDouble
	kindBytes
	kindString
	kindFixed
	kindEnum
	kindArray
	kindMap
	kindRecord
	kindUnion

	// Logical types, by what carries them.
	kindDate           // an int of days
	kindTimeMillis     // an int
	kindTimeMicros     // a long
	kindTimestamp      // a long of units
	kindLocalTimestamp // a long of units
	kindDecimal        // bytes
	kindFixedDecimal
	kindUUID     // a fixed of 16
	kindDuration // a fixed of 12
)

// node is a type of a compiled schema. Those of named types are shared, so that
// a recursive schema is a graph.
type node struct {
	kind kind

	size     int           // of a fixed
	scale    int           // of a decimal
	unit     time.Duration // of a timestamp
	items    *node         // of an array, or the values of a map
	branches []*node       // of a union
	symbols  [][]byte      // of an enum, as msgpack
	name     string        // of a record, for errors
	header   []byte        // of a record, as msgpack
	fields   []field       // of a record
}

// field is a field of a record.
type field struct {
	name string
	key  []byte // the name, as msgpack
	node *node
}
