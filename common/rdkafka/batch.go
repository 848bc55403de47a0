package rdkafka

// #include "batch.h"
import "C"

import (
	"encoding/binary"
	"iter"
	"unsafe"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// Batch holds messages in librdkafka's memory, until Release.
type Batch struct {
	c      C.struct_tg_batch
	raw    []C.struct_tg_message // C's memory
	n      int
	reader *Reader
}

// NewBatch makes a batch of at most capacity messages. Free it.
func NewBatch(capacity int) *Batch {
	b := &Batch{}
	if C.tg_batch_init(&b.c, C.size_t(capacity)) != 0 {
		panic("rdkafka: no memory for a batch")
	}
	// In C's memory, since cgo looks through all of a slice of Go's for pointers
	// at each call that gets it.
	//
	// Safety: the array has that many elements, and is freed by Free only.
	b.raw = unsafe.Slice(b.c.out, capacity)
	return b
}

// Message is one message of a batch. Its slices are librdkafka's memory.
type Message struct {
	Topic     string
	Partition int32
	Offset    int64
	// Timestamp is in milliseconds since 1970, or -1 where the message has
	// none.
	Timestamp int64
	// Key and Value are nil where Kafka has null.
	Key, Value []byte
	// Headers are raw; see Header.
	Headers Headers
	// Err is set for what is not a message but an error of its partition;
	// Value is then its text.
	Err kafka.ErrorCode
}

// Len returns the number of messages.
func (b *Batch) Len() int { return b.n }

// ahead is how many messages are prefetched at once, while as many are worked
// on: a call costs little beside them, and their fronts fit into the second cache.
const ahead = 64

// Message fills m with the i-th message. Messages are asked for in their order.
func (b *Batch) Message(i int, m *Message) {
	if i%ahead == 0 {
		C.tg_prefetch(&b.c, C.size_t(i+ahead), C.size_t(i+2*ahead))
	}
	raw := &b.raw[i]
	m.Topic = b.reader.topic(raw.topic)
	m.Partition = int32(raw.partition)
	m.Offset = int64(raw.offset)
	m.Timestamp = int64(raw.timestamp)
	m.Key = view(raw.key, raw.key_len)
	m.Value = view(raw.value, raw.value_len)
	m.Err = kafka.ErrorCode(raw.err)
	m.Headers = nil
	if raw.headers_len > 0 {
		m.Headers = view(unsafe.Add(unsafe.Pointer(b.c.headers), raw.headers), raw.headers_len)
	}
}

// view is n bytes at p, nil for a null pointer and empty but not nil for an
// empty value.
//
// Safety: the bytes are librdkafka's and stay until the batch is released.
func view(p unsafe.Pointer, n C.size_t) []byte {
	if p == nil {
		return nil
	}
	return unsafe.Slice((*byte)(p), int(n))
}

// Release gives the messages back to librdkafka.
func (b *Batch) Release() {
	C.tg_release(&b.c)
	b.n = 0
}

// Free releases the batch and its memory.
func (b *Batch) Free() {
	b.raw = nil
	C.tg_batch_free(&b.c)
}

// Headers are a message's headers: for each the name and the value, both as a
// 32-bit length in the machine's order and the bytes. A value's length of -1
// is null.
type Headers []byte

// Header is one of them. Value is nil for null.
type Header struct {
	Name, Value []byte
}

// All yields the headers in their order; names may repeat.
func (h Headers) All() iter.Seq[Header] {
	return func(yield func(Header) bool) {
		for rest := []byte(h); len(rest) > 0; {
			var header Header
			header.Name, rest = next(rest)
			header.Value, rest = next(rest)
			if !yield(header) {
				return
			}
		}
	}
}

// Count returns the number of headers.
func (h Headers) Count() int {
	n := 0
	for range h.All() {
		n++
	}
	return n
}

// AppendHeader appends one header in the encoding of Headers.
func AppendHeader(h Headers, name string, value []byte) Headers {
	h = binary.NativeEndian.AppendUint32(h, uint32(len(name)))
	h = append(h, name...)
	if value == nil {
		return binary.NativeEndian.AppendUint32(h, 1<<32-1)
	}
	h = binary.NativeEndian.AppendUint32(h, uint32(len(value)))
	return append(h, value...)
}

func next(b []byte) (bytes, rest []byte) {
	n := int32(binary.NativeEndian.Uint32(b))
	b = b[4:]
	if n < 0 {
		return nil, b
	}
	return b[:n:n], b[n:]
}
