use std::fmt;

/// What is wrong with bytes that came in. It carries no text of the stranger's.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fault {
    /// The request line is not `method SP target SP version`, or a byte of it is not allowed.
    RequestLine,
    /// More empty lines before the request line than RFC 9112 2.2 asks us to bear.
    EmptyLines,
    /// The target is in no form that its method may have (RFC 9112 3.2).
    TargetForm,
    /// A raw `#` in the target.
    TargetFragment,
    /// A `%` without two hexadecimal digits behind it.
    TargetEscape,
    /// The request line alone is longer than a head may be.
    TargetTooLong,
    /// An HTTP version other than 1.0 and 1.1.
    Version,
    /// CONNECT, which an HTTP/1.1 edge does not serve.
    Connect,
    /// A line of the head that does not end with CR LF, or a CR or LF inside of one.
    LineEnd,
    /// An empty header name, or a byte that is no token character: also space before the colon
    /// and a folded line.
    HeaderName,
    /// A control character in a header value.
    HeaderValue,
    /// A header name with an underscore where the entry point says `reject`.
    HeaderUnderscore,
    /// More header fields than one head may hold.
    HeadersTooMany,
    /// The head is larger than the entry point allows.
    HeadTooLarge,
    /// No Host in HTTP/1.1.
    HostMissing,
    /// More than one Host.
    HostDuplicate,
    /// Host is not `name[:port]`.
    HostInvalid,
    /// Content-Length is not a plain decimal number below 2^63, or there is more than one.
    ContentLength,
    /// Transfer-Encoding and Content-Length together.
    FramingTwice,
    /// Transfer-Encoding in HTTP/1.0, more than one of it, or chunked not the last and only once.
    TransferEncoding,
    /// A transfer coding that we do not know, before or instead of `chunked`.
    TransferCoding,
    /// An Expect other than `100-continue`.
    Expectation,
    /// A chunk size that is no hexadecimal number, or the line behind it is malformed.
    ChunkSize,
    /// A chunk of 2^63 bytes or more.
    ChunkSizeOverflow,
    /// A chunk line longer than its limit, or too much of the body is not payload.
    ChunkOverhead,
    /// The bytes behind a chunk's data are not CR LF.
    ChunkEnd,
    /// A malformed trailer field.
    Trailer,
    /// The trailers are larger than their limit.
    TrailersTooLarge,
    /// The stream ended inside of a head or a body.
    Truncated,
    /// The status line of a server is not `HTTP/1.x SP 3DIGIT`.
    StatusLine,
    /// A PROXY header that is none; the connection is closed without an answer.
    ProxyHeader,
    /// A request did not come in time.
    Timeout,
    /// The method needs a body of known length.
    LengthRequired,
    /// The body is larger than allowed.
    BodyTooLarge,
}

impl Fault {
    /// The status to answer with when the client is to blame.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::RequestLine
            | Self::EmptyLines
            | Self::TargetForm
            | Self::TargetFragment
            | Self::TargetEscape
            | Self::LineEnd
            | Self::HeaderName
            | Self::HeaderValue
            | Self::HeaderUnderscore
            | Self::HostMissing
            | Self::HostDuplicate
            | Self::HostInvalid
            | Self::ContentLength
            | Self::FramingTwice
            | Self::TransferEncoding
            | Self::ChunkSize
            | Self::ChunkSizeOverflow
            | Self::ChunkOverhead
            | Self::ChunkEnd
            | Self::Trailer
            | Self::Truncated
            | Self::StatusLine
            | Self::ProxyHeader => 400,
            Self::Timeout => 408,
            Self::LengthRequired => 411,
            Self::BodyTooLarge => 413,
            Self::TargetTooLong => 414,
            Self::Expectation => 417,
            Self::HeadersTooMany | Self::HeadTooLarge | Self::TrailersTooLarge => 431,
            Self::Connect | Self::TransferCoding => 501,
            Self::Version => 505,
        }
    }

    /// A few plain words for a log line.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::RequestLine => "malformed request line",
            Self::EmptyLines => "too many empty lines before the request line",
            Self::TargetForm => "request target in no allowed form",
            Self::TargetFragment => "fragment in the request target",
            Self::TargetEscape => "malformed percent escape in the request target",
            Self::TargetTooLong => "request line too long",
            Self::Version => "HTTP version not supported",
            Self::Connect => "CONNECT not served",
            Self::LineEnd => "bare CR or LF",
            Self::HeaderName => "malformed header name",
            Self::HeaderValue => "control character in a header value",
            Self::HeaderUnderscore => "underscore in a header name",
            Self::HeadersTooMany => "too many header fields",
            Self::HeadTooLarge => "head too large",
            Self::HostMissing => "no Host",
            Self::HostDuplicate => "more than one Host",
            Self::HostInvalid => "malformed Host",
            Self::ContentLength => "malformed or repeated Content-Length",
            Self::FramingTwice => "both Transfer-Encoding and Content-Length",
            Self::TransferEncoding => "malformed Transfer-Encoding",
            Self::TransferCoding => "unknown transfer coding",
            Self::Expectation => "unknown expectation",
            Self::ChunkSize => "malformed chunk size line",
            Self::ChunkSizeOverflow => "chunk size too large",
            Self::ChunkOverhead => "too much overhead in chunk lines",
            Self::ChunkEnd => "no CR LF behind a chunk",
            Self::Trailer => "malformed trailer",
            Self::TrailersTooLarge => "trailers too large",
            Self::Truncated => "ended too early",
            Self::StatusLine => "malformed status line",
            Self::ProxyHeader => "malformed PROXY header",
            Self::Timeout => "request did not come in time",
            Self::LengthRequired => "length of the body required",
            Self::BodyTooLarge => "body too large",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.text())
    }
}

/// Whose fault it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Blame {
    /// The client's: it gets the status of the fault.
    Downstream(Fault),
    /// The server's: the client gets 500, as from Traefik.
    Upstream(Fault),
}

impl Blame {
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Downstream(fault) => fault.status(),
            Self::Upstream(_) => 500,
        }
    }

    #[must_use]
    pub const fn fault(self) -> Fault {
        match self {
            Self::Downstream(fault) | Self::Upstream(fault) => fault,
        }
    }
}

impl fmt::Display for Blame {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Downstream(fault) => write!(out, "request: {fault}"),
            Self::Upstream(fault) => write!(out, "response: {fault}"),
        }
    }
}
