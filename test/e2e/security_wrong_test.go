package e2e_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// wrongAccess is a way into a cluster that does not lead there, and what one line of the log
// is to say of it.
type wrongAccess struct {
	access
	words []string
}

// The words, by what is wrong.
var (
	unknownCA   = []string{"the broker's certificate is not trusted", "rdkafka.ssl.ca.location", "Tidegate test CA"}
	misnamed    = []string{"the broker's certificate is made out to another host", "check the host in brokers", `kafka.example`, "not 127.0.0.1"}
	uncertified = []string{"this client's certificate", "rdkafka.ssl.certificate.location", "rdkafka.ssl.key.location"}
	mismatched  = []string{"does not speak what this client does", "rdkafka.security.protocol"}
	refused     = []string{"refuses this client's credentials", "rdkafka.sasl.username", "rdkafka.sasl.mechanism"}
)

// but is a way with a mistake in it.
func (a access) but(changes properties) access {
	return access{a.listener, a.properties.with(changes)}
}

// at is a way to another listener than its own.
func (a access) at(l harness.SecureListener) access { return access{l, a.properties} }

func wrongAccesses(s *harness.KafkaSecurity) map[string]wrongAccess {
	tls, mutual, plain, scram := overTLS(s), overMutualTLS(s), overSASL(s, "PLAIN"), overSASL(s, "SCRAM-SHA-256")
	noProtocol := access{properties: properties{}}
	wrongPassword := properties{"sasl.password": "hush-wrong"}
	return map[string]wrongAccess{
		"another CA":                  {tls.but(properties{"ssl.ca.location": s.OtherCA}), unknownCA},
		"no CA":                       {tls.but(properties{"ssl.ca.location": ""}), unknownCA},
		"another host's certificate":  {tls.at(harness.ListenMisnamed), misnamed},
		"no client certificate":       {tls.at(harness.ListenMutualTLS), uncertified},
		"client certificate of other": {mutual.but(properties{"ssl.certificate.location": s.ForeignCert}), uncertified},

		"plaintext to TLS":         {noProtocol.at(harness.ListenTLS), mismatched},
		"plaintext to SASL":        {noProtocol.at(harness.ListenSASLClear), mismatched},
		"TLS to a port without":    {tls.at(harness.ListenSASLClear), mismatched},
		"TLS to SASL":              {tls.at(harness.ListenSASL), mismatched},
		"SASL to a port without":   {plain.at(harness.ListenTLS), mismatched},
		"a wrong password, PLAIN":  {plain.but(wrongPassword), refused},
		"a wrong password, SCRAM":  {scram.but(wrongPassword), refused},
		"a user whom nobody knows": {scram.but(properties{"sasl.username": "nobody"}), refused},
	}
}

// Whatever is wrong, each plugin says it in one line, which tells what to check; it says it
// once, the client's own lines do not bury it, and no line shows a password.
func TestSecurityWrong(t *testing.T) {
	k := securedKafka(t)
	topic := uniqueName(t)
	k.CreateTopic(t, topic, 1)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		for name, wrong := range wrongAccesses(k.Security()) {
			t.Run(name, func(t *testing.T) {
				t.Parallel() // most of the time they wait
				h := harness.StartHost(t, host, harness.HostConfig{
					Pipeline: secureInput(k, wrong.access, topic) + dummy + secureOutput(k, wrong.access, "kafka.t", topic),
				})
				waitWords(t, h, append([]string{"[input:tidegate_kafka:in]", "[error]"}, wrong.words...))
				waitWords(t, h, append([]string{"[output:tidegate_kafka:out]", "[error]"}, wrong.words...))
				// Some seconds on, with many a new connection.
				h.WaitLog(t, `tidegate_kafka:out.*within flush_timeout`, time.Minute)
				stop(t, h)
				checkOneLine(t, h, "in")
				checkOneLine(t, h, "out")
				checkNoSecret(t, h)
			})
		}
	})
}

// checkOneLine demands that an instance has one error to tell, and that besides it warns at
// most three times, of what follows from it, and once with what the library knows more.
func checkOneLine(t *testing.T, h *harness.Host, alias string) {
	t.Helper()
	if found := linesOf(h, "error", alias); len(found) != 1 {
		t.Errorf("%d errors of %s:\n%s", len(found), alias, strings.Join(found, "\n"))
	}
	found := linesOf(h, "warn", alias)
	ours := slices.DeleteFunc(slices.Clone(found), func(line string) bool { return strings.Contains(line, "] librdkafka: ") })
	if len(ours) > 3 || len(found) > len(ours)+1 {
		t.Errorf("%d warnings of %s:\n%s", len(found), alias, strings.Join(found, "\n"))
	}
}

// linesOf are an instance's lines of a level.
func linesOf(h *harness.Host, level, alias string) []string {
	return regexp.MustCompile(`(?m)^.*\[ ?`+level+`\].*tidegate_kafka:`+alias+`\].*$`).FindAllString(h.Log(), -1)
}

// Who lacks a permission is told which kind; nothing is lost, and all is delivered once the
// permission is there.
func TestSecurityDenied(t *testing.T) {
	k := securedKafka(t)
	client := harness.NeedKcat(t, k)
	way := overSASL(k.Security(), "SCRAM-SHA-512").but(properties{
		"topic.metadata.refresh.interval.ms": "2000", // when a group looks again at a topic that was denied; 5 minutes by default
	})
	denied := []string{"Kafka denies access", "ACLs", "authorization failed"}
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		for name, grant := range map[string]func(t testing.TB, topic string){
			"nothing granted":      func(testing.TB, string) {},
			"the topics, no group": func(t testing.TB, topic string) { k.GrantTopic(t, harness.KafkaAgent, topic) },
			"the group, no topic":  func(t testing.TB, topic string) { k.GrantGroup(t, harness.KafkaAgent, topic) },
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				from := uniqueName(t)
				to := from + "-to"
				k.CreateTopic(t, from, 2)
				k.CreateTopic(t, to, 2)
				grant(t, from)
				client.Produce(t, from, numberedLines(secureLoad))
				client.Produce(t, to, "{\"n\":0}\n")
				h := harness.StartHost(t, host, harness.HostConfig{
					Pipeline: secureInput(k, way, from) + secureOutput(k, way, "kafka*", to) + dummyNumber,
				})
				waitWords(t, h, append([]string{"[input:tidegate_kafka:in]"}, denied...))
				waitWords(t, h, append([]string{"[output:tidegate_kafka:out]"}, denied...))
				if got := countOf(k.EndOffsets(t, to)); got != 1 {
					t.Fatalf("%d messages were written by one who may not", got-1)
				}
				k.Grant(t, harness.KafkaAgent, from)
				k.Grant(t, harness.KafkaAgent, to)
				waitProduced(t, k, h, secureLoad+2, to)
				stop(t, h)
				got := numbersOf(t, secureLoad, client.Consume(t, to, "%s\n"))
				if got[0]--; got[0] > 1 {
					got[0]-- // the output's own, which showed that it may not
				}
				got.atLeastOnce(t)
				checkCommitted(t, k, from, from)
				checkNoSecret(t, h)
			})
		}
	})
}

// dummyNumber is one record that the output has to write before the input may read.
const dummyNumber = `
[INPUT]
    Name     dummy
    Tag      kafka.t
    Dummy    {"n":0}
    Samples  1
`

func countOf(ends harness.Offsets) (n int) {
	for _, end := range ends {
		n += int(end)
	}
	return n
}
