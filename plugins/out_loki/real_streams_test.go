package outloki

import (
	"fmt"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// A chunk of 10,000 streams: each is stored under its label where the cardinality is not
// bounded, and else 1,000 are and the rest have the value as structured metadata. No record
// is missing, in either.
func TestRealTenThousandStreams(t *testing.T) {
	address := realLoki(t, "LOKI_MANY")
	const streams, parts, budget = 10_000, 4, 1000 // parts are as much as an answer holds
	f := func(name string, wantLabels int, settings ...string) {
		t.Run(name, func(t *testing.T) {
			job, now := jobName(t), time.Now()
			letters := filepath.Join(t.TempDir(), "dead.jsonl")
			o, log := newLimitedOutput(t, append(settings, "url="+address, "label_keys=job,app", "dead_letter_path="+letters)...)
			var data []byte
			for i := range streams {
				data = appendRecord(data, now.UnixNano(), "n", strconv.Itoa(i), "job", fmt.Sprint(job, "-", i%parts), "app", fmt.Sprint("app-", i))
			}
			untilOK(t, o, log, data)
			got := map[int]stored{}
			for part := range parts {
				for _, e := range foundIn(t, address, fmt.Sprintf("{job=\"%s-%d\"}", job, part), now.Add(-time.Hour)) {
					got[numberOf(t, e.line)] = e
				}
			}
			labels := 0
			for i := range streams {
				e, want := got[i], fmt.Sprint("app-", i)
				switch {
				case e.labels["app"] == want && e.metadata["app"] == "":
					labels++
				case e.labels["app"] != "" || e.metadata["app"] != want:
					t.Fatalf("record %d has labels %v and metadata %v: %s", i, e.labels, e.metadata, log)
				}
			}
			if dead := lettersIn(t, letters); labels != wantLabels || len(got) != streams || len(dead) != 0 {
				t.Errorf("%d stored, %d with the label, want %d; letters %v: %s", len(got), labels, wantLabels, dead, log)
			}
			if n := o.report.changed.Records(labelDemoted); n != int64(streams-wantLabels) {
				t.Errorf("%d demoted", n)
			}
		})
	}
	f("without a budget", streams, "label_cardinality=0")
	f("with the default", budget)
}
