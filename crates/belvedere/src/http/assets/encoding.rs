//! Which of a file's prepared encodings a request is answered with (RFC 9110 §12.5.3).

use http::HeaderValue;
use http::header::GetAll;

/// A content coding that a file may be prepared in, in the server's order of preference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

impl Encoding {
    /// The value of `content-encoding`; identity has none.
    pub(super) fn header(self) -> Option<HeaderValue> {
        match self {
            Self::Brotli => Some(HeaderValue::from_static("br")),
            Self::Gzip => Some(HeaderValue::from_static("gzip")),
            Self::Identity => None,
        }
    }

    fn is_named(self, name: &str) -> bool {
        match self {
            Self::Brotli => name.eq_ignore_ascii_case("br"),
            Self::Gzip => name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip"),
            Self::Identity => name.eq_ignore_ascii_case("identity"),
        }
    }
}

/// The accepted encoding of highest weight among the prepared ones, Brotli before gzip on a tie.
///
/// Identity when nothing else is accepted, even if the client refuses identity: the standard
/// allows it, and a script that arrives uncompressed is better than a page without one.
pub(super) fn preferred(
    accept: GetAll<'_, HeaderValue>,
    is_prepared: impl Fn(Encoding) -> bool,
) -> Encoding {
    let header: Vec<&str> = accept.iter().filter_map(|value| value.to_str().ok()).collect();
    [Encoding::Brotli, Encoding::Gzip]
        .into_iter()
        .filter(|encoding| is_prepared(*encoding))
        .map(|encoding| (encoding, weight(&header, encoding)))
        .filter(|(_, weight)| *weight > 0)
        // `max_by_key` takes the last of equals; the server prefers the first.
        .rev()
        .max_by_key(|(_, weight)| *weight)
        .filter(|(_, best)| *best >= weight(&header, Encoding::Identity))
        .map_or(Encoding::Identity, |(encoding, _)| encoding)
}

/// The weight of `encoding` in thousandths: its own entry's, else that of `*`, else 0.
fn weight(header: &[&str], encoding: Encoding) -> u16 {
    let entry = |is_wanted: &dyn Fn(&str) -> bool| {
        header.iter().flat_map(|value| value.split(',')).find_map(|item| {
            let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
            is_wanted(name.trim()).then(|| quality(parameters))
        })
    };
    entry(&|name| encoding.is_named(name)).or_else(|| entry(&|name| name == "*")).unwrap_or(0)
}

/// Reads `q=0.5` as 500; no or an unreadable quality counts as 1.
fn quality(parameters: &str) -> u16 {
    let value = parameters.trim().strip_prefix(['q', 'Q']).map(str::trim_start);
    let Some(value) = value.and_then(|rest| rest.strip_prefix('=')) else {
        return 1000;
    };
    match value.trim().parse::<f32>() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to 0..=1000 before the cast"
        )]
        Ok(quality) => (quality.clamp(0.0, 1.0) * 1000.0) as u16,
        Err(_) => 1000,
    }
}
