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
}

var pairings = []pairing{
	{"Kafka → null", "kafka-null", inKafka, nowhere},
	{"Kafka → Loki", "kafka-loki", inKafka, inLoki},
	{"file → Loki", "file-loki", inFile, inLoki},
	{"file → Kafka", "file-kafka", inFile, inKafka},
}

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
