package host

// #include "host.h"
import "C"

// Stopping returns a function that tells whether the agent has begun to stop,
// or nil where the host does not say. The plugin contract has no word for it:
// an output hears of a stop when it is over, after its last flush. The function
// may be called from any goroutine until the instance's exit returns. Valid
// during an output's init only.
func (i *Instance) Stopping() func() bool {
	engine := C.tidegate_engine()
	if engine == nil {
		return nil
	}
	// Safety: the host's configuration outlives its instances.
	return func() bool { return C.tidegate_stopping(engine) != 0 }
}
