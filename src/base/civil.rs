//! Dates as logs and protocols write them.

const DAY_SECONDS: i64 = 86_400;
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/// A second of the calendar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Civil {
    pub year: i64,
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
    /// Days since Sunday.
    pub weekday: u8,
    /// Seconds east of UTC.
    pub offset: i32,
}

impl Civil {
    /// `unix` seconds since 1970, seen `offset` seconds east of UTC.
    #[must_use]
    pub fn new(unix: i64, offset: i32) -> Self {
        let shown = unix.saturating_add(i64::from(offset));
        let days = shown.div_euclid(DAY_SECONDS);
        let (year, month, day) = date_of(days);
        let rest = shown.rem_euclid(DAY_SECONDS);
        Self {
            year,
            month,
            day,
            hour: small(rest / 3600),
            minute: small(rest / 60 % 60),
            second: small(rest % 60),
            // The first of 1970 was a Thursday.
            weekday: small((days + 4).rem_euclid(7)),
            offset,
        }
    }

    /// `2024-01-02T15:04:05Z`, or `+02:00` for the `Z`.
    #[must_use]
    pub fn rfc3339(self) -> String {
        let mut text = self.rfc3339_head();
        text.push_str(&self.rfc3339_zone());
        text
    }

    #[must_use]
    pub fn rfc3339_head(self) -> String {
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            self.year, self.month, self.day, self.hour, self.minute, self.second
        )
    }

    #[must_use]
    pub fn rfc3339_zone(self) -> String {
        if self.offset == 0 {
            return "Z".to_owned();
        }
        let (sign, hours, minutes) = self.zone();
        format!("{sign}{hours:02}:{minutes:02}")
    }

    /// `02/Jan/2006:15:04:05 -0700`.
    #[must_use]
    pub fn clf(self) -> String {
        let month = self.month_name();
        let (sign, hours, minutes) = self.zone();
        format!(
            "{:02}/{month}/{:04}:{:02}:{:02}:{:02} {sign}{hours:02}{minutes:02}",
            self.day, self.year, self.hour, self.minute, self.second
        )
    }

    /// `Tue, 02 Jan 2024 15:04:05 GMT`, the form of HTTP (RFC 9110 5.6.7); only right in UTC.
    #[must_use]
    pub fn http(self) -> String {
        format!(
            "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
            DAYS[usize::from(self.weekday).min(6)],
            self.day,
            self.month_name(),
            self.year,
            self.hour,
            self.minute,
            self.second
        )
    }

    fn month_name(self) -> &'static str {
        MONTHS[usize::from(self.month.saturating_sub(1)).min(11)]
    }

    const fn zone(self) -> (char, u32, u32) {
        let sign = if self.offset < 0 { '-' } else { '+' };
        let minutes = self.offset.unsigned_abs() / 60;
        (sign, minutes / 60, minutes % 60)
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
    fn a_second_reads_as_in_http() {
        let table = [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (1_709_210_096, "Thu, 29 Feb 2024 12:34:56 GMT"),
        ];
        for (unix, text) in table {
            assert_eq!(Civil::new(unix, 0).http(), text);
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
