package harness

import (
	"fmt"
	"strings"
)

// Clients go where brokers say that they are, whatever address they began with. So a broker
// behind a proxy needs a listener of its own, which advertises the proxy. The harness keeps
// to the other listener: it can look while the proxied clients cannot.

func (k *Kafka) addProxies() error {
	ports, err := freePorts(len(k.brokers))
	if err != nil {
		return err
	}
	for i, b := range k.brokers {
		b.far = ports[i]
		if b.proxy, err = NewProxy(fmt.Sprintf("127.0.0.1:%d", b.far)); err != nil {
			return err
		}
	}
	return nil
}

// ProxiedBrokers is the bootstrap list for clients that are to have their connections cut,
// with KafkaOptions.Proxied.
func (k *Kafka) ProxiedBrokers() string {
	var addresses []string
	for _, p := range k.Proxies() {
		addresses = append(addresses, p.Address())
	}
	return strings.Join(addresses, ",")
}

// Proxies stand in front of the brokers, in their order.
func (k *Kafka) Proxies() (proxies []*Proxy) {
	for _, b := range k.brokers {
		if b.proxy != nil {
			proxies = append(proxies, b.proxy)
		}
	}
	return proxies
}
