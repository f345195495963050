"""The log of every team, out to message brokers: NATS, RabbitMQ, Kafka and Redis Streams, one file each."""
