package harness

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// patience is how long a byte that is held back is waited for.
const patience = 150 * time.Millisecond

// echo is a server that gives back each line, and tells what came on heard.
func echo(t *testing.T) (address string, heard chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	heard = make(chan string, 100)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				lines := bufio.NewReader(c)
				for {
					line, err := lines.ReadString('\n')
					if err != nil {
						return
					}
					heard <- line
					io.WriteString(c, line)
				}
			}()
		}
	}()
	return l.Addr().String(), heard
}

// caller is a client of an echo.
type caller struct {
	*testing.T
	net.Conn
	answers *bufio.Reader
}

func call(t *testing.T, address string) *caller {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &caller{T: t, Conn: c, answers: bufio.NewReader(c)}
}

func (c *caller) say(line string) {
	c.Helper()
	if _, err := io.WriteString(c.Conn, line); err != nil {
		c.Fatal(err)
	}
}

func (c *caller) hear(within time.Duration) (string, error) {
	if err := c.SetReadDeadline(time.Now().Add(within)); err != nil {
		return "", err
	}
	return c.answers.ReadString('\n')
}

func (c *caller) wantEcho(line string) {
	c.Helper()
	c.say(line)
	if got, err := c.hear(10 * time.Second); err != nil || got != line {
		c.Fatalf("heard %q, %v; want %q", got, err, line)
	}
}

func (c *caller) wantSilence() {
	c.Helper()
	if got, err := c.hear(patience); !errors.Is(err, os.ErrDeadlineExceeded) {
		c.Fatalf("heard %q, %v; want nothing", got, err)
	}
}

// wantReset connects and demands to be thrown out, be it so quickly that the client is not
// yet done with connecting.
func wantReset(t *testing.T, address string) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer c.Close()
	n, err := (&caller{T: t, Conn: c, answers: bufio.NewReader(c)}).hear(10 * time.Second)
	if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a new connection: %q, %v; want an end", n, err)
	}
}

func TestProxyCuts(t *testing.T) {
	address, _ := echo(t)
	p := StartProxy(t, address)
	c := call(t, p.Address())
	c.wantEcho("before\n")
	p.Cut()
	if _, err := c.hear(10 * time.Second); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the open connection: %v, want an end", err)
	}
	wantReset(t, p.Address())
	if n := p.Cuts(); n != 2 {
		t.Errorf("%d cuts, want 2", n)
	}
	p.Heal()
	call(t, p.Address()).wantEcho("after\n")
}

func TestProxyStalls(t *testing.T) {
	address, heard := echo(t)
	p := StartProxy(t, address)
	c := call(t, p.Address())
	c.wantEcho("before\n")
	<-heard
	p.Stall()
	c.say("held\n")
	c.wantSilence()
	if n := len(heard); n != 0 {
		t.Errorf("the server heard %d lines", n)
	}
	p.Heal()
	if got, err := c.hear(10 * time.Second); err != nil || got != "held\n" {
		t.Errorf("heard %q, %v", got, err)
	}
}

// The case in which a client has to send again what the server already has.
func TestProxyLosesAnswers(t *testing.T) {
	address, heard := echo(t)
	p := StartProxy(t, address)
	c := call(t, p.Address())
	p.Mute()
	c.say("done\n")
	if got := <-heard; got != "done\n" {
		t.Errorf("the server heard %q", got)
	}
	c.wantSilence()
	p.Cut()
	if got, err := c.hear(10 * time.Second); err == nil {
		t.Errorf("heard %q although the answer is lost", got)
	}
}

func TestProxySlows(t *testing.T) {
	address, _ := echo(t)
	p := StartProxy(t, address)
	c := call(t, p.Address())
	c.wantEcho("before\n")
	p.Slow(1000)
	begin := time.Now()
	c.wantEcho("a line of fifty bytes, there and back: 0.1 seconds\n")
	if took := time.Since(begin); took < 90*time.Millisecond {
		t.Errorf("took %s", took)
	}
	p.Slow(1)
	c.say("later\n")
	c.wantSilence()
	p.Heal()
	if got, err := c.hear(10 * time.Second); err != nil || got != "later\n" {
		t.Errorf("heard %q, %v", got, err)
	}
}

func TestProxyWithoutServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	p := StartProxy(t, l.Addr().String())
	wantReset(t, p.Address())
}
