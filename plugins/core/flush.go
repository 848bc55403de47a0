package main

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/tidegate/tidegate/common/plugin"
)

// maxFlushes is how many chunks of an instance are sent at a time. Each costs
// an encoder's buffers; the others wait here, where they cost nothing, and
// where the engine of the host does not.
const maxFlushes = 4

// flush is a chunk on its way through the engine. The host's thread does not
// wait for it, so that its loop goes on: see plugins/shim/coroutine.h.
type flush struct {
	// readable is an eventfd that says when the flush is over, or -1 if it was
	// over at once.
	readable int
	result   chan plugin.Result
}

// startFlush begins to send a chunk, whose bytes must stay until the flush is
// over. Nothing of the engine runs on the caller's stack, which may be a
// coroutine's of 24 KiB.
func (i *instance) startFlush(tag string, chunk []byte) *flush {
	f := &flush{readable: -1, result: make(chan plugin.Result, 1)}
	if i.failed.Load() {
		f.result <- plugin.Retry
		return f
	}
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		i.log.Warn("no descriptor for a flush, the chunk waits", "err", err)
		f.result <- plugin.Retry
		return f
	}
	f.readable = fd
	i.flushes.Go(func() {
		f.result <- i.flush(tag, chunk)
		var one [8]byte
		binary.NativeEndian.PutUint64(one[:], 1)
		_, _ = unix.Write(fd, one[:]) // cannot fail: the counter was 0
	})
	return f
}

// end waits for the result, which is there once f is readable.
func (f *flush) end() plugin.Result {
	result := <-f.result
	if f.readable >= 0 {
		_ = unix.Close(f.readable) // nothing was lost if it fails
	}
	return result
}

// flush sends a chunk.
func (i *instance) flush(tag string, chunk []byte) plugin.Result {
	select {
	case i.turns <- struct{}{}:
		defer func() { <-i.turns }()
	case <-i.ctx.Done():
		return plugin.Retry
	}
	result := plugin.Retry
	if !i.failed.Load() {
		i.guard("flush", func() { result = i.output.Flush(i.ctx, tag, chunk) })
	}
	return result
}
