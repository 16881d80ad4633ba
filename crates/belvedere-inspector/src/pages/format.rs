//! Figures as people read them.

use std::time::{Duration, SystemTime};

/// `14 µs`, `1.25 ms`, `12.3 ms`, `345 ms`, `1.25 s`: three digits or so.
pub(super) fn duration(duration: Duration) -> String {
    let ms = duration.as_secs_f64() * 1000.0;
    match ms {
        _ if ms < 0.9995 => format!("{:.0} µs", ms * 1000.0),
        _ if ms < 9.995 => format!("{ms:.2} ms"),
        _ if ms < 99.95 => format!("{ms:.1} ms"),
        _ if ms < 999.5 => format!("{ms:.0} ms"),
        _ => format!("{:.2} s", ms / 1000.0),
    }
}

/// `512 B`, `1.5 KiB`, `3.2 MiB`.
pub(super) fn bytes(bytes: u64) -> String {
    const KIB: f64 = 1024.0;
    let exact = bytes as f64;
    match exact {
        _ if bytes < 1024 => format!("{bytes} B"),
        _ if exact < KIB * KIB => format!("{:.1} KiB", exact / KIB),
        _ => format!("{:.1} MiB", exact / KIB / KIB),
    }
}

/// `1 query`, `21 queries`.
pub(super) fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// The time of day, `14:03:59`, in UTC.
pub(super) fn time_of_day(time: SystemTime) -> String {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let (hours, minutes) = (seconds / 3600 % 24, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}", seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short() {
        let ms = |ms: f64| duration(Duration::from_secs_f64(ms / 1000.0));
        assert_eq!(ms(0.0144), "14 µs");
        assert_eq!(ms(0.9998), "1.00 ms");
        assert_eq!(ms(9.999), "10.0 ms");
        assert_eq!(ms(345.2), "345 ms");
        assert_eq!(ms(999.9), "1.00 s");
        assert_eq!([0, 1023, 1536, 3_355_443].map(bytes), ["0 B", "1023 B", "1.5 KiB", "3.2 MiB"]);
        assert_eq!(counted(1, "query", "queries"), "1 query");
        assert_eq!(
            time_of_day(SystemTime::UNIX_EPOCH + Duration::from_secs(86_400 + 3_661)),
            "01:01:01"
        );
    }
}
