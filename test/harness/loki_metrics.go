package harness

import (
	"bufio"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// linesReceived counts, for each tenant, what pushes held.
const linesReceived = "loki_distributor_lines_received_total{"

// Received is how many entries the server was sent since its start, over all tenants.
// Queries cannot tell: an entry that comes a second time with the same time, line and
// metadata is dropped in silence while its twin is in the head block.
func (l *Loki) Received() (int, error) {
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
		if !strings.HasPrefix(lines.Text(), linesReceived) {
			continue
		}
		value := lines.Text()[strings.LastIndexByte(lines.Text(), ' ')+1:]
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return 0, fmt.Errorf("reading %s…}: %w", linesReceived, err)
		}
		total += n
	}
	return int(total), lines.Err()
}
