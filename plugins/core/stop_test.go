package main

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/common/plugin"
)

// silent is an output whose server never answers.
type silent struct{ flushes int }

func (s *silent) Flush(ctx context.Context, _ string, _ []byte) plugin.Result {
	s.flushes++
	<-ctx.Done()
	return plugin.Retry
}

func (*silent) Close() {}

// TestStopCutsFlushes holds that a silent server holds up a stop once, for less
// than the agent's grace, however many chunks there are; and that a reload,
// which waits until all are flushed, tries again later.
func TestStopCutsFlushes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i, _ := newTestInstance(&engine{})
		out := &silent{}
		i.output = out
		defer i.cancel()
		var stopping atomic.Bool
		i.spawn("stop watch", func() { i.watchStop(func() bool { return stopping.Load() }) })

		start := time.Now()
		since := func(want time.Duration, flushes int) {
			t.Helper()
			if got := time.Since(start); got < want || got > want+lookEvery || out.flushes != flushes {
				t.Errorf("after %v: %d flushes; want %v and %d", got, out.flushes, want, flushes)
			}
		}
		time.AfterFunc(time.Minute, func() { stopping.Store(true) })
		if r := i.flush("t", nil); r != plugin.Retry {
			t.Errorf("got %v", r)
		}
		since(time.Minute+stopWithin, 1)
		for range 100 {
			i.flush("t", nil)
		}
		since(time.Minute+stopWithin, 1)
		time.Sleep(cutFor)
		i.flush("t", nil)
		since(time.Minute+2*stopWithin+cutFor, 2)
	})
}

// TestFlushWhileStopping holds that flushes to a server that answers go on.
func TestFlushWhileStopping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i, _ := newTestInstance(&engine{flush: func(string, []byte) plugin.Result {
			time.Sleep(stopWithin / 2)
			return plugin.OK
		}})
		defer i.cancel()
		i.stop()
		for range 10 {
			if r := i.flush("t", nil); r != plugin.OK {
				t.Fatalf("got %v", r)
			}
		}
	})
}
