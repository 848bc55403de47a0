package e2e_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// lokiAlone gives the Loki of the package to tests that need no Kafka.
func lokiAlone(t *testing.T) *harness.Loki {
	t.Helper()
	l, err := lokiOnce()
	if err != nil {
		t.Fatalf("starting loki: %v", err)
	}
	harness.Watch(t, l)
	return l
}

// With inspect on, an agent tells what becomes of the first records of a tag, and sends all
// of them as one without it does.
func TestInspectOn(t *testing.T) {
	l := lokiAlone(t)
	const count = 200
	file := filepath.Join(t.TempDir(), "a.log")
	var want []string
	for n := range count {
		want = append(want, fmt.Sprintf(`{"n":%d,"device":"d%d","word":"with \"quotes\""}`, n, n%3))
	}
	if err := os.WriteFile(file, []byte(strings.Join(want, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		for _, inspect := range []string{"on", "off"} {
			job := uniqueName(t)
			arrived := arrivalOf(t, l, job)
			h := harness.StartHost(t, host, harness.HostConfig{Pipeline: fmt.Sprintf(`
[INPUT]
    Name tail
    Tag  lines.%[1]s
    Path %[2]s
    Read_From_Head on
[OUTPUT]
    Name   tidegate_loki
    Match  *
    url    %[3]s
    labels job=%[1]s,device=$log['device'],tag=$TAG[0]
    line_format raw
    line_key log
    structured_metadata n=$log['n']
    inspect %[4]s
    Retry_Limit no_limits
`, job, file, l.URL, inspect)})
			arrived.host = h
			arrived.wait(t, count, time.Minute)
			stop(t, h)
			sameLines(t, arrived.lines(t), want)
			told := inspections(h.Log(), "lines."+job)
			if inspect == "off" {
				if len(told) > 0 || strings.Contains(h.Log(), "inspect is on") {
					t.Errorf("off, it tells %q", told)
				}
				continue
			}
			if !strings.Contains(h.Log(), "inspect is on: contents of records are written to this log") {
				t.Error("no warning that records are written to the log")
			}
			checkInspections(t, told, job, want)
		}
	})
}

// inspections are what a log tells of the records of a tag.
func inspections(log, tag string) (told []string) {
	for line := range strings.Lines(log) {
		if _, text, is := strings.Cut(line, "inspect "+tag+" "); is {
			told = append(told, strings.TrimSpace(text))
		}
	}
	return told
}

func checkInspections(t *testing.T, told []string, job string, lines []string) {
	t.Helper()
	var want []string
	for n := range 5 {
		want = append(want,
			fmt.Sprintf(`#%d: record {"log":%q}`, n+1, lines[n]), fmt.Sprintf("#%d: time", n+1),
			fmt.Sprintf(`#%d: label device="d%d" from $log['device'] (labels), in the JSON text of $log`, n+1, n%3),
			fmt.Sprintf(`#%d: label job="%s" from "%[2]s" (labels)`, n+1, job), fmt.Sprintf(`#%d: label tag="lines" from $TAG[0] (labels)`, n+1),
			fmt.Sprintf(`#%d: metadata n="%d" from $log['n'] (structured_metadata), in the JSON text of $log`, n+1, n),
			fmt.Sprintf(`#%d: line %s from log (line_key)`, n+1, lines[n]),
		)
	}
	for i := range told {
		if before, _, is := strings.Cut(told[i], ": time "); is {
			told[i] = before + ": time"
		}
	}
	if !slices.Equal(told, want) {
		t.Errorf("it tells\n%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
}

// sampleRecords are records of many shapes, with room for a word that finds them again.
var sampleRecords = []string{
	`{"service":"shop","level":"info","deviceid":"garage","msg":"all there","run":"%s"}`,
	`{"service":"shop","msg":"no level","run":"%s"}`,
	`{"deviceid":12,"level":{"a":[1,"x"]},"msg":"other types","run":"%s"}`,
	`{"service":"","level":null,"msg":"empty","run":"%s"}`,
	`{"log":"{\"service\":\"inside\"}","level":"with \"quotes\" and \\","run":"%s"}`,
}

// The command tells the labels that an agent gives the same records, for each ready
// configuration with a Loki output and in both of its forms.
func TestInspectCommandTellsWhatIsStored(t *testing.T) {
	l := lokiAlone(t)
	root, err := harness.Root()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, "conf", "*.conf"))
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, file := range files {
		section := lokiSection(t, file)
		if section == "" {
			continue
		}
		tried++
		t.Run(strings.TrimSuffix(filepath.Base(file), ".conf"), func(t *testing.T) {
			eachHost(t, func(t *testing.T, host harness.HostBinary) {
				run := uniqueName(t)
				stored := storedLabels(t, l, host, section, run)
				for _, form := range []string{".conf", ".yaml"} {
					told := toldLabels(t, strings.TrimSuffix(file, ".conf")+form, run)
					for i := range sampleRecords {
						if !maps.Equal(told[i], stored[i]) {
							t.Errorf("%s, record %d: told %v, stored %v", form, i, told[i], stored[i])
						}
					}
				}
			})
		})
	}
	if tried < 4 {
		t.Errorf("%d configurations have an output to Loki", tried)
	}
}

// lokiSection is the output to Loki of a classic configuration, empty if there is none.
func lokiSection(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, section := range strings.Split(string(text), "\n[")[1:] {
		if strings.HasPrefix(section, "OUTPUT]") && strings.Contains(section, "tidegate_loki\n") {
			return "[" + section + "\n"
		}
	}
	return ""
}

var matchRE = regexp.MustCompile(`(?m)^\s+match\s+(\S+)`)

// storedLabels sends the sample records through a section, and reads the labels that each
// has in Loki.
func storedLabels(t *testing.T, l *harness.Loki, host harness.HostBinary, section, run string) []map[string]string {
	t.Helper()
	tag := strings.ReplaceAll(matchRE.FindStringSubmatch(section)[1], "*", "inspect")
	pipeline := ""
	for _, r := range sampleRecords {
		pipeline += "[INPUT]\n    Name dummy\n    Tag " + tag + "\n    Samples 1\n    Dummy " + fmt.Sprintf(r, run) + "\n"
	}
	from := time.Now().Add(-time.Minute)
	h := harness.StartHost(t, host, harness.HostConfig{Pipeline: pipeline + section, Env: map[string]string{"LOKI_URL": l.URL}})
	stored := make([]map[string]string, len(sampleRecords))
	harness.Eventually(t, time.Minute, "the records in Loki", func() error {
		entries, err := l.Lines(`{job=~".+"} |= "`+run+`"`, from, time.Now().Add(time.Second))
		if err != nil {
			return err
		}
		found := 0
		for i, r := range sampleRecords {
			want := canonical(t, fmt.Sprintf(r, run))
			for _, e := range entries {
				if canonical(t, e.Line) == want {
					delete(e.Labels, "service_name") // Loki's own
					stored[i] = e.Labels
					found++
				}
			}
		}
		if found != len(stored) {
			return fmt.Errorf("%d of %d", found, len(stored))
		}
		return nil
	})
	stop(t, h)
	return stored
}

// runInspect runs the program on the sample records.
func runInspect(t *testing.T, file, run string) string {
	t.Helper()
	plugins, err := harness.PluginsDir()
	if err != nil {
		t.Fatal(err)
	}
	var in bytes.Buffer
	for _, r := range sampleRecords {
		fmt.Fprintf(&in, r+"\n", run)
	}
	cmd := exec.Command(filepath.Join(plugins, "tidegate"), "inspect", "-c", file)
	cmd.Env = append(os.Environ(), "LOKI_URL=http://127.0.0.1:9", "LOGTIDE_URL=http://127.0.0.1:9")
	cmd.Dir, cmd.Stdin = t.TempDir(), &in
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("%v: %s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	if left, err := os.ReadDir(cmd.Dir); err != nil || len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
	return string(out)
}

var toldLabelRE = regexp.MustCompile(`^(\w+)=("(?:[^"\\]|\\.)*")`)

// toldLabels reads the labels of each record out of what the program prints.
func toldLabels(t *testing.T, file, run string) (told []map[string]string) {
	t.Helper()
	head := ""
	for line := range strings.Lines(runInspect(t, file, run)) {
		if strings.HasPrefix(line, "record ") {
			told = append(told, map[string]string{})
		}
		if len(line) < 12 {
			continue
		}
		if h := strings.TrimSpace(line[:12]); h != "" {
			head = h
		}
		if m := toldLabelRE.FindStringSubmatch(line[12:]); m != nil && head == "label" {
			value, err := strconv.Unquote(m[2])
			if err != nil {
				t.Fatal(err)
			}
			told[len(told)-1][m[1]] = value
		}
	}
	if len(told) != len(sampleRecords) {
		t.Fatalf("%d explanations of %d records", len(told), len(sampleRecords))
	}
	return told
}
