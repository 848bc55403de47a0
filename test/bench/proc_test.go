package main

import (
	"os"
	"testing"
	"time"
)

func TestParseTimes(t *testing.T) {
	const line = "4711 (a) b (c)) S 42 4711 4711 0 -1 4194304 9 8 7 6 150 25 30 5 20 0 12 0 99\n"
	got, err := parseTimes([]byte(line))
	want := processTimes{parent: 42, own: 1750 * time.Millisecond, children: 350 * time.Millisecond}
	if err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

func TestParseTimesErrors(t *testing.T) {
	for _, line := range []string{"", "1 (x) S 1", "no name S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", "1 (x) S 1 1 1 0 -1 0 9 8 7 6 1x 25 30 5 20"} {
		if got, err := parseTimes([]byte(line)); err == nil {
			t.Errorf("%q is read as %+v", line, got)
		}
	}
}

func TestParseWork(t *testing.T) {
	before, err := parseWork([]byte("cpu  100 0 50 800 50 0 0 0 7 0\ncpu0 1 2 3\n"))
	if err != nil {
		t.Fatal(err)
	}
	after, err := parseWork([]byte("cpu  130 0 70 930 60 5 0 5 9 0\n"))
	if err != nil {
		t.Fatal(err)
	}
	after.family = 200 * time.Millisecond
	if got := after.busy(before); got != 0.3 {
		t.Errorf("60 of 200 ticks worked: got a share of %v", got)
	}
	if got := after.others(before); got != 0.2 {
		t.Errorf("40 of 200 ticks were not ours: got a share of %v", got)
	}
}

func TestParseWorkErrors(t *testing.T) {
	for _, text := range []string{"", "cpu 1 2 3\n", "cpu0 1 2 3 4 5 6 7 8\n", "cpu 1 2 3 x 5 6 7 8\n"} {
		if got, err := parseWork([]byte(text)); err == nil {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

// The kernel's own files have the form that is expected.
func TestReadThisProcess(t *testing.T) {
	times, err := readTimes(os.Getpid())
	if err != nil || times.parent != os.Getppid() {
		t.Errorf("got %+v, %v; the parent is %d", times, err, os.Getppid())
	}
	if rss, err := peakRSS(os.Getpid()); err != nil || rss < 1<<20 {
		t.Errorf("peak RSS of %d bytes, %v", rss, err)
	}
	if w, err := readWork(); err != nil || w.all < w.worked || w.worked < w.family {
		t.Errorf("got %+v, %v", w, err)
	}
}
