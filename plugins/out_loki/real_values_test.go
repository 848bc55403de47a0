package outloki

import (
	"fmt"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/metric"
)

// Values that break label sets, lines and JSON, and the text that is to be found again: as
// they are, but for bytes that are no UTF-8, each of which becomes U+FFFD.
func TestRealOddValues(t *testing.T) {
	address := realLoki(t, "LOKI")
	values := map[string]string{
		"say \"hi\" \\ 'so' `too`":          "",
		"two\nlines\r\nand\ttabs\v\f\b\x1b": "",
		"nul\x00byte\x00":                   "",
		"emoji 😀 👩‍👩‍👧 grüße \u202e\u2028":  "",
		"{}=,;|~!\"}":                       "",
		"$TAG @x $$ ${n}":                   "",
		" spaces ":                          "",
		"\uFFFD":                            "",
		"\U0010FFFF\uFEFF\x7f":              "",
		"caf\xe9 latin":                     "caf\uFFFD latin",
		"\xff\xfe\x00":                      "\uFFFD\uFFFD\x00",
		"cut \xf0\x9f\x98":                  "cut \uFFFD\uFFFD\uFFFD",
		"surrogate \xed\xa0\x80":            "surrogate \uFFFD\uFFFD\uFFFD",
		"overlong \xc0\xaf":                 "overlong \uFFFD\uFFFD",
		"beyond \xf4\x90\x80\x80":           "beyond \uFFFD\uFFFD\uFFFD\uFFFD",
	}
	for _, format := range []string{"raw", "json"} {
		t.Run(format, func(t *testing.T) {
			job, now := jobName(t), time.Now()
			letters := filepath.Join(t.TempDir(), "dead.jsonl")
			settings := []string{"url=" + address, "labels=job=$job,v=$v", "structured_metadata=m=$v", "dead_letter_path=" + letters}
			if format == "raw" {
				settings = append(settings, "line_format=raw", "line_key=v")
			}
			o, log := newLimitedOutput(t, settings...)
			var data []byte
			for v := range values {
				data = appendRecord(data, now.UnixNano(), "job", job, "v", v)
			}
			untilOK(t, o, log, data)
			for v, want := range values {
				if want == "" {
					want = v
				}
				query := fmt.Sprintf("{job=%q, v=%s} | m = %[2]s", job, strconv.Quote(want))
				if format == "raw" {
					query += " |= " + strconv.Quote(want)
				} else {
					query += " | json w=\"v\" | w = " + strconv.Quote(want)
				}
				found := foundIn(t, address, query, now.Add(-time.Hour))
				if len(found) != 1 || found[0].labels["v"] != want || found[0].metadata["m"] != want || format == "raw" && found[0].line != want {
					t.Errorf("%s\ngot %+v", query, found)
				}
			}
			if n, dead := metric.Sum(o.report.counts.Delivered), lettersIn(t, letters); n != int64(len(values)) || len(dead) != 0 {
				t.Errorf("%d of %d delivered, letters %v: %s", n, len(values), dead, log)
			}
		})
	}
}
