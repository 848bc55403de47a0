package harness

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// brokerStop bounds a controlled shutdown.
const brokerStop = 30 * time.Second

// broker is one node of a Kafka cluster. It keeps its ports and data when it is stopped.
type broker struct {
	id             int
	port           int
	controllerPort int
	far            int             // port of the listener behind the proxy
	proxy          *Proxy          // nil unless asked for
	secure         *brokerSecurity // nil unless asked for
	config         string          // path of its properties file
	data           string
	logPath        string
	process        *Process // nil before the first start
	stopped        bool     // by the test
}

func newBroker(dir string, id, port, controllerPort int) *broker {
	base := filepath.Join(dir, "broker-"+strconv.Itoa(id))
	return &broker{
		id: id, port: port, controllerPort: controllerPort,
		config: base + ".properties", data: base + "-data", logPath: base + ".log",
	}
}

func (b *broker) address() string { return fmt.Sprintf("127.0.0.1:%d", b.port) }

// format prepares the data directory, as KRaft demands once before the first start.
func (b *broker) format(jvm jvm, clusterID string) error {
	out, err := jvm.command("kafka.tools.StorageTool", "format", "-t", clusterID, "-c", b.config).CombinedOutput()
	if err != nil {
		return fmt.Errorf("formatting broker %d: %w\n%s", b.id, err, lastLines(string(out), 10))
	}
	return nil
}

func (b *broker) start(jvm jvm) error {
	p, err := startProcess("kafka broker "+strconv.Itoa(b.id), jvm.command("kafka.Kafka", b.config), b.logPath)
	if err == nil {
		b.process, b.stopped = p, false
	}
	return err
}

// running is true for a broker that died on its own before anybody looked: the caller
// then waits for it and learns why.
func (b *broker) running() bool { return b.process != nil && !b.stopped }

// jvm is a java program, the class path of Kafka, and more options.
type jvm struct {
	java, classPath string
	options         []string
}

// command runs one of Kafka's main classes. The heap is what a test's data needs, and the
// first compiler tier only: a broker that lives for a minute never earns the second.
func (j jvm) command(class string, args ...string) *exec.Cmd {
	java := []string{"-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", j.classPath, class}
	return exec.Command(j.java, slices.Concat(j.options, java, args)...)
}
