package kafkaconf

import (
	"log/slog"
	"testing"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

func TestTrouble(t *testing.T) {
	f := func(err kafka.Error, want Trouble, level slog.Level) {
		t.Helper()
		if got := TroubleOf(err); got != want || got.Level() != level {
			t.Errorf("%v: %d at %s", err, got, got.Level())
		}
	}
	f(kafka.NewError(kafka.ErrAllBrokersDown, "", false), AllDown, slog.LevelWarn)
	f(kafka.NewError(kafka.ErrTransport, "Send failed: Broken pipe (after 0ms in state UP)", false), CutOff, slog.LevelWarn)
	f(kafka.NewError(kafka.ErrTopicAuthorizationFailed, "", false), Denied, slog.LevelError)
	f(kafka.NewError(kafka.ErrClusterAuthorizationFailed, "Failed to acquire idempotence PID", true), Denied, slog.LevelError)
	f(kafka.NewError(kafka.ErrUnknownTopicOrPart, "", false), NoTopic, slog.LevelWarn)
	f(kafka.NewError(kafka.ErrOutOfOrderSequenceNumber, "", true), Broken, slog.LevelError)
	f(kafka.NewError(kafka.ErrBadMsg, "", false), Other, slog.LevelWarn)
}

// The texts are those that a real broker and this librdkafka gave.
func TestTroubleOfConnections(t *testing.T) {
	f := func(code kafka.ErrorCode, text string, want Trouble) {
		t.Helper()
		if got := TroubleOf(kafka.NewError(code, text, false)); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
	f(kafka.ErrSsl, "ssl://k:1/bootstrap: SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker certificate could not be verified, "+
		"verify that ssl.ca.location is correctly configured or root CA certificates are installed (install ca-certificates package) (after 13ms in state SSL_HANDSHAKE)", Untrusted)
	f(kafka.ErrTransport, "ssl://k:1/bootstrap: Receive failed: error:0A000412:SSL routines::ssl/tls alert bad certificate: SSL alert number 42 (after 6ms in state APIVERSION_QUERY)", Uncertified)
	f(kafka.ErrTransport, "ssl://k:1/bootstrap: SSL handshake failed: Disconnected: SSL connection closed by peer: connecting to a PLAINTEXT broker listener? (after 165ms in state SSL_HANDSHAKE)", Mismatched)
	f(kafka.ErrAuthentication, "sasl_ssl://k:1/bootstrap: SASL PLAIN mechanism handshake failed: Broker: Request not valid in current SASL state: broker's supported mechanisms:  (after 3ms in state AUTH_HANDSHAKE)", Mismatched)
	f(kafka.ErrSsl, "ssl://k:1/bootstrap: SSL handshake failed: error:0A00010B:SSL routines::wrong version number", Mismatched)
	f(kafka.ErrAuthentication, "sasl_ssl://k:1/bootstrap: SASL authentication error: Authentication failed: Invalid username or password (after 302ms in state AUTH_REQ)", Refused)
	f(kafka.ErrAuthentication, "sasl_ssl://k:1/bootstrap: SASL SCRAM-SHA-1 mechanism handshake failed: Broker: Unsupported SASL mechanism: broker's supported mechanisms: PLAIN", Refused)
	f(kafka.ErrAuthentication, `sasl_ssl://k:1/1: SASL authentication error: {"status":"invalid_token"} (after 285ms in state AUTH_REQ)`, BadToken)
	f(kafka.ErrAuthentication, "sasl_ssl://k:1/bootstrap: SASL authentication error: Authentication failed during authentication due to invalid credentials with SASL mechanism OAUTHBEARER", BadToken)
	f(kafka.ErrAuthentication, "sasl_ssl://k:1/bootstrap: SASL authentication error: [8f3b]: Access denied (after 9ms in state AUTH_REQ)", BadToken)
	f(kafka.ErrAuthentication, "Failed to acquire SASL OAUTHBEARER token: asking the token server http://h: connection refused", NoToken)
	f(kafka.ErrTransport, "k:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused (after 0ms in state CONNECT)", Unreachable)
	f(kafka.ErrTransport, "k:1/bootstrap: Send failed: Broken pipe (after 0ms in state UP)", CutOff)
	f(kafka.ErrTransport, "k:1/1: Receive failed: Connection reset by peer (after 1ms in state APIVERSION_QUERY)", CutOff)
	f(kafka.ErrTransport, "k:1/1: Send failed: Broken pipe (after 2000ms in state UP)", Unreachable)
}

// Each kind has a text of its own and a name, which metrics may share.
func TestTroubleTexts(t *testing.T) {
	for _, client := range []Client{Consumer, Producer} {
		seen := map[string]Trouble{}
		for kind := range NumTroubles {
			text := kind.Text(client)
			if other, twice := seen[text]; twice || text == "" {
				t.Errorf("%d and %d say %q", kind, other, text)
			}
			seen[text] = kind
			if TroubleNames()[kind] == "" {
				t.Errorf("%d has no name", kind)
			}
		}
	}
}
