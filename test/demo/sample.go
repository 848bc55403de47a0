package main

import (
	"fmt"

	"github.com/tidegate/tidegate/test/harness"
)

// sampleLog is one message, and what should become of it.
type sampleLog struct {
	topic, key, value string
	labels            string // as the pipeline in conf/ makes them
}

const (
	applicationTopic = "logs.application"
	iotTopic         = "iot"
)

// garage is the message whose deviceid Promtail cannot make a label of when it
// comes from Kafka (grafana/loki#6470).
const garage = `{"deviceid":"garage","f":12,"m":1,"t":"18.21","p":"1005.19","h":"59.19","l":"15.00","r":"-83.00"}`

// sampleLogs are a few thousand logs of three services and three devices.
func sampleLogs(suffix string) []sampleLog {
	services := []string{"checkout", "payments", "search"}
	levels := []string{"debug", "info", "info", "info", "warn", "error"}
	devices := []string{"garage", "attic", "cellar"}
	var logs []sampleLog
	for i := range 3000 {
		service, level := services[i%3], levels[i%len(levels)]
		logs = append(logs, sampleLog{
			topic:  applicationTopic + suffix,
			key:    service,
			value:  fmt.Sprintf(`{"level":%q,"service":%q,"message":"request %d served","metadata":{"n":%d,"ms":%d.5}}`, level, service, i, i, i%90+10),
			labels: harness.LabelSet(map[string]string{"job": "kafka", "service": service, "level": level}),
		})
	}
	for i := range 300 {
		device, value := devices[i%3], garage
		if i > 0 {
			value = fmt.Sprintf(`{"deviceid":%q,"f":%d,"m":1,"t":"18.%02d","p":"1005.19","h":"59.19","l":"15.00","r":"-83.00"}`, device, i, i%100)
		}
		logs = append(logs, sampleLog{
			topic: iotTopic + suffix, key: device, value: value,
			labels: harness.LabelSet(map[string]string{"job": "kafka", "deviceid": device}),
		})
	}
	return logs
}
