/// The text of a moment as RFC 9110 5.6.7 wants it: `Sun, 06 Nov 1994 08:49:37 GMT`.
/// `unix_seconds` counts from 1970; years above 9999 are not served.
#[must_use]
pub fn http_date(unix_seconds: u64) -> [u8; 29] {
    const DAYS: [&[u8; 3]; 7] = [b"Thu", b"Fri", b"Sat", b"Sun", b"Mon", b"Tue", b"Wed"];
    let mut text = *b"Thu, 01 Jan 1970 00:00:00 GMT";
    let seconds = unix_seconds.min(SECONDS_MAX);
    let days = seconds / 86_400;
    let (year, month, day) = civil(days);
    let weekday = DAYS.get(usize::try_from(days % 7).unwrap_or(0));
    put(&mut text, 0, weekday.copied().unwrap_or(b"Thu"));
    put(&mut text, 5, &two(day));
    put(&mut text, 8, month_name(month));
    put(&mut text, 12, &two(year / 100));
    put(&mut text, 14, &two(year % 100));
    put(&mut text, 17, &two(seconds / 3600 % 24));
    put(&mut text, 20, &two(seconds / 60 % 60));
    put(&mut text, 23, &two(seconds % 60));
    text
}

/// The last second of the year 9999.
const SECONDS_MAX: u64 = 253_402_300_799;

/// Year, month (from 1) and day (from 1) of a day counted from 1970, after Howard Hinnant's
/// `civil_from_days`: years begin in March, so that the leap day comes last.
const fn civil(days: u64) -> (u64, u64, u64) {
    let days = days.saturating_add(719_468);
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let leaps = (day_of_era / 1460)
        .saturating_add(day_of_era / 146_096)
        .saturating_sub(day_of_era / 36_524);
    let year_of_era = day_of_era.saturating_sub(leaps) / 365;
    let before = year_of_era
        .saturating_mul(365)
        .saturating_add(year_of_era / 4)
        .saturating_sub(year_of_era / 100);
    let day_of_year = day_of_era.saturating_sub(before);
    let month_from_march = day_of_year.saturating_mul(5).saturating_add(2) / 153;
    let start_of_month = month_from_march.saturating_mul(153).saturating_add(2) / 5;
    let day = day_of_year.saturating_sub(start_of_month).saturating_add(1);
    let (month, late) = if month_from_march < 10 {
        (month_from_march.saturating_add(3), 0)
    } else {
        (month_from_march.saturating_sub(9), 1)
    };
    let year = era
        .saturating_mul(400)
        .saturating_add(year_of_era)
        .saturating_add(late);
    (year, month, day)
}

const fn month_name(month: u64) -> &'static [u8; 3] {
    match month {
        2 => b"Feb",
        3 => b"Mar",
        4 => b"Apr",
        5 => b"May",
        6 => b"Jun",
        7 => b"Jul",
        8 => b"Aug",
        9 => b"Sep",
        10 => b"Oct",
        11 => b"Nov",
        12 => b"Dec",
        _ => b"Jan",
    }
}

/// Two decimal digits of a number below 100.
fn two(number: u64) -> [u8; 2] {
    let digit = |number: u64| b'0' | u8::try_from(number % 10).unwrap_or(0);
    [digit(number / 10), digit(number)]
}

fn put(text: &mut [u8], at: usize, part: &[u8]) {
    let end = at.saturating_add(part.len());
    if let Some(place) = text.get_mut(at..end) {
        place.copy_from_slice(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_as_the_standard_writes_them() {
        let table = [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (u64::MAX, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ];
        for (seconds, text) in table {
            assert_eq!(String::from_utf8_lossy(&http_date(seconds)), text);
        }
    }
}
