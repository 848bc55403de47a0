package main

import (
	"fmt"

	"github.com/tidegate/tidegate/test/harness"
)

// sampleLog is one line of a file, and what should become of it.
type sampleLog struct {
	file   string
	line   string // also the message in Kafka, and the line in Loki
	labels string // of its stream in Loki, as the pipeline in conf/ makes them
	log    string // as a log of LogTide, in the form of describeLog
}

const (
	appFile = "app.log"
	iotFile = "iot.log"
)

// garage is the message whose deviceid Promtail cannot make a label of when it
// comes from Kafka (grafana/loki#6470).
const garage = `{"deviceid":"garage","f":12,"m":1,"t":"18.21","p":"1005.19","h":"59.19","l":"15.00","r":"-83.00"}`

// sampleLogs are a few thousand logs of three services and three devices, the
// two files mixed. No two lines are the same, so that each can be counted.
func sampleLogs() []sampleLog {
	var logs []sampleLog
	for i := range 3000 {
		logs = append(logs, appLog(i))
		if i%10 == 0 {
			logs = append(logs, iotLog(i/10))
		}
	}
	return logs
}

func appLog(n int) sampleLog {
	services := []string{"checkout", "payments", "search"}
	levels := []string{"debug", "info", "info", "info", "warn", "error"}
	service, level := services[n%len(services)], levels[n%len(levels)]
	message := fmt.Sprintf("request %d served", n)
	ms := fmt.Sprintf("%d.5", n%90+10)
	return sampleLog{
		file:   appFile,
		line:   fmt.Sprintf(`{"level":%q,"service":%q,"message":%q,"metadata":{"n":%d,"ms":%s}}`, level, service, message, n, ms),
		labels: harness.LabelSet(map[string]string{"job": "files", "service": service, "level": level}),
		log:    fmt.Sprintf(`%s %s %s {"ms":%s,"n":%d}`, service, level, message, ms, n),
	}
}

// iotLog is a measurement, the first of them garage. It has no message: LogTide
// gets all of it as one, and the device as the service.
func iotLog(n int) sampleLog {
	devices := []string{"garage", "attic", "cellar"}
	device, f, t := devices[n%len(devices)], n, fmt.Sprintf("18.%02d", n%100)
	line := fmt.Sprintf(`{"deviceid":%q,"f":%d,"m":1,"t":%q,"p":"1005.19","h":"59.19","l":"15.00","r":"-83.00"}`, device, f, t)
	if n == 0 {
		line, f, t = garage, 12, "18.21"
	}
	return sampleLog{
		file:   iotFile,
		line:   line,
		labels: harness.LabelSet(map[string]string{"job": "files", "deviceid": device}),
		log: fmt.Sprintf(`%s info %s {"f":%d,"h":"59.19","l":"15.00","m":1,"p":"1005.19","r":"-83.00","t":%q}`,
			device, line, f, t),
	}
}
