package kafkaconf

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

func TestCheckBroker(t *testing.T) {
	for _, good := range []string{"a:1", "kafka-1.example:9092", "[::1]:9092"} {
		if err := CheckBroker(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"", "a", ":1", "a:", "a:b", "a:1x"} {
		if CheckBroker(bad) == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestCheckTopic(t *testing.T) {
	for _, good := range []string{"a", "A.b_c-9", "...", strings.Repeat("x", maxTopic)} {
		if err := CheckTopic(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"", ".", "..", "a b", "a/b", "ä", "a@b", "a[b", "a`b", "a{b", strings.Repeat("x", maxTopic+1)} {
		if CheckTopic([]byte(bad)) == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestTrouble(t *testing.T) {
	f := func(err kafka.Error, want Trouble, level slog.Level) {
		t.Helper()
		if got := TroubleOf(err); got != want || got.Level() != level {
			t.Errorf("%v: %d at %s", err, got, got.Level())
		}
	}
	f(kafka.NewError(kafka.ErrAllBrokersDown, "", false), Unreachable, slog.LevelError)
	f(kafka.NewError(kafka.ErrTopicAuthorizationFailed, "", false), Denied, slog.LevelError)
	f(kafka.NewError(kafka.ErrUnknownTopicOrPart, "", false), NoTopic, slog.LevelWarn)
	f(kafka.NewError(kafka.ErrOutOfOrderSequenceNumber, "", true), Broken, slog.LevelError)
	f(kafka.NewError(kafka.ErrBadMsg, "", false), Other, slog.LevelWarn)
	seen := map[string]Trouble{}
	for kind := range NumTroubles {
		text := kind.Text(Producer)
		if other, twice := seen[text]; twice || text == "" {
			t.Errorf("%d and %d say %q", kind, other, text)
		}
		seen[text] = kind
	}
}
