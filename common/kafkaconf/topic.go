package kafkaconf

import "errors"

// maxTopic is the longest name that brokers take: with a partition's number
// behind it, it is the name of a directory.
const maxTopic = 249

var errTopic = errors.New("must be a topic name: 1 to 249 letters, digits, dots, underscores and dashes, and not one or two dots only")

// CheckTopic holds a name to Kafka's rule for topics.
func CheckTopic[T string | []byte](name T) error {
	if len(name) == 0 || len(name) > maxTopic || string(name) == "." || string(name) == ".." {
		return errTopic
	}
	for i := range len(name) {
		if !TopicByte(name[i]) {
			return errTopic
		}
	}
	return nil
}

// TopicByte reports whether c may stand in a topic's name.
func TopicByte(c byte) bool {
	return c == '.' || c == '_' || c == '-' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}
