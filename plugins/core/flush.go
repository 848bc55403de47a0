package main

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/plugin"
)

// maxFlushes is how many chunks of an instance are sent at a time. Each costs
// an encoder's buffers. The others wait here, for a descriptor and the host's
// coroutine each, as the chunks of a built-in output do.
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
// coroutine's of 24 KiB. endFlush wants the number.
func (i *instance) startFlush(tag string, chunk []byte) (f *flush, number uintptr) {
	f = &flush{readable: -1, result: make(chan plugin.Result, 1)}
	number = i.open.add(f)
	if i.failed.Load() {
		f.result <- i.postpone(tag, chunk)
		return f, number
	}
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		if chunks, due := i.noDescriptor.Add(time.Now(), 1); due {
			i.log.Error("no descriptor for a flush, chunks wait; raise the agent's limit of open files", "chunks", chunks, "err", err)
		}
		f.result <- i.postpone(tag, chunk)
		return f, number
	}
	f.readable = fd
	i.flushes.Go(func() {
		result := plugin.Retry
		defer func() {
			f.result <- result
			var one [8]byte
			binary.NativeEndian.PutUint64(one[:], 1)
			_, _ = unix.Write(fd, one[:]) // cannot fail: the counter was 0
		}()
		result = i.flush(tag, chunk)
	})
	return f, number
}

// endFlush returns the result of a flush that is over.
func (i *instance) endFlush(number uintptr) plugin.Result {
	f, ok := i.open.take(number)
	if !ok {
		return plugin.Retry
	}
	result := <-f.result
	f.close()
	return result
}

// close gives the descriptor back.
func (f *flush) close() {
	if f.readable >= 0 {
		_ = unix.Close(f.readable) // nothing was lost if it fails
	}
}

// flush sends a chunk.
func (i *instance) flush(tag string, chunk []byte) plugin.Result {
	if !i.turn(tag, chunk) {
		return plugin.Retry
	}
	defer func() { <-i.turns }()
	result := plugin.Retry
	if i.failed.Load() || !i.guard("flush", func() { result = i.output.Flush(i.ctx, tag, chunk) }) {
		return i.postpone(tag, chunk)
	}
	return result
}

// turn waits until a chunk may be sent. It returns false if the instance ends
// before; the inputs know then that the chunk waits. They also know it while
// this waits: turns come in no order, and behind a slow server the chunks that
// came last may be delivered long before the first.
func (i *instance) turn(tag string, chunk []byte) bool {
	select {
	case i.turns <- struct{}{}:
		return true
	default:
	}
	var queued *delivery.Chunk
	if i.acks != nil {
		i.guard("queueing a chunk", func() { queued = i.acks.Queue(tag, chunk, time.Now()) })
	}
	select {
	case i.turns <- struct{}{}:
		if queued != nil {
			queued.Turn(time.Now())
		}
		return true
	case <-i.ctx.Done():
		if queued != nil {
			queued.Retry(time.Now())
		}
		return false
	}
}

// postpone answers for a chunk that the engine did not see, or broke on. The
// inputs are told that it waits: records of which no output ever hears are taken
// as filtered out, and their offsets committed.
func (i *instance) postpone(tag string, chunk []byte) plugin.Result {
	if i.acks != nil {
		i.guard("postponing a chunk", func() { i.acks.Pending(tag, chunk, time.Now()) })
	}
	return plugin.Retry
}
