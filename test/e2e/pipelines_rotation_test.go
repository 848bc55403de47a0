package e2e_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rotatedLog is a log file that its program renames from time to time, as logrotate has it
// done: app.log becomes app.log.1, that one app.log.2.
type rotatedLog struct {
	dir, name string
	rotations int
	written   int // lines
}

func newRotatedLog(t *testing.T, name string) *rotatedLog {
	t.Helper()
	return &rotatedLog{dir: t.TempDir(), name: name}
}

func (l *rotatedLog) path(n int) string {
	path := filepath.Join(l.dir, l.name)
	if n > 0 {
		path += fmt.Sprintf(".%d", n)
	}
	return path
}

// write appends a load, with a rotation after each so many lines, and gives its lines.
func (l *rotatedLog) write(t *testing.T, load messages, rotateAfter int) []string {
	t.Helper()
	var lines []string
	for line := range strings.Lines(load.text()) {
		_, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		lines = append(lines, value)
	}
	for part := range slices.Chunk(lines, rotateAfter) {
		if _, err := os.Stat(l.path(0)); err == nil {
			l.rotate(t)
		}
		l.append(t, part)
		l.written += len(part)
	}
	return lines
}

// append adds lines to the newest file, through a buffer that cuts them anywhere: a reader
// sees halves of lines, as it does of any program's log.
func (l *rotatedLog) append(t *testing.T, lines []string) {
	t.Helper()
	f, err := os.OpenFile(l.path(0), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	for _, line := range lines {
		w.WriteString(line + "\n") // an error stays with the writer
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func (l *rotatedLog) rotate(t *testing.T) {
	t.Helper()
	for n := l.rotations; n >= 0; n-- {
		if err := os.Rename(l.path(n), l.path(n+1)); err != nil {
			t.Fatal(err)
		}
	}
	l.rotations++
}

// sameMessages compares without regard to order, which partitions do not keep.
func sameMessages(t *testing.T, got, want []string) {
	t.Helper()
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if len(got) != len(want) {
		t.Errorf("%d messages, want %d", len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Fatalf("message %q, want %q", got[i], want[i])
		}
	}
}
