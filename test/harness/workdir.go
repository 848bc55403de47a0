package harness

import (
	"os"
	"sync/atomic"
	"testing"
)

// tailLines is how much of each log a failed test prints.
const tailLines = 50

// workDir is the temporary directory of one server: configuration, data and logs.
type workDir struct {
	path string
	keep atomic.Bool
}

func newWorkDir(name string) (*workDir, error) {
	path, err := os.MkdirTemp("", "tidegate-"+name+"-")
	return &workDir{path: path}, err
}

// remove deletes the directory unless a failed test wants it kept.
func (d *workDir) remove() {
	if !d.keep.Load() {
		os.RemoveAll(d.path)
	}
}

// server is what Watch needs to know of one.
type server interface {
	work() *workDir
	processes() []*Process
}

// Watch makes the failure of a test show these servers: the directory is kept and named,
// and the end of each log printed. StartX does it for its own; a test that uses a server
// of its package calls it.
func Watch(t testing.TB, servers ...server) {
	t.Helper()
	t.Cleanup(func() {
		if !t.Failed() {
			return
		}
		for _, s := range servers {
			s.work().keep.Store(true)
			for _, p := range s.processes() {
				t.Logf("%s: log %s, last lines:\n%s", p.Name, p.Log.Path, p.Log.Tail(tailLines))
			}
		}
	})
}
