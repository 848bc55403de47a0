package abi_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/klauspost/compress/snappy"

	"github.com/tidegate/tidegate/test/harness"
	"github.com/tidegate/tidegate/test/logtide"
)

// What Debian's gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user bring.
const (
	armCompiler  = "aarch64-linux-gnu-gcc"
	armEmulator  = "qemu-aarch64"
	armLibraries = "/usr/aarch64-linux-gnu"
)

// armPipeline has every plugin: numbered lines of a file to Kafka, and from there to Loki and LogTide.
const armPipeline = `
[SERVICE]
    Plugins_File   PRODUCT/plugins.conf
    Flush          0.2
    Grace          10
    scheduler.base 1
    scheduler.cap  2
[INPUT]
    Name           tail
    Tag            lines
    Path           DIR/numbers.log
    Read_From_Head on
[OUTPUT]
    Name        tidegate_kafka
    Match       lines
    brokers     BROKERS
    topic       numbers
    format      raw
    raw_log_key log
    Workers     1
    Retry_Limit no_limits
[INPUT]
    Name     tidegate_kafka
    Tag      read
    brokers  BROKERS
    topics   numbers
    group_id arm64
    ack_from tidegate_loki,tidegate_logtide
[OUTPUT]
    Name        tidegate_loki
    Match       read
    url         LOKI
    labels      job=arm64,level=$level
    Workers     1
    Retry_Limit no_limits
[OUTPUT]
    Name        tidegate_logtide
    Match       read
    url         LOGTIDE
    api_key     KEY
    Workers     1
    Retry_Limit no_limits
`

// The plugins and a host, built for arm64 and run by an emulator, move records as they do here. The run takes seconds. Building
// takes most of a minute on two cores where Go has compiled nothing for arm64 yet, and nothing where no source has changed.
func TestArm64(t *testing.T) {
	for _, need := range []string{armCompiler, armEmulator} {
		if _, err := exec.LookPath(need); err != nil {
			t.Skipf("%v: install Debian's gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user", err)
		}
	}
	const records = 300
	out := buildForArm64(t)
	loki := startPushCounter(t)
	tide := logtide.Start(t)
	lines := filepath.Join(t.TempDir(), "numbers.log")
	writeNumbers(t, lines, records)
	conf := strings.NewReplacer("PRODUCT", out, "DIR", filepath.Dir(lines), "BROKERS", mockBroker(t, "numbers"),
		"LOKI", loki.URL, "LOGTIDE", tide.URL, "KEY", logtide.DefaultKey).Replace(armPipeline)
	p := start(t, filepath.Join(out, "host.sh"), conf, "LD_LIBRARY_PATH="+out)
	harness.Eventually(t, time.Minute, "the records at Loki and LogTide", func() error {
		select {
		case <-p.ended:
			return harness.Hopeless{Err: fmt.Errorf("the host ended with code %d", p.exit())}
		default:
		}
		if inLoki, inTide := len(loki.numbers()), len(tide.Numbers("n")); inLoki < records || inTide < records {
			return fmt.Errorf("%d and %d of %d", inLoki, inTide, records)
		}
		return nil
	})
	p.stop()
	for name, got := range map[string]map[int]int{"Loki": loki.numbers(), "LogTide": tide.Numbers("n")} {
		for n := range records {
			if got[n] != 1 {
				t.Errorf("%s has record %d %d times", name, n, got[n])
			}
		}
	}
}

// buildForArm64 builds the plugins and the host into one folder, with a script that starts it.
func buildForArm64(t *testing.T) (out string) {
	t.Helper()
	// A folder that git ignores and that stays: building anew takes as long as the rest.
	work, err := filepath.Abs("../../build/work/arm64")
	if err != nil {
		t.Fatal(err)
	}
	out = filepath.Join(work, "out")
	for _, args := range [][]string{
		{"-C", "../..", "build", "ARCH=arm64", "OUT=" + out, "WORK=" + work},
		{"-C", "../host", "CC=" + armCompiler, "OUT=" + out, "all"},
	} {
		cmd := exec.CommandContext(t.Context(), "make", append([]string{"-s"}, args...)...)
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", cmd.Args, err, text)
		}
	}
	script := fmt.Sprintf("#!/bin/sh\nexec %s -L %s '%s/tidegate-testhost' \"$@\"\n", armEmulator, armLibraries, out)
	if err := os.WriteFile(filepath.Join(out, "host.sh"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return out
}

func writeNumbers(t *testing.T, path string, n int) {
	t.Helper()
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"n":%d,"level":"info","service":"numbers","message":"record %d"}`+"\n", i, i)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// mockBroker is librdkafka's, in this process: what is emulated is the client.
func mockBroker(t *testing.T, topic string) (brokers string) {
	t.Helper()
	cluster, err := kafka.NewMockCluster(1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	if err := cluster.CreateTopic(topic, 2, 1); err != nil {
		t.Fatal(err)
	}
	return cluster.BootstrapServers()
}

// pushCounter takes pushes as Loki does and keeps the numbers in their lines.
type pushCounter struct {
	*httptest.Server
	mu   sync.Mutex
	seen map[int]int
}

var numberInLine = regexp.MustCompile(`"n":(\d+)`)

func startPushCounter(t *testing.T) *pushCounter {
	t.Helper()
	c := &pushCounter{seen: map[int]int{}}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		packed, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client gave up
		}
		push, err := snappy.Decode(nil, packed)
		if err != nil || r.URL.Path != "/loki/api/v1/push" || r.Header.Get("Content-Type") != "application/x-protobuf" {
			http.Error(w, fmt.Sprintf("%s of %s: %v", r.URL.Path, r.Header.Get("Content-Type"), err), http.StatusBadRequest)
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, match := range numberInLine.FindAllSubmatch(push, -1) {
			n, _ := strconv.Atoi(string(match[1])) // digits
			c.seen[n]++
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(c.Close)
	return c
}

// numbers counts how often each came.
func (c *pushCounter) numbers() map[int]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.seen)
}
