package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// tick is the unit of CPU times under /proc: USER_HZ, which is 100 on every Linux that
// Go runs on.
const tick = 10 * time.Millisecond

// processTimes are the CPU times of a process since its start.
type processTimes struct {
	parent   int
	own      time.Duration // user and system, all threads, those that ended too
	children time.Duration // the same of children that ended
}

// readTimes reads /proc/<pid>/stat.
func readTimes(pid int) (processTimes, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return processTimes{}, err
	}
	return parseTimes(text)
}

// parseTimes takes fields 4 and 14 to 17, counted as in proc(5). The second is a name in
// parentheses, which may hold spaces and parentheses itself.
func parseTimes(text []byte) (t processTimes, err error) {
	end := bytes.LastIndexByte(text, ')')
	fields := bytes.Fields(text[end+1:])
	if end < 0 || len(fields) < 15 {
		return t, errors.New("reading a process: too few fields")
	}
	at := func(field int) int64 {
		v, e := strconv.ParseInt(string(fields[field-3]), 10, 64)
		err = errors.Join(err, e)
		return v
	}
	t.parent = int(at(4))
	t.own = time.Duration(at(14)+at(15)) * tick
	t.children = time.Duration(at(16)+at(17)) * tick
	return t, err
}

// peakRSS is the most memory that a process has had in RAM, in bytes.
func peakRSS(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(text) {
		if rest, ok := bytes.CutPrefix(line, []byte("VmHWM:")); ok {
			kib, err := strconv.ParseInt(string(bytes.Fields(rest)[0]), 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("process %d has no VmHWM", pid)
}

// family is the CPU time of this process and of all that it started: agents and servers.
func family() (total time.Duration, err error) {
	self := os.Getpid()
	paths, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0, err
	}
	for _, path := range paths {
		pid, err := strconv.Atoi(filepath.Base(path))
		if err != nil {
			continue
		}
		t, err := readTimes(pid)
		if err != nil {
			continue // ended since
		}
		switch {
		case pid == self:
			total += t.own + t.children
		case t.parent == self:
			total += t.own
		}
	}
	return total, nil
}
