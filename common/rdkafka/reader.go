// Package rdkafka reads a consumer's messages in batches, past
// confluent-kafka-go's Poll: one cgo call for thousands of messages, whose
// bytes Go reads where librdkafka keeps them. That costs about a quarter of
// the CPU of a Poll per message (design, section 6).
//
// The Consumer goes on owning the group: its Poll serves rebalances and
// errors, and must go on being called. This is the only package that calls
// librdkafka itself.
package rdkafka

/*
// The symbols are confluent-kafka-go's, which the final link has and the trial
// link of this package alone has not.
#cgo LDFLAGS: -Wl,--unresolved-symbols=ignore-all

#include <stdlib.h>
#include "batch.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"reflect"
	"time"
	"unsafe"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// ErrLayout says that the Consumer does not hide its client where this
// package looks for it. That is decided when this is built, and a test pins it.
var ErrLayout = errors.New("confluent-kafka-go's Consumer has another layout")

// Reader drains the partitions that are forwarded to it.
//
// It belongs to one goroutine, the one that polls the Consumer: then no
// rebalance can run beside Drain. Close it before the Consumer.
type Reader struct {
	rk     *C.rd_kafka_t
	queue  *C.rd_kafka_queue_t
	topics map[unsafe.Pointer]string
}

// NewReader makes a reader of the consumer's client.
func NewReader(c *kafka.Consumer) (*Reader, error) {
	rk, err := client(c)
	if err != nil {
		return nil, err
	}
	return &Reader{rk: rk, queue: C.rd_kafka_queue_new(rk), topics: map[unsafe.Pointer]string{}}, nil
}

// client finds the rd_kafka_t in a Consumer, in its field handle.rk.
func client(c *kafka.Consumer) (*C.rd_kafka_t, error) {
	handle := reflect.ValueOf(c).Elem().FieldByName("handle")
	if !handle.IsValid() || handle.Kind() != reflect.Struct {
		return nil, ErrLayout
	}
	rk := handle.FieldByName("rk")
	if !rk.IsValid() || rk.Kind() != reflect.Pointer || rk.IsNil() {
		return nil, ErrLayout
	}
	if rk.Type().Elem().Name() != "_Ctype_struct_rd_kafka_s" {
		return nil, fmt.Errorf("%w: handle.rk is a %s", ErrLayout, rk.Type())
	}
	// Safety: the field's type is the client's, and the Consumer outlives the Reader.
	return (*C.rd_kafka_t)(rk.UnsafePointer()), nil
}

// Forward sends a partition's messages to this reader instead of to the
// Consumer. Call it before the partition is assigned: then none of them takes
// the other way.
func (r *Reader) Forward(topic string, partition int32) error {
	name := C.CString(topic)
	defer C.free(unsafe.Pointer(name))
	if C.tg_forward(r.rk, name, C.int32_t(partition), r.queue) != 0 {
		return fmt.Errorf("forwarding %s [%d]: no such partition", topic, partition)
	}
	return nil
}

// ClusterID returns the id of the Kafka cluster, or "" where it is not known
// within the timeout.
func (r *Reader) ClusterID(timeout time.Duration) string {
	id := C.rd_kafka_clusterid(r.rk, C.int(timeout.Milliseconds()))
	if id == nil {
		return ""
	}
	defer C.rd_kafka_mem_free(r.rk, unsafe.Pointer(id))
	return C.GoString(id)
}

// Drain waits until b is full or timeout is over. The messages in b are valid
// until b.Release; b must have been released.
func (r *Reader) Drain(timeout time.Duration, b *Batch) {
	n := C.tg_drain(r.queue, C.int(timeout.Milliseconds()), &b.c)
	b.n = int(n)
	b.reader = r
}

// topic returns the name of a topic of a message. librdkafka keeps a topic's
// object for as long as one of its messages or partitions lives, so a name is
// looked up again only after a rebalance.
func (r *Reader) topic(t unsafe.Pointer) string {
	name, ok := r.topics[t]
	if !ok {
		name = C.GoString(C.tg_topic_name(t))
		r.topics[t] = name
	}
	return name
}

// Reassigned forgets what may have changed with the assignment.
func (r *Reader) Reassigned() { clear(r.topics) }

// Close gives the queue back. Every batch must have been released.
func (r *Reader) Close() {
	C.rd_kafka_queue_destroy(r.queue)
	r.queue = nil
}
