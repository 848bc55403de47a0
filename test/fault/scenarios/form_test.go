package scenarios_test

import (
	"os"
	"testing"
	"time"
)

// long is true for the forms that run for hours.
var long = os.Getenv("TIDEGATE_SOAK") == "1"

// form picks the short or the long size of something.
func form[T any](short, longer T) T {
	if long {
		return longer
	}
	return short
}

// soakTime is how long the load of the soak lasts. TIDEGATE_SOAK_TIME sets another time.
func soakTime(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("TIDEGATE_SOAK_TIME")
	if text == "" {
		return form(9*time.Second, 30*time.Minute)
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("TIDEGATE_SOAK_TIME: %v", err)
	}
	return d
}
