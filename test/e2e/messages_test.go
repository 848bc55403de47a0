package e2e_test

import (
	"fmt"
	"strings"

	"github.com/tidegate/tidegate/test/harness"
)

// messages is a generated load: numbered JSON objects with a service and a level, with
// keys, in the form kcat reads with -K and a tab.
type messages struct {
	first, count int
}

var (
	services = []string{"checkout", "payment", "search", "basket", "mail", "käse"}
	levels   = []string{"debug", "info", "info", "info", "warn", "error", "info"}
)

func (m messages) service(n int) string { return services[(n/3)%len(services)] }
func (m messages) level(n int) string   { return levels[n%len(levels)] }

// text is one message a line: key, tab, value.
func (m messages) text() string {
	var b strings.Builder
	for n := m.first; n < m.first+m.count; n++ {
		fmt.Fprintf(&b, "key-%d\t{\"n\":%d,\"service\":%q,\"level\":%q,\"message\":\"request %d took \\\"%d\\\" ms\",\"nested\":{\"path\":\"/a/%d\",\"ok\":true}}\n",
			n%997, n, m.service(n), m.level(n), n, n%250, n%31)
	}
	return b.String()
}

// counts is how many messages carry each pair of labels, with the keys of Loki.Count.
func (m messages) counts(job string) map[string]int {
	counts := map[string]int{}
	for n := m.first; n < m.first+m.count; n++ {
		counts[harness.LabelSet(map[string]string{"job": job, "service": m.service(n), "level": m.level(n)})]++
	}
	return counts
}
