package harness

import (
	"fmt"
	"os"
	"time"
)

// ProgressPrefix starts every line that is meant for the person who waits. The test
// summary looks for it in the output of the tests and shows those lines at once.
const ProgressPrefix = "tidegate-test: "

// Progress tells what is going on, on one line.
func Progress(format string, args ...any) {
	fmt.Fprintln(os.Stderr, ProgressPrefix+fmt.Sprintf(format, args...))
}

// keepTelling repeats a line with the time passed until the returned function is
// called: a long step that prints nothing looks like one that hangs.
func keepTelling(what string) (stop func()) {
	begin := time.Now()
	done, joined := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(joined)
		tick := time.NewTicker(20 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				Progress("%s, %s so far", what, time.Since(begin).Round(time.Second))
			}
		}
	}()
	return func() {
		close(done)
		<-joined
	}
}
