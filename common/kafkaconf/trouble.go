package kafkaconf

import (
	"log/slog"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// Trouble is a kind of error in an operator's eyes: what to look at, and of
// which one line in a while is enough.
type Trouble uint8

// The kinds.
const (
	Other Trouble = iota
	Unreachable
	AllDown // what follows when no broker is left, whatever became of them
	CutOff  // a connection that had just been made; more of them are a hang-up, see isHangUp
	NoTopic
	Mismatched // the port speaks another protocol
	Untrusted  // the broker's certificate; an Explainer finds which of the next three it is
	UnknownCA
	Misnamed
	Outdated
	Uncertified // this client's certificate
	Refused     // its user or password
	NoToken     // there is none to log in with
	BadToken    // the brokers do not take it
	Denied
	Expelled
	Broken

	NumTroubles
)

// troubleNames are coarser than the kinds: metrics tell that someone has to
// act, the log tells how.
var troubleNames = [NumTroubles]string{
	Other: "other", Unreachable: "unreachable", AllDown: "unreachable", CutOff: "unreachable", NoTopic: "no_topic",
	Mismatched: "refused", Untrusted: "refused", UnknownCA: "refused", Misnamed: "refused", Outdated: "refused", Uncertified: "refused", Refused: "refused",
	NoToken: "refused", BadToken: "refused",
	Denied: "denied", Expelled: "expelled", Broken: "broken",
}

// TroubleNames are the kinds' names in metrics, some of which several kinds
// share.
func TroubleNames() []string { return troubleNames[:] }

// TroubleOf sorts an error of the client.
func TroubleOf(err kafka.Error) Trouble {
	switch err.Code() {
	case kafka.ErrTopicAuthorizationFailed, kafka.ErrGroupAuthorizationFailed,
		kafka.ErrClusterAuthorizationFailed, kafka.ErrTransactionalIDAuthorizationFailed:
		// Also where it is fatal, as it is to a producer that may write to no
		// topic at all: what helps is the same.
		return Denied
	}
	if err.IsFatal() {
		return Broken
	}
	switch err.Code() {
	case kafka.ErrSsl, kafka.ErrTransport, kafka.ErrAuthentication, kafka.ErrSaslAuthenticationFailed,
		kafka.ErrUnsupportedSaslMechanism, kafka.ErrIllegalSaslState:
		return connectionTrouble(err)
	case kafka.ErrAllBrokersDown:
		return AllDown
	case kafka.ErrResolve, kafka.ErrTimedOut, kafka.ErrMsgTimedOut:
		return Unreachable
	case kafka.ErrUnknownTopicOrPart, kafka.ErrUnknownTopic:
		return NoTopic
	case kafka.ErrMaxPollExceeded:
		return Expelled
	case kafka.ErrFatal:
		return Broken
	}
	return Other
}

// Text says what a trouble means for that kind of client, and what to look at.
func (t Trouble) Text(client Client) string {
	producer := client == Producer
	switch t {
	case Unreachable:
		return "cannot reach Kafka, trying on; check brokers and the network"
	case AllDown:
		return "no broker is left to ask, trying on; if no other line says why, check brokers and the network"
	case CutOff:
		return "a broker ended a connection as soon as it was made, trying on; one that restarts does that, and one that expects TLS or SASL: " +
			"if it goes on, check rdkafka.security.protocol, and the port in brokers"
	case NoTopic:
		if producer {
			return "a topic does not exist; its records wait until it does"
		}
		return "a topic does not exist yet; its records are read once it does"
	case Mismatched:
		return "the broker's port does not speak what this client does, trying on; check rdkafka.security.protocol, and the port in brokers"
	case Untrusted:
		return "the broker's certificate is not trusted, trying on; check that rdkafka.ssl.ca.location holds the CA that signed it, " +
			"that it is made out to the host in brokers, and its dates"
	case UnknownCA:
		return "the broker's certificate is not trusted: no CA that this client knows has signed it, trying on; check that rdkafka.ssl.ca.location holds the one that did"
	case Misnamed:
		return "the broker's certificate is made out to another host, trying on; check the host in brokers, advertised.listeners of the brokers, and the names in the certificate"
	case Outdated:
		return "the broker's certificate is not valid at this time, trying on; renew it, or check the clock of this machine"
	case Uncertified:
		return "Kafka does not take this client's certificate, or misses one, trying on; check rdkafka.ssl.certificate.location and rdkafka.ssl.key.location"
	case Refused:
		return "Kafka refuses this client's credentials, trying on; check rdkafka.sasl.username, the password and rdkafka.sasl.mechanism"
	case NoToken:
		return "there is no token to log in to Kafka with, trying on; check the options oauth_ or aws_, and what gives the tokens"
	case BadToken:
		return "Kafka refuses this client's token, trying on; if no other line says why, check that the brokers trust who gives the tokens, and their audience, scope and clocks"
	case Denied:
		if producer {
			return "Kafka denies access, trying on; check the ACLs: the user needs Write on the topics"
		}
		return "Kafka denies access, trying on; check the ACLs: the user needs Read on the topics and on the group"
	case Expelled:
		return "the group gave this member's partitions away, because it did not poll in time; rejoining"
	case Broken:
		return "the Kafka client can go no further"
	}
	return "the Kafka client reports"
}

// Level is that of the log line.
func (t Trouble) Level() slog.Level {
	if t == Other || t == NoTopic || t == AllDown || t == CutOff {
		return slog.LevelWarn
	}
	return slog.LevelError
}
