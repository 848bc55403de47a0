package harness

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// kind is what a proxy does to the bytes that pass.
type kind int

const (
	fair kind = iota
	slow
	mute
	still
	broken
)

// weather is what a proxy does now; over is closed when something else begins.
type weather struct {
	kind           kind
	bytesPerSecond int
	over           chan struct{}
}

func newWeather(k kind, bytesPerSecond int) weather {
	return weather{kind: k, bytesPerSecond: bytesPerSecond, over: make(chan struct{})}
}

// pieceSize keeps a slow connection from coming in leaps.
const pieceSize = 4 << 10

// link is one connection through a proxy.
type link struct {
	client, server *net.TCPConn
	once           sync.Once
	gone           chan struct{} // closed with the link, so that nobody waits for its bytes
}

// pump copies one direction until it ends, and hands the end on: a half-closed connection
// stays one.
func (l *link) pump(to, from *net.TCPConn, answers bool, now func() weather) {
	piece := make([]byte, pieceSize)
	for {
		n, err := from.Read(piece)
		if n > 0 {
			if !l.admit(n, answers, now) {
				return
			}
			if _, err := to.Write(piece[:n]); err != nil {
				l.reset()
				return
			}
		}
		if errors.Is(err, io.EOF) {
			if l.admit(0, answers, now) {
				to.CloseWrite()
			}
			return
		}
		if err != nil {
			l.reset()
			return
		}
	}
}

// admit waits as long as n bytes have to, and is false when the link has ended meanwhile.
func (l *link) admit(n int, answers bool, now func() weather) bool {
	for {
		w := now()
		var passed <-chan time.Time // never, unless it is slow
		switch {
		case w.kind == slow:
			passed = time.After(time.Duration(n) * time.Second / time.Duration(w.bytesPerSecond))
		case w.kind == still, w.kind == mute && answers:
		default:
			return true
		}
		select {
		case <-passed:
			return true
		case <-w.over:
		case <-l.gone:
			return false
		}
	}
}

// reset ends both sides at once, without the courtesy of a FIN.
func (l *link) reset() {
	l.once.Do(func() {
		close(l.gone)
		reset(l.client)
		reset(l.server)
	})
}

// end closes what both directions are done with.
func (l *link) end() {
	l.once.Do(func() {
		close(l.gone)
		l.client.Close()
		l.server.Close()
	})
}

func reset(c *net.TCPConn) {
	_ = c.SetLinger(0) // fails on a connection that the other side has reset already
	c.Close()
}
