package kafkaconf

import (
	"strings"
	"testing"
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
