//! Every other provider of dynamic configuration.

use crate::config::statics::option::Kind::{
    Block, Bool, Count, Duration, Free, Int, Secret, Text, Texts,
};
use crate::config::statics::option::State::Served;
use crate::config::statics::table::{API, PLUGINS, PROVIDERS};

options! { ROWS:
    "providers.consul", Block, "", "2.5", PROVIDERS,
        "Reads configuration from Consul's key-value store.";
    "providers.consul.endpoints", Texts, "127.0.0.1:8500", "2.5", PROVIDERS,
        "Servers of the store, host:port.";
    "providers.consul.namespaces", Texts, "", "2.8", PROVIDERS,
        "Namespaces to look at; all when empty.";
    "providers.consul.rootKey", Text, "traefik", "2.5", PROVIDERS,
        "Key below which the configuration lies.";
    "providers.consul.tls.ca", Text, "", "2.5", PROVIDERS,
        "File of the CA that the server's certificate comes from.";
    "providers.consul.tls.cert", Text, "", "2.5", PROVIDERS,
        "File of the certificate shown to the server.";
    "providers.consul.tls.insecureSkipVerify", Bool, "false", "2.5", PROVIDERS,
        "Does not verify the server's certificate.";
    "providers.consul.tls.key", Text, "", "2.5", PROVIDERS,
        "File of the key of that certificate.";
    "providers.consul.token", Secret, "", "2.6", PROVIDERS,
        "Access token.";
    "providers.consulCatalog", Block, "", "2.5", PROVIDERS,
        "Finds services in Consul's catalogue.";
    "providers.consulCatalog.cache", Bool, "false", "2.5", PROVIDERS,
        "Lets local agents answer from their cache.";
    "providers.consulCatalog.connectAware", Bool, "false", "2.5", PROVIDERS,
        "Treats services as members of the Connect mesh.";
    "providers.consulCatalog.connectByDefault", Bool, "false", "2.5", PROVIDERS,
        "Every service is in the mesh unless a tag says otherwise.";
    "providers.consulCatalog.constraints", Text, "", "2.5", PROVIDERS,
        "Expression over labels or tags that a service must fulfil.";
    "providers.consulCatalog.defaultRule", Text, "Host(`{{ normalize .Name }}`)", "2.5", PROVIDERS,
        "Rule of routers that have none, a Go template.";
    "providers.consulCatalog.endpoint.address", Text, "", "2.5", PROVIDERS,
        "Address of the server.";
    "providers.consulCatalog.endpoint.datacenter", Text, "", "2.5", PROVIDERS,
        "Datacenter to ask.";
    "providers.consulCatalog.endpoint.endpointWaitTime", Duration, "0s", "2.5", PROVIDERS,
        "Longest time that a watch blocks; 0 is the agent's default.";
    "providers.consulCatalog.endpoint.httpAuth.password", Secret, "", "2.5", PROVIDERS,
        "Password.";
    "providers.consulCatalog.endpoint.httpAuth.username", Text, "", "2.5", PROVIDERS,
        "User name.";
    "providers.consulCatalog.endpoint.scheme", Text, "", "2.5", PROVIDERS,
        "http or https.";
    "providers.consulCatalog.endpoint.tls.ca", Text, "", "2.5", PROVIDERS,
        "File of the CA that the server's certificate comes from.";
    "providers.consulCatalog.endpoint.tls.cert", Text, "", "2.5", PROVIDERS,
        "File of the certificate shown to the server.";
    "providers.consulCatalog.endpoint.tls.insecureSkipVerify", Bool, "false", "2.5", PROVIDERS,
        "Does not verify the server's certificate.";
    "providers.consulCatalog.endpoint.tls.key", Text, "", "2.5", PROVIDERS,
        "File of the key of that certificate.";
    "providers.consulCatalog.endpoint.token", Secret, "", "2.5", PROVIDERS,
        "Access token.";
    "providers.consulCatalog.exposedByDefault", Bool, "true", "2.5", PROVIDERS,
        "Takes services that do not say traefik.enable.";
    "providers.consulCatalog.namespaces", Texts, "", "2.8", PROVIDERS,
        "Namespaces to look at; all when empty.";
    "providers.consulCatalog.prefix", Text, "traefik", "2.5", PROVIDERS,
        "First word of tags that are read.";
    "providers.consulCatalog.refreshInterval", Duration, "15s", "2.5", PROVIDERS,
        "Time between two looks.";
    "providers.consulCatalog.requireConsistent", Bool, "false", "2.5", PROVIDERS,
        "Asks for fully consistent reads.";
    "providers.consulCatalog.serviceName", Text, "traefik", "2.5", PROVIDERS,
        "Name of this router's own service in the catalogue.";
    "providers.consulCatalog.stale", Bool, "false", "2.5", PROVIDERS,
        "Accepts answers of followers, which may be old.";
    "providers.consulCatalog.strictChecks", Texts, "passing, warning", "3.0", PROVIDERS,
        "Health states that count as healthy.";
    "providers.consulCatalog.watch", Bool, "false", "2.7", PROVIDERS,
        "Hears about changes instead of asking for them.";
    "providers.docker", Block, "", "2.5", PROVIDERS,
        "Finds containers by their labels.";
    "providers.docker.allowEmptyServices", Bool, "false", "2.9", PROVIDERS,
        "Keeps routers whose service has no server: they answer 503.";
    "providers.docker.constraints", Text, "", "2.5", PROVIDERS,
        "Expression over labels or tags that a service must fulfil.";
    "providers.docker.defaultRule", Text, "Host(`{{ normalize .Name }}`)", "2.5", PROVIDERS,
        "Rule of routers that have none, a Go template.";
    "providers.docker.endpoint", Text, "unix:///var/run/docker.sock", "2.5", PROVIDERS,
        "Docker API: unix://, tcp:// or ssh://.";
    "providers.docker.exposedByDefault", Bool, "true", "2.5", PROVIDERS,
        "Takes services that do not say traefik.enable.";
    "providers.docker.httpClientTimeout", Duration, "0s", "2.5", PROVIDERS,
        "Longest time of one call; 0 is no limit.";
    "providers.docker.network", Text, "", "2.5", PROVIDERS,
        "Network through which containers are reached.";
    "providers.docker.password", Secret, "", "3.2", PROVIDERS,
        "Password.";
    "providers.docker.tls.ca", Text, "", "2.5", PROVIDERS,
        "File of the CA that the server's certificate comes from.";
    "providers.docker.tls.cert", Text, "", "2.5", PROVIDERS,
        "File of the certificate shown to the server.";
    "providers.docker.tls.insecureSkipVerify", Bool, "false", "2.5", PROVIDERS,
        "Does not verify the server's certificate.";
    "providers.docker.tls.key", Text, "", "2.5", PROVIDERS,
        "File of the key of that certificate.";
    "providers.docker.useBindPortIP", Bool, "false", "2.5", PROVIDERS,
        "Uses the host's address and port where a port is bound.";
    "providers.docker.username", Text, "", "3.2", PROVIDERS,
        "User name.";
    "providers.docker.watch", Bool, "true", "2.5", PROVIDERS,
        "Hears about changes instead of asking for them.";
    "providers.ecs", Block, "", "2.5", PROVIDERS,
        "Finds tasks of Amazon ECS by their labels.";
    "providers.ecs.accessKeyID", Text, "", "2.5", PROVIDERS,
        "AWS access key.";
    "providers.ecs.autoDiscoverClusters", Bool, "false", "2.5", PROVIDERS,
        "Looks for clusters by itself.";
    "providers.ecs.clusters", Texts, "default", "2.5", PROVIDERS,
        "Clusters to look at.";
    "providers.ecs.constraints", Text, "", "2.5", PROVIDERS,
        "Expression over labels or tags that a service must fulfil.";
    "providers.ecs.defaultRule", Text, "Host(`{{ normalize .Name }}`)", "2.5", PROVIDERS,
        "Rule of routers that have none, a Go template.";
    "providers.ecs.ecsAnywhere", Bool, "false", "2.9", PROVIDERS,
        "Also takes tasks of ECS Anywhere.";
    "providers.ecs.exposedByDefault", Bool, "true", "2.5", PROVIDERS,
        "Takes services that do not say traefik.enable.";
    "providers.ecs.healthyTasksOnly", Bool, "false", "3.0", PROVIDERS,
        "Takes only tasks that ECS calls healthy.";
    "providers.ecs.refreshSeconds", Count, "15", "2.5", PROVIDERS,
        "Seconds between two looks.";
    "providers.ecs.region", Text, "", "2.5", PROVIDERS,
        "AWS region.";
    "providers.ecs.secretAccessKey", Secret, "", "2.5", PROVIDERS,
        "AWS secret key.";
    "providers.etcd", Block, "", "2.5", PROVIDERS,
        "Reads configuration from etcd.";
    "providers.etcd.endpoints", Texts, "127.0.0.1:2379", "2.5", PROVIDERS,
        "Servers of the store, host:port.";
    "providers.etcd.password", Secret, "", "2.5", PROVIDERS,
        "Password.";
    "providers.etcd.rootKey", Text, "traefik", "2.5", PROVIDERS,
        "Key below which the configuration lies.";
    "providers.etcd.tls.ca", Text, "", "2.5", PROVIDERS,
        "File of the CA that the server's certificate comes from.";
    "providers.etcd.tls.cert", Text, "", "2.5", PROVIDERS,
        "File of the certificate shown to the server.";
    "providers.etcd.tls.insecureSkipVerify", Bool, "false", "2.5", PROVIDERS,
        "Does not verify the server's certificate.";
    "providers.etcd.tls.key", Text, "", "2.5", PROVIDERS,
        "File of the key of that certificate.";
    "providers.etcd.username", Text, "", "2.5", PROVIDERS,
        "User name.";
    "providers.file.debugLogGeneratedTemplate", Bool, "false", "2.5", Served,
        "Logs each file as it looks after its templates ran (level DEBUG).";
    "providers.file.directory", Text, "", "2.5", Served,
        "Folder whose *.yaml, *.yml and *.toml files are read, with all below it.";
    "providers.file.filename", Text, "", "2.5", Served,
        "The one file to read.";
    "providers.file.watch", Bool, "true", "2.5", Served,
        "Reads again whenever a file changes.";
    "providers.http", Block, "", "2.5", PROVIDERS,
        "Fetches the configuration from a URL.";
    "providers.http.endpoint", Text, "", "2.5", PROVIDERS,
        "URL to fetch.";
    "providers.http.headers.*", Secret, "", "3.0", PROVIDERS,
        "A header sent along.";
    "providers.http.maxResponseBodySize", Int, "-1", "2.11", PROVIDERS,
        "Largest answer in bytes; -1 is no limit.";
    "providers.http.pollInterval", Duration, "5s", "2.5", PROVIDERS,
        "Time between two fetches.";
    "providers.http.pollTimeout", Duration, "5s", "2.5", PROVIDERS,
        "Longest time of one fetch.";
    "providers.http.tls.ca", Text, "", "2.5", PROVIDERS,
        "File of the CA that the server's certificate comes from.";
    "providers.http.tls.cert", Text, "", "2.5", PROVIDERS,
        "File of the certificate shown to the server.";
    "providers.http.tls.insecureSkipVerify", Bool, "false", "2.5", PROVIDERS,
        "Does not verify the server's certificate.";
    "providers.http.tls.key", Text, "", "2.5", PROVIDERS,
        "File of the key of that certificate.";
    "providers.nomad", Block, "", "2.8", PROVIDERS,
        "Finds services of Nomad by their tags.";
    "providers.nomad.allowEmptyServices", Bool, "false", "3.0", PROVIDERS,
        "Keeps routers whose service has no server: they answer 503.";
    "providers.nomad.constraints", Text, "", "2.8", PROVIDERS,
        "Expression over labels or tags that a service must fulfil.";
    "providers.nomad.defaultRule", Text, "Host(`{{ normalize .Name }}`)", "2.8", PROVIDERS,
        "Rule of routers that have none, a Go template.";
    "providers.nomad.endpoint.address", Text, "http://127.0.0.1:4646", "2.8", PROVIDERS,
        "Address of the server.";
    "providers.nomad.endpoint.endpointWaitTime", Duration, "0s", "2.8", PROVIDERS,
        "Longest time that a watch blocks; 0 is the agent's default.";
    "providers.nomad.endpoint.region", Text, "", "2.8", PROVIDERS,
        "Nomad region.";
    "providers.nomad.endpoint.tls.ca", Text, "", "2.8", PROVIDERS,
        "File of the CA that the server's certificate comes from.";
    "providers.nomad.endpoint.tls.cert", Text, "", "2.8", PROVIDERS,
        "File of the certificate shown to the server.";
    "providers.nomad.endpoint.tls.insecureSkipVerify", Bool, "false", "2.8", PROVIDERS,
        "Does not verify the server's certificate.";
    "providers.nomad.endpoint.tls.key", Text, "", "2.8", PROVIDERS,
        "File of the key of that certificate.";
    "providers.nomad.endpoint.token", Secret, "", "2.8", PROVIDERS,
        "Access token.";
    "providers.nomad.exposedByDefault", Bool, "true", "2.8", PROVIDERS,
        "Takes services that do not say traefik.enable.";
    "providers.nomad.namespaces", Texts, "", "2.10", PROVIDERS,
        "Namespaces to look at; all when empty.";
    "providers.nomad.prefix", Text, "traefik", "2.8", PROVIDERS,
        "First word of tags that are read.";
    "providers.nomad.refreshInterval", Duration, "15s", "2.8", PROVIDERS,
        "Time between two looks.";
    "providers.nomad.stale", Bool, "false", "2.8", PROVIDERS,
        "Accepts answers of followers, which may be old.";
    "providers.nomad.throttleDuration", Duration, "0s", "3.2", PROVIDERS,
        "Least time between two looks at changes.";
    "providers.nomad.watch", Bool, "false", "3.2", PROVIDERS,
        "Hears about changes instead of asking for them.";
    "providers.plugin.*", Free, "", "2.5", PLUGINS,
        "Options of a provider that a plugin brings.";
    "providers.precedence",
        Texts,
        "kubernetesgateway, kubernetescrd, kubernetes, kubernetesingressnginx, swarm, docker, file, \
     redis, knative, consul, consulcatalog, nomad, etcd, ecs, http, zookeeper, rest", "3.7", Served,
        "Whose router wins at equal priority: the provider named first.";
    "providers.providersThrottleDuration", Duration, "2s", "2.5", Served,
        "Least time between two changes of one provider that are put to work.";
    "providers.redis", Block, "", "2.5", PROVIDERS,
        "Reads configuration from Redis.";
    "providers.redis.db", Count, "0", "2.9", PROVIDERS,
        "Number of the database.";
    "providers.redis.endpoints", Texts, "127.0.0.1:6379", "2.5", PROVIDERS,
        "Servers of the store, host:port.";
    "providers.redis.password", Secret, "", "2.5", PROVIDERS,
        "Password.";
    "providers.redis.rootKey", Text, "traefik", "2.5", PROVIDERS,
        "Key below which the configuration lies.";
    "providers.redis.sentinel.latencyStrategy", Bool, "false", "2.11", PROVIDERS,
        "Reads from the closest node.";
    "providers.redis.sentinel.masterName", Text, "", "2.11", PROVIDERS,
        "Name of the master.";
    "providers.redis.sentinel.password", Secret, "", "2.11", PROVIDERS,
        "Password for the sentinels.";
    "providers.redis.sentinel.randomStrategy", Bool, "false", "2.11", PROVIDERS,
        "Reads from any node.";
    "providers.redis.sentinel.replicaStrategy", Bool, "false", "2.11", PROVIDERS,
        "Reads from replicas.";
    "providers.redis.sentinel.useDisconnectedReplicas", Bool, "false", "2.11", PROVIDERS,
        "Also reads from replicas that lost their master.";
    "providers.redis.sentinel.username", Text, "", "2.11", PROVIDERS,
        "User for the sentinels.";
    "providers.redis.tls.ca", Text, "", "2.5", PROVIDERS,
        "File of the CA that the server's certificate comes from.";
    "providers.redis.tls.cert", Text, "", "2.5", PROVIDERS,
        "File of the certificate shown to the server.";
    "providers.redis.tls.insecureSkipVerify", Bool, "false", "2.5", PROVIDERS,
        "Does not verify the server's certificate.";
    "providers.redis.tls.key", Text, "", "2.5", PROVIDERS,
        "File of the key of that certificate.";
    "providers.redis.username", Text, "", "2.5", PROVIDERS,
        "User name.";
    "providers.rest", Block, "", "2.5", API,
        "Takes configuration by PUT /api/providers/rest.";
    "providers.rest.insecure", Bool, "false", "2.5", API,
        "Serves it on the entry point `traefik`, without a router.";
    "providers.swarm", Block, "", "3.0", PROVIDERS,
        "Finds services of a Docker Swarm by their labels.";
    "providers.swarm.allowEmptyServices", Bool, "false", "3.0", PROVIDERS,
        "Keeps routers whose service has no server: they answer 503.";
    "providers.swarm.constraints", Text, "", "3.0", PROVIDERS,
        "Expression over labels or tags that a service must fulfil.";
    "providers.swarm.defaultRule", Text, "Host(`{{ normalize .Name }}`)", "3.0", PROVIDERS,
        "Rule of routers that have none, a Go template.";
    "providers.swarm.endpoint", Text, "unix:///var/run/docker.sock", "3.0", PROVIDERS,
        "Docker API: unix://, tcp:// or ssh://.";
    "providers.swarm.exposedByDefault", Bool, "true", "3.0", PROVIDERS,
        "Takes services that do not say traefik.enable.";
    "providers.swarm.httpClientTimeout", Duration, "0s", "3.0", PROVIDERS,
        "Longest time of one call; 0 is no limit.";
    "providers.swarm.network", Text, "", "3.0", PROVIDERS,
        "Network through which containers are reached.";
    "providers.swarm.password", Secret, "", "3.2", PROVIDERS,
        "Password.";
    "providers.swarm.refreshSeconds", Duration, "15s", "3.0", PROVIDERS,
        "Time between two looks.";
    "providers.swarm.tls.ca", Text, "", "3.0", PROVIDERS,
        "File of the CA that the server's certificate comes from.";
    "providers.swarm.tls.cert", Text, "", "3.0", PROVIDERS,
        "File of the certificate shown to the server.";
    "providers.swarm.tls.insecureSkipVerify", Bool, "false", "3.0", PROVIDERS,
        "Does not verify the server's certificate.";
    "providers.swarm.tls.key", Text, "", "3.0", PROVIDERS,
        "File of the key of that certificate.";
    "providers.swarm.useBindPortIP", Bool, "false", "3.0", PROVIDERS,
        "Uses the host's address and port where a port is bound.";
    "providers.swarm.username", Text, "", "3.2", PROVIDERS,
        "User name.";
    "providers.swarm.watch", Bool, "true", "3.0", PROVIDERS,
        "Hears about changes instead of asking for them.";
    "providers.zooKeeper", Block, "", "2.5", PROVIDERS,
        "Reads configuration from ZooKeeper.";
    "providers.zooKeeper.endpoints", Texts, "127.0.0.1:2181", "2.5", PROVIDERS,
        "Servers of the store, host:port.";
    "providers.zooKeeper.password", Secret, "", "2.5", PROVIDERS,
        "Password.";
    "providers.zooKeeper.rootKey", Text, "traefik", "2.5", PROVIDERS,
        "Key below which the configuration lies.";
    "providers.zooKeeper.username", Text, "", "2.5", PROVIDERS,
        "User name.";
}
