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
	"time"
	"unsafe"

	"github.com/tidegate/tidegate/common/collector"
	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/host"
	"github.com/tidegate/tidegate/common/plugin"
)

// version is set by the linker.
var version = "dev"

func main() {}

// instances are those that run, by the number that their shim knows.
var instances table[*instance]

// deliveries tells inputs what outputs delivered. It outlives hot reloads, so
// that an offset may still be committed whose record an output of the old
// configuration delivers.
var deliveries = delivery.NewRegistry(time.Now())

// garbage knows what inputs keep in memory. All instances share the one heap.
var garbage collector.Collector

// tidegate_init starts an instance of the plugin whose shim's file is called
// file, and returns its number, or 0. p is the host's struct flbgo_plugin.
//
// Numbers are our own and not fluent-bit-go's contexts: those exist for outputs
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
	return C.uintptr_t(instances.add(i))
}

// tidegate_flush_start begins a flush and returns at once. The descriptor that
// it returns is readable once the flush is over, or -1 if it is already. Then
// tidegate_flush_end takes what started is set to, and gives the result.
//
//export tidegate_flush_start
func tidegate_flush_start(number C.uintptr_t, data unsafe.Pointer, size C.size_t, tag *C.char, started *C.uintptr_t) C.int {
	*started = 0
	i, ok := instances.get(uintptr(number))
	if !ok {
		return -1
	}
	// Safety: the host keeps the chunk until the flush is over, also while it
	// exits: close waits for the engine.
	chunk := unsafe.Slice((*byte)(data), int(size))
	f, flushNumber := i.startFlush(C.GoString(tag), chunk)
	*started = C.uintptr_t(flushNumber)
	return C.int(f.readable)
}

//export tidegate_flush_end
func tidegate_flush_end(number, started C.uintptr_t) C.int {
	i, ok := instances.get(uintptr(number))
	if !ok {
		return host.FlushRetry
	}
	switch i.endFlush(uintptr(started)) {
	case plugin.OK:
		return host.FlushOK
	case plugin.Retry:
		return host.FlushRetry
	default:
		return host.FlushError
	}
}

//export tidegate_collect
func tidegate_collect(number C.uintptr_t, data *unsafe.Pointer, size *C.size_t) C.int {
	*data, *size = nil, 0
	if i, ok := instances.get(uintptr(number)); ok {
		i.collect()
		garbage.Adjust(deliveries.Kept())
		buf, n := i.appender.Take()
		*data, *size = buf, C.size_t(n)
	}
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
func tidegate_exit(number C.uintptr_t) {
	// It stays known until its flushes are over.
	if i, ok := instances.get(uintptr(number)); ok {
		i.close()
		instances.take(uintptr(number))
		garbage.Adjust(deliveries.Kept())
	}
}
