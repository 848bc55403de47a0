package inkafka

import (
	"strconv"
	"strings"
	"time"
)

// A committed start carries a mark in the offset's metadata. What is committed
// of deliveries has none.
const (
	startMarkPrefix = "tidegate start "
	// startMarkFor is how long the members of a group may take to start. A mark
	// that is older is of a group that has started.
	startMarkFor = 10 * time.Minute
)

func startMark(now time.Time) string {
	return startMarkPrefix + strconv.FormatInt(now.Unix(), 10)
}

// isFreshStart reports whether an offset's metadata is a mark of late.
func isFreshStart(metadata *string, now time.Time) bool {
	if metadata == nil {
		return false
	}
	text, ok := strings.CutPrefix(*metadata, startMarkPrefix)
	if !ok {
		return false
	}
	at, err := strconv.ParseInt(text, 10, 64)
	return err == nil && now.Sub(time.Unix(at, 0)) < startMarkFor
}
