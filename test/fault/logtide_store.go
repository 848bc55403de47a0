package fault

import "github.com/tidegate/tidegate/test/logtide"

// LogTideStore is a contract server, which nothing else writes to.
type LogTideStore struct{ server *logtide.Handler }

// InLogTide expects records in a server.
func InLogTide(h *logtide.Handler) *LogTideStore { return &LogTideStore{h} }

// Len is how many logs were accepted.
func (s *LogTideStore) Len() (int, error) { return s.server.Len(), nil }

// Read looks into every message, where our output and the server's own fall-backs put it.
func (s *LogTideStore) Read() (*Copies, error) {
	c := &Copies{}
	for _, log := range s.server.Logs() {
		c.Add([]byte(log.Message))
	}
	return c, nil
}
