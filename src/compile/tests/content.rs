use super::*;

/// Each is refused with one line, which names the field and says why.
fn refused(table: &[(&str, &str)]) {
    for (options, expected) in table {
        let all = compiled(&format!("  middlewares: {{m: {{{options}}}}}\n"));
        let lines = said(&all.report);
        let start = format!("error http.middlewares.m@file: http.middlewares.m.{expected} (");
        assert!(
            lines.len() == 1 && lines[0].starts_with(&start),
            "{options}: {lines:?}"
        );
    }
}

#[test]
fn what_compress_cannot_do_is_refused() {
    refused(&[
        (
            "compress: {encodings: []}",
            "compress.encodings: there is none",
        ),
        (
            "compress: {encodings: [gzip, deflate]}",
            "compress.encodings: `deflate` is no encoding",
        ),
        (
            "compress: {encodings: [gzip], defaultEncoding: br}",
            "compress.defaultEncoding: `br` is none of encodings",
        ),
        (
            "compress: {minResponseBodyBytes: -1}",
            "compress.minResponseBodyBytes: must not be negative",
        ),
        (
            "compress: {excludedContentTypes: ['text/']}",
            "compress.excludedContentTypes: `text/` is no media type",
        ),
        (
            "compress: {includedContentTypes: [a/b], excludedContentTypes: [c/d]}",
            "compress.includedContentTypes: does not go together with excludedContentTypes",
        ),
        (
            "grpcWeb: {allowOrigins: ['*']}",
            "grpcWeb: grpcWeb needs HTTP/2 towards the server, which is not served yet",
        ),
    ]);
}

#[test]
fn what_has_defaults_needs_no_options() {
    let table = [
        "compress: {}",
        "compress: {minResponseBodyBytes: 0, defaultEncoding: br}",
        "contentType: {}",
        "encodedCharacters: {}",
        "passTLSClientCert: {pem: true}",
        "passTLSClientCert: {info: {subject: {commonName: true}}}",
        "headers: {sslRedirect: true}",
        "headers: {featurePolicy: 'vibrate none'}",
    ];
    for options in table {
        let all = compiled(&format!("  middlewares: {{m: {{{options}}}}}\n"));
        assert_eq!(said(&all.report), [""; 0], "{options}");
    }
}

#[test]
fn what_forward_auth_and_errors_cannot_do_is_refused() {
    refused(&[
        (
            "forwardAuth: {trustForwardHeader: true}",
            "forwardAuth.address: the address is missing",
        ),
        (
            "forwardAuth: {address: 'https://auth'}",
            "forwardAuth.address: https towards the auth server is not served yet",
        ),
        (
            "forwardAuth: {address: auth}",
            "forwardAuth.address: `auth` has no scheme",
        ),
        (
            "forwardAuth: {address: 'ftp://a'}",
            "forwardAuth.address: `ftp://a` is no http URL",
        ),
        (
            "forwardAuth: {address: 'http://a b'}",
            "forwardAuth.address: `http://a b` is no http URL",
        ),
        (
            "forwardAuth: {address: 'http://a', tls: {insecureSkipVerify: true}}",
            "forwardAuth.tls: TLS towards the auth server is not served yet",
        ),
        (
            "forwardAuth: {address: 'http://a', authResponseHeaders: ['a b']}",
            "forwardAuth.authResponseHeaders: `a b` is no header name",
        ),
        (
            "forwardAuth: {address: 'http://a', headerField: 'a:'}",
            "forwardAuth.headerField: `a:` is no header name",
        ),
        (
            "forwardAuth: {address: 'http://a', authSigninURL: ':x'}",
            "forwardAuth.authSigninURL: `:x` is no URL",
        ),
        (
            "errors: {status: ['404']}",
            "errors.service: the service is missing",
        ),
        (
            "errors: {status: ['4xx'], service: s}",
            "errors.status: `4xx` is no status",
        ),
        (
            "errors: {service: s, statusRewrites: {'x': 404}}",
            "errors.statusRewrites: `x` is no status",
        ),
        (
            "errors: {service: s, statusRewrites: {'404': 99}}",
            "errors.statusRewrites: `404` becomes no status",
        ),
        (
            "errors: {service: s, errorRequestHeaders: ['']}",
            "errors.errorRequestHeaders: `` is no header name",
        ),
    ]);
}
