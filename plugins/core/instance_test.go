package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/tidegate/tidegate/common/plugin"
)

// engine is an output and an input whose calls do what a test says.
type engine struct {
	flush   func(tag string, chunk []byte) plugin.Result
	collect func()
	close   func()
	calls   atomic.Int32
}

func (e *engine) Flush(_ context.Context, tag string, chunk []byte) plugin.Result {
	e.calls.Add(1)
	return e.flush(tag, chunk)
}

func (e *engine) Collect(time.Time, plugin.Appender) {
	e.calls.Add(1)
	e.collect()
}

func (e *engine) Close() { e.close() }

// appender takes nothing.
type appender struct{}

func (appender) Append(string, []byte, int) error { return nil }
func (appender) Take() (unsafe.Pointer, int)      { return nil, 0 }

func newTestInstance(e *engine) (*instance, *lockedBuffer) {
	log := &lockedBuffer{}
	i := &instance{log: slog.New(slog.NewTextHandler(log, nil)), output: e, input: e, appender: appender{}, turns: make(chan struct{}, maxFlushes)}
	i.ctx, i.cancel = context.WithCancel(context.Background())
	return i, log
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// checkPanic holds that the log tells where it happened, and that the
// instance is out of work.
func checkPanic(t *testing.T, i *instance, log *lockedBuffer, where string) {
	t.Helper()
	if !i.failed.Load() {
		t.Error("the instance goes on")
	}
	for _, want := range []string{`in=` + where, "instance_test.go", "instance stopped working"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say %q:\n%s", want, log)
		}
	}
}

func TestFlush(t *testing.T) {
	e := &engine{flush: func(tag string, chunk []byte) plugin.Result {
		if tag != "a.b" || string(chunk) != "events" {
			t.Errorf("flush of %q under %q", chunk, tag)
		}
		return plugin.OK
	}}
	i, _ := newTestInstance(e)
	if got := i.flush("a.b", []byte("events")); got != plugin.OK {
		t.Error(got)
	}
}

// TestStartFlush holds that the caller does not wait, that the descriptor says
// when the flush is over, and that an exit waits for it.
func TestStartFlush(t *testing.T) {
	release := make(chan struct{})
	closed := false
	e := &engine{
		flush: func(string, []byte) plugin.Result { <-release; return plugin.OK },
		close: func() { closed = true },
	}
	i, _ := newTestInstance(e)
	var all []*flush
	for range 3 * maxFlushes {
		f, _ := i.startFlush("t", nil)
		all = append(all, f)
	}
	if readable(t, all[0], 0) {
		t.Error("readable before the flush is over")
	}
	ended := i.spawn("exit", i.close)
	select {
	case <-ended:
		t.Error("the exit did not wait for flushes")
	case <-time.After(20 * time.Millisecond):
	}
	close(release)
	<-ended
	sent := 0
	for _, f := range all {
		if <-f.result == plugin.OK {
			sent++
		}
		if _, err := unix.FcntlInt(uintptr(f.readable), unix.F_GETFD, 0); !errors.Is(err, unix.EBADF) {
			t.Errorf("the exit left descriptor %d (%v)", f.readable, err)
		}
	}
	// What waited for its turn went back to the host.
	if sent < 1 || sent > maxFlushes || !closed {
		t.Errorf("%d were sent, closed is %v", sent, closed)
	}
}

// TestEndFlush holds that the descriptor says when a flush is over, and that
// its end gives it back.
func TestEndFlush(t *testing.T) {
	i, _ := newTestInstance(&engine{flush: func(string, []byte) plugin.Result { return plugin.OK }})
	f, number := i.startFlush("t", nil)
	if !readable(t, f, 10*time.Second) {
		t.Fatal("the flush never ends")
	}
	if r := i.endFlush(number); r != plugin.OK {
		t.Errorf("got %v", r)
	}
	if r := i.endFlush(number); r != plugin.Retry {
		t.Errorf("a second end gave %v", r)
	}
	if left := i.open.takeAll(); len(left) > 0 {
		t.Errorf("%d flushes are open", len(left))
	}
}

// TestStartFlushFailed holds that a failed instance answers at once.
func TestStartFlushFailed(t *testing.T) {
	i, _ := newTestInstance(&engine{})
	i.fail(errors.New("broken"))
	if f, number := i.startFlush("t", nil); f.readable != -1 || i.endFlush(number) != plugin.Retry {
		t.Errorf("got %+v", f)
	}
}

// readable polls the descriptor of a flush.
func readable(t *testing.T, f *flush, timeout time.Duration) bool {
	t.Helper()
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(f.readable), Events: unix.POLLIN}}, int(timeout.Milliseconds()))
		if err == nil {
			return n == 1
		}
		if !errors.Is(err, unix.EINTR) {
			t.Fatal(err)
		}
	}
}

// TestFlushPanic holds that a panic keeps the chunk: the answer is RETRY, then
// and afterwards.
func TestFlushPanic(t *testing.T) {
	e := &engine{flush: func(string, []byte) plugin.Result { panic("flush is broken") }}
	i, log := newTestInstance(e)
	for range 2 {
		if got := i.flush("", nil); got != plugin.Retry {
			t.Error(got)
		}
	}
	if e.calls.Load() != 1 {
		t.Errorf("flushed %d times", e.calls.Load())
	}
	checkPanic(t, i, log, "flush")
}

func TestCollectPanic(t *testing.T) {
	e := &engine{collect: func() { panic(errors.New("collect is broken")) }}
	i, log := newTestInstance(e)
	i.collect()
	i.collect()
	if e.calls.Load() != 1 {
		t.Errorf("collected %d times", e.calls.Load())
	}
	checkPanic(t, i, log, "collect")
}

func TestBackgroundPanic(t *testing.T) {
	i, log := newTestInstance(&engine{})
	i.spawn("poller", func() { panic("poller is broken") })
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(log.String(), "instance stopped working"); {
		if time.Now().After(deadline) {
			t.Fatalf("the log says:\n%s", log)
		}
	}
	checkPanic(t, i, log, "poller")
}

func TestExitPanic(t *testing.T) {
	i, log := newTestInstance(&engine{close: func() { panic("exit is broken") }})
	i.close()
	checkPanic(t, i, log, "exit")
	if i.ctx.Err() == nil {
		t.Error("flushes were not told to end")
	}
}
