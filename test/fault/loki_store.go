package fault

import (
	"fmt"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// lokiAhead is how far ahead of this clock an entry may be.
const lokiAhead = time.Minute

// LokiStore is one tenant of a Loki, which nothing else writes to.
type LokiStore struct {
	loki   harness.Loki // with the tenant in its queries
	tenant string
	from   time.Time
	query  string
}

// InLoki expects records in a tenant of a server with AuthEnabled, none older than this
// moment.
func InLoki(l *harness.Loki, tenant string) *LokiStore {
	return InLokiSince(l, tenant, time.Now().Add(-time.Second))
}

// InLokiSince is InLoki for older records.
func InLokiSince(l *harness.Loki, tenant string, from time.Time) *LokiStore {
	s := &LokiStore{loki: *l, tenant: tenant, from: from, query: `{job=~".+"}`}
	s.loki.Tenant = tenant
	return s
}

// LongLines is for records of a few kilobytes: Loki cuts what is behind their numbers off
// before it answers.
func (s *LokiStore) LongLines() *LokiStore {
	s.query += fmt.Sprintf(` | line_format "{{ __line__ | trunc %d }}"`, len(AppendRecord(nil, 0)))
	return s
}

// Len is what the server took.
func (s *LokiStore) Len() (int, error) { return s.loki.Accepted(s.tenant) }

// Read reads every line. Copies that the server took and no line shows are those that it
// dropped because their twin was in the head block: they were sent all the same.
func (s *LokiStore) Read() (*Copies, error) {
	accepted, err := s.loki.Accepted(s.tenant)
	if err != nil {
		return nil, err
	}
	c, lines := &Copies{}, 0
	err = s.Lines(func(line string) {
		c.Add([]byte(line))
		lines++
	})
	c.AddHidden(accepted - lines)
	return c, err
}

// Lines passes every line.
func (s *LokiStore) Lines(each func(line string)) error {
	return s.loki.Walk(s.query, s.from, time.Now().Add(lokiAhead), func(e harness.Entry) { each(e.Line) })
}
