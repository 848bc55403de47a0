package deadletter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// openFile opens a sink and closes it at the end.
func openFile(t testing.TB, a *agent, path string, limits Rotation) *File {
	t.Helper()
	f, err := NewFile(a.owner(t), path, limits)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close(time.Time{}) })
	return f
}

// offsetsIn returns how often each offset is in files, every line of which must
// be a letter.
func offsetsIn(t testing.TB, paths ...string) map[int64]int {
	t.Helper()
	found := map[int64]int{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			var l struct{ Offset *int64 }
			if err := json.Unmarshal(line, &l); err != nil || l.Offset == nil || line[len(line)-1] != '\n' {
				t.Fatalf("%s: %v in %q", path, err, line)
			}
			found[*l.Offset]++
		}
	}
	return found
}

func checkOffsets(t testing.TB, found map[int64]int, n int) {
	t.Helper()
	for i := range int64(n) {
		if found[i] != 1 {
			t.Errorf("letter %d is there %d times", i, found[i])
		}
	}
	if len(found) != n {
		t.Errorf("%d letters, want %d", len(found), n)
	}
}

// Instances that write to one file and rotate it tear no line and lose none.
func TestFileShared(t *testing.T) {
	const instances, each = 4, 500
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	var all sync.WaitGroup
	for i := range instances {
		a := newAgent()
		f := openFile(t, a, path, Rotation{Size: 8 << 10, Files: 1000})
		all.Go(func() {
			safe := 0
			for n := range each {
				if err := f.Send(numberedLetter(i*each+n), func() { safe++ }); err != nil {
					t.Error(err)
					return
				}
			}
			if safe != each || a.metric(t, "dead_letters_total") != each {
				t.Errorf("%d safe", safe)
			}
		})
	}
	all.Wait()
	paths, err := filepath.Glob(path + "*")
	if err != nil || len(paths) < 10 {
		t.Fatal(paths, err)
	}
	for _, p := range paths {
		if info, err := os.Stat(p); err != nil || info.Size() > 8<<10 {
			t.Errorf("%s: %v bytes, %v", p, info.Size(), err)
		}
	}
	checkOffsets(t, offsetsIn(t, paths...), instances*each)
}

// The files are bounded in number, the youngest is .1, and the log tells what
// goes. A line longer than a file may be has one of its own.
func TestFileRotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	a := newAgent()
	f := openFile(t, a, path, Rotation{Size: 1000, Files: 2})
	for i := range 5 {
		l := numberedLetter(i)
		l.Value = bytes.Repeat([]byte("x"), 2000)
		if err := f.Send(l, func() {}); err != nil {
			t.Fatal(err)
		}
	}
	for name, offset := range map[string]int64{path: 4, path + ".1": 3, path + ".2": 2} {
		if found := offsetsIn(t, name); found[offset] != 1 || len(found) != 1 {
			t.Errorf("%s: %v", name, found)
		}
	}
	if paths, _ := filepath.Glob(path + "*"); len(paths) != 3 {
		t.Error(paths)
	}
	if strings.Count(a.lines(), "the oldest dead letters are removed") != 2 {
		t.Errorf("log:\n%s", a.lines())
	}
}

// A file that was removed or moved by others is made again.
func TestFileMovedAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	f := openFile(t, newAgent(), path, Rotation{Size: 1 << 20, Files: 1})
	send := func(i int) {
		t.Helper()
		if err := f.Send(numberedLetter(i), func() {}); err != nil {
			t.Fatal(err)
		}
	}
	send(0)
	if err := os.Rename(path, path+".moved"); err != nil {
		t.Fatal(err)
	}
	send(1)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	send(2)
	if found := offsetsIn(t, path); found[2] != 1 || len(found) != 1 {
		t.Error(found)
	}
	checkOffsets(t, offsetsIn(t, path+".moved"), 1)
}

// A part of a line, of an agent that was killed, takes no other line with it.
func TestFilePart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	if err := os.WriteFile(path, []byte(`{"time":"20`), 0o600); err != nil {
		t.Fatal(err)
	}
	f := openFile(t, newAgent(), path, Rotation{Size: 1 << 20})
	for i := range 2 {
		if err := f.Send(numberedLetter(i), func() {}); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	if len(lines) != 4 || !json.Valid([]byte(lines[1])) || !json.Valid([]byte(lines[2])) || lines[3] != "" {
		t.Errorf("%q", lines)
	}
}

// On a full disk a letter is refused and leaves nothing; it is taken once there
// is room.
func TestFileDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("needs a file system of its own: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	path, a := filepath.Join(dir, "dead.jsonl"), newAgent()
	f := openFile(t, a, path, Rotation{Size: 1 << 20})
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 40<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	n := 0
	send := func() error {
		l := numberedLetter(n)
		l.Value = bytes.Repeat([]byte("x"), 3000)
		return f.Send(l, func() { n++ })
	}
	var err error
	for err == nil && n < 100 {
		err = send()
	}
	if !errors.Is(err, unix.ENOSPC) || n == 0 {
		t.Fatalf("%v after %d letters", err, n)
	}
	checkOffsets(t, offsetsIn(t, path), n)
	if a.metric(t, "dead_letter_failures_total") != 1 || !strings.Contains(a.lines(), "dead letters cannot be written, their records wait") {
		t.Errorf("log:\n%s", a.lines())
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := send(); err != nil {
		t.Fatal(err)
	}
	checkOffsets(t, offsetsIn(t, path), n)
	f.Close(time.Time{}) // before the file system goes
	if err := send(); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

// What cannot be written to is told at start.
func TestFileWrongPath(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, filepath.Join(dir, "none", "dead"), pipe} {
		if _, err := NewFile(newAgent().owner(t), path, Rotation{}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func BenchmarkFile(b *testing.B) {
	f := openFile(b, newAgent(), filepath.Join(b.TempDir(), "dead.jsonl"), Rotation{Size: 10 << 20, Files: 1})
	l := numberedLetter(1)
	l.Value = fmt.Appendf(nil, "%0300d", 1)
	b.SetBytes(300)
	for b.Loop() {
		if err := f.Send(l, func() {}); err != nil {
			b.Fatal(err)
		}
	}
}
