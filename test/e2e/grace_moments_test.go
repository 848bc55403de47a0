package e2e_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// moment is one at which an agent is asked to stop.
type moment struct {
	name   string
	input  string // {place} stands for an address
	output string
	// come returns once the moment is there.
	come func(a agent, p *places) error
	// works is the line by which an agent shows that it is at work with the broker that is
	// to be killed; nil for one that has nothing to do with it.
	works *regexp.Regexp
}

// places are the servers of the moments.
type places struct {
	brokers, topic string
	mortal         string // a broker that is killed once the agents that use it are at work
	killed         chan struct{}
	loki, logtide  string
	dead           string // nothing listens
	busy           string // answers 503 to everything
	silent         *silent
}

func (p *places) fill(text string) string {
	return strings.NewReplacer(
		"{brokers}", p.brokers, "{topic}", p.topic, "{mortal}", p.mortal, "{loki}", p.loki, "{logtide}", p.logtide,
		"{dead}", p.dead, "{busy}", p.busy, "{silent}", p.silent.address,
	).Replace(text)
}

// Few records a second are many chunks in little time: each flush takes what there is.
const (
	someLoad = "[INPUT]\n    Name dummy\n    Tag some\n    Rate 20\n"
	fullLoad = "[INPUT]\n    Name dummy\n    Tag full\n    Rate 5000\n"
)

// begun is the first line of an instance of ours.
var begun = regexp.MustCompile(`starting tidegate`)

// after is a time after the instance's first line.
func after(d time.Duration) func(agent, *places) error { return said(begun.String(), d) }

// said is a time after a line of the log.
func said(pattern string, d time.Duration) func(agent, *places) error {
	re := regexp.MustCompile(pattern)
	return func(a agent, _ *places) error {
		if err := a.await(re); err != nil {
			return err
		}
		<-time.After(d)
		return nil
	}
}

// unanswered is a time after a first request that nobody answers.
func unanswered(d time.Duration) func(agent, *places) error {
	return func(a agent, p *places) error {
		if err := a.await(begun); err != nil {
			return err
		}
		for deadline := time.Now().Add(awaitFor); p.silent.read.Load() == 0; {
			if time.Now().After(deadline) {
				return errors.New("nobody speaks to the silent server")
			}
			<-time.After(10 * time.Millisecond)
		}
		<-time.After(d)
		return nil
	}
}

// when makes a moment of a pipeline.
func when(name, input, output string, come func(agent, *places) error) moment {
	return moment{name: name, input: input, output: output, come: come}
}

// bereft makes the moment that is a time after the mortal broker was killed, which an agent
// shows by a line that it worked with.
func bereft(name, input, output, works string, d time.Duration) moment {
	m := when(name, input, output, func(_ agent, p *places) error {
		<-p.killed
		<-time.After(d)
		return nil
	})
	m.works = regexp.MustCompile(works)
	return m
}

// awaitFor bounds how long a moment may take to come.
const awaitFor = 30 * time.Second

// await returns when the log has a line that matches.
func (a agent) await(re *regexp.Regexp) error {
	for deadline := time.Now().Add(awaitFor); ; {
		switch {
		case re.MatchString(a.Log()):
			return nil
		case a.Exited():
			return fmt.Errorf("the agent ended before it printed %q", re)
		case time.Now().After(deadline):
			return fmt.Errorf("the agent has not printed %q", re)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// workers is what the ready configurations give their outputs.
const workers = "    Workers 2\n"

// outputTo is an output at an address.
func outputTo(lines, address string) string {
	return "[OUTPUT]\n    Match *\n    Retry_Limit no_limits\n" + strings.ReplaceAll(lines, "{at}", address)
}

// outputMoments are those of an output, which is configured by lines with {at} for the
// address of its server.
func outputMoments(output, good, address string) []moment {
	at := func(where string) string { return outputTo(output, strings.ReplaceAll(address, "{}", where)) }
	works := outputTo(output, good) + workers
	return []moment{
		when("at init", someLoad, works, after(0)),
		when("first connect", someLoad, works, after(150*time.Millisecond)),
		when("first flush", someLoad, works, after(400*time.Millisecond)),
		when("soon after", someLoad, works, after(900*time.Millisecond)),
		when("full load", fullLoad, works, after(2*time.Second)),
		when("full load, no workers", fullLoad, outputTo(output, good), after(2*time.Second)),
		when("nobody there, at init", someLoad, at("{dead}")+workers, after(0)),
		when("nobody there, first flush", someLoad, at("{dead}")+workers, after(400*time.Millisecond)),
		when("nobody there, chunks wait", someLoad, at("{dead}")+workers, after(2*time.Second)),
		when("nobody there, no workers", someLoad, at("{dead}"), after(2*time.Second)),
		when("no answer, first request", someLoad, at("{silent}")+workers, unanswered(0)),
		when("no answer, chunks wait", someLoad, at("{silent}")+workers, unanswered(2*time.Second)),
		when("no answer, no workers", someLoad, at("{silent}"), unanswered(2*time.Second)),
	}
}

// kafkaOutput is one with workers.
func kafkaOutput(brokers string) string { return outputTo(kafkaLines, brokers) + workers }

// brokerMoments are those of a Kafka output whose broker is lost while it works.
func brokerMoments() []moment {
	return []moment{
		bereft("broker killed", someLoad, kafkaOutput("{mortal}"), begun.String(), 0),
		bereft("broker gone", someLoad, kafkaOutput("{mortal}"), begun.String(), 2*time.Second),
	}
}

// busyMoments are those of an output that is told to come again later.
func busyMoments(output string) []moment {
	busy := outputTo(output, "{busy}") + workers
	return []moment{
		when("retrying", someLoad, busy, said(`503`, 0)),
		when("retrying, chunks wait", someLoad, busy, said(`503`, 2*time.Second)),
	}
}

const (
	lokiLines    = "    Name tidegate_loki\n    url {at}\n    labels job=grace\n"
	logtideLines = "    Name tidegate_logtide\n    url {at}\n    api_key lp_0123456789abcdef\n"
	kafkaLines   = "    Name tidegate_kafka\n    brokers {at}\n    topic {topic}-out\n"
)

// inputLines reads a topic that is full, or another's; the group is the agent's own.
func inputLines(brokers, topic string) string {
	return "[INPUT]\n    Name tidegate_kafka\n    group_id {group}\n    Tag k\n    brokers " + brokers + "\n    topics " + topic + "\n"
}

func inputMoments() []moment {
	full, idle := inputLines("{brokers}", "{topic}"), inputLines("{brokers}", "{topic}-idle")
	dead, mute, mortal := inputLines("{dead}", "{topic}"), inputLines("{silent}", "{topic}"), inputLines("{mortal}", "{topic}")
	// A line of the input, and the built-in output that it goes with.
	const null = "    commit appended\n[OUTPUT]\n    Name null\n    Match *\n"
	toLoki := func(url string) string { return outputTo(lokiLines, url) + workers }
	const joined = `partitions assigned`
	return []moment{
		when("at init", full, null, after(0)),
		when("first connect", full, null, after(50*time.Millisecond)),
		when("joining the group", full, null, after(200*time.Millisecond)),
		when("assigned", full, null, said(joined, 0)),
		when("first records", full, toLoki("{loki}"), said(joined, 300*time.Millisecond)),
		when("full load", full, toLoki("{loki}"), said(joined, time.Second)),
		when("nothing to read", idle, null, said(joined, time.Second)),
		when("nobody there, at init", dead, null, after(0)),
		when("nobody there", dead, null, said(`cannot reach Kafka`, time.Second)),
		when("no answer, at init", mute, null, unanswered(0)),
		when("no answer", mute, null, unanswered(2*time.Second)),
		when("Loki does not answer", full, toLoki("http://{silent}"), said(joined, 2*time.Second)),
		when("Loki is busy", full, toLoki("{busy}"), said(`503`, 2*time.Second)),
		bereft("broker killed", mortal, toLoki("{loki}"), joined, 0),
		bereft("broker gone", mortal, toLoki("{loki}"), joined, 2*time.Second),
		bereft("broker gone and Loki busy", mortal, toLoki("{busy}"), `503`, 2*time.Second),
		bereft("broker gone, from Kafka to Kafka", mortal, kafkaOutput("{mortal}"), joined, 2*time.Second),
	}
}
