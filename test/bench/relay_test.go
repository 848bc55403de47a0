package main

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"
)

// echoServer sends back what it gets, and then ends the connection.
func echoServer(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return listener.Addr().String()
}

func startRelay(t *testing.T) *relay {
	t.Helper()
	r, err := newRelay()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	return r
}

// through sends text and reads all that comes back.
func through(t *testing.T, r *relay, text []byte) []byte {
	t.Helper()
	c, err := net.Dial("tcp", r.address())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	go func() {
		_, _ = c.Write(text)
		_ = c.(*net.TCPConn).CloseWrite()
	}()
	got, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestRelayCounts(t *testing.T) {
	r := startRelay(t)
	r.to(echoServer(t))
	begin := time.Now()
	for _, size := range []int{1, 1000, bulk, 3 << 20} {
		r.reset()
		text := bytes.Repeat([]byte{'x'}, size)
		if got := through(t, r, text); !bytes.Equal(got, text) {
			t.Errorf("%d bytes came back as %d", size, len(got))
		}
		if in, out := r.toServer.Load(), r.toClient.Load(); in != int64(size) || out != int64(size) {
			t.Errorf("%d bytes are counted as %d there and %d back", size, in, out)
		}
		if last := time.Unix(0, r.lastReply.Load()); last.Before(begin) || last.After(time.Now()) {
			t.Errorf("the last answer came at %s", last)
		}
		if first := r.firstBulk.Load(); (first > 0) != (size >= bulk) {
			t.Errorf("%d bytes: first bulk at %d", size, first)
		}
	}
}

func TestRelayWithoutServer(t *testing.T) {
	r := startRelay(t)
	if got := through(t, r, nil); len(got) > 0 {
		t.Errorf("nobody answered %q", got)
	}
}

// A connection that is open and silent does not hold close up.
func TestRelayClose(t *testing.T) {
	r, err := newRelay()
	if err != nil {
		t.Fatal(err)
	}
	r.to(echoServer(t))
	c, err := net.Dial("tcp", r.address())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		r.close()
	}()
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Fatal("close hangs")
	}
}
