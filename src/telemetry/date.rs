//! Seconds as logs write them. Each writer keeps one [`Calendar`], which works a second out once.

use tz::TimeZone;

use crate::base::Civil;

const SECOND: u64 = 1_000_000_000;

/// The local time zone (`TZ`, else `/etc/localtime`, else UTC) and the second asked for last.
pub(crate) struct Calendar {
    zone: Option<TimeZone>,
    last: Option<Second>,
}

/// One second as each format writes it, in UTC and in local time.
pub(crate) struct Second {
    unix: i64,
    pub(crate) utc: Written,
    pub(crate) local: Written,
}

/// The texts of one second in one zone.
pub(crate) struct Written {
    pub(crate) clf: String,
    head: String,
    zone: String,
}

impl Written {
    fn new(second: Civil) -> Self {
        Self {
            clf: second.clf(),
            head: second.rfc3339_head(),
            zone: second.rfc3339_zone(),
        }
    }

    /// RFC 3339 without a fraction.
    pub(crate) fn append(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.head.as_bytes());
        out.extend_from_slice(self.zone.as_bytes());
    }

    /// RFC 3339 with the fraction as Go trims it: none when it is zero.
    pub(crate) fn append_nanos(&self, out: &mut Vec<u8>, nanos: u32) {
        out.extend_from_slice(self.head.as_bytes());
        if nanos > 0 {
            let mut digits = *b".000000000";
            let mut rest = nanos;
            for digit in digits.iter_mut().skip(1).rev() {
                *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
                rest /= 10;
            }
            out.extend_from_slice(without_zeros(&digits));
        }
        out.extend_from_slice(self.zone.as_bytes());
    }
}

impl Calendar {
    pub(crate) fn new() -> Self {
        Self {
            zone: local_zone(),
            last: None,
        }
    }

    /// The second in which `unix_nanos` lies.
    pub(crate) fn second(&mut self, unix_nanos: u64) -> &Second {
        let unix = i64::try_from(unix_nanos / SECOND).unwrap_or(i64::MAX);
        let known = self.last.take().filter(|second| second.unix == unix);
        let second = known.unwrap_or_else(|| self.work_out(unix));
        self.last.insert(second)
    }

    fn work_out(&self, unix: i64) -> Second {
        let zone = self.zone.as_ref();
        let kind = zone.and_then(|zone| zone.find_local_time_type(unix).ok());
        let offset = kind.map_or(0, tz::LocalTimeType::ut_offset);
        Second {
            unix,
            utc: Written::new(Civil::new(unix, 0)),
            local: Written::new(Civil::new(unix, offset)),
        }
    }
}

impl std::fmt::Debug for Calendar {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Calendar").finish_non_exhaustive()
    }
}

/// Nanoseconds behind the second in which `unix_nanos` lies.
pub(crate) fn fraction(unix_nanos: u64) -> u32 {
    u32::try_from(unix_nanos % SECOND).unwrap_or(0)
}

fn without_zeros(digits: &[u8]) -> &[u8] {
    let end = digits.iter().rposition(|digit| *digit != b'0');
    &digits[..end.map_or(0, |last| last + 1)]
}

fn local_zone() -> Option<TimeZone> {
    let named = std::env::var("TZ").ok();
    match named {
        Some(name) if name.is_empty() => None,
        Some(name) => TimeZone::from_posix_tz(&name).ok(),
        None => TimeZone::local().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_is_trimmed() {
        let second = Written::new(Civil::new(0, 3600));
        let table = [
            (0, "1970-01-01T01:00:00+01:00"),
            (120_000_000, "1970-01-01T01:00:00.12+01:00"),
            (1, "1970-01-01T01:00:00.000000001+01:00"),
            (999_999_999, "1970-01-01T01:00:00.999999999+01:00"),
        ];
        for (nanos, wanted) in table {
            let mut out = Vec::new();
            second.append_nanos(&mut out, nanos);
            assert_eq!(String::from_utf8(out).unwrap(), wanted);
        }
    }
}
