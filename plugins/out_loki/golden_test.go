package outloki

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/plugin"
)

var update = flag.Bool("update", false, "write what is pushed into testdata")

// pushesVariable names a folder to which TestGolden writes each push as it was sent, for a
// reader that is not ours: test/golden reads them with Loki's own types.
const pushesVariable = "GOLDEN_PUSHES"

// keepPushes writes what a server gets, as CHUNK-NUMBER.TENANT.snappy.
func keepPushes(t *testing.T, server *loki) {
	dir := os.Getenv(pushesVariable)
	if dir == "" {
		return
	}
	inner, n := server.Config.Handler, 0
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		n++
		name := fmt.Sprintf("%s-%03d.%s.snappy", filepath.Base(t.Name()), n, req.Header.Get("X-Scope-OrgID"))
		if err := errors.Join(err, os.WriteFile(filepath.Join(dir, name), body, 0o600)); err != nil {
			t.Error(err)
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		inner.ServeHTTP(w, req)
	})
}

// TestGolden holds every push that comes of chunks which a real Fluent Bit made
// (common/chunk/testdata) against testdata. A file there begins with the chunk's
// tag and the options; the pushes follow as the test's own decoder reads them.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 13 {
		t.Fatalf("%d golden files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			head, want, _ := strings.Cut(string(text), "\n\n")
			got := goldenPushes(t, head)
			if *update {
				if err := os.WriteFile(file, []byte(head+"\n\n"+got), 0o600); err != nil {
					t.Fatal(err)
				}
			} else if got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// goldenPushes sends the chunk that a file's head tells, with its options.
func goldenPushes(t *testing.T, head string) string {
	t.Helper()
	var file, tag string
	var settings []string
	for _, line := range strings.Split(head, "\n") {
		switch name, value, _ := strings.Cut(line, " "); name {
		case "chunk":
			file = value
		case "tag":
			tag = value
		default:
			settings = append(settings, name+"="+value)
		}
	}
	data, err := os.ReadFile("../../common/chunk/testdata/" + file + ".msgpack")
	if err != nil {
		t.Fatal(err)
	}
	server := startLoki(t, always(204, ""))
	keepPushes(t, server)
	o, log := newTestOutput(t, append(settings, "url="+server.URL, "parallel=1")...) // in one order
	made(o, tag, data)
	if r := o.Flush(t.Context(), tag, data); r != plugin.OK {
		t.Fatalf("got %v: %s", r, log)
	}
	var b strings.Builder
	for i, push := range server.pushes {
		fmt.Fprintf(&b, "push %d, tenant %q\n", i+1, server.heads[i].Header.Get("X-Scope-OrgID"))
		for _, s := range push {
			fmt.Fprintf(&b, "  %s\n", s.labels)
			for _, l := range s.lines {
				fmt.Fprintf(&b, "    %s %q\n", time.Unix(0, l.time).UTC().Format(time.RFC3339Nano), l.text)
				if l.metadata != "" {
					fmt.Fprintf(&b, "      %q\n", l.metadata)
				}
			}
		}
	}
	return b.String()
}
