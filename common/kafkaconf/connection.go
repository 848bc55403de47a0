package kafkaconf

import (
	"strings"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// connectionSigns tell by an error's text what ended a connection before it
// was of any use. Codes do not: a refusal of the client's certificate arrives
// as a transport error, because TLS 1.3 lets the client go on before the broker
// has looked at it. The texts are librdkafka's, OpenSSL's (the numbers are those
// of RFC 8446, section 6) and Kafka's. The first that matches decides.
var connectionSigns = []struct {
	text    string
	trouble Trouble
}{
	{"certificate verify failed", Untrusted},
	{"verify broker certificate", Untrusted},
	{"did not provide a certificate", Untrusted},

	{"SSL alert number 42", Uncertified},  // bad_certificate
	{"SSL alert number 43", Uncertified},  // unsupported_certificate
	{"SSL alert number 44", Uncertified},  // certificate_revoked
	{"SSL alert number 45", Uncertified},  // certificate_expired
	{"SSL alert number 46", Uncertified},  // certificate_unknown
	{"SSL alert number 48", Uncertified},  // unknown_ca
	{"SSL alert number 116", Uncertified}, // certificate_required
	{"client SSL authentication might be required", Uncertified},

	{"PLAINTEXT broker listener", Mismatched},
	{"wrong version number", Mismatched},
	{"security.protocol", Mismatched},
	{"not valid in current SASL state", Mismatched}, // a listener without SASL

	{"Failed to acquire SASL OAUTHBEARER token", NoToken},
	{"no token available", NoToken},
	{`{"status":`, BadToken}, // RFC 7628, section 3.2.2
	{"credentials with SASL mechanism OAUTHBEARER", BadToken},
	{"]: Access denied", BadToken}, // of MSK's IAM login
}

// connectionTrouble sorts an error of a connection.
func connectionTrouble(err kafka.Error) Trouble {
	text := err.String()
	for _, sign := range connectionSigns {
		if strings.Contains(text, sign.text) {
			return sign.trouble
		}
	}
	switch err.Code() {
	case kafka.ErrTransport:
		if isCutOff(text) {
			return CutOff
		}
		return Unreachable
	case kafka.ErrSsl:
		return Mismatched
	}
	return Refused
}
