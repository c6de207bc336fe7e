//! What belongs to no larger group, and what only Ringway knows.

use crate::config::statics::option::Kind::{
    Block, Bool, Choice, Count, Duration, Secret, Text, Texts,
};
use crate::config::statics::option::State::Served;
use crate::config::statics::table::{
    API, HOST_RESOLVER, KUBERNETES, NO_LONGER_NEEDED, OTLP, PILOT, PLUGINS, TCP, TLS,
};

options! { ROWS:
    "api", Block, "", "2.5", API,
        "Serves the API and the dashboard.";
    "api.basePath", Text, "/", "3.3", API,
        "Path below which API and dashboard live.";
    "api.dashboard", Bool, "true", "2.5", API,
        "Serves the dashboard beside the API.";
    "api.dashboardName", Text, "", "3.7", API,
        "Name shown at the top of the dashboard.";
    "api.debug", Bool, "false", "2.5", API,
        "Serves /debug/vars and /debug/pprof.";
    "api.disableDashboardAd", Bool, "false", "2.10", API,
        "Hides the link to commercial offers in the dashboard.";
    "api.insecure", Bool, "false", "2.5", API,
        "Serves API and dashboard without a router, on the entry point `traefik`.";
    "core.defaultRuleSyntax", Choice(&["v3", "v2"]), "v3", "3.0", Served,
        "Rule syntax of routers that name none.";
    "experimental.abortOnPluginFailure", Bool, "false", "3.3", PLUGINS,
        "Stops at start when a plugin does not load.";
    "experimental.fastProxy", Block, "", "3.2", Served,
        "Accepted: Ringway has one proxy path, and it is the fast one.";
    "experimental.fastProxy.debug", Bool, "false", "3.2", Served,
        "Accepted: see experimental.fastProxy.";
    "experimental.knative", Bool, "false", "3.6", KUBERNETES,
        "Allows providers.knative.";
    "experimental.kubernetesGateway", Bool, "false", "2.5", NO_LONGER_NEEDED,
        "No longer needed: set providers.kubernetesGateway.";
    "experimental.kubernetesIngressNGINX", Bool, "false", "3.5", NO_LONGER_NEEDED,
        "No longer needed: set providers.kubernetesIngressNGINX.";
    "experimental.localPlugins.*", Block, "", "2.5", PLUGINS,
        "A plugin whose source lies in ./plugins-local.";
    "experimental.localPlugins.*.moduleName", Text, "", "2.5", PLUGINS,
        "Module path of the plugin.";
    "experimental.localPlugins.*.settings", Block, "", "3.1", PLUGINS,
        "What the plugin may use.";
    "experimental.localPlugins.*.settings.envs", Texts, "", "3.1", PLUGINS,
        "Environment variables that a WASM plugin sees.";
    "experimental.localPlugins.*.settings.mounts", Texts, "", "3.1", PLUGINS,
        "Folders that a WASM plugin sees, host[:guest][:ro].";
    "experimental.localPlugins.*.settings.useUnsafe", Bool, "false", "3.5", PLUGINS,
        "Lets an interpreted plugin use unsafe and syscall.";
    "experimental.otlplogs", Bool, "false", "3.3", OTLP,
        "Allows log.otlp and accessLog.otlp.";
    "experimental.plugins.*.hash", Text, "", "3.5", PLUGINS,
        "Expected sha256 of the plugin's archive.";
    "experimental.plugins.*.moduleName", Text, "", "2.5", PLUGINS,
        "Module path of the plugin in the catalogue.";
    "experimental.plugins.*.settings", Block, "", "3.1", PLUGINS,
        "What the plugin may use.";
    "experimental.plugins.*.settings.envs", Texts, "", "3.1", PLUGINS,
        "Environment variables that a WASM plugin sees.";
    "experimental.plugins.*.settings.mounts", Texts, "", "3.1", PLUGINS,
        "Folders that a WASM plugin sees, host[:guest][:ro].";
    "experimental.plugins.*.settings.useUnsafe", Bool, "false", "3.5", PLUGINS,
        "Lets an interpreted plugin use unsafe and syscall.";
    "experimental.plugins.*.version", Text, "", "2.5", PLUGINS,
        "Version of the plugin.";
    "global.checkNewVersion", Bool, "true", "2.5", Served,
        "Accepted: Ringway never asks the network for new versions.";
    "global.notAppendXForwardedFor", Bool, "false", "3.7", Served,
        "On every entry point: does not add the client's address to X-Forwarded-For.";
    "global.sendAnonymousUsage", Bool, "false", "2.5", Served,
        "Accepted: Ringway never sends usage data.";
    "hostResolver", Block, "", "2.5", HOST_RESOLVER,
        "Lets Host match the name that a CNAME leads to.";
    "hostResolver.cnameFlattening", Bool, "false", "2.5", HOST_RESOLVER,
        "Follows CNAMEs of the requested host.";
    "hostResolver.resolvConfig", Text, "/etc/resolv.conf", "2.5", HOST_RESOLVER,
        "File that names the name servers.";
    "hostResolver.resolvDepth", Count, "5", "2.5", HOST_RESOLVER,
        "CNAMEs followed at most.";
    "pilot.dashboard", Bool, "true", "2.5", PILOT,
        "Accepted: Traefik Pilot was shut down.";
    "pilot.token", Secret, "", "2.5", PILOT,
        "Accepted: Traefik Pilot was shut down.";
    "ping", Block, "", "2.5", Served,
        "Answers GET /ping with 200 while the program is well.";
    "ping.entryPoint", Text, "traefik", "2.5", Served,
        "Entry point that serves /ping.";
    "ping.manualRouting", Bool, "false", "2.5", Served,
        "Serves only through a router to ping@internal.";
    "ping.terminatingStatusCode", Count, "503", "2.5", Served,
        "Status of /ping after a stop signal.";
    "serversTransport.forwardingTimeouts.dialTimeout", Duration, "30s", "2.5", Served,
        "Longest time to connect to a server; 0 is no limit.";
    "serversTransport.forwardingTimeouts.idleConnTimeout", Duration, "90s", "2.5", Served,
        "How long idle connections to servers are kept; 0 is for ever.";
    "serversTransport.forwardingTimeouts.responseHeaderTimeout", Duration, "0s", "2.5", Served,
        "Longest wait for the head of an answer; 0 is no limit.";
    "serversTransport.insecureSkipVerify", Bool, "false", "2.5", TLS,
        "Does not verify certificates of servers.";
    "serversTransport.maxIdleConnsPerHost", Count, "200", "2.5", Served,
        "Idle connections kept per server.";
    "serversTransport.rootCAs", Texts, "", "2.5", TLS,
        "PEM files (or PEM text) of the CAs that servers' certificates come from.";
    "serversTransport.spiffe", Block, "", "3.0", TLS,
        "Knows servers by their SPIFFE identity.";
    "serversTransport.spiffe.ids", Texts, "", "3.0", TLS,
        "SPIFFE identities that are accepted.";
    "serversTransport.spiffe.trustDomain", Text, "", "3.0", TLS,
        "SPIFFE trust domain that is accepted.";
    "tcpServersTransport.dialKeepAlive", Duration, "15s", "3.0", TCP,
        "Time between TCP keep-alive probes to servers.";
    "tcpServersTransport.dialTimeout", Duration, "30s", "3.0", TCP,
        "Longest time to connect to a server.";
    "tcpServersTransport.terminationDelay", Duration, "0s", "3.0", TCP,
        "How long one direction may stay open after the other closed.";
    "tcpServersTransport.tls", Block, "", "3.0", TCP,
        "Speaks TLS to servers.";
    "tcpServersTransport.tls.insecureSkipVerify", Bool, "false", "3.0", TCP,
        "Does not verify certificates of servers.";
    "tcpServersTransport.tls.rootCAs", Texts, "", "3.0", TCP,
        "PEM files (or PEM text) of the CAs that servers' certificates come from.";
    "tcpServersTransport.tls.spiffe", Block, "", "3.0", TCP,
        "Knows servers by their SPIFFE identity.";
    "tcpServersTransport.tls.spiffe.ids", Texts, "", "3.0", TCP,
        "SPIFFE identities that are accepted.";
    "tcpServersTransport.tls.spiffe.trustDomain", Text, "", "3.0", TCP,
        "SPIFFE trust domain that is accepted.";
    "configFile", Text, "", "ringway", Served,
        "File to read this configuration from; flags and environment are then ignored.";
    "engine", Choice(&["auto", "ring", "epoll"]), "auto", "ringway", Served,
        "How the kernel is asked for input and output; auto tries io_uring first.";
    "shards", Count, "0", "ringway", Served,
        "Threads that carry traffic; 0 is one per usable CPU.";
}
