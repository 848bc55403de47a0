package main

import (
	"context"
	"time"

	"github.com/tidegate/tidegate/common/host"
)

const (
	// stopWithin is how long a flush may go on once the agent stops. The host
	// waits for a worker's flush however long that takes, after a grace of five
	// seconds by default.
	stopWithin = 4 * time.Second
	// cutFor is how long flushes are answered with RETRY at once after one
	// had to be cut: those behind it, each of which would find the same silent
	// server. A hot reload has no grace: it waits until all is flushed, so
	// there the next try comes.
	cutFor = 10 * time.Second
	// lookEvery is how often the host is asked whether it stops.
	lookEvery = 100 * time.Millisecond
)

// startStopWatch has flushes end within the agent's grace.
func (i *instance) startStopWatch(in *host.Instance) {
	if stopping := in.Stopping(); stopping != nil {
		i.loop("stop watch", func() { i.watchStop(stopping) })
	} else {
		i.log.Info("this host does not tell when it stops: a server that answers nothing can hold that up for a timeout per chunk")
	}
}

// watchStop cancels i.running once the agent begins to stop, which a plugin
// else learns of only after its last flush. It returns when the instance ends.
func (i *instance) watchStop(stopping func() bool) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-i.ctx.Done():
			return
		case <-tick.C:
			if stopping() {
				i.stop()
				return
			}
		}
	}
}

// flushContext is done when the instance ends, or stopWithin after the agent
// began to stop.
func (i *instance) flushContext() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(i.ctx)
	unhook := context.AfterFunc(i.running, func() {
		left := time.NewTimer(stopWithin)
		defer left.Stop()
		select {
		case <-left.C:
			i.cutUntil.Store(time.Now().Add(cutFor).UnixNano())
			cancel()
		case <-ctx.Done():
		}
	})
	return ctx, func() { unhook(); cancel() }
}

// cut tells whether flushes are answered at once because one was cut.
func (i *instance) cut() bool { return time.Now().UnixNano() < i.cutUntil.Load() }
