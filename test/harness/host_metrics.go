package harness

import (
	"bufio"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// ServeMetrics has the host serve its metrics on a free port, and gives their URL. What it
// serves is up to a second old.
func (c *HostConfig) ServeMetrics(t testing.TB) (url string) {
	t.Helper()
	port := FreePort(t)
	service := map[string]string{"http_server": "on", "http_listen": "127.0.0.1", "http_port": strconv.Itoa(port)}
	maps.Copy(service, c.Service)
	c.Service = service
	return fmt.Sprintf("http://127.0.0.1:%d/api/v2/metrics/prometheus", port)
}

// Sample scrapes one series, such as `up{name="a"}`.
func Sample(url, series string) (float64, error) {
	resp, err := http.Get(url)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), series+" "); ok {
			return strconv.ParseFloat(value, 64)
		}
	}
	return 0, fmt.Errorf("%s is not there", series)
}
