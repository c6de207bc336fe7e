//! Options that Traefik once had and has no more. To use one stops the start with the hint that
//! stands here, because to go on without it would be to guess what was meant.

gone! { ROWS:
    "entryPoints.*.enableHTTP3", "2.5", "2.5",
        "write `http3: {}` below the entry point instead";
    "experimental.http3", "2.5", "2.11",
        "HTTP/3 is no experiment since v3: remove the line and set `http3` on the entry point";
    "experimental.hub", "2.7", "2.9",
        "the Hub agent is gone: remove the line";
    "hub", "2.7", "2.9",
        "the Hub agent is gone: remove the block";
    "hub.tls.ca", "2.7", "2.9",
        "the Hub agent is gone: remove the block";
    "hub.tls.cert", "2.7", "2.9",
        "the Hub agent is gone: remove the block";
    "hub.tls.insecure", "2.7", "2.9",
        "the Hub agent is gone: remove the block";
    "hub.tls.key", "2.7", "2.9",
        "the Hub agent is gone: remove the block";
    "metrics.influxdb", "2.5", "2.11",
        "InfluxDB 1 is gone since v3: use metrics.influxDB2";
    "metrics.influxdb.addEntryPointsLabels", "2.5", "2.11",
        "InfluxDB 1 is gone since v3: use metrics.influxDB2";
    "metrics.influxdb.additionalLabels.*", "2.6", "2.11",
        "InfluxDB 1 is gone since v3: use metrics.influxDB2";
    "metrics.influxdb.address", "2.5", "2.11",
        "InfluxDB 1 is gone since v3: use metrics.influxDB2";
    "metrics.influxdb.addRoutersLabels", "2.5", "2.11",
        "InfluxDB 1 is gone since v3: use metrics.influxDB2";
    "metrics.influxdb.addServicesLabels", "2.5", "2.11",
        "InfluxDB 1 is gone since v3: use metrics.influxDB2";
    "metrics.influxdb.database", "2.5", "2.11",
        "InfluxDB 1 is gone since v3: use metrics.influxDB2";
    "metrics.influxdb.password", "2.5", "2.11",
        "InfluxDB 1 is gone since v3: use metrics.influxDB2";
    "metrics.influxdb.protocol", "2.5", "2.11",
        "InfluxDB 1 is gone since v3: use metrics.influxDB2";
    "metrics.influxdb.pushInterval", "2.5", "2.11",
        "InfluxDB 1 is gone since v3: use metrics.influxDB2";
    "metrics.influxdb.retentionpolicy", "2.5", "2.11",
        "InfluxDB 1 is gone since v3: use metrics.influxDB2";
    "metrics.influxdb.username", "2.5", "2.11",
        "InfluxDB 1 is gone since v3: use metrics.influxDB2";
    "providers.consul.namespace", "2.6", "2.11",
        "it takes a list since v3: use providers.consul.namespaces";
    "providers.consul.password", "2.5", "2.8",
        "Consul knows no passwords: use providers.consul.token";
    "providers.consul.tls.caOptional", "2.5", "2.11",
        "it never had a meaning for connections that this side opens: remove the line";
    "providers.consul.username", "2.5", "2.8",
        "Consul knows no user names: use providers.consul.token";
    "providers.consulCatalog.endpoint.tls.caOptional", "2.5", "2.11",
        "it never had a meaning for connections that this side opens: remove the line";
    "providers.consulCatalog.namespace", "2.6", "2.11",
        "it takes a list since v3: use providers.consulCatalog.namespaces";
    "providers.docker.swarmMode", "2.5", "2.11",
        "Swarm has its own provider since v3: use providers.swarm";
    "providers.docker.swarmModeRefreshSeconds", "2.5", "2.11",
        "Swarm has its own provider since v3: use providers.swarm.refreshSeconds";
    "providers.docker.tls.caOptional", "2.5", "2.11",
        "it never had a meaning for connections that this side opens: remove the line";
    "providers.etcd.namespace", "2.6", "2.7",
        "etcd has no namespaces: use providers.etcd.rootKey";
    "providers.etcd.tls.caOptional", "2.5", "2.11",
        "it never had a meaning for connections that this side opens: remove the line";
    "providers.etcd.token", "2.6", "2.8",
        "etcd takes no token: use username and password";
    "providers.http.tls.caOptional", "2.5", "2.11",
        "it never had a meaning for connections that this side opens: remove the line";
    "providers.marathon", "2.5", "2.11",
        "the Marathon provider is gone since v3: use providers.file or providers.http";
    "providers.marathon.basic.httpbasicauthuser", "2.5", "2.11",
        "the Marathon provider is gone since v3: use providers.file or providers.http";
    "providers.marathon.basic.httpbasicpassword", "2.5", "2.11",
        "the Marathon provider is gone since v3: use providers.file or providers.http";
    "providers.marathon.constraints", "2.5", "2.11",
        "the Marathon provider is gone since v3: use providers.file or providers.http";
    "providers.marathon.dcostoken", "2.5", "2.11",
        "the Marathon provider is gone since v3: use providers.file or providers.http";
    "providers.marathon.defaultRule", "2.5", "2.11",
        "the Marathon provider is gone since v3: use providers.file or providers.http";
    "providers.marathon.dialertimeout", "2.5", "2.11",
        "the Marathon provider is gone since v3: use providers.file or providers.http";
    "providers.marathon.endpoint", "2.5", "2.11",
        "the Marathon provider is gone since v3: use providers.file or providers.http";
    "providers.marathon.exposedByDefault", "2.5", "2.11",
        "the Marathon provider is gone since v3: use providers.file or providers.http";
    "providers.marathon.forcetaskhostname", "2.5", "2.11",
        "the Marathon provider is gone since v3: use providers.file or providers.http";
    "providers.marathon.keepalive", "2.5", "2.11",
        "the Marathon provider is gone since v3: use providers.file or providers.http";
    "providers.marathon.respectreadinesschecks", "2.5", "2.11",
        "the Marathon provider is gone since v3: use providers.file or providers.http";
    "providers.marathon.responseHeaderTimeout", "2.5", "2.11",
        "the Marathon provider is gone since v3: use providers.file or providers.http";
    "providers.marathon.tls.ca", "2.5", "2.11",
        "the Marathon provider is gone since v3: use providers.file or providers.http";
    "providers.marathon.tls.caOptional", "2.5", "2.11",
        "it never had a meaning for connections that this side opens: remove the line";
    "providers.marathon.tls.cert", "2.5", "2.11",
        "the Marathon provider is gone since v3: use providers.file or providers.http";
    "providers.marathon.tls.insecureSkipVerify", "2.5", "2.11",
        "the Marathon provider is gone since v3: use providers.file or providers.http";
    "providers.marathon.tls.key", "2.5", "2.11",
        "the Marathon provider is gone since v3: use providers.file or providers.http";
    "providers.marathon.tlshandshaketimeout", "2.5", "2.11",
        "the Marathon provider is gone since v3: use providers.file or providers.http";
    "providers.marathon.trace", "2.5", "2.11",
        "the Marathon provider is gone since v3: use providers.file or providers.http";
    "providers.marathon.watch", "2.5", "2.11",
        "the Marathon provider is gone since v3: use providers.file or providers.http";
    "providers.nomad.endpoint.tls.caOptional", "2.8", "2.11",
        "it never had a meaning for connections that this side opens: remove the line";
    "providers.nomad.namespace", "2.8", "2.11",
        "it takes a list since v3: use providers.nomad.namespaces";
    "providers.rancher", "2.5", "2.11",
        "the Rancher 1 provider is gone since v3: use a Kubernetes provider";
    "providers.rancher.constraints", "2.5", "2.11",
        "the Rancher 1 provider is gone since v3: use a Kubernetes provider";
    "providers.rancher.defaultRule", "2.5", "2.11",
        "the Rancher 1 provider is gone since v3: use a Kubernetes provider";
    "providers.rancher.enableservicehealthfilter", "2.5", "2.11",
        "the Rancher 1 provider is gone since v3: use a Kubernetes provider";
    "providers.rancher.exposedByDefault", "2.5", "2.11",
        "the Rancher 1 provider is gone since v3: use a Kubernetes provider";
    "providers.rancher.intervalpoll", "2.5", "2.11",
        "the Rancher 1 provider is gone since v3: use a Kubernetes provider";
    "providers.rancher.prefix", "2.5", "2.11",
        "the Rancher 1 provider is gone since v3: use a Kubernetes provider";
    "providers.rancher.refreshSeconds", "2.5", "2.11",
        "the Rancher 1 provider is gone since v3: use a Kubernetes provider";
    "providers.rancher.watch", "2.5", "2.11",
        "the Rancher 1 provider is gone since v3: use a Kubernetes provider";
    "providers.redis.namespace", "2.6", "2.7",
        "Redis has no namespaces: use providers.redis.rootKey";
    "providers.redis.tls.caOptional", "2.5", "2.11",
        "it never had a meaning for connections that this side opens: remove the line";
    "providers.redis.token", "2.6", "2.8",
        "Redis takes no token: use username and password";
    "providers.zooKeeper.namespace", "2.6", "2.7",
        "ZooKeeper has no namespaces: use providers.zooKeeper.rootKey";
    "providers.zooKeeper.tls.ca", "2.5", "2.8",
        "ZooKeeper is reached without TLS: remove the block";
    "providers.zooKeeper.tls.caOptional", "2.5", "2.8",
        "it never had a meaning for connections that this side opens: remove the line";
    "providers.zooKeeper.tls.cert", "2.5", "2.8",
        "ZooKeeper is reached without TLS: remove the block";
    "providers.zooKeeper.tls.insecureSkipVerify", "2.5", "2.8",
        "ZooKeeper is reached without TLS: remove the block";
    "providers.zooKeeper.tls.key", "2.5", "2.8",
        "ZooKeeper is reached without TLS: remove the block";
    "providers.zooKeeper.token", "2.6", "2.8",
        "ZooKeeper takes no token: use username and password";
    "tracing.datadog", "2.5", "2.11",
        "use tracing.otlp: the Datadog agent takes OTLP";
    "tracing.datadog.bagageprefixheadername", "2.5", "2.11",
        "use tracing.otlp: the Datadog agent takes OTLP";
    "tracing.datadog.debug", "2.5", "2.11",
        "use tracing.otlp: the Datadog agent takes OTLP";
    "tracing.datadog.globaltag", "2.5", "2.11",
        "use tracing.otlp: the Datadog agent takes OTLP";
    "tracing.datadog.globaltags.*", "2.9", "2.11",
        "use tracing.otlp: the Datadog agent takes OTLP";
    "tracing.datadog.localagenthostport", "2.5", "2.11",
        "use tracing.otlp: the Datadog agent takes OTLP";
    "tracing.datadog.localagentsocket", "2.10", "2.11",
        "use tracing.otlp: the Datadog agent takes OTLP";
    "tracing.datadog.parentidheadername", "2.5", "2.11",
        "use tracing.otlp: the Datadog agent takes OTLP";
    "tracing.datadog.prioritysampling", "2.5", "2.11",
        "use tracing.otlp: the Datadog agent takes OTLP";
    "tracing.datadog.samplingpriorityheadername", "2.5", "2.11",
        "use tracing.otlp: the Datadog agent takes OTLP";
    "tracing.datadog.traceidheadername", "2.5", "2.11",
        "use tracing.otlp: the Datadog agent takes OTLP";
    "tracing.elastic", "2.5", "2.11",
        "use tracing.otlp: Elastic APM takes OTLP";
    "tracing.elastic.secrettoken", "2.5", "2.11",
        "use tracing.otlp: Elastic APM takes OTLP";
    "tracing.elastic.serverurl", "2.5", "2.11",
        "use tracing.otlp: Elastic APM takes OTLP";
    "tracing.elastic.serviceenvironment", "2.5", "2.11",
        "use tracing.otlp: Elastic APM takes OTLP";
    "tracing.haystack", "2.5", "2.11",
        "Haystack is gone since v3: use tracing.otlp";
    "tracing.haystack.baggageprefixheadername", "2.5", "2.11",
        "Haystack is gone since v3: use tracing.otlp";
    "tracing.haystack.globaltag", "2.5", "2.11",
        "Haystack is gone since v3: use tracing.otlp";
    "tracing.haystack.localagenthost", "2.5", "2.11",
        "Haystack is gone since v3: use tracing.otlp";
    "tracing.haystack.localagentport", "2.5", "2.11",
        "Haystack is gone since v3: use tracing.otlp";
    "tracing.haystack.parentidheadername", "2.5", "2.11",
        "Haystack is gone since v3: use tracing.otlp";
    "tracing.haystack.spanidheadername", "2.5", "2.11",
        "Haystack is gone since v3: use tracing.otlp";
    "tracing.haystack.traceidheadername", "2.5", "2.11",
        "Haystack is gone since v3: use tracing.otlp";
    "tracing.instana", "2.5", "2.11",
        "use tracing.otlp: the Instana agent takes OTLP";
    "tracing.instana.enableautoprofile", "2.6", "2.11",
        "use tracing.otlp: the Instana agent takes OTLP";
    "tracing.instana.localagenthost", "2.5", "2.11",
        "use tracing.otlp: the Instana agent takes OTLP";
    "tracing.instana.localagentport", "2.5", "2.11",
        "use tracing.otlp: the Instana agent takes OTLP";
    "tracing.instana.loglevel", "2.5", "2.11",
        "use tracing.otlp: the Instana agent takes OTLP";
    "tracing.jaeger", "2.5", "2.11",
        "use tracing.otlp: Jaeger takes OTLP";
    "tracing.jaeger.collector.endpoint", "2.5", "2.11",
        "use tracing.otlp: Jaeger takes OTLP";
    "tracing.jaeger.collector.password", "2.5", "2.11",
        "use tracing.otlp: Jaeger takes OTLP";
    "tracing.jaeger.collector.user", "2.5", "2.11",
        "use tracing.otlp: Jaeger takes OTLP";
    "tracing.jaeger.disableattemptreconnecting", "2.5", "2.11",
        "use tracing.otlp: Jaeger takes OTLP";
    "tracing.jaeger.gen128bit", "2.5", "2.11",
        "use tracing.otlp: Jaeger takes OTLP";
    "tracing.jaeger.localagenthostport", "2.5", "2.11",
        "use tracing.otlp: Jaeger takes OTLP";
    "tracing.jaeger.propagation", "2.5", "2.11",
        "use tracing.otlp: Jaeger takes OTLP";
    "tracing.jaeger.samplingparam", "2.5", "2.11",
        "use tracing.otlp: Jaeger takes OTLP";
    "tracing.jaeger.samplingserverurl", "2.5", "2.11",
        "use tracing.otlp: Jaeger takes OTLP";
    "tracing.jaeger.samplingtype", "2.5", "2.11",
        "use tracing.otlp: Jaeger takes OTLP";
    "tracing.jaeger.tracecontextheadername", "2.5", "2.11",
        "use tracing.otlp: Jaeger takes OTLP";
    "tracing.spannamelimit", "2.5", "2.11",
        "span names have no limit since v3: remove the line";
    "tracing.zipkin", "2.5", "2.11",
        "use tracing.otlp: an OpenTelemetry collector passes spans on to Zipkin";
    "tracing.zipkin.httpendpoint", "2.5", "2.11",
        "use tracing.otlp: an OpenTelemetry collector passes spans on to Zipkin";
    "tracing.zipkin.id128bit", "2.5", "2.11",
        "use tracing.otlp: an OpenTelemetry collector passes spans on to Zipkin";
    "tracing.zipkin.samespan", "2.5", "2.11",
        "use tracing.otlp: an OpenTelemetry collector passes spans on to Zipkin";
    "tracing.zipkin.sampleRate", "2.5", "2.11",
        "use tracing.otlp: an OpenTelemetry collector passes spans on to Zipkin";
}
