package reasons_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidegate/tidegate/common/reasons"
	"github.com/tidegate/tidegate/common/throttle"
)

type why uint8

const (
	none why = iota
	tooOld
	tooLong
	count
)

func (w why) String() string { return [count]string{"", "too_old", "too_long"}[w] }

func TestBook(t *testing.T) {
	var log bytes.Buffer
	reg := prometheus.NewRegistry()
	book := reasons.NewBook(reasons.Table[why]{
		Count: count, Metric: "rejected_total", Help: "h", Message: "records rejected", Level: slog.LevelError,
		Check: func(w why) string { return "check " + w.String() },
	}, slog.New(slog.NewTextHandler(&log, nil)), reg)
	families, err := reg.Gather()
	if err != nil || len(families) != 1 || len(families[0].GetMetric()) != 2 {
		t.Errorf("at the start: %v, %v", families, err)
	}

	start := time.Now()
	enter := func(after time.Duration, w why, n int64, ex reasons.Example, want string) {
		t.Helper()
		log.Reset()
		var s reasons.Sums[why]
		s.Add(w, n, ex)
		s.Add(w, 1, reasons.Example{Text: "not the first"})
		if s.Records(w) != n+1 || s.Records(none) != 0 {
			t.Errorf("counted %d", s.Records(w))
		}
		book.Enter(start.Add(after), &s)
		if got := log.String(); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	enter(0, tooOld, 2, reasons.Example{Status: 400, Labels: `{a="b"}`, Text: "said so"},
		`level=ERROR msg="records rejected" reason=too_old records=3 status=400 labels="{a=\"b\"}" text="said so" check="check too_old"`)
	enter(time.Second, tooOld, 1, reasons.Example{}, "")
	enter(time.Second, tooLong, 1, reasons.Example{Topic: "t"}, "reason=too_long records=2 topic=t")
	enter(throttle.Quiet, tooOld, 4, reasons.Example{}, "reason=too_old records=7")
	enter(throttle.Quiet, tooOld, 1, reasons.Example{}, "")

	log.Reset()
	book.Close()
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "reason=too_old records=2") {
		t.Errorf("at the end: %q", got)
	}
	if book.Records(tooOld) != 12 || book.Total() != 14 {
		t.Errorf("sums %d and %d", book.Records(tooOld), book.Total())
	}
}

func TestClip(t *testing.T) {
	for text, want := range map[string]string{
		"\ta\n":                     "a",
		"\xff":                      "\uFFFD",
		strings.Repeat("x", 600):    strings.Repeat("x", 512) + "…",
		strings.Repeat("€", 171):    strings.Repeat("€", 170) + "…", // 512 is within the 171st
		strings.Repeat("x", 512):    strings.Repeat("x", 512),
		"x" + string(rune(0x10000)): "x\U00010000",
	} {
		if got := reasons.Clip(text); got != want || !utf8.ValidString(got) {
			t.Errorf("%.20q: got %.20q, %d bytes", text, got, len(got))
		}
	}
}
