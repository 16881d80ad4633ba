//! The kept inputs: for each target a file of lines, each an input with what is no plain letter escaped as
//! in a literal of Rust.

use std::fs;
use std::io;
use std::path::PathBuf;

/// The file of a target.
#[must_use]
pub fn file(target: &str) -> PathBuf {
    let name = format!("{target}.txt");
    [env!("CARGO_MANIFEST_DIR"), "corpus", &name].iter().collect()
}

/// The inputs of a target, in the order of the file.
///
/// # Errors
///
/// When there is no such file, or a line is not written by [`write()`].
pub fn read(target: &str) -> io::Result<Vec<Vec<u8>>> {
    let text = fs::read_to_string(file(target))?;
    let inputs = text.lines().map(|line| {
        unescaped(line).ok_or_else(|| io::Error::other(format!("not an escaped input: {line}")))
    });
    inputs.collect()
}

/// Replaces the inputs of a target; those that are there twice once, the shortest first.
///
/// # Errors
///
/// When the file cannot be written.
pub fn write(target: &str, mut inputs: Vec<Vec<u8>>) -> io::Result<()> {
    inputs.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    inputs.dedup();
    let lines = inputs.iter().map(|input| format!("{}\n", input.escape_ascii()));
    fs::write(file(target), lines.collect::<String>())
}

fn unescaped(line: &str) -> Option<Vec<u8>> {
    let mut input = Vec::with_capacity(line.len());
    let mut rest = line.bytes();
    while let Some(byte) = rest.next() {
        input.push(match byte {
            b'\\' => match rest.next()? {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'x' => {
                    let digits = [rest.next()?, rest.next()?];
                    u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
                }
                plain => plain,
            },
            plain => plain,
        });
    }
    Some(input)
}
