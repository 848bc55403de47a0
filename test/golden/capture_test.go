package golden_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

var update = flag.Bool("update", false, "write the chunks in common/chunk/testdata anew")

const goldens = "../../common/chunk/testdata"

// scenario is one way to make a chunk.
type scenario struct {
	name string
	// ours loads Tidegate's own plugins.
	ours bool
	// events is how many records the chunk has.
	events int
	// yaml tells that the configuration is of that form.
	yaml bool
	// prepare returns the configuration without the output, and what is to be done once the host runs, if anything. dir is a
	// folder for its files.
	prepare func(t *testing.T, dir string) (pipeline string, feed func(t *testing.T, h *harness.Host))
}

func TestCapturedChunksHaveTheShapeOfTheGoldenOnes(t *testing.T) {
	hosts, err := harness.Hosts()
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range hosts {
		for _, s := range []scenario{
			plain(), grouped(), tail(), kubernetes(), systemd(), forwardPacked(), forwardMessages(),
			otlpJSON(), otlpProtobuf(), kafkaInput(), multiline(),
		} {
			t.Run(host.Short()+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				if !host.FluentBit {
					t.Skip("needs Fluent Bit: the stand-in makes chunks of its own")
				}
				compare(t, s.name, s.capture(t, host))
			})
		}
	}
}

// capture runs the scenario until the chunk is whole.
func (s *scenario) capture(t *testing.T, host harness.HostBinary) []byte {
	t.Helper()
	dir, err := os.MkdirTemp("", "golden-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	pipeline, feed := s.prepare(t, dir)
	h := harness.StartHost(t, host, s.config(t, pipeline, dir))
	if feed != nil {
		feed(t, h)
	}
	var chunk []byte
	harness.Eventually(t, 30*time.Second, "the chunk", func() error {
		if h.Exited() {
			return harness.Hopeless{Err: errors.New("the host has ended")}
		}
		if chunk, err = os.ReadFile(filepath.Join(dir, "chunk")); err != nil {
			return err
		}
		events, open, err := decodeChunk(chunk)
		if err == nil && (open || len(events) < s.events) {
			err = fmt.Errorf("%d events of %d, in an open group: %v", len(events), s.events, open)
		}
		return err
	})
	h.Stop(t)
	return chunk
}

// config adds an output that writes the chunk to a file as it is.
func (s *scenario) config(t *testing.T, pipeline, dir string) harness.HostConfig {
	t.Helper()
	c := harness.HostConfig{BuiltIn: !s.ours}
	if !s.yaml {
		c.Pipeline = pipeline + "\n[OUTPUT]\n    Name file\n    Match *\n    File chunk\n    Format msgpack\n    Path " + dir
		return c
	}
	c.File = filepath.Join(dir, "host.yaml")
	text := pipeline + "\n  outputs:\n    - {name: file, match: '*', file: chunk, format: msgpack, path: " + dir + "}\n"
	if err := os.WriteFile(c.File, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return c
}

// compare holds a captured chunk against the golden one, or writes that.
func compare(t *testing.T, name string, chunk []byte) {
	t.Helper()
	file := filepath.Join(goldens, name+".msgpack")
	events, _, err := decodeChunk(chunk)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		for path, data := range map[string][]byte{file: chunk, filepath.Join(goldens, name+".txt"): []byte(describe(events))} {
			if err := os.WriteFile(path, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	golden, _, err := decodeChunk(b)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := shape(events), shape(golden); got != want {
		t.Errorf("captured now:\n%s\ngolden:\n%s", got, want)
	}
	// The descriptions are compared with what the product reads, so they must be those of the chunks.
	text, err := os.ReadFile(filepath.Join(goldens, name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	if want := describe(golden); string(text) != want {
		t.Errorf("%s.txt:\n%s\nthe chunk beside it:\n%s", name, text, want)
	}
}
