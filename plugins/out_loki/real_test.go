package outloki

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/metric"
	"github.com/tidegate/tidegate/common/plugin"
)

// The tests in this file ask a real Loki. The tests of test/e2e start one, and
// run them with its address.

// realLoki returns the address in an environment variable.
func realLoki(t *testing.T, variable string) string {
	t.Helper()
	address := os.Getenv(variable)
	if address == "" {
		t.Skip("needs the address of a Loki in " + variable)
	}
	return address
}

// stored is an entry that a real Loki gave back.
type stored struct {
	labels   map[string]string
	metadata map[string]string
	time     int64
	line     string
}

// storedIn returns the entries of a job, by the number in the field n.
func storedIn(t *testing.T, address, job string) map[int]stored {
	t.Helper()
	all := map[int]stored{}
	from, to := time.Now().Add(-14*24*time.Hour), time.Now().Add(time.Hour)
	for ; from.Before(to); from = from.Add(24 * time.Hour) {
		for _, e := range foundIn(t, address, `{job="`+job+`"}`, from) {
			all[numberOf(t, e.line)] = e
		}
	}
	return all
}

// numberOf reads the front of a line, which may be cut.
func numberOf(t *testing.T, line string) int {
	t.Helper()
	_, rest, _ := strings.Cut(line, `"n":"`)
	text, _, _ := strings.Cut(rest, `"`)
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("no number in %.80s", line)
	}
	return n
}

// lettersIn returns the reasons of the letters in a file, by number.
func lettersIn(t *testing.T, path string) map[int]string {
	t.Helper()
	all := map[int]string{}
	file, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(file))
	lines.Buffer(nil, 8<<20)
	for lines.Scan() {
		var l struct{ Reason, Error, Value string }
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		n := numberOf(t, l.Value)
		if before, is := all[n]; is {
			t.Errorf("record %d has two letters, %s and %s", n, before, l.Reason)
		}
		all[n] = l.Reason
	}
	return all
}

// untilOK flushes a chunk as the engine does, until it is settled.
func untilOK(t *testing.T, o *Output, log *logBuffer, data []byte) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; {
		switch r := o.Flush(t.Context(), "tag", data); {
		case r == plugin.OK:
			return
		case r == plugin.Error || time.Now().After(end):
			t.Fatalf("got %v: %s", r, log)
		}
		wait(t, 100*time.Millisecond)
	}
}

// wait lets a real server's clock move on.
func wait(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}

func jobName(t *testing.T) string {
	return fmt.Sprint(strings.NewReplacer("/", "_").Replace(t.Name()), time.Now().UnixNano())
}

// thousand is a chunk of 1,000 records, three of which break limits: 100 is a
// stream of 17 labels, 200 is eight days old, 300 has a line of 300,000 bytes.
func thousand(job string, now time.Time) (data []byte) {
	for i := range 1000 {
		at := now.Add(time.Duration(i-1000) * time.Millisecond).UnixNano()
		pairs := []string{"n", strconv.Itoa(i), "job", job, "app", "a" + strconv.Itoa(i%3)}
		switch i {
		case 100:
			for l := range 15 {
				pairs = append(pairs, fmt.Sprintf("l%02d", l), "x")
			}
		case 200:
			at = now.Add(-8 * 24 * time.Hour).UnixNano()
			pairs[5] = "old"
		case 300:
			pairs = append(pairs, "m", strings.Repeat("€", 100_000))
		}
		data = appendRecord(data, at, pairs...)
	}
	return data
}

func thousandLabels() string {
	keys := "label_keys=job,app"
	for l := range 15 {
		keys += fmt.Sprintf(",l%02d", l)
	}
	return keys
}

func TestRealThousandWithoutLimits(t *testing.T) {
	address, job := realLoki(t, "LOKI"), jobName(t)
	letters := filepath.Join(t.TempDir(), "dead.jsonl")
	o, log := newTestOutput(t, "url="+address, thousandLabels(), "dead_letter_path="+letters)
	untilOK(t, o, log, thousand(job, time.Now()))
	got, dead := storedIn(t, address, job), lettersIn(t, letters)
	want := map[int]string{100: "label_limit", 200: "too_old", 300: "line_too_long"}
	for i := range 1000 {
		_, is := got[i]
		if why := want[i]; dead[i] != why || is == (why != "") {
			t.Errorf("record %d: stored %v, letter %q, want %q", i, is, dead[i], why)
		}
	}
	if n := metric.Sum(o.report.counts.Delivered); n != 997 || o.report.rejected.Total() != 3 || len(got) != 997 {
		t.Errorf("counted %d delivered and %d rejected; %d are stored", n, o.report.rejected.Total(), len(got))
	}
}

func TestRealThousandWithLimits(t *testing.T) {
	address, job := realLoki(t, "LOKI"), jobName(t)
	letters := filepath.Join(t.TempDir(), "dead.jsonl")
	o, log := newLimitedOutput(t, "url="+address, thousandLabels(), "dead_letter_path="+letters)
	now := time.Now()
	untilOK(t, o, log, thousand(job, now))
	// An entry of days ago is found once its chunk has left the ingester's memory.
	if resp, err := http.Post(address+"/flush", "", nil); err != nil || resp.Body.Close() != nil {
		t.Fatal(err)
	}
	got, dead := storedIn(t, address, job), lettersIn(t, letters)
	for end := time.Now().Add(20 * time.Second); len(got) < 1000 && time.Now().Before(end); {
		wait(t, 200*time.Millisecond)
		got = storedIn(t, address, job)
	}
	for i := range 1000 {
		if _, is := got[i]; !is {
			t.Errorf("record %d is not stored", i)
		}
	}
	if t.Failed() || len(dead) != 0 {
		t.Fatalf("%d are stored, letters %v: %s", len(got), dead, log)
	}
	many := got[100]
	if delete(many.labels, "service_name"); len(many.labels) != 15 || many.metadata["l13"] != "x" || many.metadata["l14"] != "x" {
		t.Errorf("many labels: %v, metadata %v", many.labels, many.metadata)
	}
	old := now.Add(-8 * 24 * time.Hour)
	if e := got[200]; e.metadata[originalTime] != old.UTC().Format(time.RFC3339Nano) || now.Sub(time.Unix(0, e.time)) > 7*24*time.Hour {
		t.Errorf("old: %v, metadata %v", time.Unix(0, e.time), e.metadata)
	}
	if e := got[300]; len(e.line) > 256<<10 || len(e.line) < 256<<10-3 || !strings.HasSuffix(e.line, "€"+cutMark) {
		t.Errorf("long: %d bytes, end %q", len(e.line), e.line[len(e.line)-20:])
	}
	for change, want := range map[change]int64{labelsMoved: 2, timeOld: 1, lineCut: 1} {
		if n := o.report.changed.Records(change); n != want {
			t.Errorf("%v: %d, want %d", change, n, want)
		}
	}
}

// twoStreams is a chunk of ten records of each of two streams, a before b.
func twoStreams(job string, first int, a, b time.Time) (data []byte) {
	for i := range 20 {
		app, at := "a", a
		if i >= 10 {
			app, at = "b", b
		}
		data = appendRecord(data, at.Add(time.Duration(i)*time.Millisecond).UnixNano(), "n", strconv.Itoa(first+i), "job", job, "app", app)
	}
	return data
}

// Entries beyond the out-of-order window in the first of two streams: Loki's
// answer to such a push is 204, and they are gone. Alone they are refused, and
// have a letter.
func TestRealBehindTheWindow(t *testing.T) {
	address := realLoki(t, "LOKI")
	f := func(name string, restart bool, wantStored, wantDead int, settings ...string) {
		t.Run(name, func(t *testing.T) {
			job := jobName(t)
			letters := filepath.Join(t.TempDir(), "dead.jsonl")
			settings := append(settings, "url="+address, "label_keys=job,app", "dead_letter_path="+letters)
			o, log := newLimitedOutput(t, settings...)
			now := time.Now()
			untilOK(t, o, log, twoStreams(job, 0, now, now))
			if restart {
				o.Close()
				o, log = newLimitedOutput(t, settings...)
			}
			untilOK(t, o, log, twoStreams(job, 20, now.Add(-2*time.Hour), now.Add(time.Second)))
			got, dead := storedIn(t, address, job), lettersIn(t, letters)
			if len(got) != wantStored || len(dead) != wantDead {
				t.Errorf("%d stored, %d letters; want %d and %d: %s", len(got), len(dead), wantStored, wantDead, log)
			}
			for n, why := range dead {
				if _, is := got[n]; is || why != "too_far_behind" {
					t.Errorf("record %d: stored %v, letter %s", n, is, why)
				}
			}
		})
	}
	f("on", false, 30, 10)
	f("after a restart", true, 30, 10)
	// Without the window, they are in the last stream of their push at least.
	f("off", false, 30, 10, "out_of_order_window=0")
	t.Run("in one push, in that order", func(t *testing.T) {
		job := jobName(t)
		o, _ := newTestOutput(t, "url="+address, "label_keys=job,app")
		now := time.Now()
		first, second := pushAsItIs(t, o, twoStreams(job, 0, now, now)), pushAsItIs(t, o, twoStreams(job, 20, now.Add(-2*time.Hour), now))
		if got := storedIn(t, address, job); first != http.StatusNoContent || second != http.StatusNoContent || len(got) != 30 {
			t.Errorf("%d and %d, %d stored: Loki does not do what all this is for", first, second, len(got))
		}
	})
}

// pushAsItIs pushes a chunk at once, streams by their oldest entry, and returns
// the answer's status.
func pushAsItIs(t *testing.T, o *Output, data []byte) int {
	t.Helper()
	b := o.batches.Get().(*batch)
	read(b, data)
	b.sort()
	b.grouping.count(b.entries, b.streams.texts.len())
	b.grouping.gather(b.entries)
	rep, _ := o.client.Post(t.Context(), newHeader(""), new(packer).pack(b, b.entries))
	return rep.Status
}

// A server whose window is smaller than the output believes. The oldest entry of
// a push is in its last stream, for which the answer speaks.
func TestRealSmallWindowTold(t *testing.T) {
	address, job := realLoki(t, "LOKI_SMALL"), jobName(t)
	letters := filepath.Join(t.TempDir(), "dead.jsonl")
	o, log := newLimitedOutput(t, "url="+address, "label_keys=job,app", "dead_letter_path="+letters)
	now := time.Now()
	untilOK(t, o, log, twoStreams(job, 0, now, now))
	untilOK(t, o, log, twoStreams(job, 20, now.Add(-20*time.Minute), now))
	got, dead := storedIn(t, address, job), lettersIn(t, letters)
	if len(got) != 30 || len(dead) != 10 || !strings.Contains(log.String(), "set it to half of the ingester's max_chunk_age") {
		t.Errorf("%d stored, %d letters: %s", len(got), len(dead), log)
	}
}

// Its first answer that tells is heeded for what else was in the push.
func TestRealSmallWindow(t *testing.T) {
	address, job := realLoki(t, "LOKI_SMALL"), jobName(t)
	letters := filepath.Join(t.TempDir(), "dead.jsonl")
	o, log := newLimitedOutput(t, "url="+address, "label_keys=job,app", "dead_letter_path="+letters)
	now := time.Now()
	untilOK(t, o, log, twoStreams(job, 0, now, now))
	untilOK(t, o, log, twoStreams(job, 20, now.Add(-20*time.Minute), now.Add(-20*time.Minute)))
	untilOK(t, o, log, twoStreams(job, 40, now.Add(-20*time.Minute), now.Add(time.Second)))
	got, dead := storedIn(t, address, job), lettersIn(t, letters)
	if len(got) != 30 || len(dead) != 30 || !strings.Contains(log.String(), "set it to half of the ingester's max_chunk_age") {
		t.Errorf("%d stored, %d letters: %s", len(got), len(dead), log)
	}
}

// A thousand entries that are older than this Loki takes, each in a second of its
// own: its answer is longer than what is read of it. They are beyond no limit that
// the output knows of.
func TestRealCutAnswer(t *testing.T) {
	address, job := realLoki(t, "LOKI_SMALL"), jobName(t)
	letters := filepath.Join(t.TempDir(), "dead.jsonl")
	o, log := newLimitedOutput(t, "url="+address, "label_keys=job", "dead_letter_path="+letters)
	now := time.Now()
	var data []byte
	for i := range 1100 {
		at := now.Add(-30*time.Hour + time.Duration(i)*time.Second)
		if i >= 1000 {
			at = now.Add(time.Duration(i-1100) * time.Millisecond)
		}
		data = appendRecord(data, at.UnixNano(), "n", strconv.Itoa(i), "job", job)
	}
	untilOK(t, o, log, data)
	got, dead := storedIn(t, address, job), lettersIn(t, letters)
	for i := range 1100 {
		_, is := got[i]
		if old := i < 1000; is == old || (dead[i] == "too_old") != old {
			t.Fatalf("record %d: stored %v, letter %q; %d stored, %d letters: %s", i, is, dead[i], len(got), len(dead), log)
		}
	}
	if n := metric.Sum(o.report.counts.Delivered); n != 100 || len(dead) != 1000 {
		t.Errorf("%d count as delivered, %d letters", n, len(dead))
	}
}

// Two streams above this Loki's rate in one push, of which the output knows
// nothing: none of their entries counts as delivered that is not stored.
func TestRealStreamRateOfSeveral(t *testing.T) {
	address, job := realLoki(t, "LOKI_SMALL"), jobName(t)
	o, log := newLimitedOutput(t, "url="+address, "label_keys=job,app")
	now := time.Now()
	untilOK(t, o, log, twoStreams(job, 0, now, now))
	var data []byte
	const records = 400
	for i := range records {
		now = now.Add(time.Millisecond)
		data = appendRecord(data, now.UnixNano(), "n", strconv.Itoa(100+i), "job", job, "app", string("ab"[i%2]), "m", strings.Repeat("x", 1000))
	}
	untilOK(t, o, log, data)
	if got := storedIn(t, address, job); len(got) != records+20 || !strings.Contains(log.String(), "smaller than max_stream_rate") {
		t.Errorf("%d of %d are stored: %s", len(got), records+20, log)
	}
}

// hotChunks are three chunks with one stream of 100,000 bytes, and one of few.
func hotChunks(job string) (chunks [][]byte, records int) {
	now := time.Now()
	for range 3 {
		var data []byte
		for i := range 60 {
			app, size := "hot", 2000
			if i%6 == 5 {
				app, size = "quiet", 10
			}
			now = now.Add(time.Millisecond)
			data = appendRecord(data, now.UnixNano(), "n", strconv.Itoa(records), "job", job, "app", app, "m", strings.Repeat("x", size))
			records++
		}
		chunks = append(chunks, data)
	}
	return chunks, records
}

// One stream above its rate beside one that is not: nothing is lost.
func TestRealStreamRate(t *testing.T) {
	address := realLoki(t, "LOKI_SMALL")
	f := func(name string, settings ...string) {
		t.Run(name, func(t *testing.T) {
			job := jobName(t)
			letters := filepath.Join(t.TempDir(), "dead.jsonl")
			o, log := newLimitedOutput(t, append(settings, "url="+address, "label_keys=job,app", "dead_letter_path="+letters)...)
			chunks, records := hotChunks(job)
			for _, data := range chunks {
				untilOK(t, o, log, data)
			}
			if got, dead := storedIn(t, address, job), lettersIn(t, letters); len(got) != records || len(dead) != 0 {
				t.Errorf("%d of %d are stored, letters %v: %s", len(got), records, dead, log)
			}
		})
	}
	f("on", "max_stream_rate=64Ki", "max_stream_burst=128Ki")
	t.Run("in one push", func(t *testing.T) {
		job := jobName(t)
		o, _ := newTestOutput(t, "url="+address, "label_keys=job,app")
		chunks, records := hotChunks(job)
		for _, data := range chunks {
			if status := pushAsItIs(t, o, data); status != http.StatusNoContent {
				t.Fatalf("status %d", status)
			}
		}
		if got := storedIn(t, address, job); len(got) == records {
			t.Error("Loki does not do what all this is for")
		}
	})
}

// What the distributor refuses is hidden where an ingester refuses something
// too: those streams are asked for alone.
func TestRealHiddenByAnIngester(t *testing.T) {
	address, job := realLoki(t, "LOKI"), jobName(t)
	letters := filepath.Join(t.TempDir(), "dead.jsonl")
	o, log := newTestOutput(t, "url="+address, "label_keys=job,app", "dead_letter_path="+letters)
	now := time.Now()
	untilOK(t, o, log, twoStreams(job, 0, now, now))
	data := twoStreams(job, 20, now.Add(-2*time.Hour), now)
	data = appendRecord(data, now.UnixNano(), "n", "40", "job", job, "app", "b", "m", strings.Repeat("x", 300_000))
	data = appendRecord(data, now.UnixNano(), "n", "41", "job", job, "app", strings.Repeat("c", 3000))
	data = appendRecord(data, now.UnixNano(), "n", "42", "job", job, "app", "b")
	untilOK(t, o, log, data)
	got, dead := storedIn(t, address, job), lettersIn(t, letters)
	if _, is := got[42]; !is || len(got) != 31 || len(dead) != 12 || dead[20] != "too_far_behind" || dead[40] != "line_too_long" || dead[41] != "label_limit" {
		t.Errorf("%d stored, letters %v: %s", len(got), dead, log)
	}
}

// More streams than Loki makes: the others wait, and are not taken for stored.
func TestRealStreamCount(t *testing.T) {
	address, job := realLoki(t, "LOKI_FEW"), jobName(t)
	o, log := newLimitedOutput(t, "url="+address, "label_keys=job,app", "give_up_after=1s", "dead_letter_path="+filepath.Join(t.TempDir(), "dead"))
	var data []byte
	now := time.Now()
	const streams = 24
	for i := range streams {
		data = appendRecord(data, now.UnixNano(), "n", strconv.Itoa(i), "job", job, "app", strconv.Itoa(i%12))
	}
	if r := o.Flush(t.Context(), "tag", data); r != plugin.Retry || !strings.Contains(log.String(), "active stream limit") {
		t.Fatalf("got %v: %s", r, log)
	}
	got := storedIn(t, address, job)
	if n := metric.Sum(o.report.counts.Delivered); n != int64(len(got)) || n == 0 || n == streams {
		t.Errorf("counted %d, %d are stored", n, len(got))
	}
	o.now = func() time.Time { return time.Now().Add(2 * time.Second) }
	untilOK(t, o, log, appendRecord(nil, now.UnixNano(), "n", "99", "job", job, "app", firstOf(got)))
	untilOK(t, o, log, data)
	if n := o.report.rejected.Records(givenUp); n != int64(streams-len(got)) {
		t.Errorf("%d given up, %d stored of %d", n, len(got), streams)
	}
	thatHidesNone(t, address, job, firstOf(got))
}

// thatHidesNone starts anew at a tenant that has as many streams as it may. Which
// it does not know: the answer for one that is there must not hide that Loki makes
// none of the others.
func thatHidesNone(t *testing.T, address, job, there string) {
	t.Helper()
	o, log := newLimitedOutput(t, "url="+address, "label_keys=job,app", "dead_letter_path="+filepath.Join(t.TempDir(), "dead"))
	now, before := time.Now(), len(storedIn(t, address, job))
	data := appendRecord(nil, now.Add(-time.Second).UnixNano(), "n", "100", "job", job, "app", there)
	for i := range 10 {
		data = appendRecord(data, now.UnixNano(), "n", strconv.Itoa(101+i), "job", job, "app", "new"+strconv.Itoa(i))
	}
	if r := o.Flush(t.Context(), "tag", data); r != plugin.Retry || !strings.Contains(log.String(), "active stream limit") {
		t.Errorf("after a restart: got %v: %s", r, log)
	}
	if got, n := len(storedIn(t, address, job))-before, metric.Sum(o.report.counts.Delivered); got != 1 || n != 1 {
		t.Errorf("after a restart: %d count as delivered, %d are stored", n, got)
	}
}

func firstOf(got map[int]stored) string {
	for _, e := range got {
		return e.labels["app"]
	}
	return ""
}

// Chunks of all sizes, in both compressions.
func TestRealSizes(t *testing.T) {
	address := realLoki(t, "LOKI")
	for _, compress := range []string{compressSnappy, compressGzip} {
		job := jobName(t)
		o, log := newLimitedOutput(t, "url="+address, "label_keys=job,app", "compress="+compress)
		if r := o.Flush(t.Context(), "tag", []byte{7}); r != plugin.Error {
			t.Errorf("a chunk of one byte: got %v", r)
		}
		number, now := 0, time.Now()
		for _, size := range []int{40, 1000, 1 << 20, 3 << 20, 50 << 20} {
			var data []byte
			filler := strings.Repeat("0123456789abcdef", max(size/5000, 1)/16+1)
			for len(data) < size {
				now = now.Add(time.Microsecond)
				data = appendRecord(data, now.UnixNano(), "n", strconv.Itoa(number), "job", job, "app", strconv.Itoa(number%5), "m", filler)
				number++
			}
			untilOK(t, o, log, data)
		}
		if n := countIn(t, address, job); n != number || metric.Sum(o.report.counts.Delivered) != int64(number) {
			t.Errorf("%s: %d of %d are stored, %d counted", compress, n, number, metric.Sum(o.report.counts.Delivered))
		}
	}
}

// countIn asks Loki how many entries a job has, copies counted.
func countIn(t *testing.T, address, job string) int {
	t.Helper()
	query := url.Values{"query": {`sum(count_over_time({job="` + job + `"}[1h]))`}, "time": {strconv.FormatInt(time.Now().Add(time.Minute).UnixNano(), 10)}}
	resp, err := http.Get(address + "/loki/api/v1/query?" + query.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var answer struct {
		Data struct{ Result []struct{ Value [2]any } }
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || len(answer.Data.Result) == 0 {
		t.Fatalf("%s: %v", resp.Status, err)
	}
	n, _ := strconv.Atoi(fmt.Sprint(answer.Data.Result[0].Value[1]))
	return n
}

// A single stream whose entries are on both sides of the window: the verdict
// knows which are stored.
func TestRealPartOfAStream(t *testing.T) {
	address, job := realLoki(t, "LOKI"), jobName(t)
	letters := filepath.Join(t.TempDir(), "dead.jsonl")
	o, log := newLimitedOutput(t, "url="+address, "label_keys=job", "dead_letter_path="+letters)
	now := time.Now()
	untilOK(t, o, log, appendRecord(nil, now.UnixNano(), "n", "0", "job", job))
	var data []byte
	for i := 1; i <= 100; i++ {
		data = appendRecord(data, now.Add(-2*time.Hour+time.Duration(i)*time.Minute).UnixNano(), "n", strconv.Itoa(i), "job", job)
	}
	untilOK(t, o, log, data)
	got, dead := storedIn(t, address, job), lettersIn(t, letters)
	var wrong []int
	for i := 1; i <= 100; i++ {
		if _, is := got[i]; is == (dead[i] == "too_far_behind") || is != (i >= 60) {
			wrong = append(wrong, i)
		}
	}
	// At 60 it is for Loki to say: its newest entry is an hour younger, to the nanosecond.
	if wrong = slices.DeleteFunc(wrong, func(i int) bool { return i == 60 }); len(wrong) > 0 || len(got)+len(dead) != 101 {
		t.Errorf("wrong %v, %d stored, %d letters: %s", wrong, len(got), len(dead), log)
	}
}
