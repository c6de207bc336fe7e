//! Logs, metrics and traces.

use crate::config::statics::option::Kind::{
    Block, Bool, Choice, Count, Duration, Float, Floats, Secret, Text, Texts,
};
use crate::config::statics::option::State::Served;
use crate::config::statics::table::{COMPRESS, METRICS, OTLP, TRACING};

options! { ROWS:
    "accessLog", Block, "", "2.5", Served,
        "Writes one line per request.";
    "accessLog.addInternals", Bool, "false", "3.0", Served,
        "Also logs requests to internal services (ping, api).";
    "accessLog.bufferingSize", Count, "0", "2.5", Served,
        "Accepted: lines are always written in batches, off the threads that carry traffic.";
    "accessLog.dualOutput", Bool, "false", "3.7", OTLP,
        "Writes the local log also while records go out by OTLP.";
    "accessLog.fields.defaultMode", Choice(&["keep", "drop"]), "keep", "2.5", Served,
        "What happens to fields that `names` does not list.";
    "accessLog.fields.headers.defaultMode", Choice(&["keep", "drop", "redact"]),
        "drop", "2.5", Served,
        "What happens to headers that `names` does not list.";
    "accessLog.fields.headers.names.*", Choice(&["keep", "drop", "redact"]), "", "2.5", Served,
        "What happens to this header.";
    "accessLog.fields.names.*", Choice(&["keep", "drop"]), "", "2.5", Served,
        "What happens to this field.";
    "accessLog.fields.queryParameters.defaultMode", Choice(&["keep", "drop"]),
        "keep", "3.6", Served,
        "Whether the query string is part of the logged path.";
    "accessLog.filePath", Text, "", "2.5", Served,
        "File that takes the lines; standard output when empty.";
    "accessLog.filters.minDuration", Duration, "0s", "2.5", Served,
        "Logs requests that took longer than this.";
    "accessLog.filters.retryAttempts", Bool, "false", "2.5", Served,
        "Logs requests that were tried more than once.";
    "accessLog.filters.statusCodes", Texts, "", "2.5", Served,
        "Logs answers with these codes or ranges, such as 200,300-302.";
    "accessLog.format", Choice(&["common", "json", "genericCLF"]), "common", "2.5", Served,
        "Shape of a line.";
    "accessLog.otlp", Block, "", "3.3", OTLP,
        "Sends the records by OpenTelemetry.";
    "accessLog.otlp.grpc", Block, "", "3.3", OTLP,
        "Sends by gRPC.";
    "accessLog.otlp.grpc.endpoint", Text, "localhost:4317", "3.3", OTLP,
        "Collector, host:port.";
    "accessLog.otlp.grpc.headers.*", Secret, "", "3.3", OTLP,
        "A header sent along.";
    "accessLog.otlp.grpc.insecure", Bool, "false", "3.3", OTLP,
        "Sends without TLS.";
    "accessLog.otlp.grpc.tls.ca", Text, "", "3.3", OTLP,
        "File of the CA that the server's certificate comes from.";
    "accessLog.otlp.grpc.tls.cert", Text, "", "3.3", OTLP,
        "File of the certificate shown to the server.";
    "accessLog.otlp.grpc.tls.insecureSkipVerify", Bool, "false", "3.3", OTLP,
        "Does not verify the server's certificate.";
    "accessLog.otlp.grpc.tls.key", Text, "", "3.3", OTLP,
        "File of the key of that certificate.";
    "accessLog.otlp.http", Block, "", "3.3", OTLP,
        "Sends by HTTP.";
    "accessLog.otlp.http.endpoint", Text, "https://localhost:4318", "3.3", OTLP,
        "URL of the collector.";
    "accessLog.otlp.http.headers.*", Secret, "", "3.3", OTLP,
        "A header sent along.";
    "accessLog.otlp.http.tls.ca", Text, "", "3.3", OTLP,
        "File of the CA that the server's certificate comes from.";
    "accessLog.otlp.http.tls.cert", Text, "", "3.3", OTLP,
        "File of the certificate shown to the server.";
    "accessLog.otlp.http.tls.insecureSkipVerify", Bool, "false", "3.3", OTLP,
        "Does not verify the server's certificate.";
    "accessLog.otlp.http.tls.key", Text, "", "3.3", OTLP,
        "File of the key of that certificate.";
    "accessLog.otlp.resourceAttributes.*", Text, "", "3.3", OTLP,
        "An attribute of this instance.";
    "accessLog.otlp.serviceName", Text, "traefik", "3.3", OTLP,
        "Service name of the records.";
    "log", Block, "", "2.5", Served,
        "The program's own log.";
    "log.compress", Bool, "false", "3.0", COMPRESS,
        "Compresses rotated log files with gzip.";
    "log.filePath", Text, "", "2.5", Served,
        "File that takes the log; standard output when empty.";
    "log.format", Choice(&["common", "json"]), "common", "2.5", Served,
        "Shape of a line.";
    "log.level", Choice(&["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "PANIC"]),
        "ERROR", "2.5", Served,
        "Least severe level that is written.";
    "log.maxAge", Count, "0", "3.0", Served,
        "Days that rotated log files are kept; 0 is for ever.";
    "log.maxBackups", Count, "0", "3.0", Served,
        "Rotated log files kept; 0 is all.";
    "log.maxSize", Count, "0", "3.0", Served,
        "Megabytes at which the log file is rotated; 0 is never.";
    "log.noColor", Bool, "false", "3.0", Served,
        "No colours in the common format.";
    "log.otlp", Block, "", "3.3", OTLP,
        "Sends the records by OpenTelemetry.";
    "log.otlp.grpc", Block, "", "3.3", OTLP,
        "Sends by gRPC.";
    "log.otlp.grpc.endpoint", Text, "localhost:4317", "3.3", OTLP,
        "Collector, host:port.";
    "log.otlp.grpc.headers.*", Secret, "", "3.3", OTLP,
        "A header sent along.";
    "log.otlp.grpc.insecure", Bool, "false", "3.3", OTLP,
        "Sends without TLS.";
    "log.otlp.grpc.tls.ca", Text, "", "3.3", OTLP,
        "File of the CA that the server's certificate comes from.";
    "log.otlp.grpc.tls.cert", Text, "", "3.3", OTLP,
        "File of the certificate shown to the server.";
    "log.otlp.grpc.tls.insecureSkipVerify", Bool, "false", "3.3", OTLP,
        "Does not verify the server's certificate.";
    "log.otlp.grpc.tls.key", Text, "", "3.3", OTLP,
        "File of the key of that certificate.";
    "log.otlp.http", Block, "", "3.3", OTLP,
        "Sends by HTTP.";
    "log.otlp.http.endpoint", Text, "https://localhost:4318", "3.3", OTLP,
        "URL of the collector.";
    "log.otlp.http.headers.*", Secret, "", "3.3", OTLP,
        "A header sent along.";
    "log.otlp.http.tls.ca", Text, "", "3.3", OTLP,
        "File of the CA that the server's certificate comes from.";
    "log.otlp.http.tls.cert", Text, "", "3.3", OTLP,
        "File of the certificate shown to the server.";
    "log.otlp.http.tls.insecureSkipVerify", Bool, "false", "3.3", OTLP,
        "Does not verify the server's certificate.";
    "log.otlp.http.tls.key", Text, "", "3.3", OTLP,
        "File of the key of that certificate.";
    "log.otlp.resourceAttributes.*", Text, "", "3.3", OTLP,
        "An attribute of this instance.";
    "log.otlp.serviceName", Text, "traefik", "3.3", OTLP,
        "Service name of the records.";
    "metrics.addInternals", Bool, "false", "3.0", METRICS,
        "Also counts requests to internal services (ping, api).";
    "metrics.datadog", Block, "", "2.5", METRICS,
        "Sends metrics to a Datadog agent.";
    "metrics.datadog.addEntryPointsLabels", Bool, "true", "2.5", METRICS,
        "Counts per entry point.";
    "metrics.datadog.address", Text, "localhost:8125", "2.5", METRICS,
        "Agent: host:port, or unix:///path.";
    "metrics.datadog.addRoutersLabels", Bool, "false", "2.5", METRICS,
        "Counts per router.";
    "metrics.datadog.addServicesLabels", Bool, "true", "2.5", METRICS,
        "Counts per service.";
    "metrics.datadog.prefix", Text, "traefik", "2.6", METRICS,
        "First word of every metric's name.";
    "metrics.datadog.pushInterval", Duration, "10s", "2.5", METRICS,
        "Time between two sends.";
    "metrics.influxDB2", Block, "", "2.7", METRICS,
        "Sends metrics to InfluxDB 2.";
    "metrics.influxDB2.addEntryPointsLabels", Bool, "true", "2.7", METRICS,
        "Counts per entry point.";
    "metrics.influxDB2.additionalLabels.*", Text, "", "2.7", METRICS,
        "A tag on every point.";
    "metrics.influxDB2.address", Text, "http://localhost:8086", "2.7", METRICS,
        "URL of the server.";
    "metrics.influxDB2.addRoutersLabels", Bool, "false", "2.7", METRICS,
        "Counts per router.";
    "metrics.influxDB2.addServicesLabels", Bool, "true", "2.7", METRICS,
        "Counts per service.";
    "metrics.influxDB2.bucket", Text, "", "2.7", METRICS,
        "Bucket that takes the points.";
    "metrics.influxDB2.org", Text, "", "2.7", METRICS,
        "Organisation of the bucket.";
    "metrics.influxDB2.pushInterval", Duration, "10s", "2.7", METRICS,
        "Time between two sends.";
    "metrics.influxDB2.token", Secret, "", "2.7", METRICS,
        "Access token.";
    "metrics.otlp", Block, "", "3.0", METRICS,
        "Sends metrics by OpenTelemetry.";
    "metrics.otlp.addEntryPointsLabels", Bool, "true", "3.0", METRICS,
        "Counts per entry point.";
    "metrics.otlp.addRoutersLabels", Bool, "false", "3.0", METRICS,
        "Counts per router.";
    "metrics.otlp.addServicesLabels", Bool, "true", "3.0", METRICS,
        "Counts per service.";
    "metrics.otlp.explicitBoundaries", Floats,
        "0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10", "3.0", METRICS,
        "Upper bounds of the duration histogram, in seconds.";
    "metrics.otlp.grpc", Block, "", "3.0", METRICS,
        "Sends by gRPC.";
    "metrics.otlp.grpc.endpoint", Text, "localhost:4317", "3.0", METRICS,
        "Collector, host:port.";
    "metrics.otlp.grpc.headers.*", Secret, "", "3.0", METRICS,
        "A header sent along.";
    "metrics.otlp.grpc.insecure", Bool, "false", "3.0", METRICS,
        "Sends without TLS.";
    "metrics.otlp.grpc.tls.ca", Text, "", "3.0", METRICS,
        "File of the CA that the server's certificate comes from.";
    "metrics.otlp.grpc.tls.cert", Text, "", "3.0", METRICS,
        "File of the certificate shown to the server.";
    "metrics.otlp.grpc.tls.insecureSkipVerify", Bool, "false", "3.0", METRICS,
        "Does not verify the server's certificate.";
    "metrics.otlp.grpc.tls.key", Text, "", "3.0", METRICS,
        "File of the key of that certificate.";
    "metrics.otlp.http", Block, "", "3.0", METRICS,
        "Sends by HTTP.";
    "metrics.otlp.http.endpoint", Text, "https://localhost:4318", "3.0", METRICS,
        "URL of the collector.";
    "metrics.otlp.http.headers.*", Secret, "", "3.0", METRICS,
        "A header sent along.";
    "metrics.otlp.http.tls.ca", Text, "", "3.0", METRICS,
        "File of the CA that the server's certificate comes from.";
    "metrics.otlp.http.tls.cert", Text, "", "3.0", METRICS,
        "File of the certificate shown to the server.";
    "metrics.otlp.http.tls.insecureSkipVerify", Bool, "false", "3.0", METRICS,
        "Does not verify the server's certificate.";
    "metrics.otlp.http.tls.key", Text, "", "3.0", METRICS,
        "File of the key of that certificate.";
    "metrics.otlp.pushInterval", Duration, "10s", "3.0", METRICS,
        "Time between two sends.";
    "metrics.otlp.resourceAttributes.*", Text, "", "3.5", METRICS,
        "An attribute of this instance.";
    "metrics.otlp.serviceName", Text, "traefik", "3.2", METRICS,
        "Service name of the records.";
    "metrics.prometheus", Block, "", "2.5", METRICS,
        "Serves metrics to Prometheus at /metrics.";
    "metrics.prometheus.addEntryPointsLabels", Bool, "true", "2.5", METRICS,
        "Counts per entry point.";
    "metrics.prometheus.addRoutersLabels", Bool, "false", "2.5", METRICS,
        "Counts per router.";
    "metrics.prometheus.addServicesLabels", Bool, "true", "2.5", METRICS,
        "Counts per service.";
    "metrics.prometheus.buckets", Floats, "0.1, 0.3, 1.2, 5", "2.5", METRICS,
        "Upper bounds of the duration histogram, in seconds.";
    "metrics.prometheus.entryPoint", Text, "traefik", "2.5", METRICS,
        "Entry point that serves /metrics.";
    "metrics.prometheus.headerLabels.*", Text, "", "2.10", METRICS,
        "Request header whose value this label carries.";
    "metrics.prometheus.manualRouting", Bool, "false", "2.5", METRICS,
        "Serves only through a router to prometheus@internal.";
    "metrics.statsD", Block, "", "2.5", METRICS,
        "Sends metrics to a StatsD server.";
    "metrics.statsD.addEntryPointsLabels", Bool, "true", "2.5", METRICS,
        "Counts per entry point.";
    "metrics.statsD.address", Text, "localhost:8125", "2.5", METRICS,
        "Server, host:port.";
    "metrics.statsD.addRoutersLabels", Bool, "false", "2.5", METRICS,
        "Counts per router.";
    "metrics.statsD.addServicesLabels", Bool, "true", "2.5", METRICS,
        "Counts per service.";
    "metrics.statsD.prefix", Text, "traefik", "2.5", METRICS,
        "First word of every metric's name.";
    "metrics.statsD.pushInterval", Duration, "10s", "2.5", METRICS,
        "Time between two sends.";
    "tracing", Block, "", "2.5", TRACING,
        "Traces requests by OpenTelemetry.";
    "tracing.addInternals", Bool, "false", "3.0", TRACING,
        "Also traces requests to internal services (ping, api).";
    "tracing.capturedRequestHeaders", Texts, "", "3.0", TRACING,
        "Request headers written to spans.";
    "tracing.capturedResponseHeaders", Texts, "", "3.0", TRACING,
        "Answer headers written to spans.";
    "tracing.globalAttributes.*", Text, "", "3.0", TRACING,
        "Old name of resourceAttributes.";
    "tracing.otlp", Block, "", "3.0", TRACING,
        "Sends spans by OTLP.";
    "tracing.otlp.grpc", Block, "", "3.0", TRACING,
        "Sends by gRPC.";
    "tracing.otlp.grpc.endpoint", Text, "localhost:4317", "3.0", TRACING,
        "Collector, host:port.";
    "tracing.otlp.grpc.headers.*", Secret, "", "3.0", TRACING,
        "A header sent along.";
    "tracing.otlp.grpc.insecure", Bool, "false", "3.0", TRACING,
        "Sends without TLS.";
    "tracing.otlp.grpc.tls.ca", Text, "", "3.0", TRACING,
        "File of the CA that the server's certificate comes from.";
    "tracing.otlp.grpc.tls.cert", Text, "", "3.0", TRACING,
        "File of the certificate shown to the server.";
    "tracing.otlp.grpc.tls.insecureSkipVerify", Bool, "false", "3.0", TRACING,
        "Does not verify the server's certificate.";
    "tracing.otlp.grpc.tls.key", Text, "", "3.0", TRACING,
        "File of the key of that certificate.";
    "tracing.otlp.http", Block, "", "3.0", TRACING,
        "Sends by HTTP.";
    "tracing.otlp.http.endpoint", Text, "https://localhost:4318", "3.0", TRACING,
        "URL of the collector.";
    "tracing.otlp.http.headers.*", Secret, "", "3.0", TRACING,
        "A header sent along.";
    "tracing.otlp.http.tls.ca", Text, "", "3.0", TRACING,
        "File of the CA that the server's certificate comes from.";
    "tracing.otlp.http.tls.cert", Text, "", "3.0", TRACING,
        "File of the certificate shown to the server.";
    "tracing.otlp.http.tls.insecureSkipVerify", Bool, "false", "3.0", TRACING,
        "Does not verify the server's certificate.";
    "tracing.otlp.http.tls.key", Text, "", "3.0", TRACING,
        "File of the key of that certificate.";
    "tracing.resourceAttributes.*", Text, "", "3.3", TRACING,
        "An attribute of this instance.";
    "tracing.safeQueryParams", Texts, "", "3.1", TRACING,
        "Query parameters that spans may show.";
    "tracing.sampleRate", Float, "1", "3.0", TRACING,
        "Share of requests that are traced, 0 to 1.";
    "tracing.serviceName", Text, "traefik", "2.5", TRACING,
        "Service name of the spans.";
}
