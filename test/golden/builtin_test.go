package golden_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tidegate/tidegate/test/harness"
)

type feed = func(t *testing.T, h *harness.Host)

// plain is three events with metadata.
func plain() scenario {
	return scenario{name: "plain", events: 3, prepare: func(*testing.T, string) (string, feed) {
		return `
[INPUT]
    Name     dummy
    Samples  3
    Rate     100
    Metadata {"topic":"t","n":7}
    Dummy    {"deviceid":"garage","f":12,"m":1,"t":"18.21","nested":{"a":[1,-2,3.5,true,null,"xé"]}}
`, nil
	}}
}

// grouped is two events that a processor put into groups, with headers of five bytes on all maps.
func grouped() scenario {
	return scenario{name: "grouped", events: 2, yaml: true, prepare: func(*testing.T, string) (string, feed) {
		return `
service:
  flush: 0.2
pipeline:
  inputs:
    - name: dummy
      samples: 2
      rate: 100
      dummy: '{"message":"in a group","n":1}'
      processors:
        logs:
          - name: opentelemetry_envelope
`, nil
	}}
}

// tail is lines of a file with its name and the offset of each.
func tail() scenario {
	return scenario{name: "tail", events: 3, prepare: func(t *testing.T, dir string) (string, feed) {
		log := filepath.Join(dir, "app.log")
		if err := os.WriteFile(log, []byte("first line\nsecond: grüße\n\xff not UTF-8\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return `
[INPUT]
    Name           tail
    Path           ` + log + `
    Path_Key       file
    Offset_Key     offset
    Read_from_Head on
`, nil
	}}
}
