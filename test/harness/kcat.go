package harness

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Kcat is a Kafka client that is not ours: it shares neither code nor build with the
// client in the plugins.
type Kcat struct {
	path    string
	brokers string
}

// NeedKcat finds kcat, installs it where it may, and otherwise skips the test.
func NeedKcat(t testing.TB, k *Kafka) *Kcat {
	t.Helper()
	path, err := needCommand("kcat", "kcat")
	if err != nil {
		t.Skipf("needs kcat as the producer: %v", err)
	}
	return &Kcat{path: path, brokers: k.Brokers()}
}

// Produce sends every line of text as one message, through a file on its input. Extra
// arguments are kcat's own: -K for keys, -H for headers, -Z for tombstones.
func (c *Kcat) Produce(t testing.TB, topic, text string, args ...string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "messages")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	cmd := exec.CommandContext(t.Context(), c.path, append([]string{"-P", "-b", c.brokers, "-t", topic}, args...)...)
	cmd.Stdin = in
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("producing to %s with kcat: %v\n%s", topic, err, out)
	}
}

// Consume reads all that a topic holds now, one line for each message, in the form that
// kcat's -f describes: `%s\n` for values alone, with %k for keys and %h for headers.
func (c *Kcat) Consume(t testing.TB, topic, format string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), c.path,
		"-C", "-b", c.brokers, "-t", topic, "-o", "beginning", "-e", "-q", "-f", format)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("consuming %s with kcat: %v\n%s", topic, err, complaints.Bytes())
	}
	var lines []string
	for line := range strings.Lines(string(out)) {
		lines = append(lines, strings.TrimSuffix(line, "\n"))
	}
	return lines
}
