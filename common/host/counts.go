package host

// #include <stdlib.h>
// #include "host.h"
// #include "metrics.h"
import "C"

import "unsafe"

// Taken returns a function that tells how much of the input's records the agent
// took into chunks since it started: its own counters, from which what waits in
// the input's buffer is missing. It is nil where the host has no such counters.
// The function may be called until the input's exit returns, on one goroutine at a
// time. Valid during init only.
func (i *Instance) Taken() func() (records, bytes int64, ok bool) {
	return i.counters("fluentbit_input_records_total", "fluentbit_input_bytes_total")
}

// Drops returns a function that tells how many records the agent dropped
// instead of flushing them to this output, and for how many chunks the retries
// ran out. It is nil where the host does not count them. The rules are those of
// Taken.
func (i *Instance) Drops() func() (records, chunks int64, ok bool) {
	return i.counters("fluentbit_output_dropped_records_total", "fluentbit_output_retries_failed_total")
}

// counters returns a function that reads two of the agent's own counters of the
// instance, nil if one is missing.
func (i *Instance) counters(families ...string) func() (first, second int64, ok bool) {
	if C.tidegate_metrics_find() == 0 {
		return nil
	}
	cmt := i.cmt()
	if cmt == nil {
		return nil
	}
	read := func() (first, second int64, ok bool) {
		names := newLabelValues(nil, families) // anew: nobody says when they are needed no more
		defer names.free()
		i.metricsMu.Lock()
		defer i.metricsMu.Unlock()
		var out [2]C.longlong
		ok = C.tidegate_counts(cmt, 2, &names.list[0], &out[0]) != 0 && out[0] >= 0 && out[1] >= 0
		return int64(out[0]), int64(out[1]), ok
	}
	if _, _, ok := read(); !ok {
		return nil
	}
	return read
}

// cmt returns the instance's metrics in the host, or nil.
func (i *Instance) cmt() unsafe.Pointer {
	api := (*C.struct_flbgo_plugin)(i.plugin).api
	get := *(*unsafe.Pointer)(unsafe.Pointer(&api.output_get_cmt_instance)) // Safety: a function pointer of the host's text
	if i.kind == Input {
		get = *(*unsafe.Pointer)(unsafe.Pointer(&api.input_get_cmt_instance)) // Safety: as above
	}
	if get == nil {
		return nil
	}
	return C.tidegate_metrics_of(get, i.ins)
}
