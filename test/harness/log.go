package harness

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"sync"
)

// Log takes what a process prints on both its outputs: into a file, for the person who
// looks at a failure, and into memory, for the test. Safe for concurrent use.
type Log struct {
	Path string

	mu   sync.Mutex
	file *os.File
	text bytes.Buffer
}

func newLog(path string) (*Log, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	return &Log{Path: path, file: f}, nil
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	return l.file.Write(p)
}

// String is all that was printed so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Find gives the first line that matches, or "".
func (l *Log) Find(re *regexp.Regexp) string {
	for line := range strings.Lines(l.String()) {
		if re.MatchString(line) {
			return strings.TrimRight(line, "\n")
		}
	}
	return ""
}

// Tail is the last n lines.
func (l *Log) Tail(n int) string { return lastLines(l.String(), n) }

func (l *Log) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.file.Close()
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
