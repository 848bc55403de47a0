package deadletter

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Of agents that share a file and are killed, each letter that was safe is there,
// and there is at most a part of one line for each.
func TestFileKilled(t *testing.T) {
	if path := os.Getenv("DEAD_LETTER_PATH"); path != "" {
		writeUntilKilled(t, path)
		return
	}
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	const agents, letters = 4, 500
	var safe []int64
	first := startWriter(t, path, 0)
	safe = append(safe, first.read(t, letters)...) // it lives on beside the others, until its pipe is full
	for i := 1; i < agents; i++ {
		w := startWriter(t, path, i*1_000_000)
		safe = append(safe, w.read(t, letters)...)
		safe = append(safe, w.kill(t)...)
	}
	safe = append(safe, first.kill(t)...)
	found, parts := wholeLines(t, path)
	if parts > agents {
		t.Errorf("%d parts of lines", parts)
	}
	for _, offset := range safe {
		if found[offset] != 1 {
			t.Errorf("letter %d is there %d times", offset, found[offset])
		}
	}
	if len(safe) < agents*letters {
		t.Errorf("only %d were safe", len(safe))
	}
}

// writeUntilKilled is the program that is killed: it prints the number of each
// letter that is safe.
func writeUntilKilled(t *testing.T, path string) {
	n, err := strconv.Atoi(os.Getenv("DEAD_LETTER_FIRST"))
	if err != nil {
		t.Fatal(err)
	}
	f := openFile(t, newAgent(), path, Rotation{Size: 32 << 10, Files: 1000})
	for end := n + 1_000_000; n < end; n++ {
		if err := f.Send(numberedLetter(n), func() { fmt.Printf("safe %d\n", n) }); err != nil {
			t.Fatal(err)
		}
	}
}

// writer is a process that writes letters.
type writer struct {
	run   *exec.Cmd
	lines *bufio.Scanner
}

func startWriter(t *testing.T, path string, first int) *writer {
	t.Helper()
	run := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFileKilled$")
	run.Env = append(os.Environ(), "DEAD_LETTER_PATH="+path, "DEAD_LETTER_FIRST="+strconv.Itoa(first))
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	return &writer{run, bufio.NewScanner(out)}
}

// read returns the next letters that are safe, at most so many.
func (w *writer) read(t *testing.T, most int) (safe []int64) {
	t.Helper()
	for len(safe) < most && w.lines.Scan() {
		number, is := strings.CutPrefix(w.lines.Text(), "safe ")
		if !is {
			continue
		}
		offset, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		safe = append(safe, offset)
	}
	return safe
}

// kill ends the process at once, and returns what it still said.
func (w *writer) kill(t *testing.T) (safe []int64) {
	t.Helper()
	if err := w.run.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	safe = w.read(t, 1_000_000)
	_ = w.run.Wait() // killed
	return safe
}

// wholeLines counts the letters in all files of a path, and what is none.
func wholeLines(t *testing.T, path string) (found map[int64]int, parts int) {
	t.Helper()
	paths, err := filepath.Glob(path + "*")
	if err != nil || len(paths) < 2 {
		t.Fatal(paths, err)
	}
	found = map[int64]int{}
	for _, p := range paths {
		text, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			var l struct{ Offset *int64 }
			if json.Unmarshal(line, &l) != nil || l.Offset == nil {
				parts++
			} else {
				found[*l.Offset]++
			}
		}
	}
	return found, parts
}
