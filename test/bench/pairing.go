package main

import (
	"fmt"
	"slices"
	"strings"
)

// side is whose plugins a run uses.
type side string

const (
	ours    side = "tidegate"
	builtIn side = "built-in"
)

// place is an end of a pipeline.
type place string

const (
	inKafka place = "kafka"
	inFile  place = "file"
	inLoki  place = "loki"
	nowhere place = "null"
)

// keepsTime says whether the moment in which a record arrives there can be seen.
func (p place) keepsTime() bool { return p != nowhere }

// pairing is one way through the agent, on which two sides are compared.
type pairing struct {
	name, slug string
	from, to   place
	// gzip has the built-in output compress with it, which is its only way to send less.
	// Ours sends what it always does.
	gzip bool
}

var pairings = []pairing{
	kafkaNull, kafkaLoki, fileNull, fileLoki, fileLokiGzip,
	{name: "file → Kafka", slug: "file-kafka", from: inFile, to: inKafka},
}

// Those that goals are about.
var (
	kafkaNull = pairing{name: "Kafka → null", slug: "kafka-null", from: inKafka, to: nowhere}
	kafkaLoki = pairing{name: "Kafka → Loki", slug: "kafka-loki", from: inKafka, to: inLoki}
	// fileNull is what the others from a file cost without their output. Both sides are the
	// same there but for the plugins that are loaded and idle.
	fileNull     = pairing{name: "file → null", slug: "file-null", from: inFile, to: nowhere}
	fileLoki     = pairing{name: "file → Loki", slug: "file-loki", from: inFile, to: inLoki}
	fileLokiGzip = pairing{name: "file → Loki, built-in gzip", slug: "file-loki-gzip", from: inFile, to: inLoki, gzip: true}
)

func pairingSlugs() (slugs []string) {
	for _, p := range pairings {
		slugs = append(slugs, p.slug)
	}
	return slugs
}

// findPairings reads a list of slugs; an empty one is all.
func findPairings(list string) (found []pairing, err error) {
	if list == "" {
		return pairings, nil
	}
	for slug := range strings.SplitSeq(list, ",") {
		i := slices.IndexFunc(pairings, func(p pairing) bool { return p.slug == strings.TrimSpace(slug) })
		if i < 0 {
			return nil, fmt.Errorf("pairing %q is none of %s", slug, strings.Join(pairingSlugs(), ", "))
		}
		found = append(found, pairings[i])
	}
	return found, nil
}
