package e2e_test

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// silent is a server that accepts, reads and never answers, as one does that hangs, or a
// broker whose process is stopped.
type silent struct {
	address string
	// read counts bytes: with the first one a client is waiting.
	read atomic.Int64
}

func startSilent(t *testing.T) *silent {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &silent{address: l.Addr().String()}
	var all sync.WaitGroup
	all.Go(func() {
		var open []net.Conn
		for {
			conn, err := l.Accept()
			if err != nil {
				break // closed
			}
			open = append(open, conn)
			all.Go(func() { _, _ = io.Copy(counter{&s.read}, conn) }) // until the client is gone
		}
		for _, conn := range open {
			conn.Close()
		}
	})
	t.Cleanup(func() {
		l.Close()
		all.Wait()
	})
	return s
}

// counter is a Writer that counts.
type counter struct{ n *atomic.Int64 }

func (c counter) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return len(p), nil
}
