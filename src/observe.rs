//! The static configuration's logs as `telemetry` wants them told.

use std::time::Duration;

use crate::config::statics::{self, AccessLogFormat, FieldMode, HeaderMode, LogFormat, LogLevel};
use crate::telemetry::{Rotation, access, log};

const MEGABYTE: u64 = 1024 * 1024;
const DAY: Duration = Duration::from_hours(24);
/// Size at which a file is put aside when only its age or number is bounded.
const ROTATION_MEGABYTES: u64 = 100;

/// Options of the program's own log.
#[must_use]
pub fn log_options(settings: &statics::Log) -> log::Options {
    log::Options {
        level: match settings.level {
            LogLevel::Trace => log::Level::Trace,
            LogLevel::Debug => log::Level::Debug,
            LogLevel::Info => log::Level::Info,
            LogLevel::Warn => log::Level::Warn,
            LogLevel::Error => log::Level::Error,
            LogLevel::Fatal => log::Level::Fatal,
            LogLevel::Panic => log::Level::Panic,
        },
        format: match settings.format {
            LogFormat::Common => log::Format::Common,
            LogFormat::Json => log::Format::Json,
        },
        file_path: settings.file.clone(),
        no_color: settings.no_color,
        rotation: rotation(&settings.rotation),
    }
}

/// Options of the access log.
#[must_use]
pub fn access_options(settings: &statics::AccessLog) -> access::Options {
    let filters = &settings.filters;
    let fields = &settings.fields;
    let ranges = filters.status_codes.iter();
    access::Options {
        file_path: settings.file.clone(),
        format: match settings.format {
            AccessLogFormat::Common => access::Format::Common,
            AccessLogFormat::Json => access::Format::Json,
            AccessLogFormat::GenericClf => access::Format::GenericClf,
        },
        add_internals: settings.add_internals,
        filters: access::Filters {
            status_codes: ranges
                .map(|(first, last)| access::StatusRange {
                    first: *first,
                    last: *last,
                })
                .collect(),
            retry_attempts: filters.retry_attempts,
            min_duration: filters.duration_min.unwrap_or_default(),
        },
        fields: access::Fields {
            default_mode: field_mode(fields.default_mode),
            names: named(&fields.names, field_mode),
            headers: access::HeaderFields {
                default_mode: header_mode(fields.headers_default_mode),
                names: named(&fields.headers, header_mode),
            },
            query_parameters: field_mode(fields.query_parameters),
        },
    }
}

fn rotation(settings: &statics::Rotation) -> Option<Rotation> {
    let is_bounded = settings.age_days_max.is_some() || settings.backups_max.is_some();
    let megabytes = match settings.megabytes_max {
        Some(megabytes) => megabytes.get(),
        None if is_bounded => ROTATION_MEGABYTES,
        None => return None,
    };
    let days = settings
        .age_days_max
        .map(|days| u32::try_from(days.get()).unwrap_or(u32::MAX));
    let backups = settings.backups_max;
    Some(Rotation {
        size_bytes_max: megabytes.saturating_mul(MEGABYTE),
        age_max: days.map(|days| DAY.saturating_mul(days)),
        backups_max: backups.map(|count| usize::try_from(count.get()).unwrap_or(usize::MAX)),
    })
}

fn named<M: Copy>(
    modes: &std::collections::BTreeMap<String, M>,
    translate: fn(M) -> access::Mode,
) -> Vec<(String, access::Mode)> {
    let pairs = modes.iter();
    pairs
        .map(|(name, mode)| (name.clone(), translate(*mode)))
        .collect()
}

fn field_mode(mode: FieldMode) -> access::Mode {
    match mode {
        FieldMode::Keep => access::Mode::Keep,
        FieldMode::Drop => access::Mode::Drop,
    }
}

fn header_mode(mode: HeaderMode) -> access::Mode {
    match mode {
        HeaderMode::Keep => access::Mode::Keep,
        HeaderMode::Drop => access::Mode::Drop,
        HeaderMode::Redact => access::Mode::Redact,
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    #[test]
    fn what_the_file_says_reaches_the_logs() {
        let text = "\
log: {level: debug, format: json, filePath: a.log, maxAge: 2, maxBackups: 3}
accessLog:
  filePath: b.log
  format: genericCLF
  filters: {statusCodes: ['200', '500-502'], minDuration: 1s}
  fields: {names: {ClientHost: drop}, headers: {names: {Authorization: redact}}}
";
        let config = statics::load_text(Path::new("t.yml"), text).unwrap().config;
        let log = log_options(&config.log);
        assert_eq!(log.level, log::Level::Debug);
        assert_eq!(log.file_path, Some(PathBuf::from("a.log")));
        let rotation = log.rotation.unwrap();
        assert_eq!(rotation.size_bytes_max, 100 * MEGABYTE);
        assert_eq!(rotation.age_max, Some(DAY * 2));
        assert_eq!(rotation.backups_max, Some(3));
        let access = access_options(&config.access_log.unwrap());
        assert_eq!(access.filters.status_codes.len(), 2);
        assert_eq!(access.filters.min_duration, Duration::from_secs(1));
        assert_eq!(
            access.fields.names,
            [("ClientHost".to_owned(), access::Mode::Drop)]
        );
        let headers = access.fields.headers;
        assert_eq!(
            headers.names,
            [("Authorization".to_owned(), access::Mode::Redact)]
        );
        assert_eq!(headers.default_mode, access::Mode::Drop);
    }

    #[test]
    fn defaults_are_the_same_on_both_sides() {
        let config = statics::load_text(Path::new("t.yml"), "accessLog: {}\n")
            .unwrap()
            .config;
        assert_eq!(log_options(&config.log), log::Options::default());
        assert_eq!(
            access_options(&config.access_log.unwrap()),
            access::Options::default()
        );
    }
}
