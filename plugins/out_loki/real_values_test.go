package outloki

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/metric"
)

// breakingTexts break label sets, lines and JSON where they are not written with care.
var breakingTexts = []string{
	"say \"hi\" \\ 'so' `too`",
	"two\nlines\r\nand\ttabs\v\f\b\x1b",
	"nul\x00byte\x00",
	"emoji 😀 👩‍👩‍👧 grüße \u202e\u2028",
	"{}=,;|~!\"}",
	"$TAG @x $$ ${n}",
	" spaces ",
	"\U0010FFFF\uFEFF\x7f",
}

// wrongTexts are no UTF-8, and what is stored: each wrong byte is U+FFFD.
var wrongTexts = map[string]string{
	"\uFFFD itself":           "\uFFFD itself",
	"caf\xe9 latin":           "caf\uFFFD latin",
	"\xff\xfe\x00":            "\uFFFD\uFFFD\x00",
	"cut \xf0\x9f\x98":        "cut \uFFFD\uFFFD\uFFFD",
	"surrogate \xed\xa0\x80":  "surrogate \uFFFD\uFFFD\uFFFD",
	"overlong \xc0\xaf":       "overlong \uFFFD\uFFFD",
	"beyond \xf4\x90\x80\x80": "beyond \uFFFD\uFFFD\uFFFD\uFFFD",
}

// Odd values are found again by what they are, as a label, as metadata and in the line. Of
// those that are no UTF-8 each wrong byte is a question mark in a label, since Loki takes no
// U+FFFD there, and a space in metadata, which Loki makes of it.
func TestRealOddValues(t *testing.T) {
	address := realLoki(t, "LOKI")
	for format, line := range map[string]string{
		"raw":  " |= %s",
		"json": " | json w=\"v\" | w = %s",
	} {
		t.Run(format, func(t *testing.T) {
			job, now := jobName(t), time.Now()
			letters := filepath.Join(t.TempDir(), "dead.jsonl")
			settings := []string{"url=" + address, "labels=job=$job,v=$label", "structured_metadata=m=$v", "line_format=" + format, "dead_letter_path=" + letters}
			if format == "raw" {
				settings = append(settings, "line_key=v")
			}
			o, log := newLimitedOutput(t, settings...)
			var data []byte
			for _, v := range breakingTexts {
				data = appendRecord(data, now.UnixNano(), "job", job, "v", v, "label", v)
			}
			for v := range wrongTexts {
				data = appendRecord(data, now.UnixNano(), "job", job, "v", v, "label", v)
			}
			untilOK(t, o, log, data)
			find := func(label, want string) {
				t.Helper()
				metadata := strings.ReplaceAll(want, "\uFFFD", " ")
				text := want
				if format == "json" {
					text = metadata // Loki's json makes spaces as well, of what it takes out of a line
				}
				query := fmt.Sprintf("{job=%q, v=%q} | m = %q", job, label, metadata) + fmt.Sprintf(line, strconv.Quote(text))
				found := foundIn(t, address, query, now.Add(-time.Hour))
				if len(found) != 1 || found[0].labels["v"] != label || found[0].metadata["m"] != metadata || format == "raw" && found[0].line != want {
					t.Errorf("%s\ngot %+v", query, found)
				}
			}
			for _, v := range breakingTexts {
				find(v, v)
			}
			for _, want := range wrongTexts {
				find(strings.ReplaceAll(want, "\uFFFD", "?"), want)
			}
			all := int64(len(breakingTexts) + len(wrongTexts))
			if n := metric.Sum(o.report.counts.Delivered); n != all || strings.Contains(log.String(), "rejected") {
				t.Errorf("%d of %d delivered: %s", n, all, log)
			}
		})
	}
}
