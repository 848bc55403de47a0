//go:build faults

package fault

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
)

// Where to panic, and in which of the passes, counted from 1.
var (
	at, nth = parse(os.Getenv("TIDEGATE_FAULT"))
	passes  atomic.Int64
)

func parse(text string) (at string, nth int64) {
	at, number, counted := strings.Cut(text, ":")
	if !counted {
		return at, 1
	}
	nth, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		panic("TIDEGATE_FAULT is " + text + "; want a place, or place:number")
	}
	return at, nth
}

// Point panics if this is the place, and the pass.
func Point(where string) {
	if where == at && passes.Add(1) == nth {
		panic("TIDEGATE_FAULT asked for this")
	}
}
