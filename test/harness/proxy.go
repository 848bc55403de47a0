package harness

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"
)

// proxyDial bounds the connection to the server behind a proxy.
const proxyDial = 5 * time.Second

// Proxy is a network between a client and a server on this machine, with the faults of a
// real one. It forwards TCP connections, and what it does to them can be changed at any
// moment: the change reaches connections that are open.
type Proxy struct {
	target   string
	listener net.Listener
	work     sync.WaitGroup

	mu      sync.Mutex
	weather weather
	links   map[*link]struct{}
	cut     int // connections that a Cut ended or refused
	closed  bool
}

// StartProxy stands a proxy in front of a server for one test.
func StartProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	p, err := NewProxy(target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// NewProxy listens on a free port. The server at target need not be there yet. The caller
// closes it.
func NewProxy(target string) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for a proxy: %w", err)
	}
	p := &Proxy{target: target, listener: l, links: map[*link]struct{}{}, weather: newWeather(fair, 0)}
	p.work.Go(p.accept)
	return p, nil
}

// Address is where clients connect, without a scheme.
func (p *Proxy) Address() string { return p.listener.Addr().String() }

// Cut resets every connection, and each new one, until the next change.
func (p *Proxy) Cut() { p.change(broken, 0) }

// Stall holds back every byte in both directions. Connections stay open, and new ones are
// taken: the client cannot tell this from a server that thinks.
func (p *Proxy) Stall() { p.change(still, 0) }

// Mute lets requests pass and holds back the answers: what the server then does, the
// client never learns if a Cut follows.
func (p *Proxy) Mute() { p.change(mute, 0) }

// Slow passes so many bytes a second, for each connection and direction.
func (p *Proxy) Slow(bytesPerSecond int) { p.change(slow, bytesPerSecond) }

// Heal ends every fault. Bytes that were held back go on their way.
func (p *Proxy) Heal() { p.change(fair, 0) }

// Drop resets the connections that are open and takes new ones.
func (p *Proxy) Drop() {
	p.Cut()
	p.Heal()
}

// Cuts is how many connections were reset or refused: a test that cuts wants to know that
// there was something to cut.
func (p *Proxy) Cuts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cut
}

// Close ends the proxy and every connection through it.
func (p *Proxy) Close() {
	p.mu.Lock()
	p.closed = true
	p.resetLocked()
	p.mu.Unlock()
	p.listener.Close()
	p.work.Wait()
}

func (p *Proxy) change(k kind, bytesPerSecond int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.weather.over)
	p.weather = newWeather(k, bytesPerSecond)
	if k == broken {
		p.cut += len(p.links)
		p.resetLocked()
	}
}

func (p *Proxy) resetLocked() {
	for l := range p.links {
		l.reset()
	}
	clear(p.links)
}

func (p *Proxy) now() weather {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.weather
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			p.work.Go(func() { p.serve(client.(*net.TCPConn)) })
		}
	}
}

// serve connects a client. A server that is not there is a reset to the client, which is
// what it would have got from its port.
func (p *Proxy) serve(client *net.TCPConn) {
	server, err := net.DialTimeout("tcp", p.target, proxyDial)
	if err != nil {
		reset(client)
		return
	}
	l := &link{client: client, server: server.(*net.TCPConn), gone: make(chan struct{})}
	if !p.join(l) {
		l.reset()
		return
	}
	var both sync.WaitGroup
	both.Go(func() { l.pump(l.server, l.client, false, p.now) })
	both.Go(func() { l.pump(l.client, l.server, true, p.now) })
	both.Wait()
	p.leave(l)
}

// join takes a link in unless connections are being refused.
func (p *Proxy) join(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.weather.kind == broken {
		p.cut++
		return false
	}
	if p.closed {
		return false
	}
	p.links[l] = struct{}{}
	return true
}

func (p *Proxy) leave(l *link) {
	p.mu.Lock()
	delete(p.links, l)
	p.mu.Unlock()
	l.end()
}
