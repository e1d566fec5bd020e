"""Names of images that are no service of anybody's own: databases, brokers, web servers, tools."""

from __future__ import annotations

import re

# Programs that services stand on, by the last part of the name of their images. They are not measured, even where the
# repository builds them itself.
_STORES = (
    r"postgres(?:ql)?|postgis|pgvector|pgvecto-rs|timescale(?:db)?|citus|percona-distribution-postgresql|"
    r"mysql|mariadb|percona|mssql/(?:\w+/)*server|azure-sql-edge|oracle-(?:xe|free)|mongo(?:db)?|percona-server-mongodb|"
    r"couchdb|cassandra|scylla|clickhouse|cockroach(?:db)?|influxdb|neo4j|redis|redismod|valkey|keydb|dragonfly(?:db)?|"
    r"memcached|rabbitmq|(?:cp-)?kafka|redpanda|(?:cp-)?zookeeper|activemq|pulsar|elasticsearch|opensearch|solr|"
    r"meilisearch|minio|nats|etcd"
)
# What may follow where it is the same program: its edition, its part in a cluster, its version and what it stands on.
# Any other word makes a program that talks to it: redis-proxy.
_EDITIONS = (
    r"v?\d[\w.]*|alpine|debian|ubuntu|slim|centos\w*|ubi\w*|c\d+s|all|aio|artemis|atlas|base|bundle|ce|classic|cluster|"
    r"community|database|db|docker|ee|enterprise|extensions?|full|galera|ha|local|native|oss|pgvector|postgis|primary|"
    r"replica|repmgr|sentinel|server|sharded|single|stack|standalone|streaming|timescaledb|unstable|xtradb"
)
# Others that stand beside services, and which a service may well be built on.
_BESIDE = (
    r"(?:^|/)(?:logstash|kibana|localstack|consul|vault(?![a-z])|keycloak|prometheus|grafana|loki|tempo(?![a-z])|jaeger|"
    r"zipkin|otel|opentelemetry|traefik|envoy|haproxy|pgbouncer|adminer|pgadmin|phpmyadmin|mailhog|mailpit|selenium|"
    r"playwright|redis-?commander|redis-?insight|mongo-express|kafka-ui|kafdrop|pgweb|cloudbeaver|nats-box|"
    r"opensearch-dashboards|(?:cp-)?schema-registry|[\w.-]+[-_]exporter)"
)
STORE = re.compile(rf"(?:^|/)(?P<program>{_STORES})(?:[-_.](?:{_EDITIONS}))*(?=$|@|:[^/]*$|:[^/]*@)")
# Web servers, which mostly stand in front of the service, or hand out files.
IN_FRONT = re.compile(r"(?:^|/)(nginx|caddy|httpd|haproxy|traefik|envoy|varnish|openresty)")
INFRASTRUCTURE = re.compile(f"{STORE.pattern}|{_BESIDE}")
