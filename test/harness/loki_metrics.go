package harness

import (
	"bufio"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// What Loki counts of pushes, for each tenant: the entries that they held, and those that
// it refused afterwards.
const (
	linesReceived  = "loki_distributor_lines_received_total"
	linesDiscarded = "loki_discarded_samples_total"
)

// Received is how many entries the server was sent since its start, over all tenants.
// Queries cannot tell: an entry that comes a second time with the same time, line and
// metadata is dropped in silence while its twin is in the head block.
func (l *Loki) Received() (int, error) { return l.metric(linesReceived, "") }

// Discarded is how many entries of a tenant were refused, for whatever reason. Loki counts
// those with bad labels twice.
func (l *Loki) Discarded(tenant string) (int, error) { return l.metric(linesDiscarded, tenant) }

// Accepted is how many entries of a tenant the server was sent and did not refuse: each
// copy counts. A push that failed inside the server counts too.
func (l *Loki) Accepted(tenant string) (int, error) {
	discarded, err := l.Discarded(tenant)
	if err != nil {
		return 0, err
	}
	received, err := l.metric(linesReceived, tenant)
	return received - discarded, err
}

// metric adds up a counter over all of its series, or those of one tenant.
func (l *Loki) metric(name, tenant string) (int, error) {
	answer, err := queryClient.Get(l.URL + "/metrics")
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("/metrics: %s", answer.Status)
	}
	total := 0.0
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		series := lines.Text()
		if !strings.HasPrefix(series, name+"{") || !strings.Contains(series, fmt.Sprintf("tenant=%q", tenant)) && tenant != "" {
			continue
		}
		value := series[strings.LastIndexByte(series, ' ')+1:]
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return 0, fmt.Errorf("reading %s: %w", series, err)
		}
		total += n
	}
	return int(total), lines.Err()
}
