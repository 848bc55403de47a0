package harness

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

const (
	// startTries is how often a server gets other ports when another program took one.
	startTries = 3
	// kafkaStart is generous: two cores may start three brokers beside a compiler.
	kafkaStart = 90 * time.Second
)

// bindErrorRE matches what servers print when their port is taken.
var bindErrorRE = regexp.MustCompile(`(?i)address already in use|BindException`)

// brokerStartedRE matches the last line of a broker's start.
var brokerStartedRE = regexp.MustCompile(`Kafka Server started`)

// clusterID is any base64 UUID: clusters of tests never meet.
const clusterID = "VGlkZWdhdGUtdGVzdHMtMQ"

// Kafka is a cluster of real brokers on loopback ports.
type Kafka struct {
	dir     *workDir
	jvm     jvm
	brokers []*broker
	admin   *kafka.AdminClient

	security *KafkaSecurity // nil unless asked for
}

// StartKafka starts a cluster for one test.
func StartKafka(t testing.TB, o KafkaOptions) *Kafka {
	t.Helper()
	k, err := NewKafka(o)
	if err != nil {
		t.Fatalf("starting kafka: %v", err)
	}
	t.Cleanup(k.Close)
	Watch(t, k)
	return k
}

// NewKafka starts a cluster and returns when every broker is known to the others. The
// caller closes it.
func NewKafka(o KafkaOptions) (*Kafka, error) {
	java, err := findJava()
	if err != nil {
		return nil, err
	}
	classPath, err := kafkaClassPath()
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		k := &Kafka{jvm: jvm{java: java, classPath: classPath}}
		err := k.launch(o)
		if err == nil {
			Progress("server: Apache Kafka %s", kafkaVersion(classPath))
			return k, nil
		}
		taken := k.printed(bindErrorRE)
		k.Close()
		if !taken || try == startTries {
			return nil, err
		}
	}
}

func (k *Kafka) launch(o KafkaOptions) (err error) {
	if k.dir, err = newWorkDir("kafka"); err != nil {
		return err
	}
	n := max(1, o.Brokers)
	ports, err := freePorts(2 * n)
	if err != nil {
		return err
	}
	for i := range n {
		k.brokers = append(k.brokers, newBroker(k.dir.path, i+1, ports[2*i], ports[2*i+1]))
	}
	if o.Proxied {
		if err := k.addProxies(); err != nil {
			return err
		}
	}
	if o.Secured {
		if err := k.addSecurity(o.Tokens); err != nil {
			return err
		}
	}
	errs := make([]error, n)
	var all sync.WaitGroup
	for i, b := range k.brokers {
		all.Go(func() {
			if errs[i] = writeProperties(b.config, b.properties(k.brokers, o)); errs[i] == nil {
				errs[i] = b.format(k.jvm, clusterID)
			}
			if errs[i] == nil {
				errs[i] = b.start(k.jvm)
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if k.admin, err = newAdmin(k.Brokers()); err != nil {
		return err
	}
	if err := k.waitReady(); err != nil {
		return err
	}
	if o.Secured {
		return k.addScramUsers()
	}
	return nil
}

// Brokers is the bootstrap list, as the brokers option takes it.
func (k *Kafka) Brokers() string {
	addresses := make([]string, len(k.brokers))
	for i, b := range k.brokers {
		addresses[i] = b.address()
	}
	return strings.Join(addresses, ",")
}

// Rack is that of broker i (from 0) in a cluster with Racks.
func (k *Kafka) Rack(i int) string { return rackOf(k.brokers[i].id) }

// StopBroker shuts broker i (from 0) down in an orderly way.
func (k *Kafka) StopBroker(t testing.TB, i int) {
	t.Helper()
	k.brokers[i].stopped = true
	if _, err := k.brokers[i].process.Stop(brokerStop); err != nil {
		t.Fatal(err)
	}
}

// KillBroker ends broker i at once.
func (k *Kafka) KillBroker(i int) {
	k.brokers[i].stopped = true
	k.brokers[i].process.Kill()
}

// StartBroker starts broker i again, at its port and with its data, and waits until the
// cluster counts it.
func (k *Kafka) StartBroker(t testing.TB, i int) {
	t.Helper()
	if err := k.brokers[i].start(k.jvm); err != nil {
		t.Fatal(err)
	}
	if err := k.waitReady(); err != nil {
		t.Fatal(err)
	}
}

// Close kills the brokers, whose data goes with them.
func (k *Kafka) Close() {
	if k.admin != nil {
		k.admin.Close()
	}
	for _, p := range k.processes() {
		p.Kill()
	}
	for _, p := range k.Proxies() {
		p.Close()
	}
	if k.dir != nil {
		k.dir.remove()
	}
}

// waitReady returns when every running broker says that it has started and the cluster
// counts it. It may count more: a killed broker is in the metadata until its session ends.
func (k *Kafka) waitReady() error {
	running := 0
	for _, b := range k.brokers {
		if !b.running() {
			continue
		}
		running++
		if _, err := b.process.waitLog(brokerStartedRE, kafkaStart); err != nil {
			return fmt.Errorf("%w; last lines:\n%s", err, b.process.Log.Tail(tailLines))
		}
	}
	return poll(kafkaStart, func() error {
		md, err := k.admin.GetMetadata(nil, true, 2000)
		if err == nil && len(md.Brokers) < running {
			err = fmt.Errorf("%d of %d brokers are known", len(md.Brokers), running)
		}
		return err
	})
}

func (k *Kafka) work() *workDir { return k.dir }

func (k *Kafka) processes() (ps []*Process) {
	for _, b := range k.brokers {
		if b.process != nil {
			ps = append(ps, b.process)
		}
	}
	return ps
}

func (k *Kafka) printed(re *regexp.Regexp) bool {
	for _, p := range k.processes() {
		if p.Log.Find(re) != "" {
			return true
		}
	}
	return false
}
