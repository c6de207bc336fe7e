use std::collections::BTreeMap;

use crate::config::decode::{Choice, record, words};

record! {
    /// Makes bodies smaller.
    pub struct Compress {
        excluded_content_types "excludedContentTypes": Vec<String>,
        included_content_types "includedContentTypes": Vec<String>,
        /// Not given: 1024.
        min_response_body_bytes "minResponseBodyBytes": Option<i64>,
        /// In order of preference.
        encodings "encodings": Vec<Choice<Encoding>> = vec![
            Choice::Known(Encoding::Gzip),
            Choice::Known(Encoding::Brotli),
            Choice::Known(Encoding::Zstd),
        ],
        /// For clients that send no Accept-Encoding.
        default_encoding "defaultEncoding": String,
    }
}

words! {
    /// Ways of compressing.
    strict pub enum Encoding { Gzip "gzip", Brotli "br", Zstd "zstd" }
}

record! {
    /// Finds out the type of a body whose server did not tell it.
    pub struct ContentType {
        auto_detect "autoDetect" [ignored]: Option<bool>,
    }
}

record! {
    /// Shows a page of another service instead of an error.
    pub struct Errors {
        /// Such as `500-599` or `404`.
        status "status": Vec<String>,
        /// From the status that came to the one that is sent.
        status_rewrites "statusRewrites": BTreeMap<String, i64>,
        service "service": String,
        /// Path of the page; `{status}`, `{originalStatus}` and `{url}` are filled in.
        query "query": String,
        /// Request headers that the service sees; not given: all.
        error_request_headers "errorRequestHeaders": Option<Vec<String>>,
    }
}

record! {
    /// Lets browsers speak gRPC.
    pub struct GrpcWeb {
        allow_origins "allowOrigins": Vec<String>,
    }
}

record! {
    /// Which escapes a path may hold; the others are refused with 400.
    pub struct EncodedCharacters {
        allow_encoded_slash "allowEncodedSlash": bool,
        allow_encoded_back_slash "allowEncodedBackSlash": bool,
        allow_encoded_null_character "allowEncodedNullCharacter": bool,
        allow_encoded_semicolon "allowEncodedSemicolon": bool,
        allow_encoded_percent "allowEncodedPercent": bool,
        allow_encoded_question_mark "allowEncodedQuestionMark": bool,
        allow_encoded_hash "allowEncodedHash": bool,
    }
}

record! {
    /// Tells the server about the client's certificate.
    pub struct PassTlsClientCert {
        pem "pem": bool,
        info "info": Option<Box<TlsClientCertInfo>>,
    }
}

record! {
    /// What is told.
    pub struct TlsClientCertInfo {
        not_after "notAfter": bool,
        not_before "notBefore": bool,
        sans "sans": bool,
        serial_number "serialNumber": bool,
        subject "subject": Option<Box<CertificateNameWithUnit>>,
        issuer "issuer": Option<Box<CertificateName>>,
    }
}

record! {
    /// Parts of the subject's name.
    pub struct CertificateNameWithUnit {
        country "country": bool,
        province "province": bool,
        locality "locality": bool,
        organization "organization": bool,
        organizational_unit "organizationalUnit": bool,
        common_name "commonName": bool,
        serial_number "serialNumber": bool,
        domain_component "domainComponent": bool,
    }
}

record! {
    /// Parts of the issuer's name.
    pub struct CertificateName {
        country "country": bool,
        province "province": bool,
        locality "locality": bool,
        organization "organization": bool,
        common_name "commonName": bool,
        serial_number "serialNumber": bool,
        domain_component "domainComponent": bool,
    }
}
