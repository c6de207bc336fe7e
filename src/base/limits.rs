//! Every bound of the program, in one place, with its unit in its name.

/// Size of a page that waits for a head.
pub const PAGE_HEAD_BYTES: usize = 4 * 1024;
/// Size of a page that carries body bytes.
pub const PAGE_BULK_BYTES: usize = 128 * 1024;
/// Free head pages that a thread keeps.
pub const PAGE_HEAD_POOLED_MAX: usize = 1024;
/// Free bulk pages that a thread keeps.
pub const PAGE_BULK_POOLED_MAX: usize = 16;

/// Header fields in one head; more is 431.
pub const HEADER_COUNT_MAX: usize = 256;
/// Bytes of one chunk-size line, extensions included.
pub const CHUNK_LINE_BYTES_MAX: usize = 4 * 1024;
/// Bytes of the trailers of one body.
pub const TRAILER_BYTES_MAX: usize = 16 * 1024;
/// Bytes of a response head of a server.
pub const RESPONSE_HEAD_BYTES_MAX: usize = 1024 * 1024;
/// Interim (1xx) answers that a server may send before its final one.
pub const INTERIM_ANSWERS_MAX: usize = 16;
/// Bytes that may wait to be sent on one connection before its source is paused.
pub const UNSENT_BYTES_MAX: usize = 256 * 1024;

/// Servers that one service may list.
pub const SERVERS_PER_SERVICE_MAX: usize = 4096;
/// Length of one round-robin cycle; larger weights are scaled down to it.
pub const SCHEDULE_SEATS_MAX: u64 = 8192;
/// Middlewares that one chain may hold once chains of chains are laid flat.
pub const CHAIN_STEPS_MAX: usize = 64;
/// Layers of routers with `parentRefs`.
pub const ROUTER_LAYERS_MAX: usize = 8;
/// Failed requests of one server that a passive health check counts; `maxFailedAttempts` is
/// not above it.
pub const PASSIVE_FAILURES_MAX: usize = 1024;
/// Services inside services (weighted, mirroring, failover), the router's own included.
pub const SERVICE_LAYERS_MAX: usize = 8;
/// Bytes of a request's body that are kept in memory to be sent once more, to a mirror or a
/// fallback; the rest is in a file.
pub const REPLAY_MEMORY_BYTES: u64 = 256 * 1024;
/// Copies of requests that one shard may have on their way to mirrors; further ones are not
/// made.
pub const MIRRORS_OPEN_MAX: usize = 256;
/// How long a mirror may take for a request.
pub const MIRROR_MS_MAX: u64 = 30_000;
/// Health checks that run at the same time; others wait for their turn.
pub const HEALTH_CHECKS_AT_ONCE_MAX: usize = 512;
/// Redirections that one health check follows.
pub const HEALTH_REDIRECTS_MAX: usize = 10;
/// Passwords that one basicAuth remembers as checked, so that they are not hashed each time.
pub const KNOWN_PASSWORDS_MAX: usize = 256;

/// Bytes of one configuration file, after its template was filled in.
pub const CONFIG_FILE_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Keys, values and containers in one configuration file.
pub const CONFIG_NODES_MAX: usize = 32 * 1024 * 1024;
/// Nodes that YAML aliases may add to one file by repeating what an anchor names.
pub const CONFIG_ALIAS_NODES_MAX: usize = 1024 * 1024;
/// Containers inside containers in a configuration file.
pub const CONFIG_DEPTH_MAX: usize = 64;
/// Problems kept of one configuration; further ones are only counted.
pub const CONFIG_PROBLEMS_MAX: usize = 1000;
/// Fields of which the line and column are kept; objects always keep theirs.
pub const CONFIG_FIELD_PLACES_MAX: usize = 128 * 1024;

/// Lines of the program's log that may wait for its thread; more are dropped and counted.
pub const LOG_LINES_WAITING_MAX: usize = 4096;
/// Bytes of one value in the program's log; the rest is cut.
pub const LOG_VALUE_BYTES_MAX: usize = 4 * 1024;
/// Items that a log's thread takes in before it writes.
pub const LOG_ITEMS_PER_WRITE_MAX: usize = 256;
/// Milliseconds that an exit waits for a log to be written.
pub const LOG_FLUSH_MS: u64 = 2000;
/// Bytes of access records that a shard gathers before it hands them over.
pub const ACCESS_BATCH_BYTES: usize = 64 * 1024;
/// Milliseconds after which gathered access records are handed over however few they are.
pub const ACCESS_BATCH_MS: u64 = 20;
/// Batches of access records that may wait for the writer; more are dropped and counted.
pub const ACCESS_BATCHES_WAITING_MAX: usize = 128;
/// Bytes of one text in an access record; the rest is cut.
pub const ACCESS_VALUE_BYTES_MAX: usize = 16 * 1024;
/// Bytes of header fields in one access record; further fields are left out.
pub const ACCESS_HEADERS_BYTES_MAX: usize = 64 * 1024;

/// Bytes of the file that holds the static configuration.
pub const STATIC_FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Empty lines that may stand before a request line (RFC 9112 2.2).
pub const EMPTY_LINES_MAX: usize = 4;
/// Bytes of one header name; a longer one is 431.
pub const HEADER_NAME_BYTES_MAX: usize = 8 * 1024;
/// Bytes that a chunked body may spend on sizes and extensions beyond what its payload excuses.
pub const CHUNK_EXCESS_BYTES_MAX: u64 = 16 * 1024;
/// Bytes of a PROXY protocol v2 header, its optional values included.
pub const PROXY_HEADER_BYTES_MAX: usize = 4 * 1024;
/// Fields that one request or answer may name in Connection.
pub const CONNECTION_OPTIONS_MAX: usize = 32;
/// Connections that one listener takes in one turn of its shard's loop.
pub const ACCEPTS_PER_TURN: u32 = 64;
/// How long a listener rests when the process is out of descriptors, unless one is closed.
pub const ACCEPT_PAUSE_MS: u64 = 200;
/// Connections that the kernel queues for a listener.
pub const LISTEN_BACKLOG: i32 = 4096;
/// How long a dropped connection may take to send what was queued, before it is reset.
pub const LINGER_MS: u64 = 5_000;
/// Bytes of a refused request that are read and thrown away so that its sender sees the answer.
pub const DISCARD_BYTES_MAX: usize = 1024 * 1024;
/// Events that one turn of a shard's loop takes from the kernel.
pub const EVENTS_PER_TURN_MAX: usize = 512;
/// Rounds through the queue of ready tasks before the kernel is asked again.
pub const ROUNDS_PER_TURN: u32 = 4;
/// Receives that one poll of a task may make before others have their turn; a bulk receive
/// counts for [`BULK_COST`].
pub const RECEIVES_PER_POLL: u32 = 64;
/// What a bulk receive costs of [`RECEIVES_PER_POLL`].
pub const BULK_COST: u32 = 8;
/// Messages that wait in one shard's mailbox.
pub const MAILBOX_MAX: usize = 1024;

/// Bytes of one rule.
pub const RULE_BYTES_MAX: usize = 1024 * 1024;
/// Parentheses and `!` inside one another in one rule.
pub const RULE_DEPTH_MAX: usize = 64;
/// Matchers in one rule, each value of a v2 matcher counted.
pub const RULE_MATCHERS_MAX: usize = 16 * 1024;
/// Bytes of one regular expression.
pub const REGEX_BYTES_MAX: usize = 64 * 1024;
/// Groups inside groups in a regular expression.
pub const REGEX_DEPTH_MAX: u32 = 200;
/// Bytes of the automaton of one regular expression; what would need more is refused.
pub const REGEX_NFA_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Bytes of an automaton that is made whole; a larger one is made while it runs.
pub const REGEX_DFA_BYTES_MAX: usize = 32 * 1024;
/// Bytes that an automaton made while it runs may remember, for each shard.
pub const REGEX_CACHE_BYTES_MAX: usize = 256 * 1024;
/// Automata made while they run that one shard remembers.
pub const REGEX_CACHES_MAX: usize = 64;
/// Actions inside actions, parentheses, and templates that call templates, in a template.
pub const TEMPLATE_DEPTH_MAX: usize = 64;
/// Actions, calls and repetitions that filling in one template may take.
pub const TEMPLATE_STEPS_MAX: u64 = 20_000_000;
/// Items that one template value may hold, and bytes of one text that a function makes.
pub const TEMPLATE_VALUE_MAX: usize = 16 * 1024 * 1024;
/// Files that the file provider reads below its folder.
pub const CONFIG_FILES_MAX: usize = 50_000;

/// Objects in one page of a list that a Kubernetes API server is asked for.
pub const KUBE_PAGE_OBJECTS: u32 = 500;
/// Seconds after which a watch is ended and begun anew.
pub const KUBE_WATCH_S: u32 = 290;
/// Seconds that a Kubernetes API server may take to answer anything but a watch.
pub const KUBE_ANSWER_S_MAX: u64 = 15;
/// Seconds that connecting to a Kubernetes API server may take.
pub const KUBE_CONNECT_S_MAX: u64 = 3;
/// Longest pause that a Kubernetes API server may ask for.
pub const KUBE_PAUSE_S_MAX: u64 = 5;
/// Bytes of a WebSocket message that whoami echoes; a larger one closes its connection.
pub const WEBSOCKET_MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes of a request body that whoami shows; the rest is read and dropped.
pub const WHOAMI_BODY_BYTES_MAX: usize = 1024 * 1024;
/// Seconds that `?wait=` makes whoami wait at most.
pub const WHOAMI_WAIT_S_MAX: u64 = 3600;
/// Seconds that a connection to whoami may be idle, and that its client may take to read.
pub const WHOAMI_IDLE_S: u64 = 180;

/// Workers between requests that a shard keeps warm.
pub const WORKERS_KEPT_MAX: usize = 1024;
/// Errands (password checks, name look-ups) that one shard may have open; more is 503.
pub const ERRANDS_OPEN_MAX: usize = 256;
/// Server names whose addresses a shard remembers.
pub const NAMES_KEPT_MAX: usize = 4096;
/// How long a looked-up address is used before it is asked for again.
pub const NAME_KEPT_MS: u64 = 5_000;
/// Other servers that are tried when one can't be reached and nothing was sent yet.
pub const OTHER_SERVERS_TRIED_MAX: usize = 2;
/// Bytes that a client may send ahead (pipelined) while its request is being answered.
pub const PIPELINED_BYTES_MAX: usize = 64 * 1024;
/// How often a shard looks for idle connections whose time has come.
pub const SWEEP_MS: u64 = 1_000;
/// Pause after an accept that failed for a reason of the machine.
pub const ACCEPT_RETRY_MS: u64 = 100;
/// Threads of the control wing that run errands.
pub const ERRAND_THREADS: usize = 2;
/// Errands that may wait for such a thread; more is 503.
pub const ERRANDS_QUEUED_MAX: usize = 1024;
/// Size of what a replacement pattern may make of a path or URL.
pub const REPLACED_BYTES_MAX: usize = 64 * 1024;
/// Events that may wait for the control thread.
pub const EVENTS_QUEUED_MAX: usize = 1024;
/// A turn of a shard that lasts longer is a stall.
pub const STALL_MS: u64 = 200;
/// How long a line of the access log may wait on its shard.
pub const ACCESS_FLUSH_MS: u64 = 100;
/// Head pages that one shard's ring shares with the kernel.
pub const RING_HEAD_PAGES: u16 = 128;
/// Bytes of working memory that a pooled head keeps; what one large head needed more is freed.
pub const HEAD_SCRATCH_BYTES_MAX: usize = 16 * 1024;
/// Middlewares and chains that one name in a router may stand for.
pub const CHAIN_VISITS_MAX: usize = 1024;
/// How long the first connections wait for the file provider's first configuration.
pub const FIRST_CONFIGURATION_MS: u64 = 2_000;

/// Memory of one gzip encoder.
pub const GZIP_ENCODER_BYTES: usize = 384 * 1024;
/// Memory of one brotli encoder.
pub const BROTLI_ENCODER_BYTES: usize = 2560 * 1024;
/// Memory of one zstd encoder.
pub const ZSTD_ENCODER_BYTES: usize = 1792 * 1024;
/// Memory of all encoders that one shard has at work; answers beyond it go uncompressed.
pub const ENCODER_BYTES_MAX: usize = 128 * 1024 * 1024;
/// Idle encoders of one kind that a shard keeps.
pub const ENCODERS_KEPT_MAX: usize = 4;
/// Room that an encoder is given for what it brings out in one step.
pub const ENCODED_ROOM_BYTES: usize = 2 * 1024;
/// Bytes that are encoded before other tasks of the shard have their turn.
pub const ENCODED_PER_TURN_BYTES: usize = 32 * 1024;
/// Milliseconds that bytes of a body whose length is known may stay in an encoder.
pub const ENCODER_PATIENCE_MS: u64 = 100;
/// Bytes of a body's beginning that tell its type.
pub const SNIFFED_BYTES: usize = 512;
/// Bytes of one condition of a circuitBreaker or of buffering.
pub const EXPRESSION_BYTES_MAX: usize = 4 * 1024;
/// Parentheses and `!` inside one another in such a condition.
pub const EXPRESSION_DEPTH_MAX: usize = 64;
/// Seconds for which a nonce of digestAuth may be used.
pub const NONCE_LIFETIME_S: u32 = 300;
/// Connections to one Redis server of a rateLimit, and threads that ask it.
pub const REDIS_CONNECTIONS_MAX: usize = 4;
/// Bytes of one reply of Redis.
pub const REDIS_REPLY_BYTES_MAX: usize = 4 * 1024;
/// Questions that one connection puts to Redis in one go.
pub const REDIS_BATCH_MAX: usize = 64;
/// Questions that may wait for one Redis server; more count as unanswered.
pub const REDIS_QUEUED_MAX: usize = 1024;
/// Redis servers, with their settings, that rateLimits may name.
pub const REDIS_STORES_MAX: usize = 64;
/// Seconds without a question after which unused Redis servers are let go.
pub const REDIS_IDLE_S: u64 = 10;
/// Bytes of a request's body that retry keeps in memory; the rest goes to a file.
pub const RETRY_MEMORY_BYTES: u64 = 1024 * 1024;
/// Attempts that a retryExpression of buffering may ask for.
pub const BUFFERING_ATTEMPTS_MAX: u32 = 10;

/// Routers that `check` compares with each other.
pub const SHADOWED_ROUTERS_MAX: usize = 2_000;
/// Chains and services inside each other that `check` follows.
pub const WAY_DEPTH_MAX: usize = 8;
/// Servers of one service that `check` names.
pub const WAY_SERVERS_MAX: usize = 8;
