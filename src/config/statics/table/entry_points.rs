//! What a port that takes traffic may be told (`entryPoints.*`).

use crate::config::statics::option::Kind::{
    Block, Bool, Choice, Count, Duration, Int, Text, Texts,
};
use crate::config::statics::option::State::Served;
use crate::config::statics::table::{
    ACME, HTTP2, HTTP3, METRICS, SCHEME_HEADERS, TLS, TRACING, UDP,
};

options! { ROWS:
    "entryPoints.*", Block, "", "2.5", Served,
        "A port that takes traffic.";
    "entryPoints.*.address", Text, "", "2.5", Served,
        "Where to listen: [host]:port[/tcp|/udp].";
    "entryPoints.*.allowACMEByPass", Bool, "false", "2.11", ACME,
        "Lets routers of your own answer ACME challenges.";
    "entryPoints.*.asDefault", Bool, "false", "3.0", Served,
        "Routers that name no entry point use the ones marked so.";
    "entryPoints.*.forwardedHeaders.addXForwardedSchemeHeaders", Bool, "false", "3.8", SCHEME_HEADERS,
        "Also sets X-Forwarded-Scheme and X-Scheme.";
    "entryPoints.*.forwardedHeaders.connection", Texts, "", "2.11", Served,
        "Headers that routers and middlewares still see when a client names them in Connection.";
    "entryPoints.*.forwardedHeaders.insecure", Bool, "false", "2.5", Served,
        "Believes X-Forwarded-* of everyone.";
    "entryPoints.*.forwardedHeaders.notAppendXForwardedFor", Bool, "false", "3.7", Served,
        "Does not add the client's address to X-Forwarded-For.";
    "entryPoints.*.forwardedHeaders.trustedIPs", Texts, "", "2.5", Served,
        "Addresses and networks whose X-Forwarded-* are believed.";
    "entryPoints.*.http", Block, "", "2.5", Served,
        "What holds for all HTTP routers of this entry point.";
    "entryPoints.*.http.encodedCharacters.allowEncodedBackSlash", Bool, "true", "2.11", Served,
        "Accepts %5C in paths; else 400.";
    "entryPoints.*.http.encodedCharacters.allowEncodedHash", Bool, "true", "2.11", Served,
        "Accepts %23 in paths; else 400.";
    "entryPoints.*.http.encodedCharacters.allowEncodedNullCharacter", Bool, "true", "2.11", Served,
        "Accepts %00 in paths; else 400.";
    "entryPoints.*.http.encodedCharacters.allowEncodedPercent", Bool, "true", "2.11", Served,
        "Accepts %25 in paths; else 400.";
    "entryPoints.*.http.encodedCharacters.allowEncodedQuestionMark", Bool, "true", "2.11", Served,
        "Accepts %3F in paths; else 400.";
    "entryPoints.*.http.encodedCharacters.allowEncodedSemicolon", Bool, "true", "2.11", Served,
        "Accepts %3B in paths; else 400.";
    "entryPoints.*.http.encodedCharacters.allowEncodedSlash", Bool, "true", "2.11", Served,
        "Accepts %2F in paths; else 400.";
    "entryPoints.*.http.encodeQuerySemicolons", Bool, "false", "2.10", Served,
        "Sends `;` in queries as %3B instead of `&`.";
    "entryPoints.*.http.maxHeaderBytes", Count, "1048576", "2.11", Served,
        "Largest request head; a larger one gets 431.";
    "entryPoints.*.http.middlewares", Texts, "", "2.5", Served,
        "Middlewares in front of every router here, as name@provider.";
    "entryPoints.*.http.redirections.entryPoint.permanent", Bool, "true", "2.5", Served,
        "Answers 301 and 308 instead of 302 and 307.";
    "entryPoints.*.http.redirections.entryPoint.priority", Int,
        "9223372036854775806", "2.5", Served,
        "Priority of the router that redirects.";
    "entryPoints.*.http.redirections.entryPoint.scheme", Text, "https", "2.5", Served,
        "Scheme to redirect to.";
    "entryPoints.*.http.redirections.entryPoint.to", Text, "", "2.5", Served,
        "Entry point, or :port, to redirect everything to.";
    "entryPoints.*.http.sanitizePath", Bool, "true", "2.11", Served,
        "Removes `.`, `..` and double slashes from paths before routing.";
    "entryPoints.*.http.tls", Block, "", "2.5", TLS,
        "TLS for routers here that have no tls of their own.";
    "entryPoints.*.http.tls.certResolver", Text, "", "2.5", TLS,
        "Resolver that fetches their certificates.";
    "entryPoints.*.http.tls.domains[].main", Text, "", "2.5", TLS,
        "First name of a certificate.";
    "entryPoints.*.http.tls.domains[].sans", Texts, "", "2.5", TLS,
        "Further names of that certificate.";
    "entryPoints.*.http.tls.options", Text, "", "2.5", TLS,
        "TLS options, as name@provider.";
    "entryPoints.*.http.underscoreHeadersStrategy", Choice(&["keep", "delete", "reject"]),
        "keep", "2.11", Served,
        "What happens to request headers with `_` in their name.";
    "entryPoints.*.http2.maxConcurrentStreams", Count, "250", "2.8", HTTP2,
        "Requests that one HTTP/2 connection may have open.";
    "entryPoints.*.http2.maxDecoderHeaderTableSize", Count, "4096", "3.6", HTTP2,
        "Bytes of the HPACK table for reading.";
    "entryPoints.*.http2.maxEncoderHeaderTableSize", Count, "4096", "3.6", HTTP2,
        "Bytes of the HPACK table for writing.";
    "entryPoints.*.http3", Block, "", "2.6", HTTP3,
        "Serves HTTP/3 on the same port by UDP.";
    "entryPoints.*.http3.advertisedPort", Count, "0", "2.6", HTTP3,
        "Port named in Alt-Svc; 0 is the port of the address.";
    "entryPoints.*.observability.accessLogs", Bool, "true", "3.3", Served,
        "Access log for routers here that do not say.";
    "entryPoints.*.observability.metrics", Bool, "true", "3.3", METRICS,
        "Metrics for routers here that do not say.";
    "entryPoints.*.observability.traceVerbosity", Choice(&["minimal", "detailed"]),
        "minimal", "3.5", TRACING,
        "How many spans a request gets.";
    "entryPoints.*.observability.tracing", Bool, "true", "3.3", TRACING,
        "Tracing for routers here that do not say.";
    "entryPoints.*.proxyProtocol", Block, "", "2.5", Served,
        "Reads PROXY protocol (v1, v2) in front of connections.";
    "entryPoints.*.proxyProtocol.insecure", Bool, "false", "2.5", Served,
        "Believes the PROXY header of everyone.";
    "entryPoints.*.proxyProtocol.trustedIPs", Texts, "", "2.5", Served,
        "Addresses and networks whose PROXY header is believed.";
    "entryPoints.*.reusePort", Bool, "false", "3.0", Served,
        "Lets other processes listen on the same port (SO_REUSEPORT).";
    "entryPoints.*.transport.keepAliveMaxRequests", Count, "0", "2.11", Served,
        "Requests per connection before it is closed; 0 is no limit.";
    "entryPoints.*.transport.keepAliveMaxTime", Duration, "0s", "2.11", Served,
        "Age of a connection at which it is closed; 0 is no limit.";
    "entryPoints.*.transport.lifeCycle.graceTimeOut", Duration, "10s", "2.5", Served,
        "How long requests in flight may take after a stop signal.";
    "entryPoints.*.transport.lifeCycle.requestAcceptGraceTimeout", Duration, "0s", "2.5", Served,
        "How long new connections are accepted after a stop signal.";
    "entryPoints.*.transport.respondingTimeouts.idleTimeout", Duration, "180s", "2.5", Served,
        "How long an idle keep-alive connection stays open; 0 is no limit.";
    "entryPoints.*.transport.respondingTimeouts.readTimeout", Duration, "60s", "2.5", Served,
        "Longest time to read a whole request; 0 is no limit.";
    "entryPoints.*.transport.respondingTimeouts.writeTimeout", Duration, "0s", "2.5", Served,
        "Longest time to write a whole answer; 0 is no limit.";
    "entryPoints.*.udp.timeout", Duration, "3s", "2.5", UDP,
        "How long a silent UDP session is kept; more than 0.";
}
