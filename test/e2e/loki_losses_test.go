package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// The limits of a stream that the losses are about, as the server and the output have them.
const (
	streamRate  = 64 << 10
	streamBurst = 128 << 10
)

// numbered is a record of the tests of losses.
type numbered struct {
	n    int
	app  string
	at   time.Time
	size int // of its filler
}

// twins are both outputs of one agent that read one file, under labels of their own.
type twins struct {
	loki    *harness.Loki
	host    *harness.Host
	job     string
	file    string
	letters string
}

// startTwins starts them. They differ in what the built-in output has not.
func startTwins(t *testing.T, host harness.HostBinary, l *harness.Loki) twins {
	t.Helper()
	w := twins{loki: l, job: uniqueName(t)}
	dir := t.TempDir()
	w.file, w.letters = filepath.Join(dir, "app.log"), filepath.Join(dir, "dead.jsonl")
	parsers := filepath.Join(dir, "parsers.conf")
	for path, text := range map[string]string{
		w.file:  "",
		parsers: "[PARSER]\n    Name app\n    Format json\n    Time_Key time\n    Time_Format %Y-%m-%dT%H:%M:%S.%L\n    Time_Keep off\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	address, port, _ := strings.Cut(l.Address(), ":")
	w.host = harness.StartHost(t, host, harness.HostConfig{
		Service: map[string]string{"parsers_file": parsers},
		Pipeline: fmt.Sprintf(`
[INPUT]
    Name              tail
    Tag               app
    Path              %[1]s
    Parser            app
    Refresh_Interval  1
    Buffer_Chunk_Size 1M
    Buffer_Max_Size   1M
[OUTPUT]
    Name              tidegate_loki
    Match             app
    url               %[2]s
    labels            job=%[3]s,from=tidegate,app=$app
    max_stream_rate   %[4]d
    max_stream_burst  %[5]d
    dead_letter_path  %[6]s
    Retry_Limit       no_limits
[OUTPUT]
    Name              loki
    Match             app
    host              %[7]s
    port              %[8]s
    labels            job=%[3]s,from=builtin,app=$app
    workers           1
    Retry_Limit       no_limits
`, w.file, l.URL, w.job, streamRate, streamBurst, w.letters, address, port),
	})
	w.host.WaitLog(t, "stream processor started", 30*time.Second)
	return w
}

// write appends records in one piece: they become one chunk.
func (w twins) write(t *testing.T, records []numbered) {
	t.Helper()
	var b strings.Builder
	for _, r := range records {
		fmt.Fprintf(&b, "{\"time\":%q,\"n\":%d,\"app\":%q,\"m\":%q}\n",
			r.at.UTC().Format("2006-01-02T15:04:05.000000"), r.n, r.app, strings.Repeat("x", r.size))
	}
	f, err := os.OpenFile(w.file, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString(b.String())
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// stored are the numbers that an output brought to Loki.
func (w twins) stored(from string) (map[int]bool, error) {
	found, err := w.loki.Lines(fmt.Sprintf("{job=%q, from=%q}", w.job, from), time.Now().Add(-4*time.Hour), time.Now().Add(time.Hour))
	all := map[int]bool{}
	for _, e := range found {
		n, err := recordNumber(e.Line)
		if err != nil {
			return nil, err
		}
		all[n] = true
	}
	return all, err
}

// letterReasons are the reasons of the dead letters in a file, by the number of their record.
func letterReasons(path string) (map[int]string, error) {
	all := map[int]string{}
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		var l struct{ Reason, Value string }
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			return nil, err
		}
		n, err := recordNumber(l.Value)
		if err != nil {
			return nil, err
		}
		all[n] = l.Reason
	}
	return all, nil
}

// recordNumber reads the n of a line.
func recordNumber(line string) (int, error) {
	var record struct{ N *int }
	if err := json.Unmarshal([]byte(line), &record); err != nil || record.N == nil {
		return 0, fmt.Errorf("no number in %.80q: %w", line, err)
	}
	return *record.N, nil
}

// settled waits until our output has each of n records in Loki or among the letters, and in
// one of them only, and the built-in output has answered for all as well.
func (w twins) settled(t *testing.T, n int) (letters map[int]string) {
	t.Helper()
	harness.Eventually(t, 2*time.Minute, "each record stored or in a letter", func() error {
		stored, err := w.stored("tidegate")
		if err != nil {
			return err
		}
		if letters, err = letterReasons(w.letters); err != nil {
			return err
		}
		for i := range n {
			if _, dead := letters[i]; stored[i] == dead {
				return fmt.Errorf("record %d: stored %v, in a letter %v; %d stored and %d letters of %d", i, stored[i], dead, len(stored), len(letters), n)
			}
		}
		return nil
	})
	return letters
}

// lost are the numbers that the built-in output has lost, once its agent has ended: by then
// no retry is left.
func (w twins) lost(t *testing.T, n int) (numbers []int) {
	t.Helper()
	stop(t, w.host)
	stored, err := w.stored("builtin")
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if !stored[i] {
			numbers = append(numbers, i)
		}
	}
	return numbers
}

// lossesOnFluentBit runs a test of losses where there is the built-in output.
func lossesOnFluentBit(t *testing.T, f func(t *testing.T, host harness.HostBinary, l *harness.Loki)) {
	l := harness.StartLoki(t, harness.LokiOptions{Limits: map[string]any{
		"ingestion_rate_mb": 200, "ingestion_burst_size_mb": 200,
		"per_stream_rate_limit": fmt.Sprint(streamRate), "per_stream_rate_limit_burst": fmt.Sprint(streamBurst),
	}})
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		if !host.FluentBit {
			t.Skip("only Fluent Bit has the output to compare with")
		}
		f(t, host, l)
	})
}

// A flush of several streams, the first of which is two hours behind what was sent to it:
// Loki refuses that one and answers 204 for the last. Ours has each record in Loki or in a
// dead letter; the built-in output has lost the late ones.
func TestLokiLossesBehindTheWindow(t *testing.T) {
	lossesOnFluentBit(t, func(t *testing.T, host harness.HostBinary, l *harness.Loki) {
		w := startTwins(t, host, l)
		now := time.Now()
		const each = 20
		var newest, late []numbered
		for i := range each {
			newest = append(newest, numbered{n: i, app: "first", at: now.Add(time.Duration(i) * time.Millisecond)})
			late = append(late,
				numbered{n: each + 2*i, app: "first", at: now.Add(-2*time.Hour + time.Duration(i)*time.Millisecond)},
				numbered{n: each + 2*i + 1, app: "second", at: now.Add(time.Duration(i) * time.Millisecond)})
		}
		w.write(t, newest)
		for _, from := range []string{"tidegate", "builtin"} {
			harness.Eventually(t, 30*time.Second, "the newest of "+from, func() error {
				stored, err := w.stored(from)
				if err == nil && len(stored) != each {
					err = fmt.Errorf("%d of %d", len(stored), each)
				}
				return err
			})
		}
		w.write(t, late)
		letters := w.settled(t, 3*each)
		for n, reason := range letters {
			if n < each || n%2 != 0 || reason != "too_far_behind" {
				t.Errorf("record %d is in a letter, reason %s", n, reason)
			}
		}
		lost := w.lost(t, 3*each)
		t.Logf("of %d records: ours %d stored, %d in letters, none lost; the built-in output lost %d", 3*each, 3*each-len(letters), len(letters), len(lost))
		if len(letters) != each || len(lost) == 0 {
			t.Errorf("%d letters, want %d; the built-in output lost %d, which this is about", len(letters), each, len(lost))
		}
	})
}

// A flush of several streams, one of which comes faster than Loki takes a stream.
func TestLokiLossesAboveTheStreamRate(t *testing.T) {
	lossesOnFluentBit(t, func(t *testing.T, host harness.HostBinary, l *harness.Loki) {
		w := startTwins(t, host, l)
		now := time.Now()
		const pairs = 200
		var records []numbered
		for i := range pairs {
			at := now.Add(time.Duration(i) * time.Millisecond)
			records = append(records,
				numbered{n: 2 * i, app: "hot", at: at, size: 2000},
				numbered{n: 2*i + 1, app: "quiet", at: at})
		}
		w.write(t, records)
		letters := w.settled(t, len(records))
		lost := w.lost(t, len(records))
		t.Logf("of %d records: ours %d stored, %d in letters %v, none lost; the built-in output lost %d", len(records), len(records)-len(letters), len(letters),
			slices.Sorted(maps.Values(letters)), len(lost))
		if len(lost) == 0 {
			t.Error("the built-in output lost nothing, which this is about")
		}
	})
}
