package harness

import (
	"fmt"
	"net"
	"testing"
)

// freePorts picks n loopback ports that nobody listens on. They are all held open until
// the last one is found, so they differ. Another program may take one before the server
// does: whoever starts a server tries again with other ports when its bind fails.
func freePorts(n int) ([]int, error) {
	ports := make([]int, 0, n)
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("picking a free port: %w", err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

// FreePort is a loopback port on which nothing listens: for a server that is to start
// later than the host that looks for it.
func FreePort(t testing.TB) int {
	t.Helper()
	ports, err := freePorts(1)
	if err != nil {
		t.Fatal(err)
	}
	return ports[0]
}
