package abi_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// product is the folder that `make build` leaves, and the configuration that names its plugins.
func product(t *testing.T) (plugins, env string) {
	t.Helper()
	dir, err := filepath.Abs("../../build/out")
	if err != nil {
		t.Fatal(err)
	}
	plugins = filepath.Join(dir, "plugins.conf")
	if _, err := os.Stat(plugins); err != nil {
		t.Skip("the plugins are not built: make build")
	}
	return plugins, "LD_LIBRARY_PATH=" + dir
}

// closedPort is an address on which nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// The built plugins live through init, flushes on the host's small stacks, retries and exit, and never call the host's librdkafka.
func TestBuiltLokiOutput(t *testing.T) {
	t.Parallel()
	plugins, env := product(t)
	for _, workers := range []string{"0", "2"} {
		t.Run("workers "+workers, func(t *testing.T) {
			t.Parallel()
			p := start(t, testhost(), `
[SERVICE]
    Plugins_File `+plugins+`
    Flush 0.2
    Grace 1
[INPUT]
    Name    dummy
    Samples 100
    Rate    1000
    Dummy   {"service":"pay","log":"x"}
[OUTPUT]
    Name    tidegate_loki
    Match   *
    url     http://`+closedPort(t)+`
    labels  service=$service
    Workers `+workers+`
    Retry_Limit no_limits
[OUTPUT]
    Name    file
    Match   *
    Path    DIR
    File    seen
`, env)
			p.await("all records and a retry", func() bool {
				return strings.Count(p.read("seen"), "\n") == 100 && strings.Contains(p.log(), "will be flushed again")
			})
			p.stop()
			p.expect("tidegate_loki.0", map[string]int{"ok": 0, "dropped": 0, "errors": 0, "pending": 100})
		})
	}
}

func TestBuiltKafkaInputNeedsBrokers(t *testing.T) {
	t.Parallel()
	plugins, env := product(t)
	p := start(t, testhost(), "[SERVICE]\n    Plugins_File "+plugins+"\n[INPUT]\n    Name tidegate_kafka\n[OUTPUT]\n    Name null\n    Match *\n", env)
	if code := p.exit(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	if !strings.Contains(p.log(), "brokers is required") {
		t.Error("the log does not ask for brokers")
	}
}
