// Package host speaks to the Fluent Bit that loaded us: an instance's options,
// the agent's log, and the way for an input's events into the agent.
//
// It is one of the few packages with cgo. It keeps no memory of the host's
// beyond what is said at each type; the instance pointer is the host's and is
// used only while the instance lives.
package host

/*
#include <stdlib.h>
#include "host.h"
*/
import "C"

import (
	"sync"
	"unsafe"

	"github.com/fluent/fluent-bit-go/input"
	"github.com/fluent/fluent-bit-go/output"
)

// Kind says on which side of the agent a plugin stands.
type Kind int

// The two kinds of plugins.
const (
	Input Kind = iota
	Output
)

// Return codes of the plugin contract.
const (
	FlushError = output.FLB_ERROR
	FlushOK    = output.FLB_OK
	FlushRetry = output.FLB_RETRY
)

// Instance is one configured plugin, while the host initialises it.
type Instance struct {
	kind   Kind
	plugin unsafe.Pointer // struct flbgo_plugin, valid during init only
	ins    unsafe.Pointer // the host's instance, valid until its exit

	// metricsMu keeps a series from being added while Taken reads them all.
	metricsMu sync.Mutex

	// Plugin is the plugin's name, Name the instance's alias or plugin.N.
	Plugin, Name string
}

// NewInstance describes the instance that the host passes to FLBPluginInit.
func NewInstance(kind Kind, pluginName string, plugin unsafe.Pointer) *Instance {
	// Safety: plugin is the struct that the proxy passes to init; its head
	// has had this layout since 2.0.
	p := (*C.struct_flbgo_plugin)(plugin)
	i := &Instance{kind: kind, plugin: plugin, ins: p.instance, Plugin: pluginName, Name: pluginName}
	symbol := "flb_output_name"
	if kind == Input {
		symbol = "flb_input_name"
	}
	if fn := lookup(symbol); fn != nil {
		i.Name = C.GoString(C.tidegate_instance_name(fn, i.ins))
	}
	return i
}

// Property returns the text of an option. The host does not tell an empty
// option from a missing one. Valid during init only.
func (i *Instance) Property(name string) (string, bool) {
	var text string
	if i.kind == Input {
		text = input.FLBPluginConfigKey(i.plugin, name)
	} else {
		text = output.FLBPluginConfigKey(i.plugin, name)
	}
	return text, text != ""
}

// lookup finds a symbol that the host exports, or nil.
func lookup(name string) unsafe.Pointer {
	c := C.CString(name)
	defer C.free(unsafe.Pointer(c))
	return C.tidegate_symbol(c)
}
