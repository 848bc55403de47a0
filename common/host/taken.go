package host

// #include "host.h"
// #include "metrics.h"
import "C"

import "unsafe"

// Taken returns a function that tells how many of the input's records the
// agent took into chunks since it started: its own counter, from which what
// waits in the input's buffer is missing. It is nil where the host has no such
// counter. The function may be called until the input's exit returns, on one
// goroutine at a time. Valid during init only.
func (i *Instance) Taken() func() (records int64, ok bool) {
	if C.tidegate_metrics_find() == 0 {
		return nil
	}
	cmt := i.cmt()
	if cmt == nil || C.tidegate_records_taken(cmt) < 0 {
		return nil
	}
	return func() (int64, bool) {
		i.metricsMu.Lock()
		defer i.metricsMu.Unlock()
		n := int64(C.tidegate_records_taken(cmt))
		return n, n >= 0
	}
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
