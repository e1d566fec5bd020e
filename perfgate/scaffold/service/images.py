"""Names of images that are no service of anybody's own: databases, brokers, web servers, tools."""

from __future__ import annotations

import re

# Images that services stand on; they are not measured, even where the repository builds them itself.
_STORES = (
    r"(?:^|/)(postgres|postgis|pgvector|timescale|mysql|mariadb|percona|mssql|oracle-(?:xe|free)|mongo|couchdb|cassandra|"
    r"clickhouse|cockroach|influxdb|neo4j|redis|valkey|dragonfly|keydb|memcached|rabbitmq|kafka|redpanda|zookeeper|"
    r"activemq|pulsar|elasticsearch|opensearch|solr|meilisearch|minio|nats(?![a-z])|etcd)"
)
# Others that stand beside services, and which a service may well be built on.
_BESIDE = (
    r"|(?:^|/)(logstash|kibana|localstack|consul|vault(?![a-z])|keycloak|prometheus|grafana|loki|tempo(?![a-z])|jaeger|"
    r"zipkin|otel|opentelemetry|traefik|envoy|haproxy|pgbouncer|adminer|pgadmin|phpmyadmin|mailhog|mailpit|selenium|playwright)"
)
STORE = re.compile(_STORES)
# Web servers, which mostly stand in front of the service, or hand out files.
IN_FRONT = re.compile(r"(?:^|/)(nginx|caddy|httpd|haproxy|traefik|envoy|varnish|openresty)")
INFRASTRUCTURE = re.compile(_STORES + _BESIDE)
