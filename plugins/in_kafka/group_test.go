package inkafka

import (
	"strings"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/options"
)

func TestMembershipErrors(t *testing.T) {
	c, err := parse(with(map[string]string{"group_instance_id": "node-17", "client_rack": "a"}))
	if err != nil {
		t.Fatal(err)
	}
	m := c.group.membership(*c.clientConfig())
	for code, want := range map[kafka.ErrorCode]string{
		kafka.ErrFencedInstanceID:          "has taken over group_instance_id node-17",
		kafka.ErrInconsistentGroupProtocol: "in another way than cooperative-sticky",
		kafka.ErrInvalidSessionTimeout:     "rdkafka.session.timeout.ms",
		kafka.ErrGroupMaxSizeReached:       "group.max.size",
		kafka.ErrInvalidGroupID:            "change group_id",
	} {
		if got := m.refused(kafka.NewError(code, "", false)); !strings.Contains(got, want) {
			t.Errorf("%v: %q does not say %q", code, got, want)
		}
	}
	for _, code := range []kafka.ErrorCode{kafka.ErrTransport, kafka.ErrUnknownMemberID, kafka.ErrRebalanceInProgress, kafka.ErrNoError} {
		if got := m.refused(kafka.NewError(code, "", false)); got != "" {
			t.Errorf("%v is taken as %q", code, got)
		}
	}
}

func TestGroupConfig(t *testing.T) {
	for given, want := range map[string]map[string]any{
		"":                                {"partition.assignment.strategy": "cooperative-sticky", "group.instance.id": nil, "client.rack": nil},
		"group_instance_id=n-1":           {"group.instance.id": "n-1"},
		"client_rack=eu 1":                {"client.rack": "eu 1"},
		"rdkafka.group.protocol=consumer": {"partition.assignment.strategy": nil, "group.protocol": "consumer"},
		"rdkafka.partition.assignment.strategy=range": {"partition.assignment.strategy": "range"},
	} {
		name, value, _ := strings.Cut(given, "=")
		c, err := parse(with(map[string]string{name: value}))
		if err != nil {
			t.Errorf("%s: %v", given, err)
			continue
		}
		conf := *c.clientConfig()
		for property, value := range want {
			if conf[property] != value {
				t.Errorf("%s: %s is %v, want %v", given, property, conf[property], value)
			}
		}
		// librdkafka itself has to take all of it together.
		consumer, err := kafka.NewConsumer(&conf)
		if err != nil {
			t.Errorf("%s: %v", given, err)
			continue
		}
		_ = consumer.Close()
	}
}

// A fenced member waits for longer than its session lasts, whatever that is.
func TestFencedLeast(t *testing.T) {
	for given, want := range map[string]time.Duration{
		"":        time.Minute,
		"6000":    8 * time.Second,
		"1800000": 40 * time.Minute,
	} {
		c, err := parse(with(map[string]string{"rdkafka.session.timeout.ms": given}))
		if err != nil {
			t.Fatal(err)
		}
		c.clientConfig()
		if got := fencedLeast(c.group.sessionTimeout); got != want {
			t.Errorf("session.timeout.ms %q: %s, want %s", given, got, want)
		}
	}
}

func TestGroupConfigRefuses(t *testing.T) {
	for given, want := range map[string]string{
		"group_instance_id=a b":                        "must be 1 to 249 letters",
		"group_instance_id=${HOSTNAME}":                "has a variable that is not set",
		"rdkafka.group.instance.id=x":                  "is set by group_instance_id",
		"rdkafka.client.rack=x":                        "is set by client_rack",
		"rdkafka.go.batch.consumer=true":               "would change how messages come",
		"rdkafka.go.events.channel.enable=true":        "would change how messages come",
		"rdkafka.go.application.rebalance.enable=true": "would change how messages come",
	} {
		name, value, _ := strings.Cut(given, "=")
		_, err := parse(with(map[string]string{name: value}))
		if line := options.Problems(err); !strings.Contains(line, name) || !strings.Contains(line, want) {
			t.Errorf("%s: %q does not say %q", given, line, want)
		}
	}
}
