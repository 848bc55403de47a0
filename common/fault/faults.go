//go:build faults

package fault

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
)

// Where to panic, in which of the passes, counted from 1, and whether by a nil
// pointer, which comes to Go as a signal.
var (
	at, nth, byNil = parse(os.Getenv("TIDEGATE_FAULT"))
	passes         atomic.Int64
)

func parse(text string) (at string, nth int64, byNil bool) {
	words := strings.Split(text, ":")
	at, nth = words[0], 1
	for _, word := range words[1:] {
		if word == "nil" {
			byNil = true
			continue
		}
		n, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			panic("TIDEGATE_FAULT is " + text + "; want place, place:number or place:number:nil")
		}
		nth = n
	}
	return at, nth, byNil
}

// Point panics if this is the place, and the pass.
func Point(where string) {
	if where != at || passes.Add(1) != nth {
		return
	}
	if byNil {
		var nowhere *int
		*nowhere = 1
	}
	panic("TIDEGATE_FAULT asked for this")
}
