package abi_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A loss is run on the stand-in, and on a real Fluent Bit where one is installed: what the stand-in loses and counts, the
// engine is to lose and count too.
func eachHost(t *testing.T, f func(t *testing.T, host string)) {
	t.Helper()
	hosts := []string{testhost()}
	if real, err := exec.LookPath("fluent-bit"); err == nil {
		hosts = append(hosts, real)
	}
	for _, host := range hosts {
		t.Run(filepath.Base(host), func(t *testing.T) {
			t.Parallel()
			f(t, host)
		})
	}
}

// A lossy host runs one input, probe_in under the alias `in`, whose records are numbered from 0.
type lossy struct {
	*process
	metricsAt string
}

// startLossy puts a [SERVICE] section in front of the pipeline. Lines of service are further keys of it.
func startLossy(t *testing.T, host, service, pipeline string) lossy {
	t.Helper()
	address := closedPort(t)
	_, port, _ := strings.Cut(address, ":")
	head := `
[SERVICE]
    Plugins_File   PLUGINS
    Flush          0.2
    Grace          2
    scheduler.base 1
    scheduler.cap  1
    HTTP_Server    On
    HTTP_Listen    127.0.0.1
    HTTP_Port      ` + port + "\n"
	return lossy{start(t, host, head+service+pipeline), address}
}

// settle waits until the host's metrics show all these values, and returns all of them.
func (p lossy) settle(want metrics) (all metrics) {
	p.t.Helper()
	p.await("the counters", func() bool {
		got := scrape(p.t, p.metricsAt)
		if got != nil {
			all = got
		}
		for name, value := range want {
			if got[name] != value {
				return false
			}
		}
		return true
	})
	return all
}
