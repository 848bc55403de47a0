// Command core is libtidegate.so: every plugin's Go code in one runtime. The
// shims in plugins/shim open it at the first init and forward the host's calls
// to the functions exported here.
//
// Nothing happens in main or in an init function, and no package of this
// library keeps state that a second init could trip over: a hot reload of the
// host runs init again in the same process.
package main

/*
#include <stddef.h>
#include <stdint.h>
#include "signals.h"
*/
import "C"

import (
	"runtime/cgo"
	"unsafe"

	"github.com/tidegate/tidegate/common/host"
	"github.com/tidegate/tidegate/common/plugin"
)

// version is set by the linker.
var version = "dev"

func main() {}

// tidegate_init starts an instance of the plugin whose shim's file is called
// file, and returns its handle, or 0. p is the host's struct flbgo_plugin.
//
// Handles are cgo's and not fluent-bit-go's contexts: those exist for outputs
// only and are never given back, so that each reload would keep an engine.
//
//export tidegate_init
func tidegate_init(file *C.char, p unsafe.Pointer) C.uintptr_t {
	C.tidegate_faults_learn()
	reg := registry[C.GoString(file)]
	i := newInstance(reg, host.NewInstance(reg.kind, reg.name, p))
	if i == nil {
		return 0
	}
	return C.uintptr_t(cgo.NewHandle(i))
}

// fromHandle returns the instance behind a handle that tidegate_init gave.
func fromHandle(handle C.uintptr_t) *instance {
	return cgo.Handle(handle).Value().(*instance)
}

// tidegate_flush_start begins a flush and returns at once. The descriptor that
// it returns is readable once the flush is over, or -1 if it is already. Then
// tidegate_flush_end takes what started is set to, and gives the result.
//
//export tidegate_flush_start
func tidegate_flush_start(handle C.uintptr_t, data unsafe.Pointer, size C.size_t, tag *C.char, started *C.uintptr_t) C.int {
	// Safety: the host keeps the chunk until the flush is over, also while it
	// exits: close waits for the engine.
	chunk := unsafe.Slice((*byte)(data), int(size))
	f := fromHandle(handle).startFlush(C.GoString(tag), chunk)
	*started = C.uintptr_t(cgo.NewHandle(f))
	return C.int(f.readable)
}

//export tidegate_flush_end
func tidegate_flush_end(started C.uintptr_t) C.int {
	f := cgo.Handle(started).Value().(*flush)
	cgo.Handle(started).Delete()
	switch f.end() {
	case plugin.OK:
		return host.FlushOK
	case plugin.Retry:
		return host.FlushRetry
	default:
		return host.FlushError
	}
}

//export tidegate_collect
func tidegate_collect(handle C.uintptr_t, data *unsafe.Pointer, size *C.size_t) C.int {
	i := fromHandle(handle)
	i.collect()
	buf, n := i.appender.Take()
	*data, *size = buf, C.size_t(n)
	return host.FlushOK
}

// tidegate_pause and tidegate_resume have nothing to tell the engine: a paused
// input is not collected, and its client goes on polling either way.
//
//export tidegate_pause
func tidegate_pause(C.uintptr_t) {}

//export tidegate_resume
func tidegate_resume(C.uintptr_t) {}

//export tidegate_exit
func tidegate_exit(handle C.uintptr_t) {
	fromHandle(handle).close()
	cgo.Handle(handle).Delete()
}
