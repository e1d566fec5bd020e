"""Names of images that are no service of anybody's own: databases, brokers, web servers, tools."""

from __future__ import annotations

import re

# Programs that services stand on, by the last part of the name of their images. They are not measured, even where the
# repository builds them itself.
_STORES = (
    r"postgres(?:ql)?|postgis|pgvector|pgvecto-rs|timescale(?:db)?|citus|percona-distribution-postgresql|"
    r"mysql|mariadb(?:/server)?|percona-server-mongodb|percona|mssql/(?:\w+/)*server|azure-sql-edge|oracle-(?:xe|free)|"
    r"mongo(?:db)?|couchdb|cassandra|scylla|clickhouse|cockroach(?:db)?|influxdb|neo4j|"
    r"redis(?:bloom|earch|graph|json|mod|timeseries)?|rebloom|rejson|valkey|keydb|dragonfly(?:db)?|"
    r"memcached|rabbitmq|(?:cp-)?kafka|redpanda|(?:cp-)?zookeeper|activemq|pulsar|elasticsearch|opensearch|solr|"
    r"meilisearch|minio|nats|etcd"
)
# Words after these that make a tool of it, to look at a database or to care for it: mongo-gui.
_TOOLS = (
    r"admin|backup|box|browser|cli|commander|connect|console|curator|dashboard|dump|explorer|exporter|express|gui|"
    r"insight|manager|metrics|monitor|operator|reaper|restore|studio|surveyor|tool|ui|viewer|webui|workbench"
)
# And those that make a program of it that talks to a database, which may be the service: redis-proxy. Any other is its
# edition, its version, or what somebody added: postgres-custom.
_CLIENTS = (
    r"adapter|agent|api|app|backend|bot|bouncer|bridge|client|connector|consumer|controller|cron|demo|example|"
    r"frontend|gateway|graphql|http|init|job|limiter|listener|loader|mcp|meta|migrate|migration|migrator|pool|producer|"
    r"proxy|publisher|relay|rest|router|seed|seeder|service|setup|sidecar|subscriber|sync|web[a-z]*|worker"
)
_WORD = rf"(?:[-_]+(?!(?:{_TOOLS}|{_CLIENTS})s?(?![a-z0-9]))[a-z0-9]+|\.\d+[a-z0-9]*)"
# Others that stand beside services, and which a service may well be built on.
_BESIDE = (
    r"(?:^|/)(?:logstash|kibana|localstack|consul|vault(?![a-z])|keycloak|prometheus|grafana|loki|tempo(?![a-z])|jaeger|"
    r"zipkin|otel|opentelemetry|traefik|envoy|haproxy|pgbouncer|adminer|pgadmin|phpmyadmin|mailhog|mailpit|selenium|"
    r"playwright|redis-?commander|redis-?insight|mongo-express|kafka-ui|kafdrop|pgweb|cloudbeaver|"
    r"(?:cp-)?schema-registry|[\w.-]+[-_]exporter)"
)
_END = r"(?=$|@|:[^/]*$|:[^/]*@)"
STORE = re.compile(rf"(?:^|/)(?P<program>{_STORES})(?:\d[\d.]*)?{_WORD}*{_END}")
# Web servers, which mostly stand in front of the service, or hand out files.
IN_FRONT = re.compile(r"(?:^|/)(nginx|caddy|httpd|haproxy|traefik|envoy|varnish|openresty)")
INFRASTRUCTURE = re.compile(
    rf"{STORE.pattern}|{_BESIDE}|(?:^|/)(?:{_STORES})(?:\d[\d.]*)?(?:[-_]+[a-z0-9]+)*[-_]+(?:{_TOOLS})s?{_END}"
)
