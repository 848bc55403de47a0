package harness

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// lokiStart is generous: two cores may be busy with other servers.
const lokiStart = 90 * time.Second

// Loki is a real server with its data in a temporary directory.
type Loki struct {
	URL string // without a path
	// Tenant is sent with each query where the server has AuthEnabled.
	Tenant string

	dir     *workDir
	process *Process
	limits  tenantLimits
}

// StartLoki starts a server for one test.
func StartLoki(t testing.TB, o LokiOptions) *Loki {
	t.Helper()
	l, err := NewLoki(o)
	if err != nil {
		t.Fatalf("starting loki: %v", err)
	}
	t.Cleanup(l.Close)
	Watch(t, l)
	return l
}

// NewLoki starts a server and returns when it is ready. The caller closes it.
func NewLoki(o LokiOptions) (*Loki, error) {
	binary, version, err := lokiBinary()
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		l := &Loki{}
		err := l.launch(binary, o)
		if err == nil {
			Progress("server: Grafana Loki %s", version)
			return l, nil
		}
		taken := l.process != nil && l.process.Log.Find(bindErrorRE) != ""
		l.Close()
		if !taken || try == startTries || o.Port != 0 {
			return nil, err
		}
	}
}

func (l *Loki) launch(binary string, o LokiOptions) (err error) {
	if l.dir, err = newWorkDir("loki"); err != nil {
		return err
	}
	ports, err := freePorts(2)
	if err != nil {
		return err
	}
	if o.Port != 0 {
		ports[0] = o.Port
	}
	text, err := lokiConfig(l.dir.path, ports[0], ports[1], o)
	if err != nil {
		return err
	}
	if err := l.limits.write(l.dir.path); err != nil {
		return err
	}
	config := filepath.Join(l.dir.path, "loki.yaml")
	if err := os.WriteFile(config, text, 0o644); err != nil {
		return err
	}
	l.URL = fmt.Sprintf("http://127.0.0.1:%d", ports[0])
	cmd := exec.Command(binary, "-config.file="+config)
	cmd.Dir = l.dir.path
	cmd.Env = append(os.Environ(), fmt.Sprintf("GOGC=%d", cmp.Or(o.GCPercent, 100)))
	if l.process, err = startProcess("loki", cmd, filepath.Join(l.dir.path, "loki.log")); err != nil {
		return err
	}
	return l.waitReady()
}

func (l *Loki) waitReady() error {
	return poll(lokiStart, func() error {
		if l.process.Exited() {
			return Hopeless{fmt.Errorf("loki ended:\n%s", l.process.Log.Tail(tailLines))}
		}
		answer, err := queryClient.Get(l.URL + "/ready")
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("%s: %s", answer.Status, text)
		}
		return nil
	})
}

// Address is where the server listens, without a scheme.
func (l *Loki) Address() string { return strings.TrimPrefix(l.URL, "http://") }

// Stop ends the server and keeps its data until Close.
func (l *Loki) Stop() { l.process.Kill() }

// Close kills the server, whose data goes with it.
func (l *Loki) Close() {
	for _, p := range l.processes() {
		p.Kill()
	}
	if l.dir != nil {
		l.dir.remove()
	}
}

func (l *Loki) work() *workDir { return l.dir }

func (l *Loki) processes() []*Process {
	if l.process == nil {
		return nil
	}
	return []*Process{l.process}
}
