package host

// #include <stdlib.h>
// #include "host.h"
import "C"

import (
	"unsafe"

	"github.com/tidegate/tidegate/common/plugin"
)

// Appender gives an input's events to the host. It belongs to one Collect on
// the input's own thread: the host's append works on no other.
type Appender interface {
	plugin.Appender
	// Take returns what the host must be handed as the collect callback's
	// result: memory from malloc that the caller owns, or nil.
	Take() (unsafe.Pointer, int)
}

// NewAppender returns the host's streaming append, or where the host has
// none, an appender that gathers one buffer for the callback to return.
// streaming says which.
func (i *Instance) NewAppender() (a Appender, streaming bool) {
	if fn := lookup("flb_input_log_append"); fn != nil {
		counted := lookup("flb_input_log_append_records")
		return &streamAppender{fn: C.tidegate_append_fn(fn), counted: C.tidegate_append_records_fn(counted), ins: i.ins}, true
	}
	return &bufferAppender{}, false
}

// streamAppender calls flb_input_log_append, which has had the same signature
// since 2.1. It copies the events into the input's ring buffer.
type streamAppender struct {
	fn C.tidegate_append_fn
	// counted is the same for who knows the number of records: the other parses
	// them to count, for a sixth of the agent's CPU. nil where there is none.
	counted C.tidegate_append_records_fn
	ins     unsafe.Pointer
}

func (s *streamAppender) Append(tag string, events []byte, records int) error {
	if len(events) == 0 {
		return nil
	}
	var t *C.char // nil: the instance's own tag
	if tag != "" {
		// Safety: the host copies the tag by its length during the call.
		t = (*C.char)(unsafe.Pointer(unsafe.StringData(tag)))
	}
	data, size := unsafe.Pointer(unsafe.SliceData(events)), C.size_t(len(events))
	var rc C.int
	if s.counted != nil {
		rc = C.tidegate_append_records(s.counted, s.ins, C.size_t(records), t, C.size_t(len(tag)), data, size)
	} else {
		rc = C.tidegate_append(s.fn, s.ins, t, C.size_t(len(tag)), data, size)
	}
	if rc != 0 {
		return plugin.ErrFull
	}
	return nil
}

func (s *streamAppender) Take() (unsafe.Pointer, int) { return nil, 0 }

// bufferAppender is for hosts without the streaming append: what one Collect
// appends is returned from the callback, under the instance's own tag.
type bufferAppender struct {
	buf []byte
}

// maxBuffer bounds what one collect callback returns. The host copies it and
// keeps it whole in one slot of its ring.
const maxBuffer = 8 << 20

func (b *bufferAppender) Append(_ string, events []byte, _ int) error {
	if len(b.buf) > 0 && len(b.buf)+len(events) > maxBuffer {
		return plugin.ErrFull
	}
	b.buf = append(b.buf, events...)
	return nil
}

func (b *bufferAppender) Take() (unsafe.Pointer, int) {
	if len(b.buf) == 0 {
		return nil, 0
	}
	n := len(b.buf)
	p := C.CBytes(b.buf)
	b.buf = b.buf[:0]
	return p, n
}
