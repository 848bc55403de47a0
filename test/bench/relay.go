package main

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// bulk is how much a server has to send before a client counts as reading its data: more
// than all that it says while a client connects and joins a group.
const bulk = 64 << 10

// relay passes TCP connections on to a server and counts their bytes. It is what makes
// bytes on the wire comparable: each server counts something else, and after
// decompression. Its work is done in this process, so it is not in the agent's CPU time.
type relay struct {
	listener net.Listener
	target   atomic.Pointer[string]

	toServer, toClient atomic.Int64
	firstBulk          atomic.Int64 // when toClient passed bulk, in ns; 0 before
	lastReply          atomic.Int64 // when the server last sent something, in ns

	mu     sync.Mutex
	closed bool
	conns  map[net.Conn]bool
	all    sync.WaitGroup
}

func newRelay() (*relay, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &relay{listener: listener, conns: map[net.Conn]bool{}}
	r.all.Go(r.accept)
	return r, nil
}

func (r *relay) address() string { return r.listener.Addr().String() }

// to sets the server. Connections from before are closed at once.
func (r *relay) to(address string) { r.target.Store(&address) }

// reset starts the counts anew, for the next run.
func (r *relay) reset() {
	r.toServer.Store(0)
	r.toClient.Store(0)
	r.firstBulk.Store(0)
	r.lastReply.Store(0)
}

// close ends every connection and returns when all goroutines are gone.
func (r *relay) close() {
	r.mu.Lock()
	r.closed = true
	r.listener.Close()
	for c := range r.conns {
		c.Close()
	}
	r.mu.Unlock()
	r.all.Wait()
}

func (r *relay) accept() {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return // closed
		}
		r.all.Go(func() { r.serve(client) })
	}
}

func (r *relay) serve(client net.Conn) {
	defer client.Close()
	target := r.target.Load()
	if target == nil {
		return
	}
	server, err := net.Dial("tcp", *target)
	if err != nil {
		return
	}
	defer server.Close()
	if !r.keep(client, server) {
		return
	}
	defer r.forget(client, server)
	done := make(chan struct{})
	go func() {
		defer close(done)
		pass(server, client, func(n int) { r.toServer.Add(int64(n)) })
		// The other direction ends only when the server has seen the end of this one.
		server.(*net.TCPConn).CloseWrite()
	}()
	pass(client, server, r.replied)
	client.Close()
	<-done
}

func (r *relay) replied(n int) {
	now := time.Now().UnixNano()
	r.lastReply.Store(now)
	if r.toClient.Add(int64(n)) >= bulk {
		r.firstBulk.CompareAndSwap(0, now)
	}
}

// pass copies until either side ends. The count comes before the bytes: nobody sees an
// effect of them that is not counted yet.
func pass(dst, src net.Conn, count func(int)) {
	buffer := make([]byte, 256<<10)
	for {
		n, err := src.Read(buffer)
		if n > 0 {
			count(n)
			if _, err := dst.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (r *relay) keep(conns ...net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range conns {
		r.conns[c] = true
	}
	return !r.closed
}

func (r *relay) forget(conns ...net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range conns {
		delete(r.conns, c)
	}
}
