package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

const (
	// calm is how long the machine is watched before the start.
	calm = 2 * time.Second
	// foreign is the share of the machine from which on other programs disturb a run.
	foreign = 0.10
)

// machine is what the figures were measured on.
type machine struct {
	CPU    string  `json:"cpu"`
	CPUs   int     `json:"cpus"`
	Kernel string  `json:"kernel"`
	Load   string  `json:"load_average_before"`
	Busy   float64 `json:"busy_before"` // share of all CPUs, others and this program together
}

func lookAtMachine() (machine, error) {
	m := machine{CPUs: runtime.NumCPU(), CPU: cpuModel(), Kernel: firstLine("/proc/sys/kernel/osrelease")}
	if fields := strings.Fields(firstLine("/proc/loadavg")); len(fields) > 3 {
		m.Load = strings.Join(fields[:3], " ")
	}
	before, err := readWork()
	if err != nil {
		return m, err
	}
	<-time.After(calm)
	after, err := readWork()
	if err != nil {
		return m, err
	}
	m.Busy = after.busy(before)
	return m, nil
}

func cpuModel() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

func firstLine(path string) string {
	text, _ := os.ReadFile(path)
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}

// work is how much all CPUs have worked and waited since the boot, and how much of the
// work was this program's and its servers'.
type work struct {
	worked, all, family time.Duration
}

func readWork() (w work, err error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return w, err
	}
	if w, err = parseWork(text); err != nil {
		return w, err
	}
	w.family, err = family()
	return w, err
}

// parseWork reads the first line of /proc/stat: user, nice, system, idle, iowait, irq,
// softirq and steal (guest times are in user). Time that the hypervisor gave to others is
// work here: it was missing.
func parseWork(text []byte) (w work, err error) {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	fields := bytes.Fields(line)
	if len(fields) < 9 || string(fields[0]) != "cpu" {
		return w, errors.New("reading /proc/stat: no line of all CPUs")
	}
	for i, field := range fields[1:9] {
		v, err := strconv.ParseInt(string(field), 10, 64)
		if err != nil {
			return w, fmt.Errorf("reading /proc/stat: %w", err)
		}
		w.all += time.Duration(v) * tick
		if i != 3 && i != 4 {
			w.worked += time.Duration(v) * tick
		}
	}
	return w, nil
}

// busy is the share of the machine that worked since an earlier moment.
func (w work) busy(earlier work) float64 { return share(w.worked-earlier.worked, w.all-earlier.all) }

// others is the share that programs had which this one did not start.
func (w work) others(earlier work) float64 {
	return share(w.worked-earlier.worked-(w.family-earlier.family), w.all-earlier.all)
}

func share(part, whole time.Duration) float64 {
	if whole <= 0 || part < 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
