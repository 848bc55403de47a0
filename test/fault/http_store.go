package fault

import (
	"bufio"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
)

// longestLine bounds a record in a post.
const longestLine = 1 << 20

// HTTPStore is a server that takes posts with a record a line, and that nothing else writes
// to.
type HTTPStore struct {
	server *httptest.Server

	mu     sync.Mutex
	copies Copies
	lines  int
}

// StartHTTPStore serves for one test.
func StartHTTPStore(t testing.TB) *HTTPStore {
	t.Helper()
	s := &HTTPStore{}
	s.server = httptest.NewServer(http.HandlerFunc(s.take))
	t.Cleanup(s.server.Close)
	return s
}

// Address is where clients connect, without a scheme.
func (s *HTTPStore) Address() string { return s.server.Listener.Addr().(*net.TCPAddr).String() }

// Len is how many records were posted.
func (s *HTTPStore) Len() (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lines, nil
}

// Read gives the copies so far.
func (s *HTTPStore) Read() (*Copies, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.copies
	c.times = slices.Clone(c.times)
	return &c, nil
}

// take counts a post once all of it is here: of one that ends early its client knows that it
// was not taken.
func (s *HTTPStore) take(w http.ResponseWriter, r *http.Request) {
	var posted [][]byte
	lines := bufio.NewScanner(r.Body)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		posted = append(posted, slices.Clone(lines.Bytes()))
	}
	if err := lines.Err(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, line := range posted {
		s.copies.Add(line)
		s.lines++
	}
}
