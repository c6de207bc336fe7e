use std::fmt;
use std::str::FromStr;
use std::time::Duration;

const NANOS_PER_SECOND: i64 = 1_000_000_000;
/// Nanoseconds of each unit, longest first.
const UNITS: [(&str, i64); 8] = [
    ("h", 3600 * NANOS_PER_SECOND),
    ("ms", 1_000_000),
    ("m", 60 * NANOS_PER_SECOND),
    ("s", NANOS_PER_SECOND),
    ("us", 1000),
    ("µs", 1000),
    ("μs", 1000),
    ("ns", 1),
];

/// A time span as Go writes it: `1m30s`, `100ms`, `-1s`. A bare whole number is seconds
/// (Traefik's rule for every duration option).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct GoDuration {
    nanos: i64,
}

/// The text is no duration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DurationFault;

impl GoDuration {
    pub const ZERO: Self = Self { nanos: 0 };

    pub const fn from_secs(seconds: u32) -> Self {
        Self {
            nanos: seconds as i64 * NANOS_PER_SECOND,
        }
    }

    pub const fn from_millis(millis: u32) -> Self {
        Self {
            nanos: millis as i64 * 1_000_000,
        }
    }

    pub const fn from_nanos(nanos: i64) -> Self {
        Self { nanos }
    }

    pub const fn as_nanos(self) -> i64 {
        self.nanos
    }

    pub const fn is_zero(self) -> bool {
        self.nanos == 0
    }

    pub const fn is_negative(self) -> bool {
        self.nanos < 0
    }

    /// As the standard library's type; `None` when negative, which often means *never*.
    pub fn as_std(self) -> Option<Duration> {
        u64::try_from(self.nanos).ok().map(Duration::from_nanos)
    }
}

impl FromStr for GoDuration {
    type Err = DurationFault;

    fn from_str(text: &str) -> Result<Self, DurationFault> {
        if let Ok(seconds) = text.parse::<i64>() {
            let nanos = seconds.checked_mul(NANOS_PER_SECOND).ok_or(DurationFault)?;
            return Ok(Self { nanos });
        }
        let (negative, mut rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if rest.is_empty() {
            return Err(DurationFault);
        }
        let mut nanos: i64 = 0;
        while !rest.is_empty() {
            let (part, behind) = part(rest).ok_or(DurationFault)?;
            nanos = nanos.checked_add(part).ok_or(DurationFault)?;
            rest = behind;
        }
        Ok(Self {
            nanos: if negative { -nanos } else { nanos },
        })
    }
}

/// One number with its unit, and what follows.
fn part(text: &str) -> Option<(i64, &str)> {
    let whole_end = digits(text);
    let whole = text.get(..whole_end)?;
    let mut rest = text.get(whole_end..)?;
    let mut fraction = "";
    if let Some(behind) = rest.strip_prefix('.') {
        let end = digits(behind);
        fraction = behind.get(..end)?;
        rest = behind.get(end..)?;
    }
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let (unit, nanos) = UNITS.iter().find(|(unit, _)| rest.starts_with(unit))?;
    let whole: i64 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let fraction = fraction.get(..fraction.len().min(18))?;
    let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
    let fraction: i128 = if fraction.is_empty() {
        0
    } else {
        fraction.parse().ok()?
    };
    let part = i64::try_from(fraction * i128::from(*nanos) / scale).ok()?;
    let total = whole.checked_mul(*nanos)?.checked_add(part)?;
    Some((total, rest.get(unit.len()..)?))
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// As Go prints it: `1h30m0s`, `1.5s`, `100ms`, `0s`.
impl fmt::Display for GoDuration {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nanos < 0 {
            out.write_str("-")?;
        }
        let nanos = self.nanos.unsigned_abs();
        if nanos == 0 {
            return out.write_str("0s");
        }
        let (unit, scale) = match nanos {
            0..1000 => ("ns", 1),
            1000..1_000_000 => ("µs", 1000),
            1_000_000..1_000_000_000 => ("ms", 1_000_000),
            _ => ("s", 1_000_000_000),
        };
        let (mut whole, fraction) = (nanos / scale, nanos % scale);
        if unit == "s" {
            let (hours, minutes) = (whole / 3600, whole / 60 % 60);
            whole %= 60;
            if hours > 0 {
                write!(out, "{hours}h")?;
            }
            if hours > 0 || minutes > 0 {
                write!(out, "{minutes}m")?;
            }
        }
        write!(out, "{whole}")?;
        if fraction > 0 {
            let width = scale.ilog10() as usize;
            let digits = format!("{fraction:0width$}");
            write!(out, ".{}", digits.trim_end_matches('0'))?;
        }
        out.write_str(unit)
    }
}

impl fmt::Debug for GoDuration {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_and_print_as_in_go() {
        let table = [
            ("10", "10s"),
            ("0", "0s"),
            ("-1", "-1s"),
            ("1m30s", "1m30s"),
            ("90s", "1m30s"),
            ("1h", "1h0m0s"),
            ("100ms", "100ms"),
            ("1.5s", "1.5s"),
            (".5h", "30m0s"),
            ("1500us", "1.5ms"),
            ("2µs", "2µs"),
            ("7ns", "7ns"),
            ("-100ms", "-100ms"),
            ("+3s", "3s"),
            ("2562047h47m16.854775807s", "2562047h47m16.854775807s"),
        ];
        for (text, printed) in table {
            let read: GoDuration = text.parse().unwrap();
            assert_eq!(read.to_string(), printed, "{text}");
        }
        for text in [
            "",
            "s",
            "10x",
            "1d",
            "-",
            "1.s.",
            "9999999999999999999h",
            "1 s",
            ".",
        ] {
            assert_eq!(text.parse::<GoDuration>(), Err(DurationFault), "{text}");
        }
    }
}
