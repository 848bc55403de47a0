package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/tidegate/tidegate/test/logtide"
)

// logTideServer is the contract server, or a real LogTide, which is not asked
// what it has.
type logTideServer struct {
	url, key string
	contract *logtide.Handler // nil with a real server
	server   *http.Server
}

func openLogTide(url, key string) (*logTideServer, error) {
	if url != "" {
		if key == "" {
			return nil, errors.New("LOGTIDE is set and LOGTIDE_API_KEY is not: export the key of the project that is to have the logs")
		}
		return &logTideServer{url: url, key: key}, nil
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &logTideServer{
		url: "http://" + listener.Addr().String(), key: logtide.DefaultKey, contract: logtide.New(),
	}
	l.server = &http.Server{Handler: l.contract}
	go func() { _ = l.server.Serve(listener) }() // ends at close
	return l, nil
}

func (l *logTideServer) checked() bool { return l.contract != nil }

func (l *logTideServer) describe() string {
	if l.checked() {
		return "a receiver with LogTide's rules at " + l.url
	}
	return l.url
}

func (l *logTideServer) close() {
	if l.server != nil {
		_ = l.server.Close()
	}
}

// arrived holds that each record is there once, and that nothing was refused.
func (l *logTideServer) arrived(logs []sampleLog) error {
	for _, r := range l.contract.Requests() {
		if r.Status != http.StatusOK {
			return fmt.Errorf("LogTide: a request of %d logs was answered %d", r.Logs, r.Status)
		}
	}
	return once("LogTide", pick(logs, func(s sampleLog) string { return s.log }), pick(l.contract.Logs(), describeLog))
}

// describeLog writes what the sample says of a log: all of it but the time.
func describeLog(l logtide.Log) string {
	metadata := []byte("{}")
	if len(l.Metadata) > 0 {
		metadata, _ = json.Marshal(l.Metadata) // of what was JSON before; sorted by name
	}
	return fmt.Sprintf("%s %s %s %s", l.Service, l.Level, l.Message, metadata)
}

// print prints the number of logs for each service and level, and one log.
func (l *logTideServer) print() {
	if !l.checked() {
		fmt.Printf("\nLogTide at %s: not checked. The agent committed all offsets, so it was told that all is there; look for the services %s\n",
			l.url, "checkout, payments, search, attic, cellar, garage")
		return
	}
	all := l.contract.Logs()
	counts := map[string]int{}
	for _, log := range all {
		counts[fmt.Sprintf("%-12s%s", log.Service, log.Level)]++
	}
	fmt.Printf("\nLogTide: %d logs in %d requests\n", len(all), len(l.contract.Requests()))
	for _, what := range slices.Sorted(maps.Keys(counts)) {
		fmt.Printf("  %-60s %5d\n", what, counts[what])
	}
	for _, log := range all {
		if log.Service != "checkout" {
			continue
		}
		metadata, _ := json.Marshal(log.Metadata) // as in describeLog
		fmt.Printf("one of them\n  time %s  service %s  level %s\n  message  %s\n  metadata %s\n",
			log.Time, log.Service, log.Level, log.Message, metadata)
		return
	}
}

// trouble is the first line of the agent's log in which the output complains.
func (l *logTideServer) trouble(agentLog string) error {
	for line := range strings.Lines(agentLog) {
		if strings.Contains(line, "tidegate_logtide") && (strings.Contains(line, "[error]") || strings.Contains(line, "[ warn]")) {
			return fmt.Errorf("%w: %s", errRefused, strings.TrimSpace(line))
		}
	}
	return nil
}
