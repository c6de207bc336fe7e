//! Dates as logs write them. Each writer keeps one [`Calendar`], which works a second out once.

use tz::TimeZone;

const SECOND: u64 = 1_000_000_000;
const DAY_SECONDS: i64 = 86_400;

/// A second of the calendar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    pub(crate) month: u8,
    pub(crate) day: u8,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
    /// Seconds east of UTC.
    pub(crate) offset: i32,
}

impl Civil {
    /// `unix` seconds since 1970, seen `offset` seconds east of UTC.
    pub(crate) fn new(unix: i64, offset: i32) -> Self {
        let shown = unix.saturating_add(i64::from(offset));
        let (year, month, day) = date_of(shown.div_euclid(DAY_SECONDS));
        let rest = shown.rem_euclid(DAY_SECONDS);
        Self {
            year,
            month,
            day,
            hour: small(rest / 3600),
            minute: small(rest / 60 % 60),
            second: small(rest % 60),
            offset,
        }
    }

    /// `2024-01-02T15:04:05Z`, or `+02:00` for the `Z`.
    pub(crate) fn rfc3339(self) -> String {
        let mut text = self.rfc3339_head();
        text.push_str(&self.rfc3339_zone());
        text
    }

    fn rfc3339_head(self) -> String {
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            self.year, self.month, self.day, self.hour, self.minute, self.second
        )
    }

    fn rfc3339_zone(self) -> String {
        if self.offset == 0 {
            return "Z".to_owned();
        }
        let (sign, hours, minutes) = self.zone();
        format!("{sign}{hours:02}:{minutes:02}")
    }

    /// `02/Jan/2006:15:04:05 -0700`.
    pub(crate) fn clf(self) -> String {
        const MONTHS: [&str; 12] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        let month = MONTHS[usize::from(self.month.saturating_sub(1)).min(11)];
        let (sign, hours, minutes) = self.zone();
        format!(
            "{:02}/{month}/{:04}:{:02}:{:02}:{:02} {sign}{hours:02}{minutes:02}",
            self.day, self.year, self.hour, self.minute, self.second
        )
    }

    const fn zone(self) -> (char, u32, u32) {
        let sign = if self.offset < 0 { '-' } else { '+' };
        let minutes = self.offset.unsigned_abs() / 60;
        (sign, minutes / 60, minutes % 60)
    }
}

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

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar.
/// Years are counted from March, so that the leap day is the last of its year.
fn date_of(days: i64) -> (i64, u8, u8) {
    const ERA_DAYS: i64 = 146_097;
    let from_march_0 = days + 719_468;
    let era = from_march_0.div_euclid(ERA_DAYS);
    let day_of_era = from_march_0.rem_euclid(ERA_DAYS);
    let leaps = day_of_era / 1460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leaps) / 365;
    let start = 365 * year_of_era + year_of_era / 4 - year_of_era / 100;
    let day_of_year = day_of_era - start;
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, small(month), small(day))
}

fn small(value: i64) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_reads_as_in_go() {
        let table = [
            (0, 0, "1970-01-01T00:00:00Z", "01/Jan/1970:00:00:00 +0000"),
            (
                1_709_210_096,
                0,
                "2024-02-29T12:34:56Z",
                "29/Feb/2024:12:34:56 +0000",
            ),
            (
                1_136_239_445,
                -25_200,
                "2006-01-02T15:04:05-07:00",
                "02/Jan/2006:15:04:05 -0700",
            ),
            (
                951_868_799,
                19_800,
                "2000-03-01T05:29:59+05:30",
                "01/Mar/2000:05:29:59 +0530",
            ),
        ];
        for (unix, offset, iso, clf) in table {
            let second = Civil::new(unix, offset);
            assert_eq!(second.rfc3339(), iso);
            assert_eq!(second.clf(), clf);
        }
    }

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

    #[test]
    fn each_day_of_four_centuries_follows_the_one_before() {
        let (mut year, mut month, mut day) = date_of(-1);
        for number in 0..146_097 {
            let next = date_of(number);
            let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
            let length = match month {
                2 => 28 + u8::from(leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            let wanted = match (day == length, month) {
                (false, _) => (year, month, day + 1),
                (true, 12) => (year + 1, 1, 1),
                (true, _) => (year, month + 1, 1),
            };
            assert_eq!(next, wanted);
            (year, month, day) = next;
        }
    }
}
