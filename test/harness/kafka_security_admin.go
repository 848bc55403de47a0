package harness

import (
	"context"
	"fmt"
	"testing"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// addScramUsers tells the cluster the passwords: unlike those of PLAIN, they are kept in it.
// It takes one mechanism of a user at a time.
func (k *Kafka) addScramUsers() error {
	for _, mechanism := range []kafka.ScramMechanism{kafka.ScramMechanismSHA256, kafka.ScramMechanismSHA512} {
		var users []kafka.UserScramCredentialUpsertion
		for _, user := range []KafkaUser{KafkaAgent, KafkaStranger} {
			users = append(users, kafka.UserScramCredentialUpsertion{
				User: user.Name, Password: []byte(user.Password),
				ScramCredentialInfo: kafka.ScramCredentialInfo{Mechanism: mechanism, Iterations: 4096},
			})
		}
		if err := poll(adminCall, func() error { return k.setPasswords(users) }); err != nil {
			return err
		}
	}
	return nil
}

func (k *Kafka) setPasswords(users []kafka.UserScramCredentialUpsertion) error {
	ctx, cancel := context.WithTimeout(context.Background(), adminCall)
	defer cancel()
	answer, err := k.admin.AlterUserScramCredentials(ctx, users, nil)
	if err != nil {
		return err
	}
	for user, err := range answer.Errors {
		if err.Code() != kafka.ErrNoError {
			return fmt.Errorf("setting the password of %s: %w", user, err)
		}
	}
	return nil
}

// Grant allows a user to read and write a topic, and to read it in a group of any name that
// starts with the topic's.
func (k *Kafka) Grant(t testing.TB, user KafkaUser, topic string) {
	t.Helper()
	k.GrantTopic(t, user, topic)
	k.allow(t, user, kafka.ResourceGroup, topic, kafka.ResourcePatternTypePrefixed, kafka.ACLOperationRead)
}

// GrantTopic allows a user to read and write a topic, and no group.
func (k *Kafka) GrantTopic(t testing.TB, user KafkaUser, topic string) {
	t.Helper()
	k.allow(t, user, kafka.ResourceTopic, topic, kafka.ResourcePatternTypeLiteral, kafka.ACLOperationRead, kafka.ACLOperationWrite)
}

// GrantGroup allows a user to read in a group, and no topic.
func (k *Kafka) GrantGroup(t testing.TB, user KafkaUser, group string) {
	t.Helper()
	k.allow(t, user, kafka.ResourceGroup, group, kafka.ResourcePatternTypeLiteral, kafka.ACLOperationRead)
}

func (k *Kafka) allow(t testing.TB, user KafkaUser, kind kafka.ResourceType, name string, pattern kafka.ResourcePatternType, operations ...kafka.ACLOperation) {
	t.Helper()
	var acls kafka.ACLBindings
	for _, operation := range operations {
		acls = append(acls, kafka.ACLBinding{
			Type: kind, Name: name, ResourcePatternType: pattern,
			Principal: "User:" + user.Name, Host: "*",
			Operation: operation, PermissionType: kafka.ACLPermissionTypeAllow,
		})
	}
	ctx, cancel := context.WithTimeout(t.Context(), adminCall)
	defer cancel()
	results, err := k.admin.CreateACLs(ctx, acls)
	if err != nil {
		t.Fatalf("granting %s to %s: %v", name, user.Name, err)
	}
	for _, r := range results {
		if r.Error.Code() != kafka.ErrNoError {
			t.Fatalf("granting %s to %s: %v", name, user.Name, r.Error)
		}
	}
}
